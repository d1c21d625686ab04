// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/crypto/key.hpp> // first, or its body would stand before what botan.hpp declares
#include <signet/crypto/random.hpp>

#include <signet/crypto/impl/botan.hpp>

namespace signet { inline namespace SIGNET_ABI {

namespace detail {
struct system_source {
    void fill(std::span<std::uint8_t> out) noexcept { Botan::system_rng().randomize(out.data(), out.size()); }
};
inline constinit system_source the_system{}; // no state: the kernel holds it
} // namespace detail

SIGNET_DECL random_ref system_random() noexcept { return detail::the_system; }

}} // namespace signet

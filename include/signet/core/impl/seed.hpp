// SPDX-License-Identifier: BSL-1.0
// A random start for hash tables and version counters, from the system. No secret depends on it.
#pragma once

#include <signet/version.hpp>

#include <cstdint>
#include <optional>
#include <random>

namespace signet { inline namespace SIGNET_ABI { namespace detail {

// Nothing where the system has no randomness.
inline std::optional<std::uint64_t> random_seed() noexcept {
#ifdef __cpp_exceptions
    try {
#endif
        std::random_device source;
        return (std::uint64_t{source()} << 32) | source();
#ifdef __cpp_exceptions
    } catch (...) { return std::nullopt; }
#endif
}

}}} // namespace signet::detail

// SPDX-License-Identifier: BSL-1.0
// One bit a name, so that most names are known to be new without comparing.
#pragma once

#include <signet/version.hpp>

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace signet { inline namespace SIGNET_ABI { namespace codec { namespace detail {

/// Chosen so that the names of RFC 7515, 7517 and 7519 and of access tokens share hardly a bit.
inline std::uint64_t name_bit(std::string_view name) noexcept {
    if (name.empty()) return 1;
    auto const first = static_cast<unsigned char>(name.front()), last = static_cast<unsigned char>(name.back());
    return std::uint64_t{1} << ((name.size() * 27 + first * std::size_t{53} + last * std::size_t{2}) % 64);
}

}}}} // namespace signet::codec::detail

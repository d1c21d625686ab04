// SPDX-License-Identifier: BSL-1.0
// Case of ASCII letters, which neither locale nor Unicode has a say in.
#pragma once

#include <signet/version.hpp>

#include <cstddef>
#include <string_view>

namespace signet { inline namespace SIGNET_ABI { namespace detail {

constexpr char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

constexpr bool equal_ignoring_case(std::string_view a, std::string_view b) noexcept {
    if (a.size() != b.size()) return false;
    for (std::size_t i = 0; i != a.size(); ++i)
        if (lower(a[i]) != lower(b[i])) return false;
    return true;
}

}}} // namespace signet::detail

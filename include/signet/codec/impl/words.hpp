// SPDX-License-Identifier: BSL-1.0
// Words parted by single spaces, as `scope` and `amr` lists have them (RFC 6749 3.3).
#pragma once

#include <signet/version.hpp>

#include <algorithm>
#include <string_view>

namespace signet { inline namespace SIGNET_ABI { namespace codec { namespace detail {

constexpr bool has_word(std::string_view list, std::string_view word) noexcept {
    while (!list.empty()) {
        auto const end = std::min(list.find(' '), list.size());
        if (list.substr(0, end) == word) return true;
        list.remove_prefix(std::min(end + 1, list.size()));
    }
    return false;
}

}}}} // namespace signet::codec::detail

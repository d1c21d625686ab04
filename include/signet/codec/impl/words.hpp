// SPDX-License-Identifier: BSL-1.0
// Words parted by single spaces, as `scope` and `amr` lists have them (RFC 6749 3.3).
#pragma once

#include <signet/version.hpp>

#include <algorithm>
#include <string_view>

namespace signet { inline namespace SIGNET_ABI { namespace codec { namespace detail {

// Takes the first word off, and the space behind it. The word is empty between two spaces.
constexpr std::string_view take_word(std::string_view& list) noexcept {
    auto const word = list.substr(0, list.find(' '));
    list.remove_prefix(std::min(word.size() + 1, list.size()));
    return word;
}

constexpr bool has_word(std::string_view list, std::string_view word) noexcept {
    while (!list.empty())
        if (take_word(list) == word) return true;
    return false;
}

}}}} // namespace signet::codec::detail

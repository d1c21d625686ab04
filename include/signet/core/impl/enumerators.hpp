// SPDX-License-Identifier: BSL-1.0
// Whether an enumeration has an enumerator of a value: what lets a table prove that it forgot none.
#pragma once

#include <signet/version.hpp>

#include <cstddef>
#include <string_view>

namespace signet { inline namespace SIGNET_ABI { namespace detail {

/// Whether some enumerator has this value. The compiler writes `E::name` for one that has, `(E)14` for one that has
/// not.
template <auto Value> [[nodiscard]] consteval bool is_enumerator() {
    std::string_view const text = __PRETTY_FUNCTION__; // "... [with auto Value = signet::alg::hs256]"
    auto const last = text.find_last_not_of("0123456789-", text.size() - 2);
    return text[last] != ')';
}

/// Whether `Count` is how many enumerators `E` has, numbered from 0: the last value is one, the next is none.
template <class E, std::size_t Count> inline constexpr bool is_count_of =
    is_enumerator<static_cast<E>(Count - 1)>() && !is_enumerator<static_cast<E>(Count)>();

/// Not constexpr, so that reaching it at compile time is an error whose text shows the line with the sentence; without
/// `throw`, for -fno-exceptions.
inline void this_table_is_refused(char const*) noexcept {}

}}} // namespace signet::detail

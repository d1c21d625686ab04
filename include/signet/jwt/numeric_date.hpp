// SPDX-License-Identifier: BSL-1.0
// NumericDate (RFC 7519 section 2): a JSON number of seconds, read exactly, fraction included.
#pragma once

#include <signet/core/result.hpp>
#include <signet/core/time.hpp>

#include <cstdint>
#include <string_view>

namespace signet { inline namespace SIGNET_ABI { namespace jwt {

/// A time as a token writes it: whole seconds and decimals. Never rounded through a double.
struct numeric_date {
    unix_time seconds{};           ///< rounded down
    std::uint32_t nanoseconds = 0; ///< 0 .. 999,999,999; further digits are cut off
    bool more = false;             ///< whether digits other than 0 were cut off

    /// Returns whether the time is exactly a whole second.
    [[nodiscard]] constexpr bool whole() const noexcept { return nanoseconds == 0 && !more; }

    friend constexpr bool operator==(numeric_date, numeric_date) = default;
    friend constexpr bool operator<=(numeric_date a, unix_time b) noexcept {
        auto const left = a.seconds.time_since_epoch().count(), right = b.time_since_epoch().count();
        return left < right || (left == right && a.whole());
    }
    friend constexpr bool operator>(numeric_date a, unix_time b) noexcept { return !(a <= b); }
};

/// Reads a JSON number as a time: `1658060133`, `1658060133.25`, `1.658060133e9`. Exponents of any size are handled.
///
/// Errors: `errc::out_of_range` outside 1970 .. 9999 (`latest_time`), and so for every negative number except -0;
/// `invalid_json_number` if the text is not a number by RFC 8259 section 6.
[[nodiscard]] SIGNET_DECL result<numeric_date> parse_numeric_date(std::string_view number) noexcept;

}}} // namespace signet::jwt

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/jwt/impl/numeric_date.ipp>
#endif

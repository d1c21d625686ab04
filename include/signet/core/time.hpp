// SPDX-License-Identifier: BSL-1.0
// Time as an argument: signet owns no clock.
#pragma once

#include <signet/version.hpp>

#include <chrono>
#include <cstdint>
#include <type_traits>

namespace signet { inline namespace SIGNET_ABI {

/// Seconds since 1970-01-01T00:00:00Z, without leap seconds (RFC 7519 section 2, "NumericDate").
/// Example: `std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now())`.
using unix_time = std::chrono::sys_seconds;

/// The last second that signet reads or writes: 9999-12-31T23:59:59Z. The sum of two times below it cannot overflow.
inline constexpr unix_time latest_time{std::chrono::seconds{253'402'300'799}};

/// Returns `t + d`, limited to the range from 1970 to `latest_time`.
[[nodiscard]] constexpr unix_time saturating_add(unix_time t, std::chrono::seconds d) noexcept {
    constexpr auto low = std::int64_t{0}, high = std::int64_t{253'402'300'799};
    auto const clamp = [](std::int64_t v) { return v < low ? low : v > high ? high : v; };
    auto const bounded = d.count() < -high ? -high : d.count() > high ? high : d.count();
    return unix_time{std::chrono::seconds{clamp(clamp(t.time_since_epoch().count()) + bounded)}};
}

namespace detail {
/// What `{}` could stand for beside 1970, and a time with fractions of a second. A function of time has a deleted
/// overload with this. So a call with `{}` is ambiguous, and a call with a clock's `now()` finds the deleted overload,
/// whose line in the compiler's message says what is wanted.
struct no_time {
    no_time() = default;
    template <class D>
        requires(!std::is_convertible_v<std::chrono::sys_time<D>, unix_time>)
    no_time(std::chrono::sys_time<D> const&) noexcept; // nobody calls it
};
/// The first member of a struct whose members are to be named: `{.a = 1}` compiles, `{1}` and `{{}, 1}` do not.
struct named_members {
    explicit named_members() = default;
};
} // namespace detail

}} // namespace signet

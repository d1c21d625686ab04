// SPDX-License-Identifier: BSL-1.0
// A clock that moves only when it is told to.
#pragma once

#include <signet/core/time.hpp>

namespace signet { inline namespace SIGNET_ABI { namespace testing {

/// A clock for tests of code that takes `now`: pass `clock.now()`.
///
/// Thread safety: one thread at a time.
class manual_clock {
public:
    /// Sets the clock to `start`.
    explicit constexpr manual_clock(unix_time start = unix_time{std::chrono::seconds{1'800'000'000}}) noexcept
        : now_{start} {}
    /// Returns the time of the clock.
    [[nodiscard]] constexpr unix_time now() const noexcept { return now_; }
    /// Moves the clock, backwards with a negative duration.
    constexpr void advance(std::chrono::seconds by) noexcept { now_ = saturating_add(now_, by); }
    /// Sets the clock to any time.
    constexpr void set(unix_time to) noexcept { now_ = to; }

private:
    unix_time now_;
};

}}} // namespace signet::testing

// SPDX-License-Identifier: BSL-1.0
// A clock that moves only when it is told to.
#pragma once

#include <signet/core/time.hpp>

namespace signet { inline namespace SIGNET_ABI { namespace testing {

/// For tests of code that takes `now`: hand `clock.now()` on. For one thread at a time.
class manual_clock {
public:
    /// It stands at `start` until it is moved.
    explicit constexpr manual_clock(unix_time start = unix_time{std::chrono::seconds{1'800'000'000}}) noexcept
        : now_{start} {}
    /// What it shows.
    [[nodiscard]] constexpr unix_time now() const noexcept { return now_; }
    /// Backwards with a negative duration.
    constexpr void advance(std::chrono::seconds by) noexcept { now_ = saturating_add(now_, by); }
    /// To any time, past or future.
    constexpr void set(unix_time to) noexcept { now_ = to; }

private:
    unix_time now_;
};

}}} // namespace signet::testing

// SPDX-License-Identifier: BSL-1.0
// How long a call on an SQLite file waits for other writers.
#pragma once

#include <signet/version.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <utility>

#include <time.h>

namespace signet { inline namespace SIGNET_ABI { namespace store { namespace detail {

// Waits for other writers: first short, as commits are, then longer; SQLite's own steps of milliseconds lose races.
// A call waits for at most `max`, however often it meets them; only one that waits looks at the clock.
struct sqlite_patience {
    using clock = std::chrono::steady_clock;

    std::chrono::microseconds max;
    clock::time_point started{};
    bool waiting = false;

    void begin_call() noexcept { waiting = false; }
    static int wait(void* self, int tries) noexcept {
        auto& p = *static_cast<sqlite_patience*>(self);
        auto const now = clock::now();
        if (!std::exchange(p.waiting, true)) p.started = now;
        auto const left = p.max - std::chrono::duration_cast<std::chrono::microseconds>(now - p.started);
        if (left <= left.zero()) return 0;
        auto const us = std::min<std::int64_t>(tries < 6 ? 50L << tries : 2000L, left.count());
        timespec const pause{0, static_cast<long>(us) * 1000};
        nanosleep(&pause, nullptr);
        return 1;
    }
};

}}}} // namespace signet::store::detail

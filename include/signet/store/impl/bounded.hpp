// SPDX-License-Identifier: BSL-1.0
// Durations from a store's options, as arithmetic with times can bear them, and how long to wait for a server.
#pragma once

#include <signet/version.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace signet { inline namespace SIGNET_ABI { namespace store { namespace detail {

// A duration of somebody's parameters: never negative, so that no slack takes a record that lives, and at most a
// hundred years, so that it can be added to any time.
template <class Rep, class Period>
constexpr std::chrono::duration<Rep, Period> bounded(std::chrono::duration<Rep, Period> d) noexcept {
    constexpr std::chrono::hours max{24 * 36'525};
    return d < d.zero() ? d.zero() : d > max ? std::chrono::duration<Rep, Period>{max} : d;
}

// 50 ms, doubled with each failed attempt to connect, up to `longest`; drawn from the upper half, so that many do not
// come back at once.
constexpr std::chrono::milliseconds backoff(unsigned failures, std::chrono::milliseconds longest,
                                            std::uint64_t dice) noexcept {
    std::chrono::milliseconds const doubled{50LL << std::min(failures, 10u)};
    auto const pause = std::min(longest, doubled);
    return pause - pause / 2 * static_cast<int>(dice % 64) / 64;
}

}}}} // namespace signet::store::detail

// SPDX-License-Identifier: BSL-1.0
// Durations from a store's options, as arithmetic with times can bear them.
#pragma once

#include <signet/version.hpp>

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

}}}} // namespace signet::store::detail

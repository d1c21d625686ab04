// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/core/impl/seed.hpp>
#include <signet/store/breaker.hpp>
#include <signet/store/impl/bounded.hpp>

#include <algorithm>

namespace signet { inline namespace SIGNET_ABI { namespace store {

SIGNET_DECL breaker::breaker(breaker_params params)
    : params_{params}, dice_{signet::detail::random_seed().value_or(0)} {
    params_.first_pause = detail::bounded(params_.first_pause);
    params_.max_pause = detail::bounded(params_.max_pause);
}

SIGNET_DECL breaker::attempt breaker::begin_attempt(bool anyway) {
    std::lock_guard const lock{mutex_};
    auto const is_down = failures_ != 0;
    if (is_down && !anyway && (somebody_tries_ || params_.clock() < refuses_until_)) return {nullptr, 0};
    somebody_tries_ = is_down;
    return {this, round_};
}

SIGNET_DECL void breaker::end(std::uint64_t round, bool success) noexcept {
    std::lock_guard const lock{mutex_};
    if (success && failures_ == 0) return;
    if (!success && round != round_) return; // others who began with it have failed or succeeded already
    ++round_;
    somebody_tries_ = false;
    if (success) {
        failures_ = 0;
        return;
    }
    auto const doubled = params_.first_pause * (std::int64_t{1} << std::min(failures_++, 20u));
    // From the upper half, so that many processes do not come back at once.
    auto const pause = std::min(params_.max_pause, doubled);
    refuses_until_ = params_.clock() + pause - pause / 2 * static_cast<int>(dice_.next() % 64) / 64;
}

}}} // namespace signet::store

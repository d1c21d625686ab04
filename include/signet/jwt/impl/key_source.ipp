// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/jwt/key_source.hpp>

#include <algorithm>

namespace signet { inline namespace SIGNET_ABI { namespace jwt {

namespace detail {

/// The pause after `failures` failed fetches in a row: first, twice that, four times, ... at most max_retry.
inline std::chrono::seconds retry_pause(key_source_policy const& policy, std::uint32_t failures) noexcept {
    auto pause = policy.first_retry;
    for (std::uint32_t i = 1; i < failures && pause.count() > 0 && pause < policy.max_retry; ++i) pause *= 2;
    return std::min(pause, policy.max_retry);
}

/// Whether a fetch may begin now. A clock that went backwards cannot lock us out: an attempt in the future is
/// forgotten.
inline bool may_fetch(key_source_state const& state, key_source_policy const& policy, std::chrono::seconds pause,
                      unix_time now) noexcept {
    if (!state.attempts || state.attempted > now) return true;
    auto const under_way = state.fetching && now < saturating_add(state.attempted, policy.fetch_timeout);
    // A fetch that was never heard of again counts as one more failure.
    auto const failures = state.failures + (state.fetching && !under_way ? 1u : 0u);
    if (failures != 0) pause = std::max(pause, retry_pause(policy, failures));
    return !under_way && now >= saturating_add(state.attempted, pause);
}

/// Whether a fetch is in progress that may still be answered.
inline bool is_fetching(key_source_state const& state, key_source_policy const& policy, unix_time now) noexcept {
    return state.fetching && state.attempted <= now && now < saturating_add(state.attempted, policy.fetch_timeout);
}

} // namespace detail

SIGNET_DECL kid_status find_kid(jose::any_key_set const& keys, std::string_view kid) noexcept {
    if (kid.empty()) return kid_status::unnamed;
    if (keys.has_kid(kid)) return kid_status::known;
    return keys.has_keys_without_kid() ? kid_status::unnamed : kid_status::unknown;
}

SIGNET_DECL key_source_decision decide_keys(key_source_state const& state, key_source_policy const& policy,
                                            key_question question, unix_time now) noexcept {
    using action = key_source_decision::action;
    key_source_decision decision;
    decision.drop_removed_keys = state.removed_until != unix_time{} && now >= state.removed_until;

    auto const usable = state.present && now < saturating_add(state.fresh_until, policy.stale_limit);
    auto const fresh = state.present && now < state.fresh_until;
    auto const may_refresh = detail::may_fetch(state, policy, std::chrono::seconds{0}, now);
    auto const fetching = detail::is_fetching(state, policy, now);
    auto const wait = [&](std::chrono::seconds pause) {
        decision.what = action::wait;
        decision.until = saturating_add(state.attempted, pause);
        return decision;
    };

    if (!usable) {
        if (fetching) return wait(policy.fetch_timeout);
        decision.what = may_refresh ? action::fetch : action::refuse;
        return decision;
    }
    if (question.kid != kid_status::unknown) {
        decision.what = action::use;
        decision.fetch_in_background = !fresh && may_refresh;
        return decision;
    }
    if (state.fetched <= now && state.fetched >= std::min(question.asked, now)) { // newer than the token: no such key
        decision.reason = errc::unknown_key;
        return decision;
    }
    if (detail::may_fetch(state, policy, policy.unknown_kid_cooldown, now)) decision.what = action::fetch;
    else if (fetching) return wait(policy.fetch_timeout);
    else if (state.failures == 0) return wait(policy.unknown_kid_cooldown);
    return decision;
}

SIGNET_DECL key_source_state fetch_began(key_source_state state, unix_time now) noexcept {
    if (state.fetching && state.failures != UINT32_MAX) ++state.failures; // the former one was given up
    state.fetching = true;
    state.attempts = true;
    state.attempted = now;
    return state;
}

SIGNET_DECL key_source_state fetch_succeeded(key_source_state state, key_source_policy const& policy,
                                             std::chrono::seconds max_age, bool keys_left, unix_time now) noexcept {
    auto const announced = max_age < std::chrono::seconds{0} ? policy.default_freshness : max_age;
    // Freshness counts from the moment the set was asked for: on its way it may have aged (RFC 9111 4.2.3).
    auto const asked = state.fetching && state.attempted <= now ? state.attempted : now;
    if (keys_left && state.present)
        state.removed_until =
            policy.removed_key_grace > std::chrono::seconds{0} ? saturating_add(now, policy.removed_key_grace) : now;
    state.fetched = asked;
    state.fresh_until =
        saturating_add(asked, std::max(policy.min_freshness, std::min(announced, policy.max_freshness)));
    state.failures = 0;
    state.fetching = false;
    state.present = true;
    return state;
}

SIGNET_DECL key_source_state fetch_failed(key_source_state state, unix_time now) noexcept {
    state.fetching = false;
    state.attempts = true;
    state.attempted = now; // the pause before the next try begins with the failure
    if (state.failures != UINT32_MAX) ++state.failures;
    return state;
}

SIGNET_DECL key_source_state removed_keys_dropped(key_source_state state) noexcept {
    state.removed_until = unix_time{};
    return state;
}

}}} // namespace signet::jwt

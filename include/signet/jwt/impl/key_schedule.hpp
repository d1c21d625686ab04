// SPDX-License-Identifier: BSL-1.0
// When to fetch an issuer's JWK set again (RFC 9111 freshness): decisions about a plain state.
#include <signet/core/impl/ascii.hpp>
#include <signet/jwt/key_source.hpp>

#include <algorithm>
#include <cstdint>
#include <string_view>

#ifndef SIGNET_JWT_IMPL_KEY_SCHEDULE_HPP
#    define SIGNET_JWT_IMPL_KEY_SCHEDULE_HPP

namespace signet { inline namespace SIGNET_ABI { namespace jwt { namespace detail {

/// The state of one issuer's key set. A default-constructed one means "never fetched".
struct key_source_state {
    unix_time fresh_until{};    ///< by its Cache-Control max-age
    unix_time refresh_from{};   ///< when to fetch ahead of that
    unix_time attempted{};      ///< when the last fetch began or failed
    unix_time kids_until{};     ///< when the fetches caused by unknown kids are paid off, one a cool-down
    std::uint32_t failures = 0; ///< since the last success
    bool present = false;       ///< whether there is a set
    bool fetching = false;      ///< whether a fetch is in progress
    bool attempts = false;      ///< whether there was any attempt
};

/// Whether the current set has a key for a token, as far as its `kid` tells.
enum class kid_status : std::uint8_t {
    known,   ///< a key has the token's `kid`
    unknown, ///< no key can have signed the token
    unnamed, ///< the token has no `kid`, or keys without one may have signed it (RFC 7515 4.1.4: it is optional)
};

/// What the set says of a token with that `kid`, which is empty if the token has none.
inline kid_status find_kid(jose::any_key_set const& keys, std::string_view kid) noexcept {
    if (kid.empty()) return kid_status::unnamed;
    if (keys.has_kid(kid)) return kid_status::known;
    return keys.has_keys_without_kid() ? kid_status::unnamed : kid_status::unknown;
}

/// Whether a verification that failed so may succeed with newer keys.
constexpr bool may_be_new_key(error why) noexcept { return why == errc::bad_signature || why == errc::unknown_key; }

/// What is asked about one token.
struct key_question {
    kid_status kid;
    bool set_is_newer = false; ///< the set was requested after the token came
};

/// What to do with one token now.
struct key_source_decision {
    enum class action : std::uint8_t {
        use,    ///< verify with the current set
        fetch,  ///< fetch the set, then decide again
        wait,   ///< decide again after the fetch in progress
        refuse, ///< answer with `reason`; a fetch would not help or is not allowed yet
    };
    action what = action::refuse;
    errc reason = errc::key_source_unavailable; ///< for wait and refuse: this (503), or `unknown_key` (401)
    unix_time until{};                          ///< for a fetch that is not allowed yet: when it will be
    bool fetch_in_background = false;           ///< for use: the set is stale, so fetch beside it
};

/// The pause after `failures` failed fetches in a row: first, twice that, four times, ... at most max_retry.
inline std::chrono::seconds retry_pause(key_source_policy const& policy, std::uint32_t failures) noexcept {
    auto pause = policy.first_retry;
    for (std::uint32_t i = 1; i < failures && pause.count() > 0 && pause < policy.max_retry; ++i) pause *= 2;
    return std::min(pause, policy.max_retry);
}

/// Whether a fetch is in progress that may still be answered.
inline bool is_fetching(key_source_state const& state, key_source_policy const& policy, unix_time now) noexcept {
    return state.fetching && state.attempted <= now && now < saturating_add(state.attempted, policy.fetch_timeout);
}

/// The first time at which a fetch may begin. A clock that went backwards cannot lock us out: an attempt in the future
/// is forgotten.
inline unix_time next_attempt(key_source_state const& state, key_source_policy const& policy, unix_time now) noexcept {
    if (!state.attempts || state.attempted > now) return now;
    if (is_fetching(state, policy, now)) return saturating_add(state.attempted, policy.fetch_timeout);
    // A fetch that was never heard of again counts as one more failure.
    auto const failures = state.failures + (state.fetching && state.failures != UINT32_MAX ? 1u : 0u);
    return failures == 0 ? now : std::max(now, saturating_add(state.attempted, retry_pause(policy, failures)));
}

/// The first time at which an unknown kid may cause a fetch: a burst after a quiet time, then one a cool-down.
inline unix_time next_for_unknown_kid(key_source_state const& state, key_source_policy const& policy,
                                      unix_time now) noexcept {
    auto const spare = policy.unknown_kid_cooldown * (std::max(policy.unknown_kid_burst, 1u) - 1);
    if (state.kids_until > saturating_add(now, spare + policy.unknown_kid_cooldown)) return now; // the clock went back
    return std::max(now, saturating_add(state.kids_until, -spare));
}

/// Decides what to do, and changes nothing: call `fetch_began` when you follow the decision.
///
/// Unknown key ids cause a burst of fetches, then one each `unknown_kid_cooldown`, so forged ids cannot cause many
/// requests to the issuer. A token is refused as `unknown_key` when the set was requested after it came: a forged id
/// never makes the id of a new key invalid. While a fetch is in progress or fails, known keys are used until
/// `stale_limit` after their freshness.
inline key_source_decision decide_keys(key_source_state const& state, key_source_policy const& policy,
                                       key_question question, unix_time now) noexcept {
    using action = key_source_decision::action;
    key_source_decision decision;
    // A set that was requested for this token serves it, however soon it is stale; else each would be asked for again.
    auto const usable =
        state.present && (question.set_is_newer || now < saturating_add(state.fresh_until, policy.stale_limit));
    auto const fresh = state.present && now < state.fresh_until;
    auto const fetching = is_fetching(state, policy, now);
    decision.until = next_attempt(state, policy, now);
    auto const may_fetch = decision.until <= now;

    if (!usable) {
        if (fetching) decision.what = action::wait;
        else if (may_fetch) decision.what = action::fetch;
        return decision;
    }
    if (question.kid != kid_status::unknown) {
        decision.what = action::use;
        decision.fetch_in_background = !fresh && !question.set_is_newer && may_fetch;
        return decision;
    }
    if (question.set_is_newer) { // newer than the token: there is no such key
        decision.reason = errc::unknown_key;
        return decision;
    }
    if (fetching) {
        decision.what = action::wait;
        return decision;
    }
    decision.until = std::max(decision.until, next_for_unknown_kid(state, policy, now));
    if (decision.until <= now) decision.what = action::fetch;
    return decision;
}

/// The state after a fetch has begun, caused by a kid that is not known or by the age of the set.
inline key_source_state fetch_began(key_source_state state, key_source_policy const& policy, kid_status kid,
                                    unix_time now) noexcept {
    if (state.fetching && state.failures != UINT32_MAX) ++state.failures; // the former one was given up
    state.fetching = true;
    state.attempts = true;
    state.attempted = now;
    if (kid == kid_status::unknown && state.present) {
        auto const most = saturating_add(now, policy.unknown_kid_cooldown * std::max(policy.unknown_kid_burst, 1u));
        state.kids_until = state.kids_until > most ? now : std::max(state.kids_until, now);
        state.kids_until = saturating_add(state.kids_until, policy.unknown_kid_cooldown);
    }
    return state;
}

/// The state after a set was received that was asked for at `asked`: on its way it may have aged (RFC 9111 4.2.3). The
/// max-age is that of the answer, or negative if it had none; zero means "no-store".
inline key_source_state fetch_succeeded(key_source_state state, key_source_policy const& policy,
                                        std::chrono::seconds max_age, unix_time asked, unix_time now) noexcept {
    auto const announced = max_age < std::chrono::seconds{0} ? policy.default_freshness : max_age;
    auto const fresh = std::max(policy.min_freshness, std::min(announced, policy.max_freshness));
    if (asked > now) asked = now;
    state.fresh_until = saturating_add(asked, fresh);
    state.refresh_from = saturating_add(state.fresh_until, -std::min(policy.refresh_ahead, fresh / 2));
    state.failures = 0;
    state.fetching = false;
    state.present = true;
    return state;
}

/// The state after a fetch failed: no answer, a status other than 200, or a body that is not a key set.
inline key_source_state fetch_failed(key_source_state state, unix_time now) noexcept {
    state.fetching = false;
    state.attempts = true;
    state.attempted = now; // the pause before the next try begins with the failure
    if (state.failures != UINT32_MAX) ++state.failures;
    return state;
}

/// A number of seconds (RFC 9111 1.2.2), large ones as one beyond three years; negative if it is none.
inline std::chrono::seconds read_delta_seconds(std::string_view text) noexcept {
    std::int64_t seconds = text.empty() ? -1 : 0;
    for (auto const c : text) {
        if (c < '0' || c > '9') return std::chrono::seconds{-1};
        if (seconds < 100'000'000) seconds = seconds * 10 + (c - '0');
    }
    return std::chrono::seconds{seconds};
}

/// The max-age of a field Cache-Control (RFC 9111 5.2.2), zero for no-store and no-cache; negative if it has none.
inline std::chrono::seconds read_max_age(std::string_view field) noexcept {
    std::chrono::seconds found{-1};
    while (!field.empty()) {
        auto const end = std::min(field.find(','), field.size());
        auto one = field.substr(0, end);
        field.remove_prefix(std::min(end + 1, field.size()));
        while (!one.empty() && (one.front() == ' ' || one.front() == '\t')) one.remove_prefix(1);
        while (!one.empty() && (one.back() == ' ' || one.back() == '\t')) one.remove_suffix(1);
        auto const name = one.substr(0, 8);
        auto const is = [&](std::string_view other) { return signet::detail::equal_ignoring_case(name, other); };
        if (one.size() == 8 && (is("no-store") || is("no-cache"))) return std::chrono::seconds{0};
        if (!is("max-age=") || one.size() == 8) continue;
        found = read_delta_seconds(one.substr(8));
        if (found < std::chrono::seconds{0})
            return std::chrono::seconds{0}; // RFC 9111 4.2.1: what cannot be read is stale
    }
    return found;
}

/// How long an answer is fresh from now on (RFC 9111 4.2): its max-age without its Age; negative if it has no max-age.
/// An Age that cannot be read is ignored (5.1).
inline std::chrono::seconds read_freshness(key_response const& response) noexcept {
    auto const max_age = read_max_age(response.cache_control), age = read_delta_seconds(response.age);
    return max_age < std::chrono::seconds{0} ? max_age : max_age - std::clamp(age, std::chrono::seconds{0}, max_age);
}

}}}} // namespace signet::jwt::detail

#endif

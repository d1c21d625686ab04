// SPDX-License-Identifier: BSL-1.0
// When to fetch an issuer's JWK set again (RFC 7517 section 5, RFC 9111 freshness): a decision, without any I/O.
#pragma once

#include <signet/core/error.hpp>
#include <signet/core/time.hpp>

#include <cstdint>

namespace signet { inline namespace SIGNET_ABI { namespace jwt {

/// How an issuer's keys are kept. The defaults fit an issuer that announces a new key an hour before it signs with it.
struct key_source_policy {
    std::chrono::seconds default_freshness{600};   ///< where the answer had no Cache-Control max-age
    std::chrono::seconds min_freshness{60};        ///< a max-age below this counts as this
    std::chrono::seconds max_freshness{86'400};    ///< and one above this as this
    std::chrono::seconds unknown_kid_cooldown{30}; ///< between two fetches that unknown key ids cause
    std::chrono::seconds first_retry{5};           ///< after a failed fetch; doubles with each further one
    std::chrono::seconds max_retry{300};           ///< but not beyond this
    std::chrono::seconds fetch_timeout{30};        ///< a fetch not heard of for so long counts as failed
    std::chrono::seconds stale_limit{86'400};      ///< how long keys serve on past their freshness while fetches fail
    std::chrono::seconds removed_key_grace{0}; ///< how long a key that left the set is still accepted; 0: not at all
};

/// What is known about one issuer's key set. A plain value that the application keeps beside the set, under its own
/// lock; it starts out as "never fetched".
struct key_source_state {
    unix_time fetched{};        ///< when the set in use was asked for
    unix_time fresh_until{};    ///< by its Cache-Control max-age
    unix_time attempted{};      ///< when the last fetch began, whatever came of it
    unix_time removed_until{};  ///< when keys that left the set stop being accepted; epoch: none are waiting
    std::uint32_t failures = 0; ///< since the last success
    bool present = false;       ///< there is a set at all
    bool fetching = false;      ///< a fetch is under way
    bool attempts = false;      ///< there was any attempt
};

/// What was found for the token's key id in the set in use.
enum class kid_status : std::uint8_t { known, unknown };

/// What to do with one token now.
struct key_source_decision {
    /// What to do first.
    enum class action : std::uint8_t {
        use,    ///< verify with the set in use
        fetch,  ///< fetch first, then ask again with what came
        refuse, ///< answer with `reason`; fetching would not help or is not allowed yet
    };
    action what = action::refuse;
    errc reason = errc::key_source_unavailable; ///< of refuse: this (503), or `unknown_key` (401)
    bool fetch_in_background = false;           ///< of use: the set is stale, so begin a fetch beside it
    bool drop_removed_keys = false;             ///< the grace of removed keys is over: swap in the set without them
};

/// Decides; changes nothing. `state.fetching` must tell the truth, so call `fetch_began` when acting on it.
///
/// An unknown key id causes one fetch, then none for `unknown_kid_cooldown`, so that forged ids cannot make us a hammer
/// on the issuer. While a fetch is under way or fails, known keys serve on until `stale_limit` past their freshness.
[[nodiscard]] SIGNET_DECL key_source_decision decide_keys(key_source_state const& state,
                                                          key_source_policy const& policy, kid_status kid,
                                                          unix_time now) noexcept;

/// The state once a fetch has begun.
[[nodiscard]] SIGNET_DECL key_source_state fetch_began(key_source_state state, unix_time now) noexcept;

/// The state once a set came, with the answer's max-age, or a negative one where it had none; zero means "no-store".
/// `keys_left` tells whether keys of the former set are missing from this one.
[[nodiscard]] SIGNET_DECL key_source_state fetch_succeeded(key_source_state state, key_source_policy const& policy,
                                                           std::chrono::seconds max_age, bool keys_left,
                                                           unix_time now) noexcept;

/// The state once a fetch failed: no answer, not 200, or a body that is no key set.
[[nodiscard]] SIGNET_DECL key_source_state fetch_failed(key_source_state state, unix_time now) noexcept;

/// The state once the set without the removed keys was swapped in.
[[nodiscard]] SIGNET_DECL key_source_state removed_keys_dropped(key_source_state state) noexcept;

}}} // namespace signet::jwt

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/jwt/impl/key_source.ipp>
#endif

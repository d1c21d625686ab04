// SPDX-License-Identifier: BSL-1.0
// When to fetch an issuer's JWK set again (RFC 7517 section 5, RFC 9111 freshness): a decision, without any I/O.
#pragma once

#include <signet/core/error.hpp>
#include <signet/core/time.hpp>
#include <signet/jose/jwk_set.hpp>
#include <signet/jose/peek.hpp> // the kid that a key_question is about

#include <cstdint>
#include <string_view>

namespace signet { inline namespace SIGNET_ABI { namespace jwt {

/// How the keys of an issuer are kept. The defaults suit an issuer that publishes a new key an hour before it signs
/// with it.
struct key_source_policy {
    std::chrono::seconds default_freshness{600};   ///< if the answer has no Cache-Control max-age
    std::chrono::seconds min_freshness{60};        ///< a shorter max-age counts as this
    std::chrono::seconds max_freshness{86'400};    ///< a longer max-age counts as this
    std::chrono::seconds unknown_kid_cooldown{10}; ///< between two fetches caused by unknown key ids
    std::chrono::seconds first_retry{5};           ///< after a failed fetch; doubles with each further failure
    std::chrono::seconds max_retry{300};           ///< the longest time between attempts
    std::chrono::seconds fetch_timeout{30};        ///< a fetch without an answer for this long counts as failed
    std::chrono::seconds stale_limit{86'400};      ///< how long keys are used after their freshness while fetches fail
    std::chrono::seconds removed_key_grace{0}; ///< how long a key that left the set is still accepted; 0: not at all
};

/// The state of one issuer's key set. A plain value that the application keeps beside the set, under its own lock. A
/// default-constructed one means "never fetched".
struct key_source_state {
    unix_time fetched{};        ///< when the current set was requested
    unix_time fresh_until{};    ///< by its Cache-Control max-age
    unix_time attempted{};      ///< when the last fetch began, successful or not
    unix_time removed_until{};  ///< when keys that left the set stop being accepted; epoch: there are none
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

/// Returns what the set says of a token with that `kid`, which is empty if the token has none.
[[nodiscard]] SIGNET_DECL kid_status find_kid(jose::any_key_set const& keys, std::string_view kid) noexcept;

/// Returns whether a verification that failed so may succeed with newer keys: `bad_signature` or `unknown_key`. For a
/// token of `kid_status::unnamed` only the signature tells that the issuer has a new key: decide again with
/// `kid_status::unknown`.
[[nodiscard]] constexpr bool may_be_new_key(error why) noexcept {
    return why == errc::bad_signature || why == errc::unknown_key;
}

/// What is asked about one token.
struct key_question {
    kid_status kid;
    unix_time asked; ///< when this token was first asked about; stays the same when you ask again
};

/// What to do with one token now.
struct key_source_decision {
    /// What to do first.
    enum class action : std::uint8_t {
        use,    ///< verify with the current set
        fetch,  ///< fetch the set, then decide again
        wait,   ///< decide again after the fetch in progress, or at `until`; or answer with `reason`
        refuse, ///< answer with `reason`; a fetch would not help or is not allowed yet
    };
    action what = action::refuse;
    errc reason = errc::key_source_unavailable; ///< for wait and refuse: this (503), or `unknown_key` (401)
    unix_time until{};                          ///< for wait: the time at which there is another decision at the latest
    bool fetch_in_background = false;           ///< for use: the set is stale, so start a fetch in the background
    bool drop_removed_keys = false; ///< the grace of removed keys is over: replace the set by one without them
};

/// Decides what to do. Changes nothing: call `fetch_began` when you follow the decision, because `state.fetching` must
/// be true during a fetch.
///
/// An unknown key id causes one fetch, then none for `unknown_kid_cooldown`, so forged ids cannot cause many requests
/// to the issuer. Tokens with other unknown ids wait meanwhile. A token is refused as `unknown_key` when the set was
/// requested after it came: a forged id never makes the id of a new key invalid. While a fetch is in progress or fails,
/// known keys are used until `stale_limit` after their freshness.
[[nodiscard]] SIGNET_DECL key_source_decision decide_keys(key_source_state const& state,
                                                          key_source_policy const& policy, key_question question,
                                                          unix_time now) noexcept;

/// Returns the state after a fetch has begun.
[[nodiscard]] SIGNET_DECL key_source_state fetch_began(key_source_state state, unix_time now) noexcept;

/// Returns the state after a set was received. The max-age is that of the answer, or negative if it had none; zero
/// means "no-store". `keys_left` says whether keys of the previous set are missing from the new one.
[[nodiscard]] SIGNET_DECL key_source_state fetch_succeeded(key_source_state state, key_source_policy const& policy,
                                                           std::chrono::seconds max_age, bool keys_left,
                                                           unix_time now) noexcept;

/// Returns the state after a fetch failed: no answer, a status other than 200, or a body that is not a key set.
[[nodiscard]] SIGNET_DECL key_source_state fetch_failed(key_source_state state, unix_time now) noexcept;

/// Returns the state after the set without the removed keys came into use.
[[nodiscard]] SIGNET_DECL key_source_state removed_keys_dropped(key_source_state state) noexcept;

}}} // namespace signet::jwt

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/jwt/impl/key_source.ipp>
#endif

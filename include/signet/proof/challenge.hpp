// SPDX-License-Identifier: BSL-1.0
// Challenges that a device signs to prove that it holds its key (RFC 7515 for the signed form).
#pragma once

#include <signet/core/random.hpp>
#include <signet/crypto/random.hpp>
#include <signet/crypto/signature.hpp>
#include <signet/jose/jws.hpp>
#include <signet/proof/record_key.hpp>
#include <signet/proof/verified_key.hpp>
#include <signet/store/task.hpp>

#include <string>
#include <string_view>

namespace signet { inline namespace SIGNET_ABI { namespace proof {

/// What a challenge is for. The server stores it, and redemption must name the same. The views are read during the
/// call.
struct challenge_params {
    std::string_view purpose;   ///< such as "login" or "register-device"; never empty
    std::string_view app;       ///< the audience
    std::string_view user{};    ///< empty at issue: not known yet, any user may redeem the challenge
    std::string_view key_id{};  ///< empty at issue: any key
    std::string_view session{}; ///< empty: bound to none
    std::string_view action{};  ///< what the user agrees to, if the challenge is about one action
};

/// The `typ` of the signed form. It differs from those of access tokens, DPoP proofs and DBSC proofs, so none is
/// accepted as another.
inline constexpr std::string_view challenge_type = "signet-challenge+jws";

namespace detail {
// At most `store::reencryption_margin`, since challenges are taken. A test holds them together.
inline constexpr std::chrono::seconds max_challenge_lifetime{600};
} // namespace detail

/// Makes a challenge: 32 random octets in base64url, valid once, for `lifetime` from `now`. The store has only its
/// hash. Returns the text for the device, 43 characters. One request to the store.
///
/// Lifetime: arguments are read during this call only; `frames` must outlive the task.
/// Memory: one frame, from `frames` if given.
/// Errors: those of the store; `out_of_range` for a lifetime outside 1 s .. 10 min, and for empty parameters;
/// `buffer_too_small` for parameters of more than about 900 octets.
///
/// @par Example
/// `auto challenge = run(issue_challenge({.purpose = "login", .app = "shop"}, now), db);`
[[nodiscard]] SIGNET_DECL store::task<std::string> issue_challenge(
    challenge_params params, unix_time now, std::chrono::seconds lifetime = std::chrono::seconds{120},
    random_ref rng = system_random(), std::pmr::memory_resource* frames = nullptr);

namespace detail {
/// Returns the JSON that a device signs: {challenge, purpose, aud, action}.
[[nodiscard]] SIGNET_DECL result<std::string> challenge_payload(std::string_view challenge,
                                                                challenge_params const& params);
} // namespace detail

/// Signs a challenge on the device: a compact JWS of type `challenge_type` over {challenge, purpose, aud, action}.
/// Errors: `wrong_key_type`; `json_not_utf8`; `signer_failed`.
[[nodiscard]] SIGNET_DECL result<std::string> sign_challenge(private_key const& key, alg a, std::string_view challenge,
                                                             challenge_params const& params);

/// Signs a challenge with any signing key, such as an `external_key`. Errors: those of the overload above and of the
/// key's `sign`.
template <signing_key K> [[nodiscard]] result<std::string> sign_challenge(K const& key, std::string_view challenge,
                                                                          challenge_params const& params) {
    auto const payload = detail::challenge_payload(challenge, params);
    if (!payload) return payload.error();
    std::string token;
    output to_token{token};
    if (auto good = jose::jws_sign(key, as_bytes(*payload), {.typ = challenge_type}, to_token); !good)
        return good.error();
    return token;
}

/// Redeems a challenge and verifies the device's answer. `token` is the result of `sign_challenge`. Returns the proved
/// key, which is evidence for the rest of this request. One request to the store.
///
/// The key and its algorithm are those stored for the device; the message does not choose them. An answer that could be
/// parsed uses up the challenge, whatever the result.
///
/// Lifetime: arguments are copied; `frames` must outlive the task.
/// Memory: one frame, from `frames` if given.
/// Errors that use up nothing, answered by 400: `malformed_token`, and those of reading a JWS and its JSON.
/// Errors answered by 401, which should look the same to clients: `challenge_unknown` (never issued, used, or expired);
/// `challenge_mismatch` (issued or signed for something else); `algorithm_mismatch`, also for every ML-DSA key;
/// `wrong_type`; `invalid_challenge_signature`.
/// Other errors: those of the store.
///
/// @par Example
/// `auto proved = run(redeem_challenge(token, params, key, alg::es256, now), db);`
[[nodiscard]] SIGNET_DECL store::task<verified_key> redeem_challenge(std::string_view token,
                                                                     challenge_params const& expected,
                                                                     public_key const& key, alg a, unix_time now,
                                                                     std::pmr::memory_resource* frames = nullptr);

/// Redeems a challenge whose characters the device signed directly: an older form, only for existing clients. It has no
/// domain separation: another text that the key signs might equal a challenge.
[[nodiscard]] SIGNET_DECL store::task<verified_key> redeem_challenge_legacy_raw(
    std::string_view challenge, bytes_view signature, challenge_params const& expected, public_key const& key, alg a,
    unix_time now, std::pmr::memory_resource* frames = nullptr);

/// Uses up a challenge whose answer another protocol signs, such as an assertion of a passkey, and checks what it was
/// issued for. It proves nothing: the caller must verify afterwards that the answer signs these characters. One request
/// to the store.
///
/// Of several answers to a challenge only one succeeds here, even if the caller then refuses that answer.
///
/// Lifetime: arguments are copied; `frames` must outlive the task.
/// Memory: one frame, from `frames` if given.
/// Errors answered by 401: `challenge_unknown` (never issued, used, or expired); `challenge_mismatch` (issued for
/// something else). Other errors: those of the store.
///
/// @par Example
/// `co_await proof::take_challenge(text, {.purpose = "webauthn.get", .app = "example.com"}, now);`
[[nodiscard]] SIGNET_DECL store::task<void> take_challenge(std::string_view challenge, challenge_params const& expected,
                                                           unix_time now, std::pmr::memory_resource* frames = nullptr);

}}} // namespace signet::proof

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/proof/impl/challenge.ipp>
#endif

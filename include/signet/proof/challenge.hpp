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

/// What a challenge is for; kept by the server, and said again when it is redeemed. Views, read during the call alone.
struct challenge_params {
    std::string_view purpose;   ///< such as "login" or "register-device"; never empty
    std::string_view app;       ///< the audience
    std::string_view user{};    ///< empty at issue: not known yet, any user may redeem it
    std::string_view key_id{};  ///< empty at issue: any key
    std::string_view session{}; ///< empty: bound to none
    std::string_view action{};  ///< what is being agreed to, where it is about one action
};

/// The `typ` of the signed form. No other JWS can pass for it, nor it for an access token, a DPoP proof or a DBSC one.
inline constexpr std::string_view challenge_type = "signet-challenge+jws";

/// Makes a challenge: 32 random octets in base64url, of which the store sees the hash alone. It is good for `lifetime`
/// from `now`, once.
///
/// Gives the text for the device: 43 characters. One question to the store. Errors: the store's; `out_of_range` for a
/// lifetime outside 1 s .. 10 min or empty parameters; `buffer_too_small` for parameters of more than about 900 octets.
///
/// Lifetime: arguments are read during the call. Memory: one frame, from `frames` if given.
///
/// @par Example
/// `auto challenge = run(issue_challenge({.purpose = "login", .app = "shop"}, now), db);`
[[nodiscard]] SIGNET_DECL store::task<std::string> issue_challenge(
    challenge_params params, unix_time now, std::chrono::seconds lifetime = std::chrono::seconds{120},
    random_ref rng = system_random(), std::pmr::memory_resource* frames = nullptr);

namespace detail {
/// What a device signs: {challenge, purpose, aud, action}, as JSON.
[[nodiscard]] SIGNET_DECL result<std::string> challenge_payload(std::string_view challenge,
                                                                challenge_params const& params);
} // namespace detail

/// The device's side: a compact JWS of `challenge_type` over {challenge, purpose, aud, action}.
/// Errors: `wrong_key_type`, `json_not_utf8`, `signer_failed`.
[[nodiscard]] SIGNET_DECL result<std::string> sign_challenge(private_key const& key, alg a, std::string_view challenge,
                                                             challenge_params const& params);

/// The same with any signing key: an `external_key` never shows its private part. Errors besides: those of its `sign`.
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

/// Takes a challenge, once and for all, and checks what the device answered: `token` is what `sign_challenge` made.
///
/// Gives the key that was proved: evidence for what is done next in this request. One question to the store. The key
/// and its algorithm are those stored for the device; nothing in the message chooses them. Whatever comes out, an
/// answer that could be parsed has used the challenge up. Errors: `malformed_token` and those of reading a JWS and its
/// JSON (nothing was used up: 400), `challenge_unknown` (never issued, used or expired), `challenge_mismatch` (issued
/// or signed for something else), `algorithm_mismatch`, `wrong_type`, `invalid_challenge_signature` (outward one answer
/// serves all these: 401), and the store's.
///
/// Lifetime: arguments are copied. Memory: one frame, from `frames` if given.
///
/// @par Example
/// `auto proved = run(redeem_challenge(token, params, key, alg::es256, now), db);`
[[nodiscard]] SIGNET_DECL store::task<verified_key> redeem_challenge(std::string_view token,
                                                                     challenge_params const& expected,
                                                                     public_key const& key, alg a, unix_time now,
                                                                     std::pmr::memory_resource* frames = nullptr);

/// By name: the older form, where the device signs the challenge's characters as they are. It has no domain
/// separation: what else the key signs might be such a text. Only for clients that exist already.
[[nodiscard]] SIGNET_DECL store::task<verified_key> redeem_challenge_legacy_raw(
    std::string_view challenge, bytes_view signature, challenge_params const& expected, public_key const& key, alg a,
    unix_time now, std::pmr::memory_resource* frames = nullptr);

}}} // namespace signet::proof

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/proof/impl/challenge.ipp>
#endif

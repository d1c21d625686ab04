// SPDX-License-Identifier: BSL-1.0
// Challenges that a device signs to prove that it holds its key (RULES 3.1; RFC 7515 for the signed form).
#pragma once

#include <signet/core/random.hpp>
#include <signet/crypto/random.hpp>
#include <signet/crypto/signature.hpp>
#include <signet/jose/jws.hpp>
#include <signet/proof/record_key.hpp>
#include <signet/proof/verified_key.hpp>
#include <signet/store/store.hpp>

#include <array>
#include <string>
#include <string_view>

namespace signet { inline namespace SIGNET_ABI { namespace proof {

/// What a challenge is for; kept by the server, and said again when it is redeemed. Views that outlive the operation.
struct challenge_terms {
    std::string_view purpose;   ///< such as "login" or "register-device"; never empty
    std::string_view app;       ///< the audience
    std::string_view user{};    ///< empty at issue: not known yet, any user may redeem it
    std::string_view key_id{};  ///< empty at issue: any key
    std::string_view session{}; ///< empty: bound to none
    std::string_view action{};  ///< what is being agreed to, where it is about one action
};

/// The `typ` of the signed form. No other JWS can pass for it, nor it for an access token, a DPoP proof or a DBSC one.
inline constexpr std::string_view challenge_type = "signet-challenge+jws";

/// Makes a challenge: 32 random octets in base64url, of which the store sees the hash alone. An operation of one
/// question.
///
/// Example: `auto challenge = run(issue_challenge{{.purpose = "login", .app = "shop"}, now}, db);`
class issue_challenge {
public:
    /// `terms` are read during this call only; `life` counts from `now`.
    SIGNET_DECL issue_challenge(challenge_terms const& terms, unix_time now,
                                std::chrono::seconds life = std::chrono::seconds{120},
                                random_ref rng = system_random());
    [[nodiscard]] store::request const* next() const noexcept { return open_ ? &ask_ : nullptr; }
    SIGNET_DECL void answer(store::reply const& reply) noexcept;
    /// The text for the device: 43 characters. Errors: the store's; `out_of_range` for a life outside 1 s .. 10 min or
    /// empty terms; `buffer_too_small` for terms of more than about 900 octets.
    [[nodiscard]] SIGNET_DECL result<std::string> ruling() const;
    issue_challenge(issue_challenge const&) = delete;
    issue_challenge& operator=(issue_challenge const&) = delete;

private:
    std::string text_;
    std::array<std::uint8_t, 1024> record_;
    store::request ask_;
    signet::error error_{errc::store_unavailable};
    bool open_ = false, done_ = false;
};

namespace detail {
/// What a device signs: {challenge, purpose, aud, action}, as JSON.
[[nodiscard]] SIGNET_DECL result<std::string> challenge_payload(std::string_view challenge,
                                                                challenge_terms const& terms);
} // namespace detail

/// The device's side: a compact JWS of `challenge_type` over {challenge, purpose, aud, action}.
/// Errors: `wrong_key_type`, `json_not_utf8`, `signer_failed`.
[[nodiscard]] SIGNET_DECL result<std::string> sign_challenge(private_key const& key, alg a, std::string_view challenge,
                                                             challenge_terms const& terms);

/// The same with any signing key: an `external_key` never shows its private part. Errors besides: those of its `sign`.
template <signing_key K> [[nodiscard]] result<std::string> sign_challenge(K const& key, std::string_view challenge,
                                                                          challenge_terms const& terms) {
    auto const payload = detail::challenge_payload(challenge, terms);
    if (!payload) return payload.error();
    std::string token;
    output to_token{token};
    if (auto good = jose::jws_sign(key, as_bytes(*payload), {.typ = challenge_type}, to_token); !good)
        return good.error();
    return token;
}

/// Takes a challenge, once and for all, and checks what the device answered. An operation of one question.
///
/// The key and its algorithm are those stored for the device; nothing in the message chooses them. Whatever comes out,
/// an answer that could be parsed has used the challenge up. Errors: `malformed_token` and those of reading a JWS and
/// its JSON (nothing was used up: 400), `challenge_unknown` (never issued, used or expired), `challenge_mismatch`
/// (issued or signed for something else), `algorithm_mismatch`, `wrong_type`, `challenge_signature` (outward one answer
/// serves all these: 401), and the store's.
class redeem_challenge {
public:
    /// `token` is what sign_challenge made. The texts outlive the operation; it keeps the key.
    SIGNET_DECL redeem_challenge(std::string_view token, challenge_terms const& expected, public_key const& key, alg a,
                                 unix_time now);

    /// By name: the older form, where the device signs the challenge's characters as they are. It has no domain
    /// separation: what else the key signs might be such a text. Only for clients that exist already.
    [[nodiscard]] static SIGNET_DECL redeem_challenge legacy_raw(std::string_view challenge, bytes_view signature,
                                                                 challenge_terms const& expected, public_key const& key,
                                                                 alg a, unix_time now);

    [[nodiscard]] store::request const* next() const noexcept { return open_ ? &ask_ : nullptr; }
    SIGNET_DECL void answer(store::reply const& reply);
    /// The key that was proved: evidence for what is done next in this request.
    [[nodiscard]] result<verified_key> ruling() const noexcept { return ruling_; }
    redeem_challenge(redeem_challenge const&) = delete;
    redeem_challenge& operator=(redeem_challenge const&) = delete;

private:
    struct raw {};
    SIGNET_DECL redeem_challenge(raw, std::string_view challenge, bytes_view signature, challenge_terms const& expected,
                                 public_key const& key, alg a, unix_time now);
    void ask(std::string_view challenge, unix_time now);
    result<void> parse(std::string_view token, unix_time now);
    result<verified_key> judge(store::record const& found);

    challenge_terms expected_;
    public_key key_;
    alg alg_;
    std::string_view message_; // what was signed
    bytes signature_;
    signet::error flaw_{errc{}}; // of a parsed answer; told only after the challenge was taken
    bool flawed_ = false, open_ = false;
    std::array<std::uint8_t, 1024> record_;
    store::request ask_;
    result<verified_key> ruling_ = errc::store_unavailable;
};

}}} // namespace signet::proof

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/proof/impl/challenge.ipp>
#endif

// SPDX-License-Identifier: BSL-1.0
// Secure device session tokens: made by the device's own key, for one action, valid for minutes. A backend verifies
// them beside the regular token, without a store.
#pragma once

#include <signet/codec/json_writer.hpp>
#include <signet/core/output.hpp>
#include <signet/core/random.hpp>
#include <signet/core/time.hpp>
#include <signet/crypto/digest.hpp>
#include <signet/crypto/random.hpp>
#include <signet/crypto/signing_key.hpp>
#include <signet/jose/jws.hpp>
#include <signet/jwt/any_verifier.hpp>
#include <signet/proof/replay.hpp>

#include <concepts>
#include <optional>
#include <string>
#include <string_view>

namespace signet { inline namespace SIGNET_ABI { namespace device {

/// The `typ` of a secure token. No other token has it.
inline constexpr std::string_view action_token_type = "action+jwt";

/// The default and the largest lifetime. A longer or zero lifetime is refused, never shortened:
/// `errc::invalid_action_lifetime`.
inline constexpr std::chrono::seconds default_action_lifetime{300};
inline constexpr std::chrono::seconds max_action_lifetime{3600};

/// The parameters of a secure token.
struct action_params {
    std::string_view device_session;               ///< the id of the device session
    std::string_view audience;                     ///< the application's name at the server
    std::optional<std::string_view> action_type{}; ///< such as "login" or "transaction"; nothing: bound to no action
    std::chrono::seconds expiration = default_action_lifetime;
};

namespace detail {
[[nodiscard]] SIGNET_DECL result<std::string> write_action(action_params const& params, unix_time now, random_ref rng);
}

/// Makes a secure token on the device. Each call makes a new one, signed by a key that need not leave its hardware.
/// Call it when the user starts an action, once for each action. The header has the public key, if `key` has one, so
/// that `verify_action_token` needs no store.
///
/// Errors: `invalid_action_lifetime`; `json_not_utf8`; `signer_failed`.
///
/// Example: `auto token = device::make_action_token(key, {.device_session = id, .audience = "shop", .action_type =
/// "transaction"}, now);`
template <signing_key K> [[nodiscard]] result<std::string> make_action_token(K const& key, action_params const& params,
                                                                             unix_time now,
                                                                             random_ref rng = system_random()) {
    auto const payload = detail::write_action(params, now, rng);
    if (!payload) return payload.error();
    jose::header_params header;
    header.typ = action_token_type;
    std::string token;
    output out{token};
    auto const sign = [&]() -> result<std::string> {
        if (auto good = jose::jws_sign(key, as_bytes(*payload), header, out); !good) return good.error();
        return std::move(token);
    };
    if constexpr (requires {
                      { key.verifier_key().key() } -> std::convertible_to<public_key const&>;
                  }) {
        auto const& shown = key.verifier_key();
        header.jwk = &shown.key();
        return sign();
    } else {
        return sign();
    }
}

/// A request of a backend that triggers an action.
struct action_request {
    std::string session_token;           ///< required
    std::string secured_session_token{}; ///< for actions that require it
    std::string action_type;             ///< required
    bool get_recommendation = false;     ///< a query parameter
    std::string user{};                  ///< after a complete authentication: the session's user from this action on

    /// Reads a request from JSON, except `user`, which the backend has to know. Unknown members are ignored. Errors:
    /// `session_token_missing`; `json_*`.
    [[nodiscard]] static SIGNET_DECL result<action_request> parse(std::string_view body);
};

/// The `typ` of a regular token. No other token has it.
inline constexpr std::string_view session_token_type = "device-session+jwt";

/// Returns the policy for regular tokens of this issuer, for the verifier of a backend. `app` is the application's name
/// at the server, and `leeway` is how far clocks may differ.
///
/// Example: `auto issuer = jwt::any_verifier::make(accepted, keys, device::session_token_policy(url, "shop"));`
[[nodiscard]] SIGNET_DECL jwt::policy session_token_policy(std::string issuer, std::string app,
                                                           std::chrono::seconds leeway = std::chrono::seconds{5});

/// The content of a verified secure token.
struct verified_action {
    std::string device_session;        ///< the id of the device session
    crypto::sha256_digest key;         ///< the thumbprint of the device's key, which signed
    std::string action_type;           ///< the only action that the token is for
    std::string token_id;              ///< its `jti`
    unix_time issued{}, expires{};     ///< its `iat` and `exp`, by the device's clock
    unix_time session_token_expires{}; ///< the `exp` of the regular token
};

/// Verifies both tokens of a request with the issuer's public keys, for a backend that does not share the store of
/// `device_sessions`. The regular token names the device's key. The secure token must be signed by that key, for this
/// session, audience and action, with a lifetime of at most `max_lifetime`, and is accepted once. RSA keys sign with
/// PS256. `user` and `get_recommendation` of the request are ignored.
///
/// Without the store it cannot check whether the session was ended, the device was blocked, or the token was used at
/// another backend, nor the platform and the rules of the action.
///
/// `issuer` has the policy of `session_token_policy`. Its leeway and audience also apply to the secure token. `used`
/// remembers the tokens that were accepted. Its window must be at least `max_lifetime` and two leeways. After a restart
/// of this process it is empty: refuse actions that were issued earlier than one leeway after the start. A device can
/// sign any number of tokens, so limit the rate of requests of a session before this call.
///
/// Thread safety: may be called concurrently, even with the same `used`.
/// Errors: `session_token_missing`; `action_token_required`; `out_of_range` for an empty or long action type; those of
/// the verifier for the regular token; `malformed_confirmation`; those of `jose::peek`, `jose::parse_public_jwk`,
/// `proof::device_key::from_key` and `jose::jws_verify` for the secure token; `device_mismatch` if either token names
/// no key, or the secure token another key or session; `wrong_type`; `wrong_audience`; `expired`; `issued_in_future`;
/// `action_lifetime_exceeded`; `malformed_payload`; `claim_missing`; `claim_wrong_type`; `claim_refused`;
/// `action_mismatch` for another action type and for a token that is for none; those of `proof::replay_guard::insert`.
///
/// Example: `auto action = device::verify_action_token(request, *issuer, used, now);`
[[nodiscard]] SIGNET_DECL result<verified_action> verify_action_token(
    action_request const& request, jwt::any_verifier const& issuer, proof::replay_guard& used, unix_time now,
    std::chrono::seconds max_lifetime = default_action_lifetime);

}}} // namespace signet::device

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/device/impl/action_token.ipp>
#endif

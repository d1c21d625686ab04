// SPDX-License-Identifier: BSL-1.0
// What a relying party reads from its provider: token response, ID token, discovery document, logout token; and how it
// authenticates itself (OpenID Connect Core 3.1.3, Discovery 4.3, Back-Channel Logout 2; RFC 7523).
#pragma once

#include <signet/core/random.hpp>
#include <signet/core/secret.hpp>
#include <signet/crypto/random.hpp>
#include <signet/jwt/policy.hpp>
#include <signet/jwt/signer.hpp>
#include <signet/jwt/verified.hpp>
#include <signet/oidc/login.hpp>

#include <concepts>
#include <optional>
#include <string>
#include <string_view>

namespace signet { inline namespace SIGNET_ABI { namespace oidc {

/// The answer of a token endpoint, read and not yet believed. Everything in it is a credential.
struct token_response {
    std::string access_token, id_token{}, scope{};
    bool dpop = false; ///< `token_type`
    /// B14: for offline access alone, and so of a type that no access check takes. Empty where none came.
    secret refresh_token{};
    std::optional<std::chrono::seconds> expires_in{};
};

/// Reads the body (RFC 6749 5.1, 5.2). `json_*`; `json_member_missing` without `access_token` or `token_type`;
/// `json_wrong_type`; `login_refused` for an error answer, whose code `*error_code` gets; `out_of_range` for another
/// token type than Bearer and DPoP or a lifetime that is negative or beyond 10 years; `token_too_large` over 16 KiB.
[[nodiscard]] SIGNET_DECL result<token_response> read_token_response(std::string_view body,
                                                                     std::string* error_code = nullptr);

/// The policy of a verifier for the ID tokens of that client (OpenID Connect Core 3.1.3.7, items 2, 3, 9, 10).
[[nodiscard]] SIGNET_DECL jwt::policy id_token_policy(oidc_client const& client);

/// What an ID token has to say besides its policy. Views, read during the call.
struct id_token_params {
    std::string_view client;
    std::string_view nonce;
    std::string_view access_token{};               ///< empty: `at_hash` is not looked at
    bool at_hash_required = false;                 ///< else only compared where it is there (3.1.3.8)
    std::optional<std::chrono::seconds> max_age{}; ///< as in the request; `auth_time` is then required
    std::string_view user{};                       ///< not empty: the same as before, for silent authentication
    /// When the request was sent, `login_state::started`; 1970: not known. A user who authenticated since then did so
    /// in answer to this request, and `max_age` is met, even 0, however long the browser then took.
    unix_time started{};
    std::chrono::seconds leeway{0}; ///< of the provider's clock, for `auth_time`; negative counts as 0
};

/// Items 4, 5, 11, 13 of 3.1.3.7 and 3.1.3.8, on a verified ID token. `login_state_mismatch` (nonce missing or
/// another's), `subject_mismatch` (`at_hash`, `azp` or `aud` name others; another user), `claim_missing`,
/// `login_required` (the user authenticated more than `max_age` ago and, where `started` is given, before the request
/// was sent).
[[nodiscard]] SIGNET_DECL result<void> check_id_token(jwt::claims_view const& id, id_token_params const& params,
                                                      unix_time now);

/// Verifies the ID token of an answer and holds it against the login that was begun. What comes out is who logged in.
///
/// `verifier`: a `jwt::verifier` with `id_token_policy(client)`, or any_verifier, multi_issuer_verifier. Errors: the
/// verifier's, those of `check_id_token`, `json_member_missing` without an ID token.
template <class Verifier>
    requires requires(Verifier const& v, std::string_view text, unix_time now) {
        { v.verify(text, now) } -> std::same_as<result<jwt::token>>;
    }
[[nodiscard]] result<jwt::token> finish_login(Verifier const& verifier, token_response const& answer,
                                              login_state const& login, oidc_client const& client, unix_time now,
                                              std::optional<std::chrono::seconds> max_age = {},
                                              std::string_view user = {}) {
    if (answer.id_token.empty()) return errc::json_member_missing;
    auto id = verifier.verify(answer.id_token, now);
    if (!id) return id.error();
    auto const good = check_id_token(*id,
                                     {.client = client.client_id,
                                      .nonce = login.nonce,
                                      .access_token = answer.access_token,
                                      .max_age = max_age,
                                      .user = user,
                                      .started = login.started,
                                      .leeway = client.leeway},
                                     now);
    if (!good) return good.error();
    return id;
}

/// What a provider says about itself.
struct discovery {
    std::string issuer, authorization_endpoint, token_endpoint, jwks_uri;
    std::string end_session_endpoint{}, revocation_endpoint{}, userinfo_endpoint{}; ///< empty where there is none
    algorithm_set id_token_algorithms{}; ///< those that signet knows; `none` is never among them
    bool answers_name_issuer = false;    ///< RFC 9207
    bool pkce_s256 = false;
    bool back_channel_logout = false, back_channel_logout_session = false;
};

/// Where the document lies: `issuer` and `/.well-known/openid-configuration`.
[[nodiscard]] SIGNET_DECL std::string discovery_url(std::string_view issuer);
/// Reads the document that was fetched for `issuer`. `wrong_issuer` where it names another, octet by octet (RFC
/// 8414 3.3); `json_*`; `json_member_missing`; `unsupported_uri_scheme`, `malformed_uri` for an endpoint that is not
/// https.
[[nodiscard]] SIGNET_DECL result<discovery> read_discovery(std::string_view document, std::string_view issuer);

/// The policy of a verifier for logout tokens; `type` of older providers may be "JWT".
[[nodiscard]] SIGNET_DECL jwt::policy logout_token_policy(oidc_client const& client, std::string type = "logout+jwt");

/// Whose sessions a provider ended.
struct logout_notice {
    std::string user;    ///< `sub`; empty: by session alone
    std::string session; ///< `sid`; empty: all of the user's
    std::string id;      ///< `jti`: refuse it the second time, with `proof::replay_guard`
    unix_time issued{};
};

/// OpenID Connect Back-Channel Logout 2.6, on a verified logout token: `claim_missing` (no `jti`, `iat` or event,
/// neither `sub` nor `sid`), `claim_wrong_type`, `claim_refused` (it has a `nonce`, so it is an ID token).
[[nodiscard]] SIGNET_DECL result<logout_notice> read_logout_token(jwt::claims_view const& token);

/// RFC 7523 3, `private_key_jwt`: the claims of one authentication of a client at `audience`, good for a minute.
[[nodiscard]] SIGNET_DECL jwt::claims client_assertion_claims(std::string_view client_id, std::string_view audience,
                                                              unix_time now, random_ref rng = system_random());

/// The assertion itself; a new one for every request. `audience` is the provider's issuer, or its token endpoint where
/// it wants that. Example: `code_request(code, login, client, {}, *client_assertion(signer, client.client_id,
/// client.issuer, now))`.
template <asymmetric A> [[nodiscard]] result<std::string> client_assertion(jwt::signer<A> const& signer,
                                                                           std::string_view client_id,
                                                                           std::string_view audience, unix_time now,
                                                                           random_ref rng = system_random()) {
    return signer.sign(client_assertion_claims(client_id, audience, now, rng));
}

}}} // namespace signet::oidc

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/oidc/impl/id_token.ipp>
#endif

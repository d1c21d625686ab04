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
#include <span>
#include <string>
#include <string_view>

namespace signet { inline namespace SIGNET_ABI { namespace oidc {

/// The answer of a token endpoint, read but not verified. Everything in it is a credential.
struct token_response {
    std::string access_token, id_token{}, scope{};
    bool dpop = false; ///< from `token_type`
    /// For offline access only. Its type keeps it from access checks. Empty if none was received.
    secret refresh_token{};
    std::optional<std::chrono::seconds> expires_in{};
};

/// Reads the body of a token response (RFC 6749 sections 5.1 and 5.2).
///
/// Errors: `json_*`; `json_member_missing` without `access_token` or `token_type`; `json_wrong_type`; `login_refused`
/// for an error answer, whose code is stored in `*error_code`; `out_of_range` for other token types than Bearer and
/// DPoP, and for lifetimes that are negative or beyond 10 years; `token_too_large` beyond 16 KiB.
[[nodiscard]] SIGNET_DECL result<token_response> read_token_response(std::string_view body,
                                                                     std::string* error_code = nullptr);

/// Returns the policy of a verifier for that client's ID tokens (OpenID Connect Core section 3.1.3.7, items 2, 3, 9 and
/// 10).
[[nodiscard]] SIGNET_DECL jwt::policy id_token_policy(oidc_client const& client);

/// The requirements on an ID token besides its policy. The views are read during the call.
struct id_token_params {
    std::string_view client;
    std::string_view nonce;
    std::string_view access_token{};               ///< if empty, `at_hash` is not checked
    bool at_hash_required = false;                 ///< if false, `at_hash` is checked only if present (section 3.1.3.8)
    std::optional<std::chrono::seconds> max_age{}; ///< as in the request; makes `auth_time` required
    std::string_view user{}; ///< if not empty, the user must be this one, for silent authentication
    /// When the request was sent, `login_state::started`; 1970: not known. An authentication since then was an answer
    /// to this request and satisfies `max_age`, even 0, however long the browser took.
    unix_time started{};
    std::chrono::seconds leeway{0}; ///< of the provider's clock, for `auth_time`; negative counts as 0
    std::span<std::string const> trusted_audiences{}; ///< that the token may have besides `client` (item 3)
};

/// Checks items 3, 4, 5, 11 and 13 of section 3.1.3.7, and section 3.1.3.8, on a verified ID token.
///
/// Errors: `login_state_mismatch` if the nonce is missing or another; `login_mismatch` if `at_hash`, `azp` or `aud` do
/// not fit; `subject_mismatch` if the user is another one; `claim_missing`; `claim_wrong_type`; `login_required` if the
/// authentication is older than `max_age` and was before the request.
[[nodiscard]] SIGNET_DECL result<void> check_id_token(jwt::claims_view const& id, id_token_params const& params,
                                                      unix_time now);

namespace detail {
/// Whether the provider that was asked issued the token, or one of many tenants that its name has a place for.
[[nodiscard]] SIGNET_DECL bool is_issuer_of(oidc_client const& client, jwt::claims_view const& id) noexcept;
} // namespace detail

/// Verifies the ID token of an answer and compares it with the login that was begun. Returns who logged in.
///
/// `verifier` is a `jwt::verifier` with `id_token_policy(client)`, an `any_verifier` or a `multi_issuer_verifier`. Of
/// several issuers that it accepts, the token's has to be `client.issuer`; `{tenantid}` there stands for any tenant.
/// Errors: those of the verifier and of `check_id_token`; `wrong_issuer` for a token of another provider;
/// `json_member_missing` without an ID token.
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
    if (!detail::is_issuer_of(client, *id)) return error{errc::wrong_issuer, field_name::iss};
    auto const good = check_id_token(*id,
                                     {.client = client.client_id,
                                      .nonce = login.nonce,
                                      .access_token = answer.access_token,
                                      .max_age = max_age,
                                      .user = user,
                                      .started = login.started,
                                      .leeway = client.leeway,
                                      .trusted_audiences = client.trusted_audiences},
                                     now);
    if (!good) return good.error();
    return id;
}

/// The metadata of a provider.
struct discovery {
    std::string issuer, authorization_endpoint, token_endpoint, jwks_uri;
    std::string end_session_endpoint{}, revocation_endpoint{}, userinfo_endpoint{}; ///< empty if absent
    algorithm_set id_token_algorithms{}; ///< those that signet supports; `none` is never among them
    bool answers_name_issuer = false;    ///< whether answers have `iss` (RFC 9207)
    bool pkce_s256 = false;
    bool back_channel_logout = false, back_channel_logout_session = false;
    bool refresh_tokens = false; ///< whether `grant_types_supported` has `refresh_token`
    friend bool operator==(discovery const&, discovery const&) = default;
};

namespace detail {
// The endpoints of the document, for who reads it and who writes it.
enum class endpoint_demand : std::uint8_t { never, of_openid, always };
struct endpoint_member {
    std::string_view name;
    std::string discovery::* at;
    endpoint_demand required;
};
inline constexpr endpoint_member endpoint_members[] = {
    {"authorization_endpoint", &discovery::authorization_endpoint, endpoint_demand::of_openid},
    {"token_endpoint", &discovery::token_endpoint, endpoint_demand::of_openid},
    {"jwks_uri", &discovery::jwks_uri, endpoint_demand::always},
    {"end_session_endpoint", &discovery::end_session_endpoint, endpoint_demand::never},
    {"revocation_endpoint", &discovery::revocation_endpoint, endpoint_demand::never},
    {"userinfo_endpoint", &discovery::userinfo_endpoint, endpoint_demand::never},
};
} // namespace detail

/// Which of two documents: that of an OpenID provider, or that of any authorization server.
enum class discovery_kind : std::uint8_t {
    openid, ///< OpenID Connect Discovery 1.0
    oauth,  ///< RFC 8414. Of its members only `issuer` and `jwks_uri` are required here, which a verifier needs.
};

/// Returns the URL of the document: `issuer` and `/.well-known/openid-configuration`; or by RFC 8414 section 3.1 the
/// issuer with `/.well-known/oauth-authorization-server` between host and path.
[[nodiscard]] SIGNET_DECL std::string discovery_url(std::string_view issuer,
                                                    discovery_kind kind = discovery_kind::openid);
/// Reads the document that was fetched for `issuer`. What is absent is empty.
///
/// Errors: `wrong_issuer` if it names another issuer, compared by octets (RFC 8414 section 3.3); `json_*`;
/// `json_member_missing`; `unsupported_uri_scheme` or `malformed_uri` for an endpoint that is not https.
[[nodiscard]] SIGNET_DECL result<discovery> read_discovery(std::string_view document, std::string_view issuer,
                                                           discovery_kind kind = discovery_kind::openid);

/// The `typ` of logout tokens (OpenID Connect Back-Channel Logout section 2.4). Relying parties that compare the type
/// of ID tokens refuse it there; others, as `id_token_policy`, refuse a logout token because it has no nonce.
inline constexpr std::string_view logout_token_type = "logout+jwt";
namespace detail {
// The member of `events` that makes a token a logout token.
inline constexpr std::string_view logout_event = "http://schemas.openid.net/event/backchannel-logout";
} // namespace detail

/// How old a logout token may be, the client's leeway left out. Remember each `jti` for longer than both together.
inline constexpr std::chrono::minutes max_logout_token_age{5};

/// Returns the policy of a verifier for logout tokens. For older providers, `type` may be "JWT".
[[nodiscard]] SIGNET_DECL jwt::policy logout_token_policy(oidc_client const& client,
                                                          std::string type = std::string{logout_token_type});

/// The sessions that a provider ended.
struct logout_notice {
    std::string user;    ///< `sub`; empty: the session alone
    std::string session; ///< `sid`; empty: all sessions of the user
    std::string id;      ///< `jti`: refuse it the second time, with `proof::replay_guard`
    unix_time issued{};
};

/// Reads a verified logout token (OpenID Connect Back-Channel Logout section 2.6).
///
/// Errors: `claim_missing` without `jti`, `iat` or event, or with neither `sub` nor `sid`; `claim_wrong_type`;
/// `claim_refused` if it has a `nonce`, because then it is an ID token.
[[nodiscard]] SIGNET_DECL result<logout_notice> read_logout_token(jwt::claims_view const& token);

/// Returns the claims that authenticate a client at `audience` for one minute (`private_key_jwt`, RFC 7523 section 3).
[[nodiscard]] SIGNET_DECL jwt::claims client_assertion_claims(std::string_view client_id, std::string_view audience,
                                                              unix_time now, random_ref rng = system_random());

/// Returns the signed assertion. Make a new one for every request. `audience` is the provider's issuer, or its token
/// endpoint if the provider requires that.
///
/// Example: `code_request(code, login, client, {}, *client_assertion(signer, client.client_id, client.issuer, now))`.
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

// SPDX-License-Identifier: BSL-1.0
// The provider's half of OpenID Connect: it reads what clients ask for, answers it, and tells them of logouts. Codes
// are in oidc/authorization_code.hpp, tokens in oauth/token_issuer.hpp.
#pragma once

#include <signet/core/random.hpp>
#include <signet/core/result.hpp>
#include <signet/core/time.hpp>
#include <signet/core/transition_table.hpp>
#include <signet/crypto/random.hpp>
#include <signet/jwt/policy.hpp>
#include <signet/jwt/signer.hpp>
#include <signet/jwt/verified.hpp>
#include <signet/oidc/id_token.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace signet { inline namespace SIGNET_ABI { namespace oidc {

/// What a provider knows about a client. URIs are compared octet by octet, even the ports of loopback addresses (RFC
/// 9700 section 4.1.3).
struct registered_client {
    std::string client_id;
    std::vector<std::string> redirect_uris;
    std::vector<std::string> post_logout_redirect_uris{};
    std::vector<std::string> scopes{};    ///< what it may be granted besides "openid", such as "offline_access"
    std::vector<std::string> resources{}; ///< the resources that it may ask for (RFC 8707)
};

/// Returns the client that a request names, to be looked up and then given to the function that reads the request.
///
/// `form` is the query of a request without its question mark, or the body of a POST. A request to end a session may
/// name the client only by the audience of its `id_token_hint`, which is not verified yet. If it names none, ask the
/// user whether to log out. Errors: `header_too_large`, `malformed_uri`; `client_mismatch` if no client is named.
[[nodiscard]] SIGNET_DECL result<std::string> named_client(std::string_view form);

// ---- the authorization endpoint

/// The limits of a login request: octets of its scope, and of nonce and resource, which are kept with the code.
inline constexpr std::size_t max_login_scope = 1024, max_login_parameter = 512;

/// What a client asks of the authorization endpoint (OpenID Connect Core section 3.1.2.1). Owns its texts; what was not
/// sent is empty.
struct login_request {
    std::string client;       ///< `client_id`
    std::string redirect_uri; ///< one of the client's
    std::string code_challenge;
    std::string scope; ///< the granted scopes: those of the request that the client is registered for, with "openid"
    std::string state{}, nonce{}, resource{};
    std::string login_hint{}, acr_values{};
    /// An ID token of the user who is expected. Read it with `read_id_token_hint`.
    std::string id_token_hint{};
    std::string dpop_jkt{};      ///< the code is bound to the key with this thumbprint (RFC 9449 section 10)
    bool silent = false;         ///< `prompt=none`: the user must see no page
    bool login = false;          ///< `prompt=login`: the user must authenticate again
    bool select_account = false; ///< `prompt=select_account`: the same, as another user perhaps
    bool consent = false;        ///< `prompt=consent`: the application asks, before or after `decide_login`
    std::optional<std::chrono::seconds> max_age{};
};

/// Why a provider refuses a login, as the client is told (RFC 6749 section 4.1.2.1, OpenID Connect Core section
/// 3.1.2.6).
enum class login_refusal : std::uint8_t {
    invalid_request,
    unsupported_response_type,
    invalid_scope,
    invalid_target,
    access_denied, ///< the user or the provider did not agree
    login_required,
    interaction_required,
    consent_required,
    account_selection_required,
    request_not_supported,
    request_uri_not_supported,
    registration_not_supported,
    server_error,
    temporarily_unavailable,
};

/// The names of the refusals: the values of `error`.
inline constexpr auto login_refusal_names = make_enum_names<login_refusal>({
    {login_refusal::invalid_request, "invalid_request"},
    {login_refusal::unsupported_response_type, "unsupported_response_type"},
    {login_refusal::invalid_scope, "invalid_scope"},
    {login_refusal::invalid_target, "invalid_target"},
    {login_refusal::access_denied, "access_denied"},
    {login_refusal::login_required, "login_required"},
    {login_refusal::interaction_required, "interaction_required"},
    {login_refusal::consent_required, "consent_required"},
    {login_refusal::account_selection_required, "account_selection_required"},
    {login_refusal::request_not_supported, "request_not_supported"},
    {login_refusal::request_uri_not_supported, "request_uri_not_supported"},
    {login_refusal::registration_not_supported, "registration_not_supported"},
    {login_refusal::server_error, "server_error"},
    {login_refusal::temporarily_unavailable, "temporarily_unavailable"},
});
[[nodiscard]] constexpr std::string_view name(login_refusal r) noexcept { return login_refusal_names[r]; }

/// Reads a request to the authorization endpoint: the query of a GET without its question mark, or the body of a POST.
/// `client` is the one that `named_client` names; `issuer` is the provider's, which every answer names (RFC 9207).
///
/// There are two kinds of errors. If `answer` is empty afterwards, the client or its redirect URI is wrong: show the
/// user an error page, and do not redirect. Otherwise `answer` is the URL of the client, with the refusal in it:
/// redirect the browser there.
///
/// The code flow is the only one: `response_type=code`, PKCE with S256, and a scope with "openid". Unknown parameters
/// are ignored, and so are scopes that the client is not registered for; another resource is refused.
///
/// Errors without an answer: `header_too_large` beyond 8 KiB or 64 parameters; `malformed_uri` for malformed text and
/// for a repeated parameter; `client_mismatch` for another client; `redirect_uri_mismatch` for a URI that is missing,
/// not registered, or has a fragment. With an answer: `login_request_refused`.
///
/// Example: `std::string answer; auto request = read_login_request(query, *client, issuer, answer); if (!request)
/// return answer.empty() ? show_error(request.error()) : redirect(answer);`
[[nodiscard]] SIGNET_DECL result<login_request> read_login_request(std::string_view form,
                                                                   registered_client const& client,
                                                                   std::string_view issuer, std::string& answer);

/// What the provider does next with a login request.
enum class login_decision : std::uint8_t {
    answer,   ///< issue a code for the user who is logged in
    ask_user, ///< show the login page, and decide again afterwards
    refuse,   ///< send `refusal_url(request, issuer, login_refusal::login_required)`
};

/// What the provider knows of the browser that sent a login request. The views are read during the call.
struct browser_session {
    std::string_view user{};   ///< who is logged in; empty: nobody
    unix_time authenticated{}; ///< when the user was last authenticated
    /// When the request was received for the first time. An authentication since then satisfies `prompt=login` and
    /// `max_age`.
    unix_time arrived{};
    /// The user of the request's `id_token_hint`, if that was verified. A request with a hint is answered only for that
    /// user.
    std::string_view expected_user{};
};

/// Decides what to do next with a login request (OpenID Connect Core section 3.1.2.3).
///
/// Example: `decide_login(*request, {.user = user, .authenticated = auth_time, .arrived = now}, now)`
[[nodiscard]] SIGNET_DECL login_decision decide_login(login_request const& request, browser_session const& browser,
                                                      unix_time now) noexcept;

/// Returns the URL at the client to send the browser to, with a code of `authorization_codes::issue`.
[[nodiscard]] SIGNET_DECL std::string code_url(login_request const& request, std::string_view issuer,
                                               std::string_view code);
/// Returns the URL at the client to send the browser to, with a refusal.
[[nodiscard]] SIGNET_DECL std::string refusal_url(login_request const& request, std::string_view issuer,
                                                  login_refusal why);

// ---- ID tokens that come back

/// Returns the policy of a verifier for the ID tokens that clients send back as hints. It accepts expired ones for
/// `age` (OpenID Connect Core section 3.1.2.1, RP-Initiated Logout section 2).
[[nodiscard]] SIGNET_DECL jwt::policy id_token_hint_policy(std::string_view issuer, std::string_view client_id,
                                                           std::chrono::seconds age = std::chrono::hours{24 * 90});

/// Whose ID token a client sent back.
struct id_token_hint {
    std::string user;      ///< `sub`
    std::string session{}; ///< `sid`; empty: not known
};

/// Reads a verified hint. Errors: `claim_missing` without `sub`; `claim_wrong_type`; `claim_refused` if it has
/// `events`, because then it is no ID token.
[[nodiscard]] SIGNET_DECL result<id_token_hint> read_id_token_hint(jwt::claims_view const& token);

// ---- the end-session endpoint

/// What a client asks of the end-session endpoint (RP-Initiated Logout section 2). Owns its texts; what was not sent is
/// empty.
struct end_session_request {
    std::string client;                     ///< `client_id`, or the client that the caller looked up
    std::string id_token_hint{};            ///< Without one that verifies, ask the user before the session ends.
    std::string post_logout_redirect_uri{}; ///< one of the client's
    std::string state{}, logout_hint{};
};

/// Reads a request to the end-session endpoint: the query of a GET without its question mark, or the body of a POST.
/// `client` is the one that `named_client` names.
///
/// Errors, after which the browser is sent nowhere: `header_too_large`, `malformed_uri` and `client_mismatch` as in
/// `read_login_request`; `redirect_uri_mismatch` for a URI that is not registered or has a fragment.
[[nodiscard]] SIGNET_DECL result<end_session_request> read_end_session_request(std::string_view form,
                                                                               registered_client const& client);

/// Returns the URL to send the browser to after the session has ended. Empty: it stays at the provider.
[[nodiscard]] SIGNET_DECL std::string post_logout_url(end_session_request const& request);

// ---- what the provider publishes

/// Returns the discovery document (OpenID Connect Discovery section 3), to be served at `discovery_url(issuer)`.
/// `read_discovery` gives the same `discovery` back.
///
/// Besides the members of `discovery` it says what holds for every provider with signet: the code flow, answers in the
/// query, no request objects, clients that are public or authenticate with `private_key_jwt`. Discovery section 3 asks
/// for RS256 among the algorithms of ID tokens; clients that know no other need it.
///
/// Errors: `out_of_range` unless `answers_name_issuer` and `pkce_s256` are set, because both hold;
/// `json_member_missing` without one of the endpoints that `read_discovery` requires, or without an algorithm;
/// `unsupported_uri_scheme` or `malformed_uri` for a URL that is not https; `json_not_utf8`.
[[nodiscard]] SIGNET_DECL result<std::string> write_discovery(discovery const& document);

// ---- logout tokens (OpenID Connect Back-Channel Logout section 2.4)

/// How long a logout token is valid. Section 4 recommends at most two minutes.
inline constexpr std::chrono::seconds logout_token_lifetime{120};

/// The sessions that one client is told to end. The views are read during the call.
struct logout_params {
    std::string_view client;    ///< `aud`
    std::string_view user{};    ///< `sub`; empty: omitted
    std::string_view session{}; ///< `sid`; empty: all sessions of the user at this client
};

/// Returns the claims of a logout token. They never have a `nonce`. Errors: `out_of_range` for an empty issuer or
/// client, or without both user and session; `json_not_utf8`.
[[nodiscard]] SIGNET_DECL result<jwt::claims> logout_token_claims(std::string_view issuer, logout_params const& params,
                                                                  unix_time now, random_ref rng = system_random());

/// Issues the logout tokens of one provider. Sign with the key and algorithm of its ID tokens.
///
/// Thread safety: may be called concurrently.
///
/// Example: `auto issuer = oidc::logout_token_issuer<es256>::make(key, "https://id.example", "k1"); auto token =
/// issuer->issue({.client = "shop", .session = sid}, now);`
template <asymmetric A> class logout_token_issuer {
public:
    /// Makes an issuer. `key` is anything that `jwt::signer<A>` takes. Errors: those of the signer.
    template <class K>
    [[nodiscard]] static result<logout_token_issuer> make(K const& key, std::string issuer, std::string_view key_id) {
        auto signer = jwt::signer<A>::make(key, {.type = logout_token_type, .key_id = key_id});
        if (!signer) return signer.error();
        return logout_token_issuer{std::move(issuer), *std::move(signer)};
    }

    /// Returns a token for one client. Make a new one for every request. Errors: those of `logout_token_claims` and of
    /// the signer.
    [[nodiscard]] result<std::string> issue(logout_params const& params, unix_time now,
                                            random_ref rng = system_random()) const {
        auto const claims = logout_token_claims(issuer_, params, now, rng);
        if (!claims) return claims.error();
        return signer_.sign(*claims);
    }

private:
    logout_token_issuer(std::string issuer, jwt::signer<A> signer) noexcept
        : issuer_{std::move(issuer)}, signer_{std::move(signer)} {}
    std::string issuer_;
    jwt::signer<A> signer_;
};

}}} // namespace signet::oidc

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/oidc/impl/provider.ipp>
#endif

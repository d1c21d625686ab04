// SPDX-License-Identifier: BSL-1.0
// The relying party's way to a code: PKCE (RFC 7636), the request, the state it leaves behind, the answer (OpenID
// Connect Core section 3.1.2, RFC 9207).
#pragma once

#include <signet/core/random.hpp>
#include <signet/core/result.hpp>
#include <signet/core/time.hpp>
#include <signet/crypto/mac_keys.hpp>
#include <signet/crypto/random.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace signet { inline namespace SIGNET_ABI { namespace oidc {

/// Returns the S256 challenge of a code verifier (RFC 7636 section 4.2). Errors: `out_of_range` unless the verifier has
/// 43 to 128 unreserved characters.
[[nodiscard]] SIGNET_DECL result<std::string> pkce_challenge(std::string_view verifier);
/// Checks a code verifier at the token endpoint, in constant time (RFC 7636 section 4.6).
[[nodiscard]] SIGNET_DECL bool pkce_matches(std::string_view verifier, std::string_view challenge);

/// This application as a client of one provider. Use the same object for the request and the answer, so that answers of
/// other providers are detected (RFC 9207).
struct oidc_client {
    std::string issuer; ///< exactly as in the provider's discovery document
    std::string client_id;
    std::string redirect_uri; ///< exactly as registered
    /// Whether the provider announces `authorization_response_iss_parameter_supported`.
    bool answers_name_issuer = false;
    std::chrono::seconds leeway{0}; ///< how far the provider's clock may differ; negative counts as 0
    /// Who may be an audience of ID tokens besides the client: a token for anyone else too is refused (OpenID Connect
    /// Core section 3.1.3.7 item 3).
    std::vector<std::string> trusted_audiences{};
};

/// The state of a login between its request and its answer. Only the browser that began the login can finish it.
struct login_state {
    std::string state, nonce, code_verifier; ///< 43 characters each; the code verifier is a secret of the server
    std::string issuer;                      ///< the provider that was asked
    std::string return_to;                   ///< a path of this site
    unix_time started{};
};

/// A login that was begun, and the value for the cookie `http::cookies::login_state()`.
struct started_login {
    login_state state;
    std::string sealed; ///< at most 2,100 characters
};

/// Makes and recognises the states of logins. The server keeps nothing.
///
/// The sealed text has a seed. State, nonce and code verifier are HMACs of it. So a reader of the cookie learns none of
/// them, and a forged cookie is refused.
///
/// Thread safety: may be called concurrently.
///
/// Example: `auto login = states.begin(client, "/orders", now); set_cookie(login->sealed);
/// redirect(*authorization_url(...));`
class login_states {
public:
    /// Makes the states with the current key. `lifetime` is the longest time between request and answer, in which
    /// people log in. States of former keys are read too.
    explicit login_states(mac_keys keys, std::chrono::seconds lifetime = std::chrono::minutes{10}) noexcept
        : keys_{std::move(keys)}, lifetime_{lifetime} {}

    /// Begins a login. Errors: `out_of_range` if `return_to` is not a path of this site ("//host", "https:..."), or if
    /// it or the issuer is longer than 700.
    [[nodiscard]] SIGNET_DECL result<started_login> begin(oidc_client const& client, std::string_view return_to,
                                                          unix_time now, random_ref rng = system_random()) const;
    /// Reads a sealed text. Errors: `login_state_mismatch` if it was made with none of the keys, or is too old.
    [[nodiscard]] SIGNET_DECL result<login_state> open(std::string_view sealed, unix_time now) const;

private:
    mac_keys keys_;
    std::chrono::seconds lifetime_;
};

/// The `prompt` of OpenID Connect Core section 3.1.2.1; `unset` sends none.
enum class login_prompt : std::uint8_t { unset, none, login, consent, select_account };

/// The parameters of an authorization request that applications choose. Empty ones are omitted. The views are read
/// during the call.
struct authorization_request {
    std::string_view scope = "openid";
    std::string_view resource{}; ///< RFC 8707
    login_prompt prompt = login_prompt::unset;
    std::string_view login_hint{}, acr_values{};
    /// An ID token of the user who is to be logged in, expired or not: the answer for another one is `login_required`.
    std::string_view id_token_hint{};
    std::string_view dpop_jkt{};                   ///< binds the code to that key (RFC 9449 section 10)
    std::optional<std::chrono::seconds> max_age{}; ///< since the authentication of the user
};

/// Returns the parameters of a silent authentication. The answer is a code or `login_required`. If a user is logged in
/// here, give an ID token of the user as hint, so that the provider does not answer for another one.
[[nodiscard]] constexpr authorization_request silent_authentication(std::string_view resource = {},
                                                                    std::string_view id_token_hint = {}) noexcept {
    return {.resource = resource, .prompt = login_prompt::none, .id_token_hint = id_token_hint};
}

/// Returns the URL to send the browser to. It always has `response_type=code`, PKCE S256, state and nonce. Errors:
/// `unsupported_uri_scheme` for an endpoint that is not https; `malformed_uri` for one that is malformed or has a
/// fragment.
[[nodiscard]] SIGNET_DECL result<std::string> authorization_url(std::string_view endpoint, oidc_client const& client,
                                                                authorization_request const& request,
                                                                login_state const& login);

/// Reads the query that came back to `redirect_uri`, without its question mark. Returns the code.
///
/// Errors, in this order: `header_too_large` beyond 8 KiB or 64 parameters; `malformed_uri` for malformed text, a
/// repeated parameter, and both or neither of code and error; `login_state_mismatch` if `state` is missing or another,
/// or `iss` is another or missing although announced; `login_required` for refusals that a user can resolve;
/// `login_refused` for every other `error`.
///
/// A user can resolve `login_required`, `interaction_required`, `consent_required` and `account_selection_required`. If
/// the provider refused, its error code is stored in `*error_code`, for the log.
[[nodiscard]] SIGNET_DECL result<std::string> read_authorization_answer(std::string_view query,
                                                                        login_state const& login,
                                                                        oidc_client const& client,
                                                                        std::string* error_code = nullptr);

/// Returns the body of the request that exchanges the code (RFC 6749 section 4.1.3, RFC 7636 section 4.5), as
/// application/x-www-form-urlencoded. An assertion authenticates the client by RFC 7523.
[[nodiscard]] SIGNET_DECL std::string code_request(std::string_view code, login_state const& login,
                                                   oidc_client const& client, std::string_view resource = {},
                                                   std::string_view client_assertion = {});

/// The parameters of a logout at the provider (RP-Initiated Logout section 2). Empty ones are omitted. The views are
/// read during the call.
struct logout_request {
    /// An ID token of the session that is to end, expired or not. Without it providers ask the user first, and need not
    /// send the browser back.
    std::string_view id_token_hint{};
    std::string_view post_logout_redirect_uri{}; ///< exactly as registered; empty: the browser stays at the provider
    std::string_view state{};                    ///< comes back in the query of `post_logout_redirect_uri`
    std::string_view logout_hint{}; ///< names the user where there is no hint, such as by an e-mail address
    std::string_view ui_locales{};
};

/// Returns the URL to send the browser to after this application's own session has ended: it ends the session at the
/// provider, and so those of all applications that the provider tells.
///
/// `endpoint` is `discovery::end_session_endpoint`. Browsers and proxies keep the URL, and an ID token in it names the
/// user. To avoid that, send the parameters that this adds as a form by POST, which providers must take too.
///
/// Errors: those of `authorization_url`; `out_of_range` for a `state` without `post_logout_redirect_uri`, which would
/// never come back.
///
/// Example: `redirect(*end_session_url(provider.end_session_endpoint, client, {.id_token_hint = id_token,
/// .post_logout_redirect_uri = "https://shop.example/bye"}));`
[[nodiscard]] SIGNET_DECL result<std::string> end_session_url(std::string_view endpoint, oidc_client const& client,
                                                              logout_request const& request);

}}} // namespace signet::oidc

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/oidc/impl/login.ipp>
#endif

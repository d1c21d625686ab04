// SPDX-License-Identifier: BSL-1.0
// The relying party's way to a code: PKCE (RFC 7636), the request, the state it leaves behind, the answer (OpenID
// Connect Core 3.1.2, RFC 9207; RULES B18).
#pragma once

#include <signet/core/random.hpp>
#include <signet/core/result.hpp>
#include <signet/core/time.hpp>
#include <signet/crypto/key.hpp>
#include <signet/crypto/random.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace signet { inline namespace SIGNET_ABI { namespace oidc {

/// RFC 7636 4.2, S256: the challenge of a verifier of 43 to 128 unreserved characters, else `out_of_range`.
[[nodiscard]] SIGNET_DECL result<std::string> pkce_challenge(std::string_view verifier);
/// RFC 7636 4.6, the token endpoint's check, in constant time.
[[nodiscard]] SIGNET_DECL bool pkce_matches(std::string_view verifier, std::string_view challenge);

/// What this application is to one provider. The same object for the request and for the answer, so that an answer of
/// another provider is told from it (RFC 9207).
struct oidc_client {
    std::string issuer; ///< exactly as the provider's discovery document spells it
    std::string client_id;
    std::string redirect_uri;         ///< exactly as it was registered
    bool answers_name_issuer = false; ///< the provider announces `authorization_response_iss_parameter_supported`
    std::chrono::seconds leeway{0};   ///< how far the provider's clock may be from ours; negative counts as 0
};

/// What a login leaves behind until its answer comes. Only the browser that began it can finish it.
struct login_state {
    std::string state, nonce, code_verifier; ///< 43 characters each; the verifier is a secret of the server
    std::string issuer;                      ///< who was asked
    std::string return_to;                   ///< a path of ours
    unix_time started{};
};

/// A login that was begun, and the value for `http::cookies::login_state()`.
struct started_login {
    login_state state;
    std::string sealed; ///< at most 2,100 characters
};

/// Makes the states of logins and knows them again; nothing is kept on the server. The sealed text holds a seed, not
/// the state, nonce and verifier: these are HMACs of it under our key, so whoever reads the cookie knows none of them,
/// and whoever writes one is refused. Shared by threads.
///
/// Example: `auto login = states.begin(client, "/orders", now); set_cookie(login->sealed);
/// redirect(*authorization_url(...));`
class login_states {
public:
    /// `lifetime`: from the redirect to the answer; at least as long as people need to log in.
    explicit login_states(mac_key key, std::chrono::seconds lifetime = std::chrono::minutes{10}) noexcept
        : key_{std::move(key)}, lifetime_{lifetime} {}

    /// `out_of_range` where `return_to` is no path of this site ("//host", "https:..."), or it or the issuer is longer
    /// than 700.
    [[nodiscard]] SIGNET_DECL result<started_login> begin(oidc_client const& client, std::string_view return_to,
                                                          unix_time now, random_ref rng = system_random()) const;
    /// `login_state_mismatch` for everything that is not ours, or too old.
    [[nodiscard]] SIGNET_DECL result<login_state> open(std::string_view sealed, unix_time now) const;

private:
    mac_key key_;
    std::chrono::seconds lifetime_;
};

/// OpenID Connect Core 3.1.2.1 `prompt`; `unset` sends none.
enum class login_prompt : std::uint8_t { unset, none, login, consent, select_account };

/// The parameters of an authorization request that applications choose. Views, read during the call; empty ones are
/// left out.
struct authorization_request {
    std::string_view scope = "openid";
    std::string_view resource{}; ///< RFC 8707
    login_prompt prompt = login_prompt::unset;
    std::string_view login_hint{}, acr_values{};
    std::string_view dpop_jkt{};                   ///< RFC 9449 10: the code is bound to that key
    std::optional<std::chrono::seconds> max_age{}; ///< since the user was authenticated
};

/// B18: silent authentication. The answer is a code, or `login_required`.
[[nodiscard]] constexpr authorization_request silent_authentication(std::string_view resource) noexcept {
    return {.resource = resource, .prompt = login_prompt::none};
}

/// The URL to send the browser to: `response_type=code`, PKCE S256, state and nonce always. `unsupported_uri_scheme`
/// for an endpoint that is not https, `malformed_uri` for one with a fragment or malformed.
[[nodiscard]] SIGNET_DECL result<std::string> authorization_url(std::string_view endpoint, oidc_client const& client,
                                                                authorization_request const& request,
                                                                login_state const& login);

/// Reads what came back to `redirect_uri`: the query without its question mark. Gives the code.
///
/// In this order: `header_too_large` (over 8 KiB or 64 parameters), `malformed_uri` (malformed, a parameter twice,
/// neither code nor error, both), `login_state_mismatch` (`state` is missing or another; `iss` is another's, or missing
/// where it is promised), `login_required` (`login_required`, and the other refusals that only a user can resolve:
/// `interaction_required`, `consent_required`, `account_selection_required`), `login_refused` (every other `error`).
/// Where it is refused by the provider, `*error_code` gets the error's name, for the log.
[[nodiscard]] SIGNET_DECL result<std::string> read_authorization_answer(std::string_view query,
                                                                        login_state const& login,
                                                                        oidc_client const& client,
                                                                        std::string* error_code = nullptr);

/// The body of the request that trades the code (RFC 6749 4.1.3, RFC 7636 4.5), as application/x-www-form-urlencoded.
/// With an assertion it authenticates the client by RFC 7523.
[[nodiscard]] SIGNET_DECL std::string code_request(std::string_view code, login_state const& login,
                                                   oidc_client const& client, std::string_view resource = {},
                                                   std::string_view client_assertion = {});

}}} // namespace signet::oidc

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/oidc/impl/login.ipp>
#endif

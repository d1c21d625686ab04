// SPDX-License-Identifier: BSL-1.0
// Authorization codes: issued for one client, exchanged once (RFC 6749 section 4.1, RFC 7636, RFC 9700 section 2.1).
#pragma once

#include <signet/core/random.hpp>
#include <signet/core/result.hpp>
#include <signet/core/secret.hpp>
#include <signet/core/time.hpp>
#include <signet/crypto/digest.hpp>
#include <signet/crypto/random.hpp>
#include <signet/oauth/token_issuer.hpp>
#include <signet/oidc/provider.hpp>
#include <signet/proof/verified_key.hpp>
#include <signet/store/task.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace signet { inline namespace SIGNET_ABI { namespace oidc {

/// The grants of a token endpoint that signet can answer.
enum class grant_type : std::uint8_t { authorization_code, refresh_token };

/// A request to the token endpoint, read and not yet answered. Owns its texts; what was not sent is empty.
struct token_request {
    grant_type grant{};
    /// `client_id`, or without it the `sub` of the assertion. Of a confidential client it counts only after
    /// `client_assertion` was verified; answer `invalid_client` with 401 if that fails, or if there is none.
    std::string client{};
    std::string code{};         ///< of `authorization_code`
    std::string redirect_uri{}; ///< of `authorization_code`
    secret code_verifier{};     ///< of `authorization_code`
    secret refresh_token{};     ///< of `refresh_token`
    std::string resource{}, scope{};
    std::string client_assertion{}; ///< verify it with `client_assertion_policy`
};

/// Reads the body of a request to the token endpoint (RFC 6749 sections 4.1.3 and 6). Send errors as
/// `oauth_error(code, role::authorization_server)` says.
///
/// Errors: `header_too_large` beyond 8 KiB or 64 parameters; `malformed_uri` for malformed text, a repeated parameter,
/// a grant without its code, verifier or token, and an assertion of another type; `grant_type_unsupported`.
[[nodiscard]] SIGNET_DECL result<token_request> read_token_request(std::string_view body);

/// Returns the policy of a verifier for the assertions by which a client authenticates itself (RFC 7523 section 3).
/// Refuse a `jti` the second time, with `proof::replay_guard`. `token_endpoint` is an audience that older clients name.
[[nodiscard]] SIGNET_DECL jwt::policy client_assertion_policy(std::string_view client_id, std::string_view issuer,
                                                              std::string_view token_endpoint);

/// What a code was exchanged for.
struct code_grant {
    std::string user, client, session;
    std::string scope{}, resource{}, nonce{}, acr{};
    std::vector<std::string> amr{};
    unix_time auth_time{};
    /// The key that the exchange proved, to which the access token is bound.
    std::optional<crypto::sha256_digest> sender{};

    using owns_its_views = void; ///< a temporary result of it has no `->`
    /// Return the arguments of `oauth::token_issuer::issue`: who logged in, and scope, resource and key of the access
    /// token. Their views refer to this object. If no resource was asked for, set one.
    [[nodiscard]] SIGNET_DECL oauth::authentication_info login() const& [[clang::lifetimebound]];
    [[nodiscard]] SIGNET_DECL oauth::access_params access() const& [[clang::lifetimebound]];
    oauth::authentication_info login() const&& = delete;
    oauth::access_params access() const&& = delete;
};

/// One request for the exchange of a code. Read during the call.
struct code_exchange {
    std::string_view code;
    std::string_view client;                     ///< authenticated, or only named if the client is public
    std::string_view redirect_uri;               ///< as in the login request
    std::string_view code_verifier;              ///< RFC 7636 section 4.5
    proof::verified_key const* proved = nullptr; ///< the key of the request's DPoP proof
};

/// The number of characters of every code.
inline constexpr std::size_t authorization_code_size = 43;

/// Times of a code. They are measured with the caller's clock.
struct code_policy {
    std::chrono::seconds lifetime{60};  ///< from issue to exchange; 1 to 600 (RFC 6749 section 4.1.2)
    std::chrono::seconds remember{600}; ///< how long afterwards a second use is reported as `code_reused`
};

/// The authorization codes of one provider. The store has one record for each code, named by its hash.
///
/// Each operation is a `store::task`, for `run(operation, db)` or your own loop.
///
/// Thread safety: may be called concurrently.
/// Lifetime: operations copy their arguments and may outlive this object; `frames` must outlive them.
///
/// @par Example
/// `auto const codes = *oidc::authorization_codes::make();`
/// `auto const code = run(codes.issue(*request, {.user = "anna", .client = request->client, .session = sid, .auth_time
/// = now}, now), db);`
/// `redirect(code_url(*request, issuer, *code));`
class authorization_codes {
public:
    /// Makes the codes of a provider. Errors: `out_of_range` for times beyond their limits.
    [[nodiscard]] static SIGNET_DECL result<authorization_codes> make(code_policy policy = {});

    /// Issues a code that answers `request` for the user who is logged in. It is bound to the request's client,
    /// redirect URI, code challenge and key. One request to the store. `login.nonce` is ignored; the request's counts.
    ///
    /// Errors: `out_of_range` for an empty user, session or time of authentication, for what is too long, and for more
    /// than 8 `amr`; `client_mismatch` if `login.client` is another one; `random_failed`; those of the store.
    [[nodiscard]] SIGNET_DECL store::task<std::string> issue(login_request const& request,
                                                             oauth::authentication_info const& login, unix_time now,
                                                             random_ref rng = system_random(),
                                                             std::pmr::memory_resource* frames = nullptr) const;

    /// Exchanges a code, once: a compare-and-swap marks it as used. Two requests to the store. The session may have
    /// ended since the code was issued: look it up before you issue tokens.
    ///
    /// Errors that change nothing, each `invalid_grant` at a token endpoint: `code_unknown` for a code that is not the
    /// provider's, is another client's, was sent to another redirect URI, or was forgotten; `code_verifier_mismatch`;
    /// `code_sender_mismatch` if the key that the code is bound to was not proved; `code_expired`; `code_reused` for
    /// the second use, after which `find_exchanged` says what to revoke. Those of the store: after
    /// `outcome_unknown` the code may have been used, so the user logs in again.
    [[nodiscard]] SIGNET_DECL store::task<code_grant> exchange(code_exchange const& request, unix_time now,
                                                               std::pmr::memory_resource* frames = nullptr) const;

    /// Returns what a code was exchanged for, after `code_reused`: revoke the tokens that its client has for that
    /// session, or end the session (RFC 6749 section 4.1.2). Errors: `code_unknown`; those of the store.
    [[nodiscard]] SIGNET_DECL store::task<code_grant> find_exchanged(std::string_view code, unix_time now,
                                                                     std::pmr::memory_resource* frames = nullptr) const;

private:
    explicit authorization_codes(code_policy policy) noexcept : policy_{policy} {}
    code_policy policy_;
};

}}} // namespace signet::oidc

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/oidc/impl/authorization_code.ipp>
#endif

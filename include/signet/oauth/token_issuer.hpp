// SPDX-License-Identifier: BSL-1.0
// The tokens of one login: issued together, bound together (RFC 9068, OpenID Connect Core sections 2 and
// 3.1.3).
#pragma once

#include <signet/core/random.hpp>
#include <signet/crypto/digest.hpp>
#include <signet/crypto/random.hpp>
#include <signet/http/cache_control.hpp>
#include <signet/jwt/signer.hpp>
#include <signet/jwt/verified.hpp>
#include <signet/oauth/refresh.hpp>

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace signet { inline namespace SIGNET_ABI { namespace oauth {

/// One authentication, by any method. All tokens of a login agree on it. The views are read during the call.
struct authentication_info {
    std::string_view user;               ///< `sub`
    std::string_view client;             ///< `client_id` of the access token, `aud` of the ID token
    std::string_view session;            ///< `sid`: public, not the cookie
    unix_time auth_time{};               ///< when the user was last authenticated
    std::string_view nonce{};            ///< the value in the authorization request, if it had one
    std::string_view acr{};              ///< how strong the authentication was
    std::vector<std::string_view> amr{}; ///< RFC 8176: "pwd", "otp", "hwk"
};

/// The parameters of an access token. The views are read during the call.
struct access_params {
    std::string_view resource{}; ///< `aud`, a single string
    std::string_view scope{};
    std::string_view tenant{}, app_name{}, app_id{}; ///< `tid`, `app_name` and `app_id`; omitted if empty
    std::vector<std::string_view> roles{};
    std::optional<crypto::sha256_digest>
        sender{}; ///< the key of the request's DPoP proof: `cnf.jkt`, and token type DPoP
    std::chrono::seconds lifetime{3600};
};

/// The answer of a token endpoint. Everything in it is a credential.
struct token_set {
    std::string access_token;
    std::string id_token{};                 ///< empty after a refresh
    std::optional<refresh_token> refresh{}; ///< only if `offline_access` was granted; see `add`
    std::string scope{};
    std::chrono::seconds expires_in{3600};
    bool dpop = false;
    std::string user, client, session; ///< whose tokens these are; not part of the answer

    /// Adds the first token of a family. Errors: `refresh_scope_exceeded` if the scope has no `offline_access`;
    /// `login_mismatch` if the family has another user, client or session.
    [[nodiscard]] SIGNET_DECL result<void> add(refresh_grant const& family);

    /// Returns the body of the answer (RFC 6749 section 5.1), to send with `token_response_fields`. Errors:
    /// `json_not_utf8` for a scope that is not UTF-8.
    [[nodiscard]] SIGNET_DECL result<std::string> to_json() const;
};

/// The header fields of an answer with tokens: no cache keeps it (RFC 6749 section 5.1).
inline constexpr std::array<http::header_field, 3> token_response_fields{
    {{"Content-Type", "application/json"}, {"Cache-Control", "no-store"}, {"Pragma", "no-cache"}}};

/// The `typ` of access and ID tokens. They differ so that neither is accepted as the other (RFC 8725 section 3.11).
inline constexpr std::string_view access_token_type = "at+jwt", id_token_type = "JWT";

/// Returns the `at_hash` of an access token for an ID token of that algorithm: the left half of its hash (OpenID
/// Connect Core section 3.1.3.6). For ML-DSA no standard names a hash for this; it is half of the 64 octets of
/// SHAKE256. Agree on that with the relying parties, or sign ID tokens with another algorithm.
[[nodiscard]] SIGNET_DECL std::string access_token_hash(std::string_view access_token, alg id_token_algorithm);

/// Checks whether an access and an ID token are of one login: same issuer, user, client and session. Errors:
/// `login_mismatch` if one differs or is missing.
[[nodiscard]] SIGNET_DECL result<void> same_login(jwt::claims_view const& access, jwt::claims_view const& id) noexcept;
/// Checks whether an access token and a refresh token that was just exchanged have the same user, client and session.
/// Errors: `login_mismatch`.
[[nodiscard]] SIGNET_DECL result<void> same_login(jwt::claims_view const& access,
                                                  refresh_grant const& refreshed) noexcept;

namespace detail {
SIGNET_DECL result<jwt::claims> access_claims(std::string_view issuer, authentication_info const& login,
                                              access_params const& params, unix_time now, random_ref rng);
SIGNET_DECL result<jwt::claims> id_claims(std::string_view issuer, authentication_info const& login,
                                          std::string_view access_token, alg a, std::chrono::seconds lifetime,
                                          unix_time now);
SIGNET_DECL token_set empty_set(authentication_info const& login, access_params const& params);
} // namespace detail

/// Issues the tokens of logins, all signed with one key.
///
/// Thread safety: may be called concurrently.
///
/// @par Example
/// `auto issuer = oauth::token_issuer<es256>::make(key, "https://id.example", "k1");`
/// `auto set = issuer->issue({.user = "anna", .client = "app", .session = sid, .auth_time = now}, {.resource =
/// "orders"}, now);`
template <algorithm A> class token_issuer {
public:
    /// Makes an issuer. `key` is anything that `jwt::signer<A>` takes. Errors: those of the signer.
    template <class K>
    [[nodiscard]] static result<token_issuer> make(K const& key, std::string issuer, std::string_view key_id) {
        auto access = jwt::signer<A>::make(key, {.type = access_token_type, .key_id = key_id});
        auto id = jwt::signer<A>::make(key, {.type = id_token_type, .key_id = key_id});
        if (!access) return access.error();
        if (!id) return id.error();
        return token_issuer{std::move(issuer), *std::move(access), *std::move(id)};
    }

    /// Issues the access and ID token of an authentication. `token_set::add` adds a refresh token.
    ///
    /// Errors: `out_of_range` for an empty user, client, session or resource, and for a lifetime outside 1 s .. 24 h;
    /// those of the claims and the signer.
    [[nodiscard]] result<token_set> issue(authentication_info const& login, access_params const& params, unix_time now,
                                          random_ref rng = system_random()) const {
        auto set = issue_access(login, params, now, rng);
        if (!set) return set;
        auto const claims = detail::id_claims(issuer_, login, set->access_token, A::id, params.lifetime, now);
        if (!claims) return claims.error();
        auto token = id_.sign(*claims);
        if (!token) return token.error();
        set->id_token = *std::move(token);
        return set;
    }

    /// Answers a refresh: an access token for the family's user, client, session, scope and key, and the successor of
    /// the refresh token. Scope, resource and sender are those of `refreshed`; their values in `params` are ignored.
    ///
    /// Errors: those of `issue`, so that a family which was begun without a session gets no tokens here.
    [[nodiscard]] result<token_set> renew(refresh_grant const& refreshed, access_params params, unix_time now,
                                          random_ref rng = system_random()) const {
        params.resource = refreshed.resource;
        params.scope = refreshed.scope;
        params.sender = refreshed.sender;
        auto set = issue_access({.user = refreshed.user, .client = refreshed.client, .session = refreshed.session},
                                params, now, rng);
        if (set) set->refresh = refreshed.token;
        return set;
    }

private:
    token_issuer(std::string issuer, jwt::signer<A> access, jwt::signer<A> id) noexcept
        : issuer_{std::move(issuer)}, access_{std::move(access)}, id_{std::move(id)} {}

    result<token_set> issue_access(authentication_info const& login, access_params const& params, unix_time now,
                                   random_ref rng) const {
        auto const claims = detail::access_claims(issuer_, login, params, now, rng);
        if (!claims) return claims.error();
        auto token = access_.sign(*claims);
        if (!token) return token.error();
        auto set = detail::empty_set(login, params);
        set.access_token = *std::move(token);
        return set;
    }

    std::string issuer_;
    jwt::signer<A> access_, id_;
};

}}} // namespace signet::oauth

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/oauth/impl/token_issuer.ipp>
#endif

// SPDX-License-Identifier: BSL-1.0
// The tokens of one login: issued together, bound together (RULES B1-B3, B6; RFC 9068, OpenID Connect Core 2
// and 3.1.3).
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

/// One authentication, whatever its method: what all its tokens say alike (B3). Views, read during the call.
struct authentication_info {
    std::string_view user;               ///< `sub`
    std::string_view client;             ///< `client_id` of the access token, `aud` of the ID token
    std::string_view session;            ///< `sid`: public, not the cookie
    unix_time auth_time{};               ///< when the user was last authenticated
    std::string_view nonce{};            ///< of the authorization request, where it had one
    std::string_view acr{};              ///< how strong the authentication was
    std::vector<std::string_view> amr{}; ///< RFC 8176: "pwd", "otp", "hwk"
};

/// What the access token is for. Views, read during the call.
struct access_params {
    std::string_view resource{}; ///< `aud`, a single string
    std::string_view scope{};
    std::string_view tenant{}, app_name{}, app_id{}; ///< `tid`, `app_name`, `app_id`; empty ones are left out
    std::vector<std::string_view> roles{};
    std::optional<crypto::sha256_digest>
        sender{}; ///< the key of the request's DPoP proof: `cnf.jkt`, and token type DPoP
    std::chrono::seconds lifetime{3600};
};

/// What a token endpoint answers. Everything in it is a credential.
struct token_set {
    std::string access_token;
    std::string id_token{};                 ///< empty after a refresh
    std::optional<refresh_token> refresh{}; ///< B1: only where offline_access was granted; see `add`
    std::string scope{};
    std::chrono::seconds expires_in{3600};
    bool dpop = false;
    std::string user, client, session; ///< whose it is; not part of the answer

    /// Adds the first token of a family. `refresh_scope_exceeded` where the scope has no `offline_access` (B1);
    /// `login_mismatch` where the family is another user's, client's or session's (B3).
    [[nodiscard]] SIGNET_DECL result<void> add(refresh_grant const& family);

    /// The body of the answer (RFC 6749 5.1), to be sent with `token_response_fields`. `json_not_utf8` for such a
    /// scope.
    [[nodiscard]] SIGNET_DECL result<std::string> to_json() const;
};

/// The fields of an answer with tokens: no cache keeps it (RFC 6749 5.1).
inline constexpr std::array<http::header_field, 3> token_response_fields{
    {{"Content-Type", "application/json"}, {"Cache-Control", "no-store"}, {"Pragma", "no-cache"}}};

/// The media types of the headers of both kinds, so that neither passes for the other (RFC 8725 3.11).
inline constexpr std::string_view access_token_type = "at+jwt", id_token_type = "JWT";

/// `at_hash` of an access token in an ID token of that algorithm: the left half of its hash (OpenID Connect
/// Core 3.1.3.6).
[[nodiscard]] SIGNET_DECL std::string access_token_hash(std::string_view access_token, alg id_token_algorithm);

/// B3: whether an access and an ID token are of one login: same issuer, user, client and session. `login_mismatch`
/// otherwise, also where one of them does not say. Only verified tokens are claims.
[[nodiscard]] SIGNET_DECL result<void> same_login(jwt::claims_view const& access, jwt::claims_view const& id) noexcept;
/// The same for a refresh token that was just traded: user, client and session.
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

/// Issues the tokens of logins, all signed with one key. Made once, shared by threads.
///
/// Example: `auto issuer = oauth::token_issuer<es256>::make(key, "https://id.example", "k1");`
/// `auto set = issuer->issue({.user = "anna", .client = "app", .session = sid, .auth_time = now}, {.resource =
/// "orders"}, now);`
template <algorithm A> class token_issuer {
public:
    /// `key` is anything that `jwt::signer<A>` takes. Errors: those of the signer.
    template <class K>
    [[nodiscard]] static result<token_issuer> make(K const& key, std::string issuer, std::string_view key_id) {
        auto access = jwt::signer<A>::make(key, {.type = access_token_type, .key_id = key_id});
        auto id = jwt::signer<A>::make(key, {.type = id_token_type, .key_id = key_id});
        if (!access) return access.error();
        if (!id) return id.error();
        return token_issuer{std::move(issuer), *std::move(access), *std::move(id)};
    }

    /// B1, B2: access and ID token of an authentication; the refresh token comes with `token_set::add`.
    /// Errors: `out_of_range` (no user, client, session or resource; a life outside 1 s .. 24 h), the claims' and the
    /// signer's.
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

    /// The answer to a refresh: an access token of the family's user, client, session, scope and key, and the
    /// successor. What `params` says about scope, resource and sender is taken from `refreshed` instead.
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

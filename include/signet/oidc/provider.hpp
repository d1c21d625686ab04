// SPDX-License-Identifier: BSL-1.0
// What an OpenID provider sends to its clients: logout tokens (OpenID Connect Back-Channel Logout section 2.4).
#pragma once

#include <signet/core/random.hpp>
#include <signet/core/result.hpp>
#include <signet/core/time.hpp>
#include <signet/crypto/random.hpp>
#include <signet/jwt/signer.hpp>
#include <signet/oidc/id_token.hpp>

#include <string>
#include <string_view>

namespace signet { inline namespace SIGNET_ABI { namespace oidc {

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

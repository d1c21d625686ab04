// SPDX-License-Identifier: BSL-1.0
// Policies for the tokens of well-known identity providers, and where these write scopes and roles.
#pragma once

#include <signet/crypto/key.hpp>
#include <signet/jose/jwk_set.hpp>
#include <signet/jwt/policy.hpp>

#include <string>
#include <string_view>

namespace signet { inline namespace SIGNET_ABI { namespace jwt {

namespace detail { // named for what a compiler says where one of them is left out
struct audience_client_and_tenant_have_no_default {};
} // namespace detail

/// The accepted values: one string, or several alternatives. There is no default, and the check cannot be waived. With
/// a null pointer or an empty string, such as from a variable that is not set, no token is accepted.
class allowed_values {
public:
    allowed_values(detail::audience_client_and_tenant_have_no_default = {}) = delete; // state one
    allowed_values(std::nullptr_t) = delete;
    /// Takes one string, or several alternatives.
    SIGNET_DECL allowed_values(char const* text);
    SIGNET_DECL allowed_values(std::string_view text);
    SIGNET_DECL allowed_values(std::string text);
    SIGNET_DECL allowed_values(one_of texts);

    /// Returns the texts, without empty ones.
    [[nodiscard]] std::vector<std::string> const& texts() const noexcept { return texts_; }
    /// Returns a policy's member that accepts these values.
    [[nodiscard]] SIGNET_DECL must_be as_must_be() const;

private:
    std::vector<std::string> texts_;
};

/// The leeway of the policies of this file. Another one: `auto p = jwt::okta(...); p.leeway = 5s;`.
inline constexpr std::chrono::seconds provider_leeway{30};

/// An API whose access tokens follow RFC 9068, of any authorization server.
struct rfc9068_params {
    allowed_values issuer;     ///< exactly as `iss` has it, with or without a slash at the end
    allowed_values audience;   ///< the server's name for your API
    must_be client = anything; ///< the clients that may show tokens: `client_id`
};
/// Returns the policy for access tokens by RFC 9068: `typ` is `at+jwt`, and the claims of section 2.2 are there.
///
/// Example: `jwt::verifier access{keys, jwt::rfc9068({.issuer = "https://id.example", .audience = "orders"})};`
[[nodiscard]] SIGNET_DECL policy rfc9068(rfc9068_params const& params);

/// An API of an Auth0 tenant.
struct auth0_params {
    allowed_values domain;     ///< `shop.eu.auth0.com`, or your own domain
    allowed_values audience;   ///< the API's identifier; never a client's id
    must_be client = anything; ///< the applications that may show tokens: `azp`, or `client_id` with RFC 9068's profile
};
/// Returns the policy for access tokens of Auth0, with either profile. An ID token names no client, and is refused.
[[nodiscard]] SIGNET_DECL policy auth0(auth0_params const& params);

/// An API of an Okta authorization server that you have added. Tokens of the organisation's own server are for Okta
/// alone, and no API can verify them.
struct okta_params {
    allowed_values issuer;     ///< `https://shop.okta.com/oauth2/default`
    allowed_values audience;   ///< the authorization server's audience: `api://default`
    must_be client = anything; ///< the applications that may show tokens: `cid`
};
/// Returns the policy for access tokens of Okta. An ID token has neither `cid` nor `scp`, and is refused.
[[nodiscard]] SIGNET_DECL policy okta(okta_params const& params);

/// Whether an access token of Entra ID must have `scp` or `roles`.
enum class entra_permissions : unsigned char {
    required, ///< one of them must be there; else `claim_missing`
    optional, ///< a token of an application that was granted nothing is accepted: the API must check the client itself
};

/// An API of a Microsoft Entra ID tenant, formerly Azure AD.
struct entra_params {
    /// The directory's id, not its domain name. If there are several, `iss` must belong to the tenant in `tid`: the
    /// policy then has a `tenant_claim`, and a `multi_issuer_verifier` accepts one such policy for each version.
    allowed_values tenant;
    allowed_values audience;   ///< version 1: `api://<id>`; version 2: the API's id alone
    must_be client = anything; ///< the applications that may show tokens: `appid` in version 1, `azp` in 2
    entra_permissions permissions = entra_permissions::required; ///< whether `scp` or `roles` must be there
};
/// Returns the policy for access tokens of version 1 (`iss` is `https://sts.windows.net/<tenant>/`), which an API gets
/// unless its manifest says `requestedAccessTokenVersion: 2`. An ID token has no `appid`, and is refused.
///
/// Any application of the tenant can get a token for the API. A token of an application that was granted nothing has
/// neither `scp` nor `roles`, and is refused unless `permissions` is `optional`.
[[nodiscard]] SIGNET_DECL policy entra_v1(entra_params const& params);
/// Returns the policy for access tokens of version 2 (`https://login.microsoftonline.com/<tenant>/v2.0`). An ID token
/// has no `azp`, and is refused. `scp` or `roles` must be there as in version 1.
[[nodiscard]] SIGNET_DECL policy entra_v2(entra_params const& params);

/// The `iss` of Entra ID's tokens of version 2, and of its keys that are for all tenants.
inline constexpr std::string_view entra_issuer = "https://login.microsoftonline.com/{tenantid}/v2.0";

/// An API for many tenants of Entra ID.
struct entra_multi_tenant_params {
    allowed_values audience; ///< the API's id
    must_be tenants; ///< the accepted tenants; `anything` accepts every organisation with a directory at Microsoft
    must_be client = anything;                                   ///< the applications that may show tokens: `azp`
    entra_permissions permissions = entra_permissions::required; ///< whether `scp` or `roles` must be there
};
/// Returns the policy for access tokens of version 2 from many tenants: `iss` must be that of the tenant in `tid`. Read
/// the keys with `keys_for_issuer`, because some keys of the common set are for one tenant alone.
[[nodiscard]] SIGNET_DECL policy entra_multi_tenant(entra_multi_tenant_params const& params);

/// A login by Google.
struct google_params {
    allowed_values client_id;         ///< your client's id, ends in `.apps.googleusercontent.com`
    must_be hosted_domain = anything; ///< the organisation's domain: `hd`
};
/// Returns the policy for ID tokens of Google, whose access tokens are no JWTs. For a login use <signet/oidc.hpp>,
/// which checks `nonce` too; an ID token is not made to be shown to an API.
[[nodiscard]] SIGNET_DECL policy google_id_token(google_params const& params);

/// An API of a Keycloak realm.
struct keycloak_params {
    allowed_values realm;      ///< `https://sso.example.com/realms/shop`, as `iss` has it
    allowed_values audience;   ///< what an audience mapper of yours adds; without one it is `account` for every API
    must_be client = anything; ///< the clients that may show tokens: `azp`
};
/// Returns the policy for access tokens of Keycloak. The claim `typ` distinguishes them from ID, refresh and logout
/// tokens of the realm. It is `Bearer`, or `DPoP` for a token that is bound to a key. An API that accepts the scheme
/// `Bearer` must call `proof::accept_bearer`, which refuses such a token without a proof.
[[nodiscard]] SIGNET_DECL policy keycloak(keycloak_params const& params);

/// An API of an Amazon Cognito user pool.
struct cognito_params {
    allowed_values region;     ///< `eu-central-1`
    allowed_values user_pool;  ///< `eu-central-1_Ab3dEfGhI`
    allowed_values client_id;  ///< the app clients that may show tokens: `client_id`
    must_be audience = absent; ///< `aud`, which only tokens of a pool with resource servers bound to clients have
};
/// Returns the policy for access tokens of Cognito. Of several regions and pools each pair is an issuer. An ID token
/// has another `token_use`, and is refused.
[[nodiscard]] SIGNET_DECL policy cognito(cognito_params const& params);

/// A login by Apple.
struct apple_params {
    allowed_values client_id; ///< the app's bundle id, or the website's service id
};
/// Returns the policy for ID tokens of Apple, the only tokens it issues to applications.
[[nodiscard]] SIGNET_DECL policy apple_id_token(apple_params const& params);

/// Return where the provider writes scopes and roles.
///
/// Auth0 writes roles only if you have an action that adds a claim, with a name like "https://shop.example/roles".
/// Without one, `permissions` is the nearest. Keycloak has roles of the realm, and of each client. The name of a client
/// that is empty or null has no roles.
[[nodiscard]] SIGNET_DECL permission_claims rfc9068_claims();
[[nodiscard]] SIGNET_DECL permission_claims auth0_claims(claim_path roles = "permissions");
[[nodiscard]] SIGNET_DECL permission_claims okta_claims(claim_path roles = "groups");
[[nodiscard]] SIGNET_DECL permission_claims entra_claims();
[[nodiscard]] SIGNET_DECL permission_claims keycloak_claims();
[[nodiscard]] SIGNET_DECL permission_claims keycloak_claims(std::string_view client);
[[nodiscard]] SIGNET_DECL permission_claims keycloak_claims(char const* client);
void keycloak_claims(std::nullptr_t) = delete;
[[nodiscard]] SIGNET_DECL permission_claims cognito_claims();

/// Returns a JWK set without the keys that name another issuer than this one by the member `issuer`, as Entra ID's do.
/// A key without that member stays. Give the result to `jose::parse_key_set`.
///
/// Errors: those of reading JSON; `json_wrong_type` or `json_member_missing` if it is no JWK set.
[[nodiscard]] SIGNET_DECL result<std::string> keys_for_issuer(std::string_view jwks, std::string_view issuer);

/// What an AWS Application Load Balancer must have signed.
struct alb_params {
    allowed_values issuer;    ///< of the identity provider: `iss`
    allowed_values signer;    ///< the load balancer's ARN: the keys of all load balancers have the same address
    allowed_values client_id; ///< yours at the identity provider
    std::chrono::seconds leeway = provider_leeway;
};
/// Verifies the field `x-amzn-oidc-data` of a load balancer and returns its claims. A verifier refuses that field,
/// because its base64url is padded with `=`, so it is not a JWS. Get the key, in PEM, by the field's `kid` from
/// `https://public-keys.auth.elb.<region>.amazonaws.com/<kid>`.
///
/// Errors: those of a verifier; `wrong_audience` for another client; `claim_refused` for another signer.
[[nodiscard]] SIGNET_DECL result<codec::json_document> verify_alb_data(std::string_view data, public_key const& key,
                                                                       alb_params const& params, unix_time now);
void verify_alb_data(std::string_view, public_key const&, alb_params const&, signet::detail::no_time) = delete;

}}} // namespace signet::jwt

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/jwt/impl/providers.ipp>
#endif

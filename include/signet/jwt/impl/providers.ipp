// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/codec/base64url.hpp>
#include <signet/codec/json_writer.hpp>
#include <signet/crypto/prepared_key.hpp>
#include <signet/jose/jws.hpp>
#include <signet/jwt/impl/policy.ipp>
#include <signet/jwt/providers.hpp>

#include <algorithm>
#include <array>

namespace signet { inline namespace SIGNET_ABI { namespace jwt {

// ---- allowed values ------------------------------------------------------------------------------------------------

SIGNET_DECL allowed_values::allowed_values(char const* text) : allowed_values{std::string_view{text ? text : ""}} {}
SIGNET_DECL allowed_values::allowed_values(std::string_view text) : allowed_values{std::string{text}} {}
SIGNET_DECL allowed_values::allowed_values(std::string text) {
    if (!text.empty()) texts_.push_back(std::move(text));
}
SIGNET_DECL allowed_values::allowed_values(one_of texts) {
    for (auto& text : texts.values)
        if (!text.empty()) texts_.push_back(std::move(text));
}
SIGNET_DECL must_be allowed_values::as_must_be() const { return one_of{texts_}; }

namespace detail {

/// Each of the texts, with that before and after it.
inline must_be surround(std::string_view before, allowed_values const& middle, std::string_view after) {
    std::vector<std::string> all;
    for (auto const& text : middle.texts()) all.push_back(std::string{before} + text + std::string{after});
    return one_of{std::move(all)};
}

/// A domain, of which people also have the address.
inline std::string domain_in(std::string_view text) {
    constexpr std::string_view scheme = "https://";
    if (text.starts_with(scheme)) text.remove_prefix(scheme.size());
    if (text.ends_with('/')) text.remove_suffix(1);
    return std::string{text};
}

inline policy access_policy(must_be issuer, must_be audience, must_be type) {
    return {.issuer = std::move(issuer),
            .audience = std::move(audience),
            .type = std::move(type),
            .leeway = provider_leeway};
}

/// Accepts what many write, and the profile of RFC 9068 that they are moving to.
inline must_be jwt_types() { return one_of{"JWT", "at+jwt"}; }

} // namespace detail

// ---- policies ------------------------------------------------------------------------------------------------------

SIGNET_DECL policy rfc9068(rfc9068_params const& params) {
    auto made = detail::access_policy(params.issuer.as_must_be(), params.audience.as_must_be(), "at+jwt");
    made.required = {"sub", "iat", "jti"};
    made.claim_rules = {{"client_id", params.client}};
    return made;
}

SIGNET_DECL policy auth0(auth0_params const& params) {
    std::vector<std::string> issuers;
    for (auto const& domain : params.domain.texts()) issuers.push_back("https://" + detail::domain_in(domain) + '/');
    auto made = detail::access_policy(one_of{std::move(issuers)}, params.audience.as_must_be(), detail::jwt_types());
    made.claim_rules = {{.at = "azp", .value = params.client, .or_at = "client_id"}};
    return made;
}

SIGNET_DECL policy okta(okta_params const& params) {
    auto made = detail::access_policy(params.issuer.as_must_be(), params.audience.as_must_be(),
                                      one_of{absent, "JWT", "at+jwt"});
    made.required = {"scp"};
    made.claim_rules = {{"cid", params.client}};
    return made;
}

namespace detail {

inline void require_permissions(policy& made, entra_permissions permissions) {
    if (permissions == entra_permissions::required)
        made.claim_rules.push_back({.at = "scp", .value = anything, .or_at = "roles"});
}

/// Of one tenant the name of the issuer is known. Of several it must be that of the tenant in `tid`.
inline policy entra_policy(entra_params const& params, std::string_view before, std::string_view after) {
    auto const& tenants = params.tenant.texts();
    auto const many = tenants.size() > 1;
    auto issuer = many ? must_be{std::string{before} + std::string{tenant_placeholder} + std::string{after}}
                       : surround(before, params.tenant, after);
    auto made = access_policy(std::move(issuer), params.audience.as_must_be(), jwt_types());
    if (many) made.tenant_claim = "tid";
    return made;
}

} // namespace detail

SIGNET_DECL policy entra_v1(entra_params const& params) {
    auto made = detail::entra_policy(params, "https://sts.windows.net/", "/");
    made.claim_rules = {{"appid", params.client}, {"tid", params.tenant.as_must_be()}, {"ver", "1.0"}};
    detail::require_permissions(made, params.permissions);
    return made;
}

SIGNET_DECL policy entra_v2(entra_params const& params) {
    auto made = detail::entra_policy(params, "https://login.microsoftonline.com/", "/v2.0");
    made.claim_rules = {{"azp", params.client}, {"tid", params.tenant.as_must_be()}, {"ver", "2.0"}};
    detail::require_permissions(made, params.permissions);
    return made;
}

SIGNET_DECL policy entra_multi_tenant(entra_multi_tenant_params const& params) {
    auto made = detail::access_policy(entra_issuer, params.audience.as_must_be(), detail::jwt_types());
    made.tenant_claim = "tid";
    made.claim_rules = {{"azp", params.client}, {"tid", params.tenants}, {"ver", "2.0"}};
    detail::require_permissions(made, params.permissions);
    return made;
}

SIGNET_DECL policy google_id_token(google_params const& params) {
    auto made = detail::access_policy(one_of{"https://accounts.google.com", "accounts.google.com"},
                                      params.client_id.as_must_be(), "JWT");
    made.required = {"sub", "iat"};
    if (!params.hosted_domain.waived()) made.claim_rules = {{"hd", params.hosted_domain}};
    return made;
}

SIGNET_DECL policy keycloak(keycloak_params const& params) {
    auto made = detail::access_policy(params.realm.as_must_be(), params.audience.as_must_be(), detail::jwt_types());
    made.claim_rules = {{"typ", one_of{"Bearer", "DPoP"}}, {"azp", params.client}};
    return made;
}

SIGNET_DECL policy cognito(cognito_params const& params) {
    std::vector<std::string> issuers;
    for (auto const& region : params.region.texts())
        for (auto const& pool : params.user_pool.texts())
            issuers.push_back(
                std::string{"https://cognito-idp."}.append(region).append(".amazonaws.com/").append(pool));
    auto made = detail::access_policy(one_of{std::move(issuers)}, params.audience, one_of{absent, "JWT", "at+jwt"});
    made.claim_rules = {{"token_use", "access"}, {"client_id", params.client_id.as_must_be()}};
    return made;
}

SIGNET_DECL policy apple_id_token(apple_params const& params) {
    auto made =
        detail::access_policy("https://appleid.apple.com", params.client_id.as_must_be(), one_of{absent, "JWT"});
    made.required = {"sub", "iat"};
    return made;
}

// ---- scopes and roles ----------------------------------------------------------------------------------------------

SIGNET_DECL permission_claims rfc9068_claims() { return {}; }
SIGNET_DECL permission_claims auth0_claims(claim_path roles) { return {.scope = "scope", .roles = std::move(roles)}; }
SIGNET_DECL permission_claims okta_claims(claim_path roles) { return {.scope = "scp", .roles = std::move(roles)}; }
SIGNET_DECL permission_claims entra_claims() { return {.scope = "scp", .roles = "roles"}; }
SIGNET_DECL permission_claims keycloak_claims() { return {.scope = "scope", .roles = {"realm_access", "roles"}}; }
SIGNET_DECL permission_claims keycloak_claims(char const* client) {
    return keycloak_claims(std::string_view{client ? client : ""});
}
SIGNET_DECL permission_claims keycloak_claims(std::string_view client) {
    if (client.empty()) return {.scope = "scope", .roles = {}};
    return {.scope = "scope", .roles = {"resource_access", client, "roles"}};
}
SIGNET_DECL permission_claims cognito_claims() { return {.scope = "scope", .roles = "cognito:groups"}; }

// ---- keys of one issuer --------------------------------------------------------------------------------------------

SIGNET_DECL result<std::string> keys_for_issuer(std::string_view jwks, std::string_view issuer) {
    jose::key_set_limits const limits;
    auto const document =
        codec::json_document::parse(jwks, {.max_size = limits.max_text, .max_values = 32 * limits.max_keys});
    if (!document) return document.error();
    auto const keys = document->root().find("keys");
    if (!keys) return keys.error();
    if (!keys->is_array()) return errc::json_wrong_type;
    std::string text;
    output out{text};
    codec::json_writer writer{out};
    writer.begin_object().name("keys").begin_array();
    for (auto const key : *keys) {
        auto const whose = key.find("issuer");
        if (!whose && whose.error() != errc::json_member_missing) return whose.error();
        if (whose && whose->as_string().value_or("") != issuer) continue;
        writer.value(key);
    }
    writer.end_array().end_object();
    if (auto const done = writer.finish(); !done) return done.error();
    return text;
}

// ---- AWS ALB -------------------------------------------------------------------------------------------------------

namespace detail {

/// The field is a part of a request's header, which servers bound to about this size.
inline constexpr std::size_t max_alb_header = 1024;

inline std::string_view unpadded(std::string_view part) noexcept {
    return part.substr(0, part.find_last_not_of('=') + 1);
}

/// Whether that member is one of these texts.
inline bool is_allowed_text(codec::json_value object, std::string_view name, allowed_values const& wanted) noexcept {
    auto const found = object.find(name);
    auto const text = found ? found->as_string() : result<std::string_view>{found.error()};
    return text && std::find(wanted.texts().begin(), wanted.texts().end(), *text) != wanted.texts().end();
}

inline result<void> check_alb_header(std::string_view encoded, alb_params const& params) {
    std::array<char, max_alb_header> text;
    std::array<codec::json_node, jose::max_header_nodes(max_alb_header)> nodes;
    auto const header = jose::read_header(unpadded(encoded), text, nodes);
    if (!header) return header.error();
    if (header->algorithm != alg::es256) return errc::algorithm_mismatch;
    if (!is_allowed_text(header->root, "signer", params.signer)) return errc::claim_refused;
    if (!is_allowed_text(header->root, "client", params.client_id)) return errc::wrong_audience;
    return {};
}

} // namespace detail

SIGNET_DECL result<codec::json_document> verify_alb_data(std::string_view data, public_key const& key,
                                                         alb_params const& params, unix_time now) {
    if (now <= unix_time{}) return errc::time_not_set;
    auto const parts = jose::split_compact(data, default_max_token);
    if (!parts) return parts.error();
    auto const signature = codec::base64url_decode(detail::unpadded(parts->signature));
    if (!signature) return signature.error();
    if (!crypto::detail::verify_once(key, alg::es256, as_bytes(parts->signing_input), *signature))
        return errc::bad_signature;
    if (auto const good = detail::check_alb_header(parts->header, params); !good) return good.error();

    auto const payload = codec::base64url_decode(detail::unpadded(parts->payload));
    if (!payload) return payload.error();
    auto document = codec::json_document::parse(as_text(*payload));
    if (!document) return document.error();
    auto const claims = document->root();
    if (!claims.is_object()) return errc::malformed_payload;
    if (!detail::is_allowed_text(claims, "iss", params.issuer)) return error{errc::wrong_issuer, field_name::iss};
    auto const exp = claims.find("exp");
    auto const until = exp ? exp->as_int64() : result<std::int64_t>{exp.error()};
    if (!until) return error{errc::expiry_missing, field_name::exp};
    auto const early = saturating_add(now, -detail::not_negative(params.leeway));
    if (unix_time{std::chrono::seconds{*until}} <= early) return error{errc::expired, field_name::exp};
    return document;
}

}}} // namespace signet::jwt

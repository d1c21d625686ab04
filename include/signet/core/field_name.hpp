// SPDX-License-Identifier: BSL-1.0
// What an error can be about: the names that protocols give to claims, header parameters, members and header fields.
#pragma once

#include <signet/core/enum_names.hpp>

#include <cstdint>

namespace signet { inline namespace SIGNET_ABI {

/// A claim, header parameter, JWK member or HTTP header field that an error is about. Names that only an application
/// knows are `none`, because an error holds no text.
enum class field_name : std::uint8_t {
    none,
    // header parameters (RFC 7515 4.1, RFC 7516 4.1) and members of a JWK (RFC 7517 4, RFC 7518 6)
    alg,
    typ,
    cty,
    kid,
    crit,
    b64,
    jku,
    jwk,
    x5u,
    x5c,
    x5t,
    x5t_s256,
    enc,
    kty,
    use,
    key_ops,
    crv,
    x,
    y,
    n,
    e,
    d,
    p,
    q,
    dp,
    dq,
    qi,
    oth,
    k,
    keys,
    // claims (RFC 7519 4.1, RFC 7800, RFC 8693, RFC 9068, OpenID Connect)
    iss,
    sub,
    aud,
    exp,
    nbf,
    iat,
    jti,
    cnf,
    jkt,
    scope,
    client_id,
    azp,
    nonce,
    auth_time,
    acr,
    amr,
    at_hash,
    sid,
    events,
    roles,
    groups,
    entitlements,
    name,
    email,
    email_verified,
    preferred_username,
    // claims of a DPoP proof (RFC 9449 4.2) and of a DBSC proof
    htm,
    htu,
    ath,
    authorization,
    // HTTP header fields
    authorization_header,
    cookie_header,
    dpop_header,
    dpop_nonce_header,
    secure_session_response,
    sec_secure_session_id,
    secure_session_skipped,
};

/// The names as the protocols write them: `name(field_name::x5t_s256) == "x5t#S256"`. Empty for `none`.
inline constexpr auto field_names = make_enum_names<field_name>({
    {field_name::none, "none"},
    {field_name::alg, "alg"},
    {field_name::typ, "typ"},
    {field_name::cty, "cty"},
    {field_name::kid, "kid"},
    {field_name::crit, "crit"},
    {field_name::b64, "b64"},
    {field_name::jku, "jku"},
    {field_name::jwk, "jwk"},
    {field_name::x5u, "x5u"},
    {field_name::x5c, "x5c"},
    {field_name::x5t, "x5t"},
    {field_name::x5t_s256, "x5t#S256"},
    {field_name::enc, "enc"},
    {field_name::kty, "kty"},
    {field_name::use, "use"},
    {field_name::key_ops, "key_ops"},
    {field_name::crv, "crv"},
    {field_name::x, "x"},
    {field_name::y, "y"},
    {field_name::n, "n"},
    {field_name::e, "e"},
    {field_name::d, "d"},
    {field_name::p, "p"},
    {field_name::q, "q"},
    {field_name::dp, "dp"},
    {field_name::dq, "dq"},
    {field_name::qi, "qi"},
    {field_name::oth, "oth"},
    {field_name::k, "k"},
    {field_name::keys, "keys"},
    {field_name::iss, "iss"},
    {field_name::sub, "sub"},
    {field_name::aud, "aud"},
    {field_name::exp, "exp"},
    {field_name::nbf, "nbf"},
    {field_name::iat, "iat"},
    {field_name::jti, "jti"},
    {field_name::cnf, "cnf"},
    {field_name::jkt, "jkt"},
    {field_name::scope, "scope"},
    {field_name::client_id, "client_id"},
    {field_name::azp, "azp"},
    {field_name::nonce, "nonce"},
    {field_name::auth_time, "auth_time"},
    {field_name::acr, "acr"},
    {field_name::amr, "amr"},
    {field_name::at_hash, "at_hash"},
    {field_name::sid, "sid"},
    {field_name::events, "events"},
    {field_name::roles, "roles"},
    {field_name::groups, "groups"},
    {field_name::entitlements, "entitlements"},
    {field_name::name, "name"},
    {field_name::email, "email"},
    {field_name::email_verified, "email_verified"},
    {field_name::preferred_username, "preferred_username"},
    {field_name::htm, "htm"},
    {field_name::htu, "htu"},
    {field_name::ath, "ath"},
    {field_name::authorization, "authorization"},
    {field_name::authorization_header, "Authorization"},
    {field_name::cookie_header, "Cookie"},
    {field_name::dpop_header, "DPoP"},
    {field_name::dpop_nonce_header, "DPoP-Nonce"},
    {field_name::secure_session_response, "Secure-Session-Response"},
    {field_name::sec_secure_session_id, "Sec-Secure-Session-Id"},
    {field_name::secure_session_skipped, "Secure-Session-Skipped"},
});
[[nodiscard]] constexpr std::string_view name(field_name f) noexcept {
    return f == field_name::none ? std::string_view{} : field_names[f];
}

/// Returns the enumerator of exactly that name, or `none`.
[[nodiscard]] constexpr field_name find_field_name(std::string_view text) noexcept {
    auto const f = field_names.find(text);
    return f ? *f : field_name::none;
}

}} // namespace signet

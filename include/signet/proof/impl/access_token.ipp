// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/proof/access_token.hpp>

#include <signet/codec/base64url.hpp>
#include <signet/http/cookie_syntax.hpp>
#include <signet/jwt/confirmation.hpp>
#include <signet/proof/impl/field_value.hpp>

#include <algorithm>

namespace signet { inline namespace SIGNET_ABI { namespace proof {

namespace detail {

// RFC 6750 2.1: 1*( ALPHA / DIGIT / "-" / "." / "_" / "~" / "+" / "/" ) *"="
inline bool is_b64token(std::string_view text) noexcept {
    while (text.ends_with('=')) text.remove_suffix(1);
    if (text.empty()) return false;
    for (char c : text) {
        bool const letter = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (!letter && std::string_view{"-._~+/"}.find(c) == std::string_view::npos) return false;
    }
    return true;
}

} // namespace detail

SIGNET_DECL result<authorization> read_authorization(std::span<std::string_view const> values) noexcept {
    if (values.empty()) return error{errc::authorization_missing, field_name::authorization_header};
    if (values.size() > 1) return error{errc::malformed_header_field, field_name::authorization_header};
    return read_authorization(values.front());
}

SIGNET_DECL result<authorization> read_authorization(std::string_view value) noexcept {
    value = detail::trimmed(value);
    auto const scheme = value.substr(0, value.find(' '));
    authorization shown;
    if (http::detail::equal_ignoring_case(scheme, "DPoP")) shown.scheme = token_scheme::dpop;
    else if (http::detail::equal_ignoring_case(scheme, "Bearer")) shown.scheme = token_scheme::bearer;
    else return error{errc::authorization_missing, field_name::authorization_header};

    shown.token = value.substr(scheme.size());
    shown.token.remove_prefix(std::min(shown.token.find_first_not_of(' '), shown.token.size()));
    if (!detail::is_b64token(shown.token)) return error{errc::malformed_header_field, field_name::authorization_header};
    return shown;
}

SIGNET_DECL result<void> accept_bearer(authorization const& shown, jwt::claims_view const& token) noexcept {
    if (shown.scheme != token_scheme::bearer) return errc::dpop_token_unbound;
    if (token.has("cnf")) return errc::dpop_bound_token_as_bearer;
    return {};
}

SIGNET_DECL bound_token::bound_token(std::string_view text, crypto::sha256_digest const& thumbprint)
    : token_hash_{crypto::sha256(as_bytes(text))}, thumbprint_{thumbprint} {}

SIGNET_DECL result<bound_token> bound_token::from(authorization const& shown, jwt::claims_view const& token) {
    if (!token.has("cnf")) return errc::dpop_token_unbound;
    if (shown.scheme != token_scheme::dpop) return errc::dpop_bound_token_as_bearer;
    auto const named = token.confirmation();
    if (!named) return named.error();
    if (named->method != jwt::cnf_method::jwk_thumbprint) return errc::dpop_token_unbound;
    return bound_token{shown.token, named->thumbprint};
}

SIGNET_DECL result<bound_token> bound_token::from_introspection(authorization const& shown, std::string_view jkt) {
    if (jkt.empty()) return errc::dpop_token_unbound;
    if (shown.scheme != token_scheme::dpop) return errc::dpop_bound_token_as_bearer;
    crypto::sha256_digest thumbprint;
    if (jkt.size() != codec::base64url_encoded_size(thumbprint.size()) || !codec::base64url_decode(jkt, thumbprint))
        return errc::malformed_confirmation;
    return bound_token{shown.token, thumbprint};
}

}}} // namespace signet::proof

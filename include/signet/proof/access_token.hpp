// SPDX-License-Identifier: BSL-1.0
// How an access token was shown, and whether it may be shown so (RFC 9449 section 7, RFC 6750 section 2.1, RFC 7800).
#pragma once

#include <signet/crypto/digest.hpp>
#include <signet/jwt/claims_view.hpp>

#include <span>
#include <string_view>

namespace signet { inline namespace SIGNET_ABI { namespace proof {

/// The schemes of an `Authorization` field that carry an access token.
enum class token_scheme : std::uint8_t { bearer, dpop };

/// What an `Authorization` field says. A view into the field; the token is not verified yet.
struct authorization {
    token_scheme scheme{};
    std::string_view token;
};

/// Reads all values of the request's `Authorization` field. The scheme's case does not matter (RFC 9110 11.1).
///
/// `authorization_missing` for no field and for other schemes; `malformed_header_field` for two fields, an empty token
/// and characters that RFC 6750 2.1 (b64token) does not allow. Example: `auto shown =
/// proof::read_authorization(values);`
[[nodiscard]] SIGNET_DECL result<authorization> read_authorization(std::span<std::string_view const> values) noexcept;
[[nodiscard]] SIGNET_DECL result<authorization> read_authorization(std::string_view value) noexcept;

/// Whether a verified token was shown as a plain bearer token and is one.
///
/// `dpop_bound_token_as_bearer`: it names a key (`cnf`, whatever the method and even if malformed), so showing it is
/// not enough; a program that checks client certificates itself (RFC 8705) reads `confirmation()` instead.
/// `dpop_token_unbound`: it was shown as a DPoP token.
[[nodiscard]] SIGNET_DECL result<void> accept_bearer(authorization const& shown,
                                                     jwt::claims_view const& token) noexcept;

/// An access token that demands a DPoP proof, and the key it demands: what dpop_check is given. Only these functions
/// make one, so the scheme was looked at. It keeps the token's hash and views nothing.
class bound_token {
public:
    /// From the claims of the token that was shown, verified.
    ///
    /// `dpop_bound_token_as_bearer`: it has a `cnf` and was shown as Bearer; `dpop_token_unbound`: it names no key, or
    /// names it otherwise than by `jkt`; `malformed_confirmation`.
    [[nodiscard]] static SIGNET_DECL result<bound_token> from(authorization const& shown,
                                                              jwt::claims_view const& token);
    /// From the `cnf.jkt` that introspection gave for an opaque token (RFC 9449 6.2); empty where it gave none.
    [[nodiscard]] static SIGNET_DECL result<bound_token> from_introspection(authorization const& shown,
                                                                            std::string_view jkt);

    /// SHA-256 of the token's characters: what the proof's `ath` has to be.
    [[nodiscard]] crypto::sha256_digest const& token_hash() const noexcept { return token_hash_; }
    /// Of the key the token is bound to.
    [[nodiscard]] crypto::sha256_digest const& thumbprint() const noexcept { return thumbprint_; }

private:
    SIGNET_DECL bound_token(std::string_view text, crypto::sha256_digest const& thumbprint);

    crypto::sha256_digest token_hash_, thumbprint_;
};

}}} // namespace signet::proof

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/proof/impl/access_token.ipp>
#endif

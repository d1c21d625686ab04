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

/// The content of an `Authorization` field. It refers to the field; the token is not verified yet.
struct authorization {
    token_scheme scheme{};
    std::string_view token;
};

/// Reads all values of the request's `Authorization` field. The case of the scheme does not matter (RFC 9110 section
/// 11.1).
///
/// Errors: `authorization_missing` for no field and for other schemes; `malformed_header_field` for two fields, an
/// empty token, and characters that RFC 6750 section 2.1 (b64token) does not allow.
///
/// Example: `auto shown = proof::read_authorization(values);`
[[nodiscard]] SIGNET_DECL result<authorization> read_authorization(std::span<std::string_view const> values) noexcept;
[[nodiscard]] SIGNET_DECL result<authorization> read_authorization(std::string_view value) noexcept;

/// Checks whether a verified token is a plain bearer token and was sent as one.
///
/// Errors: `dpop_bound_token_as_bearer` if the token names a key (`cnf`, by any method and even if malformed);
/// `dpop_token_unbound` if it was sent as a DPoP token. A program that checks client certificates itself (RFC 8705)
/// reads `confirmation()` instead.
[[nodiscard]] SIGNET_DECL result<void> accept_bearer(authorization const& shown,
                                                     jwt::claims_view const& token) noexcept;

/// An access token that requires a DPoP proof, and the key of that proof, for `dpop_check`. Only these functions make
/// one, so the scheme was checked. Owns the token's hash and refers to nothing.
class bound_token {
public:
    /// Reads the key from the claims of the verified token.
    ///
    /// Errors: `dpop_bound_token_as_bearer` if it has a `cnf` and was sent as Bearer; `dpop_token_unbound` if it names
    /// no key, or names it otherwise than by `jkt`; `malformed_confirmation`.
    [[nodiscard]] static SIGNET_DECL result<bound_token> from(authorization const& shown,
                                                              jwt::claims_view const& token);
    /// Takes the key from the `cnf.jkt` of introspection, for an opaque token (RFC 9449 section 6.2); empty if there is
    /// none. Errors: those of `from`.
    [[nodiscard]] static SIGNET_DECL result<bound_token> from_introspection(authorization const& shown,
                                                                            std::string_view jkt);

    /// Returns SHA-256 of the token's characters: the `ath` that the proof must have.
    [[nodiscard]] crypto::sha256_digest const& token_hash() const noexcept { return token_hash_; }
    /// Returns the thumbprint of the key that the token is bound to.
    [[nodiscard]] crypto::sha256_digest const& thumbprint() const noexcept { return thumbprint_; }

private:
    SIGNET_DECL bound_token(std::string_view text, crypto::sha256_digest const& thumbprint);

    crypto::sha256_digest token_hash_, thumbprint_;
};

}}} // namespace signet::proof

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/proof/impl/access_token.ipp>
#endif

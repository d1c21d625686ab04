// SPDX-License-Identifier: BSL-1.0
// The key a token is bound to: the `cnf` claim (RFC 7800 section 3, RFC 8705 section 3.1, RFC 9449 section 6.1).
#pragma once

#include <signet/codec/json_reader.hpp>
#include <signet/core/result.hpp>

#include <array>
#include <string_view>

namespace signet { inline namespace SIGNET_ABI { namespace jwt {

/// How `cnf` names the key.
enum class cnf_method : std::uint8_t {
    jwk,                    ///< the public key itself
    key_id,                 ///< `kid`
    jwk_thumbprint,         ///< `jkt`: RFC 7638 SHA-256 of a JWK
    certificate_thumbprint, ///< `x5t#S256`: SHA-256 of a certificate
};

/// One confirmation. It refers to the token it was read from.
struct cnf {
    cnf_method method{};
    /// For method jwk: an object that is not checked yet; read it with `jose::parse_public_jwk`.
    codec::json_value jwk{};
    std::string_view key_id{};                 ///< for method key_id
    std::array<std::uint8_t, 32> thumbprint{}; ///< for the two thumbprints
};

/// Reads the `cnf` member of a token's claims. Unknown members are ignored.
///
/// Errors: `claim_missing` if there is none; `malformed_confirmation` if it is not an object, does not name exactly one
/// key, names it by `jwe` or `jku`, or has a thumbprint that is not 32 octets in base64url.
[[nodiscard]] SIGNET_DECL result<cnf> read_confirmation(codec::json_value claims) noexcept;

}}} // namespace signet::jwt

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/jwt/impl/confirmation.ipp>
#endif

// SPDX-License-Identifier: BSL-1.0
// Writes the JWK set that others fetch to verify what you sign (RFC 7517 section 5).
#pragma once

#include <signet/crypto/verification_key.hpp>
#include <signet/jose/jwk.hpp>

#include <span>
#include <string>

namespace signet { inline namespace SIGNET_ABI { namespace jose {

/// Returns a JWK for signatures of one algorithm: with `kid`, `use` ("sig") and `alg`.
template <asymmetric A> [[nodiscard]] public_jwk make_public_jwk(std::string kid, verification_key<A> const& key) {
    return {{.kid = std::move(kid), .use = "sig", .alg = std::string{algorithm_name(A::id)}}, key.key()};
}

/// Returns a JWK set of these keys, in their order. It has no private members, because a `public_jwk` cannot hold any.
/// Serve it as `application/jwk-set+json`.
///
/// Errors: `duplicate_key` if two keys have the same `kid`; `json_not_utf8` if a text is not UTF-8.
///
/// Example: `public_jwk const keys[]{make_public_jwk("2026-11", key.verifier_key())}; auto set = write_jwk_set(keys);`
[[nodiscard]] SIGNET_DECL result<std::string> write_jwk_set(std::span<public_jwk const> keys);

}}} // namespace signet::jose

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/jose/impl/jwk_set_writer.ipp>
#endif

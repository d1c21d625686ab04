// SPDX-License-Identifier: BSL-1.0
// The name of a key made from the key (RFC 7638 with SHA-256, RFC 9278 as URI).
#pragma once

#include <signet/crypto/digest.hpp>
#include <signet/crypto/key.hpp>

#include <string>
#include <string_view>

namespace signet { inline namespace SIGNET_ABI { namespace jose {

/// The beginning of a thumbprint URI (RFC 9278 section 3).
inline constexpr std::string_view thumbprint_uri_prefix = "urn:ietf:params:oauth:jwk-thumbprint:sha-256:";

/// Returns SHA-256 over the required members in lexicographic order without white space (RFC 7638 section 3.2). A key
/// has one digest, in whatever form it was read; a key pair has the digest of its public key.
[[nodiscard]] SIGNET_DECL crypto::sha256_digest thumbprint_digest(public_key const& key);

/// Returns the digest in base64url, 43 characters: the value of `jkt` (RFC 9449), which `signet key thumbprint` prints.
[[nodiscard]] SIGNET_DECL std::string thumbprint(public_key const& key);

/// Returns "urn:ietf:params:oauth:jwk-thumbprint:sha-256:" and the thumbprint.
[[nodiscard]] SIGNET_DECL std::string thumbprint_uri(public_key const& key);

/// Returns the digest of an oct key. Do not publish it if the octets could be guessed (RFC 7638 section 7).
[[nodiscard]] SIGNET_DECL crypto::sha256_digest thumbprint_digest_of_secret(bytes_view octets);
[[nodiscard]] SIGNET_DECL std::string thumbprint_of_secret(bytes_view octets);

}}} // namespace signet::jose

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/jose/impl/thumbprint.ipp>
#endif

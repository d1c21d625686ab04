// SPDX-License-Identifier: BSL-1.0
// The public key of a device, pinned to one algorithm when it is registered (RULES E4, E6, 3.1.6).
#pragma once

#include <signet/proof/verified_key.hpp>

#include <signet/core/result.hpp>
#include <signet/jose/jwk.hpp>

#include <string_view>

namespace signet { inline namespace SIGNET_ABI { namespace proof {

/// What a device may sign with: PS256 (RSA of 2048 to 4096 bits), ES256 and Ed25519.
inline constexpr algorithm_set device_algorithms = algorithm_set::of<ps256, es256, ed25519>();

/// A device's public key and the one algorithm it is used with; a message never chooses it. Cheap to copy.
///
/// It cannot be made from a private key: a message that brings private members is refused with `private_key_refused`.
/// Example: `auto key = proof::device_key::from_jwk(body); if (!key) return key.error();`
class device_key {
public:
    /// The algorithm follows from the type: RSA signs PS256, P-256 ES256, Ed25519 itself. Errors: `unsupported_key`
    /// (another curve), `weak_key`.
    [[nodiscard]] static SIGNET_DECL result<device_key> from_key(public_key key);
    /// A JWK; a stated `alg`, `use` or `key_ops` must allow it. Errors besides: those of `jose::parse_public_jwk`.
    [[nodiscard]] static SIGNET_DECL result<device_key> from_jwk(std::string_view json);
    /// SubjectPublicKeyInfo in DER, written in base64 or base64url with or without padding, as browsers and phones
    /// export it.
    [[nodiscard]] static SIGNET_DECL result<device_key> from_base64(std::string_view spki);

    /// The key, and the one algorithm it is pinned to.
    [[nodiscard]] public_key const& key() const noexcept { return key_; }
    [[nodiscard]] alg algorithm_id() const noexcept { return algorithm_; }
    /// The JWK thumbprint (RFC 7638).
    [[nodiscard]] SIGNET_DECL crypto::sha256_digest thumbprint() const;
    friend bool operator==(device_key const& a, device_key const& b) noexcept { return a.key_ == b.key_; }

private:
    device_key(public_key key, alg a) noexcept : key_{std::move(key)}, algorithm_{a} {}
    public_key key_;
    alg algorithm_;
};

}}} // namespace signet::proof

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/proof/impl/device_key.ipp>
#endif

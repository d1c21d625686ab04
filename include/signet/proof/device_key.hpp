// SPDX-License-Identifier: BSL-1.0
// The public key of a device, pinned to one algorithm when it is registered.
#pragma once

#include <signet/proof/verified_key.hpp>

#include <signet/core/result.hpp>
#include <signet/jose/jwk.hpp>

#include <string_view>

namespace signet { inline namespace SIGNET_ABI { namespace proof {

/// The algorithms that a key alone determines: PS256 for RSA of 2048 to 4096 bits, ES256 for P-256, and Ed25519.
inline constexpr algorithm_set device_algorithms = algorithm_set::of<ps256, es256, ed25519>();
/// The algorithms that a registration can pin a key to, such as that of a passkey. All are asymmetric.
inline constexpr algorithm_set pinnable_algorithms =
    algorithm_set::of<rs256, rs384, rs512, ps256, ps384, ps512, es256, es384, es512, es256k, ed25519>();

/// The public key of a device, and its one algorithm, which no message can change. Cheap to copy.
///
/// A JWK with private members is refused with `private_key_refused`.
///
/// Example: `auto key = proof::device_key::from_jwk(body); if (!key) return key.error();`
class device_key {
public:
    /// Makes a device key. The type determines the algorithm: PS256 for RSA, ES256 for P-256, and Ed25519. Errors:
    /// `unsupported_key` for another curve; `weak_key`.
    [[nodiscard]] static SIGNET_DECL result<device_key> from_key(public_key key);
    /// Makes a device key that is pinned to the algorithm it was registered with, such as RS256 or ES384. Take the
    /// algorithm from a registration that was verified, never from a message that the key signs. Errors:
    /// `algorithm_not_allowed` for one that is not in `pinnable_algorithms`; `unsupported_key` if the algorithm is not
    /// one of the key's; `weak_key`.
    [[nodiscard]] static SIGNET_DECL result<device_key> from_key(public_key key, alg registered);
    /// Reads a JWK. If present, `alg`, `use` and `key_ops` must allow the algorithm. Errors: those of `from_key` and
    /// `jose::parse_public_jwk`.
    [[nodiscard]] static SIGNET_DECL result<device_key> from_jwk(std::string_view json);
    /// Reads SubjectPublicKeyInfo in DER, encoded in base64 or base64url with or without padding, as browsers and
    /// phones export it.
    [[nodiscard]] static SIGNET_DECL result<device_key> from_base64(std::string_view spki);

    /// Return the key (a copy if this object is a temporary), and its algorithm.
    [[nodiscard]] public_key const& key() const& noexcept [[clang::lifetimebound]] { return key_; }
    [[nodiscard]] public_key key() const&& noexcept { return key_; }
    [[nodiscard]] alg algorithm_id() const noexcept { return algorithm_; }
    /// Returns the JWK thumbprint (RFC 7638).
    [[nodiscard]] SIGNET_DECL crypto::sha256_digest thumbprint() const;
    /// Returns whether both are the same key, whatever algorithms they are pinned to, because one key cannot be two
    /// devices.
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

// SPDX-License-Identifier: BSL-1.0
// A key whose type says the one algorithm it verifies: the header's `alg` may only agree (RFC 8725 section 3.1).
#pragma once

#include <signet/crypto/key.hpp>

namespace signet { inline namespace SIGNET_ABI {

/// Verifies signatures, or MACs, of the algorithm `A` and no other. Cheap to copy.
///
/// Neither a public key nor a text converts to a MAC key.
///
/// Example: `auto key = verification_key<es256>::from_pem(pem); if (!key) return key.error();`
template <algorithm A> class verification_key;

/// Verifies signatures: a public key that supports `A`.
template <asymmetric A> class verification_key<A> {
public:
    /// Makes a verification key. Errors: `errc::wrong_key_type` if `key` is for other algorithms.
    [[nodiscard]] static result<verification_key> from_key(public_key key) {
        if (!key.supports(A::id)) return errc::wrong_key_type;
        return verification_key{std::move(key)};
    }
    /// Reads a "PUBLIC KEY" in PEM. Errors: those of `public_key::from_pem`; `wrong_key_type`.
    [[nodiscard]] static result<verification_key> from_pem(std::string_view pem, key_limits const& limits = {}) {
        auto key = public_key::from_pem(pem, limits);
        if (!key) return key.error();
        return from_key(*std::move(key));
    }
    /// Reads SubjectPublicKeyInfo in DER. Errors: those of `public_key::from_der`; `wrong_key_type`.
    [[nodiscard]] static result<verification_key> from_der(bytes_view spki, key_limits const& limits = {}) {
        auto key = public_key::from_der(spki, limits);
        if (!key) return key.error();
        return from_key(*std::move(key));
    }
    /// Returns the key, for any algorithm that it supports; a copy if this object is a temporary.
    [[nodiscard]] public_key const& key() const& noexcept [[clang::lifetimebound]] { return key_; }
    [[nodiscard]] public_key key() const&& noexcept { return key_; }

private:
    explicit verification_key(public_key key) noexcept : key_{std::move(key)} {}
    public_key key_;
};

/// Verifies MACs: a secret of the right length for `A`.
template <symmetric A> class verification_key<A> {
public:
    /// Makes a key from a secret. Errors: `errc::weak_key` for fewer octets than the algorithm's hash has (RFC 7518
    /// section 3.2).
    [[nodiscard]] static result<verification_key> from_secret(secret octets) {
        auto key = mac_key::from_secret(std::move(octets), A::id);
        if (!key) return key.error();
        return verification_key{*std::move(key)};
    }
    /// Makes a verification key. Errors: `errc::wrong_key_type` if `key` is for another algorithm.
    [[nodiscard]] static result<verification_key> from_key(mac_key key) {
        if (key.algorithm_id() != A::id) return errc::wrong_key_type;
        return verification_key{std::move(key)};
    }
    /// Returns the secret, as a key; a copy if this object is a temporary.
    [[nodiscard]] mac_key const& key() const& noexcept [[clang::lifetimebound]] { return key_; }
    [[nodiscard]] mac_key key() const&& noexcept { return key_; }

private:
    explicit verification_key(mac_key key) noexcept : key_{std::move(key)} {}
    mac_key key_;
};

}} // namespace signet

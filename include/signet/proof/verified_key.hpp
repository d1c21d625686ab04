// SPDX-License-Identifier: BSL-1.0
// Evidence that possession of a key was proved in this request, which session and access functions
// require.
#pragma once

#include <signet/crypto/algorithm.hpp>
#include <signet/crypto/digest.hpp>
#include <signet/crypto/key.hpp>

#include <string>

namespace signet { inline namespace SIGNET_ABI { namespace proof {

/// Evidence that the holder of a key has just signed something with it. Only checks make one, such as
/// `redeem_challenge` and `dpop_check`, so a thumbprint that was merely sent cannot take its place. Owns its data.
class verified_key {
public:
    /// Returns the RFC 7638 SHA-256 thumbprint of the key.
    [[nodiscard]] crypto::sha256_digest const& thumbprint() const noexcept { return thumbprint_; }
    /// Returns the thumbprint in base64url, 43 characters: the value of a token's `cnf.jkt`.
    [[nodiscard]] SIGNET_DECL std::string jkt() const;
    /// Returns the algorithm of the signature that proved the key.
    [[nodiscard]] alg algorithm_id() const noexcept { return algorithm_; }
    /// Returns whether this is the key that was proved. Both thumbprints are public, so the comparison need not be
    /// constant-time.
    [[nodiscard]] bool is(crypto::sha256_digest const& thumbprint) const noexcept { return thumbprint_ == thumbprint; }
    [[nodiscard]] SIGNET_DECL bool is(public_key const& key) const;

private:
    friend struct verified_key_access;
    verified_key(crypto::sha256_digest const& thumbprint, alg a) noexcept : thumbprint_{thumbprint}, algorithm_{a} {}

    crypto::sha256_digest thumbprint_;
    alg algorithm_;
};

/// Access for the checks of this library, which make proved keys. A test finds every other use.
struct verified_key_access {
    /// Makes the evidence. Only checks of signet may call it, after the signature was verified.
    [[nodiscard]] static SIGNET_DECL verified_key make(public_key const& key, alg a);
    /// Makes the evidence for a key that is known by its thumbprint.
    [[nodiscard]] static verified_key make(crypto::sha256_digest const& thumbprint, alg a) noexcept {
        return verified_key{thumbprint, a};
    }
};

}}} // namespace signet::proof

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/proof/impl/verified_key.ipp>
#endif

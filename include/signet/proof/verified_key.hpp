// SPDX-License-Identifier: BSL-1.0
// Evidence that possession of a key was proved in this request; what session and access functions ask for (DECISIONS
// 13).
#pragma once

#include <signet/crypto/algorithm.hpp>
#include <signet/crypto/digest.hpp>
#include <signet/crypto/key.hpp>

#include <string>

namespace signet { inline namespace SIGNET_ABI { namespace proof {

/// A key whose holder has just signed something fresh. Only a check makes one: `redeem_challenge`, a DPoP proof, a DBSC
/// proof; there is no other way, so a thumbprint that was merely sent along cannot pass for it. Owns what it holds.
class verified_key {
public:
    /// The RFC 7638 SHA-256 thumbprint's octets, as `jkt` names the key.
    [[nodiscard]] crypto::sha256_digest const& thumbprint() const noexcept { return thumbprint_; }
    /// The same in base64url, 43 characters: what a token's `cnf.jkt` holds.
    [[nodiscard]] SIGNET_DECL std::string jkt() const;
    /// The algorithm of the signature that proved it.
    [[nodiscard]] alg algorithm_id() const noexcept { return algorithm_; }
    /// Whether it is this key that was proved; both are public, so the time this takes tells nothing.
    [[nodiscard]] bool is(crypto::sha256_digest const& thumbprint) const noexcept { return thumbprint_ == thumbprint; }
    [[nodiscard]] SIGNET_DECL bool is(public_key const& key) const;

private:
    friend struct verified_key_access;
    verified_key(crypto::sha256_digest const& thumbprint, alg a) noexcept : thumbprint_{thumbprint}, algorithm_{a} {}

    crypto::sha256_digest thumbprint_;
    alg algorithm_;
};

/// How the checks of this library make one; nothing else may name it (tests/architecture looks).
struct verified_key_access {
    /// Only checks of signet may call this, after the signature held.
    [[nodiscard]] static SIGNET_DECL verified_key make(public_key const& key, alg a);
    /// For a key that is known by its thumbprint.
    [[nodiscard]] static verified_key make(crypto::sha256_digest const& thumbprint, alg a) noexcept {
        return verified_key{thumbprint, a};
    }
};

}}} // namespace signet::proof

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/proof/impl/verified_key.ipp>
#endif

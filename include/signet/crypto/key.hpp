// SPDX-License-Identifier: BSL-1.0
// Keys: checked when they come in, immutable afterwards, cheap to copy, shareable by threads.
#pragma once

#include <signet/core/result.hpp>
#include <signet/core/secret.hpp>
#include <signet/crypto/algorithm.hpp>

#include <memory>
#include <string>
#include <string_view>

namespace signet { inline namespace SIGNET_ABI {

namespace detail {
struct public_key_body; // holds Botan's key; crypto/impl
struct private_key_body;
struct key_access; // how crypto/impl reaches the bodies
} // namespace detail

/// Limits on the size of RSA keys. A smaller key can be broken. A larger key lets its sender make verification
/// expensive.
struct key_limits {
    std::size_t min_rsa_bits = 2048;
    std::size_t max_rsa_bits = 8192;
};

/// The limits for a key that comes in a message (DPoP, DBSC, `cnf`).
inline constexpr key_limits limits_for_keys_in_messages{.min_rsa_bits = 2048, .max_rsa_bits = 4096};

/// PBKDF2 iterations of encrypted private keys: the number that is written, and the largest number that is accepted.
inline constexpr std::size_t pbkdf2_iterations = 210'000;
inline constexpr std::size_t max_pbkdf2_iterations = 2'000'000;

/// The largest N * r * p of scrypt that is accepted for encrypted private keys: four times what OpenSSL writes, and 64
/// MiB of memory.
inline constexpr std::size_t max_scrypt_work = 1u << 19;

/// The largest text in PEM that is looked through for a key, in octets.
inline constexpr std::size_t max_pem_octets = 131'072;

/// The largest key in DER that is read, in octets. A PKCS#8 RSA key of 8192 bits has about 4700.
inline constexpr std::size_t max_key_octets = 16'384;

/// A public key of an asymmetric algorithm. Copies share one immutable body.
///
/// Every key was checked. A point is on its curve and not of small order. An RSA modulus is within the limits and has
/// no ROCA fingerprint, and the exponent is odd and in 3 .. 2^32-1.
///
/// Errors of all functions that make one: `bad_key`; `weak_key`; `unsupported_key`.
class public_key {
public:
    /// Reads SubjectPublicKeyInfo (RFC 5280) in DER. In PEM ("PUBLIC KEY") also PKCS#1 ("RSA PUBLIC KEY", RFC 8017) and
    /// the key of the first certificate ("CERTIFICATE"), of which nothing else is checked. Other text and blocks may
    /// stand around it; a second public key is `bad_key`, unless it is that of a certificate behind a certificate.
    /// `crypto::describe_key_text` says what a text is that was refused.
    [[nodiscard]] static SIGNET_DECL result<public_key> from_der(bytes_view spki, key_limits const& limits = {});
    [[nodiscard]] static SIGNET_DECL result<public_key> from_pem(std::string_view pem, key_limits const& limits = {});
    /// Makes a key from big-endian unsigned integers without leading zeros (RFC 7518 section 6.3.1).
    [[nodiscard]] static SIGNET_DECL result<public_key> from_rsa(bytes_view n, bytes_view e,
                                                                 key_limits const& limits = {});
    /// Makes a key from coordinates of exactly the curve's size (RFC 7518 section 6.2.1).
    [[nodiscard]] static SIGNET_DECL result<public_key> from_ec(curve crv, bytes_view x, bytes_view y);
    /// Makes a key from 32 octets (RFC 8032 section 5.1.5).
    [[nodiscard]] static SIGNET_DECL result<public_key> from_ed25519(bytes_view x);
    /// Makes an ML-DSA key (FIPS 204, RFC 9964). Any octets of the algorithm's `key_size` are a key, also one with t1 =
    /// 0, for which anybody can sign: whoever publishes such a key could publish the private key as well. Errors:
    /// `wrong_key_type` if the algorithm is not ML-DSA; `bad_key` for another length.
    [[nodiscard]] static SIGNET_DECL result<public_key> from_ml_dsa(alg a, bytes_view pub);

    [[nodiscard]] SIGNET_DECL key_type type() const noexcept; ///< RSA, EC, OKP or AKP
    [[nodiscard]] SIGNET_DECL curve crv() const noexcept;     ///< the curve; none for RSA and AKP
    [[nodiscard]] SIGNET_DECL std::size_t bits()
        const noexcept; ///< bits of the RSA modulus or of the curve's field; 0 for AKP
    /// Returns whether this key can verify signatures of that algorithm.
    [[nodiscard]] SIGNET_DECL bool supports(alg a) const noexcept;
    /// Returns the octets of a signature: fixed by the algorithm, or the size of the RSA modulus.
    [[nodiscard]] SIGNET_DECL std::size_t signature_size() const noexcept;

    /// Return the numbers as a JWK has them; empty for keys of another type.
    ///
    /// Lifetime: the views are valid while any copy of this key lives, so a temporary has none.
    [[nodiscard]] SIGNET_DECL bytes_view n() const& noexcept [[clang::lifetimebound]]; ///< RSA, no leading zeros
    [[nodiscard]] SIGNET_DECL bytes_view e() const& noexcept [[clang::lifetimebound]];
    [[nodiscard]] SIGNET_DECL bytes_view x() const& noexcept [[clang::lifetimebound]]; ///< EC and Ed25519, fixed size
    [[nodiscard]] SIGNET_DECL bytes_view y() const& noexcept [[clang::lifetimebound]];
    [[nodiscard]] SIGNET_DECL bytes_view pub() const& noexcept [[clang::lifetimebound]]; ///< ML-DSA, the whole key
    bytes_view n() const&& = delete;
    bytes_view e() const&& = delete;
    bytes_view x() const&& = delete;
    bytes_view y() const&& = delete;
    bytes_view pub() const&& = delete;

    [[nodiscard]] SIGNET_DECL bytes to_der() const;       ///< SubjectPublicKeyInfo
    [[nodiscard]] SIGNET_DECL std::string to_pem() const; ///< "PUBLIC KEY"

    /// Compares the keys themselves, not the forms they were read from.
    friend SIGNET_DECL bool operator==(public_key const& a, public_key const& b) noexcept;

private:
    friend detail::key_access;
    explicit SIGNET_DECL public_key(std::shared_ptr<detail::public_key_body const> body) noexcept;
    std::shared_ptr<detail::public_key_body const> body_;
};

/// The numbers of an RSA private key, big-endian (RFC 7518 section 6.3.2). The views must be valid during the call.
struct rsa_private_numbers {
    bytes_view n, e, d, p, q, dp, dq, qi;
};

/// A private key whose parts were checked against each other. Copies share one immutable body, which is wiped with the
/// last of them.
///
/// Errors of all functions that make one: `bad_key`; `weak_key`; `key_mismatch` (the parts do not belong together);
/// `unsupported_key`; `bad_passphrase`.
class private_key {
public:
    /// Makes a new key for that algorithm with the system's randomness. `rsa_bits` is the size of RSA keys. Errors:
    /// `wrong_key_type` for a MAC algorithm; `unsupported_algorithm` for ML-DSA where `from_ml_dsa` says it.
    [[nodiscard]] static SIGNET_DECL result<private_key> generate(alg a, std::size_t rsa_bits = 2048);
    /// Reads PKCS#8 (RFC 5958) in DER or PEM ("PRIVATE KEY"), in version 2 with the public key. In PEM also PKCS#1
    /// ("RSA PRIVATE KEY", RFC 8017) and SEC 1 ("EC PRIVATE KEY", RFC 5915). With a passphrase, the encrypted form
    /// ("ENCRYPTED PRIVATE KEY") by PBES2 with PBKDF2 or scrypt. Other text and blocks may stand around it; a second
    /// private key of any form is `bad_key`, an encrypted key without a passphrase `bad_passphrase`. An ML-DSA key has
    /// its seed alone (RFC 9881 section 6); the forms with an expanded key are `unsupported_key`.
    /// `crypto::describe_key_text` says what a text is that was refused.
    [[nodiscard]] static SIGNET_DECL result<private_key> from_der(bytes_view pkcs8);
    [[nodiscard]] static SIGNET_DECL result<private_key> from_pem(std::string_view pem);
    [[nodiscard]] static SIGNET_DECL result<private_key> from_encrypted_der(bytes_view pkcs8, secret const& passphrase);
    [[nodiscard]] static SIGNET_DECL result<private_key> from_encrypted_pem(std::string_view pem,
                                                                            secret const& passphrase);
    /// Makes a key from all eight numbers, which are checked. Errors: `unsupported_key` if the primes are missing.
    [[nodiscard]] static SIGNET_DECL result<private_key> from_rsa(rsa_private_numbers const& numbers);
    /// Makes a key from `d` and the coordinates, all of exactly the curve's size. Empty `x` and `y` are computed.
    [[nodiscard]] static SIGNET_DECL result<private_key> from_ec(curve crv, bytes_view d, bytes_view x = {},
                                                                 bytes_view y = {});
    /// Makes a key from a seed of 32 octets. An empty `x` is computed.
    [[nodiscard]] static SIGNET_DECL result<private_key> from_ed25519(bytes_view seed, bytes_view x = {});
    /// Makes an ML-DSA key from a seed of 32 octets (FIPS 204 section 3.6.3, RFC 9964 section 4). An empty `pub` is
    /// computed. Needs Botan 3.6. Errors: `wrong_key_type` if the algorithm is not ML-DSA; `bad_key` for another
    /// length; `unsupported_algorithm` with an earlier Botan, or one built without ML-DSA.
    [[nodiscard]] static SIGNET_DECL result<private_key> from_ml_dsa(alg a, bytes_view seed, bytes_view pub = {});

    /// Return the corresponding public key (a copy if this key is a temporary), and the type.
    [[nodiscard]] SIGNET_DECL public_key const& public_part() const& noexcept [[clang::lifetimebound]];
    [[nodiscard]] public_key public_part() const&& noexcept {
        return static_cast<private_key const&>(*this).public_part();
    }
    [[nodiscard]] key_type type() const noexcept { return public_part().type(); }

    /// Returns the scalar of an EC key or the seed of an Ed25519 or ML-DSA key. For RSA see `rsa_numbers`.
    [[nodiscard]] SIGNET_DECL secret d() const;
    /// Returns d, p, q, dp, dq and qi of an RSA key, in this order, without leading zeros. Empty for other types.
    [[nodiscard]] SIGNET_DECL std::vector<secret> rsa_numbers() const;

    [[nodiscard]] SIGNET_DECL secret to_der() const; ///< PKCS#8, not encrypted
    [[nodiscard]] SIGNET_DECL secret to_pem() const; ///< "PRIVATE KEY"
    /// Encrypts the key by PBES2; in PEM as "ENCRYPTED PRIVATE KEY". Errors: `bad_passphrase` if the passphrase is
    /// empty.
    [[nodiscard]] SIGNET_DECL result<bytes> to_encrypted_der(secret const& passphrase) const;
    [[nodiscard]] SIGNET_DECL result<std::string> to_encrypted_pem(secret const& passphrase) const;

private:
    friend detail::key_access;
    explicit SIGNET_DECL private_key(std::shared_ptr<detail::private_key_body const> body) noexcept;
    std::shared_ptr<detail::private_key_body const> body_;
};

/// A shared secret for HMAC, at least as long as the hash (RFC 7518 section 3.2). Copies share one body, which is wiped
/// with the last of them.
class mac_key {
public:
    /// Makes a key from a secret. Errors: `weak_key` for fewer octets than the hash of the algorithm has, and for more
    /// than 4096; `wrong_key_type` if the algorithm is not a MAC.
    [[nodiscard]] static SIGNET_DECL result<mac_key> from_secret(secret octets, alg a);
    /// Makes a new key with as many random octets as the hash has. Errors: `wrong_key_type` if the algorithm is not a
    /// MAC.
    [[nodiscard]] static SIGNET_DECL result<mac_key> generate(alg a);

    /// Returns the octets, valid while any copy of this key lives. The name makes each use visible in a review.
    [[nodiscard]] SIGNET_DECL bytes_view reveal() const& noexcept [[clang::lifetimebound]];
    bytes_view reveal() const&& = delete;
    /// Returns the one algorithm that this key is for.
    [[nodiscard]] alg algorithm_id() const noexcept { return algorithm_; }

private:
    SIGNET_DECL mac_key(std::shared_ptr<secret const> octets, alg a) noexcept;
    std::shared_ptr<secret const> octets_;
    alg algorithm_;
};

}} // namespace signet

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/crypto/impl/key.ipp>
#endif

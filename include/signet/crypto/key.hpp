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

/// Sizes that an RSA key must keep. Smaller is guessable; larger lets whoever chose the key burn our time (DECISIONS
/// 11).
struct key_limits {
    std::size_t min_rsa_bits = 2048;
    std::size_t max_rsa_bits = 8192;
};

/// The limits for a key that came inside a message (DPoP, DBSC, `cnf`).
inline constexpr key_limits limits_for_keys_in_messages{.min_rsa_bits = 2048, .max_rsa_bits = 4096};

/// PBKDF2 iterations of an encrypted private key: those we write, and the most we are willing to compute for one we
/// read.
inline constexpr std::size_t pbkdf2_iterations = 210'000;
inline constexpr std::size_t max_pbkdf2_iterations = 2'000'000;

/// Most octets of a key in DER that are looked at; a PKCS#8 RSA key of 8192 bits has some 4700.
inline constexpr std::size_t max_key_octets = 16'384;

/// The public key of an asymmetric algorithm. It was checked: point on its curve and not of small order; RSA modulus
/// within the limits, exponent odd and 3 .. 2^32-1, no ROCA fingerprint. Copies share one immutable body.
///
/// Refusals: `bad_key`, `weak_key`, `unsupported_key`.
class public_key {
public:
    /// SubjectPublicKeyInfo (RFC 5280) in DER, or in PEM as "PUBLIC KEY".
    [[nodiscard]] static SIGNET_DECL result<public_key> from_der(bytes_view spki, key_limits const& limits = {});
    [[nodiscard]] static SIGNET_DECL result<public_key> from_pem(std::string_view pem, key_limits const& limits = {});
    /// Big-endian unsigned integers without leading zeros (RFC 7518 6.3.1).
    [[nodiscard]] static SIGNET_DECL result<public_key> from_rsa(bytes_view n, bytes_view e,
                                                                 key_limits const& limits = {});
    /// Coordinates of exactly the curve's size (RFC 7518 6.2.1).
    [[nodiscard]] static SIGNET_DECL result<public_key> from_ec(curve crv, bytes_view x, bytes_view y);
    /// 32 octets (RFC 8032 5.1.5).
    [[nodiscard]] static SIGNET_DECL result<public_key> from_ed25519(bytes_view x);

    [[nodiscard]] SIGNET_DECL key_type type() const noexcept;    ///< RSA, EC or OKP
    [[nodiscard]] SIGNET_DECL curve crv() const noexcept;        ///< none for RSA
    [[nodiscard]] SIGNET_DECL std::size_t bits() const noexcept; ///< of the RSA modulus or the curve's field
    /// Whether signatures of that algorithm can be checked with this key.
    [[nodiscard]] SIGNET_DECL bool supports(alg a) const noexcept;
    /// Octets of a signature: fixed by the algorithm, or the RSA modulus' size.
    [[nodiscard]] SIGNET_DECL std::size_t signature_size() const noexcept;

    /// The numbers as JWK wants them; views into this key, valid while any copy of it lives. Empty where not of that
    /// type.
    [[nodiscard]] SIGNET_DECL bytes_view n() const noexcept; ///< RSA, no leading zeros
    [[nodiscard]] SIGNET_DECL bytes_view e() const noexcept;
    [[nodiscard]] SIGNET_DECL bytes_view x() const noexcept; ///< EC and Ed25519, fixed size
    [[nodiscard]] SIGNET_DECL bytes_view y() const noexcept;

    [[nodiscard]] SIGNET_DECL bytes to_der() const;       ///< SubjectPublicKeyInfo
    [[nodiscard]] SIGNET_DECL std::string to_pem() const; ///< "PUBLIC KEY"

    /// The same key, whatever it was made from.
    friend SIGNET_DECL bool operator==(public_key const& a, public_key const& b) noexcept;

private:
    friend detail::key_access;
    explicit SIGNET_DECL public_key(std::shared_ptr<detail::public_key_body const> body) noexcept;
    std::shared_ptr<detail::public_key_body const> body_;
};

/// The numbers of an RSA private key (RFC 7518 6.3.2), big-endian; views that must live through the call.
struct rsa_private_numbers {
    bytes_view n, e, d, p, q, dp, dq, qi;
};

/// A private key whose parts were checked against one another. Copies share one immutable body, wiped with the last.
///
/// Refusals: `bad_key`, `weak_key`, `key_mismatch` (parts that do not belong together), `unsupported_key`,
/// `bad_passphrase`.
class private_key {
public:
    /// A fresh key for that algorithm from the system's randomness; RSA of `rsa_bits`. A MAC algorithm is
    /// `wrong_key_type`.
    [[nodiscard]] static SIGNET_DECL result<private_key> generate(alg a, std::size_t rsa_bits = 2048);
    /// PKCS#8 (RFC 5958) in DER or PEM ("PRIVATE KEY"); with a passphrase the encrypted form ("ENCRYPTED PRIVATE KEY").
    [[nodiscard]] static SIGNET_DECL result<private_key> from_der(bytes_view pkcs8);
    [[nodiscard]] static SIGNET_DECL result<private_key> from_pem(std::string_view pem);
    [[nodiscard]] static SIGNET_DECL result<private_key> from_encrypted_der(bytes_view pkcs8, secret const& passphrase);
    [[nodiscard]] static SIGNET_DECL result<private_key> from_encrypted_pem(std::string_view pem,
                                                                            secret const& passphrase);
    /// All eight numbers are wanted and checked; keys without the primes are `unsupported_key`.
    [[nodiscard]] static SIGNET_DECL result<private_key> from_rsa(rsa_private_numbers const& numbers);
    /// d and the coordinates have exactly the curve's size; empty x and y are computed.
    [[nodiscard]] static SIGNET_DECL result<private_key> from_ec(curve crv, bytes_view d, bytes_view x = {},
                                                                 bytes_view y = {});
    /// A 32-octet seed; an empty x is computed.
    [[nodiscard]] static SIGNET_DECL result<private_key> from_ed25519(bytes_view seed, bytes_view x = {});

    /// The public key that belongs to it, and its type.
    [[nodiscard]] SIGNET_DECL public_key const& public_part() const noexcept;
    [[nodiscard]] key_type type() const noexcept { return public_part().type(); }

    /// EC: the scalar, Ed25519: the seed; RSA: see rsa_numbers.
    [[nodiscard]] SIGNET_DECL secret d() const;
    /// d, p, q, dp, dq, qi of an RSA key, in this order, without leading zeros; empty for other types.
    [[nodiscard]] SIGNET_DECL std::vector<secret> rsa_numbers() const;

    [[nodiscard]] SIGNET_DECL secret to_der() const; ///< PKCS#8, not encrypted
    [[nodiscard]] SIGNET_DECL secret to_pem() const; ///< "PRIVATE KEY"
    /// PBES2, in PEM as "ENCRYPTED PRIVATE KEY". An empty passphrase, which would hide nothing, is `bad_passphrase`.
    [[nodiscard]] SIGNET_DECL result<bytes> to_encrypted_der(secret const& passphrase) const;
    [[nodiscard]] SIGNET_DECL result<std::string> to_encrypted_pem(secret const& passphrase) const;

private:
    friend detail::key_access;
    explicit SIGNET_DECL private_key(std::shared_ptr<detail::private_key_body const> body) noexcept;
    std::shared_ptr<detail::private_key_body const> body_;
};

/// A shared secret for HMAC, at least as long as the hash (RFC 7518 3.2). Copies share one body, wiped with the last.
class mac_key {
public:
    /// Refuses fewer octets than the algorithm's hash has, or over 4096: `weak_key`; not a MAC: `wrong_key_type`.
    [[nodiscard]] static SIGNET_DECL result<mac_key> from_secret(secret octets, alg a);
    /// As many octets of the system's randomness as the algorithm's hash has; not a MAC: `wrong_key_type`.
    [[nodiscard]] static SIGNET_DECL result<mac_key> generate(alg a);

    /// The octets, valid while any copy of this key lives. The name is there to be seen in a review.
    [[nodiscard]] SIGNET_DECL bytes_view reveal() const noexcept;
    /// The one algorithm it is for.
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

// SPDX-License-Identifier: BSL-1.0
// Signing and verifying with a key (RFC 7518 section 3, RFC 8037, RFC 8812, RFC 9964).
#pragma once

#include <signet/crypto/key.hpp>

#include <memory>
#include <span>

namespace signet { inline namespace SIGNET_ABI { namespace crypto {

namespace detail {
struct verify_operations; // how an operation is made
} // namespace detail

/// Verifies signatures of one key and algorithm. Keeps what is expensive to make.
///
/// These signatures are invalid whatever Botan accepts: another length than the exact one, RSA numbers not below the
/// modulus, ECDSA r or s outside 1..n-1, Ed25519 S not below L. ML-DSA is verified by signet's own arithmetic, with
/// every Botan: pure ML-DSA with an empty context (RFC 9964).
///
/// Thread safety: one thread at a time.
///
/// Example: `auto op = verify_operation::make(key, alg::es256);`
class verify_operation {
public:
    /// Makes an operation that holds a copy of the key. Errors: `errc::wrong_key_type` if the key cannot be used with
    /// that algorithm; `unsupported_algorithm` for ML-DSA if SIGNET_NO_CURVE_ARITHMETIC is defined.
    [[nodiscard]] static SIGNET_DECL result<verify_operation> make(public_key const& key, alg a);
    SIGNET_DECL verify_operation(verify_operation&&) noexcept;
    SIGNET_DECL verify_operation& operator=(verify_operation&&) noexcept;
    SIGNET_DECL ~verify_operation();

    /// Verifies a signature of the message.
    [[nodiscard]] SIGNET_DECL bool verify(bytes_view message, bytes_view signature);

private:
    friend detail::verify_operations;
    struct body;
    explicit verify_operation(std::unique_ptr<body> b) noexcept;
    std::unique_ptr<body> body_;
};

namespace detail {
/// The kinds of operations. A program that makes those of Botan alone has no code of the other.
struct verify_operations {
    [[nodiscard]] static SIGNET_DECL result<verify_operation> by_botan(public_key const& key, alg a);
    [[nodiscard]] static SIGNET_DECL result<verify_operation> by_ml_dsa(public_key const& key, alg a);
};

/// Verifies one signature by Botan: always false for ML-DSA.
[[nodiscard]] SIGNET_DECL bool verify_by_botan(public_key const& key, alg a, bytes_view message, bytes_view signature);
} // namespace detail

/// Makes signatures with one key and algorithm. ECDSA is deterministic (RFC 6979) if Botan was built so. Blinding uses
/// the system's randomness.
///
/// Thread safety: one thread at a time.
class sign_operation {
public:
    /// Makes an operation that holds a copy of the key. Errors: `errc::wrong_key_type` if the key cannot be used with
    /// that algorithm.
    [[nodiscard]] static SIGNET_DECL result<sign_operation> make(private_key const& key, alg a);
    SIGNET_DECL sign_operation(sign_operation&&) noexcept;
    SIGNET_DECL sign_operation& operator=(sign_operation&&) noexcept;
    SIGNET_DECL ~sign_operation();

    [[nodiscard]] SIGNET_DECL std::size_t signature_size() const noexcept; ///< octets that `sign` writes
    /// Writes the signature into `out` and returns its size. Errors: `buffer_too_small`; `signer_failed`.
    [[nodiscard]] SIGNET_DECL result<std::size_t> sign(bytes_view message, std::span<std::uint8_t> out);

private:
    struct body;
    explicit sign_operation(std::unique_ptr<body> b) noexcept;
    std::unique_ptr<body> body_;
};

/// Verifies one signature of the message. ES256 and Ed25519 are verified as by `unprepared_key`, ML-DSA by signet's own
/// arithmetic too, all others by Botan.
[[nodiscard]] SIGNET_DECL bool verify(public_key const& key, alg a, bytes_view message, bytes_view signature);

/// Makes one signature of the message.
[[nodiscard]] SIGNET_DECL result<bytes> sign(private_key const& key, alg a, bytes_view message);

}}} // namespace signet::crypto

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/crypto/impl/signature.ipp>
#endif

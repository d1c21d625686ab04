// SPDX-License-Identifier: BSL-1.0
// ES256, Ed25519 and ML-DSA verification with tables of a key (FIPS 186-5 6.4.2, RFC 8032 5.1.7, FIPS 204).
#pragma once

#include <signet/crypto/impl/arith/table_shape.hpp>
#include <signet/crypto/key.hpp>

#include <array>
#include <memory>
#include <optional>
#include <span>

// What is accepted, here and nowhere less strictly:
//
// * ES256: a signature of 64 octets, r and s in 1 .. n - 1, and x(u1 G + u2 Q) mod n = r with the result not at
// infinity.
//   s and n - s are both valid, as the standard has it. Botan 2 and 3 judge the same. Keys: coordinates below p, on the
//   curve.
// * Ed25519: a signature of 64 octets, S < L, and the octets of R equal to the encoding of [S]B - [k]A: the sufficient
//   equation without the cofactor, so R is canonical. k is taken mod L. Botan 2.19 accepts S + L, and Botan 2 and 3
//   keys of small order; neither passes here (docs/guide/crypto.md has the table). Keys: canonical encodings (y < p, no
//   "negative zero") of points that are not of small order; a component of small order beside one of large order is
//   allowed, as in Botan.
// * ML-DSA: FIPS 204 algorithm 3, pure, with an empty context. Keys: any octets of the right length.
//
// Keys, messages and signatures are public, so nothing here is constant-time. Nothing secret may be fed to it.

namespace signet { inline namespace SIGNET_ABI { namespace crypto {

class hasher; // <signet/crypto/digest.hpp>

namespace detail {
struct generator_tables_body;
struct prepared_key_body;
struct curve_arithmetic; // how to verify on one curve; crypto/impl

/// The arithmetic of each curve. A program contains the arithmetic of the curves that it names.
[[nodiscard]] SIGNET_DECL curve_arithmetic const* p256_arithmetic() noexcept;
[[nodiscard]] SIGNET_DECL curve_arithmetic const* ed25519_arithmetic() noexcept;
using arithmetic_of_curve = curve_arithmetic const* (*)() noexcept;

/// The arithmetic of two curves, or of one and nullptr.
struct curves {
    arithmetic_of_curve p256 = nullptr, ed25519 = nullptr;
};

/// The one algorithm that a key's table would be for; none for a key that can have none.
[[nodiscard]] inline std::optional<alg> algorithm_to_prepare(public_key const& key) noexcept {
    if (key.crv() == curve::p256) return alg::es256;
    if (key.crv() == curve::ed25519) return alg::ed25519;
    if (key.type() == key_type::akp) return signet::detail::ml_dsa_of(key.pub().size());
    return std::nullopt;
}
} // namespace detail

/// The shape of a key's table: `width` 2 to 8 bits of the scalar are one digit, and every `stride`-th digit (1 to 8)
/// has a row.
///
/// With stride 1 a verification needs additions only. Each further stride divides the memory and adds `width`
/// doublings.
using arith::table_shape;

// The sizes of a table, ES256 and Ed25519, and about what they cost in time relative to the first:
inline constexpr table_shape fastest_table{7, 1};  ///< 148 KiB for ES256, 222 KiB for Ed25519
inline constexpr table_shape default_table{6, 1};  ///< 86 KiB for ES256, 129 KiB for Ed25519
inline constexpr table_shape compact_table{5, 1};  ///< 52 KiB for ES256, 77 KiB for Ed25519
inline constexpr table_shape smallest_table{5, 3}; ///< 18 KiB for ES256, 26 KiB for Ed25519; ten doublings

/// Returns whether keys of that algorithm can have tables: ES256, Ed25519 and ML-DSA, unless SIGNET_NO_CURVE_ARITHMETIC
/// is defined.
[[nodiscard]] constexpr bool can_be_prepared([[maybe_unused]] alg a) noexcept {
#ifdef SIGNET_NO_CURVE_ARITHMETIC
    return false;
#else
    return a == alg::es256 || a == alg::ed25519 || traits(a).type == key_type::akp;
#endif
}

/// Returns the octets of a key's table, including the space to align it. Returns 0 if the algorithm has no tables. The
/// table of an ML-DSA key has no shape: 20, 36 or 64 KiB for ML-DSA-44, 65 and 87.
[[nodiscard]] constexpr std::size_t table_bytes(alg a, table_shape shape) noexcept {
    if (!can_be_prepared(a) || !arith::is_valid(shape)) return 0;
    if (a == alg::ml_dsa_44) return 64 + 20 * std::size_t{1024};
    if (a == alg::ml_dsa_65) return 64 + 36 * std::size_t{1024};
    if (a == alg::ml_dsa_87) return 64 + 64 * std::size_t{1024};
    return 64 + (a == alg::es256 ? arith::entry_count(shape, arith::p256_scalar_bits) * arith::p256_entry_bytes
                                 : arith::entry_count(shape, arith::ed25519_scalar_bits) * arith::ed25519_entry_bytes);
}

/// The multiples of the curves' base points, which all keys share. Made once at start: both curves take about a
/// millisecond and 370 KiB with width 7.
///
/// Thread safety: immutable; copies share one body.
class generator_tables {
public:
    /// Makes the tables of both curves. `width` is limited to 2 .. 8. With width 7 they have 151 and 227 KB; each bit
    /// less halves them.
    [[nodiscard]] static SIGNET_DECL generator_tables make(unsigned width = 7);
    /// Makes the tables of the wanted curves only, as verifiers of one algorithm do.
    [[nodiscard]] static SIGNET_DECL generator_tables make(detail::curves const& wanted, unsigned width = 7);
    /// Returns whether there is a table for that algorithm.
    [[nodiscard]] SIGNET_DECL bool serves(alg a) const noexcept;
    [[nodiscard]] SIGNET_DECL std::size_t bytes() const noexcept; ///< octets of the tables

private:
    friend class prepared_key;
    friend class unprepared_key;
    explicit SIGNET_DECL generator_tables(std::shared_ptr<detail::generator_tables_body const> body) noexcept;
    std::shared_ptr<detail::generator_tables_body const> body_;
};

/// A public key with a table, for keys that verify dozens of signatures or more; an ML-DSA key gains from the first one
/// on. An ES256 or Ed25519 key's table has its multiples.
///
/// Thread safety: immutable; copies share one body.
///
/// Example: `auto issuer = crypto::prepared_key::make(generators, key); if (issuer && issuer->verify(message,
/// signature)) ...`
class prepared_key {
public:
    /// Makes the table of an ML-DSA key, which takes less time than one verification without it. Allocates
    /// `table_bytes`.
    ///
    /// Errors: `errc::unsupported_algorithm` for other keys, or if SIGNET_NO_CURVE_ARITHMETIC is defined.
    [[nodiscard]] static SIGNET_DECL result<prepared_key> make(public_key const& key);
    /// Makes the table of an ML-DSA key in the caller's memory. Lifetime: as below. Errors: those of the overload
    /// above, and `buffer_too_small` for less memory than `table_bytes`.
    [[nodiscard]] static SIGNET_DECL result<prepared_key> make(public_key const& key, std::span<std::byte> memory,
                                                               std::shared_ptr<void const> owner = {});
    /// Makes the table in about half a millisecond. Allocates `table_bytes`.
    ///
    /// Errors: `errc::unsupported_algorithm` for other keys than ES256 and Ed25519, or if `generators` lacks the key's
    /// curve; `out_of_range` for a shape that does not exist; `bad_key`; `weak_key`.
    [[nodiscard]] static SIGNET_DECL result<prepared_key> make(generator_tables const& generators,
                                                               public_key const& key,
                                                               table_shape shape = default_table);
    /// Makes the table in the caller's memory.
    ///
    /// Lifetime: the memory must outlive every copy of this key. If verifiers hold copies, pass the owner of the memory
    /// too; it is kept until the last copy is destroyed.
    /// Errors: those of the overload above, and `buffer_too_small` for less memory than `table_bytes`.
    [[nodiscard]] static SIGNET_DECL result<prepared_key> make(generator_tables const& generators,
                                                               public_key const& key, table_shape shape,
                                                               std::span<std::byte> memory,
                                                               std::shared_ptr<void const> owner = {});

    /// Verifies a signature of the message. A signature of the wrong length is false.
    [[nodiscard]] SIGNET_DECL bool verify(bytes_view message, bytes_view signature) const;
    /// Verifies a signature with a hash object of the algorithm's hash that the caller keeps. Does not allocate. ML-DSA
    /// does not use it: signet computes SHAKE256 by itself.
    [[nodiscard]] SIGNET_DECL bool verify(hasher& hash, bytes_view message, bytes_view signature) const;
    /// Verifies a signature of a digest. For ES256 it has 32 octets, SHA-256(message). For Ed25519 it has 64 octets,
    /// SHA-512(R || A || message). For ML-DSA it has 64 octets, mu of FIPS 204: SHAKE256(tr || 00 00 || message).
    [[nodiscard]] SIGNET_DECL bool verify_digest(bytes_view digest, bytes_view signature) const noexcept;

    [[nodiscard]] SIGNET_DECL alg algorithm_id() const noexcept;  ///< ES256, Ed25519 or one of ML-DSA
    [[nodiscard]] SIGNET_DECL std::size_t bytes() const noexcept; ///< octets of its table
    /// Returns the key that it was made from; a copy if this object is a temporary.
    [[nodiscard]] SIGNET_DECL public_key const& key() const& noexcept [[clang::lifetimebound]];
    [[nodiscard]] public_key key() const&& noexcept { return static_cast<prepared_key const&>(*this).key(); }

private:
    explicit SIGNET_DECL prepared_key(std::shared_ptr<detail::prepared_key_body const> body) noexcept;
    std::shared_ptr<detail::prepared_key_body const> body_;
};

/// A public key for one or a few signatures (DPoP, challenges, device keys): the same arithmetic without a table. Only
/// what makes a hasher allocates.
///
/// Thread safety: immutable.
class unprepared_key {
public:
    /// Makes a key that needs no tables of the base point either. Errors: `errc::unsupported_algorithm` for other keys
    /// than ES256 and Ed25519, or if SIGNET_NO_CURVE_ARITHMETIC is defined; `bad_key`; `weak_key`.
    [[nodiscard]] static SIGNET_DECL result<unprepared_key> make(public_key const& key);
    /// Makes a key without a table. Errors: those of `prepared_key::make`.
    [[nodiscard]] static SIGNET_DECL result<unprepared_key> make(generator_tables const& generators,
                                                                 public_key const& key);
    /// Makes a key with the arithmetic of these curves only. Errors: `unsupported_algorithm` for a key of another
    /// curve.
    [[nodiscard]] static SIGNET_DECL result<unprepared_key> make(generator_tables const& generators,
                                                                 public_key const& key, detail::curves const& with);
    /// Makes a key from a P-256 point: two coordinates of 32 octets (RFC 7518 section 6.2.1).
    [[nodiscard]] static SIGNET_DECL result<unprepared_key> from_p256(generator_tables const& generators, bytes_view x,
                                                                      bytes_view y);
    [[nodiscard]] static SIGNET_DECL result<unprepared_key> from_p256(bytes_view x, bytes_view y); ///< without tables
    /// Makes a key from 32 octets (RFC 8032 section 5.1.5).
    [[nodiscard]] static SIGNET_DECL result<unprepared_key> from_ed25519(generator_tables const& generators,
                                                                         bytes_view x);
    [[nodiscard]] static SIGNET_DECL result<unprepared_key> from_ed25519(bytes_view x); ///< without tables

    /// Verifies a signature of the message. A signature of the wrong length is false.
    [[nodiscard]] SIGNET_DECL bool verify(bytes_view message, bytes_view signature) const;
    [[nodiscard]] SIGNET_DECL bool verify(hasher& hash, bytes_view message, bytes_view signature) const;
    [[nodiscard]] SIGNET_DECL bool verify_digest(bytes_view digest, bytes_view signature) const noexcept;

    [[nodiscard]] alg algorithm_id() const noexcept { return algorithm_; } ///< ES256 or Ed25519

private:
    using base_tables = std::shared_ptr<detail::generator_tables_body const>;
    SIGNET_DECL unprepared_key(base_tables base, detail::curve_arithmetic const* with) noexcept;
    static SIGNET_DECL result<unprepared_key> from_octets(base_tables base, detail::curve_arithmetic const* with,
                                                          bytes_view x, bytes_view y);
    static SIGNET_DECL result<unprepared_key> from_key(base_tables base, public_key const& key,
                                                       detail::curves const& with);

    base_tables base_; // none: no tables
    detail::curve_arithmetic const* arithmetic_;
    alg algorithm_;
    std::array<std::uint8_t, 32> encoded_{}; // Ed25519: what is hashed
    alignas(8) std::byte point_[128];        // of crypto/impl's type
};

namespace detail {
/// Verifies one signature by a key that is not kept: what `crypto::verify` does, for who takes no ML-DSA keys. Always
/// false for them.
[[nodiscard]] SIGNET_DECL bool verify_once(public_key const& key, alg a, bytes_view message, bytes_view signature);
} // namespace detail

}}} // namespace signet::crypto

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/crypto/impl/prepared_key.ipp>
#endif

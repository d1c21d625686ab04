// SPDX-License-Identifier: BSL-1.0
// What signet demands of a key and Botan does not.
// The includes stand before the guard: header-only, they end with bodies that include this file and need all of it.
#ifndef SIGNET_NO_CURVE_ARITHMETIC
#    include <signet/crypto/impl/arith/ed25519_point.hpp>
#endif
#include <signet/crypto/impl/botan.hpp>

#include <algorithm>
#include <array>
#include <iterator>

#ifndef SIGNET_CRYPTO_IMPL_KEY_CHECKS_HPP
#    define SIGNET_CRYPTO_IMPL_KEY_CHECKS_HPP

namespace signet { inline namespace SIGNET_ABI { namespace detail {

/// As text, since what std::ranges instantiates for spans is seen in the time that a unit takes.
inline bool same_octets(bytes_view a, bytes_view b) noexcept { return as_text(a) == as_text(b); }

struct curve_traits {
    curve crv;
    std::size_t size; // octets of a coordinate and of the scalar
    std::size_t bits;
    bytes oid_der; // AlgorithmIdentifier.parameters: namedCurve
};

inline curve_traits curve_traits_of(curve crv) {
    switch (crv) {
    case curve::p256: return {crv, 32, 256, {0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07}};
    case curve::p384: return {crv, 48, 384, {0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x22}};
    case curve::p521: return {crv, 66, 521, {0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x23}};
    case curve::secp256k1: return {crv, 32, 256, {0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x0a}};
    case curve::none:
    case curve::ed25519: break;
    }
    return {curve::none, 0, 0, {}};
}

inline Botan::AlgorithmIdentifier ec_algorithm(curve_traits const& traits) {
    return {Botan::OID("1.2.840.10045.2.1"), traits.oid_der};
}

/// Whether `modulus` carries the fingerprint of Infineon's weak generator (CVE-2017-15361, "ROCA"): for each of these
/// primes the modulus lies in the subgroup that 65537 generates. A sound modulus does so once in some 2^27.
inline bool is_roca(bytes_view modulus) noexcept {
    for (unsigned prime : {11u, 13u, 17u, 19u, 37u, 53u, 61u, 71u, 73u, 79u, 97u, 103u, 107u, 109u, 127u, 151u, 157u}) {
        unsigned rest = 0;
        for (auto octet : modulus) rest = (rest * 256 + octet) % prime;
        unsigned power = 1;
        bool found = false;
        do {
            found = found || power == rest;
            power = power * (65537 % prime) % prime;
        } while (power != 1);
        if (!found) return false;
    }
    return true;
}

inline result<void> check_rsa_public(bytes_view n, bytes_view e, key_limits const& limits) noexcept {
    if (n.empty() || e.empty() || n[0] == 0 || e[0] == 0) return errc::bad_key; // RFC 7518 6.3.1.1: no leading zeros
    std::size_t bits = n.size() * 8;
    for (unsigned top = n[0]; top < 0x80; top <<= 1) --bits;
    if (bits < limits.min_rsa_bits || bits > limits.max_rsa_bits) return errc::weak_key;
    if ((n.back() & 1) == 0 || e.size() > 4 || (e.back() & 1) == 0) return errc::weak_key;
    if (e.size() == 1 && e[0] < 3) return errc::weak_key;
    if (is_roca(n)) return errc::weak_key;
    return {};
}

/// The x-independent half of an Ed25519 public key: y below p and not that of a point of order 1, 2, 4 or 8. The points
/// of small order are those of RFC 8032's curve with these y; each stands for both signs of x.
inline bool is_small_order_or_not_canonical(bytes_view encoded) noexcept {
    std::array<std::uint8_t, 32> y{};
    std::copy_n(encoded.begin(), 32, y.begin());
    y[31] &= 0x7f;
    std::array<std::uint8_t, 32> p{};
    p.fill(0xff);
    p[0] = 0xed, p[31] = 0x7f;
    if (!std::lexicographical_compare(y.rbegin(), y.rend(), p.rbegin(), p.rend())) return true;
    auto minus_one = p;
    minus_one[0] = 0xec;
    std::array<std::uint8_t, 32> const zero{}, one{1};
    constexpr std::array<std::uint8_t, 32> order_eight{0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b,
                                                       0x76, 0x0d, 0x10, 0x67, 0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39,
                                                       0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a};
    constexpr std::array<std::uint8_t, 32> order_eight_too{
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0,
        0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05};
    return y == zero || y == one || y == minus_one || y == order_eight || y == order_eight_too;
}

/// Whether some x belongs to this y (RFC 8032 5.1.3). In our own arithmetic: a tenth of what Botan's BigInt takes, and
/// whoever sends proofs chooses the keys.
#    ifndef SIGNET_NO_CURVE_ARITHMETIC
inline bool is_on_ed25519(bytes_view encoded) noexcept {
    crypto::arith::edwards25519::extended_point<crypto::arith::native_word> point;
    return crypto::arith::edwards25519::decode(point, encoded.data());
}
#    else
inline bool is_on_ed25519(bytes_view encoded) {
    // x^2 = u / v with u = y^2 - 1 and v = d y^2 + 1: a square, as u v is one. y = 1 and y = -1 were refused before.
    Botan::BigInt const one(1), p = (one << 255) - Botan::BigInt(19);
    Botan::BigInt const d("0x52036CEE2B6FFE738CC740797779E89800700A4D4141D8AB75EB4DCA135978A3");
    bytes big_endian(encoded.rbegin(), encoded.rend());
    big_endian[0] &= 0x7f;
    auto const y = big_int(big_endian), y2 = (y * y) % p;
    return Botan::power_mod((((y2 + p - one) % p) * ((d * y2 + one) % p)) % p, (p - one) >> 1, p) == one;
}
#    endif

/// Every relation between the numbers of an RSA private key (RFC 8017 3.2).
inline result<void> check_rsa_private(rsa_private_numbers const& k) {
    auto const n = big_int(k.n), e = big_int(k.e), d = big_int(k.d), p = big_int(k.p), q = big_int(k.q);
    Botan::BigInt const one(1);
    for (auto part : {k.d, k.p, k.q, k.dp, k.dq, k.qi})
        if (part.size() > k.n.size()) return errc::bad_key; // before anything is computed with it
    if (p <= one || q <= one || p == q || p * q != n) return errc::key_mismatch;
    if (p.bits() < n.bits() / 4 || q.bits() < n.bits() / 4) return errc::weak_key; // a small factor is found quickly
    Botan::BigInt const p1 = p - one, q1 = q - one;
    if ((e * d) % p1 != one || (e * d) % q1 != one) return errc::key_mismatch;
    if (big_int(k.dp) != d % p1 || big_int(k.dq) != d % q1) return errc::key_mismatch;
    auto const qi = big_int(k.qi);
    if (qi >= p || (qi * q) % p != one) return errc::key_mismatch;
    return {};
}

}}} // namespace signet::detail

#endif

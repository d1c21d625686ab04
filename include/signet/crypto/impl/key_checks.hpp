// SPDX-License-Identifier: BSL-1.0
// What signet demands of a key and Botan does not.
#pragma once

#ifndef SIGNET_NO_CURVE_ARITHMETIC
#    include <signet/crypto/impl/arith/ed25519_point.hpp>
#endif
#include <signet/crypto/impl/botan.hpp>

#include <algorithm>
#include <array>
#include <iterator>

namespace signet::inline SIGNET_ABI::detail {

/// As text, since what std::ranges instantiates for spans is seen in the time that a unit takes.
inline bool same_octets(bytes_view a, bytes_view b) noexcept { return as_text(a) == as_text(b); }

struct curve_facts {
    curve            crv;
    std::size_t      size; // octets of a coordinate and of the scalar
    std::size_t      bits;
    bytes            oid_der; // AlgorithmIdentifier.parameters: namedCurve
};

inline curve_facts facts_of(curve crv) {
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

inline Botan::AlgorithmIdentifier ec_algorithm(curve_facts const& facts) {
    return {Botan::OID("1.2.840.10045.2.1"), facts.oid_der};
}

/// Whether `modulus` carries the fingerprint of Infineon's weak generator (CVE-2017-15361, "ROCA"): for each of these
/// primes the modulus lies in the subgroup that 65537 generates. A sound modulus does so once in some 2^27.
inline bool is_roca(bytes_view modulus) noexcept {
    for (unsigned prime : {11u, 13u, 17u, 19u, 37u, 53u, 61u, 71u, 73u, 79u, 97u, 103u, 107u, 109u, 127u, 151u, 157u}) {
        unsigned rest = 0;
        for (auto octet : modulus) rest = (rest * 256 + octet) % prime;
        unsigned power = 1;
        bool     found = false;
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

/// The x-independent half of an Ed25519 public key: y below p and not that of a point of order 1, 2, 4 or 8. The points of
/// small order are those of RFC 8032's curve with these y; each stands for both signs of x.
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
    constexpr std::array<std::uint8_t, 32> order_eight{
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f,
        0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a};
    constexpr std::array<std::uint8_t, 32> order_eight_too{
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0,
        0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05};
    return y == zero || y == one || y == minus_one || y == order_eight || y == order_eight_too;
}

/// Whether some x belongs to this y (RFC 8032 5.1.3). In our own arithmetic: a tenth of what Botan's BigInt takes, and
/// whoever sends proofs chooses the keys.
#ifndef SIGNET_NO_CURVE_ARITHMETIC
inline bool is_on_ed25519(bytes_view encoded) noexcept {
    crypto::arith::edwards25519::extended_point<crypto::arith::native_word> point;
    return crypto::arith::edwards25519::decode(point, encoded.data());
}
#else
inline bool is_on_ed25519(bytes_view encoded) {
    // x^2 = u / v with u = y^2 - 1 and v = d y^2 + 1: a square, as u v is one. y = 1 and y = -1 were refused before.
    Botan::BigInt const one(1), p = (one << 255) - Botan::BigInt(19);
    Botan::BigInt const d("0x52036CEE2B6FFE738CC740797779E89800700A4D4141D8AB75EB4DCA135978A3");
    bytes big_endian(encoded.rbegin(), encoded.rend());
    big_endian[0] &= 0x7f;
    auto const y = big_int(big_endian), y2 = (y * y) % p;
    return Botan::power_mod((((y2 + p - one) % p) * ((d * y2 + one) % p)) % p, (p - one) >> 1, p) == one;
}
#endif

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

// ---- a little DER, to look at what an encrypted key would cost before Botan works on it ----------------------------

/// The content of the next element of that tag; `der` then stands behind it. Empty `der` with false: it is not there.
inline bool read_der(bytes_view& der, std::uint8_t tag, bytes_view& content) noexcept {
    if (der.size() < 2 || der[0] != tag) return false;
    std::size_t size = der[1], head = 2;
    if (size >= 0x80) {
        auto const octets = size & 0x7f;
        if (octets == 0 || octets > 3 || der.size() < 2 + octets) return false;
        size = 0;
        for (std::size_t i = 0; i != octets; ++i) size = size << 8 | der[2 + i];
        head += octets;
    }
    if (der.size() - head < size) return false;
    content = der.subspan(head, size);
    der = der.subspan(head + size);
    return true;
}

/// Looks into an EncryptedPrivateKeyInfo (RFC 5958) for PBES2 with PBKDF2 and at most `max_iterations` (RFC 8018).
inline result<void> check_encrypted(bytes_view der, std::size_t max_iterations) noexcept {
    constexpr std::uint8_t sequence = 0x30, octet_string = 0x04, integer = 0x02, object_id = 0x06;
    constexpr std::array<std::uint8_t, 9> pbes2{0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0d};
    constexpr std::array<std::uint8_t, 9> pbkdf2{0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0c};
    bytes_view whole, scheme, id, parameters, derivation, settings, salt, count;
    if (!read_der(der, sequence, whole) || !der.empty() || !read_der(whole, sequence, scheme)) return errc::bad_key;
    if (!read_der(scheme, object_id, id) || !read_der(scheme, sequence, parameters)) return errc::bad_key;
    if (!same_octets(id, pbes2)) return errc::unsupported_key;
    if (!read_der(parameters, sequence, derivation) || !read_der(derivation, object_id, id)) return errc::bad_key;
    if (!same_octets(id, pbkdf2)) return errc::unsupported_key;
    if (!read_der(derivation, sequence, settings) || !read_der(settings, octet_string, salt) ||
        !read_der(settings, integer, count))
        return errc::bad_key;
    std::size_t iterations = 0;
    if (count.size() > 4) return errc::weak_key;
    for (auto octet : count) iterations = iterations << 8 | octet;
    if (iterations == 0 || iterations > max_iterations) return errc::weak_key;
    return {};
}

/// Looks at the octets of a key before Botan does: one DER element of a bearable size. Botan's loaders take PEM as well as
/// DER and look for it first, so octets that hold its marker are refused: what was checked here is what Botan reads.
inline result<void> check_container(bytes_view der) noexcept {
    bytes_view content;
    if (der.size() > max_key_octets || !read_der(der, 0x30, content) || !der.empty()) return errc::bad_key;
    if (as_text(content).find("-----BEGIN") != std::string_view::npos) return errc::bad_key;
    return {};
}

/// Refuses EC parameters spelled out instead of named (RFC 5480 2.1.1): Botan 2.19 works on them without bound
/// (CVE-2024-34702, CVE-2024-34703). A private key's AlgorithmIdentifier stands behind its version.
inline result<void> check_named_curve(bytes_view der, bool is_private) noexcept {
    if (auto ok = check_container(der); !ok) return ok.error();
    constexpr std::array<std::uint8_t, 7> ec_public_key{0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01};
    bytes_view whole, version, algorithm, id, named;
    if (!read_der(der, 0x30, whole) || (is_private && !read_der(whole, 0x02, version))) return errc::bad_key;
    if (!read_der(whole, 0x30, algorithm) || !read_der(algorithm, 0x06, id)) return errc::bad_key;
    if (same_octets(id, ec_public_key) && (!read_der(algorithm, 0x06, named) || !algorithm.empty())) return errc::unsupported_key;
    return {};
}

} // namespace signet::detail

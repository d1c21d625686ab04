// SPDX-License-Identifier: BSL-1.0
// ECDSA verification on P-256 (FIPS 186-5 6.4.2) with tables of multiples, with none for the key, and with none at all.
// Variable time.
#pragma once

#include <signet/core/impl/portable.hpp>
#include <signet/crypto/impl/arith/p256_point.hpp>
#include <signet/crypto/impl/arith/p256_scalar.hpp>
#include <signet/crypto/impl/arith/window.hpp>

#include <algorithm>
#include <array>

namespace signet { inline namespace SIGNET_ABI { namespace crypto { namespace arith { namespace p256 {

/// Rows of a point's multiples, one after another; entry i of a row is (i + 1) times the row's point. Memory of others.
template <class Word> struct table_view {
    affine_point<Word> const* entries;
    table_shape shape;
};

/// Fills `entry_count(shape, scalar_bits)` entries with the multiples of P.
///
/// The rows' points come from one chain of doublings. Then every row grows at once from multiples 1 .. m to 1 .. 2m by
/// affine additions of the m-th, all slopes' denominators being inverted together (Montgomery's trick, "Speeding the
/// Pollard and elliptic curve methods of factorization", 1987, 10.3.1). No denominator is 0: i P = +-m P does not
/// happen for 0 < i < m < n, and i = m is the doubling.
template <class Word>
constexpr void build_table(affine_point<Word>* entries, table_shape shape, affine_point<Word> const& point) noexcept {
    using fe = field_element<Word>;
    unsigned const rows = row_count(shape, p256_scalar_bits);
    unsigned const size = row_size(shape);

    xyzz_point<Word> chain[max_digits];
    fe products[max_digits];
    chain[0] = xyzz_point<Word>::from(point);
    products[0] = chain[0].zzz;
    for (unsigned i = 1; i != rows; ++i) {
        chain[i] = chain[i - 1];
        for (unsigned k = 0; k != shape.width * shape.stride; ++k) chain[i] = doubled(chain[i]);
        products[i] = product(products[i - 1], chain[i].zzz);
    }
    fe inverse = products[rows - 1].inverse();
    for (unsigned i = rows; i-- != 0;) {
        fe const z3 = i == 0 ? inverse : product(inverse, products[i - 1]); // 1 / Z^3
        inverse = product(inverse, chain[i].zzz);
        fe const z1 = product(chain[i].zz, z3); // 1 / Z
        entries[std::size_t{i} * size] = {product(chain[i].x, product(z1, z1)), product(chain[i].y, z3)};
    }

    for (unsigned m = 1; m != size; m *= 2) {
        // The product of all denominators so far waits in the x of the entry that is to be made.
        auto const denominator = [&](affine_point<Word> const* row, unsigned i) {
            return i == m - 1 ? row[i].y + row[i].y : row[i].x - row[m - 1].x;
        };
        fe all = fe::one();
        for (unsigned row = 0; row != rows; ++row) {
            affine_point<Word>* const at = entries + std::size_t{row} * size;
            for (unsigned i = 0; i != m; ++i) {
                at[m + i].x = all;
                all = product(all, denominator(at, i));
            }
        }
        fe rest = all.inverse();
        for (unsigned row = rows; row-- != 0;) {
            affine_point<Word>* const at = entries + std::size_t{row} * size;
            affine_point<Word> const& a = at[m - 1];
            for (unsigned i = m; i-- != 0;) {
                affine_point<Word> const& b = at[i];
                fe const one_over = product(rest, at[m + i].x);
                rest = product(rest, denominator(at, i));
                fe slope;
                if (i == m - 1) {
                    fe const t = product(a.x - fe::one(), a.x + fe::one()); // 3 x^2 - 3
                    slope = product(t + t + t, one_over);
                } else {
                    slope = product(b.y - a.y, one_over);
                }
                fe const x = product(slope, slope) - a.x - b.x;
                at[m + i] = {x, product(slope, a.x - x) - a.y};
            }
        }
    }
}

/// sum + digit * (the row's point).
template <class Word>
constexpr void add_digit(xyzz_point<Word>& sum, affine_point<Word> const* row, int digit) noexcept {
    if (digit > 0) sum = sum + row[digit - 1];
    else if (digit < 0) sum = sum + -row[-digit - 1];
}

/// sum = 2^(width * (stride - 1)) * sum + scalar * P, where the table is P's.
template <class Word> constexpr void add_multiple(xyzz_point<Word>& sum, table_view<Word> const& table,
                                                  signed_digits const& digits) noexcept {
    auto const [width, stride] = table.shape;
    for (unsigned phase = stride; phase-- != 0;) {
        affine_point<Word> const* row = table.entries;
        for (unsigned i = phase; i < digits.count; i += stride, row += row_size(table.shape))
            add_digit(sum, row, digits.digit[i]);
        if (phase != 0)
            for (unsigned k = 0; k != width; ++k) sum = doubled(sum);
    }
}

/// Fetches what add_multiple will read: every entry is one cache line, known before the first addition.
template <class Word> inline void prefetch(table_view<Word> const& table, signed_digits const& digits) noexcept {
    for (unsigned i = 0; i != digits.count; ++i) {
        int const digit = digits.digit[i];
        if (digit == 0) continue;
        auto const row = std::size_t{i / table.shape.stride} * row_size(table.shape);
        signet::detail::prefetch(table.entries + row + static_cast<std::size_t>((digit < 0 ? -digit : digit) - 1));
    }
}

/// P, 3P, 5P to 15P.
template <class Summand> using odd_multiples = std::array<Summand, 8>;

template <class Word>
constexpr odd_multiples<jacobian_summand<Word>> make_odd_multiples(affine_point<Word> const& point) noexcept {
    odd_multiples<jacobian_summand<Word>> r;
    auto const first = jacobian_point<Word>::from(point);
    r[0] = jacobian_summand<Word>::from(first);
    auto const twice = doubled(first);
    for (unsigned i = 1; i != r.size(); ++i) r[i] = jacobian_summand<Word>::from(twice + r[i - 1]);
    return r;
}

/// The same points with Z = 1, none of which is at infinity; all Z are inverted together.
template <class Word>
constexpr odd_multiples<affine_point<Word>> make_affine(odd_multiples<jacobian_summand<Word>> const& points) noexcept {
    odd_multiples<affine_point<Word>> r{};
    auto product = field_element<Word>::one();
    for (unsigned i = 0; i != r.size(); ++i) { // x waits with the product of all Z before
        r[i].x = product;
        product = product * points[i].point.z;
    }
    auto inverse = product.inverse();
    for (unsigned i = r.size(); i-- != 0;) {
        auto const z1 = inverse * r[i].x, z2 = z1.squared();
        inverse = inverse * points[i].point.z;
        r[i] = {points[i].point.x * z2, points[i].point.y * (z1 * z2)};
    }
    return r;
}

/// Those of the base point; the compiler computes them.
template <class Word> inline constexpr auto base_multiples =
    make_affine<Word>(make_odd_multiples<Word>(base_point<Word>()));

/// sum + digit * P for an odd digit or 0.
template <class Word, class Summand>
constexpr void add_odd(jacobian_point<Word>& sum, odd_multiples<Summand> const& of, int digit) noexcept {
    if (digit > 0) sum = sum + of[static_cast<unsigned>(digit) / 2];
    else if (digit < 0) sum = sum + -of[static_cast<unsigned>(-digit) / 2];
}

/// u * B + v * P without tables: the width-5 NAF of each scalar, and one chain of doublings ("Straus' trick"; Handbook
/// of Applied Cryptography, algorithm 14.88).
template <class Word> constexpr xyzz_point<Word> multiply_points(odd_multiples<affine_point<Word>> const& base,
                                                                 u256<Word> const& u,
                                                                 odd_multiples<jacobian_summand<Word>> const& point,
                                                                 u256<Word> const& v) noexcept {
    auto const of_base = to_naf(u, 5), of_point = to_naf(v, 5);
    auto sum = jacobian_point<Word>::infinity();
    for (unsigned i = std::max(of_base.count, of_point.count); i-- != 0;) {
        sum = doubled(sum);
        add_odd(sum, point, of_point.digit[i]);
        add_odd(sum, base, of_base.digit[i]);
    }
    return sum.to_xyzz();
}

/// scalar * P without a table.
template <class Word>
constexpr xyzz_point<Word> multiply_point(affine_point<Word> const& point, u256<Word> const& scalar) noexcept {
    return multiply_points<Word>({}, {}, make_odd_multiples(point), scalar);
}

/// Whether r is x(P) mod n. Without an inversion: X / ZZ is r, or r + n where that is below p.
template <class Word> constexpr bool x_matches(xyzz_point<Word> const& point, u256<Word> const& r) noexcept {
    using fe = field_element<Word>;
    if (point.is_infinity()) return false;
    if (fe::from(r) * point.zz == point.x) return true;
    u256<Word> second{};
    if (add(second, r, n::value<Word>()) != 0 || !is_less(second, fe::modulus)) return false;
    return fe::from(second) * point.zz == point.x;
}

/// The two numbers of a signature: r and s of 32 octets each, big-endian (RFC 7518 3.4). False unless 0 < r, s < n.
template <class Word>
constexpr bool decode_signature(u256<Word>& r, u256<Word>& s, std::uint8_t const* signature) noexcept {
    r = from_big_endian<Word>(signature);
    s = from_big_endian<Word>(signature + 32);
    constexpr auto order = n::value<Word>();
    return !is_zero(r) && !is_zero(s) && is_less(r, order) && is_less(s, order);
}

/// `hash` has 32 octets, `signature` 64; the tables are the base point's, of stride 1, and the key's.
template <class Word> inline bool verify(table_view<Word> const& base, table_view<Word> const& key,
                                         std::uint8_t const* hash, std::uint8_t const* signature) noexcept {
    u256<Word> r, s;
    if (!decode_signature(r, s, signature)) return false;
    auto const u = make_factors(from_big_endian<Word>(hash), r, s);
    auto const base_digits = to_signed_digits(u.u1, base.shape.width, p256_scalar_bits);
    auto const key_digits = to_signed_digits(u.u2, key.shape.width, p256_scalar_bits);
    prefetch(key, key_digits);
    prefetch(base, base_digits);
    auto sum = xyzz_point<Word>::infinity();
    add_multiple(sum, key, key_digits);
    add_multiple(sum, base, base_digits);
    return x_matches(sum, r);
}

/// The same for a key without a table.
template <class Word> inline bool verify(table_view<Word> const& base, affine_point<Word> const& key,
                                         std::uint8_t const* hash, std::uint8_t const* signature) noexcept {
    u256<Word> r, s;
    if (!decode_signature(r, s, signature)) return false;
    auto const u = make_factors(from_big_endian<Word>(hash), r, s);
    auto const base_digits = to_signed_digits(u.u1, base.shape.width, p256_scalar_bits);
    prefetch(base, base_digits);
    auto sum = multiply_point(key, u.u2);
    add_multiple(sum, base, base_digits);
    return x_matches(sum, r);
}

/// The same without any table; `base` has the odd multiples of the base point.
template <class Word> inline bool verify(odd_multiples<affine_point<Word>> const& base, affine_point<Word> const& key,
                                         std::uint8_t const* hash, std::uint8_t const* signature) noexcept {
    u256<Word> r, s;
    if (!decode_signature(r, s, signature)) return false;
    auto const u = make_factors(from_big_endian<Word>(hash), r, s);
    return x_matches(multiply_points(base, u.u1, make_odd_multiples(key), u.u2), r);
}

}}}}} // namespace signet::crypto::arith::p256

// SPDX-License-Identifier: BSL-1.0
// Ed25519 verification (RFC 8032 5.1.7) with tables of multiples, with none for the key, and with none at all. Variable
// time.
//
// The equation is the sufficient, unmultiplied one, [S]B = R + [k]A: R' = [S]B - [k]A is computed, encoded and compared
// with R's octets, which so have to be the canonical encoding. The tables of a key are those of -A.
#pragma once

#include <signet/core/impl/portable.hpp>
#include <signet/crypto/impl/arith/ed25519_point.hpp>
#include <signet/crypto/impl/arith/ed25519_scalar.hpp>
#include <signet/crypto/impl/arith/window.hpp>

#include <algorithm>
#include <array>

namespace signet { inline namespace SIGNET_ABI { namespace crypto { namespace arith { namespace edwards25519 {

/// Rows of a point's multiples, one after another; entry i of a row is (i + 1) times the row's point. Memory of others.
template <class Word> struct table_view {
    affine_summand<Word> const* entries;
    table_shape shape;
};

/// Fills `entry_count(shape, scalar_bits)` entries with the multiples of P, row by row with one inversion each
/// (Montgomery's trick).
template <class Word> constexpr void build_table(affine_summand<Word>* entries, table_shape shape,
                                                 extended_point<Word> const& point) noexcept {
    using fe = field_element<Word>;
    unsigned const size = row_size(shape);
    extended_point<Word> row[1u << (max_width - 1)];
    fe products[1u << (max_width - 1)];
    row[0] = point;
    for (unsigned i = 0, rows = row_count(shape, ed25519_scalar_bits); i != rows; ++i, entries += size) {
        auto const step = to_summand(row[0]);
        products[0] = row[0].z;
        for (unsigned k = 1; k != size; ++k) {
            row[k] = row[k - 1] + step;
            products[k] = product(products[k - 1], row[k].z);
        }
        fe inverse = products[size - 1].inverse();
        for (unsigned k = size; k-- != 0;) {
            fe const one_over_z = k == 0 ? inverse : product(inverse, products[k - 1]);
            inverse = product(inverse, row[k].z);
            entries[k] = to_affine_summand(product(row[k].x, one_over_z), product(row[k].y, one_over_z));
        }
        // The last entry is 2^(width - 1) times the row's point.
        row[0] = row[size - 1];
        for (unsigned k = shape.width * (shape.stride - 1) + 1; k-- != 0;) double_in_place(row[0]);
    }
}

/// sum = 2^(width * (stride - 1)) * sum + scalar * P, where the table is P's.
template <class Word> constexpr void add_multiple(extended_point<Word>& sum, table_view<Word> const& table,
                                                  signed_digits const& digits) noexcept {
    auto const [width, stride] = table.shape;
    for (unsigned phase = stride; phase-- != 0;) {
        affine_summand<Word> const* row = table.entries;
        for (unsigned i = phase; i < digits.count; i += stride, row += row_size(table.shape)) {
            int const digit = digits.digit[i];
            if (digit != 0) add(sum, row[(digit < 0 ? -digit : digit) - 1], digit);
        }
        if (phase != 0)
            for (unsigned k = 0; k != width; ++k) double_in_place(sum, k + 1 == width);
    }
}

/// Fetches what add_multiple will read: all of it is known before the first addition.
template <class Word> inline void prefetch(table_view<Word> const& table, signed_digits const& digits) noexcept {
    for (unsigned i = 0; i != digits.count; ++i) {
        int const digit = digits.digit[i];
        if (digit == 0) continue;
        auto const row = std::size_t{i / table.shape.stride} * row_size(table.shape);
        auto const entry = table.entries + row + static_cast<std::size_t>((digit < 0 ? -digit : digit) - 1);
        signet::detail::prefetch(&entry->y_plus_x);
        signet::detail::prefetch(&entry->xy2d); // 96 octets: two cache lines
    }
}

/// The sum of scalars[i] * points[i] without tables: eight odd multiples of each point, the width-5 NAF of each scalar,
/// and one chain of doublings ("Straus' trick"; Handbook of Applied Cryptography, algorithm 14.88).
template <class Word, std::size_t Count>
constexpr extended_point<Word> multiply_points(std::array<extended_point<Word>, Count> const& points,
                                               std::array<u256<Word>, Count> const& scalars) noexcept {
    summand<Word> odd[Count][8];
    naf_digits digits[Count];
    unsigned count = 0;
    for (std::size_t p = 0; p != Count; ++p) {
        odd[p][0] = to_summand(points[p]);
        auto const twice = doubled(points[p]);
        for (unsigned i = 1; i != 8; ++i) odd[p][i] = to_summand(twice + odd[p][i - 1]);
        digits[p] = to_naf(scalars[p], 5);
        count = std::max(count, digits[p].count);
    }
    auto sum = extended_point<Word>::identity();
    for (unsigned i = count; i-- != 0;) {
        unsigned additions = 0;
        for (auto const& of : digits) additions += of.digit[i] != 0;
        double_in_place(sum, additions != 0 || i == 0); // T is made where an addition or the end wants it
        for (std::size_t p = 0; p != Count; ++p) {
            int const digit = digits[p].digit[i];
            if (digit == 0) continue;
            --additions;
            add(sum, odd[p][(digit < 0 ? -digit : digit) / 2], digit, additions != 0 || i == 0);
        }
    }
    return sum;
}
template <class Word>
constexpr extended_point<Word> multiply_point(extended_point<Word> const& point, u256<Word> const& scalar) noexcept {
    return multiply_points<Word, 1>({point}, {scalar});
}

namespace detail {
template <class Word>
constexpr bool encodes_to(extended_point<Word> const& point, std::uint8_t const* octets) noexcept {
    std::uint8_t encoded[32]{};
    encode(point, encoded);
    for (int i = 0; i != 32; ++i)
        if (encoded[i] != octets[i]) return false;
    return true;
}
} // namespace detail

/// `hash` is SHA-512(R || A || M), `signature` R || S; the tables are B's, of stride 1, and -A's.
template <class Word> inline bool verify(table_view<Word> const& base, table_view<Word> const& minus_key,
                                         std::uint8_t const* hash, std::uint8_t const* signature) noexcept {
    u256<Word> s;
    if (!decode_scalar(s, signature + 32)) return false;
    auto const key_digits = to_signed_digits(reduce_hash<Word>(hash), minus_key.shape.width, ed25519_scalar_bits);
    auto const base_digits = to_signed_digits(s, base.shape.width, ed25519_scalar_bits);
    prefetch(minus_key, key_digits);
    prefetch(base, base_digits);
    auto sum = extended_point<Word>::identity();
    add_multiple(sum, minus_key, key_digits);
    add_multiple(sum, base, base_digits);
    return detail::encodes_to(sum, signature);
}

/// The same for a key without a table.
template <class Word> inline bool verify(table_view<Word> const& base, extended_point<Word> const& minus_key,
                                         std::uint8_t const* hash, std::uint8_t const* signature) noexcept {
    u256<Word> s;
    if (!decode_scalar(s, signature + 32)) return false;
    auto const base_digits = to_signed_digits(s, base.shape.width, ed25519_scalar_bits);
    prefetch(base, base_digits);
    auto sum = multiply_point(minus_key, reduce_hash<Word>(hash));
    add_multiple(sum, base, base_digits);
    return detail::encodes_to(sum, signature);
}

/// The same without any table.
template <class Word> inline bool verify(extended_point<Word> const& base, extended_point<Word> const& minus_key,
                                         std::uint8_t const* hash, std::uint8_t const* signature) noexcept {
    u256<Word> s;
    if (!decode_scalar(s, signature + 32)) return false;
    auto const sum = multiply_points<Word, 2>({base, minus_key}, {s, reduce_hash<Word>(hash)});
    return detail::encodes_to(sum, signature);
}

}}}}} // namespace signet::crypto::arith::edwards25519

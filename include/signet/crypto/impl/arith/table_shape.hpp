// SPDX-License-Identifier: BSL-1.0
// What a table of a point's multiples holds, and how large it is.
#pragma once

#include <signet/version.hpp>

#include <cstddef>

namespace signet { inline namespace SIGNET_ABI { namespace crypto { namespace arith {

/// A table holds the multiples 1 .. 2^(width - 1) of 2^(width * stride * i) P for i = 0, 1, ... With stride 1 no
/// doubling is left to do; with stride k the table has a k-th of that size and (k - 1) * width doublings are.
struct table_shape {
    unsigned width;  ///< 2 .. 8
    unsigned stride; ///< 1 .. 8
    friend constexpr bool operator==(table_shape const&, table_shape const&) = default;
};

inline constexpr unsigned max_width = 8;
inline constexpr unsigned max_stride = 8;
inline constexpr unsigned max_digits = 129; ///< of width 2

constexpr bool is_valid(table_shape s) noexcept {
    return s.width >= 2 && s.width <= max_width && s.stride >= 1 && s.stride <= max_stride;
}

/// Signed digits of a scalar below 2^scalar_bits; the carry out of the highest bit wants one bit more.
constexpr unsigned digit_count(unsigned width, unsigned scalar_bits) noexcept { return (scalar_bits + width) / width; }
/// Multiples at one position.
constexpr unsigned row_size(table_shape s) noexcept { return 1u << (s.width - 1); }
constexpr unsigned row_count(table_shape s, unsigned scalar_bits) noexcept {
    return (digit_count(s.width, scalar_bits) + s.stride - 1) / s.stride;
}
constexpr std::size_t entry_count(table_shape s, unsigned scalar_bits) noexcept {
    return std::size_t{row_size(s)} * row_count(s, scalar_bits);
}

// n of P-256 has 256 bits; L of edwards25519 has 253.
inline constexpr unsigned p256_scalar_bits = 256, ed25519_scalar_bits = 253;
inline constexpr std::size_t p256_entry_bytes = 64, ed25519_entry_bytes = 96;

}}}} // namespace signet::crypto::arith

// SPDX-License-Identifier: BSL-1.0
// How a scalar is cut into signed digits.
#pragma once

#include <signet/crypto/impl/arith/limbs.hpp>
#include <signet/crypto/impl/arith/table_shape.hpp>

namespace signet { inline namespace SIGNET_ABI { namespace crypto { namespace arith {

/// A scalar as sum of digit[i] * 2^(width * i), each digit in [-2^(width - 1), 2^(width - 1)].
struct signed_digits {
    unsigned count;
    std::int16_t digit[max_digits];
};

template <class Word>
constexpr signed_digits to_signed_digits(u256<Word> const& scalar, unsigned width, unsigned scalar_bits) noexcept {
    signed_digits r{};
    r.count = digit_count(width, scalar_bits);
    unsigned carry = 0;
    for (unsigned i = 0; i != r.count; ++i) {
        unsigned const d = bits(scalar, i * width, width) + carry;
        carry = d > 1u << (width - 1);
        r.digit[i] = static_cast<std::int16_t>(static_cast<int>(d) - (static_cast<int>(carry) << width));
    }
    return r;
}

/// A scalar as sum of digit[i] * 2^i, each digit zero or odd and below 2^(width - 1) in size, of `width` neighbours at
/// most one not zero: width-w NAF (Hankerson, Menezes, Vanstone, "Guide to Elliptic Curve Cryptography",
/// algorithm 3.35).
struct naf_digits {
    unsigned count; ///< one more than the highest that is not zero
    std::int8_t digit[257];
};

template <class Word> constexpr naf_digits to_naf(u256<Word> const& scalar, unsigned width) noexcept {
    naf_digits r{};
    unsigned carry = 0;
    for (unsigned i = 0; i < 257;) {
        unsigned const d = bits(scalar, i, 1) + carry;
        if ((d & 1u) == 0) { // the carry, if any, goes on
            ++i;
            continue;
        }
        unsigned const window = bits(scalar, i, width) + carry;
        carry = window >> (width - 1) & 1u;
        r.digit[i] = static_cast<std::int8_t>(static_cast<int>(window) - (static_cast<int>(carry) << width));
        r.count = i + 1;
        i += width;
    }
    return r;
}

}}}} // namespace signet::crypto::arith

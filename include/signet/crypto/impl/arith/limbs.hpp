// SPDX-License-Identifier: BSL-1.0
// Numbers of 256 bits in limbs, for public data only: nothing here is constant-time.
#pragma once

#include <signet/crypto/impl/arith/x86_64.hpp>
#include <signet/version.hpp>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace signet { inline namespace SIGNET_ABI { namespace crypto { namespace arith {

// All arithmetic is written once, over the machine word: 64 bits where the compiler multiplies them into 128, else 32.
// std::uint64_t alone may use assembly, so that with the other type of 64 bits the tests reach the portable code too.
#ifdef __SIZEOF_INT128__
__extension__ typedef unsigned __int128 uint128;
using native_word = std::uint64_t;
#else
using native_word = std::uint32_t;
#endif

namespace detail {
#ifdef __SIZEOF_INT128__
template <class Word> struct twice {
    using type = uint128;
};
#else
template <class Word> struct twice;
#endif
template <> struct twice<std::uint32_t> {
    using type = std::uint64_t;
};
} // namespace detail

/// Holds the product of two words.
template <class Word> using double_word = typename detail::twice<Word>::type;

template <class Word> inline constexpr unsigned word_bits = 8 * sizeof(Word);

/// An integer in [0, 2^256), least significant word first.
template <class Word> struct u256 {
    static constexpr std::size_t size = 32 / sizeof(Word);
    Word w[size];
    friend constexpr bool operator==(u256 const&, u256 const&) = default;
};

/// An integer in [0, 2^512): a product.
template <class Word> struct u512 {
    static constexpr std::size_t size = 64 / sizeof(Word);
    Word w[size];
};

/// The number written as four 64-bit words, most significant first, as standards print them.
template <class Word>
constexpr u256<Word> number(std::uint64_t w3, std::uint64_t w2, std::uint64_t w1, std::uint64_t w0) noexcept {
    std::uint64_t const words[4] = {w0, w1, w2, w3};
    u256<Word> r{};
    for (std::size_t i = 0; i != r.size; ++i) {
        std::size_t const bit = i * word_bits<Word>;
        r.w[i] = static_cast<Word>(words[bit / 64] >> bit % 64);
    }
    return r;
}

// One word of a sum, difference or product; the carry goes in and out.

template <class Word> constexpr Word add_carry(Word a, Word b, Word& carry) noexcept {
    auto const t = static_cast<double_word<Word>>(static_cast<double_word<Word>>(a) + b + carry);
    carry = static_cast<Word>(t >> word_bits<Word>);
    return static_cast<Word>(t);
}

template <class Word> constexpr Word subtract_borrow(Word a, Word b, Word& borrow) noexcept {
    auto const t = static_cast<double_word<Word>>(static_cast<double_word<Word>>(a) - b - borrow);
    borrow = static_cast<Word>(t >> word_bits<Word>) & 1u;
    return static_cast<Word>(t);
}

/// a * b + c + carry, which fits two words.
template <class Word> constexpr Word multiply_add(Word a, Word b, Word c, Word& carry) noexcept {
    auto const t = static_cast<double_word<Word>>(static_cast<double_word<Word>>(a) * b + c + carry);
    carry = static_cast<Word>(t >> word_bits<Word>);
    return static_cast<Word>(t);
}

/// Zeros below the lowest one, of a word other than 0.
template <class Word> constexpr unsigned trailing_zeros(Word a) noexcept {
    return static_cast<unsigned>(std::countr_zero(a));
}

namespace detail {
template <class Word> inline constexpr bool has_assembly = std::is_same_v<Word, std::uint64_t> && x86_64::available;
}

/// r = a + b; returns the carry.
template <class Word> constexpr Word add(u256<Word>& r, u256<Word> const& a, u256<Word> const& b) noexcept {
    if constexpr (detail::has_assembly<Word>)
        if (!std::is_constant_evaluated()) return x86_64::add(r.w, a.w, b.w);
    Word carry = 0;
#pragma GCC unroll 8
    for (std::size_t i = 0; i != r.size; ++i) r.w[i] = add_carry(a.w[i], b.w[i], carry);
    return carry;
}

/// r = a - b; returns the borrow.
template <class Word> constexpr Word subtract(u256<Word>& r, u256<Word> const& a, u256<Word> const& b) noexcept {
    if constexpr (detail::has_assembly<Word>)
        if (!std::is_constant_evaluated()) return x86_64::subtract(r.w, a.w, b.w);
    Word borrow = 0;
#pragma GCC unroll 8
    for (std::size_t i = 0; i != r.size; ++i) r.w[i] = subtract_borrow(a.w[i], b.w[i], borrow);
    return borrow;
}

/// `chosen` if `condition` is 1, `other` if it is 0, without a branch to mispredict.
template <class Word>
constexpr u256<Word> select(Word condition, u256<Word> const& chosen, u256<Word> const& other) noexcept {
    Word const mask = static_cast<Word>(Word{0} - condition);
    u256<Word> r{};
#pragma GCC unroll 8
    for (std::size_t i = 0; i != r.size; ++i)
        r.w[i] = static_cast<Word>((chosen.w[i] & mask) | (other.w[i] & static_cast<Word>(~mask)));
    return r;
}

template <class Word> constexpr bool is_zero(u256<Word> const& a) noexcept {
    Word any = 0;
    for (Word word : a.w) any |= word;
    return any == 0;
}

template <class Word> constexpr bool is_less(u256<Word> const& a, u256<Word> const& b) noexcept {
    u256<Word> ignored{};
    return subtract(ignored, a, b) != 0;
}

/// Three words that sum the products of one column.
template <class Word> struct column {
    Word c0 = 0, c1 = 0, c2 = 0;

    constexpr void add_product(Word a, Word b) noexcept {
        Word carry = 0;
        c0 = multiply_add(a, b, c0, carry);
        c1 = add_carry(c1, Word{0}, carry);
        c2 = static_cast<Word>(c2 + carry);
    }
    constexpr void add_product_twice(Word a, Word b) noexcept {
        add_product(a, b);
        add_product(a, b);
    }
    /// The column's word; the rest goes to the next column.
    constexpr Word next() noexcept {
        Word const r = c0;
        c0 = c1, c1 = c2, c2 = 0;
        return r;
    }
};

/// a * b, column by column.
template <class Word> constexpr u512<Word> multiply(u256<Word> const& a, u256<Word> const& b) noexcept {
    if constexpr (detail::has_assembly<Word>)
        if (!std::is_constant_evaluated()) {
            u512<Word> t;
            x86_64::multiply(t.w, a.w, b.w);
            return t;
        }
    constexpr std::size_t n = u256<Word>::size;
    u512<Word> t{};
    column<Word> sum;
#pragma GCC unroll 16
    for (std::size_t k = 0; k != 2 * n - 1; ++k) {
        std::size_t const first = k < n ? 0 : k - n + 1;
#pragma GCC unroll 8
        for (std::size_t i = first; i <= k - first; ++i) sum.add_product(a.w[i], b.w[k - i]);
        t.w[k] = sum.next();
    }
    t.w[2 * n - 1] = sum.c0;
    return t;
}

/// a * a: the products of two different words count twice.
template <class Word> constexpr u512<Word> square(u256<Word> const& a) noexcept {
    if constexpr (detail::has_assembly<Word>)
        if (!std::is_constant_evaluated()) {
            u512<Word> t;
            x86_64::square(t.w, a.w);
            return t;
        }
    constexpr std::size_t n = u256<Word>::size;
    u512<Word> t{};
    column<Word> sum;
#pragma GCC unroll 16
    for (std::size_t k = 0; k != 2 * n - 1; ++k) {
#pragma GCC unroll 8
        for (std::size_t i = k < n ? 0 : k - n + 1; 2 * i < k; ++i) sum.add_product_twice(a.w[i], a.w[k - i]);
        if (k % 2 == 0) sum.add_product(a.w[k / 2], a.w[k / 2]);
        t.w[k] = sum.next();
    }
    t.w[2 * n - 1] = sum.c0;
    return t;
}

// Octets.

template <class Word> constexpr u256<Word> from_little_endian(std::uint8_t const* octets) noexcept {
    u256<Word> r{};
    for (std::size_t i = 0; i != 32; ++i)
        r.w[i / sizeof(Word)] |= static_cast<Word>(static_cast<Word>(octets[i]) << 8 * (i % sizeof(Word)));
    return r;
}

template <class Word> constexpr u256<Word> from_big_endian(std::uint8_t const* octets) noexcept {
    u256<Word> r{};
    for (std::size_t i = 0; i != 32; ++i)
        r.w[i / sizeof(Word)] |= static_cast<Word>(static_cast<Word>(octets[31 - i]) << 8 * (i % sizeof(Word)));
    return r;
}

template <class Word> constexpr void to_little_endian(u256<Word> const& a, std::uint8_t* octets) noexcept {
    for (std::size_t i = 0; i != 32; ++i)
        octets[i] = static_cast<std::uint8_t>(a.w[i / sizeof(Word)] >> 8 * (i % sizeof(Word)));
}

template <class Word> constexpr void to_big_endian(u256<Word> const& a, std::uint8_t* octets) noexcept {
    for (std::size_t i = 0; i != 32; ++i)
        octets[31 - i] = static_cast<std::uint8_t>(a.w[i / sizeof(Word)] >> 8 * (i % sizeof(Word)));
}

/// `count` (at most 16) bits from bit `at` up; beyond bit 255 there are zeros.
template <class Word> constexpr unsigned bits(u256<Word> const& a, unsigned at, unsigned count) noexcept {
    if (at >= 256) return 0;
    std::size_t const word = at / word_bits<Word>;
    unsigned const shift = at % word_bits<Word>;
    Word r = static_cast<Word>(a.w[word] >> shift);
    if (shift != 0 && word + 1 != a.size) r |= static_cast<Word>(a.w[word + 1] << (word_bits<Word> - shift));
    return static_cast<unsigned>(r & ((Word{1} << count) - 1));
}

}}}} // namespace signet::crypto::arith

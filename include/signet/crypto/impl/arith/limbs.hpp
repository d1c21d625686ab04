// SPDX-License-Identifier: BSL-1.0
// Numbers of 256 bits in limbs, for public data only: nothing here is constant-time.
#pragma once

#include <signet/version.hpp>

#include <cstddef>
#include <cstdint>
#include <type_traits>

namespace signet::inline SIGNET_ABI::crypto::arith {

// All arithmetic is written once, over the machine word: 64 bits where the compiler multiplies them into 128, else 32.
// Both instances are tested on every machine.
#ifdef __SIZEOF_INT128__
__extension__ typedef unsigned __int128 uint128;
using native_word = std::uint64_t;
#else
using native_word = std::uint32_t;
#endif

namespace detail {
template <class Word> struct twice;
template <> struct twice<std::uint32_t> { using type = std::uint64_t; };
#ifdef __SIZEOF_INT128__
template <> struct twice<std::uint64_t> { using type = uint128; };
#endif
} // namespace detail

/// Holds the product of two words.
template <class Word> using double_word = typename detail::twice<Word>::type;

template <class Word> inline constexpr unsigned word_bits = 8 * sizeof(Word);

/// An integer in [0, 2^256), least significant word first.
template <class Word>
struct u256 {
    static constexpr std::size_t size = 32 / sizeof(Word);
    Word w[size];
    friend constexpr bool operator==(u256 const&, u256 const&) = default;
};

/// An integer in [0, 2^512): a product.
template <class Word>
struct u512 {
    static constexpr std::size_t size = 64 / sizeof(Word);
    Word w[size];
};

/// The number written as four 64-bit words, most significant first, as standards print them.
template <class Word>
constexpr u256<Word> number(std::uint64_t w3, std::uint64_t w2, std::uint64_t w1, std::uint64_t w0) noexcept {
    std::uint64_t const words[4] = {w0, w1, w2, w3};
    u256<Word>          r{};
    for (std::size_t i = 0; i != r.size; ++i) {
        std::size_t const bit = i * word_bits<Word>;
        r.w[i] = static_cast<Word>(words[bit / 64] >> bit % 64);
    }
    return r;
}

// One word of a sum, difference or product; the carry goes in and out.

template <class Word>
constexpr Word add_carry(Word a, Word b, Word& carry) noexcept {
    auto const t = static_cast<double_word<Word>>(static_cast<double_word<Word>>(a) + b + carry);
    carry = static_cast<Word>(t >> word_bits<Word>);
    return static_cast<Word>(t);
}

template <class Word>
constexpr Word subtract_borrow(Word a, Word b, Word& borrow) noexcept {
    auto const t = static_cast<double_word<Word>>(static_cast<double_word<Word>>(a) - b - borrow);
    borrow = static_cast<Word>(t >> word_bits<Word>) & 1u;
    return static_cast<Word>(t);
}

/// a * b + c + carry, which fits two words.
template <class Word>
constexpr Word multiply_add(Word a, Word b, Word c, Word& carry) noexcept {
    auto const t = static_cast<double_word<Word>>(static_cast<double_word<Word>>(a) * b + c + carry);
    carry = static_cast<Word>(t >> word_bits<Word>);
    return static_cast<Word>(t);
}

/// r = a + b; returns the carry.
template <class Word>
constexpr Word add(u256<Word>& r, u256<Word> const& a, u256<Word> const& b) noexcept {
    Word carry = 0;
#pragma GCC unroll 8
    for (std::size_t i = 0; i != r.size; ++i) r.w[i] = add_carry(a.w[i], b.w[i], carry);
    return carry;
}

/// r = a - b; returns the borrow.
template <class Word>
constexpr Word subtract(u256<Word>& r, u256<Word> const& a, u256<Word> const& b) noexcept {
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

template <class Word>
constexpr bool is_zero(u256<Word> const& a) noexcept {
    Word any = 0;
    for (Word word : a.w) any |= word;
    return any == 0;
}

template <class Word>
constexpr bool is_less(u256<Word> const& a, u256<Word> const& b) noexcept {
    u256<Word> ignored{};
    return subtract(ignored, a, b) != 0;
}

/// a * b, row by row.
template <class Word>
constexpr u512<Word> multiply(u256<Word> const& a, u256<Word> const& b) noexcept {
    constexpr std::size_t n = u256<Word>::size;
    u512<Word>            t{};
#pragma GCC unroll 8
    for (std::size_t i = 0; i != n; ++i) {
        Word carry = 0;
#pragma GCC unroll 8
        for (std::size_t j = 0; j != n; ++j) t.w[i + j] = multiply_add(a.w[i], b.w[j], t.w[i + j], carry);
        t.w[i + n] = carry;
    }
    return t;
}

/// a * a: the products of different words once, doubled, and the squares.
template <class Word>
constexpr u512<Word> square(u256<Word> const& a) noexcept {
    constexpr std::size_t n = u256<Word>::size;
    u512<Word>            t{};
#pragma GCC unroll 8
    for (std::size_t i = 0; i != n - 1; ++i) {
        Word carry = 0;
#pragma GCC unroll 8
        for (std::size_t j = i + 1; j < n; ++j) t.w[i + j] = multiply_add(a.w[i], a.w[j], t.w[i + j], carry);
        t.w[i + n] = carry;
    }
    Word carry = 0;
    Word out = 0; // the bit that doubling pushes out of the word below
#pragma GCC unroll 8
    for (std::size_t i = 0; i != n; ++i) {
        auto const diagonal = static_cast<double_word<Word>>(static_cast<double_word<Word>>(a.w[i]) * a.w[i]);
        Word const low = t.w[2 * i], high = t.w[2 * i + 1];
        t.w[2 * i] = add_carry(static_cast<Word>(low << 1 | out), static_cast<Word>(diagonal), carry);
        t.w[2 * i + 1] = add_carry(static_cast<Word>(high << 1 | low >> (word_bits<Word> - 1)),
                                   static_cast<Word>(diagonal >> word_bits<Word>), carry);
        out = static_cast<Word>(high >> (word_bits<Word> - 1));
    }
    return t;
}

// Octets.

template <class Word>
constexpr u256<Word> from_little_endian(std::uint8_t const* octets) noexcept {
    u256<Word> r{};
    for (std::size_t i = 0; i != 32; ++i)
        r.w[i / sizeof(Word)] |= static_cast<Word>(static_cast<Word>(octets[i]) << 8 * (i % sizeof(Word)));
    return r;
}

template <class Word>
constexpr u256<Word> from_big_endian(std::uint8_t const* octets) noexcept {
    u256<Word> r{};
    for (std::size_t i = 0; i != 32; ++i)
        r.w[i / sizeof(Word)] |= static_cast<Word>(static_cast<Word>(octets[31 - i]) << 8 * (i % sizeof(Word)));
    return r;
}

template <class Word>
constexpr void to_little_endian(u256<Word> const& a, std::uint8_t* octets) noexcept {
    for (std::size_t i = 0; i != 32; ++i)
        octets[i] = static_cast<std::uint8_t>(a.w[i / sizeof(Word)] >> 8 * (i % sizeof(Word)));
}

template <class Word>
constexpr void to_big_endian(u256<Word> const& a, std::uint8_t* octets) noexcept {
    for (std::size_t i = 0; i != 32; ++i)
        octets[31 - i] = static_cast<std::uint8_t>(a.w[i / sizeof(Word)] >> 8 * (i % sizeof(Word)));
}

/// `count` (at most 16) bits from bit `at` up; beyond bit 255 there are zeros.
template <class Word>
constexpr unsigned bits(u256<Word> const& a, unsigned at, unsigned count) noexcept {
    if (at >= 256) return 0;
    std::size_t const word = at / word_bits<Word>;
    unsigned const    shift = at % word_bits<Word>;
    Word              r = static_cast<Word>(a.w[word] >> shift);
    if (shift != 0 && word + 1 != a.size) r |= static_cast<Word>(a.w[word + 1] << (word_bits<Word> - shift));
    return static_cast<unsigned>(r & ((Word{1} << count) - 1));
}

} // namespace signet::crypto::arith

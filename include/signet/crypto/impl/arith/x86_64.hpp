// SPDX-License-Identifier: BSL-1.0
// The few chains of instructions that g++ does not find in portable code, in the instructions that every x86-64 machine
// has.
//
// Only speed depends on this file: without it limbs.hpp says the same in C++, and the tests compare both. Compile-time
// evaluation takes the portable way too. SIGNET_NO_ASSEMBLY leaves it out, as every machine but x86-64 does.
#pragma once

#include <signet/version.hpp>

#include <cstdint>

namespace signet { inline namespace SIGNET_ABI { namespace crypto { namespace arith { namespace x86_64 {

#if defined(__x86_64__) && !defined(__ILP32__) && defined(__GNUC__) && !defined(SIGNET_NO_ASSEMBLY)
inline constexpr bool available = true;

using words4 = std::uint64_t[4];
using words8 = std::uint64_t[8];

// One instruction, in both ways of writing it: {AT&T|Intel}. The compiler takes the one that it writes itself, so that
// a program may be compiled with -masm=intel. Names are those of operands; the last one of an instruction is changed.
// Operands named i are numbers.
#    define SIGNET_X86(op, from, to) #op "{q %[" #from "], %[" #to "]| %[" #to "], %[" #from "]}; "
#    define SIGNET_X86_LOW(op, from, to) #op "{l %[" #from "], %k[" #to "]| %k[" #to "], %[" #from "]}; "
#    define SIGNET_X86_MOV_LOW(from, to) "mov{l %k[" #from "], %k[" #to "]| %k[" #to "], %k[" #from "]}; "
#    define SIGNET_X86_ZERO(what) "xor{l %k[" #what "], %k[" #what "]| %k[" #what "], %k[" #what "]}; "
#    define SIGNET_X86_LOAD(offset, from, to)                                                                          \
        "mov{q " #offset "(%[" #from "]), %[" #to "]| %[" #to "], [%[" #from "] + " #offset "]}; "
#    define SIGNET_X86_MUL(with) "mul{q|} %[" #with "]; "
#    define SIGNET_X86_MUL_AT(offset, from) "mul{q " #offset "(%[" #from "])| qword ptr [%[" #from "] + " #offset "]}; "
#    ifdef __clang__ // would write a factor in memory without its size
#        define SIGNET_X86_FACTOR "r"
#    else
#        define SIGNET_X86_FACTOR "rm"
#    endif
#    define SIGNET_X86_LEA(one, two, to)                                                                               \
        "lea{q (%[" #one "], %[" #two "], 2), %[" #to "]| %[" #to "], [%[" #one "] + %[" #two "] * 2]}; "
#    define SIGNET_X86_IMUL(number, from, to)                                                                          \
        "imul{q %[" #number "], %[" #from "], %[" #to "]| %[" #to "], %[" #from "], %[" #number "]}; "

/// r = a + b over four words; returns the carry.
[[gnu::always_inline]] inline std::uint64_t add(words4& r, words4 const& a, words4 const& b) noexcept {
    std::uint64_t r0 = a[0], r1 = a[1], r2 = a[2], r3 = a[3], carry = 0;
    asm(SIGNET_X86(add, b0, r0) SIGNET_X86(adc, b1, r1) SIGNET_X86(adc, b2, r2) SIGNET_X86(adc, b3, r3)
            SIGNET_X86(adc, i0, carry)
        : [r0] "+&r"(r0), [r1] "+&r"(r1), [r2] "+&r"(r2), [r3] "+&r"(r3), [carry] "+&r"(carry)
        : [b0] "r"(b[0]), [b1] "r"(b[1]), [b2] "r"(b[2]), [b3] "r"(b[3]), [i0] "i"(0)
        : "cc");
    r[0] = r0, r[1] = r1, r[2] = r2, r[3] = r3;
    return carry;
}

/// r = a - b over four words; returns the borrow.
[[gnu::always_inline]] inline std::uint64_t subtract(words4& r, words4 const& a, words4 const& b) noexcept {
    std::uint64_t r0 = a[0], r1 = a[1], r2 = a[2], r3 = a[3], borrow = 0;
    asm(SIGNET_X86(sub, b0, r0) SIGNET_X86(sbb, b1, r1) SIGNET_X86(sbb, b2, r2) SIGNET_X86(sbb, b3, r3)
            SIGNET_X86(adc, i0, borrow)
        : [r0] "+&r"(r0), [r1] "+&r"(r1), [r2] "+&r"(r2), [r3] "+&r"(r3), [borrow] "+&r"(borrow)
        : [b0] "r"(b[0]), [b1] "r"(b[1]), [b2] "r"(b[2]), [b3] "r"(b[3]), [i0] "i"(0)
        : "cc");
    r[0] = r0, r[1] = r1, r[2] = r2, r[3] = r3;
    return borrow;
}

// Products that share no word go into one chain of carries, which takes half the additions of one product after
// another.

namespace detail {
/// t4 .. t0 = a * b
[[gnu::always_inline]] inline void multiply_first_row(std::uint64_t& t0, std::uint64_t& t1, std::uint64_t& t2,
                                                      std::uint64_t& t3, std::uint64_t& t4, words4 const& a,
                                                      std::uint64_t b) noexcept {
    std::uint64_t low, high;
    asm(SIGNET_X86_LOAD(0, a, low) SIGNET_X86_MUL(b) SIGNET_X86(mov, low, t0) SIGNET_X86(mov, high, t1)
            SIGNET_X86_LOAD(16, a, low) SIGNET_X86_MUL(b) SIGNET_X86(mov, low, t2) SIGNET_X86(mov, high, t3)
                SIGNET_X86_LOAD(24, a, low) SIGNET_X86_MUL(b) SIGNET_X86(mov, high, t4) SIGNET_X86(add, low, t3)
                    SIGNET_X86(adc, i0, t4) SIGNET_X86_LOAD(8, a, low) SIGNET_X86_MUL(b) SIGNET_X86(add, low, t1)
                        SIGNET_X86(adc, high, t2) SIGNET_X86(adc, i0, t3) SIGNET_X86(adc, i0, t4)
        : [t0] "=&r"(t0), [t1] "=&r"(t1), [t2] "=&r"(t2), [t3] "=&r"(t3), [t4] "=&r"(t4), [low] "=&a"(low),
          [high] "=&d"(high)
        : [a] "r"(a), "m"(a), [b] SIGNET_X86_FACTOR(b), [i0] "i"(0)
        : "cc");
}

/// t4 .. t0 = t3 .. t0 + a * b
[[gnu::always_inline]] inline void multiply_row(std::uint64_t& t0, std::uint64_t& t1, std::uint64_t& t2,
                                                std::uint64_t& t3, std::uint64_t& t4, words4 const& a,
                                                std::uint64_t b) noexcept {
    std::uint64_t low, high, x, y;
    asm(SIGNET_X86_LOAD(0, a, low) SIGNET_X86_MUL(b) SIGNET_X86(mov, low, x) SIGNET_X86(mov, high, y)
            SIGNET_X86_LOAD(16, a, low) SIGNET_X86_MUL(b) SIGNET_X86_ZERO(t4) SIGNET_X86(add, x, t0)
                SIGNET_X86(adc, y, t1) SIGNET_X86(adc, low, t2) SIGNET_X86(adc, high, t3) SIGNET_X86(adc, i0, t4)
                    SIGNET_X86_LOAD(8, a, low) SIGNET_X86_MUL(b) SIGNET_X86(mov, low, x) SIGNET_X86(mov, high, y)
                        SIGNET_X86_LOAD(24, a, low) SIGNET_X86_MUL(b) SIGNET_X86(add, x, t1) SIGNET_X86(adc, y, t2)
                            SIGNET_X86(adc, low, t3) SIGNET_X86(adc, high, t4)
        : [t0] "+&r"(t0), [t1] "+&r"(t1), [t2] "+&r"(t2), [t3] "+&r"(t3), [t4] "=&r"(t4), [x] "=&r"(x), [y] "=&r"(y),
          [low] "=&a"(low), [high] "=&d"(high)
        : [a] "r"(a), "m"(a), [b] SIGNET_X86_FACTOR(b), [i0] "i"(0)
        : "cc");
}
} // namespace detail

/// t = a * b, row by row.
[[gnu::always_inline]] inline void multiply(words8& t, words4 const& a, words4 const& b) noexcept {
    std::uint64_t t0, t1, t2, t3, t4, t5, t6, t7;
    detail::multiply_first_row(t0, t1, t2, t3, t4, a, b[0]);
    detail::multiply_row(t1, t2, t3, t4, t5, a, b[1]);
    detail::multiply_row(t2, t3, t4, t5, t6, a, b[2]);
    detail::multiply_row(t3, t4, t5, t6, t7, a, b[3]);
    t[0] = t0, t[1] = t1, t[2] = t2, t[3] = t3, t[4] = t4, t[5] = t5, t[6] = t6, t[7] = t7;
}

/// t = a * a
[[gnu::always_inline]] inline void square(words8& t, words4 const& a) noexcept {
    std::uint64_t t0, t1, t2, t3, t4, t5, t6, t7, low, high, x, y, carry;
    // The products of two different words,
    asm(SIGNET_X86_LOAD(0, a, low) SIGNET_X86_MUL_AT(8, a) SIGNET_X86(mov, low, t1) SIGNET_X86(mov, high, t2)
            SIGNET_X86_LOAD(0, a, low) SIGNET_X86_MUL_AT(24, a) SIGNET_X86(mov, low, t3) SIGNET_X86(mov, high, t4)
                SIGNET_X86_LOAD(16, a, low) SIGNET_X86_MUL_AT(24, a) SIGNET_X86(mov, low, t5) SIGNET_X86(mov, high, t6)
                    SIGNET_X86_LOAD(0, a, low) SIGNET_X86_MUL_AT(16, a) SIGNET_X86(mov, low, x) SIGNET_X86(mov, high, y)
                        SIGNET_X86_LOAD(8, a, low) SIGNET_X86_MUL_AT(24, a) SIGNET_X86(add, x, t2)
                            SIGNET_X86(adc, y, t3) SIGNET_X86(adc, low, t4) SIGNET_X86(adc, high, t5)
                                SIGNET_X86(adc, i0, t6) SIGNET_X86_LOAD(8, a, low) SIGNET_X86_MUL_AT(16, a)
                                    SIGNET_X86(add, low, t3) SIGNET_X86(adc, high, t4) SIGNET_X86(adc, i0, t5)
                                        SIGNET_X86(adc, i0, t6)
        : [t1] "=&r"(t1), [t2] "=&r"(t2), [t3] "=&r"(t3), [t4] "=&r"(t4), [t5] "=&r"(t5), [t6] "=&r"(t6), [x] "=&r"(x),
          [y] "=&r"(y), [low] "=&a"(low), [high] "=&d"(high)
        : [a] "r"(a), "m"(a), [i0] "i"(0)
        : "cc");
    // twice,
    asm(SIGNET_X86_ZERO(t7) SIGNET_X86(add, t1, t1) SIGNET_X86(adc, t2, t2) SIGNET_X86(adc, t3, t3)
            SIGNET_X86(adc, t4, t4) SIGNET_X86(adc, t5, t5) SIGNET_X86(adc, t6, t6) SIGNET_X86(adc, i0, t7)
        : [t1] "+&r"(t1), [t2] "+&r"(t2), [t3] "+&r"(t3), [t4] "+&r"(t4), [t5] "+&r"(t5), [t6] "+&r"(t6), [t7] "=&r"(t7)
        : [i0] "i"(0)
        : "cc");
    // and the squares, which share no word at all: one chain in two parts.
    asm(SIGNET_X86_LOAD(0, a, low) SIGNET_X86_MUL(low) SIGNET_X86(mov, low, t0) SIGNET_X86(mov, high, x)
            SIGNET_X86_LOAD(8, a, low) SIGNET_X86_MUL(low) SIGNET_X86(add, x, t1) SIGNET_X86(adc, low, t2)
                SIGNET_X86(adc, high, t3) SIGNET_X86(sbb, carry, carry)
        : [t0] "=&r"(t0), [t1] "+&r"(t1), [t2] "+&r"(t2), [t3] "+&r"(t3), [x] "=&r"(x), [carry] "=&r"(carry),
          [low] "=&a"(low), [high] "=&d"(high)
        : [a] "r"(a), "m"(a)
        : "cc");
    asm(SIGNET_X86_LOAD(16, a, low) SIGNET_X86_MUL(low) SIGNET_X86(mov, low, x) SIGNET_X86(mov, high, y)
            SIGNET_X86_LOAD(24, a, low) SIGNET_X86_MUL(low) SIGNET_X86(add, carry, carry) SIGNET_X86(adc, x, t4)
                SIGNET_X86(adc, y, t5) SIGNET_X86(adc, low, t6) SIGNET_X86(adc, high, t7)
        : [t4] "+&r"(t4), [t5] "+&r"(t5), [t6] "+&r"(t6), [t7] "+&r"(t7), [x] "=&r"(x), [y] "=&r"(y),
          [carry] "+&r"(carry), [low] "=&a"(low), [high] "=&d"(high)
        : [a] "r"(a), "m"(a)
        : "cc");
    t[0] = t0, t[1] = t1, t[2] = t2, t[3] = t3, t[4] = t4, t[5] = t5, t[6] = t6, t[7] = t7;
}

// Modulo 2^255 - 19: operands and results are any numbers below 2^256, of which 38 is congruent to 0.

/// r = a + b mod 2^255 - 19. A second carry leaves a number below 38, so that a third does not happen.
[[gnu::always_inline]] inline void add_mod_25519(words4& r, words4 const& a, words4 const& b) noexcept {
    std::uint64_t r0 = a[0], r1 = a[1], r2 = a[2], r3 = a[3], more;
    asm(SIGNET_X86(add, b0, r0) SIGNET_X86(adc, b1, r1) SIGNET_X86(adc, b2, r2) SIGNET_X86(adc, b3, r3)
            SIGNET_X86(sbb, more, more) SIGNET_X86_LOW(and, i38, more) SIGNET_X86(add, more, r0) SIGNET_X86(adc, i0, r1)
                SIGNET_X86(adc, i0, r2) SIGNET_X86(adc, i0, r3) SIGNET_X86(sbb, more, more)
                    SIGNET_X86_LOW(and, i38, more) SIGNET_X86(add, more, r0)
        : [r0] "+&r"(r0), [r1] "+&r"(r1), [r2] "+&r"(r2), [r3] "+&r"(r3), [more] "=&r"(more)
        : [b0] "rm"(b[0]), [b1] "rm"(b[1]), [b2] "rm"(b[2]), [b3] "rm"(b[3]), [i0] "i"(0), [i38] "i"(38)
        : "cc");
    r[0] = r0, r[1] = r1, r[2] = r2, r[3] = r3;
}

/// r = a - b mod 2^255 - 19. A second borrow leaves a number within 38 of 2^256.
[[gnu::always_inline]] inline void subtract_mod_25519(words4& r, words4 const& a, words4 const& b) noexcept {
    std::uint64_t r0 = a[0], r1 = a[1], r2 = a[2], r3 = a[3], less;
    asm(SIGNET_X86(sub, b0, r0) SIGNET_X86(sbb, b1, r1) SIGNET_X86(sbb, b2, r2) SIGNET_X86(sbb, b3, r3)
            SIGNET_X86(sbb, less, less) SIGNET_X86_LOW(and, i38, less) SIGNET_X86(sub, less, r0) SIGNET_X86(sbb, i0, r1)
                SIGNET_X86(sbb, i0, r2) SIGNET_X86(sbb, i0, r3) SIGNET_X86(sbb, less, less)
                    SIGNET_X86_LOW(and, i38, less) SIGNET_X86(sub, less, r0)
        : [r0] "+&r"(r0), [r1] "+&r"(r1), [r2] "+&r"(r2), [r3] "+&r"(r3), [less] "=&r"(less)
        : [b0] "rm"(b[0]), [b1] "rm"(b[1]), [b2] "rm"(b[2]), [b3] "rm"(b[3]), [i0] "i"(0), [i38] "i"(38)
        : "cc");
    r[0] = r0, r[1] = r1, r[2] = r2, r[3] = r3;
}

/// r = t mod 2^255 - 19. First low + 38 * high; what then stands from bit 255 up is at most 77, counts 19, and is added
/// to a number below 2^255.
[[gnu::always_inline]] inline void reduce_mod_25519(words4& r, words8 const& t) noexcept {
    std::uint64_t r0 = t[0], r1 = t[1], r2 = t[2], r3 = t[3], t4 = t[4], t5 = t[5], t6 = t[6], low, high;
    asm(SIGNET_X86(mov, t4, low) SIGNET_X86_MUL(c38) SIGNET_X86(mov, low, t4) SIGNET_X86(mov, t6, low)
            SIGNET_X86(mov, high, t6) SIGNET_X86_MUL(c38) SIGNET_X86(add, t4, r0) SIGNET_X86(adc, t6, r1)
                SIGNET_X86(adc, low, r2) SIGNET_X86(adc, high, r3) SIGNET_X86(sbb, t6, t6) SIGNET_X86(mov, t5, low)
                    SIGNET_X86_MUL(c38) SIGNET_X86(mov, low, t5) SIGNET_X86(mov, t7, low) SIGNET_X86(mov, high, t4)
                        SIGNET_X86_MUL(c38) SIGNET_X86(add, t5, r1) SIGNET_X86(adc, t4, r2) SIGNET_X86(adc, low, r3)
                            SIGNET_X86(adc, i0, high) SIGNET_X86(sub, t6, high) SIGNET_X86(mov, r3, low)
                                SIGNET_X86(shr, i63, low) SIGNET_X86_LEA(low, high, high)
                                    SIGNET_X86_IMUL(i19, high, high) SIGNET_X86(btr, i63, r3) SIGNET_X86(add, high, r0)
                                        SIGNET_X86(adc, i0, r1) SIGNET_X86(adc, i0, r2) SIGNET_X86(adc, i0, r3)
        : [r0] "+&r"(r0), [r1] "+&r"(r1), [r2] "+&r"(r2), [r3] "+&r"(r3), [t4] "+&r"(t4), [t5] "+&r"(t5),
          [t6] "+&r"(t6), [low] "=&a"(low), [high] "=&d"(high)
        : [t7] "r"(t[7]), [c38] "r"(std::uint64_t{38}), [i0] "i"(0), [i19] "i"(19), [i63] "i"(63)
        : "cc");
    r[0] = r0, r[1] = r1, r[2] = r2, r[3] = r3;
}

// Modulo P-256's p = 2^256 - 2^224 + 2^192 + 2^96 - 1, whose words are -1, 2^32 - 1, 0 and p3. All results are below p.

inline constexpr std::uint64_t p256_1 = 0x00000000ffffffff, p256_3 = 0xffffffff00000001;

// From r + 2^256 * more < 2p, p less if that is not below 0.
#    define SIGNET_X86_REDUCE_P256                                                                                     \
        SIGNET_X86(mov, r0, s0)                                                                                        \
        SIGNET_X86(mov, r1, s1)                                                                                        \
        SIGNET_X86(mov, r2, s2)                                                                                        \
        SIGNET_X86(mov, r3, s3)                                                                                        \
        SIGNET_X86(sub, minus1, s0)                                                                                    \
        SIGNET_X86(sbb, p1, s1)                                                                                        \
        SIGNET_X86(sbb, i0, s2)                                                                                        \
        SIGNET_X86(sbb, p3, s3)                                                                                        \
        SIGNET_X86(sbb, i0, more)                                                                                      \
        SIGNET_X86(cmovae, s0, r0) SIGNET_X86(cmovae, s1, r1) SIGNET_X86(cmovae, s2, r2) SIGNET_X86(cmovae, s3, r3)

/// r = a + b mod p, for a + b < 2p.
[[gnu::always_inline]] inline void add_mod_p256(words4& r, words4 const& a, words4 const& b) noexcept {
    std::uint64_t r0 = a[0], r1 = a[1], r2 = a[2], r3 = a[3], more, s0, s1, s2, s3;
    asm(SIGNET_X86_ZERO(more) SIGNET_X86(add, b0, r0) SIGNET_X86(adc, b1, r1) SIGNET_X86(adc, b2, r2)
            SIGNET_X86(adc, b3, r3) SIGNET_X86(adc, i0, more) SIGNET_X86_REDUCE_P256
        : [r0] "+&r"(r0), [r1] "+&r"(r1), [r2] "+&r"(r2), [r3] "+&r"(r3), [more] "=&r"(more), [s0] "=&r"(s0),
          [s1] "=&r"(s1), [s2] "=&r"(s2), [s3] "=&r"(s3)
        : [b0] "rm"(b[0]), [b1] "rm"(b[1]), [b2] "rm"(b[2]), [b3] "rm"(b[3]), [p1] "r"(p256_1), [p3] "r"(p256_3),
          [i0] "i"(0), [minus1] "i"(-1)
        : "cc");
    r[0] = r0, r[1] = r1, r[2] = r2, r[3] = r3;
}

/// r = a - b mod p, for a, b < p.
[[gnu::always_inline]] inline void subtract_mod_p256(words4& r, words4 const& a, words4 const& b) noexcept {
    std::uint64_t r0 = a[0], r1 = a[1], r2 = a[2], r3 = a[3], more, low, high;
    asm(SIGNET_X86(sub, b0, r0) SIGNET_X86(sbb, b1, r1) SIGNET_X86(sbb, b2, r2) SIGNET_X86(sbb, b3, r3)
            SIGNET_X86(sbb, more, more) SIGNET_X86(mov, p3, high) SIGNET_X86(and, more, high)
                SIGNET_X86_MOV_LOW(more, low) SIGNET_X86(add, more, r0) SIGNET_X86(adc, low, r1) SIGNET_X86(adc, i0, r2)
                    SIGNET_X86(adc, high, r3)
        : [r0] "+&r"(r0), [r1] "+&r"(r1), [r2] "+&r"(r2), [r3] "+&r"(r3), [more] "=&r"(more), [low] "=&r"(low),
          [high] "=&r"(high)
        : [b0] "rm"(b[0]), [b1] "rm"(b[1]), [b2] "rm"(b[2]), [b3] "rm"(b[3]), [p3] "r"(p256_3), [i0] "i"(0)
        : "cc");
    r[0] = r0, r[1] = r1, r[2] = r2, r[3] = r3;
}

// With q = r0: r = (r + q * p) / 2^64, whose highest word then stands in r0's register. q * p + q is
// q * 2^96 + q * (2^64 - 2^32 + 1) * 2^192.
#    define SIGNET_X86_ROUND_P256(r0, r1, r2, r3)                                                                      \
        SIGNET_X86(mov, r0, left)                                                                                      \
        SIGNET_X86(shl, i32, left)                                                                                     \
        SIGNET_X86(mov, r0, right)                                                                                     \
        SIGNET_X86(shr, i32, right)                                                                                    \
        SIGNET_X86(mov, r0, low)                                                                                       \
        SIGNET_X86(sub, left, low)                                                                                     \
        SIGNET_X86(sbb, right, r0)                                                                                     \
        SIGNET_X86(add, left, r1) SIGNET_X86(adc, right, r2) SIGNET_X86(adc, low, r3) SIGNET_X86(adc, i0, r0)

/// r = t / 2^256 mod p, for t < 2^256 p. The low half is divided alone and stays below 2^256.
[[gnu::always_inline]] inline void reduce_mod_p256(words4& r, words8 const& t) noexcept {
    std::uint64_t r0 = t[0], r1 = t[1], r2 = t[2], r3 = t[3], left, right, low;
    asm(SIGNET_X86_ROUND_P256(r0, r1, r2, r3) SIGNET_X86_ROUND_P256(r1, r2, r3, r0)
            SIGNET_X86_ROUND_P256(r2, r3, r0, r1) SIGNET_X86_ROUND_P256(r3, r0, r1, r2)
        : [r0] "+&r"(r0), [r1] "+&r"(r1), [r2] "+&r"(r2), [r3] "+&r"(r3), [left] "=&r"(left), [right] "=&r"(right),
          [low] "=&r"(low)
        : [i0] "i"(0), [i32] "i"(32)
        : "cc");
    words4 const low_half{r0, r1, r2, r3}, high_half{t[4], t[5], t[6], t[7]};
    add_mod_p256(r, low_half, high_half);
}

#    undef SIGNET_X86_REDUCE_P256
#    undef SIGNET_X86_ROUND_P256
#    undef SIGNET_X86
#    undef SIGNET_X86_MOV_LOW
#    undef SIGNET_X86_LOW
#    undef SIGNET_X86_ZERO
#    undef SIGNET_X86_LOAD
#    undef SIGNET_X86_MUL
#    undef SIGNET_X86_MUL_AT
#    undef SIGNET_X86_FACTOR
#    undef SIGNET_X86_LEA
#    undef SIGNET_X86_IMUL

#else
inline constexpr bool available = false;

// Never called and never defined: a discarded `if constexpr` still looks qualified names up.
template <class... T> std::uint64_t add(T&&...) noexcept;
template <class... T> std::uint64_t subtract(T&&...) noexcept;
template <class... T> void multiply(T&&...) noexcept;
template <class... T> void square(T&&...) noexcept;
template <class... T> void add_mod_25519(T&&...) noexcept;
template <class... T> void subtract_mod_25519(T&&...) noexcept;
template <class... T> void reduce_mod_25519(T&&...) noexcept;
template <class... T> void add_mod_p256(T&&...) noexcept;
template <class... T> void subtract_mod_p256(T&&...) noexcept;
template <class... T> void reduce_mod_p256(T&&...) noexcept;
#endif

}}}}} // namespace signet::crypto::arith::x86_64

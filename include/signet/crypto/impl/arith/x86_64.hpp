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

/// r = a + b over four words; returns the carry.
[[gnu::always_inline]] inline std::uint64_t add(words4& r, words4 const& a, words4 const& b) noexcept {
    std::uint64_t r0 = a[0], r1 = a[1], r2 = a[2], r3 = a[3], carry = 0;
    asm("addq %[b0], %[r0]\n\t"
        "adcq %[b1], %[r1]\n\t"
        "adcq %[b2], %[r2]\n\t"
        "adcq %[b3], %[r3]\n\t"
        "adcq $0, %[carry]"
        : [r0] "+&r"(r0), [r1] "+&r"(r1), [r2] "+&r"(r2), [r3] "+&r"(r3), [carry] "+&r"(carry)
        : [b0] "r"(b[0]), [b1] "r"(b[1]), [b2] "r"(b[2]), [b3] "r"(b[3])
        : "cc");
    r[0] = r0, r[1] = r1, r[2] = r2, r[3] = r3;
    return carry;
}

/// r = a - b over four words; returns the borrow.
[[gnu::always_inline]] inline std::uint64_t subtract(words4& r, words4 const& a, words4 const& b) noexcept {
    std::uint64_t r0 = a[0], r1 = a[1], r2 = a[2], r3 = a[3], borrow = 0;
    asm("subq %[b0], %[r0]\n\t"
        "sbbq %[b1], %[r1]\n\t"
        "sbbq %[b2], %[r2]\n\t"
        "sbbq %[b3], %[r3]\n\t"
        "adcq $0, %[borrow]"
        : [r0] "+&r"(r0), [r1] "+&r"(r1), [r2] "+&r"(r2), [r3] "+&r"(r3), [borrow] "+&r"(borrow)
        : [b0] "r"(b[0]), [b1] "r"(b[1]), [b2] "r"(b[2]), [b3] "r"(b[3])
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
    asm("movq (%[a]), %%rax; mulq %[b]; movq %%rax, %[t0]; movq %%rdx, %[t1];"
        "movq 16(%[a]), %%rax; mulq %[b]; movq %%rax, %[t2]; movq %%rdx, %[t3];"
        "movq 24(%[a]), %%rax; mulq %[b]; movq %%rdx, %[t4]; addq %%rax, %[t3]; adcq $0, %[t4];"
        "movq 8(%[a]), %%rax; mulq %[b]; addq %%rax, %[t1]; adcq %%rdx, %[t2]; adcq $0, %[t3]; adcq $0, %[t4]"
        : [t0] "=&r"(t0), [t1] "=&r"(t1), [t2] "=&r"(t2), [t3] "=&r"(t3), [t4] "=&r"(t4), "=&a"(low), "=&d"(high)
        : [a] "r"(a), "m"(a), [b] "rm"(b)
        : "cc");
}

/// t4 .. t0 = t3 .. t0 + a * b
[[gnu::always_inline]] inline void multiply_row(std::uint64_t& t0, std::uint64_t& t1, std::uint64_t& t2,
                                                std::uint64_t& t3, std::uint64_t& t4, words4 const& a,
                                                std::uint64_t b) noexcept {
    std::uint64_t low, high, x, y;
    asm("movq (%[a]), %%rax; mulq %[b]; movq %%rax, %[x]; movq %%rdx, %[y];"
        "movq 16(%[a]), %%rax; mulq %[b]; xorl %k[t4], %k[t4];"
        "addq %[x], %[t0]; adcq %[y], %[t1]; adcq %%rax, %[t2]; adcq %%rdx, %[t3]; adcq $0, %[t4];"
        "movq 8(%[a]), %%rax; mulq %[b]; movq %%rax, %[x]; movq %%rdx, %[y];"
        "movq 24(%[a]), %%rax; mulq %[b];"
        "addq %[x], %[t1]; adcq %[y], %[t2]; adcq %%rax, %[t3]; adcq %%rdx, %[t4]"
        : [t0] "+&r"(t0), [t1] "+&r"(t1), [t2] "+&r"(t2), [t3] "+&r"(t3), [t4] "=&r"(t4), [x] "=&r"(x), [y] "=&r"(y),
          "=&a"(low), "=&d"(high)
        : [a] "r"(a), "m"(a), [b] "rm"(b)
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
    asm("movq (%[a]), %%rax; mulq 8(%[a]); movq %%rax, %[t1]; movq %%rdx, %[t2];"
        "movq (%[a]), %%rax; mulq 24(%[a]); movq %%rax, %[t3]; movq %%rdx, %[t4];"
        "movq 16(%[a]), %%rax; mulq 24(%[a]); movq %%rax, %[t5]; movq %%rdx, %[t6];"
        "movq (%[a]), %%rax; mulq 16(%[a]); movq %%rax, %[x]; movq %%rdx, %[y];"
        "movq 8(%[a]), %%rax; mulq 24(%[a]);"
        "addq %[x], %[t2]; adcq %[y], %[t3]; adcq %%rax, %[t4]; adcq %%rdx, %[t5]; adcq $0, %[t6];"
        "movq 8(%[a]), %%rax; mulq 16(%[a]);"
        "addq %%rax, %[t3]; adcq %%rdx, %[t4]; adcq $0, %[t5]; adcq $0, %[t6]"
        : [t1] "=&r"(t1), [t2] "=&r"(t2), [t3] "=&r"(t3), [t4] "=&r"(t4), [t5] "=&r"(t5), [t6] "=&r"(t6), [x] "=&r"(x),
          [y] "=&r"(y), "=&a"(low), "=&d"(high)
        : [a] "r"(a), "m"(a)
        : "cc");
    // twice,
    asm("xorl %k[t7], %k[t7]; addq %[t1], %[t1]; adcq %[t2], %[t2]; adcq %[t3], %[t3]; adcq %[t4], %[t4];"
        "adcq %[t5], %[t5]; adcq %[t6], %[t6]; adcq $0, %[t7]"
        : [t1] "+&r"(t1), [t2] "+&r"(t2), [t3] "+&r"(t3), [t4] "+&r"(t4), [t5] "+&r"(t5), [t6] "+&r"(t6), [t7] "=&r"(t7)
        :
        : "cc");
    // and the squares, which share no word at all: one chain in two parts.
    asm("movq (%[a]), %%rax; mulq %%rax; movq %%rax, %[t0]; movq %%rdx, %[x];"
        "movq 8(%[a]), %%rax; mulq %%rax;"
        "addq %[x], %[t1]; adcq %%rax, %[t2]; adcq %%rdx, %[t3]; sbbq %[carry], %[carry]"
        : [t0] "=&r"(t0), [t1] "+&r"(t1), [t2] "+&r"(t2), [t3] "+&r"(t3), [x] "=&r"(x), [carry] "=&r"(carry),
          "=&a"(low), "=&d"(high)
        : [a] "r"(a), "m"(a)
        : "cc");
    asm("movq 16(%[a]), %%rax; mulq %%rax; movq %%rax, %[x]; movq %%rdx, %[y];"
        "movq 24(%[a]), %%rax; mulq %%rax;"
        "addq %[carry], %[carry]; adcq %[x], %[t4]; adcq %[y], %[t5]; adcq %%rax, %[t6]; adcq %%rdx, %[t7]"
        : [t4] "+&r"(t4), [t5] "+&r"(t5), [t6] "+&r"(t6), [t7] "+&r"(t7), [x] "=&r"(x), [y] "=&r"(y),
          [carry] "+&r"(carry), "=&a"(low), "=&d"(high)
        : [a] "r"(a), "m"(a)
        : "cc");
    t[0] = t0, t[1] = t1, t[2] = t2, t[3] = t3, t[4] = t4, t[5] = t5, t[6] = t6, t[7] = t7;
}

// Modulo 2^255 - 19: operands and results are any numbers below 2^256, of which 38 is congruent to 0.

/// r = a + b mod 2^255 - 19. A second carry leaves a number below 38, so that a third does not happen.
[[gnu::always_inline]] inline void add_mod_25519(words4& r, words4 const& a, words4 const& b) noexcept {
    std::uint64_t r0 = a[0], r1 = a[1], r2 = a[2], r3 = a[3], more;
    asm("addq %[b0], %[r0]; adcq %[b1], %[r1]; adcq %[b2], %[r2]; adcq %[b3], %[r3]; sbbq %[more], %[more]; andl $38, %k[more];"
        "addq %[more], %[r0]; adcq $0, %[r1]; adcq $0, %[r2]; adcq $0, %[r3]; sbbq %[more], %[more]; andl $38, %k[more];"
        "addq %[more], %[r0]"
        : [r0] "+&r"(r0), [r1] "+&r"(r1), [r2] "+&r"(r2), [r3] "+&r"(r3), [more] "=&r"(more)
        : [b0] "rm"(b[0]), [b1] "rm"(b[1]), [b2] "rm"(b[2]), [b3] "rm"(b[3])
        : "cc");
    r[0] = r0, r[1] = r1, r[2] = r2, r[3] = r3;
}

/// r = a - b mod 2^255 - 19. A second borrow leaves a number within 38 of 2^256.
[[gnu::always_inline]] inline void subtract_mod_25519(words4& r, words4 const& a, words4 const& b) noexcept {
    std::uint64_t r0 = a[0], r1 = a[1], r2 = a[2], r3 = a[3], less;
    asm("subq %[b0], %[r0]; sbbq %[b1], %[r1]; sbbq %[b2], %[r2]; sbbq %[b3], %[r3]; sbbq %[less], %[less]; andl $38, %k[less];"
        "subq %[less], %[r0]; sbbq $0, %[r1]; sbbq $0, %[r2]; sbbq $0, %[r3]; sbbq %[less], %[less]; andl $38, %k[less];"
        "subq %[less], %[r0]"
        : [r0] "+&r"(r0), [r1] "+&r"(r1), [r2] "+&r"(r2), [r3] "+&r"(r3), [less] "=&r"(less)
        : [b0] "rm"(b[0]), [b1] "rm"(b[1]), [b2] "rm"(b[2]), [b3] "rm"(b[3])
        : "cc");
    r[0] = r0, r[1] = r1, r[2] = r2, r[3] = r3;
}

/// r = t mod 2^255 - 19. First low + 38 * high; what then stands from bit 255 up is at most 77, counts 19, and is added
/// to a number below 2^255.
[[gnu::always_inline]] inline void reduce_mod_25519(words4& r, words8 const& t) noexcept {
    std::uint64_t r0 = t[0], r1 = t[1], r2 = t[2], r3 = t[3], t4 = t[4], t5 = t[5], t6 = t[6], low, high;
    asm("movq %[t4], %%rax; mulq %[c38]; movq %%rax, %[t4]; movq %[t6], %%rax; movq %%rdx, %[t6]; mulq %[c38];"
        "addq %[t4], %[r0]; adcq %[t6], %[r1]; adcq %%rax, %[r2]; adcq %%rdx, %[r3]; sbbq %[t6], %[t6];"
        "movq %[t5], %%rax; mulq %[c38]; movq %%rax, %[t5]; movq %[t7], %%rax; movq %%rdx, %[t4]; mulq %[c38];"
        "addq %[t5], %[r1]; adcq %[t4], %[r2]; adcq %%rax, %[r3]; adcq $0, %%rdx; subq %[t6], %%rdx;"
        "movq %[r3], %%rax; shrq $63, %%rax; leaq (%%rax, %%rdx, 2), %%rdx; imulq $19, %%rdx, %%rdx; btrq $63, %[r3];"
        "addq %%rdx, %[r0]; adcq $0, %[r1]; adcq $0, %[r2]; adcq $0, %[r3]"
        : [r0] "+&r"(r0), [r1] "+&r"(r1), [r2] "+&r"(r2), [r3] "+&r"(r3), [t4] "+&r"(t4), [t5] "+&r"(t5),
          [t6] "+&r"(t6), "=&a"(low), "=&d"(high)
        : [t7] "r"(t[7]), [c38] "r"(std::uint64_t{38})
        : "cc");
    r[0] = r0, r[1] = r1, r[2] = r2, r[3] = r3;
}

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
#endif

}}}}} // namespace signet::crypto::arith::x86_64

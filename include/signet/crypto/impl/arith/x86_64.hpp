// SPDX-License-Identifier: BSL-1.0
// The few chains of instructions that g++ does not find in portable code, in the instructions that every x86-64 machine has.
//
// Only speed depends on this file: without it limbs.hpp says the same in C++, and the tests compare both. Compile-time
// evaluation takes the portable way too.
#pragma once

#include <signet/version.hpp>

#include <cstdint>

namespace signet::inline SIGNET_ABI::crypto::arith::x86_64 {

#if defined(__x86_64__) && !defined(__ILP32__) && defined(__GNUC__)
inline constexpr bool available = true;

/// r = a + b over four words; returns the carry.
[[gnu::always_inline]] inline std::uint64_t add(std::uint64_t* r, std::uint64_t const* a, std::uint64_t const* b) noexcept {
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
[[gnu::always_inline]] inline std::uint64_t subtract(std::uint64_t* r, std::uint64_t const* a, std::uint64_t const* b) noexcept {
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

/// (c2, c1, c0) += a * b
[[gnu::always_inline]] inline void multiply_accumulate(std::uint64_t& c0, std::uint64_t& c1, std::uint64_t& c2,
                                                       std::uint64_t a, std::uint64_t b) noexcept {
    std::uint64_t high;
    asm("mulq %[b]\n\t"
        "addq %%rax, %[c0]\n\t"
        "adcq %%rdx, %[c1]\n\t"
        "adcq $0, %[c2]"
        : [c0] "+&r"(c0), [c1] "+&r"(c1), [c2] "+&r"(c2), "+&a"(a), "=&d"(high)
        : [b] "r"(b)
        : "cc");
}

/// (c2, c1, c0) += 2 * a * b
[[gnu::always_inline]] inline void multiply_accumulate_twice(std::uint64_t& c0, std::uint64_t& c1, std::uint64_t& c2,
                                                             std::uint64_t a, std::uint64_t b) noexcept {
    std::uint64_t high;
    asm("mulq %[b]\n\t"
        "addq %%rax, %[c0]\n\t"
        "adcq %%rdx, %[c1]\n\t"
        "adcq $0, %[c2]\n\t"
        "addq %%rax, %[c0]\n\t"
        "adcq %%rdx, %[c1]\n\t"
        "adcq $0, %[c2]"
        : [c0] "+&r"(c0), [c1] "+&r"(c1), [c2] "+&r"(c2), "+&a"(a), "=&d"(high)
        : [b] "r"(b)
        : "cc");
}

#else
inline constexpr bool available = false;
#endif

} // namespace signet::crypto::arith::x86_64

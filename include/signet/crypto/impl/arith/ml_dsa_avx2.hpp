// SPDX-License-Identifier: BSL-1.0
// The ring of ML-DSA eight coefficients at a time, and four SHAKE128 at once. The same numbers as the portable code.
//
// Each function is compiled for AVX2 whatever the flags of the translation unit; fastest_ring() chooses at run time.
// Written with vectors of the compiler and its names for a few instructions: <immintrin.h> costs a unit nearly as much
// as all standard headers together.
#pragma once

#include <signet/crypto/impl/arith/ml_dsa_ring.hpp>

#include <cstring>

namespace signet { inline namespace SIGNET_ABI { namespace crypto { namespace arith { namespace ml_dsa {

#if defined(__x86_64__) && defined(__GNUC__)

namespace avx2 {

typedef int ints8 __attribute__((vector_size(32)));
typedef unsigned unsigned8 __attribute__((vector_size(32)));
typedef char chars32 __attribute__((vector_size(32)));
typedef char chars16 __attribute__((vector_size(16)));
typedef long long longs4 __attribute__((vector_size(32)));
typedef std::uint64_t words4 __attribute__((vector_size(32)));

// ---- Products -------------------------------------------------------------------------------------------------------

__attribute__((target("avx2"))) inline ints8 load(std::int32_t const* at) noexcept {
    ints8 x;
    __builtin_memcpy(&x, at, 32);
    return x;
}
__attribute__((target("avx2"))) inline void store(std::int32_t* at, ints8 x) noexcept { __builtin_memcpy(at, &x, 32); }
__attribute__((target("avx2"))) inline ints8 every(std::int32_t x) noexcept { return ints8{} + x; }

/// Elements 1, 3, 5 and 7 where pmuldq multiplies.
__attribute__((target("avx2"))) inline ints8 odd(ints8 x) noexcept {
    return __builtin_shufflevector(x, x, 1, 1, 3, 3, 5, 5, 7, 7);
}
__attribute__((target("avx2"))) inline longs4 multiply(ints8 a, ints8 b) noexcept {
    return (longs4)__builtin_ia32_pmuldq256(a, b);
}
/// reduce() of the sums of even and odd elements, where `even_t` and `odd_t` are these times q_inverse modulo 2^32: the
/// lower halves of both terms are equal, so that the upper ones are subtracted without a borrow.
__attribute__((target("avx2"))) inline ints8 join_reduced(longs4 even, longs4 even_t, longs4 odds,
                                                          longs4 odd_t) noexcept {
    auto const modulus = every(q);
    auto const x = (ints8)(even - multiply((ints8)even_t, modulus));
    auto const y = (ints8)(odds - multiply((ints8)odd_t, modulus));
    return __builtin_shufflevector(x, y, 1, 9, 3, 11, 5, 13, 7, 15);
}

/// Factors beside what they are times q_inverse modulo 2^32.
struct factor {
    ints8 value, by_inverse;
};
__attribute__((target("avx2"))) inline ints8 product(ints8 a, factor const& f) noexcept {
    auto const b = odd(a), f1 = odd(f.value), f1_by_inverse = odd(f.by_inverse);
    return join_reduced(multiply(a, f.value), multiply(a, f.by_inverse), multiply(b, f1), multiply(b, f1_by_inverse));
}
__attribute__((target("avx2"))) inline void butterfly(ints8& low, ints8& high, factor const& f) noexcept {
    auto const t = product(high, f);
    high = low - t;
    low += t;
}
__attribute__((target("avx2"))) inline void inverse_butterfly(ints8& low, ints8& high, factor const& f) noexcept {
    auto const t = low;
    low = t + high;
    high = product(t - high, f);
}

/// The factors of the last three layers, where a vector holds several blocks: for each pair of vectors one of each.
struct alignas(32) mixed_factors {
    std::int32_t value[degree / 16][3][8], by_inverse[degree / 16][3][8];
};
struct factor_tables {
    std::int32_t by_inverse[degree]{};
    mixed_factors mixed{};
    constexpr explicit factor_tables(std::int32_t const (&value)[degree]) noexcept {
        auto const times_inverse = [](std::int32_t x) {
            return static_cast<std::int32_t>(static_cast<std::uint32_t>(x) * static_cast<std::uint32_t>(q_inverse));
        };
        for (unsigned m = 0; m != degree; ++m) by_inverse[m] = times_inverse(value[m]);
        for (unsigned pair = 0; pair != degree / 16; ++pair)
            for (unsigned layer = 0; layer != 3; ++layer) // distances 4, 2, 1
                for (unsigned i = 0; i != 8; ++i) {
                    auto const m = (32u << layer) + (pair << (layer + 1)) + (i >> (2 - layer));
                    mixed.value[pair][layer][i] = value[m];
                    mixed.by_inverse[pair][layer][i] = by_inverse[m];
                }
    }
};
inline constexpr factor_tables forward_tables{transform_factors.forward}, inverse_tables{transform_factors.inverse};

__attribute__((target("avx2"))) inline factor forward_factor(unsigned m) noexcept {
    return {every(transform_factors.forward[m]), every(forward_tables.by_inverse[m])};
}
__attribute__((target("avx2"))) inline factor inverse_factor(unsigned m) noexcept {
    return {every(transform_factors.inverse[m]), every(inverse_tables.by_inverse[m])};
}
__attribute__((target("avx2"))) inline factor mixed_factor(mixed_factors const& of, unsigned pair,
                                                           unsigned layer) noexcept {
    return {load(of.value[pair][layer]), load(of.by_inverse[pair][layer])};
}

// ---- The transform --------------------------------------------------------------------------------------------------
//
// Below x and y are two vectors of 8. Before the layer of distance 4 their halves are exchanged, before that of 2 their
// pairs, before that of 1 their elements; afterwards all that is undone.

__attribute__((target("avx2"))) inline void exchange_halves(ints8& x, ints8& y) noexcept {
    auto const low = __builtin_shufflevector(x, y, 0, 1, 2, 3, 8, 9, 10, 11);
    y = __builtin_shufflevector(x, y, 4, 5, 6, 7, 12, 13, 14, 15);
    x = low;
}
__attribute__((target("avx2"))) inline void exchange_pairs(ints8& x, ints8& y) noexcept {
    auto const low = __builtin_shufflevector(x, y, 0, 1, 8, 9, 4, 5, 12, 13);
    y = __builtin_shufflevector(x, y, 2, 3, 10, 11, 6, 7, 14, 15);
    x = low;
}
__attribute__((target("avx2"))) inline void exchange_elements(ints8& x, ints8& y) noexcept {
    auto const low = __builtin_shufflevector(x, y, 0, 8, 2, 10, 4, 12, 6, 14);
    y = __builtin_shufflevector(x, y, 1, 9, 3, 11, 5, 13, 7, 15);
    x = low;
}

__attribute__((target("avx2"))) inline void transform(polynomial& w) noexcept {
    for (unsigned i = 0; i != 32; i += 8) { // distances 128, 64, 32
        ints8 v[8];
#    pragma GCC unroll 8
        for (unsigned n = 0; n != 8; ++n) v[n] = load(w.at + i + 32 * n);
#    pragma GCC unroll 4
        for (unsigned n = 0; n != 4; ++n) butterfly(v[n], v[n + 4], forward_factor(1));
#    pragma GCC unroll 4
        for (unsigned n = 0; n != 4; ++n) butterfly(v[n + n / 2 * 2], v[n + n / 2 * 2 + 2], forward_factor(2 + n / 2));
#    pragma GCC unroll 4
        for (unsigned n = 0; n != 4; ++n) butterfly(v[2 * n], v[2 * n + 1], forward_factor(4 + n));
#    pragma GCC unroll 8
        for (unsigned n = 0; n != 8; ++n) store(w.at + i + 32 * n, v[n]);
    }
    for (unsigned block = 0; block != 8; ++block) { // distances 16 to 1
        auto* const at = w.at + 32 * block;
        ints8 v[4];
#    pragma GCC unroll 4
        for (unsigned n = 0; n != 4; ++n) v[n] = load(at + 8 * n);
        butterfly(v[0], v[2], forward_factor(8 + block));
        butterfly(v[1], v[3], forward_factor(8 + block));
#    pragma GCC unroll 2
        for (unsigned n = 0; n != 2; ++n) {
            auto &x = v[2 * n], &y = v[2 * n + 1];
            auto const pair = 2 * block + n;
            butterfly(x, y, forward_factor(16 + pair));
            exchange_halves(x, y);
            butterfly(x, y, mixed_factor(forward_tables.mixed, pair, 0));
            exchange_pairs(x, y);
            butterfly(x, y, mixed_factor(forward_tables.mixed, pair, 1));
            exchange_elements(x, y);
            butterfly(x, y, mixed_factor(forward_tables.mixed, pair, 2));
            exchange_elements(x, y);
            exchange_pairs(x, y);
            exchange_halves(x, y);
            store(at + 16 * n, x);
            store(at + 16 * n + 8, y);
        }
    }
}

__attribute__((target("avx2"))) inline void invert(polynomial& w) noexcept {
    for (unsigned block = 0; block != 8; ++block) {
        auto* const at = w.at + 32 * block;
        ints8 v[4];
#    pragma GCC unroll 4
        for (unsigned n = 0; n != 4; ++n) v[n] = load(at + 8 * n);
#    pragma GCC unroll 2
        for (unsigned n = 0; n != 2; ++n) {
            auto &x = v[2 * n], &y = v[2 * n + 1];
            auto const pair = 2 * block + n;
            exchange_halves(x, y);
            exchange_pairs(x, y);
            exchange_elements(x, y);
            inverse_butterfly(x, y, mixed_factor(inverse_tables.mixed, pair, 2));
            exchange_elements(x, y);
            inverse_butterfly(x, y, mixed_factor(inverse_tables.mixed, pair, 1));
            exchange_pairs(x, y);
            inverse_butterfly(x, y, mixed_factor(inverse_tables.mixed, pair, 0));
            exchange_halves(x, y);
            inverse_butterfly(x, y, inverse_factor(16 + pair));
        }
        inverse_butterfly(v[0], v[2], inverse_factor(8 + block));
        inverse_butterfly(v[1], v[3], inverse_factor(8 + block));
#    pragma GCC unroll 4
        for (unsigned n = 0; n != 4; ++n) store(at + 8 * n, v[n]);
    }
    constexpr auto scale = static_cast<std::uint32_t>(inverse_scale) * static_cast<std::uint32_t>(q_inverse);
    factor const last{every(inverse_scale), every(static_cast<std::int32_t>(scale))};
    for (unsigned i = 0; i != 32; i += 8) {
        ints8 v[8];
#    pragma GCC unroll 8
        for (unsigned n = 0; n != 8; ++n) v[n] = load(w.at + i + 32 * n);
#    pragma GCC unroll 4
        for (unsigned n = 0; n != 4; ++n) inverse_butterfly(v[2 * n], v[2 * n + 1], inverse_factor(4 + n));
#    pragma GCC unroll 4
        for (unsigned n = 0; n != 4; ++n)
            inverse_butterfly(v[n + n / 2 * 2], v[n + n / 2 * 2 + 2], inverse_factor(2 + n / 2));
#    pragma GCC unroll 4
        for (unsigned n = 0; n != 4; ++n) inverse_butterfly(v[n], v[n + 4], inverse_factor(1));
#    pragma GCC unroll 8
        for (unsigned n = 0; n != 8; ++n) {
            auto const x = product(v[n], last);
            store(w.at + i + 32 * n, x + (x >> 31 & q));
        }
    }
}

__attribute__((target("avx2"))) inline void multiply_row(polynomial& to, polynomial const* a, polynomial const* z,
                                                         unsigned columns, polynomial const& c,
                                                         polynomial const& t) noexcept {
    auto const inverse = every(q_inverse);
    for (unsigned i = 0; i != degree; i += 8) {
        auto const x = load(c.at + i), y = load(t.at + i);
        auto even = multiply(x, y), odds = multiply(odd(x), odd(y));
        for (unsigned j = 0; j != columns; ++j) {
            auto const u = load(a[j].at + i), v = load(z[j].at + i);
            even += multiply(u, v);
            odds += multiply(odd(u), odd(v));
        }
        store(to.at + i, join_reduced(even, multiply((ints8)even, inverse), odds, multiply((ints8)odds, inverse)));
    }
}

// ---- Packed polynomials ---------------------------------------------------------------------------------------------

/// 16 octets from each of two places.
__attribute__((target("avx2"))) inline chars32 load_two(std::uint8_t const* low, std::uint8_t const* high) noexcept {
    chars16 x, y;
    __builtin_memcpy(&x, low, 16);
    __builtin_memcpy(&y, high, 16);
    return __builtin_shufflevector(x, y, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21,
                                   22, 23, 24, 25, 26, 27, 28, 29, 30, 31);
}

__attribute__((target("avx2"))) inline bool unpack_mask(polynomial& to, std::uint8_t const* octets,
                                                        parameters const& p) noexcept {
    // Four coefficients are 9 or 10 octets; each lies within three of them.
    constexpr chars32 places18 = {0, 1, 2, -1, 2, 3, 4, -1, 4, 5, 6, -1, 6, 7, 8, -1,
                                  0, 1, 2, -1, 2, 3, 4, -1, 4, 5, 6, -1, 6, 7, 8, -1};
    constexpr chars32 places20 = {0, 1, 2, -1, 2, 3, 4, -1, 5, 6, 7, -1, 7, 8, 9, -1,
                                  0, 1, 2, -1, 2, 3, 4, -1, 5, 6, 7, -1, 7, 8, 9, -1};
    constexpr unsigned8 shifts18 = {0, 2, 4, 6, 0, 2, 4, 6}, shifts20 = {0, 4, 0, 4, 0, 4, 0, 4};
    bool const wide = p.mask_bits == 20;
    auto const places = wide ? places20 : places18;
    auto const shifts = wide ? shifts20 : shifts18;
    auto const gamma1 = std::int32_t{1} << (p.mask_bits - 1), most = gamma1 - p.beta - 1;
    auto const half = p.mask_bits / 2; // octets of four coefficients
    ints8 bad{};
    for (unsigned i = 0; i != degree; i += 8, octets += 2 * half) {
        auto const packed = (unsigned8)__builtin_ia32_pshufb256(load_two(octets, octets + half), places);
        auto const z = gamma1 - (ints8)(packed >> shifts & (2 * static_cast<unsigned>(gamma1) - 1));
        bad |= (ints8)(z > most) | (ints8)(z < -most);
        store(to.at + i, z);
    }
    return __builtin_ia32_ptestz256((longs4)bad, (longs4)bad) != 0;
}

__attribute__((target("avx2"))) inline void high_parts(std::uint8_t* to, polynomial const& w,
                                                       parameters const& p) noexcept {
    high_divisor const divide{p};
    // The lowest octet of each element, four in the first place of each half.
    constexpr chars32 lowest = {0, 4, 8, 12, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
                                0, 4, 8, 12, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1};
    for (unsigned i = 0; i != degree; i += 8) {
        auto const high = (((load(w.at + i) + divide.half) >> divide.shift) + 1) * divide.factor >> 20;
        auto const octets = (ints8)__builtin_ia32_pshufb256((chars32)(high & (ints8)(high != p.high_count)), lowest);
        int const low = octets[0], second = octets[4];
        std::memcpy(to + i, &low, 4);
        std::memcpy(to + i + 4, &second, 4);
    }
}

// ---- Four SHAKE128 at once ------------------------------------------------------------------------------------------

/// take_candidates() of one block of SHAKE128, behind which 8 octets may be read.
__attribute__((target("avx2"))) inline unsigned take_block(polynomial& to, unsigned filled,
                                                           std::uint8_t const* octets) noexcept {
    constexpr chars32 places = {0, 1, 2, -1, 3, 4, 5, -1, 6, 7, 8, -1, 9, 10, 11, -1,
                                0, 1, 2, -1, 3, 4, 5, -1, 6, 7, 8, -1, 9, 10, 11, -1};
    for (unsigned at = 0; at != keccak::shake128_rate && filled != degree; at += 24) {
        auto const all = (ints8)__builtin_ia32_pshufb256(load_two(octets + at, octets + at + 12), places) & 0x7fffff;
        auto const beyond = (longs4)(all >= q);
        if (filled <= degree - 8 && __builtin_ia32_ptestz256(beyond, beyond)) {
            store(to.at + filled, all);
            filled += 8;
        } else filled = take_candidates(to, filled, octets + at, 24);
    }
    return filled;
}

/// Four SHAKE128 that have absorbed rho, a column and a row each.
class four_shakes {
public:
    __attribute__((target("avx2"))) four_shakes(std::uint8_t const* rho, unsigned first, unsigned columns) noexcept {
        for (unsigned i = 0; i != 25; ++i) state_[i] = words4{};
        for (unsigned i = 0; i != 4; ++i) state_[i] = words4{} + signet::detail::load_little_endian(rho + 8 * i);
        for (unsigned i = 0; i != 4; ++i) {
            auto const column = (first + i) % columns, row = (first + i) / columns;
            state_[4][i] = column | row << 8 | 0x1f0000u;
        }
        state_[keccak::shake128_rate / 8 - 1] ^= std::uint64_t{1} << 63;
    }
    /// The next block of each, behind which the caller has 24 octets that are written too.
    __attribute__((target("avx2"))) void next(std::uint8_t (&blocks)[4][keccak::shake128_rate + 24]) noexcept {
        keccak::permute(state_);
        for (unsigned i = 0; i != 24; i += 4) {
            auto const a = __builtin_shufflevector(state_[i], state_[i + 1], 0, 4, 2, 6);
            auto const b = __builtin_shufflevector(state_[i], state_[i + 1], 1, 5, 3, 7);
            auto const c = __builtin_shufflevector(state_[i + 2], state_[i + 3], 0, 4, 2, 6);
            auto const d = __builtin_shufflevector(state_[i + 2], state_[i + 3], 1, 5, 3, 7);
            words4 const of[4] = {__builtin_shufflevector(a, c, 0, 1, 4, 5), __builtin_shufflevector(b, d, 0, 1, 4, 5),
                                  __builtin_shufflevector(a, c, 2, 3, 6, 7), __builtin_shufflevector(b, d, 2, 3, 6, 7)};
            for (unsigned n = 0; n != 4; ++n) __builtin_memcpy(blocks[n] + 8 * i, &of[n], 32);
        }
    }

private:
    words4 state_[25];
};

/// `count` entries of A from four sources.
template <class Sources>
__attribute__((target("avx2"))) inline void sample_uniform(polynomial* to, unsigned count, Sources& sources) noexcept {
    std::uint8_t blocks[4][keccak::shake128_rate + 24];
    unsigned filled[4] = {}, full = 0;
    while (full != count) {
        sources.next(blocks);
        full = 0;
        for (unsigned i = 0; i != count; ++i) {
            filled[i] = take_block(to[i], filled[i], blocks[i]);
            full += filled[i] == degree;
        }
    }
}
__attribute__((target("avx2"))) inline void expand(polynomial* to, std::uint8_t const* rho, unsigned first,
                                                   unsigned count, unsigned columns) noexcept {
    four_shakes sources{rho, first, columns};
    sample_uniform(to, count, sources);
}

} // namespace avx2

inline constexpr ring_functions avx2_ring{avx2::transform,   avx2::invert,     avx2::multiply_row,
                                          avx2::unpack_mask, avx2::high_parts, avx2::expand};

/// The fastest that this processor has.
inline ring_functions const& fastest_ring() noexcept {
    return __builtin_cpu_supports("avx2") ? avx2_ring : portable_ring;
}

#else

inline ring_functions const& fastest_ring() noexcept { return portable_ring; }

#endif

}}}}} // namespace signet::crypto::arith::ml_dsa

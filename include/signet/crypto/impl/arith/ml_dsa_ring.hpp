// SPDX-License-Identifier: BSL-1.0
// The ring of ML-DSA (FIPS 204): polynomials of 256 coefficients modulo q, their transform, sampling and packing.
// Portable code. All numbers are public, so nothing here is constant-time.
#pragma once

#include <signet/crypto/impl/arith/keccak.hpp>

namespace signet { inline namespace SIGNET_ABI { namespace crypto { namespace arith { namespace ml_dsa {

inline constexpr std::int32_t q = 8380417;
inline constexpr unsigned degree = 256, dropped_bits = 13; // n and d of FIPS 204

/// A parameter set (FIPS 204 section 4, table 1).
struct parameters {
    unsigned rows, columns;    // k and l
    unsigned challenge_weight; // tau
    std::int32_t beta;         // tau eta
    unsigned mask_bits;        // gamma1 is 2^(mask_bits - 1)
    std::int32_t low_range;    // 2 gamma2
    std::int32_t high_count;   // (q - 1) / (2 gamma2)
    unsigned max_hints;        // omega
    unsigned challenge_size;   // octets of c~: lambda / 4
    unsigned key_size, signature_size;

    [[nodiscard]] constexpr unsigned mask_size() const noexcept { return degree * mask_bits / 8; }
    [[nodiscard]] constexpr unsigned high_bits() const noexcept { return high_count == 16 ? 4 : 6; }
    [[nodiscard]] constexpr unsigned high_size() const noexcept { return degree * high_bits() / 8; }
};
inline constexpr parameters ml_dsa_44{4, 4, 39, 78, 18, 190464, 44, 80, 32, 1312, 2420};
inline constexpr parameters ml_dsa_65{6, 5, 49, 196, 20, 523776, 16, 55, 48, 1952, 3309};
inline constexpr parameters ml_dsa_87{8, 7, 60, 120, 20, 523776, 16, 75, 64, 2592, 4627};
inline constexpr unsigned max_rows = 8, max_columns = 7, max_mask_bits = 20;

constexpr bool is_consistent(parameters const& p) noexcept {
    return p.low_range * p.high_count == q - 1 && p.rows <= max_rows && p.columns <= max_columns &&
           p.mask_bits <= max_mask_bits && p.key_size == 32 + p.rows * 320 &&
           p.signature_size == p.challenge_size + p.columns * p.mask_size() + p.max_hints + p.rows;
}
static_assert(is_consistent(ml_dsa_44) && is_consistent(ml_dsa_65) && is_consistent(ml_dsa_87));

/// Coefficients, or the values of the transform. Each function says which range it takes and gives.
struct alignas(64) polynomial {
    std::int32_t at[degree];
};

// ---- Products modulo q, and how large numbers become ---------------------------------------------------------------
//
// Montgomery's reduction with R = 2^32 and signed numbers: sums stay as they are until they are multiplied. The bounds
// are of absolute values.

inline constexpr std::int32_t q_inverse = 58728449; // modulo 2^32
static_assert(static_cast<std::uint32_t>(q) * static_cast<std::uint32_t>(q_inverse) == 1);

/// x / 2^32 modulo q, for |x| < q 2^31; at most |x| / 2^32 + q / 2 + 1, so less than q.
constexpr std::int32_t reduce(std::int64_t x) noexcept {
    auto const t = static_cast<std::int32_t>(static_cast<std::uint32_t>(x) * static_cast<std::uint32_t>(q_inverse));
    return static_cast<std::int32_t>((x - std::int64_t{t} * q) >> 32);
}

namespace bound {
inline constexpr std::int64_t modulus = q, word = std::int64_t{1} << 31;
/// Each of the eight layers of the transform adds a reduced product.
inline constexpr std::int64_t growth = 8 * modulus;
inline constexpr std::int64_t mask = (std::int64_t{1} << (max_mask_bits - 1)) + growth; // of z
inline constexpr std::int64_t challenge = 1 + growth, key = modulus - 1 + growth;       // of c and of t1
/// A row of A z - c t1 2^d, unreduced.
inline constexpr std::int64_t row = max_columns * (modulus - 1) * mask + challenge * key;
inline constexpr std::int64_t reduced_row = (row >> 32) + modulus / 2 + 2;
static_assert(key < word && mask < word, "the transform's values fit a word");
static_assert(key * (modulus / 2) < modulus * word, "and so do their products with its factors");
static_assert(row < modulus * word, "a row is reduced once");
static_assert(row < 145 * modulus * modulus);
static_assert(100 * reduced_row < 79 * modulus && 2 * reduced_row > modulus);
static_assert(degree * reduced_row < word, "the inverse transform adds all values of a row without a reduction");
} // namespace bound

namespace detail {
constexpr std::int32_t power_of_two(unsigned exponent) noexcept { // modulo q
    std::int64_t r = 1;
    for (; exponent != 0; --exponent) r = 2 * r % q;
    return static_cast<std::int32_t>(r);
}
/// The representative of the least absolute value, which |r| <= q / 2 is.
constexpr std::int32_t centred(std::int64_t x) noexcept {
    auto const r = static_cast<std::int32_t>((x % q + q) % q);
    return r > q / 2 ? r - q : r;
}
} // namespace detail

/// Factors of the transform: entry m is zeta^bitreverse(m) 2^32, or for the inverse its reciprocal, both centred.
struct factors {
    std::int32_t forward[degree]{}, inverse[degree]{};
    constexpr factors() noexcept {
        std::int64_t const r = detail::power_of_two(32);
        std::int64_t power = 1; // of zeta = 1753, a 512th root of one
        std::int32_t powers[degree]{};
        for (auto& p : powers) p = static_cast<std::int32_t>(power), power = power * 1753 % q;
        for (unsigned m = 0; m != degree; ++m) {
            unsigned reversed = 0;
            for (unsigned bit = 0; bit != 8; ++bit) reversed |= (m >> bit & 1) << (7 - bit);
            forward[m] = detail::centred(powers[reversed] * r);
            // zeta^256 = -1
            inverse[m] = detail::centred((reversed == 0 ? 1 : -std::int64_t{powers[degree - reversed]}) * r);
        }
    }
};
inline constexpr factors transform_factors{};

/// Undoes the factor 2^-32 of a reduced row, and divides by the 256 that the inverse transform multiplies by.
inline constexpr std::int32_t inverse_scale =
    detail::centred(std::int64_t{detail::power_of_two(32)} * detail::power_of_two(32) % q * (q - (q - 1) / 256));
static_assert(detail::centred(std::int64_t{256} * (q - (q - 1) / 256)) == 1);

// ---- The high part of a coefficient (FIPS 204 algorithms 36 to 40) -------------------------------------------------

/// Rounds r / (2 gamma2), halves downwards, for r in 0 .. q - 1: 0 .. high_count. The last one stands for 0.
///
/// 2 gamma2 is 93 * 2^11 or 1023 * 2^9, and 93 * 11275 = 1023 * 1025 = 2^20 - 1.
struct high_divisor {
    std::int32_t half, factor;
    int shift;
    constexpr explicit high_divisor(parameters const& p) noexcept
        : half{p.low_range / 2 - 1}, factor{p.high_count == 16 ? 1025 : 11275}, shift{p.high_count == 16 ? 9 : 11} {}
    [[nodiscard]] constexpr std::int32_t operator()(std::int32_t r) const noexcept {
        return (((r + half) >> shift) + 1) * factor >> 20;
    }
};
static_assert(93 * 11275 == (1 << 20) - 1 && 1023 * 1025 == (1 << 20) - 1);
static_assert(93 << 11 == ml_dsa_44.low_range && 1023 << 9 == ml_dsa_65.low_range);

/// The high part one up or down, as a hint says (algorithm 40).
constexpr std::uint8_t use_hint(std::int32_t r, parameters const& p) noexcept {
    auto const high = high_divisor{p}(r);
    auto const moved = r - high * p.low_range > 0 ? high + 1 : high - 1;
    return static_cast<std::uint8_t>(moved < 0 ? moved + p.high_count : moved == p.high_count ? 0 : moved);
}

/// Packs the high parts of a polynomial (algorithm 28): 6 or 4 bits each.
inline void pack_high(std::uint8_t* out, std::uint8_t const* high, parameters const& p) noexcept {
    unsigned const bits = p.high_bits();
    for (unsigned i = 0; i != degree; i += 8, out += bits) {
        auto x = signet::detail::load_little_endian(high + i);
        if (bits == 4) {
            x = (x | x >> 4) & 0x00ff00ff00ff00ff;
            x = (x | x >> 8) & 0x0000ffff0000ffff;
            x |= x >> 16;
        } else {
            x = (x & 0x003f003f003f003f) | (x >> 2 & 0x0fc00fc00fc00fc0);
            x = (x & 0x00000fff00000fff) | (x >> 4 & 0x00fff00000fff000);
            x = (x & 0xffffff) | (x >> 8 & 0xffffff000000);
        }
        for (unsigned k = 0; k != bits; ++k) out[k] = static_cast<std::uint8_t>(x >> 8 * k);
    }
}

// ---- Sampling (FIPS 204 algorithms 29, 30) and packed keys ---------------------------------------------------------

/// Takes the numbers below q from whole candidates of three octets. Returns how many values there are then.
inline unsigned take_candidates(polynomial& to, unsigned filled, std::uint8_t const* octets, unsigned size) noexcept {
    for (auto const* const end = octets + size; octets != end && filled != degree; octets += 3) {
        auto const candidate = octets[0] | octets[1] << 8 | (octets[2] & 0x7f) << 16;
        to.at[filled] = candidate;
        filled += candidate < q;
    }
    return filled;
}

/// An entry of A from a SHAKE128 that has absorbed rho, the column and the row.
template <class Source> void sample_uniform(polynomial& to, Source& source) noexcept {
    std::uint8_t block[keccak::shake128_rate];
    for (unsigned filled = 0; filled != degree;) {
        source.squeeze(block, sizeof block);
        filled = take_candidates(to, filled, block, sizeof block);
    }
}

/// The challenge from a SHAKE256 that has absorbed c~: `weight` coefficients are 1 or -1, the others 0.
template <class Source> void sample_in_ball(polynomial& to, Source& source, unsigned weight) noexcept {
    std::uint8_t octets[8];
    source.squeeze(octets, 8);
    auto signs = signet::detail::load_little_endian(octets);
    to = {};
    for (unsigned i = degree - weight; i != degree; ++i, signs >>= 1) {
        std::uint8_t place;
        do source.squeeze(&place, 1);
        while (place > i);
        to.at[i] = to.at[place];
        to.at[place] = (signs & 1) != 0 ? -1 : 1;
    }
}

/// -t1 2^d of one row of the key, from its 320 octets: 0 down to 1 - q.
inline void unpack_minus_key(polynomial& to, std::uint8_t const* octets) noexcept {
    for (unsigned i = 0; i != degree; i += 4, octets += 5)
        for (unsigned k = 0; k != 4; ++k)
            to.at[i + k] = -((octets[k] >> 2 * k | octets[k + 1] << (8 - 2 * k)) & 0x3ff) * (1 << dropped_bits);
}

// ---- What a processor may do faster ---------------------------------------------------------------------------------

/// The operations on whole polynomials. Portable here; ml_dsa_avx2.hpp has others that give the same numbers.
struct ring_functions {
    /// The transform, in place (algorithm 41). Values grow by less than 8 q.
    void (*transform)(polynomial&) noexcept;
    /// The inverse transform of a reduced row, in place: 0 .. q - 1 (algorithm 42).
    void (*invert)(polynomial&) noexcept;
    /// a[0] z[0] + ... + a[columns - 1] z[columns - 1] + c t, reduced.
    void (*multiply_row)(polynomial& to, polynomial const* a, polynomial const* z, unsigned columns,
                         polynomial const& c, polynomial const& t) noexcept;
    /// Unpacks a polynomial of z; false where one of its coefficients is not below gamma1 - beta in absolute value.
    /// Reads up to 8 octets behind it, which a signature has.
    bool (*unpack_mask)(polynomial& to, std::uint8_t const* octets, parameters const&) noexcept;
    /// The high parts of 0 .. q - 1, one an octet.
    void (*high_parts)(std::uint8_t* to, polynomial const&, parameters const&) noexcept;
    /// Entries first .. first + count - 1 of A, row by row (algorithm 32). At most four.
    void (*expand)(polynomial* to, std::uint8_t const* rho, unsigned first, unsigned count, unsigned columns) noexcept;
};
inline constexpr unsigned max_expanded = 4;

namespace portable {

inline void transform(polynomial& w) noexcept {
    unsigned m = 1;
    for (unsigned distance = degree / 2; distance != 0; distance /= 2)
        for (unsigned start = 0; start != degree; start += 2 * distance, ++m) {
            std::int64_t const factor = transform_factors.forward[m];
            auto* const low = w.at + start;
            auto* const high = low + distance;
            for (unsigned i = 0; i != distance; ++i) {
                auto const t = reduce(factor * high[i]);
                high[i] = low[i] - t;
                low[i] += t;
            }
        }
}

inline void invert(polynomial& w) noexcept {
    for (unsigned distance = 1, m = degree / 2; distance != degree; distance *= 2, m /= 2)
        for (unsigned start = 0, block = m; start != degree; start += 2 * distance, ++block) {
            std::int64_t const factor = transform_factors.inverse[block];
            auto* const low = w.at + start;
            auto* const high = low + distance;
            for (unsigned i = 0; i != distance; ++i) {
                auto const t = low[i];
                low[i] = t + high[i];
                high[i] = reduce(factor * (t - high[i]));
            }
        }
    for (auto& x : w.at) {
        x = reduce(std::int64_t{inverse_scale} * x);
        x += x >> 31 & q;
    }
}

inline void multiply_row(polynomial& to, polynomial const* a, polynomial const* z, unsigned columns,
                         polynomial const& c, polynomial const& t) noexcept {
    for (unsigned i = 0; i != degree; ++i) {
        auto sum = std::int64_t{c.at[i]} * t.at[i];
        for (unsigned j = 0; j != columns; ++j) sum += std::int64_t{a[j].at[i]} * z[j].at[i];
        to.at[i] = reduce(sum);
    }
}

inline bool unpack_mask(polynomial& to, std::uint8_t const* octets, parameters const& p) noexcept {
    auto const gamma1 = std::int32_t{1} << (p.mask_bits - 1);
    auto const least = static_cast<std::uint32_t>(p.beta + 1);
    auto const count = static_cast<std::uint32_t>(2 * (gamma1 - p.beta) - 1);
    auto const mask = (std::uint64_t{1} << p.mask_bits) - 1;
    bool good = true;
    for (unsigned i = 0; i != degree; ++i) {
        unsigned const bit = i * p.mask_bits;
        auto const v =
            static_cast<std::uint32_t>(signet::detail::load_little_endian(octets + bit / 8) >> bit % 8 & mask);
        to.at[i] = gamma1 - static_cast<std::int32_t>(v);
        good &= v - least < count;
    }
    return good;
}

inline void high_parts(std::uint8_t* to, polynomial const& w, parameters const& p) noexcept {
    high_divisor const divide{p};
    for (unsigned i = 0; i != degree; ++i) {
        auto const high = divide(w.at[i]);
        to[i] = static_cast<std::uint8_t>(high == p.high_count ? 0 : high);
    }
}

inline void expand(polynomial* to, std::uint8_t const* rho, unsigned first, unsigned count, unsigned columns) noexcept {
    for (unsigned i = 0; i != count; ++i) {
        std::uint8_t const place[2] = {static_cast<std::uint8_t>((first + i) % columns),
                                       static_cast<std::uint8_t>((first + i) / columns)};
        keccak::shake source{keccak::shake128_rate};
        source.absorb(rho, 32);
        source.absorb(place, 2);
        sample_uniform(to[i], source);
    }
}

} // namespace portable

inline constexpr ring_functions portable_ring{portable::transform,   portable::invert,     portable::multiply_row,
                                              portable::unpack_mask, portable::high_parts, portable::expand};

}}}}} // namespace signet::crypto::arith::ml_dsa

// What is not about a curve: Montgomery's multiplication and Kaliski's inverse modulo small numbers, for all operands;
// the digits of a scalar at every position, for every value of a window; octets at every place.
#include "toy.hpp"

#include <array>
#include <cstring>

using toy::arith::u256;

namespace {

// The words that there are: 32 bits, and where the compiler multiplies 64 into 128, those with assembly and without.
#ifdef __SIZEOF_INT128__
#    define ALL_WORDS std::uint32_t, unsigned long long, std::uint64_t
#else
#    define ALL_WORDS std::uint32_t
#endif

template <unsigned m> struct modulus {
    static constexpr unsigned number = m;
    template <class Word> static constexpr u256<Word> value() noexcept { return {Word{m}}; }
    template <class Word> static constexpr u256<Word> r1() noexcept { return {Word{toy::power(2, 256, m)}}; }
    template <class Word> static constexpr u256<Word> r2() noexcept { return {Word{toy::power(2, 512, m)}}; }
};

unsigned greatest_common_divisor(unsigned a, unsigned b) { return b == 0 ? a : greatest_common_divisor(b, a % b); }

template <class Word, class Modulus> void check_modulus(toy::tally& check, Modulus) {
    using modular = toy::arith::montgomery<Word, Modulus>;
    constexpr unsigned m = Modulus::number;
    auto const integer = [](unsigned x) { return u256<Word>{Word{x}}; };
    for (unsigned a = 0; a != m; ++a) {
        check(modular::residue(integer(a)) == integer(a));
        check(modular::negate(integer(a)) == integer((m - a) % m));
        if (a != 0 && greatest_common_divisor(a, m) == 1)
            check(modular::multiply(modular::multiply(modular::inverse(integer(a)), integer(a)), modular::r2) ==
                  integer(1));
        for (unsigned b = 0; b != m; ++b) {
            check(modular::add(integer(a), integer(b)) == integer((a + b) % m));
            check(modular::multiply(modular::multiply(integer(a), integer(b)), modular::r2) == integer(a * b % m));
        }
    }
    // One operand may be any number below R: all words ones, or all but one.
    for (std::size_t at = 0; at <= u256<Word>::size; ++at) {
        u256<Word> x{};
        for (auto& w : x.w) w = static_cast<Word>(~Word{0});
        if (at != u256<Word>::size) x.w[at] = 0;
        unsigned residue = 0;
        for (std::size_t i = 256; i-- != 0;)
            residue = (2 * residue + toy::arith::bits(x, static_cast<unsigned>(i), 1)) % m;
        check(modular::residue(x) == integer(residue));
    }
}

template <class Word, unsigned... m> void check_moduli(toy::tally& check) {
    (check_modulus<Word>(check, modulus<m>{}), ...);
}

/// value * 2^at, cut at 256 bits, with `below` in the bits under it.
template <class Word> u256<Word> placed(std::uint64_t value, unsigned at, bool below) {
    u256<Word> r{};
    for (unsigned i = 0; i != 256; ++i) {
        bool const bit = i < at ? below : i - at < 64 && (value >> (i - at) & 1u);
        if (bit) r.w[i / toy::arith::word_bits<Word>] |= static_cast<Word>(Word{1} << i % toy::arith::word_bits<Word>);
    }
    return r;
}

} // namespace

TEST_CASE_TEMPLATE("small moduli: sums, products and inverses of all pairs of residues", Word, ALL_WORDS) {
    toy::tally check;
    check_moduli<Word, 3, 5, 7, 9, 13, 15, 31, 33, 63, 101, 127, 255, 257>(check);
}

TEST_CASE_TEMPLATE("signed digits: every window at every position, with a carry from below and without", Word,
                   ALL_WORDS) {
    toy::tally check;
    for (unsigned scalar_bits : {toy::arith::p256_scalar_bits, toy::arith::ed25519_scalar_bits})
        for (unsigned width = 2; width <= toy::arith::max_width; ++width)
            for (unsigned at = 0; at * width < scalar_bits; ++at)
                for (unsigned window = 0; window != 1u << width; ++window)
                    for (bool below : {false, true}) {
                        if (at * width + width > scalar_bits && window >> (scalar_bits - at * width) != 0) continue;
                        auto const digits =
                            toy::arith::to_signed_digits(placed<Word>(window, at * width, below), width, scalar_bits);
                        // Windows of ones below: the lowest digit is -1, the others between are 0, and 1 is carried.
                        unsigned const carried = window + (below && at != 0);
                        bool const carries = carried > 1u << (width - 1);
                        bool good = digits.count == toy::arith::digit_count(width, scalar_bits) &&
                                    digits.count <= toy::arith::max_digits;
                        for (unsigned i = 0; i != digits.count; ++i) {
                            int expected = 0;
                            if (i == at) expected = static_cast<int>(carried) - (carries ? 1 << width : 0);
                            else if (i == at + 1) expected = carries;
                            else if (i == 0 && below) expected = -1;
                            good = good && digits.digit[i] == expected;
                        }
                        check(good);
                    }
}

TEST_CASE_TEMPLATE("NAF: every pattern of 10 bits at every position, with a carry from below and without", Word,
                   ALL_WORDS) {
    toy::tally check;
    for (unsigned width : {2u, 5u, 8u})
        for (unsigned at = 0; at <= 246; at += 1 + at % 3)
            for (unsigned pattern = 0; pattern < 1024; pattern += 1 + at % 7)
                for (bool below : {false, true}) {
                    auto const naf = toy::arith::to_naf(placed<Word>(pattern, at, below), width);
                    // value = (sum of digits above `at`, in units of 2^at) + rest, where only -1 at 0 may stand far
                    // below.
                    long long sum = 0;
                    int last = -1000;
                    bool good = true;
                    for (int i = 0; i != 257; ++i) {
                        int const d = naf.digit[i];
                        if (d == 0) continue;
                        good = good && d % 2 != 0 && d < 1 << (width - 1) && -d < 1 << (width - 1) &&
                               i - last >= static_cast<int>(width);
                        good = good && i < static_cast<int>(naf.count);
                        last = i;
                        int const unit = below ? 0 : static_cast<int>(at); // ones below: 2^at - 1 is one unit, less 1
                        if (below && i < static_cast<int>(at)) good = good && i == 0 && d == -1;
                        else if (i >= unit && i - static_cast<int>(at) < 50)
                            sum += static_cast<long long>(d) << (i - static_cast<int>(at));
                        else good = false;
                    }
                    good = good && naf.count == static_cast<unsigned>(last < 0 ? 0 : last + 1);
                    bool const borrowed = below && at != 0;
                    if (borrowed && at < width)
                        continue; // the pattern and what is below share a window: the tests of the sum see to it
                    check(good && sum == static_cast<long long>(pattern) + borrowed);
                }
}

TEST_CASE_TEMPLATE("octets: every value at every place, both ways and in both orders", Word, ALL_WORDS) {
    toy::tally check;
    for (unsigned place = 0; place != 32; ++place)
        for (unsigned value = 0; value != 256; ++value) {
            std::array<std::uint8_t, 32> octets{}, reversed{}, back{};
            octets[place] = reversed[31 - place] = static_cast<std::uint8_t>(value);
            auto const expected = placed<Word>(value, 8 * place, false);
            check(toy::arith::from_little_endian<Word>(octets.data()) == expected);
            check(toy::arith::from_big_endian<Word>(reversed.data()) == expected);
            toy::arith::to_little_endian(expected, back.data());
            check(back == octets);
            toy::arith::to_big_endian(expected, back.data());
            check(back == reversed);
            for (unsigned at = 0; at <= 260; at += 1 + value % 5)
                for (unsigned count : {1u, 2u, 5u, 8u, 16u}) {
                    unsigned bits = 0;
                    for (unsigned i = 0; i != count; ++i)
                        if (unsigned const bit = at + i; bit / 8 == place) bits |= (value >> bit % 8 & 1u) << i;
                    check(toy::arith::bits(expected, at, count) == bits);
                }
        }
}

TEST_CASE("the shapes of tables: all of them fit, and no others are valid") {
    toy::tally check;
    for (unsigned width = 0; width != 20; ++width)
        for (unsigned stride = 0; stride != 20; ++stride) {
            toy::arith::table_shape const shape{width, stride};
            check(is_valid(shape) == (width >= 2 && width <= 8 && stride >= 1 && stride <= 8));
            if (!is_valid(shape)) continue;
            for (unsigned scalar_bits : {253u, 256u}) {
                unsigned const digits = toy::arith::digit_count(width, scalar_bits);
                check(digits * width > scalar_bits && (digits - 1) * width <= scalar_bits &&
                      digits <= toy::arith::max_digits);
                check(toy::arith::row_count(shape, scalar_bits) * stride >= digits &&
                      (toy::arith::row_count(shape, scalar_bits) - 1) * stride < digits);
                check(toy::arith::entry_count(shape, scalar_bits) ==
                      (std::size_t{toy::arith::row_count(shape, scalar_bits)} << (width - 1)));
            }
        }
}

#include <signet/crypto/impl/arith/ed25519_field.hpp>
#include <signet/crypto/impl/arith/ed25519_scalar.hpp>
#include <signet/crypto/impl/arith/p256_field.hpp>
#include <signet/crypto/impl/arith/p256_scalar.hpp>
#include <signet/crypto/impl/arith/window.hpp>

#include "prepared.hpp"

#include <botan/numthry.h>

#include <doctest/doctest.h>

#include <bit>
#include <vector>

using namespace prepared_test;
using arith::u256;

// Every test runs with the words of a 32-bit machine, with 64 bits without assembly, and with this machine's own.

namespace {

std::vector<BigInt> samples(BigInt const& modulus, std::size_t random) {
    auto r = boundary_values(modulus);
    generator next;
    for (std::size_t i = 0; i != random; ++i) r.push_back(next.integer());
    return r;
}

// All pairs of boundary values and many random pairs.
template <class F> void for_pairs(BigInt const& modulus, F const& f) {
    auto const all = samples(modulus, 20);
    for (auto const& a : all)
        for (auto const& b : all) f(a, b);
    generator next(7);
    for (int i = 0; i != 2000; ++i) f(next.integer(), next.integer());
}

template <class Field> void check_field(BigInt const& p) {
    using integer = typename Field::integer;
    using word = std::remove_reference_t<decltype(integer{}.w[0])>;
    auto const reduced = [&](BigInt const& a) { return a % p; };
    auto const element = [](BigInt const& x) { return Field::from(from_big<word>(x)); };
    auto const value = [](Field const& x) { return to_big(x.value()); };
    for_pairs(p, [&](BigInt const& x, BigInt const& y) {
        Field const a = element(x), b = element(y);
        bool ok = value(a) == reduced(x);
        ok &= value(a + b) == reduced(x + y);
        ok &= value(a - b) == reduced(reduced(x) + p - reduced(y));
        ok &= value(a * b) == reduced(x * y);
        ok &= value(a.squared()) == reduced(x * x);
        ok &= value(-a) == reduced(p - reduced(x));
        ok &= (a == b) == (reduced(x) == reduced(y));
        // Results as operands: what is below p or 2^256 after one step has to be right for the next.
        ok &= value((a + b) * (a - b) - (b - a) * (-a - b)) == reduced(BigInt(0));
        if (!ok) FAIL_CHECK(x.to_dec_string() << " and " << y.to_dec_string());
    });
    for (auto const& x : samples(p, 300)) {
        if (reduced(x).is_zero()) {
            CHECK(element(x).is_zero());
            continue;
        }
        CHECK(value(element(x).inverse()) == Botan::inverse_mod(reduced(x), p));
    }
}

} // namespace

TEST_CASE_TEMPLATE("P-256: the field agrees with Botan's integers", Word, std::uint32_t, portable_word,
                   arith::native_word) {
    check_field<arith::p256::field_element<Word>>(p256_p);
}

TEST_CASE_TEMPLATE("edwards25519: the field agrees with Botan's integers", Word, std::uint32_t, portable_word,
                   arith::native_word) {
    check_field<arith::edwards25519::field_element<Word>>(ed_p);
}

namespace {

// What an element holds, not what it stands for: all words ones or zeros but one, 2^k and its neighbours, the ends of
// the range.
std::vector<BigInt> extreme_representations(BigInt const& end) {
    std::vector<BigInt> r{0, 1, 2, 3};
    for (int d = 1; d != 4; ++d) r.push_back(end - BigInt(std::uint64_t(d)));
    for (std::size_t k = 32; k <= 256; k += 32)
        for (auto const& x : {BigInt(1) << k, (BigInt(1) << k) - BigInt(1), (BigInt(1) << k) + BigInt(1)})
            r.push_back(x);
    for (unsigned pattern = 1; pattern != 15; ++pattern) { // words of ones where the pattern has a bit
        BigInt x(0);
        for (std::size_t i = 0; i != 4; ++i)
            if (pattern >> i & 1u) x += ((BigInt(1) << 64) - BigInt(1)) << (64 * i);
        r.push_back(x);
    }
    std::erase_if(r, [&](BigInt const& x) { return x >= end; });
    return r;
}

// All pairs, and for each number the partners with which sums and differences just carry or just do not.
template <class Word, class Field> void check_representations(BigInt const& p, BigInt const& end, BigInt const& scale) {
    auto const element = [](BigInt const& x) { return std::bit_cast<Field>(from_big<Word>(x)); };
    auto const holds = [](Field const& x) { return to_big(std::bit_cast<u256<Word>>(x)); };
    auto const is = [&](Field const& x, BigInt const& expected) {
        return holds(x) < end && holds(x) % p == expected % p;
    };
    auto const values = extreme_representations(end);
    std::size_t wrong = 0, checks = 0;
    auto const check = [&](BigInt const& x, BigInt const& y) {
        Field const a = element(x), b = element(y);
        bool const good = is(a + b, x + y) && is(a - b, x + p + p + p - y) && is(a * b, x * y * scale) &&
                          is(-a, p + p + p - x) && is(a.squared(), x * x * scale) && (a == b) == (x % p == y % p);
        ++checks;
        if (!good && wrong++ == 0) FAIL_CHECK(x.to_dec_string() << " and " << y.to_dec_string());
    };
    for (auto const& x : values) {
        for (auto const& y : values) check(x, y);
        for (auto const& m : {p, end, two_256})
            for (int d = -40; d <= 40; d += (d >= -3 && d < 3) || d <= -37 || d >= 36 ? 1 : 7) {
                BigInt const near = m + BigInt(std::uint64_t(d + 100)) - BigInt(100);
                for (auto const& y : {near >= x ? near - x : x - near, x + BigInt(std::uint64_t(d + 40))})
                    if (y < end) check(x, y), check(y, x);
            }
    }
    CHECK(wrong == 0);
    CHECK(checks > 2000);
}

} // namespace

TEST_CASE_TEMPLATE("P-256: extreme operands in Montgomery's form", Word, std::uint32_t, portable_word,
                   arith::native_word) {
    check_representations<Word, arith::p256::field_element<Word>>(p256_p, p256_p,
                                                                  Botan::inverse_mod(two_256 % p256_p, p256_p));
}

TEST_CASE_TEMPLATE("edwards25519: extreme operands as they are held, up to 2^256", Word, std::uint32_t, portable_word,
                   arith::native_word) {
    check_representations<Word, arith::edwards25519::field_element<Word>>(ed_p, two_256, 1);
}

TEST_CASE_TEMPLATE("edwards25519: the power for a square root", Word, std::uint32_t, portable_word,
                   arith::native_word) {
    auto const exponent = (ed_p - BigInt(5)) >> 3;
    for (auto const& x : samples(ed_p, 20)) {
        auto const r = arith::edwards25519::field_element<Word>::from(from_big<Word>(x)).power_for_root();
        CHECK(to_big(r.value()) == Botan::power_mod(x % ed_p, exponent, ed_p));
    }
}

TEST_CASE_TEMPLATE("integers of 256 bits: sums, differences, products, octets, bits", Word, std::uint32_t,
                   portable_word, arith::native_word) {
    for_pairs(p256_p, [&](BigInt const& x, BigInt const& y) {
        auto const a = from_big<Word>(x), b = from_big<Word>(y);
        u256<Word> r{};
        Word const carry = arith::add(r, a, b);
        bool ok = to_big(r) + (BigInt(std::uint64_t{carry}) << 256) == x + y;
        Word const borrow = arith::subtract(r, a, b);
        ok &= to_big(r) + y == x + (BigInt(std::uint64_t{borrow}) << 256);
        ok &= arith::is_less(a, b) == (x < y);
        auto const both = [](arith::u512<Word> const& t) {
            u256<Word> low{}, high{};
            for (std::size_t i = 0; i != low.size; ++i) low.w[i] = t.w[i], high.w[i] = t.w[low.size + i];
            return (to_big(high) << 256) + to_big(low);
        };
        ok &= both(arith::multiply(a, b)) == x * y;
        ok &= both(arith::square(a)) == x * x;
        std::uint8_t le[32];
        arith::to_little_endian(a, le);
        ok &= arith::from_little_endian<Word>(le) == a && from_little(le, 32) == x;
        if (!ok) FAIL_CHECK(x.to_dec_string() << " and " << y.to_dec_string());
    });
    generator next;
    for (int i = 0; i != 2000; ++i) {
        auto const x = next.integer();
        auto const at = static_cast<unsigned>(next() % 260), count = static_cast<unsigned>(1 + next() % 16);
        CHECK(arith::bits(from_big<Word>(x), at, count) == ((x >> at) % (BigInt(1) << count)).word_at(0));
    }
}

TEST_CASE_TEMPLATE("Montgomery's form: R and R^2 are written down right", Word, std::uint32_t, portable_word,
                   arith::native_word) {
    auto const right = []<class Modulus>(Modulus, BigInt const& m) {
        using modular = arith::montgomery<Word, Modulus>;
        CHECK(to_big(modular::modulus) == m);
        CHECK(to_big(modular::r1) == (BigInt(1) << 256) % m);
        CHECK(to_big(modular::r2) == (BigInt(1) << 512) % m);
    };
    right(arith::p256::p{}, p256_p);
    right(arith::p256::n{}, p256_n);
    right(arith::edwards25519::order{}, ed_l);
}

TEST_CASE_TEMPLATE("FIPS 186-5 6.4.2: u1 = e / s and u2 = r / s mod n", Word, std::uint32_t, portable_word,
                   arith::native_word) {
    for_pairs(p256_n, [&](BigInt const& e, BigInt const& other) {
        auto const s = other % p256_n;
        auto const r = (e * BigInt(std::uint64_t{3}) + other) % p256_n;
        if (s.is_zero()) return;
        auto const u = arith::p256::make_factors(from_big<Word>(e), from_big<Word>(r), from_big<Word>(s));
        auto const w = Botan::inverse_mod(s, p256_n);
        if (to_big(u.u1) != (e * w) % p256_n || to_big(u.u2) != (r * w) % p256_n)
            FAIL_CHECK(e.to_dec_string() << " and " << other.to_dec_string());
    });
}

TEST_CASE_TEMPLATE("RFC 8032 5.1.7: the hash mod L, and S < L", Word, std::uint32_t, portable_word,
                   arith::native_word) {
    namespace ed = arith::edwards25519;
    for_pairs(ed_l, [&](BigInt const& low, BigInt const& high) {
        std::uint8_t octets[64];
        for (std::size_t i = 0; i != 32; ++i) octets[i] = low.byte_at(i), octets[32 + i] = high.byte_at(i);
        if (to_big(ed::reduce_hash<Word>(octets)) != ((high << 256) + low) % ed_l)
            FAIL_CHECK(low.to_dec_string() << " and " << high.to_dec_string());
    });
    for (auto const& x : samples(ed_l, 100)) {
        u256<Word> s{};
        CHECK(ed::decode_scalar(s, little_endian(x).data()) == (x < ed_l));
        CHECK(to_big(s) == x);
    }
}

TEST_CASE_TEMPLATE("signed digits and NAFs add up to the scalar and keep their form", Word, std::uint32_t,
                   portable_word, arith::native_word) {
    auto const all = samples(p256_n, 100);
    for (unsigned width = 2; width <= arith::max_width; ++width)
        for (auto const& x : all) {
            auto const digits = arith::to_signed_digits(from_big<Word>(x), width, 256);
            auto const naf = arith::to_naf(from_big<Word>(x), width);
            BigInt sum, naf_sum;
            unsigned last = 1000;
            bool ok = digits.count <= arith::max_digits && naf.count <= 257;
            for (unsigned i = 0; i != digits.count; ++i) {
                int const d = digits.digit[i];
                ok &= -(1 << (width - 1)) <= d && d <= 1 << (width - 1);
                if (d == 0) continue; // Botan 3.7 crashes where 0 is shifted
                auto const size = BigInt(static_cast<std::uint64_t>(std::abs(d))) << (width * i);
                sum = d < 0 ? sum - size : sum + size;
            }
            for (unsigned i = 0; i != naf.count; ++i) {
                int const d = naf.digit[i];
                if (d == 0) continue;
                ok &= d % 2 != 0 && std::abs(d) < 1 << (width - 1) && (last == 1000 || i - last >= width);
                last = i;
                auto const size = BigInt(static_cast<std::uint64_t>(std::abs(d))) << i;
                naf_sum = d < 0 ? naf_sum - size : naf_sum + size;
            }
            ok &= sum == x && naf_sum == x;
            if (!ok) FAIL_CHECK("width " << width << " of " << x.to_dec_string());
        }
}

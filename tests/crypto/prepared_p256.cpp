#include <signet/crypto/impl/arith/p256_verify.hpp>

#include "prepared.hpp"
#include "support/differential.hpp"

#include <botan/asn1_obj.h>
#include <botan/ecdsa.h>
#include <botan/hash.h>
#include <botan/numthry.h>
#include <botan/pk_algs.h>
#include <botan/pubkey.h>
#include <botan/system_rng.h>

#include <doctest/doctest.h>

#include <fstream>
#include <sstream>
#include <string>

using namespace prepared_test;
namespace p256 = arith::p256;
using arith::table_shape;

namespace {

Botan::AlgorithmIdentifier const curve_p256{
    Botan::OID("1.2.840.10045.2.1"),
    std::vector<std::uint8_t>{0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07}};

BigInt modulo(BigInt const& x, BigInt const& m) { return ((x % m) + m) % m; }

std::vector<std::uint8_t> joined(BigInt const& a, BigInt const& b, std::vector<std::uint8_t> r = {}) {
    auto const x = big_endian(a), y = big_endian(b);
    r.insert(r.end(), x.begin(), x.end());
    r.insert(r.end(), y.begin(), y.end());
    return r;
}

struct coordinates {
    BigInt x, y;
};

template <class Word> coordinates to_affine(p256::xyzz_point<Word> const& a) {
    auto const zz = a.zz.inverse(), zzz = a.zzz.inverse();
    return {to_big((a.x * zz).value()), to_big((a.y * zzz).value())};
}

template <class Word> p256::affine_point<Word> point(coordinates const& c) {
    p256::affine_point<Word> r;
    REQUIRE(p256::decode(r, big_endian(c.x).data(), big_endian(c.y).data()));
    return r;
}

template <class Word> coordinates multiple(BigInt const& k, p256::affine_point<Word> const& of) {
    return to_affine(p256::multiply_point(of, from_big<Word>(k)));
}

/// u G + v P.
template <class Word>
p256::xyzz_point<Word> sum_of_multiples(BigInt const& u, BigInt const& v, p256::affine_point<Word> const& p) {
    return p256::multiply_points(p256::base_multiples<Word>, from_big<Word>(u), p256::make_odd_multiples(p),
                                 from_big<Word>(v));
}

template <class Word> struct table {
    table_shape shape;
    std::vector<p256::affine_point<Word>> entries;
    table(table_shape s, p256::affine_point<Word> const& of)
        : shape{s}, entries(arith::entry_count(s, arith::p256_scalar_bits)) {
        p256::build_table(entries.data(), s, of);
    }
    [[nodiscard]] p256::table_view<Word> view() const { return {entries.data(), shape}; }
};

template <class Word> table<Word> const& base() {
    static table<Word> const t{{7, 1}, p256::base_point<Word>()};
    return t;
}

// A key in all its forms: a table, none, Botan.
template <class Word> struct key {
    explicit key(coordinates const& c, table_shape shape = {5, 1})
        : plain{point<Word>(c)}, prepared{shape, plain}, botan{curve_p256, joined(c.x, c.y, {4})}, raw{botan, "Raw"} {}

    // What the three forms of ours say; they have to agree.
    bool ours(octets32 const& hash, std::vector<std::uint8_t> const& signature) const {
        bool const with = p256::verify(base<Word>().view(), prepared.view(), hash.data(), signature.data());
        bool const without = p256::verify(base<Word>().view(), plain, hash.data(), signature.data());
        CHECK(with == without);
        CHECK(with == p256::verify(p256::base_multiples<Word>, plain, hash.data(), signature.data()));
        return with;
    }
    // Botan's opinion on the same hash.
    bool theirs(octets32 const& hash, std::vector<std::uint8_t> const& signature) {
        return raw.verify_message(hash.data(), hash.size(), signature.data(), signature.size());
    }
    // For expectations that follow from how the signature was made.
    bool all_say(bool expected, BigInt const& e, BigInt const& r, BigInt const& s) {
        auto const hash = big_endian(e);
        auto const signature = joined(r, s);
        bool const a = ours(hash, signature), b = theirs(hash, signature);
        CHECK(b == expected);
        return a == expected;
    }

    p256::affine_point<Word> plain;
    table<Word> prepared;
    Botan::ECDSA_PublicKey botan;
    Botan::PK_Verifier raw;
};

// The public key whose signature (r, s) of e meets the point R with x(R) = r: Q = r^-1 (s R - e G).
template <class Word>
coordinates recovered_key(coordinates const& r_point, BigInt const& r, BigInt const& s, BigInt const& e) {
    auto const w = Botan::inverse_mod(r, p256_n);
    return to_affine(
        sum_of_multiples(modulo(p256_n - (e * w) % p256_n, p256_n), (s * w) % p256_n, point<Word>(r_point)));
}

// A point with that x, if there is one: p = 3 mod 4.
bool lift(coordinates& out, BigInt const& x) {
    BigInt const b("0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B");
    auto const y2 = modulo(x * x * x - BigInt(3) * x + b, p256_p);
    auto const y = Botan::power_mod(y2, (p256_p + BigInt(1)) >> 2, p256_p);
    out = {x, y};
    return (y * y) % p256_p == y2;
}

} // namespace

TEST_CASE("P-256: multiples of the base point agree with Botan, from tables of every shape and from none") {
    using Word = arith::native_word;
    generator next;
    for (unsigned width = 2; width <= arith::max_width; ++width)
        for (unsigned stride : {1u, 2u, 3u, 8u}) {
            table<Word> const t{{width, stride}, p256::base_point<Word>()};
            std::vector<BigInt> scalars{1, 2, 3, p256_n - BigInt(1), p256_n - BigInt(2), BigInt(1) << 255};
            for (int i = 0; i != 4; ++i) scalars.push_back(modulo(next.integer(), p256_n - BigInt(1)) + BigInt(1));
            for (auto const& k : scalars) {
                auto const d = big_endian(k);
                Botan::secure_vector<std::uint8_t> der{0x30, 37, 2, 1, 1, 4, 32};
                der.insert(der.end(), d.begin(), d.end());
                auto const expected = Botan::ECDSA_PrivateKey(curve_p256, der).public_key_bits();
                auto sum = p256::xyzz_point<Word>::infinity();
                p256::add_multiple(sum, t.view(),
                                   arith::to_signed_digits(from_big<Word>(k), width, arith::p256_scalar_bits));
                auto const ours = to_affine(sum);
                CHECK(joined(ours.x, ours.y, {4}) == expected);
                auto const plain = multiple(k, p256::base_point<Word>());
                CHECK((plain.x == ours.x && plain.y == ours.y));
            }
        }
}

TEST_CASE_TEMPLATE("P-256: the group law at its exceptions: P + P, P - P, infinity on either side", Word, std::uint32_t,
                   portable_word, arith::native_word) {
    using xyzz = p256::xyzz_point<Word>;
    auto const g = p256::base_point<Word>();
    auto const o = xyzz::infinity();
    auto const p = p256::multiply_point(g, arith::number<Word>(0, 0, 0, 12345)); // with a Z other than 1
    auto const pa = point<Word>(to_affine(p));
    auto const equal = [](xyzz const& a, xyzz const& b) {
        return a.x * b.zz == b.x * a.zz && a.y * b.zzz == b.y * a.zzz;
    };
    CHECK(equal(p + pa, doubled(p)));
    CHECK(equal(xyzz::from(pa) + pa, doubled(p)));
    CHECK((p + -pa).is_infinity());
    CHECK(equal(o + pa, p));
    CHECK(doubled(o).is_infinity());

    using jacobian = p256::jacobian_point<Word>;
    using summand = p256::jacobian_summand<Word>;
    auto const j = doubled(jacobian::from(pa)) + -pa; // P with a Z other than 1
    auto const none = jacobian::infinity();
    CHECK(equal(j.to_xyzz(), p));
    CHECK(equal((j + summand::from(j)).to_xyzz(), doubled(p)));
    CHECK(equal((j + pa).to_xyzz(), doubled(p)));
    CHECK(equal(doubled(j).to_xyzz(), doubled(p)));
    CHECK((j + -pa).is_infinity());
    CHECK((j + -summand::from(j)).is_infinity());
    CHECK(equal((none + summand::from(j)).to_xyzz(), p));
    CHECK(equal((j + summand::from(none)).to_xyzz(), p));
    CHECK(equal((none + pa).to_xyzz(), p));
    CHECK((none + summand::from(none)).is_infinity());
    CHECK(doubled(none).is_infinity());
    CHECK(p256::multiply_point(g, arith::number<Word>(0, 0, 0, 0)).is_infinity());
    CHECK(p256::multiply_point(g, from_big<Word>(p256_n)).is_infinity());
    for (unsigned i = 0; i != 8; ++i) {
        auto const [x, y] = multiple(BigInt(2 * i + 1), g);
        CHECK(to_big(p256::base_multiples<Word>[i].x.value()) == x);
        CHECK(to_big(p256::base_multiples<Word>[i].y.value()) == y);
    }
}

TEST_CASE_TEMPLATE("SEC 1 2.3.4: coordinates from p up and points off the curve are refused", Word, std::uint32_t,
                   portable_word, arith::native_word) {
    p256::affine_point<Word> out;
    auto const decode = [&](BigInt const& x, BigInt const& y) {
        return p256::decode(out, big_endian(x).data(), big_endian(y).data());
    };
    auto const g = multiple(1, p256::base_point<Word>());
    CHECK(decode(g.x, g.y));
    CHECK(decode(g.x, p256_p - g.y));
    CHECK_FALSE(decode(g.x, g.y + BigInt(1)));
    CHECK_FALSE(decode(g.y, g.x));
    CHECK_FALSE(decode(0, 0));
    CHECK_FALSE(decode(p256_p, g.y));
    CHECK_FALSE(decode(g.x, p256_p));
    CHECK_FALSE(decode(two_256 - BigInt(1), two_256 - BigInt(1)));
    coordinates zero;
    REQUIRE(lift(zero, 0));
    CHECK(decode(0, zero.y));
    CHECK_FALSE(decode(p256_p, zero.y)); // the same point, not canonical
    int small = 0;                       // x + p still fits 256 bits
    for (std::uint64_t x = 0; x != 40; ++x)
        if (coordinates c; lift(c, x)) {
            ++small;
            CHECK(decode(c.x, c.y));
            CHECK_FALSE(decode(c.x + p256_p, c.y));
        }
    CHECK(small > 10);
}

TEST_CASE_TEMPLATE("FIPS 186-5 6.4.2 step 1: r and s lie in 1 .. n - 1", Word, std::uint32_t, portable_word,
                   arith::native_word) {
    key<Word> k{multiple(BigInt(0x1234567), p256::base_point<Word>())};
    auto const hash = big_endian(99);
    for (auto const& bad : {BigInt(0), p256_n, p256_n + BigInt(1), p256_p, two_256 - BigInt(1)}) {
        CHECK_FALSE(k.ours(hash, joined(bad, 1)));
        CHECK_FALSE(k.ours(hash, joined(1, bad)));
        CHECK_FALSE(k.ours(hash, joined(bad, bad)));
    }
    // A valid signature and its twin s -> n - s, which the standard accepts too; r + n and s + n never.
    auto const d = BigInt(0x1234567), nonce = BigInt(0x7654321), e = BigInt(99);
    auto const r = multiple(nonce, p256::base_point<Word>()).x % p256_n;
    auto const s = (Botan::inverse_mod(nonce, p256_n) * (e + r * d)) % p256_n;
    CHECK(k.all_say(true, e, r, s));
    CHECK(k.all_say(true, e, r, p256_n - s));
    CHECK(k.all_say(true, e + p256_n, r, s)); // the hash is reduced mod n
    CHECK_FALSE(k.ours(big_endian(e), joined(r, s == BigInt(1) ? BigInt(2) : s - BigInt(1))));
}

TEST_CASE_TEMPLATE("ECDSA: u1 = 0, u1 G = u2 Q, u1 G = -u2 Q, keys G and -G and 2^k G", Word, std::uint32_t,
                   portable_word, arith::native_word) {
    auto const g = p256::base_point<Word>();
    for (auto const& d : {BigInt(1), BigInt(2), BigInt(1) << 7, BigInt(1) << 35, BigInt(0xabcdef), p256_n - BigInt(1),
                          p256_n - BigInt(2)})
        for (table_shape shape : {table_shape{7, 1}, table_shape{5, 2}}) {
            key<Word> k{multiple(d, g), shape};
            // From u1 and u2 a signature follows: R = u1 G + u2 Q, r = x(R), s = r / u2, e = u1 s.
            auto const with = [&](BigInt const& u1, BigInt const& u2) {
                auto const sum = (u1 + u2 * d) % p256_n;
                REQUIRE(!sum.is_zero());
                auto const r = multiple(sum, g).x % p256_n;
                auto const s = (r * Botan::inverse_mod(u2, p256_n)) % p256_n;
                auto const e = (u1 * s) % p256_n;
                CHECK(k.all_say(true, e, r, s));
                CHECK(k.all_say(false, e + BigInt(1), r, s));
            };
            auto const u2 = BigInt(0x123456789), same = (u2 * d) % p256_n;
            with(0, u2);
            with(same, u2); // the last addition is a doubling
            with(p256_n - BigInt(1), d == BigInt(1) ? BigInt(2) : BigInt(1));
            with(BigInt(1) << 254, (BigInt(1) << 254) + BigInt(1));
            with(1, 1 + (d == p256_n - BigInt(1)));
            // R is infinity: no r may pass.
            for (auto const& r : {BigInt(1), BigInt(5), (p256_n - same) % p256_n}) {
                auto const s = (r * Botan::inverse_mod(u2, p256_n)) % p256_n;
                CHECK(k.all_say(false, ((p256_n - same) * s) % p256_n, r, s));
            }
        }
}

TEST_CASE_TEMPLATE("ECDSA: x(R) from n up is r + n, also where r is below p - n by chance", Word, std::uint32_t,
                   portable_word, arith::native_word) {
    int wrapped = 0, plain = 0;
    for (std::uint64_t i = 1; i != 30; ++i) {
        auto const s = BigInt(1000 + i), e = BigInt(77 * i);
        if (coordinates c; lift(c, p256_n + BigInt(i))) { // r = i, x(R) = n + i
            ++wrapped;
            key<Word> k{recovered_key<Word>(c, i, s, e), {4, 1}};
            CHECK(k.all_say(true, e, i, s));
            CHECK(k.all_say(false, e, BigInt(i + 1), s));
            CHECK(k.all_say(false, e, p256_n + BigInt(i), s)); // x(R) itself, which is no r
        }
        if (coordinates c; lift(c, i)) { // r = x(R) = i
            ++plain;
            key<Word> k{recovered_key<Word>(c, i, s, e), {4, 1}};
            CHECK(k.all_say(true, e, i, s));
            CHECK_FALSE(k.ours(big_endian(e), joined(p256_n + BigInt(i), s)));
        }
    }
    CHECK(wrapped > 5);
    CHECK(plain > 5);
    // The last r with a second candidate, p - n - 1, and the first without, p - n.
    for (int off : {-2, -1, 0, 1, 2}) {
        auto const r = off < 0 ? p256_p - p256_n - BigInt(static_cast<std::uint64_t>(-off))
                               : p256_p - p256_n + BigInt(static_cast<std::uint64_t>(off));
        if (coordinates c; off < 0 && lift(c, r + p256_n)) {
            key<Word> k{recovered_key<Word>(c, r, 3, 4), {4, 1}};
            CHECK(k.all_say(true, 4, r, 3));
        }
        if (coordinates c; lift(c, r)) {
            key<Word> k{recovered_key<Word>(c, r, 3, 4), {4, 1}};
            CHECK(k.all_say(true, 4, r, 3));
        }
    }
}

TEST_CASE_TEMPLATE("ECDSA: s = 1 and n - 1, R with x = 0, keys with x = 0 and with leading zeros", Word, std::uint32_t,
                   portable_word, arith::native_word) {
    auto const g = p256::base_point<Word>();
    auto const d = BigInt(987654321), nonce = BigInt(123454321);
    key<Word> k{multiple(d, g)};
    auto const r = multiple(nonce, g).x % p256_n;
    for (auto const& s : {BigInt(1), p256_n - BigInt(1)}) {
        auto const e = modulo(nonce * s - r * d, p256_n);
        CHECK(k.all_say(true, e, r, s));
        CHECK(k.all_say(false, e + BigInt(1), r, s));
    }
    coordinates zero;
    REQUIRE(lift(zero, 0));
    CHECK_FALSE(k.ours(big_endian(1), joined(0, 1))); // r = 0, whatever R is
    CHECK_FALSE(k.ours(big_endian(1), joined(p256_n, 1)));
    // Keys of a small x: the discrete logarithm is unknown, so make the signature from u1 and u2.
    auto const with_key = [&](coordinates const& q) {
        key<Word> odd{q};
        auto const u1 = BigInt(31337), u2 = BigInt(271828);
        auto const sum = sum_of_multiples(u1, u2, point<Word>(q));
        auto const x = to_affine(sum).x % p256_n;
        auto const s = (x * Botan::inverse_mod(u2, p256_n)) % p256_n;
        CHECK(odd.all_say(true, (u1 * s) % p256_n, x, s));
        CHECK(odd.all_say(false, (u1 * s) % p256_n, x, s + BigInt(1)));
    };
    with_key(zero);
    with_key({0, p256_p - zero.y});
    for (std::uint64_t x : {5u, 6u, 8u, 200u, 70000u})
        if (coordinates c; lift(c, x)) with_key(c);
}

TEST_CASE_TEMPLATE("RFC 6979 A.2.5: signatures with P-256 and SHA-256", Word, std::uint32_t, portable_word,
                   arith::native_word) {
    std::ifstream file(SIGNET_TEST_DATA "/vectors/rfc6979_p256.txt");
    int seen = 0;
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with('#')) continue;
        std::istringstream in(line);
        std::string x, y, message, r, s;
        in >> x >> y >> message >> r >> s;
        key<Word> k{{BigInt("0x" + x), BigInt("0x" + y)}};
        auto const digest = Botan::HashFunction::create_or_throw("SHA-256")->process(from_hex(message));
        CHECK(k.all_say(true, BigInt(digest.data(), digest.size()), BigInt("0x" + r), BigInt("0x" + s)));
        ++seen;
    }
    CHECK(seen == 2);
}

namespace {
// Valid signatures and four ways of spoiling them, ours against Botan.
template <class Word> void differential(std::size_t cases, std::uint64_t seed) {
    generator next(seed);
    auto& rng = Botan::system_rng();
    std::size_t valid = 0, wrong = 0;
    for (std::size_t done = 0; done < cases;) {
        auto const secret = Botan::create_private_key("ECDSA", rng, "secp256r1");
        auto const bits = secret->public_key_bits();
        auto const width = static_cast<unsigned>(3 + next() % 4), stride = static_cast<unsigned>(1 + next() % 3);
        key<Word> k{{BigInt(&bits[1], 32), BigInt(&bits[33], 32)}, {width, stride}};
        Botan::PK_Signer signer(*secret, rng, "Raw");
        for (std::size_t i = 0; i != 500 && done < cases; ++i, ++done) {
            auto const raw = next.octets(32);
            octets32 hash{};
            std::copy(raw.begin(), raw.end(), hash.begin());
            auto signature = signer.sign_message(hash.data(), hash.size(), rng);
            switch (next() % 8) {
            case 0: signature[next() % 64] ^= static_cast<std::uint8_t>(1u << next() % 8); break;
            case 1: hash[next() % 32] ^= static_cast<std::uint8_t>(1u << next() % 8); break;
            case 2: { // any numbers
                signature = joined(next.integer(), next.integer());
                break;
            }
            case 3: { // the twin: valid
                BigInt const s(&signature[32], 32);
                signature = joined(BigInt(signature.data(), 32), p256_n - s);
                break;
            }
            default: break;
            }
            bool const expected = k.theirs(hash, signature);
            valid += expected;
            wrong += k.ours(hash, signature) != expected;
        }
    }
    CHECK(wrong == 0);
    CHECK(valid > cases / 3);
    CHECK(valid < cases);
}
} // namespace

TEST_CASE("ES256 against Botan: random valid and invalid signatures") {
    auto const scale = differential_scale();
    differential<arith::native_word>(8'000 * scale, 1);
    differential<portable_word>(1'000 * scale, 3);
    differential<std::uint32_t>(1'000 * scale, 2);
}

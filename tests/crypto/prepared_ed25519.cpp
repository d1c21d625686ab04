#include <signet/crypto/impl/arith/ed25519_verify.hpp>

#include "prepared.hpp"
#include "support/differential.hpp"

#include <botan/asn1_obj.h>
#include <botan/ed25519.h>
#include <botan/hash.h>
#include <botan/pubkey.h>
#include <botan/system_rng.h>

#include <doctest/doctest.h>

#include <fstream>
#include <sstream>
#include <string>

using namespace prepared_test;
namespace ed = arith::edwards25519;
using arith::table_shape;

namespace {

using octets = std::vector<std::uint8_t>;

octets sha512(octets const& a, octets const& b, octets const& c) {
    auto hash = Botan::HashFunction::create_or_throw("SHA-512");
    for (auto const* part : {&a, &b, &c}) hash->update(*part);
    auto const r = hash->final();
    return {r.begin(), r.end()};
}

BigInt hash_scalar(octets const& r, octets const& a, octets const& m) {
    return from_little(sha512(r, a, m).data(), 64) % ed_l;
}

template <class Word> octets encoded(ed::extended_point<Word> const& p) {
    octets r(32);
    ed::encode(p, r.data());
    return r;
}

template <class Word> ed::extended_point<Word> multiple(BigInt const& k, ed::extended_point<Word> const& p) {
    return ed::multiply_point(p, from_big<Word>(k));
}

octets joined(octets r, BigInt const& s) {
    auto const le = little_endian(s);
    r.insert(r.end(), le.begin(), le.end());
    return r;
}

template <class Word> struct table {
    table_shape shape;
    std::vector<ed::affine_summand<Word>> entries;
    table(table_shape s, ed::extended_point<Word> const& of)
        : shape{s}, entries(arith::entry_count(s, arith::ed25519_scalar_bits)) {
        ed::build_table(entries.data(), s, of);
    }
    [[nodiscard]] ed::table_view<Word> view() const { return {entries.data(), shape}; }
};

template <class Word> table<Word> const& base() {
    static table<Word> const t{{7, 1}, ed::base_point<Word>()};
    return t;
}

// A key in all its forms: a table, none, Botan.
template <class Word> struct key {
    explicit key(octets const& encoding, table_shape shape = {5, 1})
        : a{encoding},
          minus{[&] {
              ed::extended_point<Word> p;
              REQUIRE(ed::decode(p, encoding.data()));
              return -p;
          }()},
          prepared{shape, minus},
          botan(a.data(), 32),
          theirs_{botan, "Pure"} {}

    bool ours(octets const& message, octets const& signature) const {
        octets const r(signature.begin(), signature.begin() + 32);
        auto const hash = sha512(r, a, message);
        bool const with = ed::verify(base<Word>().view(), prepared.view(), hash.data(), signature.data());
        bool const without = ed::verify(base<Word>().view(), minus, hash.data(), signature.data());
        CHECK(with == without);
        CHECK(with == ed::verify(ed::base_point<Word>(), minus, hash.data(), signature.data()));
        return with;
    }
    bool theirs(octets const& message, octets const& signature) {
        return theirs_.verify_message(message.data(), message.size(), signature.data(), signature.size());
    }

    octets a;
    ed::extended_point<Word> minus;
    table<Word> prepared;
    Botan::Ed25519_PublicKey botan;
    Botan::PK_Verifier theirs_;
};

// A point of order 8: L times any point that has that component.
template <class Word> ed::extended_point<Word> point_of_order_8() {
    for (std::uint64_t y = 2;; ++y) {
        ed::extended_point<Word> p;
        if (!ed::decode(p, little_endian(y).data())) continue;
        auto const t = ed::multiply_point(p, from_big<Word>(ed_l));
        if (!doubled(doubled(t)).is_identity()) return t;
    }
}

} // namespace

TEST_CASE_TEMPLATE("edwards25519: constants, decoding and encoding", Word, std::uint32_t, portable_word,
                   arith::native_word) {
    auto const b = ed::base_point<Word>();
    octets encoding(32, 0x66);
    encoding[0] = 0x58;
    CHECK(encoded(b) == encoding);
    ed::extended_point<Word> p;
    REQUIRE(ed::decode(p, encoding.data()));
    CHECK((p.x == b.x && p.y == b.y && p.t == b.t));
    CHECK(multiple(ed_l, b).is_identity());
    auto const i = ed::root_of_minus_one<Word>();
    CHECK((i.squared() + decltype(i)::one()).is_zero());
    // d = -121665 / 121666
    auto const d = ed::curve_d<Word>();
    CHECK((d * decltype(d)::from(arith::number<Word>(0, 0, 0, 121666)) +
           decltype(d)::from(arith::number<Word>(0, 0, 0, 121665)))
              .is_zero());
}

TEST_CASE_TEMPLATE("RFC 8032 5.1.3: encodings that are not canonical or of no point are refused", Word, std::uint32_t,
                   portable_word, arith::native_word) {
    ed::extended_point<Word> p;
    auto const sign = BigInt(1) << 255;
    int points = 0;
    for (std::uint64_t y = 0; y != 19; ++y) { // y + p still fits 255 bits
        CHECK_FALSE(ed::decode(p, little_endian(ed_p + BigInt(y)).data()));
        CHECK_FALSE(ed::decode(p, little_endian(ed_p + BigInt(y) + sign).data()));
        if (ed::decode(p, little_endian(y).data())) {
            ++points;
            CHECK(from_little(encoded(p).data(), 32) == BigInt(y));
        }
    }
    CHECK(points > 5);
    CHECK(points < 19);
    // x = 0 with the sign bit: y = 1 and y = -1
    for (auto const& y : {BigInt(1), ed_p - BigInt(1)}) {
        CHECK(ed::decode(p, little_endian(y).data()));
        CHECK_FALSE(ed::decode(p, little_endian(y + sign).data()));
    }
    generator next;
    for (int k = 0; k != 300; ++k) {
        auto const encoding = little_endian(next.integer());
        if (!ed::decode(p, encoding.data())) continue;
        CHECK(encoded(p) == octets(encoding.begin(), encoding.end()));
        auto const x2 = p.x.squared(), y2 = p.y.squared();
        CHECK(y2 - x2 == decltype(x2)::one() + ed::curve_d<Word>() * x2 * y2);
    }
}

TEST_CASE_TEMPLATE("edwards25519: all eight points of small order are seen as such, others are not", Word,
                   std::uint32_t, portable_word, arith::native_word) {
    auto const t = point_of_order_8<Word>();
    auto p = ed::extended_point<Word>::identity();
    for (int i = 0; i != 8; ++i) {
        auto const encoding = encoded(p);
        ed::extended_point<Word> q;
        REQUIRE(ed::decode(q, encoding.data()));
        CHECK(ed::has_small_order(q));
        for (int j = 0; j != i; ++j) CHECK(encoded(multiple(BigInt(std::uint64_t(j)), t)) != encoding);
        p = p + ed::to_summand(t);
    }
    CHECK(p.is_identity());
    auto const b = ed::base_point<Word>();
    CHECK_FALSE(ed::has_small_order(b));
    CHECK_FALSE(ed::has_small_order(b + ed::to_summand(t))); // of order 8 L
}

TEST_CASE_TEMPLATE("edwards25519: adding, subtracting and doubling in place, with T and without", Word, std::uint32_t,
                   portable_word, arith::native_word) {
    using fe = ed::field_element<Word>;
    auto const b = ed::base_point<Word>();
    auto const affine = ed::to_affine_summand(b.x, b.y);
    fe const scale = fe::from(arith::number<Word>(1, 2, 3, 4));
    auto const summand = ed::to_summand(ed::extended_point<Word>{b.x * scale, b.y * scale, scale, b.t * scale});
    auto const known = [&](int k) { return encoded(multiple(BigInt(static_cast<std::uint64_t>(k)), b)); };
    auto p = doubled(doubled(b)); // 4
    for (bool with_t : {true, false}) {
        auto q = p;
        add(q, affine, 7, with_t);
        CHECK(encoded(q) == known(5));
        CHECK((q.x * q.y == q.z * q.t) == with_t);
        q = p;
        add(q, summand, -7, with_t);
        CHECK(encoded(q) == known(3));
        CHECK((q.x * q.y == q.z * q.t) == with_t);
        q = p;
        double_in_place(q, with_t);
        CHECK(encoded(q) == known(8));
        CHECK((q.x * q.y == q.z * q.t) == with_t);
    }
    // The formulas are complete: P - P, 0 + P, P + P.
    auto zero = b;
    add(zero, affine, -1);
    CHECK(zero.is_identity());
    add(zero, summand, 1);
    CHECK(encoded(zero) == known(1));
    add(zero, summand, 1);
    CHECK(encoded(zero) == known(2));
}

TEST_CASE("edwards25519: multiples of the base point agree with each other, from tables of every shape and from none") {
    using Word = arith::native_word;
    generator next;
    for (unsigned width = 2; width <= arith::max_width; ++width)
        for (unsigned stride : {1u, 2u, 3u, 8u}) {
            table<Word> const t{{width, stride}, ed::base_point<Word>()};
            std::vector<BigInt> scalars{0, 1, 2, ed_l - BigInt(1), ed_l - BigInt(2), BigInt(1) << 252};
            for (int i = 0; i != 4; ++i) scalars.push_back(next.integer() % ed_l);
            for (auto const& k : scalars) {
                auto sum = ed::extended_point<Word>::identity();
                ed::add_multiple(sum, t.view(),
                                 arith::to_signed_digits(from_big<Word>(k), width, arith::ed25519_scalar_bits));
                auto plain = ed::extended_point<Word>::identity(); // double and add
                for (std::size_t bit = 256; bit-- != 0;) {
                    plain = doubled(plain);
                    if (k.get_bit(bit)) plain = plain + ed::to_summand(ed::base_point<Word>());
                }
                CHECK(encoded(sum) == encoded(plain));
                CHECK(encoded(multiple(k, ed::base_point<Word>())) == encoded(plain));
            }
        }
}

TEST_CASE_TEMPLATE("RFC 8032 7.1: vectors; 5.1.7: S + L is refused, though Botan 2 accepts it", Word, std::uint32_t,
                   portable_word, arith::native_word) {
    std::ifstream file(SIGNET_TEST_DATA "/vectors/rfc8032_ed25519.txt");
    int seen = 0;
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with('#')) continue;
        std::istringstream in(line);
        std::string a, message, signature;
        in >> a >> message >> signature;
        for (table_shape shape : {table_shape{4, 1}, table_shape{6, 3}, table_shape{8, 1}}) {
            key<Word> k{from_hex(a), shape};
            auto const m = message == "-" ? octets{} : from_hex(message);
            auto s = from_hex(signature);
            CHECK(k.ours(m, s));
            auto const twin = joined({s.begin(), s.begin() + 32}, from_little(&s[32], 32) + ed_l);
            CHECK_FALSE(k.ours(m, twin));
            for (std::size_t at : {0u, 31u, 32u, 63u}) {
                auto spoiled = s;
                spoiled[at] ^= 0x40;
                CHECK_FALSE(k.ours(m, spoiled));
            }
        }
        ++seen;
    }
    CHECK(seen == 4);
}

TEST_CASE_TEMPLATE("RFC 8032 5.1.7: R is compared as octets, R = identity and S = 0 included", Word, std::uint32_t,
                   portable_word, arith::native_word) {
    auto const b = ed::base_point<Word>();
    auto const secret = BigInt(0xfedcba987654321);
    key<Word> k{encoded(multiple(secret, b))};
    octets const m{'m'};
    octets identity(32, 0);
    identity[0] = 1;
    // R = identity: S = k a. Valid by the equation, and Botan says so too.
    auto const good = joined(identity, (hash_scalar(identity, k.a, m) * secret) % ed_l);
    CHECK(k.ours(m, good));
    CHECK(k.theirs(m, good));
    // The same point by octets that are not canonical: the sign bit set, y + p.
    auto odd = identity;
    odd[31] = 0x80;
    CHECK_FALSE(k.ours(m, joined(odd, (hash_scalar(odd, k.a, m) * secret) % ed_l)));
    octets const y_plus_p = [] {
        auto const r = little_endian(ed_p + BigInt(1));
        return octets(r.begin(), r.end());
    }();
    CHECK_FALSE(k.ours(m, joined(y_plus_p, (hash_scalar(y_plus_p, k.a, m) * secret) % ed_l)));
    // S = 0 and L - 1, not valid here; S = L and 2^256 - 1, not canonical.
    for (auto const& s : {BigInt(0), BigInt(1), ed_l - BigInt(1), ed_l, two_256 - BigInt(1)})
        CHECK_FALSE(k.ours(m, joined(identity, s)));
}

TEST_CASE_TEMPLATE("RFC 8032 5.1.7: cofactorless, on keys and R with a component of small order", Word, std::uint32_t,
                   portable_word, arith::native_word) {
    auto const b = ed::base_point<Word>();
    auto const t = point_of_order_8<Word>();
    auto const secret = BigInt(0x1122334455667788);
    key<Word> k{encoded(multiple(secret, b) + ed::to_summand(t))};
    int accepted = 0;
    for (std::uint8_t i = 0; i != 64; ++i) {
        octets const m{i};
        auto const nonce = BigInt(1000u + i);
        // For an R without the component the equation holds only where k t vanishes; where R carries -k t it always
        // does.
        auto const r = encoded(multiple(nonce, b));
        auto const kk = hash_scalar(r, k.a, m);
        auto const signature = joined(r, (nonce + kk * secret) % ed_l);
        bool const expected = kk % BigInt(8) == BigInt(0);
        accepted += expected;
        CHECK(k.ours(m, signature) == expected);
        CHECK(k.theirs(m, signature) == expected);
    }
    CHECK(accepted > 0);
    CHECK(accepted < 64);
    // An R with the component, for a sound key: refused, though the equation times 8 holds.
    key<Word> sound{encoded(multiple(secret, b))};
    octets const m{'m'};
    auto const r = encoded(multiple(BigInt(5), b) + ed::to_summand(t));
    auto const signature = joined(r, (BigInt(5) + hash_scalar(r, sound.a, m) * secret) % ed_l);
    CHECK_FALSE(sound.ours(m, signature));
    CHECK_FALSE(sound.theirs(m, signature));
}

namespace {
template <class Word> void differential(std::size_t cases, std::uint64_t seed) {
    generator next(seed);
    auto& rng = Botan::system_rng();
    std::size_t valid = 0, wrong = 0;
    for (std::size_t done = 0; done < cases;) {
        Botan::Ed25519_PrivateKey const secret(rng);
        auto const bits = secret.public_key_bits();
        auto const width = static_cast<unsigned>(3 + next() % 4), stride = static_cast<unsigned>(1 + next() % 3);
        key<Word> k{bits, {width, stride}};
        Botan::PK_Signer signer(secret, rng, "Pure");
        for (std::size_t i = 0; i != 500 && done < cases; ++i, ++done) {
            auto message = next.octets(1 + next.below(100));
            auto signature = signer.sign_message(message, rng);
            bool twin = false;
            switch (next() % 8) {
            case 0: signature[next.below(64)] ^= static_cast<std::uint8_t>(1u << next() % 8); break;
            case 1: message[next.below(message.size())] ^= static_cast<std::uint8_t>(1u << next() % 8); break;
            case 2: { // any octets, S often below L
                signature = next.octets(64);
                signature[63] &= 0x1f;
                break;
            }
            case 3: // S + L
                twin = true;
                signature = joined({signature.begin(), signature.begin() + 32}, from_little(&signature[32], 32) + ed_l);
                break;
            default: break;
            }
            // Botan 2 does not ask for S < L; that answer is known.
            bool const expected = !twin && from_little(&signature[32], 32) < ed_l && k.theirs(message, signature);
            valid += expected;
            wrong += k.ours(message, signature) != expected;
        }
    }
    CHECK(wrong == 0);
    CHECK(valid > cases / 3);
    CHECK(valid < cases);
}
} // namespace

TEST_CASE("Ed25519 against Botan: random valid and invalid signatures") {
    auto const scale = differential_scale();
    differential<arith::native_word>(8'000 * scale, 1);
    differential<portable_word>(1'000 * scale, 3);
    differential<std::uint32_t>(1'000 * scale, 2);
}

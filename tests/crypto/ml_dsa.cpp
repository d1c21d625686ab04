// ML-DSA verification (FIPS 204): the arithmetic against the standard's definitions, Botan's SHAKE, a signer of its
// own, forged signatures of keys with t1 = 0, and Wycheproof's vectors.
#include <signet/crypto/impl/arith/ml_dsa_verify.hpp>

#include "prepared.hpp"
#include "support/differential.hpp"
#include "support/wycheproof.hpp"

#include <botan/hash.h>

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace {

namespace keccak = signet::crypto::arith::keccak;
namespace ml_dsa = signet::crypto::arith::ml_dsa;
using ml_dsa::degree;
using ml_dsa::parameters;
using ml_dsa::polynomial;
using ml_dsa::q;
using ml_dsa::ring_functions;
using octets = std::vector<std::uint8_t>;
using prepared_test::generator;

struct named_set {
    char const* name;
    char const* wycheproof;
    parameters p;
    int eta;
    int vectors;
};
named_set const sets[] = {{"ML-DSA-44", "mldsa_44_verify_test.json", ml_dsa::ml_dsa_44, 2, 180},
                          {"ML-DSA-65", "mldsa_65_verify_test.json", ml_dsa::ml_dsa_65, 4, 210},
                          {"ML-DSA-87", "mldsa_87_verify_test.json", ml_dsa::ml_dsa_87, 2, 241}};

struct named_ring {
    char const* name;
    ring_functions const* functions;
};
std::vector<named_ring> rings() {
    std::vector<named_ring> r{{"portable", &ml_dsa::portable_ring}};
    if (&ml_dsa::fastest_ring() != &ml_dsa::portable_ring) r.push_back({"fastest", &ml_dsa::fastest_ring()});
    return r;
}

octets joined(std::initializer_list<octets> parts) {
    octets r;
    for (auto const& part : parts) r.insert(r.end(), part.begin(), part.end());
    return r;
}

octets botan_shake(int bits, octets const& in, std::size_t size) {
    auto const hash =
        Botan::HashFunction::create_or_throw("SHAKE-" + std::to_string(bits) + "(" + std::to_string(8 * size) + ")");
    hash->update(in.data(), in.size());
    auto const r = hash->final();
    return {r.begin(), r.end()};
}
octets shake256(octets const& in, std::size_t size) { return botan_shake(256, in, size); }

std::int32_t modulo_q(std::int64_t x) { return static_cast<std::int32_t>((x % q + q) % q); }

// ---- The standard's definitions, word by word -----------------------------------------------------------------------

/// Algorithm 36: the high and the low part.
std::pair<std::int32_t, std::int32_t> decompose(std::int32_t r, parameters const& p) {
    auto low = r % p.low_range;
    if (low > p.low_range / 2) low -= p.low_range;
    if (r - low == q - 1) return {0, low - 1};
    return {(r - low) / p.low_range, low};
}

/// Algorithm 40.
std::int32_t moved_by_hint(std::int32_t r, parameters const& p) {
    auto const [high, low] = decompose(r, p);
    return (high + (low > 0 ? 1 : p.high_count - 1)) % p.high_count;
}

/// a b modulo x^256 + 1, with the pen.
polynomial schoolbook(polynomial const& a, polynomial const& b) {
    polynomial r{};
    for (unsigned i = 0; i != degree; ++i) {
        if (a.at[i] == 0) continue;
        for (unsigned k = 0; k != degree; ++k) {
            auto const x = std::int64_t{a.at[i]} * b.at[k];
            auto& to = r.at[(i + k) % degree];
            to = modulo_q(i + k < degree ? to + x : to - x);
        }
    }
    return r;
}

bool same(polynomial const& a, polynomial const& b) { return std::ranges::equal(a.at, b.at); }

/// `width` bits of each number, the least first (algorithms 16 and 17).
octets packed_bits(std::vector<std::int64_t> const& numbers, unsigned width) {
    octets r((numbers.size() * width + 7) / 8);
    for (std::size_t i = 0; i != numbers.size(); ++i)
        for (unsigned bit = 0; bit != width; ++bit) {
            auto const at = i * width + bit;
            r[at / 8] |= static_cast<std::uint8_t>((numbers[i] >> bit & 1) << at % 8);
        }
    return r;
}

polynomial random_polynomial(generator& next, std::int32_t least, std::int32_t most) {
    polynomial r;
    for (auto& x : r.at) x = least + static_cast<std::int32_t>(next() % (static_cast<std::uint64_t>(most - least) + 1));
    return r;
}

/// A stream that gives `first`, and from then on `then` again and again.
struct fixed_stream {
    octets first, then;
    std::size_t at = 0;
    void squeeze(std::uint8_t* to, std::size_t size) {
        for (; size != 0; --size, ++at) *to++ = at < first.size() ? first[at] : then[(at - first.size()) % then.size()];
    }
};

// ---- A key in all its forms -----------------------------------------------------------------------------------------

struct key {
    key(parameters const& set, octets encoded) : p{set}, pub{std::move(encoded)}, key_hash(64) {
        REQUIRE(pub.size() == p.key_size);
        ml_dsa::hash_key(key_hash.data(), p, pub.data());
        CHECK(key_hash == shake256(pub, 64));
        for (auto const& ring : rings()) {
            tables.emplace_back(ml_dsa::table_size(p));
            ml_dsa::build_table(tables.back().data(), p, pub.data(), *ring.functions);
        }
    }

    [[nodiscard]] octets mu(octets const& message) const {
        auto hash = ml_dsa::begin_message(key_hash.data());
        hash.absorb(message.data(), message.size());
        octets r(64);
        hash.squeeze(r.data(), 64);
        return r;
    }

    /// By every ring, with the tables of every ring and without: all have to say the same.
    [[nodiscard]] bool verify(octets const& digest, octets const& signature) const {
        if (signature.size() != p.signature_size) return false;
        // Memory of the exact size: what is read behind it is found by the address sanitizer.
        bool const answer = ml_dsa::verify(p, pub.data(), digest.data(), signature.data(), ml_dsa::portable_ring);
        for (auto const& ring : rings()) {
            CHECK(ml_dsa::verify(p, pub.data(), digest.data(), signature.data(), *ring.functions) == answer);
            for (auto const& table : tables)
                CHECK(ml_dsa::verify(p, table.data(), digest.data(), signature.data(), *ring.functions) == answer);
        }
        return answer;
    }

    parameters p;
    octets pub, key_hash;
    std::vector<std::vector<polynomial>> tables;
};

// ---- Signatures without a signer ------------------------------------------------------------------------------------

using hint_lists = std::vector<std::vector<std::uint8_t>>; // places by row

/// Algorithm 20, which takes hint lists that are none as well.
octets packed_hints(hint_lists const& hints, parameters const& p) {
    octets r(p.max_hints + p.rows);
    unsigned at = 0;
    for (std::size_t row = 0; row != p.rows; ++row) {
        for (auto const place : hints[row])
            if (at != p.max_hints) r[at++] = place;
        r[p.max_hints + row] = static_cast<std::uint8_t>(at);
    }
    return r;
}

octets packed_masks(std::vector<polynomial> const& z, parameters const& p) {
    std::vector<std::int64_t> numbers;
    for (auto const& one : z)
        for (auto const x : one.at) numbers.push_back((std::int64_t{1} << (p.mask_bits - 1)) - x);
    return packed_bits(numbers, p.mask_bits);
}

/// The signature of a key with t1 = 0: c~ follows from z and what the hints do to w = A z.
octets forged(parameters const& p, octets const& mu, std::vector<polynomial> const& z, std::vector<polynomial> const& w,
              hint_lists const& hints, octets const& hint_octets) {
    octets high;
    for (std::size_t row = 0; row != p.rows; ++row) {
        std::vector<std::int64_t> numbers;
        for (auto const x : w[row].at) numbers.push_back(decompose(x, p).first);
        for (auto const place : hints[row]) numbers[place] = moved_by_hint(w[row].at[place], p);
        high = joined({high, packed_bits(numbers, p.high_bits())});
    }
    return joined({shake256(joined({mu, high}), p.challenge_size), packed_masks(z, p), hint_octets});
}
octets forged(parameters const& p, octets const& mu, hint_lists const& hints, octets const& hint_octets) {
    return forged(p, mu, std::vector<polynomial>(p.columns), std::vector<polynomial>(p.rows), hints, hint_octets);
}
octets forged(parameters const& p, octets const& mu, hint_lists const& hints) {
    return forged(p, mu, hints, packed_hints(hints, p));
}

key zero_key(parameters const& p, std::uint8_t seed = 7) {
    octets pub(p.key_size);
    std::fill_n(pub.begin(), 32, seed);
    return {p, pub};
}

/// A, from Botan's SHAKE128 and algorithm 30 as it is written, in the transform's domain.
std::vector<polynomial> matrix_of(parameters const& p, octets const& rho) {
    std::vector<polynomial> r;
    for (unsigned row = 0; row != p.rows; ++row)
        for (unsigned column = 0; column != p.columns; ++column) {
            auto const stream = botan_shake(
                128, joined({rho, {static_cast<std::uint8_t>(column), static_cast<std::uint8_t>(row)}}), 168 * 8);
            polynomial a{};
            unsigned filled = 0;
            for (std::size_t i = 0; filled != degree; i += 3) {
                auto const x = stream[i] + 256 * stream[i + 1] + 65536 * (stream[i + 2] % 128);
                if (x < q) a.at[filled++] = x;
            }
            r.push_back(a);
        }
    return r;
}

/// A x for x in the usual domain: 0 .. q - 1.
std::vector<polynomial> multiplied(parameters const& p, std::vector<polynomial> const& a, std::vector<polynomial> x) {
    for (auto& one : x) ml_dsa::portable_ring.transform(one);
    polynomial const zero{};
    std::vector<polynomial> r(p.rows);
    for (std::size_t row = 0; row != p.rows; ++row) {
        ml_dsa::portable_ring.multiply_row(r[row], &a[row * p.columns], x.data(), p.columns, zero, zero);
        ml_dsa::portable_ring.invert(r[row]);
    }
    return r;
}

/// A key pair without s2, which suffices to make signatures that verify. No signature of it hides anything.
struct signer {
    signer(named_set const& set, generator& next_number) : p{set.p}, next{next_number} {
        auto const rho = next.octets(32);
        a = matrix_of(p, rho);
        for (unsigned i = 0; i != p.columns; ++i) secret.push_back(random_polynomial(next, -set.eta, set.eta));
        auto const t = multiplied(p, a, secret);
        pub = rho;
        for (auto const& row : t) {
            std::vector<std::int64_t> numbers;
            auto& low = low_key.emplace_back();
            for (unsigned i = 0; i != degree; ++i) { // algorithm 35
                auto const high = (row.at[i] + 4095) >> 13;
                numbers.push_back(high);
                low.at[i] = row.at[i] - (high << 13);
            }
            pub = joined({pub, packed_bits(numbers, 10)});
        }
    }

    octets sign(octets const& mu) {
        for (;;) {
            auto const gamma1 = 1 << (p.mask_bits - 1);
            std::vector<polynomial> y;
            for (unsigned i = 0; i != p.columns; ++i) y.push_back(random_polynomial(next, 1 - gamma1, gamma1));
            auto const w = multiplied(p, a, y);
            octets high;
            for (auto const& row : w) {
                std::vector<std::int64_t> numbers;
                for (auto const x : row.at) numbers.push_back(decompose(x, p).first);
                high = joined({high, packed_bits(numbers, p.high_bits())});
            }
            auto const digest = shake256(joined({mu, high}), p.challenge_size);
            polynomial c;
            fixed_stream source{shake256(digest, 400), {0}};
            ml_dsa::sample_in_ball(c, source, p.challenge_weight);
            bool good = true;
            for (unsigned i = 0; i != p.columns; ++i) {
                auto const cs = schoolbook(c, secret[i]);
                for (unsigned k = 0; k != degree; ++k) {
                    y[i].at[k] += cs.at[k] > q / 2 ? cs.at[k] - q : cs.at[k];
                    good &= std::abs(y[i].at[k]) < gamma1 - p.beta;
                }
            }
            if (!good) continue;
            hint_lists hints(p.rows);
            std::size_t count = 0;
            for (unsigned row = 0; row != p.rows; ++row) {
                auto const ct = schoolbook(c, low_key[row]); // what the verifier's w has more than w
                for (unsigned k = 0; k != degree; ++k) {
                    auto const theirs = modulo_q(std::int64_t{w[row].at[k]} + ct.at[k]);
                    auto const wanted = decompose(w[row].at[k], p).first;
                    if (decompose(theirs, p).first == wanted) continue;
                    good &= moved_by_hint(theirs, p) == wanted;
                    hints[row].push_back(static_cast<std::uint8_t>(k));
                    ++count;
                }
            }
            if (good && count <= p.max_hints) return joined({digest, packed_masks(y, p), packed_hints(hints, p)});
        }
    }

    parameters p;
    generator& next;
    octets pub;
    std::vector<polynomial> a, secret, low_key;
};

} // namespace

TEST_CASE("FIPS 202: SHAKE128 and SHAKE256 of every length from 0 to 300, in pieces, are Botan's") {
    generator next;
    auto const all = next.octets(300);
    for (std::size_t size = 0; size <= 300; ++size)
        for (int const bits : {128, 256}) {
            octets const in(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(size));
            std::size_t const wanted = size % 3 == 0 ? 64 : 1 + next.below(500);
            keccak::shake hash{bits == 128 ? keccak::shake128_rate : keccak::shake256_rate};
            for (std::size_t at = 0; at != size;) {
                auto const piece = std::min(size - at, next.below(40));
                hash.absorb(in.data() + at, piece);
                at += piece;
            }
            octets out(wanted);
            for (std::size_t at = 0; at != wanted;) {
                auto const piece = std::min(wanted - at, next.below(200));
                hash.squeeze(out.data() + at, piece);
                at += piece;
            }
            CHECK(out == botan_shake(bits, in, wanted));
        }
}

TEST_CASE(
    "FIPS 204 algorithms 41, 42: products by the transform are those of the schoolbook, at the largest numbers too") {
    generator next;
    polynomial const zero{};
    for (auto const& [name, ring] : rings()) {
        CAPTURE(std::string{name});
        for (int round = 0; round != 12; ++round) {
            polynomial const x = round == 0   ? random_polynomial(next, 1 << 19, 1 << 19)
                                 : round == 1 ? random_polynomial(next, -(1 << 19), -(1 << 19))
                                              : random_polynomial(next, -(1 << 19), 1 << 19);
            polynomial y = round < 2 ? random_polynomial(next, q - 1, q - 1) : random_polynomial(next, 0, q - 1);
            polynomial z = x, r;
            auto const expected = schoolbook(x, y);
            ring->transform(z);
            ring->transform(y);
            for (auto& value : y.at) value = modulo_q(value); // as A's
            ring->multiply_row(r, &y, &z, 1, zero, zero);
            ring->invert(r);
            CHECK(same(r, expected));
            // The same polynomial as c t, unreduced
            polynomial c = random_polynomial(next, -1, 1), t = random_polynomial(next, round < 2 ? 1 - q : -q + 1, 0);
            auto const product = schoolbook(c, t);
            ring->transform(c);
            ring->transform(t);
            ring->multiply_row(r, &y, &z, 1, c, t);
            ring->invert(r);
            for (unsigned i = 0; i != degree; ++i) CHECK(r.at[i] == modulo_q(expected.at[i] + product.at[i]));
        }
        // The largest row that the bounds allow for: values as the transform may leave them.
        polynomial a[7], z[7], r, s;
        for (int sign : {1, -1}) {
            for (int j = 0; j != 7; ++j) {
                std::ranges::fill(a[j].at, q - 1);
                std::ranges::fill(z[j].at, sign * static_cast<std::int32_t>(ml_dsa::bound::mask));
            }
            polynomial c, t;
            std::ranges::fill(c.at, static_cast<std::int32_t>(ml_dsa::bound::challenge));
            std::ranges::fill(t.at, sign * static_cast<std::int32_t>(ml_dsa::bound::key));
            ring->multiply_row(r, a, z, 7, c, t);
            auto const sum = sign * ml_dsa::bound::row;
            for (auto const value : r.at) {
                CHECK(value == ml_dsa::reduce(sum));
                CHECK(std::abs(value) <= ml_dsa::bound::reduced_row);
                CHECK((std::int64_t{value} * (std::int64_t{1} << 32) - sum) % q == 0);
            }
            // All values of a row at the bound: 256 of them are added without a reduction.
            std::ranges::fill(s.at, sign * static_cast<std::int32_t>(ml_dsa::bound::reduced_row));
            ring->invert(s);
            for (unsigned i = 1; i != degree; ++i) CHECK(s.at[i] == 0);
            CHECK(s.at[0] == modulo_q(sign * ml_dsa::bound::reduced_row % q * ml_dsa::detail::power_of_two(32)));
        }
    }
}

TEST_CASE("FIPS 204 algorithms 41, 42: both rings give the same numbers, reduced or not") {
    generator next{11};
    for (int round = 0; round != 200; ++round) {
        auto const x = random_polynomial(next, 1 - q, q - 1);
        std::vector<polynomial> transformed, inverted;
        for (auto const& ring : rings()) {
            transformed.push_back(x);
            ring.functions->transform(transformed.back());
            inverted.push_back(x);
            for (auto& value : inverted.back().at) value /= 2;
            ring.functions->invert(inverted.back());
        }
        CHECK(same(transformed.front(), transformed.back()));
        CHECK(same(inverted.front(), inverted.back()));
    }
}

TEST_CASE("FIPS 204 algorithms 36 to 40: the high part and what a hint makes of it, for all numbers below q") {
    for (auto const& set : {sets[0], sets[1]}) {
        std::size_t wrong = 0;
        polynomial w;
        std::uint8_t high[degree];
        auto const all = rings();
        for (std::int32_t first = 0; first < q; first += degree) {
            for (unsigned i = 0; i != degree; ++i) w.at[i] = std::min(first + static_cast<std::int32_t>(i), q - 1);
            for (auto const& ring : all) {
                ring.functions->high_parts(high, w, set.p);
                for (unsigned i = 0; i != degree; ++i) wrong += high[i] != decompose(w.at[i], set.p).first;
            }
            for (auto const r : w.at) wrong += ml_dsa::use_hint(r, set.p) != moved_by_hint(r, set.p);
        }
        CHECK(wrong == 0);
    }
}

TEST_CASE("FIPS 204 algorithm 28: high parts are packed by their bits") {
    generator next;
    for (auto const& set : sets) {
        std::uint8_t high[degree];
        std::vector<std::int64_t> numbers;
        for (auto& h : high)
            numbers.push_back(h = static_cast<std::uint8_t>(next() % static_cast<unsigned>(set.p.high_count)));
        octets out(set.p.high_size());
        ml_dsa::pack_high(out.data(), high, set.p);
        CHECK(out == packed_bits(numbers, set.p.high_bits()));
    }
}

TEST_CASE("FIPS 204 algorithms 8, 19: z is unpacked, and refused from gamma1 - beta up, at every place") {
    generator next;
    for (auto const& set : sets)
        for (auto const& [name, ring] : rings()) {
            CAPTURE(std::string{name});
            auto const& p = set.p;
            auto const most = (1 << (p.mask_bits - 1)) - p.beta - 1;
            auto const unpack = [&, functions = ring](polynomial const& z, polynomial& out) {
                auto in = packed_masks({z}, p);
                REQUIRE(in.size() == p.mask_size());
                for (int i = 0; i != 8; ++i) in.push_back(0xff); // what is behind changes nothing
                return functions->unpack_mask(out, in.data(), p);
            };
            polynomial out;
            for (int round = 0; round != 20; ++round) {
                auto const z = random_polynomial(next, -most, most);
                CHECK(unpack(z, out));
                CHECK(same(z, out));
            }
            for (unsigned place = 0; place != degree; ++place) {
                polynomial z{};
                for (int const x : {most, -most}) {
                    z.at[place] = x;
                    CHECK(unpack(z, out));
                    CHECK(same(z, out));
                }
                for (int const x : {most + 1, -most - 1, 1 << (p.mask_bits - 1), 1 - (1 << (p.mask_bits - 1))}) {
                    z.at[place] = x;
                    CHECK_FALSE(unpack(z, out));
                }
            }
        }
}

TEST_CASE("FIPS 204 algorithm 30: A is what SHAKE128 says, and goes on to further blocks") {
    generator next;
    for (auto const& set : sets) {
        auto const rho = next.octets(32);
        auto const expected = matrix_of(set.p, rho);
        for (auto const& ring : rings())
            for (unsigned count = 1; count <= 4; ++count)
                for (unsigned i = 0; i + count <= expected.size(); i += count) {
                    polynomial out[4];
                    ring.functions->expand(out, rho.data(), i, count, set.p.columns);
                    for (unsigned k = 0; k != count; ++k) CHECK(same(out[k], expected[i + k]));
                }
    }
    // Six blocks in which nothing is below q, then numbers 0x010101; q itself is none, q - 1 is one.
    fixed_stream source{octets(168 * 6, 0xff), {1, 1, 1}};
    polynomial out;
    ml_dsa::sample_uniform(out, source);
    for (auto const x : out.at) CHECK(x == 0x010101);
    source = {{0x01, 0xe0, 0xff, 0x00, 0xe0, 0x7f, 0x01, 0xe0, 0x7f, 0x00, 0xe0, 0xff}, {2, 2, 0x82}};
    ml_dsa::sample_uniform(out, source);
    CHECK(out.at[0] == q - 1);
    CHECK(out.at[1] == q - 1);
    CHECK(out.at[2] == 0x020202);
}

#if defined(__x86_64__) && defined(__GNUC__)
TEST_CASE("FIPS 204 algorithm 30: of four at once each takes as many blocks as it needs") {
    if (!__builtin_cpu_supports("avx2")) return;
    struct stubs {
        std::vector<octets> streams;
        std::size_t at = 0;
        void next(std::uint8_t (&blocks)[4][keccak::shake128_rate + 24]) {
            for (std::size_t i = 0; i != 4; ++i)
                for (std::size_t k = 0; k != sizeof blocks[i]; ++k)
                    blocks[i][k] = k < 168 ? streams[i][(at + k) % streams[i].size()] : 0;
            at += 168;
        }
    };
    generator next;
    for (int round = 0; round != 100; ++round) {
        stubs sources;
        for (int i = 0; i != 4; ++i) {
            auto stream = next.octets(168 * 40);
            for (std::size_t k = 0; k < stream.size(); k += 3)
                if (next() % 4 < static_cast<unsigned>(i)) stream[k] = stream[k + 1] = stream[k + 2] = 0xff;
                else if (next() % 32 == 0) stream[k] = 0x01, stream[k + 1] = 0xe0, stream[k + 2] = 0x7f; // q
            sources.streams.push_back(stream);
        }
        polynomial out[4];
        unsigned const count = 1 + next() % 4;
        ml_dsa::avx2::sample_uniform(out, count, sources);
        for (unsigned i = 0; i != count; ++i) {
            fixed_stream one{sources.streams[i], {0}};
            polynomial expected;
            ml_dsa::sample_uniform(expected, one);
            CHECK(same(out[i], expected));
        }
    }
}
#endif

TEST_CASE("FIPS 204 algorithm 29: the challenge, and its further blocks") {
    for (auto const& set : sets) {
        unsigned const weight = set.p.challenge_weight;
        // Each place is refused a hundred times before it is taken, which goes beyond one block.
        octets stream{0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0x55, 0x55};
        for (unsigned i = degree - weight; i != degree; ++i) {
            if (i != 255) stream.insert(stream.end(), 100, static_cast<std::uint8_t>(i + 1));
            stream.push_back(static_cast<std::uint8_t>(i));
        }
        fixed_stream source{stream, {0}};
        polynomial c;
        ml_dsa::sample_in_ball(c, source, weight);
        CHECK(source.at == stream.size());
        for (unsigned i = 0; i != degree; ++i)
            CHECK(c.at[i] == (i < degree - weight ? 0 : (i - (degree - weight)) % 2 == 0 ? -1 : 1));
        // A place that is taken moves to the end.
        source = {octets(8), {0}};
        ml_dsa::sample_in_ball(c, source, weight);
        for (unsigned i = 0; i != degree; ++i) CHECK(c.at[i] == (i == 0 || i > degree - weight ? 1 : 0));
    }
}

TEST_CASE("FIPS 204 algorithm 21: valid hints of a key with t1 = 0, at their edges") {
    for (auto const& set : sets) {
        CAPTURE(std::string{set.name});
        auto const& p = set.p;
        auto const k = zero_key(p);
        auto const mu = k.mu({1, 2, 3});
        CHECK(k.verify(mu, forged(p, mu, hint_lists(p.rows)))); // none
        hint_lists hints(p.rows);
        for (unsigned i = 0; i != p.max_hints; ++i) hints[i % p.rows].push_back(static_cast<std::uint8_t>(i / p.rows));
        CHECK(k.verify(mu, forged(p, mu, hints))); // as many as there may be
        hints = hint_lists(p.rows);
        for (unsigned i = 0; i != p.max_hints; ++i)
            hints.back().push_back(static_cast<std::uint8_t>(255 - p.max_hints + 1 + i));
        CHECK(k.verify(mu, forged(p, mu, hints))); // all in the last row
        hints = hint_lists(p.rows);
        for (auto& row : hints) row = {0, 255};
        CHECK(k.verify(mu, forged(p, mu, hints))); // the first and the last place
        hints = hint_lists(p.rows);
        hints[1] = {17};
        auto const good = forged(p, mu, hints);
        CHECK(k.verify(mu, good));
        CHECK_FALSE(k.verify(k.mu({1, 2, 4}), good));
        CHECK_FALSE(k.verify(mu, joined({good, {0}})));
        CHECK_FALSE(k.verify(mu, octets(good.begin(), good.end() - 1)));
        for (std::size_t i = 0; i < p.challenge_size; ++i) { // all of c~ counts
            auto spoiled = good;
            spoiled[i] ^= 0x80;
            CHECK_FALSE(k.verify(mu, spoiled));
        }
    }
}

TEST_CASE("FIPS 204 algorithm 21: each rule of the hints' encoding, broken alone, is refused") {
    for (auto const& set : sets) {
        CAPTURE(std::string{set.name});
        auto const& p = set.p;
        auto const k = zero_key(p);
        auto const mu = k.mu({9});
        std::size_t const ends = p.max_hints;
        // c~ fits what a verifier without the rule would compute from these hints.
        auto const refused = [&](hint_lists const& meaning, octets const& hints) {
            return !k.verify(mu, forged(p, mu, meaning, hints));
        };
        hint_lists const none(p.rows);
        hint_lists two = none;
        two[0] = {3, 5};
        auto const encoded = packed_hints(two, p);
        REQUIRE_FALSE(refused(two, encoded));

        auto hints = encoded; // a place twice
        hint_lists once = none;
        once[0] = {3};
        hints[1] = 3;
        CHECK(refused(once, hints));
        CHECK(refused(none, hints));
        hints = encoded; // places fall
        std::swap(hints[0], hints[1]);
        CHECK(refused(two, hints));
        hint_lists last = none; // the same in the last row
        last.back() = {3, 5};
        hints = packed_hints(last, p);
        std::swap(hints[0], hints[1]);
        CHECK(refused(last, hints));
        for (std::size_t at = 2; at != ends; ++at) { // an octet behind the last end
            hints = encoded;
            hints[at] = 1;
            CHECK(refused(two, hints));
        }
        hints = octets(p.max_hints + p.rows); // the same where there is no hint
        hints[0] = 1;
        CHECK(refused(none, hints));
        for (std::size_t row = 1; row != p.rows; ++row) { // an end goes back, and stays there or not
            for (bool const stays : {true, false}) {
                hints = encoded;
                for (std::size_t i = row; i != (stays ? p.rows : row + 1); ++i) hints[ends + i] = 1;
                CHECK(refused(two, hints));
                once[0] = {3};
                CHECK(refused(once, hints));
            }
            hints = encoded; // back to nothing
            hints[ends + row] = 0;
            CHECK(refused(two, hints));
        }
        for (unsigned const end : {p.max_hints + 1, 255u}) { // an end beyond the places
            hint_lists many = none;
            for (unsigned i = 0; i != p.max_hints; ++i) many.back().push_back(static_cast<std::uint8_t>(i));
            hints = packed_hints(many, p);
            CHECK_FALSE(refused(many, hints));
            hints[ends + p.rows - 1] = static_cast<std::uint8_t>(end);
            CHECK(refused(many, hints));
            hints = encoded;
            hints[ends] = static_cast<std::uint8_t>(end);
            CHECK(refused(two, hints));
        }
        // An end beyond, where the first end would be a good last place.
        hint_lists beyond = none;
        unsigned const first = p.max_hints * 3 / 4;
        for (unsigned i = 0; i != p.max_hints; ++i)
            beyond[i < first ? 0 : p.rows - 1].push_back(static_cast<std::uint8_t>(i < first ? i : i - first));
        hints = packed_hints(beyond, p);
        CHECK_FALSE(refused(beyond, hints));
        hints[ends + p.rows - 1] = static_cast<std::uint8_t>(p.max_hints + 1);
        beyond.back().push_back(static_cast<std::uint8_t>(first));
        CHECK(refused(beyond, hints));
    }
}

TEST_CASE(
    "FIPS 204 algorithm 8: a signature whose z has the norm gamma1 - beta - 1 verifies, with one more it does not") {
    generator next;
    for (auto const& set : sets) {
        CAPTURE(std::string{set.name});
        auto const& p = set.p;
        auto const k = zero_key(p);
        auto const mu = k.mu({4});
        auto const a = matrix_of(p, octets(32, 7));
        auto const most = (1 << (p.mask_bits - 1)) - p.beta - 1;
        for (int const sign : {1, -1})
            for (int const over : {0, 1})
                for (int round = 0; round != 12; ++round) {
                    std::vector<polynomial> z;
                    for (unsigned i = 0; i != p.columns; ++i) z.push_back(random_polynomial(next, -most, most));
                    auto const column = round == 0 ? 0 : round == 1 ? p.columns - 1 : next.below(p.columns);
                    z[column].at[round < 2 ? round * 255 : static_cast<int>(next() % degree)] = sign * (most + over);
                    auto const w = multiplied(p, a, z);
                    hint_lists hints(p.rows);
                    for (auto& row : hints)
                        for (std::size_t i = 0, count = next.below(6); i != count; ++i)
                            row.push_back(static_cast<std::uint8_t>(40 * i + next() % 40));
                    CHECK(k.verify(mu, forged(p, mu, z, w, hints, packed_hints(hints, p))) == (over == 0));
                }
    }
}

TEST_CASE("FIPS 204 algorithm 8: signatures of random keys verify, spoiled ones do not, in every variant") {
    generator next{0x2545f4914f6cdd1d};
    for (auto const& set : sets) {
        CAPTURE(std::string{set.name});
        auto const& p = set.p;
        // 10^4 of them, for each key 1,120.
        for (std::size_t n = 0; n != 3 * differential_scale(); ++n) {
            signer s{set, next};
            key const k{p, s.pub};
            for (int m = 0; m != 2; ++m) {
                auto const message = next.octets(next.below(300));
                auto const mu = k.mu(message);
                CHECK(mu == shake256(joined({k.key_hash, {0, 0}, message}), 64));
                auto const good = s.sign(mu);
                REQUIRE(k.verify(mu, good));
                for (int i = 0; i != 560; ++i) {
                    auto spoiled = good;
                    auto const hints = spoiled.size() - p.max_hints - p.rows;
                    auto const at = i % 3 == 0   ? next.below(p.challenge_size)
                                    : i % 3 == 1 ? next.below(spoiled.size())
                                                 : hints + next.below(p.max_hints + p.rows);
                    spoiled[at] ^= static_cast<std::uint8_t>(1u << next() % 8);
                    if (i % 7 == 0)
                        std::fill_n(spoiled.begin() + static_cast<std::ptrdiff_t>(next() % (spoiled.size() - 8)), 8,
                                    static_cast<std::uint8_t>(next() % 2 ? 0xff : 0));
                    CHECK(k.verify(mu, spoiled) == (spoiled == good));
                }
                CHECK_FALSE(k.verify(shake256(mu, 64), good));
                // Another rho; the highest bit of a number in t1. The lowest may fall to the hints.
                for (auto const& [at, bit] :
                     {std::pair{next.below(32), 1}, std::pair{32 + next.below(64 * p.rows) * 5 + 4, 0x80}}) {
                    auto pub = s.pub;
                    pub[at] ^= static_cast<std::uint8_t>(bit);
                    CHECK_FALSE(key{p, pub}.verify(mu, good));
                }
            }
        }
    }
}

TEST_CASE("Wycheproof: ML-DSA verification, with contexts too") {
    for (auto const& set : sets) {
        std::unique_ptr<key> last;
        int seen = 0;
        auto const counted = wycheproof::for_each_test(set.wycheproof, [&](auto const& group, auto const& test) {
            ++seen;
            auto const pub = from_hex(wycheproof::text(group, "publicKey"));
            auto const signature = from_hex(wycheproof::text(test, "sig"));
            if (pub.size() != set.p.key_size) return false;
            if (!last || last->pub != pub) last = std::make_unique<key>(set.p, pub);
            auto const message = from_hex(wycheproof::text(test, "msg"));
            if (!test.contains("ctx")) return last->verify(last->mu(message), signature);
            auto const context = from_hex(wycheproof::text(test, "ctx"));
            if (context.size() > 255) return false;
            auto const mu = shake256(
                joined({last->key_hash, {0, static_cast<std::uint8_t>(context.size())}, context, message}), 64);
            bool const answer = last->verify(mu, signature);
            // Without the context the signature is one of nothing.
            if (!context.empty()) CHECK_FALSE(last->verify(last->mu(message), signature));
            return answer;
        });
        CHECK(counted.wrong == 0);
        CHECK(seen == (std::filesystem::exists(wycheproof::folder()) ? set.vectors : 0));
    }
}

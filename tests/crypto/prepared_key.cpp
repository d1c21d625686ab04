#include <signet/crypto/digest.hpp>
#include <signet/crypto/impl/arith/limbs.hpp>
#include <signet/crypto/prepared_key.hpp>
#include <signet/crypto/signature.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <string>
#include <thread>
#include <vector>

using namespace signet;
using crypto::prepared_key;
using crypto::table_shape;
using crypto::unprepared_key;

namespace {
crypto::generator_tables const& generators() {
    static auto const tables = crypto::generator_tables::make();
    return tables;
}
bytes message_of(std::string_view text) { return {text.begin(), text.end()}; }
} // namespace

#ifdef __SIZEOF_INT128__
static_assert(sizeof(crypto::arith::native_word) == 8);
#else
static_assert(sizeof(crypto::arith::native_word) == 4); // test_crypto_prepared_32
#endif

TEST_CASE("prepared and unprepared keys accept what Botan accepts, in every shape that has a name") {
    for (auto a : {alg::es256, alg::ed25519}) {
        auto const secret = private_key::generate(a);
        REQUIRE(secret);
        auto const& key = secret->public_part();
        auto const message = message_of("header.payload");
        auto const signature = crypto::sign(*secret, a, message);
        REQUIRE(signature);
        auto const plain = unprepared_key::make(generators(), key), alone = unprepared_key::make(key);
        REQUIRE(plain);
        REQUIRE(alone);
        CHECK(plain->algorithm_id() == a);
        CHECK(alone->algorithm_id() == a);
        std::vector<prepared_key> prepared;
        for (auto shape : {crypto::fastest_table, crypto::default_table, crypto::compact_table, crypto::smallest_table,
                           table_shape{2, 8}, table_shape{8, 1}}) {
            auto made = prepared_key::make(generators(), key, shape);
            REQUIRE(made);
            CHECK(made->algorithm_id() == a);
            CHECK(made->bytes() == crypto::table_bytes(a, shape));
            prepared.push_back(*std::move(made));
        }
        crypto::hasher hash{traits(a).hash};
        auto const check = [&](bytes_view m, bytes_view s, bool expected) {
            CHECK(crypto::detail::verify_by_botan(key, a, m, s) == expected);
            CHECK(crypto::verify(key, a, m, s) == expected);
            CHECK(alone->verify(m, s) == expected);
            CHECK(plain->verify(m, s) == expected);
            CHECK(plain->verify(hash, m, s) == expected);
            for (auto const& p : prepared) {
                CHECK(p.verify(m, s) == expected);
                CHECK(p.verify(hash, m, s) == expected);
            }
        };
        check(message, *signature, true);
        check(message_of("header.payloae"), *signature, false);
        auto spoiled = *signature;
        spoiled[40] ^= 1;
        check(message, spoiled, false);
        for (std::size_t size : {0u, 1u, 32u, 63u, 65u, 66u, 128u}) { // RFC 7518 3.4, RFC 8032 5.1.6: exactly 64 octets
            auto other = *signature;
            other.resize(size);
            check(message, other, false);
        }
        CHECK_FALSE(prepared[0].verify_digest(bytes_view{message}, *signature)); // not a digest
        CHECK_FALSE(plain->verify_digest(bytes_view{message}, *signature));
        CHECK(plain->verify(message, *signature));
    }
}

TEST_CASE("table memory: the caller's, of any alignment, and its size is checked") {
    auto const secret = private_key::generate(alg::es256);
    REQUIRE(secret);
    auto const message = message_of("m");
    auto const signature = crypto::sign(*secret, alg::es256, message);
    REQUIRE(signature);
    table_shape const shape{4, 2};
    auto const size = crypto::table_bytes(alg::es256, shape);
    std::vector<std::byte> memory(size + 64);
    for (std::size_t off : {0u, 1u, 7u, 63u, 64u}) {
        auto const made =
            prepared_key::make(generators(), secret->public_part(), shape, std::span{memory}.subspan(off, size));
        REQUIRE(made);
        CHECK(made->verify(message, *signature));
    }
    CHECK(prepared_key::make(generators(), secret->public_part(), shape, std::span{memory}.first(size - 1)).error() ==
          errc::buffer_too_small);
    for (auto bad : {table_shape{1, 1}, table_shape{9, 1}, table_shape{0, 0}, table_shape{4, 0}, table_shape{4, 9}}) {
        CHECK(crypto::table_bytes(alg::es256, bad) == 0);
        CHECK(prepared_key::make(generators(), secret->public_part(), bad).error() == errc::out_of_range);
        CHECK(prepared_key::make(generators(), secret->public_part(), bad, memory).error() == errc::out_of_range);
    }
    CHECK(crypto::table_bytes(alg::es256, crypto::fastest_table) == 37 * 64 * 64 + 64);
    CHECK(crypto::table_bytes(alg::es256, crypto::smallest_table) < 20 * 1024);
    CHECK(crypto::table_bytes(alg::rs256, crypto::fastest_table) == 0);
}

TEST_CASE("base tables of one curve serve its algorithm only") {
    auto const both = crypto::generator_tables::make(4);
    auto const p256 = crypto::generator_tables::make({.p256 = crypto::detail::p256_arithmetic}, 4);
    auto const edwards = crypto::generator_tables::make({.ed25519 = crypto::detail::ed25519_arithmetic}, 4);
    CHECK(p256.bytes() + edwards.bytes() == both.bytes());
    for (auto a : {alg::es256, alg::ed25519}) {
        CHECK(both.serves(a));
        CHECK(p256.serves(a) == (a == alg::es256));
        CHECK(edwards.serves(a) == (a == alg::ed25519));
        auto const secret = private_key::generate(a);
        REQUIRE(secret);
        auto const message = message_of("m");
        auto const signature = crypto::sign(*secret, a, message);
        auto const& key = secret->public_part();
        REQUIRE(signature);
        auto const& its = a == alg::es256 ? p256 : edwards;
        auto const& others = a == alg::es256 ? edwards : p256;
        auto const plain = unprepared_key::make(its, key);
        auto const prepared = prepared_key::make(its, key, crypto::smallest_table);
        REQUIRE(plain);
        REQUIRE(prepared);
        CHECK(plain->verify(message, *signature));
        CHECK(prepared->verify(message, *signature));
        CHECK_FALSE(plain->verify(message_of("n"), *signature));
        CHECK_FALSE(prepared->verify(message_of("n"), *signature));
        CHECK(unprepared_key::make(others, key).error() == errc::unsupported_algorithm);
        CHECK(prepared_key::make(others, key, crypto::smallest_table).error() == errc::unsupported_algorithm);
        CHECK(unprepared_key::make(both, key, {}).error() == errc::unsupported_algorithm);
    }
    CHECK_FALSE(both.serves(alg::es384));
    CHECK_FALSE(both.serves(alg::hs256));
}

TEST_CASE("a prepared key outlives the tables it was made from, and its copies share one body") {
    auto const secret = private_key::generate(alg::ed25519);
    REQUIRE(secret);
    auto const message = message_of("m");
    auto const signature = crypto::sign(*secret, alg::ed25519, message);
    REQUIRE(signature);
    auto made = [&] { return prepared_key::make(crypto::generator_tables::make(4), secret->public_part()); }();
    REQUIRE(made);
    auto const copy = *made;
    made = errc::bad_key;
    std::array<bool, 4> good{};
    std::vector<std::thread> threads;
    for (auto& g : good)
        threads.emplace_back([&] {
            g = true;
            for (int i = 0; i != 50; ++i) g = copy.verify(message, *signature) && g;
        });
    for (auto& t : threads) t.join();
    CHECK(std::ranges::all_of(good, [](bool g) { return g; }));
}

TEST_CASE(
    "RFC 8032 5.1.3, 5.1.7: Ed25519 keys of small order and not canonical are refused by every way in, though Botan 2 verifies with them") {
    std::array<std::uint8_t, 32> identity{1}, negative_zero{1}, beyond_p, beyond_p_negative;
    negative_zero[31] = 0x80;
    beyond_p.fill(0xff);
    beyond_p[0] = 0xee, beyond_p[31] = 0x7f; // y = p + 1
    beyond_p_negative = beyond_p;
    beyond_p_negative[31] = 0xff;
    for (auto const& key : {identity, negative_zero, beyond_p, beyond_p_negative}) {
        CHECK_FALSE(public_key::from_ed25519(key));
        CHECK_FALSE(unprepared_key::from_ed25519(generators(), key));
    }
    CHECK(unprepared_key::from_ed25519(generators(), beyond_p).error() == errc::bad_key);
    CHECK(unprepared_key::from_ed25519(generators(), negative_zero).error() == errc::bad_key);
    CHECK(unprepared_key::from_ed25519(generators(), identity).error() == errc::weak_key);
}

TEST_CASE("other keys are not prepared; raw points are judged at import") {
    for (auto a : {alg::rs256, alg::es384, alg::es512, alg::es256k}) {
        auto const secret = private_key::generate(a);
        REQUIRE(secret);
        CHECK(prepared_key::make(generators(), secret->public_part()).error() == errc::unsupported_algorithm);
        CHECK(unprepared_key::make(generators(), secret->public_part()).error() == errc::unsupported_algorithm);
    }
    std::array<std::uint8_t, 32> zero{}, one{1}, ones{};
    ones.fill(0xff);
    CHECK(unprepared_key::from_p256(generators(), zero, zero).error() == errc::bad_key); // SEC 1: not on the curve
    CHECK(unprepared_key::from_p256(generators(), ones, ones).error() == errc::bad_key);
    CHECK(unprepared_key::from_p256(generators(), bytes_view{one}.first(31), one).error() == errc::bad_key);
    CHECK(unprepared_key::from_ed25519(generators(), zero).error() == errc::weak_key); // y = 0: of order 4
    CHECK(unprepared_key::from_ed25519(generators(), one).error() == errc::weak_key);  // the identity
    CHECK(unprepared_key::from_ed25519(generators(), ones).error() == errc::bad_key);  // RFC 8032 5.1.3: y >= p
    CHECK(unprepared_key::from_ed25519(generators(), bytes_view{one}.first(31)).error() == errc::bad_key);
}

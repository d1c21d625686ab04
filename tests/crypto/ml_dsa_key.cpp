// ML-DSA by the public names: keys, their DER, verification with tables and without (FIPS 204, RFC 9881, RFC 9964).
#include "support/ml_dsa.hpp"
#include "support/wycheproof.hpp"

#include <signet/crypto.hpp>
#include <signet/crypto/prepared_key.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>

using namespace signet;
using ml_dsa_test::sets;

namespace {

/// By an operation, by a table of its own and by one in memory of ours: all have to say the same.
bool all_say(public_key const& key, alg a, bytes_view message, bytes_view signature) {
    bool const answer = crypto::verify(key, a, message, signature);
    auto const own = crypto::prepared_key::make(key);
    REQUIRE(own);
    CHECK(own->verify(message, signature) == answer);
    std::vector<std::byte> memory(crypto::table_bytes(a, crypto::default_table));
    auto const there = crypto::prepared_key::make(key, memory);
    REQUIRE(there);
    CHECK(there->verify_digest(ml_dsa_test::mu(key.pub(), message), signature) == answer);
    return answer;
}

} // namespace

TEST_CASE("RFC 9964: an ML-DSA key is its octets, of the length that its algorithm has") {
    for (auto const a : sets) {
        CAPTURE(traits(a).name);
        auto const pub = ml_dsa_test::zero_key(a);
        auto const key = public_key::from_ml_dsa(a, pub);
        REQUIRE(key);
        CHECK(key->type() == key_type::akp);
        CHECK(key->crv() == curve::none);
        CHECK(key->bits() == 0);
        CHECK(std::ranges::equal(key->pub(), pub));
        CHECK(key->x().empty());
        CHECK(key->n().empty());
        CHECK(key->signature_size() == traits(a).signature_size);
        for (std::size_t i = 0; i != alg_count; ++i)
            CHECK(key->supports(static_cast<alg>(i)) == (static_cast<alg>(i) == a));
        CHECK(public_key::from_ml_dsa(a, bytes_view{pub}.first(pub.size() - 1)).error() == errc::bad_key);
        auto longer = pub;
        longer.push_back(0);
        CHECK(public_key::from_ml_dsa(a, longer).error() == errc::bad_key);
        CHECK(public_key::from_ml_dsa(a, {}).error() == errc::bad_key);
        auto other = pub;
        other.back() ^= 1;
        CHECK(*public_key::from_ml_dsa(a, other) != *key);
        CHECK(*public_key::from_ml_dsa(a, pub) == *key);
    }
    auto const pub = ml_dsa_test::zero_key(alg::ml_dsa_44);
    CHECK(public_key::from_ml_dsa(alg::es256, pub).error() == errc::wrong_key_type);
    CHECK(public_key::from_ml_dsa(alg::ml_dsa_65, pub).error() == errc::bad_key);
    CHECK_FALSE(private_key::generate(alg::es256)->public_part().supports(alg::ml_dsa_44));
}

TEST_CASE("RFC 9881 section 4: an ML-DSA key as SubjectPublicKeyInfo, and what is none") {
    for (auto const a : sets) {
        CAPTURE(traits(a).name);
        auto const key = *public_key::from_ml_dsa(a, ml_dsa_test::zero_key(a));
        auto const der = key.to_der();
        REQUIRE(der.size() == key.pub().size() + 22);
        CHECK(der[2] * 256 + der[3] == static_cast<int>(der.size() - 4));
        bytes const start{0x30, 0x0b, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x03};
        CHECK(std::equal(start.begin(), start.end(), der.begin() + 4));
        CHECK(der[16] == 17 + static_cast<int>(a) - static_cast<int>(alg::ml_dsa_44));
        CHECK(*public_key::from_der(der) == key);
        CHECK(*public_key::from_pem(key.to_pem()) == key);
        for (std::size_t n = 0; n < der.size(); n += n < 30 ? 1 : 97)
            CHECK_FALSE(public_key::from_der(bytes_view{der}.first(n)));
        for (std::size_t i = 0; i != 22; ++i) { // any other prefix
            auto spoiled = der;
            spoiled[i] ^= 1;
            auto const read = public_key::from_der(spoiled);
            CHECK_FALSE(read);
        }
        auto longer = der;
        longer.push_back(0);
        CHECK_FALSE(public_key::from_der(longer));
    }
    // With parameters, which RFC 9881 leaves out.
    auto der = public_key::from_ml_dsa(alg::ml_dsa_44, ml_dsa_test::zero_key(alg::ml_dsa_44))->to_der();
    der.insert(der.begin() + 17, {0x05, 0x00});
    der[3] = static_cast<std::uint8_t>(der[3] + 2), der[5] = 0x0d;
    CHECK(public_key::from_der(der).error() == errc::bad_key);
}

TEST_CASE("RFC 9881 section 6: of an ML-DSA private key the seed form alone is read; lengths are judged first") {
    for (auto const a : sets) {
        auto const pub = ml_dsa_test::zero_key(a);
        auto const signs = private_key::generate(a).has_value(); // Botan >= 3.6
        CHECK(private_key::from_ml_dsa(a, bytes(32, 1)).has_value() == signs);
        CHECK(private_key::from_ml_dsa(a, bytes(32, 1), pub).error() ==
              (signs ? errc::key_mismatch : errc::unsupported_algorithm));
        for (std::size_t const size : {0u, 16u, 31u, 33u, 64u})
            CHECK(private_key::from_ml_dsa(a, bytes(size, 1)).error() == errc::bad_key);
        CHECK(private_key::from_ml_dsa(a, bytes(32, 1), bytes(32)).error() == errc::bad_key);
        if (!signs) CHECK(private_key::generate(a).error() == errc::unsupported_algorithm);
        auto const number = static_cast<std::uint8_t>(17 + static_cast<int>(a) - static_cast<int>(alg::ml_dsa_44));
        auto const pkcs8 = [&](bytes inside) {
            bytes der{0x30, 0x00, 0x02, 0x01, 0x00, 0x30, 0x0b, 0x06,   0x09, 0x60,
                      0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x03, number, 0x04, static_cast<std::uint8_t>(inside.size())};
            der.insert(der.end(), inside.begin(), inside.end());
            der[1] = static_cast<std::uint8_t>(der.size() - 2);
            auto const key = private_key::from_der(der);
            return key ? errc{} : key.error().code;
        };
        bytes seed{0x80, 0x20};
        seed.resize(34, 7);
        CHECK(pkcs8(seed) == (signs ? errc{} : errc::unsupported_algorithm));
        seed.push_back(0);
        CHECK(pkcs8(seed) == errc::bad_key);
        seed.resize(33), seed[1] = 0x1f;
        CHECK(pkcs8(seed) == errc::bad_key);
        CHECK(pkcs8(bytes(32, 7)) == errc::unsupported_key);                   // the bare seed that Botan 3.7 writes
        CHECK(pkcs8({0x04, 0x02, 1, 2}) == errc::unsupported_key);             // expanded
        CHECK(pkcs8({0x30, 0x04, 0x04, 0x02, 1, 2}) == errc::unsupported_key); // both
    }
    CHECK(private_key::from_ml_dsa(alg::hs256, bytes(32, 1)).error() == errc::wrong_key_type);
}

TEST_CASE("FIPS 204 algorithm 3: signatures of a key with t1 = 0 verify by every public name; spoiled ones do not") {
    for (auto const a : sets) {
        CAPTURE(traits(a).name);
        auto const key = *public_key::from_ml_dsa(a, ml_dsa_test::zero_key(a));
        auto const message = as_bytes("a message");
        auto signature = ml_dsa_test::sign(a, message);
        REQUIRE(signature.size() == traits(a).signature_size);
        CHECK(all_say(key, a, message, signature));
        CHECK_FALSE(all_say(key, a, as_bytes("another"), signature));
        auto operation = *crypto::verify_operation::make(key, a);
        auto const prepared = *crypto::prepared_key::make(key);
        crypto::hasher hash{traits(a).hash};
        for (std::size_t bit = 0; bit < signature.size() * 8; bit += 37) {
            signature[bit / 8] ^= static_cast<std::uint8_t>(1u << bit % 8);
            CHECK_FALSE(operation.verify(message, signature));
            CHECK_FALSE(prepared.verify(hash, message, signature));
            signature[bit / 8] ^= static_cast<std::uint8_t>(1u << bit % 8);
        }
        for (std::size_t n = 0; n != signature.size(); ++n) {
            CHECK_FALSE(operation.verify(message, bytes_view{signature}.first(n)));
            CHECK_FALSE(prepared.verify(hash, message, bytes_view{signature}.first(n)));
        }
        auto longer = signature;
        longer.push_back(0);
        CHECK_FALSE(operation.verify(message, longer));
        CHECK_FALSE(prepared.verify(hash, message, longer));
        CHECK(operation.verify(message, signature)); // usable after all that
        CHECK(prepared.verify(hash, message, signature));
        auto const mu = ml_dsa_test::mu(key.pub(), message);
        CHECK(prepared.verify_digest(mu, signature));
        CHECK_FALSE(prepared.verify_digest(bytes_view{mu}.first(63), signature));
        CHECK(prepared.algorithm_id() == a);
        CHECK(prepared.key() == key);
        CHECK(prepared.bytes() == crypto::table_bytes(a, crypto::default_table));
        for (std::size_t i = 0; i != alg_count; ++i)
            if (static_cast<alg>(i) != a)
                CHECK(crypto::verify_operation::make(key, static_cast<alg>(i)).error() == errc::wrong_key_type);
    }
}

TEST_CASE("prepared ML-DSA keys: memory of the caller's, and what cannot be prepared so") {
    auto const key = *public_key::from_ml_dsa(alg::ml_dsa_65, ml_dsa_test::zero_key(alg::ml_dsa_65));
    auto const size = crypto::table_bytes(alg::ml_dsa_65, crypto::smallest_table);
    CHECK(size == crypto::table_bytes(alg::ml_dsa_65, crypto::default_table)); // no shape
    CHECK(size == 36 * 1024 + 64);
    auto const memory = std::make_shared<std::vector<std::byte>>(size + 1);
    CHECK(crypto::prepared_key::make(key, std::span{*memory}.first(size - 1)).error() == errc::buffer_too_small);
    std::optional<crypto::prepared_key> made;
    for (std::size_t const start : {0u, 1u}) { // aligned or not
        made = *crypto::prepared_key::make(key, std::span{*memory}.subspan(start, size), memory);
        CHECK(made->verify(as_bytes("m"), ml_dsa_test::sign(alg::ml_dsa_65, as_bytes("m"))));
    }
    CHECK(memory.use_count() == 2);
    made.reset();
    CHECK(memory.use_count() == 1);
    auto const ec = private_key::generate(alg::es256)->public_part();
    CHECK(crypto::prepared_key::make(ec).error() == errc::unsupported_algorithm);
    CHECK(crypto::prepared_key::make(ec, *memory).error() == errc::unsupported_algorithm);
    auto const generators = crypto::generator_tables::make(2);
    CHECK(crypto::prepared_key::make(generators, key).error() == errc::unsupported_algorithm);
    CHECK(crypto::unprepared_key::make(generators, key).error() == errc::unsupported_algorithm);
}

TEST_CASE("FIPS 204 algorithm 7: mu is hashed by signet itself, whatever Botan was built with") {
    for (auto const a : sets) {
        auto const key = *public_key::from_ml_dsa(a, ml_dsa_test::zero_key(a));
        auto const prepared = *crypto::prepared_key::make(key);
        auto const signature = ml_dsa_test::sign(a, as_bytes("m"));
        crypto::hasher sha{hash_id::sha256}; // is not used
        CHECK(prepared.verify(sha, as_bytes("m"), signature));
        CHECK_FALSE(prepared.verify(sha, as_bytes("n"), signature));
        CHECK(prepared.verify(as_bytes("m"), signature));
    }
}

TEST_CASE("FIPS 202: the hash of ML-DSA is SHAKE256 with 64 octets") {
    crypto::hasher hash{hash_id::shake256};
    REQUIRE(hash.size() == 64);
    bytes out(64);
    hash.finish(out); // of nothing; FIPS 202's example value
    bytes const start{0x46, 0xb9, 0xdd, 0x2b, 0x0b, 0xa8, 0x8d, 0x13, 0x23, 0x3b, 0x3f, 0xeb, 0x74, 0x3e, 0xeb, 0x24};
    CHECK(std::equal(start.begin(), start.end(), out.begin()));
}

TEST_CASE("Wycheproof: ML-DSA by the public names; with a context there is no such signature") {
    for (auto const& [a, file] : {std::pair{alg::ml_dsa_44, "mldsa_44_verify_test.json"},
                                  std::pair{alg::ml_dsa_65, "mldsa_65_verify_test.json"},
                                  std::pair{alg::ml_dsa_87, "mldsa_87_verify_test.json"}}) {
        auto const seen = wycheproof::for_each_test(file, [a = a](auto const& group, auto const& test) {
            auto const expected = wycheproof::text(test, "result") == "valid";
            auto const pub = from_hex(wycheproof::text(group, "publicKey"));
            auto const key = public_key::from_ml_dsa(a, pub);
            if (!key) return false;
            auto const der = key->to_der();
            CHECK(der == from_hex(wycheproof::text(group, "publicKeyDer")));
            CHECK(*public_key::from_der(der) == *key);
            bool const answer =
                all_say(*key, a, from_hex(wycheproof::text(test, "msg")), from_hex(wycheproof::text(test, "sig")));
            if (!test.contains("ctx") || test.at("ctx").as_string().empty()) return answer;
            CHECK_FALSE(answer);
            return expected;
        });
        CHECK(seen.wrong == 0);
        if (seen.valid == 0) CHECK_FALSE(std::filesystem::exists(wycheproof::folder()));
    }
}

// ML-DSA private keys: with Botan >= 3.6 they are made, read, written and sign; with an earlier one each is
// `unsupported_algorithm`.
#include "support/differential.hpp"
#include "support/ml_dsa.hpp"
#include "support/wycheproof.hpp"

#include <signet/crypto.hpp>
#include <signet/crypto/impl/key_encoding.hpp>

#include <botan/build.h>
#ifdef BOTAN_HAS_ML_DSA
#    include <botan/ml_dsa.h>
#    include <botan/pubkey.h>
#endif

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <random>
#include <string>
#include <thread>
#include <vector>

using namespace signet;
using ml_dsa_test::sets;

namespace {

#ifdef BOTAN_HAS_ML_DSA
constexpr bool signs = true;
#else
constexpr bool signs = false;
#endif

std::uint8_t number_of(alg a) {
    return static_cast<std::uint8_t>(17 + static_cast<int>(a) - static_cast<int>(alg::ml_dsa_44));
}

/// RFC 9881 section 6, the form with the seed.
bytes pkcs8_of(alg a, bytes_view seed) {
    bytes der{0x30, 0x34, 0x02, 0x01, 0x00, 0x30, 0x0b,         0x06, 0x09, 0x60, 0x86,
              0x48, 0x01, 0x65, 0x03, 0x04, 0x03, number_of(a), 0x04, 0x22, 0x80, 0x20};
    der.insert(der.end(), seed.begin(), seed.end());
    return der;
}

} // namespace

TEST_CASE("ML-DSA keys are made with Botan >= 3.6, and unsupported_algorithm with every earlier one") {
    for (auto const a : sets) {
        CAPTURE(traits(a).name);
        bytes const seed(32, 9);
        if (!signs) {
            CHECK(private_key::generate(a).error() == errc::unsupported_algorithm);
            CHECK(private_key::from_ml_dsa(a, seed).error() == errc::unsupported_algorithm);
            CHECK(private_key::from_der(pkcs8_of(a, seed)).error() == errc::unsupported_algorithm);
            continue;
        }
        auto const key = private_key::from_ml_dsa(a, seed);
        REQUIRE(key);
        CHECK(key->type() == key_type::akp);
        CHECK(key->public_part().supports(a));
        CHECK(key->public_part().pub().size() == traits(a).key_size);
        CHECK(std::ranges::equal(key->d().reveal(), seed));
        CHECK(key->rsa_numbers().empty());
        auto const other = private_key::generate(a);
        REQUIRE(other);
        CHECK_FALSE(other->public_part() == key->public_part());
        CHECK(private_key::from_ml_dsa(a, seed, key->public_part().pub()));
        CHECK(private_key::from_ml_dsa(a, seed, other->public_part().pub()).error() == errc::key_mismatch);
        for (auto const another : sets)
            if (another != a) CHECK(crypto::sign_operation::make(*key, another).error() == errc::wrong_key_type);
    }
}

TEST_CASE("RFC 9881 section 6: an ML-DSA private key in PKCS#8, plain, as PEM and encrypted") {
    if (!signs) return;
    for (auto const a : sets) {
        CAPTURE(traits(a).name);
        bytes const seed(32, 0x5a);
        auto const key = *private_key::from_ml_dsa(a, seed);
        auto const der = key.to_der();
        CHECK(std::ranges::equal(der.reveal(), pkcs8_of(a, seed)));
        CHECK(private_key::from_der(der.reveal())->public_part() == key.public_part());
        CHECK(private_key::from_pem(as_text(key.to_pem().reveal()))->public_part() == key.public_part());
        auto const passphrase = secret::copy_of(as_bytes("correct horse")), wrong = secret::copy_of(as_bytes("wrong"));
        auto const sealed = key.to_encrypted_der(passphrase);
        REQUIRE(sealed);
        CHECK(std::search(sealed->begin(), sealed->end(), seed.begin(), seed.end()) == sealed->end());
        CHECK(*key.to_encrypted_der(passphrase) != *sealed); // another salt
        CHECK(private_key::from_encrypted_der(*sealed, passphrase)->public_part() == key.public_part());
        CHECK(private_key::from_encrypted_der(*sealed, wrong).error() == errc::bad_passphrase);
        CHECK(private_key::from_encrypted_pem(*key.to_encrypted_pem(passphrase), passphrase)->public_part() ==
              key.public_part());
        CHECK(key.to_encrypted_der(secret{}).error() == errc::bad_passphrase);
    }
}

TEST_CASE("the encrypted form that signet writes by itself is read again: any short key in PKCS#8") {
    auto const key = *private_key::generate(alg::ed25519);
    auto const der = key.to_der();
    auto const passphrase = secret::copy_of(as_bytes("correct horse"));
    auto const sealed = signet::detail::write_encrypted({der.reveal().begin(), der.reveal().end()}, passphrase);
    CHECK(private_key::from_encrypted_der(sealed, passphrase)->public_part() == key.public_part());
    CHECK(private_key::from_encrypted_der(sealed, secret::copy_of(as_bytes("wrong"))).error() == errc::bad_passphrase);
}

TEST_CASE("FIPS 204 algorithm 2: what a key signs verifies in every way, hedged each time") {
    if (!signs) return;
    for (auto const a : sets) {
        CAPTURE(traits(a).name);
        auto const key = *private_key::generate(a);
        auto const prepared = *crypto::prepared_key::make(key.public_part());
        auto operation = *crypto::sign_operation::make(key, a);
        CHECK(operation.signature_size() == traits(a).signature_size);
        bytes small(traits(a).signature_size - 1);
        CHECK(operation.sign(as_bytes("m"), small).error() == errc::buffer_too_small);
        bytes last;
        for (int i = 0; i != 20; ++i) {
            auto const message = bytes(static_cast<std::size_t>(17 * i), 3);
            bytes signature(traits(a).signature_size);
            REQUIRE(*operation.sign(message, signature) == signature.size());
            CHECK(crypto::verify(key.public_part(), a, message, signature));
            CHECK(prepared.verify(message, signature));
            CHECK_FALSE(prepared.verify(as_bytes("another"), signature));
            signature[100] ^= 1;
            CHECK_FALSE(prepared.verify(message, signature));
        }
        CHECK(*crypto::sign(key, a, as_bytes("m")) != *crypto::sign(key, a, as_bytes("m")));
    }
}

TEST_CASE("threads sign with one ML-DSA key at the same time: each operation has a key of Botan's of its own") {
    if (!signs) return;
    auto const key = *private_key::generate(alg::ml_dsa_44);
    auto const shown = *crypto::prepared_key::make(key.public_part());
    std::atomic<int> good = 0;
    std::vector<std::thread> threads;
    for (int t = 0; t != 2; ++t)
        threads.emplace_back([&] {
            auto operation = *crypto::sign_operation::make(key, alg::ml_dsa_44);
            bytes signature(operation.signature_size());
            for (int i = 0; i != 300; ++i)
                if (operation.sign(as_bytes("m"), signature) && shown.verify(as_bytes("m"), signature)) ++good;
        });
    for (auto& t : threads) t.join();
    CHECK(good == 600);
}

#ifdef BOTAN_HAS_ML_DSA
TEST_CASE("FIPS 204 algorithm 3: signet and Botan judge the same, good signatures and spoiled ones") {
    std::size_t const times = 10'000 * differential_scale();
    std::mt19937 dice{204};
    for (auto const a : sets) {
        CAPTURE(traits(a).name);
        auto const key = *private_key::generate(a);
        auto const& pub = key.public_part().pub();
        Botan::ML_DSA_PublicKey const botan{pub,
                                            Botan::ML_DSA_Mode{a == alg::ml_dsa_44   ? Botan::ML_DSA_Mode::ML_DSA_4x4
                                                               : a == alg::ml_dsa_65 ? Botan::ML_DSA_Mode::ML_DSA_6x5
                                                                                     : Botan::ML_DSA_Mode::ML_DSA_8x7}};
        Botan::PK_Verifier other{botan, ""};
        auto operation = *crypto::sign_operation::make(key, a);
        ml_dsa_test::compare(
            key.public_part(), a, times, dice,
            [&](bytes_view message, bytes& out) { REQUIRE(operation.sign(message, out)); },
            [&](bytes_view message, bytes_view signature) {
                return other.verify_message(message.data(), message.size(), signature.data(), signature.size());
            });
    }
}
#endif

TEST_CASE("Wycheproof: ML-DSA keys from their seeds, and their signatures") {
    for (auto const& [a, file] : {std::pair{alg::ml_dsa_44, "mldsa_44_sign_seed_test.json"},
                                  std::pair{alg::ml_dsa_65, "mldsa_65_sign_seed_test.json"},
                                  std::pair{alg::ml_dsa_87, "mldsa_87_sign_seed_test.json"}}) {
        auto const seen = wycheproof::for_each_test(file, [a = a](auto const& group, auto const& test) {
            auto const expected = wycheproof::text(test, "result") == "valid";
            auto const seed = from_hex(wycheproof::text(group, "privateSeed"));
            auto const key = private_key::from_ml_dsa(a, seed);
            if (seed.size() != 32) CHECK(key.error() == errc::bad_key);
            else if (!signs) CHECK(key.error() == errc::unsupported_algorithm);
            if (!signs || !key) return signs ? false : expected;
            CHECK(std::ranges::equal(key->public_part().pub(), from_hex(wycheproof::text(group, "publicKey"))));
            if (group.contains("privateKeyPkcs8") && group.at("privateKeyPkcs8").is_string())
                CHECK(std::ranges::equal(key->to_der().reveal(), from_hex(wycheproof::text(group, "privateKeyPkcs8"))));
            if (expected && test.contains("mu"))
                CHECK(crypto::prepared_key::make(key->public_part())
                          ->verify_digest(from_hex(wycheproof::text(test, "mu")),
                                          from_hex(wycheproof::text(test, "sig"))));
            bool const context = test.contains("ctx") && !test.at("ctx").as_string().empty();
            if (context || !test.contains("msg") || !expected) return expected; // signet signs without a context
            auto const message = from_hex(wycheproof::text(test, "msg"));
            CHECK(crypto::verify(key->public_part(), a, message, *crypto::sign(*key, a, message)));
            return crypto::verify(key->public_part(), a, message, from_hex(wycheproof::text(test, "sig")));
        });
        CHECK(seen.wrong == 0);
        if (seen.valid == 0) CHECK_FALSE(std::filesystem::exists(wycheproof::folder()));
    }
}

// ML-DSA by OpenSSL >= 3.5 as the model of signet's verification: keys and signatures are OpenSSL's own.
#include "support/ml_dsa.hpp"
#include "support.hpp"
#include "support/differential.hpp"

#include <doctest/doctest.h>

using namespace on_openssl;
using ml_dsa_test::sets;

#if OPENSSL_VERSION_NUMBER >= 0x30500000L

TEST_CASE("FIPS 204 algorithm 3: signet and OpenSSL judge the same, good signatures and spoiled ones") {
    std::size_t const times = 10'000 * differential_scale();
    std::mt19937 dice{3505};
    for (auto const a : sets) {
        CAPTURE(traits(a).name);
        evp_key const theirs{EVP_PKEY_Q_keygen(nullptr, nullptr, traits(a).name.data())};
        REQUIRE(theirs);
        bytes pub(traits(a).key_size);
        auto size = pub.size();
        REQUIRE(EVP_PKEY_get_raw_public_key(theirs.get(), pub.data(), &size) == 1);
        REQUIRE(size == pub.size());
        auto const key = *public_key::from_ml_dsa(a, pub);
        CHECK(key == *public_key::from_pem(public_pem(theirs.get()))); // RFC 9881, as OpenSSL writes it
        auto const prepared = *crypto::prepared_key::make(key);
        auto plain = *crypto::verify_operation::make(key, a);
        bytes good(traits(a).signature_size), message;
        std::size_t accepted = 0, different = 0;
        for (std::size_t i = 0; i != times; ++i) {
            if (i % 20 == 0) {
                message.assign(1 + dice() % 400, static_cast<std::uint8_t>(dice()));
                std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> const signing{EVP_MD_CTX_new(),
                                                                                      EVP_MD_CTX_free};
                REQUIRE(EVP_DigestSignInit(signing.get(), nullptr, nullptr, nullptr, theirs.get()) == 1);
                size = good.size();
                REQUIRE(EVP_DigestSign(signing.get(), good.data(), &size, message.data(), message.size()) == 1);
                REQUIRE(size == good.size());
            }
            auto const spoiled = ml_dsa_test::spoil(good, dice);
            std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> const judging{EVP_MD_CTX_new(), EVP_MD_CTX_free};
            REQUIRE(EVP_DigestVerifyInit(judging.get(), nullptr, nullptr, nullptr, theirs.get()) == 1);
            bool const openssl_says =
                EVP_DigestVerify(judging.get(), spoiled.data(), spoiled.size(), message.data(), message.size()) == 1;
            ERR_clear_error();
            bool const answer = prepared.verify(message, spoiled);
            different += answer != openssl_says || answer != plain.verify(message, spoiled);
            accepted += answer;
        }
        CHECK(different == 0);
        CHECK(accepted > times / 5);
        CHECK(accepted < times * 9 / 10);
    }
}

#else

TEST_CASE("FIPS 204: OpenSSL before 3.5 has no ML-DSA to be compared with") {
    CHECK(EVP_PKEY_Q_keygen(nullptr, nullptr, "ML-DSA-44") == nullptr);
    ERR_clear_error();
}

#endif

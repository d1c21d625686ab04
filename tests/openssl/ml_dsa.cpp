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
        ml_dsa_test::compare(
            key, a, times, dice,
            [&](bytes_view message, bytes& out) {
                context const signing{EVP_MD_CTX_new()};
                REQUIRE(EVP_DigestSignInit(signing.get(), nullptr, nullptr, nullptr, theirs.get()) == 1);
                size = out.size();
                REQUIRE(EVP_DigestSign(signing.get(), out.data(), &size, message.data(), message.size()) == 1);
                REQUIRE(size == out.size());
            },
            [&](bytes_view message, bytes_view signature) {
                context const judging{EVP_MD_CTX_new()};
                REQUIRE(EVP_DigestVerifyInit(judging.get(), nullptr, nullptr, nullptr, theirs.get()) == 1);
                bool const good = EVP_DigestVerify(judging.get(), signature.data(), signature.size(), message.data(),
                                                   message.size()) == 1;
                ERR_clear_error();
                return good;
            });
    }
}

#else

TEST_CASE("FIPS 204: OpenSSL before 3.5 has no ML-DSA to be compared with") {
    CHECK(EVP_PKEY_Q_keygen(nullptr, nullptr, "ML-DSA-44") == nullptr);
    ERR_clear_error();
}

#endif

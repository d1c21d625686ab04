// Project Wycheproof's vectors of signatures and MACs, and OpenSSL as a third judge beside Botan.
#include "support/wycheproof.hpp"

#include <signet/crypto.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>

#ifdef SIGNET_TEST_OPENSSL
#    include <openssl/core_names.h>
#    include <openssl/ecdsa.h>
#    include <openssl/evp.h>
#    include <openssl/param_build.h>
#endif

using namespace signet;
using namespace wycheproof;

namespace {

/// Coordinates of fixed size from hexadecimal digits with a sign's zero in front, or short.
bytes coordinate(std::string_view hex, std::size_t size) {
    auto r = from_hex(hex.size() % 2 == 0 ? std::string{hex} : '0' + std::string{hex});
    while (r.size() > size && r.front() == 0) r.erase(r.begin());
    r.insert(r.begin(), size - std::min(size, r.size()), 0);
    return r;
}

std::string to_hex(bytes_view octets) {
    constexpr char digits[] = "0123456789abcdef";
    std::string r;
    for (auto const o : octets) r += {digits[o >> 4], digits[o & 15]};
    return r;
}

crypto::generator_tables const& bases() {
    static auto const all = crypto::generator_tables::make();
    return all;
}

/// By Botan, by the arithmetic without a table and without any, and with one: all have to say the same.
bool all_say(public_key const& key, alg a, bytes_view message, bytes_view signature) {
    bool const answer = crypto::detail::verify_by_botan(key, a, message, signature);
    CHECK(crypto::verify(key, a, message, signature) == answer);
    if (!crypto::can_be_prepared(a)) return answer;
    auto const plain = crypto::unprepared_key::make(bases(), key);
    static std::optional<crypto::prepared_key> prepared; // of the key that was asked about last
    if (!prepared || !std::ranges::equal(prepared->key().x(), key.x()) ||
        !std::ranges::equal(prepared->key().y(), key.y())) {
        auto made = crypto::prepared_key::make(bases(), key, crypto::smallest_table);
        REQUIRE(made);
        prepared = *made;
    }
    CHECK((plain && plain->verify(message, signature)) == answer);
    CHECK(prepared->verify(message, signature) == answer);
    return answer;
}

void check_ecdsa(char const* file, curve crv, alg a, std::size_t size) {
    auto const seen = for_each_test(file, [&](auto const& group, auto const& test) {
        auto const& parts = group.at("publicKey").as_object();
        auto const key =
            public_key::from_ec(crv, coordinate(text(parts, "wx"), size), coordinate(text(parts, "wy"), size));
        return key && all_say(*key, a, from_hex(text(test, "msg")), from_hex(text(test, "sig")));
    });
    CHECK(seen.wrong == 0);
}

void check_rsa(char const* file, alg a) {
    auto const seen = for_each_test(file, [&](auto const& group, auto const& test) {
        auto const key = public_key::from_der(from_hex(text(group, "publicKeyDer")));
        return key && crypto::verify(*key, a, from_hex(text(test, "msg")), from_hex(text(test, "sig")));
    });
    CHECK(seen.wrong == 0);
}

} // namespace

TEST_CASE("Wycheproof: ECDSA with r and s of fixed size") {
    check_ecdsa("ecdsa_secp256r1_sha256_p1363_test.json", curve::p256, alg::es256, 32);
    check_ecdsa("ecdsa_secp384r1_sha384_p1363_test.json", curve::p384, alg::es384, 48);
    check_ecdsa("ecdsa_secp521r1_sha512_p1363_test.json", curve::p521, alg::es512, 66);
    check_ecdsa("ecdsa_secp256k1_sha256_p1363_test.json", curve::secp256k1, alg::es256k, 32);
}

TEST_CASE("Wycheproof: Ed25519") {
    auto const seen = for_each_test("ed25519_test.json", [](auto const& group, auto const& test) {
        auto const key = public_key::from_ed25519(from_hex(text(group.at("publicKey").as_object(), "pk")));
        return key && all_say(*key, alg::ed25519, from_hex(text(test, "msg")), from_hex(text(test, "sig")));
    });
    CHECK(seen.wrong == 0);
}

TEST_CASE("Wycheproof: RSA, PKCS #1 v1.5 and PSS") {
    check_rsa("rsa_signature_2048_sha256_test.json", alg::rs256);
    check_rsa("rsa_pss_2048_sha256_mgf1_32_test.json", alg::ps256);
}

TEST_CASE("Wycheproof: HMAC with whole tags") {
    for (auto const& [file, hash, size] : {std::tuple{"hmac_sha256_test.json", hash_id::sha256, 256},
                                           std::tuple{"hmac_sha384_test.json", hash_id::sha384, 384},
                                           std::tuple{"hmac_sha512_test.json", hash_id::sha512, 512}}) {
        auto const seen = for_each_test(file, [hash = hash, size = size](auto const& group, auto const& test) {
            auto mac = crypto::hmac::make(hash, from_hex(text(test, "key")));
            bool const answer = mac && mac->verify(from_hex(text(test, "msg")), from_hex(text(test, "tag")));
            if (group.at("tagSize").as_int64() == size) return answer;
            CHECK_FALSE(answer); // a part of a tag is none
            return text(test, "result") == "valid";
        });
        CHECK(seen.wrong == 0);
    }
}

namespace {

/// The same octets in each run.
struct generator {
    std::uint64_t state;
    std::uint64_t operator()() {
        state ^= state << 13, state ^= state >> 7;
        return state ^= state << 17;
    }
};

/// Signatures of new keys, whole and with a bit changed in signature or message, or with a word of zeros or ones.
template <class Judge> void compare(alg a, int keys, int signatures, Judge const& judge) {
    generator next{0x243f6a8885a308d3};
    int valid = 0, invalid = 0;
    for (int k = 0; k != keys; ++k) {
        auto const secret = *private_key::generate(a);
        auto const key = secret.public_part();
        for (int i = 0; i != signatures; ++i) {
            bytes message(1 + next() % 90);
            for (auto& octet : message) octet = static_cast<std::uint8_t>(next());
            auto signature = *crypto::sign(secret, a, message);
            switch (next() % 4) {
            case 0: signature[next() % 64] ^= static_cast<std::uint8_t>(1u << next() % 8); break;
            case 1: message[next() % message.size()] ^= static_cast<std::uint8_t>(1u << next() % 8); break;
            case 2:
                std::fill_n(signature.begin() + static_cast<std::ptrdiff_t>(8 * (next() % 8)), 8,
                            static_cast<std::uint8_t>(next() % 2 ? 0xff : 0));
                break;
            default: break;
            }
            bool const ours = all_say(key, a, message, signature);
            CHECK(judge(key, message, signature) == ours);
            ++(ours ? valid : invalid);
        }
    }
    CHECK(valid > keys * signatures / 8);
    CHECK(invalid > keys * signatures / 8);
}

} // namespace

// What third_judge.py asks an implementation in another language.
TEST_CASE("Cases for another judge, as lines of hexadecimal digits, into the file that SIGNET_CASES names") {
    char const* const path = std::getenv("SIGNET_CASES");
    if (!path) return;
    std::ofstream out{path};
    for (auto const a : {alg::es256, alg::ed25519})
        compare(a, 4, 60, [&](public_key const& key, bytes_view message, bytes_view signature) {
            bool const ours = crypto::verify(key, a, message, signature);
            out << traits(a).name << ' ' << to_hex(key.x()) << ' ' << (key.y().empty() ? "-" : to_hex(key.y())) << ' '
                << to_hex(message) << ' ' << to_hex(signature) << ' ' << ours << '\n';
            return ours;
        });
    REQUIRE(out.flush());
}

#ifdef SIGNET_TEST_OPENSSL
namespace {

template <class T, void (*release)(T*)> struct releases {
    void operator()(T* x) const { release(x); }
};
using evp_key = std::unique_ptr<EVP_PKEY, releases<EVP_PKEY, EVP_PKEY_free>>;
using evp_context = std::unique_ptr<EVP_MD_CTX, releases<EVP_MD_CTX, EVP_MD_CTX_free>>;
using evp_key_context = std::unique_ptr<EVP_PKEY_CTX, releases<EVP_PKEY_CTX, EVP_PKEY_CTX_free>>;

evp_key openssl_p256(bytes_view x, bytes_view y) {
    bytes point{4};
    point.insert(point.end(), x.begin(), x.end());
    point.insert(point.end(), y.begin(), y.end());
    char group[] = "prime256v1";
    OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
                               OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point.data(), point.size()),
                               OSSL_PARAM_construct_end()};
    evp_key_context const context{EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr)};
    EVP_PKEY* key = nullptr;
    if (!context || EVP_PKEY_fromdata_init(context.get()) != 1 ||
        EVP_PKEY_fromdata(context.get(), &key, EVP_PKEY_PUBLIC_KEY, parameters) != 1)
        return nullptr;
    return evp_key{key};
}

bool openssl_verify(EVP_PKEY* key, EVP_MD const* digest, bytes_view message, bytes_view signature) {
    evp_context const context{EVP_MD_CTX_new()};
    return EVP_DigestVerifyInit(context.get(), nullptr, digest, nullptr, key) == 1 &&
           EVP_DigestVerify(context.get(), signature.data(), signature.size(), message.data(), message.size()) == 1;
}

bool openssl_verify_p256(EVP_PKEY* key, bytes_view message, bytes_view signature) {
    ECDSA_SIG* const both = ECDSA_SIG_new();
    ECDSA_SIG_set0(both, BN_bin2bn(signature.data(), 32, nullptr), BN_bin2bn(signature.data() + 32, 32, nullptr));
    unsigned char* der = nullptr;
    int const size = i2d_ECDSA_SIG(both, &der);
    bool const good = size > 0 && openssl_verify(key, EVP_sha256(), message, {der, static_cast<std::size_t>(size)});
    OPENSSL_free(der);
    ECDSA_SIG_free(both);
    return good;
}

} // namespace

TEST_CASE("ES256 against OpenSSL: valid and spoiled signatures") {
    compare(alg::es256, 6, 60, [](public_key const& key, bytes_view message, bytes_view signature) {
        auto const theirs = openssl_p256(key.x(), key.y());
        REQUIRE(theirs);
        return openssl_verify_p256(theirs.get(), message, signature);
    });
}

TEST_CASE("Ed25519 against OpenSSL: valid and spoiled signatures") {
    compare(alg::ed25519, 6, 60, [](public_key const& key, bytes_view message, bytes_view signature) {
        evp_key const theirs{EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, key.x().data(), key.x().size())};
        REQUIRE(theirs);
        return openssl_verify(theirs.get(), nullptr, message, signature);
    });
}

TEST_CASE("Wycheproof's signatures by OpenSSL too: the same answers") {
    for_each_test("ecdsa_secp256r1_sha256_p1363_test.json", [](auto const& group, auto const& test) {
        auto const& parts = group.at("publicKey").as_object();
        auto const theirs = openssl_p256(coordinate(text(parts, "wx"), 32), coordinate(text(parts, "wy"), 32));
        auto const signature = from_hex(text(test, "sig"));
        return theirs && signature.size() == 64 &&
               openssl_verify_p256(theirs.get(), from_hex(text(test, "msg")), signature);
    });
    for_each_test("ed25519_test.json", [](auto const& group, auto const& test) {
        auto const x = from_hex(text(group.at("publicKey").as_object(), "pk"));
        evp_key const theirs{EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, x.data(), x.size())};
        return theirs &&
               openssl_verify(theirs.get(), nullptr, from_hex(text(test, "msg")), from_hex(text(test, "sig")));
    });
}
#else
TEST_CASE("OpenSSL as a third judge") { MESSAGE("skipped: OpenSSL 3 was not found"); }
#endif

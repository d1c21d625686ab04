// Keys in OpenSSL: every algorithm, keys that do not fit, threads, and the queue of errors.
#include "support.hpp"

#include <signet/codec.hpp>
#include <signet/jwt.hpp>
#include <signet/proof/dpop.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <thread>
#include <vector>

using namespace on_openssl;
using namespace std::chrono_literals;

#define EVERY_ALGORITHM rs256, rs384, rs512, ps256, ps384, ps512, es256, es384, es512, es256k, ed25519

namespace {

constexpr unix_time now{1'764'000'000s};

jwt::claims some_claims() {
    jwt::claims claims;
    claims.issuer("https://id.example.com").audience("orders").subject("ann").issued_at(now).expires_at(now + 300s);
    return claims;
}

template <class A> bool accepts(verification_key<A> const& key, std::string_view token) {
    jose::key_set<A> keys;
    if (!keys.add(key)) return false;
    jwt::verifier<A> const verifier{std::move(keys),
                                    {.issuer = "https://id.example.com", .audience = "orders", .type = jwt::anything}};
    auto const seen = verifier.verify(token, now);
    return seen && seen->subject() == "ann";
}

static_assert(signing_key<openssl_key<es256>> && signing_key<openssl_key<rs256>>);
template <class A>
concept has_openssl_key = requires { typename openssl_key<A>; };
static_assert(has_openssl_key<es256> && !has_openssl_key<hs256>);

} // namespace

TEST_CASE_TEMPLATE("RFC 7518 section 3: what OpenSSL signs, signet verifies, for every algorithm", A, EVERY_ALGORITHM) {
    auto const key = openssl_key<A>::from_evp_pkey(shared_key<A>());
    REQUIRE(key);
    CHECK(key->algorithm_id() == A::id);
    CHECK(key->verifier_key().key() == *public_key::from_pem(public_pem(shared_key<A>())));
    auto const size = key->signature_size();
    CHECK(size == (traits(A::id).signature_size ? traits(A::id).signature_size : 256));

    // Often, so that r and s with leading zeros come up: RFC 7518 section 3.4 wants them at a fixed width.
    std::array<std::uint8_t, 512> out{};
    for (int i = 0; i != (traits(A::id).type == key_type::rsa ? 3 : 600); ++i) {
        auto const message = "message " + std::to_string(i);
        out.fill(0xaa);
        auto const written = key->sign(as_bytes(message), out);
        REQUIRE(written);
        REQUIRE(*written == size);
        REQUIRE(crypto::verify(key->verifier_key().key(), A::id, as_bytes(message), bytes_view{out}.first(size)));
        REQUIRE(
            std::all_of(out.begin() + static_cast<std::ptrdiff_t>(size), out.end(), [](auto o) { return o == 0xaa; }));
    }
    CHECK(*key->sign({}, out) == size); // an empty message
    CHECK(crypto::verify(key->verifier_key().key(), A::id, {}, bytes_view{out}.first(size)));
    CHECK(key->sign(as_bytes("m"), std::span{out}.first(size - 1)).error() == errc::buffer_too_small);
    CHECK(*key->sign(as_bytes("m"), std::span{out}.first(size)) == size);
}

TEST_CASE_TEMPLATE("jwt::signer takes a key in OpenSSL as it takes a local one", A, EVERY_ALGORITHM) {
    auto const key = *openssl_key<A>::from_evp_pkey(shared_key<A>());
    auto const issue = jwt::signer<A>::make(key, {.type = "at+jwt", .key_id = "k1"});
    REQUIRE(issue);
    auto const token = issue->sign(some_claims());
    REQUIRE(token);
    CHECK(accepts<A>(key.verifier_key(), *token));
    std::array<char, 2048> buffer;
    auto const again = issue->sign(some_claims(), buffer);
    REQUIRE(again);
    CHECK(accepts<A>(key.verifier_key(), *again));
}

TEST_CASE_TEMPLATE("A key of signet's signs in OpenSSL, and stays the same key", A, rs256, ps256, es256, es384, es512,
                   es256k, ed25519) {
    auto const pair = private_key::generate(A::id);
    REQUIRE(pair);
    auto const key = openssl_key<A>::from_key(*pair);
    REQUIRE(key);
    CHECK(key->verifier_key().key() == pair->public_part());
    CHECK(accepts<A>(key->verifier_key(), *jwt::signer<A>::make(*key)->sign(some_claims())));
}

TEST_CASE("PS256 has a salt of the hash's size, as RFC 7518 section 3.5 says") {
    auto const key = *openssl_key<ps256>::from_evp_pkey(shared_key<ps256>());
    std::array<std::uint8_t, 256> out;
    REQUIRE(key.sign(as_bytes("m"), out));
    auto* const operation = EVP_MD_CTX_new();
    EVP_PKEY_CTX* params = nullptr;
    REQUIRE(EVP_DigestVerifyInit(operation, &params, EVP_sha256(), nullptr, shared_key<ps256>()) == 1);
    REQUIRE(EVP_PKEY_CTX_set_rsa_padding(params, RSA_PKCS1_PSS_PADDING) == 1);
    REQUIRE(EVP_PKEY_CTX_set_rsa_pss_saltlen(params, 32) == 1);
    CHECK(EVP_DigestVerify(operation, out.data(), out.size(), as_bytes("m").data(), 1) == 1);
    EVP_MD_CTX_free(operation);
}

TEST_CASE("A key of another type or curve is an error, from OpenSSL and from signet") {
    CHECK(openssl_key<es256>::from_evp_pkey(shared_key<rs256>()).error() == errc::wrong_key_type);
    CHECK(openssl_key<es256>::from_evp_pkey(shared_key<es384>()).error() == errc::wrong_key_type);
    CHECK(openssl_key<es256>::from_evp_pkey(shared_key<es256k>()).error() == errc::wrong_key_type);
    CHECK(openssl_key<es256k>::from_evp_pkey(shared_key<es256>()).error() == errc::wrong_key_type);
    CHECK(openssl_key<es256>::from_evp_pkey(shared_key<ed25519>()).error() == errc::wrong_key_type);
    CHECK(openssl_key<ed25519>::from_evp_pkey(shared_key<es256>()).error() == errc::wrong_key_type);
    CHECK(openssl_key<rs256>::from_evp_pkey(shared_key<es256>()).error() == errc::wrong_key_type);
    CHECK(openssl_key<ps512>::from_evp_pkey(shared_key<ed25519>()).error() == errc::wrong_key_type);
    CHECK(openssl_key<es256>::from_key(*private_key::generate(alg::es384)).error() == errc::wrong_key_type);
    CHECK(jwt::signer<es384>::make(*openssl_key<es256>::from_evp_pkey(shared_key<es256>())).error() ==
          errc::wrong_key_type);
    CHECK(openssl_key<es256>::from_evp_pkey(nullptr).error() == errc::bad_key);
}

TEST_CASE("Types and curves that signet does not know are refused") {
    evp_key const x25519{EVP_PKEY_Q_keygen(nullptr, nullptr, "X25519")},
        ed448{EVP_PKEY_Q_keygen(nullptr, nullptr, "ED448")};
    evp_key const p224{EVP_EC_gen("P-224")}, brainpool{EVP_EC_gen("brainpoolP256r1")};
    for (auto const* one : {&x25519, &ed448, &p224, &brainpool}) {
        REQUIRE(*one);
        CHECK(openssl_key<es256>::from_evp_pkey(one->get()).error() == errc::unsupported_key);
        CHECK(openssl_key<ed25519>::from_evp_pkey(one->get()).error() == errc::unsupported_key);
    }
}

TEST_CASE("RFC 7518 section 3.3: an RSA key below 2048 bits is refused, as elsewhere") {
    auto const small = generate(alg::rs256, 1024);
    CHECK(openssl_key<rs256>::from_evp_pkey(small.get()).error() == errc::weak_key);
    CHECK(openssl_key<ps256>::from_evp_pkey(small.get()).error() == errc::weak_key);
    CHECK(openssl_key<rs256>::from_evp_pkey(generate(alg::rs256, 2047).get()).error() == errc::weak_key);
    auto const large = openssl_key<rs256>::from_evp_pkey(generate(alg::rs256, 3072).get());
    REQUIRE(large);
    CHECK(large->signature_size() == 384);
    CHECK(accepts<rs256>(large->verifier_key(), *jwt::signer<rs256>::make(*large)->sign(some_claims())));
}

TEST_CASE_TEMPLATE("A key without its private part is an error when it comes in, not at the first token", A, rs256,
                   ps256, es256, es384, ed25519) {
    auto const pem = public_pem(shared_key<A>());
    bio const memory{BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()))};
    evp_key const shown{PEM_read_bio_PUBKEY(memory.get(), nullptr, nullptr, nullptr)};
    REQUIRE(shown);
    CHECK(openssl_key<A>::from_evp_pkey(shown.get()).error() == errc::signer_failed);
}

TEST_CASE("An EVP_PKEY may be freed after it was taken, and is the program's again after the keys are gone") {
    auto own = generate(alg::es256);
    auto key = *openssl_key<es256>::from_evp_pkey(own.get());
    auto copy = key;
    own.reset();
    std::array<std::uint8_t, 64> out;
    CHECK(key.sign(as_bytes("m"), out));
    key = *openssl_key<es256>::from_evp_pkey(shared_key<es256>());
    CHECK(copy.sign(as_bytes("m"), out));
    CHECK(crypto::verify(copy.verifier_key().key(), alg::es256, as_bytes("m"), out));
}

TEST_CASE("64 signatures on 8 threads with one key are all good") {
    auto const run = []<class A>(A) {
        auto const key = *openssl_key<A>::from_evp_pkey(shared_key<A>());
        auto const issue = *jwt::signer<A>::make(key);
        std::array<std::vector<std::string>, 8> tokens;
        {
            std::vector<std::jthread> threads;
            for (auto& mine : tokens)
                threads.emplace_back([&mine, &issue] {
                    for (int i = 0; i != 8; ++i) mine.push_back(issue.sign(some_claims()).value_or(std::string{}));
                });
        }
        for (auto const& mine : tokens) {
            CHECK(mine.size() == 8);
            for (auto const& token : mine) CHECK(accepts<A>(key.verifier_key(), token));
        }
    };
    run(es256{});
    run(ps256{});
    run(ed25519{});
}

TEST_CASE("Threads may sign with copies while others make keys of the same EVP_PKEY and let them go") {
    auto const key = *openssl_key<es256>::from_evp_pkey(shared_key<es256>());
    std::atomic<int> good = 0;
    {
        std::vector<std::jthread> threads;
        for (int t = 0; t != 4; ++t) {
            threads.emplace_back([copy = key, &good] {
                std::array<std::uint8_t, 64> out;
                for (int i = 0; i != 16; ++i) good += copy.sign(as_bytes("m"), out).has_value();
            });
            threads.emplace_back([&good] {
                for (int i = 0; i != 16; ++i)
                    good += openssl_key<es256>::from_evp_pkey(shared_key<es256>()).has_value();
            });
        }
    }
    CHECK(good == 128);
}

TEST_CASE("OpenSSL's queue of errors is as it was found, after success and after failure") {
    auto const key = *openssl_key<es256>::from_evp_pkey(shared_key<es256>());
    auto const use_all = [&key] {
        std::array<std::uint8_t, 64> out;
        (void)key.sign(as_bytes("m"), out);
        (void)openssl_key<es256>::from_evp_pkey(shared_key<rs256>());
        (void)openssl_key<es256>::from_key(*private_key::generate(alg::es256));
        (void)openssl_key<es256>::from_uri("file:/nothing/of/that/name.pem");
        (void)openssl_key<es256>::from_uri("nobody:has=this;scheme=1");
        auto const pem = public_pem(shared_key<es256>());
        bio const memory{BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()))};
        evp_key const shown{PEM_read_bio_PUBKEY(memory.get(), nullptr, nullptr, nullptr)};
        (void)openssl_key<es256>::from_evp_pkey(shown.get());
    };
    ERR_clear_error();
    use_all();
    CHECK(ERR_peek_error() == 0);
    ERR_raise(ERR_LIB_USER, 77); // of the program's own
    use_all();
    CHECK(ERR_GET_REASON(ERR_get_error()) == 77);
    CHECK(ERR_get_error() == 0);
}

TEST_CASE("RFC 9449 section 4.2: a DPoP proof by a key in OpenSSL") {
    auto const key = *openssl_key<es256>::from_evp_pkey(shared_key<es256>());
    auto const made = proof::make_dpop_proof(key, {.method = "POST", .url = "https://id.example.com/token"}, now);
    REQUIRE(made);
    auto const dot = made->rfind('.');
    auto const signature = codec::base64url_decode(made->substr(dot + 1));
    REQUIRE(signature);
    CHECK(crypto::verify(key.verifier_key().key(), alg::es256, as_bytes(made->substr(0, dot)), *signature));
}

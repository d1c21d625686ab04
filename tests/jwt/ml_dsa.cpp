// Tokens with ML-DSA (RFC 9964): verifiers of one set and of several algorithms, tables, migration, sizes.
#include "support/ml_dsa.hpp"
#include "support.hpp"

#include <signet/crypto/prepared_key.hpp>
#include <signet/jwt/any_verifier.hpp>
#include <signet/jwt/preparation.hpp>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

using namespace support;

namespace {

std::string const payload = R"({"iss":"i","aud":"a","exp":1658056600,"sub":"s"})";

/// Of the key `seed`.
std::string ml_dsa_token(alg a, std::string_view more, std::uint8_t seed = 7, std::string_view claims = payload) {
    auto const header = R"({"alg":")" + std::string{traits(a).name} + '"' + std::string{more} + '}';
    auto const input = encode(header) + '.' + encode(claims);
    return input + '.' + codec::base64url_encode(ml_dsa_test::sign(a, as_bytes(input), seed));
}
std::string forged(std::string token) {
    auto& c = token[token.size() - 1000];
    c = c == 'A' ? 'B' : 'A';
    return token;
}
public_key ml_dsa_key(alg a, std::uint8_t seed = 7) {
    return *public_key::from_ml_dsa(a, ml_dsa_test::zero_key(a, seed));
}
std::string jwk_of(public_key const& key, std::string const& kid) {
    return *jose::to_json(jose::public_jwk{{.kid = kid}, key});
}
template <class... Text> std::string set_of(std::string first, Text... more) {
    ((first += ',' + more), ...);
    return R"({"keys":[)" + first + "]}";
}

template <algorithm A> jwt::verifier<A> verifier_of(bool prepared_keys, std::size_t max_table_bytes) {
    auto policy = lenient();
    policy.prepared_keys = prepared_keys;
    policy.max_table_bytes = max_table_bytes;
    return {*jose::key_set<A>::parse(set_of(jwk_of(ml_dsa_key(A::id), "k1"), jwk_of(ml_dsa_key(A::id, 8), "k2"))),
            std::move(policy)};
}

} // namespace

TEST_CASE_TEMPLATE("RFC 9964: with tables, without, and with the policy's prepared_keys off a verifier judges alike", A,
                   ml_dsa_44, ml_dsa_65, ml_dsa_87) {
    for (bool const prepared_keys : {true, false})
        for (std::size_t const bytes : {std::size_t{0}, std::size_t{1} << 20}) {
            CAPTURE(prepared_keys);
            CAPTURE(bytes);
            auto const v = verifier_of<A>(prepared_keys, bytes);
            CHECK(v.keys_to_prepare({}).size() == (prepared_keys && bytes == 0 ? 2 : 0));
            jwt::scratch<8192> buffer;
            auto const first = ml_dsa_token(A::id, R"(,"kid":"k1")"), second = ml_dsa_token(A::id, R"(,"kid":"k2")", 8);
            for (int times = 0; times != 2; ++times) { // the header is remembered
                CHECK(subject_of(v.verify(first, now)) == "s");
                auto const held = v.verify(first, buffer, now);
                CHECK(subject_of(held) == "s");
            }
            CHECK(v.verify(second, now));
            CHECK(v.verify(forged(first), now).error() == errc::bad_signature);
            CHECK(v.verify(ml_dsa_token(A::id, R"(,"kid":"k2")"), now).error() == errc::bad_signature);
            CHECK(v.verify(ml_dsa_token(A::id, R"(,"kid":"k3")"), now).error() == errc::unknown_key);
            CHECK(v.verify(ml_dsa_token(A::id, ""), now)); // two keys without a kid in the header: both are tried
            auto const other = A::id == alg::ml_dsa_44 ? alg::ml_dsa_65 : alg::ml_dsa_44;
            CHECK(v.verify(ml_dsa_token(other, R"(,"kid":"k1")"), now).error() == errc::algorithm_not_allowed);
        }
}

TEST_CASE("RFC 9964: a verifier of ES256 and ML-DSA-65 takes tokens of both, for the migration from one to the other") {
    auto const text = set_of(jwk_of(key<es256>().verifier_key().key(), "old"),
                             jwk_of(ml_dsa_key(alg::ml_dsa_65), "new"), jwk_of(ml_dsa_key(alg::ml_dsa_87), "none"));
    for (bool const prepared_keys : {true, false}) {
        auto policy = lenient();
        policy.prepared_keys = prepared_keys;
        jwt::verifier<es256, ml_dsa_65> const v{*jose::key_set<es256, ml_dsa_65>::parse(text), policy};
        auto const old = signed_token<es256>(header_of<es256>(R"(,"kid":"old")"), payload);
        auto const fresh = ml_dsa_token(alg::ml_dsa_65, R"(,"kid":"new")");
        CHECK(v.verify(old, now));
        CHECK(v.verify(fresh, now));
        CHECK(v.verify(forged(fresh), now).error() == errc::bad_signature);
        // A kid of one algorithm's key with the other's header
        CHECK_FALSE(v.verify(ml_dsa_token(alg::ml_dsa_65, R"(,"kid":"old")"), now));
        CHECK_FALSE(v.verify(signed_token<es256>(header_of<es256>(R"(,"kid":"new")"), payload), now));
        CHECK(v.verify(ml_dsa_token(alg::ml_dsa_87, R"(,"kid":"none")"), now).error() == errc::algorithm_not_allowed);
        // The key set goes: so do its keys.
        auto v2 = jwt::verifier<es256, ml_dsa_65>{*jose::key_set<es256, ml_dsa_65>::parse(text), policy};
        v2.swap(*jose::key_set<es256, ml_dsa_65>::parse(set_of(jwk_of(ml_dsa_key(alg::ml_dsa_65), "new"))));
        CHECK(v2.verify(fresh, now));
        CHECK_FALSE(v2.verify(old, now));
    }
}

TEST_CASE("docs/guide/post-quantum.md: both algorithms in one verifier, and a token by a key in a service") {
    auto const published = jwk_of(ml_dsa_key(alg::ml_dsa_65), "2026");
    auto const jwks = set_of(jwk_of(key<es256>().verifier_key().key(), "2025"), published);
    auto const ask_service = [](bytes_view message) { return ml_dsa_test::sign(alg::ml_dsa_65, message); };
    // [verify]
    auto keys = jose::parse_key_set<es256, ml_dsa_65>(jwks); // keys of other algorithms are left out
    REQUIRE(keys);
    jwt::verifier<es256, ml_dsa_65> const access{
        *std::move(keys), {.issuer = "https://id.example.com", .audience = "orders", .type = "at+jwt"}};
    // [/verify]
    // [issue]
    // The public part from its JWK; the signature from a service that has the private part.
    auto const jwk = jose::parse_public_jwk(published);
    REQUIRE(jwk);
    auto const shown = verification_key<ml_dsa_65>::from_key(jwk->key);
    REQUIRE(shown);
    external_key<ml_dsa_65> const remote{*shown,
                                         [&](bytes_view message, std::span<std::uint8_t> out) -> result<std::size_t> {
                                             bytes const signature = ask_service(message);
                                             if (signature.size() != out.size()) return errc::signer_failed;
                                             std::copy(signature.begin(), signature.end(), out.begin());
                                             return signature.size();
                                         }};
    auto const issue = jwt::signer<ml_dsa_65>::make(remote, {.type = "at+jwt", .key_id = "2026"});
    // [/issue]
    REQUIRE(issue);
    jwt::claims c;
    c.issuer("https://id.example.com").audience("orders").subject("ann").expires_at(now + 5min);
    auto const fresh = *issue->sign(c);
    CHECK(access.verify(fresh, now));
    CHECK(fresh.size() > 4412);
    auto const old = *jwt::signer<es256>::make(key<es256>(), {.type = "at+jwt", .key_id = "2025"});
    CHECK(access.verify(*old.sign(c), now));
}

TEST_CASE("tables of ML-DSA keys are wanted, installed, handed on and left like those of others") {
    auto policy = lenient();
    policy.max_table_bytes = 0;
    jwt::verifier<es256, ml_dsa_44> v{
        *jose::key_set<es256, ml_dsa_44>::parse(set_of(jwk_of(key<es256>().verifier_key().key(), "a"),
                                                       jwk_of(ml_dsa_key(alg::ml_dsa_44), "b"),
                                                       jwk_of(ml_dsa_key(alg::ml_dsa_44, 8), "c"))),
        policy};
    auto const b = ml_dsa_token(alg::ml_dsa_44, R"(,"kid":"b")");
    CHECK(v.keys_to_prepare({}).size() == 3);
    CHECK(v.keys_to_prepare({.at_least = 1}).empty());
    CHECK(v.verify(b, now));
    CHECK_FALSE(v.verify(forged(b), now)); // does not count
    auto const wanted = v.keys_to_prepare({.at_least = 1});
    REQUIRE(wanted.size() == 1);
    CHECK(wanted[0].algorithm == alg::ml_dsa_44);
    CHECK(wanted[0].verified == 1);
    CHECK(wanted[0].key == ml_dsa_key(alg::ml_dsa_44));
    CHECK_FALSE(v.install(*crypto::prepared_key::make(ml_dsa_key(alg::ml_dsa_44, 9)))); // not its key
    REQUIRE(v.install(*crypto::prepared_key::make(wanted[0].key)));
    CHECK(v.keys_to_prepare({}).size() == 2);
    CHECK(v.verify(b, now));
    CHECK_FALSE(v.verify(forged(b), now));
    CHECK(v.prepare({}) == 2);
    CHECK(v.keys_to_prepare({}).empty());
    for (auto const& t : {b, ml_dsa_token(alg::ml_dsa_44, R"(,"kid":"c")", 8),
                          signed_token<es256>(header_of<es256>(R"(,"kid":"a")"), payload)})
        CHECK(v.verify(t, now));
    v.swap(*jose::key_set<es256, ml_dsa_44>::parse(
        set_of(jwk_of(ml_dsa_key(alg::ml_dsa_44), "d"), jwk_of(ml_dsa_key(alg::ml_dsa_44, 9), "e"))));
    CHECK(v.keys_to_prepare({}).size() == 1); // d has its table still
    CHECK(v.verify(ml_dsa_token(alg::ml_dsa_44, R"(,"kid":"d")"), now));
    CHECK(v.verify(ml_dsa_token(alg::ml_dsa_44, R"(,"kid":"e")", 9), now));
    CHECK_FALSE(v.verify(ml_dsa_token(alg::ml_dsa_44, R"(,"kid":"e")"), now));
}

TEST_CASE("RFC 9964: without kids all keys of the algorithm are tried, up to four") {
    jose::key_set<ml_dsa_44> set;
    for (std::uint8_t seed = 1; seed != 5; ++seed)
        REQUIRE(set.add(std::nullopt, *verification_key<ml_dsa_44>::from_key(ml_dsa_key(alg::ml_dsa_44, seed))));
    jwt::verifier<ml_dsa_44> const v{std::move(set), lenient()};
    for (std::uint8_t seed = 1; seed != 5; ++seed) CHECK(v.verify(ml_dsa_token(alg::ml_dsa_44, "", seed), now));
    CHECK(v.verify(ml_dsa_token(alg::ml_dsa_44, "", 5), now).error() == errc::bad_signature);
}

TEST_CASE_TEMPLATE("RFC 9964: tokens are issued by keys elsewhere and in two steps, whatever Botan there is", A,
                   ml_dsa_44, ml_dsa_65, ml_dsa_87) {
    auto const shown = *verification_key<A>::from_key(ml_dsa_key(A::id));
    auto const forge = [](bytes_view message, std::span<std::uint8_t> out) -> result<std::size_t> {
        auto const signature = ml_dsa_test::sign(A::id, message);
        std::copy(signature.begin(), signature.end(), out.begin());
        return signature.size();
    };
    auto const v = verifier_of<A>(true, 1u << 20);
    jwt::claims c;
    c.issuer("i").audience("a").subject("s").expires_at(now + 5min);
    external_key<A> const remote{shown, forge};
    auto const issue = *jwt::signer<A>::make(remote, {.key_id = "k1"});
    auto const token = issue.sign(c);
    REQUIRE(token);
    CHECK(v.verify(*token, now));
    external_key<A> const lying{shown, [&](bytes_view m, std::span<std::uint8_t> out) {
                                    auto const size = forge(m, out);
                                    out[5] ^= 1;
                                    return size;
                                }};
    CHECK(jwt::signer<A>::make(lying)->sign(c).error() == errc::signer_failed);

    auto const later = *jwt::detached_signer<A>::make({.key_id = "k1"});
    auto const input = *later.signing_input(c);
    auto signature = ml_dsa_test::sign(A::id, as_bytes(input));
    CHECK(v.verify(*later.complete(input, signature), now));
    signature.push_back(0);
    CHECK(later.complete(input, signature).error() == errc::bad_signature);
    signature.resize(64);
    CHECK(later.complete(input, signature).error() == errc::bad_signature);
}

TEST_CASE("RFC 9964: one signer of an ML-DSA key signs on several threads at once (Botan >= 3.6)") {
    auto const key = private_key::generate(alg::ml_dsa_44);
    if (!key) {
        CHECK(key.error() == errc::unsupported_algorithm);
        CHECK(local_key<ml_dsa_44>::generate().error() == errc::unsupported_algorithm);
        return;
    }
    auto const own = *local_key<ml_dsa_44>::from_key(*key);
    auto const issue = *jwt::signer<ml_dsa_44>::make(own, {.key_id = "k1"});
    jwt::verifier<ml_dsa_44> const v{keys<ml_dsa_44>("k1", own), lenient()};
    jwt::claims c;
    c.issuer("i").audience("a").subject("s").expires_at(now + 5min);
    std::atomic<int> good = 0;
    std::vector<std::thread> threads;
    for (int t = 0; t != 3; ++t)
        threads.emplace_back([&] {
            for (int i = 0; i != 100; ++i)
                if (auto const token = issue.sign(c); token && v.verify(*token, now)) ++good;
        });
    for (auto& t : threads) t.join();
    CHECK(good == 300);
}

TEST_CASE("RFC 9964: a verifier whose algorithms are known at run time only") {
    std::string_view const names[] = {"ML-DSA-44", "ML-DSA-87", "ES256"};
    auto const accepted = jwt::parse_algorithms(names);
    REQUIRE(accepted);
    for (bool const prepared_keys : {true, false}) {
        auto policy = lenient();
        policy.prepared_keys = prepared_keys;
        auto const v = jwt::any_verifier::parse(
            *accepted, set_of(jwk_of(ml_dsa_key(alg::ml_dsa_44), "a"), jwk_of(ml_dsa_key(alg::ml_dsa_87), "b")),
            policy);
        REQUIRE(v);
        CHECK(v->verify(ml_dsa_token(alg::ml_dsa_44, R"(,"kid":"a")"), now));
        CHECK(v->verify(ml_dsa_token(alg::ml_dsa_87, R"(,"kid":"b")"), now));
        CHECK(v->verify(ml_dsa_token(alg::ml_dsa_65, R"(,"kid":"b")"), now).error() == errc::algorithm_not_allowed);
    }
    std::string_view const mixed[] = {"ML-DSA-44", "HS256"};
    CHECK(jwt::parse_algorithms(mixed).error() == errc::mixed_algorithms);
}

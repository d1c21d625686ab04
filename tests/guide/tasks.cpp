// What docs/guide/issue.md and docs/guide/jwt.md show of keys in files, shared secrets and published key sets.
#include <signet/jose.hpp>
#include <signet/jwt.hpp>

#include <doctest/doctest.h>

#include <string>

using namespace signet;
using namespace std::chrono_literals;

namespace {

constexpr unix_time now{1'763'700'000s};

// [pem]
/// A signer with the text of a PEM file, "BEGIN PRIVATE KEY". `from_encrypted_pem` takes a passphrase besides.
result<jwt::signer<es256>> make_signer(std::string_view pem) {
    auto key = private_key::from_pem(pem);
    if (!key) return key.error(); // bad_key, weak_key, unsupported_key
    return jwt::signer<es256>::make(*std::move(key), {.type = "at+jwt", .key_id = "2026-11"});
}
// [/pem]

// [jwks]
/// The key set that verifiers fetch: public keys only, each with its kid and algorithm.
result<std::string> publish(private_key const& current) {
    auto const jwk =
        jose::to_json(jose::public_jwk{{.kid = "2026-11", .use = "sig", .alg = "ES256"}, current.public_part()});
    if (!jwk) return jwk.error();
    return "{\"keys\":[" + *jwk + "]}";
}
// [/jwks]

// [hmac]
/// A verifier with a secret that both sides share, such as one from the environment: 32 octets at least.
result<jwt::verifier<hs256>> make_hmac_verifier(std::string_view text) {
    auto const key = verification_key<hs256>::from_secret(secret::copy_of(as_bytes(text)));
    if (!key) return key.error(); // weak_key: shorter than the hash
    jose::key_set<hs256> keys;
    if (auto const added = keys.add(*key); !added) return added.error();
    return jwt::verifier<hs256>{keys, {.issuer = "https://id.example.com", .audience = "orders", .type = "JWT"}};
}
// [/hmac]

} // namespace

TEST_CASE("the guide: a key from a PEM file signs, and the published set verifies") {
    auto const key = *private_key::generate(alg::es256);
    auto const signer = make_signer(as_text(key.to_pem().reveal()));
    auto const set = publish(key);
    REQUIRE(signer);
    REQUIRE(set);
    auto keys = jose::parse_key_set<es256>(*set);
    REQUIRE(keys);
    jwt::verifier const access{*keys,
                               jwt::policy{.issuer = "https://id.example.com", .audience = "orders", .type = "at+jwt"}};
    jwt::claims claims;
    claims.issuer("https://id.example.com").audience("orders").subject("ann").expires_at(now + 300s);
    CHECK(access.verify(*signer->sign(claims), now));
    CHECK(make_signer("-----BEGIN EC PRIVATE KEY-----").error() == errc::bad_key);
}

TEST_CASE("the guide: a shared secret") {
    CHECK(make_hmac_verifier("0123456789abcdef0123456789abcdef"));
    CHECK(make_hmac_verifier("too short").error() == errc::weak_key);
}

// What docs/guide/issue.md, jwt.md, rotation.md and session.md show of keys: in files, shared, published, changed.
#include <signet/codec.hpp>
#include <signet/crypto.hpp>
#include <signet/jose.hpp>
#include <signet/jwt.hpp>

#include <doctest/doctest.h>

#include <span>
#include <string>

using namespace signet;
using namespace std::chrono_literals;

namespace {

constexpr unix_time now{1'763'700'000s};

// [pem]
/// A signer with the text of a PEM file, as OpenSSL writes it. `from_encrypted_pem` takes a passphrase besides.
result<jwt::signer<es256>> make_signer(std::string_view pem) {
    auto key = private_key::from_pem(pem);
    if (!key) return key.error(); // bad_key, weak_key, unsupported_key
    return jwt::signer<es256>::make(*std::move(key), {.type = "at+jwt", .key_id = "2026-11"});
}
// [/pem]

// [describe]
/// What to tell whoever configured the key: "an OpenSSH private key; ... ssh-keygen -p -m PKCS8 -f COPY". It shows
/// nothing of the key.
std::string explain_key(error why, std::string_view pem) {
    return std::string{why.message()} + ": " + crypto::describe_key_text(pem); // <signet/crypto.hpp>
}
// [/describe]

// [jwks]
/// The key set that verifiers fetch: public keys only, each with its kid and algorithm.
result<std::string> publish(std::string kid, verification_key<es256> const& key) {
    jose::public_jwk const keys[]{jose::make_public_jwk(std::move(kid), key)}; // several while the key changes
    return jose::write_jwk_set(keys);
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

// [tenants]
using tenants = jwt::caching_verifier<jwt::multi_issuer_verifier>;

/// Takes one more issuer while tokens of the others are verified. The same issuer twice is an error.
result<void> add_tenant(tenants& access, jwt::key_source source, std::string issuer) {
    return access.add(
        jwt::verifier<es256>{std::move(source), {.issuer = std::move(issuer), .audience = "orders", .type = "at+jwt"}});
}
// [/tenants]

// [mac-key]
/// The key of a purpose, the same after a restart and on all instances: from 32 random octets in your secret store.
result<mac_key> make_mac_key(std::string_view base64url) {
    auto octets = codec::base64url_decode(base64url);
    if (!octets) return octets.error();
    return mac_key::from_secret(secret::copy_of(*octets), alg::hs256); // weak_key under 32 octets
}
// [/mac-key]

} // namespace

TEST_CASE("the guide: a key from a PEM file signs, and the published set verifies") {
    auto const key = *private_key::generate(alg::es256);
    auto const signer = make_signer(as_text(key.to_pem().reveal()));
    auto const set = publish("2026-11", *verification_key<es256>::from_key(key.public_part()));
    REQUIRE(signer);
    REQUIRE(set);
    auto const refused = make_signer("-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n");
    CHECK(refused.error() == errc::unsupported_key);
    CHECK(explain_key(refused.error(), "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n")
              .find("ssh-keygen") != std::string::npos);
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

TEST_CASE("the guide: a key of the program's own is changed, and tokens of the old one stay good") {
    auto const old_key = *local_key<es256>::generate();
    jwt::claims claims;
    claims.issuer("https://id.example.com").audience("orders").subject("ann").issued_at(now).expires_at(now + 5min);
    auto const old_token = *jwt::signer<es256>::make(old_key, {.type = "at+jwt", .key_id = "2026-11"})->sign(claims);
    jose::key_set<es256> only_old;
    REQUIRE(only_old.add("2026-11", old_key.verifier_key()));
    jwt::verifier access{only_old,
                         jwt::policy{.issuer = "https://id.example.com", .audience = "orders", .type = "at+jwt"}};

    // [change]
    // 1. Publish both keys, and give both to the verifiers of this program. The new key signs nothing yet.
    auto const new_key = *local_key<es256>::generate();
    jose::public_jwk const current[]{jose::make_public_jwk("2026-11", old_key.verifier_key()),
                                     jose::make_public_jwk("2026-12", new_key.verifier_key())};
    auto const set = jose::write_jwk_set(current);
    if (!set) return;
    auto both = jose::parse_key_set<es256>(*set); // or keys.add("2026-12", new_key.verifier_key()), without the text
    if (!both) return;
    access.swap(*std::move(both));

    // 2. When every verifier has fetched the set, sign with the new key.
    auto const signer = jwt::signer<es256>::make(new_key, {.type = "at+jwt", .key_id = "2026-12"});
    if (!signer) return;
    auto const new_token = signer->sign(claims);
    auto const good = access.verify(*new_token, now), also_good = access.verify(old_token, now);

    // 3. When the last token of the old key has expired, publish the new key alone.
    jose::key_set<es256> only_new;
    if (!only_new.add("2026-12", new_key.verifier_key())) return;
    access.swap(std::move(only_new));
    auto const gone = access.verify(old_token, now); // unknown_key
    // [/change]
    CHECK(good);
    CHECK(also_good);
    CHECK(gone.error() == errc::unknown_key);
    CHECK(access.verify(*new_token, now));
}

TEST_CASE("the guide: tenants that are added while tokens are verified") {
    auto const key = *local_key<es256>::generate();
    auto const set = *publish("2026-11", key.verifier_key());
    jwt::key_source const source{
        .fetch = [&](jwt::key_fetch keys) { (void)keys.finish({.status = 200, .body = set}, now); }};
    tenants access{jwt::multi_issuer_verifier{}};
    REQUIRE(add_tenant(access, source, "https://one.example.com"));
    CHECK(!add_tenant(access, source, "https://one.example.com"));
    auto const signer = *jwt::signer<es256>::make(key, {.type = "at+jwt", .key_id = "2026-11"});
    jwt::claims claims;
    claims.issuer("https://two.example.com").audience("orders").subject("ann").issued_at(now).expires_at(now + 5min);
    auto const token = *signer.sign(claims);
    CHECK(access.verify(token, now).error() == errc::wrong_issuer);
    REQUIRE(add_tenant(access, source, "https://two.example.com"));
    CHECK(access.verify(token, now));
}

TEST_CASE("the guide: a MAC key that is kept") {
    CHECK(make_mac_key("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"));
    CHECK(make_mac_key("AAEC").error() == errc::weak_key);
    CHECK(!make_mac_key("not base64url"));
}

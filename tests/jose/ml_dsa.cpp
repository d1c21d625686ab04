// AKP keys (RFC 9964): reading, writing, thumbprints, key sets, and JWS with ML-DSA.
#include "support/ml_dsa.hpp"
#include "vectors.hpp"

#include <signet/codec/base64url.hpp>
#include <signet/jose.hpp>

#include <doctest/doctest.h>

#include <string>

using namespace signet;
using namespace signet::jose;
using ml_dsa_test::sets;

namespace {

std::string b64(bytes_view octets) { return codec::base64url_encode(octets); }
std::string name_of(alg a) { return std::string{traits(a).name}; }

std::string akp(std::string const& name, bytes_view pub, std::string const& more = "") {
    return R"({"kty":"AKP","alg":")" + name + R"(","pub":")" + b64(pub) + '"' + more + '}';
}
std::string akp(alg a, std::string const& more = "", std::uint8_t seed = 7) {
    return akp(name_of(a), ml_dsa_test::zero_key(a, seed), more);
}
std::string const seed_member = R"(,"priv":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")";

std::string token(alg a, std::string const& more = "", std::uint8_t seed = 7) {
    auto const input = b64(as_bytes(R"({"alg":")" + name_of(a) + '"' + more + '}')) + '.' + b64(as_bytes("payload"));
    return input + '.' + b64(ml_dsa_test::sign(a, as_bytes(input), seed));
}

} // namespace

TEST_CASE("RFC 9964 section 3: an AKP key is read and written, with alg once") {
    for (auto const a : sets) {
        CAPTURE(traits(a).name);
        auto const jwk = parse_public_jwk(akp(a, R"(,"kid":"k","use":"sig","key_ops":["verify"])"));
        REQUIRE(jwk);
        CHECK(jwk->key == *public_key::from_ml_dsa(a, ml_dsa_test::zero_key(a)));
        CHECK(jwk->attributes.algorithm() == a);
        CHECK(jwk->attributes.permits(key_operation::verify, a));
        auto const text = *to_json(*jwk);
        CHECK(text.find("\"alg\"") == text.rfind("\"alg\""));
        CHECK(text.find(name_of(a)) != text.npos);
        auto const again = parse_public_jwk(text);
        REQUIRE(again);
        CHECK(again->key == jwk->key);
        CHECK(again->attributes.kid == "k");
        // What is written does not depend on the attributes' alg: the key says it.
        auto const plain = *to_json(public_jwk{{}, jwk->key});
        CHECK(plain == akp(a));
        CHECK(*to_json(public_jwk{{.alg = "ES256"}, jwk->key}) == plain);
    }
}

TEST_CASE("RFC 9964 section 3: alg and pub are required, and belong together") {
    auto const pub = ml_dsa_test::zero_key(alg::ml_dsa_44);
    auto const refused = [](std::string const& json) { return parse_public_jwk(json).error(); };
    auto const encoded = b64(pub);
    CHECK(refused(R"({"kty":"AKP","pub":")" + encoded + "\"}").code == errc::bad_key);
    CHECK(refused(R"({"kty":"AKP","pub":")" + encoded + "\"}").about == field_name::alg);
    CHECK(refused(R"({"kty":"AKP","alg":"ML-DSA-44"})").code == errc::bad_key);
    CHECK(refused(R"({"kty":"AKP","alg":"ML-DSA-44"})").about == field_name::pub);
    CHECK(refused(akp("ML-DSA-65", pub)) == errc::bad_key); // the length of another set
    CHECK(refused(akp("ML-DSA-87", pub)) == errc::bad_key);
    CHECK(refused(akp("ML-DSA-44", bytes_view{pub}.first(1311))) == errc::bad_key);
    CHECK(refused(akp("ML-DSA-44", {})) == errc::bad_key);
    CHECK(refused(akp("ES256", pub)).code == errc::wrong_key_type);
    CHECK(refused(akp("HS256", pub)) == errc::wrong_key_type);
    CHECK(refused(akp("ML-KEM-768", pub)) == errc::unsupported_key); // AKP is for other purposes too
    CHECK(refused(akp("ml-dsa-44", pub)) == errc::unsupported_key);
    CHECK(refused(R"({"kty":"AKP","alg":44,"pub":""})").code != errc{});
    CHECK(refused(R"({"kty":"AKP","alg":"ML-DSA-44","pub":"A"})").about == field_name::pub);
    // An ML-DSA alg is for no other key.
    CHECK(refused(
              R"({"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","alg":"ML-DSA-44"})") ==
          errc::wrong_key_type);
}

TEST_CASE("RFC 9964 section 3: an AKP key with priv is a key pair, and refused where public keys are read") {
    for (auto const a : sets) {
        CHECK(parse_public_jwk(akp(a, seed_member)).error() == errc::private_key_refused);
        CHECK(parse_public_jwk(akp(a, R"(,"priv":"")")).error() == errc::private_key_refused);
        CHECK(parse_public_jwk(akp("ML-KEM-768", {}, seed_member)).error() == errc::private_key_refused);
        CHECK(parse_key_list(R"({"keys":[)" + akp(a, seed_member) + "]}",
                             algorithm_set::of<ml_dsa_44, ml_dsa_65, ml_dsa_87>())
                  .error() == errc::private_key_refused);
        // Botan before 3.6 has no such keys; the seed's length is judged all the same.
        auto const signs = private_key::generate(a).has_value();
        CHECK(parse_private_jwk(akp(a, seed_member)).error() ==
              (signs ? errc::key_mismatch : errc::unsupported_algorithm));
        CHECK(parse_private_jwk(akp(a, R"(,"priv":"AAAA")")).error() == errc::bad_key);
        CHECK(parse_private_jwk(akp(a)).error() == errc::wrong_key_type);
    }
    // For a key of another type it is a member that nobody knows.
    CHECK(parse_public_jwk(
        R"({"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo","priv":"AAAA"})"));
}

TEST_CASE("RFC 9964 section 6: the thumbprint is over alg, kty and pub") {
    for (auto const a : sets) {
        auto const key = *public_key::from_ml_dsa(a, ml_dsa_test::zero_key(a));
        auto const members = R"({"alg":")" + name_of(a) + R"(","kty":"AKP","pub":")" + b64(key.pub()) + "\"}";
        CHECK(thumbprint(key) == b64(crypto::sha256(as_bytes(members))));
    }
}

TEST_CASE("RFC 9964 appendix A: the keys, whose kids are their thumbprints, and the JWS") {
    auto const document = load_vectors("rfc9964.json");
    auto const payload = member(document.root(), "payload");
    int seen = 0;
    for (auto const vector : at(document, {"vectors"})) {
        auto const name = member(vector, "name"), jws = member(vector, "jws");
        CAPTURE(name);
        auto const pair = *vector.find("private");
        auto const a = *find_algorithm(name);
        auto const text = text_of(pair);
        CHECK(parse_public_jwk(text).error() == errc::private_key_refused);
        auto const shown =
            akp(name, *codec::base64url_decode(member(pair, "pub")), R"(,"kid":")" + member(pair, "kid") + '"');
        auto const jwk = parse_public_jwk(shown);
        REQUIRE(jwk);
        CHECK(thumbprint(jwk->key) == jwk->attributes.kid);

        any_key_set keys{algorithm_set::of<ml_dsa_44, ml_dsa_65, ml_dsa_87>()};
        REQUIRE(keys.add(parse_jwk(shown).value()));
        auto const verified = jws_verify(keys, jws);
        REQUIRE(verified);
        CHECK(as_text(verified->payload()) == payload);
        auto spoiled = jws;
        spoiled[jws.find('.') + 3] ^= 1;
        CHECK_FALSE(jws_verify(keys, spoiled));

        auto const own = parse_private_jwk(text);
        if (private_key::generate(a)) { // Botan >= 3.6
            REQUIRE(own);
            CHECK(own->key.public_part() == jwk->key);
            auto const written = *to_json(*own);
            auto const again = parse_private_jwk(as_text(written.reveal()));
            REQUIRE(again);
            CHECK(again->key.public_part() == jwk->key);
            CHECK(as_text(written.reveal()).find(R"("priv":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")") !=
                  std::string_view::npos);
        } else {
            CHECK(own.error() == errc::unsupported_algorithm);
        }
        ++seen;
    }
    CHECK(seen == 3);
}

TEST_CASE("key sets: AKP keys by their alg; those of an unknown alg are left out") {
    auto const list = [](std::string const& keys) {
        return parse_key_list(R"({"keys":[)" + keys + "]}", algorithm_set::of<es256, ml_dsa_44, ml_dsa_65>());
    };
    auto const kem = akp("ML-KEM-768", bytes(1184), R"(,"kid":"kem","use":"enc")");
    auto const set = list(akp(alg::ml_dsa_44, R"(,"kid":"a")") + ',' + kem + ',' +
                          akp(alg::ml_dsa_65, R"(,"kid":"b")") + ',' + akp(alg::ml_dsa_87, R"(,"kid":"c")"));
    REQUIRE(set);
    CHECK(set->size() == 2); // the 87 is not accepted
    CHECK(set->find("a", alg::ml_dsa_44));
    CHECK_FALSE(set->find("a", alg::ml_dsa_65));
    CHECK(set->find("b", alg::ml_dsa_65));
    CHECK(jws_verify(*set, token(alg::ml_dsa_44, R"(,"kid":"a")")));
    CHECK(jws_verify(*set, token(alg::ml_dsa_65, R"(,"kid":"b")")));
    CHECK_FALSE(jws_verify(*set, token(alg::ml_dsa_44, R"(,"kid":"b")")));
    CHECK_FALSE(jws_verify(*set, token(alg::ml_dsa_87, R"(,"kid":"c")")));
    CHECK(list(kem).error() == errc::empty_key_set);
    // A set for other algorithms compiles no AKP reader, and leaves such keys out.
    CHECK(jose::key_set<es256>::parse(R"({"keys":[)" + akp(alg::ml_dsa_44) + "]}").error() == errc::empty_key_set);
    auto const typed = jose::key_set<ml_dsa_44>::parse(R"({"keys":[)" + akp(alg::ml_dsa_44) + "]}");
    CHECK(typed);
}

TEST_CASE("RULES 1.3 an ML-DSA key pair that cannot be used here puts no key of its kid in doubt") {
    auto const both = R"({"keys":[)" + akp(alg::ml_dsa_44, R"(,"kid":"a")") + ',' +
                      akp(alg::ml_dsa_65, R"(,"kid":"a")" + seed_member, 9) + "]}";
    auto const set = parse_jwk_set(both);
    auto const pair = private_key::from_ml_dsa(alg::ml_dsa_65, bytes(32));
    if (!pair && pair.error() == errc::unsupported_algorithm) {
        REQUIRE(set);
        CHECK(set->size() == 1);
    } else {
        CHECK(set.error() == errc::duplicate_key); // the pair's parts do not belong together
    }
}

TEST_CASE("JWS with ML-DSA: verified by its key, refused by another, with another payload or header") {
    for (auto const a : sets) {
        CAPTURE(traits(a).name);
        any_key_set keys{algorithm_set::of<ml_dsa_44, ml_dsa_65, ml_dsa_87>()};
        REQUIRE(keys.add(parse_jwk(akp(a)).value()));
        auto const good = token(a);
        auto const verified = jws_verify(keys, good);
        REQUIRE(verified);
        CHECK(as_text(verified->payload()) == "payload");
        CHECK(jws_verify(keys, token(a, "", 8)).error() == errc::bad_signature);
        auto spoiled = good;
        spoiled[good.find('.') + 2] ^= 1;
        CHECK_FALSE(jws_verify(keys, spoiled));
        spoiled = good;
        spoiled[good.size() - 1000] = spoiled[good.size() - 1000] == 'A' ? 'B' : 'A';
        CHECK(jws_verify(keys, spoiled).error() == errc::bad_signature);
        CHECK(jws_verify(keys, good + "AAAA").error() == errc::bad_signature);
    }
}

// What docs/guide/jose.md shows.
#include <signet/jose.hpp>
#include <signet/jose/peek.hpp>

#include <doctest/doctest.h>

#include <string>

using namespace signet;

TEST_CASE("the guide: keys as JWK, key sets, and a JWS over any octets") {
    // [jwk]
    auto const key = private_key::generate(alg::es256);
    if (!key) return;
    jose::public_jwk const mine{{.kid = jose::thumbprint(key->public_part()), .use = "sig", .alg = "ES256"},
                                key->public_part()};
    auto const text = jose::to_json(mine);           // {"kty":"EC","crv":"P-256",...}, to be published
    auto const read = jose::parse_public_jwk(*text); // private_key_refused if somebody published too much
    // [/jwk]
    REQUIRE(read);
    CHECK(read->key == key->public_part());

    // [set]
    auto const keys = jose::parse_key_set<es256, ed25519>("{\"keys\":[" + *text + "]}");
    // [/set]
    REQUIRE(keys);
    CHECK(keys->size() == 1);

    // [jws]
    std::string_view const kid = *mine.attributes.kid;
    std::string signed_text;
    output out{signed_text};
    if (!jose::jws_sign(*key, alg::es256, as_bytes("not JSON at all"), {.kid = kid, .cty = "text/plain"}, out)) return;

    auto const message = jose::jws_verify(*keys, signed_text); // form, header, key by kid, signature
    if (!message) return;
    std::string_view const payload = as_text(message->payload());
    // [/jws]
    CHECK(payload == "not JSON at all");

    // [peek]
    auto const seen = jose::peek(signed_text); // of a token that nobody has verified
    auto const named = seen ? seen->unverified_value().kid() : std::string_view{};
    // [/peek]
    CHECK(named == kid);
}

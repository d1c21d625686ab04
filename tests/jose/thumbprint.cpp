#include "vectors.hpp"

using namespace signet;
using namespace signet::jose;

TEST_CASE("RFC 7638 3.1: the example's thumbprint") {
    auto const document = load_vectors("rfc7638.json");
    auto const jwk = *parse_public_jwk(*document.root().find("key"));
    CHECK(thumbprint(jwk.key) == member(document.root(), "thumbprint"));
    // RFC 7638 section 3: whatever else the JWK says, and from whatever form the key came.
    CHECK(thumbprint(*public_key::from_pem(jwk.key.to_pem())) == member(document.root(), "thumbprint"));
}

TEST_CASE("RFC 9278: the example's URI") {
    auto const document = load_vectors("rfc9278.json");
    CHECK(thumbprint_uri(parse_public_jwk(*document.root().find("key"))->key) == member(document.root(), "uri"));
}

TEST_CASE("RFC 8037 A.3: the thumbprint of an Ed25519 key, of its pair as well") {
    auto const document = load_vectors("rfc8037.json");
    CHECK(thumbprint(parse_public_jwk(*document.root().find("public"))->key) == member(document.root(), "thumbprint"));
    auto const pair = parse_private_jwk(text_of(*document.root().find("private")));
    CHECK(thumbprint(pair->key.public_part()) == member(document.root(), "thumbprint"));
}

TEST_CASE("RFC 7638 3.2: the members of EC and oct keys, in lexicographic order") {
    auto const document = load_vectors("rfc7517.json");
    auto const key = *document.root().find("A.1")->find("keys")->begin();
    auto const text = R"({"crv":"P-256","kty":"EC","x":")" + member(key, "x") + R"(","y":")" + member(key, "y") + "\"}";
    CHECK(thumbprint_digest(parse_public_jwk(key)->key) == crypto::sha256(as_bytes(text)));
    CHECK(thumbprint_digest_of_secret(as_bytes("secret")) ==
          crypto::sha256(as_bytes(R"({"k":"c2VjcmV0","kty":"oct"})")));
    CHECK(thumbprint_of_secret(as_bytes("secret")).size() == 43);
}

// Project Wycheproof's vectors of JWS and of JWK sets, by the public names. docs/internals/vectors.md says where the
// answer is another than the file's, and why.
#include "support/wycheproof.hpp"

#include <signet/jose.hpp>

using namespace signet;
using namespace wycheproof;

namespace {

constexpr auto signatures =
    algorithm_set::of<rs256, rs384, rs512, ps256, ps384, ps512, es256, es384, es512, es256k, ed25519>();

/// Whether the keys verify the token. A group without a public key has the secret of a MAC, of whichever.
bool verifies(boost::json::object const& group, boost::json::object const& test) {
    auto const with = [&](char const* name, algorithm_set accepted) {
        auto const keys = jose::parse_key_list(boost::json::serialize(group.at(name)), accepted);
        return keys && jose::jws_verify(*keys, text(test, "jws"));
    };
    if (group.contains("public")) return with("public", signatures);
    return with("private", algorithm_set::of<hs256>()) || with("private", algorithm_set::of<hs384>()) ||
           with("private", algorithm_set::of<hs512>());
}

} // namespace

TEST_CASE("Wycheproof: JSON Web Signature") {
    constexpr auto another_alg = "RFC 7517 4.4: the JWK is for PS256, and the token says PS384";
    constexpr auto no_such_alg = "RFC 7518 3.1: there is no ES521; what the token says is ES512";
    constexpr auto same_as_357 = "octet for octet the token of vector 357, which is valid: the padding is not there";
    constexpr auto not_base64 = "RFC 7515 2 and RFC 4648 3.3: '?' is not in the alphabet of base64url";
    auto const seen = for_each_test("json_web_signature_test.json", verifies,
                                    {{346, another_alg},
                                     {350, another_alg},
                                     {347, no_such_alg},
                                     {351, no_such_alg},
                                     {367, same_as_357},
                                     {370, same_as_357},
                                     {372, not_base64},
                                     {373, not_base64}});
    CHECK(seen.wrong == 0);
}

TEST_CASE("Wycheproof: JSON Web Key") {
    auto const seen = for_each_test(
        "json_web_key_test.json", verifies,
        {{1, "RFC 7517 5 lets a set mix MACs and signatures; whoever reads it says which, and the rest is left out"}});
    CHECK(seen.wrong == 0);
}

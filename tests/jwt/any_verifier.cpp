#include "support.hpp"

using namespace support;

namespace {
errc named(std::initializer_list<std::string_view> names) {
    auto const set = jwt::parse_algorithms({names.begin(), names.size()});
    return set ? accepted : set.error().code;
}
} // namespace

TEST_CASE("Algorithms from configuration: what the types refuse when compiling is refused when starting") {
    CHECK(named({"ES256"}) == accepted);
    CHECK(named({"ES256", "EdDSA", "RS256", "Ed25519"}) == accepted);
    CHECK(named({"HS256"}) == accepted);
    CHECK(named({"HS256", "HS256"}) == accepted);
    CHECK(named({"HS256", "ES256"}) == errc::mixed_algorithms);
    CHECK(named({"HS256", "HS512"}) == errc::mixed_algorithms);
    CHECK(named({"none"}) == errc::unsupported_algorithm);
    CHECK(named({"ES256", "none"}) == errc::unsupported_algorithm);
    CHECK(named({"es256"}) == errc::unsupported_algorithm);
    CHECK(named({""}) == errc::unsupported_algorithm);
    CHECK(named({}) == errc::unsupported_algorithm);
    CHECK(jwt::any_verifier::make(algorithm_set::of<hs256, es256>(), jose::any_key_set{algorithm_set::of<es256>()},
                                  lenient())
              .error() == errc::mixed_algorithms);
    CHECK(jwt::any_verifier::make({}, jose::any_key_set{algorithm_set::of<es256>()}, lenient()).error() ==
          errc::unsupported_algorithm);
}

TEST_CASE("any_verifier accepts what its list names and nothing else, even if the key set could") {
    jose::key_set<es256, ed25519> set;
    (void)set.add("ec", key<es256>().verifier_key());
    (void)set.add("ed", key<ed25519>().verifier_key());
    auto v = jwt::any_verifier::make(algorithm_set::of<es256>(), set.as_any(), lenient());
    REQUIRE(v);
    auto const ec = signed_token<es256>(R"({"alg":"ES256","kid":"ec"})", R"({"sub":"ann"})");
    auto const ed = signed_token<ed25519>(R"({"alg":"EdDSA","kid":"ed"})", R"({"sub":"ann"})");
    jwt::scratch<> buffer;
    CHECK(subject_of(v->verify(ec, now)) == "ann");
    CHECK(subject_of(v->verify(ec, buffer, now)) == "ann");
    CHECK(subject_of(v->make_thread_verifier().verify(ec, now)) == "ann");
    CHECK(v->verify(ed, now).error() == errc::algorithm_not_allowed);
    CHECK(v->accepted() == algorithm_set::of<es256>());
    v->swap(jose::any_key_set{algorithm_set::of<es256>()});
    CHECK(v->verify(ec, now).error() == errc::unknown_key);
}

TEST_CASE("any_verifier reads its keys from a JWK set") {
    auto const jwk = *jose::to_json(jose::public_jwk{{.kid = "ec"}, key<es256>().key().public_part()});
    auto const v = jwt::any_verifier::parse(algorithm_set::of<es256>(), R"({"keys":[)" + jwk + "]}", lenient());
    REQUIRE(v);
    CHECK(v->verify(signed_token<es256>(R"({"alg":"ES256","kid":"ec"})", "{}"), now));
    CHECK(jwt::any_verifier::parse(algorithm_set::of<es256>(), "{", lenient()).error() == errc::malformed_json);
}

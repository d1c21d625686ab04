#include "vectors.hpp"

#include <string>
#include <vector>

using namespace signet;
using namespace signet::jose;

// DESIGN section 1: a MAC and a signature never share a set, and no key enters a set that is not for its algorithm.
template <class... A>
concept one_set = requires { typename key_set<A...>; };
static_assert(one_set<es256> && one_set<es256, rs256, ed25519> && one_set<hs256>);
static_assert(!one_set<hs256, es256> && !one_set<hs256, hs384> && !one_set<>);
template <class Set, class K>
concept takes = requires(Set set, K key) { set.add("kid", key); };
static_assert(takes<key_set<es256, rs256>, verification_key<rs256>>);
static_assert(!takes<key_set<es256, rs256>, verification_key<ps256>> && !takes<key_set<es256>, public_key>);
static_assert(!takes<key_set<es256>, mac_key> && !takes<key_set<hs256>, verification_key<es256>> &&
              !takes<key_set<hs256>, std::string>);

namespace {

verification_key<es256> fresh() {
    return *verification_key<es256>::from_key(private_key::generate(alg::es256)->public_part());
}
std::string public_text(private_key const& key, jwk_attributes const& attributes = {}) {
    return *to_json(public_jwk{attributes, key.public_part()});
}
std::string set_of(std::vector<std::string> const& keys) {
    std::string text = "{\"keys\":[";
    for (auto const& key : keys) text += (text.back() == '[' ? "" : ",") + key;
    return text + "]}";
}
std::string oct(std::size_t size, std::string const& more) {
    return R"({"kty":"oct","k":")" + b64(std::string(size, 'k')) + "\"" + more + "}";
}

} // namespace

TEST_CASE("look-up: with kid, the key of that kid and algorithm and no other") {
    auto const a = fresh(), b = fresh();
    auto const c = *verification_key<ed25519>::from_key(private_key::generate(alg::ed25519)->public_part());
    key_set<es256, ed25519, rs256> keys;
    CHECK(keys.add("a", a));
    CHECK(keys.add("b", b));
    CHECK(keys.add("b", c)); // RFC 7517 4.5: another type may share the kid
    auto const& list = keys.as_any();
    CHECK(*list.find("a", alg::es256)->begin() == 0);
    CHECK(*list.find("b", alg::es256)->begin() == 1);
    CHECK(*list.find("b", alg::ed25519)->begin() == 2);
    CHECK(list.find("b", alg::es256)->size() == 1);
    CHECK(*list[2].as_public_key() == c.key());
    CHECK(list.find("a", alg::ed25519).error() == errc::algorithm_mismatch);
    CHECK(list.find("c", alg::es256).error() == errc::unknown_key);
    CHECK(list.find("", alg::es256).error() == errc::unknown_key);
    CHECK(list.find(std::nullopt, alg::rs256).error() == errc::unknown_key);
    CHECK(list.find("a", alg::es384).error() == errc::algorithm_not_allowed);
    CHECK(list.find("a", alg::hs256).error() == errc::algorithm_not_allowed);
    CHECK(list.has_kid("b"));
    CHECK_FALSE(list.has_kid("c"));
}

TEST_CASE("DECISIONS 11: without kid at most four keys are tried") {
    key_set<es256> keys;
    for (int i = 0; i != 4; ++i) CHECK(keys.add(i % 2 ? std::optional{std::to_string(i)} : std::nullopt, fresh()));
    CHECK(keys.as_any().find(std::nullopt, alg::es256)->size() == 4);
    CHECK(keys.add("4", fresh()));
    CHECK(keys.as_any().find(std::nullopt, alg::es256).error() == errc::kid_required);
    CHECK(keys.as_any().find("4", alg::es256)->size() == 1);
}

TEST_CASE("look-up: keys without kid answer to any kid that is not known, up to four of them") {
    key_set<es256> keys;
    CHECK(keys.add("named", fresh()));
    CHECK(keys.as_any().find("other", alg::es256).error() == errc::unknown_key);
    for (int i = 0; i != 4; ++i) {
        CHECK(keys.add(fresh()));
        auto const found = keys.as_any().find("other", alg::es256);
        REQUIRE(found);
        CHECK(found->size() == static_cast<std::size_t>(i) + 1);
        CHECK((*found)[0] == 1);
    }
    CHECK(keys.as_any().find("named", alg::es256)->size() == 1);
    CHECK(keys.add(fresh()));
    CHECK(keys.as_any().find("other", alg::es256).error() == errc::unknown_key);
}

TEST_CASE("adding: the same kid for another key of one algorithm is refused, the same key again changes nothing") {
    key_set<rs256, ps256> keys;
    auto const key = private_key::generate(alg::rs256)->public_part(),
               other = private_key::generate(alg::rs256)->public_part();
    CHECK(keys.add("k", *verification_key<rs256>::from_key(key)));
    CHECK(keys.add("k", *verification_key<rs256>::from_key(key)));
    CHECK(keys.size() == 1);
    CHECK(keys.as_any().find("k", alg::ps256).error() == errc::algorithm_mismatch);
    CHECK(keys.add("k", *verification_key<ps256>::from_key(key))); // the same key for one more algorithm
    CHECK(keys.size() == 1);
    CHECK(keys.as_any().find("k", alg::ps256));
    CHECK(keys.as_any().find(std::nullopt, alg::ps256)->size() == 1);
    CHECK(keys.add("k", *verification_key<rs256>::from_key(other)).error() == errc::duplicate_key);
    CHECK(keys.add("k", *verification_key<ps256>::from_key(other)).error() == errc::duplicate_key);
    CHECK(keys.size() == 1);
    CHECK(keys.add(*verification_key<rs256>::from_key(key)));
    CHECK(keys.add(*verification_key<rs256>::from_key(key)));
    CHECK(keys.size() == 2);
}

TEST_CASE("a list that was moved from is empty, and takes the same keys again") {
    key_set<es256> keys;
    auto const key = *verification_key<es256>::from_key(fresh().key());
    REQUIRE(keys.add("k", key));
    REQUIRE(keys.add(key));
    auto const shared = std::move(keys).share();
    CHECK(shared->size() == 2);
    CHECK(keys.empty());
    CHECK(keys.as_any().find("k", alg::es256).error() == errc::unknown_key);
    CHECK(keys.as_any().find(std::nullopt, alg::es256).error() == errc::unknown_key);
    CHECK(keys.add(key));
    CHECK(keys.add("k", key));
    CHECK(keys.as_any().find("k", alg::es256)->size() == 1);
    CHECK(keys.as_any().find(std::nullopt, alg::es256)->size() == 2);
    CHECK(any_key_set{algorithm_set::of<hs256>()}.add(any_jwk{}).error() == errc::bad_key);
}

TEST_CASE("a list never takes MACs and signatures together, whatever it is told to accept") {
    algorithm_set mixed;
    mixed.insert(alg::hs256);
    mixed.insert(alg::es256);
    any_key_set list{mixed};
    CHECK(list.accepted().empty());
    CHECK(list.add("k", test_mac_key()).error() == errc::algorithm_not_allowed);
    CHECK(list.add("k", fresh().key(), algorithm_set::of<es256>()).error() == errc::algorithm_not_allowed);
    CHECK(any_key_set{algorithm_set::of<hs256, hs512>()}.accepted().empty());
    any_key_set es{algorithm_set::of<es256, es384>()};
    CHECK(es.add("k", fresh().key(), algorithm_set::of<es384>()).error() == errc::wrong_key_type);
    CHECK(es.add("k", fresh().key(), {}).error() == errc::algorithm_not_allowed);
    CHECK(es.add("k", test_mac_key()).error() == errc::algorithm_not_allowed);
}

TEST_CASE("ten thousand keys: each is found by its kid, and its index stays") {
    // One key under many names: what is tested is the index.
    auto const key = fresh();
    key_set<es256> keys;
    for (int i = 0; i != 10'000; ++i) REQUIRE(keys.add("key-" + std::to_string(i), key));
    auto const list = std::move(keys).share();
    CHECK(list->size() == 10'000);
    for (int i = 0; i != 10'000; ++i) {
        auto const found = list->find("key-" + std::to_string(i), alg::es256);
        REQUIRE(found);
        REQUIRE((*found)[0] == static_cast<std::uint32_t>(i));
        REQUIRE((*list)[(*found)[0]].kid() == "key-" + std::to_string(i));
    }
    CHECK(list->find("key-10000", alg::es256).error() == errc::unknown_key);
    CHECK(list->find(std::nullopt, alg::es256).error() == errc::kid_required);
}

TEST_CASE("rotation: the union of two sets, and whether a key left") {
    auto const a = fresh(), b = fresh();
    key_set<es256> before, now;
    CHECK(before.add("a", a));
    CHECK(now.add("b", b));
    CHECK_FALSE(now.as_any().holds(before.as_any()[0]));
    CHECK(now.add(before));
    CHECK(now.as_any().holds(before.as_any()[0]));
    CHECK(now.size() == 2);
    key_set<es256> renamed;
    CHECK(renamed.add("c", a));
    CHECK_FALSE(now.as_any().holds(renamed.as_any()[0]));
}

TEST_CASE("RFC 7517 A.1: of the example set the signature key is usable, the encryption key is not") {
    auto const text = text_of(*load_vectors("rfc7517.json").root().find("A.1"));
    auto const keys = parse_key_set<es256, rs256, ps256>(text);
    REQUIRE(keys);
    CHECK(keys->size() == 1);
    CHECK(keys->as_any().find("2011-04-29", alg::rs256));
    CHECK(keys->as_any().find("2011-04-29", alg::ps256).error() == errc::algorithm_mismatch); // its alg says RS256
    CHECK(keys->as_any().find("1", alg::es256).error() == errc::unknown_key);
    CHECK(parse_key_set<es256>(text).error() == errc::empty_key_set);
}

TEST_CASE("RFC 7517 A.2: a set with private keys in it is refused as a whole") {
    auto const text = text_of(*load_vectors("rfc7517.json").root().find("A.2"));
    CHECK(parse_key_set<rs256>(text).error() == errc::private_key_refused);
    auto const own = parse_jwk_set(text);
    REQUIRE(own);
    CHECK(own->size() == 2);
    CHECK((*own)[1].private_part);
}

TEST_CASE("RFC 7517 A.3: of symmetric keys, those without alg or with the MAC's") {
    auto const text = text_of(*load_vectors("rfc7517.json").root().find("A.3"));
    auto const keys = parse_key_set<hs512>(text);
    REQUIRE(keys);
    CHECK(keys->size() == 1);
    CHECK(parse_key_set<es256>(text).error() == errc::empty_key_set); // skipped: never a key for signatures
}

TEST_CASE("RFC 7517 section 5: keys that cannot be used are left out, the others stay") {
    auto const good = *private_key::generate(alg::es256);
    auto const text =
        set_of({public_text(good, {.kid = "good"}), R"({"kty":"AKP","alg":"ML-DSA-44","pub":"AA"})",
                R"({"kid":"none"})", R"({"kty":5})", R"({"kty":"EC","crv":"P-256","x":"AA","y":"AA"})",
                R"({"kty":"EC","crv":"P-999","x":"","y":""})", public_text(good, {.kid = "enc", .use = "enc"}),
                public_text(good, {.kid = "ops", .key_ops = std::vector<std::string>{"sign"}}),
                public_text(good, {.kid = "dh", .alg = "ECDH-ES"}),
                public_text(*private_key::generate(alg::es384), {.kid = "p384"}),
                R"({"kty":"RSA","n":")" + b64(std::string(128, '\xff')) + R"(","e":"AQAB"})", oct(32, "")});
    auto const keys = parse_key_set<es256, rs256>(text);
    REQUIRE(keys);
    CHECK(keys->size() == 1);
    CHECK(keys->as_any()[0].kid() == "good");
    CHECK(parse_jwk_set(text)->size() == 6);
}

TEST_CASE("keys of a type that no accepted algorithm has are not looked into") {
    auto const wanted = private_key::generate(alg::es256);
    REQUIRE(wanted);
    for (std::string const foreign :
         {R"({"kty":"RSA","kid":"k","n":"AA","e":"AQAB"})", R"({"kty":"OKP","kid":"k","crv":"Ed25519","x":7})"}) {
        // Two of one kid, of which nothing can be read: whose key the kid names would be in doubt, were it a type that
        // counts.
        auto const set = parse_key_set<es256>(set_of({foreign, public_text(*wanted, {.kid = "k"}), foreign}));
        REQUIRE(set);
        CHECK(set->size() == 1);
        CHECK(parse_key_set<es256>(foreign).error() == errc::wrong_key_type);
        CHECK_FALSE(parse_key_set<rs256, ed25519>(set_of({foreign, public_text(*wanted, {.kid = "k"}), foreign})));
    }
}

TEST_CASE("a JWK set as a whole: what is refused") {
    auto const key = *private_key::generate(alg::es256), other = *private_key::generate(alg::es256);
    auto const refusal = [](std::string const& text) { return parse_key_set<es256>(text).error(); };
    CHECK(refusal("") == errc::malformed_json);
    CHECK(refusal("[]") == errc::json_wrong_type);
    CHECK(refusal(R"({"keys":{}})") == errc::json_wrong_type);
    CHECK(refusal(R"({"keys":[5]})") == errc::json_wrong_type);
    CHECK(refusal(R"({"keys":[],"keys":[]})") == errc::duplicate_json_name);
    CHECK(refusal(R"({"keys":[]})") == errc::empty_key_set);
    CHECK(refusal(R"({})") == errc::bad_key);
    CHECK(refusal(set_of({public_text(key, {.kid = "k"}), public_text(other, {.kid = "k"})})) == errc::duplicate_key);
    CHECK(parse_key_set<es256>(set_of({public_text(key, {.kid = "k"}), public_text(key, {.kid = "k"})}))->size() == 1);
    // Whose key a kid names is in doubt also where one of the two is no good; not so with a key of another type.
    auto const broken = std::string{R"({"kty":"EC","kid":"k","crv":"P-256","x":"AA","y":"AA"})"};
    CHECK(refusal(set_of({public_text(key, {.kid = "k"}), broken})) == errc::duplicate_key);
    CHECK(refusal(set_of({broken, public_text(key, {.kid = "k"})})) == errc::duplicate_key);
    CHECK(parse_jwk_set(set_of({broken, public_text(key, {.kid = "k"})})).error() == errc::duplicate_key);
    CHECK(parse_key_set<es256>(set_of({public_text(key, {.kid = "l"}), broken}))->size() == 1);
    CHECK(parse_key_set<es256>(set_of({public_text(key, {.kid = "k"}), R"({"kty":"AKP","kid":"k"})"}))->size() == 1);
    CHECK(parse_key_set<es256>(set_of({public_text(key), public_text(other)}))->size() == 2);
    auto const text = set_of({public_text(key, {.kid = "k"}), public_text(other, {.kid = "l"})});
    CHECK(parse_key_set<es256>(text, {.max_keys = 1}).error() == errc::json_too_many_members);
    CHECK(parse_key_set<es256>(text, {.max_text = 100}).error() == errc::json_too_large);
}

TEST_CASE("a single JWK is read as a set of one, and refused with its own reason") {
    auto const key = *private_key::generate(alg::es256);
    CHECK(parse_key_set<es256>(public_text(key, {.kid = "k"}))->as_any().has_kid("k"));
    CHECK(parse_key_set<es384>(public_text(key)).error() == errc::wrong_key_type);
    CHECK(parse_key_set<es256>(public_text(key, {.use = "enc"})).error() == errc::key_use_refused);
    CHECK(parse_key_set<es256>(as_text(to_json(private_jwk{{}, key})->reveal())).error() == errc::private_key_refused);
    CHECK(parse_key_set<es256>(oct(32, "")).error() == errc::private_key_refused);
    CHECK(parse_key_set<hs256>(oct(32, "")));
    CHECK(parse_key_set<hs256>(oct(31, "")).error() == errc::weak_key);
    CHECK(parse_key_set<hs256>(oct(32, R"(,"alg":"HS384")")).error() == errc::algorithm_not_allowed);
    CHECK(parse_key_set<hs256>(public_text(key)).error() == errc::wrong_key_type);
}

TEST_CASE("an RSA key without alg serves each accepted RS and PS algorithm, and no MAC") {
    auto const text = public_text(*private_key::generate(alg::rs256), {.kid = "r"});
    auto const keys = parse_key_set<rs256, ps512, es256>(text);
    REQUIRE(keys);
    CHECK(keys->as_any()[0].algorithms() == algorithm_set::of<rs256, ps512>());
    CHECK(keys->as_any().find("r", alg::rs256));
    CHECK(keys->as_any().find(std::nullopt, alg::ps512));
    CHECK(parse_key_set<hs256>(text).error() == errc::wrong_key_type);
}

TEST_CASE("RFC 7517 5: the set that is written is the set that is read, without anything private") {
    auto const ec = *local_key<es256>::generate();
    auto const ed = *local_key<ed25519>::generate();
    public_jwk const keys[]{make_public_jwk("1", ec.verifier_key()), make_public_jwk("2 \"x\"", ed.verifier_key())};
    auto const text = write_jwk_set(keys);
    REQUIRE(text);
    CHECK(text->find("\"d\"") == text->npos);
    auto const read = parse_key_set<es256, ed25519>(*text);
    REQUIRE(read);
    CHECK(read->size() == 2);
    CHECK(read->as_any().has_kid("1"));
    CHECK(read->as_any().has_kid("2 \"x\""));
    CHECK(text->find(R"("alg":"EdDSA")") != text->npos);
    CHECK(text->find(R"("use":"sig")") != text->npos);
    CHECK(write_jwk_set({}).value_or("") == R"({"keys":[]})");

    public_jwk const twice[]{make_public_jwk("1", ec.verifier_key()), make_public_jwk("1", ed.verifier_key())};
    CHECK(write_jwk_set(twice).error() == error{errc::duplicate_key, field_name::kid});
    public_jwk const unnamed[]{{{}, ec.verifier_key().key()}, {{}, ed.verifier_key().key()}};
    CHECK(write_jwk_set(unnamed));
    public_jwk const bad[]{make_public_jwk("\xff", ec.verifier_key())};
    CHECK(write_jwk_set(bad).error() == errc::json_not_utf8);
}

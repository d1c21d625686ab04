#include "vectors.hpp"

#include <string>
#include <vector>

using namespace signet;
using namespace signet::jose;

// A key for one algorithm never becomes a key for another, and text or a public key never a MAC key.
static_assert(!std::convertible_to<verification_key<es256>, verification_key<es384>>);
static_assert(!std::convertible_to<std::string, public_jwk> && !std::convertible_to<public_jwk, oct_jwk>);
static_assert(!std::constructible_from<verification_key<hs256>, public_key> &&
              !std::constructible_from<mac_key, public_key>);
template <class A, class J>
concept can_verify_with = requires(J jwk) { verification_key_of<A>(std::move(jwk)); };
static_assert(can_verify_with<es256, public_jwk> && can_verify_with<hs256, oct_jwk>);
static_assert(!can_verify_with<hs256, public_jwk> && !can_verify_with<es256, oct_jwk>);

namespace {

constexpr auto ec_public = R"({"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",)"
                           R"("y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0")";
constexpr auto ed_public = R"({"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo")";

std::string ec(std::string const& more) { return ec_public + more + "}"; }
std::string ed(std::string const& more) { return ed_public + more + "}"; }
std::string with(std::string text, std::string const& from, std::string const& to) {
    auto const at = text.find(from);
    REQUIRE(at != text.npos);
    return text.replace(at, from.size(), to);
}
std::string rsa_public() { return text_of(*load_vectors("rfc7638.json").root().find("key")); }

} // namespace

TEST_CASE("RFC 7517 A.1: public keys") {
    auto const document = load_vectors("rfc7517.json");
    auto const keys = *document.root().find("A.1")->find("keys");
    auto at = keys.begin();
    auto const first = parse_public_jwk(*at++), second = parse_public_jwk(*at);
    REQUIRE(first);
    CHECK(first->key.crv() == curve::p256);
    CHECK(first->attributes.kid == "1");
    CHECK(first->attributes.permits(key_operation::verify, alg::es256).error() == errc::key_use_refused);
    REQUIRE(second);
    CHECK(second->key.bits() == 2048);
    CHECK(second->attributes.algorithm() == alg::rs256);
    CHECK(second->attributes.kid == "2011-04-29");
    CHECK(verification_key_of<rs256>(*second));
    CHECK(verification_key_of<rs512>(*second).error() == errc::algorithm_mismatch);
    CHECK(verification_key_of<es256>(*second).error() == errc::algorithm_mismatch);
}

TEST_CASE(
    "RFC 7517 A.2 and C.1: private keys are refused where public ones are wanted, and read where private ones are") {
    auto const document = load_vectors("rfc7517.json");
    std::vector<codec::json_value> all{*document.root().find("C.1")};
    for (auto const key : at(document, {"A.2", "keys"})) all.push_back(key);
    for (auto const value : all) {
        auto const text = text_of(value);
        CAPTURE(text);
        CHECK(parse_public_jwk(value).error() == errc::private_key_refused);
        CHECK(parse_public_jwk(text).error() == errc::private_key_refused);
        auto const key = parse_private_jwk(text);
        REQUIRE(key);
        auto const again = to_json(*key);
        REQUIRE(again);
        auto const twice = parse_private_jwk(as_text(again->reveal()));
        REQUIRE(twice);
        CHECK(twice->key.public_part() == key->key.public_part());
        CHECK(twice->attributes.kid == key->attributes.kid);
        // What RFC 7517 shows and what is written have the same numbers.
        auto const document_again = *codec::json_document::parse(as_text(again->reveal()));
        for (auto const m : value) CHECK(member(document_again.root(), m.name()) == *m.as_string());
    }
}

TEST_CASE("RFC 7517 A.3: symmetric keys") {
    auto const document = load_vectors("rfc7517.json");
    auto const keys = *document.root().find("A.3")->find("keys");
    auto at = keys.begin();
    auto wrapping = parse_oct_jwk(text_of(*at++)), mac = parse_oct_jwk(text_of(*at));
    REQUIRE(wrapping);
    CHECK(wrapping->octets.size() == 16);
    CHECK(verification_key_of<hs256>(*std::move(wrapping)).error() == errc::algorithm_mismatch); // A128KW
    REQUIRE(mac);
    CHECK(mac->octets.size() == 64);
    CHECK(mac->attributes.kid == "HMAC key used in JWS spec Appendix A.1 example");
    CHECK(as_text(to_json(*mac)->reveal()).find(R"("k":"AyM1SysPpbyD)") != std::string::npos);
    CHECK(verification_key_of<hs512>(*std::move(mac)));
    CHECK(parse_public_jwk(R"({"kty":"oct","k":"AAAA"})").error() == errc::private_key_refused);
    CHECK(parse_oct_jwk(ec("")).error() == errc::wrong_key_type);
    CHECK(parse_private_jwk(ec("")).error() == errc::wrong_key_type);
    CHECK(parse_oct_jwk(R"({"kty":"oct","k":""})").error() == errc::weak_key);
}

TEST_CASE("RFC 7518 3.2: a secret shorter than the hash is no key") {
    CHECK(verification_key_of<hs256>(*parse_oct_jwk(R"({"kty":"oct","k":")" + b64(std::string(31, 'x')) + "\"}"))
              .error() == errc::weak_key);
    CHECK(verification_key_of<hs256>(*parse_oct_jwk(R"({"kty":"oct","k":")" + b64(std::string(32, 'x')) + "\"}")));
}

TEST_CASE("RFC 8037 A.1 and A.2: Ed25519") {
    auto const document = load_vectors("rfc8037.json");
    auto const secret_key = parse_private_jwk(text_of(*document.root().find("private")));
    auto const pub = parse_public_jwk(*document.root().find("public"));
    REQUIRE(secret_key);
    REQUIRE(pub);
    CHECK(secret_key->key.public_part() == pub->key);
    CHECK(*to_json(*pub) == R"({"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})");
    CHECK(parse_public_jwk(ed(R"(,"alg":"EdDSA")"))->attributes.algorithm() == alg::ed25519);
    CHECK(parse_public_jwk(ed(R"(,"alg":"Ed25519")"))->attributes.spelling() == ed25519_name::ed25519); // RFC 9864
}

TEST_CASE("RFC 7517 section 4: unknown members are ignored, members named twice are not") {
    CHECK(parse_public_jwk(ec(R"(,"ext":true,"x5c":["AA=="],"note":{"a":[1,2]},"oct":"")")));
    CHECK(parse_public_jwk(ec(R"(,"x":"AAAA")")).error() == errc::duplicate_json_name);
    CHECK(parse_public_jwk(ec(R"(,"\u0078":"AAAA")")).error() == errc::duplicate_json_name);
    CHECK(parse_public_jwk(ec(R"(,"kid":"a","kid":"a")")).error() == errc::duplicate_json_name);
}

TEST_CASE("RFC 7517 section 4: each member has its type") {
    for (auto const* more :
         {R"(,"kid":1)", R"(,"use":["sig"])", R"(,"alg":null)", R"(,"key_ops":"verify")", R"(,"key_ops":[1])"})
        CHECK(parse_public_jwk(ec(more)).error() == errc::json_wrong_type);
    CHECK(parse_public_jwk(R"({"kty":["EC"]})").error() == errc::json_wrong_type);
    CHECK(parse_public_jwk(R"({"kty":"OKP","crv":"Ed25519","x":1})").error() == errc::json_wrong_type);
    CHECK(parse_public_jwk("[]").error() == errc::json_wrong_type);
    CHECK(parse_public_jwk(ec("") + " x").error() == errc::malformed_json);
    CHECK(parse_public_jwk("").error() == errc::malformed_json);
}

TEST_CASE("RFC 7517 4.3: a key operation is not named twice") {
    CHECK(parse_public_jwk(ec(R"(,"key_ops":["verify","verify"])")).error() == errc::bad_key);
}

TEST_CASE("RFC 7517 4.1: types, curves and required members") {
    CHECK(parse_public_jwk("{}").error() == errc::bad_key);
    CHECK(parse_public_jwk(R"({"kty":"AKP","alg":"ML-KEM-768","pub":"AA"})").error() == errc::unsupported_key);
    CHECK(parse_public_jwk(R"({"kty":"ec"})").error() == errc::unsupported_key); // case-sensitive
    CHECK(parse_public_jwk(R"({"kty":"OKP","crv":"X25519","x":"AA"})").error() == errc::unsupported_key);
    CHECK(parse_public_jwk(R"({"kty":"EC","crv":"Ed25519","x":"AA","y":"AA"})").error() == errc::unsupported_key);
    CHECK(parse_public_jwk(R"({"kty":"OKP","crv":"P-256","x":"AA"})").error() == errc::unsupported_key);
    CHECK(parse_public_jwk(R"({"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"})").error() ==
          errc::bad_key);
    CHECK(parse_public_jwk(R"({"kty":"RSA","n":"AQAB"})").error() == errc::bad_key);
    CHECK(parse_public_jwk(R"({"kty":"RSA","e":"AQAB"})").error() == errc::bad_key);
}

TEST_CASE("RFC 7518 6.2.1: coordinates have the curve's length, in the one base64url spelling, and lie on the curve") {
    auto const good = ec("");
    CHECK(parse_public_jwk(good));
    CHECK(parse_public_jwk(with(good, "RVEU", "RVEV")).error() == errc::nonzero_base64_trailing_bits);
    CHECK(parse_public_jwk(with(good, "RVEU", "RVEU=")).error() == errc::invalid_base64_character);
    CHECK(parse_public_jwk(with(good, "RVEU", "RVE+")).error() == errc::invalid_base64_character);
    CHECK(parse_public_jwk(with(good, "RVEU", "RVEUA")).error() == errc::bad_key);
    CHECK(parse_public_jwk(with(good, "RVEU", "RVEUAA")).error() == errc::invalid_base64_length);
    CHECK(parse_public_jwk(with(good, "f83OJ3D2", "g83OJ3D2")).error() == errc::bad_key);
    CHECK(parse_public_jwk(with(good, "P-256", "P-384")).error() == errc::bad_key);
    CHECK(parse_public_jwk(with(ed(""), "11qY", "")).error() == errc::bad_key);
}

TEST_CASE("RFC 7518 section 2: RSA integers have no leading zeros; 6.3.1: sizes are limited") {
    auto const good = rsa_public();
    CHECK(parse_public_jwk(good));
    CHECK(parse_public_jwk(with(good, "\"AQAB\"", "\"AAEAAQ\"")).error() == errc::bad_key);
    CHECK(parse_public_jwk(with(good, "\"AQAB\"", "\"\"")).error() == errc::bad_key);
    CHECK_FALSE(parse_public_jwk(with(good, "\"AQAB\"", "\"AQ\""))); // e = 1
    CHECK(parse_public_jwk(good, {.min_rsa_bits = 3072}).error() == errc::weak_key);
    CHECK(parse_public_jwk(good, {.min_rsa_bits = 1024, .max_rsa_bits = 1024}).error() == errc::weak_key);
    CHECK(parse_public_jwk(R"({"kty":"RSA","n":")" + b64(std::string(128, '\xff')) + R"(","e":"AQAB"})").error() ==
          errc::weak_key);
}

TEST_CASE("RFC 7518 6.3.2: an RSA key pair needs all its numbers, and they belong together") {
    auto const document = load_vectors("rfc7517.json");
    auto const good = text_of(*document.root().find("C.1"));
    CHECK(parse_private_jwk(good));
    CHECK(parse_private_jwk(with(good, "\"qi\"", "\"other\"")).error() == errc::unsupported_key);
    CHECK(parse_private_jwk(with(good, "\"use\"", "\"oth\":[],\"use\"")).error() == errc::unsupported_key);
    CHECK_FALSE(parse_private_jwk(with(good, "\"GRtbIQ", "\"GRtbIR")));
    CHECK_FALSE(parse_private_jwk(with(good, "\"KkMTWq", "\"KkMTWr")));
    CHECK(parse_private_jwk(with(good, "\"d\"", "\"D\"")).error() == errc::bad_key); // p and the others without d
}

TEST_CASE("RFC 7518 6.2.2: the private scalar has the curve's length and is that of the point") {
    auto const d = std::string{R"(,"d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI")"};
    CHECK(parse_private_jwk(ec(d)));
    CHECK(parse_private_jwk(ec(with(d, "jps", "kps"))).error() == errc::key_mismatch);
    CHECK(parse_private_jwk(ec(with(d, "jpsQ", ""))).error() == errc::bad_key);
    CHECK(parse_private_jwk(ec(with(d, "9LI", "9LJ"))).error() == errc::nonzero_base64_trailing_bits);
    CHECK(parse_private_jwk(ec(with(d, "9LI", "9L*"))).error() == errc::invalid_base64_character);
    CHECK(parse_private_jwk(R"({"kty":"OKP","crv":"Ed25519","d":"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"})")
              .error() == errc::bad_key);
}

TEST_CASE("RFC 7517 4.2 to 4.4: use, key_ops and alg are honoured") {
    auto const permits = [](std::string const& more, key_operation operation) {
        return parse_public_jwk(ec(more))->attributes.permits(operation, alg::es256);
    };
    using enum key_operation;
    CHECK(permits("", verify));
    CHECK(permits(R"(,"use":"sig","key_ops":["verify"],"alg":"ES256")", verify));
    CHECK(permits(R"(,"use":"enc")", verify).error() == errc::key_use_refused);
    CHECK(permits(R"(,"use":"SIG")", verify).error() == errc::key_use_refused);
    CHECK(permits(R"(,"key_ops":["sign"])", verify).error() == errc::key_use_refused);
    CHECK(permits(R"(,"key_ops":[])", verify).error() == errc::key_use_refused);
    CHECK(permits(R"(,"key_ops":["sign","verify"])", sign));
    CHECK(permits(R"(,"use":"enc","key_ops":["verify"])", verify).error() == errc::key_use_refused);
    CHECK(permits(R"(,"alg":"ECDH-ES")", verify).error() == errc::algorithm_mismatch);
}

TEST_CASE("a JWK whose alg is for another type of key contradicts itself") {
    CHECK(parse_public_jwk(ec(R"(,"alg":"ES384")")).error() == errc::wrong_key_type);
    CHECK(parse_public_jwk(ec(R"(,"alg":"HS256")")).error() == errc::wrong_key_type);
    CHECK(parse_public_jwk(with(rsa_public(), "RS256", "HS256")).error() == errc::wrong_key_type);
    CHECK(parse_public_jwk(with(rsa_public(), "RS256", "PS512")));
    CHECK(parse_oct_jwk(R"({"kty":"oct","k":"AAAA","alg":"RS256"})").error() == errc::wrong_key_type);
}

TEST_CASE("2026 advisory: an RSA JWK without alg is an RSA key for RS and PS, never an empty MAC key") {
    auto const key = *parse_public_jwk(with(rsa_public(), "\"alg\"", "\"was\""));
    CHECK(verification_key_of<rs256>(key));
    CHECK(verification_key_of<ps384>(key));
    CHECK(verification_key_of<es256>(key).error() == errc::wrong_key_type);
    CHECK(parse_oct_jwk(with(rsa_public(), "\"alg\"", "\"was\"")).error() == errc::wrong_key_type);
}

TEST_CASE("JWK: what is written is read back as the same, for every algorithm") {
    for (std::size_t i = 0; i != alg_count; ++i) {
        auto const a = static_cast<alg>(i);
        if (traits(a).type == key_type::akp) continue; // ml_dsa.cpp: signet makes no such keys
        CAPTURE(traits(a).name);
        jwk_attributes const attributes{.kid = "k\"\u00e9\n",
                                        .use = "sig",
                                        .key_ops = std::vector<std::string>{"sign"},
                                        .alg = std::string{algorithm_name(a)}};
        if (traits(a).type == key_type::oct) {
            auto const key = *mac_key::generate(a);
            auto const text = *to_json(oct_jwk{attributes, secret::copy_of(key.reveal())});
            auto const again = *parse_oct_jwk(as_text(text.reveal()));
            CHECK(again.octets == secret::copy_of(key.reveal()));
            CHECK(again.attributes.kid == attributes.kid);
            continue;
        }
        auto const key = *private_key::generate(a);
        auto const text = *to_json(private_jwk{attributes, key});
        auto const again = *parse_private_jwk(as_text(text.reveal()));
        CHECK(again.key.public_part() == key.public_part());
        CHECK(again.attributes.key_ops == attributes.key_ops);
        auto const pub = *to_json(public_jwk{public_attributes(again.attributes), again.key.public_part()});
        auto const seen = parse_public_jwk(pub);
        REQUIRE(seen);
        CHECK(seen->key == key.public_part());
        CHECK(seen->attributes.algorithm() == a);
        CHECK(seen->attributes.permits(key_operation::verify, a));
        CHECK(seen->attributes.permits(key_operation::sign, a).error() == errc::key_use_refused);
        CHECK(pub.find("\"d\"") == pub.npos);
    }
}

TEST_CASE("JWK: the public half of a pair may do the other half of its operations") {
    jwk_attributes const both{.key_ops =
                                  std::vector<std::string>{"sign", "verify", "deriveKey", "decrypt", "unwrapKey"}};
    CHECK(*public_attributes(both).key_ops == std::vector<std::string>{"verify", "encrypt", "wrapKey"});
    CHECK_FALSE(public_attributes({}).key_ops);
}

TEST_CASE("JWK: text that is not UTF-8 and buffers that are too small are told") {
    auto const key = parse_public_jwk(ec(""))->key;
    char small[64];
    output out{small};
    CHECK(write_jwk(key, {}, out).error() == errc::buffer_too_small);
    CHECK(to_json(public_jwk{{.kid = "\xff"}, key}).error() == errc::json_not_utf8);
}

TEST_CASE("RFC 7517 4, RFC 7518 6: a refused key says which member it is about") {
    auto const why = [](std::string_view text) {
        auto const key = parse_jwk(text);
        return key ? error{errc{}} : key.error();
    };
    CHECK(why(R"({"k":"AAAA"})") == error{errc::bad_key, field_name::kty});
    CHECK(why(R"({"kty":7})") == error{errc::json_wrong_type, field_name::kty});
    CHECK(why(R"({"kty":"XYZ"})") == error{errc::unsupported_key, field_name::kty});
    CHECK(why(R"({"kty":"oct"})") == error{errc::bad_key, field_name::k});
    CHECK(why(R"({"kty":"oct","k":""})") == error{errc::weak_key, field_name::k});
    CHECK(why(R"({"kty":"oct","k":"AA=="})") == error{errc::invalid_base64_character, field_name::k});
    CHECK(why(R"({"kty":"oct","k":"AAAA","kid":1})") == error{errc::json_wrong_type, field_name::kid});
    CHECK(why(R"({"kty":"oct","k":"AAAA","use":1})") == error{errc::json_wrong_type, field_name::use});
    CHECK(why(R"({"kty":"oct","k":"AAAA","key_ops":"sign"})") == error{errc::json_wrong_type, field_name::key_ops});
    CHECK(why(R"({"kty":"oct","k":"AAAA","key_ops":["sign","sign"]})") == error{errc::bad_key, field_name::key_ops});
    CHECK(why(R"({"kty":"oct","k":"AAAA","alg":"RS256"})") == error{errc::wrong_key_type, field_name::alg});
    CHECK(why(R"({"kty":"EC","crv":"P-9","x":"AA","y":"AA"})") == error{errc::unsupported_key, field_name::crv});
    CHECK(why(R"({"kty":"EC","crv":"P-256","y":"AA"})") == error{errc::bad_key, field_name::x});
    CHECK(why(R"({"kty":"EC","crv":"P-256","x":"AA"})") == error{errc::bad_key, field_name::y});
    CHECK(why(R"({"kty":"RSA","n":"AAAB","e":"AQAB"})") == error{errc::bad_key, field_name::n});
    CHECK(why(R"({"kty":"RSA","n":"AQAB","e":"AAAB"})") == error{errc::bad_key, field_name::e});
    CHECK(why(R"({"kty":"RSA","n":"AQAB","e":"?"})").about == field_name::e);
    jwk_attributes const signing{.use = "enc"}, deriving{.key_ops = std::vector<std::string>{"deriveKey"}};
    CHECK(signing.permits(key_operation::verify, alg::es256).error().about == field_name::use);
    CHECK(deriving.permits(key_operation::verify, alg::es256).error().about == field_name::key_ops);
}

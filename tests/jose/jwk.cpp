#include "vectors.hpp"

#include <signet/crypto/digest.hpp>

#include <algorithm>
#include <fstream>
#include <iterator>
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
    CHECK(parse_public_jwk(ec(R"(,"ext":true,"x5u":["AA=="],"note":{"a":[1,2]},"oct":"")")));
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

// ---- certificates --------------------------------------------------------------------------------------------------

namespace {

/// The certificates of tests/crypto/pem/certificates.pem in base64, each on one line: of a P-256 key, and of an RSA
/// key.
std::vector<std::string> pem_certificates() {
    std::ifstream file{SIGNET_TEST_DATA "/crypto/pem/certificates.pem"};
    std::vector<std::string> found;
    for (std::string line; std::getline(file, line);)
        if (line.starts_with("-----BEGIN")) found.emplace_back();
        else if (!line.starts_with("-----")) found.back() += line;
    REQUIRE(found.size() >= 2);
    return found;
}
bytes der_of(std::string text) {
    text.erase(text.find_last_not_of('=') + 1);
    std::replace(text.begin(), text.end(), '+', '-');
    std::replace(text.begin(), text.end(), '/', '_');
    return *codec::base64url_decode(text);
}
public_key key_of(std::string const& certificate) {
    return *public_key::from_pem("-----BEGIN CERTIFICATE-----\n" + certificate + "\n-----END CERTIFICATE-----\n");
}
/// The JWK of that key with more members.
std::string jwk_with(public_key const& key, std::string const& more) {
    auto text = *to_json(public_jwk{{}, key});
    text.back() = ',';
    return text + more + "}";
}
std::string in_quotes(std::string const& text) { return '"' + text + '"'; }

} // namespace

TEST_CASE("RFC 7517 4.7, 4.9: x5c and x5t#S256 are kept, and written as they were read") {
    auto const certificates = pem_certificates();
    auto const key = key_of(certificates[0]);
    auto const digest = codec::base64url_encode(crypto::sha256(der_of(certificates[0])));
    auto const text = jwk_with(key, R"("kid":"a","x5c":[)" + in_quotes(certificates[0]) + "," +
                                        in_quotes(certificates[1]) + R"(],"x5t#S256":)" + in_quotes(digest));
    auto const read = parse_public_jwk(text);
    REQUIRE(read);
    REQUIRE(read->attributes.x5c.size() == 2);
    CHECK(read->attributes.x5c[0] == der_of(certificates[0]));
    CHECK(read->attributes.x5c[1] == der_of(certificates[1]));
    CHECK(read->attributes.x5t_s256 == digest);
    CHECK(to_json(*read).value() == text);
    auto const any = parse_jwk(text);
    REQUIRE(any);
    CHECK(any->attributes.x5c == read->attributes.x5c);
    auto const set = write_jwk_set(std::vector{*read});
    REQUIRE(set);
    CHECK(*set == R"({"keys":[)" + text + "]}");
    auto const again = parse_jwk_set(*set);
    REQUIRE(again);
    CHECK(again->front().attributes.x5c == read->attributes.x5c);
    // Alone, the digest says which certificate is meant.
    CHECK(parse_public_jwk(jwk_with(key, R"("x5t#S256":)" + in_quotes(digest)))->attributes.x5t_s256 == digest);
}

TEST_CASE("RFC 7517 4.7: the certificate of a key pair is written with its private members") {
    auto const key = private_key::generate(alg::es256);
    bytes const der(2'000, 0xfb);
    auto const text = to_json(private_jwk{{.x5c = {der, der}, .x5t_s256 = std::string(43, 'A')}, *key});
    REQUIRE(text);
    CHECK(as_text(text->reveal()).find(R"("x5c":["+/v7)") != std::string_view::npos);
    CHECK(parse_private_jwk(as_text(text->reveal())).error() == error{errc::bad_certificate, field_name::x5c});
}

TEST_CASE("RFC 7517 4.7, 4.9: certificates that contradict the key, or are none, are refused") {
    auto const certificates = pem_certificates();
    auto const ec = key_of(certificates[0]), rsa = key_of(certificates[1]);
    auto const why = [](public_key const& key, std::string const& more) {
        auto const read = parse_public_jwk(jwk_with(key, more));
        CHECK(parse_jwk(jwk_with(key, more)).has_value() == read.has_value());
        return read ? error{errc{}} : read.error();
    };
    auto const chain = [](std::string const& elements) { return R"("x5c":[)" + elements + "]"; };
    auto const first = in_quotes(certificates[0]), second = in_quotes(certificates[1]);
    CHECK(why(ec, chain(first)) == error{errc{}});
    CHECK(why(rsa, chain(second)) == error{errc{}});

    CHECK(why(rsa, chain(first)) == error{errc::key_mismatch, field_name::x5c});
    CHECK(why(ec, chain(second + "," + first)) == error{errc::key_mismatch, field_name::x5c});
    auto const other = codec::base64url_encode(crypto::sha256(der_of(certificates[1])));
    CHECK(why(ec, chain(first) + R"(,"x5t#S256":)" + in_quotes(other)) ==
          error{errc::key_mismatch, field_name::x5t_s256});
    CHECK(parse_jwk(R"({"kty":"oct","k":"AAAA",)" + chain(first) + "}").error() ==
          error{errc::key_mismatch, field_name::x5c});

    CHECK(why(ec, R"("x5c":)" + first) == error{errc::json_wrong_type, field_name::x5c});
    CHECK(why(ec, chain("7")) == error{errc::json_wrong_type, field_name::x5c});
    CHECK(why(ec, chain("")) == error{errc::bad_certificate, field_name::x5c});
    CHECK(why(ec, chain(R"("AAAA")")) == error{errc::bad_certificate, field_name::x5c});
    CHECK(why(ec, R"("x5t#S256":7)") == error{errc::json_wrong_type, field_name::x5t_s256});
    CHECK(why(ec, R"("x5t#S256":"AAAA")") == error{errc::bad_key, field_name::x5t_s256});
    CHECK(why(ec, R"("x5t#S256":"=")").about == field_name::x5t_s256);

    // Base64 with padding in one spelling: not base64url, no white space, all of the padding.
    auto const padded = certificates[0];
    REQUIRE(padded.ends_with("=="));
    CHECK(why(ec, chain(in_quotes(padded.substr(0, padded.size() - 2)))).code == errc::invalid_base64_length);
    CHECK(why(ec, chain(in_quotes(padded + "===="))).code == errc::invalid_base64_character);
    CHECK(why(ec, chain(in_quotes("    " + padded))).code == errc::invalid_base64_character);
    auto url = padded;
    std::replace(url.begin(), url.end(), '+', '-');
    std::replace(url.begin(), url.end(), '/', '_');
    REQUIRE(url != padded);
    CHECK(why(ec, chain(in_quotes(url))).code == errc::invalid_base64_character);
    auto bits = padded;
    bits[bits.size() - 3] = static_cast<char>(bits[bits.size() - 3] + 1);
    CHECK(why(ec, chain(in_quotes(bits))).code == errc::nonzero_base64_trailing_bits);

    // Bounded: eight certificates, each as large as crypto reads any.
    std::string many = first;
    for (std::size_t i = 1; i != max_jwk_certificates; ++i) many += R"(,"AAAA")";
    CHECK(why(ec, chain(many)) == error{errc{}});
    CHECK(why(ec, chain(many + R"(,"AAAA")")) == error{errc::json_too_many_members, field_name::x5c});
    auto const large = std::string(max_jwk_certificate_size / 3 * 4, 'A');
    CHECK(why(ec, chain(first + "," + in_quotes(large))) == error{errc{}});
    CHECK(why(ec, chain(first + "," + in_quotes(large + "AAAA"))) == error{errc::bad_certificate, field_name::x5c});
}

TEST_CASE("RFC 7517 4.7: a verifier's key set uses the key, whatever its certificates say") {
    auto const certificates = pem_certificates();
    auto const set =
        R"({"keys":[)" + jwk_with(key_of(certificates[0]), R"("kid":"a","x5c":[")" + certificates[1] + R"("])") + "]}";
    auto const keys = parse_key_list(set, algorithm_set::of<es256>());
    REQUIRE(keys);
    CHECK(keys->size() == 1);
    CHECK(parse_jwk_set(set).error() == errc::empty_key_set); // for programs that ask for the JWK itself
}

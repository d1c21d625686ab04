#include "vectors.hpp"

#include <array>
#include <string>
#include <vector>

using namespace signet;
using namespace signet::jose;

namespace {

constexpr auto every_signature =
    algorithm_set::of<rs256, rs384, rs512, ps256, ps384, ps512, es256, es384, es512, es256k, ed25519>();

any_key_set list_for(any_jwk jwk, alg a) {
    algorithm_set set;
    set.insert(a);
    any_key_set list{set};
    REQUIRE(list.add(std::move(jwk)));
    return list;
}

/// What a header is refused with; the token is otherwise good.
errc header_refusal(std::string_view header) {
    any_key_set list{algorithm_set::of<hs256>()};
    REQUIRE(list.add(std::nullopt, test_mac_key()));
    auto const seen = jws_verify(list, token_with(header, "payload", test_mac_key()));
    return seen ? errc{} : seen.error().code;
}
constexpr auto accepted = errc{};

std::string signed_text(private_key const& key, alg a, std::string_view payload, header_params const& params = {}) {
    std::string token;
    output out{token};
    REQUIRE(jws_sign(key, a, as_bytes(payload), params, out));
    return token;
}

void check_vectors(char const* file) {
    auto const document = load_vectors(file);
    for (auto const vector : at(document, {"vectors"})) {
        auto const name = member(vector, "name"), token = member(vector, "token");
        CAPTURE(name);
        if (auto const refused = vector.find("refused")) {
            any_key_set list{every_signature};
            CHECK(signet::name(jws_verify(list, token).error().code) == *refused->as_string());
            continue;
        }
        auto const a = *find_algorithm(member(vector, "alg"));
        auto jwk = *parse_jwk(*vector.find("key"));
        auto const list = list_for(*parse_jwk(*vector.find("key")), a);
        auto const seen = jws_verify(list, token);
        REQUIRE(seen);
        CHECK(seen->algorithm() == a);
        if (auto const payload = vector.find("payload")) CHECK(as_text(seen->payload()) == *payload->as_string());

        // Signed anew with the vector's own header; where the algorithm leaves no choice, octet by octet the same.
        auto const header = seen->header();
        header_params const params{.kid = header.find("kid") ? std::optional{*header.find("kid")->as_string()}
                                                             : std::nullopt};
        std::string fresh;
        output out{fresh};
        if (jwk.octets)
            REQUIRE(jws_sign(*mac_key::from_secret(std::move(*jwk.octets), a), seen->payload(), params, out));
        else REQUIRE(jws_sign(*jwk.private_part, a, seen->payload(), params, out));
        CHECK(jws_verify(list, fresh).value().payload() == seen->payload());
        auto const same = vector.find("reproducible");
        if (same && *same->as_bool()) CHECK(fresh == token);
    }
}

} // namespace

TEST_CASE("RFC 7515 A.1 to A.4 verify, A.5 is refused") { check_vectors("rfc7515.json"); }
TEST_CASE("RFC 7519 3.1 verifies, 6.1 is refused") { check_vectors("rfc7519.json"); }
TEST_CASE("RFC 7520 4.1 to 4.4 verify") { check_vectors("rfc7520.json"); }
TEST_CASE("RFC 8037 A.4 verifies and is made again octet by octet") { check_vectors("rfc8037.json"); }

TEST_CASE("RFC 7515 A.5: none is refused in every spelling") {
    CHECK(header_refusal(R"({"alg":"none"})") == errc::unsigned_token);
    for (auto const* alg : {"None", "NONE", "nOnE", "", "none ", "hs256", "HS256\\u0000", "HS1", "RSA1_5"})
        CHECK(header_refusal(std::string{R"({"alg":")"} + alg + "\"}") == errc::algorithm_not_allowed);
}

TEST_CASE("RFC 7515 3.1 and 7.1: exactly three parts") {
    auto const reason = [](std::string_view token) { return split_compact(token, 100).error(); };
    CHECK(reason("") == errc::malformed_token);
    CHECK(reason("a") == errc::malformed_token);
    CHECK(reason("a.b") == errc::malformed_token);
    CHECK(reason("a.b.c.d") == error{errc::malformed_token, 5});
    CHECK(reason("a.b.c.d.e.f") == errc::malformed_token);
    CHECK(reason(".b.c") == errc::malformed_token);
    CHECK(reason("a.b.c.d.e") == errc::encrypted_token); // RFC 7516 section 9
    CHECK(reason(std::string(101, 'a')) == errc::token_too_large);
    auto const parts = split_compact("aa.b.ccc", 8);
    REQUIRE(parts);
    CHECK(parts->header == "aa");
    CHECK(parts->payload == "b");
    CHECK(parts->signature == "ccc");
    CHECK(parts->signing_input == "aa.b");
    CHECK(split_compact("a..", 3)->payload.empty());
}

TEST_CASE("RFC 7515 section 4: header members have their types") {
    CHECK(header_refusal(R"({"alg":"HS256"})") == accepted);
    CHECK(header_refusal(R"( {"alg":"HS256", "x":[{"y":null}]}
)") == accepted);
    for (auto const* header :
         {"{}", "[]", "5", "\"HS256\"", R"({"ALG":"HS256"})", R"({"alg":["HS256"]})", R"({"alg":null})"})
        CHECK(header_refusal(header) == errc::malformed_header);
    for (auto const* name : {"kid", "typ", "cty", "jku", "x5u", "x5t", "x5t#S256", "x5c", "jwk"})
        CHECK(header_refusal(std::string{R"({"alg":"HS256",")"} + name + "\":5}") == errc::malformed_header);
    CHECK(header_refusal(R"({"alg":"HS256","alg":"HS256"})") == errc::duplicate_json_name);
    CHECK(header_refusal(R"({"alg":"HS256","\u0061lg":"none"})") == errc::duplicate_json_name);
    CHECK(header_refusal(R"({"alg":"HS256"}x)") == errc::malformed_json);
    CHECK(header_refusal(std::string{R"({"alg":"HS256"})"} + '\0') == errc::malformed_json);
    CHECK(header_refusal("{\"alg\":\"HS256\",\"typ\":\"\xff\"}") == errc::json_not_utf8);
    CHECK(header_refusal("{\"alg\":\"HS256\",\"a\":" + std::string(40, '[') + std::string(40, ']') + "}") ==
          errc::json_too_deep);
}

TEST_CASE("RFC 7515 4.1.11: crit") {
    auto const with_crit = [](std::string const& crit) {
        return header_refusal(R"({"alg":"HS256","known":1,"crit":)" + crit + "}");
    };
    CHECK(with_crit(R"(["known"])") == errc::unknown_critical_header);
    for (auto const* crit : {"[]", "\"known\"", "null", "{}", "[1]", R"(["known","known"])", R"(["absent"])",
                             R"(["known","absent"])", R"(["alg"])", R"(["crit"])", R"([""])"})
        CHECK(with_crit(crit) == errc::malformed_header);
    CHECK(header_refusal(R"({"alg":"HS256","exp":1,"crit":["exp"]})") == errc::unknown_critical_header);
    CHECK(header_refusal(R"({"alg":"HS256","zip":"DEF","crit":["zip"]})") == errc::malformed_header); // RFC 7516

    any_key_set list{algorithm_set::of<hs256>()};
    REQUIRE(list.add(std::nullopt, test_mac_key()));
    auto const token = token_with(R"({"alg":"HS256","known":1,"crit":["known"]})", "x", test_mac_key());
    std::string_view const mine[] = {"known"};
    CHECK(jws_verify(list, token, {.understood = mine}));
    CHECK(jws_verify(list, token).error() == errc::unknown_critical_header);
}

TEST_CASE("RFC 7797: b64 of false is refused, with and without crit; true says nothing new") {
    CHECK(header_refusal(R"({"alg":"HS256","b64":false,"crit":["b64"]})") == errc::unknown_critical_header);
    CHECK(header_refusal(R"({"alg":"HS256","b64":false})") == errc::unknown_critical_header);
    CHECK(header_refusal(R"({"alg":"HS256","b64":true,"crit":["b64"]})") == accepted);
    CHECK(header_refusal(R"({"alg":"HS256","b64":"true"})") == errc::malformed_header);
}

TEST_CASE("read_header: into the caller's memory") {
    std::array<char, 200> text;
    std::array<codec::json_node, 101> nodes;
    auto const encoded = b64(R"({"alg":"EdDSA","kid":"\u0061","typ":"JWT","cty":"JWT","jwk":{"kty":"OKP"}})");
    auto const header = read_header(encoded, text, nodes);
    REQUIRE(header);
    CHECK(header->algorithm == alg::ed25519);
    CHECK(header->spelling == ed25519_name::eddsa);
    CHECK(header->kid == "a");
    CHECK(header->typ == "JWT");
    CHECK(header->cty == "JWT");
    CHECK(member(header->jwk, "kty") == "OKP");
    CHECK(read_header(encoded, std::span{text}.first(10), nodes).error() == errc::buffer_too_small);
    CHECK(read_header(encoded, text, std::span{nodes}.first(3)).error() == errc::json_too_many_members);
    CHECK(read_header(encoded + "=", text, nodes).error().code != errc{});
    auto const many = R"({"alg":"ES256","a":[)" + std::string("1") + std::string(",1,1,1,1,1,1,1,1,1", 18) + "]}";
    CHECK(read_header(b64(many), text, std::span{nodes}.first(max_header_nodes(many.size()))));
}

TEST_CASE("every algorithm: signed, verified, and refused with another key, algorithm or half") {
    for (std::size_t i = 0; i != alg_count; ++i) {
        auto const a = static_cast<alg>(i);
        if (traits(a).type == key_type::akp) continue; // ml_dsa.cpp: signet makes no such keys
        CAPTURE(traits(a).name);
        auto const make = [&] {
            any_jwk jwk;
            if (traits(a).type == key_type::oct) jwk.octets = secret::copy_of(mac_key::generate(a)->reveal());
            else jwk.private_part = *private_key::generate(a);
            return jwk;
        };
        auto const sign = [&](any_jwk const& jwk, std::string_view payload) {
            if (jwk.private_part) return signed_text(*jwk.private_part, a, payload);
            std::string token;
            output out{token};
            REQUIRE(
                jws_sign(*mac_key::from_secret(secret::copy_of(jwk.octets->reveal()), a), as_bytes(payload), {}, out));
            return token;
        };
        auto jwk = make();
        auto const first = sign(jwk, "first"), second = sign(jwk, "second"), empty = sign(jwk, "");
        auto const list = list_for(std::move(jwk), a), other = list_for(make(), a);
        CHECK(as_text(jws_verify(list, first).value().payload()) == "first");
        CHECK(jws_verify(list, empty).value().payload().empty());
        CHECK(jws_verify(other, first).error() == errc::bad_signature);
        auto const one = *split_compact(first, 10'000), two = *split_compact(second, 10'000);
        CHECK(jws_verify(list, std::string{one.signing_input} + "." + std::string{two.signature}).error() ==
              errc::bad_signature);
        CHECK(jws_verify(list, std::string{one.signing_input} + ".").error() == errc::bad_signature);
        CHECK(jws_verify(list, std::string{one.signing_input} + "." + std::string(2000, 'A')).error() ==
              errc::bad_signature);
        any_key_set none{traits(a).type == key_type::oct ? list.accepted() : every_signature};
        CHECK(jws_verify(none, first).error() == errc::unknown_key);
    }
}

TEST_CASE("every truncation and every bit flip of a token is refused") {
    auto const key = *private_key::generate(alg::ed25519);
    any_key_set list{algorithm_set::of<ed25519>()};
    REQUIRE(list.add("k", key.public_part(), algorithm_set::of<ed25519>()));
    auto const token = signed_text(key, alg::ed25519, R"({"sub":"ann"})", {.kid = "k"});
    REQUIRE(jws_verify(list, token));
    for (std::size_t i = 0; i != token.size(); ++i) {
        REQUIRE_FALSE(jws_verify(list, token.substr(0, i)));
        for (int bit = 0; bit != 8; ++bit) {
            auto flipped = token;
            flipped[i] = static_cast<char>(flipped[i] ^ (1 << bit));
            REQUIRE_FALSE(jws_verify(list, flipped));
        }
    }
    for (auto const* more : {"=", "\n", " ", ".", "A"}) CHECK_FALSE(jws_verify(list, token + more));
    CHECK_FALSE(jws_verify(list, " " + token));
    CHECK(jws_verify(list, token, {.max_token = token.size() - 1}).error() == errc::token_too_large);
}

TEST_CASE("RFC 8725 2.1: a public key is no HMAC secret, and the header's alg may only agree with the key") {
    auto const key = *private_key::generate(alg::rs256);
    auto const pem = key.public_part().to_pem();
    auto const forged =
        token_with(R"({"alg":"HS256"})", "x", *mac_key::from_secret(secret::copy_of(as_bytes(pem)), alg::hs256));
    auto const keys = *parse_key_set<rs256, es256>(*to_json(public_jwk{{.kid = "r"}, key.public_part()}));
    CHECK(jws_verify(keys, forged).error() == errc::algorithm_not_allowed);
    CHECK(jws_verify(keys, signed_text(key, alg::rs512, "x")).error() == errc::algorithm_not_allowed);
    CHECK(jws_verify(keys, signed_text(*private_key::generate(alg::es256), alg::es256, "x", {.kid = "r"})).error() ==
          errc::algorithm_mismatch);
    CHECK(jws_verify(keys, signed_text(key, alg::rs256, "x", {.kid = "s"})).error() == errc::unknown_key);
    CHECK(jws_verify(keys, signed_text(key, alg::rs256, "x")));
}

TEST_CASE("RFC 7515 4.1.3: a key in the header is never used to verify") {
    auto const mine = *private_key::generate(alg::es256), theirs = *private_key::generate(alg::es256);
    auto const keys = *parse_key_set<es256>(*to_json(public_jwk{{}, mine.public_part()}));
    auto const& pub = theirs.public_part();
    CHECK(jws_verify(keys, signed_text(theirs, alg::es256, "x", {.jwk = &pub})).error() == errc::bad_signature);
}

TEST_CASE("headers: what is asked for is written, in one order") {
    auto const key = *private_key::generate(alg::ed25519);
    auto const& pub = key.public_part();
    header_member const more[] = {{"nonce", "\"n\""}, {"n", "[1]"}};
    header_params const params{
        .kid = "k\"", .typ = "dpop+jwt", .cty = "JWT", .jwk = &pub, .more = more, .spelling = ed25519_name::ed25519};
    std::string text;
    output out{text};
    REQUIRE(write_header(alg::ed25519, params, out));
    CHECK(text ==
          R"({"alg":"Ed25519","kid":"k\"","typ":"dpop+jwt","cty":"JWT","jwk":{"kty":"OKP","crv":"Ed25519","x":")" +
              codec::base64url_encode(pub.x()) + R"("},"nonce":"n","n":[1]})");
    any_key_set list{algorithm_set::of<ed25519>()};
    REQUIRE(list.add(std::nullopt, pub, algorithm_set::of<ed25519>()));
    CHECK(jws_verify(list, signed_text(key, alg::ed25519, "x", params)));
    CHECK(jws_verify(list, signed_text(key, alg::ed25519, "x")).value().algorithm() == alg::ed25519); // EdDSA

    auto const long_kid = std::string(3000, 'k');
    CHECK(jws_verify(list, signed_text(key, alg::ed25519, "x", {.kid = long_kid})));
    for (std::string_view own : {"alg", "kid", "typ", "cty", "jwk"}) { // readers differ in which of two they take
        header_member const again[] = {{own, "\"none\""}};
        CHECK(write_header(alg::ed25519, {.more = again}, out).error() == errc::duplicate_json_name);
    }
    header_member const twice[] = {{"n", "1"}, {"nonce", "2"}, {"n", "3"}};
    CHECK(write_header(alg::ed25519, {.more = twice}, out).error() == errc::duplicate_json_name);
}

TEST_CASE("signing into a buffer: exactly what fits, behind what is there, and the reasons") {
    auto const key = *private_key::generate(alg::es256);
    std::string const whole = signed_text(key, alg::es256, "payload");
    for (std::size_t size = 0; size <= whole.size(); ++size) {
        std::vector<char> buffer(size);
        output out{buffer};
        auto const done = jws_sign(key, alg::es256, as_bytes("payload"), {}, out);
        REQUIRE(done.has_value() == (size == whole.size()));
        if (!done) REQUIRE(done.error() == errc::buffer_too_small);
    }
    std::string text = "token=";
    output out{text};
    out.append("[");
    REQUIRE(jws_sign(key, alg::es256, as_bytes("payload"), {}, out));
    CHECK(text.starts_with("token=[eyJ"));
    any_key_set list{algorithm_set::of<es256>()};
    REQUIRE(list.add(std::nullopt, key.public_part(), algorithm_set::of<es256>()));
    CHECK(jws_verify(list, std::string_view{text}.substr(7)));
    CHECK(jws_sign(key, alg::es384, {}, {}, out).error() == errc::wrong_key_type);
    CHECK(jws_sign(key, alg::hs256, {}, {}, out).error() == errc::wrong_key_type);
    CHECK(jws_sign(key, alg::es256, {}, {.kid = "\xff"}, out).error() == errc::json_not_utf8);
}

TEST_CASE("RFC 7515 5.1: signing input out, signature in, for signers that are elsewhere") {
    auto const key = *private_key::generate(alg::es256);
    std::string text;
    output out{text};
    REQUIRE(jws_signing_input(alg::es256, as_bytes("payload"), {.kid = "hsm"}, out));
    auto const signature = *crypto::sign(key, alg::es256, as_bytes(text));
    jws_append_signature(signature, out);
    any_key_set list{algorithm_set::of<es256>()};
    REQUIRE(list.add("hsm", key.public_part(), algorithm_set::of<es256>()));
    CHECK(as_text(jws_verify(list, text).value().payload()) == "payload");
}

TEST_CASE("without kid each candidate is tried, and the one that verified is told") {
    key_set<es256> keys;
    std::vector<private_key> owned;
    for (int i = 0; i != 4; ++i) {
        owned.push_back(*private_key::generate(alg::es256));
        REQUIRE(keys.add(std::to_string(i), *verification_key<es256>::from_key(owned.back().public_part())));
    }
    for (std::size_t i = 0; i != owned.size(); ++i)
        CHECK(jws_verify(keys, signed_text(owned[i], alg::es256, "x")).value().key_index() == i);
    CHECK(jws_verify(keys, signed_text(*private_key::generate(alg::es256), alg::es256, "x")).error() ==
          errc::bad_signature);
}

TEST_CASE("RFC 7515 4.1: a refused header says which parameter it is about") {
    any_key_set list{algorithm_set::of<hs256>()};
    REQUIRE(list.add("k", test_mac_key()));
    auto const why = [&](std::string_view header) {
        auto const seen = jws_verify(list, token_with(header, "payload", test_mac_key()));
        return seen ? error{accepted} : seen.error();
    };
    CHECK(why(R"({"alg":"HS256"})") == accepted);
    CHECK(why(R"({"typ":"JWT"})") == error{errc::malformed_header, field_name::alg});
    CHECK(why(R"({"alg":1})") == error{errc::malformed_header, field_name::alg});
    CHECK(why(R"({"alg":"none"})") == error{errc::unsigned_token, field_name::alg});
    CHECK(why(R"({"alg":"XS256"})") == error{errc::algorithm_not_allowed, field_name::alg});
    CHECK(why(R"({"alg":"HS384"})") == error{errc::algorithm_not_allowed, field_name::alg});
    CHECK(why(R"({"alg":"HS256","kid":1})") == error{errc::malformed_header, field_name::kid});
    CHECK(why(R"({"alg":"HS256","kid":"x"})") == error{errc::unknown_key, field_name::kid});
    CHECK(why(R"({"alg":"HS256","x5t#S256":1})") == error{errc::malformed_header, field_name::x5t_s256});
    CHECK(why(R"({"alg":"HS256","x5c":1})") == error{errc::malformed_header, field_name::x5c});
    CHECK(why(R"({"alg":"HS256","jwk":1})") == error{errc::malformed_header, field_name::jwk});
    CHECK(why(R"({"alg":"HS256","crit":[]})") == error{errc::malformed_header, field_name::crit});
    CHECK(why(R"({"alg":"HS256","crit":["a","a"],"a":1})") == error{errc::malformed_header, field_name::crit});
    CHECK(why(R"({"alg":"HS256","crit":["a"],"a":1})") == error{errc::unknown_critical_header, field_name::crit});
    CHECK(why(R"({"alg":"HS256","b64":false})") == error{errc::unknown_critical_header, field_name::b64});
}

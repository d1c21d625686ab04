// Hostile clients: each proof that is wrong in one thing, each field missing or oversized, sessions crossed. What comes
// back is checked, and that the owner of the session noticed nothing.
#include "site.hpp"

#include <signet/codec/base64url.hpp>
#include <signet/crypto/signature.hpp>
#include <signet/jose/jwk.hpp>

#include <vector>

using namespace dbsc_test;

namespace {

std::string encoded(std::string_view text) { return codec::base64url_encode(as_bytes(text)); }

// A JWS with any header and payload, truly signed.
std::string forged(browser const& b, std::string_view header, std::string_view payload) {
    auto const input = encoded(header) + "." + encoded(payload);
    return input + "." + codec::base64url_encode(*crypto::sign(b.key, b.algorithm, as_bytes(input)));
}

std::string jwk_of(public_key const& key) {
    std::string text;
    output out{text};
    REQUIRE(jose::write_jwk(key, {}, out));
    return text;
}

std::string with(std::string text, std::string_view what, std::string_view instead) {
    auto const at = text.find(what);
    REQUIRE(at != text.npos);
    return text.replace(at, what.size(), instead);
}

struct wrong {
    std::string name;
    std::string token;
    errc at_registration; // errc{}: good there
    errc at_refresh;
};

// Wrong in one thing each. `jwk` is the key in the header, empty for a refresh.
std::vector<wrong> wrong_proofs(browser const& b, std::string const& challenge, bool registration) {
    auto const jwk = jwk_of(b.key.public_part());
    auto const header = registration ? R"({"alg":"ES256","jwk":)" + jwk + R"(,"typ":"dbsc+jwt"})"
                                     : std::string{R"({"alg":"ES256","typ":"dbsc+jwt"})"};
    auto const payload = R"({"jti":")" + challenge + R"("})";
    auto const good = forged(b, header, payload);
    auto const dot = good.find('.'), second = good.find('.', dot + 1);
    auto const raw = *codec::base64url_decode(good.substr(second + 1));
    auto const signature = [&](bytes const& octets) {
        return good.substr(0, second + 1) + codec::base64url_encode(octets);
    };
    auto const said = [&](std::string_view h, std::string_view p) { return forged(b, h, p); };

    std::vector<wrong> all;
    auto const add = [&](std::string name, std::string token, errc both) {
        all.push_back({std::move(name), std::move(token), both, both});
    };
    // the form
    add("two parts", good.substr(0, second), errc::malformed_token);
    add("four parts", good + ".", errc::malformed_token);
    add("five parts", good + "..", errc::encrypted_token);
    add("no header", good.substr(dot), errc::malformed_token);
    add("padding", good + "=", errc::invalid_base64_character);
    add("a header that is no base64url", "*" + good.substr(1), errc::invalid_base64_character);
    add("a header that is no JSON", said("{", payload), errc::malformed_json);
    add("a header that is no object", said("[]", payload), errc::malformed_header);
    add("a header with a member twice", said(with(header, "{", R"({"alg":"ES256",)"), payload),
        errc::duplicate_json_name);
    add("trailing octets in the header", said(header + "x", payload), errc::malformed_json);
    // typ and alg
    add("no typ", said(with(header, R"(,"typ":"dbsc+jwt")", ""), payload), errc::wrong_dbsc_proof_type);
    add("another typ", said(with(header, "dbsc+jwt", "dpop+jwt"), payload), errc::wrong_dbsc_proof_type);
    add("typ JWT", said(with(header, "dbsc+jwt", "JWT"), payload), errc::wrong_dbsc_proof_type);
    add("typ in capitals", said(with(header, "dbsc+jwt", "DBSC+JWT"), payload), errc::wrong_dbsc_proof_type);
    add("typ a number", said(with(header, R"("dbsc+jwt")", "1"), payload), errc::malformed_header);
    add("no alg", said(with(header, R"("alg":"ES256",)", ""), payload), errc::malformed_header);
    add("alg none", encoded(with(header, "ES256", "none")) + "." + encoded(payload) + ".", errc::unsigned_token);
    add("alg None", said(with(header, "ES256", "None"), payload), errc::algorithm_not_allowed);
    add("alg es256", said(with(header, "ES256", "es256"), payload), errc::algorithm_not_allowed);
    for (auto a : {"ES384", "HS256", "PS256", "EdDSA"})
        all.push_back({std::string{"alg "} + a, said(with(header, "ES256", a), payload), errc::algorithm_not_allowed,
                       errc::algorithm_mismatch});
    all.push_back({"alg RS256 with an EC key", said(with(header, "ES256", "RS256"), payload), errc::dbsc_key_refused,
                   errc::algorithm_mismatch});
    add("crit", said(with(header, "{", R"({"crit":["x"],"x":1,)"), payload), errc::unknown_critical_header);
    add("b64 false", said(with(header, "{", R"({"b64":false,)"), payload), errc::unknown_critical_header);
    // the payload
    add("an empty payload", said(header, ""), errc::malformed_json);
    add("a payload that is no object", said(header, "[]"), errc::malformed_dbsc_proof);
    add("no jti", said(header, "{}"), errc::malformed_dbsc_proof);
    add("jti a number", said(header, R"({"jti":1})"), errc::malformed_dbsc_proof);
    add("jti null", said(header, R"({"jti":null})"), errc::malformed_dbsc_proof);
    add("jti twice", said(header, R"({"jti":"x","jti":")" + challenge + R"("})"), errc::duplicate_json_name);
    add("jti empty", said(header, R"({"jti":""})"), errc::dbsc_challenge_refused);
    add("jti cut", said(header, R"({"jti":")" + challenge.substr(1) + R"("})"), errc::dbsc_challenge_refused);
    add("jti longer", said(header, R"({"jti":")" + challenge + R"(A"})"), errc::dbsc_challenge_refused);
    add("jti another", said(header, R"({"jti":")" + std::string(43, 'A') + R"("})"), errc::dbsc_challenge_refused);
    add("jti with a NUL", said(header, R"({"jti":")" + challenge + R"(\u0000"})"), errc::dbsc_challenge_refused);
    add("authorization a number", said(header, R"({"authorization":1,"jti":")" + challenge + R"("})"),
        errc::malformed_dbsc_proof);
    add("not UTF-8", said(header, std::string{"{\"jti\":\"\xff\"}"}), errc::json_not_utf8);
    // the signature
    add("no signature", good.substr(0, second + 1), errc::invalid_dbsc_signature);
    add("a signature cut", signature(bytes(raw.begin(), raw.end() - 1)), errc::invalid_dbsc_signature);
    auto longer = raw;
    longer.push_back(0);
    add("a longer signature", signature(longer), errc::invalid_dbsc_signature);
    add("a signature of zeros", signature(bytes(64)), errc::invalid_dbsc_signature);
    add("two signatures", signature([&] {
            auto twice = raw;
            twice.insert(twice.end(), raw.begin(), raw.end());
            return twice;
        }()),
        errc::invalid_dbsc_signature);
    browser const other;
    add("another key's signature",
        good.substr(0, second + 1) +
            codec::base64url_encode(*crypto::sign(other.key, alg::es256, as_bytes(good.substr(0, second)))),
        errc::invalid_dbsc_signature);
    // the field
    add("oversized", good + std::string(dbsc::max_proof_size, 'A'), errc::header_too_large);
    add("a space in it", good.substr(0, 20) + " " + good.substr(20), errc::malformed_header_field);
    add("twice in one field", good + ", " + good, errc::malformed_header_field);
    add("a quote that does not end", "\"" + good, errc::malformed_header_field);
    add("only a quote", "\"", errc::malformed_header_field);
    add("empty quotes", "\"\"", errc::header_missing);
    if (!registration) {
        // A key in the header of a refresh: its own, somebody else's, with the matching signature.
        auto const keyed = [&](browser const& by) {
            return forged(by, R"({"alg":"ES256","jwk":)" + jwk_of(by.key.public_part()) + R"(,"typ":"dbsc+jwt"})",
                          payload);
        };
        all.push_back({"the own key in the header", keyed(b), errc{}, errc::dbsc_key_refused});
        all.push_back({"another key in the header", keyed(other), errc{}, errc::dbsc_key_refused});
        return all;
    }
    // the key
    auto const key = [&](std::string_view text) {
        return said(R"({"alg":"ES256","jwk":)" + std::string{text} + R"(,"typ":"dbsc+jwt"})", payload);
    };
    add("no jwk", said(R"({"alg":"ES256","typ":"dbsc+jwt"})", payload), errc::dbsc_key_refused);
    add("jwk null", key("null"), errc::malformed_header);
    add("jwk a text", key("\"x\""), errc::malformed_header);
    add("jwk empty", key("{}"), errc::bad_key);
    add("jwk oct", key(R"({"kty":"oct","k":"AAAA"})"), errc::private_key_refused);
    add("jwk private", key(with(jwk, "{", R"({"d":"AAAA",)")), errc::private_key_refused);
    add("jwk for encryption", key(with(jwk, "{", R"({"use":"enc",)")), errc::key_use_refused);
    add("jwk of another alg", key(with(jwk, "{", R"({"alg":"ES384",)")), errc::wrong_key_type);
    add("jwk off the curve",
        key(R"({"kty":"EC","crv":"P-256","x":")" + std::string(43, 'A') + R"(","y":")" + std::string(43, 'A') +
            R"("})"),
        errc::bad_key);
    add("jwk too short", key(R"({"kty":"EC","crv":"P-256","x":"AAAA","y":"AAAA"})"), errc::bad_key);
    add("jwk of another curve", key(with(jwk, "P-256", "P-384")), errc::bad_key);
    add("jwk RSA of 1024 bits",
        key(R"({"kty":"RSA","e":"AQAB","n":")" + codec::base64url_encode(bytes(128, 0xff)) + R"("})"), errc::weak_key);
    add("jwk RSA of 8192 bits",
        key(R"({"kty":"RSA","e":"AQAB","n":")" + codec::base64url_encode(bytes(1024, 0xff)) + R"("})"), errc::weak_key);
    add("an authorization nobody gave", said(header, R"({"authorization":"x","jti":")" + challenge + R"("})"),
        errc::dbsc_authorization_mismatch);
    return all;
}

bool asks_again(dbsc::response const& answer, std::string_view id) {
    auto const field = answer.find("Secure-Session-Challenge");
    return answer.status == 403 && field.ends_with(";id=\"" + std::string{id} + "\"") &&
           answer.find("Set-Cookie").empty() && answer.body.empty();
}

} // namespace

TEST_CASE("DBSC.md 3 a registration that is wrong in one thing is refused, nothing is made, and the challenge stays") {
    for (auto const& names : wrong_proofs(browser{}, std::string(43, 'A'), true)) {
        site<> s;
        browser b;
        auto const field = s.offer({.user = "anna"});
        auto const records = s.db.size();
        for (auto const& one : wrong_proofs(b, parameter(field, "challenge"), true)) {
            if (one.name != names.name) continue;
            CAPTURE(one.name);
            auto const done = s.finish({.method = "POST", .response = one.token});
            REQUIRE_FALSE(done.outcome);
            CHECK(name(done.outcome.error().code) == name(one.at_registration));
            CHECK(done.answer.status == http_status(one.at_registration, role::dbsc));
            CHECK((done.answer.status == 400 || done.answer.status == 403));
            CHECK(done.answer.find("Set-Cookie").empty());
            CHECK(done.answer.find("Secure-Session-Challenge").empty());
            CHECK(done.answer.body.empty());
            // Only a good signature uses the challenge up.
            bool const used = one.at_registration == errc::dbsc_authorization_mismatch;
            CHECK(s.finish(b.registration(field)).outcome.has_value() == !used);
            CHECK(s.db.size() == (used ? records - 1 : records));
        }
    }
}

TEST_CASE(
    "DBSC.md 5 a refresh that is wrong in one thing is answered 403 with a challenge; the owner notices nothing") {
    site<> s;
    auto owner = s.logged_in();
    for (auto const& one : wrong_proofs(owner, owner.challenge, false)) {
        CAPTURE(one.name);
        auto const done = s.refresh({.method = "POST", .response = one.token, .session_id = owner.id});
        REQUIRE_FALSE(done.outcome);
        CHECK(name(done.outcome.error().code) == name(one.at_refresh));
        CHECK(asks_again(done.answer, owner.id));
        CHECK(s.check(owner));
    }
    CHECK(s.refresh(owner.refresh()).outcome); // with the challenge it has had all the time
}

TEST_CASE("DBSC.md 5 every bit of a proof counts") {
    site<> s;
    auto owner = s.logged_in();
    std::string const good{owner.refresh().response};
    for (std::size_t i = 0; i != good.size(); ++i)
        for (int bit = 0; bit != 8; ++bit) {
            auto token = good;
            token[i] = static_cast<char>(token[i] ^ (1 << bit));
            auto const done = s.refresh({.method = "POST", .response = token, .session_id = owner.id});
            if (!asks_again(done.answer, owner.id))
                FAIL_CHECK("character " << i << ", bit " << bit << ": " << done.answer.status);
        }
    CHECK(s.check(owner));
    CHECK(s.refresh(owner.refresh()).outcome);
}

TEST_CASE(
    "DBSC.md 5 each field of a refresh missing, malformed or oversized: 4xx only for what no browser with a session sends") {
    site<> s;
    auto owner = s.logged_in();
    auto const good = owner.refresh();
    auto const changed = [&](auto change) {
        auto r = good;
        change(r);
        auto const done = s.refresh(r);
        CHECK_FALSE(done.outcome);
        CHECK(done.answer.find("Set-Cookie").empty());
        CHECK(s.check(owner));
        return std::pair{done.answer.status, done.outcome.error().code};
    };
    for (std::string_view method : {"", "GET", "HEAD", "PUT", "post", "POST ", "OPTIONS"}) {
        CHECK(changed([&](auto& r) { r.method = method; }) == std::pair{405, errc::wrong_dbsc_method});
        CHECK(s.refresh({.method = method}).answer.find("Allow") == "POST");
    }
    CHECK(changed([](auto& r) { r.session_id = {}; }) == std::pair{400, errc::header_missing});
    CHECK(changed([](auto& r) { r.session_id = "\"\""; }) == std::pair{400, errc::header_missing});
    CHECK(changed([](auto& r) { r.session_id = "a b"; }) == std::pair{400, errc::malformed_header_field});
    CHECK(changed([](auto& r) { r.session_id = "a, b"; }) == std::pair{400, errc::malformed_header_field});
    CHECK(changed([](auto& r) { r.session_id = "\"a"; }) == std::pair{400, errc::malformed_header_field});
    CHECK(changed([](auto& r) { r.session_id = "a\r\nSet-Cookie: x=y"; }) ==
          std::pair{400, errc::malformed_header_field});
    std::string const big(257, 'a');
    CHECK(changed([&](auto& r) { r.session_id = big; }) == std::pair{400, errc::header_too_large});
    std::string const huge(1'000'000, 'a');
    CHECK(changed([&](auto& r) { r.session_id = huge; }) == std::pair{400, errc::header_too_large});
    CHECK(changed([&](auto& r) { r.response = huge; }) == std::pair{403, errc::header_too_large});
    CHECK(changed([](auto& r) { r.response = {}; }) == std::pair{403, errc::dbsc_proof_missing});
}

TEST_CASE("DBSC.md 3 and 5 sessions crossed: no proof, key, challenge or cookie of one is good for the other") {
    site<> s;
    auto anna = s.logged_in({.user = "anna"}), mallory = s.logged_in({.user = "mallory"});
    auto const tried = [&](std::string_view id, std::string const& token, errc why) {
        auto const done = s.refresh({.method = "POST", .response = token, .session_id = id});
        CHECK_FALSE(done.outcome);
        CHECK(name(done.outcome.error().code) == name(why));
        CHECK(asks_again(done.answer, id));
    };
    auto const proof = [](browser const& by, std::string const& challenge) {
        return *dbsc::sign_refresh(by.key, alg::es256, challenge);
    };
    tried(anna.id, proof(mallory, mallory.challenge), errc::dbsc_challenge_refused); // his proof, her session
    tried(anna.id, proof(mallory, anna.challenge), errc::invalid_dbsc_signature);    // his key, her challenge
    tried(mallory.id, proof(anna, anna.challenge), errc::dbsc_challenge_refused);    // her proof, his session
    tried(mallory.id, proof(anna, mallory.challenge), errc::invalid_dbsc_signature);

    // A registration's token at refresh, and the other way round.
    auto const field = s.offer({.user = "mallory"});
    auto const registration = std::string{mallory.registration(field).response};
    tried(anna.id, registration, errc::dbsc_key_refused);
    tried(mallory.id, registration, errc::dbsc_key_refused);
    tried(mallory.id, proof(mallory, parameter(field, "challenge")), errc::dbsc_challenge_refused);
    CHECK(s.finish({.method = "POST", .response = proof(mallory, parameter(field, "challenge"))}).outcome.error() ==
          errc::dbsc_key_refused);
    CHECK(s.finish({.method = "POST", .response = *dbsc::sign_registration(mallory.key, alg::es256, mallory.challenge)})
              .outcome.error() == errc::dbsc_challenge_refused);
    CHECK(s.finish({.method = "POST", .response = *dbsc::sign_registration(mallory.key, alg::es256, anna.challenge)})
              .outcome.error() == errc::dbsc_challenge_refused);

    // Cookies.
    auto const secret = [](browser const& b) { return b.cookie.substr(b.cookie.find('.') + 1); };
    CHECK(s.check("__Host-bound=" + anna.id + "." + secret(mallory)).error() == errc::dbsc_cookie_mismatch);
    CHECK(s.check("__Host-bound=" + mallory.id + "." + secret(anna)).error() == errc::dbsc_cookie_mismatch);
    CHECK(s.check(anna)->user() == "anna");
    CHECK(s.check(mallory)->user() == "mallory");

    // Ending one leaves the other, and both are refused nothing they own.
    CHECK(s.refresh(anna.refresh()).outcome);
    REQUIRE(s.end(mallory.id, dbsc::ending::revoked));
    CHECK(s.check(anna));
}

TEST_CASE("DBSC.md 8 two keys and one challenge: who registers first has it, the other is refused") {
    site<> s;
    auto const field = s.offer({.user = "anna"});
    browser first, second;
    CHECK(s.finish(first.registration(field)).outcome);
    CHECK(s.finish(second.registration(field)).outcome.error() == errc::dbsc_challenge_refused);
}

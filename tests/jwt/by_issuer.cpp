#include "support.hpp"

using namespace support;

namespace {

jwt::policy from(jwt::must_be issuer) {
    auto rules = lenient();
    rules.issuer = std::move(issuer);
    return rules;
}
std::string issued(std::string_view who, local_key<hs256> const& with) {
    return signed_token(R"({"alg":"HS256","kid":"k1"})", R"({"iss":")" + std::string{who} + R"(","sub":"ann"})", with);
}

} // namespace

TEST_CASE("RFC 8725 3.8: each issuer's tokens are judged by that issuer's keys only") {
    jwt::by_issuer all;
    REQUIRE(all.add(jwt::verifier<hs256>{keys<hs256>(), from("https://a")}));
    REQUIRE(all.add(
        jwt::verifier<hs256>{keys<hs256>("k1", other_key<hs256>()), from(jwt::one_of{"https://b", "https://c"})}));
    REQUIRE(all.add(jwt::verifier<es256>{keys<es256>(), from("https://d")}));
    jwt::scratch<> room;
    auto const ask = [&](std::string const& text) {
        auto const view = all.verify(text, room, now);
        auto const own = all.verify(text, now);
        CHECK(view.has_value() == own.has_value());
        if (!view) CHECK(view.error() == own.error());
        return view ? accepted : view.error().code;
    };
    CHECK(ask(issued("https://a", key<hs256>())) == accepted);
    CHECK(ask(issued("https://b", other_key<hs256>())) == accepted);
    CHECK(ask(issued("https://c", other_key<hs256>())) == accepted);
    CHECK(ask(issued("https://a", other_key<hs256>())) == errc::bad_signature);
    CHECK(ask(issued("https://b", key<hs256>())) == errc::bad_signature);
    CHECK(ask(issued("https://d", key<hs256>())) == errc::algorithm_not_allowed);
    CHECK(ask(issued("https://z", key<hs256>())) == errc::wrong_issuer);
    CHECK(ask(issued("", key<hs256>())) == errc::wrong_issuer);
    CHECK(ask(signed_token(R"({"alg":"HS256"})", "{}")) == errc::wrong_issuer);
    CHECK(ask(signed_token(R"({"alg":"HS256"})", R"({"iss":["https://a"]})")) == errc::wrong_issuer);
    CHECK(ask(signed_token(R"({"alg":"HS256"})", "[")) == errc::wrong_issuer);
    CHECK(ask("a.b") == errc::malformed_token);
    CHECK(ask("a.!.c") == errc::wrong_issuer);
    CHECK(ask(std::string(9000, 'a')) == errc::token_too_large);

    auto const held = all.verify(issued("https://a", key<hs256>()), room, now);
    CHECK(all.verify(issued("https://b", other_key<hs256>()), room, now).error() == errc::buffer_in_use);
    CHECK(held->issuer() == "https://a");
}

TEST_CASE("by_issuer: an issuer has one verifier, which states it; its keys are rotated by name") {
    jwt::by_issuer all;
    CHECK(all.add(jwt::verifier<hs256>{keys<hs256>(), lenient()}).error() == errc::wrong_issuer);
    REQUIRE(all.add(jwt::verifier<hs256>{keys<hs256>(), from("https://a")}));
    CHECK(all.add(jwt::verifier<hs256>{keys<hs256>(), from("https://a")}).error() == errc::wrong_issuer);
    CHECK(all.verify(issued("https://a", key<hs256>()), now));
    CHECK(all.swap("https://a", jose::key_list{algorithm_set::of<es256>()}).error() == errc::algorithm_not_allowed);
    CHECK(all.swap("https://z", jose::key_list{algorithm_set::of<hs256>()}).error() == errc::wrong_issuer);
    REQUIRE(all.swap("https://a", keys<hs256>("k1", other_key<hs256>()).list()));
    CHECK(all.verify(issued("https://a", key<hs256>()), now).error() == errc::bad_signature);
    CHECK(all.verify(issued("https://a", other_key<hs256>()), now));
}

TEST_CASE("by_issuer: tables are made for the keys of every verifier behind it, once") {
    jwt::by_issuer all;
    REQUIRE(all.add(jwt::verifier<es256>{keys<es256>(), from(jwt::one_of{"https://a", "https://b"})}));
    REQUIRE(all.add(jwt::verifier<ed25519>{keys<ed25519>(), from("https://c")}));
    REQUIRE(all.add(jwt::verifier<hs256>{keys<hs256>(), from("https://d")}));
    CHECK(all.prepare() == 2);
    CHECK(all.prepare() == 0);
    CHECK(all.verify(signed_token<es256>(header_of<es256>(), R"({"iss":"https://b"})"), now));
    CHECK(all.verify(signed_token<es256>(header_of<es256>(), R"({"iss":"https://a"})", other_key<es256>()), now)
              .error() == errc::bad_signature);
    CHECK(all.verify(signed_token<ed25519>(header_of<ed25519>(), R"({"iss":"https://c"})"), now));
}

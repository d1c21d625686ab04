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
    jwt::multi_issuer_verifier all;
    REQUIRE(all.add(jwt::verifier<hs256>{keys<hs256>(), from("https://a")}));
    REQUIRE(all.add(
        jwt::verifier<hs256>{keys<hs256>("k1", other_key<hs256>()), from(jwt::one_of{"https://b", "https://c"})}));
    REQUIRE(all.add(jwt::verifier<es256>{keys<es256>(), from("https://d")}));
    jwt::scratch<> buffer;
    auto const ask = [&](std::string const& text) {
        auto const view = all.verify(text, buffer, now);
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
    CHECK(ask(std::string(jwt::default_max_token + 1, 'a')) == errc::token_too_large);

    auto const held = all.verify(issued("https://a", key<hs256>()), buffer, now);
    CHECK(all.verify(issued("https://b", other_key<hs256>()), buffer, now).error() == errc::buffer_in_use);
    CHECK(held->issuer() == "https://a");
}

TEST_CASE("T7: multi_issuer_verifier takes what the verifier behind it takes, by both forms") {
    auto const with = [](std::size_t numbers, std::size_t padding) {
        std::string payload = R"({"iss":"https://a","n":[0)";
        for (std::size_t i = 0; i != numbers; ++i) payload += ",1";
        return signed_token(R"({"alg":"HS256","kid":"k1"})",
                            payload + R"(],"p":")" + std::string(padding, 'x') + "\"}");
    };
    for (std::size_t const max_token : {8'192u, 2'000'000u}) {
        auto rules = from("https://a");
        rules.max_token = max_token;
        jwt::verifier<hs256> const alone{keys<hs256>(), rules};
        jwt::multi_issuer_verifier all;
        REQUIRE(all.add(jwt::verifier<hs256>{keys<hs256>(), rules}));
        auto const buffer = std::make_unique<jwt::scratch<2'000'000>>();
        for (auto const& [numbers, padding] : {std::pair<std::size_t, std::size_t>{100, 0},
                                               {62, 0},
                                               {63, 0},
                                               {507, 0},
                                               {508, 0},
                                               {509, 0},
                                               {600, 0},
                                               {10, 5'000},
                                               {3'000, 0},
                                               {10, 1'100'000},
                                               {70'000, 900'000},
                                               {125'000, 0}}) {
            CAPTURE(numbers);
            CAPTURE(padding);
            auto const token = with(numbers, padding);
            auto const says = [](auto const& answer) { return answer ? accepted : answer.error().code; };
            auto const expected = says(alone.verify(token, now));
            // Its issuer is not seen before the values are too many.
            auto const same = [&](errc found) {
                return found == expected || (expected == errc::json_too_many_members && found == errc::wrong_issuer);
            };
            CHECK(same(says(all.verify(token, now))));
            CHECK(same(says(all.verify(token, *buffer, now))));
        }
    }
}

TEST_CASE("multi_issuer_verifier: an issuer has one verifier, which states it; its keys are rotated by name") {
    jwt::multi_issuer_verifier all;
    CHECK(all.add(jwt::verifier<hs256>{keys<hs256>(), lenient()}).error() == errc::wrong_issuer);
    REQUIRE(all.add(jwt::verifier<hs256>{keys<hs256>(), from("https://a")}));
    CHECK(all.add(jwt::verifier<hs256>{keys<hs256>(), from("https://a")}).error() == errc::wrong_issuer);
    CHECK(all.verify(issued("https://a", key<hs256>()), now));
    CHECK(all.swap("https://a", jose::any_key_set{algorithm_set::of<es256>()}).error() == errc::algorithm_not_allowed);
    CHECK(all.swap("https://z", jose::any_key_set{algorithm_set::of<hs256>()}).error() == errc::wrong_issuer);
    REQUIRE(all.swap("https://a", keys<hs256>("k1", other_key<hs256>()).as_any()));
    CHECK(all.verify(issued("https://a", key<hs256>()), now).error() == errc::bad_signature);
    CHECK(all.verify(issued("https://a", other_key<hs256>()), now));
}

TEST_CASE("multi_issuer_verifier: tables are made for the keys of every verifier behind it, once") {
    auto const by_usage = [](jwt::must_be issuer) {
        auto rules = from(std::move(issuer));
        rules.max_table_bytes = 0;
        return rules;
    };
    jwt::multi_issuer_verifier all;
    REQUIRE(all.add(jwt::verifier<es256>{keys<es256>(), by_usage(jwt::one_of{"https://a", "https://b"})}));
    REQUIRE(all.add(jwt::verifier<ed25519>{keys<ed25519>(), by_usage("https://c")}));
    REQUIRE(all.add(jwt::verifier<ed25519>{keys<ed25519>(), from("https://e")})); // has them from the start
    REQUIRE(all.add(jwt::verifier<hs256>{keys<hs256>(), from("https://d")}));
    CHECK(all.prepare() == 2);
    CHECK(all.prepare() == 0);
    CHECK(all.verify(signed_token<es256>(header_of<es256>(), R"({"iss":"https://b"})"), now));
    CHECK(all.verify(signed_token<es256>(header_of<es256>(), R"({"iss":"https://a"})", other_key<es256>()), now)
              .error() == errc::bad_signature);
    CHECK(all.verify(signed_token<ed25519>(header_of<ed25519>(), R"({"iss":"https://c"})"), now));
}

TEST_CASE("S22: the verifiers of several issuers are cached, denials hold for the issuer that they name") {
    jwt::multi_issuer_verifier all;
    REQUIRE(all.add(jwt::verifier<hs256>{keys<hs256>(), from("https://a")}));
    REQUIRE(all.add(
        jwt::verifier<hs256>{keys<hs256>("k1", other_key<hs256>()), from(jwt::one_of{"https://b", "https://c"})}));
    jwt::caching_verifier access{std::move(all), {.entries = 64}};
    auto const text = [](std::string_view who, local_key<hs256> const& with) {
        return signed_token(R"({"alg":"HS256","kid":"k1"})",
                            R"({"iss":")" + std::string{who} + R"(","sub":"ann","jti":"j1"})", with);
    };
    auto const a = text("https://a", key<hs256>()), b = text("https://b", other_key<hs256>()),
               c = text("https://c", other_key<hs256>());
    jwt::scratch<> buffer;
    for (auto const* one : {&a, &b, &c}) {
        CHECK(access.verify(*one, now));
        CHECK(access.verify(*one, buffer, now));
        CHECK(access.verify(*one, now));
    }
    CHECK(access.counters().misses == 3);
    CHECK(access.counters().hits == 6);
    CHECK(access.verify(text("https://a", other_key<hs256>()), now).error() == errc::bad_signature);
    CHECK(access.verify(text("https://z", key<hs256>()), now).error() == errc::wrong_issuer);
    CHECK(access.verify(text("https://z", key<hs256>()), buffer, now).error() == errc::wrong_issuer);

    REQUIRE(access.deny({.issuer = "https://b", .jti = "j1", .until = now + 300s}, now));
    CHECK(access.verify(b, now).error() == errc::revoked);
    CHECK(access.verify(b, buffer, now).error() == errc::revoked);
    CHECK(access.verify(a, now));
    CHECK(access.verify(c, now)); // another issuer of the same verifier
    REQUIRE(access.deny(*access.verify(c, now), now));
    CHECK(access.verify(c, now).error() == errc::revoked);
    CHECK(access.deny({.issuer = "https://z", .jti = "j1", .until = now + 300s}, now).error() == errc::wrong_issuer);
    REQUIRE(
        access.deny_before({.issuer = "https://a", .subject = "ann", .issued_before = now, .until = now + 300s}, now));
    CHECK(access.verify(a, now).error() == errc::revoked);
    CHECK(access.verifier_without_denials().verify(a, now));
    access.clear();
    CHECK(access.verify(a, now).error() == errc::revoked);
}

TEST_CASE("S22: keys of an issuer are told and replaced, cached or not") {
    jwt::multi_issuer_verifier all;
    REQUIRE(all.add(jwt::verifier<hs256>{keys<hs256>(), from("https://a")}));
    REQUIRE(all.add(jwt::verifier<es256>{keys<es256>(), from("https://d")}));
    REQUIRE(all.keys("https://a"));
    CHECK((*all.keys("https://a"))->has_kid("k1"));
    CHECK((*all.keys("https://d"))->accepted() == algorithm_set::of<es256>());
    CHECK(all.keys("https://z").error() == error{errc::wrong_issuer, field_name::iss});

    jwt::caching_verifier access{std::move(all), {.entries = 64}};
    auto const text = issued("https://a", key<hs256>());
    CHECK(access.verify(text, now));
    CHECK((*access.keys("https://a"))->has_kid("k1"));
    REQUIRE(access.swap("https://a", keys<hs256>("k2", other_key<hs256>()).as_any()));
    CHECK_FALSE((*access.keys("https://a"))->has_kid("k1"));
    CHECK(access.verify(text, now).error() == errc::unknown_key); // what was cached does not count
    CHECK(access.swap("https://z", keys<hs256>().as_any()).error() == errc::wrong_issuer);
}

// What docs/guide/http.md shows.
#include <signet/http.hpp>

#include <doctest/doctest.h>

#include <array>
#include <string>

using namespace signet;

TEST_CASE("the guide: structured fields") {
    // [structured]
    auto const list = http::sf::parse_list(R"((ES256 RS256);path="/register";challenge="c1", "other")");
    if (!list) return;                 // malformed_header_field, and where
    auto const& offer = list->front(); // an inner list with parameters
    auto const* path = offer.params.find("path");
    auto const first = offer.items.front().value.as_token(); // "ES256"

    http::sf::dictionary priority;
    priority.set("u", http::sf::item{http::sf::bare_item{std::int64_t{2}}});
    auto const field = http::sf::serialize(priority); // u=2
    // [/structured]
    REQUIRE(path);
    CHECK(path->as_string() == "/register");
    CHECK(first == "ES256");
    CHECK(field.value() == "u=2");
}

TEST_CASE("the guide: targets, and a last look at a response") {
    // [target]
    auto const same = http::normalize_target("HTTPS://API.example:443/a/%7Eb/../c?x=1"); // https://api.example/a/c
    // [/target]
    CHECK(same.value() == "https://api.example/a/c");

    // [floor]
    std::array<std::string_view, 2> const lines{"__Host-sid=abc; Path=/; Secure; HttpOnly; SameSite=Strict",
                                                "theme=dark; Path=/"};
    auto const good = http::check_response(lines); // conflicting_cookie_attributes: line 1 is not Secure
    // [/floor]
    REQUIRE(!good);
    CHECK(good.error() == errc::conflicting_cookie_attributes);
    CHECK(good.error().at == 1);
}

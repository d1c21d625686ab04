// SPDX-License-Identifier: BSL-1.0
#include <signet/http/cache_control.hpp>

#include <doctest/doctest.h>

#include <array>
#include <string>

using namespace signet;
using namespace std::chrono_literals;
using http::site_data;

namespace {

std::string written(http::cache_control const& directives) {
    std::string text = "behind: ";
    output out{text};
    auto const value = directives.write(out);
    return value ? std::string{*value} : std::string{name(value.error().code)};
}

std::string vary(std::string_view existing, std::string_view field) {
    std::string text;
    output out{text};
    auto const value = http::add_vary(existing, field, out);
    return value ? std::string{*value} : std::string{name(value.error().code)};
}

std::string clear(site_data kinds) {
    std::array<char, 80> buffer{};
    output out{buffer};
    auto const value = http::write_clear_site_data(kinds, out);
    return value ? std::string{*value} : std::string{name(value.error().code)};
}

} // namespace

TEST_CASE("A6 D7 sensitive content is stored by no cache") { CHECK(http::sensitive() == "no-store"); }

TEST_CASE("D8 everything but the session id can be cached: the documented string exactly") {
    CHECK(http::cacheable_except_cookie() == R"(no-cache="Set-Cookie, Set-Cookie2")");
    std::array<std::string_view, 2> const fields{"Set-Cookie", "Set-Cookie2"};
    CHECK(written({.no_cache_fields = fields}) == http::cacheable_except_cookie());
}

TEST_CASE("2.5 Cache-Control: the ready values and combinations of directives") {
    CHECK(http::revalidate() == "private, no-cache");
    CHECK(written({.no_store = true}) == "no-store");
    CHECK(written({.no_cache = true, .private_ = true}) == "private, no-cache");
    CHECK(written({.public_ = true, .immutable = true, .max_age = 31'536'000s}) ==
          "public, max-age=31536000, immutable");
    CHECK(written({.private_ = true, .must_revalidate = true, .no_transform = true, .max_age = 0s}) ==
          "private, must-revalidate, no-transform, max-age=0");
}

TEST_CASE("RFC 9111 5.2.2 directives that contradict one another are refused") {
    std::array<std::string_view, 1> const fields{"Set-Cookie"}, bad{"Set Cookie"};
    CHECK(written({}) == "malformed_header_field");
    CHECK(written({.private_ = true, .public_ = true}) == "malformed_header_field");
    CHECK(written({.no_store = true, .public_ = true}) == "malformed_header_field");
    CHECK(written({.no_store = true, .max_age = 1s}) == "malformed_header_field");
    CHECK(written({.max_age = -1s}) == "malformed_header_field");
    CHECK(written({.no_cache = true, .no_cache_fields = fields}) == "malformed_header_field");
    CHECK(written({.no_cache_fields = bad}) == "malformed_header_field");
}

TEST_CASE("2.5 Vary: Cookie, added to what is there") {
    CHECK(http::vary_cookie() == "Cookie");
    CHECK(vary("", "Cookie") == "Cookie");
    CHECK(vary("Accept", "Cookie") == "Accept, Cookie");
    CHECK(vary("Accept, cookie", "Cookie") == "Accept, cookie");
    CHECK(vary("*", "Cookie") == "*");
    CHECK(vary("Cookie-Monster", "Cookie") == "Cookie-Monster, Cookie");
    CHECK(vary("Accept", "a b") == "malformed_header_field");
    CHECK(vary("Acc\r\nept", "Cookie") == "malformed_header_field");
}

TEST_CASE("2.5 Clear-Site-Data: quoted names, in a fixed order") {
    CHECK(clear(site_data::cookies | site_data::storage) == R"("cookies", "storage")");
    CHECK(clear(site_data::execution_contexts | site_data::cache) == R"("cache", "executionContexts")");
    CHECK(clear(site_data::all) == R"("*")");
    CHECK(clear(site_data::none) == "header_missing");
    std::array<char, 4> small{};
    output out{small};
    CHECK(http::write_clear_site_data(site_data::cookies, out).error() == errc::buffer_too_small);
}

TEST_CASE("D9 2.5 the fields of a logout") {
    CHECK(http::logout_fields[0].name == "Clear-Site-Data");
    CHECK(http::logout_fields[0].value == clear(site_data::cookies | site_data::storage));
    CHECK(http::logout_fields[1].value == "no-store");
    CHECK(http::logout_fields[2].name == "Pragma");
    CHECK(http::logout_fields[2].value == "no-cache");
    for (auto const& field : http::logout_fields_shared_domain) CHECK(field.name != "Clear-Site-Data");
}

// SPDX-License-Identifier: BSL-1.0
#include <signet/http/ready_cookies.hpp>
#include <signet/http/set_cookie.hpp>

#include <doctest/doctest.h>

#include <array>
#include <string>
#include <vector>

using namespace signet;
using namespace std::chrono_literals;
using http::cookie_params;
using http::cookie_policy;
using http::cookie_use;
using http::same_site;

namespace {

constexpr cookie_policy session_cookie{{.name = "__Host-sid", .same_site = same_site::strict}};

errc refusal(cookie_params const& params) {
    auto const policy = cookie_policy::make(params);
    REQUIRE_FALSE(policy);
    return policy.error().code;
}

unix_time at(std::int64_t seconds) { return unix_time{std::chrono::seconds{seconds}}; }

std::string date(std::int64_t seconds) {
    std::string text;
    output out{text};
    REQUIRE(http::write_http_date(at(seconds), out));
    return text;
}

// A policy is a value that the compiler made: nothing of it is left for start-up. A specification known at run time
// only takes the other way.
static_assert(session_cookie.name() == "__Host-sid");
static_assert(session_cookie.max_value_size() == 4086);
static_assert(std::is_trivially_copyable_v<cookie_policy>);
static_assert(!std::is_default_constructible_v<cookie_policy>);

} // namespace

TEST_CASE("D1 D2 D3 D6 the session cookie: HttpOnly, Secure, Strict, not persistent") {
    CHECK(session_cookie.set("abc").value() == "__Host-sid=abc; Path=/; Secure; HttpOnly; SameSite=Strict");
    CHECK(http::cookies::session().set("abc").value() == session_cookie.set("abc").value());
    auto const lax = http::cookies::session("__Host-id", same_site::lax);
    CHECK(lax.set("abc").value() == "__Host-id=abc; Path=/; Secure; HttpOnly; SameSite=Lax");
    // D6: neither Max-Age nor Expires, and none can be asked for
    CHECK(session_cookie.set("abc", {.expires_from = at(0)}).error() == errc::invalid_cookie_lifetime);
}

TEST_CASE("D1 D2 D3 D6 a session policy from configuration that breaks one of them is refused") {
    CHECK(refusal({.name = "sid", .http_only = false}) == errc::conflicting_cookie_attributes);
    CHECK(refusal({.name = "sid", .secure = false}) == errc::conflicting_cookie_attributes);
    CHECK(refusal({.name = "sid", .same_site = same_site::none}) == errc::conflicting_cookie_attributes);
    CHECK(refusal({.name = "sid", .max_age = 60s}) == errc::invalid_cookie_lifetime);
    CHECK(cookie_policy::make({.name = "sid"}));
}

TEST_CASE("the ready policies: remember-me, CSRF, cross-site, login state, development") {
    CHECK(http::cookies::remember_me().set("v").value() ==
          "__Host-remember=v; Path=/; Max-Age=2592000; Secure; HttpOnly; SameSite=Lax");
    CHECK(http::cookies::csrf().set("v").value() == "__Host-csrf=v; Path=/; Secure; SameSite=Strict");
    CHECK(http::cookies::cross_site().set("v").value() ==
          "__Host-embedded=v; Path=/; Secure; HttpOnly; SameSite=None; Partitioned");
    // DECISIONS 21: Lax and minutes, since with Strict the callback arrives without it
    CHECK(http::cookies::login_state().set("v").value() ==
          "__Host-login=v; Path=/; Max-Age=600; Secure; HttpOnly; SameSite=Lax");
    CHECK(http::cookies::development_on_http_localhost().set("v").value() ==
          "sid-development=v; Path=/; HttpOnly; SameSite=Lax");
}

TEST_CASE("2.1-1 a name is a token and not empty") {
    CHECK(refusal({.name = ""}) == errc::invalid_cookie_name);
    for (std::string_view name : {"a b", "a=b", "a;b", "a,b", "\"a\"", "a\r\nb", "caf\xc3\xa9", "a\x7f", "a@b"})
        CHECK(refusal({.name = name}) == errc::invalid_cookie_name);
    CHECK(refusal({.name = std::string_view{"a\0b", 3}}) == errc::invalid_cookie_name);
    CHECK(cookie_policy::make({.name = "!#$%&'*+-.^_`|~09azAZ"}));
}

TEST_CASE("2.1-2 2.1-3 a value has cookie-octets only, and is refused with the offset of what it may not have") {
    std::array<char, 512> buffer{};
    for (int i = 0; i != 256; ++i) {
        std::string value = "ab?cd";
        value[2] = static_cast<char>(static_cast<unsigned char>(i));
        bool const fine = i > 0x20 && i < 0x7f && i != '"' && i != ',' && i != ';' && i != '\\';
        output out{buffer};
        auto const line = session_cookie.set(value, out);
        CHECK(line.has_value() == fine);
        if (!fine) CHECK((line.error() == error{errc::invalid_cookie_value, 2}));
        if (!fine) CHECK(out.size() == 0);
    }
    CHECK(session_cookie.set("\"quoted\"").value().starts_with("__Host-sid=\"quoted\"; "));
    CHECK((session_cookie.set("\"a b\"").error() == error{errc::invalid_cookie_value, 2}));
    CHECK((session_cookie.set("\"ab").error() == error{errc::invalid_cookie_value, 0}));
    CHECK(session_cookie.set("x\r\nSet-Cookie: y=z").error() == errc::invalid_cookie_value);
    CHECK(session_cookie.set("").value().starts_with("__Host-sid=; "));
}

TEST_CASE("2.1-4 name and value have at most 4096 octets together") {
    CHECK(session_cookie.set(std::string(4086, 'x')));
    CHECK(session_cookie.set(std::string(4087, 'x')).error() == errc::cookie_too_large);
    CHECK(refusal({.name = std::string(4096, 'x')}) == errc::cookie_too_large);
    CHECK(refusal({.name = "a", .path = "/" + std::string(1024, 'p')}) == errc::invalid_cookie_path);
    CHECK(cookie_policy::make({.name = "a", .path = "/" + std::string(1023, 'p')}));
}

TEST_CASE("2.1-6 Expires is an IMF-fixdate (RFC 9110 5.6.7), when asked for") {
    CHECK(date(784111777) == "Sun, 06 Nov 1994 08:49:37 GMT"); // the RFC's own example
    CHECK(date(0) == "Thu, 01 Jan 1970 00:00:00 GMT");
    CHECK(date(951782400) == "Tue, 29 Feb 2000 00:00:00 GMT");
    CHECK(date(2147483648) == "Tue, 19 Jan 2038 03:14:08 GMT");
    CHECK(date(253402300799) == "Fri, 31 Dec 9999 23:59:59 GMT");
    std::string text;
    output out{text};
    CHECK(http::write_http_date(at(-1), out).error() == errc::out_of_range);
    CHECK(http::write_http_date(at(253402300800), out).error() == errc::out_of_range);

    constexpr auto remember = http::cookies::remember_me("r", 60s);
    CHECK(remember.set("v", {.expires_from = at(784111777)}).value() ==
          "r=v; Path=/; Max-Age=60; Expires=Sun, 06 Nov 1994 08:50:37 GMT; Secure; HttpOnly; SameSite=Lax");
    CHECK(remember.set("v", {.expires_from = latest_time}).error() == errc::invalid_cookie_lifetime);
    CHECK(remember.set("v", {.expires_from = unix_time::min()}).error() == errc::invalid_cookie_lifetime);
    CHECK(remember.set("v", {.expires_from = unix_time::max()}).error() == errc::invalid_cookie_lifetime);
}

TEST_CASE("2.1-7 Max-Age is 1 second to 400 days") {
    auto const with = [](std::chrono::seconds age) {
        return cookie_params{.name = "a", .max_age = age, .use = cookie_use::other};
    };
    CHECK(cookie_policy::make(with(34'560'000s)).value().set("v").value().find("Max-Age=34560000;") !=
          std::string::npos);
    CHECK(cookie_policy::make(with(1s)));
    CHECK(refusal(with(34'560'001s)) == errc::invalid_cookie_lifetime);
    CHECK(refusal(with(0s)) == errc::invalid_cookie_lifetime);
    CHECK(refusal(with(-1s)) == errc::invalid_cookie_lifetime);
    CHECK(refusal(with(std::chrono::seconds::max())) == errc::invalid_cookie_lifetime);
    CHECK(refusal(with(std::chrono::seconds::min())) == errc::invalid_cookie_lifetime);
}

TEST_CASE("2.1-8 a domain: A-labels, two at least, no dots at the ends, no address") {
    auto const fine = [](std::string_view domain) {
        return cookie_policy::make({.name = "a", .domain = domain}).has_value();
    };
    CHECK(fine("example.com"));
    CHECK(fine("a-b.xn--bcher-kva.example"));
    CHECK(fine(std::string(63, 'a') + ".com"));
    for (std::string_view bad :
         {"com", "localhost", ".example.com", "example.com.", "a..b", "Example.com", "b\xc3\xbc.de", "-a.com", "a-.com",
          "a_b.com", "127.0.0.1", "[::1]", "a b.com", "a.com;x", "a.com\n", "1.2"})
        CHECK_MESSAGE(refusal({.name = "a", .domain = bad}) == errc::invalid_cookie_domain, std::string{bad});
    CHECK_FALSE(fine(std::string(64, 'a') + ".com"));
    std::string long_one;
    while (long_one.size() < 250) long_one += "abcdefg.";
    CHECK_FALSE(fine(long_one + "com"));
    CHECK(cookie_policy::make({.name = "a", .domain = "example.com"}).value().set("v").value() ==
          "a=v; Domain=example.com; Path=/; Secure; HttpOnly; SameSite=Lax");
}

TEST_CASE("2.1-8 a domain given at run time is checked like that of the policy, and never with __Host-") {
    constexpr cookie_policy plain{{.name = "sid"}};
    CHECK(plain.set("v", {.domain = "a.example"}).value() ==
          "sid=v; Domain=a.example; Path=/; Secure; HttpOnly; SameSite=Lax");
    CHECK(plain.set("v", {.domain = "a.example; Path=/x"}).error() == errc::invalid_cookie_domain);
    CHECK(plain.set("v", {.domain = "A.example"}).error() == errc::invalid_cookie_domain);
    CHECK(session_cookie.set("v", {.domain = "a.example"}).error() == errc::cookie_prefix_violated);
    CHECK(session_cookie.remove({.domain = "a.example"}).error() == errc::cookie_prefix_violated);
    CHECK(http::cookies::development_on_http_localhost().set("v", {.domain = "a.example"}).error() ==
          errc::invalid_cookie_domain);
}

TEST_CASE("2.1-9 a path begins with a slash and has printable ASCII without semicolons") {
    auto const with = [](std::string_view path) { return cookie_params{.name = "a", .path = path}; };
    CHECK(cookie_policy::make(with("/app/x y")).value().set("v").value() ==
          "a=v; Path=/app/x y; Secure; HttpOnly; SameSite=Lax");
    for (std::string_view bad : {"", "app", "/a;b", "/a\n", "/a\x7f", "/\xc3\xbc", "/a ", " /"})
        CHECK(refusal(with(bad)) == errc::invalid_cookie_path);
}

TEST_CASE("2.1-10 SameSite=None only with Secure") {
    CHECK(refusal({.name = "a", .secure = false, .same_site = same_site::none, .use = cookie_use::other}) ==
          errc::conflicting_cookie_attributes);
    CHECK(cookie_policy::make({.name = "a", .same_site = same_site::none, .use = cookie_use::other}));
}

TEST_CASE("2.1-11 each prefix keeps its promise, and is written exactly") {
    auto const other = cookie_use::other;
    CHECK(refusal({.name = "__Secure-a", .secure = false, .use = other}) == errc::cookie_prefix_violated);
    CHECK(refusal({.name = "__Host-a", .secure = false, .use = other}) == errc::cookie_prefix_violated);
    CHECK(refusal({.name = "__Host-a", .path = "/x"}) == errc::cookie_prefix_violated);
    CHECK(refusal({.name = "__Host-a", .domain = "example.com"}) == errc::cookie_prefix_violated);
    CHECK(refusal({.name = "__Http-a", .http_only = false, .use = other}) == errc::cookie_prefix_violated);
    CHECK(refusal({.name = "__Http-a", .secure = false, .use = other}) == errc::cookie_prefix_violated);
    CHECK(refusal({.name = "__Host-Http-a", .http_only = false, .use = other}) == errc::cookie_prefix_violated);
    CHECK(refusal({.name = "__Host-Http-a", .path = "/x"}) == errc::cookie_prefix_violated);
    CHECK(refusal({.name = "__Host-Http-a", .domain = "example.com"}) == errc::cookie_prefix_violated);
    for (std::string_view name : {"__host-a", "__HOST-a", "__secure-a", "__http-a", "__Host-http-a"})
        CHECK(refusal({.name = name}) == errc::cookie_prefix_violated);
    CHECK(cookie_policy::make(
        {.name = "__Secure-a", .path = "/x", .domain = "example.com", .http_only = false, .use = other}));
    CHECK(cookie_policy::make({.name = "__Http-a", .path = "/x", .domain = "example.com"}));
    CHECK(cookie_policy::make({.name = "__Host-Http-a"}));
}

TEST_CASE("2.1-13 Partitioned only with Secure") {
    CHECK(refusal({.name = "a", .secure = false, .partitioned = true, .use = cookie_use::other}) ==
          errc::conflicting_cookie_attributes);
    CHECK(cookie_policy::make({.name = "a", .partitioned = true}));
}

TEST_CASE("2.1-15 removal keeps all attributes, and goes by Max-Age and by Expires") {
    CHECK(session_cookie.remove().value() ==
          "__Host-sid=; Path=/; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Secure; HttpOnly; SameSite=Strict");
    CHECK(
        http::cookies::cross_site().remove().value() ==
        "__Host-embedded=; Path=/; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Secure; HttpOnly; SameSite=None; Partitioned");
    CHECK(http::cookies::remember_me("r").remove({.expires_from = at(5)}).value() ==
          "r=; Path=/; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Secure; HttpOnly; SameSite=Lax");
    CHECK(
        cookie_policy::make({.name = "a", .path = "/x", .domain = "example.com"}).value().remove().value() ==
        "a=; Domain=example.com; Path=/x; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Secure; HttpOnly; SameSite=Lax");
}

TEST_CASE("lines go into the caller's buffer, whose size line_size tells, or behind what a string holds") {
    std::array<char, session_cookie.line_size(43)> buffer{};
    output out{buffer};
    auto const line = session_cookie.set(std::string(43, 'x'), out);
    REQUIRE(line);
    CHECK(line->data() == buffer.data());
    output again{buffer};
    CHECK(session_cookie.remove(again));
    std::array<char, 20> small{};
    output tight{small};
    CHECK(session_cookie.set("abc", tight).error() == errc::buffer_too_small);

    std::string text = "Set-Cookie: ";
    output behind{text};
    CHECK(session_cookie.set("abc", behind).value() == "__Host-sid=abc; Path=/; Secure; HttpOnly; SameSite=Strict");
    CHECK(text == "Set-Cookie: __Host-sid=abc; Path=/; Secure; HttpOnly; SameSite=Strict");
}

TEST_CASE("line_size is enough for every line of a policy with everything in it") {
    std::string const domain =
        std::string(63, 'a') + "." + std::string(63, 'b') + "." + std::string(63, 'c') + "." + std::string(61, 'd');
    auto const policy = cookie_policy::make({.name = "a",
                                             .path = "/" + std::string(1023, 'p'),
                                             .domain = domain,
                                             .max_age = 34'560'000s,
                                             .same_site = same_site::none,
                                             .partitioned = true,
                                             .use = cookie_use::other});
    REQUIRE(policy);
    std::vector<char> buffer(policy->line_size(100));
    output out{buffer};
    CHECK(policy->set(std::string(100, 'v'), out, {.expires_from = at(0)}));
    output again{buffer};
    CHECK(policy->remove(again));
}

TEST_CASE("a policy from configuration owns its texts, also after a copy and a move") {
    auto make = [] {
        std::string const name = "a-name-longer-than-any-small-string-buffer",
                          path = "/a/path/longer/than/any/small/string";
        return cookie_policy::make({.name = name, .path = path, .domain = "example.com"});
    };
    auto made = make();
    REQUIRE(made);
    auto copy = *made;
    auto moved = std::move(*made);
    auto const expected =
        "a-name-longer-than-any-small-string-buffer=v; Domain=example.com; Path=/a/path/longer/than/any/small/string; "
        "Secure; HttpOnly; SameSite=Lax";
    CHECK(copy.set("v").value() == expected);
    CHECK(moved.set("v").value() == expected);
    CHECK(moved.params().path == "/a/path/longer/than/any/small/string");
    CHECK(moved.policy().params().domain == "example.com");
}

TEST_CASE("2.3 the floor of a response holds for every cookie, whoever set it") {
    auto const check = [](std::vector<std::string_view> lines, http::cookie_floor floor = {},
                          std::vector<std::string_view> exempt = {}) {
        return http::check_response(lines, floor, exempt);
    };
    auto const ours = session_cookie.set("abc").value();
    CHECK(check({ours, "lang=de; Secure; SameSite=Lax"}));
    CHECK(check({}));
    CHECK((check({ours, "lang=de"}).error() == error{errc::conflicting_cookie_attributes, 1}));
    CHECK((check({ours, "lang=de; SameSite=Lax"}).error() == error{errc::conflicting_cookie_attributes, 1}));
    CHECK((check({ours, "lang=de; Secure"}).error() == error{errc::conflicting_cookie_attributes, 1}));
    CHECK(check({ours, "lang=de"}, {}, {"lang"}));
    CHECK(check({"a=b; secure; samesite=STRICT; httponly"}, {.http_only = true, .at_least = same_site::strict}));
    CHECK(check({"a=b; Secure; SameSite=Lax; HttpOnly"}, {.at_least = same_site::strict}).error() ==
          errc::conflicting_cookie_attributes);
    CHECK(check({"a=b; Secure; SameSite=Lax"}, {.http_only = true}).error() == errc::conflicting_cookie_attributes);
    CHECK(check({"a=b; Secure; SameSite=Lax", "c=d; Secure; SameSite=Lax"}, {.max_cookies = 1}).error() ==
          errc::cookie_too_large);
    // each policy of ours passes the floor that fits it
    CHECK(check({http::cookies::remember_me().set("v").value(), http::cookies::login_state().set("v").value(),
                 http::cookies::csrf().set("v").value()}));
    CHECK(check({http::cookies::cross_site().set("v").value()}, {.at_least = same_site::none}));
    CHECK(check({session_cookie.remove().value()}));
}

TEST_CASE("2.1-5 in a response no name twice, and no attribute twice") {
    auto const check = [](std::vector<std::string_view> lines) {
        return http::check_response(lines, {.secure = false, .at_least = same_site::none});
    };
    CHECK((check({"a=1", "b=2", "a=3"}).error() == error{errc::conflicting_cookie_attributes, 2}));
    CHECK(check({"a=1", "A=2"}));
    CHECK(check({"a=1; Path=/; path=/x"}).error() == errc::conflicting_cookie_attributes);
    CHECK(check({"a=1; Secure; Secure"}).error() == errc::conflicting_cookie_attributes);
}

TEST_CASE("2.1 in a response broken lines of other software are found") {
    auto const refusal_of = [](std::string_view line) {
        return http::check_response({&line, 1}, {.secure = false, .at_least = same_site::none}).error().code;
    };
    CHECK(refusal_of("") == errc::invalid_cookie_name);
    CHECK(refusal_of("value") == errc::invalid_cookie_name);
    CHECK(refusal_of("=value") == errc::invalid_cookie_name);
    CHECK(refusal_of("=__Host-a=value") == errc::invalid_cookie_name); // 2.1-12
    CHECK(refusal_of("a b=value") == errc::invalid_cookie_name);
    CHECK(refusal_of("a=b c") == errc::invalid_cookie_value);
    CHECK(refusal_of("a=b\r\nX: y") == errc::invalid_cookie_value);
    CHECK(refusal_of("a=" + std::string(4096, 'x')) == errc::cookie_too_large);
    CHECK(refusal_of("__Host-a=b; Path=/") == errc::cookie_prefix_violated);
    CHECK(refusal_of("__Host-a=b; Secure") == errc::cookie_prefix_violated);
    CHECK(refusal_of("__Host-a=b; Secure; Path=/; Domain=example.com") == errc::cookie_prefix_violated);
    CHECK(refusal_of("__Secure-a=b") == errc::cookie_prefix_violated);
    CHECK(refusal_of("__Http-a=b; Secure") == errc::cookie_prefix_violated);
    CHECK(refusal_of("__host-a=b; Secure; Path=/") == errc::cookie_prefix_violated);
    CHECK(refusal_of("a=b; SameSite=None") == errc::conflicting_cookie_attributes);
    CHECK(refusal_of("a=b; Partitioned") == errc::conflicting_cookie_attributes);
    CHECK(refusal_of("a=b; SameSite=Sometimes") == errc::conflicting_cookie_attributes);
}

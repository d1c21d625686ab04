// SPDX-License-Identifier: BSL-1.0
#include <signet/http/own_path.hpp>
#include <signet/http/target.hpp>

#include <doctest/doctest.h>

#include <array>
#include <random>
#include <string>

using namespace signet;

namespace {

std::string normal(std::string_view uri) {
    auto const form = http::normalize_target(uri);
    return form ? *form : std::string{name(form.error().code)} + "@" + std::to_string(form.error().at);
}

} // namespace

TEST_CASE("RFC 3986 6.2.2.1 scheme and host in lower case, percent-encodings in upper case") {
    CHECK(normal("HTTP://www.EXAMPLE.com/") == "http://www.example.com/");
    CHECK(normal("https://e/%2f%c3%A9") == "https://e/%2F%C3%A9");
    CHECK(normal("https://e/CaSe") == "https://e/CaSe");
    CHECK(normal("https://e%2a%41/") == "https://e%2Aa/");
}

TEST_CASE("RFC 3986 6.2.2.2 percent-encodings of unreserved characters are decoded, and no others") {
    CHECK(normal("https://e/%7Euser/%41%61%30%2D%2e%5F") == "https://e/~user/Aa0-._");
    CHECK(normal("https://e/%3A%40%21%2F%25") == "https://e/%3A%40%21%2F%25");
    CHECK(normal("https://%65xample.com/") == "https://example.com/");
    CHECK(normal("https://e/%2541") == "https://e/%2541"); // once only
}

TEST_CASE("RFC 3986 5.2.4 6.2.2.3 dot segments are removed, encoded ones too") {
    CHECK(normal("https://e/a/b/c/./../../g") == "https://e/a/g"); // the RFC's own example
    CHECK(normal("https://e/a/..") == "https://e/");
    CHECK(normal("https://e/a/b/..") == "https://e/a/");
    CHECK(normal("https://e/a/.") == "https://e/a/");
    CHECK(normal("https://e/../../a") == "https://e/a");
    CHECK(normal("https://e/..") == "https://e/");
    CHECK(normal("https://e/.") == "https://e/");
    CHECK(normal("https://e/a/%2e%2E/b") == "https://e/b");
    CHECK(normal("https://e/...") == "https://e/...");
    CHECK(normal("https://e/a/.b/..c") == "https://e/a/.b/..c");
    CHECK(normal("https://e//a//../b") == "https://e//a/b");
    CHECK(normal("https://e/a//") == "https://e/a//");
}

TEST_CASE("RFC 3986 6.2.3 RFC 9110 4.2.3 default and empty ports and empty paths") {
    CHECK(normal("http://e") == "http://e/");
    CHECK(normal("http://e:80") == "http://e/");
    CHECK(normal("https://e:443/x") == "https://e/x");
    CHECK(normal("https://e:/x") == "https://e/x");
    CHECK(normal("https://e:80/") == "https://e:80/");
    CHECK(normal("http://e:443/") == "http://e:443/");
    CHECK(normal("https://e:08443/") == "https://e:8443/");
    CHECK(normal("https://e:0443/") == "https://e/");
    CHECK(normal("https://e:65535/") == "https://e:65535/");
}

TEST_CASE("RFC 9449 4.2 htu: query and fragment are dropped") {
    CHECK(normal("https://e/a?b=c") == "https://e/a");
    CHECK(normal("https://e?b/../c") == "https://e/");
    CHECK(normal("https://e/a#b?c") == "https://e/a");
    CHECK(normal("https://e/a?filter[x]={\"y\"}|z") == "https://e/a");
    CHECK(normal("https://e/a?b c") == "malformed_uri@13");
    CHECK(normal("https://e/a?b\r\nX: y") == "malformed_uri@13");
}

TEST_CASE("what is no http or https URI is refused") {
    CHECK(normal("") == "unsupported_uri_scheme@0");
    CHECK(normal("/path") == "unsupported_uri_scheme@0");
    CHECK(normal("//e/path") == "unsupported_uri_scheme@0");
    CHECK(normal("ftp://e/") == "unsupported_uri_scheme@0");
    CHECK(normal("javascript:alert(1)") == "unsupported_uri_scheme@0");
    CHECK(normal(" https://e/") == "unsupported_uri_scheme@0");
    CHECK(normal("https:/e/") == "malformed_uri@6");
    CHECK(normal("https:e") == "malformed_uri@6");
    CHECK(normal("https:///x") == "malformed_uri@8");
    CHECK(normal("https://:443/x") == "malformed_uri@8");
}

TEST_CASE("RFC 9110 4.2.4 user information is refused") {
    CHECK(normal("https://user@e/") == "malformed_uri@12");
    CHECK(normal("https://user:password@e/") == "malformed_uri@21");
    CHECK(normal("https://good.example:443@evil.example/") == "malformed_uri@24");
    CHECK(normal("https://e/@x") == "https://e/@x");
}

TEST_CASE("ports beyond 1 to 65535 are refused") {
    CHECK(normal("https://e:65536/") == "malformed_uri@14");
    CHECK(normal("https://e:0/") == "malformed_uri@10");
    CHECK(normal("https://e:000/") == "malformed_uri@10");
    CHECK(normal("https://e:4a3/") == "malformed_uri@11");
    CHECK(normal("https://e:-1/") == "malformed_uri@10");
    CHECK(normal("https://e:443:443/") == "malformed_uri@13");
    CHECK(normal("https://e:99999999999999999999/").starts_with("malformed_uri@"));
}

TEST_CASE("RFC 3986 3.2.2 IPv6 addresses: checked and in lower case") {
    CHECK(normal("https://[2001:DB8::1]:443/") == "https://[2001:db8::1]/");
    CHECK(normal("https://[::1]:8443/x") == "https://[::1]:8443/x");
    for (std::string_view fine : {"::", "1::", "1:2:3:4:5:6:7:8", "::2:3:4:5:6:7:8",
                                  "1:2:3:4:5:6:7::", "::ffff:192.0.2.1", "1:2:3:4:5:6:192.0.2.1", "1::8"})
        CHECK_MESSAGE(normal("https://[" + std::string{fine} + "]/") == "https://[" + std::string{fine} + "]/",
                      std::string{fine});
    for (std::string_view bad : {"",
                                 ":",
                                 ":::",
                                 "1",
                                 "1:2:3:4:5:6:7",
                                 "1:2:3:4:5:6:7:8:9",
                                 "1::2::3",
                                 "12345::",
                                 "g::",
                                 "::1%25eth0",
                                 "v1.x",
                                 "::256.0.0.1",
                                 "::1.2.3",
                                 "::1.2.3.4.5",
                                 "::01.2.3.4",
                                 "1.2.3.4::",
                                 "1:2:3:4:5:6:7:1.2.3.4",
                                 "1:2:3:4:5:6:7:8::",
                                 ":1::",
                                 "1:"})
        CHECK_MESSAGE(normal("https://[" + std::string{bad} + "]/") == "malformed_uri@8", std::string{bad});
    CHECK(normal("https://[::1/") == "malformed_uri@8");
    CHECK(normal("https://[::1]x/") == "malformed_uri@13");
    CHECK(normal("https://::1/").starts_with("malformed_uri@"));
}

TEST_CASE("characters that RFC 3986 does not allow are refused with their offset") {
    for (std::string_view bad :
         {" ", "\"", "<", ">", "\\", "^", "`", "{", "|", "}", "[", "]", "\x01", "\x7f", "\xc3\xbc", "\n"}) {
        CHECK(normal("https://e/a" + std::string{bad} + "b") == "malformed_uri@11");
        CHECK(normal("https://e" + std::string{bad} + "b/").starts_with("malformed_uri@"));
    }
    CHECK(normal(std::string_view{"https://e/a\0b", 13}) == "malformed_uri@11");
    CHECK(normal("https://e/a%") == "malformed_uri@11");
    CHECK(normal("https://e/a%4") == "malformed_uri@11");
    CHECK(normal("https://e/a%4g") == "malformed_uri@11");
    CHECK(normal("https://e\\@evil/") == "malformed_uri@10"); // the @ is found first
}

TEST_CASE("the size is limited, and a buffer of the size of the text and 1 is enough") {
    std::string const path(8'000, 'a');
    CHECK(normal("https://e/" + path).size() == 8'010);
    CHECK(normal("https://e/" + path + path) == "header_too_large@0");
    std::string const longest = "https://e" + std::string(http::max_target_size - 9, 'x'); // and a slash
    CHECK(normal(longest) == longest + "/");
    CHECK(normal(longest + "x") == "header_too_large@0");
    CHECK(normal("https://e/?" + path + path) == "https://e/");
    std::array<char, 9> exact{};
    output out{exact};
    CHECK(http::normalize_target("http://e", out).value() == "http://e/");
    output tight{std::span<char>{exact}.first(8)};
    CHECK(http::normalize_target("http://e", tight).error() == errc::buffer_too_small);
    std::string behind = "x";
    output more{behind};
    CHECK(http::normalize_target("http://e", more).value() == "http://e/");
    CHECK(behind == "xhttp://e/");
}

TEST_CASE("RFC 9449 4.3 check 9: same_target compares normal forms") {
    CHECK(http::same_target("https://Example.com", "https://example.com:443/?x").value());
    CHECK_FALSE(http::same_target("https://example.com/a", "https://example.com/A").value());
    CHECK_FALSE(http::same_target("http://example.com/", "https://example.com/").value());
    CHECK(http::same_target("ftp://e", "https://e").error() == errc::unsupported_uri_scheme);
}

TEST_CASE("a normal form is its own normal form, for generated URIs") {
    std::mt19937_64 random{3986};
    std::string_view const parts[] = {"/", "/", "/..", "/.", "..", ".",     "a", "B", "%2e", "%2F", "%41",
                                      ":", "@", ":80", "?",  "#",  "[::1]", "%", "~", ";",   "%zz", "//"};
    std::size_t good = 0;
    for (int round = 0; round != 20'000; ++round) {
        std::string uri = random() % 2 ? "http://h" : "HTTPS://H:443/";
        for (auto n = random() % 10; n != 0; --n) uri += parts[random() % std::size(parts)];
        auto const form = http::normalize_target(uri);
        if (!form) continue;
        ++good;
        REQUIRE(form->size() <= uri.size() + 1);
        REQUIRE(http::normalize_target(*form).value() == *form);
        REQUIRE(form->find("/./") == std::string::npos);
        REQUIRE(form->find("/../") == std::string::npos);
    }
    CHECK(good > 1'000);
}

TEST_CASE(
    "S11: a page to go on to is one of this site: no second slash, and nothing that browsers drop or turn into one") {
    for (auto own : {"/", "/account", "/orders?page=2#top", "/a//b", "/%09/evil.example", "/..", "/@evil.example"})
        CHECK(http::is_own_path(own));
    for (auto other : {"", "account", "//evil.example", "/\\evil.example", "\\/evil.example", "/\t/evil.example",
                       "/\n/evil.example", "/\r/evil.example", "\t//evil.example", " /account", "/a b",
                       "https://evil.example", "javascript:alert(1)", "/\x7f", "/\xc3\xa9"})
        CHECK_FALSE(http::is_own_path(other));
    CHECK_FALSE(http::is_own_path(std::string_view{"/\0/evil.example", 15}));
    static_assert(http::is_own_path("/account") && !http::is_own_path("//account"));
}

// SPDX-License-Identifier: BSL-1.0
#include <signet/http/cookie_syntax.hpp>

#include <doctest/doctest.h>

#include <string>

using namespace signet::http;

TEST_CASE("2.1-1 token characters are those of RFC 9110 5.6.2, all 256 octets") {
    std::string_view const specials = "!#$%&'*+-.^_`|~";
    for (int i = 0; i != 256; ++i) {
        char const c = static_cast<char>(static_cast<unsigned char>(i));
        bool const expected = (i >= '0' && i <= '9') || (i >= 'a' && i <= 'z') || (i >= 'A' && i <= 'Z') ||
                              (i != 0 && specials.find(c) != specials.npos);
        CHECK(detail::is_token({&c, 1}) == expected);
    }
    CHECK_FALSE(detail::is_token(""));
}

TEST_CASE("2.1-2 cookie octets are those of RFC 6265bis 4.1.1, all 256 octets") {
    for (int i = 0; i != 256; ++i) {
        char const c = static_cast<char>(static_cast<unsigned char>(i));
        bool const expected = i == 0x21 || (i >= 0x23 && i <= 0x2b) || (i >= 0x2d && i <= 0x3a) ||
                              (i >= 0x3c && i <= 0x5b) || (i >= 0x5d && i <= 0x7e);
        CHECK(detail::is_cookie_value({&c, 1}) == expected);
    }
    CHECK(detail::is_cookie_value(""));
    CHECK(detail::is_cookie_value("\"\""));
    CHECK(detail::is_cookie_value("\"ab\""));
    CHECK_FALSE(detail::is_cookie_value("\"a"));
    CHECK_FALSE(detail::is_cookie_value("\"a b\""));
    CHECK_FALSE(detail::is_cookie_value("\"a\"b\""));
}

TEST_CASE("2.1-2 cookie octets are judged alike at every place of long values, all 256 octets") {
    for (std::size_t size : {15u, 16u, 17u, 31u, 32u, 43u})
        for (std::size_t at = 0; at != size; ++at)
            for (int i = 0; i != 256; ++i) {
                std::string text(size, 'x');
                text[at] = static_cast<char>(static_cast<unsigned char>(i));
                CHECK(detail::is_cookie_value(text) == detail::is_cookie_octet(text[at]));
            }
}

TEST_CASE("2.1-11 prefixes are seen in any case, and the longer one of two") {
    CHECK(detail::prefix_of("__Host-a") == cookie_prefix::host);
    CHECK(detail::prefix_of("__hOsT-a") == cookie_prefix::host);
    CHECK(detail::prefix_of("__Host-Http-a") == cookie_prefix::host_http);
    CHECK(detail::prefix_of("__Http-a") == cookie_prefix::http);
    CHECK(detail::prefix_of("__SECURE-a") == cookie_prefix::secure);
    CHECK(detail::prefix_of("_Host-a") == cookie_prefix::none);
    CHECK(detail::prefix_of("__Host") == cookie_prefix::none);
    CHECK(detail::exact_prefix("__Host-a"));
    CHECK(detail::exact_prefix("plain"));
    CHECK_FALSE(detail::exact_prefix("__host-a"));
    CHECK_FALSE(detail::exact_prefix("__Host-http-a"));
}

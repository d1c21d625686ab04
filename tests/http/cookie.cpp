// SPDX-License-Identifier: BSL-1.0
#include <signet/http/cookie.hpp>

#include <doctest/doctest.h>

#include <chrono>
#include <concepts>
#include <iterator>
#include <random>
#include <string>
#include <vector>

using namespace signet;
using http::cookie_reader;

static_assert(std::forward_iterator<cookie_reader::iterator>);
static_assert(std::same_as<decltype(*cookie_reader{""}.begin()), http::cookie>,
              "no reference into an iterator that goes away");

namespace {

using pairs = std::vector<std::pair<std::string, std::string>>;

pairs all(cookie_reader const& reader) {
    pairs out;
    for (auto const& [name, value] : reader) out.emplace_back(name, value);
    return out;
}

errc refusal(std::string_view field, std::string_view name) { return cookie_reader{field}.find(name).error().code; }

// A plain model of rules 2.2: slow, owning, written without a look at the reader.
struct model {
    pairs cookies;
    std::size_t malformed = 0, nameless = 0;

    explicit model(std::string const& field) {
        std::string piece;
        for (std::size_t i = 0; i <= field.size(); ++i) {
            if (i != field.size() && field[i] != ';') {
                piece += field[i];
                continue;
            }
            auto const first = piece.find_first_not_of(" \t"), last = piece.find_last_not_of(" \t");
            auto const trimmed = first == piece.npos ? "" : piece.substr(first, last - first + 1);
            piece.clear();
            if (trimmed.empty()) continue;
            auto const equals = trimmed.find('=');
            if (equals == trimmed.npos || equals == 0) {
                ++nameless;
                continue;
            }
            auto const name = trimmed.substr(0, equals);
            auto const value = trimmed.substr(equals + 1);
            auto inner = value;
            if (inner.size() > 1 && inner[0] == '"' && inner[inner.size() - 1] == '"')
                inner = inner.substr(1, inner.size() - 2);
            bool fine = true;
            for (char c : name)
                fine = fine && c > 32 && c < 127 && std::string{"()<>@,;:\\\"/[]?={}"}.find(c) == std::string::npos;
            for (char c : inner) fine = fine && c > 32 && c < 127 && std::string{"\",;\\"}.find(c) == std::string::npos;
            if (fine) cookies.emplace_back(name, value);
            else ++malformed;
        }
    }
};

constexpr http::cookie_limits no_limits{.max_size = 1u << 24, .max_pairs = 1u << 24};

} // namespace

TEST_CASE("2.2-7 find and iterate, in order, as views into the field") {
    std::string const field = "a=1; __Host-sid=abc; lang=de";
    cookie_reader const reader{field};
    auto const found = reader.find("__Host-sid");
    REQUIRE(found);
    CHECK(*found == "abc");
    CHECK(found->data() == field.data() + 16);
    CHECK(all(reader) == pairs{{"a", "1"}, {"__Host-sid", "abc"}, {"lang", "de"}});
    CHECK(refusal(field, "b") == errc::cookie_missing);
    CHECK(refusal("", "a") == errc::cookie_missing);
    CHECK(refusal(field, "") == errc::cookie_missing);
    CHECK(refusal("a=b=c", "a=b") == errc::cookie_missing);
    CHECK(all(cookie_reader{""}).empty());
}

TEST_CASE("2.2-1 several Cookie fields are as one") {
    std::vector<std::string_view> const fields = {"a=1; b=2", "", "c=3", " ; ", "d=4"};
    cookie_reader const reader{fields};
    CHECK(all(reader) == pairs{{"a", "1"}, {"b", "2"}, {"c", "3"}, {"d", "4"}});
    CHECK(reader.find("d").value() == "4");
    std::vector<std::string_view> const twice = {"a=1", "a=1"};
    CHECK(cookie_reader{twice}.find("a").error() == errc::ambiguous_cookie);
    CHECK(all(cookie_reader{std::span<std::string_view const>{}}).empty());
}

TEST_CASE("2.2-2 pairs are trimmed of space and tab only, never of other white space") {
    CHECK(cookie_reader{" \t a=1 \t;\tb=2"}.find("a").value() == "1");
    CHECK(cookie_reader{"a=1;b=2"}.find("b").value() == "2");
    // U+2000, U+00A0, U+0085 in UTF-8 and in Latin-1, vertical tab, form feed, newline
    for (std::string_view space :
         {"\xe2\x80\x80", "\xc2\xa0", "\xc2\x85", "\xa0", "\x85", "\v", "\f", "\n", "\r", "\x1c"}) {
        auto const field = std::string{space} + "__Host-sid=evil; a=1";
        cookie_reader const reader{field};
        CHECK(reader.find("__Host-sid").error() == errc::cookie_missing);
        CHECK(reader.find("a").value() == "1");
        CHECK(reader.census().malformed == 1);
        CHECK(reader.inspect("__Host-sid").suspicious == 1);
    }
    CHECK(refusal("a =1", "a") == errc::cookie_missing);
    CHECK(refusal("a= 1", "a") == errc::cookie_missing);
}

TEST_CASE("2.2-2 no RFC 2109 mode: $Version, $Path and commas mean nothing") {
    cookie_reader const reader{"$Version=1; a=\"x; b=2; c=y\"; $Path=/"};
    CHECK(all(reader) == pairs{{"$Version", "1"}, {"b", "2"}, {"$Path", "/"}});
    CHECK(reader.find("c").error() == errc::cookie_missing);
    CHECK(refusal("a=1, b=2", "b") == errc::cookie_missing);
}

TEST_CASE("2.2-3 the first = splits, and pairs without a name are ignored") {
    CHECK(cookie_reader{"a=b=c=="}.find("a").value() == "b=c==");
    cookie_reader const reader{"nameless; =also; =__Host-sid=evil; a=1"};
    CHECK(all(reader) == pairs{{"a", "1"}});
    CHECK(reader.census().nameless == 3);
    CHECK(refusal("=__Host-sid=evil", "__Host-sid") == errc::cookie_missing);
    CHECK(cookie_reader{"a="}.find("a").value() == "");
}

TEST_CASE("2.2-4 nothing is unquoted or decoded but on request") {
    CHECK(cookie_reader{"a=\"b\""}.find("a").value() == "\"b\"");
    CHECK(cookie_reader{"a=%41%3B"}.find("a").value() == "%41%3B");
    CHECK(refusal("%61=1", "a") == errc::cookie_missing);
    CHECK(http::unquoted("\"b\"") == "b");
    CHECK(http::unquoted("\"b") == "\"b");
    CHECK(http::unquoted("\"") == "\"");
    std::string text = "x";
    output out{text};
    CHECK(http::percent_decode("%41b%3b%C3%a9", out).value() == "Ab;\xc3\xa9");
    CHECK((http::percent_decode("ab%4", out).error() == error{errc::invalid_cookie_value, 2}));
    CHECK((http::percent_decode("%zz", out).error() == error{errc::invalid_cookie_value, 0}));
    CHECK(http::percent_decode("", out).value() == "");
}

TEST_CASE("2.2-5 a name sent twice is ambiguous, even with one value; others stay readable") {
    CHECK(refusal("a=1; a=2", "a") == errc::ambiguous_cookie);
    CHECK(refusal("a=1; b=2; a=1", "a") == errc::ambiguous_cookie);
    CHECK(cookie_reader{"a=1; a=2; b=3"}.find("b").value() == "3");
    auto const seen = cookie_reader{"a=1; a=2; a=b c"}.inspect("a");
    CHECK(seen.hits == 2);
    CHECK(seen.value == "1");
    CHECK(seen.malformed == 1);
}

TEST_CASE("2.2-5 names compare exactly, and variants of a prefixed name are reported") {
    CHECK(refusal("__host-sid=evil", "__Host-sid") == errc::cookie_missing);
    cookie_reader const reader{"__host-sid=1; __HOST-SID=2; __Host-sid=3; \"__Host-sid\"=4; __Host-sid2=5"};
    CHECK(reader.find("__Host-sid").value() == "3");
    CHECK(reader.inspect("__Host-sid").suspicious == 3);
    // without a prefix another case is another cookie
    CHECK(cookie_reader{"SID=1; sid=2"}.inspect("sid").suspicious == 0);
    CHECK(cookie_reader{"\x01sid=1; sid=2"}.inspect("sid").suspicious == 1);
}

TEST_CASE("2.2-6 a pair with octets that no cookie may have is skipped and counted, the others are kept") {
    for (int i = 0; i != 256; ++i) {
        char const c = static_cast<char>(static_cast<unsigned char>(i));
        std::string field = "x=1; a=b?b; y=2";
        field[8] = c;
        cookie_reader const reader{field};
        CHECK(reader.find("x").value() == "1");
        CHECK(reader.find("y").value() == "2");
        bool const fine = i > 0x20 && i < 0x7f && i != '"' && i != ',' && i != '\\' && i != ';';
        if (fine) CHECK(reader.find("a").value() == field.substr(7, 3));
        else if (c != ';') CHECK(reader.find("a").error() == errc::cookie_missing);
        CHECK(reader.census().malformed == (fine || c == ';' ? 0 : 1));
    }
}

TEST_CASE("2.2-6 caps on octets and pairs refuse instead of cutting") {
    std::string many;
    for (int i = 0; i != 256; ++i) many += "a" + std::to_string(i) + "=1;";
    CHECK(cookie_reader{many}.find("a255").value() == "1");
    many += "b=1";
    CHECK(refusal(many, "b") == errc::header_too_large);
    CHECK(refusal(many, "c") == errc::header_too_large);
    CHECK(all(cookie_reader{many}).empty());
    CHECK(cookie_reader{many}.census().over_limits);
    CHECK(cookie_reader{many}.inspect("b").over_limits);
    std::string const large = "a=" + std::string(16'383, 'x');
    CHECK(refusal(large, "a") == errc::header_too_large);
    CHECK(cookie_reader(large, {.max_size = 1 << 20}).find("a").value().size() == 16'383);
    std::vector<std::string_view> const fields(3, large);
    CHECK(cookie_reader{fields}.find("b").error() == errc::header_too_large);
}

TEST_CASE("a header of 1 MiB, of each hostile kind, is read in linear time") {
    std::string_view const kinds[] = {
        ";", "=", " ", "\t", "a", "a=", "a=;", "a=1;", "\"", "a=\";", "\xe2\x80\x80", "$Version=1;", "\0", "; ", "==;"};
    for (auto kind : kinds) {
        std::string field;
        while (field.size() < (1u << 20)) field += kind.empty() ? std::string_view{"\0", 1} : kind;
        auto const start = std::chrono::steady_clock::now();
        cookie_reader const wide{field, no_limits};
        auto const census = wide.census();
        std::size_t walked = 0;
        for (auto const& one : wide) walked += one.name.empty() ? 0 : 1;
        CHECK(walked == census.cookies);
        (void)wide.inspect("__Host-sid");
        CHECK_FALSE(wide.find("__Host-sid"));
        CHECK(cookie_reader{field}.find("__Host-sid").error() == errc::header_too_large);
        CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds{10});
    }
}

TEST_CASE("generated hostile headers read as a plain model reads them") {
    std::mt19937_64 random{20260217};
    std::string_view const parts[] = {
        "a",      "sid",  "__Host-sid", "=",  "=",        "=",          ";", ";",     "; ",           " ",
        "\t",     "\"",   ",",          "\\", "$Version", "$Path",      "1", "value", "\xe2\x80\x80", "\xc2\xa0",
        "\xa0",   "\r\n", "\x7f",       "\v", "%3B",      "__host-sid", "(", "/",     "==",           "; a=1",
        "; sid=2"};
    for (int round = 0; round != 20'000; ++round) {
        std::string field;
        for (auto n = random() % 24; n != 0; --n) {
            auto const pick = random() % (std::size(parts) + 2);
            if (pick < std::size(parts)) field += parts[pick];
            else field += static_cast<char>(static_cast<unsigned char>(random()));
        }
        model const expected{field};
        cookie_reader const reader{field};
        REQUIRE(all(reader) == expected.cookies);
        auto const census = reader.census();
        REQUIRE(census.cookies == expected.cookies.size());
        REQUIRE(census.malformed == expected.malformed);
        REQUIRE(census.nameless == expected.nameless);
        for (std::string name : {"a", "sid", "__Host-sid", "$Version"}) {
            std::size_t hits = 0;
            std::string value;
            for (auto const& [n, v] : expected.cookies)
                if (n == name && hits++ == 0) value = v;
            auto const found = reader.find(name);
            REQUIRE(reader.inspect(name).hits == hits);
            if (hits == 1) REQUIRE(found.value() == value);
            else REQUIRE(found.error() == (hits == 0 ? errc::cookie_missing : errc::ambiguous_cookie));
        }
    }
}

TEST_CASE("cookie reader: a refusal is about the Cookie header") {
    CHECK(cookie_reader{"a=1"}.find("b").error() == error{errc::cookie_missing, field_name::cookie_header});
    CHECK(cookie_reader{"a=1; a=2"}.find("a").error() == error{errc::ambiguous_cookie, field_name::cookie_header});
    CHECK(cookie_reader{"a=1; b=2", {.max_pairs = 1}}.find("b").error() ==
          error{errc::header_too_large, field_name::cookie_header});
}

// SPDX-License-Identifier: BSL-1.0
#include <signet/http/structured_field.hpp>

#include <doctest/doctest.h>

#include <array>
#include <limits>
#include <random>
#include <string>

using namespace signet;
namespace sf = signet::http::sf;

static_assert(std::is_constructible_v<sf::bare_item, int> && std::is_constructible_v<sf::bare_item, std::uint32_t>);
static_assert(!std::is_constructible_v<sf::bare_item, double>, "it would lose its fraction");
static_assert(!std::is_constructible_v<sf::bare_item, std::uint64_t>, "it might turn negative");
static_assert(!std::is_constructible_v<sf::bare_item, char> && !std::is_constructible_v<sf::bare_item, char const*>);

namespace {

// Where reading stops making sense; 9999 where it does make sense.
template <class Result> std::size_t stop(Result const& read) {
    if (read) return 9999;
    CHECK(read.error() == errc::malformed_header_field);
    return read.error().at;
}
std::size_t item_stop(std::string_view text) { return stop(sf::parse_item(text)); }
std::size_t list_stop(std::string_view text) { return stop(sf::parse_list(text)); }
std::size_t dictionary_stop(std::string_view text) { return stop(sf::parse_dictionary(text)); }

std::string written(sf::bare_item value) {
    auto const text = sf::serialize(sf::item{std::move(value)});
    return text ? *text : std::string{name(text.error().code)};
}

std::string decimal_of(double value) {
    auto const exact = sf::decimal::from(value);
    return exact ? written(sf::bare_item{*exact}) : std::string{name(exact.error().code)};
}

// A type is chosen by name: a text is no value, and a number of another width no boolean.
static_assert(!std::is_constructible_v<sf::bare_item, char const*>);
static_assert(!std::is_constructible_v<sf::bare_item, std::string>);
static_assert(!std::is_convertible_v<std::int64_t, sf::bare_item>);

} // namespace

TEST_CASE("RFC 9651 3.3 each type is read as itself and as nothing else") {
    auto const read = [](std::string_view text) { return sf::parse_item(text).value().value; };
    CHECK(read("-42").as_integer() == -42);
    CHECK(read("1.25").as_decimal() == sf::decimal{1250});
    CHECK(read("-1.25").as_decimal()->to_double() == -1.25);
    CHECK(read("\"a\\\"b\\\\\"").as_string() == "a\"b\\");
    CHECK(read("*a:b/c").as_token() == "*a:b/c");
    CHECK(as_text(read(":AQID:").as_byte_sequence().value()) == "\1\2\3");
    CHECK(read("?0").as_boolean() == false);
    CHECK(read("@-1").as_date() == -1);
    CHECK(read("%\"f%c3%bc\"").as_display_string() == "f\xc3\xbc");
    CHECK_FALSE(read("1").as_decimal());
    CHECK_FALSE(read("1").as_date());
    CHECK_FALSE(read("a").as_string());
    CHECK_FALSE(read("\"a\"").as_token());
    CHECK_FALSE(read("\"a\"").as_display_string());
}

TEST_CASE("RFC 9651 4.2 errors tell the exact offset") {
    CHECK(item_stop("") == 0);
    CHECK(item_stop("  ") == 2);
    CHECK(item_stop("a b") == 2);
    CHECK(item_stop("a,b") == 1);
    CHECK(item_stop("\ta") == 0);
    CHECK(item_stop("a\t") == 1);
    CHECK(item_stop("-") == 1);
    CHECK(item_stop("--1") == 1);
    CHECK(item_stop("1.") == 2);
    CHECK(item_stop("1..2") == 2);
    CHECK(item_stop("1.2.3") == 3);
    CHECK(item_stop("1234567890123456") == 15);
    CHECK(item_stop("1234567890123.1") == 13);
    CHECK(item_stop("123456789012.1234") == 16);
    CHECK(item_stop("\"abc") == 4);
    CHECK(item_stop("\"a\\c\"") == 3);
    CHECK(item_stop("\"a\\") == 3);
    CHECK(item_stop("\"a\x7f\"") == 2);
    CHECK(item_stop(":YQ") == 3);
    CHECK(item_stop(":Y?==:") == 2);
    CHECK(item_stop(":Y:") == 2);
    CHECK(item_stop("?2") == 1);
    CHECK(item_stop("?") == 1);
    CHECK(item_stop("@1.5") == 1);
    CHECK(item_stop("@a") == 1);
    CHECK(item_stop("%a") == 1);
    CHECK(item_stop("%\"%C3\"") == 3);
    CHECK(item_stop("%\"%c\"") == 4);
    CHECK(item_stop("%\"%c3\"") == 0); // not UTF-8 as a whole
    CHECK(item_stop("a;") == 2);
    CHECK(item_stop("a;A=1") == 2);
    CHECK(item_stop("a;b=") == 4);
    CHECK(list_stop("a,") == 1);
    CHECK(list_stop("a, ,b") == 3);
    CHECK(list_stop("a b") == 2);
    CHECK(list_stop("(a b") == 4);
    CHECK(list_stop("(a,b)") == 2);
    CHECK(list_stop("(a\tb)") == 2);
    CHECK(list_stop("((a))") == 1);
    CHECK(dictionary_stop("a=1,,b") == 4);
    CHECK(dictionary_stop("A=1") == 0);
    CHECK(dictionary_stop("a=") == 2);
    CHECK(dictionary_stop("a =1") == 2);
}

TEST_CASE("RFC 9651 4.2 empty lists and dictionaries are values, an empty item is none") {
    CHECK(sf::parse_list("").value().empty());
    CHECK(sf::parse_list("   ").value().empty());
    CHECK(sf::parse_dictionary("").value().empty());
    CHECK(sf::parse_list(std::span<std::string_view const>{}).value().empty());
    CHECK_FALSE(sf::parse_item(std::span<std::string_view const>{}));
    CHECK(sf::serialize(sf::list{}).value().empty());
    CHECK(sf::serialize(sf::dictionary{}).value().empty());
}

TEST_CASE("RFC 9651 4.2 several lines of one field are one value") {
    std::array<std::string_view, 2> const lines{"a, b", "c"}, broken{"a, \"b", "c\""}, empty{"a", ""};
    CHECK(sf::parse_list(lines).value().size() == 3);
    CHECK(sf::parse_list(broken).value()[1].value.as_string() == "b, c");
    CHECK_FALSE(sf::parse_list(empty));
    CHECK_FALSE(sf::parse_item(lines));
}

TEST_CASE("RFC 9651 4.2.2 a key that comes again replaces the value and keeps its place; 4.2.3.2 so do parameters") {
    CHECK(sf::serialize(sf::parse_dictionary("a=1, b=2;x, a=(3);y").value()).value() == "a=(3);y, b=2;x");
    CHECK(sf::serialize(sf::parse_item("t;a=1;b;a=?0").value()).value() == "t;a=?0;b");
    auto const read = sf::parse_dictionary("a=1, b").value();
    REQUIRE(read.find("b"));
    CHECK(read.find("b")->value.as_boolean() == true);
    CHECK(read.find("c") == nullptr);
}

TEST_CASE(
    "T12: RFC 9651 4.2.2 4.2.3.2 among many keys too, the last value of a key counts and stands where the first did") {
    std::string members, again, parameters;
    for (int i = 0; i != 200; ++i) {
        members += "k" + std::to_string(i) + "=1, ";
        again += "k" + std::to_string(199 - i) + '=' + std::to_string(199 - i) + ", ";
        parameters += ";p" + std::to_string(i % 100) + '=' + std::to_string(i);
    }
    auto const dictionary = sf::parse_dictionary(members + again + "last").value();
    REQUIRE(dictionary.size() == 201);
    int expected = 0;
    for (auto const& [key, value] : dictionary) {
        if (key == "last") continue;
        CHECK(key == "k" + std::to_string(expected));
        CHECK(value.value.as_integer() == expected);
        ++expected;
    }
    auto const item = sf::parse_item("x" + parameters).value();
    REQUIRE(item.params.size() == 100);
    expected = 100;
    for (auto const& [key, value] : item.params) {
        CHECK(key == "p" + std::to_string(expected - 100));
        CHECK(value.as_integer() == expected++);
    }
}

TEST_CASE("RFC 9651 4.2.7 base64 may lack its padding, and its unused bits may be anything; nothing else") {
    auto const octets = [](std::string_view text) {
        return std::string{as_text(sf::parse_item(text).value().value.as_byte_sequence().value())};
    };
    CHECK(octets(":aGVsbG8=:") == "hello");
    CHECK(octets(":aGVsbG8:") == "hello");
    CHECK(octets(":aGVsbG9=:") == "hello");
    CHECK(octets("::") == "");
    for (std::string_view bad : {":=:", ":aGVsbG8==:", ":aGV=sbG8:", ":aGVs=:", ":aGVs====:", ":aG VsbG8=:",
                                 ":aGVsbG8-:", ":_w==:", ":aGVsb:"})
        CHECK_FALSE(sf::parse_item(bad));
}

TEST_CASE("RFC 9651 3.3.8 4.2.10 display strings are UTF-8 by RFC 3629") {
    for (std::string_view fine : {"%c2%80", "%df%bf", "%e0%a0%80", "%ed%9f%bf", "%ee%80%80", "%ef%bf%bf",
                                  "%f0%90%80%80", "%f4%8f%bf%bf", "%00", "%25%22"})
        CHECK_MESSAGE(sf::parse_item("%\"" + std::string{fine} + "\""), std::string{fine});
    for (std::string_view bad : {"%80", "%c0%80", "%c1%bf", "%e0%9f%bf", "%ed%a0%80", "%f0%8f%bf%bf", "%f4%90%80%80",
                                 "%f5%80%80%80", "%ff", "%c3", "%e2%82", "%e2%28%a1", "%f0%9f%98"})
        CHECK_MESSAGE(!sf::parse_item("%\"" + std::string{bad} + "\""), std::string{bad});
    CHECK(written(sf::bare_item{sf::display_string{"100% \"\xc3\xbc\"\n"}}) == "%\"100%25 %22%c3%bc%22%0a\"");
    CHECK(written(sf::bare_item{sf::display_string{"\xc3"}}) == "malformed_header_field");
}

TEST_CASE("RFC 9651 4.1.4 4.1.5 numbers: range, rounding half to even, shortest form") {
    CHECK(written(sf::bare_item{std::int64_t{999'999'999'999'999}}) == "999999999999999");
    CHECK(written(sf::bare_item{std::int64_t{-999'999'999'999'999}}) == "-999999999999999");
    CHECK(written(sf::bare_item{std::int64_t{1'000'000'000'000'000}}) == "out_of_range");
    CHECK(written(sf::bare_item{std::numeric_limits<std::int64_t>::min()}) == "out_of_range");
    CHECK(written(sf::bare_item{sf::date{1'000'000'000'000'000}}) == "out_of_range");
    CHECK(written(sf::bare_item{sf::decimal{std::numeric_limits<std::int64_t>::min()}}) == "out_of_range");
    CHECK(written(sf::bare_item{sf::decimal{-5}}) == "-0.005");
    CHECK(written(sf::bare_item{sf::decimal{1'000}}) == "1.0");
    CHECK(written(sf::bare_item{sf::decimal{1'230}}) == "1.23");
    CHECK(decimal_of(0.0015) == "0.002");
    CHECK(decimal_of(0.0025) == "0.002");
    CHECK(decimal_of(-0.0015) == "-0.002");
    CHECK(decimal_of(0.00251) == "0.003");
    CHECK(decimal_of(-0.0) == "0.0");
    CHECK(decimal_of(0.1) == "0.1");
    CHECK(decimal_of(1e-300) == "0.0");
    CHECK(decimal_of(999'999'999'999.5) == "999999999999.5");
    CHECK(decimal_of(1e12) == "out_of_range");
    CHECK(decimal_of(std::numeric_limits<double>::infinity()) == "out_of_range");
    CHECK(decimal_of(std::numeric_limits<double>::quiet_NaN()) == "out_of_range");
}

TEST_CASE("RFC 9651 4.1 what the syntax cannot carry is refused, never changed") {
    CHECK(written(sf::bare_item{sf::string{"caf\xc3\xa9"}}) == "malformed_header_field");
    CHECK(written(sf::bare_item{sf::string{"a\r\nX: y"}}) == "malformed_header_field");
    CHECK(written(sf::bare_item{sf::token{""}}) == "malformed_header_field");
    CHECK(written(sf::bare_item{sf::token{"1a"}}) == "malformed_header_field");
    CHECK(written(sf::bare_item{sf::token{"a b"}}) == "malformed_header_field");
    for (std::string_view key : {"", "A", "1a", "a b", "a=", "\xc3\xbc"}) {
        sf::dictionary with;
        with.set(key, sf::member{sf::item{sf::bare_item{true}}});
        CHECK(sf::serialize(with).error() == errc::malformed_header_field);
        sf::item one{sf::bare_item{true}};
        one.params.set(key, sf::bare_item{true});
        CHECK(sf::serialize(one).error() == errc::malformed_header_field);
    }
    std::array<char, 3> small{};
    output out{small};
    CHECK(sf::serialize(sf::item{sf::bare_item{sf::string{"abc"}}}, out).error() == errc::buffer_too_small);
}

TEST_CASE("limits refuse more than was allowed, and the defaults carry what RFC 9651 3 demands") {
    auto const repeated = [](std::string_view piece, std::size_t times) {
        std::string text;
        for (std::size_t i = 0; i != times; ++i) text += piece;
        return text;
    };
    CHECK(sf::parse_list(repeated("a,", 1'023) + "a").value().size() == 1'024);
    CHECK(sf::parse_list(repeated("a,", 1'024) + "a").error() == errc::header_too_large);
    CHECK(sf::parse_list("(" + repeated("a ", 256) + ")"));
    CHECK(sf::parse_list("(" + repeated("a ", 257) + ")").error() == errc::header_too_large);
    std::string params, members;
    for (int i = 0; i != 256; ++i) params += ";a" + std::to_string(i);
    CHECK(sf::parse_item("x" + params).value().params.size() == 256);
    CHECK(sf::parse_item("x" + params + ";b").error() == errc::header_too_large);
    for (int i = 0; i != 1'024; ++i) members += "a" + std::to_string(i) + ",";
    members.pop_back();
    CHECK(sf::parse_dictionary(members).value().size() == 1'024);
    members += ',';
    CHECK(sf::parse_dictionary(members + "b").error() == errc::header_too_large);
    // Keys that come again count too: each is looked for among all others.
    CHECK(sf::parse_dictionary(members + "a0").error() == errc::header_too_large);
    CHECK(sf::parse_dictionary(repeated("a,", 1'023) + "a").value().size() == 1);
    CHECK(sf::parse_dictionary(repeated("a,", 1'024) + "a").error() == errc::header_too_large);
    CHECK(sf::parse_item("x" + repeated(";a", 256)).value().params.size() == 1);
    CHECK(sf::parse_item("x" + repeated(";a", 257)).error() == errc::header_too_large);
    CHECK(sf::parse_item("\"" + std::string(65'534, 'x') + "\""));
    CHECK(sf::parse_item("\"" + std::string(65'535, 'x') + "\"").error() == errc::header_too_large);
    std::array<std::string_view, 3> const lines{"aaaa", "bbbb", "cccc"};
    CHECK(sf::parse_list(lines, {.max_size = 15}).error() == errc::header_too_large);
    CHECK(sf::parse_list(lines, {.max_size = 16}));
    CHECK(sf::parse_list(repeated("(", 60'000)).error() == errc::malformed_header_field); // no recursion
}

TEST_CASE("generated values survive being written and read") {
    std::mt19937_64 random{9651};
    auto const text_of = [&](std::string_view alphabet, std::size_t least) {
        std::string out;
        for (auto n = least + random() % 12; n != 0; --n)
            out += alphabet[static_cast<std::size_t>(random() % alphabet.size())];
        return out;
    };
    std::string printable;
    for (char c = 0x20; c < 0x7f; ++c) printable += c;
    auto const key = [&] { return "k" + text_of("abz09_-.*", 0); };
    auto const bare = [&]() -> sf::bare_item {
        auto const number = static_cast<std::int64_t>(random() % 1'999'999'999'999'999) - 999'999'999'999'999;
        switch (random() % 8) {
        case 0: return sf::bare_item{number};
        case 1: return sf::bare_item{sf::decimal{number}};
        case 2: return sf::bare_item{sf::string{text_of(printable, 0)}};
        case 3: return sf::bare_item{sf::token{"t" + text_of("aZ9:/!#$%&'*+-.^_`|~", 0)}};
        case 4: return sf::bare_item{sf::byte_sequence{text_of(std::string_view{"\0\xff\x80 az", 6}, 0)}};
        case 5: return sf::bare_item{random() % 2 == 0};
        case 6: return sf::bare_item{sf::date{number}};
        default: {
            std::string text;
            std::string_view const pieces[] = {"a", "%", "\"", "\n", "\xc3\xbc", "\xe2\x82\xac", "\xf0\x9f\x98\x80"};
            for (auto n = random() % 6; n != 0; --n) text += pieces[random() % std::size(pieces)];
            return sf::bare_item{sf::display_string{text}};
        }
        }
    };
    auto const params = [&] {
        sf::parameters out;
        for (auto n = random() % 4; n != 0; --n) out.set(key(), bare());
        return out;
    };
    auto const item = [&] { return sf::item{bare(), params()}; };
    auto const member = [&]() -> sf::member {
        if (random() % 3 != 0) return item();
        std::vector<sf::item> items;
        for (auto n = random() % 4; n != 0; --n) items.push_back(item());
        return sf::member{std::move(items), params()};
    };
    for (int round = 0; round != 3'000; ++round) {
        auto const one = item();
        REQUIRE(sf::parse_item(sf::serialize(one).value()).value() == one);
        sf::list many;
        sf::dictionary named;
        for (auto n = random() % 5; n != 0; --n) many.push_back(member()), named.set(key(), member());
        REQUIRE(sf::parse_list(sf::serialize(many).value()).value() == many);
        auto const text = sf::serialize(named).value();
        REQUIRE(sf::parse_dictionary(text).value() == named);
        REQUIRE(sf::serialize(sf::parse_dictionary(text).value()).value() == text);
    }
}

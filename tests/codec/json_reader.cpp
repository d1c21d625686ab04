#include <signet/codec/json_reader.hpp>

#include <doctest/doctest.h>

#include <string>

using namespace signet;
using namespace signet::codec;

namespace {
errc refusal(std::string_view text, json_limits const& limits = {}) {
    auto const d = json_document::parse(text, limits);
    return d ? errc{} : d.error().code;
}
constexpr errc accepted{};
} // namespace

TEST_CASE("RFC 8259: values of every kind, in the order of the text") {
    auto const document = json_document::parse(
        R"( {"n":null,"t":true,"f":false,"i":-12,"d":1.5e3,"s":"x","a":[1,[2],{}],"o":{"k":"v"}} )");
    REQUIRE(document);
    auto const root = document->root();
    CHECK(root.size() == 8);
    CHECK(root.find("n")->is_null());
    CHECK(*root.find("t")->as_bool());
    CHECK_FALSE(*root.find("f")->as_bool());
    CHECK(*root.find("i")->as_int64() == -12);
    CHECK(*root.find("d")->as_double() == 1500.0);
    CHECK(*root.find("s")->as_string() == "x");
    CHECK(root.find("a")->size() == 3);
    CHECK(*root.find("o")->find("k")->as_string() == "v");
    std::string names;
    for (auto const member : root) names += member.name();
    CHECK(names == "ntfidsao");
    CHECK(root.find("missing").error() == errc::json_member_missing);
    CHECK(root.find("s")->find("k").error() == errc::json_wrong_type);
    CHECK(root.find("s")->as_int64().error() == errc::json_wrong_type);
    CHECK(json_value{}.is_null());
    CHECK(json_value{}.size() == 0);
}

TEST_CASE("RFC 8259 section 7: escapes are undone in place and disturb nothing before or behind them") {
    auto const document = json_document::parse(
        R"({"a":"plain","b\u0041\n":"\"\\\/\b\f\n\r\t\u00e9\u20ac\ud83d\ude00 tail","c":"after","":"\u0000"})");
    REQUIRE(document);
    auto const root = document->root();
    CHECK(*root.find("a")->as_string() == "plain");
    CHECK(*root.find("bA\n")->as_string() == "\"\\/\b\f\n\r\t\u00e9\u20ac\U0001f600 tail");
    CHECK(*root.find("c")->as_string() == "after");
    CHECK(*root.find("")->as_string() == std::string_view{"\0", 1});
}

TEST_CASE("escaped strings longer than the parser's own buffer") {
    std::string raw = "[\"", expected;
    for (int i = 0; i != 5000; ++i) raw += i % 3 ? "\\u00e9" : "xyz", expected += i % 3 ? "\u00e9" : "xyz";
    auto const document = json_document::parse(raw + "\",7]");
    REQUIRE(document);
    CHECK(*(*document->root().begin()).as_string() == expected);
}

TEST_CASE("RFC 8259 section 2: malformed texts and trailing octets are refused") {
    for (std::string_view bad :
         {"",       " ",       "{",         "[1,]",  "{\"a\":1,}", "{a:1}",    "'a'",           "[1 2]", "01",
          "+1",     "1.",      ".5",        "1e",    "-",          "nul",      "True",          "[1]x",  "{} {}",
          "\"\t\"", "\"\\x\"", "\"\\u12\"", "/**/1", "NaN",        "Infinity", "\xef\xbb\xbf{}"})
        CHECK_MESSAGE(refusal(bad) != accepted, std::string{bad});
    CHECK(refusal(std::string_view{"{}\0", 3}) == errc::malformed_json);
    CHECK(refusal(std::string_view{"\"a\0b\"", 5}) == errc::malformed_json);
}

TEST_CASE("RFC 7519 section 4: a member named twice is refused, also when it is spelled with escapes") {
    CHECK(refusal(R"({"a":1,"a":1})") == errc::duplicate_json_name);
    CHECK(refusal(R"({"a":1,"\u0061":2})") == errc::duplicate_json_name);
    CHECK(refusal(R"({"x":{"a":1,"b":2,"a":3}})") == errc::duplicate_json_name);
    CHECK(refusal(R"({"":1,"":2})") == errc::duplicate_json_name);
    CHECK(refusal(R"({"a":{"a":1},"b":[{"a":2},{"a":3}]})") == accepted);
    std::string many = "{";
    for (int i = 0; i != 200; ++i) many += "\"k" + std::to_string(i) + "\":0,";
    CHECK(refusal(many + "\"k77x\":0}") == accepted);
    CHECK(refusal(many + "\"k77\":0}") == errc::duplicate_json_name);
}

TEST_CASE("T12: a member named twice is refused among names that are hard to tell apart, wherever the two stand") {
    auto const object = [](std::size_t members, std::size_t first,
                           std::size_t again) { // member `again` has the name of `first`
        std::string json = "{";
        for (std::size_t i = 0; i != members; ++i) {
            auto digits = std::to_string(i == again ? first : i);
            json += (i == 0 ? "\"a" : ",\"a") + std::string(5 - digits.size(), '0') + digits + "a\":{\"x\":[]}";
        }
        return json + '}';
    };
    for (std::size_t const members : {12u, 60u, 256u})
        for (std::size_t const first : {std::size_t{0}, std::size_t{1}, std::size_t{9}, members / 2})
            for (std::size_t const again : {first + 1, members - 2, members - 1}) {
                if (again <= first || again >= members) continue;
                CAPTURE(members);
                CAPTURE(first);
                CAPTURE(again);
                CHECK(refusal(object(members, first, again)) == errc::duplicate_json_name);
                CHECK(refusal("[1," + object(members, 0, members) + "," + object(members, first, again) + "]") ==
                      errc::duplicate_json_name);
            }
    CHECK(refusal(object(256, 0, 256)) == accepted);
    CHECK(refusal(object(257, 0, 257)) == errc::json_too_many_members);
    json_limits const large{.max_members = 5'000};
    CHECK(refusal(object(5'000, 0, 5'000), large) == accepted);
    CHECK(refusal(object(5'000, 17, 4'999), large) == errc::duplicate_json_name);
    CHECK(refusal(object(5'000, 4'998, 4'999), large) == errc::duplicate_json_name);
}

TEST_CASE("RFC 8259 8.1 and 8.2: invalid UTF-8 and lone surrogates are refused") {
    for (std::string_view bad :
         {"\"\xff\"", "\"\xc0\x80\"", "\"\xed\xa0\x80\"", "\"\xf4\x90\x80\x80\"", "\"\xe2\x82\"", "{\"\x80\":1}"})
        CHECK(refusal(bad) == errc::json_not_utf8);
    for (std::string_view bad : {R"("\ud800")", R"("\udc00")", R"("\ud800\ud800")", R"("\ud800x")", R"({"\udfff":1})"})
        CHECK_MESSAGE(refusal(bad) != accepted, std::string{bad});
}

TEST_CASE("LESSONS: numbers are kept exactly") {
    struct number {
        json_document text;
        json_value value = text.root();
        explicit number(std::string_view digits) : text{*json_document::parse(digits)} {}
        json_value const* operator->() const { return &value; }
    };
    CHECK(*number("9223372036854775807")->as_int64() == INT64_MAX);
    CHECK(*number("-9223372036854775808")->as_int64() == INT64_MIN);
    CHECK(number("9223372036854775808")->as_int64().error() == errc::invalid_json_number);
    CHECK(*number("18446744073709551615")->as_uint64() == UINT64_MAX);
    CHECK(number("18446744073709551616")->as_uint64().error() == errc::invalid_json_number);
    CHECK(number("-1")->as_uint64().error() == errc::invalid_json_number);
    CHECK(*number("-0")->as_uint64() == 0);
    CHECK(number("1.0")->as_int64().error() == errc::invalid_json_number);
    CHECK(number("1e2")->as_int64().error() == errc::invalid_json_number);
    CHECK(number("1e400")->as_double().error() == errc::invalid_json_number);
    CHECK(*number("0.1")->as_double() == 0.1);
    CHECK(*number("1.7976931348623157e308")->as_double() == 1.7976931348623157e308);
    CHECK(*number("2.2250738585072011e-308")->as_double() == 2.2250738585072011e-308);
    CHECK(*number("9007199254740993")->as_int64() == 9007199254740993);
    CHECK(number("1658056533.25")->number_text() == "1658056533.25");
}

TEST_CASE("limits: size, depth, members, values, each with its own reason") {
    CHECK(refusal("[1,2]", {.max_size = 4}) == errc::json_too_large);
    auto const nested = [](std::size_t n) { return std::string(n, '[') + std::string(n, ']'); };
    CHECK(refusal(nested(32)) == accepted);
    CHECK(refusal(nested(33)) == errc::json_too_deep);
    CHECK(refusal(nested(100'000)) == errc::json_too_deep);
    CHECK(refusal(nested(3), {.max_depth = 2}) == errc::json_too_deep);
    CHECK(refusal(nested(33), {.max_depth = 1000}) == errc::json_too_deep); // the limit of the limit
    CHECK(refusal(R"({"a":1,"b":2})", {.max_members = 1}) == errc::json_too_many_members);
    CHECK(refusal("[1,2,3]", {.max_values = 3}) == errc::json_too_many_members);
    CHECK(refusal("[1,2]", {.max_values = 3}) == accepted);
}

TEST_CASE("an index that is too short is refused, never written past") {
    std::string text = "[1,2,3]";
    json_node nodes[3];
    CHECK(parse_json(text, nodes).error() == errc::json_too_many_members);
    json_node enough[4];
    CHECK(parse_json(text, enough)->size() == 3);
    CHECK(parse_json(text, enough, {.max_size = 6}).error() == errc::json_too_large);
}

TEST_CASE("a document may be moved; its values view what moved along") {
    auto first = json_document::parse(R"({"a":"b\u0063"})");
    REQUIRE(first);
    auto const second = *std::move(first);
    CHECK(*second.root().find("a")->as_string() == "bc");
}

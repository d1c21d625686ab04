#include <signet/codec/json_reader.hpp>
#include <signet/codec/json_writer.hpp>

#include <doctest/doctest.h>

#include <limits>
#include <string>

using namespace signet;
using namespace signet::codec;

namespace {
template <class F> result<std::string> written(F fill) {
    std::string text;
    output out{text};
    json_writer w{out};
    fill(w);
    if (auto r = w.finish(); !r) return r.error();
    return text;
}
} // namespace

template <class T>
concept can_be_member = requires(codec::json_writer& w, T value) { w.member("x", value); };
static_assert(can_be_member<char const*> && can_be_member<std::string> && can_be_member<int> && can_be_member<bool> &&
              can_be_member<double>);
static_assert(!can_be_member<char>, "one letter is no number");
static_assert(!can_be_member<std::nullptr_t>, "a null pointer is no text");

TEST_CASE("RFC 8259: objects, arrays and scalars without white space") {
    CHECK(*written([](auto& w) {
        w.begin_object().member("sub", "ann").member("exp", 300).member("ok", true).name("roles").begin_array();
        w.string("a").string("b").end_array().name("none").null().name("o").begin_object().end_object().end_object();
    }) == R"({"sub":"ann","exp":300,"ok":true,"roles":["a","b"],"none":null,"o":{}})");
}

TEST_CASE("RFC 8259 section 7: what must be escaped is escaped, the rest goes out as it is") {
    CHECK(*written([](auto& w) { w.string(std::string_view{"\"\\\b\f\n\r\t\x01\0\x1f/\x7f\u00e9\U0001f511", 18}); }) ==
          "\"\\\"\\\\\\b\\f\\n\\r\\t\\u0001\\u0000\\u001f/\x7f\u00e9\U0001f511\"");
}

TEST_CASE("RFC 8259 section 7: every octet at every place of a text, beside octets at the edges") {
    std::size_t wrong = 0;
    for (unsigned o = 0; o != 256; ++o)
        for (char const beside : {' ', '!', '#', '[', ']', '\x7f'})
            for (std::size_t size = 1; size != 19; ++size)
                for (std::size_t at = 0; at != size; ++at) {
                    std::string text(size, beside);
                    text[at] = static_cast<char>(o);
                    auto const json = written([&](auto& w) { w.string(text); });
                    if (o >= 0x80) {
                        wrong += json.error() != errc::json_not_utf8;
                        continue;
                    }
                    bool const plain = o >= 0x20 && o != '"' && o != '\\';
                    auto const read = json_document::parse(*json);
                    wrong += !read || *read->root().as_string() != text || plain != (json->size() == size + 2);
                }
    CHECK(wrong == 0);
}

TEST_CASE("RFC 8259 section 8.1: text that is not UTF-8 is refused, not repaired") {
    for (std::string_view bad : {"\xff", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe2\x82", "a\x80",
                                 "\xf8\x88\x80\x80\x80", "\xc1\xbf"}) {
        CHECK(written([&](auto& w) { w.string(bad); }).error() == errc::json_not_utf8);
    }
}

TEST_CASE("RFC 8259 section 6: numbers read back the same") {
    CHECK(*written([](auto& w) { w.integer(std::numeric_limits<std::int64_t>::min()); }) == "-9223372036854775808");
    CHECK(*written([](auto& w) { w.unsigned_integer(std::numeric_limits<std::uint64_t>::max()); }) ==
          "18446744073709551615");
    CHECK(*written([](auto& w) { w.number(0.1); }) == "0.1");
    CHECK(written([](auto& w) { w.number(std::numeric_limits<double>::infinity()); }).error() ==
          errc::invalid_json_number);
    CHECK(written([](auto& w) { w.number(std::numeric_limits<double>::quiet_NaN()); }).error() ==
          errc::invalid_json_number);
}

TEST_CASE("what a reader saw is written again with its numbers as they were") {
    std::string_view const text =
        R"({"a":[1,-0,1.50,1e3,18446744073709551615],"b":{"c":null,"d":[true,false]},"e":"x\ny"})";
    auto const document = json_document::parse(text);
    REQUIRE(document);
    CHECK(*written([&](auto& w) { w.value(document->root()); }) == text);
}

TEST_CASE("RFC 8259 section 2: what is not exactly one value is told at the end") {
    auto const refusal = [](auto fill) { return written(fill).error(); };
    CHECK(refusal([](json_writer&) {}) == errc::malformed_json);
    CHECK(refusal([](json_writer& w) { w.begin_object(); }) == errc::malformed_json);
    CHECK(refusal([](json_writer& w) { w.begin_object().member("a", 1); }) == errc::malformed_json);
    CHECK(refusal([](json_writer& w) { w.begin_array().begin_array().end_array(); }) == errc::malformed_json);
    CHECK(refusal([](json_writer& w) { w.integer(1).integer(2); }) == errc::malformed_json);
    CHECK(refusal([](json_writer& w) { w.integer(1).end_array(); }) == errc::malformed_json);
    CHECK(refusal([](json_writer& w) { w.begin_object().end_object().begin_object().end_object(); }) ==
          errc::malformed_json);
    CHECK(refusal([](json_writer& w) { w.begin_object().name("a").end_object(); }) == errc::malformed_json);
    CHECK(refusal([](json_writer& w) { w.begin_object().name("a").name("b").integer(1).end_object(); }) ==
          errc::malformed_json);
    CHECK(refusal([](json_writer& w) { w.name("a").integer(1); }) == errc::malformed_json);
}

TEST_CASE("T8: RFC 8259 sections 4 and 5: what is begun is ended as what it is, and members have names") {
    auto const refused = [](auto const& write) {
        std::string text;
        output out{text};
        json_writer w{out};
        write(w);
        return w.finish() ? errc{} : w.finish().error().code;
    };
    CHECK(refused([](json_writer& w) { w.begin_object().end_array(); }) == errc::malformed_json);
    CHECK(refused([](json_writer& w) { w.begin_array().end_object(); }) == errc::malformed_json);
    CHECK(refused([](json_writer& w) { w.begin_array().begin_object().end_array().end_object(); }) ==
          errc::malformed_json);
    CHECK(refused([](json_writer& w) { w.begin_object().integer(1).end_object(); }) == errc::malformed_json);
    CHECK(refused([](json_writer& w) { w.begin_object().member("a", 1).integer(1).end_object(); }) ==
          errc::malformed_json);
    CHECK(refused([](json_writer& w) { w.begin_object().begin_array().end_array().end_object(); }) ==
          errc::malformed_json);
    CHECK(refused([](json_writer& w) { w.begin_array().name("a").integer(1).end_array(); }) == errc::malformed_json);
    CHECK(refused([](json_writer& w) { w.begin_object().name("a").end_object(); }) == errc::malformed_json);
    CHECK(refused([](json_writer& w) { w.begin_object().name("a").name("b").integer(1).end_object(); }) ==
          errc::malformed_json);
    CHECK(refused([](json_writer& w) {
              for (int i = 0; i != 65; ++i) w.begin_array();
              for (int i = 0; i != 65; ++i) w.end_array();
          }) == errc::json_too_deep);
    CHECK(refused([](json_writer& w) {
              for (int i = 0; i != 32; ++i) w.begin_array().begin_object().name("a");
              w.null();
              for (int i = 0; i != 32; ++i) w.end_object().end_array();
          }) == errc{});
}

TEST_CASE("a buffer that is too short is reported at the end") {
    std::array<char, 8> buffer{};
    output out{buffer};
    json_writer w{out};
    w.begin_object().member("a", "long enough").end_object();
    CHECK(w.finish().error() == errc::buffer_too_small);
}

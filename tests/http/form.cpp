#include <signet/http/form.hpp>

#include <doctest/doctest.h>

#include <string>

using namespace signet;
using signet::http::form;
using signet::http::form_writer;

namespace {
errc why(std::string_view text) {
    auto const read = form::parse(text);
    return read ? errc{} : read.error().code;
}
} // namespace

TEST_CASE("RFC 6749 appendix B what is written is read, whatever octets it has") {
    std::string all;
    for (int c = 0; c != 256; ++c) all += static_cast<char>(c);
    std::string text;
    form_writer w{text};
    w.add("name", all).add("a b", "c+d&e=f").add_unless_empty("none", "").add("empty", "");
    auto const read = form::parse(text);
    REQUIRE(read);
    CHECK((*read)["name"] == all);
    CHECK((*read)["a b"] == "c+d&e=f");
    CHECK((*read)["empty"].empty());
    CHECK((*read)["none"].empty());
    CHECK(text.find_first_of(" +\"<>#") == text.npos);
    CHECK(text.starts_with("name=%00%01"));
    CHECK(text.ends_with("&a%20b=c%2Bd%26e%3Df&empty="));

    std::string url = "https://id.example/authorize";
    form_writer{url, '?'}.add("a", "1").add("b", "2");
    CHECK(url == "https://id.example/authorize?a=1&b=2");
}

TEST_CASE("WHATWG URL 5.1 a plus is a space, empty pieces are nothing, and a name alone has an empty value") {
    auto const read = form::parse("&&a=b+c&x&=v&");
    REQUIRE(read);
    CHECK((*read)["a"] == "b c");
    CHECK((*read)["x"].empty());
    CHECK((*read)[""] == "v");
    CHECK(why("") == errc{});
}

TEST_CASE("RFC 6749 3.1 a parameter that comes twice, also in another encoding, is refused with its place") {
    CHECK(why("a=1&a=2") == errc::malformed_uri);
    CHECK(why("a=1&%61=1") == errc::malformed_uri);
    CHECK(form::parse("a=1&b=2&a=3").error().at == 8);
}

TEST_CASE("a form that is malformed or beyond its limits is an error") {
    for (auto const* text : {"a=%", "a=%4", "a=%4g", "a=b c", "a=\x7f", "a=\xff", "%zz=a", "a=\n"})
        CHECK(why(text) == errc::malformed_uri);
    CHECK(why(std::string(http::max_form_size, 'a')) == errc{});
    CHECK(why(std::string(http::max_form_size + 1, 'a')) == errc::header_too_large);
    std::string many;
    form_writer w{many};
    for (std::size_t n = 0; n != http::max_form_parameters; ++n) w.add(std::to_string(n), "v");
    CHECK(why(many) == errc{});
    w.add("one more", "v");
    CHECK(why(many) == errc::header_too_large);
}

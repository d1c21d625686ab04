#include <signet/core/output.hpp>

#include <doctest/doctest.h>

#include <array>

using namespace signet;

TEST_CASE("output: a fixed buffer is never written past and says so") {
    std::array<char, 4> buffer{};
    output out{buffer};
    out.append("abc");
    out.append('d');
    CHECK(*out.finish() == "abcd");
    out.append("e");
    CHECK(out.finish().error() == errc::buffer_too_small);
    CHECK(out.extend(0) == nullptr);
}

TEST_CASE("output: appends behind what a string already holds") {
    std::string text = "Set-Cookie: ";
    output out{text};
    out.append("a=b");
    CHECK(*out.finish() == "a=b");
    CHECK(text == "Set-Cookie: a=b");
    CHECK(out.size() == 3);
}

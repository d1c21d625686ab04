// What docs/guide/codec.md shows.
#include <signet/codec.hpp>

#include <doctest/doctest.h>

#include <array>
#include <string>

using namespace signet;

TEST_CASE("the guide: JSON is read in place and written again") {
    // [read]
    char text[] = R"({"sub":"ann\u0061","exp":1800000000,"aud":["orders","bills"]})";
    std::array<codec::json_node, 16> nodes;                                // 24 octets a value
    auto const claims = codec::parse_json({text, sizeof text - 1}, nodes); // views into both
    if (!claims) return;
    auto const user = claims->find("sub");
    auto const expires = claims->find("exp");
    std::size_t audiences = 0;
    if (auto list = claims->find("aud"))
        for (auto const one : *list) audiences += one.is_string() ? 1u : 0u;
    // [/read]
    REQUIRE(user);
    CHECK(user->as_string().value() == "anna");
    CHECK(expires->as_int64().value() == 1'800'000'000);
    CHECK(audiences == 2);

    // [refuse]
    auto const twice =
        codec::json_document::parse(R"({"sub":"anna","s\u0075b":"otto"})"); // duplicate_json_name, and where
    // [/refuse]
    REQUIRE(!twice);
    CHECK(twice.error() == errc::duplicate_json_name);

    // [write]
    std::string written;
    output out{written};
    codec::json_writer json{out};
    json.begin_object()
        .member("sub", "anna")
        .member("level", 2)
        .name("amr")
        .begin_array()
        .string("pwd")
        .string("otp")
        .end_array()
        .end_object();
    auto const whole = json.finish(); // or what went wrong first
    // [/write]
    REQUIRE(whole);
    CHECK(*whole == R"({"sub":"anna","level":2,"amr":["pwd","otp"]})");
}

TEST_CASE("the guide: base64url") {
    // [base64url]
    auto const octets = codec::base64url_decode("3q2-7w"); // de ad be ef
    auto const padded =
        codec::base64url_decode("3q2-7w=="); // invalid_base64_character at 6: there is no padding in base64url
    auto const stray =
        codec::base64url_decode("3q2-7x"); // nonzero_base64_trailing_bits: the same octets would have a second spelling
    // [/base64url]
    REQUIRE(octets);
    CHECK(codec::base64url_encode(*octets) == "3q2-7w");
    CHECK(!padded);
    CHECK(padded.error().at == 6);
    CHECK(stray.error() == errc::nonzero_base64_trailing_bits);
}

TEST_CASE("the guide: CBOR is read where it is") {
    // [cbor]
    std::uint8_t const octets[] = {0xa2, 0x01, 0x02, 0x63, 'f', 'm', 't', 0x64, 'n', 'o', 'n', 'e'};
    std::array<codec::cbor_node, 16> nodes;           // 16 octets a value
    auto const map = codec::read_cbor(octets, nodes); // views into both
    if (!map) return;
    auto const two = map->find(1);
    auto const format = map->find("fmt");
    // [/cbor]
    REQUIRE(two);
    REQUIRE(format);
    CHECK(two->as_int64().value() == 2);
    CHECK(format->as_text().value() == "none");
}

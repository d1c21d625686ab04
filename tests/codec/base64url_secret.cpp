#include <signet/codec/base64url.hpp>
#include <signet/codec/base64url_secret.hpp>

#include <doctest/doctest.h>

#include <string>

using namespace signet;
using namespace signet::codec;

TEST_CASE("base64url for secrets: each character and each pair decodes as without secrets") {
    for (int a = 0; a != 256; ++a)
        for (int b = 0; b != 256; ++b) {
            std::string const text{static_cast<char>(a), static_cast<char>(b)};
            auto const plain = base64url_decode(text);
            auto const kept = base64url_decode_secret(text);
            REQUIRE(plain.has_value() == kept.has_value());
            if (plain) REQUIRE(as_text(*plain) == as_text(kept->reveal()));
            else REQUIRE(plain.error().code == kept.error().code);
        }
}

TEST_CASE("base64url for secrets: every length and alphabet character, both ways") {
    bytes octets;
    for (int size = 0; size != 300; ++size) {
        std::string text;
        output out{text};
        base64url_encode_secret(octets, out);
        REQUIRE(text == base64url_encode(octets));
        REQUIRE(as_text(base64url_decode_secret(text)->reveal()) == as_text(octets));
        octets.push_back(static_cast<std::uint8_t>(size * 37 + 11));
    }
    CHECK(base64url_decode_secret("A").error() == errc::invalid_base64_length);
    CHECK(base64url_decode_secret("AAA=").error() == errc::invalid_base64_character);
    CHECK(base64url_decode_secret("AB").error() == errc::nonzero_base64_trailing_bits);
    char small[3];
    output out{small};
    base64url_encode_secret(bytes(3), out);
    CHECK(out.overflowed());
}

#include <signet/codec/base64url.hpp>
#include <signet/codec/base64url_secret.hpp>

#include <doctest/doctest.h>

#include <array>
#include <string>

using namespace signet;
using namespace signet::codec;

namespace {
constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
} // namespace

TEST_CASE("RFC 4648 section 10: test vectors, without padding") {
    constexpr std::pair<std::string_view, std::string_view> vectors[] = {
        {"", ""},           {"f", "Zg"},          {"fo", "Zm8"},         {"foo", "Zm9v"},
        {"foob", "Zm9vYg"}, {"fooba", "Zm9vYmE"}, {"foobar", "Zm9vYmFy"}};
    for (auto const& [plain, encoded] : vectors) {
        CHECK(base64url_encode(as_bytes(plain)) == encoded);
        auto const decoded = base64url_decode(encoded);
        REQUIRE(decoded);
        CHECK(as_text(*decoded) == plain);
    }
}

TEST_CASE("RFC 7515 appendix C: the URL-safe alphabet") {
    CHECK(base64url_encode(bytes{3, 236, 255, 224, 193}) == "A-z_4ME");
    CHECK(*base64url_decode("A-z_4ME") == bytes{3, 236, 255, 224, 193});
}

TEST_CASE("RFC 4648 3.5: one spelling for each octet string: every tail of two and three characters") {
    for (char a : alphabet)
        for (char b : alphabet) {
            std::string const two{a, b};
            auto const r = base64url_decode(two);
            CHECK(r.has_value() == (alphabet.find(b) % 16 == 0));
            if (r) CHECK(base64url_encode(*r) == two);
            else CHECK(r.error() == error{errc::nonzero_base64_trailing_bits, 1});
            std::string const three{'A', a, b};
            auto const s = base64url_decode(three);
            CHECK(s.has_value() == (alphabet.find(b) % 4 == 0));
            if (s) CHECK(base64url_encode(*s) == three);
        }
}

TEST_CASE("RFC 7515 section 2: no padding, no white space, nothing outside the alphabet, wherever it stands") {
    std::string const good(64, 'Q');
    for (std::size_t at = 0; at != good.size(); ++at)
        for (unsigned c = 0; c != 256; ++c) {
            auto text = good;
            text[at] = static_cast<char>(c);
            auto const r = base64url_decode(text);
            if (alphabet.find(static_cast<char>(c)) != alphabet.npos) CHECK(r.has_value());
            else CHECK(r.error() == error{errc::invalid_base64_character, at});
        }
    for (auto bad : {"Zg==", "Zm8=", "Zm9v\n", " Zm9v", "Zm9v Zm9v", "Zm+v", "Zm/v"})
        CHECK_FALSE(base64url_decode(bad));
}

TEST_CASE("impossible lengths and short buffers") {
    CHECK(base64url_decode("A").error() == errc::invalid_base64_length);
    CHECK(base64url_decode("AAAAA").error() == errc::invalid_base64_length);
    std::array<std::uint8_t, 2> small{};
    CHECK(base64url_decode("Zm9v", small).error() == errc::buffer_too_small);
    CHECK(*base64url_decode("Zm8", small) == 2);
    std::array<char, 3> text{};
    output out{text};
    base64url_encode(as_bytes("foo"), out);
    CHECK(out.finish().error() == errc::buffer_too_small);
}

TEST_CASE("every length up to 300 survives both ways") {
    bytes octets;
    for (std::size_t n = 0; n != 300; ++n) {
        auto const text = base64url_encode(octets);
        CHECK(text.size() == base64url_encoded_size(n));
        CHECK(base64url_decoded_size(text.size()) == n);
        CHECK(*base64url_decode(text) == octets);
        octets.push_back(static_cast<std::uint8_t>(n * 167 + 13));
    }
}

TEST_CASE("DECISIONS 20: the path for secrets uses no table and gives the same results") {
    bytes octets;
    for (std::size_t n = 0; n != 100; ++n) {
        std::string text;
        output out{text};
        base64url_encode_secret(octets, out);
        CHECK(text == base64url_encode(octets));
        CHECK(as_text(base64url_decode_secret(text)->reveal()) == as_text(octets));
        octets.push_back(static_cast<std::uint8_t>(n * 89 + 201));
    }
    for (unsigned a = 0; a != 256; ++a)
        for (unsigned b = 0; b != 256; ++b) {
            std::string const text{static_cast<char>(a), static_cast<char>(b)};
            auto const plain = base64url_decode(text);
            auto const careful = base64url_decode_secret(text);
            if (plain.has_value() != careful.has_value()) FAIL(text);
            if (!plain && plain.error().code != careful.error().code) FAIL(text);
        }
    CHECK(base64url_decode_secret("A").error() == errc::invalid_base64_length);
}

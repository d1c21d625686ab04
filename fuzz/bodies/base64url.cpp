// base64url against a plain model, and every instruction set against the scalar code.
#include "require.hpp"

#include <signet/codec/base64url.hpp>
#include <signet/codec/base64url_secret.hpp>
#include <signet/codec/impl/base64url.ipp>

#include <algorithm>
#include <memory>
#include <optional>
#include <string>

using namespace signet;

namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// RFC 4648 section 5 as it reads: a bit at a time, without padding, and what is left over has to be zero.
std::optional<bytes> model(std::string_view text) {
    std::string bits;
    for (char c : text) {
        auto const value = alphabet.find(c);
        if (value == alphabet.npos) return std::nullopt;
        for (int bit = 5; bit >= 0; --bit) bits += (value >> bit & 1) != 0 ? '1' : '0';
    }
    if (text.size() % 4 == 1) return std::nullopt;
    bytes octets;
    while (bits.size() >= 8) {
        octets.push_back(static_cast<std::uint8_t>(std::stoi(bits.substr(0, 8), nullptr, 2)));
        bits.erase(0, 8);
    }
    if (bits.find('1') != bits.npos) return std::nullopt;
    return octets;
}

using decode_part = std::size_t (*)(std::string_view, std::uint8_t*);
using encode_part = std::size_t (*)(bytes_view, char*);

void check_parts(std::string_view text, decode_part decode, encode_part encode) {
    auto const buffer = codec::base64url_decoded_size(text.size());
    auto const out = std::make_unique<std::uint8_t[]>(buffer),
               expected = std::make_unique<std::uint8_t[]>(buffer); // exact: ASan watches
    auto const done = decode(text, out.get());
    require(done % 4 == 0 && done <= text.size());
    auto const whole = codec::detail::base64url_decode_scalar(text, 0, expected.get(), 0);
    auto const rest = codec::detail::base64url_decode_scalar(text, done, out.get(), done / 4 * 3);
    require(whole.has_value() == rest.has_value());
    if (!whole) {
        require(whole.error() == rest.error());
    } else {
        require(*whole == *rest && std::equal(out.get(), out.get() + *whole, expected.get()));
    }

    auto const octets = as_bytes(text);
    auto const size = codec::base64url_encoded_size(octets.size());
    auto const wide = std::make_unique<char[]>(size), scalar = std::make_unique<char[]>(size);
    auto const encoded = encode(octets, wide.get());
    require(encoded % 3 == 0 && encoded <= octets.size());
    codec::detail::base64url_encode_scalar(octets, encoded, wide.get() + encoded / 3 * 4);
    codec::detail::base64url_encode_scalar(octets, 0, scalar.get());
    require(std::equal(wide.get(), wide.get() + size, scalar.get()));
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    std::string_view const text{reinterpret_cast<char const*>(data), size};

    auto const decoded = codec::base64url_decode(text);
    auto const expected = model(text);
    require(decoded.has_value() == expected.has_value());
    if (decoded) {
        require(*decoded == *expected);
        require(codec::base64url_encode(*decoded) == text); // one spelling
    } else if (decoded.error() == errc::invalid_base64_character && decoded.error().at != 0xffff) {
        auto const at = decoded.error().at; // the first character outside the alphabet
        require(text.find_first_not_of(alphabet) == at);
    }
    auto const careful = codec::base64url_decode_secret(text);
    require(careful.has_value() == decoded.has_value());
    if (careful) require(constant_time_equal(careful->reveal(), *decoded));

    auto const encoded = codec::base64url_encode({data, size});
    require(*codec::base64url_decode(encoded) == bytes(data, data + size));

    if (text.size() % 4 != 1) {
        using namespace codec::detail;
        check_parts(text, base64url_decode_wide, base64url_encode_wide);
#if defined(__x86_64__)
        if (__builtin_cpu_supports("ssse3")) check_parts(text, base64url_decode_ssse3, base64url_encode_ssse3);
        if (__builtin_cpu_supports("avx2")) check_parts(text, base64url_decode_avx2, base64url_encode_avx2);
#endif
    }
    return 0;
}

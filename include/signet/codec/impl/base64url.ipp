// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/codec/base64url.hpp>
#include <signet/codec/impl/base64url_simd.ipp>

#include <array>

namespace signet { inline namespace SIGNET_ABI { namespace codec {

namespace detail {

inline constexpr std::uint8_t no_sextet = 0xff;

inline constexpr auto base64url_sextets = [] {
    std::array<std::uint8_t, 256> table{};
    table.fill(no_sextet);
    for (std::size_t i = 0; i != base64url_alphabet.size(); ++i)
        table[static_cast<unsigned char>(base64url_alphabet[i])] = static_cast<std::uint8_t>(i);
    return table;
}();

/// Decodes from `at` on; `out` is large enough. The offset of an error counts from the start of `text`.
inline result<std::size_t> base64url_decode_scalar(std::string_view text, std::size_t at, std::uint8_t* out,
                                                   std::size_t written) noexcept {
    auto const sextet = [&](std::size_t i) { return base64url_sextets[static_cast<unsigned char>(text[i])]; };
    auto const refuse = [&](std::size_t from) {
        while (sextet(from) != no_sextet) ++from;
        return error{errc::invalid_base64_character, from};
    };
    for (; at + 4 <= text.size(); at += 4) {
        std::uint32_t const a = sextet(at), b = sextet(at + 1), c = sextet(at + 2), d = sextet(at + 3);
        if (((a | b | c | d) & 0xc0) != 0) return refuse(at);
        auto const group = a << 18 | b << 12 | c << 6 | d;
        out[written++] = static_cast<std::uint8_t>(group >> 16);
        out[written++] = static_cast<std::uint8_t>(group >> 8);
        out[written++] = static_cast<std::uint8_t>(group);
    }
    auto const rest = text.size() - at;
    if (rest == 0) return written;
    std::uint32_t const a = sextet(at), b = sextet(at + 1), c = rest == 3 ? sextet(at + 2) : 0u;
    if (((a | b | c) & 0xc0) != 0) return refuse(at);
    auto const group = a << 18 | b << 12 | c << 6;
    // RFC 4648 3.5: the bits that no octet uses are zero, or the same octets had several spellings.
    if ((group & (rest == 2 ? 0xffffu : 0xffu)) != 0) return error{errc::nonzero_base64_trailing_bits, text.size() - 1};
    out[written++] = static_cast<std::uint8_t>(group >> 16);
    if (rest == 3) out[written++] = static_cast<std::uint8_t>(group >> 8);
    return written;
}

inline void base64url_encode_scalar(bytes_view octets, std::size_t at, char* out) noexcept {
    auto const put = [&](std::uint32_t sextet) { *out++ = base64url_alphabet[sextet & 63]; };
    for (; at + 3 <= octets.size(); at += 3) {
        auto const group = std::uint32_t{octets[at]} << 16 | std::uint32_t{octets[at + 1]} << 8 | octets[at + 2];
        put(group >> 18), put(group >> 12), put(group >> 6), put(group);
    }
    if (auto const rest = octets.size() - at; rest != 0) {
        auto const group = std::uint32_t{octets[at]} << 16 | (rest == 2 ? std::uint32_t{octets[at + 1]} << 8 : 0u);
        put(group >> 18), put(group >> 12);
        if (rest == 2) put(group >> 6);
    }
}

} // namespace detail

SIGNET_DECL result<std::size_t> base64url_decode(std::string_view text, std::span<std::uint8_t> out) noexcept {
    if (text.size() % 4 == 1) return error{errc::invalid_base64_length, text.size()};
    if (out.size() < base64url_decoded_size(text.size())) return errc::buffer_too_small;
    auto const wide = detail::base64url_decode_wide(text, out.data());
    return detail::base64url_decode_scalar(text, wide, out.data(), wide / 4 * 3);
}

SIGNET_DECL result<bytes> base64url_decode(std::string_view text) {
    bytes octets(base64url_decoded_size(text.size()));
    auto const size = base64url_decode(text, octets);
    if (!size) return size.error();
    return octets;
}

SIGNET_DECL void base64url_encode(bytes_view octets, output& out) {
    auto* at = out.extend(base64url_encoded_size(octets.size()));
    if (!at) return;
    auto const wide = detail::base64url_encode_wide(octets, at);
    detail::base64url_encode_scalar(octets, wide, at + wide / 3 * 4);
}

SIGNET_DECL std::string base64url_encode(bytes_view octets) {
    std::string text;
    output out{text};
    base64url_encode(octets, out);
    return text;
}

}}} // namespace signet::codec

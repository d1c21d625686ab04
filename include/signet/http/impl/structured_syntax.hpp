// SPDX-License-Identifier: BSL-1.0
// Structured fields: the characters of RFC 9651, shared by reading and writing.
#pragma once

#include <signet/http/cookie_syntax.hpp>

#include <cstdint>
#include <string_view>

namespace signet::inline SIGNET_ABI::http::sf::detail {

inline constexpr std::int64_t largest_integer = 999'999'999'999'999; // 15 digits, as an integer or in thousandths

inline bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
inline bool is_lower(char c) noexcept { return c >= 'a' && c <= 'z'; }
inline bool is_alpha(char c) noexcept { return is_lower(http::detail::lower(c)); }
inline bool is_key_start(char c) noexcept { return is_lower(c) || c == '*'; }
inline bool is_key_char(char c) noexcept { return is_lower(c) || is_digit(c) || c == '_' || c == '-' || c == '.' || c == '*'; }
inline bool is_token_start(char c) noexcept { return is_alpha(c) || c == '*'; }
inline bool is_token_char(char c) noexcept { return http::detail::is_token_char(c) || c == ':' || c == '/'; }
inline bool is_printable(char c) noexcept { return c >= 0x20 && c < 0x7f; }

// RFC 3629: shortest forms only, no surrogates, nothing beyond U+10FFFF. The offset of the first wrong octet, or npos.
inline std::size_t first_not_utf8(std::string_view text) noexcept {
    for (std::size_t i = 0; i < text.size();) {
        auto const octet = [&](std::size_t k) { return i + k < text.size() ? static_cast<unsigned char>(text[i + k]) : 0u; };
        unsigned const a = octet(0), b = octet(1);
        std::size_t    length = 0;
        if (a < 0x80) length = 1;
        else if (a >= 0xc2 && a <= 0xdf) length = 2;
        else if (a >= 0xe0 && a <= 0xef) length = (a == 0xe0 && b < 0xa0) || (a == 0xed && b > 0x9f) ? 0 : 3;
        else if (a >= 0xf0 && a <= 0xf4) length = (a == 0xf0 && b < 0x90) || (a == 0xf4 && b > 0x8f) ? 0 : 4;
        for (std::size_t k = 1; k < length; ++k)
            if ((octet(k) & 0xc0u) != 0x80) length = 0;
        if (length == 0) return i;
        i += length;
    }
    return std::string_view::npos;
}

} // namespace signet::http::sf::detail

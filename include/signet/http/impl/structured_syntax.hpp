// SPDX-License-Identifier: BSL-1.0
// Structured fields: the characters of RFC 9651, shared by reading and writing.
#pragma once

#include <signet/codec/impl/utf8.hpp>
#include <signet/http/cookie_syntax.hpp>

#include <cstdint>
#include <string_view>

namespace signet { inline namespace SIGNET_ABI { namespace http { namespace sf { namespace detail {

inline constexpr std::int64_t max_integer = 999'999'999'999'999; // 15 digits, as an integer or in thousandths

inline bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }
inline bool is_lower(char c) noexcept { return c >= 'a' && c <= 'z'; }
inline bool is_alpha(char c) noexcept { return is_lower(http::detail::lower(c)); }
inline bool is_key_start(char c) noexcept { return is_lower(c) || c == '*'; }
inline bool is_key_char(char c) noexcept {
    return is_lower(c) || is_digit(c) || c == '_' || c == '-' || c == '.' || c == '*';
}
inline bool is_token_start(char c) noexcept { return is_alpha(c) || c == '*'; }
inline bool is_token_char(char c) noexcept { return http::detail::is_token_char(c) || c == ':' || c == '/'; }
inline bool is_printable(char c) noexcept { return c >= 0x20 && c < 0x7f; }

inline bool is_utf8(std::string_view text) noexcept {
    while (!text.empty()) {
        auto const size = codec::detail::utf8_sequence(text);
        if (size == 0) return false;
        text.remove_prefix(size);
    }
    return true;
}

}}}}} // namespace signet::http::sf::detail

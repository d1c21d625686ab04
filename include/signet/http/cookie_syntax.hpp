// SPDX-License-Identifier: BSL-1.0
// The characters and names of cookies (RFC 6265bis sections 4.1 and 4.1.3), shared by the builder and the reader.
#pragma once

#include <signet/core/impl/ascii.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace signet { inline namespace SIGNET_ABI { namespace http {

/// The largest name and value together that browsers keep, in octets (RFC 6265bis section 5.7). They drop longer
/// cookies.
inline constexpr std::size_t max_cookie_size = 4096;

/// A prefix of a cookie's name that promises attributes (RFC 6265bis section 4.1.3).
enum class cookie_prefix : std::uint8_t { none, secure, host, http, host_http };

}}} // namespace signet::http

namespace signet { inline namespace SIGNET_ABI { namespace http { namespace detail {

using signet::detail::equal_ignoring_case;
using signet::detail::lower;

/// Returns whether `c` is a tchar (RFC 9110 section 5.6.2).
constexpr bool is_token_char(char c) noexcept {
    return (c >= '0' && c <= '9') || (lower(c) >= 'a' && lower(c) <= 'z') ||
           std::string_view{"!#$%&'*+-.^_`|~"}.find(c) != std::string_view::npos;
}

/// Returns whether `c` is a cookie-octet: no control, space, quote, comma, semicolon or backslash, and ASCII (RFC
/// 6265bis section 4.1.1).
constexpr bool is_cookie_octet(char c) noexcept {
    return c > 0x20 && c < 0x7f && c != '"' && c != ',' && c != ';' && c != '\\';
}

// One bit a class, so that a whole text is judged by OR-ing bytes together.
inline constexpr std::uint8_t not_token = 1, not_octet = 2;
inline constexpr auto cookie_classes = [] {
    std::array<std::uint8_t, 256> table{};
    for (std::size_t i = 0; i != 256; ++i) {
        char const c = static_cast<char>(static_cast<unsigned char>(i));
        table[i] = static_cast<std::uint8_t>((is_token_char(c) ? 0 : not_token) | (is_cookie_octet(c) ? 0 : not_octet));
    }
    return table;
}();

/// Returns whether no character of `text` is in a class of `bad`.
constexpr bool all_of_class(std::string_view text, std::uint8_t bad) noexcept {
    std::uint8_t seen = 0;
    for (char c : text) seen = static_cast<std::uint8_t>(seen | cookie_classes[static_cast<unsigned char>(c)]);
    return (seen & bad) == 0;
}

constexpr bool is_token(std::string_view text) noexcept { return !text.empty() && all_of_class(text, not_token); }

/// Returns `text` without the spaces and tabs at its ends (OWS of RFC 9110 section 5.6.3).
constexpr std::string_view trim_blanks(std::string_view text) noexcept {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

/// Returns the octets between the quotes of a quoted value, or all of them. Quotes are part of the value (RFC 6265bis
/// section 4.1.1).
constexpr std::string_view within_quotes(std::string_view value) noexcept {
    bool const quoted = value.size() >= 2 && value.front() == '"' && value.back() == '"';
    return quoted ? value.substr(1, value.size() - 2) : value;
}

/// Checks sixteen octets at once, in a loop without branches that compilers vectorise.
constexpr bool sixteen_cookie_octets(char const* at) noexcept {
    std::uint8_t bad = 0;
    for (std::size_t i = 0; i != 16; ++i) {
        auto const c = static_cast<std::uint8_t>(at[i]);
        bad = static_cast<std::uint8_t>(
            bad | static_cast<std::uint8_t>((static_cast<std::uint8_t>(c - 0x21) > 0x5d ? 1 : 0) | (c == '"' ? 1 : 0) |
                                            (c == ',' ? 1 : 0) | (c == ';' ? 1 : 0) | (c == '\\' ? 1 : 0)));
    }
    return bad == 0;
}

constexpr bool is_cookie_value(std::string_view value) noexcept {
    auto const octets = within_quotes(value);
    if (octets.size() < 16) return all_of_class(octets, not_octet);
    for (std::size_t i = 0; i + 16 <= octets.size(); i += 16)
        if (!sixteen_cookie_octets(octets.data() + i)) return false;
    return sixteen_cookie_octets(octets.data() + (octets.size() - 16)); // the last ones, some of them once more
}

/// Returns the prefix of a name, compared without case as browsers do.
constexpr cookie_prefix prefix_of(std::string_view name) noexcept {
    auto const starts = [&](std::string_view prefix) {
        return name.size() >= prefix.size() && equal_ignoring_case(name.substr(0, prefix.size()), prefix);
    };
    if (starts("__Host-Http-")) return cookie_prefix::host_http;
    if (starts("__Host-")) return cookie_prefix::host;
    if (starts("__Http-")) return cookie_prefix::http;
    if (starts("__Secure-")) return cookie_prefix::secure;
    return cookie_prefix::none;
}

/// Returns whether a name has no prefix, or one spelled exactly as in the standard.
constexpr bool exact_prefix(std::string_view name) noexcept {
    switch (prefix_of(name)) {
    case cookie_prefix::none: return true;
    case cookie_prefix::secure: return name.starts_with("__Secure-");
    case cookie_prefix::host: return name.starts_with("__Host-");
    case cookie_prefix::http: return name.starts_with("__Http-");
    case cookie_prefix::host_http: return name.starts_with("__Host-Http-");
    }
    return false;
}

}}}} // namespace signet::http::detail

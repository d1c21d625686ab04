// SPDX-License-Identifier: BSL-1.0
// The characters of URIs (RFC 3986 section 2), shared by whoever reads, writes or checks them.
#pragma once

#include <signet/core/impl/ascii.hpp>

#include <string_view>

namespace signet { inline namespace SIGNET_ABI { namespace http { namespace detail {

constexpr bool is_alphanumeric(char c) noexcept {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// RFC 3986 2.3 and 2.2.
constexpr bool is_unreserved(char c) noexcept {
    return is_alphanumeric(c) || c == '-' || c == '.' || c == '_' || c == '~';
}
constexpr bool is_sub_delim(char c) noexcept {
    return std::string_view{"!$&'()*+,;="}.find(c) != std::string_view::npos;
}

// Of a hexadecimal digit of either case, else -1.
constexpr int hex_value(char c) noexcept {
    if (c >= '0' && c <= '9') return c - '0';
    char const l = signet::detail::lower(c);
    return l >= 'a' && l <= 'f' ? l - 'a' + 10 : -1;
}

}}}} // namespace signet::http::detail

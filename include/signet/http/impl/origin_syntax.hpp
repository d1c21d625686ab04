// SPDX-License-Identifier: BSL-1.0
// Hosts and ports of web origins as browsers serialize them, for the policies that list origins.
#pragma once

#include <signet/version.hpp>

#include <string_view>

namespace signet { inline namespace SIGNET_ABI { namespace http { namespace detail {

/// Lower-case labels of letters, digits and hyphens; one is enough.
constexpr bool is_host(std::string_view host) noexcept {
    if (host.empty() || host.size() > 253) return false;
    char before = '.';
    for (char c : host) {
        bool const letter = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (!letter && c != '-' && c != '.') return false;
        if ((c == '.' || c == '-') && before == '.') return false;
        if (c == '.' && before == '-') return false;
        before = c;
    }
    return before != '.' && before != '-';
}

/// A port that is not the scheme's own.
constexpr bool is_port(std::string_view port, std::string_view own) noexcept {
    if (port.empty() || port.size() > 5 || port.front() == '0' || port == own) return false;
    unsigned number = 0;
    for (char c : port) {
        if (c < '0' || c > '9') return false;
        number = number * 10 + static_cast<unsigned>(c - '0');
    }
    return number <= 65535;
}

/// The host of an origin with "://".
constexpr std::string_view host_of(std::string_view origin) noexcept {
    origin.remove_prefix(origin.find("://") + 3);
    return origin.substr(0, origin.find(':'));
}

}}}} // namespace signet::http::detail

// SPDX-License-Identifier: BSL-1.0
// Normalising request targets, in the order of RFC 3986 section 6.2.2: case, percent-encodings, dot segments; then
// scheme.
#pragma once

#include <signet/http/cookie_syntax.hpp>
#include <signet/http/impl/uri_syntax.hpp>
#include <signet/http/target.hpp>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <iterator>

namespace signet { inline namespace SIGNET_ABI { namespace http {

namespace detail {

// A text of bounded size on the stack.
struct target_text {
    char data[max_target_size + 1]; // a slash may be added
    std::size_t size = 0;

    void put(char c) noexcept { data[size++] = c; }
    [[nodiscard]] std::string_view view() const noexcept { return {data, size}; }
};

// One character or percent-encoding at `i`, which is moved to its last octet; false where it is incomplete.
inline bool put_encoded(std::string_view text, std::size_t& i, bool fold_case, target_text& to) noexcept {
    if (text[i] != '%') {
        to.put(fold_case ? lower(text[i]) : text[i]);
        return true;
    }
    if (text.size() - i < 3) return false;
    int const high = hex_value(text[i + 1]), low = hex_value(text[i + 2]);
    if (high < 0 || low < 0) return false;
    char const c = static_cast<char>(static_cast<unsigned char>(high * 16 + low));
    i += 2;
    if (is_unreserved(c)) {
        to.put(fold_case ? lower(c) : c);
    } else {
        constexpr char digits[] = "0123456789ABCDEF";
        to.put('%'), to.put(digits[high]), to.put(digits[low]);
    }
    return true;
}

// RFC 3986 3.2.2, what stands in brackets: eight groups of up to four digits, one run of zero groups left out, the last
// two groups perhaps as an IPv4 address.
inline bool is_ipv6(std::string_view text) noexcept {
    unsigned groups = 0;
    bool gap = false;
    if (text.starts_with("::")) {
        gap = true;
        text.remove_prefix(2);
        if (text.empty()) return true;
    }
    while (true) {
        auto const end = std::min(text.find(':'), text.size());
        auto const group = text.substr(0, end);
        if (group.find('.') != std::string_view::npos) { // an IPv4 address, and only at the end
            if (end != text.size()) return false;
            unsigned octets = 0;
            for (auto rest = group;; rest.remove_prefix(1)) {
                unsigned value = 0;
                std::size_t n = 0;
                while (n != rest.size() && rest[n] >= '0' && rest[n] <= '9') {
                    value = value * 10 + static_cast<unsigned>(rest[n] - '0');
                    if (++n > 3) return false;
                }
                if (n == 0 || value > 255 || (n > 1 && rest[0] == '0')) return false;
                ++octets;
                rest.remove_prefix(n);
                if (rest.empty()) break;
                if (rest[0] != '.') return false;
            }
            if (octets != 4) return false;
            groups += 2;
            break;
        }
        if (group.empty() || group.size() > 4 ||
            !std::all_of(group.begin(), group.end(), [](char c) { return hex_value(c) >= 0; }))
            return false;
        if (++groups > 8) return false;
        if (end == text.size()) break;
        text.remove_prefix(end + 1);
        if (text.starts_with(':')) {
            if (gap) return false;
            gap = true;
            text.remove_prefix(1);
            if (text.empty()) break;
        } else if (text.empty()) {
            return false;
        }
    }
    return gap ? groups <= 7 : groups == 8;
}

// RFC 3986 5.2.4, for a path that starts with a slash; in place, since the result never gets longer.
inline std::size_t remove_dot_segments(char* path, std::size_t size) noexcept {
    std::size_t out = 0;
    for (std::size_t i = 0; i < size;) { // at each turn path[i] is a slash
        std::size_t end = i + 1;
        while (end < size && path[end] != '/') ++end;
        std::string_view const segment{path + i + 1, end - i - 1};
        bool const last = end == size;
        if (segment == "." || segment == "..") {
            if (segment.size() == 2)
                while (out != 0 && path[--out] != '/') {}
            if (last) path[out++] = '/';
        } else {
            std::memmove(path + out, path + i, end - i);
            out += end - i;
        }
        i = end;
    }
    return out;
}

// Host and port, without the scheme's own; returns where they are refused, or nullptr.
inline char const* put_authority(std::string_view authority, bool secure, target_text& to) noexcept {
    if (auto const at = authority.find('@'); at != std::string_view::npos) return authority.data() + at;
    if (authority.starts_with('[')) {
        auto const close = authority.find(']');
        if (close == std::string_view::npos || !is_ipv6(authority.substr(1, close - 1))) return authority.data();
        for (char c : authority.substr(0, close + 1)) to.put(lower(c));
        authority.remove_prefix(close + 1);
    } else {
        auto const host = authority.substr(0, authority.find(':'));
        if (host.empty()) return authority.data();
        for (std::size_t i = 0; i != host.size(); ++i) {
            char const c = host[i];
            if (c != '%' && !is_unreserved(c) && !is_sub_delim(c)) return &host[i];
            if (auto const* here = &host[i]; !put_encoded(host, i, true, to)) return here;
        }
        authority.remove_prefix(host.size());
    }
    if (authority.empty()) return nullptr;
    if (authority[0] != ':') return authority.data();
    authority.remove_prefix(1);
    unsigned port = 0;
    for (char const& c : authority) {
        if (c < '0' || c > '9') return &c;
        port = port * 10 + static_cast<unsigned>(c - '0');
        if (port > 65'535) return &c;
    }
    if (!authority.empty() && port == 0) return authority.data();
    if (port != 0 && port != (secure ? 443u : 80u)) {
        to.put(':');
        to.size = static_cast<std::size_t>(std::to_chars(to.data + to.size, std::end(to.data), port).ptr - to.data);
    }
    return nullptr;
}

inline result<void> normalize(std::string_view uri, target_text& to) noexcept {
    auto const refused = [&](char const* at) {
        return error{errc::malformed_uri, static_cast<std::size_t>(at - uri.data())};
    };

    // query and fragment go
    auto const stop = std::min(uri.find_first_of("?#"), uri.size());
    for (std::size_t i = stop; i != uri.size(); ++i)
        if (static_cast<unsigned char>(uri[i]) <= 0x20 || static_cast<unsigned char>(uri[i]) >= 0x7f)
            return error{errc::malformed_uri, i};
    auto text = uri.substr(0, stop);
    if (text.size() > max_target_size) return errc::header_too_large;

    // scheme
    auto const colon = text.find(':');
    if (colon == std::string_view::npos) return errc::unsupported_uri_scheme;
    bool const secure = equal_ignoring_case(text.substr(0, colon), "https");
    if (!secure && !equal_ignoring_case(text.substr(0, colon), "http")) return errc::unsupported_uri_scheme;
    text.remove_prefix(colon + 1);
    if (!text.starts_with("//")) return refused(text.data());
    text.remove_prefix(2);
    for (char c : std::string_view{secure ? "https://" : "http://"}) to.put(c);

    auto const authority = text.substr(0, text.find('/'));
    auto const path = text.substr(authority.size());
    if (auto const* at = put_authority(authority, secure, to)) return refused(at);

    // path
    auto const start = to.size;
    if (path.empty()) to.put('/');
    for (std::size_t i = 0; i != path.size(); ++i) {
        char const c = path[i];
        if (c != '%' && c != '/' && c != ':' && c != '@' && !is_unreserved(c) && !is_sub_delim(c))
            return refused(&path[i]);
        if (auto const* here = &path[i]; !put_encoded(path, i, false, to)) return refused(here);
    }
    to.size = start + remove_dot_segments(to.data + start, to.size - start);
    return {};
}

} // namespace detail

SIGNET_DECL result<std::string_view> normalize_target(std::string_view uri, output& out) {
    detail::target_text form;
    if (auto done = detail::normalize(uri, form); !done) return done.error();
    char* const at = out.extend(form.size);
    if (!at) return errc::buffer_too_small;
    std::memcpy(at, form.data, form.size);
    return std::string_view{at, form.size};
}

SIGNET_DECL result<std::string> normalize_target(std::string_view uri) {
    std::string text;
    output out{text};
    if (auto done = normalize_target(uri, out); !done) return done.error();
    return text;
}

SIGNET_DECL bool_result same_target(std::string_view a, std::string_view b) noexcept {
    detail::target_text x, y;
    if (auto done = detail::normalize(a, x); !done) return done.error();
    if (auto done = detail::normalize(b, y); !done) return done.error();
    return x.view() == y.view();
}

}}} // namespace signet::http

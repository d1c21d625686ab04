// SPDX-License-Identifier: BSL-1.0
// Reading Cookie fields.
#pragma once

#include <signet/http/cookie.hpp>

#include <algorithm>
#include <cstring>

namespace signet { inline namespace SIGNET_ABI { namespace http {

namespace detail {

// The next piece up to a semicolon, trimmed of space and tab; `rest` moves behind it.
inline std::string_view next_piece(std::string_view& rest) noexcept {
    auto const* const begin = rest.data();
    auto const* const found = static_cast<char const*>(std::memchr(begin, ';', rest.size()));
    auto const size = found ? static_cast<std::size_t>(found - begin) : rest.size();
    rest.remove_prefix(found ? size + 1 : size);
    return trim_blanks({begin, size});
}

enum class pair_kind : std::uint8_t { cookie, nameless, malformed };

inline pair_kind read_pair(std::string_view piece, cookie& out) noexcept {
    auto const equals = piece.find('=');
    if (equals == 0 || equals == std::string_view::npos) return pair_kind::nameless;
    out = {piece.substr(0, equals), piece.substr(equals + 1)};
    return is_token(out.name) && is_cookie_value(out.value) ? pair_kind::cookie : pair_kind::malformed;
}

// What lenient parsers strip from the ends of a name: controls, space, quotes, and everything beyond ASCII, in which
// all of Unicode's white space lies, however it is encoded.
inline std::string_view as_lenient_parsers_see(std::string_view name) noexcept {
    auto const stripped = [](char c) {
        auto const v = static_cast<unsigned char>(c);
        return v <= 0x20 || v >= 0x7f || c == '"';
    };
    while (!name.empty() && stripped(name.front())) name.remove_prefix(1);
    while (!name.empty() && stripped(name.back())) name.remove_suffix(1);
    return name;
}

} // namespace detail

SIGNET_DECL bool cookie_reader::within_limits() const noexcept {
    std::size_t size = 0;
    for (std::size_t i = 0; i != fields(); ++i) {
        if (field(i).size() > limits_.max_size - size) return false;
        size += field(i).size();
    }
    if (size <= limits_.max_pairs) return true; // each pair takes an octet at least
    std::size_t pairs = 0;
    for (std::size_t i = 0; i != fields(); ++i)
        for (auto rest = field(i); !rest.empty();) {
            if (++pairs > limits_.max_pairs) return false;
            (void)detail::next_piece(rest);
        }
    return true;
}

SIGNET_DECL result<std::string_view> cookie_reader::find(std::string_view name) const noexcept {
    std::size_t size = 0, pairs = 0;
    bool found = false, twice = false;
    std::string_view value;
    for (std::size_t i = 0; i != fields(); ++i) {
        auto rest = field(i);
        if (rest.size() > limits_.max_size - size) return error{errc::header_too_large, field_name::cookie_header};
        size += rest.size();
        while (!rest.empty()) {
            if (++pairs > limits_.max_pairs) return error{errc::header_too_large, field_name::cookie_header};
            auto const piece = detail::next_piece(rest);
            // Only the pair that is asked for needs to be looked at closely.
            if (piece.size() <= name.size() || piece[name.size()] != '=' || !piece.starts_with(name)) continue;
            cookie one;
            if (detail::read_pair(piece, one) != detail::pair_kind::cookie || one.name.size() != name.size()) continue;
            twice = found;
            if (twice) break;
            found = true;
            value = one.value;
        }
        if (twice) break;
    }
    if (twice) return error{errc::ambiguous_cookie, field_name::cookie_header};
    if (!found) return error{errc::cookie_missing, field_name::cookie_header};
    return value;
}

SIGNET_DECL cookie_lookup cookie_reader::inspect(std::string_view name) const noexcept {
    cookie_lookup out;
    if (!within_limits()) {
        out.over_limits = true;
        return out;
    }
    bool const prefixed = detail::prefix_of(name) != cookie_prefix::none;
    for (std::size_t i = 0; i != fields(); ++i)
        for (auto rest = field(i); !rest.empty();) {
            cookie one;
            auto const kind = detail::read_pair(detail::next_piece(rest), one);
            if (kind == detail::pair_kind::nameless) continue;
            if (one.name == name) {
                if (kind == detail::pair_kind::malformed) ++out.malformed;
                else if (out.hits++ == 0) out.value = one.value;
                continue;
            }
            auto const seen = detail::as_lenient_parsers_see(one.name);
            if (seen == name || (prefixed && detail::equal_ignoring_case(seen, name))) ++out.suspicious;
        }
    return out;
}

SIGNET_DECL cookie_census cookie_reader::census() const noexcept {
    cookie_census out;
    if (!within_limits()) {
        out.over_limits = true;
        return out;
    }
    for (std::size_t i = 0; i != fields(); ++i)
        for (auto rest = field(i); !rest.empty();) {
            auto const piece = detail::next_piece(rest);
            if (piece.empty()) continue; // between two semicolons: nothing was sent
            cookie one;
            switch (detail::read_pair(piece, one)) {
            case detail::pair_kind::cookie: ++out.cookies; break;
            case detail::pair_kind::nameless: ++out.nameless; break;
            case detail::pair_kind::malformed: ++out.malformed; break;
            }
        }
    return out;
}

SIGNET_DECL cookie_reader::iterator cookie_reader::begin() const noexcept {
    iterator first;
    if (!within_limits()) return first;
    first.reader_ = this;
    if (fields() != 0) first.rest_ = field(0);
    first.advance();
    return first;
}

SIGNET_DECL void cookie_reader::iterator::advance() noexcept {
    if (!reader_) return;
    while (field_ < reader_->fields()) {
        while (!rest_.empty())
            if (detail::read_pair(detail::next_piece(rest_), current_) == detail::pair_kind::cookie) {
                at_ = next_++;
                return;
            }
        if (++field_ < reader_->fields()) rest_ = reader_->field(field_);
    }
    *this = iterator{};
}

SIGNET_DECL result<std::string_view> percent_decode(std::string_view value, output& out) {
    auto const digit = [](char c) {
        char const l = detail::lower(c);
        return c >= '0' && c <= '9' ? c - '0' : l >= 'a' && l <= 'f' ? l - 'a' + 10 : -1;
    };
    for (std::size_t i = 0; i < value.size(); ++i)
        if (value[i] == '%' && (value.size() - i < 3 || digit(value[i + 1]) < 0 || digit(value[i + 2]) < 0))
            return error{errc::invalid_cookie_value, i};
    auto const size = value.size() - 2 * static_cast<std::size_t>(std::count(value.begin(), value.end(), '%'));
    char* const begin = out.extend(size);
    if (!begin) return errc::buffer_too_small;
    char* at = begin;
    for (std::size_t i = 0; i < value.size(); ++i)
        if (value[i] == '%') *at++ = static_cast<char>(digit(value[i + 1]) * 16 + digit(value[i + 2])), i += 2;
        else *at++ = value[i];
    return std::string_view{begin, size};
}

}}} // namespace signet::http

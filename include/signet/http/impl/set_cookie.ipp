// SPDX-License-Identifier: BSL-1.0
// Writing Set-Cookie lines, and judging those of a whole response.
#pragma once

#include <signet/http/set_cookie.hpp>

namespace signet { inline namespace SIGNET_ABI { namespace http {

// --- the policy from configuration -----------------------------------------------------------------------------------

SIGNET_DECL result<owned_cookie_policy> cookie_policy::make(cookie_params const& params) {
    if (auto const fault = detail::check(params); fault != detail::cookie_fault::none) return detail::errc_of(fault);
    return owned_cookie_policy{params};
}

SIGNET_DECL owned_cookie_policy::owned_cookie_policy(cookie_params const& params)
    : name_{params.name}, path_{params.path}, domain_{params.domain}, rest_{params} {
    rest_.name = rest_.path = rest_.domain = {};
}

SIGNET_DECL cookie_policy owned_cookie_policy::policy() const& noexcept {
    auto params = rest_;
    params.name = name_, params.path = path_, params.domain = domain_;
    return cookie_policy{params, 0};
}

// --- lines -----------------------------------------------------------------------------------------------------------

namespace detail {
inline constexpr std::string_view removal = "; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT";
inline constexpr std::size_t http_date_size = 29;

// `t` lies in the years 1970 to 9999.
inline void put_http_date(unix_time t, char* at) noexcept {
    static constexpr char days[] = "SunMonTueWedThuFriSat";
    static constexpr char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    auto const day = std::chrono::floor<std::chrono::days>(t);
    std::chrono::year_month_day const date{day};
    auto const second = static_cast<unsigned>((t - day).count());
    auto const year = static_cast<unsigned>(static_cast<int>(date.year()));
    auto const two = [&](unsigned v) {
        *at++ = static_cast<char>('0' + v / 10);
        *at++ = static_cast<char>('0' + v % 10);
    };
    auto const piece = [&](char const* text, std::size_t n) {
        std::memcpy(at, text, n);
        at += n;
    };
    piece(days + std::size_t{3} * std::chrono::weekday{day}.c_encoding(), 3);
    piece(", ", 2), two(static_cast<unsigned>(date.day())), piece(" ", 1);
    piece(months + std::size_t{3} * (static_cast<unsigned>(date.month()) - 1), 3);
    piece(" ", 1), two(year / 100), two(year % 100);
    piece(" ", 1), two(second / 3600), piece(":", 1), two(second / 60 % 60), piece(":", 1), two(second % 60),
        piece(" GMT", 4);
}

inline bool has_http_date(unix_time t) noexcept { return t >= unix_time{} && t <= latest_time; }
} // namespace detail

SIGNET_DECL result<void> write_http_date(unix_time t, output& out) {
    if (!detail::has_http_date(t)) return errc::out_of_range;
    char date[detail::http_date_size];
    detail::put_http_date(t, date);
    out.append({date, sizeof date});
    return {};
}

SIGNET_DECL result<std::string_view> cookie_policy::write(std::string_view value, output& out,
                                                          set_cookie_params const& params, bool removal) const {
    // What varies is checked first, so that nothing is written of a line that is refused.
    std::string_view domain = params_.domain;
    if (!params.domain.empty()) {
        auto const prefix = detail::prefix_of(params_.name);
        if (prefix == cookie_prefix::host || prefix == cookie_prefix::host_http) return errc::cookie_prefix_violated;
        if (params_.development_on_http_localhost || !detail::is_cookie_domain(params.domain))
            return errc::invalid_cookie_domain;
        domain = params.domain;
    }
    unix_time expires{};
    bool const with_expires = params.expires_from.has_value() && !removal;
    if (with_expires) {
        if (!params_.max_age || !detail::has_http_date(*params.expires_from)) return errc::invalid_cookie_lifetime;
        expires = *params.expires_from + *params_.max_age;
        if (!detail::has_http_date(expires)) return errc::invalid_cookie_lifetime;
    }

    // The length of each piece is known now: one check of the space, then plain copies.
    bool const root = params_.path == "/";
    auto const path = root ? fixed_.from(0).substr(0, fixed_.age) : params_.path;
    auto const age = removal ? detail::removal : fixed_.from(fixed_.age).substr(0, fixed_.flags - fixed_.age);
    auto const flags = fixed_.from(fixed_.flags);
    std::size_t const size = params_.name.size() + 1 + value.size() + (domain.empty() ? 0 : 9 + domain.size()) +
                             (root ? 0 : 7) + path.size() + age.size() +
                             (with_expires ? 10 + detail::http_date_size : 0) + flags.size();
    char* const begin = out.extend(size);
    if (!begin) return errc::buffer_too_small;
    char* at = begin;
    auto const put = [&](std::string_view piece) {
        if (!piece.empty()) std::memcpy(at, piece.data(), piece.size());
        at += piece.size();
    };
    put(params_.name), *at++ = '=', put(value);
    if (!domain.empty()) put("; Domain="), put(domain);
    if (root && !removal && !with_expires) {
        put(fixed_.from(0)); // Path, Max-Age and flags in one piece
    } else {
        if (!root) put("; Path=");
        put(path), put(age);
        if (with_expires) put("; Expires="), detail::put_http_date(expires, at), at += detail::http_date_size;
        put(flags);
    }
    return std::string_view{begin, size};
}

SIGNET_DECL result<std::string_view> cookie_policy::set(std::string_view value, output& out,
                                                        set_cookie_params const& params) const {
    if (value.size() > max_value_size()) return errc::cookie_too_large;
    if (!detail::is_cookie_value(value)) {
        auto const inner = detail::within_quotes(value);
        std::size_t at = 0;
        while (detail::is_cookie_octet(inner[at])) ++at;
        return error{errc::invalid_cookie_value, at + static_cast<std::size_t>(inner.data() - value.data())};
    }
    return write(value, out, params, false);
}

SIGNET_DECL result<std::string> cookie_policy::set(std::string_view value, set_cookie_params const& params) const {
    std::string text;
    output out{text};
    if (auto line = set(value, out, params); !line) return line.error();
    return text;
}

SIGNET_DECL result<std::string_view> cookie_policy::remove(output& out, set_cookie_params const& params) const {
    return write({}, out, params, true);
}

SIGNET_DECL result<std::string> cookie_policy::remove(set_cookie_params const& params) const {
    std::string text;
    output out{text};
    if (auto line = remove(out, params); !line) return line.error();
    return text;
}

// --- a whole response ------------------------------------------------------------------------------------------------

namespace detail {
// The part before the next `separator`, which is taken off `text` with it.
inline std::string_view take_until(std::string_view& text, char separator) noexcept {
    auto const end = std::min(text.find(separator), text.size());
    auto const part = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    return part;
}

inline std::string_view set_cookie_name(std::string_view line) noexcept {
    auto pair = take_until(line, ';');
    return trim_blanks(take_until(pair, '='));
}

inline std::optional<errc> judge_set_cookie(std::string_view line, cookie_floor const* floor) noexcept {
    constexpr std::string_view names[] = {"expires", "max-age",  "domain",   "path",
                                          "secure",  "httponly", "samesite", "partitioned"};
    enum attribute : std::size_t { expires, max_age, domain, path, secure, http_only, same, partitioned };

    for (char c : line)
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return errc::invalid_cookie_value;
    auto const pair = take_until(line, ';');
    auto const equals = pair.find('=');
    if (equals == std::string_view::npos) return errc::invalid_cookie_name;
    auto const name = trim_blanks(pair.substr(0, equals)), value = trim_blanks(pair.substr(equals + 1));
    if (!is_token(name)) return errc::invalid_cookie_name;
    if (!is_cookie_value(value)) return errc::invalid_cookie_value;
    if (name.size() + value.size() > max_cookie_size) return errc::cookie_too_large;

    bool seen[std::size(names)] = {};
    std::string_view given[std::size(names)];
    while (!line.empty()) {
        auto rest = take_until(line, ';');
        auto const key = trim_blanks(take_until(rest, '='));
        for (std::size_t i = 0; i != std::size(names); ++i)
            if (equal_ignoring_case(key, names[i])) {
                if (seen[i]) return errc::conflicting_cookie_attributes;
                seen[i] = true;
                given[i] = trim_blanks(rest);
            }
    }
    auto const prefix = prefix_of(name);
    bool const host = prefix == cookie_prefix::host || prefix == cookie_prefix::host_http;
    bool const http = prefix == cookie_prefix::http || prefix == cookie_prefix::host_http;
    if (!exact_prefix(name) || (prefix != cookie_prefix::none && !seen[secure]) || (http && !seen[http_only]) ||
        (host && (seen[domain] || given[path] != "/")))
        return errc::cookie_prefix_violated;

    same_site mode = same_site::none; // left out counts as the weakest
    if (equal_ignoring_case(given[same], "lax")) mode = same_site::lax;
    else if (equal_ignoring_case(given[same], "strict")) mode = same_site::strict;
    else if (seen[same] && !equal_ignoring_case(given[same], "none")) return errc::conflicting_cookie_attributes;
    if ((seen[same] && mode == same_site::none && !seen[secure]) || (seen[partitioned] && !seen[secure]))
        return errc::conflicting_cookie_attributes;
    if (floor && ((floor->secure && !seen[secure]) || (floor->http_only && !seen[http_only]) || mode < floor->at_least))
        return errc::conflicting_cookie_attributes;
    return std::nullopt;
}
} // namespace detail

SIGNET_DECL result<void> check_response(std::span<std::string_view const> lines, cookie_floor const& floor,
                                        std::span<std::string_view const> exempt) noexcept {
    if (lines.size() > floor.max_cookies) return error{errc::cookie_too_large, floor.max_cookies};
    for (std::size_t i = 0; i != lines.size(); ++i) {
        auto const name = detail::set_cookie_name(lines[i]);
        bool const excused = std::find(exempt.begin(), exempt.end(), name) != exempt.end();
        if (auto const why = detail::judge_set_cookie(lines[i], excused ? nullptr : &floor)) return error{*why, i};
        for (std::size_t j = 0; j != i; ++j)
            if (detail::set_cookie_name(lines[j]) == name) return error{errc::conflicting_cookie_attributes, i};
    }
    return {};
}

}}} // namespace signet::http

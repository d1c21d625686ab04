// SPDX-License-Identifier: BSL-1.0
// The rules of a cookie policy, once for the compiler (each with its sentence) and once for configuration (each with an
// errc).
#pragma once

#include <signet/core/result.hpp>
#include <signet/http/cookie_params.hpp>
#include <signet/http/cookie_syntax.hpp>

#include <algorithm>
#include <cstring>

namespace signet { inline namespace SIGNET_ABI { namespace http { namespace detail {

inline constexpr std::chrono::seconds max_cookie_lifetime = std::chrono::hours{24 * 400};
inline constexpr std::size_t max_attribute = 1024; // browsers ignore a longer attribute value

enum class cookie_fault : std::uint8_t {
    none,
    name_empty,
    name_not_token,
    name_too_long,
    prefix_spelling,
    secure_prefix,
    host_prefix_secure,
    host_prefix_path,
    host_prefix_domain,
    http_prefix,
    none_without_secure,
    partitioned_without_secure,
    age_too_long,
    age_not_positive,
    path_start,
    path_character,
    path_too_long,
    domain,
    session_http_only,
    session_persistent,
    session_secure,
    session_same_site,
    localhost_secure,
    localhost_domain,
    localhost_use,
};

constexpr bool is_path_char(char c) noexcept { return c >= 0x20 && c < 0x7f && c != ';'; }

/// Lower-case LDH labels of up to 63 characters, at least two of them, 253 in all; not an IPv4 address.
constexpr bool is_cookie_domain(std::string_view domain) noexcept {
    if (domain.empty() || domain.size() > 253) return false;
    std::size_t labels = 0, start = 0;
    bool last_is_number = true;
    for (std::size_t i = 0; i <= domain.size(); ++i) {
        if (i != domain.size() && domain[i] != '.') continue;
        auto const label = domain.substr(start, i - start);
        if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-') return false;
        last_is_number = true;
        for (char c : label) {
            if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-')) return false;
            last_is_number = last_is_number && c >= '0' && c <= '9';
        }
        ++labels;
        start = i + 1;
    }
    return labels >= 2 && !last_is_number;
}

/// The first rule that `params` breaks.
constexpr cookie_fault check(cookie_params const& params) noexcept {
    using enum cookie_fault;
    // RFC 6265bis 4.1.1: the name
    if (params.name.empty()) return name_empty;
    if (!is_token(params.name)) return name_not_token;
    if (params.name.size() >= max_cookie_size) return name_too_long;
    // 4.1.3: prefixes
    auto const prefix = prefix_of(params.name);
    bool const host = prefix == cookie_prefix::host || prefix == cookie_prefix::host_http;
    bool const http = prefix == cookie_prefix::http || prefix == cookie_prefix::host_http;
    if (!exact_prefix(params.name)) return prefix_spelling;
    if (prefix == cookie_prefix::secure && !params.secure) return secure_prefix;
    if (host && !params.secure) return host_prefix_secure;
    if (host && params.path != "/") return host_prefix_path;
    if (host && !params.domain.empty()) return host_prefix_domain;
    if (http && !(params.secure && params.http_only)) return http_prefix;
    // 4.1.2.7 and CHIPS
    if (params.same_site == same_site::none && !params.secure) return none_without_secure;
    if (params.partitioned && !params.secure) return partitioned_without_secure;
    // 4.1.2.2: lifetime
    if (params.max_age && *params.max_age > max_cookie_lifetime) return age_too_long;
    if (params.max_age && params.max_age->count() <= 0) return age_not_positive;
    // 4.1.2.4: path; 4.1.2.3: domain
    if (!params.path.starts_with('/')) return path_start;
    if (!std::all_of(params.path.begin(), params.path.end(), is_path_char) || params.path.back() == ' ')
        return path_character;
    if (params.path.size() > max_attribute) return path_too_long;
    if (!params.domain.empty() && !is_cookie_domain(params.domain)) return domain;
    // the rules of a session cookie
    if (params.development_on_http_localhost) {
        if (params.secure) return localhost_secure;
        if (!params.domain.empty()) return localhost_domain;
        if (params.use != cookie_use::session) return localhost_use;
    }
    if (params.use == cookie_use::session) {
        if (!params.http_only) return session_http_only;
        if (params.max_age) return session_persistent;
        if (!params.secure && !params.development_on_http_localhost) return session_secure;
        if (params.same_site == same_site::none) return session_same_site;
    }
    return none;
}

constexpr errc errc_of(cookie_fault fault) noexcept {
    using enum cookie_fault;
    switch (fault) {
    case name_empty:
    case name_not_token: return errc::invalid_cookie_name;
    case name_too_long: return errc::cookie_too_large;
    case prefix_spelling:
    case secure_prefix:
    case host_prefix_secure:
    case host_prefix_path:
    case host_prefix_domain:
    case http_prefix: return errc::cookie_prefix_violated;
    case age_too_long:
    case age_not_positive:
    case session_persistent: return errc::invalid_cookie_lifetime;
    case path_start:
    case path_character:
    case path_too_long: return errc::invalid_cookie_path;
    case domain:
    case localhost_domain: return errc::invalid_cookie_domain;
    default: return errc::conflicting_cookie_attributes;
    }
}

/// Not constexpr, so that reaching it at compile time is an error whose text shows the line with the sentence.
inline void this_cookie_policy_is_refused(char const*) noexcept {}

// Compilers print the line of the call, so the sentence stands in it.
// clang-format off
consteval void refuse(cookie_fault fault) {
    using enum cookie_fault;
    switch (fault) {
    case none: return;
    case name_empty: this_cookie_policy_is_refused("a cookie must have a name"); return;
    case name_not_token: this_cookie_policy_is_refused("a cookie's name is a token: letters, digits and !#$%&'*+-.^_`|~"); return;
    case name_too_long: this_cookie_policy_is_refused("a cookie's name and value may have 4096 octets together"); return;
    case prefix_spelling: this_cookie_policy_is_refused("a name prefix is written exactly __Secure-, __Host-, __Http- or __Host-Http-"); return;
    case secure_prefix: this_cookie_policy_is_refused("a __Secure- cookie must be Secure"); return;
    case host_prefix_secure: this_cookie_policy_is_refused("a __Host- cookie must be Secure"); return;
    case host_prefix_path: this_cookie_policy_is_refused("a __Host- cookie must have the path /"); return;
    case host_prefix_domain: this_cookie_policy_is_refused("a __Host- cookie must not have a domain"); return;
    case http_prefix: this_cookie_policy_is_refused("a __Http- or __Host-Http- cookie must be Secure and HttpOnly"); return;
    case none_without_secure: this_cookie_policy_is_refused("a SameSite=None cookie must be Secure"); return;
    case partitioned_without_secure: this_cookie_policy_is_refused("a Partitioned cookie must be Secure"); return;
    case age_too_long: this_cookie_policy_is_refused("a cookie's Max-Age is at most 400 days"); return;
    case age_not_positive: this_cookie_policy_is_refused("a cookie's Max-Age is at least 1 second; remove() makes the line that deletes it"); return;
    case path_start: this_cookie_policy_is_refused("a cookie's path must start with /"); return;
    case path_character: this_cookie_policy_is_refused("a cookie's path has no control character, no semicolon and nothing beyond ASCII"); return;
    case path_too_long: this_cookie_policy_is_refused("a cookie's path has at most 1024 octets"); return;
    case domain: this_cookie_policy_is_refused("a cookie's domain is two or more lower-case labels, without a dot at either end"); return;
    case session_http_only: this_cookie_policy_is_refused("a session cookie must be HttpOnly (if scripts are to read it, it is .use = cookie_use::other)"); return;
    case session_persistent: this_cookie_policy_is_refused("a session cookie must not be persistent (if it is to outlive the browser, it is .use = cookie_use::other)"); return;
    case session_secure: this_cookie_policy_is_refused("a session cookie must be Secure (for http://localhost there is .development_on_http_localhost)"); return;
    case session_same_site: this_cookie_policy_is_refused("a session cookie must be SameSite=Strict or Lax (for embedding there is cookies::cross_site)"); return;
    case localhost_secure: this_cookie_policy_is_refused("a cookie for http://localhost cannot be Secure"); return;
    case localhost_domain: this_cookie_policy_is_refused("a cookie for http://localhost cannot have a domain"); return;
    case localhost_use: this_cookie_policy_is_refused("development_on_http_localhost is for session cookies"); return;
    }
}
// clang-format on

/// The attributes that never change, as text: "; Path=/" (only where the path is that), then Max-Age, then the flags.
struct fixed_attributes {
    char text[112] = {};
    std::size_t age = 0;   // where Max-Age begins
    std::size_t flags = 0; // where what follows it begins
    std::size_t size = 0;

    constexpr void append(std::string_view piece) {
        for (char c : piece) text[size++] = c;
    }
    [[nodiscard]] constexpr std::string_view from(std::size_t start) const noexcept {
        return {text + start, size - start};
    }
};

constexpr fixed_attributes write_fixed(cookie_params const& params) {
    fixed_attributes out;
    if (params.path == "/") out.append("; Path=/");
    out.age = out.size;
    // A specification that is about to be refused may have any number here.
    if (params.max_age && params.max_age->count() > 0 && *params.max_age <= max_cookie_lifetime) {
        out.append("; Max-Age=");
        char digits[20] = {};
        std::size_t n = 0;
        for (auto v = params.max_age->count(); v != 0; v /= 10) digits[n++] = static_cast<char>('0' + v % 10);
        while (n != 0) out.append({&digits[--n], 1});
    }
    out.flags = out.size;
    if (params.secure) out.append("; Secure");
    if (params.http_only) out.append("; HttpOnly");
    switch (params.same_site) {
    case same_site::none: out.append("; SameSite=None"); break;
    case same_site::lax: out.append("; SameSite=Lax"); break;
    case same_site::strict: out.append("; SameSite=Strict"); break;
    }
    if (params.partitioned) out.append("; Partitioned");
    return out;
}

}}}} // namespace signet::http::detail

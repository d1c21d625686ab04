// SPDX-License-Identifier: BSL-1.0
// The rules of a policy, each with its sentence, for the compiler and for configuration alike.
#pragma once

#include <signet/crypto/algorithm.hpp>
#include <signet/http/impl/origin_syntax.hpp>
#include <signet/http/impl/uri_syntax.hpp>
#include <signet/http/set_cookie.hpp>

#include <span>

namespace signet { inline namespace SIGNET_ABI { namespace dbsc {

enum class rule_type : std::uint8_t { include, exclude };

/// One rule of a scope. The domain is "*", a host, or "*.x" for all hosts below x, not x itself; the path is a prefix
/// of whole segments: "/a" covers "/a" and "/a/b", not "/ab".
struct scope_rule {
    rule_type type = rule_type::include;
    std::string_view domain = "*";
    std::string_view path = "/";
};

inline constexpr alg es256_first[] = {alg::es256, alg::rs256};

struct policy_params;

}}} // namespace signet::dbsc

namespace signet { inline namespace SIGNET_ABI { namespace dbsc { namespace detail {

inline constexpr std::chrono::seconds max_session_lifetime = std::chrono::hours{24 * 400};
inline constexpr std::chrono::seconds min_cookie_lifetime{240};
// At most `store::reencryption_margin`, as for everything that is taken: a record that `encrypted::reencrypt` has
// written anew could be taken a second time on a store that lost the first one in a restart. A test holds them
// together.
inline constexpr std::chrono::seconds max_registration_lifetime{3600};

constexpr bool is_host_pattern(std::string_view pattern) noexcept {
    if (pattern == "*") return true;
    if (pattern.starts_with("*.")) pattern.remove_prefix(2);
    return http::detail::is_host(pattern);
}

/// An absolute path as it stands in a URL in normal form: RFC 3986 pchar and "/", no dot segments, no query;
/// percent-encodings in upper case and only where they are needed, since paths are compared in that form.
constexpr bool is_path(std::string_view path) noexcept {
    if (!path.starts_with('/') || path.size() > 1024) return false;
    auto const digit = [](char c) { return c >= 'a' ? -1 : http::detail::hex_value(c); }; // of upper case only
    for (std::size_t i = 0; i != path.size(); ++i) {
        char const c = path[i];
        if (c == '%') {
            if (path.size() - i < 3 || digit(path[i + 1]) < 0 || digit(path[i + 2]) < 0) return false;
            if (http::detail::is_unreserved(static_cast<char>(digit(path[i + 1]) * 16 + digit(path[i + 2]))))
                return false;
            i += 2;
        } else if (c != '/' && c != ':' && c != '@' && !http::detail::is_unreserved(c) &&
                   !http::detail::is_sub_delim(c)) {
            return false;
        }
    }
    for (std::string_view dots : {"/./", "/../"})
        if (path.find(dots) != std::string_view::npos) return false;
    return !path.ends_with("/.") && !path.ends_with("/..");
}

/// "https://", a host, and a port that is not 443, as browsers serialize it.
constexpr bool is_origin(std::string_view origin) noexcept {
    if (!origin.starts_with("https://")) return false;
    if (!http::detail::is_host(http::detail::host_of(origin))) return false;
    auto const colon = origin.find(':', 8);
    return colon == std::string_view::npos || http::detail::is_port(origin.substr(colon + 1), "443");
}

/// A path, or an https URL with one.
constexpr bool is_endpoint(std::string_view url) noexcept {
    if (!url.starts_with("https://")) return is_path(url);
    auto const slash = url.find('/', 8);
    return slash != std::string_view::npos && is_origin(url.substr(0, slash)) && is_path(url.substr(slash));
}

/// What is wrong with a policy, as `why` puts it. A template, since the specification is complete only where it is
/// used.
template <class Spec, class Why> constexpr std::string_view complaint(Spec const& params, Why why) noexcept {
    using namespace std::chrono_literals;
    auto const& cookie = params.cookie.params();
    if (!cookie.secure) return why("a bound cookie is Secure");
    if (!cookie.http_only) return why("a bound cookie is HttpOnly: no script has a use for it");
    if (cookie.partitioned) return why("a bound cookie cannot be Partitioned: browsers refuse such credentials");
    if (!cookie.max_age) return why("a bound cookie has a Max-Age: its short lifetime is what binding is about");
    if (cookie.name.starts_with("__Host-Http-")) return why("browsers refuse credentials with the prefix __Host-Http-");
    if (*cookie.max_age < min_cookie_lifetime && !params.short_cookie_for_tests)
        return why("a cookie lifetime under four minutes makes every request a refresh");

    if (!is_origin(params.origin)) return why("the origin is https://, a lower-case host, and a port if it is not 443");
    for (auto const& rule : params.rules) {
        if (!is_host_pattern(rule.domain)) return why("a rule's domain is *, a lower-case host or *.host");
        if (!is_path(rule.path))
            return why("a rule's path is absolute and in normal form, without query and dot segments");
    }
    for (auto host : params.refresh_initiators)
        if (!is_host_pattern(host)) return why("a refresh initiator is *, a lower-case host or *.host");
    if (!is_endpoint(params.register_path)) return why("the register path is absolute, or an https URL");
    if (!is_endpoint(params.refresh_path)) return why("the refresh path is absolute, or an https URL");
    if (params.register_path == params.refresh_path) return why("registration and refresh need two paths");

    if (params.algorithms.empty()) return why("an algorithm must be offered");
    for (alg a : params.algorithms)
        if (a != alg::es256 && a != alg::rs256) return why("browsers know ES256 and RS256");
    if (params.algorithms.size() > 2 || (params.algorithms.size() == 2 && params.algorithms[0] == params.algorithms[1]))
        return why("an algorithm is offered twice");

    if (params.registration_lifetime < 1s || params.registration_lifetime > max_registration_lifetime)
        return why("a registration challenge lives 1 s to 1 h");
    if (params.challenge_lifetime < 10s || params.challenge_lifetime > 24h)
        return why("a challenge lives 10 s to 24 h");
    if (params.overlap < 0s || params.overlap > 5min) return why("the overlap is at most 5 min");
    if (params.latency < 0s || params.latency > 2min) return why("the latency is at most 2 min");
    if (params.session_lifetime <= *cookie.max_age || params.session_lifetime > max_session_lifetime)
        return why("a session lives longer than its cookie and at most 400 days");
    if (params.challenge_octets < 16 || params.challenge_octets > 64) return why("a challenge has 16 to 64 octets");
    return {};
}

/// Not constexpr, so that reaching it at compile time is an error whose text shows the sentence.
inline void this_dbsc_policy_is_refused(char const*) noexcept {}

struct tell {
    constexpr std::string_view operator()(char const* sentence) const noexcept { return sentence; }
};
struct refuse {
    constexpr std::string_view operator()(char const* sentence) const noexcept {
        if (*sentence != 0) this_dbsc_policy_is_refused(sentence);
        return sentence;
    }
};

}}}} // namespace signet::dbsc::detail

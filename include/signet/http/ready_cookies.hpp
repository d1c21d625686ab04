// SPDX-License-Identifier: BSL-1.0
// Ready cookie policies for what services usually need. Each takes another name, and is checked again with it.
#pragma once

#include <signet/http/set_cookie.hpp>

namespace signet { inline namespace SIGNET_ABI { namespace http { namespace cookies {

/// Returns the policy of a session cookie: this host only, HttpOnly, Secure, deleted with the browser, and not sent
/// with requests that other sites start. Use Lax if links and sign-on from other sites must arrive logged in.
///
/// Example: `constexpr auto session = http::cookies::session();`
consteval cookie_policy session(std::string_view name = "__Host-sid", http::same_site mode = same_site::strict) {
    return {{.name = name, .same_site = mode}};
}

/// Returns the policy of a cookie that outlives the browser: 30 days by default, at most 400. Lax, so that it works
/// with links.
consteval cookie_policy remember_me(std::string_view name = "__Host-remember",
                                    std::chrono::seconds lifetime = std::chrono::hours{24 * 30}) {
    return {{.name = name, .max_age = lifetime, .use = cookie_use::other}};
}

/// Returns the policy of a CSRF token that the page's scripts read and send back in a header (signed double submit).
/// Not HttpOnly.
consteval cookie_policy csrf(std::string_view name = "__Host-csrf") {
    return {{.name = name, .http_only = false, .same_site = same_site::strict, .use = cookie_use::other}};
}

/// Returns the policy of a cookie for content embedded in other sites: SameSite=None and Partitioned (CHIPS). Requests
/// that other sites start carry it, so protect what it allows by a CSRF token.
consteval cookie_policy cross_site(std::string_view name = "__Host-embedded") {
    return {{.name = name, .same_site = same_site::none, .partitioned = true, .use = cookie_use::other}};
}

/// Returns the policy of a cookie that ties an identity provider's answer to the browser that asked. It lives for
/// minutes. It is Lax, because with Strict the redirect back arrives without it. Providers that answer by a form post
/// would need SameSite=None.
consteval cookie_policy login_state(std::string_view name = "__Host-login",
                                    std::chrono::seconds lifetime = std::chrono::minutes{10}) {
    return {{.name = name, .max_age = lifetime, .use = cookie_use::other}};
}

/// Returns the policy of a session cookie for http://localhost during development, where browsers may refuse Secure.
/// Never use it for a service that others can reach.
consteval cookie_policy development_on_http_localhost(std::string_view name = "sid-development") {
    return {{.name = name, .secure = false, .development_on_http_localhost = true}};
}

}}}} // namespace signet::http::cookies

// SPDX-License-Identifier: BSL-1.0
// Ready cookie policies for what services usually need. Each takes another name, and is checked again with it.
#pragma once

#include <signet/http/set_cookie.hpp>

namespace signet { inline namespace SIGNET_ABI { namespace http { namespace cookies {

/// The cookie that names a session (RULES D1 to D6): this host only, HttpOnly, Secure, gone with the browser, and not
/// sent with any request that another site starts. Where links and sign-on from other sites must arrive logged in, take
/// Lax. Example: `constexpr auto session = http::cookies::session();`
consteval cookie_policy session(std::string_view name = "__Host-sid", http::same_site mode = same_site::strict) {
    return {{.name = name, .same_site = mode}};
}

/// Survives the browser for 30 days, or as said, at most 400. Lax, so that it works from a link.
consteval cookie_policy remember_me(std::string_view name = "__Host-remember",
                                    std::chrono::seconds lifetime = std::chrono::hours{24 * 30}) {
    return {{.name = name, .max_age = lifetime, .use = cookie_use::other}};
}

/// Holds a CSRF token that scripts of the page read and send back in a header (signed double submit); so not HttpOnly.
consteval cookie_policy csrf(std::string_view name = "__Host-csrf") {
    return {{.name = name, .http_only = false, .same_site = same_site::strict, .use = cookie_use::other}};
}

/// For content embedded in other sites: SameSite=None, and with one jar for each embedding site (CHIPS). Requests that
/// other sites start carry it, so what it allows needs a CSRF token of its own.
consteval cookie_policy cross_site(std::string_view name = "__Host-embedded") {
    return {{.name = name, .same_site = same_site::none, .partitioned = true, .use = cookie_use::other}};
}

/// Ties the answer of an identity provider to the browser that asked: minutes of life, and Lax, since with Strict the
/// redirect back arrives without it. For providers that answer by a form post from their site only None would arrive.
consteval cookie_policy login_state(std::string_view name = "__Host-login",
                                    std::chrono::seconds lifetime = std::chrono::minutes{10}) {
    return {{.name = name, .max_age = lifetime, .use = cookie_use::other}};
}

/// A session cookie for http://localhost while developing, where browsers may refuse Secure: no prefix and not Secure.
/// Never for a service that others reach.
consteval cookie_policy development_on_http_localhost(std::string_view name = "sid-development") {
    return {{.name = name, .secure = false, .development_on_http_localhost = true}};
}

}}}} // namespace signet::http::cookies

// SPDX-License-Identifier: BSL-1.0
// What a cookie policy is made from: the attributes of RFC 6265bis section 4.1.2 as an aggregate of plain values.
#pragma once

#include <signet/version.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace signet { inline namespace SIGNET_ABI { namespace http {

/// Which requests from other sites carry the cookie. A policy always says it: leaving it out gives a window of two
/// minutes in some browsers in which it is like none.
enum class same_site : std::uint8_t { none, lax, strict };

/// What the cookie is for, and so which rules it must keep.
enum class cookie_use : std::uint8_t {
    session, ///< names a session: HttpOnly, Secure, Lax or Strict, gone with the browser (RULES D1 to D3, D6)
    other    ///< anything else: only what browsers demand
};

/// The specification of a policy. Left out, a member takes the safe value; a name is all that must be given.
///
/// Lifetime: `Max-Age` in seconds, at most 400 days, which is where browsers cap it. Path: `/` or longer. Domain: none,
/// so that the cookie goes to this host only; a domain is lower-case letters, digits and hyphens (A-labels), at least
/// two labels, without a leading or trailing dot. Public suffixes are not known here; browsers refuse those.
struct cookie_params {
    std::string_view name;
    std::string_view path = "/";
    std::string_view domain = {};
    std::optional<std::chrono::seconds> max_age = {};
    bool secure = true;
    bool http_only = true;
    http::same_site same_site = http::same_site::lax;
    bool partitioned = false;
    cookie_use use = cookie_use::session;
    bool development_on_http_localhost = false; ///< a session cookie without Secure
};

}}} // namespace signet::http

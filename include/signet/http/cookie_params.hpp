// SPDX-License-Identifier: BSL-1.0
// What a cookie policy is made from: the attributes of RFC 6265bis section 4.1.2 as an aggregate of plain values.
#pragma once

#include <signet/version.hpp>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

namespace signet { inline namespace SIGNET_ABI { namespace http {

/// Which requests from other sites carry the cookie. A policy always writes `SameSite`: without it some browsers send
/// the cookie with every request for two minutes.
enum class same_site : std::uint8_t { none, lax, strict };

/// The purpose of a cookie, which determines the rules that it must keep.
enum class cookie_use : std::uint8_t {
    session, ///< names a session: HttpOnly, Secure, Lax or Strict, deleted with the browser
    other    ///< anything else: only the rules of browsers
};

/// The parameters of a cookie policy. The defaults are the safe values; only the name is required.
///
/// `Max-Age` is in seconds, at most 400 days, which is the limit of browsers. The path is `/` or longer. Without a
/// domain the cookie goes to this host only. A domain consists of at least two labels of lower-case letters, digits and
/// hyphens (A-labels), without a leading or trailing dot. Public suffixes are not checked here; browsers refuse them.
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

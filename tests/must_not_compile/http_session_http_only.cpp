// SPDX-License-Identifier: BSL-1.0
// EXPECT: a session cookie must be HttpOnly
#include <signet/http/set_cookie.hpp>

using namespace signet;
using namespace std::chrono_literals;

#ifdef CONTROL
http::cookie_policy policy{{.name = "a", .http_only = false, .use = http::cookie_use::other}};
#else
http::cookie_policy policy{{.name = "a", .http_only = false}}; // not constexpr, and refused all the same
#endif

// SPDX-License-Identifier: BSL-1.0
// EXPECT: a SameSite=None cookie must be Secure
#include <signet/http/set_cookie.hpp>

using namespace signet;
using namespace std::chrono_literals;

#ifdef CONTROL
http::cookie_policy policy{{.name = "a", .same_site = http::same_site::none, .use = http::cookie_use::other}};
#else
http::cookie_policy policy{{.name = "a",
                            .secure = false,
                            .same_site = http::same_site::none,
                            .use = http::cookie_use::other}}; // not constexpr, and refused all the same
#endif

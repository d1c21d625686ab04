// SPDX-License-Identifier: BSL-1.0
// EXPECT: a __Http- or __Host-Http- cookie must be Secure and HttpOnly
#include <signet/http/set_cookie.hpp>

using namespace signet;
using namespace std::chrono_literals;

#ifdef CONTROL
http::cookie_policy policy{{.name = "__Host-Http-a"}};
#else
http::cookie_policy policy{{.name = "__Host-Http-a",
                            .http_only = false,
                            .use = http::cookie_use::other}}; // not constexpr, and refused all the same
#endif

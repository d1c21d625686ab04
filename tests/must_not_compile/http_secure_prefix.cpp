// SPDX-License-Identifier: BSL-1.0
// EXPECT: a __Secure- cookie must be Secure
#include <signet/http/set_cookie.hpp>

using namespace signet;
using namespace std::chrono_literals;

#ifdef CONTROL
http::cookie_policy policy{{.name = "__Secure-a", .use = http::cookie_use::other}};
#else
http::cookie_policy policy{
    {.name = "__Secure-a", .secure = false, .use = http::cookie_use::other}}; // not constexpr, and refused all the same
#endif

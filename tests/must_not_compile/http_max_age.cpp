// SPDX-License-Identifier: BSL-1.0
// EXPECT: a cookie's Max-Age is at most 400 days
#include <signet/http/set_cookie.hpp>

using namespace signet;
using namespace std::chrono_literals;

#ifdef CONTROL
http::cookie_policy policy{{.name = "a", .max_age = 34'560'000s, .use = http::cookie_use::other}};
#else
http::cookie_policy policy{
    {.name = "a", .max_age = 34'560'001s, .use = http::cookie_use::other}}; // not constexpr, and refused all the same
#endif

// SPDX-License-Identifier: BSL-1.0
// EXPECT: a cookie's domain is two or more lower-case labels
#include <signet/http/set_cookie.hpp>

using namespace signet;
using namespace std::chrono_literals;

#ifdef CONTROL
http::cookie_policy policy{{.name = "a", .domain = "example.com"}};
#else
http::cookie_policy policy{{.name = "a", .domain = ".example.com"}}; // not constexpr, and refused all the same
#endif

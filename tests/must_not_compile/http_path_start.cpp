// SPDX-License-Identifier: BSL-1.0
// EXPECT: a cookie's path must start with /
#include <signet/http/set_cookie.hpp>

using namespace signet;
using namespace std::chrono_literals;

#ifdef CONTROL
http::cookie_policy policy{{.name = "a", .path = "/app"}};
#else
http::cookie_policy policy{{.name = "a", .path = "app"}}; // not constexpr, and refused all the same
#endif

// SPDX-License-Identifier: BSL-1.0
// EXPECT: a cookie's name is a token
#include <signet/http/set_cookie.hpp>

using namespace signet;
using namespace std::chrono_literals;

#ifdef CONTROL
http::cookie_policy policy{{.name = "my-cookie"}};
#else
http::cookie_policy policy{{.name = "my cookie"}}; // not constexpr, and refused all the same
#endif

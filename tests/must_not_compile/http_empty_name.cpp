// SPDX-License-Identifier: BSL-1.0
// EXPECT: a cookie must have a name
#include <signet/http/set_cookie.hpp>

using namespace signet;
using namespace std::chrono_literals;

#ifdef CONTROL
http::cookie_policy policy{{.name = "a"}};
#else
http::cookie_policy policy{{.name = ""}}; // not constexpr, and refused all the same
#endif

// SPDX-License-Identifier: BSL-1.0
// EXPECT: a name prefix is written exactly
#include <signet/http/set_cookie.hpp>

using namespace signet;
using namespace std::chrono_literals;

#ifdef CONTROL
http::cookie_policy policy{{.name = "__Host-a"}};
#else
http::cookie_policy policy{{.name = "__host-a"}}; // not constexpr, and refused all the same
#endif

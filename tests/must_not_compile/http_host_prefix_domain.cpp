// SPDX-License-Identifier: BSL-1.0
// EXPECT: a __Host- cookie must not have a domain
#include <signet/http/set_cookie.hpp>

using namespace signet;
using namespace std::chrono_literals;

#ifdef CONTROL
http::cookie_policy policy{{.name = "a", .domain = "example.com"}};
#else
http::cookie_policy policy{{.name = "__Host-a", .domain = "example.com"}}; // not constexpr, and refused all the same
#endif

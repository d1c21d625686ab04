// SPDX-License-Identifier: BSL-1.0
// EXPECT: path
#include <signet/http/set_cookie.hpp>

using namespace signet;

#ifdef CONTROL
http::cookie_policy policy{{.name = "a", .path = "/a"}};
#else
http::cookie_policy policy{{.name = "a", .path = "/a", .path = "/b"}}; // an attribute is given once
#endif

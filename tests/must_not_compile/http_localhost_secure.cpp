// SPDX-License-Identifier: BSL-1.0
// EXPECT: a cookie for http://localhost cannot be Secure
#include <signet/http/set_cookie.hpp>

using namespace signet;
using namespace std::chrono_literals;

#ifdef CONTROL
http::cookie_policy policy{{.name = "a", .secure = false, .development_on_http_localhost = true}};
#else
http::cookie_policy policy{
    {.name = "a", .development_on_http_localhost = true}}; // not constexpr, and refused all the same
#endif

// SPDX-License-Identifier: BSL-1.0
// EXPECT: a session cookie must be SameSite=Strict or Lax
#include <signet/http/set_cookie.hpp>

using namespace signet;
using namespace std::chrono_literals;

#ifdef CONTROL
http::cookie_policy policy{{.name = "a", .same_site = http::same_site::lax}};
#else
http::cookie_policy policy{
    {.name = "a", .same_site = http::same_site::none}}; // not constexpr, and refused all the same
#endif

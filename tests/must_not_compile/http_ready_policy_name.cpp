// SPDX-License-Identifier: BSL-1.0
// EXPECT: a cookie's name is a token
#include <signet/http/ready_cookies.hpp>

#ifdef CONTROL
constexpr auto policy = signet::http::cookies::session("id");
#else
constexpr auto policy = signet::http::cookies::session("an id");
#endif

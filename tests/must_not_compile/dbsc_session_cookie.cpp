// SPDX-License-Identifier: BSL-1.0
// EXPECT: a bound cookie has a Max-Age
#include <signet/dbsc/policy.hpp>
#include <signet/http/ready_cookies.hpp>

using namespace signet;
using namespace std::chrono_literals;

#ifdef CONTROL
dbsc::policy policy{{.cookie = dbsc::bound_cookie(), .origin = "https://shop.example"}};
#else
dbsc::policy policy{{.cookie = http::cookies::session(), .origin = "https://shop.example"}};
#endif

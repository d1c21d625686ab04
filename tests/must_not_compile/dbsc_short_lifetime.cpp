// SPDX-License-Identifier: BSL-1.0
// EXPECT: a cookie lifetime under four minutes
#include <signet/dbsc/policy.hpp>
#include <signet/http/ready_cookies.hpp>

using namespace signet;
using namespace std::chrono_literals;

#ifdef CONTROL
dbsc::policy policy{{.cookie = dbsc::bound_cookie("b", 240s), .origin = "https://shop.example"}};
#else
dbsc::policy policy{{.cookie = dbsc::bound_cookie("b", 239s), .origin = "https://shop.example"}};
#endif

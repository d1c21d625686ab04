// SPDX-License-Identifier: BSL-1.0
// EXPECT: browsers know ES256 and RS256
#include <signet/dbsc/policy.hpp>
#include <signet/http/ready_cookies.hpp>

using namespace signet;
using namespace std::chrono_literals;
constexpr alg good[] = {alg::rs256}, bad[] = {alg::es384};
#ifdef CONTROL
dbsc::policy policy{{.cookie = dbsc::bound_cookie(), .origin = "https://shop.example", .algorithms = good}};
#else
dbsc::policy policy{{.cookie = dbsc::bound_cookie(), .origin = "https://shop.example", .algorithms = bad}};
#endif

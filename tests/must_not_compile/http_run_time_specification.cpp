// SPDX-License-Identifier: BSL-1.0
// EXPECT: constant expression
#include <signet/http/set_cookie.hpp>

using namespace signet;

#ifdef CONTROL
auto read(http::cookie_params const& from_configuration) { return http::cookie_policy::make(from_configuration); }
#else
auto read(http::cookie_params const& from_configuration) { return http::cookie_policy{from_configuration}; }
#endif

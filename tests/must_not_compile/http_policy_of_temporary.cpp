// SPDX-License-Identifier: BSL-1.0
// EXPECT: deleted
// WITH: policy
// WITH: params
// WITH: name
// A policy from configuration owns the texts that these refer to.
#include <signet/http/set_cookie.hpp>

using namespace signet;

std::size_t size_of(http::cookie_params const& params) {
#ifdef CONTROL
    auto const made = http::cookie_policy::make(params);
    auto const kept = made.value().WITH();
#else
    auto const kept = http::cookie_policy::make(params).value().WITH();
#endif
    return sizeof kept;
}

// SPDX-License-Identifier: BSL-1.0
// EXPECT: an audience, a client or a tenant has no default
#include <signet/jwt/providers.hpp>

using namespace signet;

#ifdef CONTROL
jwt::policy const rules = jwt::okta({.issuer = "https://id.example", .audience = "orders"});
#else
jwt::policy const rules = jwt::okta({.issuer = "https://id.example"});
#endif

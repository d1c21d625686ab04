// SPDX-License-Identifier: BSL-1.0
// EXPECT: audience_client_and_tenant_have_no_default
// FIRST LINES
#include <signet/jwt/providers.hpp>

using namespace signet;

#ifdef CONTROL
jwt::policy const rules = jwt::okta({.issuer = "https://id.example", .audience = "orders"});
#else
jwt::policy const rules = jwt::okta({.issuer = "https://id.example"});
#endif

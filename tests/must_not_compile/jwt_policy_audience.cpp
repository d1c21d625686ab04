// SPDX-License-Identifier: BSL-1.0
// EXPECT: issuer, audience and type have no default
#include <signet/jwt/policy.hpp>

using namespace signet;

#ifdef CONTROL
jwt::policy const rules{.issuer = "https://id.example", .audience = jwt::anything, .type = "JWT"};
#else
jwt::policy const rules{.issuer = "https://id.example", .type = "JWT"};
#endif

// SPDX-License-Identifier: BSL-1.0
// EXPECT: issuer_audience_and_type_have_no_default
// FIRST LINES
#include <signet/jwt/policy.hpp>

using namespace signet;

#ifdef CONTROL
jwt::policy const rules{.issuer = "https://id.example", .audience = jwt::anything, .type = "JWT"};
#else
jwt::policy const rules{.issuer = "https://id.example", .type = "JWT"};
#endif

// SPDX-License-Identifier: BSL-1.0
// EXPECT: deleted
// The same with a name for it.
#include <signet/jwt/verifier.hpp>

using namespace signet;

bool is_admin(jwt::claims_view const& token) {
#ifdef CONTROL
    auto const admin = token.claim<bool>("admin");
    return admin.has_value() && *admin;
#else
    if (auto const admin = token.claim<bool>("admin")) return true;
    return false;
#endif
}

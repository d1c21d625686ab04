// SPDX-License-Identifier: BSL-1.0
// EXPECT: deleted
// Whether there is a claim is not what it says: `if (token->claim<bool>("admin"))` would be entered for false.
#include <signet/jwt/verifier.hpp>

using namespace signet;

bool is_admin(jwt::claims_view const& token) {
#ifdef CONTROL
    return token.claim<bool>("admin").value_or(false);
#else
    if (token.claim<bool>("admin")) return true;
    return false;
#endif
}

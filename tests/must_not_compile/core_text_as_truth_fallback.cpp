// SPDX-License-Identifier: BSL-1.0
// EXPECT: deleted
// A pointer is no truth value: `value_or("false")` would be true.
#include <signet/jwt/verifier.hpp>

using namespace signet;

bool is_admin(jwt::claims_view const& token) {
#ifdef CONTROL
    return token.claim<bool>("admin").value_or(false);
#else
    return token.claim<bool>("admin").value_or("false");
#endif
}

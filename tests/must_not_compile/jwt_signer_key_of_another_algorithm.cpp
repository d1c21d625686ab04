// SPDX-License-Identifier: BSL-1.0
// EXPECT: a key of another algorithm
// A key whose type names its algorithm does not sign by another.
#include <signet/jwt/signer.hpp>

using namespace signet;

auto make(local_key<es256> const& key) {
#ifdef CONTROL
    return jwt::signer<es256>::make(key);
#else
    return jwt::signer<rs256>::make(key);
#endif
}

// SPDX-License-Identifier: BSL-1.0
// EXPECT: deleted
// FIRST LINES
// WITH: secret
// WITH: private_key
// WITH: mac_key
// WITH: jwt::token
// WITH: jwt::verified
// Secrets, keys and tokens are not written, also where all else is that programs log.
#include <signet/crypto/key.hpp>
#include <signet/format.hpp>
#include <signet/jwt/verified.hpp>

using namespace signet;

void log(std::ostream& out, WITH const& value) {
#ifdef CONTROL
    (void)value;
    out << errc::expired;
#else
    out << value;
#endif
}

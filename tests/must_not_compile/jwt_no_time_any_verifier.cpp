// SPDX-License-Identifier: BSL-1.0
// EXPECT: ambiguous
// The same of the class any_verifier, into a scratch.
#include <signet/jwt/any_verifier.hpp>

using namespace signet;

bool is_good(jwt::any_verifier const& access, std::string_view text, unix_time now) {
    jwt::scratch<> buffer;
#ifdef CONTROL
    return access.verify(text, buffer, now).has_value();
#else
    (void)now;
    return access.verify(text, buffer, {}).has_value();
#endif
}

// SPDX-License-Identifier: BSL-1.0
// EXPECT: ambiguous
// The same of the class caching_verifier, into a scratch.
#include <signet/jwt/cache.hpp>

using namespace signet;

bool is_good(jwt::caching_verifier<jwt::verifier<es256>> const& access, std::string_view text, unix_time now) {
    jwt::scratch<> buffer;
#ifdef CONTROL
    return access.verify(text, buffer, now).has_value();
#else
    (void)now;
    return access.verify(text, buffer, {}).has_value();
#endif
}

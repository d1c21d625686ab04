// SPDX-License-Identifier: BSL-1.0
// EXPECT: verifier
// The verifier behind a cache accepts a token that was denied: who takes it says so.
#include <signet/jwt/cache.hpp>

using namespace signet;

bool is_good(jwt::caching_verifier<jwt::verifier<es256>> const& access, std::string_view text, unix_time now) {
#ifdef CONTROL
    return access.verifier_without_denials().verify(text, now).has_value();
#else
    return access.verifier().verify(text, now).has_value();
#endif
}

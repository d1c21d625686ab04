// SPDX-License-Identifier: BSL-1.0
// EXPECT: deleted
// Two texts and two times in a row are swapped sooner or later, and a denial that denies nothing looks like one that
// does.
#include <signet/jwt/cache.hpp>

using namespace signet;

result<void> log_out(jwt::caching_verifier<jwt::verifier<es256>>& access, std::string_view jti, unix_time until,
                     unix_time now) {
#ifdef CONTROL
    return access.deny({.issuer = "https://id.example.com", .jti = jti, .until = until}, now);
#else
    return access.deny("https://id.example.com", jti, until, now);
#endif
}

// SPDX-License-Identifier: BSL-1.0
// EXPECT: named_members
// The same in braces: the members of a denial are named.
#include <signet/jwt/cache.hpp>

using namespace signet;

result<void> log_out(jwt::caching_verifier<jwt::verifier<es256>>& access, std::string_view jti, unix_time until,
                     unix_time now) {
#ifdef CONTROL
    jwt::deny_params const one{.issuer = "https://id.example.com", .jti = jti, .until = until};
#else
    jwt::deny_params const one{"https://id.example.com", jti, until};
#endif
    return access.deny(one, now);
}

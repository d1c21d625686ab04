// SPDX-License-Identifier: BSL-1.0
// EXPECT: ambiguous
// WITH: jwt::verifier<es256> const
// WITH: jwt::any_verifier const
// WITH: jwt::caching_verifier<jwt::verifier<es256>> const
// WITH: jwt::multi_issuer_verifier const
// WITH: jwt::thread_verifier
// {} is no time: it would be 1970, when every token that expired since was good.
#include <signet/jwt/any_verifier.hpp>
#include <signet/jwt/cache.hpp>
#include <signet/jwt/multi_issuer_verifier.hpp>
#include <signet/jwt/verifier.hpp>

using namespace signet;

bool is_good(WITH& access, std::string_view text, unix_time now) {
    jwt::scratch<> buffer;
#ifdef CONTROL
    return access.verify(text, buffer, now).has_value();
#else
    (void)now;
    return access.verify(text, buffer, {}).has_value();
#endif
}

// SPDX-License-Identifier: BSL-1.0
// EXPECT: ambiguous
// {} is no time: it would be 1970, when every token that expired since was good.
#include <signet/jwt/verifier.hpp>

using namespace signet;

bool is_good(jwt::verifier<es256> const& access, std::string_view text, unix_time now) {
#ifdef CONTROL
    return access.verify(text, now).has_value();
#else
    (void)now;
    return access.verify(text, {}).has_value();
#endif
}

// SPDX-License-Identifier: BSL-1.0
// EXPECT: exactly_one_mac
#include <signet/jwt/verifier.hpp>

using namespace signet;

#ifdef CONTROL
using tokens = jwt::verifier<es256, ml_dsa_65>;
#else
using tokens = jwt::verifier<ml_dsa_65, hs256>;
#endif

result<jwt::token> check(tokens const& access, std::string_view text, unix_time now) {
    return access.verify(text, now);
}

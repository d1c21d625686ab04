// SPDX-License-Identifier: BSL-1.0
// EXPECT: only_signatures_or_exactly_one_mac
// FIRST LINES
#include <signet/jwt/verifier.hpp>

using namespace signet;

#ifdef CONTROL
using tokens = jwt::verifier<es256, rs256>;
#else
using tokens = jwt::verifier<es256, hs256>;
#endif

result<jwt::token> check(tokens const& access, std::string_view text, unix_time now) {
    return access.verify(text, now);
}

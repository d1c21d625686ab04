// SPDX-License-Identifier: BSL-1.0
// EXPECT: deleted
// WITH: algorithm
// WITH: kid
// WITH: type
// WITH: issuer
// The texts of a token that was looked into end with what was read of it.
#include <signet/jose/peek.hpp>

using namespace signet;

std::string_view text_of(std::string_view token, std::string& kept) {
#ifdef CONTROL
    auto const seen = jose::peek(token);
    if (seen) kept = seen->unverified_value().WITH();
    return kept;
#else
    (void)kept;
    return jose::peek(token).value().unverified_value().WITH();
#endif
}

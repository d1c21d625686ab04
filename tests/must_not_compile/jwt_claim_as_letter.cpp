// SPDX-License-Identifier: BSL-1.0
// EXPECT: is unavailable: claim<T> reads std::string_view
// FIRST LINES
// A letter is neither text nor a number, and a claim has no pointer: one sentence says what can be read.
#include <signet/jwt/verifier.hpp>

using namespace signet;

#ifdef CONTROL
auto grade(jwt::claims_view const& token) { return token.claim<std::string>("grade"); }
#else
auto grade(jwt::claims_view const& token) { return token.claim<char>("grade"); }
#endif

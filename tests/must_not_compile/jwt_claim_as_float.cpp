// SPDX-License-Identifier: BSL-1.0
// EXPECT: is unavailable: claim<T> reads std::string_view
// FIRST LINES
// A float would be a rounded double.
#include <signet/jwt/verifier.hpp>

using namespace signet;

#ifdef CONTROL
auto ratio(jwt::claims_view const& token) { return token.claim<double>("ratio"); }
#else
auto ratio(jwt::claims_view const& token) { return token.claim<float>("ratio"); }
#endif

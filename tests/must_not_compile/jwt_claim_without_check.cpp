// SPDX-License-Identifier: BSL-1.0
// EXPECT: conver
// FIRST LINES
// g++: "conversion from result<string> to string requested"; clang: "no viable conversion".
#include <signet/jwt/verifier.hpp>

using namespace signet;

std::string subject(jwt::claims_view const& token) {
#ifdef CONTROL
    std::string text = token.claim<std::string>("sub").value_or("");
#else
    std::string text = token.claim<std::string>("sub");
#endif
    return text;
}

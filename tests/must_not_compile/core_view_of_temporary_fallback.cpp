// SPDX-License-Identifier: BSL-1.0
// EXPECT: deleted
// The fallback of a view must live as long as the view.
#include <signet/jwt/verifier.hpp>

using namespace signet;

std::size_t greet(jwt::claims_view const& token) {
#ifdef CONTROL
    std::string const other = "friend of number " + token.claim<std::string>("n").value_or("0");
    auto const name = token.claim<std::string_view>("name").value_or(other);
#else
    auto const name = token.claim<std::string_view>("name").value_or("friend of number " +
                                                                     token.claim<std::string>("n").value_or("0"));
#endif
    return name.size();
}

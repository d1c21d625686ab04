// SPDX-License-Identifier: BSL-1.0
// EXPECT: result<signet::
// FIRST LINES
// The token is in the result, not the result itself.
#include <signet/jwt/verifier.hpp>

using namespace signet;

auto subject(jwt::verifier<es256> const& access, std::string_view text, unix_time now) {
    auto const token = access.verify(text, now);
#ifdef CONTROL
    return std::string{token->subject()};
#else
    return std::string{token.subject()};
#endif
}

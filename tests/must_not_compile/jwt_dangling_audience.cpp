// SPDX-License-Identifier: BSL-1.0
// EXPECT: deleted
// What a loop goes over must live as long as the loop: in C++20 a temporary token does not.
#include <signet/jwt/verifier.hpp>

using namespace signet;

std::size_t count(jwt::verifier<es256> const& access, std::string_view text, unix_time now) {
    std::size_t letters = 0;
#ifdef CONTROL
    auto const token = access.verify(text, now);
    if (!token) return 0;
    for (auto const who : token->audience()) letters += who.size();
#else
    for (auto const who : access.verify(text, now)->audience()) letters += who.size();
#endif
    return letters;
}

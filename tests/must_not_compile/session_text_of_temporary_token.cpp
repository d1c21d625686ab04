// SPDX-License-Identifier: BSL-1.0
// EXPECT: deleted
// A linked token owns its text.
#include <signet/jwt/verifier.hpp>
#include <signet/session/linked_token.hpp>

using namespace signet;

std::size_t size_of_user(jwt::verifier<es256> const& access, std::string_view text, unix_time now) {
#ifdef CONTROL
    auto const token = session::linked_token::verify(access, text, now);
    auto const user = token.value().subject();
#else
    auto const user = session::linked_token::verify(access, text, now).value().subject();
#endif
    return user.size();
}

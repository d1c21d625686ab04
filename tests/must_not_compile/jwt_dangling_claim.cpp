// SPDX-License-Identifier: BSL-1.0
// EXPECT: deleted
// A claim of a token that nobody keeps is a view of nothing.
#include <signet/jwt/verifier.hpp>

using namespace signet;

std::size_t length_of_subject(jwt::verifier<es256> const& access, std::string_view text, unix_time now) {
#ifdef CONTROL
    auto const token = access.verify(text, now);
    auto const subject = token->subject();
#else
    auto const subject = access.verify(text, now)->subject();
#endif
    return subject.size();
}

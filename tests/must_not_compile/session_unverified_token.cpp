// SPDX-License-Identifier: BSL-1.0
// EXPECT: linked_token
// B7: the text of a token that nobody validated does not reach a session.
#include <signet/jwt/verifier.hpp>
#include <signet/session/login_session.hpp>

using namespace signet;

auto store_it(session::login_sessions const& sessions, jwt::verifier<es256> const& access, std::string_view text,
              unix_time now) {
#ifdef CONTROL
    return sessions.link("cookie", *session::linked_token::verify(access, text, now), {}, now);
#else
    (void)access;
    return sessions.link("cookie", text, {}, now);
#endif
}

// SPDX-License-Identifier: BSL-1.0
// EXPECT: refresh_token
// B14: a refresh token does not extend or renew a session.
#include <signet/oauth/refresh.hpp>
#include <signet/session/login_session.hpp>

using namespace signet;

auto extend(session::login_sessions const& sessions, oauth::refresh_grant const& refreshed, unix_time now) {
#ifdef CONTROL
    (void)refreshed;
    return sessions.extend("cookie", {}, now);
#else
    return sessions.link("cookie", refreshed.token, {}, now);
#endif
}

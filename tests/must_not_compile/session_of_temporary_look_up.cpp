// SPDX-License-Identifier: BSL-1.0
// EXPECT: deleted
// A look-up owns the session that it shows.
#include <signet/session/login_session.hpp>

using namespace signet;

session::session_state seen(session::login_sessions const& sessions, std::string_view cookie, unix_time now) {
#ifdef CONTROL
    auto const found = sessions.authenticate(cookie, {}, now);
    auto const& it = found.session();
#else
    auto const& it = sessions.authenticate(cookie, {}, now).session();
#endif
    return it.state();
}

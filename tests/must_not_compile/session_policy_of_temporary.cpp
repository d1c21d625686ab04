// SPDX-License-Identifier: BSL-1.0
// EXPECT: deleted
// Sessions own their policy.
#include <signet/session/login_session.hpp>

using namespace signet;

std::size_t limit_of(mac_key key, session::session_policy rules) {
#ifdef CONTROL
    auto const sessions = session::login_sessions::make("tenant", "shop", std::move(key), rules);
    auto const& policy = sessions->policy();
#else
    auto const& policy = session::login_sessions::make("tenant", "shop", std::move(key), rules).value().policy();
#endif
    return policy.max_sessions;
}

// SPDX-License-Identifier: BSL-1.0
// EXPECT: refresh_grant
// B14: a refresh token, or what came of one, is no fact of an access decision.
#include <signet/oauth/refresh.hpp>
#include <signet/session/access.hpp>

using namespace signet;

auto fact(result<jwt::token> const& verified, result<oauth::refresh_grant> const& refreshed) {
#ifdef CONTROL
    (void)refreshed;
    return session::token_status::from(verified);
#else
    (void)verified;
    return session::token_status::from(refreshed);
#endif
}

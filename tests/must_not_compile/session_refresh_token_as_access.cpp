// SPDX-License-Identifier: BSL-1.0
// EXPECT: refresh_token
// B14: a refresh token is not shown where an access token is asked for.
#include <signet/jwt/verifier.hpp>
#include <signet/oauth/refresh.hpp>

using namespace signet;

auto let_in(jwt::verifier<es256> const& access, oauth::refresh_grant const& refreshed, std::string_view text,
            unix_time now) {
#ifdef CONTROL
    (void)refreshed;
    return access.verify(text, now);
#else
    (void)text;
    return access.verify(refreshed.token, now);
#endif
}

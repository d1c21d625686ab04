// SPDX-License-Identifier: BSL-1.0
// When a session ends, and how long its record is kept.
#pragma once

#include <signet/session/live_session.hpp>
#include <signet/session/session_policy.hpp>

#include <algorithm>

namespace signet { inline namespace SIGNET_ABI { namespace session { namespace detail {

inline unix_time end_after(session_policy const& p, std::string_view client, unix_time absolute,
                           unix_time now) noexcept {
    auto const end = saturating_add(now, p.lifetime_of(client));
    return absolute != unix_time{} && absolute < end ? absolute : end;
}
inline void start_clocks(session_fields& f, session_policy const& p, std::string_view client, unix_time now) noexcept {
    auto const absolute = p.profile.absolute;
    f.auth_time = f.last_seen = f.renewed = now;
    f.absolute = absolute == std::chrono::seconds{0} ? unix_time{} : saturating_add(now, absolute);
    f.expires = end_after(p, client, f.absolute, now);
}
inline unix_time kept_until(session_policy const& p, session_fields const& f, unix_time now) noexcept {
    auto const end = f.state == session_state::ended ? now : f.expires;
    return std::max(saturating_add(end, p.remember_ended), saturating_add(now, std::chrono::seconds{1}));
}

}}}} // namespace signet::session::detail

// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/session/backing.hpp>

namespace signet { inline namespace SIGNET_ABI { namespace session {

SIGNET_DECL dbsc_status dbsc_status::refused(errc why, dbsc_record const& known, unix_time now) noexcept {
    if (http_status(why) == 503) return value::unavailable;
    bool const young = known.offered != unix_time{} && now < saturating_add(known.offered, known.settle);
    if (why == errc::cookie_missing && young) return value::registering;
    if (known.id.empty()) // a cookie of an earlier login of this browser tells nothing about this one
        return known.offered == unix_time{} ? value::not_offered : young ? value::registering : value::none;
    switch (why) {
    case errc::cookie_missing:
    case errc::dbsc_cookie_expired:
    case errc::dbsc_cookie_mismatch: return value::stale;
    default: return value::foreign;
    }
}

SIGNET_DECL browser_key_status browser_key_status::from(live_session const& session, proof::verified_key const* proved,
                                                        unix_time now, std::chrono::seconds settle) noexcept {
    auto const bound = session.device_key();
    if (!bound) return now < saturating_add(session.auth_time(), settle) ? value::registering : value::none;
    if (!proved) return value::unproved;
    return proved->is(*bound) ? value::proved : value::foreign;
}

}}} // namespace signet::session

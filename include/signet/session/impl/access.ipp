// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/session/access.hpp>

#include <signet/codec/impl/words.hpp>

namespace signet { inline namespace SIGNET_ABI { namespace session {

SIGNET_DECL session_status session_status::from(result<used_session> const& used, access_requirements const& wanted,
                                                unix_time now, proof::verified_key const* proved) noexcept {
    if (used) {
        auto const& s = used->session;
        if (s.state() == session_state::visiting) return value::visiting;
        bool const fresh = wanted.max_age == std::chrono::seconds{0} || now - s.auth_time() <= wanted.max_age;
        bool const method = wanted.method.empty() || codec::detail::has_word(s.methods(), wanted.method);
        auto const key = s.device_key();
        bool const device = !wanted.device_bound || (key && proved && proved->is(*key));
        return s.level() >= wanted.level && fresh && method && device ? value::live : value::unmet;
    }
    switch (used.error().code) {
    case errc::session_unknown: return value::unknown;
    case errc::login_required: return value::visiting;
    case errc::session_idle: return value::unmet; // re-authentication may take it up again, by the same cookie
    case errc::session_expired:
    case errc::session_ended: return value::over;
    case errc::session_binding_mismatch: return value::foreign;
    default: return value::unavailable;
    }
}

SIGNET_DECL token_status token_status::refused(errc why) noexcept {
    if (why == errc::expired || why == errc::too_old) return value::expired;
    return http_status(why) == 503 ? value::unavailable : value::invalid;
}

}}} // namespace signet::session

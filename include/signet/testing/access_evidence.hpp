// SPDX-License-Identifier: BSL-1.0
// Evidence for `session::decide_access` and `session::decide_backing` from bare enumerators. Outside tests it comes
// from cookies, sessions, tokens and keys.
#pragma once

#include <signet/session/access.hpp>
#include <signet/session/backing.hpp>

namespace signet { inline namespace SIGNET_ABI { namespace testing {

/// Makes statuses for tests of code that follows a decision.
struct bare_status {
    /// Make a status of each type without evidence.
    static constexpr session::cookie_status cookie(session::cookie_status::value v) noexcept {
        return session::cookie_status::without_evidence(v);
    }
    static constexpr session::session_status session(session::session_status::value v) noexcept {
        return session::session_status::without_evidence(v);
    }
    static constexpr session::token_status token(session::token_status::value v) noexcept {
        return session::token_status::without_evidence(v);
    }
    static constexpr session::idp_status idp(session::idp_status::value v) noexcept {
        return session::idp_status::without_evidence(v);
    }
    static constexpr session::passkey_status passkey(session::passkey_status::value v) noexcept {
        return session::passkey_status::without_evidence(v);
    }
    static constexpr session::held_status held(session::held_status::value v) noexcept {
        return session::held_status::without_evidence(v);
    }
    static constexpr session::dbsc_status dbsc(session::dbsc_status::value v) noexcept {
        return session::dbsc_status::without_evidence(v);
    }
    static constexpr session::browser_key_status browser_key(session::browser_key_status::value v) noexcept {
        return session::browser_key_status::without_evidence(v);
    }
};

}}} // namespace signet::testing

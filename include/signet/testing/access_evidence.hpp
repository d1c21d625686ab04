// SPDX-License-Identifier: BSL-1.0
// Evidence for `session::decide_access` from bare enumerators. Outside tests it comes from cookies, sessions and
// tokens.
#pragma once

#include <signet/session/access.hpp>

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
};

}}} // namespace signet::testing

// SPDX-License-Identifier: BSL-1.0
// Facts for `session::decide_access` from bare enumerators. Outside tests they are made from evidence.
#pragma once

#include <signet/session/access.hpp>

namespace signet { inline namespace SIGNET_ABI { namespace testing {

/// Makes facts for tests of what is done with a ruling.
struct facts {
    /// A fact without evidence, each of its kind.
    static constexpr session::cookie_fact cookie(session::cookie_fact::value v) noexcept {
        return session::cookie_fact::without_evidence(v);
    }
    static constexpr session::session_fact session(session::session_fact::value v) noexcept {
        return session::session_fact::without_evidence(v);
    }
    static constexpr session::token_fact token(session::token_fact::value v) noexcept {
        return session::token_fact::without_evidence(v);
    }
    static constexpr session::idp_fact idp(session::idp_fact::value v) noexcept {
        return session::idp_fact::without_evidence(v);
    }
};

}}} // namespace signet::testing

// SPDX-License-Identifier: BSL-1.0
// Facts for `session::decide_access` from bare enumerators, which outside tests are made from evidence only (DECISIONS 16).
#pragma once

#include <signet/session/access.hpp>

namespace signet::inline SIGNET_ABI::testing {

/// Makes facts for tests of what is done with a ruling.
struct facts {
    /// A fact without evidence, each of its kind.
    static constexpr session::cookie_fact cookie(session::cookie_fact::value v) noexcept { return v; }
    static constexpr session::session_fact session(session::session_fact::value v) noexcept { return v; }
    static constexpr session::token_fact token(session::token_fact::value v) noexcept { return v; }
    static constexpr session::idp_fact idp(session::idp_fact::value v) noexcept { return v; }
};

} // namespace signet::testing

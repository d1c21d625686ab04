// SPDX-License-Identifier: BSL-1.0
// What the operations on sessions give.
#pragma once

#include <signet/core/secret.hpp>
#include <signet/session/audit.hpp>
#include <signet/session/live_session.hpp>

#include <string>
#include <vector>

namespace signet { inline namespace SIGNET_ABI { namespace session {

/// A session that has a new id. The cookie's value is a secret; nothing else in here is.
struct issued_session {
    std::string cookie; ///< 64 characters for `http::cookies::session()`; only ever in a Set-Cookie line with no-store
    live_session session;
    audit_event event;
    std::vector<std::string> ended{}; ///< `sid`s that gave way to it

    friend void wipe_secrets(issued_session& s) noexcept { wipe_text(s.cookie); }
};

/// What was ended, for the log and for those who keep something under a `sid`.
struct ended_sessions {
    std::vector<std::string> sids{};
    /// Refuse stateless tokens of the user that were issued before it (`cache.deny_before`). After `revoke_others`,
    /// tokens of the session that was kept are exempt; where these cannot be told apart, give that session a new one.
    unix_time not_before{};
    audit_event event{};
};

/// The answer to one request that showed a session cookie.
struct used_session {
    live_session session;
    std::string new_cookie{};    ///< not empty: the id was renewed, set it
    bool client_changed = false; ///< a property bound with `detect` is another: log it, perhaps ask for a factor
};

}}} // namespace signet::session

// SPDX-License-Identifier: BSL-1.0
// What the operations on sessions give.
#pragma once

#include <signet/core/secret.hpp>
#include <signet/session/audit.hpp>
#include <signet/session/live_session.hpp>

#include <string>
#include <vector>

namespace signet { inline namespace SIGNET_ABI { namespace session {

/// A session that has a new id. Only `cookie` is secret.
struct issued_session {
    std::string cookie; ///< 64 characters for `http::cookies::session()`; send it in a Set-Cookie line with no-store
                        ///< and nowhere else
    live_session session;
    audit_event event;
    std::vector<std::string> ended{}; ///< the `sid`s of sessions that it replaced

    friend void wipe_secrets(issued_session& s) noexcept { wipe_text(s.cookie); }
};

/// The sessions that ended, for logs and for services that keep data under a `sid`.
struct ended_sessions {
    std::vector<std::string> sids{};
    /// Refuse stateless tokens of the user that were issued before this time (`caching_verifier::deny_before`). After
    /// `revoke_others`, tokens of the session that was kept are exempt; if your services cannot recognise these, issue
    /// that session a new token.
    unix_time not_before{};
    audit_event event{};
};

/// The answer to one request with a session cookie.
struct used_session {
    live_session session;
    std::string new_cookie{}; ///< if not empty, the id was renewed: set this cookie
    bool client_changed =
        false; ///< whether a property bound with `detect` differs: log it, perhaps ask for a second factor

    friend void wipe_secrets(used_session& s) noexcept { wipe_text(s.new_cookie); }
};

}}} // namespace signet::session

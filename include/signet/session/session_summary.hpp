// SPDX-License-Identifier: BSL-1.0
// What a session's record says to an administrator who goes through a store (<signet/store/scan.hpp>).
#pragma once

#include <signet/core/bytes.hpp>
#include <signet/core/result.hpp>
#include <signet/core/time.hpp>
#include <signet/session/states.hpp>

#include <cstdint>
#include <optional>
#include <string>

namespace signet { inline namespace SIGNET_ABI { namespace session {

/// A session's record without secrets: no cookie, no linked token, no data of the application, and no bound property.
struct session_summary {
    std::string sid;       ///< the public name of the session
    std::string user;      ///< empty for a visitor
    std::string app;       ///< the application of the session
    std::string client_id; ///< the OAuth client of the login; empty if it did not have one
    /// As it is stored: `visiting`, `active` or `ended`. Whether it is idle follows from the clock and the profile.
    session_state state = session_state::visiting;
    end_reason ended = end_reason::none; ///< why it ended
    std::uint8_t level = 0;              ///< of the authentication
    std::string methods;                 ///< the `amr` of the login, separated by spaces
    std::string device;                  ///< the client's device at login
    std::string place;                   ///< its place at login
    unix_time created{};                 ///< when the session began
    unix_time auth_time{};               ///< when its user last authenticated for its level
    unix_time last_seen{};               ///< the last use that was written
    unix_time expires{};                 ///< when it ends unless it is extended
};

/// Reads a record of a store as a session. Returns nothing if it is a record of another kind, such as a user's roster.
/// The octets need not be trusted.
///
/// A session that ended may still show as active: `revoke_all` writes only another record, and a revocation of a user
/// first writes the user's roster, and the sessions' records afterwards.
///
/// Errors: `record_malformed` for a damaged session; `record_newer` for one of a newer version.
///
/// Example: `if (auto s = read_session_summary(each.octets.reveal()); s && *s) show((*s)->user, (*s)->device);`
[[nodiscard]] SIGNET_DECL result<std::optional<session_summary>> read_session_summary(bytes_view octets);

}}} // namespace signet::session

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/session/impl/session_summary.ipp>
#endif

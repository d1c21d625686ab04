// SPDX-License-Identifier: BSL-1.0
// What happened, as data that an application may log: who, what, why, and a salted hash of the id, never the id.
#pragma once

#include <signet/core/error.hpp>
#include <signet/core/result.hpp>
#include <signet/core/time.hpp>
#include <signet/session/states.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace signet { inline namespace SIGNET_ABI { namespace session {

/// A record of one decision. Owns its texts, except `what`. It has no secret and may go to any log.
struct audit_event {
    unix_time at{};
    std::string_view what{};       ///< such as "log in"; has static storage
    std::optional<errc> refused{}; ///< the error; nothing if it was allowed
    end_reason ended = end_reason::none;
    std::string user{}; ///< empty if the user is not known
    std::string app{};
    std::string
        session_hash{};    ///< 16 characters of a keyed hash: equal for the same session, and does not reveal the id
    std::size_t count = 0; ///< the number of sessions that ended, if several did

    /// Returns one line for people, such as "use refused session_idle user=anna app=shop session=Zm9vYmFyYmF6cXV4".
    [[nodiscard]] std::string text() const {
        std::string line{what};
        if (refused) line.append(" refused ").append(signet::name(*refused));
        if (ended != end_reason::none) line.append(" (").append(name(ended)).append(")");
        // Texts from outside cannot begin a new line or field in the log.
        auto const add = [&line](std::string_view label, std::string_view value) {
            if (value.empty()) return;
            line.append(" ").append(label).append("=");
            for (char c : value) line += c > ' ' && c < '\x7f' && c != '=' ? c : '?';
        };
        add("user", user), add("app", app), add("session", session_hash);
        if (count != 0) line.append(" count=").append(std::to_string(count));
        return line;
    }
};

/// Returns the event of any other decision, from its result: devices, refresh tokens, actions. `what` is a literal.
///
/// Example: `log(audit("block a device", "anna", "shop", blocked, now).text());`
template <class T> [[nodiscard]] audit_event audit(std::string_view what, std::string_view user, std::string_view app,
                                                   result<T> const& decision, unix_time now) {
    audit_event event{.at = now, .what = what, .user = std::string{user}, .app = std::string{app}};
    if (!decision) event.refused = decision.error().code;
    return event;
}

}}} // namespace signet::session

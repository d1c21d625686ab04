// SPDX-License-Identifier: BSL-1.0
// The life of a login session, at an identity provider or in an application, as one table (C1-C12, D4, D9).
#pragma once

#include <signet/core/error.hpp>
#include <signet/core/transition_table.hpp>

#include <string_view>

namespace signet { inline namespace SIGNET_ABI { namespace session {

/// A session stores `visiting`, `active` or `ended`; `idle` and `expired` follow from the clock, so nobody has to write
/// them.
enum class session_state : std::uint8_t { visiting, active, idle, expired, ended };
/// What can happen to it; which event is possible where is the table's to say.
enum class session_event : std::uint8_t {
    use,
    log_in,
    renew,
    extend,
    step_up,
    idle_over,
    reenter,
    lifetime_over,
    log_out,
    revoke,
    give_way
};

/// As in the picture; a literal.
[[nodiscard]] constexpr std::string_view name(session_state s) noexcept {
    switch (s) {
    case session_state::visiting: return "visiting";
    case session_state::active: return "active";
    case session_state::idle: return "idle";
    case session_state::expired: return "expired";
    case session_state::ended: return "ended";
    }
    return {};
}
/// As in the picture; a literal.
[[nodiscard]] constexpr std::string_view name(session_event e) noexcept {
    switch (e) {
    case session_event::use: return "use";
    case session_event::log_in: return "log in";
    case session_event::renew: return "renew";
    case session_event::extend: return "extend";
    case session_event::step_up: return "step up";
    case session_event::idle_over: return "idle time over";
    case session_event::reenter: return "re-enter";
    case session_event::lifetime_over: return "lifetime over";
    case session_event::log_out: return "log out";
    case session_event::revoke: return "revoke";
    case session_event::give_way: return "give way";
    }
    return {};
}

/// The whole life. An identity provider's session begins with `log in` at once; an application may have visitors first.
inline constexpr auto session_lifecycle = [] {
    using s = session_state;
    using e = session_event;
    return make_transition_table<s, e>(
        s::visiting,
        {
            {s::visiting, e::use, s::visiting, "before anybody logged in"},
            {s::visiting, e::log_in, s::active, "under a new id; the old one is dead (D4)"},
            {s::active, e::use, s::active, "within all clocks"},
            {s::active, e::renew, s::active, "a new id from time to time; the old one works for a short overlap"},
            {s::active, e::extend, s::active, "with each new access token (C3)"},
            {s::active, e::step_up, s::active, "more rights under a new id; the old one dies at once (D4)"},
            {s::active, e::log_in, s::ended, "somebody logs in anew: this one ends, the new one has its own id (D4)"},
            {{s::visiting, s::active}, e::idle_over, s::idle, "not used for too long"},
            {s::idle, e::reenter, s::active, "re-authentication, where the profile allows it"},
            {{s::visiting, s::active, s::idle}, e::lifetime_over, s::expired, "lifetime or cap (C1, C4)"},
            {{s::visiting, s::active, s::idle}, e::log_out, s::ended, "by its user (C5, C6, D9)"},
            {{s::visiting, s::active, s::idle},
             e::revoke,
             s::ended,
             "by an administrator, or the user from elsewhere (C8)"},
            {{s::active, s::idle}, e::give_way, s::ended, "to a newer session, at the limit"},
        });
}();
static_assert(session_lifecycle.terminal(session_state::ended), "C11 what was ended never lives again");
static_assert(session_lifecycle.terminal(session_state::expired), "C3 what has expired is never extended");
static_assert(session_lifecycle.entered_only_by(session_state::active, {session_event::log_in, session_event::reenter}),
              "nothing but an authentication makes a session active");

/// Why a session that is not usable is refused; each its own reason (C11).
[[nodiscard]] constexpr errc session_refusal(session_state s) noexcept {
    switch (s) {
    case session_state::visiting: return errc::login_required;
    case session_state::idle: return errc::session_idle;
    case session_state::expired: return errc::session_expired;
    case session_state::ended: return errc::session_ended;
    case session_state::active: break;
    }
    return errc::session_unknown;
}

/// Why a session was ended; kept in its record and told in the audit event.
enum class end_reason : std::uint8_t {
    none,
    logged_out,
    revoked,
    replaced,
    limit,
    account_disabled,
    credential_changed,
    stolen
};
/// In words; a literal.
[[nodiscard]] constexpr std::string_view name(end_reason r) noexcept {
    switch (r) {
    case end_reason::none: return "none";
    case end_reason::logged_out: return "logged out";
    case end_reason::revoked: return "revoked";
    case end_reason::replaced: return "replaced";
    case end_reason::limit: return "limit";
    case end_reason::account_disabled: return "account disabled";
    case end_reason::credential_changed: return "credential changed";
    case end_reason::stolen: return "stolen";
    }
    return {};
}

}}} // namespace signet::session

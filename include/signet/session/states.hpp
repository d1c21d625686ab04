// SPDX-License-Identifier: BSL-1.0
// The life of a login session, at an identity provider or in an application, as one table.
#pragma once

#include <signet/core/error.hpp>
#include <signet/core/transition_table.hpp>

#include <string_view>

namespace signet { inline namespace SIGNET_ABI { namespace session {

/// The state of a session. `visiting`, `active` and `ended` are stored; `idle` and `expired` follow from the clock.
enum class session_state : std::uint8_t { visiting, active, idle, expired, ended };
/// An event in the life of a session. The table says which event is possible in which state.
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

/// The names of the states, as in the diagram.
inline constexpr auto session_state_names = make_enum_names<session_state>({
    {session_state::visiting, "visiting"},
    {session_state::active, "active"},
    {session_state::idle, "idle"},
    {session_state::expired, "expired"},
    {session_state::ended, "ended"},
});
[[nodiscard]] constexpr std::string_view name(session_state s) noexcept { return session_state_names[s]; }
/// The names of the events, as in the diagram.
inline constexpr auto session_event_names = make_enum_names<session_event>({
    {session_event::use, "use"},
    {session_event::log_in, "log in"},
    {session_event::renew, "renew"},
    {session_event::extend, "extend"},
    {session_event::step_up, "step up"},
    {session_event::idle_over, "idle time over"},
    {session_event::reenter, "re-enter"},
    {session_event::lifetime_over, "lifetime over"},
    {session_event::log_out, "log out"},
    {session_event::revoke, "revoke"},
    {session_event::give_way, "give way"},
});
[[nodiscard]] constexpr std::string_view name(session_event e) noexcept { return session_event_names[e]; }

/// The lifecycle. A session of an identity provider begins with `log in`; one of an application may begin with a visit.
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

/// Returns why a session that is not usable is refused; each state has an error of its own.
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

/// Why a session ended, in its record and in the audit event.
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
/// The names of the reasons.
inline constexpr auto end_reason_names = make_enum_names<end_reason>({
    {end_reason::none, "none"},
    {end_reason::logged_out, "logged out"},
    {end_reason::revoked, "revoked"},
    {end_reason::replaced, "replaced"},
    {end_reason::limit, "limit"},
    {end_reason::account_disabled, "account disabled"},
    {end_reason::credential_changed, "credential changed"},
    {end_reason::stolen, "stolen"},
});
[[nodiscard]] constexpr std::string_view name(end_reason r) noexcept { return end_reason_names[r]; }

}}} // namespace signet::session

// SPDX-License-Identifier: BSL-1.0
// The life of a device bound session as a table: code, picture and exhaustive test come from the same rows.
#pragma once

#include <signet/core/transition_table.hpp>

namespace signet { inline namespace SIGNET_ABI { namespace dbsc {

/// The state of a session. The numbers are stored, so new enumerators are added at the end.
enum class bound_session_state : std::uint8_t {
    awaiting, ///< a login was offered a session; only a challenge is stored
    live,
    ended,   ///< by its user: logged out, or replaced by another login
    revoked, ///< by the server
};

/// An event in the life of a session.
enum class bound_session_event : std::uint8_t {
    registered, ///< a good proof with a new key
    challenged, ///< a challenge was issued
    refreshed,  ///< a good proof by the stored key
    logged_out,
    replaced,      ///< another login of the same browser took over the identifier
    login_changed, ///< the key is proved, and the browser is logged in as another user
    lapsed,        ///< the time of the session is over
    revoked,
};

/// The names of the states, as in the diagram.
inline constexpr auto bound_session_state_names = make_enum_names<bound_session_state>({
    {bound_session_state::awaiting, "awaiting"},
    {bound_session_state::live, "live"},
    {bound_session_state::ended, "ended"},
    {bound_session_state::revoked, "revoked"},
});
[[nodiscard]] constexpr std::string_view name(bound_session_state s) noexcept { return bound_session_state_names[s]; }

/// The names of the events, as in the diagram.
inline constexpr auto bound_session_event_names = make_enum_names<bound_session_event>({
    {bound_session_event::registered, "registered"},
    {bound_session_event::challenged, "challenged"},
    {bound_session_event::refreshed, "refreshed"},
    {bound_session_event::logged_out, "logged out"},
    {bound_session_event::replaced, "replaced"},
    {bound_session_event::login_changed, "login changed"},
    {bound_session_event::lapsed, "lapsed"},
    {bound_session_event::revoked, "revoked"},
});
[[nodiscard]] constexpr std::string_view name(bound_session_event e) noexcept { return bound_session_event_names[e]; }

/// The lifecycle. An event without a row is refused. `ended` and `revoked` are final. A bad proof is not an event, so
/// nobody can end a session by guessing.
inline constexpr auto lifecycle = make_transition_table<bound_session_state, bound_session_event>(
    bound_session_state::awaiting,
    {
        {bound_session_state::awaiting, bound_session_event::registered, bound_session_state::live,
         "the key is pinned, the first cookie set"},
        {bound_session_state::awaiting, bound_session_event::lapsed, bound_session_state::ended,
         "the challenge was not used in time"},
        {bound_session_state::live, bound_session_event::challenged, bound_session_state::live,
         "403 and a challenge, or ahead with a 200"},
        {bound_session_state::live, bound_session_event::refreshed, bound_session_state::live,
         "the challenge is used up, a new cookie set"},
        {bound_session_state::live, bound_session_event::logged_out, bound_session_state::ended, "by the user"},
        {bound_session_state::live, bound_session_event::replaced, bound_session_state::ended,
         "a second login on the same browser"},
        {bound_session_state::live, bound_session_event::login_changed, bound_session_state::ended,
         "its browser has another login"},
        {bound_session_state::live, bound_session_event::lapsed, bound_session_state::ended,
         "the longest lifetime is over"},
        {bound_session_state::live, bound_session_event::revoked, bound_session_state::revoked,
         "by an administrator or a rule"},
    });

static_assert(lifecycle.terminal(bound_session_state::ended) && lifecycle.terminal(bound_session_state::revoked));
static_assert(lifecycle.entered_only_by(bound_session_state::live, bound_session_event::registered));
static_assert(lifecycle.entered_only_by(bound_session_state::revoked, bound_session_event::revoked));

}}} // namespace signet::dbsc

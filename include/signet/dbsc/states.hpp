// SPDX-License-Identifier: BSL-1.0
// The life of a device bound session as a table: code, picture and exhaustive test come from the same rows.
#pragma once

#include <signet/core/transition_table.hpp>

namespace signet { inline namespace SIGNET_ABI { namespace dbsc {

/// Where a session stands. The numbers are stored, so new ones are added at the end.
enum class session_state : std::uint8_t {
    awaiting, ///< a login was told to register; nothing but a challenge is stored
    live,
    ended,   ///< by its owner: logged out, or another login took its place
    revoked, ///< by us
};

/// What can happen to it.
enum class session_event : std::uint8_t {
    registered, ///< a good proof came with a new key
    challenged, ///< a challenge was handed out
    refreshed,  ///< a good proof by the stored key
    logged_out,
    replaced,      ///< another login of the same browser took over its identifier: a new life begins under it
    login_changed, ///< the key is proved, and the browser is logged in as somebody else
    lapsed,        ///< its time is over
    revoked,
};

/// As in the picture; literals.
inline constexpr auto session_state_names = make_enum_names<session_state>({
    {session_state::awaiting, "awaiting"},
    {session_state::live, "live"},
    {session_state::ended, "ended"},
    {session_state::revoked, "revoked"},
});
[[nodiscard]] constexpr std::string_view name(session_state s) noexcept { return session_state_names[s]; }

/// As in the picture; literals.
inline constexpr auto session_event_names = make_enum_names<session_event>({
    {session_event::registered, "registered"},
    {session_event::challenged, "challenged"},
    {session_event::refreshed, "refreshed"},
    {session_event::logged_out, "logged out"},
    {session_event::replaced, "replaced"},
    {session_event::login_changed, "login changed"},
    {session_event::lapsed, "lapsed"},
    {session_event::revoked, "revoked"},
});
[[nodiscard]] constexpr std::string_view name(session_event e) noexcept { return session_event_names[e]; }

/// The rows. What no row names is refused: nothing leads out of `ended` and `revoked`, and failed proofs lead nowhere
/// at all, so nobody can end a session by guessing at it.
inline constexpr auto lifecycle = make_transition_table<session_state, session_event>(
    session_state::awaiting,
    {
        {session_state::awaiting, session_event::registered, session_state::live,
         "the key is pinned, the first cookie set"},
        {session_state::awaiting, session_event::lapsed, session_state::ended, "the challenge was not used in time"},
        {session_state::live, session_event::challenged, session_state::live,
         "403 and a challenge, or ahead with a 200"},
        {session_state::live, session_event::refreshed, session_state::live,
         "the challenge is used up, a new cookie set"},
        {session_state::live, session_event::logged_out, session_state::ended, "by the user"},
        {session_state::live, session_event::replaced, session_state::ended, "a second login on the same browser"},
        {session_state::live, session_event::login_changed, session_state::ended, "its browser has another login"},
        {session_state::live, session_event::lapsed, session_state::ended, "the longest life is over"},
        {session_state::live, session_event::revoked, session_state::revoked, "by an administrator or a rule"},
    });

static_assert(lifecycle.terminal(session_state::ended) && lifecycle.terminal(session_state::revoked));
static_assert(lifecycle.entered_only_by(session_state::live, session_event::registered));
static_assert(lifecycle.entered_only_by(session_state::revoked, session_event::revoked));

}}} // namespace signet::dbsc

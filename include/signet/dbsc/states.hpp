// SPDX-License-Identifier: BSL-1.0
// The life of a device bound session as a table: code, picture and exhaustive test come from the same rows.
#pragma once

#include <signet/core/transition_table.hpp>

namespace signet { inline namespace SIGNET_ABI { namespace dbsc {

/// Where a session stands. The numbers are stored, so new ones are added at the end.
enum class bound_session_state : std::uint8_t {
    awaiting, ///< a login was told to register; nothing but a challenge is stored
    live,
    ended,   ///< by its owner: logged out, or another login took its place
    revoked, ///< by us
};

/// What can happen to it.
enum class bound_session_event : std::uint8_t {
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
inline constexpr auto bound_session_state_names = make_enum_names<bound_session_state>({
    {bound_session_state::awaiting, "awaiting"},
    {bound_session_state::live, "live"},
    {bound_session_state::ended, "ended"},
    {bound_session_state::revoked, "revoked"},
});
[[nodiscard]] constexpr std::string_view name(bound_session_state s) noexcept { return bound_session_state_names[s]; }

/// As in the picture; literals.
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

/// The rows. What no row names is refused: nothing leads out of `ended` and `revoked`, and failed proofs lead nowhere
/// at all, so nobody can end a session by guessing at it.
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
         "the longest life is over"},
        {bound_session_state::live, bound_session_event::revoked, bound_session_state::revoked,
         "by an administrator or a rule"},
    });

static_assert(lifecycle.terminal(bound_session_state::ended) && lifecycle.terminal(bound_session_state::revoked));
static_assert(lifecycle.entered_only_by(bound_session_state::live, bound_session_event::registered));
static_assert(lifecycle.entered_only_by(bound_session_state::revoked, bound_session_event::revoked));

}}} // namespace signet::dbsc

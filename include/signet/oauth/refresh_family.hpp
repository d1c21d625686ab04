// SPDX-License-Identifier: BSL-1.0
// A family of refresh tokens: its limits and its lifecycle (RFC 9700 section 4.14.2).
#pragma once

#include <signet/core/error.hpp>
#include <signet/core/transition_table.hpp>

#include <chrono>
#include <string>
#include <string_view>

namespace signet { inline namespace SIGNET_ABI { namespace oauth {

/// The limits of a family: octets of its user, client, session and resource names, octets of its scope, and number of
/// resources.
inline constexpr std::size_t max_refresh_name = 256, max_refresh_scope = 1024, max_refresh_resources = 16;

/// A resource that tokens are issued for, and the longest time for which refresh tokens rotate for it. The time begins
/// with the first token of the family.
struct resource_limit {
    std::string resource;
    std::chrono::seconds rotation;
};

/// The state of a family. `expired` is never stored; it follows from the clock.
enum class family_state : std::uint8_t { live, expired, ended, stolen };

/// The kind of a token that was presented, determined from its generation and the clock.
enum class family_event : std::uint8_t {
    rotate, ///< the current token
    retry,  ///< the previous token, within the grace
    replay, ///< any other token of the family
    revoke,
    expire, ///< the clock
};

/// The names of the states, as in the diagram.
inline constexpr auto family_state_names = make_enum_names<family_state>({
    {family_state::live, "live"},
    {family_state::expired, "expired"},
    {family_state::ended, "ended"},
    {family_state::stolen, "stolen"},
});
[[nodiscard]] constexpr std::string_view name(family_state s) noexcept { return family_state_names[s]; }
/// The names of the events, as in the diagram.
inline constexpr auto family_event_names = make_enum_names<family_event>({
    {family_event::rotate, "current token"},
    {family_event::retry, "previous token within the grace"},
    {family_event::replay, "older token"},
    {family_event::revoke, "revoke"},
    {family_event::expire, "time over"},
});
[[nodiscard]] constexpr std::string_view name(family_event e) noexcept { return family_event_names[e]; }

/// The lifecycle of a family. An event without a row is refused with the `family_refusal` of the state.
inline constexpr auto family_lifecycle = make_transition_table<family_state, family_event>(
    family_state::live,
    {
        {family_state::live, family_event::rotate, family_state::live, "the next generation"},
        {family_state::live, family_event::retry, family_state::live,
         "the same successor again, and nothing is written"},
        {family_state::live, family_event::replay, family_state::stolen,
         "a token was used twice, so somebody has a copy"},
        {family_state::live, family_event::revoke, family_state::ended, "a logout, an administrator, a new password"},
        {family_state::live, family_event::expire, family_state::expired,
         "idle for too long, or every maximum reached (C10)"},
    });
static_assert(family_lifecycle.terminal(family_state::stolen) && family_lifecycle.terminal(family_state::ended) &&
                  family_lifecycle.terminal(family_state::expired),
              "C11 no family comes back to life");
static_assert(family_lifecycle.entered_only_by(family_state::stolen, family_event::replay),
              "nothing but a replay is called theft");

/// Returns why a token of a family in that state is refused.
[[nodiscard]] constexpr errc family_refusal(family_state s) noexcept {
    return s == family_state::stolen  ? errc::refresh_reused
           : s == family_state::ended ? errc::refresh_ended
                                      : errc::refresh_expired;
}

}}} // namespace signet::oauth

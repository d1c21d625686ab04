// SPDX-License-Identifier: BSL-1.0
// How long sessions live: general numbers, NIST SP 800-63B-4 and the OWASP cheat sheet as constexpr values.
#pragma once

#include <signet/core/result.hpp>
#include <signet/core/time.hpp>
#include <signet/session/states.hpp>

#include <chrono>
#include <string_view>

namespace signet { inline namespace SIGNET_ABI { namespace session {

/// The default lifetime of a session: two weeks. It can be at most a year.
inline constexpr std::chrono::seconds default_lifetime{1'209'600};
inline constexpr std::chrono::seconds max_lifetime{31'536'000};

/// The time limits of a session. A duration of zero disables the limit.
struct session_profile {
    std::string_view name;
    std::chrono::seconds lifetime = default_lifetime; ///< from login, and again from each extension
    std::chrono::seconds absolute{0};                 ///< from login to the end, with or without extensions
    std::chrono::seconds idle{0};                     ///< the session ends after this long without use
    std::chrono::seconds renewal{0};                  ///< the id is renewed after this long
    std::chrono::seconds overlap{10};                 ///< how long the old id is valid after the new one was seen
    std::chrono::seconds touch_every{60};             ///< a use is written at most this often
    bool reenter_after_idle = false;                  ///< whether re-authentication can resume an idle session

    /// Checks the profile.
    ///
    /// Errors: `session_lifetime_too_long` for a lifetime outside 1 s .. a year, a negative limit, an idle time below
    /// the accuracy with which uses are written, and an overlap that is as long as the renewal.
    [[nodiscard]] constexpr result<void> check() const noexcept {
        using std::chrono::seconds;
        auto const zero = seconds{0};
        if (lifetime <= zero || lifetime > max_lifetime) return errc::session_lifetime_too_long;
        if (absolute < zero || idle < zero || renewal < zero || overlap < zero || touch_every < zero)
            return errc::session_lifetime_too_long;
        if (idle != zero && touch_every > idle / 2) return errc::session_lifetime_too_long;
        if (renewal != zero && overlap >= renewal) return errc::session_lifetime_too_long;
        return {};
    }
};

/// Returns the state of a session at `now`, from the content of its record. If time goes backwards, a session does not
/// become idle or expired.
[[nodiscard]] constexpr session_state state_at(session_state stored, unix_time expires, unix_time last_seen,
                                               session_profile const& profile, unix_time now) noexcept {
    if (stored == session_state::ended) return stored;
    if (now >= expires) return session_state::expired;
    if (profile.idle != std::chrono::seconds{0} && now - last_seen >= profile.idle) return session_state::idle;
    return stored;
}

namespace profiles {
using namespace std::chrono_literals;

/// The general profile: two weeks, extended with each new access token, without `absolute` and `idle` limits.
inline constexpr session_profile standard{.name = "standard"};

/// The profiles of NIST SP 800-63B-4, sections 2.1.3, 2.2.3 and 2.3.3: 30 days; 24 hours, or an hour idle; 12 hours, or
/// 15 minutes idle.
inline constexpr session_profile aal1{.name = "aal1", .lifetime = 720h, .absolute = 720h};
inline constexpr session_profile aal2{
    .name = "aal2", .lifetime = 24h, .absolute = 24h, .idle = 1h, .reenter_after_idle = true};
inline constexpr session_profile aal3{.name = "aal3", .lifetime = 12h, .absolute = 12h, .idle = 15min, .renewal = 1h};

/// The profiles of the OWASP session management cheat sheet: low risk with 15 to 30 minutes idle, high value with 2 to
/// 5; 4 to 8 hours in all; ids are renewed.
inline constexpr session_profile owasp_low{
    .name = "owasp_low", .lifetime = 8h, .absolute = 8h, .idle = 30min, .renewal = 1h};
inline constexpr session_profile owasp_high{
    .name = "owasp_high", .lifetime = 4h, .absolute = 4h, .idle = 5min, .renewal = 15min, .touch_every = 15s};

/// All profiles, as in docs/reference/profiles.md.
inline constexpr session_profile all[]{standard, aal1, aal2, aal3, owasp_low, owasp_high};

/// Returns whether each profile passes its own check.
consteval bool all_can_be_kept() {
    for (auto const& p : all)
        if (!p.check()) return false;
    return true;
}
static_assert(all_can_be_kept(), "every profile keeps its own limits");
static_assert(standard.lifetime == default_lifetime && standard.absolute == 0s, "C1, C4 as the documents say");
static_assert(aal1.absolute <= 720h && aal1.absolute != 0s, "NIST: a definite overall timeout SHALL exist");
static_assert(aal2.absolute <= 24h && aal2.idle <= 1h && aal2.idle != 0s, "NIST AAL2");
static_assert(aal3.absolute <= 12h && aal3.idle <= 15min && aal3.idle != 0s && !aal3.reenter_after_idle,
              "NIST AAL3: anew at full strength");
static_assert(owasp_low.idle <= 30min && owasp_low.absolute <= 8h && owasp_low.renewal != 0s, "OWASP low risk");
static_assert(owasp_high.idle <= 5min && owasp_high.absolute <= 8h && owasp_high.renewal != 0s, "OWASP high value");
} // namespace profiles

}}} // namespace signet::session

// SPDX-License-Identifier: BSL-1.0
// How long sessions live: the documents' numbers, NIST SP 800-63B-4 and the OWASP cheat sheet as constexpr values
// (C1-C4).
#pragma once

#include <signet/core/result.hpp>
#include <signet/core/time.hpp>
#include <signet/session/states.hpp>

#include <chrono>
#include <string_view>

namespace signet { inline namespace SIGNET_ABI { namespace session {

/// C1, C2: an IDP session lives two weeks by default and can be configured up to a year.
inline constexpr std::chrono::seconds default_lifetime{1'209'600};
inline constexpr std::chrono::seconds max_lifetime{31'536'000};

/// The clocks of a session. A duration of zero switches that clock off.
struct session_profile {
    std::string_view name;
    std::chrono::seconds lifetime = default_lifetime; ///< from login, and again from each extension (C3)
    std::chrono::seconds absolute{0};                 ///< C4: from login to the end, whatever was extended
    std::chrono::seconds idle{0};                     ///< without use for so long, it is over
    std::chrono::seconds renewal{0};                  ///< the id is renewed after so long
    std::chrono::seconds overlap{10};                 ///< after a periodic renewal the old id works so much longer
    std::chrono::seconds touch_every{60};             ///< a use is written down at most so often
    bool reenter_after_idle = false;                  ///< an idle session can be taken up again by re-authentication

    /// `session_lifetime_too_long` for a profile that cannot be kept: lifetime outside 1 s .. a year, a negative clock,
    /// an idle time that is shorter than its writing is accurate, an overlap as long as the renewal.
    [[nodiscard]] constexpr result<void> check() const noexcept {
        using std::chrono::seconds;
        auto const zero = seconds{0};
        if (lifetime <= zero || lifetime > max_lifetime) return errc::session_lifetime_too_long;
        if (absolute < zero || idle < zero || renewal < zero || overlap < zero || touch_every < zero)
            return errc::session_lifetime_too_long;
        if (idle != zero && touch_every * 2 > idle) return errc::session_lifetime_too_long;
        if (renewal != zero && overlap >= renewal) return errc::session_lifetime_too_long;
        return {};
    }
};

/// What the clock makes of a session: the state it is in at `now`, from what its record says. Time may go backwards;
/// then nothing is idle or over that was not.
[[nodiscard]] constexpr session_state state_at(session_state stored, unix_time expires, unix_time last_seen,
                                               session_profile const& profile, unix_time now) noexcept {
    if (stored == session_state::ended) return stored;
    if (now >= expires) return session_state::expired;
    if (profile.idle != std::chrono::seconds{0} && now - last_seen >= profile.idle) return session_state::idle;
    return stored;
}

namespace profiles {
using namespace std::chrono_literals;

/// The documents: two weeks, extended with each new access token, no cap, no idle time (C1, C3, C4).
inline constexpr session_profile standard{.name = "standard"};

/// NIST SP 800-63B-4 2.1.3, 2.2.3, 2.3.3: overall at most 30 days; 24 hours and an hour idle; 12 hours and 15 minutes
/// idle.
inline constexpr session_profile aal1{.name = "aal1", .lifetime = 720h, .absolute = 720h};
inline constexpr session_profile aal2{
    .name = "aal2", .lifetime = 24h, .absolute = 24h, .idle = 1h, .reenter_after_idle = true};
inline constexpr session_profile aal3{.name = "aal3", .lifetime = 12h, .absolute = 12h, .idle = 15min, .renewal = 1h};

/// OWASP session management: low risk 15 to 30 minutes idle, high value 2 to 5; absolute 4 to 8 hours; ids renewed.
inline constexpr session_profile owasp_low{
    .name = "owasp_low", .lifetime = 8h, .absolute = 8h, .idle = 30min, .renewal = 1h};
inline constexpr session_profile owasp_high{
    .name = "owasp_high", .lifetime = 4h, .absolute = 4h, .idle = 5min, .renewal = 15min, .touch_every = 15s};

/// All of the above, as docs/reference/profiles.md prints them.
inline constexpr session_profile all[]{standard, aal1, aal2, aal3, owasp_low, owasp_high};

/// Whether each passes its own check.
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

// SPDX-License-Identifier: BSL-1.0
// How the sessions of one application live, what they are bound to, and how many a user has.
#pragma once

#include <signet/session/profile.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace signet { inline namespace SIGNET_ABI { namespace session {

/// The largest number of sessions of a user in all applications, and of refresh families.
inline constexpr std::size_t max_user_sessions = 256;

/// How long after a revocation `login_sessions::not_before` still returns its time. Stateless tokens must not live
/// longer.
inline constexpr std::chrono::seconds max_token_lifetime = max_lifetime;

/// What happens if a property of the client differs from that at login.
enum class binding_mode : std::uint8_t { off, detect, strict };

/// What happens to a login if the user has as many sessions as allowed.
enum class session_limit : std::uint8_t { refuse, end_oldest, end_least_recent };

/// When a look-up also reads the user's roster. A revocation first marks sessions there, then ends each. If it is
/// interrupted in between, only the roster says that a session is over.
enum class roster_check : std::uint8_t {
    /// Before a look-up writes the session. A session that an interrupted revocation left is refused after
    /// `touch_every` at the latest. A profile that neither touches nor renews never checks.
    before_writes,
    always, ///< in each look-up, which costs one more request: such a session is refused at once
};

/// The longest `session_policy::epoch_cache`.
inline constexpr std::chrono::seconds max_epoch_cache{60};

/// How long the sessions of one client of the application live, instead of the profile's `lifetime`.
struct client_lifetime {
    std::string client_id;         ///< as `authentication::client_id` names it
    std::chrono::seconds lifetime; ///< from login, and again from each extension; at most `max_lifetime`
};

/// The policy of `login_sessions`.
struct session_policy {
    session_profile profile = profiles::standard;
    /// OAuth clients with another lifetime than the profile's. The profile's other limits, such as `absolute`, apply to
    /// all.
    std::vector<client_lifetime> client_lifetimes{};
    binding_mode ip = binding_mode::off; ///< by prefix: /24 for IPv4, /56 for IPv6
    binding_mode user_agent = binding_mode::detect;
    binding_mode certificate = binding_mode::strict; ///< if there was one at login
    std::size_t max_sessions = 16;                   ///< of a user in this application, 1 to `max_user_sessions`
    session_limit when_full = session_limit::end_oldest;
    roster_check check_roster = roster_check::before_writes;
    /// How long look-ups may reuse the tenant's epochs, which `revoke_all` raises and every look-up compares; at most
    /// `max_epoch_cache`. Each process then reads that record once in this time, and most look-ups make one request. A
    /// `revoke_all` by another process takes effect after this time at the latest; one by this object, or a copy of it,
    /// takes effect at once.
    std::chrono::seconds epoch_cache{0};
    std::chrono::seconds remember_ended{3600}; ///< how long after its end a session is refused with its own reason

    /// Returns the lifetime of the sessions of that client.
    [[nodiscard]] std::chrono::seconds lifetime_of(std::string_view client_id) const noexcept {
        auto const at = std::ranges::find(client_lifetimes, client_id, &client_lifetime::client_id);
        return at == client_lifetimes.end() ? profile.lifetime : at->lifetime;
    }
};

}}} // namespace signet::session

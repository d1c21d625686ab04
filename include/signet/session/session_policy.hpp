// SPDX-License-Identifier: BSL-1.0
// How the sessions of one application live, what they are bound to, and how many a user has.
#pragma once

#include <signet/session/profile.hpp>

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace signet { inline namespace SIGNET_ABI { namespace session {

/// The most sessions of all applications, and as many refresh families, that a user has.
inline constexpr std::size_t max_user_sessions = 256;

/// What is done when a property of the client is not what it was when the session began (D5).
enum class binding_mode : std::uint8_t { off, detect, strict };

/// What happens to a login when the user has as many sessions as allowed (C12).
enum class session_limit : std::uint8_t { refuse, end_oldest, end_least_recent };

/// What `login_sessions` is made with.
struct session_policy {
    session_profile profile = profiles::standard;
    binding_mode ip = binding_mode::off; ///< by prefix: /24 of IPv4, /56 of IPv6
    binding_mode user_agent = binding_mode::detect;
    binding_mode certificate = binding_mode::strict; ///< where one was shown at login
    std::size_t max_sessions = 16;                   ///< of a user in this application, 1 to `max_user_sessions`
    session_limit when_full = session_limit::end_oldest;
    std::chrono::seconds remember_ended{3600}; ///< how long after its end a session is still refused by its own reason
};

}}} // namespace signet::session

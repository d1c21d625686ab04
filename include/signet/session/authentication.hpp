// SPDX-License-Identifier: BSL-1.0
// What a session begins with: who authenticated, and the client that asked.
#pragma once

#include <signet/proof/verified_key.hpp>

#include <cstdint>
#include <string_view>

namespace signet { inline namespace SIGNET_ABI { namespace session {

/// The client as this request shows it. What is empty is not known and not compared, unless it was known at login.
struct client_properties {
    std::string_view ip{}; ///< "203.0.113.7" or "2001:db8::1"
    std::string_view user_agent{};
    std::string_view certificate{}; ///< of mutual TLS: its SHA-256 or any other name for it
    std::string_view device{};      ///< for people: "Firefox on Debian"
    std::string_view place{};       ///< for people: "Lisbon, PT"
};

/// That somebody authenticated. Make it from what the check of the password, passkey or ID token said.
struct authentication {
    std::string_view user;          ///< opaque, never empty
    std::uint8_t level = 1;         ///< such as the AAL; an action can demand a higher one
    std::string_view methods{};     ///< `amr`, separated by spaces: "pwd otp"
    std::string_view client_id{};   ///< the OAuth client, where there is one
    std::string_view idp_session{}; ///< the identity provider's `sid`, where it was another's authentication
    std::string_view idp_issuer{};  ///< that provider's `iss`: a `sid` means something only together with it
    proof::verified_key const* device_key =
        nullptr; ///< the key that was proved in the same request, to bind the session to
};

}}} // namespace signet::session

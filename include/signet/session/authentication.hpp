// SPDX-License-Identifier: BSL-1.0
// What a session begins with: who authenticated, and the client that asked.
#pragma once

#include <signet/proof/verified_key.hpp>

#include <cstdint>
#include <string_view>

namespace signet { inline namespace SIGNET_ABI { namespace session {

/// The client of a request. An empty property is unknown. It is compared only if it was known at login.
struct client_properties {
    std::string_view ip{}; ///< "203.0.113.7" or "2001:db8::1"
    std::string_view user_agent{};
    std::string_view certificate{}; ///< for mutual TLS: SHA-256 of the certificate, or any other name for it
    std::string_view device{};      ///< for people: "Firefox on Debian"
    std::string_view place{};       ///< for people: "Lisbon, PT"
};

/// An authentication that took place. Make it from the result of checking a password, a passkey or an ID token.
struct authentication {
    std::string_view user;          ///< opaque, never empty
    std::uint8_t level = 1;         ///< such as the AAL; an application can require a higher one
    std::string_view methods{};     ///< `amr`, separated by spaces: "pwd otp"
    std::string_view client_id{};   ///< the OAuth client, if there is one
    std::string_view idp_session{}; ///< the identity provider's `sid`, if another party authenticated the user
    std::string_view idp_issuer{};  ///< that provider's `iss`; a `sid` is unique only together with it
    proof::verified_key const* device_key =
        nullptr; ///< the key that was proved in the same request, to bind the session to
};

}}} // namespace signet::session

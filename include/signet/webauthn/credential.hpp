// SPDX-License-Identifier: BSL-1.0
// A passkey as a site keeps it (section 4, "credential record"), and its octets in a store.
#pragma once

#include <signet/webauthn/authenticator_data.hpp>

#include <signet/core/time.hpp>
#include <signet/crypto/key.hpp>

#include <string>

namespace signet { inline namespace SIGNET_ABI { namespace webauthn {

/// The largest credential in octets, as `write_credential` writes it.
inline constexpr std::size_t max_credential_octets = 4096;
/// The longest user handle (section 5.4.3), and the longest texts of a credential, in octets.
inline constexpr std::size_t max_user_handle = 64;
inline constexpr std::size_t max_user = 512;
inline constexpr std::size_t max_label = 256;
inline constexpr std::size_t max_transports = 256;
/// How many passkeys a user can have.
inline constexpr std::size_t max_user_credentials = 32;

/// A passkey as a site keeps it. `judge_registration` makes one; the site adds the user, the handle and a label.
struct credential {
    bytes id;                     ///< 1 to `max_credential_id` octets; unique among all users
    bytes user_handle{};          ///< the user's handle, which the authenticator stores; empty if it is not known
    std::string user{};           ///< whose it is
    public_key key;               ///< verifies assertions
    alg algorithm;                ///< the only algorithm of the key
    std::int32_t identifier;      ///< the COSE identifier as it was registered, such as -8 or -19
    std::uint32_t count = 0;      ///< the signature counter; 0 for authenticators that have none
    bool backup_eligible = false; ///< whether it can be synced to other devices; never changes
    bool backed_up = false;
    bool uv_initialized = false; ///< whether the user has been verified with it (section 7.2 step 24)
    std::string transports{};    ///< hints for later ceremonies, such as "internal hybrid", each once
    std::string label{};         ///< the user's name for it
    webauthn::aaguid aaguid{};   ///< unproved, unless `trusted`
    unix_time created{}, last_used{};
    bool blocked = false; ///< whether it is refused until `credentials::unblock`
    /// Whether an attestation statement that leads to an anchor proved at the registration what made it. False for
    /// records of earlier versions.
    bool trusted = false;
};

/// Writes a credential. Errors: `out_of_range` for members beyond their limits.
[[nodiscard]] SIGNET_DECL result<bytes> write_credential(credential const& from);
/// Reads a credential. Errors: `record_malformed`; `record_newer`.
[[nodiscard]] SIGNET_DECL result<credential> read_credential(bytes_view octets);

}}} // namespace signet::webauthn

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/webauthn/impl/credential.ipp>
#endif

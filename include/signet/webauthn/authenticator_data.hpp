// SPDX-License-Identifier: BSL-1.0
// What the authenticator says about a ceremony: flags, a counter and, in a registration, the new credential (6.1).
#pragma once

#include <signet/webauthn/relying_party.hpp>

#include <signet/core/bytes.hpp>

#include <optional>

namespace signet { inline namespace SIGNET_ABI { namespace webauthn {

/// The longest credential id, in octets (section 7.1 step 25).
inline constexpr std::size_t max_credential_id = 1023;

namespace detail {
inline constexpr std::uint8_t has_credential = 0x40, has_extensions = 0x80; // flags
inline constexpr std::size_t min_authenticator_data = 32 + 1 + 4;           // octets
} // namespace detail

/// A new credential in authenticator data (section 6.5.1). The views refer to those.
struct attested_credential {
    webauthn::aaguid aaguid;
    bytes_view id;       ///< 1 to `max_credential_id` octets
    bytes_view cose_key; ///< one CBOR map in canonical form, not looked into yet
};

/// Authenticator data that were taken apart. The views refer to the octets that were read, which must outlive it.
struct authenticator_data {
    bytes_view rp_id_hash; ///< 32 octets: SHA-256 of the RP ID
    std::uint8_t flags = 0;
    std::uint32_t count = 0;
    std::optional<attested_credential> credential{};
    bytes_view extensions{}; ///< one CBOR map with text keys, or empty

    /// Return the flags: whether somebody was present (UP), was verified (UV), and whether the credential can be backed
    /// up (BE) and is (BS). The reserved bits mean nothing.
    [[nodiscard]] constexpr bool user_present() const noexcept { return (flags & 0x01) != 0; }
    [[nodiscard]] constexpr bool user_verified() const noexcept { return (flags & 0x04) != 0; }
    [[nodiscard]] constexpr bool backup_eligible() const noexcept { return (flags & 0x08) != 0; }
    [[nodiscard]] constexpr bool backed_up() const noexcept { return (flags & 0x10) != 0; }
};

/// Takes authenticator data apart, to the last octet. Does not allocate.
///
/// Errors: `webauthn_authenticator_data` for fields that are cut, octets left over, and extensions that are no map with
/// text keys; `webauthn_credential_id` for an id that is empty or too long; those of reading CBOR.
[[nodiscard]] SIGNET_DECL result<authenticator_data> read_authenticator_data(bytes_view octets) noexcept;

}}} // namespace signet::webauthn

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/webauthn/impl/authenticator_data.ipp>
#endif

// SPDX-License-Identifier: BSL-1.0
// The options of a ceremony as JSON, for PublicKeyCredential.parseCreationOptionsFromJSON and
// parseRequestOptionsFromJSON.
#pragma once

#include <signet/webauthn/credential.hpp>
#include <signet/webauthn/relying_party.hpp>

#include <string>
#include <vector>

namespace signet { inline namespace SIGNET_ABI { namespace webauthn {

/// A credential in a list of options. The views are read during the call.
struct credential_descriptor {
    bytes_view id;
    std::string_view transports{}; ///< as `credential::transports`
};

/// The parameters of a registration's options (section 5.4). The views are read during the call.
struct creation_params {
    std::string_view challenge; ///< at least 16 random octets in base64url
    bytes_view user_handle;     ///< 1 to 64 octets, preferably random; not a name or mail address (section 14.6.1)
    std::string_view user_name; ///< such as "anna"
    std::string_view display_name{};
    std::span<credential_descriptor const> exclude{}; ///< all credentials that the user has
    bool discoverable = true;                         ///< whether logins work without the user's name
    std::span<std::string_view const> hints{};        ///< "security-key", "client-device", "hybrid" (section 5.8.8)
};

/// The parameters of an assertion's options (section 5.5). The views are read during the call.
struct request_params {
    std::string_view challenge;                     ///< at least 16 random octets in base64url
    std::span<credential_descriptor const> allow{}; ///< empty: any discoverable credential
    std::span<std::string_view const> hints{};
};

/// Return options as JSON. Errors: `out_of_range` for a challenge, handle or id of another size, and for an empty user
/// name; `json_not_utf8`.
[[nodiscard]] SIGNET_DECL result<std::string> write_creation_options(relying_party const& rp,
                                                                     creation_params const& params);
[[nodiscard]] SIGNET_DECL result<std::string> write_request_options(relying_party const& rp,
                                                                    request_params const& params);

/// Returns the file of related origins, which is served as `https://RP_ID/.well-known/webauthn` with the type
/// `application/json` (section 5.11). Browsers read at least five sites of it.
///
/// The overload with a policy lists its web origins and related origins.
/// Errors: `json_not_utf8`.
[[nodiscard]] SIGNET_DECL result<std::string> write_related_origins(std::span<std::string_view const> origins);
[[nodiscard]] SIGNET_DECL result<std::string> write_related_origins(relying_party const& rp);

/// Returns ids of 32 octets for a user who does not exist, always the same for a name, so that options do not reveal
/// whether the user exists (section 14.6.2). More than 16 as `count` means 16.
[[nodiscard]] SIGNET_DECL std::vector<bytes> decoy_credentials(mac_key const& key, std::string_view user,
                                                               std::size_t count = 1);

}}} // namespace signet::webauthn

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/webauthn/impl/options.ipp>
#endif

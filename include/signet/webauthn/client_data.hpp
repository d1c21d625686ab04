// SPDX-License-Identifier: BSL-1.0
// What the browser says about a ceremony: the JSON that it hashes and the authenticator signs (section 5.8.1).
#pragma once

#include <signet/webauthn/relying_party.hpp>

#include <signet/core/bytes.hpp>

#include <optional>
#include <string>

namespace signet { inline namespace SIGNET_ABI { namespace webauthn {

/// The largest client data that are read, in octets.
inline constexpr std::size_t max_client_data = 16'384;

/// The two ceremonies. Their client data have different types, so an answer to one is never an answer to the other.
enum class ceremony : std::uint8_t { registration, assertion };

/// The members of client data that are checked. Owns its strings. They are unverified until the signature is verified.
struct client_data {
    std::string type{};      ///< "webauthn.create" or "webauthn.get"
    std::string challenge{}; ///< in base64url
    std::string origin{};
    bool cross_origin = false;               ///< whether the ceremony took place in a frame of another site
    std::optional<std::string> top_origin{}; ///< the site around the frame
};

/// Reads client data, as they were received. Unknown members, any order of members, escapes and a byte order mark are
/// accepted (section 5.8.1.1).
///
/// Errors: those of reading JSON; `json_member_missing`; `json_wrong_type`.
[[nodiscard]] SIGNET_DECL result<client_data> read_client_data(bytes_view json);

/// Checks client data against the ceremony, the challenge that was issued and the policy (section 7.1 steps 7 to 11,
/// section 7.2 steps 10 to 14).
///
/// Errors, in the order of the checks: `webauthn_type`; `webauthn_challenge`; `webauthn_origin`;
/// `webauthn_cross_origin`; `webauthn_top_origin`.
[[nodiscard]] SIGNET_DECL result<void> check_client_data(client_data const& data, ceremony which,
                                                         relying_party const& rp, std::string_view challenge);

}}} // namespace signet::webauthn

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/webauthn/impl/client_data.ipp>
#endif

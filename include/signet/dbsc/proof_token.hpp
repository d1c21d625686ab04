// SPDX-License-Identifier: BSL-1.0
// The proof that a browser signs (RFC 7515, typ "dbsc+jwt"): made here for native clients, read by registration and
// refresh.
#pragma once

#include <signet/core/output.hpp>
#include <signet/crypto/key.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace signet { inline namespace SIGNET_ABI { namespace dbsc {

/// The `typ` of a proof.
inline constexpr std::string_view proof_type = "dbsc+jwt";

/// The longest proof that is looked at, in characters: one with an RSA key of 4096 bits and a long authorization fits.
inline constexpr std::size_t max_proof_size = 8192;

/// The proof for a registration: the public key in the header, the challenge and, where one was given, the
/// authorization.
///
/// For clients other than browsers. `a` is ES256 or RS256. Errors: `wrong_key_type`, `json_not_utf8`, `signer_failed`.
/// Example: `auto token = dbsc::sign_registration(key, alg::es256, challenge);`
[[nodiscard]] SIGNET_DECL result<std::string> sign_registration(private_key const& key, alg a,
                                                                std::string_view challenge,
                                                                std::optional<std::string_view> authorization = {});

/// The proof for a refresh: the challenge alone.
[[nodiscard]] SIGNET_DECL result<std::string> sign_refresh(private_key const& key, alg a, std::string_view challenge);

namespace detail {

// What a proof says, before anybody has checked its signature.
struct shown_proof {
    alg algorithm{};
    std::optional<public_key> key{}; // of the header
    std::string challenge{};
    std::optional<std::string> authorization{};
    std::string signing_input{};
    bytes signature{};
};

// Three parts, a header with this type and an algorithm we know, at most a public key in it, a payload with a
// challenge.
SIGNET_DECL result<shown_proof> read_proof(std::string_view token);

} // namespace detail

}}} // namespace signet::dbsc

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/dbsc/impl/proof_token.ipp>
#endif

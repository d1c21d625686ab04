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

/// The longest proof that is read, in characters. It fits an RSA key of 4096 bits and a long authorization.
inline constexpr std::size_t max_proof_size = 8192;

/// Makes the proof for a registration, for clients other than browsers. The public key is in the header. The payload
/// has the challenge and, if given, the authorization. `a` is ES256 or RS256.
///
/// Errors: `wrong_key_type`; `json_not_utf8`; `signer_failed`.
///
/// Example: `auto token = dbsc::sign_registration(key, alg::es256, challenge);`
[[nodiscard]] SIGNET_DECL result<std::string> sign_registration(private_key const& key, alg a,
                                                                std::string_view challenge,
                                                                std::optional<std::string_view> authorization = {});

/// Makes the proof for a refresh, with the challenge alone. Errors: those of `sign_registration`.
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

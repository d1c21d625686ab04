// SPDX-License-Identifier: BSL-1.0
// What to say of a token that was refused: to the client (RFC 6750 section 3), and in a log.
#pragma once

#include <signet/core/error.hpp>
#include <signet/jwt/policy.hpp>

#include <string>
#include <string_view>

namespace signet { inline namespace SIGNET_ABI { namespace jwt {

/// Returns the value of a `WWW-Authenticate` field for a request whose access token was refused: `Bearer
/// error="invalid_token"` (RFC 6750 section 3). Send it with `http_status(why)`.
///
/// It is empty if no challenge is due, as for faults of the server (5xx). It has no code if no token was sent, and does
/// not say what exactly was wrong. `realm` is left out if it is empty; it may be any text without control characters.
///
/// Example: `response.set("WWW-Authenticate", jwt::bearer_challenge(token.error().code));`
[[nodiscard]] SIGNET_DECL std::string bearer_challenge(errc why, std::string_view realm = {});

/// The number of octets of a token's text that `explain` shows at most.
inline constexpr std::size_t max_shown_text = 64;

/// Returns a line for a log about a token that a verifier with this policy refused. For `wrong_type` it tells which
/// `typ` came and which the policy requires, for `claim_missing` the claim.
///
/// What it shows of the token is unverified, at most `max_shown_text` octets long, and in printable ASCII: all other
/// characters, quotes and backslashes are escaped. It shows no claims. Do not send it to the client.
///
/// Example: `wrong_type typ: the token is of another type: "JWT" came, "at+jwt" is required`
[[nodiscard]] SIGNET_DECL std::string explain(error why, std::string_view token, policy const& policy);

}}} // namespace signet::jwt

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/jwt/impl/answer.ipp>
#endif

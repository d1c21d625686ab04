// SPDX-License-Identifier: BSL-1.0
// What to say of a request that was refused: to the client (RFC 6750 section 3, RFC 9470, RFC 9728), and in a log.
#pragma once

#include <signet/core/error.hpp>
#include <signet/jwt/policy.hpp>

#include <optional>
#include <string>
#include <string_view>

namespace signet { inline namespace SIGNET_ABI { namespace jwt {

/// What a request demands of the user's authentication (RFC 9470 section 3).
struct authentication_params {
    std::string_view acr_values{}; ///< words separated by spaces, of which the token's `acr` must be one
    std::optional<std::chrono::seconds> max_age{}; ///< since the token's `auth_time`, which is then required
    std::chrono::seconds leeway{0}; ///< how far clocks may differ, in either direction; negative counts as 0
};

/// What a challenge says besides the error. The texts must be valid during the call; empty ones are left out. One
/// object may serve a whole route.
///
/// Example: `constexpr jwt::challenge_params orders{.scope = "orders.write"};`
struct challenge_params {
    std::string_view realm{};               ///< any text without control characters
    std::string_view scope{};               ///< what the request needs, words separated by spaces
    authentication_params authentication{}; ///< said only if the user's authentication did not suffice
    std::string_view resource_metadata{};   ///< where the API's metadata is: `resource_metadata_address`
    bool describe = false;                  ///< whether to add `message(why)` as `error_description`
};

/// Returns the value of a `WWW-Authenticate` field for a request whose access token was refused: `Bearer
/// error="invalid_token"` (RFC 6750 section 3). Send it with `http_status(why)`.
///
/// It is empty if no challenge is due, as for faults of the server (5xx). It has no code if no token was sent. Errors
/// of DPoP are `invalid_token` here, because their own codes belong to the scheme `DPoP`: see `proof::answer_dpop`.
///
/// Example: `response.set("WWW-Authenticate", jwt::bearer_challenge(token.error().code));`
[[nodiscard]] SIGNET_DECL std::string bearer_challenge(errc why, challenge_params const& params = {});

/// Checks that a verified token has each of these scopes, separated by spaces.
///
/// Errors: `insufficient_scope`, which is 403, also if no scope is given.
///
/// Example: `if (auto ok = jwt::require_scope(*token, "orders.write"); !ok) return refuse(ok.error());`
[[nodiscard]] SIGNET_DECL result<void> require_scope(claims_view const& token, std::string_view scope,
                                                     permission_claims const& names = {}) noexcept;

/// Checks how and when the user of a verified token authenticated (RFC 9470 section 4).
///
/// Errors: `insufficient_user_authentication`, which is 401 (about `acr` or `auth_time`), also if the claim is missing,
/// if `auth_time` is in the future, and if neither `acr_values` nor `max_age` is given; `time_not_set` if `max_age` is
/// given and `now` is 1970 or earlier.
[[nodiscard]] SIGNET_DECL result<void> require_authentication(claims_view const& token,
                                                              authentication_params const& wanted,
                                                              unix_time now) noexcept;
void require_authentication(claims_view const&, authentication_params const&, signet::detail::no_time) = delete;

/// The largest number of octets that `explain` shows of a value of the token.
inline constexpr std::size_t max_shown_text = 64;
/// The largest number of values that `explain` shows of a list.
inline constexpr std::size_t max_shown_values = 4;

/// Returns a line for a log about a token that a verifier with this policy refused: the error, the claim or header
/// parameter, what came, and what the policy requires.
///
/// It shows these values of the token: `typ`, `alg`, `kid`, `iss`, `aud`, `exp`, `nbf`, `iat`, the policy's
/// `tenant_claim`, and the claims of its `claim_rules`. It never shows the token, its signature, or another claim:
/// `sub` only if a rule is about it. What it shows is unverified, bounded by `max_shown_text` and `max_shown_values`,
/// and in printable ASCII: all other characters, quotes and backslashes are escaped. Do not send it to the client.
///
/// Example: `wrong_type typ: the token is of another type: "JWT" came, "at+jwt" is required`
[[nodiscard]] SIGNET_DECL std::string explain(error why, std::string_view token, policy const& policy);

}}} // namespace signet::jwt

namespace signet { inline namespace SIGNET_ABI { namespace codec { namespace detail {
class challenge_writer;
}}}} // namespace signet::codec::detail

namespace signet { inline namespace SIGNET_ABI { namespace jwt { namespace detail {
/// Writes what a challenge of any scheme says besides its error code, which stands between realm and scope.
SIGNET_DECL void add_challenge_params(codec::detail::challenge_writer& challenge, errc why, std::string_view code,
                                      challenge_params const& params);
}}}} // namespace signet::jwt::detail

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/jwt/impl/answer.ipp>
#endif

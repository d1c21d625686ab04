// SPDX-License-Identifier: BSL-1.0
// How an endpoint answers a request that was refused, so that the client knows what to do (RFC 9449 sections 5, 7.1, 8
// and 9).
#pragma once

#include <signet/core/output.hpp>
#include <signet/proof/dpop.hpp>

namespace signet { inline namespace SIGNET_ABI { namespace proof {

/// The parts of a response. An empty text is a field that is not sent. `Cache-Control: no-store` goes with each.
struct dpop_answer {
    int status = 401;
    std::string www_authenticate{}; ///< at a resource server: `DPoP error="use_dpop_nonce", algs="ES256"`
    std::string dpop_nonce{};       ///< the nonce to use from now on, where the policy has nonces
    std::string body{};             ///< at an authorization server: `{"error":"use_dpop_nonce"}` (RFC 6749 5.2)
};

/// The answer to a refusal by dpop_check, bound_token, accept_bearer, read_authorization or a verifier of access
/// tokens.
///
/// The status and code are those of `http_status` and `oauth_error`: with a nonce that is missing or old, 401 and
/// `use_dpop_nonce` at a resource server and 400 at an authorization server; the client then sends the request again
/// with a new proof. What exactly was wrong is not told. Faults of ours (5xx) are answered without a challenge.
/// Example: `auto answer = proof::answer_dpop(who.error().code, policy, now); response.status(answer.status);`
[[nodiscard]] SIGNET_DECL dpop_answer answer_dpop(errc why, dpop_policy const& policy, unix_time now,
                                                  role as = role::resource_server);

/// Appends the value of a `WWW-Authenticate` field: the scheme, the error where one is to be named, and the algorithms
/// accepted.
SIGNET_DECL void write_dpop_challenge(errc why, algorithm_set algorithms, output& out);

}}} // namespace signet::proof

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/proof/impl/dpop_answer.ipp>
#endif

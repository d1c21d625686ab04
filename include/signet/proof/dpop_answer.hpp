// SPDX-License-Identifier: BSL-1.0
// How an endpoint answers a request that was refused, so that the client knows what to do (RFC 9449 sections 5, 7.1, 8
// and 9).
#pragma once

#include <signet/core/output.hpp>
#include <signet/jwt/answer.hpp>
#include <signet/proof/dpop.hpp>

namespace signet { inline namespace SIGNET_ABI { namespace proof {

/// The parts of a response. Do not send a field whose text is empty. Send `Cache-Control: no-store` with it.
struct dpop_answer {
    int status = 401;
    std::string www_authenticate{}; ///< at a resource server: `DPoP error="use_dpop_nonce", algs="ES256"`
    std::string dpop_nonce{};       ///< the next nonce to use, if the policy has nonces
    std::string body{};             ///< at an authorization server: `{"error":"use_dpop_nonce"}` (RFC 6749 5.2)
};

/// Returns the answer to an error of `dpop_check`, `bound_token`, `accept_bearer`, `read_authorization` or a verifier
/// of access tokens.
///
/// Status and code are those of `http_status` and `oauth_error`. If a nonce is missing or old, the code is
/// `use_dpop_nonce`, with 401 at a resource server and 400 at an authorization server. The client then repeats the
/// request with a new proof. The answer does not say what exactly was wrong, unless `params` asks for it. Faults of the
/// server (5xx) have no challenge.
///
/// Example: `auto answer = proof::answer_dpop(who.error().code, policy, now); response.status(answer.status);`
[[nodiscard]] SIGNET_DECL dpop_answer answer_dpop(errc why, dpop_policy const& policy, unix_time now,
                                                  role as = role::resource_server,
                                                  jwt::challenge_params const& params = {});

/// Appends the value of a `WWW-Authenticate` field: the scheme, the error code if there is one, what `params` says, and
/// the accepted algorithms.
SIGNET_DECL void write_dpop_challenge(errc why, algorithm_set algorithms, output& out,
                                      jwt::challenge_params const& params = {});

}}} // namespace signet::proof

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/proof/impl/dpop_answer.ipp>
#endif

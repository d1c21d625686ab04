// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/proof/dpop_answer.hpp>

#include <signet/codec/impl/challenge_writer.hpp>

namespace signet { inline namespace SIGNET_ABI { namespace proof {

namespace detail {
// A proof from before the store's restart says nothing against the token: the client makes another.
inline std::string_view dpop_error(errc why, role as) noexcept {
    return why == errc::store_restarted ? std::string_view{"invalid_dpop_proof"} : oauth_error(why, as);
}
} // namespace detail

SIGNET_DECL void write_dpop_challenge(errc why, algorithm_set algorithms, output& out,
                                      jwt::challenge_params const& params) {
    codec::detail::challenge_writer challenge{out, "DPoP"};
    jwt::detail::add_challenge_params(challenge, why, detail::dpop_error(why, role::resource_server), params);
    challenge.begin("algs");
    bool first = true;
    auto const name = [&](std::string_view text) {
        if (!first) challenge.append(" ");
        challenge.append(text);
        first = false;
    };
    for (std::size_t i = 0; i != alg_count; ++i) {
        auto const a = static_cast<alg>(i);
        if (!algorithms.contains(a) || !dpop_algorithms.contains(a)) continue;
        name(traits(a).name);
        if (a == alg::ed25519) name("EdDSA"); // as RFC 8037 called it
    }
    challenge.end();
}

SIGNET_DECL dpop_answer answer_dpop(errc why, dpop_policy const& policy, unix_time now, role as,
                                    jwt::challenge_params const& params) {
    dpop_answer answer;
    answer.status = http_status(why, as);
    if (answer.status < 500) {
        if (policy.nonces) answer.dpop_nonce = policy.nonces->make(now);
        if (as == role::resource_server && answer.status != 400) {
            output out{answer.www_authenticate};
            write_dpop_challenge(why, policy.algorithms, out, params);
        }
    }
    if (as == role::authorization_server)
        answer.body = "{\"error\":\"" + std::string{detail::dpop_error(why, as)} + "\"}";
    return answer;
}

}}} // namespace signet::proof

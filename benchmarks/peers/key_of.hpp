// SPDX-License-Identifier: BSL-1.0
// A key of the benchmarks' tokens, in the forms that peers take.
#pragma once

#include "../tokens.hpp"
#include "peers.hpp"

namespace peers {

template <signet::algorithm A> key key_of(signet::local_key<A> const& own) {
    key made{.alg = std::string{signet::jose::algorithm_name(A::id)},
             .secret = {},
             .pem = {},
             .jwk = {},
             .issuer = "https://id.example.com",
             .audience = "https://orders.example.com"};
    made.subject = "f3a7b0e2-9d1c-4c58-8f0e-2b7b7a1f6c11";
    if constexpr (signet::symmetric<A>) {
        made.secret = signet::as_text(own.key().reveal());
    } else {
        auto const shown = own.key().public_part();
        made.pem = shown.to_pem();
        made.private_pem = signet::as_text(own.key().to_pem().reveal());
        made.jwk = *signet::jose::to_json(signet::jose::public_jwk{{}, shown});
    }
    return made;
}

} // namespace peers

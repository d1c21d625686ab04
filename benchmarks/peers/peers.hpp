// SPDX-License-Identifier: BSL-1.0
// Other libraries of the system, each doing a whole verification: signature, iss, aud, exp, claims readable.
#pragma once

#include <string>

namespace peers {

/// What a peer is given once: for HS256 the secret's octets, else the public key as PEM and as JWK.
struct key {
    std::string alg;
    std::string secret;
    std::string pem;
    std::string jwk;
    std::string issuer;
    std::string audience;
};

/// Verifies `token` and reads its claims. `now` is the system's clock for all of them: none takes another.
using verify_function = bool (*)(key const&, std::string const& token);

// Each stands in a file of its own, since their headers define the same names; nullptr where it was not found.
extern verify_function const libjwt;
extern verify_function const cpp_jwt;
extern verify_function const rhonabwy;

} // namespace peers

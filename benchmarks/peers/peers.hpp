// SPDX-License-Identifier: BSL-1.0
// Other libraries, each doing a whole verification (signature, iss, aud, exp, claims readable) or issuing a whole
// token.
#pragma once

#include <cstdint>
#include <string>

namespace peers {

/// What a peer is given once: for HS256 the secret's octets, else the keys as PEM and the public one as JWK.
struct key {
    std::string alg;
    std::string secret;
    std::string pem;
    std::string jwk;
    std::string issuer;
    std::string audience;
    std::string private_pem = {};
    std::string subject = {};
};

/// Verifies `token` and reads its claims. `now` is the system's clock for all of them: none takes another.
using verify_function = bool (*)(key const&, std::string const& token);

/// Issues a token of the key's issuer, audience and subject with iat and exp; empty if it cannot.
using sign_function = std::string (*)(key const&, std::int64_t now);

// Each stands in a file of its own, since their headers define the same names; nullptr where it was not found.
extern verify_function const libjwt;
extern verify_function const cpp_jwt;
extern verify_function const rhonabwy;
extern verify_function const jwt_cpp;
extern sign_function const libjwt_sign;
extern sign_function const cpp_jwt_sign;
extern sign_function const jwt_cpp_sign;

} // namespace peers

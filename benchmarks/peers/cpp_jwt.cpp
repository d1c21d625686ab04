// SPDX-License-Identifier: BSL-1.0
#include "peers.hpp"

#ifdef SIGNET_HAS_CPP_JWT
#    include <jwt/jwt.hpp>

#    include <system_error>

namespace {

bool verify(peers::key const& key, std::string const& token) {
    using namespace jwt::params;
    if (key.alg == "EdDSA") return false; // unknown to it: it would end the program
    std::error_code ec;
    auto const& material = key.alg == "HS256" ? key.secret : key.pem;
    auto const object = jwt::decode(token, algorithms({key.alg}), ec, secret(material), issuer(key.issuer),
                                    aud(key.audience), jwt::params::verify(true));
    return !ec && object.has_claim("sub");
}

} // namespace

peers::verify_function const peers::cpp_jwt = verify;
#else
peers::verify_function const peers::cpp_jwt = nullptr;
#endif

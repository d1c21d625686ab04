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

std::string sign(peers::key const& key, std::int64_t now) {
    using namespace jwt::params;
    if (key.alg == "EdDSA") return {};
    jwt::jwt_object token{algorithm(key.alg), secret(key.alg == "HS256" ? key.secret : key.private_pem)};
    token.add_claim("iss", key.issuer).add_claim("aud", key.audience).add_claim("sub", key.subject);
    token.add_claim("iat", now).add_claim("exp", now + 300);
    std::error_code ec;
    auto text = token.signature(ec);
    return ec ? std::string{} : text;
}

} // namespace

peers::verify_function const peers::cpp_jwt = verify;
peers::sign_function const peers::cpp_jwt_sign = sign;
#else
peers::sign_function const peers::cpp_jwt_sign = nullptr;
peers::verify_function const peers::cpp_jwt = nullptr;
#endif

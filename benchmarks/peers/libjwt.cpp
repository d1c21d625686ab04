// SPDX-License-Identifier: BSL-1.0
#include "peers.hpp"

#ifdef SIGNET_HAS_LIBJWT
#    include <jwt.h>

#    include <cstdlib>
#    include <cstring>
#    include <ctime>

namespace {

bool verify(peers::key const& key, std::string const& token) {
    auto const& material = key.alg == "HS256" ? key.secret : key.pem;
    jwt_t* jwt = nullptr;
    if (jwt_decode(&jwt, token.c_str(), reinterpret_cast<unsigned char const*>(material.data()),
                   static_cast<int>(material.size())) != 0)
        return false;
    auto const* iss = jwt_get_grant(jwt, "iss");
    auto const* aud = jwt_get_grant(jwt, "aud");
    auto const good = key.alg == jwt_alg_str(jwt_get_alg(jwt)) && iss && key.issuer == iss && aud &&
                      key.audience == aud && jwt_get_grant_int(jwt, "exp") > std::time(nullptr);
    jwt_free(jwt);
    return good;
}

std::string sign(peers::key const& key, std::int64_t now) {
    auto const a = jwt_str_alg(key.alg.c_str());
    if (a == JWT_ALG_INVAL) return {};
    auto const& material = key.alg == "HS256" ? key.secret : key.private_pem;
    jwt_t* jwt = nullptr;
    std::string token;
    if (jwt_new(&jwt) == 0 && jwt_add_grant(jwt, "iss", key.issuer.c_str()) == 0 &&
        jwt_add_grant(jwt, "aud", key.audience.c_str()) == 0 && jwt_add_grant(jwt, "sub", key.subject.c_str()) == 0 &&
        jwt_add_grant_int(jwt, "iat", now) == 0 && jwt_add_grant_int(jwt, "exp", now + 300) == 0 &&
        jwt_set_alg(jwt, a, reinterpret_cast<unsigned char const*>(material.data()),
                    static_cast<int>(material.size())) == 0) {
        if (char* const text = jwt_encode_str(jwt)) {
            token = text;
            std::free(text);
        }
    }
    jwt_free(jwt);
    return token;
}

} // namespace

peers::verify_function const peers::libjwt = verify;
peers::sign_function const peers::libjwt_sign = sign;
#else
peers::sign_function const peers::libjwt_sign = nullptr;
peers::verify_function const peers::libjwt = nullptr;
#endif

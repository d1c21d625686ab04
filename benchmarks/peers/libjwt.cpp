// SPDX-License-Identifier: BSL-1.0
#include "peers.hpp"

#ifdef SIGNET_HAS_LIBJWT
#    include <jwt.h>

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

} // namespace

peers::verify_function const peers::libjwt = verify;
#else
peers::verify_function const peers::libjwt = nullptr;
#endif

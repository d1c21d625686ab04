// SPDX-License-Identifier: BSL-1.0
#include "peers.hpp"

#ifdef SIGNET_HAS_RHONABWY
#    include <rhonabwy.h>

#    include <map>

namespace {

jwk_t* imported(peers::key const& key) { // once a key, as its users would
    static std::map<std::string, jwk_t*> known;
    auto& jwk = known[key.alg];
    if (!jwk) {
        r_jwk_init(&jwk);
        if (key.alg == "HS256")
            r_jwk_import_from_symmetric_key(jwk, reinterpret_cast<unsigned char const*>(key.secret.data()),
                                            key.secret.size());
        else r_jwk_import_from_json_str(jwk, key.jwk.c_str());
    }
    return jwk;
}

bool verify(peers::key const& key, std::string const& token) {
    jwt_t* jwt = nullptr;
    r_jwt_init(&jwt);
    auto const good =
        r_jwt_parsen(jwt, token.data(), token.size(), R_FLAG_IGNORE_REMOTE) == RHN_OK &&
        r_jwt_verify_signature(jwt, imported(key), R_FLAG_IGNORE_REMOTE) == RHN_OK &&
        r_jwt_validate_claims(jwt, R_JWT_CLAIM_ISS, key.issuer.c_str(), R_JWT_CLAIM_AUD, key.audience.c_str(),
                              R_JWT_CLAIM_EXP, R_JWT_CLAIM_NOW, R_JWT_CLAIM_NOP) == RHN_OK;
    r_jwt_free(jwt);
    return good;
}

} // namespace

peers::verify_function const peers::rhonabwy = verify;
#else
peers::verify_function const peers::rhonabwy = nullptr;
#endif

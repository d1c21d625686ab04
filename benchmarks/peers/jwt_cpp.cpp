// SPDX-License-Identifier: BSL-1.0
#include "peers.hpp"

#ifdef SIGNET_HAS_JWT_CPP
#    include <jwt-cpp/jwt.h>

#    include <exception>
#    include <system_error>

namespace {

using clock_type = std::chrono::system_clock;

// The verifier and the algorithm are made once a key, as its users would.
template <class Algorithm> bool verify(Algorithm const& algorithm, peers::key const& key, std::string const& token) {
    static auto const verifier =
        jwt::verify().allow_algorithm(algorithm).with_issuer(key.issuer).with_audience(key.audience);
    try { // it throws for a malformed token
        std::error_code ec;
        auto const decoded = jwt::decode(token);
        verifier.verify(decoded, ec);
        return !ec && decoded.has_subject();
    } catch (std::exception const&) { return false; }
}

template <class Algorithm> std::string sign(Algorithm const& algorithm, peers::key const& key, std::int64_t now) {
    auto const at = clock_type::from_time_t(static_cast<std::time_t>(now));
    std::error_code ec;
    auto token = jwt::create()
                     .set_type("JWT")
                     .set_issuer(key.issuer)
                     .set_audience(key.audience)
                     .set_subject(key.subject)
                     .set_issued_at(at)
                     .set_expires_at(at + std::chrono::seconds{300})
                     .sign(algorithm, ec);
    return ec ? std::string{} : token;
}

/// One key an algorithm in this program.
template <class Use> auto with_algorithm(peers::key const& key, Use use) {
    if (key.alg == "HS256") {
        static jwt::algorithm::hs256 const made{key.secret};
        return use(made);
    }
    if (key.alg == "RS256") {
        static jwt::algorithm::rs256 const made{key.pem, key.private_pem};
        return use(made);
    }
    if (key.alg == "ES256") {
        static jwt::algorithm::es256 const made{key.pem, key.private_pem};
        return use(made);
    }
    static jwt::algorithm::ed25519 const made{key.pem, key.private_pem};
    return use(made);
}

} // namespace

peers::verify_function const peers::jwt_cpp = [](peers::key const& key, std::string const& token) {
    return with_algorithm(key, [&](auto const& algorithm) { return verify(algorithm, key, token); });
};
peers::sign_function const peers::jwt_cpp_sign = [](peers::key const& key, std::int64_t now) {
    return with_algorithm(key, [&](auto const& algorithm) { return sign(algorithm, key, now); });
};
#else
peers::verify_function const peers::jwt_cpp = nullptr;
peers::sign_function const peers::jwt_cpp_sign = nullptr;
#endif

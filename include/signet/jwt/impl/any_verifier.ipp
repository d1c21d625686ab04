// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/jwt/any_verifier.hpp>

namespace signet { inline namespace SIGNET_ABI { namespace jwt {

namespace detail {
/// The rule of `acceptable_together`, at run time.
inline result<void> acceptable(algorithm_set accepted) noexcept {
    std::size_t macs = 0, signatures = 0;
    for (std::size_t i = 0; i != alg_count; ++i)
        if (auto const a = static_cast<alg>(i); accepted.contains(a)) {
            if (!has_ml_dsa && traits(a).type == key_type::akp) return errc::unsupported_algorithm;
            ++(traits(a).type == key_type::oct ? macs : signatures);
        }
    if (macs + signatures == 0) return errc::unsupported_algorithm;
    if (macs > 1 || (macs == 1 && signatures != 0)) return errc::mixed_algorithms;
    return {};
}

/// check_functions::of, at run time.
inline check_functions checks_of(algorithm_set accepted) noexcept {
#ifdef SIGNET_NO_CURVE_ARITHMETIC
    auto f = check_functions::of<hs256, rs256, es256, ed25519>();
#else
    auto f = check_functions::of<hs256, rs256, es256, ed25519, ml_dsa_44>();
#endif
    f.accepted = accepted;
    if (!accepted.contains(alg::es256)) f.curves.p256 = nullptr;
    if (!accepted.contains(alg::ed25519)) f.curves.ed25519 = nullptr;
    bool any_ml_dsa = false;
    for (auto const a : {alg::ml_dsa_44, alg::ml_dsa_65, alg::ml_dsa_87})
        any_ml_dsa = any_ml_dsa || accepted.contains(a);
    if (!any_ml_dsa) f.ml_dsa = nullptr;
    if (!f.curves.p256 && !f.curves.ed25519 && !f.ml_dsa) f.own = nullptr;
    return f;
}
} // namespace detail

SIGNET_DECL result<algorithm_set> parse_algorithms(std::span<std::string_view const> names) noexcept {
    algorithm_set accepted;
    for (auto const name : names) {
        auto const a = find_algorithm(name);
        if (!a) return errc::unsupported_algorithm;
        accepted.insert(*a);
    }
    if (auto fine = detail::acceptable(accepted); !fine) return fine.error();
    return accepted;
}

SIGNET_DECL result<any_verifier> any_verifier::make(algorithm_set accepted, jose::any_key_set keys, policy policy,
                                                    std::optional<crypto::generator_tables> generators) {
    if (auto fine = detail::acceptable(accepted); !fine) return fine.error();
    return any_verifier{detail::verifier_handle{detail::checks_of(accepted), std::move(keys), std::move(policy),
                                                std::move(generators)}};
}

SIGNET_DECL result<any_verifier> any_verifier::make(algorithm_set accepted, key_source source, policy policy,
                                                    std::optional<crypto::generator_tables> generators) {
    if (auto fine = detail::acceptable(accepted); !fine) return fine.error();
    auto const read = [](std::string_view json, algorithm_set which, jose::key_set_limits const& limits) {
        return jose::parse_key_list(json, which, limits);
    };
    return any_verifier{detail::verifier_handle{detail::checks_of(accepted), std::move(source), read, std::move(policy),
                                                std::move(generators)}};
}

SIGNET_DECL void any_verifier::swap(jose::any_key_set keys) { core_.swap(jose::share(std::move(keys))); }
SIGNET_DECL std::vector<wanted_key> any_verifier::keys_to_prepare(preparation const& how) const {
    return core_.keys_to_prepare(how);
}
SIGNET_DECL std::shared_ptr<jose::any_key_set const> any_verifier::keys() const { return core_.keys(); }

SIGNET_DECL result<any_verifier> any_verifier::parse(algorithm_set accepted, std::string_view jwks, policy policy,
                                                     std::optional<crypto::generator_tables> generators) {
    if (auto fine = detail::acceptable(accepted); !fine) return fine.error();
    auto keys = jose::parse_key_list(jwks, accepted);
    if (!keys) return keys.error();
    return make(accepted, *std::move(keys), std::move(policy), std::move(generators));
}

}}} // namespace signet::jwt

// SPDX-License-Identifier: BSL-1.0
// EXPECT: deleted
// A verifier owns its policy.
#include <signet/jwt/any_verifier.hpp>

using namespace signet;

std::size_t count(algorithm_set accepted, jose::any_key_set keys, jwt::policy rules) {
#ifdef CONTROL
    auto const access = jwt::any_verifier::make(accepted, std::move(keys), std::move(rules));
    auto const& required = access->get_policy().required;
#else
    auto const& required =
        jwt::any_verifier::make(accepted, std::move(keys), std::move(rules)).value().get_policy().required;
#endif
    return required.size();
}

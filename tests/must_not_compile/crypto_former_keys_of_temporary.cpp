// SPDX-License-Identifier: BSL-1.0
// EXPECT: deleted
// In C++20 the keys of a temporary are gone before a loop begins.
#include <signet/crypto/mac_keys.hpp>

using namespace signet;

int count(mac_key current, std::vector<mac_key> former) {
    int keys = 0;
#ifdef CONTROL
    auto const all = mac_keys::make(std::move(current), std::move(former));
    for (auto const& key : all->former()) keys += key.algorithm_id() == alg::hs256;
#else
    for (auto const& key : mac_keys::make(std::move(current), std::move(former)).value().former())
        keys += key.algorithm_id() == alg::hs256;
#endif
    return keys;
}

// SPDX-License-Identifier: BSL-1.0
// A device's key: how records hold it, and whether it was proved.
#pragma once

#include <signet/proof/device_key.hpp>
#include <signet/store/fields.hpp>

#include <algorithm>
#include <iterator>
#include <optional>

namespace signet { inline namespace SIGNET_ABI { namespace device { namespace detail {

// SubjectPublicKeyInfo in DER, or no octets for no key.
inline bytes key_octets(std::optional<proof::device_key> const& key) { return key ? key->key().to_der() : bytes{}; }

// The numbers of algorithms in records, from 1. A number keeps its meaning; new ones are added at the end.
inline constexpr alg recorded_algorithms[] = {alg::es256, alg::ed25519, alg::ps256, alg::rs256, alg::es384, alg::es512,
                                              alg::rs384, alg::rs512,   alg::ps384, alg::ps512, alg::es256k};
static_assert(
    [] {
        algorithm_set all;
        for (alg a : recorded_algorithms) all.insert(a);
        return all == proof::pinnable_algorithms;
    }(),
    "every algorithm of a device key has a number");

// 0 without a key.
inline std::uint8_t algorithm_number(std::optional<proof::device_key> const& key) noexcept {
    if (!key) return 0;
    auto const at = std::ranges::find(recorded_algorithms, key->algorithm_id());
    return static_cast<std::uint8_t>(at - std::begin(recorded_algorithms) + 1);
}

// Whether a record without an algorithm tells it: the key then implies it, as it always did.
inline bool implies_algorithm(std::optional<proof::device_key> const& key) {
    return !key || proof::device_algorithms.contains(key->algorithm_id());
}

inline result<std::optional<proof::device_key>> key_from_octets(bytes_view octets, std::optional<std::uint8_t> number) {
    if (number && octets.empty() != (*number == 0)) return errc::record_malformed;
    if (octets.empty()) return std::optional<proof::device_key>{};
    auto key = public_key::from_der(octets, limits_for_keys_in_messages);
    if (!key) return key.error();
    auto pinned = number ? proof::device_key::from_key(*std::move(key), recorded_algorithms[*number - 1u])
                         : proof::device_key::from_key(*std::move(key));
    if (!pinned) return pinned.error();
    return std::optional{*std::move(pinned)};
}

// The fields of a key. `has_algorithm`: whether this format of the record has the algorithm.
template <class A>
void key_fields(A& a, store::archived<A, std::optional<proof::device_key>>& key, bool has_algorithm) {
    std::optional<std::uint8_t> number;
    if (has_algorithm) a.number(number.emplace(algorithm_number(key)), std::size(recorded_algorithms));
    a.converted(key, max_key_octets, key_octets, [&](bytes_view octets) { return key_from_octets(octets, number); });
}

// Whether it is this key that was proved, by the algorithm that it is pinned to.
inline result<void> check_possession(proof::verified_key const& proved, proof::device_key const& key) {
    if (!proved.is(key.key()) || proved.algorithm_id() != key.algorithm_id()) return errc::possession_missing;
    return {};
}

}}}} // namespace signet::device::detail

// SPDX-License-Identifier: BSL-1.0
// A device's key: how records hold it, and whether it was proved.
#pragma once

#include <signet/proof/device_key.hpp>

#include <optional>

namespace signet { inline namespace SIGNET_ABI { namespace device { namespace detail {

// SubjectPublicKeyInfo in DER, or no octets for no key.
inline bytes key_octets(std::optional<proof::device_key> const& key) { return key ? key->key().to_der() : bytes{}; }

inline result<std::optional<proof::device_key>> key_from_octets(bytes_view octets) {
    if (octets.empty()) return std::optional<proof::device_key>{};
    auto key = public_key::from_der(octets, limits_for_keys_in_messages);
    if (!key) return key.error();
    auto pinned = proof::device_key::from_key(*std::move(key));
    if (!pinned) return pinned.error();
    return std::optional{*std::move(pinned)};
}

// Whether it is this key that was proved, by the algorithm that it is pinned to.
inline result<void> check_possession(proof::verified_key const& proved, proof::device_key const& key) {
    if (!proved.is(key.key()) || proved.algorithm_id() != key.algorithm_id()) return errc::possession_missing;
    return {};
}

}}}} // namespace signet::device::detail

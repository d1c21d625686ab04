// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/core/secret.hpp>

#include <utility>

namespace signet { inline namespace SIGNET_ABI {

SIGNET_DECL secret::secret() noexcept = default;
SIGNET_DECL secret::secret(bytes&& octets) noexcept : octets_{std::move(octets)} {}
SIGNET_DECL secret secret::copy_of(bytes_view octets) { return secret{bytes(octets.begin(), octets.end())}; }
SIGNET_DECL secret::secret(secret&& other) noexcept : octets_{std::exchange(other.octets_, {})} {}
SIGNET_DECL secret& secret::operator=(secret&& other) noexcept {
    if (this != &other) {
        wipe({octets_.data(), octets_.size()});
        octets_ = std::exchange(other.octets_, {});
    }
    return *this;
}
SIGNET_DECL secret::~secret() { wipe({octets_.data(), octets_.size()}); }
SIGNET_DECL bytes_view secret::reveal() const noexcept { return {octets_.data(), octets_.size()}; }
SIGNET_DECL bool operator==(secret const& a, secret const& b) noexcept {
    return constant_time_equal(a.reveal(), b.reveal());
}

}} // namespace signet

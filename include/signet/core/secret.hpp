// SPDX-License-Identifier: BSL-1.0
// Octets that must not leak: wiped when they go, compared in constant time, never printed.
#pragma once

#include <signet/core/bytes.hpp>

#include <utility>

namespace signet::inline SIGNET_ABI {

/// Owns secret octets and wipes them on destruction and when moved from.
///
/// Nothing converts to it silently, so a PEM text or a password cannot become a MAC secret by accident; and it cannot be
/// copied, so there is one place to look at. Example: `auto key = secret::copy_of(raw);`
class secret {
public:
    secret() = default;

    /// Takes the octets over; nothing is copied.
    explicit secret(bytes&& octets) noexcept : octets_{std::move(octets)} {}

    /// Copies the octets; wiping the original is the caller's business.
    [[nodiscard]] static secret copy_of(bytes_view octets) { return secret{bytes(octets.begin(), octets.end())}; }

    secret(secret&& other) noexcept : octets_{std::exchange(other.octets_, {})} {}
    secret& operator=(secret&& other) noexcept {
        if (this != &other) {
            wipe(octets_);
            octets_ = std::exchange(other.octets_, {});
        }
        return *this;
    }
    ~secret() { wipe(octets_); }

    /// The octets, valid while this object lives and is not moved from. The name is there to be seen in a review.
    [[nodiscard]] bytes_view reveal() const noexcept { return octets_; }
    [[nodiscard]] std::size_t size() const noexcept { return octets_.size(); }
    [[nodiscard]] bool empty() const noexcept { return octets_.empty(); }

    /// Constant-time for equal lengths.
    friend bool operator==(secret const& a, secret const& b) noexcept { return constant_time_equal(a.octets_, b.octets_); }

private:
    bytes octets_;
};

} // namespace signet

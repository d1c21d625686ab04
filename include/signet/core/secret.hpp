// SPDX-License-Identifier: BSL-1.0
// Octets that must not leak: wiped when they go, compared in constant time, never printed.
#pragma once

#include <signet/core/bytes.hpp>

#include <string>

namespace signet { inline namespace SIGNET_ABI {

/// Overwrites a text that was secret, as `wipe` does, and leaves it empty. Overwrites all its memory, so also what a
/// longer text or one that was moved away left there.
inline void wipe_text(std::string& text) noexcept {
    text.resize(text.capacity());
    wipe({reinterpret_cast<std::uint8_t*>(text.data()), text.size()});
    text.clear();
}

/// Owns secret octets, and wipes them when it is destroyed or moved from. Cannot be copied.
///
/// Nothing converts to a secret implicitly, so a PEM text or a password cannot become a MAC secret by accident.
///
/// Example: `auto key = secret::copy_of(raw);`
class secret {
public:
    SIGNET_DECL secret() noexcept; ///< empty

    /// Takes over the octets without copying them.
    explicit SIGNET_DECL secret(bytes&& octets) noexcept;

    /// Copies the octets. The caller wipes the original.
    [[nodiscard]] static SIGNET_DECL secret copy_of(bytes_view octets);

    SIGNET_DECL secret(secret&& other) noexcept;
    SIGNET_DECL secret& operator=(secret&& other) noexcept;
    SIGNET_DECL ~secret();

    /// Returns the octets, valid while this object lives and is not moved from. The name makes each use visible in a
    /// review.
    [[nodiscard]] SIGNET_DECL bytes_view reveal() const noexcept [[clang::lifetimebound]];
    /// Returns the number of octets.
    [[nodiscard]] std::size_t size() const noexcept { return octets_.size(); }
    [[nodiscard]] bool empty() const noexcept { return octets_.empty(); }

    /// Compares in constant time for equal lengths.
    friend SIGNET_DECL bool operator==(secret const& a, secret const& b) noexcept;

private:
    bytes octets_;
};

}} // namespace signet

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/core/impl/secret.ipp>
#endif

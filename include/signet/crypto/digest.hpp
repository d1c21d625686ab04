// SPDX-License-Identifier: BSL-1.0
// SHA-2 (FIPS 180-4), and SHAKE256 of 64 octets (FIPS 202).
#pragma once

#include <signet/core/bytes.hpp>
#include <signet/crypto/algorithm.hpp>

#include <array>
#include <memory>
#include <span>

namespace signet { inline namespace SIGNET_ABI { namespace crypto {

/// A SHA-256 digest.
using sha256_digest = std::array<std::uint8_t, 32>;

/// Returns the SHA-256 digest of `data` (FIPS 180-4).
[[nodiscard]] SIGNET_DECL sha256_digest sha256(bytes_view data);
[[nodiscard]] SIGNET_DECL std::array<std::uint8_t, 48> sha384(bytes_view data);
[[nodiscard]] SIGNET_DECL std::array<std::uint8_t, 64> sha512(bytes_view data);

/// Hashes a message in pieces. Can be used again after `finish()`.
///
/// Thread safety: one thread at a time.
class hasher {
public:
    /// Makes a hasher for that hash function.
    explicit SIGNET_DECL hasher(hash_id hash);
    SIGNET_DECL hasher(hasher&&) noexcept;
    SIGNET_DECL hasher& operator=(hasher&&) noexcept;
    SIGNET_DECL ~hasher();

    [[nodiscard]] SIGNET_DECL std::size_t size() const noexcept; ///< octets of a digest
    SIGNET_DECL void update(bytes_view data);                    ///< appends a piece of the message
    /// Writes the digest and starts a new message. `out` must have exactly `size()` octets.
    SIGNET_DECL void finish(std::span<std::uint8_t> out);

private:
    struct body;
    std::unique_ptr<body> body_;
};

}}} // namespace signet::crypto

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/crypto/impl/digest.ipp>
#endif

// SPDX-License-Identifier: BSL-1.0
// HMAC with SHA-2 (RFC 2104, RFC 7518 3.2).
#pragma once

#include <signet/crypto/key.hpp>

#include <memory>
#include <span>

namespace signet { inline namespace SIGNET_ABI { namespace crypto {

/// Computes HMACs with one key.
///
/// Thread safety: one thread at a time.
class hmac {
public:
    /// Makes an HMAC with the hash of the key's algorithm (RFC 2104, RFC 7518 section 3.2).
    [[nodiscard]] static SIGNET_DECL hmac make(mac_key const& key);
    /// Makes an HMAC for a key that is not for JWS. Errors: `weak_key` unless the key has 1 to 4096 octets.
    [[nodiscard]] static SIGNET_DECL result<hmac> make(hash_id hash, bytes_view key);
    SIGNET_DECL hmac(hmac&&) noexcept;
    SIGNET_DECL hmac& operator=(hmac&&) noexcept;
    SIGNET_DECL ~hmac();

    [[nodiscard]] SIGNET_DECL std::size_t size() const noexcept; ///< octets of a tag
    SIGNET_DECL void update(bytes_view message);                 ///< the next piece of the message
    /// Writes the tag of all pieces since the last tag. `out` must have exactly `size()` octets.
    SIGNET_DECL void finish(std::span<std::uint8_t> out);
    /// Verifies a tag in constant time. A tag of another length is false.
    [[nodiscard]] SIGNET_DECL bool verify(bytes_view message, bytes_view tag);

private:
    struct body;
    explicit hmac(std::unique_ptr<body> b) noexcept;
    std::unique_ptr<body> body_;
};

}}} // namespace signet::crypto

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/crypto/impl/mac.ipp>
#endif

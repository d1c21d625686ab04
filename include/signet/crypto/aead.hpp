// SPDX-License-Identifier: BSL-1.0
// Authenticated encryption with associated data (RFC 5116): XChaCha20-Poly1305.
#pragma once

#include <signet/core/bytes.hpp>
#include <signet/core/secret.hpp>

#include <array>
#include <span>

namespace signet { inline namespace SIGNET_ABI { namespace crypto {

/// The sizes of XChaCha20-Poly1305. Random nonces of this size do not repeat, however much one key encrypts.
inline constexpr std::size_t aead_key_size = 32, aead_nonce_size = 24, aead_tag_size = 16;
/// A nonce; a key must never encrypt twice with one.
using aead_nonce = std::array<std::uint8_t, aead_nonce_size>;

/// Encrypts with XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha-03 on RFC 8439). `associated` is authenticated and not
/// written. `out` must have `aead_tag_size` octets more than `plain`, and `key` must have `aead_key_size`; otherwise
/// the program is terminated.
SIGNET_DECL void aead_encrypt(secret const& key, aead_nonce const& nonce, bytes_view associated, bytes_view plain,
                              std::span<std::uint8_t> out);

/// Decrypts what `aead_encrypt` wrote. Returns whether it is authentic; otherwise nothing is written. `out` must have
/// `aead_tag_size` octets less than `encrypted`, and `key` must have `aead_key_size`; otherwise the program is
/// terminated.
[[nodiscard]] SIGNET_DECL bool aead_decrypt(secret const& key, aead_nonce const& nonce, bytes_view associated,
                                            bytes_view encrypted, std::span<std::uint8_t> out);

}}} // namespace signet::crypto

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/crypto/impl/aead.ipp>
#endif

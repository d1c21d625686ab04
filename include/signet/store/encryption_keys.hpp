// SPDX-License-Identifier: BSL-1.0
// The keys of encrypted records while they are rotated.
#pragma once

#include <signet/core/random.hpp>
#include <signet/core/secret.hpp>
#include <signet/store/store.hpp>

#include <memory>
#include <vector>

namespace signet { inline namespace SIGNET_ABI { namespace store {

/// The largest number of former encryption keys.
inline constexpr std::size_t max_former_encryption_keys = 4;

/// By how many octets a record grows when it is encrypted: a mark, the key's id, a nonce and a tag.
inline constexpr std::size_t encryption_overhead = 1 + 4 + 24 + 16;

/// The key that encrypts records, and former ones that still decrypt.
///
/// To rotate, first give all instances the new key as a former key, so that they can read what it encrypts. Then make
/// it the current key everywhere, call `encrypted::reencrypt`, and remove the old key an hour later:
/// docs/guide/store.md. A record contains an id of its key, which is computed from the key.
///
/// Thread safety: may be called concurrently; copies share the keys.
///
/// Example: `auto keys = store::encryption_keys::make(std::move(current), std::move(former));`
class encryption_keys {
public:
    /// Takes the current key and the former ones, each of 32 random octets.
    ///
    /// Errors: `weak_key` for another length; `out_of_range` for more than `max_former_encryption_keys`;
    /// `duplicate_key` for a key that is given twice.
    [[nodiscard]] static SIGNET_DECL result<encryption_keys> make(secret current, std::vector<secret> former = {});

    /// Encrypts a record with the current key. The name of the record and its expiry are authenticated with it. `out`
    /// gets the octets.
    SIGNET_DECL void encrypt(record_key const& key, unix_time expires, bytes_view plain, random_ref random,
                             bytes& out) const;

    /// Decrypts a record into `into`. Returns the octets there.
    ///
    /// Errors: `unknown_encryption_key`; `record_not_encrypted`; `record_malformed` for a record that was changed, or
    /// was moved under another name or expiry; `buffer_too_small`.
    [[nodiscard]] SIGNET_DECL result<bytes_view> decrypt(record_key const& key, unix_time expires, bytes_view stored,
                                                         std::span<std::uint8_t> into) const;

    /// Returns whether a record begins like an encrypted one.
    [[nodiscard]] static SIGNET_DECL bool is_encrypted(bytes_view stored) noexcept;

    /// Returns whether a record says that the current key encrypts it.
    [[nodiscard]] SIGNET_DECL bool is_current(bytes_view stored) const noexcept;

private:
    struct body;
    explicit encryption_keys(std::shared_ptr<body const> b) noexcept : body_{std::move(b)} {}
    std::shared_ptr<body const> body_;
};

}}} // namespace signet::store

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/store/impl/encryption_keys.ipp>
#endif

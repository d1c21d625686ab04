// SPDX-License-Identifier: BSL-1.0
// Names of records: SHA-256 over a kind and length-prefixed parts.
#pragma once

#include <signet/crypto/digest.hpp>
#include <signet/store/store.hpp>

#include <initializer_list>
#include <string_view>

namespace signet { inline namespace SIGNET_ABI { namespace proof {

/// Returns the key of the record of that kind for these parts: a SHA-256 over all of them. Each part, and the kind, has
/// its length before it (8 octets, big-endian). So a session id cannot equal a challenge, nor `{"ab", "c"}` equal
/// `{"a", "bc"}`. A store sees only this hash of a secret part.
///
/// Example: `record_key("challenge", {app, as_text(secret)})`.
[[nodiscard]] SIGNET_DECL store::record_key record_key(std::string_view kind,
                                                       std::initializer_list<std::string_view> parts);

namespace detail {

// Feeds a hasher with what the key is the hash of, for whoever has a hasher at hand.
SIGNET_DECL void add_key_parts(crypto::hasher& hash, std::string_view kind,
                               std::initializer_list<std::string_view> parts);

} // namespace detail

}}} // namespace signet::proof

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/proof/impl/record_key.ipp>
#endif

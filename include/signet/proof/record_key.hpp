// SPDX-License-Identifier: BSL-1.0
// Names of records: SHA-256 over a kind and length-prefixed parts.
#pragma once

#include <signet/crypto/digest.hpp>
#include <signet/store/store.hpp>

#include <initializer_list>
#include <string_view>

namespace signet { inline namespace SIGNET_ABI { namespace proof {

/// The key of the record of that kind for these parts. Each is hashed behind its length (8 octets, big-endian), and so
/// is the kind, so a session id cannot pass for a challenge, nor `{"ab", "c"}` for `{"a", "bc"}`.
///
/// What a store sees of a secret part is this hash alone. Example: `record_key("challenge", {app, as_text(secret)})`.
[[nodiscard]] SIGNET_DECL store::record_key record_key(std::string_view kind,
                                                       std::initializer_list<std::string_view> parts);

}}} // namespace signet::proof

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/proof/impl/record_key.ipp>
#endif

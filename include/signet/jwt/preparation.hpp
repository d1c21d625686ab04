// SPDX-License-Identifier: BSL-1.0
// Which of a verifier's keys are worth tables of their multiples: told as data, made and installed by the caller.
#pragma once

#include <signet/crypto/prepared_key.hpp>

#include <cstdint>

namespace signet { inline namespace SIGNET_ABI { namespace jwt {

/// The number of verifications after which a table has saved several times its cost. A table costs about as much as two
/// verifications; for an ML-DSA key it costs less than one.
inline constexpr std::uint64_t worth_preparing = 32;

/// How many keys of a verifier get tables, and of which shape.
///
/// Example: `access.prepare({.max_bytes = 1u << 20, .at_least = jwt::worth_preparing});`
struct preparation {
    crypto::table_shape shape = crypto::default_table;
    std::size_t max_bytes = 4u << 20; ///< octets of all tables together: 30 to 200 keys of the default shape
    std::uint64_t at_least = 0;       ///< only keys that verified this many tokens; 0: any key, as at start
};

/// A key of a verifier without a table, and the number of valid signatures that it has verified. Forged tokens do not
/// count.
struct wanted_key {
    public_key key;
    alg algorithm; ///< ES256, Ed25519 or one of ML-DSA
    std::uint64_t verified;
};

}}} // namespace signet::jwt

// SPDX-License-Identifier: BSL-1.0
// EXPECT: deleted
// The same of a MAC key's octets.
#include <signet/crypto/signing_key.hpp>

using namespace signet;

std::size_t size_of_secret(local_key<hs256> const& key) {
#ifdef CONTROL
    auto const shown = key.verifier_key().key();
    auto const octets = shown.reveal();
#else
    auto const octets = key.verifier_key().key().reveal();
#endif
    return octets.size();
}

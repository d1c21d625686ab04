// SPDX-License-Identifier: BSL-1.0
// EXPECT: deleted
// A key's numbers are views. verifier_key() makes a key, which is gone at the end of the line.
#include <signet/crypto/signing_key.hpp>

using namespace signet;

std::size_t size_of_modulus(local_key<rs256> const& key) {
#ifdef CONTROL
    auto const& shown = key.verifier_key().key(); // the key itself is by value
    auto const n = shown.n();
#else
    auto const n = key.verifier_key().key().n();
#endif
    return n.size();
}

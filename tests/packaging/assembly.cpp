// Every function with instructions in it, for check_dialects.py.
#include <signet/crypto/impl/arith/x86_64.hpp>

using namespace signet::crypto::arith::x86_64;

#if defined(__x86_64__) && !defined(__ILP32__)
std::uint64_t sum(words4& r, words4 const& a, words4 const& b) { return add(r, a, b); }
std::uint64_t difference(words4& r, words4 const& a, words4 const& b) { return subtract(r, a, b); }
void product(words8& r, words4 const& a, words4 const& b) { multiply(r, a, b); }
void squared(words8& r, words4 const& a) { square(r, a); }
void sum_mod_25519(words4& r, words4 const& a, words4 const& b) { add_mod_25519(r, a, b); }
void difference_mod_25519(words4& r, words4 const& a, words4 const& b) { subtract_mod_25519(r, a, b); }
void reduced_mod_25519(words4& r, words8 const& t) { reduce_mod_25519(r, t); }
void sum_mod_p256(words4& r, words4 const& a, words4 const& b) { add_mod_p256(r, a, b); }
void difference_mod_p256(words4& r, words4 const& a, words4 const& b) { subtract_mod_p256(r, a, b); }
void reduced_mod_p256(words4& r, words8 const& t) { reduce_mod_p256(r, t); }
#endif

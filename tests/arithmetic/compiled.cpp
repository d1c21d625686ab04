// What is disassembled: the functions of x86_64.hpp, and the field's operations that are made of them, as a compiler
// places them behind plain functions.
#include <signet/crypto/impl/arith/ed25519_field.hpp>
#include <signet/crypto/impl/arith/p256_field.hpp>

using word = std::uint64_t;
namespace arith = signet::crypto::arith;
namespace x86_64 = arith::x86_64;
using words4 = x86_64::words4;
using words8 = x86_64::words8;
using ed25519 = arith::edwards25519::field_element<word>;
using p256 = arith::p256::field_element<word>;

extern "C" {
word asm_add(words4& r, words4 const& a, words4 const& b) { return x86_64::add(r, a, b); }
word asm_subtract(words4& r, words4 const& a, words4 const& b) { return x86_64::subtract(r, a, b); }
void asm_multiply(words8& t, words4 const& a, words4 const& b) { x86_64::multiply(t, a, b); }
void asm_square(words8& t, words4 const& a) { x86_64::square(t, a); }
void asm_add_mod_25519(words4& r, words4 const& a, words4 const& b) { x86_64::add_mod_25519(r, a, b); }
void asm_subtract_mod_25519(words4& r, words4 const& a, words4 const& b) { x86_64::subtract_mod_25519(r, a, b); }
void asm_reduce_mod_25519(words4& r, words8 const& t) { x86_64::reduce_mod_25519(r, t); }
void asm_add_mod_p256(words4& r, words4 const& a, words4 const& b) { x86_64::add_mod_p256(r, a, b); }
void asm_subtract_mod_p256(words4& r, words4 const& a, words4 const& b) { x86_64::subtract_mod_p256(r, a, b); }
void asm_reduce_mod_p256(words4& r, words8 const& t) { x86_64::reduce_mod_p256(r, t); }

void ed25519_add(ed25519& r, ed25519 const& a, ed25519 const& b) { r = a + b; }
void ed25519_subtract(ed25519& r, ed25519 const& a, ed25519 const& b) { r = a - b; }
void ed25519_multiply(ed25519& r, ed25519 const& a, ed25519 const& b) { r = a * b; }
void ed25519_square(ed25519& r, ed25519 const& a) { r = a.squared(); }

void p256_add(p256& r, p256 const& a, p256 const& b) { r = a + b; }
void p256_subtract(p256& r, p256 const& a, p256 const& b) { r = a - b; }
void p256_multiply(p256& r, p256 const& a, p256 const& b) { r = a * b; }
void p256_square(p256& r, p256 const& a) { r = a.squared(); }
}

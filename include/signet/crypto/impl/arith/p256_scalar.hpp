// SPDX-License-Identifier: BSL-1.0
// Integers modulo n, the order of P-256's base point (SP 800-186 3.2.1.3).
#pragma once

#include <signet/crypto/impl/arith/montgomery.hpp>

namespace signet { inline namespace SIGNET_ABI { namespace crypto { namespace arith { namespace p256 {

struct n {
    template <class Word> static constexpr u256<Word> value() noexcept {
        return number<Word>(0xffffffff00000000, 0xffffffffffffffff, 0xbce6faada7179e84, 0xf3b9cac2fc632551);
    }
    template <class Word> static constexpr u256<Word> r1() noexcept {
        return number<Word>(0x00000000ffffffff, 0x0000000000000000, 0x4319055258e8617b, 0x0c46353d039cdaaf);
    }
    template <class Word> static constexpr u256<Word> r2() noexcept {
        return number<Word>(0x66e12d94f3d95620, 0x2845b2392b6bec59, 0x4699799c49bd6fa6, 0x83244c95be79eea2);
    }
};

/// The two factors of a verification, both below n (FIPS 186-5 6.4.2, steps 3 and 4).
template <class Word> struct factors {
    u256<Word> u1, u2;
};

/// u1 = e / s mod n and u2 = r / s mod n, for any e below 2^256 and 0 < r, s < n.
template <class Word>
constexpr factors<Word> make_factors(u256<Word> const& e, u256<Word> const& r, u256<Word> const& s) noexcept {
    using modular = montgomery<Word, n>;
    auto const w = modular::multiply(modular::inverse(s), modular::r2); // R / s
    return {modular::multiply(e, w), modular::multiply(r, w)};
}

}}}}} // namespace signet::crypto::arith::p256

// SPDX-License-Identifier: BSL-1.0
// Arithmetic modulo an odd number of up to 256 bits: Montgomery's multiplication and Kaliski's inverse.
//
// P. Montgomery, "Modular Multiplication Without Trial Division", 1985.
// B. Kaliski, "The Montgomery Inverse and Its Applications", 1995.
#pragma once

#include <signet/crypto/impl/arith/limbs.hpp>

namespace signet { inline namespace SIGNET_ABI { namespace crypto { namespace arith {

/// Modulo `Modulus::value<Word>()`, odd; `r1` and `r2` of it are wanted where they are used. R is 2^256. All results
/// are below the modulus.
template <class Word, class Modulus> struct montgomery {
    using integer = u256<Word>;
    static constexpr integer modulus = Modulus::template value<Word>();

    /// -modulus^-1 mod 2^word_bits, by Newton's iteration: each round doubles the correct bits.
    static constexpr Word negative_inverse = [] {
        Word x = 1;
        for (int i = 0; i != 6; ++i)
            x = static_cast<Word>(x * static_cast<Word>(Word{2} - static_cast<Word>(modulus.w[0] * x)));
        return static_cast<Word>(Word{0} - x);
    }();

    static constexpr integer add(integer const& a, integer const& b) noexcept {
        integer sum{}, less{};
        Word const carry = arith::add(sum, a, b);
        Word const borrow = subtract(less, sum, modulus);
        return select(static_cast<Word>(carry | (borrow ^ 1u)), less, sum);
    }

    static constexpr integer negate(integer const& a) noexcept {
        if (is_zero(a)) return a;
        integer r{};
        subtract(r, modulus, a);
        return r;
    }

    // Written down with the modulus, as computing them would keep every unit's compiler busy; the tests compute them.
    static constexpr integer r1 = Modulus::template r1<Word>(); ///< R mod modulus: 1 in Montgomery's form
    static constexpr integer r2 = Modulus::template r2<Word>(); ///< R^2 mod modulus

    /// t / R mod modulus, for t < R * modulus.
    static constexpr integer reduce(u512<Word> t) noexcept {
        constexpr std::size_t n = integer::size;
        Word top = 0;
#pragma GCC unroll 8
        for (std::size_t i = 0; i != n; ++i) {
            Word const q = static_cast<Word>(t.w[i] * negative_inverse);
            Word carry = 0;
#pragma GCC unroll 8
            for (std::size_t j = 0; j != n; ++j) t.w[i + j] = multiply_add(q, modulus.w[j], t.w[i + j], carry);
            t.w[i + n] = add_carry(t.w[i + n], carry, top);
        }
        integer high{}, less{};
        for (std::size_t i = 0; i != n; ++i) high.w[i] = t.w[n + i];
        Word const borrow = subtract(less, high, modulus);
        return select(static_cast<Word>(top | (borrow ^ 1u)), less, high);
    }

    /// a * b / R; one of the two may be any number below R, the other is below the modulus.
    /// Not inlined: a verification needs it a few times, and it is long.
    [[gnu::noinline]] static constexpr integer multiply(integer const& a, integer const& b) noexcept {
        return reduce(arith::multiply(a, b));
    }

    /// Any number below R to its residue.
    static constexpr integer residue(integer const& a) noexcept { return multiply(a, r1); }

    /// 1 / a, for 0 < a < modulus, the modulus being a prime of at least 255 bits. Variable time.
    ///
    /// Phase 1 keeps u * s + v * r = modulus with u, v >= 1, so r and s never leave 256 bits; it ends with -2r = 2^k /
    /// a. Phase 2 divides by 2^k, 255 <= k <= 512, with at most two Montgomery multiplications.
    static constexpr integer inverse(integer const& a) noexcept {
        integer u = modulus, v = a, r{}, s = number<Word>(0, 0, 0, 1);
        unsigned k = 0;
        shift(v, r, k);
        while (u != v) {
            if (is_less(v, u)) {
                subtract(u, u, v);
                arith::add(r, r, s);
                shift(u, s, k);
            } else {
                subtract(v, v, u);
                arith::add(s, s, r);
                shift(v, r, k);
            }
        }
        r = negate(add(r, r));
        ++k;
        integer scale{};
        unsigned const exponent = (k <= 256 ? 256 : 512) - k;
        scale.w[exponent / word_bits<Word>] = static_cast<Word>(Word{1} << exponent % word_bits<Word>);
        r = multiply(r, scale);
        return k <= 256 ? r : multiply(r, number<Word>(0, 0, 0, 1));
    }

private:
    // Moves the zeros at the end of `even` to the end of `other`, counting them.
    static constexpr void shift(integer& even, integer& other, unsigned& k) noexcept {
        constexpr std::size_t n = integer::size;
        while (even.w[0] == 0) {
            for (std::size_t i = 0; i + 1 != n; ++i) even.w[i] = even.w[i + 1];
            even.w[n - 1] = 0;
            for (std::size_t i = n - 1; i != 0; --i) other.w[i] = other.w[i - 1];
            other.w[0] = 0;
            k += word_bits<Word>;
        }
        unsigned const z = trailing_zeros(even.w[0]);
        if (z == 0) return;
        unsigned const rest = word_bits<Word> - z;
#pragma GCC unroll 8
        for (std::size_t i = 0; i + 1 != n; ++i) even.w[i] = static_cast<Word>(even.w[i] >> z | even.w[i + 1] << rest);
        even.w[n - 1] = static_cast<Word>(even.w[n - 1] >> z);
#pragma GCC unroll 8
        for (std::size_t i = n - 1; i != 0; --i)
            other.w[i] = static_cast<Word>(other.w[i] << z | other.w[i - 1] >> rest);
        other.w[0] = static_cast<Word>(other.w[0] << z);
        k += z;
    }
};

}}}} // namespace signet::crypto::arith

// SPDX-License-Identifier: BSL-1.0
// The field of P-256 (SP 800-186 3.2.1.3): integers modulo p = 2^256 - 2^224 + 2^192 + 2^96 - 1.
#pragma once

#include <signet/crypto/impl/arith/montgomery.hpp>

namespace signet { inline namespace SIGNET_ABI { namespace crypto { namespace arith { namespace p256 {

struct p {
    template <class Word> static constexpr u256<Word> value() noexcept {
        return number<Word>(0xffffffff00000001, 0x0000000000000000, 0x00000000ffffffff, 0xffffffffffffffff);
    }
    template <class Word> static constexpr u256<Word> r1() noexcept {
        return number<Word>(0x00000000fffffffe, 0xffffffffffffffff, 0xffffffff00000000, 0x0000000000000001);
    }
    template <class Word> static constexpr u256<Word> r2() noexcept {
        return number<Word>(0x00000004fffffffd, 0xfffffffffffffffe, 0xfffffffbffffffff, 0x0000000000000003);
    }
};

/// An element of the field: always below p, in Montgomery's form x * 2^256 mod p. Variable time.
template <class Word> class field_element {
public:
    using integer = u256<Word>;
    using modular = montgomery<Word, p>;
    static constexpr integer const& modulus = modular::modulus;

    constexpr field_element() noexcept = default; // not set
    static constexpr field_element zero() noexcept { return field_element{integer{}}; }
    static constexpr field_element one() noexcept { return field_element{modular::r1}; }
    /// The element of any integer below 2^256.
    static constexpr field_element from(integer const& x) noexcept {
        return field_element{reduce(multiply(x, modular::r2))};
    }

    [[nodiscard]] constexpr integer value() const noexcept {
        u512<Word> t{};
        for (std::size_t i = 0; i != integer::size; ++i) t.w[i] = v_.w[i];
        return reduce(t);
    }
    [[nodiscard]] constexpr bool is_zero() const noexcept { return arith::is_zero(v_); }
    friend constexpr bool operator==(field_element const&, field_element const&) = default;

    friend constexpr field_element operator+(field_element const& a, field_element const& b) noexcept {
        if constexpr (arith::detail::has_assembly<Word>)
            if (!std::is_constant_evaluated()) {
                field_element r;
                x86_64::add_mod_p256(r.v_.w, a.v_.w, b.v_.w);
                return r;
            }
        return field_element{modular::add(a.v_, b.v_)};
    }
    friend constexpr field_element operator-(field_element const& a, field_element const& b) noexcept {
        if constexpr (arith::detail::has_assembly<Word>)
            if (!std::is_constant_evaluated()) {
                field_element r;
                x86_64::subtract_mod_p256(r.v_.w, a.v_.w, b.v_.w);
                return r;
            }
        integer r{}, more{};
        Word const borrow = subtract(r, a.v_, b.v_);
        add(more, r, modulus);
        return field_element{select(borrow, more, r)};
    }
    friend constexpr field_element operator-(field_element const& a) noexcept {
        return field_element{modular::negate(a.v_)};
    }
    friend constexpr field_element operator*(field_element const& a, field_element const& b) noexcept {
        return field_element{reduce(multiply(a.v_, b.v_))};
    }
    [[nodiscard]] constexpr field_element squared() const noexcept { return field_element{reduce(arith::square(v_))}; }

    /// a * b where it is not inlined: for what is done once a key.
    [[gnu::noinline]] friend constexpr field_element product(field_element const& a, field_element const& b) noexcept {
        return a * b;
    }

    /// 1 / x, for x != 0.
    [[nodiscard]] constexpr field_element inverse() const noexcept {
        // (x R)^-1 = x^-1 / R; two multiplications by R^2 / R bring back the form.
        integer const r = modular::inverse(v_);
        field_element const r2{modular::r2};
        return product(product(field_element{r}, r2), r2);
    }

    /// t / 2^256 mod p, for t < 2^256 p. As -1/p mod 2^64 is 1, each round adds t[i] * p, which the form of p makes
    /// cheap.
    static constexpr integer reduce(u512<Word> const& t) noexcept {
        if constexpr (arith::detail::has_assembly<Word>)
            if (!std::is_constant_evaluated()) {
                integer r;
                x86_64::reduce_mod_p256(r.w, t.w);
                return r;
            }
        if constexpr (sizeof(Word) == 8) {
            // The low half alone: low = (low + q * p) / 2^64 stays below 2^256. The high half is added at the end.
            // q * p + q = q * 2^96 + q * (2^64 - 2^32 + 1) * 2^192
            integer low{t.w[0], t.w[1], t.w[2], t.w[3]};
#pragma GCC unroll 4
            for (int i = 0; i != 4; ++i) {
                Word const q = low.w[0];
                Word const left = q << 32, right = q >> 32;
                integer const shifted{low.w[1], low.w[2], low.w[3], 0};
                integer const more{left, right, q - left, q - right - (q < left)};
                add(low, shifted, more);
            }
            integer r{}, less{};
            Word const carry = add(r, low, integer{t.w[4], t.w[5], t.w[6], t.w[7]});
            Word const borrow = subtract(less, r, modulus);
            return select(static_cast<Word>(carry | (borrow ^ 1u)), less, r);
        } else {
            return modular::reduce(t);
        }
    }

private:
    constexpr explicit field_element(integer const& v) noexcept : v_{v} {}

    integer v_;
};

}}}}} // namespace signet::crypto::arith::p256

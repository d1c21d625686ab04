// SPDX-License-Identifier: BSL-1.0
// The field of edwards25519 (RFC 8032 5.1, RFC 7748 4.1): integers modulo p = 2^255 - 19.
#pragma once

#include <signet/crypto/impl/arith/montgomery.hpp>

namespace signet { inline namespace SIGNET_ABI { namespace crypto { namespace arith { namespace edwards25519 {

struct p {
    template <class Word> static constexpr u256<Word> value() noexcept {
        return number<Word>(0x7fffffffffffffff, 0xffffffffffffffff, 0xffffffffffffffff, 0xffffffffffffffed);
    }
};

/// An element of the field: any number below 2^256 that is congruent to it, since 2^256 = 38 mod p. Variable time.
template <class Word> class field_element {
public:
    using integer = u256<Word>;
    static constexpr integer modulus = p::value<Word>();

    constexpr field_element() noexcept = default; // not set
    static constexpr field_element from(integer const& x) noexcept { return field_element{x}; }
    static constexpr field_element zero() noexcept { return field_element{integer{}}; }
    static constexpr field_element one() noexcept { return field_element{number<Word>(0, 0, 0, 1)}; }

    /// The one number below p.
    [[nodiscard]] constexpr integer value() const noexcept {
        integer r = v_;
        for (int i = 0; i != 2; ++i) { // 2^256 - 1 = 2p + 37
            integer less{};
            Word const borrow = subtract(less, r, modulus);
            r = select(borrow, r, less);
        }
        return r;
    }
    [[nodiscard]] constexpr bool is_zero() const noexcept { return arith::is_zero(value()); }
    friend constexpr bool operator==(field_element const& a, field_element const& b) noexcept {
        return a.value() == b.value();
    }

    [[gnu::always_inline]] friend constexpr field_element operator+(field_element const& a,
                                                                    field_element const& b) noexcept {
        if constexpr (arith::detail::has_assembly<Word>)
            if (!std::is_constant_evaluated()) {
                field_element r;
                x86_64::add_mod_25519(r.v_.w, a.v_.w, b.v_.w);
                return r;
            }
        integer r{};
        Word const carry = add(r, a.v_, b.v_);
        return field_element{add_small(r, static_cast<Word>(38 * carry))};
    }
    [[gnu::always_inline]] friend constexpr field_element operator-(field_element const& a,
                                                                    field_element const& b) noexcept {
        if constexpr (arith::detail::has_assembly<Word>)
            if (!std::is_constant_evaluated()) {
                field_element r;
                x86_64::subtract_mod_25519(r.v_.w, a.v_.w, b.v_.w);
                return r;
            }
        integer r{};
        Word const borrow = subtract(r, a.v_, b.v_);
        return field_element{subtract_small(r, static_cast<Word>(38 * borrow))};
    }
    friend constexpr field_element operator-(field_element const& a) noexcept { return zero() - a; }
    [[gnu::always_inline]] friend constexpr field_element operator*(field_element const& a,
                                                                    field_element const& b) noexcept {
        if constexpr (arith::detail::has_assembly<Word>)
            if (!std::is_constant_evaluated()) {
                field_element r;
                std::uint64_t t[8];
                x86_64::multiply(t, a.v_.w, b.v_.w);
                x86_64::reduce_mod_25519(r.v_.w, t);
                return r;
            }
        return field_element{fold(multiply(a.v_, b.v_))};
    }
    [[nodiscard, gnu::always_inline]] constexpr field_element squared() const noexcept {
        if constexpr (arith::detail::has_assembly<Word>)
            if (!std::is_constant_evaluated()) {
                field_element r;
                std::uint64_t t[8];
                x86_64::square(t, v_.w);
                x86_64::reduce_mod_25519(r.v_.w, t);
                return r;
            }
        return field_element{fold(arith::square(v_))};
    }
    [[nodiscard, gnu::noinline]] constexpr field_element squared(unsigned times) const noexcept {
        field_element r = *this;
        while (times-- != 0) r = r.squared();
        return r;
    }

    /// a * b where it is not inlined: for what is done once a key.
    [[gnu::noinline]] friend constexpr field_element product(field_element const& a, field_element const& b) noexcept {
        return a * b;
    }

    /// 1 / x, for x != 0.
    [[nodiscard]] constexpr field_element inverse() const noexcept {
        return field_element{montgomery<Word, p>::inverse(value())};
    }

    /// x^((p - 5) / 8) = x^(2^252 - 3), for the square root of RFC 8032 5.1.3.
    [[nodiscard]] constexpr field_element power_for_root() const noexcept {
        field_element const& x = *this;
        auto const x2 = product(x.squared(1), x); // x2n is x^(2^2n - 1)
        auto const x4 = product(x2.squared(2), x2);
        auto const x5 = product(x4.squared(1), x);
        auto const x10 = product(x5.squared(5), x5);
        auto const x20 = product(x10.squared(10), x10);
        auto const x40 = product(x20.squared(20), x20);
        auto const x50 = product(x40.squared(10), x10);
        auto const x100 = product(x50.squared(50), x50);
        auto const x200 = product(x100.squared(100), x100);
        auto const x250 = product(x200.squared(50), x50);
        return product(x250.squared(2), x);
    }

    /// high * 2^256 + low = 38 * high + low.
    static constexpr integer fold(u512<Word> const& t) noexcept {
        constexpr std::size_t size = integer::size;
        integer r{}, low{}, high{}; // 38 * high, its words in two numbers
        Word top = 0;
#pragma GCC unroll 8
        for (std::size_t i = 0; i != size; ++i) {
            auto const product = static_cast<double_word<Word>>(static_cast<double_word<Word>>(t.w[size + i]) * 38u);
            r.w[i] = t.w[i];
            low.w[i] = static_cast<Word>(product);
            high.w[i] = top;
            top = static_cast<Word>(product >> word_bits<Word>);
        }
        top = static_cast<Word>(top + add(r, r, low));
        top = static_cast<Word>(top + add(r, r, high));
        return add_small(r, static_cast<Word>(38 * top));
    }

private:
    constexpr explicit field_element(integer const& v) noexcept : v_{v} {}

    // r + c mod p, with c <= 38 * 38: after a carry out r is small, so the second round carries nothing.
    static constexpr integer add_small(integer r, Word c) noexcept {
        Word const carry = add(r, r, integer{c});
        r.w[0] = static_cast<Word>(r.w[0] + 38 * carry);
        return r;
    }
    // r - c mod p, with c <= 38; after a borrow out r is near 2^256.
    static constexpr integer subtract_small(integer r, Word c) noexcept {
        Word const borrow = subtract(r, r, integer{c});
        r.w[0] = static_cast<Word>(r.w[0] - 38 * borrow);
        return r;
    }

    integer v_;
};

}}}}} // namespace signet::crypto::arith::edwards25519

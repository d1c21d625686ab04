// SPDX-License-Identifier: BSL-1.0
// Points of edwards25519, -x^2 + y^2 = 1 + d x^2 y^2, and their group law (RFC 8032 5.1). Variable time.
//
// Extended coordinates of Hisil, Wong, Carter and Dawson, "Twisted Edwards Curves Revisited", 2008: x = X / Z, y = Y /
// Z, x y = T / Z. As -1 is a square mod p and d is not, the addition is complete: right for all pairs, small order
// included.
#pragma once

#include <signet/crypto/impl/arith/ed25519_field.hpp>

namespace signet { inline namespace SIGNET_ABI { namespace crypto { namespace arith { namespace edwards25519 {

template <class Word> constexpr field_element<Word> curve_d() noexcept {
    return field_element<Word>::from(
        number<Word>(0x52036cee2b6ffe73, 0x8cc740797779e898, 0x00700a4d4141d8ab, 0x75eb4dca135978a3));
}

/// sqrt(-1) = 2^((p - 1) / 4).
template <class Word> constexpr field_element<Word> root_of_minus_one() noexcept {
    return field_element<Word>::from(
        number<Word>(0x2b8324804fc1df0b, 0x2b4d00993dfbd7a7, 0x2f431806ad2fe478, 0xc4ee1b274a0ea0b0));
}

template <class Word> struct extended_point {
    using fe = field_element<Word>;
    fe x, y, z, t;

    static constexpr extended_point identity() noexcept { return {fe::zero(), fe::one(), fe::one(), fe::zero()}; }
    static constexpr extended_point from(fe const& x, fe const& y) noexcept { return {x, y, fe::one(), x * y}; }
    [[nodiscard]] constexpr bool is_identity() const noexcept { return x.is_zero() && y == z; }
};

/// -P
template <class Word> constexpr extended_point<Word> operator-(extended_point<Word> const& a) noexcept {
    return {-a.x, a.y, a.z, -a.t};
}

/// An affine point as the additions want it: y + x, y - x, 2 d x y.
template <class Word> struct affine_summand {
    field_element<Word> y_plus_x, y_minus_x, xy2d;
};

/// The same with a Z: Y + X, Y - X, 2 d T, 2 Z.
template <class Word> struct summand {
    field_element<Word> y_plus_x, y_minus_x, t2d, z2;
};

template <class Word> constexpr affine_summand<Word> operator-(affine_summand<Word> const& a) noexcept {
    return {a.y_minus_x, a.y_plus_x, -a.xy2d};
}
template <class Word> constexpr summand<Word> operator-(summand<Word> const& a) noexcept {
    return {a.y_minus_x, a.y_plus_x, -a.t2d, a.z2};
}

template <class Word>
constexpr affine_summand<Word> to_affine_summand(field_element<Word> const& x, field_element<Word> const& y) noexcept {
    auto const t = product(product(x, y), curve_d<Word>());
    return {y + x, y - x, t + t};
}

template <class Word> constexpr summand<Word> to_summand(extended_point<Word> const& a) noexcept {
    auto const t = a.t * curve_d<Word>();
    return {a.y + a.x, a.y - a.x, t + t, a.z + a.z};
}

namespace detail {
// p += sign * q by add-2008-hwcd-3 (a = -1), given C = 2 d T1 T2 and D = 2 Z1 Z2. For -q, Y + X and Y - X change
// places, and so do F and G: chosen by address, as signs are nothing that a processor can predict.
template <class Word> constexpr void finish_addition(extended_point<Word>& p, field_element<Word> const& y_plus_x,
                                                     field_element<Word> const& y_minus_x, field_element<Word> const& c,
                                                     field_element<Word> const& d, int sign, bool with_t) noexcept {
    bool const minus = sign < 0;
    auto const a = (p.y - p.x) * *(minus ? &y_plus_x : &y_minus_x);
    auto const b = (p.y + p.x) * *(minus ? &y_minus_x : &y_plus_x);
    auto const e = b - a;
    auto const h = b + a;
    auto const less = d - c;
    auto const more = d + c;
    auto const& f = *(minus ? &more : &less);
    auto const& g = *(minus ? &less : &more);
    p.x = e * f;
    p.y = g * h;
    p.z = f * g;
    if (with_t) p.t = e * h;
}
} // namespace detail

// Sums are made in place: a copy of what was just written would have to wait for it. T is only wanted before an
// addition.

/// p += sign * q, sign being 1 or -1 or any number with that sign.
template <class Word>
constexpr void add(extended_point<Word>& p, affine_summand<Word> const& q, int sign, bool with_t = true) noexcept {
    detail::finish_addition(p, q.y_plus_x, q.y_minus_x, p.t * q.xy2d, p.z + p.z, sign, with_t);
}

template <class Word>
constexpr void add(extended_point<Word>& p, summand<Word> const& q, int sign, bool with_t = true) noexcept {
    detail::finish_addition(p, q.y_plus_x, q.y_minus_x, p.t * q.t2d, p.z * q.z2, sign, with_t);
}

template <class Word, class Summand>
constexpr extended_point<Word> operator+(extended_point<Word> p, Summand const& q) noexcept {
    add(p, q, 1);
    return p;
}

/// p = 2p: dbl-2008-hwcd with a = -1 and E, F, G, H all negated, which leaves their products. Without T it is 3M + 4S.
template <class Word> constexpr void double_in_place(extended_point<Word>& p, bool with_t = true) noexcept {
    auto const a = p.x.squared();
    auto const b = p.y.squared();
    auto const zz = p.z.squared();
    auto const h = a + b;
    auto const e = h - (p.x + p.y).squared();
    auto const g = a - b;
    auto const f = g + (zz + zz);
    p.x = e * f;
    p.y = g * h;
    p.z = f * g;
    if (with_t) p.t = e * h;
}

template <class Word> constexpr extended_point<Word> doubled(extended_point<Word> p) noexcept {
    double_in_place(p);
    return p;
}

/// RFC 8032 5.1.3. False for y >= p, for y of no point, and for x = 0 with the sign bit set.
template <class Word> constexpr bool decode(extended_point<Word>& out, std::uint8_t const* octets) noexcept {
    using fe = field_element<Word>;
    auto number = from_little_endian<Word>(octets);
    Word const sign = static_cast<Word>(number.w[number.size - 1] >> (word_bits<Word> - 1));
    number.w[number.size - 1] &= static_cast<Word>(~Word{0} >> 1);
    if (!is_less(number, fe::modulus)) return false;

    // x^2 = u / v; the candidate is u v^3 (u v^7)^((p - 5) / 8), right up to a factor sqrt(-1).
    fe const y = fe::from(number);
    fe const y2 = y.squared(1);
    fe const u = y2 - fe::one();
    fe const v = product(curve_d<Word>(), y2) + fe::one();
    fe const v3 = product(v.squared(1), v);
    fe const u_v7 = product(product(u, v3.squared(1)), v);
    fe x = product(product(u, v3), u_v7.power_for_root());
    fe const check = product(v, x.squared(1));
    if (check == -u) x = product(x, root_of_minus_one<Word>());
    else if (!(check == u)) return false;
    if (x.is_zero() && sign != 0) return false;
    if ((x.value().w[0] & 1u) != sign) x = -x;
    out = extended_point<Word>::from(x, y);
    return true;
}

/// RFC 8032 5.1.2: 32 octets.
template <class Word> constexpr void encode(extended_point<Word> const& p, std::uint8_t* octets) noexcept {
    auto const inverse = p.z.inverse();
    auto const x = (p.x * inverse).value();
    to_little_endian((p.y * inverse).value(), octets);
    octets[31] = static_cast<std::uint8_t>(octets[31] | (x.w[0] & 1u) << 7);
}

/// Whether 8P is the identity: such a key would accept signatures that nobody made.
template <class Word> constexpr bool has_small_order(extended_point<Word> const& p) noexcept {
    return doubled(doubled(doubled(p))).is_identity();
}

/// y = 4 / 5, x even.
template <class Word> constexpr extended_point<Word> base_point() noexcept {
    using fe = field_element<Word>;
    return extended_point<Word>::from(
        fe::from(number<Word>(0x216936d3cd6e53fe, 0xc0a4e231fdd6dc5c, 0x692cc7609525a7b2, 0xc9562d608f25d51a)),
        fe::from(number<Word>(0x6666666666666666, 0x6666666666666666, 0x6666666666666666, 0x6666666666666658)));
}

}}}}} // namespace signet::crypto::arith::edwards25519

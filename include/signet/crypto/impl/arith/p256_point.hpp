// SPDX-License-Identifier: BSL-1.0
// Points of P-256, y^2 = x^3 - 3x + b, and their group law. Variable time.
//
// Sums are kept in XYZZ coordinates: x = X / ZZ, y = Y / ZZZ, ZZ^3 = ZZZ^2, infinity has ZZ = 0 (Explicit-Formulas
// Database, g1p/auto-shortw-xyzz). A mixed addition costs 8M + 2S there, one squaring less than in Jacobian ones.
// Where sums are mostly doubled they are kept in Jacobian coordinates, x = X / Z^2, y = Y / Z^3 (g1p/auto-shortw-
// jacobian-3): a doubling costs 3M + 5S there instead of 7M + 2S.
// The formulas fail for P + P and P - P: both show as U2 - U1 = 0 and are taken care of at that place.
#pragma once

#include <signet/crypto/impl/arith/p256_field.hpp>

namespace signet { inline namespace SIGNET_ABI { namespace crypto { namespace arith { namespace p256 {

/// A point other than infinity.
template <class Word> struct affine_point {
    field_element<Word> x, y;
};

template <class Word> constexpr affine_point<Word> operator-(affine_point<Word> const& a) noexcept {
    return {a.x, -a.y};
}

template <class Word> constexpr field_element<Word> curve_b() noexcept {
    return field_element<Word>::from(
        number<Word>(0x5ac635d8aa3a93e7, 0xb3ebbd55769886bc, 0x651d06b0cc53b0f6, 0x3bce3c3e27d2604b));
}

template <class Word> constexpr affine_point<Word> base_point() noexcept {
    using fe = field_element<Word>;
    return {fe::from(number<Word>(0x6b17d1f2e12c4247, 0xf8bce6e563a440f2, 0x77037d812deb33a0, 0xf4a13945d898c296)),
            fe::from(number<Word>(0x4fe342e2fe1a7f9b, 0x8ee7eb4a7c0f9e16, 0x2bce33576b315ece, 0xcbb6406837bf51f5))};
}

template <class Word> constexpr bool is_on_curve(affine_point<Word> const& a) noexcept {
    auto const x3 = product(product(a.x, a.x), a.x);
    return product(a.y, a.y) == x3 - (a.x + a.x + a.x) + curve_b<Word>();
}

/// The point of two big-endian coordinates of 32 octets (SEC 1 2.3.4); false for coordinates from p up and off the
/// curve. The curve's order is prime, so every such point has order n: there is no subgroup to check.
template <class Word>
constexpr bool decode(affine_point<Word>& out, std::uint8_t const* x, std::uint8_t const* y) noexcept {
    using fe = field_element<Word>;
    auto const px = from_big_endian<Word>(x);
    auto const py = from_big_endian<Word>(y);
    if (!is_less(px, fe::modulus) || !is_less(py, fe::modulus)) return false;
    out = {fe::from(px), fe::from(py)};
    return is_on_curve(out);
}

template <class Word> struct xyzz_point {
    using fe = field_element<Word>;
    fe x, y, zz, zzz;

    static constexpr xyzz_point infinity() noexcept { return {fe::one(), fe::one(), fe::zero(), fe::zero()}; }
    static constexpr xyzz_point from(affine_point<Word> const& a) noexcept { return {a.x, a.y, fe::one(), fe::one()}; }
    [[nodiscard]] constexpr bool is_infinity() const noexcept { return zz.is_zero(); }
};

/// 2P: dbl-2008-s-1, with 3 X^2 - 3 ZZ^2 = 3 (X - ZZ)(X + ZZ). Right for infinity; Y = 0 does not occur, as n is odd.
template <class Word> constexpr xyzz_point<Word> doubled(xyzz_point<Word> const& a) noexcept {
    auto const u = a.y + a.y;
    auto const v = u.squared();
    auto const w = u * v;
    auto const s = a.x * v;
    auto const t = (a.x - a.zz) * (a.x + a.zz);
    auto const m = t + t + t;
    auto const x3 = m.squared() - (s + s);
    return {x3, m * (s - x3) - w * a.y, v * a.zz, w * a.zzz};
}

namespace detail {
template <class Word> struct addition {
    field_element<Word> x3, y3, pp, ppp;
};
// What all additions have in common, from U1, S1, P = U2 - U1 and R = S2 - S1 on; P is not 0.
template <class Word> constexpr addition<Word> add(field_element<Word> const& u1, field_element<Word> const& s1,
                                                   field_element<Word> const& p,
                                                   field_element<Word> const& r) noexcept {
    auto const pp = p.squared();
    auto const ppp = p * pp;
    auto const q = u1 * pp;
    auto const x3 = r.squared() - ppp - (q + q);
    return {x3, r * (q - x3) - s1 * ppp, pp, ppp};
}
} // namespace detail

/// P + Q with Q affine: madd-2008-s, for any P.
template <class Word>
constexpr xyzz_point<Word> operator+(xyzz_point<Word> const& a, affine_point<Word> const& b) noexcept {
    if (a.is_infinity()) return xyzz_point<Word>::from(b);
    auto const p = b.x * a.zz - a.x;
    auto const r = b.y * a.zzz - a.y;
    if (p.is_zero()) return r.is_zero() ? doubled(a) : xyzz_point<Word>::infinity();
    auto const sum = detail::add<Word>(a.x, a.y, p, r);
    return {sum.x3, sum.y3, a.zz * sum.pp, a.zzz * sum.ppp};
}

/// Infinity is any X and Y with Z = 0.
template <class Word> struct jacobian_point {
    using fe = field_element<Word>;
    fe x, y, z;

    static constexpr jacobian_point infinity() noexcept { return {fe::one(), fe::one(), fe::zero()}; }
    static constexpr jacobian_point from(affine_point<Word> const& a) noexcept { return {a.x, a.y, fe::one()}; }
    [[nodiscard]] constexpr bool is_infinity() const noexcept { return z.is_zero(); }
    [[nodiscard]] constexpr xyzz_point<Word> to_xyzz() const noexcept {
        auto const zz = z.squared();
        return {x, y, zz, zz * z};
    }
};

/// A point that is added often: with the powers of its Z.
template <class Word> struct jacobian_summand {
    jacobian_point<Word> point;
    field_element<Word> zz, zzz;

    static constexpr jacobian_summand from(jacobian_point<Word> const& a) noexcept {
        auto const powers = a.to_xyzz();
        return {a, powers.zz, powers.zzz};
    }
    constexpr jacobian_summand operator-() const noexcept { return {{point.x, -point.y, point.z}, zz, zzz}; }
};

/// 2P: dbl-2001-b. Right for infinity; Y = 0 does not occur, as n is odd.
template <class Word> constexpr jacobian_point<Word> doubled(jacobian_point<Word> const& a) noexcept {
    auto const delta = a.z.squared();
    auto const gamma = a.y.squared();
    auto const beta = a.x * gamma;
    auto const t = (a.x - delta) * (a.x + delta);
    auto const alpha = t + t + t;
    auto const two_beta = beta + beta;
    auto const four_beta = two_beta + two_beta;
    auto const two_gamma = gamma + gamma;
    auto const four_gamma_gamma = two_gamma.squared();
    auto const x3 = alpha.squared() - (four_beta + four_beta);
    auto const z3 = (a.y + a.z).squared() - gamma - delta;
    return {x3, alpha * (four_beta - x3) - (four_gamma_gamma + four_gamma_gamma), z3};
}

/// P + Q for any P and Q.
template <class Word>
constexpr jacobian_point<Word> operator+(jacobian_point<Word> const& a, jacobian_summand<Word> const& b) noexcept {
    if (a.is_infinity()) return b.point;
    if (b.point.is_infinity()) return a;
    auto const zz = a.z.squared();
    auto const u1 = a.x * b.zz;
    auto const s1 = a.y * b.zzz;
    auto const h = b.point.x * zz - u1;
    auto const r = b.point.y * (zz * a.z) - s1;
    if (h.is_zero()) return r.is_zero() ? doubled(a) : jacobian_point<Word>::infinity();
    auto const sum = detail::add<Word>(u1, s1, h, r);
    return {sum.x3, sum.y3, a.z * b.point.z * h};
}

/// P + Q with Q affine, for any P.
template <class Word>
constexpr jacobian_point<Word> operator+(jacobian_point<Word> const& a, affine_point<Word> const& b) noexcept {
    if (a.is_infinity()) return jacobian_point<Word>::from(b);
    auto const zz = a.z.squared();
    auto const h = b.x * zz - a.x;
    auto const r = b.y * (zz * a.z) - a.y;
    if (h.is_zero()) return r.is_zero() ? doubled(a) : jacobian_point<Word>::infinity();
    auto const sum = detail::add<Word>(a.x, a.y, h, r);
    return {sum.x3, sum.y3, a.z * h};
}

}}}}} // namespace signet::crypto::arith::p256

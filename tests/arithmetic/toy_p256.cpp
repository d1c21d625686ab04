// P-256's code on curves y^2 = x^3 - 3x + b of prime order n over a small p: all points, in all their representations.
#include "toy.hpp"

#include <array>
#include <string>

namespace {
// Orders below p, as P-256's is, so that some x are r and some r + n; and one above it, for the group law.
struct order_7 {
    static constexpr unsigned p = 11, b = 10, n = 7, gx = 2, gy = 1;
    static constexpr bool by_remainder = true;
};
struct order_17 {
    static constexpr unsigned p = 23, b = 15, n = 17, gx = 1, gy = 6;
    static constexpr bool by_remainder = true;
};
struct order_29 {
    static constexpr unsigned p = 37, b = 16, n = 29, gx = 0, gy = 4;
    static constexpr bool by_remainder = true;
};
struct order_31 {
    static constexpr unsigned p = 29, b = 4, n = 31, gx = 0, gy = 2;
    static constexpr bool by_remainder = true;
};
struct order_199 {
    static constexpr unsigned p = 211, b = 103, n = 199, gx = 0, gy = 37;
    static constexpr bool by_remainder = true;
};
// The library's own field in Montgomery's form, modulo 23.
struct own_field {
    static constexpr unsigned p = 23, b = 15, n = 17, gx = 1, gy = 6;
    static constexpr bool by_remainder = false;
};
} // namespace

namespace signet { inline namespace SIGNET_ABI { namespace crypto { namespace arith { namespace p256 {
SIGNET_TOY_MODULUS(p, own_field, own_field::p)
#define SIGNET_TOY_P256(CURVE)                                                                                         \
    SIGNET_TOY_MODULUS(n, CURVE, CURVE::n)                                                                             \
    template <> constexpr field_element<toy::word<CURVE>> curve_b<toy::word<CURVE>>() noexcept {                       \
        return field_element<toy::word<CURVE>>::from(toy::integer<toy::word<CURVE>>(CURVE::b));                        \
    }
SIGNET_TOY_P256(order_7)
SIGNET_TOY_P256(order_17)
SIGNET_TOY_P256(order_29)
SIGNET_TOY_P256(order_31)
SIGNET_TOY_P256(order_199)
SIGNET_TOY_P256(own_field)
}}}}} // namespace signet::crypto::arith::p256

namespace {

using toy::arith::table_shape;
namespace p256 = toy::arith::p256;

/// The model: chord and tangent in integers. Point number k is k G; number 0 is infinity.
template <class Curve> struct group {
    using word = toy::word<Curve>;
    using fe = p256::field_element<word>;
    using xyzz = p256::xyzz_point<word>;
    using affine = p256::affine_point<word>;
    static constexpr unsigned p = Curve::p, n = Curve::n;

    struct point {
        unsigned x = 0, y = 0;
        bool infinity = true;
    };

    static point sum(point a, point b) {
        if (a.infinity) return b;
        if (b.infinity) return a;
        unsigned slope = 0;
        if (a.x == b.x) {
            if ((a.y + b.y) % p == 0) return {};
            slope = (3 * a.x * a.x + p - 3) % p * toy::inverse(2 * a.y, p) % p;
        } else {
            slope = (b.y + p - a.y) * toy::inverse(b.x + p - a.x, p) % p;
        }
        unsigned const x = (slope * slope + 2 * p - a.x - b.x) % p;
        return {x, (slope * (a.x + p - x) + p - a.y) % p, false};
    }

    static std::array<point, n> const& points() {
        static auto const all = [] {
            std::array<point, n> r{};
            for (unsigned k = 1; k != n; ++k) r[k] = sum(r[k - 1], {Curve::gx, Curve::gy, false});
            return r;
        }();
        return all;
    }

    static fe element(unsigned x) { return fe::from(toy::integer<word>(x)); }
    static affine as_affine(unsigned k) { return {element(points()[k].x), element(points()[k].y)}; }
    static xyzz infinity_with(unsigned x, unsigned y) { return {element(x), element(y), fe::zero(), fe::zero()}; }
    /// The same point in one of its p - 1 representations; infinity with anything for X and Y.
    static xyzz as_xyzz(unsigned k, unsigned z) {
        if (points()[k].infinity) return infinity_with(z, 3 * z);
        fe const zz = element(z * z), zzz = zz * element(z);
        return {element(points()[k].x) * zz, element(points()[k].y) * zzz, zz, zzz};
    }
    static p256::jacobian_point<word> as_jacobian(unsigned k, unsigned z) {
        if (points()[k].infinity) return {element(z), element(3 * z), fe::zero()};
        auto const a = as_xyzz(k, z);
        return {a.x, a.y, element(z)};
    }
    static bool is(xyzz const& a, unsigned k) {
        if (points()[k].infinity) return a.is_infinity() && a.zz.is_zero() && a.zzz.is_zero();
        return !a.is_infinity() && a.zz * a.zz * a.zz == a.zzz * a.zzz && a.x == element(points()[k].x) * a.zz &&
               a.y == element(points()[k].y) * a.zzz;
    }
    static bool is(affine const& a, unsigned k) {
        return !points()[k].infinity && a.x == element(points()[k].x) && a.y == element(points()[k].y);
    }
    static std::vector<affine> table(table_shape shape, unsigned k) {
        std::vector<affine> r(toy::arith::entry_count(shape, 256));
        p256::build_table(r.data(), shape, as_affine(k));
        return r;
    }
};

/// All representations where they are few, else some.
template <class Curve> constexpr unsigned representations = Curve::p < 64 ? Curve::p - 1 : 3;

} // namespace

TEST_CASE_TEMPLATE("toy P-256: P + Q, P - Q, 2P, -P for all pairs of points in all representations", Curve, order_7,
                   order_17, order_29, order_31, order_199, own_field) {
    using g = group<Curve>;
    toy::tally check;
    check(g::sum(g::points()[g::n - 1], g::points()[1]).infinity);
    for (unsigned i = 0; i != g::n; ++i)
        for (unsigned zi = 1; zi <= representations<Curve>; ++zi) {
            auto const a = g::as_xyzz(i, zi);
            auto const sum = g::as_jacobian(i, zi);
            check(g::is(sum.to_xyzz(), i));
            check(g::is(doubled(a), 2 * i % g::n));
            check(g::is(doubled(sum).to_xyzz(), 2 * i % g::n));
            check(a.is_infinity() == (i == 0));
            check(sum.is_infinity() == (i == 0));
            if (i != 0) check(g::is(-g::as_affine(i), g::n - i));
            for (unsigned j = 0; j != g::n; ++j) {
                for (unsigned zj = 1; zj <= representations<Curve>; ++zj) {
                    auto const b = p256::jacobian_summand<typename g::word>::from(g::as_jacobian(j, zj));
                    check(g::is((sum + b).to_xyzz(), (i + j) % g::n));
                    check(g::is((sum + -b).to_xyzz(), (i + g::n - j) % g::n));
                }
                if (j == 0) continue;
                check(g::is(a + g::as_affine(j), (i + j) % g::n));
                check(g::is(a + -g::as_affine(j), (i + g::n - j) % g::n));
                check(g::is((sum + g::as_affine(j)).to_xyzz(), (i + j) % g::n));
                check(g::is((sum + -g::as_affine(j)).to_xyzz(), (i + g::n - j) % g::n));
            }
        }
}

TEST_CASE_TEMPLATE("toy P-256: decode takes the coordinates of points and nothing else, all below 2p + 2", Curve,
                   order_7, order_17, order_29, order_31, order_199, own_field) {
    using g = group<Curve>;
    toy::tally check;
    for (unsigned x = 0; x != 2 * g::p + 2; ++x)
        for (unsigned y = 0; y != 2 * g::p + 2; ++y) {
            std::uint8_t octets[2][32]{};
            octets[0][30] = static_cast<std::uint8_t>(x >> 8), octets[0][31] = static_cast<std::uint8_t>(x);
            octets[1][30] = static_cast<std::uint8_t>(y >> 8), octets[1][31] = static_cast<std::uint8_t>(y);
            unsigned k = 1;
            while (k != g::n && !(g::points()[k].x == x && g::points()[k].y == y)) ++k;
            typename g::affine out{};
            bool const decoded = p256::decode(out, octets[0], octets[1]);
            check(decoded == (k != g::n));
            if (decoded && k != g::n) check(g::is(out, k));
        }
}

TEST_CASE_TEMPLATE("toy P-256: tables of every shape, and every scalar with each of them", Curve, order_7, order_17,
                   order_31, order_199) {
    using g = group<Curve>;
    toy::tally check;
    for (auto const shape : toy::shapes(g::n))
        for (unsigned k = 1; k < g::n; k += g::n < 64 ? 1 : 53) {
            auto const table = g::table(shape, k);
            unsigned row_scalar = k;
            std::size_t at = 0;
            for (unsigned row = 0; row != toy::arith::row_count(shape, 256); ++row) {
                for (unsigned i = 1; i <= toy::arith::row_size(shape); ++i, ++at)
                    check(g::is(table[at], row_scalar * i % g::n));
                row_scalar = row_scalar * toy::power(2, shape.width * shape.stride, g::n) % g::n;
            }
            // What was there before is doubled as often as the shape wants.
            unsigned const factor = toy::power(2, shape.width * (shape.stride - 1), g::n);
            for (unsigned s = 0; s != g::n; ++s)
                for (unsigned long kind : {0ul, 4ul * s + 1, 4ul * s + 4 * k + 2, 3ul}) {
                    unsigned const before = kind == 3 ? (s + k) % g::n : 0;
                    auto sum = g::as_xyzz(before, 1 + s % (g::p - 1));
                    auto const digits = toy::arith::to_signed_digits(toy::lifted<typename g::word>(s, g::n, 256, kind),
                                                                     shape.width, 256);
                    p256::add_multiple(sum, {table.data(), shape}, digits);
                    check(g::is(sum, (factor * before + s * k) % g::n));
                }
        }
}

TEST_CASE_TEMPLATE("toy P-256: every multiple of every point without a table", Curve, order_7, order_17, order_31,
                   order_199, own_field) {
    using g = group<Curve>;
    toy::tally check;
    for (unsigned k = 1; k < g::n; k += g::n < 64 ? 1 : 17)
        for (unsigned s = 0; s != g::n; ++s)
            for (unsigned long kind : {0ul, 4ul * s + 1, 4ul * s + 4 * k + 2, 3ul})
                check(g::is(p256::multiply_point(g::as_affine(k), toy::lifted<typename g::word>(s, g::n, 256, kind)),
                            s * k % g::n));
}

TEST_CASE_TEMPLATE("toy P-256: x(P) mod n = r for all points, all representations, all r", Curve, order_7, order_17,
                   order_29, order_199, own_field) {
    using g = group<Curve>;
    toy::tally check;
    for (unsigned k = 0; k != g::n; ++k)
        for (unsigned z = 1; z <= representations<Curve>; ++z)
            for (unsigned r = 1; r != g::n; ++r)
                check(p256::x_matches(g::as_xyzz(k, z), toy::integer<typename g::word>(r)) ==
                      (k != 0 && g::points()[k].x % g::n == r));
}

TEST_CASE_TEMPLATE("toy P-256: e / s and r / s mod n for all e, r and s", Curve, order_7, order_17, order_31,
                   order_199) {
    using g = group<Curve>;
    toy::tally check;
    for (unsigned s = 1; s != g::n; ++s)
        for (unsigned r = 1; r < g::n; r += g::n < 64 ? 1 : 23)
            for (unsigned e = 0; e < 2 * g::n; e += g::n < 64 ? 1 : 19) {
                auto const of =
                    p256::make_factors(toy::lifted<typename g::word>(e % g::n, g::n, 256, e),
                                       toy::integer<typename g::word>(r), toy::integer<typename g::word>(s));
                unsigned const w = toy::inverse(s, g::n);
                check(of.u1 == toy::integer<typename g::word>(e % g::n * w % g::n) &&
                      of.u2 == toy::integer<typename g::word>(r * w % g::n));
            }
}

TEST_CASE_TEMPLATE("toy P-256: the signature equation for all keys, all r and s up to n + 1, all e up to n", Curve,
                   order_7, order_17) {
    using g = group<Curve>;
    toy::tally check;
    auto const shapes = toy::shapes(g::n);
    p256::odd_multiples<typename g::affine> base_multiples;
    for (unsigned i = 0; i != base_multiples.size(); ++i) base_multiples[i] = g::as_affine((2 * i + 1) % g::n);
    unsigned valid = 0;
    for (unsigned k = 1; k != g::n; ++k) {
        auto const shape = shapes[k % shapes.size()], base_shape = table_shape{2 + k % 2, 1};
        auto const key = g::table(shape, k), base = g::table(base_shape, 1);
        for (unsigned e = 0; e <= g::n; ++e)
            for (unsigned r = 0; r <= g::n + 1; ++r)
                for (unsigned s = 0; s <= g::n + 1; ++s) {
                    bool expected = false;
                    if (r != 0 && s != 0 && r < g::n && s < g::n) {
                        unsigned const w = toy::inverse(s, g::n);
                        auto const sum = g::points()[(e * w + r * w * k) % g::n];
                        expected = !sum.infinity && sum.x % g::n == r;
                    }
                    valid += expected;
                    std::uint8_t hash[32]{}, signature[64]{};
                    hash[31] = static_cast<std::uint8_t>(e), signature[31] = static_cast<std::uint8_t>(r),
                    signature[63] = static_cast<std::uint8_t>(s);
                    using view = p256::table_view<typename g::word>;
                    check(p256::verify(view{base.data(), base_shape}, view{key.data(), shape}, hash, signature) ==
                          expected);
                    check(p256::verify(view{base.data(), base_shape}, g::as_affine(k), hash, signature) == expected);
                    if (g::n > 15) // each of 1 to 15 times the base point is a point
                        check(p256::verify(base_multiples, g::as_affine(k), hash, signature) == expected);
                }
    }
    CHECK(valid > g::n);
}

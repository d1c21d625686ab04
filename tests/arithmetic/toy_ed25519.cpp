// Ed25519's code on curves -x^2 + y^2 = 1 + d x^2 y^2 of order 8 l over a small p, d no square: all points, those of
// small order and those with such a component included.
#include "toy.hpp"

#include <algorithm>
#include <array>

namespace {
struct order_8_3 {
    static constexpr unsigned p = 29, d = 3, l = 3;
};
struct order_8_7 {
    static constexpr unsigned p = 53, d = 3, l = 7;
};
struct order_8_11 {
    static constexpr unsigned p = 101, d = 12, l = 11;
};
struct order_8_29 {
    static constexpr unsigned p = 229, d = 10, l = 29;
};
} // namespace

namespace signet { inline namespace SIGNET_ABI { namespace crypto { namespace arith { namespace edwards25519 {
#define SIGNET_TOY_EDWARDS(CURVE)                                                                                      \
    SIGNET_TOY_MODULUS(order, CURVE, CURVE::l)                                                                         \
    template <> constexpr field_element<toy::word<CURVE>> curve_d<toy::word<CURVE>>() noexcept {                       \
        return field_element<toy::word<CURVE>>{CURVE::d};                                                              \
    }                                                                                                                  \
    template <> constexpr field_element<toy::word<CURVE>> root_of_minus_one<toy::word<CURVE>>() noexcept {             \
        return field_element<toy::word<CURVE>>{toy::power(2, (CURVE::p - 1) / 4, CURVE::p)};                           \
    }
SIGNET_TOY_EDWARDS(order_8_3)
SIGNET_TOY_EDWARDS(order_8_7)
SIGNET_TOY_EDWARDS(order_8_11)
SIGNET_TOY_EDWARDS(order_8_29)
}}}}} // namespace signet::crypto::arith::edwards25519

namespace {

using toy::arith::table_shape;
namespace ed = toy::arith::edwards25519;

/// The model: the unified affine law in integers.
template <class Curve> struct group {
    using word = toy::word<Curve>;
    using fe = ed::field_element<word>;
    using extended = ed::extended_point<word>;
    using affine_summand = ed::affine_summand<word>;
    static constexpr unsigned p = Curve::p, l = Curve::l, order = 8 * Curve::l;

    struct point {
        unsigned x = 0, y = 1;
        friend bool operator==(point, point) = default;
    };

    static point sum(point a, point b) {
        unsigned const t = Curve::d * a.x % p * b.x % p * a.y % p * b.y % p;
        return {(a.x * b.y + a.y * b.x) % p * toy::inverse(1 + t, p) % p,
                (a.y * b.y + a.x * b.x) % p * toy::inverse(1 + p - t, p) % p};
    }
    static point minus(point a) { return {(p - a.x) % p, a.y}; }
    static point times(unsigned k, point a) {
        point r;
        while (k-- != 0) r = sum(r, a);
        return r;
    }

    static std::vector<point> const& points() {
        static auto const all = [] {
            std::vector<point> r;
            for (unsigned x = 0; x != p; ++x)
                for (unsigned y = 0; y != p; ++y)
                    if ((y * y + (p - x * x % p)) % p == (1 + Curve::d * x * x % p * y * y) % p) r.push_back({x, y});
            return r;
        }();
        return all;
    }
    /// One of order l.
    static point base() {
        for (auto a : points())
            if (auto const b = times(8, a); b != point{}) return b;
        return {};
    }

    static extended as_extended(point a, unsigned z) {
        return {fe{a.x * z % p}, fe{a.y * z % p}, fe{z}, fe{a.x * a.y % p * z}};
    }
    static bool is(extended const& a, point b, bool with_t = true) {
        return !a.z.is_zero() && a.x == fe{b.x} * a.z && a.y == fe{b.y} * a.z && (!with_t || a.t * a.z == a.x * a.y);
    }
    static bool is(affine_summand const& a, point b) {
        return a.y_plus_x == fe{b.y + b.x} && a.y_minus_x == fe{b.y + p - b.x} &&
               a.xy2d == fe{2 * Curve::d * b.x % p * b.y};
    }
    static std::vector<affine_summand> table(table_shape shape, extended const& of) {
        std::vector<affine_summand> r(toy::arith::entry_count(shape, 253));
        ed::build_table(r.data(), shape, of);
        return r;
    }
};

} // namespace

#define ALL_CURVES order_8_3, order_8_7, order_8_11, order_8_29

TEST_CASE_TEMPLATE("toy Ed25519: P + Q, P - Q, 2P, -P for all pairs of points, with T and without", Curve, ALL_CURVES) {
    using g = group<Curve>;
    toy::tally check;
    check(g::points().size() == g::order);
    for (auto a : g::points())
        for (unsigned z = 1; z <= (g::p < 64 ? g::p - 1 : 3); ++z) {
            auto const p = g::as_extended(a, z);
            for (bool with_t : {true, false}) {
                auto q = p;
                double_in_place(q, with_t);
                check(g::is(q, g::sum(a, a), with_t));
            }
            check(g::is(-p, g::minus(a)));
            check(p.is_identity() == (a == typename g::point{}));
            check(has_small_order(p) == (g::times(8, a) == typename g::point{}));
            for (auto b : g::points()) {
                auto const affine = ed::to_affine_summand(typename g::fe{b.x}, typename g::fe{b.y});
                auto const summand = ed::to_summand(g::as_extended(b, 1 + (7 * z + b.x) % (g::p - 1)));
                auto const more = g::sum(a, b), less = g::sum(a, g::minus(b));
                for (int sign : {1, -1, 100, -100})
                    for (bool with_t : {true, false}) {
                        auto q = p;
                        add(q, affine, sign, with_t);
                        check(g::is(q, sign > 0 ? more : less, with_t));
                        q = p;
                        add(q, summand, sign, with_t);
                        check(g::is(q, sign > 0 ? more : less, with_t));
                    }
                check(g::is(p + -affine, less));
                check(g::is(p + -summand, less));
            }
        }
}

TEST_CASE_TEMPLATE("toy Ed25519: decode and encode for all y below 2p + 2 and both signs", Curve, ALL_CURVES) {
    using g = group<Curve>;
    toy::tally check;
    for (unsigned y = 0; y != 2 * g::p + 2; ++y)
        for (unsigned sign : {0u, 1u}) {
            std::uint8_t octets[32]{};
            octets[0] = static_cast<std::uint8_t>(y), octets[1] = static_cast<std::uint8_t>(y >> 8),
            octets[31] = static_cast<std::uint8_t>(sign << 7);
            auto const at = std::find_if(g::points().begin(), g::points().end(),
                                         [&](auto a) { return a.y == y && a.x % 2 == sign; });
            typename g::extended out{};
            bool const decoded = ed::decode(out, octets);
            check(decoded == (at != g::points().end()));
            if (!decoded || at == g::points().end()) continue;
            check(g::is(out, *at));
            for (unsigned z = 1; z < g::p; ++z) {
                std::uint8_t back[32];
                ed::encode(g::as_extended(*at, z), back);
                check(std::equal(back, back + 32, octets));
            }
        }
}

TEST_CASE_TEMPLATE("toy Ed25519: tables of every shape, and every scalar with each of them", Curve, order_8_3,
                   order_8_7, order_8_29) {
    using g = group<Curve>;
    toy::tally check;
    for (auto const shape : toy::shapes(~0u)) // complete formulas: a row may hold a multiple twice
        for (std::size_t at = 0; at < g::order; at += g::order < 30 ? 5 : 37) {
            auto const a = g::points()[(at + shape.width) % g::order];
            auto const table = g::table(shape, g::as_extended(a, 1 + static_cast<unsigned>(at % (g::p - 1))));
            auto row_point = a;
            auto entry = table.begin();
            for (unsigned row = 0; row != toy::arith::row_count(shape, 253); ++row) {
                auto expected = row_point;
                for (unsigned i = 0; i != toy::arith::row_size(shape);
                     ++i, ++entry, expected = g::sum(expected, row_point))
                    check(g::is(*entry, expected));
                for (unsigned i = 0; i != shape.width * shape.stride; ++i) row_point = g::sum(row_point, row_point);
            }
            auto before = g::points()[(3 * at + 1) % g::order], doubled_before = before;
            for (unsigned i = 0; i != shape.width * (shape.stride - 1); ++i)
                doubled_before = g::sum(doubled_before, doubled_before);
            typename g::point expected;
            for (unsigned s = 0; s != g::order; ++s, expected = g::sum(expected, a))
                for (unsigned long kind : {0ul, 4ul * s + 5, 4ul * s + 3}) {
                    auto sum = kind == 0 ? ed::extended_point<typename g::word>::identity()
                                         : g::as_extended(before, 1 + s % (g::p - 1));
                    auto const digits = toy::arith::to_signed_digits(
                        toy::lifted<typename g::word>(s, g::order, 253, kind), shape.width, 253);
                    ed::add_multiple(sum, {table.data(), shape}, digits);
                    check(g::is(sum, kind == 0 ? expected : g::sum(doubled_before, expected)));
                }
        }
}

TEST_CASE_TEMPLATE("toy Ed25519: every multiple of every point without a table", Curve, ALL_CURVES) {
    using g = group<Curve>;
    toy::tally check;
    for (auto a : g::points()) {
        typename g::point expected;
        for (unsigned s = 0; s != g::order; ++s, expected = g::sum(expected, a))
            for (unsigned long kind : {0ul, 4ul * s + 1, 4ul * s + 2, 3ul})
                check(g::is(ed::multiply_point(g::as_extended(a, 1 + s % (g::p - 1)),
                                               toy::lifted<typename g::word>(s, g::order, 253, kind)),
                            expected));
    }
}

TEST_CASE_TEMPLATE("toy Ed25519: the hash mod l, and S < l", Curve, ALL_CURVES) {
    using g = group<Curve>;
    toy::tally check;
    for (unsigned i = 0; i != 4000; ++i) {
        std::uint8_t hash[64], scalar[32]{};
        unsigned expected = 0;
        for (unsigned k = 64; k-- != 0;) {
            hash[k] = i < 256 ? static_cast<std::uint8_t>(i)
                              : static_cast<std::uint8_t>((i * 40503u + k * 2654435761u) >> 13);
            expected = (expected * 256 + hash[k]) % g::l;
        }
        check(toy::modulo(ed::reduce_hash<typename g::word>(hash), 1u << 15) == expected);
        scalar[0] = static_cast<std::uint8_t>(i), scalar[1] = static_cast<std::uint8_t>(i >> 8);
        toy::arith::u256<typename g::word> s{};
        check(ed::decode_scalar(s, scalar) == (i < g::l) && toy::modulo(s, 1u << 15) == i);
    }
}

TEST_CASE_TEMPLATE("toy Ed25519: the signature equation for all keys, all R, all S up to l + 1, all k", Curve,
                   order_8_3, order_8_7) {
    using g = group<Curve>;
    using view = ed::table_view<typename g::word>;
    toy::tally check;
    auto const base_shape = table_shape{4, 1};
    auto const base = g::table(base_shape, g::as_extended(g::base(), 1));
    auto const shapes = toy::shapes(~0u);
    unsigned valid = 0, turn = 0;
    for (auto key : g::points()) {
        auto const shape = shapes[++turn % shapes.size()];
        auto const minus_key = g::as_extended(g::minus(key), 1 + turn % 4);
        auto const table = g::table(shape, minus_key);
        for (unsigned s = 0; s <= g::l + 1; ++s)
            for (unsigned k = 0; k != g::l; ++k) {
                // k is below l before it multiplies: for a key with a component of small order that is part of the
                // rule.
                auto const expected = g::sum(g::times(s, g::base()), g::minus(g::times(k, key)));
                for (unsigned y = 0; y != g::p + 3; ++y)
                    for (unsigned sign : {0u, 1u}) {
                        std::uint8_t signature[64]{}, hash[64]{};
                        signature[0] = static_cast<std::uint8_t>(y),
                        signature[31] = static_cast<std::uint8_t>(sign << 7);
                        signature[32] = static_cast<std::uint8_t>(s), hash[0] = static_cast<std::uint8_t>(k);
                        bool const good = s < g::l && y == expected.y && sign == expected.x % 2;
                        valid += good;
                        if (!good && (y + s) % 5 != 0) continue; // all that is valid, a fifth of the rest
                        check(ed::verify(view{base.data(), base_shape}, view{table.data(), shape}, hash, signature) ==
                              good);
                        check(ed::verify(view{base.data(), base_shape}, minus_key, hash, signature) == good);
                        check(ed::verify(g::as_extended(g::base(), 1), minus_key, hash, signature) == good);
                    }
            }
    }
    CHECK(valid == g::order * g::l * g::l);
}

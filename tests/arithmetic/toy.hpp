// Small curves in the place of the real ones, so that a test can go through all that there is.
//
// The library's templates take a word type. `word<Curve>` is 32 bits like std::uint32_t, but a type of its own for each
// curve: what the library asks of a word's curve (the field, n, b, d) is specialised for it below, and everything else
// is the library's own code. Nothing in include/ knows of this.
#pragma once

#include <signet/crypto/impl/arith/ed25519_verify.hpp>
#include <signet/crypto/impl/arith/p256_verify.hpp>

#include <doctest/doctest.h>

#include <concepts>
#include <cstdint>
#include <cstdlib>
#include <vector>

namespace toy {

namespace arith = signet::crypto::arith;

template <class Curve> struct word {
    std::uint32_t v = 0;
    constexpr word() noexcept = default;
    template <std::integral T> constexpr word(T x) noexcept : v{static_cast<std::uint32_t>(x)} {}
    constexpr operator std::uint32_t() const noexcept { return v; }
    constexpr word& operator|=(word b) noexcept { return v |= b.v, *this; }
    constexpr word& operator&=(word b) noexcept { return v &= b.v, *this; }
    friend constexpr unsigned trailing_zeros(word a) noexcept { return arith::trailing_zeros(a.v); }
};

/// Integers modulo a number of at most 16 bits, by the machine's own remainder.
constexpr unsigned power(unsigned a, unsigned e, unsigned m) noexcept {
    unsigned r = 1 % m;
    for (a %= m; e != 0; e >>= 1, a = a * a % m)
        if (e & 1u) r = r * a % m;
    return r;
}
constexpr unsigned inverse(unsigned a, unsigned prime) noexcept { return power(a, prime - 2, prime); }

template <class Word> constexpr unsigned modulo(arith::u256<Word> const& a, unsigned m) noexcept {
    unsigned r = 0;
    for (std::size_t i = a.size; i-- != 0;) r = static_cast<unsigned>(((std::uint64_t{r} << 32) + a.w[i]) % m);
    return r;
}

template <class Word> constexpr arith::u256<Word> integer(unsigned x) noexcept { return {Word(x)}; }

/// 2^exponent mod m: what Montgomery's form needs.
template <class Word> constexpr arith::u256<Word> power_of_two(unsigned exponent, unsigned m) noexcept {
    return integer<Word>(power(2, exponent, m));
}

/// A field element for the formulas, held in [0, range): `range` is p where the library's element is one number, and a
/// multiple of it where the library's is any congruent one.
template <class Element, class Curve, unsigned range> class element {
public:
    using integer = arith::u256<word<Curve>>;
    static constexpr unsigned p = Curve::p;
    static constexpr integer modulus = toy::integer<word<Curve>>(p);

    constexpr element() noexcept = default;
    constexpr explicit element(unsigned v) noexcept : v_{v % range} {}
    static constexpr Element from(integer const& x) noexcept { return Element{modulo(x, p)}; }
    static constexpr Element zero() noexcept { return Element{0u}; }
    static constexpr Element one() noexcept { return Element{1u}; }
    [[nodiscard]] constexpr integer value() const noexcept { return toy::integer<word<Curve>>(v_ % p); }
    [[nodiscard]] constexpr bool is_zero() const noexcept { return v_ % p == 0; }
    friend constexpr bool operator==(Element a, Element b) noexcept { return a.v_ % p == b.v_ % p; }
    friend constexpr Element operator+(Element a, Element b) noexcept { return Element{a.v_ + b.v_}; }
    friend constexpr Element operator-(Element a, Element b) noexcept { return Element{a.v_ + range - b.v_}; }
    friend constexpr Element operator-(Element a) noexcept { return Element{range - a.v_}; }
    friend constexpr Element operator*(Element a, Element b) noexcept { return Element{a.v_ * b.v_}; }
    friend constexpr Element product(Element a, Element b) noexcept { return a * b; }
    [[nodiscard]] constexpr Element squared() const noexcept { return Element{v_ * v_}; }
    [[nodiscard]] constexpr Element squared(unsigned times) const noexcept {
        Element r{v_};
        while (times-- != 0) r = r.squared();
        return r;
    }
    [[nodiscard]] Element inverse() const noexcept {
        if (is_zero()) std::abort(); // the library never asks for it
        static std::vector<unsigned> const all = [] {
            std::vector<unsigned> r(p);
            for (unsigned a = 1; a != p; ++a) r[a] = toy::inverse(a, p);
            return r;
        }();
        return Element{all[v_ % p]};
    }
    [[nodiscard]] constexpr Element power_for_root() const noexcept { return Element{power(v_, (p - 5) / 8, p)}; }

private:
    unsigned v_;
};

/// What was looked at, and the first of what was wrong: one CHECK for millions of comparisons.
struct tally {
    unsigned long checks = 0, wrong = 0;
    int first = 0;
    void operator()(bool good, int line = __builtin_LINE()) {
        ++checks;
        if (!good && wrong++ == 0) first = line;
    }
    ~tally() {
        INFO("the first that was wrong is in line " << first << ", " << wrong << " of " << checks << " were");
        CHECK(wrong == 0);
        CHECK(checks != 0);
    }
};

/// Scalars of up to 2^bits that are k modulo `order`: k itself, then others whose words are all ones, or zeros, or
/// anything.
template <class Word> arith::u256<Word> lifted(unsigned k, unsigned order, unsigned bits, unsigned long kind) {
    arith::u256<Word> r{};
    auto state = kind * 0x9e3779b97f4a7c15u + 1;
    for (auto& w : r.w) {
        state ^= state << 13, state ^= state >> 7, state ^= state << 17;
        bool const often = (state >> 40 & 3) == 0;
        w = kind == 0                                   ? 0
            : kind % 4 == 3 || (kind % 4 == 1 && often) ? 0xffffffffu
            : kind % 4 == 2 && often                    ? 0u
                                                        : static_cast<std::uint32_t>(state >> 8);
    }
    r.w[7] &= Word(0xffffffffu >> (256 - bits));
    r.w[0] = 0;
    r.w[0] = (k + order - modulo(r, order)) % order;
    return r;
}

/// Every shape of table whose rows hold no multiple twice: up to 2^(width - 1) < order.
inline std::vector<arith::table_shape> shapes(unsigned order) {
    std::vector<arith::table_shape> r;
    for (unsigned width = 2; width <= arith::max_width && 1u << (width - 1) < order; ++width)
        for (unsigned stride = 1; stride <= arith::max_stride; ++stride) r.push_back({width, stride});
    return r;
}

} // namespace toy

// ---- where the library looks for what is special to a curve ---------------------------------------------------------

namespace signet { inline namespace SIGNET_ABI { namespace crypto { namespace arith {
namespace detail {
template <class Curve> struct twice<toy::word<Curve>> {
    using type = std::uint64_t;
};
} // namespace detail

namespace p256 {
template <class Curve>
    requires Curve::by_remainder
class field_element<toy::word<Curve>> : public toy::element<field_element<toy::word<Curve>>, Curve, Curve::p> {
public:
    using toy::element<field_element, Curve, Curve::p>::element;
};
} // namespace p256

namespace edwards25519 {
template <class Curve> class field_element<toy::word<Curve>>
    : public toy::element<field_element<toy::word<Curve>>, Curve, 3 * Curve::p> {
public:
    using toy::element<field_element, Curve, 3 * Curve::p>::element;
};
} // namespace edwards25519
}}}} // namespace signet::crypto::arith

/// A modulus of the library for a toy's word, and what goes with it.
#define SIGNET_TOY_MODULUS(MODULUS, CURVE, NUMBER)                                                                     \
    template <> constexpr u256<toy::word<CURVE>> MODULUS::value<toy::word<CURVE>>() noexcept {                         \
        return toy::integer<toy::word<CURVE>>(NUMBER);                                                                 \
    }                                                                                                                  \
    template <> constexpr u256<toy::word<CURVE>> MODULUS::r1<toy::word<CURVE>>() noexcept {                            \
        return toy::power_of_two<toy::word<CURVE>>(256, NUMBER);                                                       \
    }                                                                                                                  \
    template <> constexpr u256<toy::word<CURVE>> MODULUS::r2<toy::word<CURVE>>() noexcept {                            \
        return toy::power_of_two<toy::word<CURVE>>(512, NUMBER);                                                       \
    }

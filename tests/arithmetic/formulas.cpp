// Runs the library's point formulas over elements that write themselves down, and prints what they compute.
#include <signet/crypto/impl/arith/ed25519_verify.hpp>
#include <signet/crypto/impl/arith/p256_verify.hpp>

#include <cstdio>
#include <string>
#include <utility>
#include <vector>

namespace formulas {

/// A word type of its own, so that the field can be specialised.
struct word {
    std::uint32_t v = 0;
    constexpr word() noexcept = default;
    template <class T> constexpr word(T x) noexcept : v{static_cast<std::uint32_t>(x)} {}
    constexpr operator std::uint32_t() const noexcept { return v; }
};

inline std::vector<std::string> lines;
inline std::vector<bool> zeros; // what comparisons with 0 shall say, in order
inline std::size_t asked = 0;

inline std::string write_down(std::string const& expression) {
    lines.push_back("v" + std::to_string(lines.size()) + " = " + expression);
    return "v" + std::to_string(lines.size() - 1);
}

template <class Element> struct written {
    using integer = signet::crypto::arith::u256<word>;
    std::string name;

    static Element zero() { return Element{{"0"}}; }
    static Element one() { return Element{{"1"}}; }
    static Element from(integer const&) { return Element{{"constant"}}; }
    [[nodiscard]] bool is_zero() const {
        bool const zero = asked < zeros.size() && zeros[asked];
        ++asked;
        lines.push_back("v" + std::to_string(lines.size()) + " = " + name + (zero ? " is 0" : " not 0"));
        return zero;
    }
    friend bool operator==(Element const& a, Element const& b) { return (a - b).is_zero(); }
    friend Element operator+(Element const& a, Element const& b) {
        return Element{{write_down(a.name + " + " + b.name)}};
    }
    friend Element operator-(Element const& a, Element const& b) {
        return Element{{write_down(a.name + " - " + b.name)}};
    }
    friend Element operator-(Element const& a) { return Element{{write_down("0 - " + a.name)}}; }
    friend Element operator*(Element const& a, Element const& b) {
        return Element{{write_down(a.name + " * " + b.name)}};
    }
    friend Element product(Element const& a, Element const& b) { return a * b; }
    [[nodiscard]] Element squared() const { return Element{{write_down(name + " * " + name)}}; }
};

} // namespace formulas

namespace signet { inline namespace SIGNET_ABI { namespace crypto { namespace arith {
namespace detail {
template <> struct twice<formulas::word> {
    using type = std::uint64_t;
};
} // namespace detail
namespace p256 {
template <> class field_element<formulas::word> : public formulas::written<field_element<formulas::word>> {
public:
    field_element() = default;
    explicit field_element(formulas::written<field_element> x) : formulas::written<field_element>{std::move(x)} {}
};
template <> inline field_element<formulas::word> curve_b<formulas::word>() noexcept {
    return field_element<formulas::word>{{"b"}};
}
} // namespace p256
namespace edwards25519 {
template <> class field_element<formulas::word> : public formulas::written<field_element<formulas::word>> {
public:
    field_element() = default;
    explicit field_element(formulas::written<field_element> x) : formulas::written<field_element>{std::move(x)} {}
};
template <> inline field_element<formulas::word> curve_d<formulas::word>() noexcept {
    return field_element<formulas::word>{{"d"}};
}
} // namespace edwards25519
}}}} // namespace signet::crypto::arith

namespace {

namespace p256 = signet::crypto::arith::p256;
namespace ed = signet::crypto::arith::edwards25519;
using formulas::word;

template <class Element> Element named(std::string const& name) { return Element{{name}}; }

p256::affine_point<word> affine(std::string const& i) {
    using fe = p256::field_element<word>;
    return {named<fe>("X" + i), named<fe>("Y" + i)};
}
p256::xyzz_point<word> xyzz(std::string const& i) {
    using fe = p256::field_element<word>;
    return {named<fe>("X" + i), named<fe>("Y" + i), named<fe>("ZZ" + i), named<fe>("ZZZ" + i)};
}
p256::jacobian_point<word> jacobian(std::string const& i) {
    using fe = p256::field_element<word>;
    return {named<fe>("X" + i), named<fe>("Y" + i), named<fe>("Z" + i)};
}
p256::jacobian_summand<word> summand(std::string const& i) {
    using fe = p256::field_element<word>;
    return {jacobian(i), named<fe>("ZZ" + i), named<fe>("ZZZ" + i)};
}
ed::extended_point<word> extended(std::string const& i) {
    using fe = ed::field_element<word>;
    return {named<fe>("X" + i), named<fe>("Y" + i), named<fe>("Z" + i), named<fe>("T" + i)};
}

void print(p256::xyzz_point<word> const& a) {
    std::printf("out X = %s\nout Y = %s\nout ZZ = %s\nout ZZZ = %s\n", a.x.name.c_str(), a.y.name.c_str(),
                a.zz.name.c_str(), a.zzz.name.c_str());
}
void print(ed::extended_point<word> const& a) {
    std::printf("out X = %s\nout Y = %s\nout Z = %s\nout T = %s\n", a.x.name.c_str(), a.y.name.c_str(),
                a.z.name.c_str(), a.t.name.c_str());
}
void print(bool) {}

template <class F> void formula(char const* name, std::vector<bool> zeros, F const& f) {
    formulas::lines.clear();
    formulas::zeros = std::move(zeros), formulas::asked = 0;
    auto const r = f();
    std::printf("formula %s\n", name);
    for (auto const& line : formulas::lines) std::printf("%s\n", line.c_str());
    print(r);
}

} // namespace

int main() {
    // The comparisons of an addition: is a infinity, is b infinity, is U2 - U1 = 0, is S2 - S1 = 0.
    formula("xyzz mixed", {false, false}, [] { return xyzz("1") + affine("2"); });
    formula("xyzz mixed equal", {false, true, true}, [] { return xyzz("1") + affine("2"); });
    formula("xyzz mixed opposite", {false, true, false}, [] { return xyzz("1") + affine("2"); });
    formula("xyzz mixed infinity", {true}, [] { return xyzz("1") + affine("2"); });
    formula("xyzz double", {}, [] { return doubled(xyzz("1")); });
    formula("jacobian add", {false, false, false}, [] { return (jacobian("1") + summand("2")).to_xyzz(); });
    formula("jacobian add equal", {false, false, true, true}, [] { return (jacobian("1") + summand("2")).to_xyzz(); });
    formula("jacobian add opposite", {false, false, true, false},
            [] { return (jacobian("1") + summand("2")).to_xyzz(); });
    formula("jacobian add infinity left", {true}, [] { return (jacobian("1") + summand("2")).to_xyzz(); });
    formula("jacobian add infinity right", {false, true}, [] { return (jacobian("1") + summand("2")).to_xyzz(); });
    formula("jacobian mixed", {false, false}, [] { return (jacobian("1") + affine("2")).to_xyzz(); });
    formula("jacobian mixed equal", {false, true, true}, [] { return (jacobian("1") + affine("2")).to_xyzz(); });
    formula("jacobian mixed opposite", {false, true, false}, [] { return (jacobian("1") + affine("2")).to_xyzz(); });
    formula("jacobian mixed infinity", {true}, [] { return (jacobian("1") + affine("2")).to_xyzz(); });
    formula("jacobian double", {}, [] { return doubled(jacobian("1")).to_xyzz(); });
    formula("on curve", {true}, [] { return is_on_curve(affine("1")); });

    auto const affine_2 = [] { return ed::to_affine_summand(extended("2").x, extended("2").y); };
    formula("extended add", {}, [] {
        auto p = extended("1");
        add(p, to_summand(extended("2")), 1);
        return p;
    });
    formula("extended subtract", {}, [] {
        auto p = extended("1");
        add(p, to_summand(extended("2")), -1);
        return p;
    });
    formula("extended add affine", {}, [&] {
        auto p = extended("1");
        add(p, affine_2(), 1);
        return p;
    });
    formula("extended subtract affine", {}, [&] {
        auto p = extended("1");
        add(p, affine_2(), -1);
        return p;
    });
    formula("extended add negated", {}, [] { return extended("1") + -to_summand(extended("2")); });
    formula("extended add affine negated", {}, [&] { return extended("1") + -affine_2(); });
    formula("extended double", {}, [] { return doubled(extended("1")); });
    formula("extended negate", {}, [] { return -extended("1"); });
}

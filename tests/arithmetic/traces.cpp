// Runs the library's word-level functions with the recording words and prints what they did, a trace for each function.
#include <signet/crypto/impl/arith/x86_64.hpp>

#include "recorder.hpp"

#include <signet/crypto/impl/arith/ed25519_field.hpp>
#include <signet/crypto/impl/arith/ed25519_scalar.hpp>
#include <signet/crypto/impl/arith/p256_field.hpp>
#include <signet/crypto/impl/arith/p256_scalar.hpp>

namespace signet { inline namespace SIGNET_ABI { namespace crypto { namespace arith { namespace detail {
template <unsigned bits> struct twice<recorder::word<bits>> {
    using type = recorder::wide<bits>;
};
}}}}} // namespace signet::crypto::arith::detail

namespace {

using namespace signet::crypto::arith;

template <unsigned bits> struct traces {
    using word = recorder::word<bits>;
    using integer = u256<word>;
    using product = u512<word>;
    using p256_element = p256::field_element<word>;
    using ed_element = edwards25519::field_element<word>;
    static_assert(sizeof(word) == bits / 8 && sizeof(integer) == 32);

    template <class Number> static Number input(char const* name) {
        Number r{};
        for (std::size_t i = 0; i != r.size; ++i)
            r.w[i] = word::line(recorder::write_down(std::string("input ") + name + " " + std::to_string(i)));
        return r;
    }
    static integer a() { return input<integer>("a"); }
    static integer b() { return input<integer>("b"); }
    static product t() { return input<product>("t"); }

    static void output(char const* name, word const& a, std::size_t i = 0) {
        recorder::write_down(std::string("output ") + name + " " + std::to_string(i) + " " + a.text());
    }
    template <class Number> static void output(char const* name, Number const& a) {
        for (std::size_t i = 0; i != a.size; ++i) output(name, a.w[i], i);
    }
    // The elements' only member is the number.
    static p256_element p256_of(integer const& x) { return std::bit_cast<p256_element>(x); }
    static ed_element ed_of(integer const& x) { return std::bit_cast<ed_element>(x); }
    template <class Element> static void result(Element const& x) { output("r", std::bit_cast<integer>(x)); }

    template <class F> static void trace(char const* name, F const& f, std::vector<bool> decisions = {}) {
        recorder::current = {{}, std::move(decisions), 0};
        f();
        std::printf("trace %u %s\n", bits, name);
        for (auto const& line : recorder::current.lines) std::printf("%s\n", line.c_str());
    }

    template <class Modulus> static void modulus(std::string const& name) {
        using modular = montgomery<word, Modulus>;
        trace((name + " add").c_str(), [] {
            auto const x = a(), y = b();
            output("r", modular::add(x, y));
        });
        trace((name + " negate").c_str(), [] { output("r", modular::negate(a())); }, {false});
        trace((name + " negate 0").c_str(), [] { output("r", modular::negate(a())); }, {true});
        trace((name + " reduce").c_str(), [] { output("r", modular::reduce(t())); });
        trace((name + " multiply").c_str(), [] {
            auto const x = a(), y = b();
            output("r", modular::multiply(x, y));
        });
        trace((name + " multiply in steps").c_str(), [] {
            auto const x = a(), y = b();
            output("r", modular::reduce(multiply(x, y)));
        });
    }

    static void all() {
        trace("add", [] {
            auto const x = a(), y = b();
            integer r{};
            auto const carry = add(r, x, y);
            output("r", r), output("carry", carry);
        });
        trace("subtract", [] {
            auto const x = a(), y = b();
            integer r{};
            auto const borrow = subtract(r, x, y);
            output("r", r), output("borrow", borrow);
        });
        trace("select 1", [] {
            auto const x = a(), y = b();
            output("r", select(word{1}, x, y));
        });
        trace("select 0", [] {
            auto const x = a(), y = b();
            output("r", select(word{0}, x, y));
        });
        trace("multiply", [] {
            auto const x = a(), y = b();
            output("t", multiply(x, y));
        });
        trace("square", [] { output("t", square(a())); });

        modulus<p256::p>("p256::p");
        modulus<p256::n>("p256::n");
        modulus<edwards25519::order>("edwards25519::order");

        trace("p256 field add", [] {
            auto const x = a(), y = b();
            result(p256_of(x) + p256_of(y));
        });
        trace("p256 field subtract", [] {
            auto const x = a(), y = b();
            result(p256_of(x) - p256_of(y));
        });
        trace("p256 field negate", [] { result(-p256_of(a())); }, {false});
        trace("p256 field reduce", [] { output("r", p256_element::reduce(t())); });
        trace("p256 field multiply", [] {
            auto const x = a(), y = b();
            result(p256_of(x) * p256_of(y));
        });
        trace("p256 field multiply in steps", [] {
            auto const x = a(), y = b();
            output("r", p256_element::reduce(multiply(x, y)));
        });
        trace("p256 field square", [] { result(p256_of(a()).squared()); });
        trace("p256 field square in steps", [] { output("r", p256_element::reduce(square(a()))); });
        trace("p256 field value", [] { output("r", p256_of(a()).value()); });
        trace("p256 field from", [] { result(p256_element::from(a())); });
        trace("p256 field from in steps",
              [] { output("r", p256_element::reduce(multiply(a(), p256::p::r2<word>()))); });

        trace("ed25519 field add", [] {
            auto const x = a(), y = b();
            result(ed_of(x) + ed_of(y));
        });
        trace("ed25519 field subtract", [] {
            auto const x = a(), y = b();
            result(ed_of(x) - ed_of(y));
        });
        trace("ed25519 field negate", [] { result(-ed_of(a())); });
        trace("ed25519 field fold", [] { output("r", ed_element::fold(t())); });
        trace("ed25519 field multiply", [] {
            auto const x = a(), y = b();
            result(ed_of(x) * ed_of(y));
        });
        trace("ed25519 field multiply in steps", [] {
            auto const x = a(), y = b();
            output("r", ed_element::fold(multiply(x, y)));
        });
        trace("ed25519 field square", [] { result(ed_of(a()).squared()); });
        trace("ed25519 field square in steps", [] { output("r", ed_element::fold(square(a()))); });
        trace("ed25519 field value", [] { output("r", ed_of(a()).value()); });
    }
};

} // namespace

int main() {
    traces<64>::all();
    traces<32>::all();
}

#include "support/der.hpp"

#include <signet/crypto.hpp>

#include <doctest/doctest.h>

#include <array>
#include <optional>

using namespace signet;

namespace {

std::optional<bytes> converted(bytes const& signature, curve crv = curve::p256) {
    std::array<std::uint8_t, crypto::max_ecdsa_size> out;
    auto const size = crypto::ecdsa_from_der(signature, crv, out);
    if (!size) {
        CHECK(size.error() == errc::bad_signature);
        return std::nullopt;
    }
    return bytes(out.begin(), out.begin() + static_cast<std::ptrdiff_t>(*size));
}
bytes minus_one(bytes number) {
    --number.back();
    return number;
}
struct group {
    alg algorithm;
    curve crv;
    std::size_t size;
};
constexpr group groups[] = {{alg::es256, curve::p256, 32},
                            {alg::es384, curve::p384, 48},
                            {alg::es512, curve::p521, 66},
                            {alg::es256k, curve::secp256k1, 32}};

/// The largest private key of the curve, found bit by bit: `from_ec` refuses 0 and what is not below the order.
bytes largest_scalar(group const& g) {
    bytes d(g.size, 0);
    d.back() = 1;
    for (std::size_t bit = 8 * g.size; bit-- != 0;) {
        auto more = d;
        more[g.size - 1 - bit / 8] |= static_cast<std::uint8_t>(1u << bit % 8);
        if (private_key::from_ec(g.crv, more)) d = more;
    }
    ++d.back(); // the orders are odd, so that the last private key is even; 1 was set for the first steps
    CHECK(private_key::from_ec(g.crv, d));
    return d;
}

} // namespace

TEST_CASE("W33: a signature in DER is r and s, each of the curve's size, and verifies") {
    for (auto const& g : groups) {
        CAPTURE(traits(g.algorithm).name);
        auto const key = *private_key::generate(g.algorithm);
        for (int i = 0; i != 20; ++i) {
            auto const message = bytes(static_cast<std::size_t>(i), 'm');
            auto const raw = *crypto::sign(key, g.algorithm, message);
            auto const again = converted(der::ecdsa(raw), g.crv);
            REQUIRE(again);
            CHECK(*again == raw);
            CHECK(crypto::verify(key.public_part(), g.algorithm, message, *again));
        }
    }
}

TEST_CASE("W33: r and s are in 1 .. n-1, to the number, and a high s is taken") {
    for (auto const& g : groups) {
        CAPTURE(traits(g.algorithm).name);
        auto const top = largest_scalar(g); // n - 1
        auto const order = [&] {
            auto n = top;
            ++n.back();
            return n;
        }();
        bytes const one{1};
        auto const pair = [](bytes const& r, bytes const& s) {
            return der::sequence({der::integer(r), der::integer(s)});
        };
        auto const both = converted(pair(top, top), g.crv);
        REQUIRE(both);
        CHECK(bytes(both->begin(), both->begin() + static_cast<std::ptrdiff_t>(g.size)) == top);
        CHECK(converted(pair(one, top), g.crv));
        CHECK(converted(pair(top, one), g.crv));
        CHECK(converted(pair(minus_one(top), one), g.crv));
        for (auto const& bad : {bytes{0}, order, bytes(g.size, 0xff), bytes(g.size + 1, 1), bytes(2 * g.size, 1)}) {
            CHECK_FALSE(converted(pair(bad, one), g.crv));
            CHECK_FALSE(converted(pair(one, bad), g.crv));
        }
        auto const ones = converted(pair(one, one), g.crv);
        REQUIRE(ones);
        CHECK((*ones)[g.size - 1] == 1);
        CHECK((*ones)[0] == 0);
    }
}

TEST_CASE("W33: every other form of the same numbers is refused (go-webauthn/webauthn#744)") {
    auto const r = der::integer(std::uint8_t{5}), s = der::integer(std::uint8_t{0x85}); // 0x85 needs a zero before it
    CHECK(converted(der::sequence({r, s})));
    CHECK_FALSE(converted(der::sequence({r, s, der::integer(std::uint8_t{1})})));
    CHECK_FALSE(converted(der::sequence({r, s, der::null()})));
    CHECK_FALSE(converted(der::joined({der::sequence({r, s}), bytes{0}})));
    CHECK_FALSE(converted(der::joined({bytes{0}, der::sequence({r, s})})));
    CHECK_FALSE(converted(der::sequence({r})));
    CHECK_FALSE(converted(der::sequence({})));
    CHECK_FALSE(converted(der::joined({r, s})));
    CHECK_FALSE(converted(der::set({r, s})));
    CHECK_FALSE(converted(der::sequence({der::sequence({r, s})})));
    CHECK_FALSE(converted(der::sequence({der::element(0x02, {0, 5}), s}))); // a zero too many
    CHECK_FALSE(converted(der::sequence({r, der::element(0x02, {0x85})}))); // negative
    CHECK_FALSE(converted(der::sequence({r, der::element(0x02, {})})));     // no octet
    CHECK_FALSE(converted(der::sequence({r, der::octet_string({5})})));
    CHECK_FALSE(converted(der::sequence({r, der::element(0x82, {5})})));
    CHECK_FALSE(converted({0x30, 0x81, 0x06, 0x02, 0x01, 0x05, 0x02, 0x01, 0x05}));       // length in two octets
    CHECK_FALSE(converted({0x30, 0x80, 0x02, 0x01, 0x05, 0x02, 0x01, 0x05, 0x00, 0x00})); // indefinite
    CHECK_FALSE(converted({0x30, 0x07, 0x02, 0x81, 0x01, 0x05, 0x02, 0x01, 0x05}));
    CHECK_FALSE(converted({0x30, 0x07, 0x02, 0x01, 0x05, 0x02, 0x01, 0x05})); // longer than there is
    CHECK_FALSE(converted({0x30, 0x05, 0x02, 0x01, 0x05, 0x02, 0x01, 0x05}));
    CHECK_FALSE(converted({0x30, 0x84, 0xff, 0xff, 0xff, 0xff, 0x02, 0x01, 0x05, 0x02, 0x01, 0x05}));
    auto const whole = der::sequence({r, s});
    for (std::size_t size = 0; size != whole.size(); ++size)
        CHECK_FALSE(converted(bytes(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size))));
}

TEST_CASE("W33: raw signatures, other curves and short buffers are refused") {
    auto const raw = *crypto::sign(*private_key::generate(alg::es256), alg::es256, as_bytes("m"));
    CHECK_FALSE(converted(raw));
    auto const good = der::ecdsa(raw);
    CHECK(converted(good));
    std::array<std::uint8_t, 132> out;
    for (auto const crv : {curve::none, curve::ed25519})
        CHECK(crypto::ecdsa_from_der(good, crv, out).error() == errc::unsupported_key);
    CHECK(crypto::ecdsa_from_der(good, curve::p256, std::span{out}.first(63)).error() == errc::buffer_too_small);
    CHECK(*crypto::ecdsa_from_der(good, curve::p256, std::span{out}.first(64)) == 64);
    CHECK(crypto::ecdsa_from_der(good, curve::p521, std::span{out}.first(131)).error() == errc::buffer_too_small);
    // Numbers of a larger curve.
    auto const large = der::ecdsa(*crypto::sign(*private_key::generate(alg::es384), alg::es384, as_bytes("m")));
    CHECK(converted(large, curve::p384));
    CHECK_FALSE(converted(large, curve::p256));
}

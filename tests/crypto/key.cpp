#include <signet/crypto.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

using namespace signet;

namespace {
bytes octets(bytes_view v) { return bytes(v.begin(), v.end()); }
private_key const& rsa() {
    static auto const key = *private_key::generate(alg::rs256);
    return key;
}
} // namespace

TEST_CASE("keys: every form read back is the same key") {
    for (auto a : {alg::es256, alg::es384, alg::es512, alg::es256k, alg::ed25519, alg::rs256}) {
        CAPTURE(traits(a).name);
        auto const key = a == alg::rs256 ? rsa() : *private_key::generate(a);
        auto const pub = key.public_part();
        CHECK(*public_key::from_der(pub.to_der()) == pub);
        CHECK(*public_key::from_pem(pub.to_pem()) == pub);
        CHECK(private_key::from_der(key.to_der().reveal())->public_part() == pub);
        CHECK(private_key::from_pem(as_text(key.to_pem().reveal()))->public_part() == pub);
        auto const pass = secret::copy_of(as_bytes("correct horse")), wrong = secret::copy_of(as_bytes("incorrect"));
        CHECK(private_key::from_encrypted_der(*key.to_encrypted_der(pass), pass)->public_part() == pub);
        CHECK(private_key::from_encrypted_pem(*key.to_encrypted_pem(pass), wrong).error() == errc::bad_passphrase);
        CHECK(key.to_encrypted_der(secret{}).error() == errc::bad_passphrase); // it would hide nothing
        CHECK(key.to_encrypted_pem(secret{}).error() == errc::bad_passphrase);
    }
}

TEST_CASE("RFC 7468: labels are exact and nothing stands around the block") {
    auto const key = *private_key::generate(alg::es256);
    auto const pem = key.public_part().to_pem();
    CHECK(public_key::from_pem(" \n" + pem + "\r\n"));
    CHECK(public_key::from_pem("x" + pem).error() == errc::bad_key);
    CHECK(public_key::from_pem(pem + "x")); // text after a block (RFC 7468 section 2)
    CHECK(public_key::from_pem(pem + pem).error() == errc::bad_key);
    CHECK(public_key::from_pem(as_text(key.to_pem().reveal())).error() == errc::bad_key);
    CHECK(private_key::from_pem(pem).error() == errc::bad_key);
    CHECK(public_key::from_pem("").error() == errc::bad_key);
    CHECK(public_key::from_pem("-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----").error() == errc::bad_key);
}

TEST_CASE("RFC 5280: trailing octets and truncations of a public key are refused") {
    auto der = private_key::generate(alg::es256)->public_part().to_der();
    for (std::size_t n = 0; n != der.size(); ++n) CHECK_FALSE(public_key::from_der(bytes_view{der}.first(n)));
    der.push_back(0);
    CHECK_FALSE(public_key::from_der(der));
}

TEST_CASE("BOTAN.md: EC private d = 0 and d >= n are refused; so is a point off the curve") {
    for (auto crv : {curve::p256, curve::p384, curve::p521, curve::secp256k1}) {
        auto const size = crv == curve::p521 ? 66u : crv == curve::p384 ? 48u : 32u;
        CHECK(private_key::from_ec(crv, bytes(size, 0)).error() == errc::bad_key);
        CHECK(private_key::from_ec(crv, bytes(size, 0xff)).error() == errc::bad_key);
        CHECK_FALSE(private_key::from_ec(crv, bytes(size - 1, 1)));
        CHECK_FALSE(public_key::from_ec(crv, bytes(size, 1), bytes(size, 1)));
        CHECK_FALSE(public_key::from_ec(crv, bytes(size, 0), bytes(size, 0)));
        CHECK_FALSE(public_key::from_ec(crv, bytes(size, 0xff), bytes(size, 0xff)));
    }
    CHECK(public_key::from_ec(curve::none, {}, {}).error() == errc::unsupported_key);
    CHECK(public_key::from_ec(curve::ed25519, {}, {}).error() == errc::unsupported_key);
}

TEST_CASE("private and public parts that do not belong together are refused") {
    auto const a = *private_key::generate(alg::es256), b = *private_key::generate(alg::es256);
    auto const d = a.d();
    CHECK(private_key::from_ec(curve::p256, d.reveal(), a.public_part().x(), a.public_part().y()));
    CHECK(private_key::from_ec(curve::p256, d.reveal(), b.public_part().x(), b.public_part().y()).error() ==
          errc::key_mismatch);
    auto const e = *private_key::generate(alg::ed25519), f = *private_key::generate(alg::ed25519);
    CHECK(private_key::from_ed25519(e.d().reveal(), f.public_part().x()).error() == errc::key_mismatch);
}

TEST_CASE("BOTAN.md: RSA numbers that do not belong together are refused, each") {
    auto const numbers = rsa().rsa_numbers();
    auto const pub = rsa().public_part();
    REQUIRE(numbers.size() == 6);
    auto const with = [&](std::size_t changed) {
        std::vector<bytes> parts{octets(pub.n()), octets(pub.e())};
        for (auto const& number : numbers) parts.push_back(octets(number.reveal()));
        if (changed < parts.size()) parts[changed].back() ^= 2;
        return private_key::from_rsa({parts[0], parts[1], parts[2], parts[3], parts[4], parts[5], parts[6], parts[7]});
    };
    CHECK(with(99));
    for (std::size_t part = 0; part != 8; ++part) {
        CAPTURE(part);
        CHECK_FALSE(with(part));
    }
    CHECK(private_key::from_rsa({pub.n(), pub.e(), numbers[0].reveal(), {}, {}, {}, {}, {}}).error() ==
          errc::unsupported_key);
}

TEST_CASE("DECISIONS 11: RSA moduli from 2048 to 8192 bits, 4096 for keys in messages; e odd and 3 to 2^32 - 1") {
    auto const modulus = [](std::size_t bits) {
        bytes n(bits / 8, 0x5a);
        n.front() = 0xc5;
        n.back() = 0x31;
        return n;
    };
    bytes const e{1, 0, 1};
    CHECK(public_key::from_rsa(modulus(2048), e));
    CHECK(public_key::from_rsa(modulus(2040), e).error() == errc::weak_key);
    CHECK(public_key::from_rsa(modulus(512), e).error() == errc::weak_key);
    CHECK(public_key::from_rsa(modulus(8192), e));
    CHECK(public_key::from_rsa(modulus(8200), e).error() == errc::weak_key);
    CHECK(public_key::from_rsa(modulus(4096), e, limits_for_keys_in_messages));
    CHECK(public_key::from_rsa(modulus(4104), e, limits_for_keys_in_messages).error() == errc::weak_key);
    auto const exponent = [&](bytes value) { return public_key::from_rsa(modulus(2048), value); };
    CHECK(exponent({3}));
    CHECK(exponent({1}).error() == errc::weak_key);
    CHECK(exponent({2}).error() == errc::weak_key);
    CHECK(exponent({1, 0, 0}).error() == errc::weak_key);
    CHECK(exponent({0xff, 0xff, 0xff, 0xff}));
    CHECK(exponent({1, 0, 0, 0, 1}).error() == errc::weak_key);
    CHECK(exponent({0, 1, 0, 1}).error() == errc::bad_key);
    CHECK(exponent({}).error() == errc::bad_key);
    auto even = modulus(2048);
    even.back() = 0x30;
    CHECK(public_key::from_rsa(even, e).error() == errc::weak_key);
}

TEST_CASE("CVE-2017-15361: a modulus with the ROCA fingerprint is refused") {
    // 65537 to any power, modulo every prime of the test, has the fingerprint: 65537^128 is a number of 2049 bits.
    std::vector<std::uint32_t> power{1}; // little-endian, base 2^16
    for (int i = 0; i != 128; ++i) {     // times 65537 is a shift by 16 bits and an addition
        std::vector<std::uint32_t> next(power.size() + 1, 0);
        for (std::size_t k = 0; k != power.size(); ++k) next[k] += power[k], next[k + 1] += power[k];
        for (std::size_t k = 0; k + 1 < next.size(); ++k) next[k + 1] += next[k] >> 16, next[k] &= 0xffff;
        power = next;
    }
    bytes n;
    for (std::size_t k = power.size(); k-- != 0;)
        n.push_back(static_cast<std::uint8_t>(power[k] >> 8)), n.push_back(static_cast<std::uint8_t>(power[k]));
    while (n.front() == 0) n.erase(n.begin());
    CHECK(n.size() == 257);
    CHECK(public_key::from_rsa(n, bytes{1, 0, 1}).error() == errc::weak_key);
    n.back() ^= 2; // one bit beside it
    CHECK(public_key::from_rsa(n, bytes{1, 0, 1}));
}

TEST_CASE("RFC 8032 5.1.3: Ed25519 points of small order, not canonical or not on the curve are refused") {
    auto const with = [](std::initializer_list<std::pair<std::size_t, std::uint8_t>> set, std::uint8_t fill = 0) {
        bytes x(32, fill);
        for (auto [at, value] : set) x[at] = value;
        return x;
    };
    std::vector<bytes> small{
        with({}),
        with({{0, 1}}),
        with({{0, 0xec}, {31, 0x7f}}, 0xff), // y = 0, 1, -1
        with({{0, 0xed}, {31, 0x7f}}, 0xff),
        with({{0, 0xee}, {31, 0x7f}}, 0xff), // y = p, p + 1: not canonical
        {0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f,
         0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a},
        {0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0,
         0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05}};
    for (auto x : small)
        for (int sign = 0; sign != 2; ++sign) {
            CHECK(public_key::from_ed25519(x).error() == errc::bad_key);
            x[31] ^= 0x80;
        }
    CHECK(public_key::from_ed25519(bytes(31, 7)).error() == errc::bad_key);
    CHECK(public_key::from_ed25519(bytes(33, 7)).error() == errc::bad_key);
    int on_curve = 0; // about half of all y have an x
    for (std::uint8_t y = 2; y != 102; ++y) on_curve += public_key::from_ed25519(with({{0, y}})).has_value();
    CHECK(on_curve > 25);
    CHECK(on_curve < 75);
}

TEST_CASE("RFC 7518 3.2: an HMAC secret is at least as long as the hash") {
    for (auto a : {alg::hs256, alg::hs384, alg::hs512}) {
        auto const size = traits(a).signature_size;
        CHECK(mac_key::from_secret(secret{bytes(size, 1)}, a));
        CHECK(mac_key::from_secret(secret{bytes(size - 1, 1)}, a).error() == errc::weak_key);
        CHECK(mac_key::from_secret(secret{}, a).error() == errc::weak_key);
        CHECK(mac_key::from_secret(secret{bytes(4097, 1)}, a).error() == errc::weak_key);
    }
    CHECK(mac_key::from_secret(secret{bytes(64, 1)}, alg::es256).error() == errc::wrong_key_type);
    CHECK(private_key::generate(alg::hs256).error() == errc::wrong_key_type);
    CHECK(private_key::generate(alg::rs256, 1024).error() == errc::weak_key);
}

TEST_CASE("an encrypted key that would cost too much to open is refused unopened") {
    auto const key = *private_key::generate(alg::ed25519);
    auto const pass = secret::copy_of(as_bytes("p"));
    auto der = *key.to_encrypted_der(pass);
    // The iteration count, 210000 = 03 34 50, is raised to 0f ff ff = 1048575 (allowed) and 7f ff ff = 8388607 (not).
    bytes const count{0x02, 0x03, 0x03, 0x34, 0x50};
    auto const at = std::search(der.begin(), der.end(), count.begin(), count.end());
    REQUIRE(at != der.end());
    *(at + 2) = 0x7f;
    CHECK(private_key::from_encrypted_der(der, pass).error() == errc::weak_key);
    CHECK(private_key::from_encrypted_der(key.to_der().reveal(), pass).error() == errc::bad_key);
    CHECK(private_key::from_encrypted_der({}, pass).error() == errc::bad_key);
}

TEST_CASE("CVE-2024-34703: EC parameters spelled out are refused before Botan computes with them") {
    // SEQUENCE { SEQUENCE { ecPublicKey, SEQUENCE {} }, BIT STRING }, and the same as PKCS#8
    bytes const spki{0x30, 0x11, 0x30, 0x0b, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce,
                     0x3d, 0x02, 0x01, 0x30, 0x00, 0x03, 0x02, 0x00, 0x04};
    CHECK(public_key::from_der(spki).error() == errc::unsupported_key);
    bytes const pkcs8{0x30, 0x12, 0x02, 0x01, 0x00, 0x30, 0x0b, 0x06, 0x07, 0x2a,
                      0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x30, 0x00, 0x04, 0x00};
    CHECK(private_key::from_der(pkcs8).error() == errc::unsupported_key);
}

TEST_CASE("PEM inside DER, or instead of it, is refused") {
    auto const key = *private_key::generate(alg::ed25519);
    auto const pass = secret::copy_of(as_bytes("p"));
    auto const wrap = [](bytes_view inner, std::string_view pem) { // the DER grows by an element that holds the text
        bytes content = octets(inner.subspan(inner[1] == 0x81 ? 3 : 2));
        content.insert(content.end(),
                       {0x04, 0x82, static_cast<std::uint8_t>(pem.size() >> 8), static_cast<std::uint8_t>(pem.size())});
        content.insert(content.end(), pem.begin(), pem.end());
        bytes whole{0x30, 0x82, static_cast<std::uint8_t>(content.size() >> 8),
                    static_cast<std::uint8_t>(content.size())};
        whole.insert(whole.end(), content.begin(), content.end());
        return whole;
    };
    auto const plain = key.to_pem();
    auto text = as_text(plain.reveal());
    text.remove_suffix(1); // without the newline Botan reads to the end
    CHECK(private_key::from_der(as_bytes(text)).error() == errc::bad_key);
    CHECK(private_key::from_der(wrap(key.to_der().reveal(), as_text(plain.reveal()))).error() == errc::bad_key);
    auto const hidden = *key.to_encrypted_pem(pass);
    CHECK(private_key::from_encrypted_der(wrap(*key.to_encrypted_der(pass), hidden), pass).error() == errc::bad_key);
    CHECK(public_key::from_der(as_bytes(key.public_part().to_pem())).error() == errc::bad_key);
    CHECK(public_key::from_der(bytes(max_key_octets + 1, 0x30)).error() == errc::bad_key);
}

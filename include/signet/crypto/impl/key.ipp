// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/core/impl/wiped_text.hpp>
#include <signet/crypto/impl/key_encoding.hpp>

#include <algorithm>
#include <array>

namespace signet { inline namespace SIGNET_ABI {

namespace detail {

inline result<public_key> make_rsa(bytes_view n, bytes_view e, key_limits const& limits) {
    if (auto ok = check_rsa_public(n, e, limits); !ok) return ok.error();
    return guarded(errc::bad_key, [&]() -> result<public_key> {
        auto* const rsa = new Botan::RSA_PublicKey(big_int(n), big_int(e));
        owned_public_key key{rsa};
        return key_access::make(public_key_body{key_type::rsa,
                                                curve::none,
                                                rsa->get_n().bits(),
                                                std::move(key),
                                                bytes(n.begin(), n.end()),
                                                bytes(e.begin(), e.end()),
                                                {},
                                                {}});
    });
}

inline result<public_key> make_ec(curve crv, bytes_view x, bytes_view y) {
    auto const traits = curve_traits_of(crv);
    if (traits.size == 0) return errc::unsupported_key;
    if (x.size() != traits.size || y.size() != traits.size) return errc::bad_key;
    return guarded(errc::bad_key, [&]() -> result<public_key> {
        bytes point(1 + x.size() + y.size(), 0x04);
        std::copy(y.begin(), y.end(), std::copy(x.begin(), x.end(), point.begin() + 1));
        owned_public_key key{new Botan::ECDSA_PublicKey(ec_algorithm(traits), point)}; // throws off the curve
        return key_access::make(public_key_body{key_type::ec,
                                                crv,
                                                traits.bits,
                                                std::move(key),
                                                {},
                                                {},
                                                bytes(x.begin(), x.end()),
                                                bytes(y.begin(), y.end())});
    });
}

inline result<public_key> make_ed25519(bytes_view x) {
    if (x.size() != 32) return errc::bad_key;
    return guarded(errc::bad_key, [&]() -> result<public_key> {
        if (is_small_order_or_not_canonical(x) || !is_on_ed25519(x)) return errc::bad_key;
        return key_access::make(public_key_body{key_type::okp,
                                                curve::ed25519,
                                                255,
                                                owned_public_key{new Botan::Ed25519_PublicKey(x.data(), x.size())},
                                                {},
                                                {},
                                                bytes(x.begin(), x.end()),
                                                {}});
    });
}

inline result<public_key> make_ml_dsa(alg a, bytes_view pub) {
    if (traits(a).type != key_type::akp) return errc::wrong_key_type;
    if (pub.size() != traits(a).key_size) return errc::bad_key;
    return key_access::make(
        public_key_body{key_type::akp, curve::none, 0, nullptr, {}, {}, {}, {}, bytes(pub.begin(), pub.end())});
}

/// Of a key that Botan generated.
inline result<private_key> adopt_rsa(Botan::RSA_PrivateKey const& rsa) {
    auto const n = big_endian<secret_octets>(rsa.get_n()), e = big_endian<secret_octets>(rsa.get_e()),
               d = big_endian<secret_octets>(rsa.get_d()), p = big_endian<secret_octets>(rsa.get_p()),
               q = big_endian<secret_octets>(rsa.get_q()), dp = big_endian<secret_octets>(rsa.get_d1()),
               dq = big_endian<secret_octets>(rsa.get_d2()), qi = big_endian<secret_octets>(rsa.get_c());
    return private_key::from_rsa({n, e, d, p, q, dp, dq, qi});
}

} // namespace detail

// ---- public keys ---------------------------------------------------------------------------------------------------

SIGNET_DECL result<public_key> public_key::from_rsa(bytes_view n, bytes_view e, key_limits const& limits) {
    return detail::make_rsa(n, e, limits);
}
SIGNET_DECL result<public_key> public_key::from_ec(curve crv, bytes_view x, bytes_view y) {
    return detail::make_ec(crv, x, y);
}
SIGNET_DECL result<public_key> public_key::from_ed25519(bytes_view x) { return detail::make_ed25519(x); }

SIGNET_DECL result<public_key> public_key::from_ml_dsa(alg a, bytes_view pub) { return detail::make_ml_dsa(a, pub); }

SIGNET_DECL result<public_key> public_key::from_der(bytes_view spki, key_limits const& limits) {
    auto key = detail::read_public(spki, limits);
    // One encoding for each key.
    if (key && !detail::same_octets(key->to_der(), spki)) return errc::bad_key;
    return key;
}
SIGNET_DECL result<public_key> public_key::from_pem(std::string_view pem, key_limits const& limits) {
    constexpr std::array<std::string_view, 3> labels{"PUBLIC KEY", "RSA PUBLIC KEY", "CERTIFICATE"};
    std::string_view label;
    auto const der = detail::unwrap_pem(pem, labels, label);
    if (!der) return der.error();
    if (label == labels[1]) return detail::read_rsa_public(*der, limits);
    if (label == labels[2]) return detail::read_certificate_key(*der, limits);
    return from_der(*der, limits);
}

SIGNET_DECL public_key::public_key(std::shared_ptr<detail::public_key_body const> body) noexcept
    : body_{std::move(body)} {}
SIGNET_DECL key_type public_key::type() const noexcept { return body_->type; }
SIGNET_DECL curve public_key::crv() const noexcept { return body_->crv; }
SIGNET_DECL std::size_t public_key::bits() const noexcept { return body_->bits; }
SIGNET_DECL bool public_key::supports(alg a) const noexcept {
    return traits(a).type == type() && traits(a).crv == crv() && traits(a).key_size == pub().size();
}
SIGNET_DECL std::size_t public_key::signature_size() const noexcept {
    switch (type()) {
    case key_type::rsa: return n().size();
    case key_type::ec: return 2 * x().size();
    case key_type::akp: return traits(detail::ml_dsa_of(pub().size())).signature_size;
    case key_type::okp:
    case key_type::oct: break;
    }
    return 64;
}
SIGNET_DECL bytes_view public_key::n() const& noexcept { return body_->n; }
SIGNET_DECL bytes_view public_key::e() const& noexcept { return body_->e; }
SIGNET_DECL bytes_view public_key::x() const& noexcept { return body_->x; }
SIGNET_DECL bytes_view public_key::y() const& noexcept { return body_->y; }
SIGNET_DECL bytes_view public_key::pub() const& noexcept { return body_->pub; }
SIGNET_DECL bytes public_key::to_der() const {
    if (type() != key_type::akp) return Botan::X509::BER_encode(*body_->key);
    auto der = detail::ml_dsa_prefix(detail::ml_dsa_of(pub().size()));
    der.insert(der.end(), body_->pub.begin(), body_->pub.end());
    return der;
}
SIGNET_DECL std::string public_key::to_pem() const { return Botan::PEM_Code::encode(to_der(), "PUBLIC KEY"); }

SIGNET_DECL bool operator==(public_key const& a, public_key const& b) noexcept {
    auto const &left = *a.body_, &right = *b.body_;
    return left.type == right.type && left.crv == right.crv && left.n == right.n && left.e == right.e &&
           left.x == right.x && left.y == right.y && left.pub == right.pub;
}

// ---- private keys --------------------------------------------------------------------------------------------------

SIGNET_DECL private_key::private_key(std::shared_ptr<detail::private_key_body const> body) noexcept
    : body_{std::move(body)} {}

SIGNET_DECL result<private_key> private_key::from_rsa(rsa_private_numbers const& k) {
    for (auto part : {k.d, k.p, k.q, k.dp, k.dq, k.qi})
        if (part.empty()) return errc::unsupported_key;
    return detail::guarded(errc::bad_key, [&]() -> result<private_key> {
        auto pub = detail::make_rsa(k.n, k.e, {});
        if (!pub) return pub.error();
        if (auto ok = detail::check_rsa_private(k); !ok) return ok.error();
        using detail::big_int;
        detail::owned_private_key key{
            new Botan::RSA_PrivateKey(big_int(k.p), big_int(k.q), big_int(k.e), big_int(k.d), big_int(k.n))};
        if (!key->check_key(Botan::system_rng(), false)) return errc::bad_key; // among others: p and q are prime
        std::vector<secret> numbers;
        for (auto part : {k.d, k.p, k.q, k.dp, k.dq, k.qi}) {
            while (!part.empty() && part[0] == 0) part = part.subspan(1);
            numbers.push_back(secret::copy_of(part));
        }
        return detail::key_access::make(
            detail::private_key_body{*std::move(pub), std::move(key), {}, std::move(numbers)});
    });
}

SIGNET_DECL result<private_key> private_key::from_ec(curve crv, bytes_view d, bytes_view x, bytes_view y) {
    auto const traits = detail::curve_traits_of(crv);
    if (traits.size == 0) return errc::unsupported_key;
    if (d.size() != traits.size) return errc::bad_key;
    return detail::guarded(errc::bad_key, [&]() -> result<private_key> {
        // RFC 5915 ECPrivateKey { version 1, privateKey }: 71 octets at most, so lengths are one octet.
        Botan::secure_vector<std::uint8_t> der{0x30, static_cast<std::uint8_t>(5 + traits.size), 0x02, 0x01, 0x01,
                                               0x04, static_cast<std::uint8_t>(traits.size)};
        der.insert(der.end(), d.begin(), d.end());
        auto const scalar = detail::big_int(d);
        if (scalar.is_zero()) return errc::bad_key;
        auto* const ec = new Botan::ECDSA_PrivateKey(detail::ec_algorithm(traits), der);
        detail::owned_private_key key{ec};
        if (scalar >= ec->domain().get_order()) return errc::bad_key;
        auto const point = ec->public_key_bits();
        bytes_view own_x, own_y;
        if (auto ok = detail::read_point(point, traits.size, own_x, own_y); !ok) return ok.error();
        auto pub = detail::make_ec(crv, own_x, own_y);
        if (!pub) return pub.error();
        if (!(x.empty() && y.empty()) && !(detail::same_octets(pub->x(), x) && detail::same_octets(pub->y(), y)))
            return errc::key_mismatch;
        return detail::key_access::make(
            detail::private_key_body{*std::move(pub), std::move(key), secret::copy_of(d), {}});
    });
}

SIGNET_DECL result<private_key> private_key::from_ed25519(bytes_view seed, bytes_view x) {
    if (seed.size() != 32) return errc::bad_key;
    return detail::guarded(errc::bad_key, [&]() -> result<private_key> {
        Botan::secure_vector<std::uint8_t> wrapped{0x04, 0x20};
        wrapped.insert(wrapped.end(), seed.begin(), seed.end());
        auto* const ed = new Botan::Ed25519_PrivateKey(
            Botan::AlgorithmIdentifier(Botan::OID("1.3.101.112"), std::vector<std::uint8_t>{}), wrapped);
        detail::owned_private_key key{ed};
        auto pub = detail::make_ed25519(ed->public_key_bits());
        if (!pub) return pub.error();
        if (!x.empty() && !detail::same_octets(pub->x(), x)) return errc::key_mismatch;
        return detail::key_access::make(
            detail::private_key_body{*std::move(pub), std::move(key), secret::copy_of(seed), {}});
    });
}

SIGNET_DECL result<private_key> private_key::from_ml_dsa(alg a, bytes_view seed, bytes_view pub) {
    if (traits(a).type != key_type::akp) return errc::wrong_key_type;
    if (seed.size() != detail::ml_dsa_seed_size || (!pub.empty() && pub.size() != traits(a).key_size))
        return errc::bad_key;
    return detail::guarded(errc::unsupported_algorithm, [&]() -> result<private_key> {
        auto const botan = detail::ml_dsa_key(a, seed);
        if (!botan) return errc::unsupported_algorithm;
        auto own = detail::make_ml_dsa(a, botan->public_key_bits());
        if (!own) return own.error();
        if (!pub.empty() && !detail::same_octets(own->pub(), pub)) return errc::key_mismatch;
        return detail::key_access::make(detail::private_key_body{*std::move(own), nullptr, secret::copy_of(seed), {}});
    });
}

SIGNET_DECL result<private_key> private_key::generate(alg a, std::size_t rsa_bits) {
    auto const& wanted = traits(a);
    return detail::guarded(errc::random_failed, [&]() -> result<private_key> {
        auto& rng = Botan::system_rng();
        switch (wanted.type) {
        case key_type::oct: return errc::wrong_key_type;
        case key_type::rsa: {
            key_limits const limits;
            if (rsa_bits < limits.min_rsa_bits || rsa_bits > limits.max_rsa_bits || rsa_bits % 8 != 0)
                return errc::weak_key;
            return detail::adopt_rsa(Botan::RSA_PrivateKey(rng, rsa_bits));
        }
        case key_type::ec: {
            auto const size = detail::curve_traits_of(wanted.crv).size;
            Botan::secure_vector<std::uint8_t> d(size);
            for (int tries = 0; tries != 128; ++tries) { // each is in 1 .. n-1 with probability over one half
                rng.randomize(d.data(), d.size());
                if (wanted.crv == curve::p521) d[0] &= 1;
                if (auto key = from_ec(wanted.crv, d)) return key;
            }
            return errc::random_failed;
        }
        case key_type::okp: {
            Botan::secure_vector<std::uint8_t> seed(32);
            rng.randomize(seed.data(), seed.size());
            return from_ed25519(seed);
        }
        case key_type::akp: {
            Botan::secure_vector<std::uint8_t> seed(detail::ml_dsa_seed_size);
            rng.randomize(seed.data(), seed.size());
            return from_ml_dsa(a, seed);
        }
        }
        return errc::unsupported_algorithm;
    });
}

SIGNET_DECL result<private_key> private_key::from_der(bytes_view pkcs8) { return detail::read_private(pkcs8); }
SIGNET_DECL result<private_key> private_key::from_pem(std::string_view pem) {
    constexpr std::array<std::string_view, 3> labels{"PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY"};
    std::string_view label;
    auto const der = detail::unwrap_pem(pem, labels, label);
    if (!der) return der.error();
    if (label == labels[1]) return detail::read_pkcs1(*der);
    if (label == labels[2]) return detail::read_sec1(*der);
    return from_der(*der);
}
SIGNET_DECL result<private_key> private_key::from_encrypted_der(bytes_view pkcs8, secret const& passphrase) {
    return detail::read_encrypted_private(pkcs8, passphrase);
}
SIGNET_DECL result<private_key> private_key::from_encrypted_pem(std::string_view pem, secret const& passphrase) {
    constexpr std::array<std::string_view, 1> labels{"ENCRYPTED PRIVATE KEY"};
    std::string_view label;
    auto const der = detail::unwrap_pem(pem, labels, label);
    if (!der) return der.error();
    return from_encrypted_der(*der, passphrase);
}

SIGNET_DECL public_key const& private_key::public_part() const& noexcept { return body_->public_part; }
SIGNET_DECL secret private_key::d() const { return secret::copy_of(body_->d.reveal()); }
SIGNET_DECL std::vector<secret> private_key::rsa_numbers() const {
    std::vector<secret> copies;
    for (auto const& number : body_->rsa) copies.push_back(secret::copy_of(number.reveal()));
    return copies;
}
SIGNET_DECL secret private_key::to_der() const { return secret::copy_of(detail::write_private(*this)); }
SIGNET_DECL secret private_key::to_pem() const { return detail::wrap_pem(detail::write_private(*this), "PRIVATE KEY"); }
SIGNET_DECL result<bytes> private_key::to_encrypted_der(secret const& passphrase) const {
    if (passphrase.empty()) return errc::bad_passphrase;
    return detail::guarded(errc::random_failed, [&]() -> result<bytes> {
        if (!body_->key) return detail::write_encrypted(detail::write_private(*this), passphrase);
        detail::wiped_text const given{std::string{as_text(passphrase.reveal())}};
        return Botan::PKCS8::BER_encode_encrypted_pbkdf_iter(*body_->key, Botan::system_rng(), given.text,
                                                             pbkdf2_iterations);
    });
}
SIGNET_DECL result<std::string> private_key::to_encrypted_pem(secret const& passphrase) const {
    auto const der = to_encrypted_der(passphrase);
    if (!der) return der.error();
    return Botan::PEM_Code::encode(*der, "ENCRYPTED PRIVATE KEY");
}

// ---- MAC keys ------------------------------------------------------------------------------------------------------

SIGNET_DECL mac_key::mac_key(std::shared_ptr<secret const> octets, alg a) noexcept
    : octets_{std::move(octets)}, algorithm_{a} {}

SIGNET_DECL result<mac_key> mac_key::from_secret(secret octets, alg a) {
    if (traits(a).type != key_type::oct) return errc::wrong_key_type;
    if (octets.size() < traits(a).signature_size || octets.size() > 4096)
        return errc::weak_key; // RFC 7518 3.2; Botan's limit
    return mac_key{std::make_shared<secret const>(std::move(octets)), a};
}
SIGNET_DECL bytes_view mac_key::reveal() const& noexcept { return octets_->reveal(); }

SIGNET_DECL result<mac_key> mac_key::generate(alg a) {
    bytes octets(traits(a).signature_size);
    return detail::guarded(errc::random_failed, [&]() -> result<mac_key> {
        Botan::system_rng().randomize(octets.data(), octets.size());
        return from_secret(secret{std::move(octets)}, a);
    });
}

}} // namespace signet

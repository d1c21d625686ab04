// SPDX-License-Identifier: BSL-1.0
// The containers of keys: SubjectPublicKeyInfo, PKCS#8, encrypted PKCS#8, PEM. They are read here and not by Botan, so
// that Botan computes with no number that was not judged before.
// The includes stand before the guard: header-only, they end with bodies that include this file and need all of it.
#include <signet/crypto/impl/der.hpp>
#include <signet/crypto/impl/key_checks.hpp>
#include <signet/crypto/impl/pem.hpp>

#include <botan/base64.h>
#include <botan/cipher_mode.h>
#include <botan/pwdhash.h>

#include <algorithm>
#include <array>
#include <initializer_list>
#include <span>
#include <string>
#include <utility>

#ifndef SIGNET_CRYPTO_IMPL_KEY_ENCODING_HPP
#    define SIGNET_CRYPTO_IMPL_KEY_ENCODING_HPP

namespace signet { inline namespace SIGNET_ABI { namespace detail {

using secret_octets = Botan::secure_vector<std::uint8_t>;

// ---- algorithms ----------------------------------------------------------------------------------------------------

inline constexpr std::array<std::uint8_t, 9> oid_rsa{0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01};
inline constexpr std::array<std::uint8_t, 7> oid_ec{0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01};
inline constexpr std::array<std::uint8_t, 3> oid_ed25519{0x2b, 0x65, 0x70};

/// id-ml-dsa-44 and the two after it (RFC 9881 section 2), but for the last octet: 17, 18 and 19.
inline constexpr std::array<std::uint8_t, 8> oid_ml_dsa{0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x03};
inline constexpr std::uint8_t first_ml_dsa = 17;

struct key_kind {
    key_type type;
    curve crv = curve::none;
    alg algorithm{}; // of ML-DSA
};

inline std::uint8_t last_of_oid(alg a) noexcept {
    return static_cast<std::uint8_t>(first_ml_dsa + static_cast<unsigned>(a) - static_cast<unsigned>(alg::ml_dsa_44));
}

/// What stands before the octets of an ML-DSA key in its SubjectPublicKeyInfo (RFC 9881 section 4).
inline bytes ml_dsa_prefix(alg a) {
    auto const bits = traits(a).key_size + 1, whole = bits + 4 + 13;
    auto const low = [](std::size_t x) { return static_cast<std::uint8_t>(x); };
    std::uint8_t const before[]{0x30, 0x82, low(whole >> 8), low(whole), 0x30, 0x0b, 0x06, 0x09};
    std::uint8_t const behind[]{last_of_oid(a), 0x03, 0x82, low(bits >> 8), low(bits), 0};
    bytes r(std::size(before) + oid_ml_dsa.size() + std::size(behind));
    auto const oid = std::ranges::copy(before, r.begin()).out;
    std::ranges::copy(behind, std::ranges::copy(oid_ml_dsa, oid).out);
    return r;
}

/// The named curve of that object identifier; `none` for any other.
inline curve curve_named(bytes_view oid) {
    for (auto crv : {curve::p256, curve::p384, curve::p521, curve::secp256k1})
        if (same_octets(oid, bytes_view{curve_traits_of(crv).oid_der}.subspan(2))) return crv;
    return curve::none;
}

/// An AlgorithmIdentifier of a key (RFC 5480, RFC 8410, RFC 3279). Whatever else a key may be is `unsupported_key`:
/// other algorithms, also those of the same curves, other curves, and parameters of curves spelled out (RFC
/// 5480 2.1.1).
inline result<key_kind> read_kind(der_reader& at) {
    der_reader algorithm{{}};
    bytes_view oid, parameters;
    if (!at.open(der_reader::sequence, algorithm) || !algorithm.read(der_reader::object_id, oid)) return errc::bad_key;
    if (same_octets(oid, oid_rsa)) {
        if (!algorithm.at_end() &&
            !(algorithm.read(der_reader::null, parameters) && parameters.empty() && algorithm.at_end()))
            return errc::bad_key;
        return key_kind{key_type::rsa};
    }
    if (same_octets(oid, oid_ec)) {
        if (!algorithm.read(der_reader::object_id, parameters)) return errc::unsupported_key;
        auto const crv = curve_named(parameters);
        if (crv == curve::none) return errc::unsupported_key;
        if (!algorithm.at_end()) return errc::bad_key;
        return key_kind{key_type::ec, crv};
    }
    if (same_octets(oid, oid_ed25519)) {
        if (!algorithm.at_end()) return errc::bad_key;
        return key_kind{key_type::okp, curve::ed25519};
    }
    if (oid.size() == oid_ml_dsa.size() + 1 && same_octets(oid.first(oid_ml_dsa.size()), oid_ml_dsa) &&
        oid.back() >= first_ml_dsa && oid.back() < first_ml_dsa + 3) {
        if (!algorithm.at_end()) return errc::bad_key;
        return key_kind{key_type::akp, curve::none,
                        static_cast<alg>(static_cast<unsigned>(alg::ml_dsa_44) + oid.back() - first_ml_dsa)};
    }
    return errc::unsupported_key;
}

/// A point as 04 x y (SEC 1 2.3.3); one that leaves y out is not supported.
inline result<void> read_point(bytes_view octets, std::size_t size, bytes_view& x, bytes_view& y) noexcept {
    if (octets.size() == 1 + size && (octets[0] == 2 || octets[0] == 3)) return errc::unsupported_key;
    if (octets.size() != 1 + 2 * size || octets[0] != 4) return errc::bad_key;
    x = octets.subspan(1, size), y = octets.subspan(1 + size);
    return {};
}

// ---- SubjectPublicKeyInfo (RFC 5280 4.1.2.7) -----------------------------------------------------------------------

/// RSAPublicKey (RFC 8017 A.1.1).
inline result<public_key> read_rsa_public(bytes_view der, key_limits const& limits) {
    der_reader content{der}, numbers{{}};
    bytes_view n, e;
    if (der.size() > max_key_octets || !content.open(der_reader::sequence, numbers) || !content.at_end() ||
        !numbers.read_integer(n) || !numbers.read_integer(e) || !numbers.at_end())
        return errc::bad_key;
    return public_key::from_rsa(n, e, limits);
}

/// The octets of a public key's bit string.
inline result<public_key> read_public(key_kind const& kind, bytes_view octets, key_limits const& limits) {
    if (kind.type == key_type::rsa) return read_rsa_public(octets, limits);
    if (kind.type == key_type::ec) {
        bytes_view x, y;
        if (auto ok = read_point(octets, curve_traits_of(kind.crv).size, x, y); !ok) return ok.error();
        return public_key::from_ec(kind.crv, x, y);
    }
    if (kind.type == key_type::akp) return public_key::from_ml_dsa(kind.algorithm, octets);
    return public_key::from_ed25519(octets);
}

/// Reads the structure that is next in `at`.
inline result<public_key> read_public(der_reader& at, key_limits const& limits) {
    der_reader info{{}};
    bytes_view octets;
    if (!at.open(der_reader::sequence, info)) return errc::bad_key;
    auto const kind = read_kind(info);
    if (!kind) return kind.error();
    if (!info.read_bits(octets) || !info.at_end()) return errc::bad_key;
    return read_public(*kind, octets, limits);
}

inline result<public_key> read_public(bytes_view spki, key_limits const& limits) {
    der_reader whole{spki}, rest{spki};
    bytes_view content;
    if (spki.size() > max_key_octets || !whole.read(der_reader::sequence, content) || !whole.at_end())
        return errc::bad_key;
    return read_public(rest, limits);
}

/// The key of a certificate (RFC 5280 4.1). Nothing else of it is judged: who signed it, for whom, and until when.
inline result<public_key> read_certificate_key(bytes_view der, key_limits const& limits) {
    constexpr auto seq = der_reader::sequence;
    der_reader whole{der}, certificate{{}}, body{{}};
    bytes_view skipped;
    if (der.size() > max_key_octets || !whole.open(seq, certificate) || !whole.at_end() || !certificate.open(seq, body))
        return errc::bad_key;
    if (body.tag() == der_reader::context(0) && !body.read(der_reader::context(0), skipped)) return errc::bad_key;
    if (!body.read(der_reader::integer_tag, skipped)) return errc::bad_key; // the serial number
    for (int i = 0; i != 4; ++i)                                            // algorithm, issuer, validity, subject
        if (!body.read(seq, skipped)) return errc::bad_key;
    return read_public(body, limits);
}

// ---- PKCS#8 (RFC 5958) ---------------------------------------------------------------------------------------------

/// RSAPrivateKey (RFC 8017 A.1.2) of two primes.
inline result<private_key> read_rsa_private(der_reader& at) {
    der_reader numbers{{}};
    std::size_t version = 0;
    rsa_private_numbers k;
    if (!at.open(der_reader::sequence, numbers) || !at.at_end() || !numbers.read_small(version)) return errc::bad_key;
    if (version != 0) return errc::unsupported_key;
    for (auto* part : {&k.n, &k.e, &k.d, &k.p, &k.q, &k.dp, &k.dq, &k.qi})
        if (!numbers.read_integer(*part)) return errc::bad_key;
    if (!numbers.at_end()) return errc::bad_key;
    return private_key::from_rsa(k);
}

/// ECPrivateKey (RFC 5915). A scalar without its leading zeros, as some write it, is filled up.
inline result<private_key> read_ec_private(der_reader& at, curve crv) {
    der_reader content{{}}, inside{{}};
    std::size_t version = 0;
    bytes_view scalar, named, point, x, y;
    if (!at.open(der_reader::sequence, content) || !at.at_end() || !content.read_small(version) || version != 1 ||
        !content.read(der_reader::octet_string, scalar))
        return errc::bad_key;
    if (content.tag() == der_reader::context(0)) {
        if (!content.open(der_reader::context(0), inside)) return errc::bad_key;
        if (!inside.read(der_reader::object_id, named)) return errc::unsupported_key;
        if (!inside.at_end() || curve_named(named) != crv) return errc::bad_key;
    }
    auto const size = curve_traits_of(crv).size;
    if (content.tag() == der_reader::context(1)) {
        if (!content.open(der_reader::context(1), inside) || !inside.read_bits(point) || !inside.at_end())
            return errc::bad_key;
        if (auto ok = read_point(point, size, x, y); !ok) return ok.error();
    }
    if (!content.at_end() || scalar.size() > size) return errc::bad_key;
    secret_octets d(size);
    std::copy(scalar.begin(), scalar.end(), d.end() - static_cast<std::ptrdiff_t>(scalar.size()));
    return private_key::from_ec(crv, d, x, y);
}

/// The ECPrivateKey of a file of its own, in which the curve is always named (RFC 5915 section 4).
inline result<private_key> read_sec1(bytes_view der) {
    der_reader whole{der}, content{{}}, inside{{}};
    std::size_t version = 0;
    bytes_view scalar, named;
    if (der.size() > max_key_octets || !whole.open(der_reader::sequence, content) || !content.read_small(version) ||
        !content.read(der_reader::octet_string, scalar) || !content.open(der_reader::context(0), inside))
        return errc::bad_key;
    if (!inside.read(der_reader::object_id, named)) return errc::unsupported_key;
    auto const crv = curve_named(named);
    if (crv == curve::none) return errc::unsupported_key;
    der_reader at{der};
    return read_ec_private(at, crv);
}

inline result<private_key> read_pkcs1(bytes_view der) {
    if (der.size() > max_key_octets) return errc::bad_key;
    der_reader at{der};
    return read_rsa_private(at);
}

/// The content of `privateKey`.
inline result<private_key> read_private(key_kind const& kind, bytes_view octets) {
    der_reader at{octets};
    if (kind.type == key_type::rsa) return read_rsa_private(at);
    if (kind.type == key_type::ec) return read_ec_private(at, kind.crv);
    bytes_view seed;
    if (kind.type == key_type::akp) { // the seed alone (RFC 9881 section 6); expanded keys have no form in JOSE
        if (at.tag() != 0x80) return errc::unsupported_key;
        if (!at.read(0x80, seed) || !at.at_end()) return errc::bad_key;
        return private_key::from_ml_dsa(kind.algorithm, seed);
    }
    // CurvePrivateKey (RFC 8410 7)
    if (!at.read(der_reader::octet_string, seed) || !at.at_end()) return errc::bad_key;
    return private_key::from_ed25519(seed);
}

inline result<private_key> read_private(bytes_view pkcs8) {
    constexpr std::uint8_t public_part = 0x81; // [1] IMPLICIT BIT STRING
    der_reader whole{pkcs8}, info{{}};
    std::size_t version = 0;
    bytes_view octets, attributes, bits;
    if (pkcs8.size() > max_key_octets || !whole.open(der_reader::sequence, info) || !whole.at_end())
        return errc::bad_key;
    if (!info.read_small(version) || version > 1) return errc::bad_key;
    auto const kind = read_kind(info);
    if (!kind) return kind.error();
    if (!info.read(der_reader::octet_string, octets)) return errc::bad_key;
    if (info.tag() == der_reader::context(0) && !info.read(der_reader::context(0), attributes)) return errc::bad_key;
    // The number 1, version 2, says that there is the public key as well.
    if (version == 1 && (!info.read(public_part, bits) || bits.empty() || bits[0] != 0)) return errc::bad_key;
    if (!info.at_end()) return errc::bad_key;

    auto key = read_private(*kind, octets);
    if (!key || version == 0) return key;
    auto const named = read_public(*kind, bits.subspan(1), {});
    if (!named) return named.error();
    if (!(*named == key->public_part())) return errc::key_mismatch;
    return key;
}

// ---- EncryptedPrivateKeyInfo (RFC 5958): PBES2 (RFC 8018), with PBKDF2 or scrypt (RFC 7914) ------------------------

struct encrypted_key {
    bytes_view salt, nonce, sealed;
    std::size_t iterations = 0, key_size = 0;
    std::size_t block_size = 0, parallelization = 0; ///< of scrypt, whose N is `iterations`
    char const* mac = nullptr;                       ///< as Botan names it; null for scrypt
    char const* cipher = nullptr;                    ///< the same
};

/// The parameters of scrypt (RFC 7914 section 7). `weak_key` for more than `max_scrypt_work`, and for an N that is no
/// power of two above 1.
inline result<void> read_scrypt(der_reader& settings, encrypted_key& key) {
    std::size_t size = key.key_size;
    if (!settings.read(der_reader::octet_string, key.salt) || !settings.read_small(key.iterations) ||
        !settings.read_small(key.block_size) || !settings.read_small(key.parallelization))
        return errc::bad_key;
    auto const n = key.iterations, r = key.block_size, p = key.parallelization;
    if (n < 2 || (n & (n - 1)) != 0 || r == 0 || p == 0) return errc::weak_key;
    if (n > max_scrypt_work || r > max_scrypt_work / n || p > max_scrypt_work / (n * r)) return errc::weak_key;
    if (settings.tag() == der_reader::integer_tag && (!settings.read_small(size) || size != key.key_size))
        return errc::bad_key;
    return settings.at_end() ? result<void>{} : errc::bad_key;
}

/// Looks at what opening the key would cost, and refuses more: `weak_key` for more than `max_pbkdf2_iterations`,
/// `bad_key` for a key longer than the cipher's, each block of which takes all iterations anew.
// The steps of RFC 8018 appendix A.4, in the order of the structure.
inline result<encrypted_key> read_encrypted(bytes_view der) {
    constexpr std::array<std::uint8_t, 9> pbes2{0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0d};
    constexpr std::array<std::uint8_t, 9> pbkdf2{0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0c};
    constexpr std::array<std::uint8_t, 9> scrypt{0x2b, 0x06, 0x01, 0x04, 0x01, 0xda, 0x47, 0x04, 0x0b};
    constexpr std::array<std::uint8_t, 7> rsa_digests{0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x02};
    constexpr std::array<std::uint8_t, 8> aes{0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01};
    constexpr std::array<std::uint8_t, 8> triple_des{0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x03, 0x07};
    constexpr auto seq = der_reader::sequence, oid = der_reader::object_id;

    encrypted_key key;
    der_reader whole{der}, info{{}}, scheme{{}}, parameters{{}}, derivation{{}}, settings{{}}, prf{{}}, cipher{{}};
    bytes_view id, none;
    if (der.size() > max_key_octets || !whole.open(seq, info) || !whole.at_end() || !info.open(seq, scheme))
        return errc::bad_key;
    if (!scheme.read(oid, id)) return errc::bad_key;
    if (!same_octets(id, pbes2)) return errc::unsupported_key;
    if (!scheme.open(seq, parameters) || !scheme.at_end() || !parameters.open(seq, derivation) ||
        !derivation.read(oid, id))
        return errc::bad_key;
    auto const is_scrypt = same_octets(id, scrypt);
    if (!is_scrypt && !same_octets(id, pbkdf2)) return errc::unsupported_key;
    if (!derivation.open(seq, settings) || !derivation.at_end() || !parameters.open(seq, cipher) ||
        !parameters.at_end())
        return errc::bad_key;
    if (!info.read(der_reader::octet_string, key.sealed) || !info.at_end()) return errc::bad_key;

    if (!cipher.read(oid, id) || !cipher.read(der_reader::octet_string, key.nonce) || !cipher.at_end())
        return errc::bad_key;
    auto const is_aes = id.size() == aes.size() + 1 && same_octets(id.first(aes.size()), aes);
    switch (is_aes ? id.back() : 0) {
    case 0x02: key.cipher = "AES-128/CBC/PKCS7", key.key_size = 16; break;
    case 0x16: key.cipher = "AES-192/CBC/PKCS7", key.key_size = 24; break;
    case 0x2a: key.cipher = "AES-256/CBC/PKCS7", key.key_size = 32; break;
    case 0x06: key.cipher = "AES-128/GCM", key.key_size = 16; break;
    case 0x1a: key.cipher = "AES-192/GCM", key.key_size = 24; break;
    case 0x2e: key.cipher = "AES-256/GCM", key.key_size = 32; break;
    default:
        if (!same_octets(id, triple_des)) return errc::unsupported_key;
        key.cipher = "TripleDES/CBC/PKCS7", key.key_size = 24;
    }

    if (is_scrypt) {
        if (auto const ok = read_scrypt(settings, key); !ok) return ok.error();
        return key;
    }
    std::size_t length = key.key_size;
    if (!settings.read(der_reader::octet_string, key.salt)) return errc::bad_key;
    if (settings.tag() != der_reader::integer_tag) return errc::bad_key;
    if (!settings.read_small(key.iterations)) return errc::weak_key;
    if (key.iterations == 0 || key.iterations > max_pbkdf2_iterations) return errc::weak_key;
    if (settings.tag() == der_reader::integer_tag && (!settings.read_small(length) || length != key.key_size))
        return errc::bad_key;
    std::uint8_t digest = 7; // hmacWithSHA1 where none is named
    if (!settings.at_end()) {
        if (!settings.open(seq, prf) || !settings.at_end() || !prf.read(oid, id)) return errc::bad_key;
        if (!prf.at_end() && !(prf.read(der_reader::null, none) && none.empty() && prf.at_end())) return errc::bad_key;
        if (id.size() != rsa_digests.size() + 1 || !same_octets(id.first(rsa_digests.size()), rsa_digests))
            return errc::unsupported_key;
        digest = id.back();
    }
    switch (digest) {
    case 7: key.mac = "HMAC(SHA-1)"; break;
    case 8: key.mac = "HMAC(SHA-224)"; break;
    case 9: key.mac = "HMAC(SHA-256)"; break;
    case 10: key.mac = "HMAC(SHA-384)"; break;
    case 11: key.mac = "HMAC(SHA-512)"; break;
    case 13: key.mac = "HMAC(SHA-512-256)"; break;
    default: return errc::unsupported_key;
    }
    return key;
}

/// Throws, or gives other octets, where the passphrase is not the right one.
inline secret_octets decrypt(encrypted_key const& key, secret const& passphrase) {
    auto const given = as_text(passphrase.reveal());
    secret_octets made(key.key_size);
    auto const hash = key.mac ? Botan::PasswordHashFamily::create_or_throw("PBKDF2(" + std::string{key.mac} + ")")
                                    ->from_params(key.iterations)
                              : Botan::PasswordHashFamily::create_or_throw("Scrypt")->from_params(
                                    key.iterations, key.block_size, key.parallelization);
    hash->derive_key(made.data(), made.size(), given.data(), given.size(), key.salt.data(), key.salt.size());
    auto const cipher = Botan::Cipher_Mode::create_or_throw(
        key.cipher, static_cast<Botan::Cipher_Dir>(1)); // 1: decryption, in Botan 2 and 3
    cipher->set_key(made.data(), made.size());
    cipher->start(key.nonce.data(), key.nonce.size());
    secret_octets text(key.sealed.begin(), key.sealed.end());
    cipher->finish(text);
    return text;
}

inline result<private_key> read_encrypted_private(bytes_view der, secret const& passphrase) {
    auto const sealed = read_encrypted(der);
    if (!sealed) return sealed.error();
    return guarded(errc::bad_passphrase, [&]() -> result<private_key> {
        auto key = read_private(decrypt(*sealed, passphrase));
        // With a wrong passphrase the padding may be right by chance.
        if (!key && key.error() == errc::bad_key) return errc::bad_passphrase;
        return key;
    });
}

/// PrivateKeyInfo. That of ML-DSA is written here, with the seed alone (RFC 9881 section 6): Botan 3.7 writes a form of
/// its own.
inline secret_octets write_private(private_key const& key) {
    if (key.type() != key_type::akp) return Botan::PKCS8::BER_encode(*key_access::body(key).key);
    auto const seed = key_access::body(key).d.reveal();
    secret_octets der{0x30, 0x34, 0x02, 0x01, 0x00, 0x30, 0x0b, 0x06, 0x09};
    der.insert(der.end(), oid_ml_dsa.begin(), oid_ml_dsa.end());
    der.push_back(last_of_oid(ml_dsa_of(key.public_part().pub().size())));
    for (auto const octet : std::array<std::uint8_t, 4>{0x04, 0x22, 0x80, 0x20}) der.push_back(octet);
    der.insert(der.end(), seed.begin(), seed.end());
    return der;
}

/// What has that tag and consists of these parts, which have fewer than 256 octets together.
inline bytes der_of(std::uint8_t tag, std::initializer_list<bytes_view> parts) {
    std::size_t size = 0;
    for (auto const part : parts) size += part.size();
    bytes out{tag};
    if (size >= 0x80) out.push_back(0x81);
    out.push_back(static_cast<std::uint8_t>(size));
    for (auto const part : parts) out.insert(out.end(), part.begin(), part.end());
    return out;
}

/// EncryptedPrivateKeyInfo with PBKDF2 of HMAC with SHA-256, and AES-256 in CBC, for keys that Botan does not hold, and
/// that have fewer than 100 octets. May throw.
inline bytes write_encrypted(secret_octets text, secret const& passphrase) {
    constexpr std::size_t iv_size = 16, salt_size = 16, key_size = 32;
    std::vector<std::uint8_t> salt(salt_size), iv(iv_size);
    Botan::system_rng().randomize(salt.data(), salt.size());
    Botan::system_rng().randomize(iv.data(), iv.size());
    auto const given = as_text(passphrase.reveal());
    secret_octets made(key_size);
    Botan::PasswordHashFamily::create_or_throw("PBKDF2(HMAC(SHA-256))")
        ->from_params(pbkdf2_iterations)
        ->derive_key(made.data(), made.size(), given.data(), given.size(), salt.data(), salt.size());
    auto const cipher = Botan::Cipher_Mode::create_or_throw(
        "AES-256/CBC/PKCS7", static_cast<Botan::Cipher_Dir>(0)); // 0: encryption, in Botan 2 and 3
    cipher->set_key(made.data(), made.size());
    cipher->start(iv.data(), iv.size());
    cipher->finish(text);

    constexpr std::array<std::uint8_t, 11> pbes2{0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0d},
        pbkdf2{0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05, 0x0c},
        aes{0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x2a};
    constexpr std::array<std::uint8_t, 14> hmac{0x30, 0x0c, 0x06, 0x08, 0x2a, 0x86, 0x48,
                                                0x86, 0xf7, 0x0d, 0x02, 0x09, 0x05, 0x00};
    static_assert(pbkdf2_iterations > 0xffff && pbkdf2_iterations < 0x800000);
    constexpr std::array<std::uint8_t, 3> iterations{pbkdf2_iterations >> 16, pbkdf2_iterations >> 8 & 0xff,
                                                     pbkdf2_iterations & 0xff};
    auto const sequence = der_reader::sequence, octets = der_reader::octet_string, integer = der_reader::integer_tag;
    auto const derivation =
        der_of(sequence, {pbkdf2, der_of(sequence, {der_of(octets, {salt}), der_of(integer, {iterations}), hmac})});
    auto const scheme = der_of(sequence, {derivation, der_of(sequence, {aes, der_of(octets, {iv})})});
    return der_of(sequence, {der_of(sequence, {pbes2, scheme}), der_of(octets, {text})});
}

// ---- PEM (RFC 7468) ------------------------------------------------------------------------------------------------

/// What a block that cannot be read here says about the text. A public key needs no passphrase.
inline errc refuse_label(std::string_view label, bool is_private) noexcept {
    if (label == "ENCRYPTED PRIVATE KEY" && is_private) return errc::bad_passphrase;
    if (label == "OPENSSH PRIVATE KEY" || label == "DSA PRIVATE KEY") return errc::unsupported_key;
    return errc::bad_key;
}

inline result<secret_octets> decode_block(pem_block const& block) {
    if (is_encrypted_of_old(block)) return errc::unsupported_key;
    return guarded(errc::bad_key, [&]() -> result<secret_octets> {
        secret_octets der(block.body.size() / 4 * 3 + 3);
        std::size_t read = 0;
        der.resize(Botan::base64_decode(der.data(), block.body.data(), block.body.size(), read, true));
        if (read != block.body.size()) return errc::bad_key;
        return der;
    });
}

/// The DER of the block that has one of these labels, which is written to `label`. Text and blocks of other labels may
/// stand around it. Of several certificates it is the first, as the first of a chain is the one it is about; with a
/// second key, also in a form that is not read, nobody knows which one is meant.
inline result<secret_octets> unwrap_pem(std::string_view pem, std::span<std::string_view const> labels,
                                        std::string_view& label) {
    if (pem.size() > max_pem_octets) return errc::bad_key;
    pem_reader reader{pem};
    pem_block block, chosen, other;
    auto const is_private = is_private_label(labels.front());
    while (reader.next(block)) {
        auto const is_key = is_private ? is_private_label(block.label) : is_public_label(block.label);
        if (!is_key && other.label.empty() && block.label != "EC PARAMETERS") other = block;
        if (!is_key) continue;
        if (is_second_key(chosen.label, block.label)) return errc::bad_key;
        if (chosen.label.empty()) chosen = block;
    }
    if (reader.broken()) return errc::bad_key;
    if (chosen.label.empty()) return refuse_label(other.label, is_private);
    if (std::find(labels.begin(), labels.end(), chosen.label) == labels.end())
        return refuse_label(chosen.label, is_private);
    label = chosen.label;
    return decode_block(chosen);
}

/// The block around the DER, in lines of 64 characters, in memory that is wiped.
inline secret wrap_pem(bytes_view der, std::string_view label) {
    constexpr std::size_t line = 48; // octets, as 64 characters
    auto const begin = "-----BEGIN " + std::string{label} + "-----\n",
               end = "-----END " + std::string{label} + "-----\n";
    bytes pem(begin.size() + (der.size() + 2) / 3 * 4 + (der.size() + line - 1) / line + end.size());
    auto* to = std::copy(begin.begin(), begin.end(), reinterpret_cast<char*>(pem.data()));
    for (; !der.empty(); der = der.subspan(std::min(line, der.size()))) {
        std::size_t read = 0;
        to += Botan::base64_encode(to, der.data(), std::min(line, der.size()), read, true);
        *to++ = '\n';
    }
    std::copy(end.begin(), end.end(), to);
    return secret{std::move(pem)};
}

}}} // namespace signet::detail

#endif

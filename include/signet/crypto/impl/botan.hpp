// SPDX-License-Identifier: BSL-1.0
// All of Botan that signet uses but for encryption, and the bodies of the key classes that hold it. Works unchanged on
// Botan 2.19 and 3. The includes stand before the guard: header-only, they end with bodies that include this file and
// need all of it.
#include <signet/crypto/key.hpp>

#include <botan/asn1_obj.h>
#include <botan/bigint.h>
#include <botan/data_src.h>
#include <botan/ec_group.h>
#include <botan/ecdsa.h>
#include <botan/ed25519.h>
#include <botan/exceptn.h>
#include <botan/hash.h>
#include <botan/mac.h>
#include <botan/numthry.h>
#include <botan/pem.h>
#include <botan/pkcs8.h>
#include <botan/pubkey.h>
#include <botan/rsa.h>
#include <botan/system_rng.h>
#include <botan/version.h>
#include <botan/x509_key.h>
#ifdef BOTAN_HAS_ML_DSA // 3.6
#    include <botan/ml_dsa.h>
#endif

#ifndef SIGNET_CRYPTO_IMPL_BOTAN_HPP
#    define SIGNET_CRYPTO_IMPL_BOTAN_HPP

#    if BOTAN_VERSION_MAJOR != SIGNET_BOTAN_MAJOR
#        error "SIGNET_BOTAN_MAJOR is not the version of the Botan headers found; define it for the whole program"
#    endif

namespace signet { inline namespace SIGNET_ABI { namespace detail {

// Of the bases, whatever the key is: a pointer of every type of key would cost each unit its instantiation.
using owned_public_key = std::unique_ptr<Botan::Public_Key>;
using owned_private_key = std::unique_ptr<Botan::Private_Key>;

struct public_key_body {
    key_type type;
    curve crv;
    std::size_t bits;
    owned_public_key key; // none for ML-DSA
    bytes n, e, x, y;     // as JWK wants them
    bytes pub = {};       // ML-DSA
};

struct private_key_body {
    public_key public_part;
    owned_private_key key;   // none for ML-DSA
    secret d;                // EC: the scalar; Ed25519 and ML-DSA: the seed
    std::vector<secret> rsa; // d, p, q, dp, dq, qi
};

/// How the bodies of this folder reach into keys.
struct key_access {
    static public_key make(public_key_body&& body) {
        return public_key{std::make_shared<public_key_body const>(std::move(body))};
    }
    static private_key make(private_key_body&& body) {
        return private_key{std::make_shared<private_key_body const>(std::move(body))};
    }
    static public_key_body const& body(public_key const& key) noexcept { return *key.body_; }
    static private_key_body const& body(private_key const& key) noexcept { return *key.body_; }
};

/// Runs `f`, which calls Botan, and turns whatever it throws into `otherwise`.
template <class F> auto guarded(errc otherwise, F f) -> decltype(f()) {
    try {
        return f();
    } catch (std::exception const&) { return otherwise; }
}

/// Octets of an ML-DSA seed (RFC 9964 section 4).
inline constexpr std::size_t ml_dsa_seed_size = 32;

/// Botan's key of an ML-DSA seed, for one operation alone: of Botan 3.6 to 3.10 two threads that use one key get wrong
/// signatures. Null where Botan has no ML-DSA. May throw. Botan takes seeds of any length; this one has the right one.
inline owned_private_key ml_dsa_key([[maybe_unused]] alg a, [[maybe_unused]] bytes_view seed) {
#    ifdef BOTAN_HAS_ML_DSA
    Botan::ML_DSA_Mode const mode{a == alg::ml_dsa_44   ? Botan::ML_DSA_Mode::ML_DSA_4x4
                                  : a == alg::ml_dsa_65 ? Botan::ML_DSA_Mode::ML_DSA_6x5
                                                        : Botan::ML_DSA_Mode::ML_DSA_8x7};
    return std::make_unique<Botan::ML_DSA_PrivateKey>(seed, mode);
#    else
    return nullptr;
#    endif
}

/// Botan's name of the padding; the salt of PSS is as long as the hash (RFC 7518 3.5).
inline char const* padding(alg a) noexcept {
    switch (a) {
    case alg::rs256: return "PKCS1v15(SHA-256)";
    case alg::rs384: return "PKCS1v15(SHA-384)";
    case alg::rs512: return "PKCS1v15(SHA-512)";
    case alg::ps256: return "PSS(SHA-256,MGF1,32)";
    case alg::ps384: return "PSS(SHA-384,MGF1,48)";
    case alg::ps512: return "PSS(SHA-512,MGF1,64)";
    case alg::es256:
    case alg::es256k: return "EMSA1(SHA-256)";
    case alg::es384: return "EMSA1(SHA-384)";
    case alg::es512: return "EMSA1(SHA-512)";
    case alg::ed25519: return "Pure";
    case alg::ml_dsa_44:
    case alg::ml_dsa_65:
    case alg::ml_dsa_87: return "Randomized";
    case alg::hs256:
    case alg::hs384:
    case alg::hs512: break;
    }
    return "";
}

inline char const* hash_name(hash_id hash) noexcept {
    switch (hash) {
    case hash_id::sha256: return "SHA-256";
    case hash_id::sha384: return "SHA-384";
    case hash_id::sha512: return "SHA-512";
    case hash_id::shake256: return "SHAKE-256(512)";
    }
    return "";
}

/// `number` big-endian on `size` octets, or on as few as it needs. Botan's own encoders differ between its versions.
template <class Octets> Octets big_endian(Botan::BigInt const& number, std::size_t size = 0) {
    if (size == 0) size = number.bytes();
    Octets out(size);
    for (std::size_t i = 0; i != size; ++i) out[size - 1 - i] = number.byte_at(i);
    return out;
}

inline Botan::BigInt big_int(bytes_view octets) { return Botan::BigInt(octets.data(), octets.size()); }

}}} // namespace signet::detail

#endif

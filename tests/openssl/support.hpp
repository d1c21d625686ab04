// What the tests of keys in OpenSSL share.
#pragma once

#include <signet/crypto/openssl.hpp>

#include <memory>
#include <string>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

namespace on_openssl {

using namespace signet;

struct freed {
    void operator()(EVP_PKEY* key) const noexcept { EVP_PKEY_free(key); }
    void operator()(BIO* bio) const noexcept { BIO_free_all(bio); }
    void operator()(EVP_MD_CTX* context) const noexcept { EVP_MD_CTX_free(context); }
};
using evp_key = std::unique_ptr<EVP_PKEY, freed>;
using bio = std::unique_ptr<BIO, freed>;
using context = std::unique_ptr<EVP_MD_CTX, freed>;

/// A new key of OpenSSL's for an algorithm of signet's.
inline evp_key generate(alg a, std::size_t rsa_bits = 2048) {
    switch (traits(a).crv) {
    case curve::p256: return evp_key{EVP_EC_gen("P-256")};
    case curve::p384: return evp_key{EVP_EC_gen("P-384")};
    case curve::p521: return evp_key{EVP_EC_gen("P-521")};
    case curve::secp256k1: return evp_key{EVP_EC_gen("secp256k1")};
    case curve::ed25519: return evp_key{EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519")};
    default: return evp_key{EVP_RSA_gen(static_cast<unsigned>(rsa_bits))};
    }
}

/// The same one for all tests: RSA is slow to make.
template <class A> EVP_PKEY* shared_key() {
    constexpr auto kind = traits(A::id).type == key_type::rsa ? alg::rs256 : A::id;
    static auto const key = generate(kind);
    if constexpr (kind == A::id) return key.get();
    else return shared_key<rs256>();
}

inline std::string text_of(BIO* memory) {
    char* at = nullptr;
    auto const size = BIO_get_mem_data(memory, &at);
    return {at, static_cast<std::size_t>(size)};
}

inline std::string public_pem(EVP_PKEY* key) {
    bio const memory{BIO_new(BIO_s_mem())};
    PEM_write_bio_PUBKEY(memory.get(), key);
    return text_of(memory.get());
}

/// PKCS#8; encrypted if there is a passphrase.
inline std::string private_pem(EVP_PKEY* key, char const* passphrase = nullptr) {
    bio const memory{BIO_new(BIO_s_mem())};
    PEM_write_bio_PKCS8PrivateKey(memory.get(), key, passphrase ? EVP_aes_256_cbc() : nullptr, passphrase,
                                  passphrase ? static_cast<int>(std::char_traits<char>::length(passphrase)) : 0,
                                  nullptr, nullptr);
    return text_of(memory.get());
}

} // namespace on_openssl

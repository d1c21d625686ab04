// SPDX-License-Identifier: BSL-1.0
// ML-DSA verification by signet's own arithmetic: with a key's tables and without, portable and with AVX2, and what the
// tables cost. The scale is Botan's Ed25519, and ML-DSA of OpenSSL from 3.5 on and of Botan from 3.6 on where they are
// there.
#include "harness.hpp"

#include <signet/crypto/impl/arith/ml_dsa_verify.hpp>

#include <signet/crypto/signature.hpp>

#include <botan/build.h>
#ifdef BOTAN_HAS_ML_DSA
#    include <botan/ml_dsa.h>
#    include <botan/pubkey.h>
#endif

#ifdef SIGNET_HAS_OPENSSL
#    include <openssl/evp.h>
#endif

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

using namespace signet;
namespace keccak = crypto::arith::keccak;
namespace ml_dsa = crypto::arith::ml_dsa;

namespace {

// A key with t1 = 0, for which anybody can sign: with z = 0, w is 0, and c~ is the hash of mu and of high parts that
// are 0. The numbers make no difference to the time.
struct subject {
    explicit subject(ml_dsa::parameters const& of) : p{of}, key(p.key_size), signature(p.signature_size) {
        std::fill_n(key.begin(), 32, std::uint8_t{7});
        ml_dsa::hash_key(key_hash, p, key.data());
        std::uint8_t mu[64];
        digest(mu);
        keccak::shake hash{keccak::shake256_rate};
        bytes const high(p.rows * p.high_size());
        hash.absorb(mu, 64);
        hash.absorb(high.data(), high.size());
        hash.squeeze(signature.data(), p.challenge_size);
        // z is stored as gamma1 - z: a single bit in each coefficient.
        for (unsigned i = 0; i != p.columns * ml_dsa::degree; ++i) {
            auto const bit = 8 * p.challenge_size + i * p.mask_bits + p.mask_bits - 1;
            signature[bit / 8] |= static_cast<std::uint8_t>(1u << bit % 8);
        }
        spoiled = signature;
        spoiled[40] ^= 1;
    }
    void digest(std::uint8_t* mu) const {
        auto hash = ml_dsa::begin_message(key_hash);
        hash.absorb(message.data(), message.size());
        hash.squeeze(mu, 64);
    }
    [[nodiscard]] bool unprepared(bytes const& of, ml_dsa::ring_functions const& ring) const {
        std::uint8_t mu[64];
        digest(mu);
        return ml_dsa::verify(p, key.data(), mu, of.data(), ring);
    }
    [[nodiscard]] bool prepared(bytes const& of, ml_dsa::polynomial const* table,
                                ml_dsa::ring_functions const& ring) const {
        std::uint8_t mu[64];
        digest(mu);
        return ml_dsa::verify(p, table, mu, of.data(), ring);
    }

    ml_dsa::parameters p;
    bytes key, message = bytes(500, 'm'), signature, spoiled;
    std::uint8_t key_hash[64];
};

// What a peer does with a key, a verifier and memory that it has already.
using peer = std::function<bool(bytes const& signature)>;

#if defined(SIGNET_HAS_OPENSSL) && OPENSSL_VERSION_NUMBER >= 0x30500000L
peer openssl(char const* name, std::shared_ptr<subject> const& s) {
    auto* const key = EVP_PKEY_new_raw_public_key_ex(nullptr, name, nullptr, s->key.data(), s->key.size());
    auto* const method = EVP_SIGNATURE_fetch(nullptr, name, nullptr);
    auto* const context = EVP_PKEY_CTX_new_from_pkey(nullptr, key, nullptr);
    if (EVP_PKEY_verify_message_init(context, method, nullptr) != 1) return {};
    std::shared_ptr<void> const owner{context, [=](void*) {
                                          EVP_PKEY_CTX_free(context);
                                          EVP_SIGNATURE_free(method);
                                          EVP_PKEY_free(key);
                                      }};
    return [=](bytes const& signature) {
        (void)owner;
        return EVP_PKEY_verify(context, signature.data(), signature.size(), s->message.data(), s->message.size()) == 1;
    };
}
#else
peer openssl(char const*, std::shared_ptr<subject> const&) { return {}; }
#endif

#ifdef BOTAN_HAS_ML_DSA
peer botan_3(char const* name, std::shared_ptr<subject> const& s) {
    struct kept {
        Botan::ML_DSA_PublicKey key;
        Botan::PK_Verifier verifier;
    };
    Botan::ML_DSA_Mode const mode{std::string{name} == "ML-DSA-44"   ? Botan::ML_DSA_Mode::ML_DSA_4x4
                                  : std::string{name} == "ML-DSA-65" ? Botan::ML_DSA_Mode::ML_DSA_6x5
                                                                     : Botan::ML_DSA_Mode::ML_DSA_8x7};
    Botan::ML_DSA_PublicKey const key{s->key, mode};
    auto const own = std::make_shared<kept>(kept{key, Botan::PK_Verifier{key, ""}});
    return [=](bytes const& signature) { return own->verifier.verify_message(s->message, signature); };
}
#else
peer botan_3(char const*, std::shared_ptr<subject> const&) { return {}; }
#endif

// What this is held to beside another that keeps its key; 0: not stated.
struct limits {
    double fast, portable, fast_without_tables = 0, portable_without_tables = 0;
};
struct targets {
    char const* name;
    ml_dsa::parameters p;
    limits ed25519, openssl, botan_3;
};

// The rows of signet's own arithmetic.
void add_own(bench::comparison& table, std::shared_ptr<subject> const& s, limits const& held) {
    std::vector<std::pair<std::string, ml_dsa::ring_functions const*>> rings{{"portable", &ml_dsa::portable_ring}};
    if (&ml_dsa::fastest_ring() != &ml_dsa::portable_ring) rings.emplace_back("fastest", &ml_dsa::fastest_ring());
    for (auto const& [name, ring_of] : rings) {
        auto const* const ring = ring_of;
        bool const portable = ring == &ml_dsa::portable_ring;
        auto const memory = std::make_shared<std::vector<ml_dsa::polynomial>>(ml_dsa::table_size(s->p));
        ml_dsa::build_table(memory->data(), s->p, s->key.data(), *ring);
        auto const streamed = "without tables, " + name;
        table.add("prepared, " + name, [=] { return s->prepared(s->signature, memory->data(), *ring); },
                  {.at_most = portable ? held.portable : held.fast,
                   .refuses = [=] { return !s->prepared(s->spoiled, memory->data(), *ring); }});
        table.add(streamed, [=] { return s->unprepared(s->signature, *ring); },
                  {.at_most = portable ? held.portable_without_tables : held.fast_without_tables,
                   .refuses = [=] { return !s->unprepared(s->spoiled, *ring); }});
        table.add("making tables, " + name,
                  [=] {
                      ml_dsa::build_table(memory->data(), s->p, s->key.data(), *ring);
                      return memory->front().at[0];
                  },
                  {.at_most = 1.0, .against = streamed});
    }
}

} // namespace

int main(int argc, char** argv) {
    bench::suite suite{argc, argv, "ml_dsa"};
    auto const secret = std::make_shared<private_key>(*private_key::generate(alg::ed25519));
    auto const botan = std::make_shared<crypto::verify_operation>(
        *crypto::verify_operation::make(secret->public_part(), alg::ed25519));
    bytes const message(500, 'm');
    auto const signature = *crypto::sign(*secret, alg::ed25519, message);

    for (auto const& of :
         {targets{"ML-DSA-44", ml_dsa::ml_dsa_44, {0.09, 0.24}, {0.09, 0.23, 0.30, 0.75}, {0.25, 0.68}},
          targets{"ML-DSA-65", ml_dsa::ml_dsa_65, {0.10, 0.30}, {0.07, 0.21, 0.30, 0.75}, {0.23, 0.68}},
          targets{"ML-DSA-87", ml_dsa::ml_dsa_87, {0.13, 0.41}, {0.06, 0.19, 0.30, 0.75}, {0.22, 0.68}}}) {
        auto const s = std::make_shared<subject>(of.p);
        auto const beside = [&](std::string const& whom, std::string const& row, auto&& answers, limits const& held) {
            auto& table = suite.table(std::string{of.name} + " verify, to " + whom);
            table.add(row, answers);
            add_own(table, s, held);
        };
        beside("Botan's Ed25519", "Ed25519 by Botan", [=] { return botan->verify(message, signature); }, of.ed25519);
        for (auto const& [whom, row, verify, held] :
             {std::tuple{"OpenSSL", "OpenSSL, context and key kept", openssl(of.name, s), of.openssl},
              std::tuple{"Botan 3", "Botan 3, PK_Verifier kept", botan_3(of.name, s), of.botan_3}}) {
            if (!verify) continue;
            if (verify(s->spoiled)) return std::fprintf(stderr, "%s takes a spoiled signature\n", whom), 1;
            beside(whom, row, [=, verify = verify] { return verify(s->signature); }, held);
        }
    }
    return suite.finish();
}

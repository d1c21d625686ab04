// SPDX-License-Identifier: BSL-1.0
// ML-DSA verification by signet's own arithmetic: with a key's tables and without, portable and with AVX2, and what the
// tables cost. Botan's Ed25519 is the scale.
#include "harness.hpp"

#include <signet/crypto/impl/arith/ml_dsa_verify.hpp>

#include <signet/crypto/signature.hpp>

#include <algorithm>
#include <memory>
#include <string>
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

struct targets {
    char const* name;
    ml_dsa::parameters p;
    double fast, portable; // of prepared verification, to Botan's Ed25519
};

} // namespace

int main(int argc, char** argv) {
    bench::suite suite{argc, argv, "ml_dsa"};
    auto const secret = std::make_shared<private_key>(*private_key::generate(alg::ed25519));
    auto const botan = std::make_shared<crypto::verify_operation>(
        *crypto::verify_operation::make(secret->public_part(), alg::ed25519));
    bytes const message(500, 'm');
    auto const signature = *crypto::sign(*secret, alg::ed25519, message);

    for (auto const& [name, p, fast, portable] :
         {targets{"ML-DSA-44", ml_dsa::ml_dsa_44, 0.09, 0.24}, targets{"ML-DSA-65", ml_dsa::ml_dsa_65, 0.10, 0.30},
          targets{"ML-DSA-87", ml_dsa::ml_dsa_87, 0.13, 0.41}}) {
        auto const s = std::make_shared<subject>(p);
        auto& table = suite.table(std::string{name} + " verify, to Botan's Ed25519");
        table.add("Ed25519 by Botan", [=] { return botan->verify(message, signature); });
        std::vector<std::pair<std::string, ml_dsa::ring_functions const*>> rings{{"portable", &ml_dsa::portable_ring}};
        if (&ml_dsa::fastest_ring() != &ml_dsa::portable_ring) rings.emplace_back("fastest", &ml_dsa::fastest_ring());
        for (auto const& [ring_name, ring_of] : rings) {
            auto const* const ring = ring_of;
            auto const memory = std::make_shared<std::vector<ml_dsa::polynomial>>(ml_dsa::table_size(p));
            ml_dsa::build_table(memory->data(), s->p, s->key.data(), *ring);
            auto const streamed = "without tables, " + ring_name;
            table.add("prepared, " + ring_name, [=] { return s->prepared(s->signature, memory->data(), *ring); },
                      {.at_most = ring == &ml_dsa::portable_ring ? portable : fast,
                       .refuses = [=] { return !s->prepared(s->spoiled, memory->data(), *ring); }});
            table.add(streamed, [=] { return s->unprepared(s->signature, *ring); },
                      {.refuses = [=] { return !s->unprepared(s->spoiled, *ring); }});
            table.add("making tables, " + ring_name,
                      [=] {
                          ml_dsa::build_table(memory->data(), s->p, s->key.data(), *ring);
                          return memory->front().at[0];
                      },
                      {.at_most = 1.0, .against = streamed});
        }
    }
    return suite.finish();
}

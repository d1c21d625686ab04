// ML-DSA: a signature of a key with t1 = 0 verifies exactly if its hints are encoded as a plain reader of FIPS 204
// wants them, and whatever the octets, portable code, this machine's, tables and none answer alike.
#include "require.hpp"

#include <signet/core/bytes.hpp>
#include <signet/crypto/impl/arith/ml_dsa_verify.hpp>

#include <algorithm>
#include <array>
#include <vector>

namespace keccak = signet::crypto::arith::keccak;
namespace ml_dsa = signet::crypto::arith::ml_dsa;
using octets = std::vector<std::uint8_t>;

namespace {

constexpr ml_dsa::parameters sets[] = {ml_dsa::ml_dsa_44, ml_dsa::ml_dsa_65, ml_dsa::ml_dsa_87};

/// FIPS 204 algorithm 21, line by line: places of the hints of each row, or false.
bool read_hints(std::vector<std::vector<unsigned>>& rows, std::uint8_t const* y, ml_dsa::parameters const& p) {
    unsigned index = 0;
    for (unsigned i = 0; i != p.rows; ++i) {
        if (y[p.max_hints + i] < index || y[p.max_hints + i] > p.max_hints) return false;
        auto const first = index;
        while (index < y[p.max_hints + i]) {
            if (index > first && y[index - 1] >= y[index]) return false;
            rows[i].push_back(y[index++]);
        }
    }
    for (; index < p.max_hints; ++index)
        if (y[index] != 0) return false;
    return true;
}

/// What every variant says.
bool verifies(ml_dsa::parameters const& p, octets const& key, std::uint8_t const* mu, octets const& signature) {
    bool answers[4];
    int n = 0;
    for (auto const* ring : {&ml_dsa::portable_ring, &ml_dsa::fastest_ring()}) {
        std::vector<ml_dsa::polynomial> table(ml_dsa::table_size(p));
        ml_dsa::build_table(table.data(), p, key.data(), *ring);
        answers[n++] = ml_dsa::verify(p, table.data(), mu, signature.data(), *ring);
        answers[n++] = ml_dsa::verify(p, key.data(), mu, signature.data(), *ring);
    }
    for (bool const answer : answers) require(answer == answers[0]);
    return answers[0];
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    if (size == 0) return 0;
    auto const& p = sets[data[0] % 3];
    octets key(p.key_size), signature(p.signature_size), mu(64, data[0]);
    key[0] = data[0];
    for (unsigned i = 0; i != p.columns * ml_dsa::degree; ++i) { // z = 0 is gamma1 - 0
        auto const bit = 8 * p.challenge_size + i * p.mask_bits + p.mask_bits - 1;
        signature[bit / 8] |= static_cast<std::uint8_t>(1u << bit % 8);
    }
    auto* const hints = signature.data() + p.challenge_size + p.columns * p.mask_size();
    std::copy_n(data + 1, std::min<std::size_t>(size - 1, p.max_hints + p.rows), hints);

    // w is 0, whose low part is not above 0: a hint leads from high part 0 to the last one.
    std::vector<std::vector<unsigned>> rows(p.rows);
    bool const canonical = read_hints(rows, hints, p);
    keccak::shake hash{keccak::shake256_rate};
    hash.absorb(mu.data(), mu.size());
    for (auto const& row : rows) {
        octets packed(p.high_size());
        for (auto const place : row) {
            auto const high = static_cast<unsigned>(p.high_count - 1), at = place * p.high_bits();
            for (unsigned b = 0; b != p.high_bits(); ++b)
                if (high >> b & 1) packed[(at + b) / 8] |= static_cast<std::uint8_t>(1u << (at + b) % 8);
        }
        hash.absorb(packed.data(), packed.size());
    }
    hash.squeeze(signature.data(), p.challenge_size);
    require(verifies(p, key, mu.data(), signature) == canonical);

    // Three octets are a change of the signature or of the key, anywhere.
    auto const used = std::min<std::size_t>(size, 1 + p.max_hints + p.rows);
    bool changed = false;
    for (auto at = used; at + 3 <= size; at += 3) {
        auto const place = static_cast<std::size_t>(data[at] << 8 | data[at + 1]);
        auto& octet = place & 0x8000 ? key[place % p.key_size] : signature[place % p.signature_size];
        changed = changed || octet != data[at + 2];
        octet = data[at + 2];
    }
    if (changed) (void)verifies(p, key, mu.data(), signature);
    return 0;
}

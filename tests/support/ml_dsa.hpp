// ML-DSA signatures without a signer: a key with t1 = 0 is valid (FIPS 204), and with z = 0 its w is 0, so c~ is one
// hash away. For tests only: anybody can sign for such a key.
#pragma once

#include <signet/crypto/digest.hpp>
#include <signet/crypto/key.hpp>
#include <signet/crypto/prepared_key.hpp>
#include <signet/crypto/signature.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <random>

namespace ml_dsa_test {

inline constexpr signet::alg sets[] = {signet::alg::ml_dsa_44, signet::alg::ml_dsa_65, signet::alg::ml_dsa_87};

/// The octets of a key; `seed` makes another one.
inline signet::bytes zero_key(signet::alg a, std::uint8_t seed = 7) {
    signet::bytes pub(signet::traits(a).key_size);
    std::fill_n(pub.begin(), 32, seed);
    return pub;
}

inline signet::bytes shake256(std::initializer_list<signet::bytes_view> parts) {
    signet::crypto::hasher hash{signet::hash_id::shake256};
    for (auto const part : parts) hash.update(part);
    signet::bytes out(64);
    hash.finish(out);
    return out;
}

inline signet::bytes mu(signet::bytes_view pub, signet::bytes_view message) {
    signet::bytes const pure(2);
    return shake256({shake256({pub}), pure, message});
}

/// A signature for zero_key(a, seed), without hints.
inline signet::bytes sign(signet::alg a, signet::bytes_view message, std::uint8_t seed = 7) {
    struct set {
        std::size_t challenge, rows, columns, high_size, mask_bits;
    };
    auto const p = a == signet::alg::ml_dsa_44   ? set{32, 4, 4, 192, 18}
                   : a == signet::alg::ml_dsa_65 ? set{48, 6, 5, 128, 20}
                                                 : set{64, 8, 7, 128, 20};
    signet::bytes const high(p.rows * p.high_size);
    auto const hash = shake256({mu(zero_key(a, seed), message), high});
    signet::bytes signature(signet::traits(a).signature_size);
    std::copy_n(hash.begin(), p.challenge, signature.begin());
    for (std::size_t i = 0; i != p.columns * 256; ++i) { // gamma1 - 0: the highest bit of each coefficient
        auto const bit = 8 * p.challenge + i * p.mask_bits + p.mask_bits - 1;
        signature[bit / 8] |= static_cast<std::uint8_t>(1u << bit % 8);
    }
    return signature;
}

/// A signature with one of c~ or any other octet, z, or the hints and their ends changed; one in four is left as it
/// was.
inline signet::bytes spoil(signet::bytes signature, std::mt19937& dice) {
    auto const below = [&](std::size_t n) { return static_cast<std::size_t>(dice()) % n; };
    auto const size = signature.size();
    switch (below(4)) {
    case 0: signature[below(size)] ^= static_cast<std::uint8_t>(1u << below(8)); break;
    case 1: signature[64 + below(size - 200)] = below(2) ? 0xff : 0; break;
    case 2: signature[size - 1 - below(84)] = static_cast<std::uint8_t>(dice() >> below(8)); break;
    default: break;
    }
    return signature;
}

/// Compares signet's judgement, with tables and without, with another library's: of `times` signatures, a fresh one
/// every twenty, good and spoiled. `sign(message, out)` writes one, `judge(message, signature)` is the other's word.
template <class Sign, class Judge> void compare(signet::public_key const& key, signet::alg a, std::size_t times,
                                                std::mt19937& dice, Sign sign, Judge judge) {
    auto const prepared = *signet::crypto::prepared_key::make(key);
    auto plain = *signet::crypto::verify_operation::make(key, a);
    signet::bytes good(signet::traits(a).signature_size), message;
    std::size_t accepted = 0, different = 0;
    for (std::size_t i = 0; i != times; ++i) {
        if (i % 20 == 0) {
            message.assign(dice() % 400, static_cast<std::uint8_t>(dice()));
            sign(message, good);
        }
        auto const spoiled = spoil(good, dice);
        bool const answer = prepared.verify(message, spoiled);
        different += answer != judge(message, spoiled) || answer != plain.verify(message, spoiled);
        accepted += answer;
    }
    CHECK(different == 0);
    CHECK(accepted > times / 5);
    CHECK(accepted < times * 9 / 10);
}

} // namespace ml_dsa_test

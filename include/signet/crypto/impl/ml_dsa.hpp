// SPDX-License-Identifier: BSL-1.0
// The parameters of signet's ML-DSA arithmetic for an algorithm or a key.
#pragma once

#include <signet/crypto/key.hpp>

#include <span>

#ifndef SIGNET_NO_CURVE_ARITHMETIC
#    include <signet/crypto/impl/arith/ml_dsa_verify.hpp>
#endif

namespace signet { inline namespace SIGNET_ABI { namespace crypto { namespace detail {

#ifndef SIGNET_NO_CURVE_ARITHMETIC
/// nullptr for other algorithms.
inline arith::ml_dsa::parameters const* ml_dsa_parameters(alg a) noexcept {
    return a == alg::ml_dsa_44   ? &arith::ml_dsa::ml_dsa_44
           : a == alg::ml_dsa_65 ? &arith::ml_dsa::ml_dsa_65
           : a == alg::ml_dsa_87 ? &arith::ml_dsa::ml_dsa_87
                                 : nullptr;
}
/// nullptr for other keys.
inline arith::ml_dsa::parameters const* ml_dsa_parameters(public_key const& key) noexcept {
    for (auto const a : {alg::ml_dsa_44, alg::ml_dsa_65, alg::ml_dsa_87})
        if (key.supports(a)) return ml_dsa_parameters(a);
    return nullptr;
}
/// mu (FIPS 204 algorithm 7, line 6) of a message, for the key whose hash `key_hash` is.
inline void hash_message(std::span<std::uint8_t, 64> mu, std::uint8_t const* key_hash, bytes_view message) noexcept {
    auto hash = arith::ml_dsa::begin_message(key_hash);
    hash.absorb(message.data(), message.size());
    hash.squeeze(mu.data(), mu.size());
}
static_assert(arith::ml_dsa::ml_dsa_44.key_size == traits(alg::ml_dsa_44).key_size &&
              arith::ml_dsa::ml_dsa_65.key_size == traits(alg::ml_dsa_65).key_size &&
              arith::ml_dsa::ml_dsa_87.key_size == traits(alg::ml_dsa_87).key_size);
static_assert(arith::ml_dsa::ml_dsa_44.signature_size == traits(alg::ml_dsa_44).signature_size &&
              arith::ml_dsa::ml_dsa_65.signature_size == traits(alg::ml_dsa_65).signature_size &&
              arith::ml_dsa::ml_dsa_87.signature_size == traits(alg::ml_dsa_87).signature_size);
#endif

}}}} // namespace signet::crypto::detail

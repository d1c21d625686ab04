// SPDX-License-Identifier: BSL-1.0
// Integers modulo L, the order of edwards25519's base point (RFC 8032 5.1).
#pragma once

#include <signet/crypto/impl/arith/montgomery.hpp>

namespace signet { inline namespace SIGNET_ABI { namespace crypto { namespace arith { namespace edwards25519 {

struct order {
    template <class Word> static constexpr u256<Word> value() noexcept {
        return number<Word>(0x1000000000000000, 0x0000000000000000, 0x14def9dea2f79cd6, 0x5812631a5cf5d3ed);
    }
    template <class Word> static constexpr u256<Word> r1() noexcept {
        return number<Word>(0x0fffffffffffffff, 0xfffffffffffffffe, 0xc6ef5bf4737dcf70, 0xd6ec31748d98951d);
    }
    template <class Word> static constexpr u256<Word> r2() noexcept {
        return number<Word>(0x0399411b7c309a3d, 0xceec73d217f5be65, 0xd00e1ba768859347, 0xa40611e3449c0f01);
    }
};

/// 64 octets as a little-endian integer mod L (RFC 8032 5.1.7, step 2).
template <class Word> constexpr u256<Word> reduce_hash(std::uint8_t const* hash) noexcept {
    using modular = montgomery<Word, order>;
    auto const low = modular::multiply(from_little_endian<Word>(hash), modular::r1);       // low * R / R
    auto const high = modular::multiply(from_little_endian<Word>(hash + 32), modular::r2); // high * R^2 / R
    return modular::add(low, high);
}

/// S of a signature; false unless S < L (RFC 8032 5.1.7, step 1).
template <class Word> constexpr bool decode_scalar(u256<Word>& s, std::uint8_t const* octets) noexcept {
    s = from_little_endian<Word>(octets);
    return is_less(s, order::value<Word>());
}

}}}}} // namespace signet::crypto::arith::edwards25519

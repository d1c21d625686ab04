// SPDX-License-Identifier: BSL-1.0
// SHAKE128 and SHAKE256 (FIPS 202) over public data, without allocation: one at a time, or four of one length at once.
#pragma once

#include <signet/core/impl/portable.hpp>

#include <cstddef>
#include <cstdint>

namespace signet { inline namespace SIGNET_ABI { namespace crypto { namespace arith { namespace keccak {

inline constexpr unsigned shake128_rate = 168, shake256_rate = 136; // octets of a block

inline constexpr std::uint64_t round_constants[24] = {
    0x0000000000000001, 0x0000000000008082, 0x800000000000808a, 0x8000000080008000, 0x000000000000808b,
    0x0000000080000001, 0x8000000080008081, 0x8000000000008009, 0x000000000000008a, 0x0000000000000088,
    0x0000000080008009, 0x000000008000000a, 0x000000008000808b, 0x800000000000008b, 0x8000000000008089,
    0x8000000000008003, 0x8000000000008002, 0x8000000000000080, 0x000000000000800a, 0x800000008000000a,
    0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008};

/// Rotations of the word x + 5 y.
inline constexpr unsigned rotations[25] = {0,  1,  62, 28, 27, 36, 44, 6,  55, 20, 3,  10, 43,
                                           25, 39, 41, 45, 15, 21, 8,  18, 2,  61, 56, 14};

/// One word of the state, or a vector with one word of each of several states.
template <class Word> [[gnu::always_inline]] inline void rotate_left(Word& to, Word const& x, unsigned by) noexcept {
    if (by == 0) to = x;
    else to = x << by | x >> (64 - by);
}

/// Keccak-f[1600] (FIPS 202 3.3).
template <class Word> [[gnu::always_inline]] inline void permute(Word* state) noexcept {
    Word a[25], b[25], c[5];
#pragma GCC unroll 25
    for (int i = 0; i != 25; ++i) a[i] = state[i];
#pragma GCC unroll 1
    for (auto const constant : round_constants) {
#pragma GCC unroll 5
        for (int x = 0; x != 5; ++x) c[x] = a[x] ^ a[x + 5] ^ a[x + 10] ^ a[x + 15] ^ a[x + 20];
#pragma GCC unroll 5
        for (int x = 0; x != 5; ++x) {
            Word d;
            rotate_left(d, c[(x + 1) % 5], 1);
            d ^= c[(x + 4) % 5];
#pragma GCC unroll 5
            for (int y = 0; y != 5; ++y)
                rotate_left(b[y + 5 * ((2 * x + 3 * y) % 5)], a[x + 5 * y] ^ d, rotations[x + 5 * y]);
        }
#pragma GCC unroll 5
        for (int y = 0; y != 25; y += 5)
#pragma GCC unroll 5
            for (int x = 0; x != 5; ++x) a[x + y] = b[x + y] ^ (~b[(x + 1) % 5 + y] & b[(x + 2) % 5 + y]);
        a[0] ^= constant;
    }
#pragma GCC unroll 25
    for (int i = 0; i != 25; ++i) state[i] = a[i];
}

/// The permutation of one state, compiled once.
inline void permute_one(std::uint64_t* state) noexcept { permute(state); }

/// SHAKE128 or SHAKE256, by its rate. Absorb any number of times, then squeeze any number of times.
class shake {
public:
    explicit constexpr shake(unsigned rate) noexcept : rate_{rate} {}

    void absorb(std::uint8_t const* octets, std::size_t size) noexcept {
        for (; size != 0 && at_ % 8 != 0; ++octets, --size) absorb_octet(*octets);
        for (; size >= 8; octets += 8, size -= 8) {
            state_[at_ / 8] ^= signet::detail::load_little_endian(octets);
            if ((at_ += 8) == rate_) next_block();
        }
        for (; size != 0; ++octets, --size) absorb_octet(*octets);
    }

    void squeeze(std::uint8_t* octets, std::size_t size) noexcept {
        if (absorbing_) {
            state_[at_ / 8] ^= std::uint64_t{0x1f} << 8 * (at_ % 8); // the suffix 1111 and the padding's first bit
            state_[rate_ / 8 - 1] ^= std::uint64_t{1} << 63;
            absorbing_ = false;
            next_block();
        }
        while (size != 0) {
            if (at_ == rate_) next_block();
            if (at_ % 8 == 0 && size >= 8) {
                auto const word = state_[at_ / 8];
#pragma GCC unroll 8
                for (unsigned i = 0; i != 8; ++i) octets[i] = static_cast<std::uint8_t>(word >> 8 * i);
                octets += 8, size -= 8, at_ += 8;
            } else {
                *octets = static_cast<std::uint8_t>(state_[at_ / 8] >> 8 * (at_ % 8));
                ++octets, --size, ++at_;
            }
        }
    }

private:
    void absorb_octet(std::uint8_t octet) noexcept {
        state_[at_ / 8] ^= std::uint64_t{octet} << 8 * (at_ % 8);
        if (++at_ == rate_) next_block();
    }
    void next_block() noexcept {
        permute_one(state_);
        at_ = 0;
    }

    std::uint64_t state_[25]{};
    unsigned rate_, at_ = 0;
    bool absorbing_ = true;
};

}}}}} // namespace signet::crypto::arith::keccak

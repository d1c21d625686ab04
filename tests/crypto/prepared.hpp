// What the tests of the arithmetic share: Botan's BigInt as the model, boundary values, a repeatable generator.
#pragma once

#include "../support/hex.hpp"

#include <signet/crypto/impl/arith/limbs.hpp>

#include <botan/bigint.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <string_view>
#include <vector>

namespace prepared_test {

using Botan::BigInt;
namespace arith = signet::crypto::arith;

// 64 bits, and never assembly: what machines other than x86-64 run. Those without __int128 have no such words.
#ifdef __SIZEOF_INT128__
using portable_word = unsigned long long;
#else
using portable_word = std::uint32_t;
#endif

using octets32 = std::array<std::uint8_t, 32>;

inline BigInt const two_256 = BigInt(1) << 256;
inline BigInt const p256_p("0xFFFFFFFF00000001000000000000000000000000FFFFFFFFFFFFFFFFFFFFFFFF");
inline BigInt const p256_n("0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551");
inline BigInt const ed_p = (BigInt(1) << 255) - BigInt(19);
inline BigInt const ed_l = (BigInt(1) << 252) + BigInt("27742317777372353535851937790883648493");

// The same sequence in every run: failures repeat.
class generator {
public:
    explicit generator(std::uint64_t seed = 0x243f6a8885a308d3) : state_{seed} {}
    std::uint64_t operator()() {
        state_ ^= state_ << 13;
        state_ ^= state_ >> 7;
        return state_ ^= state_ << 17;
    }
    std::size_t below(std::size_t n) { return static_cast<std::size_t>((*this)() % n); }
    std::vector<std::uint8_t> octets(std::size_t size) {
        std::vector<std::uint8_t> r(size);
        for (auto& o : r) o = static_cast<std::uint8_t>((*this)() >> 32);
        return r;
    }
    // Below 2^256; in one of two cases with long runs of zeros and ones, where carries go far.
    BigInt integer() {
        auto raw = octets(32);
        if ((*this)() & 1)
            for (std::size_t i = 0; i != 32;) {
                auto const length = 1 + (*this)() % 12;
                auto const kind = (*this)() % 3;
                for (std::size_t k = 0; k != length && i != 32; ++k, ++i)
                    if (kind != 2) raw[i] = kind ? 0xff : 0x00;
            }
        return BigInt(raw.data(), raw.size());
    }

private:
    std::uint64_t state_;
};

template <class Word> arith::u256<Word> from_big(BigInt const& x) {
    std::array<std::uint8_t, 32> be{};
    for (std::size_t i = 0; i != 32; ++i) be[31 - i] = x.byte_at(i);
    return arith::from_big_endian<Word>(be.data());
}

template <class Word> BigInt to_big(arith::u256<Word> const& x) {
    std::uint8_t be[32];
    arith::to_big_endian(x, be);
    return BigInt(be, 32);
}

inline octets32 big_endian(BigInt const& x) {
    octets32 r{};
    for (std::size_t i = 0; i != 32; ++i) r[31 - i] = x.byte_at(i);
    return r;
}

inline octets32 little_endian(BigInt const& x) {
    octets32 r{};
    for (std::size_t i = 0; i != 32; ++i) r[i] = x.byte_at(i);
    return r;
}

inline BigInt from_little(std::uint8_t const* octets, std::size_t size) {
    BigInt r;
    for (std::size_t i = size; i-- != 0;) r = (r << 8) + BigInt(octets[i]);
    return r;
}

/// Values at which reductions and carries change their minds.
inline std::vector<BigInt> boundary_values(BigInt const& modulus) {
    std::vector<BigInt> r{0, 1, 2, 19, 37, 38, 39};
    for (auto const& m : {modulus, modulus << 1, two_256})
        for (int d = -3; d != 4; ++d)
            r.push_back(m + BigInt(std::uint64_t{100}) + BigInt(std::uint64_t(d + 3)) - BigInt(std::uint64_t{103}));
    for (std::size_t bit = 31; bit < 256; bit += 32) {
        r.push_back(BigInt(1) << bit);
        r.push_back((BigInt(1) << (bit + 1)) - BigInt(1));
        r.push_back(BigInt(1) << (bit + 1));
    }
    std::vector<BigInt> below;
    for (auto const& x : r)
        if (x >= BigInt(0) && x < two_256) below.push_back(x);
    return below;
}

} // namespace prepared_test

// SPDX-License-Identifier: BSL-1.0
// A hash for tables whose keys a stranger chooses: without the seed nobody can find keys that meet.
#pragma once

#include <signet/core/impl/seed.hpp>

#include <bit>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace signet { inline namespace SIGNET_ABI { namespace detail {

/// The secret of a table. Kept with the table, so that whoever looks something up in it uses the same one.
struct hash_seed {
    std::uint64_t a = 0, b = 0;
};

/// This process's, random. Where the system has no randomness, the time and an address stand in: chosen keys may then
/// meet.
inline hash_seed process_seed() noexcept {
    static hash_seed const seed = [] {
        auto const a = random_seed(), b = random_seed();
        if (a && b) return hash_seed{*a, *b};
        static char const place = 0;
        return hash_seed{static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count()),
                         reinterpret_cast<std::uintptr_t>(&place)};
    }();
    return seed;
}

/// SipHash-2-4 (Aumasson and Bernstein, 2012).
inline std::uint64_t keyed_hash(hash_seed seed, std::string_view text) noexcept {
    std::uint64_t v0 = 0x736f6d6570736575 ^ seed.a, v1 = 0x646f72616e646f6d ^ seed.b;
    std::uint64_t v2 = 0x6c7967656e657261 ^ seed.a, v3 = 0x7465646279746573 ^ seed.b;
    auto const round = [&] {
        v0 += v1, v1 = std::rotl(v1, 13) ^ v0, v0 = std::rotl(v0, 32);
        v2 += v3, v3 = std::rotl(v3, 16) ^ v2;
        v0 += v3, v3 = std::rotl(v3, 21) ^ v0;
        v2 += v1, v1 = std::rotl(v1, 17) ^ v2, v2 = std::rotl(v2, 32);
    };
    auto const word = [&](std::size_t at, std::size_t octets) { // little-endian
        std::uint64_t w = 0;
        for (std::size_t i = 0; i != octets; ++i) w |= std::uint64_t{static_cast<unsigned char>(text[at + i])} << 8 * i;
        return w;
    };
    auto const absorb = [&](std::uint64_t w) {
        v3 ^= w;
        round(), round();
        v0 ^= w;
    };
    std::size_t at = 0;
    for (; text.size() - at >= 8; at += 8) absorb(word(at, 8));
    absorb(word(at, text.size() - at) | std::uint64_t{text.size()} << 56);
    v2 ^= 0xff;
    round(), round(), round(), round();
    return v0 ^ v1 ^ v2 ^ v3;
}

}}} // namespace signet::detail

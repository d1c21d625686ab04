// SPDX-License-Identifier: BSL-1.0
// What compilers other than g++ and clang lack.
#pragma once

#include <signet/version.hpp>

#include <bit>
#include <cstdint>
#include <cstring>

namespace signet { inline namespace SIGNET_ABI { namespace detail {

/// Asks for the cache line of an address before it is read; does nothing where the compiler cannot ask.
inline void prefetch([[maybe_unused]] void const* at) noexcept {
#ifdef __GNUC__
    __builtin_prefetch(at);
#endif
}

/// Eight octets as a number, the first of them in its lowest eight bits, on every machine.
inline std::uint64_t load_little_endian(void const* at) noexcept {
    std::uint64_t value;
    std::memcpy(&value, at, sizeof value);
    if constexpr (std::endian::native == std::endian::big) {
        value = (value & 0x00ff00ff00ff00ff) << 8 | (value >> 8 & 0x00ff00ff00ff00ff);
        value = (value & 0x0000ffff0000ffff) << 16 | (value >> 16 & 0x0000ffff0000ffff);
        value = value << 32 | value >> 32;
    }
    return value;
}

}}} // namespace signet::detail

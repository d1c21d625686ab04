// SPDX-License-Identifier: BSL-1.0
// Bytes and text as the rest of signet passes them around.
#pragma once

#include <signet/version.hpp>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <vector>

namespace signet::inline SIGNET_ABI {

/// Owned octets.
using bytes = std::vector<std::uint8_t>;

/// Octets that somebody else owns and keeps alive.
using bytes_view = std::span<std::uint8_t const>;

/// The octets of `text`, which must outlive the view.
inline bytes_view as_bytes(std::string_view text) noexcept {
    return {reinterpret_cast<std::uint8_t const*>(text.data()), text.size()};
}

/// The characters of `octets`, which must outlive the view. No character set is checked.
inline std::string_view as_text(bytes_view octets) noexcept {
    return {reinterpret_cast<char const*>(octets.data()), octets.size()};
}

/// Whether `a` equals `b`, in a time that depends on the lengths only.
[[nodiscard]] inline bool constant_time_equal(bytes_view a, bytes_view b) noexcept {
    if (a.size() != b.size()) return false;
    std::uint64_t volatile difference = 0; // volatile: no early exit may be invented
    std::size_t            i = 0;
    for (; i + 8 <= a.size(); i += 8) { // eight at a time, since each look at a volatile costs
        std::uint64_t x = 0, y = 0;
        std::memcpy(&x, a.data() + i, 8);
        std::memcpy(&y, b.data() + i, 8);
        difference = difference | (x ^ y);
    }
    for (; i != a.size(); ++i) difference = difference | static_cast<std::uint64_t>(a[i] ^ b[i]);
    return difference == 0;
}

/// Overwrites `octets` with zeros in a way the compiler may not remove.
inline void wipe(std::span<std::uint8_t> octets) noexcept {
    std::uint8_t volatile* at = octets.data();
    for (std::size_t i = 0; i != octets.size(); ++i) at[i] = 0;
}

} // namespace signet

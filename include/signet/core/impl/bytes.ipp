// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/core/bytes.hpp>

#include <cstring>

namespace signet { inline namespace SIGNET_ABI {

SIGNET_DECL bytes_view as_bytes(std::string_view text) noexcept {
    return {reinterpret_cast<std::uint8_t const*>(text.data()), text.size()};
}

SIGNET_DECL std::string_view as_text(bytes_view octets) noexcept {
    return {reinterpret_cast<char const*>(octets.data()), octets.size()};
}

SIGNET_DECL bool constant_time_equal(bytes_view a, bytes_view b) noexcept {
    if (a.size() != b.size()) return false;
    std::uint64_t volatile difference = 0; // volatile: no early exit may be invented
    std::size_t i = 0;
    for (; i + 8 <= a.size(); i += 8) { // eight at a time, since each look at a volatile costs
        std::uint64_t x = 0, y = 0;
        std::memcpy(&x, a.data() + i, 8);
        std::memcpy(&y, b.data() + i, 8);
        difference = difference | (x ^ y);
    }
    for (; i != a.size(); ++i) difference = difference | static_cast<std::uint64_t>(a[i] ^ b[i]);
    return difference == 0;
}

SIGNET_DECL void wipe(std::span<std::uint8_t> octets) noexcept {
    std::uint8_t volatile* at = octets.data();
    for (std::size_t i = 0; i != octets.size(); ++i) at[i] = 0;
}

}} // namespace signet

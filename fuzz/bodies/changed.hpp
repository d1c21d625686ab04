// SPDX-License-Identifier: BSL-1.0
// How a fuzz body changes something good: each three octets of its input name a place and the bits to flip there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

inline std::string changed(std::string text, std::uint8_t const* data, std::size_t size) {
    for (std::size_t i = 0; i + 2 < size; i += 3) {
        auto const at = (std::size_t{data[i]} << 8 | data[i + 1]) % text.size();
        text[at] = static_cast<char>(text[at] ^ data[i + 2]);
    }
    return text;
}

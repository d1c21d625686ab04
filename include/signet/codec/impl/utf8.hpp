// SPDX-License-Identifier: BSL-1.0
// Well-formed UTF-8 (RFC 3629).
#pragma once

#include <signet/version.hpp>

#include <cstddef>
#include <string_view>

namespace signet { inline namespace SIGNET_ABI { namespace codec { namespace detail {

/// Octets of the well-formed UTF-8 sequence that `text` begins with (RFC 3629, table 3-7 of Unicode), or 0.
inline std::size_t utf8_sequence(std::string_view text) noexcept {
    auto const octet = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u; };
    auto const between = [](unsigned v, unsigned low, unsigned high) { return v >= low && v <= high; };
    auto const first = octet(0);
    if (text.empty() || first < 0x80) return text.empty() ? 0 : 1;
    auto const low = first == 0xe0 ? 0xa0u : first == 0xf0 ? 0x90u : 0x80u;  // no overlong forms
    auto const high = first == 0xed ? 0x9fu : first == 0xf4 ? 0x8fu : 0xbfu; // no surrogates, nothing above U+10FFFF
    if (!between(octet(1), low, high)) return 0;
    if (between(first, 0xc2, 0xdf)) return 2;
    if (!between(octet(2), 0x80, 0xbf)) return 0;
    if (between(first, 0xe0, 0xef)) return 3;
    return between(first, 0xf0, 0xf4) && between(octet(3), 0x80, 0xbf) ? 4 : 0;
}

}}}} // namespace signet::codec::detail

// SPDX-License-Identifier: BSL-1.0
// The form of Ed25519's signatures, which does not depend on key and message.
#pragma once

#include <signet/core/bytes.hpp>

#include <cstddef>

namespace signet { inline namespace SIGNET_ABI { namespace crypto { namespace detail {

/// Ed25519's S is below the group's order (RFC 8032 5.1.7); otherwise every signature would have a second form.
inline bool ed25519_s_is_canonical(bytes_view signature) noexcept {
    constexpr std::uint8_t order[32] = {0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7,
                                        0xa2, 0xde, 0xf9, 0xde, 0x14, 0,    0,    0,    0,    0,    0,
                                        0,    0,    0,    0,    0,    0,    0,    0,    0,    0x10};
    for (std::size_t i = 32; i-- != 0;)
        if (signature[32 + i] != order[i]) return signature[32 + i] < order[i];
    return false;
}

}}}} // namespace signet::crypto::detail

// SPDX-License-Identifier: BSL-1.0
// Names that nobody can guess: of sessions, devices, actions, and the `jti` of tokens.
#pragma once

#include <signet/codec/base64url.hpp>
#include <signet/core/random.hpp>

#include <array>
#include <string>

namespace signet { inline namespace SIGNET_ABI { namespace codec { namespace detail {

// 16 fresh octets in base64url, 22 characters.
inline std::string fresh_id(random_ref rng) {
    std::array<std::uint8_t, 16> octets;
    rng.fill(octets);
    return codec::base64url_encode(octets);
}

}}}} // namespace signet::codec::detail

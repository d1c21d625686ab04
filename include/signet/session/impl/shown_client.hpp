// SPDX-License-Identifier: BSL-1.0
// A client as a request showed it, hashed at once: an operation that waits keeps no view of it.
#pragma once

#include <signet/crypto/mac_keys.hpp>
#include <signet/session/session_policy.hpp>

#include <array>
#include <cstdint>

namespace signet { inline namespace SIGNET_ABI { namespace session { namespace detail {

struct shown_client {
    std::uint8_t given = 0; // bits, as in a session's `bound`
    std::array<binding_mode, 3> modes{};
    using hashes = std::array<std::array<std::uint8_t, 16>, 3>;
    hashes properties{};                          // under the current key
    std::array<hashes, max_former_keys> former{}; // under each former one
    std::uint8_t former_keys = 0;
};

}}}} // namespace signet::session::detail

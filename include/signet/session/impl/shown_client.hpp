// SPDX-License-Identifier: BSL-1.0
// A client as a request showed it, hashed at once: an operation that waits keeps no view of it.
#pragma once

#include <signet/session/session_policy.hpp>

#include <array>
#include <cstdint>

namespace signet { inline namespace SIGNET_ABI { namespace session { namespace detail {

struct shown_client {
    std::uint8_t given = 0; // bits, as in a session's `bound`
    std::array<binding_mode, 3> modes{};
    std::array<std::array<std::uint8_t, 16>, 3> properties{};
};

}}}} // namespace signet::session::detail

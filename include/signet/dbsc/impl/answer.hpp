// SPDX-License-Identifier: BSL-1.0
// What every answer of the two endpoints begins with.
#pragma once

#include <signet/dbsc/message.hpp>

namespace signet { inline namespace SIGNET_ABI { namespace dbsc { namespace detail {

// Every answer of the two endpoints: kept by no cache, of no use to a page that only wants to know whether one is
// logged in.
inline response answer_of(int status) {
    return {status,
            {{"Cache-Control", "no-store"}, {"Cross-Origin-Resource-Policy", "same-site"}, {"X-Frame-Options", "DENY"}},
            {}};
}

}}}} // namespace signet::dbsc::detail

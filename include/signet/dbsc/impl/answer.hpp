// SPDX-License-Identifier: BSL-1.0
// What every answer of the two endpoints begins with.
// The includes stand before the guard: header-only, they end with bodies that include this file and need all of it.
#include <signet/dbsc/message.hpp>

#ifndef SIGNET_DBSC_IMPL_ANSWER_HPP
#    define SIGNET_DBSC_IMPL_ANSWER_HPP

namespace signet { inline namespace SIGNET_ABI { namespace dbsc { namespace detail {

// Every answer of the two endpoints: kept by no cache, of no use to a page that only wants to know whether one is
// logged in.
inline response answer_of(int status) {
    return {status,
            {{"Cache-Control", "no-store"}, {"Cross-Origin-Resource-Policy", "same-site"}, {"X-Frame-Options", "DENY"}},
            {}};
}

}}}} // namespace signet::dbsc::detail

#endif

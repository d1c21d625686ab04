// SPDX-License-Identifier: BSL-1.0
// The answers of the two endpoints, in full.
// The includes stand before the guard: header-only, they end with bodies that include this file and need all of it.
#include <signet/dbsc/message.hpp>

#ifndef SIGNET_DBSC_IMPL_ANSWERS_HPP
#    define SIGNET_DBSC_IMPL_ANSWERS_HPP

namespace signet { inline namespace SIGNET_ABI { namespace dbsc { namespace detail {

// What every answer begins with: no cache keeps it, and a page that wants to know whether somebody is logged in cannot
// use it.
inline response answer_of(int status) {
    return {status,
            {{"Cache-Control", "no-store"}, {"Cross-Origin-Resource-Policy", "same-site"}, {"X-Frame-Options", "DENY"}},
            {}};
}

// Those with a body are 200 and JSON.
SIGNET_DECL response answer_refused(errc why);                                          // by http_status of role::dbsc
SIGNET_DECL response answer_challenge(std::string_view challenge, std::string_view id); // 403
SIGNET_DECL response answer_ended(policy const& p, std::string_view id); // continue: false, and the cookie expired
SIGNET_DECL response answer_bound(policy const& p, std::string_view id, std::string_view cookie,
                                  std::string_view next_challenge, bool instructions);

}}}} // namespace signet::dbsc::detail

#    ifndef SIGNET_SEPARATE_COMPILATION
#        include <signet/dbsc/impl/answers.ipp>
#    endif

#endif

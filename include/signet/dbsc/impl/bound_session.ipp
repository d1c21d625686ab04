// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/dbsc/bound_session.hpp>

#include <signet/proof/record_key.hpp>

namespace signet { inline namespace SIGNET_ABI { namespace dbsc {

namespace detail {
SIGNET_DECL std::optional<crypto::sha256_digest> login_digest(std::string_view login) {
    if (login.empty()) return std::nullopt;
    return proof::record_key("dbsc-login", {login});
}
} // namespace detail

SIGNET_DECL bool bound_session::belongs_to(std::string_view login) const {
    auto const shown = detail::login_digest(login);
    return !login_ || (shown && constant_time_equal(*login_, *shown));
}

}}} // namespace signet::dbsc

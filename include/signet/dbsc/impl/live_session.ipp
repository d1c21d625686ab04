// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/dbsc/live_session.hpp>

#include <signet/proof/record_key.hpp>

namespace signet { inline namespace SIGNET_ABI { namespace dbsc {

namespace detail {
// Of a login's name only the hash is kept: it may be a secret.
SIGNET_DECL crypto::sha256_digest login_digest(std::string_view login) {
    return proof::record_key("dbsc-login", {login});
}
} // namespace detail

SIGNET_DECL bool live_session::belongs_to(std::string_view login) const {
    return !login_ || constant_time_equal(*login_, detail::login_digest(login));
}

}}} // namespace signet::dbsc

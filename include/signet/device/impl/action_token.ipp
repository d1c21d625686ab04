// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/device/action_token.hpp>

#include <signet/codec/impl/fresh_id.hpp>

namespace signet { inline namespace SIGNET_ABI { namespace device { namespace detail {

SIGNET_DECL result<std::string> write_action(action_params const& params, unix_time now, random_ref rng) {
    if (params.expiration < std::chrono::seconds{1} || params.expiration > max_action_lifetime)
        return errc::invalid_action_lifetime;
    std::string payload;
    output out{payload};
    codec::json_writer w{out};
    w.begin_object().member("sid", params.device_session).member("aud", params.audience).name("action");
    if (params.action_type) w.string(*params.action_type);
    else w.null();
    w.member("jti", codec::detail::fresh_id(rng));
    w.member("iat", std::int64_t{now.time_since_epoch().count()});
    w.member("exp", std::int64_t{saturating_add(now, params.expiration).time_since_epoch().count()});
    w.end_object();
    if (auto good = w.finish(); !good) return good.error();
    return payload;
}

}}}} // namespace signet::device::detail

// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/device/action_token.hpp>

#include <signet/codec/impl/fresh_id.hpp>

namespace signet { inline namespace SIGNET_ABI { namespace device { namespace detail {

SIGNET_DECL result<std::string> write_action(action_terms const& terms, unix_time now, random_ref rng) {
    if (terms.expiration < std::chrono::seconds{1} || terms.expiration > longest_action_life)
        return errc::invalid_action_lifetime;
    std::string payload;
    output out{payload};
    codec::json_writer w{out};
    w.begin_object().member("sid", terms.device_session).member("aud", terms.audience).name("action");
    if (terms.action_type) w.string(*terms.action_type);
    else w.null();
    w.member("jti", codec::detail::fresh_id(rng));
    w.member("iat", std::int64_t{now.time_since_epoch().count()});
    w.member("exp", std::int64_t{saturating_add(now, terms.expiration).time_since_epoch().count()});
    w.end_object();
    if (auto good = w.finish(); !good) return good.error();
    return payload;
}

}}}} // namespace signet::device::detail

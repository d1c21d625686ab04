// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/oidc/provider.hpp>

#include <signet/codec/impl/fresh_id.hpp>

namespace signet { inline namespace SIGNET_ABI { namespace oidc {

SIGNET_DECL result<jwt::claims> logout_token_claims(std::string_view issuer, logout_params const& params, unix_time now,
                                                    random_ref rng) {
    if (issuer.empty() || params.client.empty()) return errc::out_of_range;
    if (params.user.empty() && params.session.empty()) return errc::out_of_range;
    jwt::claims c;
    c.issuer(issuer).audience(params.client).id(codec::detail::fresh_id(rng));
    c.issued_at(now).expires_at(saturating_add(now, logout_token_lifetime));
    c.set_value("events", [](codec::json_writer& w) {
        w.begin_object().name(detail::logout_event).begin_object().end_object().end_object();
    });
    if (!params.user.empty()) c.subject(params.user);
    if (!params.session.empty()) c.set("sid", params.session);
    if (auto good = c.json(); !good) return good.error();
    return c;
}

}}} // namespace signet::oidc

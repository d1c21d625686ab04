// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/dbsc/instructions.hpp>

#include <signet/codec/json_writer.hpp>

namespace signet { inline namespace SIGNET_ABI { namespace dbsc {

namespace detail {
// The attributes of the policy's cookie as a credential names them: as in Set-Cookie, without a lifetime.
inline void write_attributes(http::cookie_policy const& cookie, output& out) {
    auto const& params = cookie.params();
    if (!params.domain.empty()) out.append("Domain="), out.append(params.domain), out.append("; ");
    out.append("Path="), out.append(params.path);
    if (params.secure) out.append("; Secure");
    if (params.http_only) out.append("; HttpOnly");
    switch (params.same_site) {
    case http::same_site::none: out.append("; SameSite=None"); break;
    case http::same_site::lax: out.append("; SameSite=Lax"); break;
    case http::same_site::strict: out.append("; SameSite=Strict"); break;
    }
}
} // namespace detail

SIGNET_DECL result<void> write_instructions(policy const& p, std::string_view session_id, output& out) {
    auto const& params = p.params();
    codec::json_writer json{out};
    json.begin_object().member("session_identifier", session_id).member("refresh_url", params.refresh_path);

    json.name("scope").begin_object().member("origin", params.origin).member("include_site", params.include_site);
    if (!params.rules.empty()) {
        json.name("scope_specification").begin_array();
        for (auto const& rule : params.rules) {
            json.begin_object().member("type", rule.type == rule_type::include ? "include" : "exclude");
            json.member("domain", rule.domain).member("path", rule.path).end_object();
        }
        json.end_array();
    }
    json.end_object();

    std::string attributes;
    output to_attributes{attributes};
    detail::write_attributes(p.cookie(), to_attributes);
    json.name("credentials").begin_array().begin_object().member("type", "cookie").member("name", p.cookie().name());
    json.member("attributes", attributes).end_object().end_array();

    if (!params.refresh_initiators.empty()) {
        json.name("allowed_refresh_initiators").begin_array();
        for (auto host : params.refresh_initiators) json.string(host);
        json.end_array();
    }
    json.end_object();
    if (auto done = json.finish(); !done) return done.error();
    return {};
}

SIGNET_DECL result<void> write_end(std::string_view session_id, output& out) {
    codec::json_writer json{out};
    json.begin_object().member("session_identifier", session_id).member("continue", false).end_object();
    if (auto done = json.finish(); !done) return done.error();
    return {};
}

SIGNET_DECL result<std::string> write_well_known(well_known const& document) {
    bool const relies = !document.provider_origin.empty(), provides = !document.relying_origins.empty();
    if (relies && provides) return errc::invalid_dbsc_policy;
    if (!relies && !provides && document.registering_origins.empty()) return errc::invalid_dbsc_policy;
    for (auto const& origins : {document.registering_origins, document.relying_origins})
        for (auto origin : origins)
            if (!detail::is_origin(origin)) return errc::invalid_dbsc_policy;
    if (relies && !detail::is_origin(document.provider_origin)) return errc::invalid_dbsc_policy;

    std::string text;
    output out{text};
    codec::json_writer json{out};
    auto const list = [&](std::string_view name, std::span<std::string_view const> origins) {
        if (origins.empty()) return;
        json.name(name).begin_array();
        for (auto origin : origins) json.string(origin);
        json.end_array();
    };
    json.begin_object();
    list("registering_origins", document.registering_origins);
    list("relying_origins", document.relying_origins);
    if (relies) json.member("provider_origin", document.provider_origin);
    json.end_object();
    if (auto done = json.finish(); !done) return done.error();
    return text;
}

}}} // namespace signet::dbsc

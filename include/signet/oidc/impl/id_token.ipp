// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/oidc/id_token.hpp>

#include <signet/codec/impl/fresh_id.hpp>
#include <signet/codec/json_reader.hpp>
#include <signet/core/impl/ascii.hpp>
#include <signet/oauth/token_issuer.hpp>
#include <signet/oidc/impl/https_url.hpp>

#include <algorithm>

namespace signet { inline namespace SIGNET_ABI { namespace oidc {

namespace detail {

// A string member: empty where there is none and none has to be.
inline result<std::string_view> text_member(codec::json_value object, std::string_view name, bool required) {
    auto const value = object.find(name);
    auto text = value ? value->as_string() : result<std::string_view>{std::string_view{}};
    if (text && text->empty() && required) return errc::json_member_missing;
    return text;
}

inline bool true_member(codec::json_value object, std::string_view name) noexcept {
    auto const value = object.find(name);
    return value && value->as_bool().value_or(false);
}

} // namespace detail

// ---- the token endpoint's answer

SIGNET_DECL result<token_response> read_token_response(std::string_view body, std::string* error_code) {
    if (error_code) error_code->clear();
    auto const document = codec::json_document::parse(body, {.max_size = 1 << 17, .max_depth = 8, .max_members = 64});
    if (!document) return document.error();
    auto const root = document->root();
    if (!root.is_object()) return errc::json_wrong_type;
    if (auto const refused = root.find("error")) {
        if (auto const code = refused->as_string(); code && error_code) *error_code = code->substr(0, 64);
        return errc::login_refused;
    }

    std::string_view access, type, id, refresh, scope;
    struct wanted {
        std::string_view name;
        std::string_view* into;
        bool required;
    };
    for (auto const& w : {wanted{"access_token", &access, true},
                          {"token_type", &type, true},
                          {"id_token", &id, false},
                          {"refresh_token", &refresh, false},
                          {"scope", &scope, false}}) {
        auto const text = detail::text_member(root, w.name, w.required);
        if (!text) return text.error();
        if (text->size() > 16'384) return errc::token_too_large;
        *w.into = *text;
    }
    token_response answer{std::string{access}, std::string{id}, std::string{scope}};
    answer.refresh_token = secret::copy_of(as_bytes(refresh));
    answer.dpop = signet::detail::equal_ignoring_case(type, "DPoP"); // RFC 6749 5.1: case does not matter
    if (!answer.dpop && !signet::detail::equal_ignoring_case(type, "Bearer")) return errc::out_of_range;
    if (auto const lifetime = root.find("expires_in")) {
        auto const seconds = lifetime->as_int64();
        if (!seconds) return seconds.error();
        if (*seconds < 0 || *seconds > 315'360'000) return errc::out_of_range;
        answer.expires_in = std::chrono::seconds{*seconds};
    }
    return answer;
}

// ---- the ID token

SIGNET_DECL jwt::policy id_token_policy(oidc_client const& client) {
    return {.issuer = client.issuer,
            .audience = client.client_id,
            .type = jwt::anything,
            .leeway = client.leeway,
            .max_ahead = std::chrono::seconds{0}, // the client's leeway says it
            .required = {"sub", "iat"}};
}

// Section 3.1.3.7 item 2. A verifier of several providers accepts tokens of each, also in an answer of another.
SIGNET_DECL bool detail::is_issuer_of(oidc_client const& client, jwt::claims_view const& id) noexcept {
    return id.issuer() == client.issuer || !jwt::detail::tenant_in(id.issuer(), client.issuer).empty();
}

SIGNET_DECL result<void> check_id_token(jwt::claims_view const& id, id_token_params const& params, unix_time now) {
    auto const nonce = id.claim<std::string_view>("nonce");
    if (!nonce || params.nonce.empty() || !constant_time_equal(as_bytes(*nonce), as_bytes(params.nonce)))
        return errc::login_state_mismatch;

    // Items 3 to 5. Of several audiences one is the party that was authorized, and says so; whoever it names has to be
    // us. The others could show the token elsewhere, so they have to be known.
    auto const audiences = id.audience();
    if (!audiences.contains(params.client)) return error{errc::login_mismatch, field_name::aud};
    for (auto const one : audiences)
        if (one != params.client && std::ranges::find(params.trusted_audiences, one) == params.trusted_audiences.end())
            return error{errc::login_mismatch, field_name::aud};
    if (id.has("azp")) {
        auto const party = id.claim<std::string_view>("azp");
        if (!party || *party != params.client) return error{errc::login_mismatch, field_name::azp};
    } else if (audiences.size() != 1) {
        return error{errc::login_mismatch, field_name::azp};
    }
    if (id.subject().empty()) return errc::claim_missing;
    if (!params.user.empty() && id.subject() != params.user) return errc::subject_mismatch;

    if (!params.access_token.empty()) {
        auto const hash = id.claim<std::string_view>("at_hash");
        if (!hash) {
            if (id.has("at_hash")) return errc::claim_wrong_type;
            if (params.at_hash_required) return errc::claim_missing;
        } else if (!constant_time_equal(as_bytes(*hash),
                                        as_bytes(oauth::access_token_hash(params.access_token, id.algorithm())))) {
            return errc::login_mismatch;
        }
    }
    if (params.max_age) {
        auto const authenticated = id.claim<jwt::numeric_date>("auth_time");
        if (!authenticated) return authenticated.error();
        auto const latest = saturating_add(authenticated->seconds, std::max(params.leeway, std::chrono::seconds{0}));
        bool const in_answer = params.started != unix_time{} && latest >= params.started;
        if (!in_answer && saturating_add(latest, *params.max_age) < now) return errc::login_required;
    }
    return {};
}

// ---- discovery

SIGNET_DECL std::string discovery_url(std::string_view issuer, discovery_kind kind) {
    if (issuer.ends_with('/')) issuer.remove_suffix(1);
    if (kind == discovery_kind::openid) return std::string{issuer} + "/.well-known/openid-configuration";
    auto const scheme = issuer.find("://");
    auto const host = issuer.substr(0, issuer.find('/', scheme == issuer.npos ? 0 : scheme + 3));
    return std::string{host} + "/.well-known/oauth-authorization-server" + std::string{issuer.substr(host.size())};
}

SIGNET_DECL result<discovery> read_discovery(std::string_view document, std::string_view issuer, discovery_kind kind) {
    auto const parsed = codec::json_document::parse(document, {.max_size = 1 << 18, .max_depth = 16});
    if (!parsed) return parsed.error();
    auto const root = parsed->root();
    if (!root.is_object()) return errc::json_wrong_type;

    discovery d;
    auto const named = detail::text_member(root, "issuer", true);
    if (!named) return named.error();
    if (*named != issuer) return errc::wrong_issuer;
    if (auto good = detail::check_https(*named, false); !good) return good.error();
    d.issuer = *named;

    auto const openid = kind == discovery_kind::openid;
    for (auto const& member : detail::endpoint_members) {
        auto const required = member.required == detail::endpoint_demand::always ||
                              (openid && member.required == detail::endpoint_demand::of_openid);
        auto const url = detail::text_member(root, member.name, required);
        if (!url) return url.error();
        if (url->empty()) continue;
        if (auto good = detail::check_https(*url); !good) return good.error();
        d.*member.at = *url;
    }
    auto const algorithms = root.find("id_token_signing_alg_values_supported");
    if (openid && !algorithms) return errc::json_member_missing;
    if (algorithms && !algorithms->is_array()) return errc::json_wrong_type;
    if (algorithms)
        for (auto const name : *algorithms)
            if (auto const text = name.as_string())
                if (auto const a = find_algorithm(*text)) d.id_token_algorithms.insert(*a);
    auto const lists = [&](std::string_view member, std::string_view value) {
        auto const all = root.find(member);
        bool found = false;
        if (all && all->is_array())
            for (auto const each : *all) found = found || each.as_string().value_or("") == value;
        return found;
    };
    d.pkce_s256 = lists("code_challenge_methods_supported", "S256");
    d.refresh_tokens = lists("grant_types_supported", "refresh_token"); // not among those of a document without it
    d.answers_name_issuer = detail::true_member(root, "authorization_response_iss_parameter_supported");
    d.back_channel_logout = detail::true_member(root, "backchannel_logout_supported");
    d.back_channel_logout_session = detail::true_member(root, "backchannel_logout_session_supported");
    return d;
}

// ---- logout tokens

SIGNET_DECL jwt::policy logout_token_policy(oidc_client const& client, std::string type) {
    return {.issuer = client.issuer,
            .audience = client.client_id,
            .type = std::move(type),
            .leeway = client.leeway,
            .max_ahead = std::chrono::seconds{0}, // the client's leeway says it
            .max_age = max_logout_token_age,
            .required = {"iat", "jti", "events"}};
}

SIGNET_DECL result<logout_notice> read_logout_token(jwt::claims_view const& token) {
    if (token.has("nonce")) return errc::claim_refused;
    auto const events = token.claim<codec::json_value>("events");
    if (!events) return events.error();
    if (!events->is_object()) return errc::claim_wrong_type;
    auto const event = events->find(detail::logout_event);
    if (!event) return errc::claim_missing;
    if (!event->is_object()) return errc::claim_wrong_type;

    auto const session = token.claim<std::string_view>("sid");
    if (!session && token.has("sid")) return errc::claim_wrong_type;
    logout_notice notice{
        std::string{token.subject()}, session ? std::string{*session} : std::string{}, std::string{token.id()}, {}};
    if (notice.user.empty() && notice.session.empty()) return errc::claim_missing;
    if (notice.id.empty() || !token.issued_at()) return errc::claim_missing;
    notice.issued = token.issued_at()->seconds;
    return notice;
}

// ---- who we are

SIGNET_DECL jwt::claims client_assertion_claims(std::string_view client_id, std::string_view audience, unix_time now,
                                                random_ref rng) {
    jwt::claims c;
    c.issuer(client_id).subject(client_id).audience(audience).id(codec::detail::fresh_id(rng));
    c.issued_at(now).expires_at(saturating_add(now, std::chrono::seconds{60}));
    return c;
}

}}} // namespace signet::oidc

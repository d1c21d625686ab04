// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/device/action_token.hpp>

#include <signet/codec/impl/fresh_id.hpp>
#include <signet/codec/json_reader.hpp>
#include <signet/jose/impl/jwk_members.hpp>
#include <signet/jose/peek.hpp>
#include <signet/jwt/confirmation.hpp>
#include <signet/proof/device_key.hpp>

#include <algorithm>
#include <tuple>

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

// ---- what regular and secure tokens say

inline constexpr std::size_t max_device_token = 4096, max_action_type = 128;

// What a regular token says: whose session it is of, and which key that has.
struct regular_token {
    std::string sid;
    unix_time expires{};
    std::optional<crypto::sha256_digest> key{};
};

inline result<regular_token> read_regular(jwt::any_verifier const& verifier, std::string_view token, unix_time now) {
    auto const verified = verifier.verify(token, now);
    if (!verified) return verified.error();
    auto const sid = verified->claim<std::string_view>("sid");
    if (!sid) return sid.error();
    auto const expires = verified->expires_at();
    if (!expires) return error{errc::claim_missing, field_name::exp};
    regular_token said{std::string{*sid}, expires->seconds};
    auto const named = verified->confirmation();
    if (!named && named.error() != errc::claim_missing) return named.error();
    if (named && named->method != jwt::cnf_method::jwk_thumbprint) return errc::device_mismatch;
    if (named) said.key = named->thumbprint;
    return said;
}

inline std::chrono::seconds leeway_of(jwt::policy const& policy) noexcept {
    return std::max(policy.leeway, std::chrono::seconds{0});
}

struct action_claims {
    std::string sid, jti;
    std::optional<std::string> action;
    unix_time issued{}, expires{};
};

// Signature by the pinned key, type, audience, times; what it is for is judged by the caller.
inline result<action_claims> read_action_token(jwt::policy const& policy, proof::device_key const& key,
                                               std::string_view token, unix_time now) {
    algorithm_set pinned;
    pinned.insert(key.algorithm_id());
    jose::any_key_set keys{pinned};
    if (auto added = keys.add(std::nullopt, key.key(), pinned); !added) return added.error();
    auto const verified = jose::jws_verify(keys, token, {.max_token = max_device_token});
    if (!verified) return verified.error();
    auto const typ = verified->header().find("typ");
    if (!typ || typ->as_string().value_or(std::string_view{}) != action_token_type) return errc::wrong_type;

    auto const document = codec::json_document::parse(as_text(verified->payload()));
    if (!document) return errc::malformed_payload;
    auto const root = document->root();
    if (!root.is_object()) return errc::malformed_payload;
    auto const text = [&](std::string_view name) -> result<std::string_view> {
        auto const value = root.find(name);
        if (!value) return errc::claim_missing;
        auto string = value->as_string();
        if (!string) return errc::claim_wrong_type;
        return string;
    };
    auto const time = [&](std::string_view name) -> result<unix_time> {
        auto const value = root.find(name);
        if (!value) return errc::claim_missing;
        auto const seconds = value->as_int64();
        if (!seconds || *seconds < 0 || *seconds > latest_time.time_since_epoch().count())
            return errc::claim_wrong_type;
        return unix_time{std::chrono::seconds{*seconds}};
    };
    auto const sid = text("sid"), aud = text("aud"), jti = text("jti");
    auto const iat = time("iat"), exp = time("exp");
    for (auto const* claim : {&sid, &aud, &jti})
        if (!*claim) return claim->error();
    for (auto const* claim : {&iat, &exp})
        if (!*claim) return claim->error();
    if (!policy.audience.waived() &&
        std::ranges::find(policy.audience.values(), *aud) == policy.audience.values().end())
        return errc::wrong_audience;
    if (jti->empty() || jti->size() > 128) return errc::claim_refused;
    if (*exp <= *iat || *exp - *iat > max_action_lifetime) return errc::action_lifetime_exceeded;
    if (*iat > saturating_add(now, leeway_of(policy))) return errc::issued_in_future;
    if (saturating_add(*exp, leeway_of(policy)) <= now) return errc::expired;

    auto const action = root.find("action");
    if (!action) return errc::claim_missing;
    std::optional<std::string> type;
    if (!action->is_null()) {
        auto const string = action->as_string();
        if (!string) return errc::claim_wrong_type;
        type = std::string{*string};
    }
    return action_claims{std::string{*sid}, std::string{*jti}, std::move(type), *iat, *exp};
}

// The key that a secure token shows, if it is that of the regular token.
inline result<proof::device_key> shown_key(std::string_view token, crypto::sha256_digest const& expected) {
    auto const peeked = jose::peek(token, max_device_token);
    if (!peeked) return peeked.error();
    auto const& seen = peeked->unverified_value();
    auto const shown = seen.header().find("jwk");
    if (!shown) return errc::device_mismatch;
    auto const jwk = jose::detail::parse_message_jwk(*shown);
    if (!jwk) return jwk.error();
    auto key = proof::device_key::from_key(jwk->key); // no algorithm that a message names
    if (!key) return key.error();
    if (auto allowed = jwk->attributes.permits(jose::key_operation::verify, key->algorithm_id()); !allowed)
        return allowed.error();
    if (key->thumbprint() != expected) return errc::device_mismatch;
    return key;
}

}}}} // namespace signet::device::detail

namespace signet { inline namespace SIGNET_ABI { namespace device {

SIGNET_DECL result<action_request> action_request::parse(std::string_view body) {
    auto const document = codec::json_document::parse(body);
    if (!document) return document.error();
    auto const root = document->root();
    if (!root.is_object()) return errc::json_wrong_type;
    action_request request;
    for (auto [name, into, required] : {std::tuple{"session_token", &request.session_token, true},
                                        std::tuple{"secured_session_token", &request.secured_session_token, false},
                                        std::tuple{"action_type", &request.action_type, true}}) {
        auto const value = root.find(name);
        if (!value || value->is_null()) {
            if (required)
                return into == &request.session_token ? errc::session_token_missing : errc::json_member_missing;
            continue;
        }
        auto const text = value->as_string();
        if (!text) return errc::json_wrong_type;
        *into = *text;
    }
    if (request.session_token.empty()) return errc::session_token_missing;
    return request;
}

SIGNET_DECL jwt::policy session_token_policy(std::string issuer, std::string app, std::chrono::seconds leeway) {
    return {.issuer = std::move(issuer),
            .audience = std::move(app),
            .type = session_token_type,
            .leeway = leeway,
            .max_ahead = std::chrono::seconds{0}};
}

SIGNET_DECL result<verified_action> verify_action_token(action_request const& request, jwt::any_verifier const& issuer,
                                                        proof::replay_guard& used, unix_time now,
                                                        std::chrono::seconds max_lifetime) {
    if (request.session_token.empty()) return errc::session_token_missing;
    if (request.action_type.empty() || request.action_type.size() > detail::max_action_type) return errc::out_of_range;
    if (request.secured_session_token.empty()) return errc::action_token_required;
    auto said = detail::read_regular(issuer, request.session_token, now);
    if (!said) return said.error();
    if (!said->key) return errc::device_mismatch;
    auto const key = detail::shown_key(request.secured_session_token, *said->key);
    if (!key) return key.error();
    auto claims = detail::read_action_token(issuer.get_policy(), *key, request.secured_session_token, now);
    if (!claims && claims.error() == errc::bad_signature) return errc::device_mismatch;
    if (!claims) return claims.error();
    if (claims->sid != said->sid) return errc::device_mismatch;
    if (!claims->action || *claims->action != request.action_type) return errc::action_mismatch;
    if (claims->expires - claims->issued > max_lifetime) return errc::action_lifetime_exceeded;
    auto const until = saturating_add(claims->expires, detail::leeway_of(issuer.get_policy()));
    if (auto first = used.insert(proof::jti_key(claims->sid, claims->jti), until, now); !first) return first.error();
    return verified_action{.device_session = std::move(claims->sid),
                           .key = *said->key,
                           .action_type = *std::move(claims->action),
                           .token_id = std::move(claims->jti),
                           .issued = claims->issued,
                           .expires = claims->expires,
                           .session_token_expires = said->expires};
}

}}} // namespace signet::device

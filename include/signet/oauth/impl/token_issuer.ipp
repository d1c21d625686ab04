// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/oauth/token_issuer.hpp>

#include <signet/codec/base64url.hpp>
#include <signet/codec/impl/fresh_id.hpp>
#include <signet/codec/impl/words.hpp>
#include <signet/codec/json_writer.hpp>

namespace signet { inline namespace SIGNET_ABI { namespace oauth {

namespace detail {

SIGNET_DECL result<jwt::claims> access_claims(std::string_view issuer, authentication_info const& login,
                                              access_params const& params, unix_time now, random_ref rng) {
    using namespace std::chrono_literals;
    if (issuer.empty() || login.user.empty() || login.client.empty() || login.session.empty() ||
        params.resource.empty())
        return errc::out_of_range;
    if (params.lifetime < 1s || params.lifetime > 24h) return errc::out_of_range;

    // First who the token is about; then what binds it to session, key and authentication.
    jwt::claims c;
    if (!params.tenant.empty()) c.set("tid", params.tenant);
    if (!params.app_name.empty()) c.set("app_name", params.app_name);
    if (!params.app_id.empty()) c.set("app_id", params.app_id);
    c.set("roles", std::span<std::string_view const>{params.roles});
    c.id(codec::detail::fresh_id(rng))
        .subject(login.user)
        .issued_at(now)
        .expires_at(saturating_add(now, params.lifetime));
    c.scope(params.scope)
        .set("client_id", login.client)
        .issuer(issuer)
        .audience(params.resource)
        .set("sid", login.session);
    if (login.auth_time != unix_time{}) c.set("auth_time", login.auth_time); // RFC 9068 2.2.1
    if (!login.acr.empty()) c.set("acr", login.acr);
    if (params.sender) c.confirm_jwk_thumbprint(*params.sender);
    if (auto good = c.json(); !good) return good.error();
    return c;
}

SIGNET_DECL result<jwt::claims> id_claims(std::string_view issuer, authentication_info const& login,
                                          std::string_view access_token, alg a, std::chrono::seconds lifetime,
                                          unix_time now) {
    jwt::claims c;
    c.issuer(issuer)
        .subject(login.user)
        .audience(login.client)
        .issued_at(now)
        .expires_at(saturating_add(now, lifetime));
    if (login.auth_time != unix_time{}) c.set("auth_time", login.auth_time);
    if (!login.nonce.empty()) c.set("nonce", login.nonce);
    if (!login.acr.empty()) c.set("acr", login.acr);
    if (!login.amr.empty()) c.set("amr", std::span<std::string_view const>{login.amr});
    c.set("at_hash", access_token_hash(access_token, a)).set("sid", login.session);
    if (auto good = c.json(); !good) return good.error();
    return c;
}

SIGNET_DECL token_set empty_set(authentication_info const& login, access_params const& params) {
    token_set set;
    set.scope = params.scope;
    set.expires_in = params.lifetime;
    set.dpop = params.sender.has_value();
    set.user = login.user;
    set.client = login.client;
    set.session = login.session;
    return set;
}

} // namespace detail

SIGNET_DECL result<void> token_set::add(refresh_grant const& family) {
    if (family.user != user || family.client != client || family.session != session) return errc::login_mismatch;
    if (!codec::detail::has_word(scope, "offline_access")) return errc::refresh_scope_exceeded;
    refresh = family.token;
    return {};
}

SIGNET_DECL result<std::string> token_set::to_json() const {
    std::string text;
    output out{text};
    codec::json_writer w{out};
    w.begin_object().member("access_token", access_token).member("token_type", dpop ? "DPoP" : "Bearer");
    if (!id_token.empty()) w.member("id_token", id_token);
    if (refresh) w.member("refresh_token", refresh->text());
    w.member("expires_in", static_cast<std::int64_t>(expires_in.count()));
    if (!scope.empty()) w.member("scope", scope);
    w.end_object();
    if (auto good = w.finish(); !good) return good.error();
    return text;
}

SIGNET_DECL std::string access_token_hash(std::string_view access_token, alg id_token_algorithm) {
    std::array<std::uint8_t, 64> digest;
    crypto::hasher h{traits(id_token_algorithm).hash};
    h.update(as_bytes(access_token));
    h.finish(std::span{digest}.first(h.size()));
    return codec::base64url_encode(bytes_view{digest}.first(h.size() / 2));
}

SIGNET_DECL result<void> same_login(jwt::claims_view const& access, jwt::claims_view const& id) noexcept {
    auto const client = access.claim<std::string_view>("client_id");
    auto const session = access.claim<std::string_view>("sid"), other_session = id.claim<std::string_view>("sid");
    bool const one = !access.issuer().empty() && access.issuer() == id.issuer() && !access.subject().empty() &&
                     access.subject() == id.subject() && client && !client->empty() && id.has_audience(*client) &&
                     session && !session->empty() && other_session && *session == *other_session;
    if (!one) return errc::login_mismatch;
    return {};
}

SIGNET_DECL result<void> same_login(jwt::claims_view const& access, refresh_grant const& refreshed) noexcept {
    auto const client = access.claim<std::string_view>("client_id"), session = access.claim<std::string_view>("sid");
    bool const one = access.subject() == refreshed.user && client && *client == refreshed.client && session &&
                     *session == refreshed.session;
    if (!one) return errc::login_mismatch;
    return {};
}

}}} // namespace signet::oauth

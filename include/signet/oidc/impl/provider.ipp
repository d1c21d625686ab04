// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/oidc/provider.hpp>

#include <signet/codec/base64url.hpp>
#include <signet/codec/impl/fresh_id.hpp>
#include <signet/codec/impl/words.hpp>
#include <signet/codec/json_writer.hpp>
#include <signet/http/form.hpp>
#include <signet/jose/jwk.hpp>
#include <signet/oauth/token_issuer.hpp>
#include <signet/oidc/impl/https_url.hpp>
#include <signet/oidc/impl/unverified_claim.hpp>

#include <algorithm>
#include <charconv>

namespace signet { inline namespace SIGNET_ABI { namespace oidc {

namespace detail {

inline bool is_registered(std::vector<std::string> const& uris, std::string_view uri) {
    return !uri.empty() && uri.find('#') == uri.npos && std::find(uris.begin(), uris.end(), uri) != uris.end();
}

// The base64url of 32 octets: a challenge by S256, or a thumbprint.
inline bool is_sha256_text(std::string_view text) noexcept {
    std::array<std::uint8_t, 32> octets;
    auto const size = codec::base64url_decode(text, octets);
    return size && *size == octets.size();
}

// The words of `prompt`: false if they contradict each other or one is not known.
inline bool read_prompt(std::string_view words, login_request& request) {
    while (!words.empty()) {
        auto const word = codec::detail::take_word(words);
        if (word == "none") request.silent = true;
        else if (word == "login") request.login = true;
        else if (word == "select_account") request.select_account = true;
        else if (word == "consent") request.consent = true;
        else return false;
    }
    return !(request.silent && (request.login || request.select_account || request.consent));
}

inline bool read_max_age(std::string_view text, login_request& request) {
    if (text.empty()) return true;
    std::uint32_t seconds = 0;
    auto const [end, failed] = std::from_chars(text.data(), text.data() + text.size(), seconds);
    request.max_age = std::chrono::seconds{seconds};
    return failed == std::errc{} && end == text.data() + text.size();
}

// The words of `asked` that the client is registered for, "openid" among them; empty without that.
inline std::string granted_scope(std::string_view asked, registered_client const& client) {
    if (!codec::detail::has_word(asked, "openid")) return {};
    std::string granted;
    while (!asked.empty()) {
        auto const word = codec::detail::take_word(asked);
        bool const known = word == "openid" || std::ranges::find(client.scopes, word) != client.scopes.end();
        if (known && !word.empty() && !codec::detail::has_word(granted, word))
            granted.append(granted.empty() ? "" : " ").append(word);
    }
    return granted;
}

// What is wrong with a request whose client and redirect URI are known already.
inline std::optional<login_refusal> find_refusal(http::form const& form, registered_client const& client,
                                                 login_request& request) {
    if (form["response_type"].empty()) return login_refusal::invalid_request;
    if (form["response_type"] != "code") return login_refusal::unsupported_response_type;
    if (!form["request"].empty()) return login_refusal::request_not_supported;
    if (!form["request_uri"].empty()) return login_refusal::request_uri_not_supported;
    if (!form["registration"].empty()) return login_refusal::registration_not_supported;
    if (!form["response_mode"].empty() && form["response_mode"] != "query") return login_refusal::invalid_request;
    if (form["code_challenge_method"] != "S256" || !is_sha256_text(request.code_challenge))
        return login_refusal::invalid_request;
    if (!request.dpop_jkt.empty() && !is_sha256_text(request.dpop_jkt)) return login_refusal::invalid_request;
    if (form["scope"].size() > max_login_scope || request.scope.empty()) return login_refusal::invalid_scope;
    if (request.nonce.size() > max_login_parameter || !is_printable(request.nonce))
        return login_refusal::invalid_request;
    if (!request.resource.empty() && std::ranges::find(client.resources, request.resource) == client.resources.end())
        return login_refusal::invalid_target;
    if (!read_prompt(form["prompt"], request) || !read_max_age(form["max_age"], request))
        return login_refusal::invalid_request;
    return std::nullopt;
}

inline std::string answer_url(login_request const& request, std::string_view issuer, std::string_view member,
                              std::string_view value) {
    std::string url = request.redirect_uri;
    query_of(url).add(member, value).add_unless_empty("state", request.state).add("iss", issuer);
    return url;
}

} // namespace detail

SIGNET_DECL result<std::string> named_client(std::string_view form) {
    auto const read = http::form::parse(form);
    if (!read) return read.error();
    std::string client{(*read)["client_id"]};
    if (client.empty()) client = detail::unverified_claim((*read)["id_token_hint"], {"azp", "aud"});
    if (client.empty()) return errc::client_mismatch;
    return client;
}

// ---- the authorization endpoint

SIGNET_DECL result<login_request> read_login_request(std::string_view form, registered_client const& client,
                                                     std::string_view issuer, std::string& answer) {
    answer.clear();
    auto const read = http::form::parse(form);
    if (!read) return read.error();
    auto const text = [&](std::string_view name) { return std::string{(*read)[name]}; };
    if (client.client_id.empty() || text("client_id") != client.client_id) return errc::client_mismatch;
    if (!detail::is_registered(client.redirect_uris, (*read)["redirect_uri"])) return errc::redirect_uri_mismatch;

    // From here on it is known whose request it is, so that client is told what is wrong with it.
    login_request request{.client = client.client_id,
                          .redirect_uri = text("redirect_uri"),
                          .code_challenge = text("code_challenge"),
                          .scope = detail::granted_scope((*read)["scope"], client),
                          .state = text("state"),
                          .nonce = text("nonce"),
                          .resource = text("resource"),
                          .login_hint = text("login_hint"),
                          .acr_values = text("acr_values"),
                          .id_token_hint = text("id_token_hint"),
                          .dpop_jkt = text("dpop_jkt")};
    if (auto const refusal = detail::find_refusal(*read, client, request)) {
        answer = refusal_url(request, issuer, *refusal);
        return errc::login_request_refused;
    }
    return request;
}

SIGNET_DECL login_decision decide_login(login_request const& request, browser_session const& browser,
                                        unix_time now) noexcept {
    bool good = !browser.user.empty();
    if (!request.id_token_hint.empty() && browser.expected_user != browser.user) good = false;
    if (browser.authenticated < browser.arrived) { // so it may be too old, or not be what was asked for
        if (request.login || request.select_account) good = false;
        if (request.max_age && saturating_add(browser.authenticated, *request.max_age) < now) good = false;
    }
    if (good) return login_decision::answer;
    return request.silent ? login_decision::refuse : login_decision::ask_user;
}

SIGNET_DECL std::string code_url(login_request const& request, std::string_view issuer, std::string_view code) {
    return detail::answer_url(request, issuer, "code", code);
}
SIGNET_DECL std::string refusal_url(login_request const& request, std::string_view issuer, login_refusal why) {
    return detail::answer_url(request, issuer, "error", name(why));
}

// ---- ID tokens that come back

SIGNET_DECL jwt::policy id_token_hint_policy(std::string_view issuer, std::string_view client_id,
                                             std::chrono::seconds age) {
    return {.issuer = issuer,
            .audience = client_id,
            .type = oauth::id_token_type,
            .leeway = age, // for `exp`
            .max_ahead = std::chrono::seconds{0},
            .required = {"sub", "iat"}};
}

SIGNET_DECL result<id_token_hint> read_id_token_hint(jwt::claims_view const& token) {
    if (token.has("events")) return errc::claim_refused;
    if (token.subject().empty()) return errc::claim_missing;
    auto const session = token.claim<std::string_view>("sid");
    if (!session && token.has("sid")) return errc::claim_wrong_type;
    return id_token_hint{std::string{token.subject()}, session ? std::string{*session} : std::string{}};
}

// ---- the end-session endpoint

SIGNET_DECL result<end_session_request> read_end_session_request(std::string_view form,
                                                                 registered_client const& client) {
    auto const read = http::form::parse(form);
    if (!read) return read.error();
    auto const text = [&](std::string_view name) { return std::string{(*read)[name]}; };
    auto const named = text("client_id");
    if (client.client_id.empty() || (!named.empty() && named != client.client_id)) return errc::client_mismatch;
    end_session_request request{.client = client.client_id,
                                .id_token_hint = text("id_token_hint"),
                                .post_logout_redirect_uri = text("post_logout_redirect_uri"),
                                .state = text("state"),
                                .logout_hint = text("logout_hint")};
    auto const& uri = request.post_logout_redirect_uri;
    if (!uri.empty() && !detail::is_registered(client.post_logout_redirect_uris, uri))
        return errc::redirect_uri_mismatch;
    return request;
}

SIGNET_DECL std::string post_logout_url(end_session_request const& request) {
    auto url = request.post_logout_redirect_uri;
    if (!url.empty() && !request.state.empty()) detail::query_of(url).add("state", request.state);
    return url;
}

// ---- what the provider publishes

namespace detail {
inline result<void> check_published(discovery const& d) {
    if (!d.answers_name_issuer || !d.pkce_s256) return errc::out_of_range;
    if (auto good = check_https(d.issuer, false); !good) return good.error();
    for (auto const& member : endpoint_members) {
        auto const& url = d.*member.at;
        if (url.empty() && member.required != endpoint_demand::never) return errc::json_member_missing;
        if (url.empty()) continue;
        if (auto good = check_https(url); !good) return good.error();
    }
    if (d.id_token_algorithms.empty()) return errc::json_member_missing;
    return {};
}
} // namespace detail

SIGNET_DECL result<std::string> write_discovery(discovery const& document) {
    if (auto good = detail::check_published(document); !good) return good.error();
    std::string text;
    output out{text};
    codec::json_writer w{out};
    auto const texts = [&](std::string_view name, std::initializer_list<std::string_view> values) {
        w.name(name).begin_array();
        for (auto const value : values) w.string(value);
        w.end_array();
    };
    w.begin_object().member("issuer", document.issuer);
    for (auto const& member : detail::endpoint_members)
        if (auto const& url = document.*member.at; !url.empty()) w.member(member.name, url);
    texts("response_types_supported", {"code"});
    texts("response_modes_supported", {"query"});
    if (document.refresh_tokens) texts("grant_types_supported", {"authorization_code", "refresh_token"});
    else texts("grant_types_supported", {"authorization_code"});
    texts("subject_types_supported", {"public"});
    texts("token_endpoint_auth_methods_supported", {"none", "private_key_jwt"});
    texts("token_endpoint_auth_signing_alg_values_supported", {"ES256", "EdDSA", "RS256", "PS256"});
    w.name("id_token_signing_alg_values_supported").begin_array();
    for (std::size_t i = 0; i != alg_count; ++i)
        if (document.id_token_algorithms.contains(static_cast<alg>(i)))
            w.string(jose::algorithm_name(static_cast<alg>(i)));
    w.end_array();
    texts("code_challenge_methods_supported", {"S256"});
    w.member("request_uri_parameter_supported", false); // its default is true
    w.member("authorization_response_iss_parameter_supported", true);
    w.member("backchannel_logout_supported", document.back_channel_logout);
    w.member("backchannel_logout_session_supported", document.back_channel_logout_session);
    w.end_object();
    if (auto good = w.finish(); !good) return good.error();
    return text;
}

// ---- logout tokens

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

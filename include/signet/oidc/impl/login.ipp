// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/oidc/login.hpp>

#include <signet/codec/base64url.hpp>
#include <signet/crypto/digest.hpp>
#include <signet/crypto/mac.hpp>
#include <signet/http/form.hpp>
#include <signet/http/own_path.hpp>
#include <signet/oidc/impl/https_url.hpp>
#include <signet/store/fields.hpp>

#include <algorithm>

namespace signet { inline namespace SIGNET_ABI { namespace oidc {

// ---- PKCE

SIGNET_DECL result<std::string> pkce_challenge(std::string_view verifier) {
    if (verifier.size() < 43 || verifier.size() > 128) return errc::out_of_range;
    for (char c : verifier)
        if (!http::detail::is_unreserved(c)) return errc::out_of_range;
    return codec::base64url_encode(crypto::sha256(as_bytes(verifier)));
}

SIGNET_DECL bool pkce_matches(std::string_view verifier, std::string_view challenge) {
    auto const expected = pkce_challenge(verifier);
    return expected && constant_time_equal(as_bytes(*expected), as_bytes(challenge));
}

// ---- the state

namespace detail {

inline constexpr std::uint8_t login_format = 1, login_kind = 'L';
inline constexpr std::size_t max_login_text = 700;

// What the cookie of a login under way says, before its tag. The texts are views.
struct sealed_login {
    std::array<std::uint8_t, 16> seed{};
    unix_time started{};
    std::string_view issuer{}, return_to{};
};

template <class A> void fields(A& a, store::archived<A, sealed_login>& l) {
    a.fixed(l.seed);
    a.time(l.started);
    a.text(l.issuer, max_login_text), a.text(l.return_to, max_login_text);
}

// The labels are prefix-free, so an HMAC for one purpose is none for another.
inline std::array<std::uint8_t, 32> login_hmac(mac_key const& key, std::string_view label, bytes_view message) {
    std::array<std::uint8_t, 32> tag;
    auto mac =
        crypto::hmac::make(hash_id::sha256, key.reveal()); // a mac_key is 32 to 4096 octets, so it is never refused
    mac->update(as_bytes("signet/login/1/"));
    mac->update(as_bytes(label));
    mac->update(message);
    mac->finish(tag);
    return tag;
}

inline login_state unsealed(mac_key const& key, sealed_login const& login) {
    auto const derive = [&](std::string_view label) {
        return codec::base64url_encode(login_hmac(key, label, login.seed));
    };
    login_state s;
    s.state = derive("state");
    s.nonce = derive("nonce");
    s.code_verifier = derive("verifier");
    s.issuer = login.issuer;
    s.return_to = login.return_to;
    s.started = login.started;
    return s;
}

} // namespace detail

SIGNET_DECL result<started_login> login_states::begin(oidc_client const& client, std::string_view return_to,
                                                      unix_time now, random_ref rng) const {
    if (!http::is_own_path(return_to) || client.issuer.empty()) return errc::out_of_range;
    detail::sealed_login login{.started = now, .issuer = client.issuer, .return_to = return_to};
    rng.fill(login.seed);
    bytes octets;
    auto const written = store::write_fields(login, detail::login_format, detail::login_kind, octets);
    if (!written) return written.error();
    auto const tag = detail::login_hmac(keys_.current(), "seal", octets);
    octets.insert(octets.end(), tag.begin(), tag.end());
    return started_login{detail::unsealed(keys_.current(), login), codec::base64url_encode(octets)};
}

SIGNET_DECL result<login_state> login_states::open(std::string_view sealed, unix_time now) const {
    if (sealed.size() > 4096) return errc::login_state_mismatch;
    auto const octets = codec::base64url_decode(sealed);
    if (!octets || octets->size() < 32) return errc::login_state_mismatch;
    auto const content = bytes_view{*octets}.first(octets->size() - 32), tag = bytes_view{*octets}.last(32);
    auto const sealed_by = [&](mac_key const& key) {
        return constant_time_equal(detail::login_hmac(key, "seal", content), tag);
    };
    mac_key const* key = sealed_by(keys_.current()) ? &keys_.current() : nullptr;
    if (!key) {
        auto const former = std::ranges::find_if(keys_.former(), sealed_by);
        if (former == keys_.former().end()) return errc::login_state_mismatch;
        key = &*former;
    }

    auto const login = store::read_fields<detail::sealed_login>(content, detail::login_format, detail::login_kind);
    if (!login) return errc::login_state_mismatch;
    // Also of a clock that went far back.
    if (now - login->started > lifetime_ || login->started - now > lifetime_) return errc::login_state_mismatch;
    return detail::unsealed(*key, *login);
}

// ---- the request

namespace detail {
constexpr std::string_view prompt_text(login_prompt p) noexcept {
    switch (p) {
    case login_prompt::unset: break;
    case login_prompt::none: return "none";
    case login_prompt::login: return "login";
    case login_prompt::consent: return "consent";
    case login_prompt::select_account: return "select_account";
    }
    return {};
}
} // namespace detail

SIGNET_DECL result<std::string> authorization_url(std::string_view endpoint, oidc_client const& client,
                                                  authorization_request const& request, login_state const& login) {
    if (auto good = detail::check_https(endpoint); !good) return good.error();
    auto const challenge = pkce_challenge(login.code_verifier);
    if (!challenge) return challenge.error();
    std::string url{endpoint};
    auto w = detail::query_of(url);
    w.add("response_type", "code")
        .add("client_id", client.client_id)
        .add("redirect_uri", client.redirect_uri)
        .add("scope", request.scope);
    w.add("state", login.state)
        .add("nonce", login.nonce)
        .add("code_challenge", *challenge)
        .add("code_challenge_method", "S256");
    w.add_unless_empty("resource", request.resource).add_unless_empty("prompt", detail::prompt_text(request.prompt));
    w.add_unless_empty("login_hint", request.login_hint).add_unless_empty("acr_values", request.acr_values);
    w.add_unless_empty("id_token_hint", request.id_token_hint).add_unless_empty("dpop_jkt", request.dpop_jkt);
    if (request.max_age) w.add("max_age", std::to_string(request.max_age->count()));
    return url;
}

// ---- the answer

SIGNET_DECL result<std::string> read_authorization_answer(std::string_view query, login_state const& login,
                                                          oidc_client const& client, std::string* error_code) {
    if (error_code) error_code->clear();
    auto const answer = http::form::parse(query);
    if (!answer) return answer.error();
    auto const code = (*answer)["code"], refused = (*answer)["error"], issuer = (*answer)["iss"];
    if (code.empty() == refused.empty()) return errc::malformed_uri;

    // Ours at all, and from whom we asked? Until that is known nothing else in it counts.
    if (login.state.empty() || !constant_time_equal(as_bytes((*answer)["state"]), as_bytes(login.state)))
        return errc::login_state_mismatch;
    if (login.issuer != client.issuer) return errc::login_state_mismatch;
    if (issuer.empty() ? client.answers_name_issuer : issuer != client.issuer) return errc::login_state_mismatch;

    if (!detail::is_printable(code) || !detail::is_printable(refused)) return errc::malformed_uri;
    if (refused.empty()) return std::string{code};
    if (error_code) *error_code = refused.substr(0, 64);
    for (std::string_view by_the_user :
         {"login_required", "interaction_required", "consent_required", "account_selection_required"})
        if (refused == by_the_user) return errc::login_required;
    return errc::login_refused;
}

SIGNET_DECL std::string code_request(std::string_view code, login_state const& login, oidc_client const& client,
                                     std::string_view resource, std::string_view client_assertion) {
    std::string body;
    http::form_writer w{body};
    w.add("grant_type", "authorization_code")
        .add("code", code)
        .add("redirect_uri", client.redirect_uri)
        .add("client_id", client.client_id);
    w.add("code_verifier", login.code_verifier).add_unless_empty("resource", resource);
    if (!client_assertion.empty()) {
        w.add("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
            .add("client_assertion", client_assertion);
    }
    return body;
}

// ---- logout

SIGNET_DECL result<std::string> end_session_url(std::string_view endpoint, oidc_client const& client,
                                                logout_request const& request) {
    if (auto good = detail::check_https(endpoint); !good) return good.error();
    if (!request.state.empty() && request.post_logout_redirect_uri.empty()) return errc::out_of_range;
    std::string url{endpoint};
    auto w = detail::query_of(url);
    w.add("client_id", client.client_id).add_unless_empty("id_token_hint", request.id_token_hint);
    w.add_unless_empty("post_logout_redirect_uri", request.post_logout_redirect_uri)
        .add_unless_empty("state", request.state);
    w.add_unless_empty("logout_hint", request.logout_hint).add_unless_empty("ui_locales", request.ui_locales);
    return url;
}

}}} // namespace signet::oidc

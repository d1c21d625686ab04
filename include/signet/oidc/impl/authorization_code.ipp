// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/oidc/authorization_code.hpp>

#include <signet/codec/base64url.hpp>
#include <signet/http/form.hpp>
#include <signet/oidc/impl/unverified_claim.hpp>
#include <signet/oidc/login.hpp>
#include <signet/proof/record_key.hpp>
#include <signet/store/fields.hpp>
#include <signet/store/impl/compare_and_swap.hpp>

namespace signet { inline namespace SIGNET_ABI { namespace oidc {

// ---- the token endpoint's request

SIGNET_DECL result<token_request> read_token_request(std::string_view body) {
    auto const read = http::form::parse(body);
    if (!read) return read.error();
    auto const text = [&](std::string_view name) { return std::string{(*read)[name]}; };
    auto const kind = (*read)["grant_type"];
    bool const by_code = kind == "authorization_code";
    if (kind.empty()) return errc::malformed_uri;
    if (!by_code && kind != "refresh_token") return errc::grant_type_unsupported;

    token_request request{.grant = by_code ? grant_type::authorization_code : grant_type::refresh_token,
                          .client = text("client_id"),
                          .resource = text("resource"),
                          .scope = text("scope"),
                          .client_assertion = text("client_assertion")};
    auto const type = (*read)["client_assertion_type"];
    if (request.client_assertion.empty() ? !type.empty()
                                         : type != "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
        return errc::malformed_uri;
    if (request.client.empty()) // RFC 7521 section 4.2
        request.client = detail::unverified_claim(request.client_assertion, {"sub"});
    if (by_code) {
        request.code = text("code"), request.redirect_uri = text("redirect_uri");
        request.code_verifier = secret::copy_of(as_bytes((*read)["code_verifier"]));
        if (request.code.empty() || request.code_verifier.empty()) return errc::malformed_uri;
    } else {
        request.refresh_token = secret::copy_of(as_bytes((*read)["refresh_token"]));
        if (request.refresh_token.empty()) return errc::malformed_uri;
    }
    return request;
}

SIGNET_DECL jwt::policy client_assertion_policy(std::string_view client_id, std::string_view issuer,
                                                std::string_view token_endpoint) {
    return {.issuer = client_id,
            .audience = jwt::one_of{issuer, token_endpoint},
            .type = jwt::anything, // RFC 7523 names none
            .subject = client_id,
            .required = {"jti"}};
}

// ---- codes

namespace detail {

inline constexpr std::uint8_t code_format = 1, code_kind = 'c';
inline constexpr std::size_t max_code_name = 256, max_code_amr = 8, max_code_redirect = 2048, max_code_record = 8192;

// What the store keeps of a code. The code itself is not among it.
struct code_record {
    code_grant grant{};
    std::string redirect_uri{}, code_challenge{};
    unix_time issued{};
    bool used = false;
};

template <class A> void fields(A& a, store::archived<A, code_record>& c) {
    auto& g = c.grant;
    a.text(g.user, max_code_name), a.text(g.client, max_code_name), a.text(g.session, max_code_name);
    a.text(g.scope, max_login_scope), a.text(g.resource, max_login_parameter), a.text(g.nonce, max_login_parameter);
    a.text(g.acr, max_code_name);
    a.each(g.amr, max_code_amr, [](auto& archive, auto& method) { archive.text(method, max_code_name); });
    a.time(g.auth_time);
    a.optional(g.sender, [](auto& archive, auto& thumbprint) { archive.fixed(thumbprint); });
    a.text(c.redirect_uri, max_code_redirect), a.text(c.code_challenge, max_code_name);
    a.time(c.issued);
    a.flag(c.used);
}

inline store::record_key code_key(std::string_view code) { return proof::record_key("code", {code}); }

inline result<bytes> write_code(code_record const& record) {
    bytes octets;
    auto const written = store::write_fields(record, code_format, code_kind, octets);
    if (!written) return written.error();
    return octets;
}

inline result<code_record> new_code(login_request const& request, oauth::authentication_info const& login,
                                    unix_time now) {
    if (login.user.empty() || login.session.empty() || login.auth_time <= unix_time{}) return errc::out_of_range;
    if (login.client != request.client) return errc::client_mismatch;
    code_record record{.grant = {.user = std::string{login.user},
                                 .client = request.client,
                                 .session = std::string{login.session},
                                 .scope = request.scope,
                                 .resource = request.resource,
                                 .nonce = request.nonce,
                                 .acr = std::string{login.acr},
                                 .auth_time = login.auth_time},
                       .redirect_uri = request.redirect_uri,
                       .code_challenge = request.code_challenge,
                       .issued = now};
    record.grant.amr.assign(login.amr.begin(), login.amr.end());
    if (!request.dpop_jkt.empty()) {
        auto const size = codec::base64url_decode(request.dpop_jkt, record.grant.sender.emplace());
        if (!size || *size != record.grant.sender->size()) return errc::out_of_range;
    }
    return record;
}

inline store::task<std::string> issue_code(std::string code, result<code_record> made, code_policy policy,
                                           unix_time now, std::pmr::memory_resource* frames) {
    (void)frames; // of this coroutine
    auto const& record = co_await made;
    auto const octets = co_await write_code(record);
    auto const expires = saturating_add(saturating_add(now, policy.lifetime), policy.remember);
    auto const inserted = co_await store::insert(code_key(code), octets, expires, now);
    if (!inserted) co_return errc::random_failed; // 32 octets that were there before: no randomness
    co_return code;
}

// The operation's own copy of an exchange.
struct asked_exchange {
    std::string code, client, redirect_uri;
    secret code_verifier;
    std::optional<crypto::sha256_digest> proved;
};

inline result<code_record> read_code(std::optional<store::record> const& found) {
    if (!found) return errc::code_unknown;
    return store::read_fields<code_record>(found->bytes, code_format, code_kind);
}

// Whoever cannot show what the code is bound to does not learn whether it was used.
inline result<void> check_exchange(code_record const& record, asked_exchange const& asked, code_policy const& policy,
                                   unix_time now) {
    if (record.grant.client != asked.client || record.redirect_uri != asked.redirect_uri) return errc::code_unknown;
    if (!pkce_matches(as_text(asked.code_verifier.reveal()), record.code_challenge))
        return errc::code_verifier_mismatch;
    if (record.grant.sender && asked.proved != record.grant.sender) return errc::code_sender_mismatch;
    if (record.used) return errc::code_reused;
    if (now >= saturating_add(record.issued, policy.lifetime)) return errc::code_expired;
    return {};
}

inline store::task<code_grant> exchange_code(asked_exchange asked, code_policy policy, unix_time now,
                                             std::pmr::memory_resource* frames) {
    code_record record;
    auto const judge = [&](std::optional<store::record> const& found) -> result<store::swap_decision> {
        auto read = read_code(found);
        if (!read) return read.error();
        record = *std::move(read);
        if (auto good = check_exchange(record, asked, policy, now); !good) return good.error();
        record.used = true;
        if (asked.proved) record.grant.sender = asked.proved;
        auto octets = write_code(record);
        if (!octets) return octets.error();
        return store::swap_decision::write_once(*std::move(octets), found->expires, record.issued);
    };
    co_await store::compare_and_swap(code_key(asked.code), now, judge, frames);
    co_return std::move(record.grant);
}

inline store::task<code_grant> find_exchanged_code(std::string code, unix_time now, std::pmr::memory_resource* frames) {
    (void)frames; // of this coroutine
    bytes buffer(max_code_record);
    auto const found = co_await store::find(code_key(code), buffer, now);
    auto record = co_await read_code(found);
    if (!record.used) co_return errc::code_unknown;
    co_return std::move(record.grant);
}

} // namespace detail

SIGNET_DECL oauth::access_params code_grant::access() const& {
    return {.resource = resource, .scope = scope, .sender = sender};
}
SIGNET_DECL oauth::authentication_info code_grant::login() const& {
    return {.user = user,
            .client = client,
            .session = session,
            .auth_time = auth_time,
            .nonce = nonce,
            .acr = acr,
            .amr = {amr.begin(), amr.end()}};
}

SIGNET_DECL result<authorization_codes> authorization_codes::make(code_policy policy) {
    using namespace std::chrono_literals;
    if (policy.lifetime < 1s || policy.lifetime > 600s || policy.remember < 0s || policy.remember > 86'400s)
        return errc::out_of_range;
    return authorization_codes{policy};
}

SIGNET_DECL store::task<std::string> authorization_codes::issue(login_request const& request,
                                                                oauth::authentication_info const& login, unix_time now,
                                                                random_ref rng,
                                                                std::pmr::memory_resource* frames) const {
    std::array<std::uint8_t, 32> octets;
    rng.fill(octets);
    return detail::issue_code(codec::base64url_encode(octets), detail::new_code(request, login, now), policy_, now,
                              frames);
}

SIGNET_DECL store::task<code_grant> authorization_codes::exchange(code_exchange const& request, unix_time now,
                                                                  std::pmr::memory_resource* frames) const {
    detail::asked_exchange asked{std::string{request.code}, std::string{request.client},
                                 std::string{request.redirect_uri}, secret::copy_of(as_bytes(request.code_verifier)),
                                 std::nullopt};
    if (request.proved) asked.proved = request.proved->thumbprint();
    return detail::exchange_code(std::move(asked), policy_, now, frames);
}

SIGNET_DECL store::task<code_grant> authorization_codes::find_exchanged(std::string_view code, unix_time now,
                                                                        std::pmr::memory_resource* frames) const {
    return detail::find_exchanged_code(std::string{code}, now, frames);
}

}}} // namespace signet::oidc

// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/dbsc/registration.hpp>

#include <signet/codec/base64url.hpp>
#include <signet/crypto/prepared_key.hpp>
#include <signet/dbsc/impl/answers.hpp>
#include <signet/dbsc/impl/session_record.hpp>
#include <signet/dbsc/proof_token.hpp>
#include <signet/http/cookie_syntax.hpp>
#include <signet/http/structured_field.hpp>
#include <signet/jose/thumbprint.hpp>

#include <algorithm>

namespace signet { inline namespace SIGNET_ABI { namespace dbsc {

namespace detail {

inline constexpr std::size_t max_authorization = 2048;

// ---- the offer -----------------------------------------------------------------------------------------------------

inline result<void> check_params(registration_params const& params) {
    if (params.user.empty() || params.user.size() > max_user) return errc::out_of_range;
    if (params.authorization.size() > max_authorization || params.replaces.size() > max_id) return errc::out_of_range;
    if (!std::all_of(params.replaces.begin(), params.replaces.end(), http::detail::is_cookie_octet))
        return errc::malformed_header_field;
    return {};
}

inline result<std::optional<crypto::sha256_digest>> check_federation(federation const& f) {
    auto const given =
        (f.provider_key.empty() ? 0 : 1) + (f.provider_session_id.empty() ? 0 : 1) + (f.provider_url.empty() ? 0 : 1);
    if (given == 0) return std::optional<crypto::sha256_digest>{};
    if (given != 3 || !f.provider_url.starts_with("https://") || !is_endpoint(f.provider_url))
        return errc::invalid_dbsc_policy;
    crypto::sha256_digest thumbprint;
    auto const size = codec::base64url_decode(f.provider_key, thumbprint);
    if (!size || *size != thumbprint.size()) return errc::invalid_dbsc_policy;
    return std::optional{thumbprint};
}

// (ES256 RS256);path="/dbsc/register";challenge="..."
inline result<std::string> write_registration(policy const& p, registration_params const& params,
                                              std::string_view challenge) {
    std::vector<http::sf::item> algorithms;
    for (alg a : p.params().algorithms)
        algorithms.push_back({http::sf::bare_item{http::sf::token{std::string{traits(a).name}}}});
    http::sf::parameters parameters;
    auto const add = [&parameters](std::string_view name, std::string_view value) {
        if (!value.empty()) parameters.set(name, http::sf::bare_item{http::sf::string{std::string{value}}});
    };
    add("path", p.params().register_path);
    add("challenge", challenge);
    add("authorization", params.authorization);
    add("provider_key", params.provider.provider_key);
    add("provider_session_id", params.provider.provider_session_id);
    add("provider_url", params.provider.provider_url);
    http::sf::list list;
    list.emplace_back(std::move(algorithms), std::move(parameters));
    return http::sf::serialize(list);
}

// ---- the answer to the proof ---------------------------------------------------------------------------------------

// Everything that needs no store: the form, the algorithm that was offered, the key, and its signature.
inline result<shown_proof> check_new_proof(policy const& p, request const& r) {
    if (r.method != "POST") return errc::wrong_dbsc_method;
    auto const token = read_value(r.response, max_proof_size);
    if (!token) return token.error();
    auto proof = read_proof(*token);
    if (!proof) return proof.error();
    if (!p.offers(proof->algorithm)) return errc::algorithm_not_allowed;
    if (!proof->key || !proof->key->supports(proof->algorithm)) return errc::dbsc_key_refused;
    if (!crypto::detail::verify_once(*proof->key, proof->algorithm, as_bytes(proof->signing_input), proof->signature))
        return errc::invalid_dbsc_signature;
    return proof;
}

// Over whatever stands there, but not over a session that its user or an administrator ended after the offer.
inline result<store::swap_decision> take_over(session_record const& session, std::optional<store::record> const& found,
                                              unix_time offered) {
    auto const old = found ? read_session(found->bytes) : errc::dbsc_session_unknown;
    if (old && old->state != bound_session_state::live && old->refreshed > offered) return old->why_over();
    return write_session(session);
}

// What only the server knows: for which login the challenge was made, and what else the proof must repeat.
inline result<void> check_pending(registration_record const& pending, shown_proof const& proof,
                                  std::optional<crypto::sha256_digest> const& login) {
    if (pending.login && (!login || !constant_time_equal(*pending.login, *login))) return errc::dbsc_login_mismatch;
    if (pending.authorization.has_value() != proof.authorization.has_value()) return errc::dbsc_authorization_mismatch;
    if (pending.authorization &&
        !constant_time_equal(*pending.authorization, authorization_digest(*proof.authorization)))
        return errc::dbsc_authorization_mismatch;
    if (pending.provider_key && !constant_time_equal(*pending.provider_key, jose::thumbprint_digest(*proof.key)))
        return errc::dbsc_key_refused;
    return {};
}

inline store::task<exchange> register_session(policy const& p, request const& r, unix_time now, random_ref rng,
                                              std::pmr::memory_resource* frames) {
    auto const login = login_digest(r.login);
    auto const proof = co_await check_new_proof(p, r); // the last that is read of `r`

    std::array<std::uint8_t, max_registration_record> buffer;
    auto const taken = co_await store::take(registration_key(proof.challenge), buffer, now);
    if (!taken) co_return errc::dbsc_challenge_refused;
    auto const pending =
        co_await store::read_fields<registration_record>(taken->bytes, registration_format, registration_kind);
    co_await check_pending(pending, proof, login);

    session_record session;
    session.user = pending.user;
    session.login = pending.login;
    session.pin(*proof.key, proof.algorithm);
    session.registered = session.refreshed = now;
    session.ends = saturating_add(now, p.params().session_lifetime);
    bool const replaces = !pending.replaces.empty();
    auto const id = replaces ? pending.replaces : random_text(32, rng);
    auto const cookie = session.renew_cookie(p, id, now, rng);
    auto const challenge = session.hand_out(p, now, rng);

    if (replaces) { // however often it changes meanwhile
        auto const offered = saturating_add(taken->expires, -p.params().registration_lifetime);
        auto const overwrite = [&](auto const& found) { return take_over(session, found, offered); };
        co_await store::compare_and_swap(session_key(id), now, overwrite, frames);
    } else {
        auto const octets = co_await session_octets(session);
        auto const inserted = co_await store::insert(session_key(id), octets, session.ends, now);
        if (!inserted) co_return errc::random_failed; // 32 octets that are somebody's already
    }
    co_return exchange{answer_bound(p, id, cookie.text, challenge, true),
                       proved_session{bound_session_access::make(id, session),
                                      proof::verified_key_access::make(*proof.key, proof.algorithm)}};
}

} // namespace detail

SIGNET_DECL store::task<std::string> offer_registration(policy const& p, registration_params const& params,
                                                        unix_time now, random_ref rng,
                                                        std::pmr::memory_resource* frames) {
    (void)frames;
    co_await detail::check_params(params);
    auto const provider_key = co_await detail::check_federation(params.provider);
    auto const challenge = detail::random_text(p.params().challenge_octets, rng);
    auto field = co_await detail::write_registration(p, params, challenge);

    detail::registration_record pending{
        std::string{params.user}, std::string{params.replaces}, detail::login_digest(params.login), {}, provider_key};
    if (!params.authorization.empty()) pending.authorization = detail::authorization_digest(params.authorization);
    bytes octets;
    co_await store::write_fields(pending, detail::registration_format, detail::registration_kind, octets);
    auto const expires = saturating_add(now, p.params().registration_lifetime);
    auto const inserted = co_await store::insert(detail::registration_key(challenge), octets, expires, now);
    if (!inserted) co_return errc::random_failed; // a challenge that was there before: no randomness
    co_return field;
}

SIGNET_DECL store::task<exchange> handle_registration(policy const& p, request const& r, unix_time now, random_ref rng,
                                                      std::pmr::memory_resource* frames) {
    auto done = co_await store::as_result(detail::register_session(p, r, now, rng, frames));
    if (!done) co_return exchange{detail::answer_refused(done.error().code), done.error()};
    co_return *std::move(done);
}

}}} // namespace signet::dbsc

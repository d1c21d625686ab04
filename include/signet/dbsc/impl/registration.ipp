// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/dbsc/registration.hpp>

#include <signet/codec/base64url.hpp>
#include <signet/crypto/signature.hpp>
#include <signet/http/cookie_syntax.hpp>
#include <signet/http/structured_field.hpp>
#include <signet/jose/jwk.hpp>
#include <signet/jose/thumbprint.hpp>

namespace signet { inline namespace SIGNET_ABI { namespace dbsc {

namespace detail {

inline constexpr unsigned most_tries = 4; // of a compare-and-swap that others win

inline result<std::optional<crypto::sha256_digest>> check_federation(federation const& f) {
    auto const given =
        (f.provider_key.empty() ? 0 : 1) + (f.provider_session_id.empty() ? 0 : 1) + (f.provider_url.empty() ? 0 : 1);
    if (given == 0) return std::optional<crypto::sha256_digest>{};
    if (given != 3 || !f.provider_url.starts_with("https://") || !is_endpoint(f.provider_url)) return errc::dbsc_policy;
    crypto::sha256_digest thumbprint;
    auto const size = codec::base64url_decode(f.provider_key, thumbprint);
    if (!size || *size != thumbprint.size()) return errc::dbsc_policy;
    return std::optional{thumbprint};
}

// (ES256 RS256);path="/dbsc/register";challenge="..."
inline result<std::string> write_registration(policy const& p, registration_terms const& terms,
                                              std::string_view challenge) {
    std::vector<http::sf::item> algorithms;
    for (alg a : p.spec().algorithms)
        algorithms.push_back({http::sf::bare_item{http::sf::token{std::string{facts(a).name}}}});
    http::sf::parameters params;
    auto const add = [&params](std::string_view name, std::string_view value) {
        if (!value.empty()) params.set(name, http::sf::bare_item{http::sf::string{std::string{value}}});
    };
    add("path", p.spec().register_path);
    add("challenge", challenge);
    add("authorization", terms.authorization);
    add("provider_key", terms.provider.provider_key);
    add("provider_session_id", terms.provider.provider_session_id);
    add("provider_url", terms.provider.provider_url);
    http::sf::list list;
    list.emplace_back(std::move(algorithms), std::move(params));
    return http::sf::serialize(list);
}

} // namespace detail

// ---- begin ---------------------------------------------------------------------------------------------------------

SIGNET_DECL begin_registration::begin_registration(policy const& p, registration_terms const& terms, unix_time now,
                                                   random_ref rng) {
    if (auto good = begin(p, terms, now, rng); !good) error_ = good.error();
}

SIGNET_DECL result<void> begin_registration::begin(policy const& p, registration_terms const& terms, unix_time now,
                                                   random_ref rng) {
    if (terms.user.empty() || terms.user.size() > detail::largest_user) return errc::out_of_range;
    if (terms.authorization.size() > 2048 || terms.replaces.size() > detail::largest_id) return errc::out_of_range;
    if (!std::all_of(terms.replaces.begin(), terms.replaces.end(), http::detail::is_cookie_octet))
        return errc::header_syntax;
    auto const provider = detail::check_federation(terms.provider);
    if (!provider) return provider.error();

    auto const challenge = detail::random_text(p.spec().challenge_octets, rng);
    auto value = detail::write_registration(p, terms, challenge);
    if (!value) return value.error();
    value_ = *std::move(value);

    detail::registration_record pending{std::string{terms.user}, std::string{terms.replaces}, {}, {}, *provider};
    if (!terms.login.empty()) pending.login = detail::login_digest(terms.login);
    if (!terms.authorization.empty()) pending.authorization = detail::authorization_digest(terms.authorization);
    if (auto done = pending.write(record_); !done) return done.error();
    ask_ = store::insert(detail::registration_key(challenge), record_, saturating_add(now, p.spec().registration_life),
                         now);
    open_ = true;
    return {};
}

SIGNET_DECL void begin_registration::answer(store::reply const& reply) noexcept {
    open_ = false;
    auto const written = reply.done();
    done_ = written && *written;
    error_ = written ? signet::error{errc::random_failed}
                     : written.error(); // a challenge that was there before: no randomness
}

SIGNET_DECL result<std::string> begin_registration::ruling() const {
    if (!done_) return error_;
    return value_;
}

// ---- finish --------------------------------------------------------------------------------------------------------

SIGNET_DECL finish_registration::finish_registration(policy const& p, request const& r, unix_time now, random_ref rng)
    : policy_{&p}, rng_{rng}, now_{now} {
    if (!r.login.empty()) login_ = detail::login_digest(r.login);
    if (auto good = check_proof(r); !good) {
        refuse(good.error().code);
    } else {
        ask_ = store::take(detail::registration_key(proof_.challenge), buffer_, now_);
        step_ = step::take;
    }
}

SIGNET_DECL void finish_registration::refuse(errc why) {
    step_ = step::done;
    ruling_ = {detail::answer_refused(why), why};
}

// Everything that needs no store: the form, the algorithm that was offered, the key, and its signature.
SIGNET_DECL result<void> finish_registration::check_proof(request const& r) {
    if (r.method != "POST") return errc::dbsc_method;
    auto const token = read_value(r.response, largest_proof);
    if (!token) return token.error();
    auto shown = detail::read_proof(*token);
    if (!shown) return shown.error();
    proof_ = *std::move(shown);

    if (!policy_->offers(proof_.algorithm)) return errc::algorithm_not_allowed;
    if (!proof_.key || !proof_.key->supports(proof_.algorithm)) return errc::dbsc_key;
    if (!crypto::verify(*proof_.key, proof_.algorithm, as_bytes(proof_.signing_input), proof_.signature))
        return errc::dbsc_signature;
    return {};
}

// What only the server knows: for which login the challenge was made, and what else the proof must repeat.
SIGNET_DECL result<void> finish_registration::check_terms(detail::registration_record const& pending) const {
    if (pending.login && (!login_ || !constant_time_equal(*pending.login, *login_))) return errc::dbsc_login;
    if (pending.authorization.has_value() != proof_.authorization.has_value()) return errc::dbsc_authorization;
    if (pending.authorization &&
        !constant_time_equal(*pending.authorization, detail::authorization_digest(*proof_.authorization)))
        return errc::dbsc_authorization;
    if (pending.provider_key && !constant_time_equal(*pending.provider_key, jose::thumbprint_digest(*proof_.key)))
        return errc::dbsc_key;
    return {};
}

SIGNET_DECL void finish_registration::answer(store::reply const& reply) {
    auto const done = reply.done();
    switch (step_) {
    case step::take: return taken(reply);
    case step::find:
        if (!done) return refuse(done.error().code);
        return write(*done ? reply.record.version : 0);
    case step::insert:
    case step::replace:
        if (!done) return refuse(done.error().code);
        if (*done) return written();
        if (!replaces_) return refuse(errc::random_failed); // 32 octets that are somebody's already
        if (++tries_ == detail::most_tries) return refuse(errc::record_conflict);
        return ask_old(); // somebody changed the old session meanwhile
    case step::done: return;
    }
}

SIGNET_DECL void finish_registration::taken(store::reply const& reply) {
    auto const done = reply.done();
    if (!done) return refuse(done.error().code);
    if (!*done) return refuse(errc::dbsc_challenge);
    auto const pending = detail::registration_record::read(reply.record.bytes);
    if (!pending) return refuse(pending.error().code);
    if (auto good = check_terms(*pending); !good) return refuse(good.error().code);

    session_.user = pending->user;
    session_.login = pending->login;
    session_.pin(*proof_.key, proof_.algorithm);
    session_.registered = session_.refreshed = now_;
    session_.ends = saturating_add(now_, policy_->spec().session_life);
    replaces_ = !pending->replaces.empty();
    id_ = replaces_ ? pending->replaces : detail::random_text(32, rng_);
    cookie_ = session_.renew_cookie(*policy_, id_, now_, rng_);
    challenge_ = session_.hand_out(*policy_, now_, rng_);
    if (auto good = session_.write(record_); !good) return refuse(good.error().code);
    if (replaces_) ask_old();
    else write(0);
}

SIGNET_DECL void finish_registration::ask_old() {
    ask_ = store::find(detail::session_key(id_), buffer_, now_);
    step_ = step::find;
}

SIGNET_DECL void finish_registration::write(std::uint64_t version) {
    auto const key = detail::session_key(id_);
    ask_ = version == 0 ? store::insert(key, record_, session_.ends, now_)
                        : store::replace(key, version, record_, session_.ends, now_);
    step_ = version == 0 ? step::insert : step::replace;
}

SIGNET_DECL void finish_registration::written() {
    step_ = step::done;
    ruling_ = {detail::answer_bound(*policy_, id_, cookie_, challenge_, true),
               proved_session{detail::live_session_access::make(id_, session_),
                              proof::verified_key_access::make(*proof_.key, proof_.algorithm)}};
}

}}} // namespace signet::dbsc

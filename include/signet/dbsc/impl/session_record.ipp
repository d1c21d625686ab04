// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/dbsc/impl/session_record.hpp>

#include <signet/codec/base64url.hpp>
#include <signet/dbsc/impl/answer.hpp>
#include <signet/dbsc/instructions.hpp>
#include <signet/jose/thumbprint.hpp>
#include <signet/proof/record_key.hpp>

#include <algorithm>

namespace signet { inline namespace SIGNET_ABI { namespace dbsc { namespace detail {

inline constexpr std::uint8_t session_format = 1, session_kind = 'b', registration_format = 1, registration_kind = 'B';

// ---- names of records ----------------------------------------------------------------------------------------------

SIGNET_DECL store::record_key session_key(std::string_view id) { return proof::record_key("dbsc-session", {id}); }
SIGNET_DECL store::record_key registration_key(std::string_view challenge) {
    return proof::record_key("dbsc-registration", {challenge});
}
SIGNET_DECL crypto::sha256_digest authorization_digest(std::string_view value) {
    return proof::record_key("dbsc-authorization", {value});
}

SIGNET_DECL std::string random_text(std::size_t octets, random_ref rng) {
    std::array<std::uint8_t, 64> random;
    auto const used = std::span{random}.first(octets);
    rng.fill(used);
    auto text = codec::base64url_encode(used);
    wipe(random);
    return text;
}

// ---- octets --------------------------------------------------------------------------------------------------------

inline void write_optional(store::record_writer& w, std::optional<crypto::sha256_digest> const& digest) {
    w.flag(digest.has_value());
    if (digest) w.fixed(*digest);
}
inline std::optional<crypto::sha256_digest> read_optional(store::record_reader& r) {
    if (!r.flag()) return std::nullopt;
    crypto::sha256_digest digest{};
    r.fixed(digest);
    return digest;
}

SIGNET_DECL result<void> session_record::write(bytes& target) const {
    store::record_writer w{target, session_format, session_kind};
    w.number(static_cast<std::uint64_t>(state));
    w.text(user);
    write_optional(w, login);
    w.number(static_cast<std::uint64_t>(algorithm));
    w.octets(first), w.octets(second), w.fixed(thumbprint);
    w.time(registered), w.time(refreshed), w.time(ends);
    for (auto const* value : {&current, &previous}) w.fixed(value->hash), w.time(value->until);
    w.number(challenges.size());
    for (auto const& c : challenges) w.text(c.text), w.time(c.issued);
    if (auto done = w.finish(); !done) return done.error();
    if (target.size() > largest_session_record) return errc::record_too_large;
    return {};
}

SIGNET_DECL result<session_record> session_record::read(bytes_view octets) {
    store::record_reader r{octets, session_format, session_kind};
    session_record s;
    s.state = static_cast<session_state>(r.number(enum_count<session_state> - 1));
    s.user = r.text(largest_user);
    s.login = read_optional(r);
    s.algorithm = static_cast<alg>(r.number(alg_count - 1));
    auto const copy = [&r](bytes& to) {
        auto const from = r.octets(1024);
        to.assign(from.begin(), from.end());
    };
    copy(s.first), copy(s.second), r.fixed(s.thumbprint);
    s.registered = r.time(), s.refreshed = r.time(), s.ends = r.time();
    for (auto* value : {&s.current, &s.previous}) r.fixed(value->hash), value->until = r.time();
    for (auto n = r.number(most_challenges); n != 0 && !r.failed(); --n) {
        handed_out c;
        c.text = r.text(128);
        c.issued = r.time();
        s.challenges.push_back(std::move(c));
    }
    if (auto good = r.finish(); !good) return good.error();
    return s;
}

SIGNET_DECL result<void> registration_record::write(bytes& target) const {
    store::record_writer w{target, registration_format, registration_kind};
    w.text(user), w.text(replaces);
    write_optional(w, login), write_optional(w, authorization), write_optional(w, provider_key);
    if (auto done = w.finish(); !done) return done.error();
    return {};
}

SIGNET_DECL result<registration_record> registration_record::read(bytes_view octets) {
    store::record_reader r{octets, registration_format, registration_kind};
    registration_record pending;
    pending.user = r.text(largest_user), pending.replaces = r.text(largest_id);
    pending.login = read_optional(r), pending.authorization = read_optional(r), pending.provider_key = read_optional(r);
    if (auto good = r.finish(); !good) return good.error();
    return pending;
}

// ---- the key -------------------------------------------------------------------------------------------------------

SIGNET_DECL void session_record::pin(public_key const& key, alg a) {
    auto const copy = [](bytes& to, bytes_view from) { to.assign(from.begin(), from.end()); };
    bool const rsa = key.type() == key_type::rsa;
    copy(first, rsa ? key.n() : key.x()), copy(second, rsa ? key.e() : key.y());
    algorithm = a;
    thumbprint = jose::thumbprint_digest(key);
}

SIGNET_DECL result<public_key> session_record::key() const {
    return facts(algorithm).type == key_type::rsa ? public_key::from_rsa(first, second, limits_for_keys_in_messages)
                                                  : public_key::from_ec(curve::p256, first, second);
}

// ---- challenges and cookies ----------------------------------------------------------------------------------------

SIGNET_DECL std::string session_record::hand_out(policy const& p, unix_time now, random_ref rng) {
    std::erase_if(challenges,
                  [&](handed_out const& c) { return saturating_add(c.issued, p.spec().challenge_life) <= now; });
    if (challenges.size() == most_challenges) challenges.erase(challenges.begin());
    challenges.push_back({random_text(p.spec().challenge_octets, rng), now});
    return challenges.back().text;
}

SIGNET_DECL std::string_view session_record::young_challenge(policy const& p, unix_time now) const noexcept {
    if (challenges.empty() || saturating_add(challenges.back().issued, p.spec().challenge_life / 2) <= now) return {};
    return challenges.back().text;
}

SIGNET_DECL std::optional<unix_time> session_record::issued(std::string_view challenge, policy const& p,
                                                            unix_time now) const noexcept {
    for (auto const& c : challenges)
        if (c.text == challenge && now < saturating_add(c.issued, p.spec().challenge_life)) return c.issued;
    return std::nullopt;
}

SIGNET_DECL void session_record::use_up(std::string_view challenge) {
    std::erase_if(challenges, [&](handed_out const& c) { return c.text == challenge; });
}

SIGNET_DECL std::string session_record::renew_cookie(policy const& p, std::string_view id, unix_time now,
                                                     random_ref rng) {
    auto const secret = random_text(32, rng);
    previous = {current.hash, std::min(current.until, saturating_add(now, p.spec().overlap))};
    current = {crypto::sha256(as_bytes(secret)), saturating_add(now, p.cookie_life() + p.spec().latency)};
    std::string value{id};
    value += '.';
    value += secret;
    return value;
}

SIGNET_DECL void session_record::end(session_state how) {
    state = how;
    current = previous = {};
    challenges.clear();
}

// ---- what is told --------------------------------------------------------------------------------------------------

SIGNET_DECL live_session live_session_access::make(std::string_view id, session_record const& from) {
    live_session live;
    live.id_ = id;
    live.user_ = from.user;
    live.registered_ = from.registered, live.refreshed_ = from.refreshed, live.ends_ = from.ends;
    live.thumbprint_ = from.thumbprint;
    live.login_ = from.login;
    return live;
}

SIGNET_DECL response answer_refused(errc why) {
    auto answer = answer_of(why == errc::dbsc_method ? 405 : http_status(why, role::dbsc));
    if (why == errc::dbsc_method) answer.fields.push_back({"Allow", "POST"});
    return answer;
}

SIGNET_DECL response answer_challenge(std::string_view challenge, std::string_view id) {
    auto answer = answer_of(403);
    auto const value = write_challenge(challenge, id);
    if (!value) return answer_of(500);
    answer.fields.push_back({std::string{challenge_field}, *value});
    return answer;
}

SIGNET_DECL response answer_ended(policy const& p, std::string_view id) {
    auto answer = answer_of(200);
    auto const cookie = p.cookie().remove();
    output body{answer.body};
    if (!cookie || !write_end(id, body)) return answer_of(500);
    answer.fields.push_back({"Content-Type", "application/json"});
    answer.fields.push_back({"Set-Cookie", *cookie});
    return answer;
}

SIGNET_DECL response answer_bound(policy const& p, std::string_view id, std::string_view value,
                                  std::string_view next_challenge, bool instructions) {
    auto answer = answer_of(200);
    auto const cookie = p.cookie().set(value), challenge = write_challenge(next_challenge, id);
    if (!cookie || !challenge) return answer_of(500);
    if (instructions) {
        output body{answer.body};
        if (!write_instructions(p, id, body)) return answer_of(500);
        answer.fields.push_back({"Content-Type", "application/json"});
    }
    answer.fields.push_back({"Set-Cookie", *cookie});
    answer.fields.push_back({std::string{challenge_field}, *challenge});
    return answer;
}

}}}} // namespace signet::dbsc::detail

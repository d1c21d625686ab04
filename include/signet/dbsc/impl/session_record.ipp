// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/dbsc/impl/session_record.hpp>

#include <signet/codec/base64url.hpp>
#include <signet/jose/thumbprint.hpp>
#include <signet/proof/record_key.hpp>

#include <algorithm>

namespace signet { inline namespace SIGNET_ABI { namespace dbsc { namespace detail {

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

SIGNET_DECL result<session_record> read_session(bytes_view octets) {
    return store::read_fields<session_record>(octets, session_format, session_kind);
}

SIGNET_DECL result<bytes> session_octets(session_record const& session) {
    bytes octets;
    if (auto done = store::write_fields(session, session_format, session_kind, octets); !done) return done.error();
    return octets;
}

SIGNET_DECL result<store::swap_decision> write_session(session_record const& session) {
    auto octets = session_octets(session);
    if (!octets) return octets.error();
    return store::swap_decision::write(*std::move(octets), session.ends);
}

SIGNET_DECL result<store::swap_decision> write_tombstone(session_record& session, bound_session_state how,
                                                         unix_time now, unix_time ended) {
    session.end(how, ended);
    auto octets = session_octets(session);
    if (!octets) return octets.error();
    auto const until = std::min(session.ends, saturating_add(now, tombstone_lifetime));
    return store::swap_decision::write(*std::move(octets), until);
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
    return traits(algorithm).type == key_type::rsa ? public_key::from_rsa(first, second, limits_for_keys_in_messages)
                                                   : public_key::from_ec(curve::p256, first, second);
}

// ---- challenges and cookies ----------------------------------------------------------------------------------------

SIGNET_DECL std::string session_record::hand_out(policy const& p, unix_time now, random_ref rng) {
    std::erase_if(challenges,
                  [&](handed_out const& c) { return saturating_add(c.issued, p.params().challenge_lifetime) <= now; });
    if (challenges.size() == max_challenges) challenges.erase(challenges.begin());
    challenges.push_back({random_text(p.params().challenge_octets, rng), now});
    return challenges.back().text;
}

SIGNET_DECL std::string_view session_record::young_challenge(policy const& p, unix_time now) const noexcept {
    if (challenges.empty() || saturating_add(challenges.back().issued, p.params().challenge_lifetime / 2) <= now)
        return {};
    return challenges.back().text;
}

SIGNET_DECL std::optional<unix_time> session_record::issued(std::string_view challenge, policy const& p,
                                                            unix_time now) const noexcept {
    for (auto const& c : challenges)
        if (c.text == challenge && now < saturating_add(c.issued, p.params().challenge_lifetime)) return c.issued;
    return std::nullopt;
}

SIGNET_DECL void session_record::use_up(std::string_view challenge) {
    std::erase_if(challenges, [&](handed_out const& c) { return c.text == challenge; });
}

SIGNET_DECL signet::detail::wiped_text session_record::renew_cookie(policy const& p, std::string_view id, unix_time now,
                                                                    random_ref rng) {
    signet::detail::wiped_text const secret{random_text(32, rng)};
    previous = {current.hash, std::min(current.until, saturating_add(now, p.params().overlap))};
    current = {crypto::sha256(as_bytes(secret.text)), saturating_add(now, p.cookie_lifetime() + p.params().latency)};
    std::string value;
    value.reserve(id.size() + 1 + secret.text.size()); // no part of it is left where it grew
    value.append(id).append(1, '.').append(secret.text);
    return signet::detail::wiped_text{std::move(value)};
}

SIGNET_DECL void session_record::end(bound_session_state how, unix_time when) {
    state = how;
    refreshed = when;
    current = previous = {};
    challenges.clear();
}

SIGNET_DECL bound_session bound_session_access::make(std::string_view id, session_record const& from) {
    bound_session live;
    live.id_ = id;
    live.user_ = from.user;
    live.registered_ = from.registered, live.refreshed_ = from.refreshed, live.ends_ = from.ends;
    live.thumbprint_ = from.thumbprint;
    live.login_ = from.login;
    return live;
}

}}}} // namespace signet::dbsc::detail

// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/dbsc/refresh.hpp>

#include <signet/crypto/prepared_key.hpp>
#include <signet/dbsc/impl/answers.hpp>
#include <signet/dbsc/impl/session_record.hpp>
#include <signet/dbsc/proof_token.hpp>

#include <functional>

namespace signet { inline namespace SIGNET_ABI { namespace dbsc {

namespace detail {

// So old a challenge is when a store that restarted meanwhile may be asked about the next one.
inline constexpr std::chrono::seconds restart_takes{5};

// Decides what a request for a refresh does to the session's record, and says in `out` what is answered once that is
// carried out.
struct refresh_judge {
    policy const& site;
    random_ref rng;
    unix_time now;
    std::string id;
    std::optional<crypto::sha256_digest> login;
    result<shown_proof> proof;
    bool forgotten = false; // the store may have forgotten uses of the challenges that are out

    std::optional<unix_time> issued{}; // if the decision uses a challenge up: when that was handed out
    exchange out{};

    SIGNET_DECL result<store::swap_decision> operator()(std::optional<store::record> const& found);
    SIGNET_DECL result<unix_time> check_proof(session_record const& session, public_key const& key) const;
    SIGNET_DECL result<store::swap_decision> renew(session_record& session, public_key const& key, unix_time when);
    SIGNET_DECL result<store::swap_decision> hand_out(session_record& session, signet::error why);
    SIGNET_DECL result<store::swap_decision> end(session_record& session);
    SIGNET_DECL store::swap_decision tell_end(errc why);
};

SIGNET_DECL result<store::swap_decision> refresh_judge::operator()(std::optional<store::record> const& found) {
    issued.reset();
    if (!found) return tell_end(errc::dbsc_session_unknown);
    auto session = read_session(found->bytes);
    if (!session) return session.error();
    if (!lifecycle.next(session->state, bound_session_event::refreshed)) return tell_end(session->why_over());
    if (forgotten) {
        session->challenges.clear();
        return hand_out(*session, errc::store_restarted);
    }
    auto const key = session->key();
    if (!key) return errc::record_malformed;
    auto const good = check_proof(*session, *key);
    if (!good) return hand_out(*session, good.error());
    if (session->login && login && !constant_time_equal(*session->login, *login)) return end(*session);
    return renew(*session, *key, *good);
}

// By the stored key and algorithm alone; nothing in the message chooses them. Gives when the challenge was handed out.
SIGNET_DECL result<unix_time> refresh_judge::check_proof(session_record const& session, public_key const& key) const {
    if (!proof) return proof.error();
    if (proof->algorithm != session.algorithm) return errc::algorithm_mismatch;
    if (proof->key) return errc::dbsc_key_refused;
    auto const when = session.issued(proof->challenge, site, now);
    if (!when) return errc::dbsc_challenge_refused;
    if (!crypto::detail::verify_once(key, session.algorithm, as_bytes(proof->signing_input), proof->signature))
        return errc::invalid_dbsc_signature;
    return *when;
}

SIGNET_DECL result<store::swap_decision> refresh_judge::renew(session_record& session, public_key const& key,
                                                              unix_time when) {
    session.use_up(proof->challenge);
    session.refreshed = now;
    auto const cookie = session.renew_cookie(site, id, now, rng);
    auto const challenge = session.hand_out(site, now, rng);
    auto octets = session_octets(session);
    if (!octets) return octets.error();
    issued = when;
    out = {answer_bound(site, id, cookie.text, challenge, site.params().repeat_instructions),
           proved_session{bound_session_access::make(id, session),
                          proof::verified_key_access::make(key, session.algorithm)}};
    return store::swap_decision::write_once(*std::move(octets), session.ends, when);
}

// 403 and a challenge: the one that is out already while it is young, so that asking costs the store nothing and the
// owner never loses one to somebody who asks often.
SIGNET_DECL result<store::swap_decision> refresh_judge::hand_out(session_record& session, signet::error why) {
    if (auto const young = session.young_challenge(site, now); !young.empty()) {
        out = {answer_challenge(young, id), why};
        return store::swap_decision::keep();
    }
    out = {answer_challenge(session.hand_out(site, now, rng), id), why};
    return write_session(session);
}

// The key is proved, and its browser is logged in as somebody else: the session has outlived its login.
SIGNET_DECL result<store::swap_decision> refresh_judge::end(session_record& session) {
    out = {answer_ended(site, id), errc::dbsc_login_mismatch};
    return write_tombstone(session, *lifecycle.next(session.state, bound_session_event::login_changed), now);
}

SIGNET_DECL store::swap_decision refresh_judge::tell_end(errc why) {
    out = {answer_ended(site, id), why};
    return store::swap_decision::keep();
}

// What is wrong with the proof is told when the session is known: until then there is no challenge to answer with.
inline result<shown_proof> read_shown_proof(request const& r) {
    if (r.response.empty()) return errc::dbsc_proof_missing;
    auto const token = read_value(r.response, max_proof_size);
    if (!token) return token.error();
    return read_proof(*token);
}

} // namespace detail

SIGNET_DECL store::task<exchange> handle_refresh(policy const& p, request const& r, unix_time now, random_ref rng,
                                                 std::pmr::memory_resource* frames) {
    if (r.method != "POST")
        co_return exchange{detail::answer_refused(errc::wrong_dbsc_method), errc::wrong_dbsc_method};
    auto const id = read_value(r.session_id, detail::max_id);
    if (!id) co_return exchange{detail::answer_of(400), id.error()};
    detail::refresh_judge judge{p, rng, now, *id, detail::login_digest(r.login), detail::read_shown_proof(r)};
    auto const key = detail::session_key(*id);
    auto done = co_await store::as_result(store::compare_and_swap(key, now, std::ref(judge), frames));
    // A store that may have forgotten an earlier use of this challenge: the browser signs one that is made now. One of
    // these very seconds is no better than the next: 503, since browsers give a session up that is asked to sign again
    // and again.
    if (!done && done.error() == errc::store_restarted && judge.issued &&
        now >= saturating_add(*judge.issued, detail::restart_takes)) {
        judge.forgotten = true;
        done = co_await store::as_result(store::compare_and_swap(key, now, std::ref(judge), frames));
    }
    if (!done) co_return exchange{try_again_later(), done.error()};
    co_return std::move(judge.out);
}

}}} // namespace signet::dbsc

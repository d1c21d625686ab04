// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/dbsc/refresh.hpp>

#include <signet/crypto/signature.hpp>
#include <signet/dbsc/impl/answer.hpp>
#include <signet/dbsc/impl/registration.ipp>

namespace signet { inline namespace SIGNET_ABI { namespace dbsc {

SIGNET_DECL begin_refresh::begin_refresh(policy const& p, request const& r, unix_time now, random_ref rng)
    : policy_{&p}, rng_{rng}, now_{now} {
    begin(r);
}

SIGNET_DECL void begin_refresh::begin(request const& r) {
    if (r.method != "POST") return conclude(detail::answer_refused(errc::dbsc_method), errc::dbsc_method);
    auto id = read_value(r.session_id, detail::largest_id);
    if (!id) return conclude(detail::answer_of(400), id.error());
    id_ = *std::move(id);
    if (!r.login.empty()) login_ = detail::login_digest(r.login);

    // What is wrong with the proof is told when the session is known: until then there is no challenge to answer with.
    if (!r.response.empty()) {
        auto const token = read_value(r.response, largest_proof);
        proof_ = token ? detail::read_proof(*token) : result<detail::shown_proof>{token.error()};
    }
    ask_ = store::find(detail::session_key(id_), buffer_, now_);
    step_ = step::find;
}

SIGNET_DECL void begin_refresh::conclude(response answer, signet::error why) {
    step_ = step::done;
    ruling_ = {std::move(answer), why};
}

SIGNET_DECL void begin_refresh::unavailable(signet::error why) { conclude(try_again_later(), why); }

SIGNET_DECL void begin_refresh::answer(store::reply const& reply) {
    if (step_ == step::find) return found(reply);
    if (step_ != step::done) return written(reply);
}

// ---- judge ---------------------------------------------------------------------------------------------------------

SIGNET_DECL void begin_refresh::found(store::reply const& reply) {
    auto const there = reply.done();
    if (!there) return unavailable(there.error());
    if (!*there) return conclude(detail::answer_ended(*policy_, id_), errc::dbsc_session_unknown);
    auto session = detail::session_record::read(reply.record.bytes);
    if (!session) return unavailable(session.error());
    session_ = *std::move(session);
    version_ = reply.record.version;

    if (!lifecycle.next(session_.state, session_event::refreshed)) {
        auto const why =
            session_.state == session_state::revoked ? errc::dbsc_session_revoked : errc::dbsc_session_ended;
        return conclude(detail::answer_ended(*policy_, id_), why);
    }
    if (restarted_) {
        session_.challenges.clear();
        return hand_out(errc::store_restarted);
    }
    if (!key_) {
        auto key = session_.key();
        if (!key) return unavailable(errc::record_malformed);
        key_ = *std::move(key);
    }
    if (auto good = judge_proof(); !good) return hand_out(good.error().code);
    if (session_.login && login_ && !constant_time_equal(*session_.login, *login_)) return end();
    commit();
}

// By the stored key and algorithm alone; nothing in the message chooses them.
SIGNET_DECL result<void> begin_refresh::judge_proof() {
    if (!proof_) return proof_.error();
    if (proof_->algorithm != session_.algorithm) return errc::algorithm_mismatch;
    if (proof_->key) return errc::dbsc_key;
    auto const issued = session_.issued(proof_->challenge, *policy_, now_);
    if (!issued) return errc::dbsc_challenge;
    issued_ = *issued;
    if (!crypto::verify(*key_, session_.algorithm, as_bytes(proof_->signing_input), proof_->signature))
        return errc::dbsc_signature;
    return {};
}

// ---- write ---------------------------------------------------------------------------------------------------------

// 403 and a challenge: the one that is out already while it is young, so that asking costs the store nothing and the
// owner never loses one to somebody who asks often.
SIGNET_DECL void begin_refresh::hand_out(errc why) {
    refused_ = why;
    if (auto const young = session_.young_challenge(*policy_, now_); !young.empty())
        return conclude(detail::answer_challenge(young, id_), why);
    challenge_ = session_.hand_out(*policy_, now_, rng_);
    if (auto good = session_.write(record_); !good) return unavailable(good.error());
    ask_ = store::replace(detail::session_key(id_), version_, record_, session_.ends, now_);
    step_ = step::challenge;
}

SIGNET_DECL void begin_refresh::commit() {
    session_.use_up(proof_->challenge);
    session_.refreshed = now_;
    cookie_ = session_.renew_cookie(*policy_, id_, now_, rng_);
    challenge_ = session_.hand_out(*policy_, now_, rng_);
    if (auto good = session_.write(record_); !good) return unavailable(good.error());
    ask_ = store::replace_once(detail::session_key(id_), version_, record_, session_.ends, issued_, now_);
    step_ = step::commit;
}

// The key is proved, and its browser is logged in as somebody else: the session has outlived its login.
SIGNET_DECL void begin_refresh::end() {
    session_.end(*lifecycle.next(session_.state, session_event::login_changed));
    if (auto good = session_.write(record_); !good) return unavailable(good.error());
    auto const until = std::min(session_.ends, saturating_add(now_, detail::tombstone_life));
    ask_ = store::replace(detail::session_key(id_), version_, record_, until, now_);
    step_ = step::end;
}

SIGNET_DECL void begin_refresh::look_again() {
    if (++tries_ == detail::most_tries) return unavailable(errc::record_conflict);
    ask_ = store::find(detail::session_key(id_), buffer_, now_);
    step_ = step::find;
}

SIGNET_DECL void begin_refresh::written(store::reply const& reply) {
    auto const done = reply.done();
    if (!done) {
        // A store that may have forgotten an earlier use of this challenge: the browser signs one made after that.
        // A challenge of these very seconds is no better than the next: 503, since browsers give a session up that is
        // asked to sign again and again.
        using namespace std::chrono_literals;
        if (step_ != step::commit || done.error() != errc::store_restarted || now_ < saturating_add(issued_, 5s))
            return unavailable(done.error());
        restarted_ = true;
        return look_again();
    }
    if (!*done) return look_again(); // somebody was first: judge what is there now
    switch (step_) {
    case step::challenge: return conclude(detail::answer_challenge(challenge_, id_), refused_);
    case step::end: return conclude(detail::answer_ended(*policy_, id_), errc::dbsc_login);
    default: return succeed();
    }
}

SIGNET_DECL void begin_refresh::succeed() {
    step_ = step::done;
    ruling_ = {detail::answer_bound(*policy_, id_, cookie_, challenge_, policy_->spec().repeat_instructions),
               proved_session{detail::live_session_access::make(id_, session_),
                              proof::verified_key_access::make(*key_, session_.algorithm)}};
}

}}} // namespace signet::dbsc

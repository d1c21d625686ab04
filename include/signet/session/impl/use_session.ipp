// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/session/login_session.hpp>

#include <signet/session/impl/session_facts.hpp>
#include <signet/session/impl/session_roster.hpp>

namespace signet { inline namespace SIGNET_ABI { namespace session {

// ---- a look-up

SIGNET_DECL use_session::use_session(std::shared_ptr<login_sessions::body const> b, std::string_view cookie,
                                     client_properties const& client, unix_time now, random_ref rng, bool visitors)
    : body_{std::move(b)}, now_{now}, rng_{rng}, visitors_{visitors} {
    why_ = errc::session_unknown;
    open_ = detail::read_cookie(cookie, presented_);
    if (!open_) return;
    client_ = detail::hash_client(*body_, client);
    why_ = errc::store_unavailable;
    session_key_ = detail::session_key(*body_, std::span{presented_}.first(16));
    ask_.key = body_->epoch_key; // a find
    ask_.into = epochs_;
    ask_.now = now_;
    ask_.soon = &session_key_;
}

SIGNET_DECL void use_session::refuse(errc why) noexcept {
    open_ = false;
    why_ = why;
}

SIGNET_DECL void use_session::read_session() noexcept {
    if (step_ == 2) ask_ = store::find(session_key_, {}, now_);
    step_ = 1;
    ask_.key = session_key_;
    ask_.into = session_access::room(session_);
    ask_.soon = nullptr;
    open_ = true;
}

SIGNET_DECL void use_session::answer(store::reply const& reply) {
    open_ = false;
    auto const done = reply.done();
    if (step_ ==
        2) { // a touch, a renewal, or that the new id arrived; that it could not be written down ends no session
        if (done && !*done && ++lost_ < 16) return read_session(); // somebody was first: judge what is there now
        if (!done || !*done) wipe_text(new_cookie_);
        return;
    }
    if (!done) return refuse(done.error().code);
    if (step_ == 0) {
        if (*done) {
            auto const found = detail::find_epochs(reply.record.bytes, body_->app_name);
            if (!found) return refuse(found.error().code);
            generations_ = *found;
        }
        shown_ = detail::hash_of_secret(*body_, presented_);
        return read_session();
    }
    if (!*done) return refuse(errc::session_unknown);
    if (auto good = session_access::read(session_, reply.record.bytes.size()); !good) return refuse(good.error().code);
    ask_.version = reply.record.version;
    judge();
}

SIGNET_DECL void use_session::judge() {
    using namespace detail;
    auto& f = session_access::fields(session_);
    auto const& p = body_->policy.profile;
    wipe_text(new_cookie_);

    auto const shown = which(f, shown_, now_);
    if (shown == shown::nothing || f.app != body_->app) return refuse(errc::session_unknown);
    if (f.everything < generations_[0] || f.app_generation < generations_[1]) return refuse(errc::session_ended);
    auto const state = state_at(f.state, f.expires, f.last_seen, p, now_);
    bool const welcome = visitors_ || state != session_state::visiting;
    if (!welcome || !session_lifecycle.next(state, session_event::use)) return refuse(session_refusal(state));
    auto const changed = client_changed(f, client_);
    if (!changed) return refuse(changed.error().code);
    changed_ = *changed;
    why_.reset();

    // Is anything to be written down?
    auto const zero = std::chrono::seconds{0};
    bool const watched =
        shown == shown::current && has_previous(f) && f.overlap_until == unix_time{}; // the new id arrived
    bool const due = shown == shown::current && p.renewal != zero && now_ - f.renewed >= p.renewal;
    bool const lost = shown == shown::previous && f.overlap_until == unix_time{} && now_ - f.renewed >= p.overlap;
    bool const touch = now_ - f.last_seen >= p.touch_every && (p.idle != zero || p.touch_every != zero);
    if (!watched && !due && !lost && !touch) return;

    auto next = f;
    if (watched) next.overlap_until = saturating_add(now_, p.overlap);
    if (due || lost) {
        if (due) next.previous = f.current; // else the one that never arrived is forgotten
        next.overlap_until = {};
        next.renewed = now_;
        new_cookie_ = renew_secret(*body_, next, rng_);
    }
    next.last_seen = std::max(f.last_seen, now_);
    auto const octets = write_session(next);
    auto const version = ask_.version;
    if (auto good = session_access::read(session_, octets); !good) return refuse(good.error().code);
    ask_ = store::replace(session_key(*body_, f.sid), version, session_access::octets(session_),
                          kept_until(*body_, next, now_), now_);
    step_ = 2;
    open_ = true;
}

SIGNET_DECL result<used_session> use_session::get() const {
    if (why_) return *why_;
    return used_session{session_, new_cookie_, changed_};
}

SIGNET_DECL audit_event use_session::event() const {
    auto event = detail::event_of(*body_, session_event::use, now_, session_access::fields(session_));
    event.session_hash = detail::log_name(*body_, std::span{presented_}.first(16));
    event.refused = why_;
    if (why_ == errc::session_unknown) event.user.clear(); // whoever showed it has not proved to be anybody
    return event;
}

}}} // namespace signet::session

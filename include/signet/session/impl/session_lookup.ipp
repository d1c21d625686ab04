// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/session/session_lookup.hpp>

#include <signet/session/impl/open_session.hpp>
#include <signet/session/impl/roster.hpp>
#include <signet/session/impl/session_event.hpp>

namespace signet { inline namespace SIGNET_ABI { namespace session {

namespace detail {
// So often a request tries to write down what is no part of its answer; then whoever was first did.
inline constexpr std::uint8_t max_lost_touches = 16;
} // namespace detail

SIGNET_DECL session_lookup::session_lookup(detail::body_ptr body, std::string_view cookie,
                                           client_properties const& client, unix_time now, bool visitors)
    : body_{std::move(body)}, now_{now}, visitors_{visitors} {
    why_ = errc::session_unknown;
    if (!detail::read_cookie(cookie, presented_)) return;
    client_ = detail::hash_client(*body_, client);
    session_key_ = body_->session_key(presented_);
    if (auto const age = body_->policy.epoch_cache; age != std::chrono::seconds{0}) {
        times_forgotten_ = body_->epochs.times_forgotten();
        if (auto const known = body_->epochs.find(now_, age)) {
            epochs_ = *known;
            epochs_are_cached_ = true;
            shown_ = detail::hash_of_secret(*body_, presented_);
            why_ = errc::store_unavailable;
            read_session();
            return;
        }
    }
    read_both();
}

SIGNET_DECL void session_lookup::read_both() noexcept {
    why_ = errc::store_unavailable;
    // The end of the buffer holds the epochs until the whole of it is wanted.
    auto const buffer = session_access::buffer(session_);
    auto const rest = buffer.size() - detail::max_epochs_record;
    asks_ = {store::find(body_->epoch_key, buffer.subspan(rest), now_),
             store::find(session_key_, buffer.first(rest), now_)};
    asks_[0].prefetch = &session_key_;
    step_ = step::reading_epochs;
    open_ = asks_;
}

SIGNET_DECL void session_lookup::refuse(errc why) noexcept {
    open_ = {};
    why_ = why;
}

SIGNET_DECL void session_lookup::ask(step next, store::request const& question) noexcept {
    step_ = next;
    asks_[1] = question;
    open_ = std::span{asks_}.last(1);
}
SIGNET_DECL void session_lookup::read_session() noexcept {
    ask(step::reading_session, store::find(session_key_, session_access::buffer(session_), now_));
}

// A revocation that was interrupted may have marked the session there, and have come no further.
SIGNET_DECL void session_lookup::read_roster(std::span<std::uint8_t> into) {
    why_ = errc::store_unavailable;
    ask(step::reading_roster, store::find(body_->roster_key(session_.user()), into, now_));
}

SIGNET_DECL void session_lookup::hear_roster(store::reply const& reply) {
    auto const done = reply.done();
    if (!done && done.error() == errc::buffer_too_small && !large_) {
        large_ = std::make_unique_for_overwrite<std::uint8_t[]>(store::max_record);
        return read_roster({large_.get(), store::max_record});
    }
    if (!done) return refuse(done.error().code);
    auto const roster = *done ? std::optional{reply.record} : std::nullopt;
    auto const listed = detail::expect_listed(roster, session_access::record(session_).sid);
    if (!listed) return refuse(listed.error().code);
    is_listed_ = true;
    judge();
}

SIGNET_DECL void session_lookup::answer(std::span<store::reply const> replies) {
    for (auto const& reply : replies.first(std::min(replies.size(), open_.size()))) answer(reply);
}

SIGNET_DECL void session_lookup::answer(store::reply const& reply) {
    if (open_.empty()) return; // refused by an answer before
    open_ = open_.subspan(1);
    if (step_ == step::reading_roster) return hear_roster(reply);
    auto const done = reply.done();
    if (step_ == step::writing) {
        // A touch, a renewal, or that the new id arrived; that it could not be written down ends no session.
        if (done && !*done && ++lost_ < detail::max_lost_touches)
            return read_session(); // somebody was first: judge what is there now
        if ((!done || !*done) && !resent_) wipe_text(new_cookie_);
        return;
    }
    bool const is_large = !done && step_ == step::reading_session && done.error() == errc::buffer_too_small &&
                          asks_[1].into.size() != session_access::buffer(session_).size();
    if (is_large) return read_session(); // the epochs need no place any more
    if (!done) return refuse(done.error().code);
    if (step_ == step::reading_epochs) {
        epochs_ = {};
        epochs_are_cached_ = false;
        if (*done) {
            auto const found = detail::find_epochs(reply.record.bytes, body_->app_hash);
            if (!found) return refuse(found.error().code);
            epochs_ = *found;
            bool const keeps = body_->policy.epoch_cache != std::chrono::seconds{0};
            if (keeps) body_->epochs.keep(epochs_, now_, times_forgotten_);
        }
        shown_ = detail::hash_of_secret(*body_, presented_);
        step_ = step::reading_session;
        return;
    }
    if (!*done) return refuse(errc::session_unknown);
    if (auto good = session_access::read(session_, reply.record.bytes); !good) return refuse(good.error().code);
    version_ = reply.record.version;
    judge();
}

SIGNET_DECL void session_lookup::judge() {
    using namespace detail;
    auto const& r = session_access::record(session_);
    auto const& p = body_->policy.profile;
    wipe_text(new_cookie_);
    resent_ = false;

    auto const shown = which(r, shown_, now_);
    if (shown == shown::nothing || r.app != body_->app) return refuse(errc::session_unknown);
    bool const is_of_epoch = r.everything == epochs_[0] && r.app_generation == epochs_[1];
    if (!is_of_epoch && epochs_are_cached_) return read_both(); // it may have begun after a revocation elsewhere
    if (!is_of_epoch) return refuse(errc::session_ended);
    auto const state = state_at(r.state, r.expires, r.last_seen, p, now_);
    bool const welcome = visitors_ || state != session_state::visiting;
    if (!welcome || !session_lifecycle.next(state, session_event::use)) return refuse(session_refusal(state));
    auto const changed = client_changed(r, client_);
    if (!changed) return refuse(changed.error().code);
    changed_ = *changed;

    // Is anything to be written down?
    auto const zero = std::chrono::seconds{0};
    bool const arrived = shown == shown::current && has_previous(r) && r.overlap_until == unix_time{}; // the new id did
    bool const due = shown == shown::current && p.renewal != zero && now_ - r.renewed >= p.renewal;
    bool const lost = shown == shown::previous && r.overlap_until == unix_time{} && now_ - r.renewed >= p.overlap;
    bool const is_chained = lost && send_again(r); // the same new id, which needs no writing
    bool const touch = now_ - r.last_seen >= p.touch_every && (p.idle != zero || p.touch_every != zero);
    bool const renew = due || (lost && !is_chained);
    bool const writes = arrived || renew || touch;
    bool const wants_roster = writes || body_->policy.check_roster == roster_check::always;
    if (wants_roster && !is_listed_ && state != session_state::visiting)
        return read_roster(session_access::spare(session_));
    why_.reset();
    if (!writes) return;

    auto next = r;
    if (arrived) next.overlap_until = saturating_add(now_, p.overlap);
    if (renew) {
        if (due) next.previous = r.current; // else the one that never arrived is forgotten
        next.overlap_until = {};
        next.renewed = now_;
        auto id = successor(body_->keys.current(), presented_);
        next.current = hash_of_secret(*body_, id);
        new_cookie_ = codec::base64url_encode(id);
        wipe(id);
    }
    next.last_seen = std::max(r.last_seen, now_);
    bool const keeps_ids = !arrived && !renew;
    write(next, keeps_ids || state == session_state::visiting);
}

// Puts the id into the answer that the last renewal made of the one shown, if that is what the record has now.
SIGNET_DECL bool session_lookup::send_again(detail::session_record const& r) {
    auto const try_key = [&](mac_key const& key) {
        auto id = detail::successor(key, presented_);
        resent_ = constant_time_equal(detail::hash_of_secret(*body_, id), r.current);
        if (resent_) new_cookie_ = codec::base64url_encode(id);
        wipe(id);
        return resent_;
    };
    return try_key(body_->keys.current()) || std::ranges::any_of(body_->keys.former(), try_key);
}

// What is written is the session from then on. An id that a renewal has ended must not come back; what was only a
// touch may.
SIGNET_DECL void session_lookup::write(detail::session_record const& next, bool forgettable) {
    std::array<std::uint8_t, max_session_record> buffer;
    auto const octets = store::write_fields(next, next.format, next.kind, buffer);
    if (!octets) return refuse(octets.error().code);
    if (auto good = session_access::read(session_, *octets); !good) return refuse(good.error().code);
    auto const until = detail::kept_until(body_->policy, session_access::record(session_), now_);
    auto touch = store::replace(session_key_, version_, session_access::octets(session_), until, now_);
    touch.forgettable = forgettable;
    ask(step::writing, touch);
}

SIGNET_DECL result<used_session> session_lookup::get() const {
    if (why_) return *why_;
    return used_session{session_, new_cookie_, changed_};
}

SIGNET_DECL audit_event session_lookup::event() const {
    auto event = detail::event_of(*body_, session_event::use, now_, session_access::record(session_));
    event.session_hash = detail::log_name(*body_, std::span{presented_}.first(16));
    event.refused = why_;
    if (why_ == errc::session_unknown) event.user.clear(); // whoever showed it has not proved to be anybody
    return event;
}

}}} // namespace signet::session

// SPDX-License-Identifier: BSL-1.0
// How sessions begin, and how one gets more rights.
#pragma once

#include <signet/session/impl/change_session.hpp>
#include <signet/session/impl/idp_session.hpp>
#include <signet/session/impl/session_event.hpp>

namespace signet { inline namespace SIGNET_ABI { namespace session { namespace detail {

// A session before it is written, with texts of its own: what a call was given need not outlive it.
struct new_session {
    session_record_of<std::string> record{};
    shown_client client{};
    std::string idp_issuer{}, cookie{};

    // By somebody, or by nobody yet.
    new_session(sessions_body const& b, session_id const& sid, authentication const* who, client_properties const& by,
                unix_time now, random_ref rng)
        : client{hash_client(b, by)} {
        record.sid = sid;
        cookie = renew_secret(b, record, rng);
        record.app = b.app;
        record.device = by.device.substr(0, max_session_label), record.place = by.place.substr(0, max_session_label);
        record.created = now;
        start_clocks(record, b.policy, who ? std::string_view{who->client_id} : std::string_view{}, now);
        bind_client(record, client);
        if (!who) return;
        record.state = session_state::active, record.level = who->level;
        record.user = who->user, record.client_id = who->client_id, record.methods = who->methods;
        record.idp_session = who->idp_session, idp_issuer = who->idp_issuer;
        if (who->device_key) record.bind_key(who->device_key->thumbprint());
    }
    new_session(new_session const&) = delete;
    new_session& operator=(new_session const&) = delete;
    ~new_session() { wipe_text(cookie); }
};
using new_session_ptr = std::unique_ptr<new_session>;

inline session_id fresh_sid(random_ref rng) {
    session_id sid;
    rng.fill(sid);
    return sid;
}

// Writes the record, and reads it back as it stands in the store. That a visitor's is lost harms nobody.
inline store::task<void> write_new(context c, new_session* made, result<epoch_list> begun, live_session* session) {
    auto& r = made->record;
    bool const visits = r.state == session_state::visiting;
    if (!begun && visits && begun.error() == errc::store_unfit) begun = epoch_list{}; // where visitors alone are kept
    auto const epochs = co_await begun;
    r.everything = epochs.everything, r.app_generation = epochs.of(c.body->app_hash);
    auto const octets = co_await to_octets(r);
    auto const until = kept_until(c.body->policy, r, c.now);
    auto ask = store::insert(c.body->session_key(r.sid), octets, until, c.now);
    ask.forgettable = visits;
    auto const written = co_await ask;
    if (!written) co_return errc::random_failed; // 16 octets that were there before
    co_return session_access::read(*session, octets);
}

inline store::task<issued_session> begin_anonymous(context c, new_session_ptr made) {
    issued_session issued;
    auto epochs = co_await store::as_result(begin_epochs(c));
    co_await write_new(c, made.get(), std::move(epochs), &issued.session);
    issued.event = event_of(*c.body, session_event::use, c.now, made->record);
    issued.cookie = std::move(made->cookie);
    co_return issued;
}

// The session that the browser had until now, and its record; nothing where its cookie shows none.
struct former_session {
    session_state state{};
    store::record record{};
};
inline store::task<std::optional<former_session>> open_former(context c, std::optional<shown_cookie> cookie,
                                                              live_session* former) {
    if (!cookie || !cookie->well_formed) co_return std::nullopt;
    auto const found = co_await find_session(c, c.body->session_key(cookie->sid()), former);
    auto const record = found.record();
    auto const state = record ? judge_shown(*c.body, *cookie, found.epochs, *record, *former, c.now) : record.error();
    if (!state && (state.error() == errc::session_unknown || unreadable(state.error().code))) co_return std::nullopt;
    auto const good = co_await state;
    co_return former_session{good, **record};
}

// The session joins the roster as it was when the login began, and ends the user's former one there. If it cannot,
// nobody gets this session: not even a roster that was written without our knowing makes it live.
inline store::task<std::vector<std::string>> join_roster(context c, new_session* made, short_name former,
                                                         opened_roster begun) {
    auto const& r = made->record;
    roster_change change{.why = end_reason::replaced, .began = begun.roster.sweeps};
    auto& entry = change.join.emplace();
    std::ranges::copy(r.sid, entry.key.begin());
    entry.app = c.body->app_hash;
    entry.origin = name_of_idp_session(made->idp_issuer, r.idp_session);
    entry.created = c.now;
    entry.expires = listed_until(c.body->policy, r);
    if (former != short_name{}) change.end = roster_change::which::one, change.sid = former;
    auto outcome = co_await store::as_result(change_roster(c, r.user, std::move(change), std::move(begun)));
    if (!outcome) (void)co_await store::as_result(store::erase(c.body->session_key(r.sid), c.now));
    co_await outcome;
    co_return std::move(outcome->ended);
}

inline store::task<issued_session> log_in(context c, new_session_ptr made, std::optional<shown_cookie> old_cookie) {
    auto& r = made->record;
    if (r.user.empty()) co_return errc::out_of_range;
    // The beginning: what ends this user's sessions from here on ends this one too, though it is on no roster yet.
    auto roster = open_roster(c, r.user);
    // What did the browser have until now? An anonymous session's data goes along; whatever it is, it ends.
    live_session former;
    auto former_opened = open_former(c, old_cookie, &former);
    auto epochs = begin_epochs(c);
    co_await store::when_all(roster, former_opened, epochs);
    auto begun = co_await std::move(roster);
    auto const had_one = co_await std::move(former_opened);
    auto const& old = session_access::record(former);
    bool const visited = had_one && had_one->state == session_state::visiting;
    if (visited && client_changed(old, made->client).has_value()) r.data = old.data;

    // Before the roster: whoever ends it from here on finds the user, and this login on its way.
    if (!r.idp_session.empty()) {
        idp_name idp{made->idp_issuer, r.idp_session};
        co_await note_idp_session(c, std::move(idp), r.user);
    }

    // The session first, the roster second; it is handed out only after both.
    issued_session issued;
    auto begun_epochs = epochs.get();
    co_await write_new(c, made.get(), std::move(begun_epochs), &issued.session);
    bool const same_user = had_one && old.user == r.user;
    auto const former_name = same_user ? old.sid : short_name{};
    issued.ended = co_await join_roster(c, made.get(), former_name, std::move(begun));

    // D4. The old one dies before the new one is known to anybody; an anonymous one, or another user's, is on no roster
    // of this user.
    if (had_one && !same_user) {
        auto const key = c.body->session_key(old.sid);
        bool const lived = co_await end_session(c, key, end_reason::replaced, had_one->record);
        if (lived) issued.ended.push_back(former.sid());
    }
    issued.event = event_of(*c.body, session_event::log_in, c.now, r);
    issued.event.count = issued.ended.size();
    issued.cookie = std::move(made->cookie);
    co_return issued;
}

// The same session; everything that proves it is new, and the old id dies in this very swap.
inline store::task<issued_session> step_up(context c, shown_cookie cookie, new_session_ptr made) {
    if (made->record.user.empty()) co_return errc::out_of_range; // else it is that of a visitor
    auto what = session_event::step_up;
    auto const change = [&](session_record& r, session_state state) -> result<void> {
        auto const& profile = c.body->policy.profile;
        auto const& n = made->record;
        what = state == session_state::idle ? session_event::reenter : session_event::step_up;
        auto const to = session_lifecycle.next(state, what);
        if (!to || (what == session_event::reenter && !profile.reenter_after_idle)) return session_refusal(state);
        if (r.user != n.user) return errc::subject_mismatch;
        r.state = *to;
        r.current = n.current, r.previous = {}, r.overlap_until = {};
        r.last_seen = r.renewed = c.now;
        r.expires =
            end_after(c.body->policy, r.client_id, r.absolute, c.now); // the overall limit counts from the login
        if (n.level >= r.level) r.level = n.level, r.methods = n.methods, r.auth_time = c.now;
        bind_client(r, made->client);
        if (n.has_key()) r.bind_key(n.device_key); // else it stays bound to what it was
        return {};
    };
    // Binding a key writes the roster too. Whoever ends the sessions of this key from here on loses the swap to the
    // write below, looks again, and finds this session.
    std::optional<opened_roster> begun;
    if (made->record.has_key()) begun = co_await open_roster(c, made->record.user);
    issued_session issued;
    issued.session = co_await modify(c, cookie, made->client, change);
    if (begun) {
        roster_change const looked{.began = begun->roster.sweeps};
        auto const noted = co_await store::as_result(change_roster(c, made->record.user, looked, std::move(begun)));
        if (!noted) {
            auto const key = c.body->session_key(session_access::record(issued.session).sid);
            (void)co_await store::as_result(end_session(c, key, end_reason::revoked));
        }
        co_await noted;
    }
    issued.event = event_of(*c.body, what, c.now, session_access::record(issued.session));
    issued.cookie = std::move(made->cookie);
    co_return issued;
}

}}}} // namespace signet::session::detail

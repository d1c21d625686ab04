// SPDX-License-Identifier: BSL-1.0
// Operations on sessions and their rosters, one coroutine each.
// The includes stand before the guard: header-only, they end with bodies that include this file and need all of it.
#include <signet/session/impl/session_facts.hpp>
#include <signet/session/impl/session_roster.hpp>
#include <signet/store/impl/swap_loop.hpp>

#ifndef SIGNET_SESSION_IMPL_SESSION_WORK_HPP
#    define SIGNET_SESSION_IMPL_SESSION_WORK_HPP

namespace signet { inline namespace SIGNET_ABI { namespace session { namespace detail {

// Of a session's record: damaged, or written by a newer version of this program. No outage: it will not be over by
// itself.
constexpr bool unreadable(errc why) noexcept {
    return why == errc::record_malformed || why == errc::record_newer || why == errc::buffer_too_small;
}

struct open_session {
    live_session session;
    std::uint64_t version = 0;
    session_state state{};
};

// The epochs of the tenant and of its applications.
inline store::old_task<epoch_list> open_epochs(session_body b, unix_time now) {
    bytes room(4096);
    auto const reply = co_await store::find(b->epoch_key, room, now);
    auto const there = reply.done();
    if (!there) co_return there.error();
    if (!*there) co_return epoch_list{};
    co_return read_epochs(reply.record.bytes);
}

// Whether somebody is logged in by it now, at whatever application, whose name is that of its roster entry.
inline bool lives_now(login_sessions::body const& b, session_fields const& f, epoch_list const& epochs,
                      app_name const& app, unix_time now) {
    if (epochs.ended(f, app)) return false;
    auto const state = state_at(f.state, f.expires, f.last_seen, b.policy.profile, now);
    return state == session_state::active || state == session_state::idle;
}

// Finds what the cookie shows, as it is now, whatever its state; `session_unknown` where the secret is not the
// session's.
inline store::old_task<open_session> open(session_body b, shown_cookie cookie, unix_time now) {
    if (!cookie.well_formed) co_return errc::session_unknown;
    auto const epochs = co_await open_epochs(b, now);
    if (!epochs) co_return epochs.error();
    open_session it;
    auto reply = co_await store::find(session_key(*b, cookie.sid()), session_access::room(it.session), now);
    auto const there = reply.done();
    if (!there) co_return there.error();
    if (!*there) co_return errc::session_unknown;
    if (auto good = session_access::read(it.session, reply.record.bytes.size()); !good) co_return good.error();
    auto const& f = session_access::fields(it.session);
    if (which(f, hash_of_secret(*b, cookie.octets), now) == shown::nothing || f.app != b->app)
        co_return errc::session_unknown;
    it.version = reply.record.version;
    it.state = epochs->ended(f, b->app_name) ? session_state::ended
                                             : state_at(f.state, f.expires, f.last_seen, b->policy.profile, now);
    co_return it;
}

// What is done to a session by whoever shows its cookie; asked again whenever another writer was first. It owns the
// texts that it puts in.
struct session_change {
    explicit session_change(shown_client const& by) : client{by} {}
    virtual ~session_change() = default;
    shown_client client;
    virtual result<void> apply(session_fields& f, session_state state) = 0;
};

inline store::old_task<live_session> modify(session_body b, shown_cookie cookie, unix_time now,
                                            std::shared_ptr<session_change> change) {
    for (int tries = 0; tries != store::detail::most_swaps; ++tries) {
        auto it = co_await open(b, cookie, now);
        if (!it) co_return it.error();
        auto& f = session_access::fields(it->session);
        auto const same = client_changed(f, change->client);
        if (auto good = change->apply(f, it->state); !good) co_return good.error();
        if (!same) co_return same.error();
        if (!in_range(f)) co_return errc::out_of_range;
        auto const octets = write_session(f);
        auto const reply =
            co_await store::replace(session_key(*b, f.sid), it->version, octets, kept_until(*b, f, now), now);
        auto const done = reply.done();
        if (!done) co_return done.error();
        if (!*done) continue;
        if (auto good = session_access::read(it->session, octets); !good) co_return good.error();
        co_return it->session;
    }
    co_return errc::record_conflict;
}

constexpr session_event event_of(end_reason why) noexcept {
    return why == end_reason::logged_out ? session_event::log_out
           : why == end_reason::limit    ? session_event::give_way
                                         : session_event::revoke;
}

// Ends the session of that key, whoever it is; true where it lived until now. What cannot be read (damaged, or a newer
// version's) cannot be marked as ended, so it goes: nobody may live on because of that, and nobody wait for it.
inline store::old_task<bool> end_session(session_body b, store::record_key key, end_reason why, unix_time now) {
    for (int tries = 0; tries != store::detail::most_swaps; ++tries) {
        live_session session;
        auto reply = co_await store::find(key, session_access::room(session), now);
        auto done = reply.done();
        bool const too_long = reply.outcome == store::outcome::failed && reply.error == errc::buffer_too_small;
        if (!done && !too_long) co_return done.error();
        if (!too_long && !*done) co_return false;
        auto const version = reply.record.version;
        if (too_long || !session_access::read(session, reply.record.bytes.size())) {
            reply = co_await store::erase(key, now, too_long ? 0 : version);
            done = reply.done();
            if (!done) co_return done.error();
            if (*done) co_return true;
            continue;
        }
        auto& f = session_access::fields(session);
        auto const to = session_lifecycle.next(f.state, event_of(why));
        if (!to) co_return false; // it was over before
        bool const lived = state_at(f.state, f.expires, f.last_seen, b->policy.profile, now) != session_state::expired;
        f.state = *to;
        f.ended = why;
        f.data = f.token = {}; // nothing of value stays behind
        auto const octets = write_session(f);
        reply = co_await store::replace(key, version, octets, kept_until(*b, f, now), now);
        done = reply.done();
        if (!done) co_return done.error();
        if (*done) co_return lived;
    }
    co_return errc::record_conflict;
}

// ---- the roster

// Which entries are to end, and who joins.
struct roster_change {
    enum class which : std::uint8_t { none, one, all_but_one, of_idp, of_app, all } end = which::none;
    short_name sid{}; // for one and all_but_one
    short_name idp{}; // for of_idp
    end_reason why = end_reason::revoked;
    bool families = false;   // the refresh families of what ends do too; of `all`, also those of no session
    bool not_before = false; // stateless tokens too, of all or all_but_one
    std::optional<roster_entry> join{};
    std::optional<std::uint64_t> began{}; // `sweeps` when the login that joins began

    // Whether it ends sessions of which it does not know the names: then also those whose logins are under way.
    bool sweeps() const noexcept { return end != which::none && end != which::one; }
};
struct roster_outcome {
    std::vector<std::string> ended{};
    unix_time not_before{};
};

inline std::string sid_text(store::record_key const& key) { return codec::base64url_encode(std::span{key}.first(16)); }

inline bool is_meant(roster_change const& change, login_sessions::body const& b, roster_entry const& e) {
    if (e.family && !change.families) return false;
    bool const it =
        change.sid != short_name{} &&
        (e.family ? e.origin == change.sid : std::equal(change.sid.begin(), change.sid.end(), e.key.begin()));
    switch (change.end) {
    case roster_change::which::none: return false;
    case roster_change::which::one: return it;
    case roster_change::which::all_but_one: return !it;
    case roster_change::which::of_idp:
        return !e.family && e.app == b.app_name && e.origin != short_name{} && e.origin == change.idp;
    case roster_change::which::of_app: return !e.family && e.app == b.app_name;
    case roster_change::which::all: return true;
    }
    return false;
}

// Makes room for one more session of this application, if the policy allows; entries that do not live any more go
// first.
inline store::old_task<bool> make_room(session_body b, session_roster* roster, bool* refused, unix_time now) {
    auto& entries = roster->entries;
    auto const mine = [&](roster_entry const& e) { return !e.family && !e.ending && e.app == b->app_name; };
    auto const stays = [](roster_entry const& e) { return !e.family && !e.ending; };
    auto const count = [&](auto const& counts) {
        return static_cast<std::size_t>(std::count_if(entries.begin(), entries.end(), counts));
    };
    *refused = false;
    if (count(mine) < b->policy.most && count(stays) < most_sessions) co_return true;

    auto const epochs = co_await open_epochs(b, now);
    if (!epochs) co_return epochs.error();
    std::vector<std::pair<unix_time, store::record_key>> living; // by what the policy goes by
    for (std::size_t i = 0; i != entries.size();) {
        auto& e = entries[i];
        if (e.family || e.ending) {
            ++i;
            continue;
        }
        live_session session;
        auto const reply = co_await store::find(session_key(*b, e.key), session_access::room(session), now);
        auto const there = reply.done();
        if (!there && there.error() != errc::buffer_too_small) co_return there.error();
        if (there && !*there) { // nothing of it is left
            entries.erase(entries.begin() + static_cast<std::ptrdiff_t>(i));
            continue;
        }
        ++i;
        if (!there || !session_access::read(session, reply.record.bytes.size()))
            continue; // a newer version's: it counts for the roster alone
        auto const& f = session_access::fields(session);
        bool const by_use = b->policy.when_full == session_limit::end_least_recent;
        if (!lives_now(*b, f, *epochs, e.app, now))
            e.ending = true, e.why = end_reason::limit; // for good, should the clock go back
        else if (mine(e)) living.emplace_back(by_use ? f.last_seen : f.created, e.key);
    }
    std::sort(living.begin(), living.end());
    bool const may_end = b->policy.when_full != session_limit::refuse;
    if (living.size() >= b->policy.most && !may_end) *refused = true;
    for (std::size_t i = 0; !*refused && living.size() - i >= b->policy.most; ++i)
        for (auto& e : entries)
            if (!e.family && e.key == living[i].second) e.ending = true, e.why = end_reason::limit;
    // The roster itself is full of other applications' sessions: the oldest gives way, so that a user can always log
    // in.
    while (count(stays) >= most_sessions) {
        if (!may_end) *refused = true;
        if (*refused) break;
        auto const oldest = std::min_element(entries.begin(), entries.end(), [&](auto const& x, auto const& y) {
            return stays(x) != stays(y) ? stays(x) : x.created < y.created;
        });
        oldest->ending = true, oldest->why = end_reason::limit;
    }
    if (entries.size() >= most_entries)
        *refused = true; // nothing but a store that fails again and again leaves so many
    co_return true;
}

// A user's roster as it stands in the store; an empty one where there is none.
struct opened_roster {
    session_roster roster;
    std::uint64_t version = 0;
    bool there = false;
};

inline store::old_task<opened_roster> open_roster(session_body b, std::string user, unix_time now) {
    auto const key = roster_key(*b, user);
    bytes room(store::largest_record);
    auto const reply = co_await store::find(key, room, now);
    auto const there = reply.done();
    opened_roster opened;
    if (!there) co_return there.error();
    if (!*there) co_return opened;
    auto read = read_roster(reply.record.bytes);
    if (!read) co_return read.error();
    opened.roster = *std::move(read);
    opened.version = reply.record.version;
    opened.there = true;
    co_return opened;
}

// Reads the user's roster, marks and joins, swaps; then ends what is marked (also what an interrupted one left), and
// clears. `known` is the roster as its caller read it before, for the first try.
inline store::old_task<roster_outcome> change_roster(session_body b, std::string user, roster_change change,
                                                     unix_time now, std::optional<opened_roster> known = std::nullopt) {
    auto const key = roster_key(*b, user);
    roster_outcome outcome;
    session_roster roster;

    for (int tries = 0;; ++tries) {
        if (tries == store::detail::most_swaps) co_return errc::record_conflict;
        if (!known) {
            auto opened = co_await open_roster(b, user, now);
            if (!opened) co_return opened.error();
            known = *std::move(opened);
        }
        auto const there = known->there;
        auto const version = known->version;
        roster = std::move(known->roster);
        known.reset();
        // Whatever ended the user's sessions meanwhile ends this one too. A counter, since clocks may go back.
        if (change.began && roster.sweeps != *change.began) co_return errc::session_ended;
        auto& entries = roster.entries;
        std::erase_if(entries, [&](roster_entry const& e) { return e.expires <= now && !e.ending; });
        for (auto& e : entries)
            if (!e.ending && is_meant(change, *b, e)) e.ending = true, e.why = change.why;
        if (change.sweeps()) ++roster.sweeps;
        if (change.not_before) {
            bool const all = change.end == roster_change::which::all;
            auto& before = all ? roster.not_before : roster.others_before;
            before = std::max(before, saturating_add(now, std::chrono::seconds{1})); // this second's too
            if (!all) roster.kept = change.sid;
        }
        bool refused = false;
        if (change.join) {
            if (!change.join->family) {
                auto const made = co_await make_room(b, &roster, &refused, now);
                if (!made) co_return made.error();
            } else {
                auto const& of = change.join->origin;
                auto const there_now = [&](roster_entry const& e) {
                    return !e.family && !e.ending && std::equal(of.begin(), of.end(), e.key.begin());
                };
                if (of != short_name{} && std::none_of(entries.begin(), entries.end(), there_now))
                    co_return errc::session_ended;
                if (change.join->created < roster.not_before_of(of))
                    co_return errc::session_ended; // it was meant, and is on no roster yet
                auto const families =
                    std::count_if(entries.begin(), entries.end(), [](auto const& e) { return e.family; });
                refused =
                    static_cast<std::size_t>(families) >= most_sessions; // so that there is always room for logging in
            }
            if (refused) co_return errc::session_limit;
            entries.push_back(*change.join);
        }
        if (!there && entries.empty() && !change.sweeps()) break; // nobody to write about
        auto const octets = write_roster(roster);
        auto const expires = roster_expires(roster, now);
        store::reply reply;
        if (there) reply = co_await store::replace(key, version, octets, expires, now);
        else reply = co_await store::insert(key, octets, expires, now);
        auto const written = reply.done();
        if (!written) co_return written.error();
        if (*written) break;
    }
    outcome.not_before = roster.not_before_of(change.join ? change.join->origin : short_name{});

    // Item by item. What fails stays marked, for whoever opens the roster next.
    std::optional<error> failed;
    for (auto const& e : roster.entries) {
        if (!e.ending) continue;
        if (e.family) {
            auto const reply = co_await store::erase(e.key, now);
            if (auto const done = reply.done(); !done) failed = done.error();
            continue;
        }
        auto const ended = co_await end_session(b, session_key(*b, e.key), e.why, now);
        if (!ended) failed = ended.error();
        else if (*ended) outcome.ended.push_back(sid_text(e.key));
    }
    if (failed) co_return *failed;

    // Cleared, if nobody else is at it; else the next one does.
    if (std::any_of(roster.entries.begin(), roster.entries.end(), [](auto const& e) { return e.ending; })) {
        auto left = co_await open_roster(b, user, now);
        if (left && left->there) {
            std::erase_if(left->roster.entries, [&](roster_entry const& e) {
                return e.ending && std::any_of(roster.entries.begin(), roster.entries.end(),
                                               [&](auto const& r) { return r.ending && r.key == e.key; });
            });
            bool const forget =
                left->roster.entries.empty() && !left->roster.speaks_of_tokens() && left->roster.sweeps == 0;
            auto const octets = write_roster(left->roster);
            if (forget) (void)co_await store::erase(key, now, left->version);
            else (void)co_await store::replace(key, left->version, octets, roster_expires(left->roster, now), now);
        }
    }
    co_return outcome;
}

inline store::old_task<ended_sessions> end_by_roster(session_body b, std::string user, roster_change change,
                                                     session_event what, unix_time now) {
    auto outcome = co_await change_roster(b, user, std::move(change), now);
    if (!outcome) co_return outcome.error();
    ended_sessions ended{
        std::move(outcome->ended), outcome->not_before, {.at = now, .what = name(what), .user = user, .app = b->app}};
    ended.event.count = ended.sids.size();
    co_return ended;
}

}}}} // namespace signet::session::detail

#endif

// SPDX-License-Identifier: BSL-1.0
// Changes a user's roster, and ends what the change is about.
#pragma once

#include <signet/session/impl/end_session.hpp>
#include <signet/session/impl/roster_limits.hpp>
#include <signet/session/session_results.hpp>

namespace signet { inline namespace SIGNET_ABI { namespace session { namespace detail {

// Which entries are to end, and who joins.
struct roster_change {
    enum class which : std::uint8_t { none, one, all_but_one, of_idp, of_app, of_key, all } end = which::none;
    short_name sid{};            // for one and all_but_one
    short_name idp{};            // for of_idp
    crypto::sha256_digest key{}; // for of_key
    end_reason why = end_reason::revoked;
    bool is_over = false;    // what ends has ended by its record: it leaves the roster at once
    bool families = false;   // the refresh families of what ends do too; of `all`, also those of no session
    bool not_before = false; // stateless tokens too, of all or all_but_one
    std::optional<roster_entry> join{};
    family_judge family_is_over = nullptr; // where a family joins
    std::optional<std::uint64_t> began{};  // `sweeps` when the login that joins began

    // Whether it ends sessions of which it does not know the names: then also those whose logins are under way.
    bool sweeps() const noexcept { return end != which::none && end != which::one; }
};
struct roster_outcome {
    std::vector<std::string> ended{};
    unix_time not_before{};
};

inline bool is_meant(roster_change const& change, app_name const& app, roster_entry const& e) {
    if (e.family && !change.families) return false;
    bool const it = change.sid != short_name{} && change.sid == (e.family ? e.origin : e.sid());
    switch (change.end) {
    case roster_change::which::none: return false;
    case roster_change::which::one: return it;
    case roster_change::which::all_but_one: return !it;
    case roster_change::which::of_idp:
        return !e.family && e.app == app && e.origin != short_name{} && e.origin == change.idp;
    case roster_change::which::of_key: return false; // see mark_bound
    case roster_change::which::of_app: return !e.family && e.app == app;
    case roster_change::which::all: return true;
    }
    return false;
}

// What is meant is to end; entries of which the time is over go.
inline void mark(session_roster& roster, roster_change const& change, app_name const& app, unix_time now) {
    std::erase_if(roster.entries, [&](roster_entry const& e) { return e.expires <= now && !e.ending; });
    if (change.is_over) std::erase_if(roster.entries, [&](auto const& e) { return is_meant(change, app, e); });
    for (auto& e : roster.entries)
        if (!e.ending && is_meant(change, app, e)) e.end(change.why);
    if (change.sweeps()) ++roster.sweeps;
    if (!change.not_before) return;
    bool const all = change.end == roster_change::which::all;
    auto& before = all ? roster.not_before : roster.others_before;
    before = std::max(before, saturating_add(now, std::chrono::seconds{1})); // this second's too
    if (!all) roster.kept = change.sid;
}

// Marks the sessions that are bound to a key, and their families. A session that cannot be read may be one of them.
inline store::task<void> mark_bound(context c, session_roster* roster, roster_change const* change) {
    auto const all = co_await look_at_all(c, roster);
    auto next = all.begin();
    for (auto& e : roster->entries) {
        if (!e.is_session()) continue;
        auto const& seen = co_await *next++;
        if (seen.found == left::nothing) continue;
        auto const& f = seen.fields;
        bool const is_bound = seen.found == left::unreadable || (f.has_key() && f.device_key == change->key);
        if (!is_bound) continue;
        e.end(change->why);
        for (auto& other : roster->entries)
            if (other.family && !other.ending && other.origin == e.sid()) other.end(change->why);
    }
    co_return {};
}

// Whoever joins: a session of this application, or a refresh family.
inline store::task<void> join(context c, session_roster* roster, roster_entry entry, family_judge is_over) {
    if (entry.family) {
        co_await admit_family(*roster, entry);
        co_await evict_ended_families(c, roster, is_over);
    } else {
        co_await evict_sessions(c, roster);
    }
    // Nothing but a store that fails again and again leaves so many.
    if (roster->entries.size() >= max_entries) co_return errc::session_limit_reached;
    roster->entries.push_back(std::move(entry));
    co_return {};
}

// What is left once entries are gone, which may be nothing.
inline result<store::swap_decision> write_rest(session_roster const& roster, unix_time now) {
    if (roster.entries.empty() && !roster.speaks_of_tokens() && roster.sweeps == 0)
        return store::swap_decision::erase();
    return write(roster, roster_expires(roster, now));
}

// What becomes of the roster that was found. It is left in `roster`.
inline store::task<store::swap_decision> apply_change(context c, roster_change const* change, session_roster* roster,
                                                      std::optional<store::record> found) {
    *roster = {};
    if (found) co_await from_octets(*roster, found->bytes);
    // Whatever ended the user's sessions meanwhile ends this one too. A counter, since clocks may go back.
    if (change->began && roster->sweeps != *change->began) co_return errc::session_ended;
    mark(*roster, *change, c.body->app_hash, c.now);
    if (change->end == roster_change::which::of_key) co_await mark_bound(c, roster, change);
    if (change->join) co_await join(c, roster, *change->join, change->family_is_over);
    if (!found && roster->entries.empty() && !change->sweeps())
        co_return store::swap_decision::keep(); // nobody to write about
    if (change->is_over) co_return write_rest(*roster, c.now);
    co_return write(*roster, roster_expires(*roster, c.now));
}

inline store::task<bool> erase_family(context c, store::record_key key) {
    co_await store::erase(key, c.now);
    co_return false;
}

// Ends what is marked, item by item, also what an interrupted change left. What fails stays marked, for whoever opens
// the roster next. Gives the `sid`s of the sessions that lived.
inline store::task<std::vector<std::string>> end_marked(context c, session_roster const* roster) {
    std::vector<roster_entry const*> marked;
    for (auto const& e : roster->entries)
        if (e.ending) marked.push_back(&e);
    auto const end = [&](std::size_t i) {
        auto const& e = *marked[i];
        return e.family ? erase_family(c, e.key) : end_session(c, c.body->session_key(e.key), e.why);
    };
    auto const lived = co_await store::collect_all(marked.size(), end, c.frames);
    std::vector<std::string> sids;
    result<void> all_ended;
    for (std::size_t i = 0; i != marked.size(); ++i) {
        if (!lived[i]) all_ended = lived[i].error();
        else if (*lived[i]) sids.push_back(codec::base64url_encode(marked[i]->sid()));
    }
    co_await all_ended;
    co_return sids;
}

// Takes what was ended off the roster as it stands in the store. Whether nobody else was at it.
inline store::task<bool> clear_from(context c, std::string user, session_roster roster, std::uint64_t version,
                                    session_roster const* ended) {
    std::erase_if(roster.entries, [&](roster_entry const& e) {
        return e.ending &&
               std::ranges::any_of(ended->entries, [&](auto const& r) { return r.ending && r.key == e.key; });
    });
    auto const decision = co_await write_rest(roster, c.now);
    store::record const known{.bytes = {}, .version = version};
    auto const written = co_await decision.as_request(c.body->roster_key(user), known, c.now);
    co_return written.has_value();
}

// What was ended leaves the roster: as it was written with that version, or else as it is by then. If somebody is at it
// again, the next one clears it.
inline store::task<void> clear_marked(context c, std::string user, session_roster const* ended, std::uint64_t version) {
    auto const is_marked = [](roster_entry const& e) { return e.ending; };
    if (std::ranges::none_of(ended->entries, is_marked)) co_return {};
    auto const cleared = co_await store::as_result(clear_from(c, user, *ended, version, ended));
    if (!cleared || *cleared) co_return {};
    auto opened = co_await store::as_result(open_roster(c, user));
    if (!opened || !opened->found) co_return {};
    (void)co_await store::as_result(clear_from(c, user, std::move(opened->roster), opened->found->version, ended));
    co_return {};
}

// Ends and clears what is marked on the roster, as it stands in the store with that version.
inline store::task<std::vector<std::string>> finish_marked(context c, std::string user, session_roster const* roster,
                                                           std::uint64_t version) {
    auto sids = co_await end_marked(c, roster);
    co_await clear_marked(c, user, roster, version);
    co_return sids;
}

// Changes the roster, then ends and clears what is marked. `known` is the roster as its caller read it before, for the
// first try.
inline store::task<roster_outcome> change_roster(context c, std::string user, roster_change change,
                                                 std::optional<opened_roster> known = std::nullopt) {
    session_roster roster;
    auto const judge = [&](std::optional<store::record> const& found) {
        return apply_change(c, &change, &roster, found);
    };
    auto const buffer = std::make_unique_for_overwrite<std::uint8_t[]>(store::max_record);
    std::uint64_t version = 0;
    store::swap_start start{.buffer = {buffer.get(), store::max_record}, .written = &version};
    if (known) start.known = known->found;
    co_await store::compare_and_swap(c.body->roster_key(user), c.now, judge, c.frames, start);

    roster_outcome outcome;
    outcome.not_before = roster.not_before_of(change.join ? change.join->origin : short_name{});
    outcome.ended = co_await finish_marked(c, user, &roster, version);
    co_return outcome;
}

// Ends what the roster names, and says so.
inline store::task<ended_sessions> end_by_roster(context c, std::string user, roster_change change,
                                                 session_event what) {
    auto outcome = co_await change_roster(c, user, std::move(change));
    ended_sessions ended{std::move(outcome.ended),
                         outcome.not_before,
                         {.at = c.now, .what = name(what), .user = user, .app = c.body->app}};
    ended.event.count = ended.sids.size();
    co_return ended;
}

}}}} // namespace signet::session::detail

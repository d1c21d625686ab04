// SPDX-License-Identifier: BSL-1.0
// Makes a place on a user's roster for one more session or refresh family.
#pragma once

#include <signet/session/impl/open_session.hpp>
#include <signet/session/impl/roster.hpp>
#include <signet/store/impl/collect_all.hpp>

namespace signet { inline namespace SIGNET_ABI { namespace session { namespace detail {

// A session of this application that lives, and the time that the policy goes by.
using aged_session = std::pair<unix_time, store::record_key>;

// What a look at a session on the roster finds.
struct listed_session {
    left found = left::nothing;
    session_fields fields{};
};
inline store::task<listed_session> look_at(context c, store::record_key key) {
    live_session session;
    auto const reply = co_await store::as_result(store::find(key, session_access::buffer(session), c.now));
    listed_session seen;
    seen.found = co_await read_session(reply, session);
    seen.fields = session_access::record(session);
    co_return seen;
}

// Of each entry that is a session, in this order.
inline store::task<std::vector<result<listed_session>>> look_at_all(context c, session_roster const* roster) {
    std::vector<store::record_key> keys;
    for (auto const& e : roster->entries)
        if (e.is_session()) keys.push_back(c.body->session_key(e.key));
    auto const look = [&](std::size_t i) { return look_at(c, keys[i]); };
    co_return co_await store::collect_all(keys.size(), look, c.frames);
}

// Looks at each session of the roster. What is left of nothing leaves it, what does not live any more is marked.
inline store::task<std::vector<aged_session>> find_living(context c, session_roster* roster) {
    bool const by_use = c.body->policy.when_full == session_limit::end_least_recent;
    std::vector<aged_session> living;
    auto looked = look_at_all(c, roster);
    auto epochs_read = open_epochs(c);
    co_await store::when_all(looked, epochs_read);
    auto const epochs = co_await std::move(epochs_read);
    auto const all = co_await std::move(looked);
    auto next = all.begin();
    for (std::size_t i = 0; i != roster->entries.size();) {
        auto& e = roster->entries[i];
        if (!e.is_session()) {
            ++i;
            continue;
        }
        auto const& seen = co_await *next++;
        if (seen.found == left::nothing) {
            roster->entries.erase(roster->entries.begin() + static_cast<std::ptrdiff_t>(i));
            continue;
        }
        ++i;
        if (seen.found == left::unreadable) continue; // a newer version's: it counts for the roster alone
        auto const& f = seen.fields;
        if (!lives_now(*c.body, f, epochs, e.app, c.now))
            e.end(end_reason::limit); // for good, should the clock go back
        else if (e.app == c.body->app_hash) living.emplace_back(by_use ? f.last_seen : f.created, e.key);
    }
    co_return living;
}

// Marks who gives way to one more session of this application; `session_limit_reached` where nobody may be ended.
inline result<void> end_excess(session_roster& roster, session_policy const& policy, std::vector<aged_session> living) {
    auto const stays = [](roster_entry const& e) { return e.is_session(); };
    bool const may_end = policy.when_full != session_limit::refuse;
    if (living.size() >= policy.max_sessions && !may_end) return errc::session_limit_reached;
    std::ranges::sort(living);
    for (std::size_t i = 0; living.size() - i >= policy.max_sessions; ++i)
        for (auto& e : roster.entries)
            if (!e.family && e.key == living[i].second) e.end(end_reason::limit);
    // The roster itself is full of other applications' sessions: the oldest gives way, so that a user can always log
    // in.
    while (roster.count(stays) >= max_user_sessions) {
        if (!may_end) return errc::session_limit_reached;
        std::ranges::min_element(roster.entries, {}, [&](auto const& e) {
            return std::pair{!stays(e), e.created};
        })->end(end_reason::limit);
    }
    return {};
}

// Of this application, if the policy allows; entries that do not live any more go first.
inline store::task<void> evict_sessions(context c, session_roster* roster) {
    auto const stays = [](roster_entry const& e) { return e.is_session(); };
    auto const mine = [&](roster_entry const& e) { return stays(e) && e.app == c.body->app_hash; };
    if (roster->count(mine) < c.body->policy.max_sessions && roster->count(stays) < max_user_sessions) co_return {};
    auto living = co_await find_living(c, roster);
    co_return end_excess(*roster, c.body->policy, std::move(living));
}

// Whether a refresh family is still in time.
inline result<void> admit_family(session_roster const& roster, roster_entry const& family) {
    auto const is_its_session = [&](roster_entry const& e) { return e.is_session() && e.sid() == family.origin; };
    if (family.origin != short_name{} && std::ranges::none_of(roster.entries, is_its_session))
        return errc::session_ended;
    if (family.created < roster.not_before_of(family.origin))
        return errc::session_ended; // it was meant, and is on no roster yet
    return {};
}

// Families have a limit of their own, so that logging in always finds a place. Those that are over go first, by
// what `is_over(record, now)` says.
using family_judge = bool (*)(bytes_view, unix_time);
inline store::task<bool> family_is_over(context c, store::record_key key, family_judge is_over) {
    auto const buffer = std::make_unique_for_overwrite<std::uint8_t[]>(store::max_record);
    auto const found = co_await store::find(key, {buffer.get(), store::max_record}, c.now);
    co_return !found || is_over(found->bytes, c.now);
}
inline store::task<void> evict_ended_families(context c, session_roster* roster, family_judge is_over) {
    auto const is_family = [](roster_entry const& e) { return e.family; };
    if (roster->count(is_family) < max_user_sessions) co_return {};
    auto const may_be_over = [](roster_entry const& e) { return e.family && !e.ending; };
    std::vector<store::record_key> keys;
    for (auto const& e : roster->entries)
        if (may_be_over(e)) keys.push_back(e.key);
    auto const look = [&](std::size_t i) { return family_is_over(c, keys[i], is_over); };
    auto const looked = co_await store::collect_all(keys.size(), look, c.frames);
    auto next = looked.begin();
    for (std::size_t i = 0; i != roster->entries.size();) {
        bool over = false;
        if (may_be_over(roster->entries[i])) over = co_await *next++;
        if (over) roster->entries.erase(roster->entries.begin() + static_cast<std::ptrdiff_t>(i));
        else ++i;
    }
    if (roster->count(is_family) >= max_user_sessions) co_return errc::session_limit_reached;
    co_return {};
}

}}}} // namespace signet::session::detail

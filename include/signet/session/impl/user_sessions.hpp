// SPDX-License-Identifier: BSL-1.0
// What a user's roster says, and refresh families that join it.
#pragma once

#include <signet/session/impl/change_roster.hpp>

namespace signet { inline namespace SIGNET_ABI { namespace session { namespace detail {

// The roster, once what an interrupted change left on it is finished.
inline store::task<opened_roster> finished_roster(context c, std::string user) {
    auto opened = co_await open_roster(c, user);
    co_await finish_marked(c, user, &opened.roster, opened.version());
    co_return opened;
}

inline store::task<std::vector<live_session>> list_sessions(context c, std::string user) {
    auto roster = finished_roster(c, user);
    auto epochs_read = open_epochs(c);
    co_await store::when_all(roster, epochs_read);
    auto opened = co_await std::move(roster);
    if (!opened.found) co_return std::vector<live_session>{};
    auto const epochs = co_await std::move(epochs_read);

    auto& entries = opened.roster.entries;
    std::erase_if(entries, [](roster_entry const& e) { return !e.is_session(); });
    std::vector<live_session> sessions(entries.size());
    std::vector<store::request> asks;
    for (std::size_t i = 0; i != entries.size(); ++i)
        asks.push_back(store::find(c.body->session_key(entries[i].key), session_access::buffer(sessions[i]), c.now));
    std::vector<store::reply> replies(asks.size());
    co_await store::as_result(store::when_all(asks, replies)); // of one that does not fit the others are listed
    std::size_t living = 0;
    for (std::size_t i = 0; i != entries.size(); ++i) {
        auto const found = co_await read_session(replies[i], sessions[i]);
        auto const lives = found == left::session &&
                           lives_now(*c.body, session_access::record(sessions[i]), epochs, entries[i].app, c.now);
        if (lives) sessions[living++] = sessions[i];
    }
    sessions.resize(living);
    co_return std::move(sessions);
}

inline store::task<std::vector<std::string>> finish_revocations(context c, std::string user) {
    auto opened = co_await open_roster(c, user);
    co_return co_await finish_marked(c, user, &opened.roster, opened.version());
}

inline store::task<unix_time> not_before(context c, std::string user, short_name sid) {
    auto const opened = co_await finished_roster(c, user);
    co_return opened.roster.not_before_of(sid);
}

inline store::task<unix_time> join_family(context c, std::string user, bool of_session, roster_entry entry,
                                          family_judge is_over) {
    if (of_session && entry.origin == short_name{})
        co_return errc::session_ended; // no `sid`, so nobody could end it by that
    roster_change change{.join = std::move(entry), .family_is_over = is_over};
    auto const outcome = co_await change_roster(c, user, std::move(change));
    co_return outcome.not_before;
}

}}}} // namespace signet::session::detail

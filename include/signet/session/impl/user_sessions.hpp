// SPDX-License-Identifier: BSL-1.0
// What a user's roster says, and refresh families that join it.
#pragma once

#include <signet/session/impl/change_roster.hpp>

namespace signet { inline namespace SIGNET_ABI { namespace session { namespace detail {

// The roster, once what an interrupted change left on it is finished.
inline store::task<opened_roster> finished_roster(context c, std::string user) {
    auto opened = co_await open_roster(c, user);
    co_await finish_marked(c, user, &opened.roster);
    co_return opened;
}

inline store::task<std::vector<live_session>> list_sessions(context c, std::string user) {
    std::vector<live_session> sessions;
    auto const opened = co_await finished_roster(c, user);
    if (!opened.found) co_return sessions;
    auto const epochs = co_await open_epochs(c);
    for (auto const& e : opened.roster.entries) {
        if (!e.is_session()) continue;
        live_session session;
        auto const key = c.body->session_key(e.key);
        auto const reply = co_await store::as_result(store::find(key, session_access::buffer(session), c.now));
        auto const found = co_await read_session(reply, session);
        if (found == left::session && lives_now(*c.body, session_access::record(session), epochs, e.app, c.now))
            sessions.push_back(session);
    }
    co_return sessions;
}

inline store::task<std::vector<std::string>> finish_revocations(context c, std::string user) {
    auto opened = co_await open_roster(c, user);
    co_return co_await finish_marked(c, user, &opened.roster);
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

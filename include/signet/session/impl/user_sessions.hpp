// SPDX-License-Identifier: BSL-1.0
// What a user's roster says, and refresh families that join it.
#pragma once

#include <signet/session/impl/change_roster.hpp>

namespace signet { inline namespace SIGNET_ABI { namespace session { namespace detail {

inline store::task<std::vector<live_session>> list_sessions(body_ptr b, std::string user, unix_time now,
                                                            std::pmr::memory_resource* frames) {
    std::vector<live_session> sessions;
    auto const opened = co_await open_roster(b, user, now, frames);
    if (!opened.found) co_return sessions;
    auto const epochs = co_await open_epochs(b, now, frames);
    for (auto const& e : opened.roster.entries) {
        if (!e.is_session()) continue;
        live_session session;
        auto const key = b->session_key(e.key);
        auto const reply = co_await store::as_result(store::find(key, session_access::buffer(session), now));
        auto const found = co_await read_session(reply, session);
        if (found == left::session && lives_now(*b, session_access::record(session), epochs, e.app, now))
            sessions.push_back(session);
    }
    co_return sessions;
}

inline store::task<unix_time> not_before(body_ptr b, std::string user, short_name sid, unix_time now,
                                         std::pmr::memory_resource* frames) {
    auto const opened = co_await open_roster(b, user, now, frames);
    co_return opened.roster.not_before_of(sid);
}

inline store::task<unix_time> join_family(body_ptr b, std::string user, bool of_session, roster_entry entry,
                                          unix_time now, std::pmr::memory_resource* frames) {
    if (of_session && entry.origin == short_name{})
        co_return errc::session_ended; // no `sid`, so nobody could end it by that
    roster_change change{.join = std::move(entry)};
    auto const outcome = co_await change_roster(b, user, std::move(change), now, frames);
    co_return outcome.not_before;
}

}}}} // namespace signet::session::detail

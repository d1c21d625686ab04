// SPDX-License-Identifier: BSL-1.0
// How sessions end: one by its cookie, those of a session at the identity provider, and all.
#pragma once

#include <signet/session/impl/idp_session.hpp>
#include <signet/session/impl/session_event.hpp>

namespace signet { inline namespace SIGNET_ABI { namespace session { namespace detail {

inline store::task<ended_sessions> log_out(context c, shown_cookie cookie) {
    ended_sessions ended{.event = {.at = c.now, .what = name(session_event::log_out), .app = c.body->app}};
    if (!cookie.well_formed) co_return ended;
    live_session session;
    auto const key = c.body->session_key(cookie.sid());
    auto const found = co_await find_session(c, key, &session);
    auto const record = co_await found.record();
    auto const state = judge_shown(*c.body, cookie, found.epochs, record, session, c.now);
    if (!state && state.error() == errc::session_unknown) co_return ended;
    co_await state;

    auto const& r = session_access::record(session);
    auto ending = end_session(c, key, end_reason::logged_out, record);
    auto roster = open_roster(c, std::string{r.user});
    co_await store::when_all(ending, roster);
    bool const lived = co_await std::move(ending);
    if (lived) ended.sids.push_back(session.sid());
    // It is over; the roster is tidied now or by whoever opens it next.
    auto begun = roster.get();
    if (begun && begun->found) {
        roster_change change{
            .end = roster_change::which::one, .sid = r.sid, .why = end_reason::logged_out, .is_over = true};
        (void)co_await store::as_result(change_roster(c, std::string{r.user}, std::move(change), *std::move(begun)));
    }
    ended.event = event_of(*c.body, session_event::log_out, c.now, r);
    ended.event.ended = end_reason::logged_out;
    co_return ended;
}

inline store::task<ended_sessions> log_out_idp_session(context c, idp_name idp, std::string user) {
    roster_change change{.end = roster_change::which::of_idp,
                         .idp = name_of_idp_session(idp.issuer, idp.sid),
                         .why = end_reason::logged_out};
    if (idp.sid.empty()) { // all of the user's
        if (user.empty()) co_return errc::out_of_range;
        change.end = roster_change::which::of_app;
    }
    if (user.empty()) user = co_await user_of_idp_session(c, idp);
    if (user.empty())
        co_return ended_sessions{.event = {.at = c.now, .what = name(session_event::log_out), .app = c.body->app}};
    co_return co_await end_by_roster(c, user, std::move(change), session_event::log_out);
}

inline store::task<ended_sessions> revoke_all(context c, bool of_tenant) {
    co_await raise_epoch(c, of_tenant);
    co_return ended_sessions{
        {},
        saturating_add(c.now, std::chrono::seconds{1}),
        {.at = c.now, .what = name(session_event::revoke), .ended = end_reason::revoked, .app = c.body->app}};
}

}}}} // namespace signet::session::detail

// SPDX-License-Identifier: BSL-1.0
// Changes the session that a cookie shows, or that a sid names.
#pragma once

#include <signet/session/impl/open_session.hpp>
#include <signet/session/impl/roster.hpp>

namespace signet { inline namespace SIGNET_ABI { namespace session { namespace detail {

// What becomes of the session that was found, once it was judged. It is left in `session`.
template <class Change> store::task<store::swap_decision> apply(context c, result<session_state> judged,
                                                                result<bool> same, Change const* change,
                                                                live_session* session) {
    auto const state = co_await judged;
    auto& r = session_access::record(*session);
    co_await (*change)(r, state);
    co_await same;
    co_await keep_on_roster(c, std::string{r.user}, r.sid, r.expires, listed_until(c.body->policy, r));
    auto octets = co_await to_octets(r);
    auto const until = kept_until(c.body->policy, r, c.now);
    co_await session_access::read(*session, octets);
    // A visitor's may be lost.
    if (state == session_state::visiting && session_access::record(*session).state == session_state::visiting)
        co_return store::swap_decision::write_forgettable(std::move(octets), until);
    co_return store::swap_decision::write(std::move(octets), until);
}

// What `change(record, state)` does to a session by whoever shows its cookie; asked again whenever another writer was
// first. It owns the texts that it puts in.
template <class Change>
store::task<live_session> modify(context c, shown_cookie cookie, shown_client client, Change change) {
    if (!cookie.well_formed) co_return errc::session_unknown;
    live_session session;
    auto const key = c.body->session_key(cookie.sid());
    auto const first = co_await find_session(c, key, &session);
    auto const judge = [&](std::optional<store::record> const& found) {
        auto const state = judge_shown(*c.body, cookie, first.epochs, found, session, c.now);
        auto const same = client_changed(session_access::record(session), client);
        return apply(c, state, same, &change, &session);
    };
    store::swap_start const start{session_access::buffer(session), first.known()};
    co_await store::compare_and_swap(key, c.now, judge, c.frames, start);
    co_return session;
}

inline result<void> extend_record(session_policy const& policy, session_record& r, session_state state, unix_time now) {
    if (!session_lifecycle.next(state, session_event::extend)) return session_refusal(state);
    r.expires = std::max(r.expires, end_after(policy, r.client_id, r.absolute, now));
    return {};
}

inline store::task<live_session> extend(context c, shown_cookie cookie, shown_client client) {
    auto const change = [body = c.body, now = c.now](session_record& r, session_state state) {
        auto const extended = extend_record(body->policy, r, state, now);
        if (extended) r.last_seen = std::max(r.last_seen, now);
        return extended;
    };
    return modify(c, cookie, client, change);
}

inline store::task<unix_time> extend_by_sid(context c, std::string user, short_name sid) {
    live_session session;
    auto const key = c.body->session_key(sid);
    auto const first = co_await find_session(c, key, &session);
    auto const change = [&](session_record& r, session_state state) { // no request of the browser: `last_seen` stays
        return extend_record(c.body->policy, r, state, c.now);
    };
    auto const judge = [&](std::optional<store::record> const& found) {
        auto const state = judge_named(*c.body, user, first.epochs, found, session, c.now);
        return apply(c, state, false, &change, &session);
    };
    store::swap_start const start{session_access::buffer(session), first.known()};
    co_await store::compare_and_swap(key, c.now, judge, c.frames, start);
    co_return session.expires();
}

inline store::task<live_session> link(context c, shown_cookie cookie, linked_token token, shown_client client) {
    auto change = [token = std::move(token)](session_record& r, session_state state) -> result<void> {
        if (state != session_state::active) return session_refusal(state);
        if (token.user().empty() || token.user() != r.user) return errc::subject_mismatch;
        r.token = token.text(), r.token_expires = token.expires();
        return {};
    };
    return modify(c, cookie, client, std::move(change));
}

inline store::task<live_session> set_data(context c, shown_cookie cookie, std::string data, shown_client client) {
    auto change = [data = std::move(data)](session_record& r, session_state state) -> result<void> {
        if (!session_lifecycle.next(state, session_event::use)) return session_refusal(state); // an anonymous one's too
        r.data = data;
        return {};
    };
    return modify(c, cookie, client, std::move(change));
}

}}}} // namespace signet::session::detail

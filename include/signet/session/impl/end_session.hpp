// SPDX-License-Identifier: BSL-1.0
// Ends one session by its record.
#pragma once

#include <signet/session/impl/session_clocks.hpp>
#include <signet/session/impl/session_record.hpp>
#include <signet/session/impl/sessions_body.hpp>

namespace signet { inline namespace SIGNET_ABI { namespace session { namespace detail {

constexpr session_event event_of(end_reason why) noexcept {
    return why == end_reason::logged_out ? session_event::log_out
           : why == end_reason::limit    ? session_event::give_way
                                         : session_event::revoke;
}

// True where it lived until now. What cannot be read (damaged, or a newer version's) cannot be marked as ended, so it
// goes: nobody may live on because of that, and nobody wait for it. `known` is the record as its caller read it, for
// the first try.
inline store::task<bool> end_session(context c, store::record_key key, end_reason why,
                                     std::optional<std::optional<store::record>> known = std::nullopt) {
    live_session session;
    bool lived = false;
    auto const judge = [&](std::optional<store::record> const& found) -> result<store::swap_decision> {
        lived = found.has_value();
        if (!found || !session_access::read(session, found->bytes)) return store::swap_decision::erase();
        auto& r = session_access::record(session);
        auto const to = session_lifecycle.next(r.state, event_of(why));
        lived =
            to && state_at(r.state, r.expires, r.last_seen, c.body->policy.profile, c.now) != session_state::expired;
        if (!to) return store::swap_decision::keep(); // it was over before
        r.state = *to, r.ended = why;
        r.data = r.token = {}; // nothing of value stays behind
        return write(r, kept_until(c.body->policy, r, c.now));
    };
    store::swap_start const start{session_access::buffer(session), known};
    co_await store::compare_and_swap(key, c.now, judge, c.frames, start);
    co_return lived;
}

}}}} // namespace signet::session::detail

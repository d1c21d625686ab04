// SPDX-License-Identifier: BSL-1.0
// Notes whose session a session of an identity provider is, so that a logout token that names nothing but its `sid`
// finds the user.
#pragma once

#include <signet/session/impl/change_roster.hpp>

namespace signet { inline namespace SIGNET_ABI { namespace session { namespace detail {

struct idp_note {
    static constexpr std::uint8_t format = 1, kind = 'I';
    std::string user{}; // empty where a logout token came before the first login: there is nothing to log in by
};
template <class A> void fields(A& a, store::archived<A, idp_note>& r) { a.text(r.user, max_session_name); }

struct idp_name {
    std::string issuer{}, sid{};
};

// Where the provider's session was somebody else's before, that one's sessions by it are over.
inline store::task<store::swap_decision> renew_note(context c, idp_name const* idp, idp_note note,
                                                    std::optional<store::record> found) {
    auto const until = saturating_add(c.now, max_lifetime);
    if (!found) co_return write(note, until);
    auto const expires = std::max(until, found->expires);
    auto const former = from_octets<idp_note>(found->bytes);
    if (former && former->user.empty()) co_return errc::session_ended;
    if (former && former->user != note.user) {
        roster_change change{.end = roster_change::which::of_idp,
                             .idp = name_of_idp_session(idp->issuer, idp->sid),
                             .why = end_reason::replaced};
        co_await change_roster(c, former->user, std::move(change));
    }
    co_return write(note, expires);
}

// Another login by it renews the note.
inline store::task<void> note_idp_session(context c, idp_name idp, std::string user) {
    auto const judge = [&](std::optional<store::record> const& found) { return renew_note(c, &idp, {user}, found); };
    std::optional<store::record> const none; // mostly it is the first login
    store::swap_start const start{.known = none};
    co_await store::compare_and_swap(c.body->idp_key(idp.issuer, idp.sid), c.now, judge, c.frames, start);
    co_return {};
}

// Whose it is; empty where nobody has logged in by it, and for a day nobody can.
inline store::task<std::string> user_of_idp_session(context c, idp_name idp) {
    idp_note note;
    auto const judge = [&](std::optional<store::record> const& found) -> result<store::swap_decision> {
        note = {};
        if (!found) return write(note, saturating_add(c.now, max_login_time));
        if (auto good = from_octets(note, found->bytes); !good) return good.error();
        return store::swap_decision::keep();
    };
    co_await store::compare_and_swap(c.body->idp_key(idp.issuer, idp.sid), c.now, judge, c.frames);
    co_return note.user;
}

}}}} // namespace signet::session::detail

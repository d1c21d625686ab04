// SPDX-License-Identifier: BSL-1.0
// The roster of a user's sessions and refresh families, for limits, lists and revocation.
#pragma once

#include <signet/codec/base64url.hpp>
#include <signet/session/impl/session_clocks.hpp>
#include <signet/session/impl/sessions_body.hpp>
#include <signet/session/impl/stored.hpp>
#include <signet/session/states.hpp>
#include <signet/store/impl/compare_and_swap.hpp>

namespace signet { inline namespace SIGNET_ABI { namespace session { namespace detail {

// From the text of a sid; zero where it is none.
inline short_name name_of_session(std::string_view sid) noexcept {
    short_name name{};
    auto const size = codec::base64url_decode(sid, name);
    return size && *size == name.size() ? name : short_name{};
}

struct roster_entry {
    bool family = false, ending = false; // a family's entry names its record, a session's its sid
    end_reason why = end_reason::none;
    store::record_key key{};
    app_name app{};
    short_name origin{}; // of a session: the identity provider's, by its name; of a family: the session, by its sid
    unix_time created{}, expires{};

    bool is_session() const noexcept { return !family && !ending; }
    short_name sid() const noexcept { return beginning_of<16>(key); } // of a session
    void end(end_reason reason) noexcept { ending = true, why = reason; }
};

// Live sessions, those that are ending, families.
inline constexpr std::size_t max_entries = 3 * max_user_sessions;
inline constexpr std::size_t max_entry = 3 + 32 + 8 + 16 + 2 * 6; // octets; a time until 9999 takes 6
static_assert(64 + max_entries * max_entry <= store::max_record, "a roster can always be written");

// Entries is a list of all, or for a look-up of one session alone.
template <class Entries> struct roster_of {
    static constexpr std::uint8_t format = 1, kind = 'R';
    unix_time not_before{}, others_before{}; // of tokens; the second holds for those of all sessions but `kept`
    short_name kept{};
    std::uint64_t sweeps =
        0; // how often sessions were ended together; a login that began before the last one cannot join
    Entries entries{};
};

struct session_roster : roster_of<std::vector<roster_entry>> {
    bool speaks_of_tokens() const noexcept { return not_before != unix_time{} || others_before != unix_time{}; }
    // Tokens of that session, or of none, that were issued before it are to be refused.
    unix_time not_before_of(short_name const& sid) const noexcept {
        return sid != short_name{} && sid == kept ? not_before : std::max(not_before, others_before);
    }
    template <class Counts> std::size_t count(Counts const& counts) const {
        return static_cast<std::size_t>(std::count_if(entries.begin(), entries.end(), counts));
    }
};
template <class A, class R>
    requires requires(R& r) { r.sweeps, r.entries; }
void fields(A& a, R& r) {
    a.time(r.not_before), a.time(r.others_before), a.fixed(r.kept), a.number(r.sweeps);
    a.each(r.entries, max_entries, [](auto& archive, auto& e) {
        archive.flag(e.family), archive.flag(e.ending), archive.enumeration(e.why, end_reason::stolen);
        archive.fixed(e.key), archive.fixed(e.app), archive.fixed(e.origin);
        archive.time(e.created), archive.time(e.expires);
    });
}

// As a sequence that keeps no element, but until when the session wanted is listed, if it is not to end.
struct one_session {
    short_name wanted{};
    std::optional<unix_time> listed{};
    roster_entry last{.ending = true}; // none yet

    void clear() noexcept {}
    roster_entry& emplace_back() noexcept { return look_at_last(), last; }
    void look_at_last() noexcept {
        if (last.is_session() && last.sid() == wanted) listed = last.expires;
    }
};

// Until when the session has its place on its user's roster, found without a list; empty where it does not live by it.
inline result<std::optional<unix_time>> find_on_roster(bytes_view octets, short_name const& sid) noexcept {
    roster_of<one_session> roster{.entries = {.wanted = sid}};
    if (auto good = from_octets(roster, octets); !good) return good.error();
    roster.entries.look_at_last();
    return roster.entries.listed;
}

// As long as any login can be under way, and longer than clocks differ.
inline constexpr std::chrono::seconds max_login_time = std::chrono::hours{24};

// Until when a session has its place: it can be extended for another lifetime, and for a day at least, before the
// roster is written again.
template <class Record> unix_time listed_until(session_policy const& p, Record const& r) noexcept {
    return saturating_add(r.expires, std::max(p.lifetime_of(r.client_id), max_login_time));
}

// A roster is kept as long as its entries, as the tokens of which it speaks, and as the logins that are under way.
inline unix_time roster_expires(session_roster const& r, unix_time now) noexcept {
    auto until = saturating_add(now, max_login_time);
    for (auto const& e : r.entries) until = std::max(until, e.expires);
    if (!r.speaks_of_tokens()) return until;
    return std::max(until, saturating_add(std::max(r.not_before, r.others_before), max_token_lifetime));
}

// A user's roster as it stands in the store; an empty one where there is none.
struct opened_roster {
    bytes octets{};
    std::optional<store::record> found{}; // in `octets`
    session_roster roster{};

    std::uint64_t version() const noexcept { return found ? found->version : 0; }
};

inline store::task<opened_roster> open_roster(context c, std::string user) {
    if (user.empty()) co_return opened_roster{}; // of a visitor there is none
    auto const buffer = std::make_unique_for_overwrite<std::uint8_t[]>(store::max_record);
    auto const found = co_await store::find(c.body->roster_key(user), {buffer.get(), store::max_record}, c.now);
    opened_roster opened;
    if (!found) co_return opened;
    co_await from_octets(opened.roster, found->bytes);
    opened.octets.assign(found->bytes.begin(), found->bytes.end());
    opened.found = found;
    opened.found->bytes = opened.octets;
    co_return opened;
}

// `session_ended` where the roster has no such session, or says that it is to end.
inline result<unix_time> expect_listed(std::optional<store::record> const& roster, short_name const& sid) {
    if (!roster) return errc::session_ended; // nobody could end it
    auto const listed = find_on_roster(roster->bytes, sid);
    if (!listed) return listed.error();
    if (!*listed) return errc::session_ended;
    return **listed;
}

// The same roster, on which the session has its place for longer.
inline result<store::swap_decision> prolong_place(std::optional<store::record> const& found, short_name const& sid,
                                                  unix_time until, unix_time now) {
    if (!found) return errc::session_ended;
    session_roster roster;
    if (auto const good = from_octets(roster, found->bytes); !good) return good.error();
    auto const is_it = [&](roster_entry const& e) { return e.is_session() && e.sid() == sid; };
    auto const entry = std::ranges::find_if(roster.entries, is_it);
    if (entry == roster.entries.end()) return errc::session_ended;
    entry->expires = std::max(entry->expires, until);
    return write(roster, roster_expires(roster, now));
}

// Before a session is written: it is on its user's roster, and stays there until it ends. A visitor has no roster.
inline store::task<void> keep_on_roster(context c, std::string user, short_name sid, unix_time ends, unix_time until) {
    if (user.empty()) co_return {};
    auto const key = c.body->roster_key(user);
    auto const buffer = std::make_unique_for_overwrite<std::uint8_t[]>(store::max_record);
    auto const found = co_await store::find(key, {buffer.get(), store::max_record}, c.now);
    auto const listed = co_await expect_listed(found, sid);
    if (listed >= ends) co_return {};
    auto const judge = [&](std::optional<store::record> const& at) { return prolong_place(at, sid, until, c.now); };
    co_await store::compare_and_swap(key, c.now, judge, c.frames, {.known = found});
    co_return {};
}

}}}} // namespace signet::session::detail

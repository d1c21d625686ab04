// SPDX-License-Identifier: BSL-1.0
// The roster of a user's sessions, and the epochs of a tenant: records that revocation writes (DECISIONS 3).
// The includes stand before the guard: header-only, they end with bodies that include this file and need all of it.
#include <signet/codec/base64url.hpp>
#include <signet/proof/record_key.hpp>
#include <signet/session/login_session.hpp>
#include <signet/store/record.hpp>

#include <algorithm>

#ifndef SIGNET_SESSION_IMPL_SESSION_ROSTER_HPP
#    define SIGNET_SESSION_IMPL_SESSION_ROSTER_HPP

namespace signet { inline namespace SIGNET_ABI { namespace session { namespace detail {

inline constexpr std::uint8_t roster_format = 1, roster_kind = 'R', epoch_format = 1, epoch_kind = 'E';
inline constexpr std::size_t most_apps = 128;

// Applications and sessions of identity providers stand in a roster by the beginning of a hash, so that no name of
// anybody's makes it longer than a record may be.
using app_name = std::array<std::uint8_t, 8>;
using short_name = std::array<std::uint8_t, 16>;

inline app_name name_of_app(std::string_view app) {
    app_name name{};
    auto const hash = proof::record_key("application", {app});
    std::copy_n(hash.begin(), name.size(), name.begin());
    return name;
}
inline short_name name_of_idp_session(std::string_view issuer, std::string_view sid) {
    short_name name{}; // all zero: none
    if (sid.empty()) return name;
    auto const hash = proof::record_key("session of an identity provider", {issuer, sid});
    std::copy_n(hash.begin(), name.size(), name.begin());
    return name;
}

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
    short_name origin{}; // of a session: the identity provider's, by its name; of a family: the session, by its sid;
                         // zero: none
    unix_time created{}, expires{};
};

// Live sessions, those that are ending, families.
inline constexpr std::size_t most_entries = 3 * most_sessions;
inline constexpr std::size_t longest_entry = 3 + 32 + 8 + 16 + 2 * 6; // a time until 9999 takes 6 octets
static_assert(64 + most_entries * longest_entry <= store::largest_record, "a roster can always be written");

struct session_roster {
    unix_time not_before{}, others_before{}; // of tokens; the second holds for those of all sessions but `kept`
    short_name kept{};
    std::uint64_t sweeps =
        0; // how often sessions were ended together; a login that began before the last one cannot join
    std::vector<roster_entry> entries{};

    bool speaks_of_tokens() const noexcept { return not_before != unix_time{} || others_before != unix_time{}; }
    // Tokens of that session, or of none, that were issued before it are to be refused.
    unix_time not_before_of(short_name const& sid) const noexcept {
        return sid != short_name{} && sid == kept ? not_before : std::max(not_before, others_before);
    }
};

// As long as any login can be under way.
inline constexpr std::chrono::seconds longest_login = std::chrono::hours{24};

// A roster without entries is kept for what it says of tokens, or else for the logins that are under way.
inline unix_time roster_expires(session_roster const& r, unix_time now) noexcept {
    return !r.entries.empty() || r.speaks_of_tokens() ? latest_time : saturating_add(now, longest_login);
}

inline bytes write_roster(session_roster const& roster) {
    bytes octets;
    store::record_writer w{octets, roster_format, roster_kind};
    w.time(roster.not_before);
    w.time(roster.others_before);
    w.fixed(roster.kept);
    w.number(roster.sweeps);
    w.number(roster.entries.size());
    for (auto const& e : roster.entries) {
        w.flag(e.family);
        w.flag(e.ending);
        w.number(static_cast<std::uint64_t>(e.why));
        w.fixed(e.key);
        w.fixed(e.app);
        w.fixed(e.origin);
        w.time(e.created);
        w.time(e.expires);
    }
    return octets;
}

inline result<session_roster> read_roster(bytes_view octets) {
    store::record_reader r{octets, roster_format, roster_kind};
    session_roster roster;
    roster.not_before = r.time();
    roster.others_before = r.time();
    r.fixed(roster.kept);
    roster.sweeps = r.number();
    auto const count = r.number(most_entries);
    for (std::uint64_t i = 0; i != count && !r.failed(); ++i) {
        roster_entry e;
        e.family = r.flag();
        e.ending = r.flag();
        e.why = static_cast<end_reason>(r.number(static_cast<std::uint64_t>(end_reason::stolen)));
        r.fixed(e.key);
        r.fixed(e.app);
        r.fixed(e.origin);
        e.created = r.time();
        e.expires = r.time();
        roster.entries.push_back(std::move(e));
    }
    if (auto good = r.finish(); !good) return good.error();
    return roster;
}

// How often "everything" and each application were revoked. A session made in an earlier epoch is over.
struct epoch_list {
    struct one {
        app_name app{};
        std::uint64_t generation = 0;
    };
    std::uint64_t everything = 0;
    std::vector<one> apps{};

    std::uint64_t of(app_name const& app) const noexcept { // as find_epochs sees it
        std::uint64_t generation = 0;
        for (auto const& a : apps)
            if (a.app == app) generation = a.generation;
        return generation;
    }
    // Whether all sessions of the time when that one began were ended.
    bool ended(session_fields const& f, app_name const& app) const noexcept {
        return f.everything < everything || f.app_generation < of(app);
    }
};

inline bytes write_epochs(epoch_list const& epochs) {
    bytes octets;
    store::record_writer w{octets, epoch_format, epoch_kind};
    w.number(epochs.everything);
    w.number(epochs.apps.size());
    for (auto const& a : epochs.apps) w.fixed(a.app), w.number(a.generation);
    return octets;
}

inline result<epoch_list> read_epochs(bytes_view octets) {
    store::record_reader r{octets, epoch_format, epoch_kind};
    epoch_list epochs;
    epochs.everything = r.number();
    auto const count = r.number(most_apps);
    for (std::uint64_t i = 0; i != count && !r.failed(); ++i) {
        epoch_list::one a;
        r.fixed(a.app);
        a.generation = r.number();
        epochs.apps.push_back(a);
    }
    if (auto good = r.finish(); !good) return good.error();
    return epochs;
}

// The two numbers that a look-up wants, without a list: {everything, this application}.
inline result<std::array<std::uint64_t, 2>> find_epochs(bytes_view octets,
                                                        std::array<std::uint8_t, 8> const& app) noexcept {
    store::record_reader r{octets, epoch_format, epoch_kind};
    std::array<std::uint64_t, 2> found{r.number(), 0};
    auto const count = r.number(most_apps);
    for (std::uint64_t i = 0; i != count && !r.failed(); ++i) {
        std::array<std::uint8_t, 8> name{};
        r.fixed(name);
        auto const generation = r.number();
        if (name == app) found[1] = generation;
    }
    if (auto good = r.finish(); !good) return good.error();
    return found;
}

}}}} // namespace signet::session::detail

#endif

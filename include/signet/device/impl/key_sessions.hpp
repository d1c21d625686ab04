// SPDX-License-Identifier: BSL-1.0
// The list of the sessions that are pinned to one key, so that all of them can be ended at once.

#include <signet/crypto/digest.hpp>
#include <signet/device/device_session.hpp>
#include <signet/proof/record_key.hpp>
#include <signet/store/fields.hpp>
#include <signet/store/impl/compare_and_swap.hpp>

#include <algorithm>
#include <vector>

#ifndef SIGNET_DEVICE_IMPL_KEY_SESSIONS_HPP
#    define SIGNET_DEVICE_IMPL_KEY_SESSIONS_HPP

namespace signet { inline namespace SIGNET_ABI { namespace device { namespace detail {

inline constexpr std::size_t max_session_id = 128;

struct key_session {
    std::string id{};
    unix_time expires{};
};

struct key_sessions {
    std::uint64_t sweeps = 0; // how often all were ended; a session that began before the last time cannot join
    std::vector<key_session> sessions{};
};

template <class A> void fields(A& a, store::archived<A, key_sessions>& k) {
    a.number(k.sweeps);
    a.each(k.sessions, max_key_sessions,
           [](auto& archive, auto& s) { archive.text(s.id, max_session_id), archive.time(s.expires); });
}

inline constexpr std::uint8_t key_sessions_format = 1, key_sessions_kind = 'K';
inline constexpr std::chrono::seconds max_begin_time = std::chrono::hours{24}; // as long as a beginning can take
static_assert(16 + max_key_sessions * 32 <= store::max_record, "with ids of 22 characters they can always be written");

inline store::record_key key_sessions_name(std::string_view app, crypto::sha256_digest const& key) {
    return proof::record_key("device sessions of a key", {app, as_text(key)});
}

// Reads the sessions of a key, lets `apply(sessions)` change them, and writes them back; gives them as they then are.
// `known` is their record as the caller read it, for the first try.
template <class Apply>
store::task<key_sessions> change_key_sessions(store::record_key name, Apply apply, unix_time now,
                                              std::pmr::memory_resource* frames,
                                              std::optional<std::optional<store::record>> known = std::nullopt) {
    key_sessions all;
    auto const judge = [&](std::optional<store::record> const& found) -> result<store::swap_decision> {
        all = {};
        if (found)
            if (auto read = store::read_fields(all, found->bytes, key_sessions_format, key_sessions_kind); !read)
                return read.error();
        std::erase_if(all.sessions, [&](key_session const& s) { return s.expires <= now; });
        auto const changed = apply(all);
        if (!changed) return changed.error();
        if (!*changed) return store::swap_decision::keep();
        auto until = all.sweeps != 0 ? saturating_add(now, max_begin_time) : unix_time{};
        for (auto const& s : all.sessions) until = std::max(until, s.expires);
        if (until <= now) return store::swap_decision::erase();
        bytes octets;
        auto const written = store::write_fields(all, key_sessions_format, key_sessions_kind, octets);
        if (!written) return written.error();
        return store::swap_decision::write(std::move(octets), until);
    };
    store::swap_start const start{.buffer = {}, .known = known};
    co_await store::compare_and_swap(name, now, judge, frames, start);
    co_return std::move(all);
}

// The sessions of a key when another one begins.
struct begun_key_sessions {
    bytes octets{};
    std::optional<store::record> found{}; // in `octets`
    std::uint64_t sweeps = 0;
};
inline store::task<begun_key_sessions> open_key_sessions(store::record_key name, unix_time now,
                                                         std::pmr::memory_resource* frames) {
    begun_key_sessions begun;
    auto const look = [&](std::optional<store::record> const& found) -> result<store::swap_decision> {
        if (!found) return store::swap_decision::keep();
        auto const all = store::read_fields<key_sessions>(found->bytes, key_sessions_format, key_sessions_kind);
        if (!all) return all.error();
        begun.sweeps = all->sweeps;
        begun.octets.assign(found->bytes.begin(), found->bytes.end());
        begun.found = found;
        begun.found->bytes = begun.octets;
        return store::swap_decision::keep();
    };
    co_await store::compare_and_swap(name, now, look, frames);
    co_return std::move(begun);
}

// A session that began when the sessions of the key were those.
inline store::task<key_sessions> join_key(store::record_key name, key_session session, begun_key_sessions begun,
                                          unix_time now, std::pmr::memory_resource* frames) {
    auto const join = [&](key_sessions& all) -> result<bool> {
        if (all.sweeps != begun.sweeps) return errc::session_ended;
        if (all.sessions.size() >= max_key_sessions) return errc::session_limit_reached;
        all.sessions.push_back(session);
        return true;
    };
    co_return co_await change_key_sessions(name, join, now, frames, begun.found);
}

}}}} // namespace signet::device::detail

#endif

// SPDX-License-Identifier: BSL-1.0
// Reads a session by its cookie or by a roster's entry, and judges in which state it is.
#pragma once

#include <signet/session/impl/client_binding.hpp>
#include <signet/session/impl/cookie_secret.hpp>
#include <signet/session/impl/epochs.hpp>
#include <signet/session/impl/session_clocks.hpp>
#include <signet/session/impl/session_record.hpp>

namespace signet { inline namespace SIGNET_ABI { namespace session { namespace detail {

// Of a session's record. No outage: it will not be over by itself.
constexpr bool unreadable(errc why) noexcept {
    return store::detail::is_broken_record(why) || why == errc::buffer_too_small;
}

// What is left of a session that a roster names.
enum class left : std::uint8_t { nothing, unreadable, session };
inline result<left> read_session(store::reply const& reply, live_session& session) {
    auto const there = reply.done();
    if (!there && there.error() == errc::buffer_too_small) return left::unreadable;
    if (!there) return there.error();
    if (!*there) return left::nothing;
    return session_access::read(session, reply.record.bytes) ? left::session : left::unreadable;
}

// Whether somebody is logged in by it now, at whatever application, whose name is that of its roster entry.
inline bool lives_now(sessions_body const& b, session_fields const& f, epoch_list const& epochs, app_name const& app,
                      unix_time now) {
    if (epochs.ended(f, app)) return false;
    auto const state = state_at(f.state, f.expires, f.last_seen, b.policy.profile, now);
    return state == session_state::active || state == session_state::idle;
}

// The state of the session that was read, if `is_meant(record)` says that it is the caller's; else `session_unknown`.
template <class IsMeant> result<session_state> judge_session(sessions_body const& b, epoch_list const& epochs,
                                                             std::optional<store::record> const& found,
                                                             live_session& session, unix_time now,
                                                             IsMeant const& is_meant) {
    if (!found) return errc::session_unknown;
    if (auto good = session_access::read(session, found->bytes); !good) return good.error();
    auto const& r = session_access::record(session);
    if (!is_meant(r) || r.app != b.app) return errc::session_unknown;
    if (epochs.ended(r, b.app_hash)) return session_state::ended;
    return state_at(r.state, r.expires, r.last_seen, b.policy.profile, now);
}

// By the secret that the cookie shows.
inline result<session_state> judge_shown(sessions_body const& b, shown_cookie const& cookie, epoch_list const& epochs,
                                         std::optional<store::record> const& found, live_session& session,
                                         unix_time now) {
    return judge_session(b, epochs, found, session, now, [&](session_record const& r) {
        return which(r, hash_of_secret(b, cookie.octets), now) != shown::nothing;
    });
}

// Without a cookie, for a caller who knows the user.
inline result<session_state> judge_named(sessions_body const& b, std::string_view user, epoch_list const& epochs,
                                         std::optional<store::record> const& found, live_session& session,
                                         unix_time now) {
    return judge_session(b, epochs, found, session, now,
                         [&](session_record const& r) { return !user.empty() && r.user == user; });
}

// A session's record, in the buffer of a session, and the epochs by which it is judged.
struct found_session {
    epoch_list epochs{};
    store::reply reply{};

    result<std::optional<store::record>> record() const {
        auto const is_there = reply.done();
        if (!is_there) return is_there.error();
        return *is_there ? std::optional{reply.record} : std::nullopt;
    }
    // For `compare_and_swap`, which reads again what did not fit.
    std::optional<std::optional<store::record>> known() const {
        auto const found = record();
        return found ? std::optional{*found} : std::nullopt;
    }
};
inline store::task<found_session> find_session(context c, store::record_key key, live_session* session) {
    std::array<std::uint8_t, max_epochs_record> buffer;
    std::array const asks{store::find(c.body->epoch_key, buffer, c.now),
                          store::find(key, session_access::buffer(*session), c.now)};
    std::array<store::reply, 2> replies;
    co_await store::as_result(store::when_all(asks, replies));
    bool const has_epochs = co_await replies[0].done();
    found_session found{.reply = replies[1]};
    if (has_epochs) co_await from_octets(found.epochs, replies[0].record.bytes);
    co_return found;
}

}}}} // namespace signet::session::detail

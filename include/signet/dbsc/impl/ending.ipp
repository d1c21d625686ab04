// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/dbsc/ending.hpp>

#include <signet/dbsc/impl/registration.ipp>
#include <signet/http/cache_control.hpp>

namespace signet { inline namespace SIGNET_ABI { namespace dbsc {

namespace detail {
inline constexpr unsigned most_end_tries = 256; // whoever refreshes all the time loses one of these races
} // namespace detail

SIGNET_DECL end_session::end_session(std::string_view id, ending how, unix_time now)
    : key_{detail::session_key(id)},
      event_{how == ending::revoked ? session_event::revoked : session_event::logged_out},
      now_{now} {
    look();
}

SIGNET_DECL void end_session::look() {
    ask_ = store::find(key_, buffer_, now_);
    step_ = step::find;
}

SIGNET_DECL void end_session::conclude(result<void> ruling) noexcept {
    step_ = step::done;
    ruling_ = ruling;
}

SIGNET_DECL void end_session::answer(store::reply const& reply) {
    if (step_ == step::find) return found(reply);
    auto const done = reply.done();
    if (!done) return conclude(done.error());
    if (*done) return conclude({});
    if (++tries_ == detail::most_end_tries) return conclude(errc::record_conflict);
    look();
}

SIGNET_DECL void end_session::found(store::reply const& reply) {
    auto const there = reply.done();
    if (!there) return conclude(there.error());
    if (!*there) return conclude(errc::dbsc_session_unknown);
    auto session = detail::session_record::read(reply.record.bytes);
    if (!session) return conclude(session.error());
    auto const state = lifecycle.next(session->state, event_);
    if (!state) return conclude({}); // ended before

    session->end(*state);
    if (auto good = session->write(record_); !good) return conclude(good.error());
    ask_ = store::replace(key_, reply.record.version, record_,
                          std::min(session->ends, saturating_add(now_, detail::tombstone_life)), now_);
    step_ = step::replace;
}

SIGNET_DECL result<std::vector<field>> logout_fields(policy const& p) {
    auto cookie = p.cookie().remove();
    if (!cookie) return cookie.error();
    std::vector<field> fields;
    fields.push_back({"Set-Cookie", *std::move(cookie)});
    for (auto const& f : http::logout_fields) fields.push_back({std::string{f.name}, std::string{f.value}});
    return fields;
}

}}} // namespace signet::dbsc

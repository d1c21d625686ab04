// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/dbsc/ending.hpp>

#include <signet/dbsc/impl/session_record.hpp>
#include <signet/http/cache_control.hpp>

namespace signet { inline namespace SIGNET_ABI { namespace dbsc {

namespace detail {
inline store::task<void> end_session(store::record_key key, bound_session_event event, unix_time now,
                                     std::pmr::memory_resource* frames) {
    auto const judge = [event, now](std::optional<store::record> const& found) -> result<store::swap_decision> {
        if (!found) return errc::dbsc_session_unknown;
        auto session = read_session(found->bytes);
        if (!session) return session.error();
        auto const state = lifecycle.next(session->state, event);
        if (!state) return store::swap_decision::keep(); // ended before
        return write_tombstone(*session, *state, now, now);
    };
    co_await store::compare_and_swap(key, now, judge, frames);
    co_return {};
}
} // namespace detail

SIGNET_DECL store::task<void> end_session(std::string_view id, ending how, unix_time now,
                                          std::pmr::memory_resource* frames) {
    auto const event = how == ending::revoked ? bound_session_event::revoked : bound_session_event::logged_out;
    return detail::end_session(detail::session_key(id), event, now, frames);
}

SIGNET_DECL result<std::vector<field>> make_logout_fields(policy const& p) {
    auto cookie = p.cookie().remove();
    if (!cookie) return cookie.error();
    std::vector<field> fields;
    fields.push_back({"Set-Cookie", *std::move(cookie)});
    for (auto const& f : http::logout_fields) fields.push_back({std::string{f.name}, std::string{f.value}});
    return fields;
}

}}} // namespace signet::dbsc

// SPDX-License-Identifier: BSL-1.0
// The octets of a login session's record, and how the operations of this folder reach them.
// The includes stand before the guard: header-only, they end with bodies that include this file and need all of it.
#include <signet/session/impl/stored.hpp>
#include <signet/session/linked_token.hpp>
#include <signet/session/live_session.hpp>

#include <cstring>

#ifndef SIGNET_SESSION_IMPL_SESSION_RECORD_HPP
#    define SIGNET_SESSION_IMPL_SESSION_RECORD_HPP

namespace signet { inline namespace SIGNET_ABI { namespace session {

namespace detail {

inline constexpr std::size_t max_session_name = 256; // user, app, client, `sid` of another
inline constexpr std::size_t max_session_label = 128;

template <class A, class R>
    requires std::derived_from<std::remove_const_t<R>, session_fields>
void fields(A& a, R& r) {
    a.enumeration(r.state, session_state::ended), a.enumeration(r.ended, end_reason::stolen);
    a.number(r.level), a.number(r.bound, 15);
    for (auto* time : {&r.created, &r.auth_time, &r.expires, &r.absolute, &r.last_seen, &r.renewed, &r.overlap_until,
                       &r.token_expires})
        a.time(*time);
    a.number(r.everything), a.number(r.app_generation);
    a.fixed(r.sid), a.fixed(r.current), a.fixed(r.previous);
    for (std::size_t i = 0; i != r.properties.size(); ++i)
        if (r.bound >> i & 1u) a.fixed(r.properties[i]);
    if (r.has_key()) a.fixed(r.device_key);
    for (auto* name : {&r.user, &r.app, &r.client_id}) a.text(*name, max_session_name);
    a.text(r.methods, max_session_label);
    a.text(r.idp_session, max_session_name);
    for (auto* label : {&r.device, &r.place}) a.text(*label, max_session_label);
    a.text(r.data, max_session_data);
    a.text(r.token, max_linked_token);
}

} // namespace detail

// How the operations of this folder reach a session's octets.
struct session_access {
    static std::span<std::uint8_t> buffer(live_session& s) noexcept { return s.octets_; }
    // What of the buffer the session does not fill.
    static std::span<std::uint8_t> spare(live_session& s) noexcept { return buffer(s).subspan(s.size_); }
    // From anywhere, the session's own buffer among that.
    static result<void> read(live_session& s, bytes_view octets) noexcept {
        if (octets.size() > max_session_record) return errc::record_malformed;
        std::memmove(s.octets_, octets.data(), octets.size());
        s.size_ = octets.size();
        return detail::from_octets(s.f_, {s.octets_, s.size_});
    }
    static detail::session_record& record(live_session& s) noexcept { return s.f_; }
    static detail::session_record const& record(live_session const& s) noexcept { return s.f_; }
    static bytes_view octets(live_session const& s) noexcept { return {s.octets_, s.size_}; }
};

}}} // namespace signet::session

#endif

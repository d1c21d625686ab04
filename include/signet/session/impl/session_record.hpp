// SPDX-License-Identifier: BSL-1.0
// The octets of a login session's record, and how the operations of this folder reach them.
// The includes stand before the guard: header-only, they end with bodies that include this file and need all of it.
#include <signet/session/live_session.hpp>

#include <signet/store/record.hpp>

#include <cstring>

#ifndef SIGNET_SESSION_IMPL_SESSION_RECORD_HPP
#    define SIGNET_SESSION_IMPL_SESSION_RECORD_HPP

namespace signet { inline namespace SIGNET_ABI { namespace session {

namespace detail {

inline constexpr std::uint8_t session_format = 1, session_kind = 'S';
inline constexpr std::size_t max_session_name = 256; // user, app, client, `sid` of another
inline constexpr std::size_t max_session_label = 128;

inline bool in_range(session_fields const& f) noexcept {
    for (auto text : {f.user, f.app, f.client_id, f.idp_session})
        if (text.size() > max_session_name) return false;
    for (auto text : {f.methods, f.device, f.place})
        if (text.size() > max_session_label) return false;
    return f.data.size() <= max_session_data && f.token.size() <= max_linked_token;
}

inline bytes write_session(session_fields const& f) {
    bytes octets;
    octets.reserve(512 + f.data.size() + f.token.size());
    store::record_writer w{octets, session_format, session_kind};
    w.number(static_cast<std::uint64_t>(f.state));
    w.number(static_cast<std::uint64_t>(f.ended));
    w.number(f.level);
    w.number(f.bound);
    for (auto t :
         {f.created, f.auth_time, f.expires, f.absolute, f.last_seen, f.renewed, f.overlap_until, f.token_expires})
        w.time(t);
    w.number(f.everything);
    w.number(f.app_generation);
    w.fixed(f.sid);
    w.fixed(f.current);
    w.fixed(f.previous);
    for (std::size_t i = 0; i != 3; ++i)
        if (f.bound >> i & 1u) w.fixed(f.properties[i]);
    if (f.bound & 8u) w.fixed(f.device_key);
    for (auto text : {f.user, f.app, f.client_id, f.methods, f.idp_session, f.device, f.place, f.data, f.token})
        w.text(text);
    return octets;
}

inline result<void> read_session(bytes_view octets, session_fields& f) noexcept {
    store::record_reader r{octets, session_format, session_kind};
    f.state = static_cast<session_state>(r.number(static_cast<std::uint64_t>(session_state::ended)));
    f.ended = static_cast<end_reason>(r.number(static_cast<std::uint64_t>(end_reason::stolen)));
    f.level = static_cast<std::uint8_t>(r.number(255));
    f.bound = static_cast<std::uint8_t>(r.number(15));
    for (auto* t : {&f.created, &f.auth_time, &f.expires, &f.absolute, &f.last_seen, &f.renewed, &f.overlap_until,
                    &f.token_expires})
        *t = r.time();
    f.everything = r.number();
    f.app_generation = r.number();
    r.fixed(f.sid);
    r.fixed(f.current);
    r.fixed(f.previous);
    for (std::size_t i = 0; i != 3; ++i)
        if (f.bound >> i & 1u) r.fixed(f.properties[i]);
    if (f.bound & 8u) r.fixed(f.device_key);
    for (auto* text : {&f.user, &f.app, &f.client_id}) *text = r.text(max_session_name);
    f.methods = r.text(max_session_label);
    f.idp_session = r.text(max_session_name);
    for (auto* text : {&f.device, &f.place}) *text = r.text(max_session_label);
    f.data = r.text(max_session_data);
    f.token = r.text(max_linked_token);
    return r.finish();
}

} // namespace detail

// How the operations of this folder reach a session's octets.
struct session_access {
    static std::span<std::uint8_t> room(live_session& s) noexcept { return s.octets_; }
    static result<void> read(live_session& s, std::size_t size) noexcept {
        s.size_ = size;
        return detail::read_session({s.octets_, size}, s.f_);
    }
    static result<void> read(live_session& s, bytes_view octets) noexcept {
        if (octets.size() > max_session_record) return errc::record_malformed;
        std::memcpy(s.octets_, octets.data(), octets.size());
        return read(s, octets.size());
    }
    static bytes_view octets(live_session const& s) noexcept { return {s.octets_, s.size_}; }
    static detail::session_fields& fields(live_session& s) noexcept { return s.f_; }
    static detail::session_fields const& fields(live_session const& s) noexcept { return s.f_; }
};

}}} // namespace signet::session

#endif

// SPDX-License-Identifier: BSL-1.0
// Audit events of sessions: by a keyed hash of the sid, never by the sid.
#pragma once

#include <signet/codec/base64url.hpp>
#include <signet/session/audit.hpp>
#include <signet/session/impl/client_binding.hpp>

namespace signet { inline namespace SIGNET_ABI { namespace session { namespace detail {

inline std::string log_name(sessions_body const& b, std::span<std::uint8_t const> sid) {
    auto const tag = keyed(b.keys.current(), "signet/session/log", as_text(sid));
    return codec::base64url_encode(std::span{tag}.first(12));
}
template <class Text>
audit_event event_of(sessions_body const& b, session_event what, unix_time now, session_record_of<Text> const& r) {
    return {.at = now,
            .what = name(what),
            .ended = r.ended,
            .user = std::string{r.user},
            .app = b.app,
            .session_hash = log_name(b, r.sid)};
}

}}}} // namespace signet::session::detail

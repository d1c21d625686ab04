// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/session/session_summary.hpp>

#include <signet/codec/base64url.hpp>
#include <signet/session/impl/session_record.hpp>

namespace signet { inline namespace SIGNET_ABI { namespace session {

SIGNET_DECL result<std::optional<session_summary>> read_session_summary(bytes_view octets) {
    if (octets.size() < 2 || octets[1] != detail::session_record::kind) return std::optional<session_summary>{};
    if (octets.size() > max_session_record) return errc::record_malformed;
    detail::session_record r; // its texts point into the octets
    if (auto const good = detail::from_octets(r, octets); !good) return good.error();
    session_summary s;
    s.sid = codec::base64url_encode(r.sid);
    s.user = r.user, s.app = r.app, s.client_id = r.client_id;
    s.state = r.state, s.ended = r.ended, s.level = r.level;
    s.methods = r.methods, s.device = r.device, s.place = r.place;
    s.created = r.created, s.auth_time = r.auth_time, s.last_seen = r.last_seen, s.expires = r.expires;
    return std::optional{std::move(s)};
}

}}} // namespace signet::session

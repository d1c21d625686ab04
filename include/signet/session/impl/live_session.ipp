// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/session/live_session.hpp>

#include <signet/codec/base64url.hpp>
#include <signet/session/impl/session_record.hpp>

namespace signet { inline namespace SIGNET_ABI { namespace session {

SIGNET_DECL void live_session::assign(live_session const& other) noexcept {
    size_ = other.size_;
    std::memcpy(octets_, other.octets_, size_);
    f_ = other.f_;
    // The views follow the octets.
    for (auto* text :
         {&f_.user, &f_.app, &f_.client_id, &f_.methods, &f_.idp_session, &f_.device, &f_.place, &f_.data, &f_.token})
        if (!text->empty())
            *text = {reinterpret_cast<char const*>(octets_) +
                         (text->data() - reinterpret_cast<char const*>(other.octets_)),
                     text->size()};
}

SIGNET_DECL std::string live_session::sid() const { return codec::base64url_encode(f_.sid); }

}}} // namespace signet::session

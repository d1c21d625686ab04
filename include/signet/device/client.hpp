// SPDX-License-Identifier: BSL-1.0
// The client's side of a device session: what runs on the device, beside the key that stays there.
#pragma once

#include <signet/device/action_token.hpp>
#include <signet/device/device_session.hpp>
#include <signet/proof/challenge.hpp>

#include <string>
#include <utility>

namespace signet { inline namespace SIGNET_ABI { namespace device {

/// The client of one application on one device. It answers the server's challenges, keeps the current regular token,
/// and makes secure tokens. It sends nothing; the application transports the texts. The key may be in hardware
/// (`external_key`).
///
/// Thread safety: one thread at a time.
///
/// Example: `device_client phone{key, "shop"}; auto answer = phone.answer(challenge, "device-session"); ...
/// phone.received(info, now);`
template <signing_key K> class device_client {
public:
    /// Makes a client. `audience` is the application's name at the server.
    device_client(K key, std::string audience) : key_{std::move(key)}, audience_{std::move(audience)} {}

    /// Returns the answer to a challenge of that purpose, to begin a session and for each refresh.
    [[nodiscard]] result<std::string> answer(std::string_view challenge, std::string_view purpose) const {
        return proof::sign_challenge(key_, challenge, {.purpose = purpose, .app = audience_});
    }
    /// Stores what the server sent at the beginning or for a refresh.
    void received(device_session_info info, unix_time now) {
        info_ = std::move(info);
        received_ = now;
    }

    /// Returns the current regular token. Call it for each use instead of keeping the token. Errors:
    /// `session_token_disabled` before the beginning, or if tokens are not enabled.
    [[nodiscard]] result<std::string> session_token() const {
        if (info_.token.empty()) return errc::session_token_disabled;
        return info_.token;
    }
    /// Returns whether to refresh: the token has reached this age, or the clock went back.
    [[nodiscard]] bool wants_refresh(unix_time now,
                                     std::chrono::seconds age = std::chrono::seconds{300}) const noexcept {
        return !info_.token.empty() && (now - received_ >= age || now < received_);
    }
    /// Makes a new secure token bound to this action type. Errors: `invalid_action_lifetime`; `session_token_disabled`;
    /// `signer_failed`.
    [[nodiscard]] result<std::string> secure_session_token(std::optional<std::string_view> action_type, unix_time now,
                                                           std::chrono::seconds expiration = default_action_lifetime,
                                                           random_ref rng = system_random()) const {
        if (info_.token.empty()) return errc::session_token_disabled;
        return make_action_token(
            key_,
            {.device_session = info_.id, .audience = audience_, .action_type = action_type, .expiration = expiration},
            now, rng);
    }
    /// Returns what the server said about the session.
    [[nodiscard]] device_session_info const& session() const noexcept { return info_; }

private:
    K key_;
    std::string audience_;
    device_session_info info_{};
    unix_time received_{};
};

}}} // namespace signet::device

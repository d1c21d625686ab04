// SPDX-License-Identifier: BSL-1.0
// The client's side of a device session: what runs on the device, beside the key that stays there (A5, A12-A19).
#pragma once

#include <signet/device/action_token.hpp>
#include <signet/device/device_session.hpp>
#include <signet/proof/challenge.hpp>

#include <string>
#include <utility>

namespace signet { inline namespace SIGNET_ABI { namespace device {

/// One application on one device: it answers the server's challenges, keeps the current regular token and makes secure
/// ones. It sends nothing; texts go out and come in through the application. For one thread at a time. The key may live
/// in hardware
/// (`external_key`).
///
/// Example: `device_client phone{key, "shop"}; auto answer = phone.answer(challenge, "device-session"); ...
/// phone.received(info, now);`
template <signing_key K> class device_client {
public:
    /// `audience`: the application's name at the server.
    device_client(K key, std::string audience) : key_{std::move(key)}, audience_{std::move(audience)} {}

    /// The answer to a challenge of that purpose: to begin, and again for each refresh.
    [[nodiscard]] result<std::string> answer(std::string_view challenge, std::string_view purpose) const {
        return proof::sign_challenge(key_, challenge, {.purpose = purpose, .app = audience_});
    }
    /// What the server sent at the beginning or for a refresh.
    void received(device_session_info info, unix_time now) {
        info_ = std::move(info);
        received_ = now;
    }

    /// A14: the current regular token. `session_token_disabled` where tokens were not enabled (A12), or before the
    /// beginning. Ask each time: it is not to be kept elsewhere (A6).
    [[nodiscard]] result<std::string> session_token() const {
        if (info_.token.empty()) return errc::session_token_disabled;
        return info_.token;
    }
    /// A5: whether it is time to ask for a new one: when it has this age, or the clock went back.
    [[nodiscard]] bool wants_refresh(unix_time now,
                                     std::chrono::seconds age = std::chrono::seconds{300}) const noexcept {
        return !info_.token.empty() && (now - received_ >= age || now < received_);
    }
    /// A15-A19: a new secure token, bound to this action type. Errors: `invalid_action_lifetime`,
    /// `session_token_disabled`, `signer_failed`.
    [[nodiscard]] result<std::string> secure_session_token(std::optional<std::string_view> action_type, unix_time now,
                                                           std::chrono::seconds expiration = default_action_lifetime,
                                                           random_ref rng = system_random()) const {
        if (info_.token.empty()) return errc::session_token_disabled;
        return make_action_token(
            key_,
            {.device_session = info_.id, .audience = audience_, .action_type = action_type, .expiration = expiration},
            now, rng);
    }
    /// What the server said of the session.
    [[nodiscard]] device_session_info const& session() const noexcept { return info_; }

private:
    K key_;
    std::string audience_;
    device_session_info info_{};
    unix_time received_{};
};

}}} // namespace signet::device

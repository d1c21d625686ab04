// SPDX-License-Identifier: BSL-1.0
// The client's side of a device session: what runs on the device, beside the key that stays there.
#pragma once

#include <signet/device/action_token.hpp>
#include <signet/device/device_session.hpp>
#include <signet/proof/challenge.hpp>

#include <concepts>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace signet { inline namespace SIGNET_ABI { namespace device {

/// How a `device_client` reaches its server: an object of yours with two functions. Each fetches a challenge, answers
/// it with `client.answer`, and returns what the server sent, or its error. `refresh` also sends the given token.
template <class Server, class Client>
concept device_server = requires(Server& server, Client const& client, std::string_view token) {
    { server.begin(client) } -> std::same_as<result<device_session_info>>;
    { server.refresh(client, token) } -> std::same_as<result<device_session_info>>;
};

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
        if (info.id != info_.id) next_batch_ = 0;
        info_ = std::move(info);
        received_ = now;
    }

    /// Returns the current regular token. Call it for each use instead of keeping the token. Errors:
    /// `session_token_disabled` before the beginning, or if tokens are not enabled.
    [[nodiscard]] result<std::string> session_token() const {
        if (info_.token.empty()) return errc::session_token_disabled;
        return info_.token;
    }
    /// Returns the current regular token. If necessary it first begins or refreshes the session: at the first call,
    /// when the token is `refresh_age` old, and after the session's end.
    ///
    /// Errors: those of the server, after which the same call tries again, and `session_token()` still returns the
    /// token that is held; `session_token_disabled` if the server enabled no tokens.
    ///
    /// Example: `auto const token = phone.session_token(server, now);`
    template <device_server<device_client> Server>
    [[nodiscard]] result<std::string> session_token(Server& server, unix_time now) {
        if (auto live = keep_alive(server, now); !live) return live.error();
        return session_token();
    }
    /// Makes a new secure token bound to this action type. If necessary it first begins or refreshes the session.
    template <device_server<device_client> Server>
    [[nodiscard]] result<std::string> secure_session_token(Server& server, std::optional<std::string_view> action_type,
                                                           unix_time now,
                                                           std::chrono::seconds expiration = default_action_lifetime,
                                                           random_ref rng = system_random()) {
        if (auto live = keep_alive(server, now); !live) return live.error();
        return secure_session_token(action_type, now, expiration, rng);
    }
    /// Begins or refreshes the session if necessary, as `session_token` does. Call it from a timer.
    template <device_server<device_client> Server>
    [[nodiscard]] result<void> keep_alive(Server& server, unix_time now) {
        // Where its end was past already when it was received, the clocks differ: the server says when it is over.
        bool const is_past = info_.expires > received_ && now >= info_.expires;
        bool const begins = info_.id.empty() || is_past;
        if (!begins && !wants_refresh(now)) return {};
        auto const& self = *this;
        std::string const token = info_.token; // a server that calls `received` itself changes ours
        auto got = begins ? server.begin(self) : server.refresh(self, token);
        if (!begins && !got && is_over(got.error())) got = server.begin(self); // it ended at the server
        if (!got) return got.error();
        received(*std::move(got), now);
        return {};
    }

    /// Returns whether to refresh: the token has reached this age, or the clock went back.
    [[nodiscard]] bool wants_refresh(unix_time now, std::chrono::seconds age = refresh_age) const noexcept {
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
    /// Returns the next batch of telemetry of this session. Send it with the session's token, and repeat that until the
    /// server accepts it or says `replayed`. Numbers begin at 0 in each session and each object, so do not continue a
    /// session in another object. Errors: those of `write_telemetry`, which use up no number; `out_of_range` before the
    /// session begins.
    [[nodiscard]] result<std::string> telemetry(std::vector<telemetry_event> const& events) {
        auto json = write_telemetry({info_.id, next_batch_, events});
        if (json) ++next_batch_;
        return json;
    }
    /// Returns what the server said about the session.
    [[nodiscard]] device_session_info const& session() const noexcept { return info_; }

    /// The age at which a token is refreshed: half of a regular token's usual lifetime.
    static constexpr std::chrono::seconds refresh_age{300};

private:
    // Why a session cannot be refreshed, and a new one can begin.
    static bool is_over(error why) noexcept {
        return why == errc::session_unknown || why == errc::session_ended || why == errc::session_expired ||
               why == errc::expired;
    }

    K key_;
    std::string audience_;
    device_session_info info_{};
    unix_time received_{};
    std::uint32_t next_batch_ = 0; // of telemetry
};

}}} // namespace signet::device

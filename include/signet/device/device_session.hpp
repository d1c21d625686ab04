// SPDX-License-Identifier: BSL-1.0
// Device sessions: a device from initialisation to expiry, whoever uses it; and the actions that are triggered in them
// (A1-A29).
#pragma once

#include <signet/core/random.hpp>
#include <signet/core/secret.hpp>
#include <signet/core/transition_table.hpp>
#include <signet/crypto/random.hpp>
#include <signet/crypto/signing_key.hpp>
#include <signet/device/action_token.hpp>
#include <signet/device/registry.hpp>
#include <signet/jwt/any_verifier.hpp>
#include <signet/jwt/signer.hpp>
#include <signet/proof/device_key.hpp>
#include <signet/store/task.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace signet { inline namespace SIGNET_ABI { namespace device {

/// The life of a device session; users come and go within it (A4).
enum class device_session_state : std::uint8_t { anonymous, identified, expired, ended };
/// What can happen to it.
enum class device_session_event : std::uint8_t { use, refresh, set_user, clear_user, lifetime_over, end };

/// As in the picture; literals.
inline constexpr auto device_session_state_names = make_enum_names<device_session_state>({
    {device_session_state::anonymous, "anonymous"},
    {device_session_state::identified, "identified"},
    {device_session_state::expired, "expired"},
    {device_session_state::ended, "ended"},
});
[[nodiscard]] constexpr std::string_view name(device_session_state s) noexcept { return device_session_state_names[s]; }
/// As in the picture; literals.
inline constexpr auto device_session_event_names = make_enum_names<device_session_event>({
    {device_session_event::use, "use"},
    {device_session_event::refresh, "refresh"},
    {device_session_event::set_user, "set user"},
    {device_session_event::clear_user, "clear user"},
    {device_session_event::lifetime_over, "lifetime over"},
    {device_session_event::end, "end"},
});
[[nodiscard]] constexpr std::string_view name(device_session_event e) noexcept { return device_session_event_names[e]; }

/// The lifecycle; docs/reference/lifecycles.md draws it.
inline constexpr auto device_session_lifecycle = [] {
    using s = device_session_state;
    using e = device_session_event;
    return make_transition_table<s, e>(
        s::anonymous,
        {
            {s::anonymous, e::use, s::anonymous, "events need no user (A1)"},
            {s::identified, e::use, s::identified, "events are the user's (A9)"},
            {s::anonymous, e::refresh, s::anonymous, "a new token for the same session (A5)"},
            {s::identified, e::refresh, s::identified, "a new token for the same session (A5)"},
            {{s::anonymous, s::identified},
             e::set_user,
             s::identified,
             "a login was reported; another user may follow (A4, A9)"},
            {{s::anonymous, s::identified}, e::clear_user, s::anonymous, "later events carry no user (A11)"},
            {{s::anonymous, s::identified}, e::lifetime_over, s::expired, "the user is cleared with it (A10)"},
            {{s::anonymous, s::identified}, e::end, s::ended, "by the application"},
        });
}();
static_assert(device_session_lifecycle.terminal(device_session_state::expired) &&
              device_session_lifecycle.terminal(device_session_state::ended));
static_assert(device_session_lifecycle.entered_only_by(device_session_state::identified,
                                                       device_session_event::set_user),
              "A9 nobody is identified but by a reported login");

/// Where the application runs; told by the client, so a label and no evidence.
enum class platform : std::uint8_t { web, android, ios };

/// What an action demands (A23).
struct action_rule {
    std::string action_type;       ///< such as "transaction"
    bool secure = true;            ///< a secure token is demanded
    bool single_use = true;        ///< and works once ([pub]: anti-replay)
    bool accept_unbound = false;   ///< a secure token bound to no action type is enough
    bool demand_key_proof = false; ///< the key is proved in the same request, the regular token is not enough
};

/// How many sessions that have not expired may be pinned to one key.
inline constexpr std::size_t max_key_sessions = 1024;

/// Lifetimes, and which actions are dangerous.
struct device_session_policy {
    std::chrono::seconds lifetime{86'400};            ///< of a session, from its beginning
    std::chrono::seconds token_lifetime{600};         ///< of a regular token (A6)
    std::chrono::seconds refresh_after{300};          ///< its age from which a call gets a new one (A5)
    std::chrono::seconds leeway{5};                   ///< between the device's clock and ours
    std::chrono::seconds remember_actions{2'592'000}; ///< A28: how long an action can be asked about
    std::vector<action_rule> actions{};               ///< what is not named here takes a regular token (A23, A24)
    /// Where given: at every use of a session that has a key and a user, the user's registry is asked about that key. A
    /// device that is blocked or suspended there is refused; one that is not registered goes on.
    std::optional<device_registry> devices{};
};

/// What initialisation gives to the client.
struct device_session_info {
    std::string id;    ///< 22 characters; names the session and proves nothing
    std::string token; ///< the regular token (A14); empty where tokens were not enabled (A12). Never to be cached (A6)
    device_session_state state = device_session_state::anonymous;
    std::string user{}; ///< empty: nobody
    unix_time expires{};

    friend void wipe_secrets(device_session_info& s) noexcept { wipe_text(s.token); }
};

/// A device session that was authenticated in this request, by its regular token or by its key; only `device_sessions`
/// makes one.
class authenticated_device {
public:
    /// The session, its user (empty while nobody is logged in) and the thumbprint of the key it is pinned to.
    [[nodiscard]] std::string const& id() const noexcept { return id_; }
    [[nodiscard]] std::string const& user() const noexcept { return user_; }
    [[nodiscard]] crypto::sha256_digest const& key_thumbprint() const noexcept { return key_; }

private:
    friend class device_sessions;
    friend struct device_session_access;
    authenticated_device(std::string id, std::string user, crypto::sha256_digest const& key)
        : id_{std::move(id)}, user_{std::move(user)}, key_{key} {}
    std::string id_, user_;
    crypto::sha256_digest key_;
};

/// A backend's call "trigger an action" ([pub] field names).
struct action_request {
    std::string session_token;           ///< required (A8)
    std::string secured_session_token{}; ///< where the action demands one (A23)
    std::string action_type;             ///< required
    bool get_recommendation = false;     ///< a query parameter

    /// From the JSON body. `session_token_missing`, `json_*`; unknown members are ignored.
    [[nodiscard]] static SIGNET_DECL result<action_request> parse(std::string_view body);
};

/// What was triggered.
struct triggered_action {
    std::string
        action_id; ///< A28: asks for a recommendation with, right after or later, also after the session's expiry
    std::string device_session;
    std::string action_type;
    std::string user{};  ///< A9: whoever is associated, or nobody
    bool secure = false; ///< a secure token was shown and held
    unix_time at{};
};

/// The device sessions of one application. It holds no sessions; every call returns an operation for the store.
///
/// The regular token is signed by the server's key; a secure one by the device's own key, which was pinned when the
/// session began, so that a copy of it is of no use with another device. Outward, the refusals have the statuses of
/// `role::action`: 401, and 403 "Action type mismatch" (`message(errc::action_mismatch)`), told only of an otherwise
/// authentic token.
///
/// Thread safety: may be called concurrently; copies share one body.
/// Lifetime: arguments are copied; an operation needs neither them nor this object.
/// Memory: the frames of an operation come from `frames` if given.
///
/// @par Example
/// `auto sessions = device_sessions::make(key, "k1", "https://risk.example.com", "shop", {.actions =
/// {{.action_type = "transaction"}}});`
class device_sessions {
public:
    /// Errors: `wrong_key_type`, `out_of_range` (a policy that cannot be kept).
    template <asymmetric A>
    [[nodiscard]] static result<device_sessions> make(local_key<A> const& key, std::string key_id, std::string issuer,
                                                      std::string app, device_session_policy policy = {}) {
        return make(key.key(), A::id, std::move(key_id), std::move(issuer), std::move(app), std::move(policy));
    }

    /// A1: exactly one session, for a device whose key was proved in this request (the challenge's purpose is the
    /// caller's). Errors: `possession_missing` (another key, or proved by another algorithm than it is pinned to);
    /// `session_limit_reached` (`max_key_sessions`); `session_ended` (`end_by_key` came between).
    [[nodiscard]] SIGNET_DECL store::task<device_session_info> begin(proof::device_key key,
                                                                     proof::verified_key const& proved,
                                                                     device::platform on, bool enable_session_token,
                                                                     unix_time now, random_ref rng = system_random(),
                                                                     std::pmr::memory_resource* frames = nullptr) const;
    /// By name: a device without a key. It has regular tokens only (A24). Without tokens either, nothing could be done
    /// with its session: `session_token_disabled`.
    [[nodiscard]] SIGNET_DECL store::task<device_session_info> begin_without_key(
        device::platform on, bool enable_session_token, unix_time now, random_ref rng = system_random(),
        std::pmr::memory_resource* frames = nullptr) const;

    /// A5, A14: the current token, a new one where it has become old. `token` is the last one that was given; it may
    /// have expired up to `token_lifetime` ago, as long as the session lives. Where the session has a key, `proved` is
    /// it. Errors: the verifier's, `session_token_disabled`, `session_unknown` (also after its expiry, when its record
    /// is gone), `session_ended`, `possession_missing` (nothing proved, or by another algorithm than the key is pinned
    /// to), `device_mismatch`, and where the policy names the devices `device_blocked` or `device_suspended`.
    [[nodiscard]] SIGNET_DECL store::task<device_session_info> refresh(
        std::string_view token, proof::verified_key const* proved, unix_time now,
        std::pmr::memory_resource* frames = nullptr) const;

    /// Verifies a regular token and looks its session up (A25). `device_mismatch` where the token names another key;
    /// `device_blocked` or `device_suspended` where the policy names the devices and the user's says so.
    [[nodiscard]] SIGNET_DECL store::task<authenticated_device> authenticate(
        std::string_view token, unix_time now, std::pmr::memory_resource* frames = nullptr) const;

    /// A8, A12: the session of this id, by its key, which was proved in this request: the way into a session without
    /// tokens, and one into every session that has a key. The challenge's purpose is the caller's; bind it to the
    /// session. Errors: `session_unknown`, `device_mismatch` (the session has another key, or none),
    /// `possession_missing` (proved by another algorithm), `session_ended`, `session_expired`, and the device's state
    /// as in `authenticate`.
    [[nodiscard]] SIGNET_DECL store::task<authenticated_device> authenticate_by_key(
        std::string_view id, proof::verified_key const& proved, unix_time now,
        std::pmr::memory_resource* frames = nullptr) const;

    /// A9: after full authentication, second factor included. The id is opaque, at most 256 octets.
    [[nodiscard]] SIGNET_DECL store::task<device_session_info> set_user(
        authenticated_device const& device, std::string user, unix_time now,
        std::pmr::memory_resource* frames = nullptr) const;
    /// A11.
    [[nodiscard]] SIGNET_DECL store::task<device_session_info> clear_user(
        authenticated_device const& device, unix_time now, std::pmr::memory_resource* frames = nullptr) const;
    [[nodiscard]] SIGNET_DECL store::task<device_session_info> end(authenticated_device const& device, unix_time now,
                                                                   std::pmr::memory_resource* frames = nullptr) const;

    /// Ends all sessions that are pinned to this key, by its thumbprint, and those that are beginning: for a device
    /// that was blocked or removed. Block first. Gives the ids of those that lived. Where the store failed in between,
    /// some are ended: the same call goes on with the others.
    [[nodiscard]] SIGNET_DECL store::task<std::vector<std::string>> end_by_key(
        crypto::sha256_digest const& key, unix_time now, std::pmr::memory_resource* frames = nullptr) const;

    /// A8, A20, A23, A27: a backend's event. Judged in this order: the regular token and its session; then, where the
    /// action demands it, the secure token: signature, type, expiry, device binding, action, replay.
    ///
    /// One secure token makes one action. Where the store failed after the token was used up and before the action was
    /// written, the same call makes that action; where the action was written and its answer lost, it is `replayed`.
    ///
    /// Errors: `session_token_missing`, those of `authenticate` (the device's state among them),
    /// `action_token_required`, `platform_unsupported` (A26), `device_mismatch` (also for a signature that is not the
    /// pinned key's), `wrong_type`, `expired`, `action_lifetime_exceeded`, `possession_missing`, `action_mismatch`,
    /// `replayed`, and the store's.
    [[nodiscard]] SIGNET_DECL store::task<triggered_action> trigger(action_request request, unix_time now,
                                                                    proof::verified_key const* proved = nullptr,
                                                                    random_ref rng = system_random(),
                                                                    std::pmr::memory_resource* frames = nullptr) const;
    /// A8: an event from the SDK inside the session: the device is known already, a token is not needed.
    [[nodiscard]] SIGNET_DECL store::task<triggered_action> report(authenticated_device const& device,
                                                                   std::string action_type, unix_time now,
                                                                   random_ref rng = system_random(),
                                                                   std::pmr::memory_resource* frames = nullptr) const;
    /// A28: an action that was triggered, also after its session has expired. `session_unknown`.
    [[nodiscard]] SIGNET_DECL store::task<triggered_action> find_action(
        std::string_view action_id, unix_time now, std::pmr::memory_resource* frames = nullptr) const;

    struct body; ///< impl/device_session.ipp

private:
    [[nodiscard]] static SIGNET_DECL result<device_sessions> make(private_key key, alg a, std::string key_id,
                                                                  std::string issuer, std::string app,
                                                                  device_session_policy policy);
    explicit device_sessions(std::shared_ptr<body const> b) noexcept : body_{std::move(b)} {}
    std::shared_ptr<body const> body_;
};

}}} // namespace signet::device

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/device/impl/device_session.ipp>
#endif

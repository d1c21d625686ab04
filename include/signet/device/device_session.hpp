// SPDX-License-Identifier: BSL-1.0
// Device sessions, from initialisation to expiry, for any number of users; and the actions that are triggered in them.
#pragma once

#include <signet/core/random.hpp>
#include <signet/core/secret.hpp>
#include <signet/core/transition_table.hpp>
#include <signet/crypto/mac_keys.hpp>
#include <signet/crypto/random.hpp>
#include <signet/crypto/signing_key.hpp>
#include <signet/device/action_token.hpp>
#include <signet/device/registry.hpp>
#include <signet/device/telemetry.hpp>
#include <signet/jwt/signer.hpp>
#include <signet/proof/device_key.hpp>
#include <signet/store/task.hpp>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace signet { inline namespace SIGNET_ABI { namespace device {

/// The state of a device session. Users come and go within one session.
enum class device_session_state : std::uint8_t { anonymous, identified, expired, ended };
/// An event in the life of a device session.
enum class device_session_event : std::uint8_t { use, refresh, set_user, clear_user, lifetime_over, end };

/// The names of the states, as in the diagram.
inline constexpr auto device_session_state_names = make_enum_names<device_session_state>({
    {device_session_state::anonymous, "anonymous"},
    {device_session_state::identified, "identified"},
    {device_session_state::expired, "expired"},
    {device_session_state::ended, "ended"},
});
[[nodiscard]] constexpr std::string_view name(device_session_state s) noexcept { return device_session_state_names[s]; }
/// The names of the events, as in the diagram.
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

/// Where the application runs. The client says it, so it is not evidence.
enum class platform : std::uint8_t { web, android, ios };

/// The requirements of an action.
struct action_rule {
    std::string action_type;       ///< such as "transaction"
    bool secure = true;            ///< whether a secure token is required
    bool single_use = true;        ///< whether the secure token works once
    bool accept_unbound = false;   ///< whether a secure token that is bound to no action type is enough
    bool demand_key_proof = false; ///< whether the key must be proved in the same request
};

/// A key that signed regular tokens before the current one.
struct former_signing_key {
    std::string key_id; ///< the `kid` of its tokens
    public_key key;
    alg algorithm = alg::es256;
};

/// How many sessions that have not expired may be pinned to one key.
inline constexpr std::size_t max_key_sessions = 1024;

/// The longest of a policy's durations: a century.
inline constexpr std::chrono::seconds max_device_duration{3'155'760'000};

/// The lifetimes and the actions of a service.
struct device_session_policy {
    std::chrono::seconds lifetime{86'400};            ///< of a session, from its beginning
    std::chrono::seconds token_lifetime{600};         ///< of a regular token
    std::chrono::seconds refresh_after{300};          ///< the age of a token from which a call returns a new one
    std::chrono::seconds leeway{5};                   ///< between the device's clock and the server's
    std::chrono::seconds remember_actions{2'592'000}; ///< how long an action can be looked up
    std::chrono::seconds remember_telemetry{86'400};  ///< how long a batch of telemetry can be read
    /// The shortest average time between batches of telemetry: batch n is accepted n times this duration after the
    /// session's beginning.
    std::chrono::seconds telemetry_every{10};
    std::vector<action_rule> actions{}; ///< actions that are not named here require a regular token
    /// If set, every use of a session with a key and a user looks the key up in this registry. A device that is blocked
    /// or suspended there is refused; a device that is not registered is allowed.
    std::optional<device_registry> devices{};
    /// The server's former keys, at most `max_former_keys`: regular tokens that they signed are accepted until they
    /// expire. `refresh` issues tokens of the current key.
    std::vector<former_signing_key> former_keys{};
};

/// What the client receives at the beginning and for a refresh.
struct device_session_info {
    std::string id;    ///< 22 characters; names the session and proves nothing
    std::string token; ///< the regular token; empty if tokens are not enabled. Must not be cached
    device_session_state state = device_session_state::anonymous;
    std::string user{}; ///< empty if no user is set
    unix_time expires{};

    friend void wipe_secrets(device_session_info& s) noexcept { wipe_text(s.token); }
};

/// A device session that was authenticated in this request by its regular token or by its key. Only `device_sessions`
/// makes one.
class authenticated_device {
public:
    /// Return the session, its user (empty while nobody is logged in), and the thumbprint of its key.
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

/// The type of the action that `report_login` reports.
inline constexpr std::string_view login_action_type = "login";

/// The result of an action.
struct triggered_action {
    std::string action_id; ///< for `find_action`, also after the end of the session
    std::string device_session;
    std::string action_type;
    std::string user{};  ///< the user of the session, or the one that the request names; or empty
    bool secure = false; ///< whether a secure token was verified
    unix_time at{};
    /// For an action without a user: who logged in next in the session, or empty. Only `find_action` sets it. Use it
    /// only for risk engines: nobody had proved to be that user when the action was triggered.
    std::string later_user{};
};

/// The device sessions of one application. It holds no sessions; every call returns an operation for the store.
///
/// The server's key signs regular tokens. The device's own key, which was pinned when the session began, signs secure
/// tokens, so a copy does not work with another device. The HTTP statuses of refusals are those of `role::action`. The
/// status 403 "Action type mismatch" (`message(errc::action_mismatch)`) is returned only for a token that is otherwise
/// valid.
///
/// Thread safety: may be called concurrently; copies share one body.
/// Lifetime: arguments are copied; an operation needs neither them nor this object.
/// Memory: the frames of an operation come from `frames` if given.
///
/// @par Example
/// `auto sessions = device_sessions::make(key, "k1", "https://risk.example.com", "shop", {.actions = {{.action_type =
/// "transaction"}}});`
class device_sessions {
public:
    /// Makes the sessions of one application. Errors: `wrong_key_type`; `out_of_range` for a policy that contradicts
    /// itself, and for a duration beyond `max_device_duration`.
    template <asymmetric A>
    [[nodiscard]] static result<device_sessions> make(local_key<A> const& key, std::string key_id, std::string issuer,
                                                      std::string app, device_session_policy policy = {}) {
        return make(key.key(), A::id, std::move(key_id), std::move(issuer), std::move(app), std::move(policy));
    }

    /// Begins a session for a device whose key was proved in this request. The caller chooses the purpose of the
    /// challenge.
    ///
    /// Errors: `possession_missing` if another key was proved, or by another algorithm than the key is pinned to;
    /// `session_limit_reached` beyond `max_key_sessions`; `session_ended` if `end_by_key` ran meanwhile.
    [[nodiscard]] SIGNET_DECL store::task<device_session_info> begin(proof::device_key key,
                                                                     proof::verified_key const& proved,
                                                                     device::platform on, bool enable_session_token,
                                                                     unix_time now, random_ref rng = system_random(),
                                                                     std::pmr::memory_resource* frames = nullptr) const;
    /// Begins a session for a device without a key. It has regular tokens only. Errors: `session_token_disabled`
    /// without tokens, because such a session could not be used.
    [[nodiscard]] SIGNET_DECL store::task<device_session_info> begin_without_key(
        device::platform on, bool enable_session_token, unix_time now, random_ref rng = system_random(),
        std::pmr::memory_resource* frames = nullptr) const;

    /// Returns the current token, or a new one if that is older than `refresh_after`. `token` is the last one that was
    /// issued; it may have expired up to `token_lifetime` ago. For a session with a key, `proved` is required.
    ///
    /// Errors: those of the verifier; `session_token_disabled`; `session_unknown`, also after the record of an expired
    /// session is gone; `session_ended`; `possession_missing` if nothing was proved, or by another algorithm than the
    /// key is pinned to; `device_mismatch`; `device_blocked` and `device_suspended` if the policy has `devices`.
    [[nodiscard]] SIGNET_DECL store::task<device_session_info> refresh(
        std::string_view token, proof::verified_key const* proved, unix_time now,
        std::pmr::memory_resource* frames = nullptr) const;

    /// Verifies a regular token and finds its session. Errors: those of the verifier and of `refresh`;
    /// `device_mismatch` if the token names another key.
    [[nodiscard]] SIGNET_DECL store::task<authenticated_device> authenticate(
        std::string_view token, unix_time now, std::pmr::memory_resource* frames = nullptr) const;

    /// Finds the session of this id by its key, which was proved in this request. Sessions without tokens are used this
    /// way; it works for every session with a key. The caller chooses the purpose of the challenge and binds it to the
    /// session.
    ///
    /// Errors: `session_unknown`; `device_mismatch` if the session has another key or none; `possession_missing` if it
    /// was proved by another algorithm; `session_ended`; `session_expired`; the device's state as in `authenticate`.
    [[nodiscard]] SIGNET_DECL store::task<authenticated_device> authenticate_by_key(
        std::string_view id, proof::verified_key const& proved, unix_time now,
        std::pmr::memory_resource* frames = nullptr) const;

    /// Sets the user, after a complete authentication. The user is opaque and has at most 256 octets. Of actions that
    /// the session triggered since it began, or since its user was cleared, `find_action` then gives this user as
    /// `later_user`, if nobody else logged in before.
    [[nodiscard]] SIGNET_DECL store::task<device_session_info> set_user(
        authenticated_device const& device, std::string user, unix_time now,
        std::pmr::memory_resource* frames = nullptr) const;
    /// Removes the user from the session.
    [[nodiscard]] SIGNET_DECL store::task<device_session_info> clear_user(
        authenticated_device const& device, unix_time now, std::pmr::memory_resource* frames = nullptr) const;
    [[nodiscard]] SIGNET_DECL store::task<device_session_info> end(authenticated_device const& device, unix_time now,
                                                                   std::pmr::memory_resource* frames = nullptr) const;

    /// Ends all sessions that are pinned to the key with this thumbprint, including those that are just beginning. Call
    /// it after the device was blocked or removed. Returns the ids of the sessions that it ended. If the store fails,
    /// some may have ended; repeat the call to end the others.
    [[nodiscard]] SIGNET_DECL store::task<std::vector<std::string>> end_by_key(
        crypto::sha256_digest const& key, unix_time now, std::pmr::memory_resource* frames = nullptr) const;

    /// Triggers an action for a backend. It checks the regular token and its session first. If the action requires it,
    /// it then checks the secure token: signature, type, expiry, device, action and replay, in this order.
    ///
    /// One secure token triggers one action. If the store failed after the token was used up and before the action was
    /// written, repeat the call. If the action was written and only the answer was lost, a repeated call is `replayed`.
    ///
    /// Errors: `session_token_missing`; those of `authenticate`; `action_token_required`; `platform_unsupported`;
    /// `device_mismatch`, also for a signature by another key than the pinned one; `wrong_type`; `expired`;
    /// `action_lifetime_exceeded`; `possession_missing`; `action_mismatch`; `replayed`; `out_of_range`; those of the
    /// store.
    ///
    /// If the request names a user, the device must not be blocked for that user, and the session gets that user after
    /// the action was written. If the store fails in between, the action exists; call `set_user`.
    [[nodiscard]] SIGNET_DECL store::task<triggered_action> trigger(action_request request, unix_time now,
                                                                    proof::verified_key const* proved = nullptr,
                                                                    random_ref rng = system_random(),
                                                                    std::pmr::memory_resource* frames = nullptr) const;
    /// Reports an event from within the session. The device is authenticated already, so no token is needed. The
    /// policy's `actions` are not applied: what they demand a secure token for, do only after `trigger`.
    [[nodiscard]] SIGNET_DECL store::task<triggered_action> report(authenticated_device const& device,
                                                                   std::string action_type, unix_time now,
                                                                   random_ref rng = system_random(),
                                                                   std::pmr::memory_resource* frames = nullptr) const;
    /// Reports a completed login: an action of type `login_action_type`, and the session's user from then on, as by
    /// `set_user`. If the store fails in between, the user is set; repeat the call to report the login. After
    /// `outcome_unknown` the login may then be reported twice.
    ///
    /// Errors: those of `set_user` and `report`; the device's state in the registry of this user.
    ///
    /// Example: `auto login = run(sessions.report_login(device, "anna", now), db);`
    [[nodiscard]] SIGNET_DECL store::task<triggered_action> report_login(
        authenticated_device const& device, std::string user, unix_time now, random_ref rng = system_random(),
        std::pmr::memory_resource* frames = nullptr) const;
    /// Finds an action that was triggered, also after the end of its session. Errors: `session_unknown`.
    [[nodiscard]] SIGNET_DECL store::task<triggered_action> find_action(
        std::string_view action_id, unix_time now, std::pmr::memory_resource* frames = nullptr) const;

    /// Stores a batch of telemetry of the session, each number once. Nothing in it is verified. Process the batch only
    /// after this succeeded.
    ///
    /// Errors: those of `report`; `out_of_range` for a batch that `write_telemetry` would refuse; `device_mismatch` for
    /// one of another session; `telemetry_too_early` for a number before its time; `replayed` for one that was kept
    /// before.
    [[nodiscard]] SIGNET_DECL store::task<void> report_telemetry(authenticated_device const& device,
                                                                 telemetry_batch batch, unix_time now,
                                                                 std::pmr::memory_resource* frames = nullptr) const;
    /// Returns a batch that was kept, also after the end of its session. Errors: `session_unknown`.
    [[nodiscard]] SIGNET_DECL store::task<telemetry_batch> find_telemetry(
        std::string_view session_id, std::uint32_t number, unix_time now,
        std::pmr::memory_resource* frames = nullptr) const;

    struct body; ///< defined in impl/device_session.ipp

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

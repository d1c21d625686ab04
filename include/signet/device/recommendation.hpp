// SPDX-License-Identifier: BSL-1.0
// What to do about an action: what is known of it, and a set of rules as an example.
#pragma once

#include <signet/core/enum_names.hpp>
#include <signet/device/device_session.hpp>
#include <signet/device/registry.hpp>

#include <array>
#include <optional>
#include <string_view>

namespace signet { inline namespace SIGNET_ABI { namespace device {

/// What is known about an action, for a decision about it. `recommend` makes one; you can write your own function of
/// this.
struct action_context {
    triggered_action action;
    /// The user's registered device that has the key; none if it is not registered, or the action has no user.
    std::optional<registered_device> device{};
    /// Whether the key is that of a device that was removed while it was blocked, or the user's devices are suspended.
    bool refused = false;
    /// How many users have registered this key under this key id: 0 if the user has not; empty if it is not known,
    /// because the registry does not index key ids, or did not when the device was registered. Users who registered the
    /// key under another key id are not counted. Users of the key id whose record cannot be read are counted.
    std::optional<std::size_t> users{};
    /// Whether the action came from where the user usually is. The application sets it. Empty: not known.
    std::optional<bool> usual_place{};
    /// What the request says about the device, set by the application. They are compared with those of the
    /// registration; empty: not known, which is no risk.
    std::string fingerprint{}, manufacturer_id{};
};

/// Gathers what is known about an action, at once or later: it needs neither the session nor its token. `key` is
/// `authenticated_device::key_thumbprint` of the action's session: store it with the action.
///
/// It writes nothing. It reads the user's devices and, if the registry indexes key ids, those of each user of the key
/// id, at most `max_key_id_users`. Errors: those of the store.
///
/// @par Example
/// `auto const known = run(gather_context(devices, *action, in->key_thumbprint(), now), db);`
/// `if (!known || recommend(*known, now).what == recommendation::deny) return refuse();`
[[nodiscard]] SIGNET_DECL store::task<action_context> gather_context(device_registry const& registry,
                                                                     triggered_action action,
                                                                     crypto::sha256_digest const& key, unix_time now,
                                                                     std::pmr::memory_resource* frames = nullptr);

/// What to do, from the mildest to the strictest.
enum class recommendation : std::uint8_t {
    allow,
    challenge, ///< ask the user for more evidence, such as for `step_up`
    deny,
};

/// A risk of an action.
enum class action_risk : std::uint8_t {
    unknown_device,
    new_device,
    blocked_device,
    many_users,
    unusual_place,
    other_identifiers, ///< the key is the device's, but its fingerprint or manufacturer's id is another one
};
inline constexpr std::size_t action_risks = 6;

/// The names, for logs.
inline constexpr auto recommendation_names = make_enum_names<recommendation>({
    {recommendation::allow, "allow"},
    {recommendation::challenge, "challenge"},
    {recommendation::deny, "deny"},
});
[[nodiscard]] constexpr std::string_view name(recommendation r) noexcept { return recommendation_names[r]; }
inline constexpr auto action_risk_names = make_enum_names<action_risk>({
    {action_risk::unknown_device, "unknown device"},
    {action_risk::new_device, "new device"},
    {action_risk::blocked_device, "blocked device"},
    {action_risk::many_users, "many users on one device"},
    {action_risk::unusual_place, "unusual place"},
    {action_risk::other_identifiers, "other identifiers"},
});
[[nodiscard]] constexpr std::string_view name(action_risk r) noexcept { return action_risk_names[r]; }

/// A recommendation, and the risks that it was given for.
struct recommended {
    recommendation what = recommendation::allow;
    std::array<bool, action_risks> because{}; ///< by `action_risk`

    /// Returns whether that risk was seen.
    [[nodiscard]] constexpr bool is_because_of(action_risk r) const noexcept {
        return because[static_cast<std::size_t>(r)];
    }
};

/// What each risk leads to.
struct risk_outcomes {
    recommendation unknown_device = recommendation::challenge;
    recommendation new_device = recommendation::challenge;
    recommendation blocked_device = recommendation::deny;
    recommendation many_users = recommendation::challenge;
    recommendation unusual_place = recommendation::challenge;
    recommendation other_identifiers = recommendation::challenge;

    /// Returns what that risk leads to; `deny` for a value that is no risk.
    [[nodiscard]] constexpr recommendation operator[](action_risk r) const noexcept {
        switch (r) {
        case action_risk::unknown_device: return unknown_device;
        case action_risk::new_device: return new_device;
        case action_risk::blocked_device: return blocked_device;
        case action_risk::many_users: return many_users;
        case action_risk::unusual_place: return unusual_place;
        case action_risk::other_identifiers: return other_identifiers;
        }
        return recommendation::deny;
    }
};

/// The limits and outcomes that `recommend` uses.
struct recommendation_rules {
    std::chrono::seconds new_for{86'400}; ///< how long a device counts as new after its registration
    std::size_t many_users = 4;           ///< from this number of users on, they are a risk
    risk_outcomes leads_to{};
};

/// Recommends by rules: it checks every risk, and the strictest outcome decides. What is unknown is no risk, except
/// that a device is not registered.
[[nodiscard]] SIGNET_DECL recommended recommend(action_context const& context, unix_time now,
                                                recommendation_rules const& rules = {}) noexcept;

}}} // namespace signet::device

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/device/impl/recommendation.ipp>
#endif

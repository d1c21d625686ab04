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

/// What is known of an action when somebody asks what to do about it. A function of yours from this to a
/// `recommendation` decides; `recommend` is one.
struct action_context {
    triggered_action action;
    /// The user's registered device that has the key; none if it is not registered, or the action has no user.
    std::optional<registered_device> device{};
    /// Whether the key is that of a device that was removed while it was blocked, or the user's devices are suspended.
    bool refused = false;
    /// How many users have registered this key under this key id: 0 if the user has not; empty if it is not known,
    /// because the registry does not index key ids, or did not when the device was registered. Who registers the key
    /// under another key id is not counted. Users of the key id whose record cannot be read are counted.
    std::optional<std::size_t> users{};
    /// Whether the action came from where the user usually is. The application sets it. Empty: not known.
    std::optional<bool> usual_place{};
    /// What the request says of the device, set by the application; empty: not known, which is no risk. They are
    /// compared with those that the device was registered with.
    std::string fingerprint{}, manufacturer_id{};
};

/// Gathers what is known of an action, at once or much later: it needs neither the session nor its token. `key` is the
/// thumbprint of the key of the action's session, `authenticated_device::key_thumbprint`: keep it with the action. With
/// that of another session, the answer is about another device.
///
/// It changes nothing. It asks the registry about the user's devices, and where that indexes key ids about those of
/// each user of the key id, `max_key_id_users` at most. Errors: those of the store.
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
    challenge, ///< let the user prove more, such as by `step_up`
    deny,
};

/// What speaks against an action.
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

/// The numbers and outcomes that `recommend` goes by.
struct recommendation_rules {
    std::chrono::seconds new_for{86'400}; ///< how long a device counts as new after its registration
    std::size_t many_users = 4;           ///< from this number on they are many
    risk_outcomes leads_to{};
};

/// Recommends by rules. Every risk is looked for, and the strictest decides. What is not known is no risk, except a
/// device that is not registered.
[[nodiscard]] SIGNET_DECL recommended recommend(action_context const& context, unix_time now,
                                                recommendation_rules const& rules = {}) noexcept;

}}} // namespace signet::device

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/device/impl/recommendation.ipp>
#endif

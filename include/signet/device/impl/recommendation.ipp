// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/device/recommendation.hpp>

#include <algorithm>

namespace signet { inline namespace SIGNET_ABI { namespace device {

namespace detail {

inline store::task<action_context> gather_context(device_registry registry, triggered_action action,
                                                  crypto::sha256_digest key, unix_time now,
                                                  std::pmr::memory_resource* frames) {
    action_context context{.action = std::move(action)};
    context.users = 0;
    if (context.action.user.empty()) co_return std::move(context);
    auto found = co_await store::as_result(registry.find_by_key(context.action.user, key, now, frames));
    if (found) {
        context.device = *std::move(found);
        auto const owned = co_await store::as_result(registry.find_by_key_id(context.device->key_id, now, frames));
        if (owned) {
            context.users = static_cast<std::size_t>(std::ranges::count_if(
                owned->devices, [&](owned_device const& o) { return o.device.key == context.device->key; }));
            *context.users += owned->unreadable.size();
        } else if (owned.error() == errc::out_of_range || owned.error() == errc::device_unknown) {
            context.users.reset(); // not indexed, or registered before it was
        } else {
            co_return owned.error();
        }
    } else if (found.error() == errc::device_blocked || found.error() == errc::device_suspended) {
        context.refused = true;
    } else if (found.error() != errc::device_unknown) {
        co_return found.error();
    }
    co_return std::move(context);
}

} // namespace detail

SIGNET_DECL store::task<action_context> gather_context(device_registry const& registry, triggered_action action,
                                                       crypto::sha256_digest const& key, unix_time now,
                                                       std::pmr::memory_resource* frames) {
    return detail::gather_context(registry, std::move(action), key, now, frames);
}

SIGNET_DECL recommended recommend(action_context const& context, unix_time now,
                                  recommendation_rules const& rules) noexcept {
    auto const& device = context.device;
    std::array<bool, action_risks> found{};
    auto const look = [&](action_risk r, bool is_there) { found[static_cast<std::size_t>(r)] = is_there; };
    look(action_risk::unknown_device, !device);
    look(action_risk::new_device, device && now < saturating_add(device->created, rules.new_for));
    look(action_risk::blocked_device, context.refused || (device && !device->usable()));
    look(action_risk::many_users, context.users && *context.users >= rules.many_users);
    look(action_risk::unusual_place, !context.usual_place.value_or(true));
    auto const differs = [](std::string const& seen, std::string const& registered) {
        return !seen.empty() && !registered.empty() && seen != registered;
    };
    look(action_risk::other_identifiers, device && (differs(context.fingerprint, device->fingerprint) ||
                                                    differs(context.manufacturer_id, device->manufacturer_id)));

    recommended r{.because = found};
    for (std::size_t i = 0; i != action_risks; ++i)
        if (found[i]) r.what = std::max(r.what, rules.leads_to[static_cast<action_risk>(i)]);
    return r;
}

}}} // namespace signet::device

// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/device/registry.hpp>

#include <signet/codec/impl/fresh_id.hpp>
#include <signet/proof/record_key.hpp>
#include <signet/store/impl/swap_loop.hpp>
#include <signet/store/record.hpp>

#include <algorithm>
#include <optional>

namespace signet { inline namespace SIGNET_ABI { namespace device {

namespace detail {

inline constexpr std::uint8_t device_format = 1, device_record_kind = 'D';
inline constexpr std::size_t max_label = 128, max_platform = 64, max_custom_data = 2048, max_push_token = 512;

struct device_roster {
    bool suspended = false;
    std::vector<registered_device> devices{};
};

enum class device_work : std::uint8_t {
    find,
    list,
    add,
    move,
    remove,
    rename,
    set_data,
    set_push,
    touch,
    rotate,
    everything,
    prove
};

// Reads the user's record, judges, and writes it back unless somebody was first; then it begins anew.
struct device_core {
    device_core(device_work w, std::string_view of_app, device_policy const& p, std::string_view of_user,
                std::string_view of_key_id, unix_time t)
        : work{w},
          policy{p},
          app{of_app},
          user{of_user},
          key_id{of_key_id},
          now{t},
          loop{proof::record_key("devices", {of_app, of_user}), t} {}

    void answer(store::reply const& reply);
    void refuse(errc code);
    void judge();
    result<bool> apply(); // whether the roster changed
    result<void> admit(); // a new device, within the limits
    void save();
    void begin_redeem();
    void end_redeem();

    device_work work;
    device_policy policy;
    std::string app, user, key_id;
    unix_time now;
    store::detail::swap_loop loop;

    // What the work is about, as far as it wants it.
    device_event event{};
    std::optional<device_details> details{};
    std::optional<crypto::sha256_digest> old_key{};
    alg old_algorithm{};
    std::optional<proof::device_key> new_key{};
    std::string text{};
    push_target push{};
    std::string device_id{};

    // For a proof: the answer, what its challenge was issued for, and its redemption.
    std::string token{}, purpose{}, session{}, action{};
    std::optional<bytes> raw_signature{};
    std::unique_ptr<proof::redeem_challenge> redeem{};
    bool redeeming = false;

    // What came out.
    errc why = errc::store_unavailable;
    bool good = false;
    device_roster roster{};
    std::optional<registered_device> found{};
    std::vector<std::string> replaced{};
    std::optional<proof::verified_key> proved{};
};

// ---- the record

SIGNET_DECL bytes write_devices(device_roster const& roster) {
    bytes octets;
    store::record_writer w{octets, device_format, device_record_kind};
    w.flag(roster.suspended);
    w.number(roster.devices.size());
    for (auto const& d : roster.devices) {
        w.text(d.key_id);
        w.octets(d.key.key().to_der());
        w.number(static_cast<std::uint64_t>(d.kind));
        for (std::string_view text : {d.platform, d.display_name, d.custom_data}) w.text(text);
        w.number(static_cast<std::uint64_t>(d.push.type));
        for (std::string_view text :
             {d.push.device_token, d.push.bundle_id, d.fingerprint, d.manufacturer_id, d.device_id})
            w.text(text);
        w.number(static_cast<std::uint64_t>(d.state));
        for (unix_time t : {d.created, d.updated, d.last_activity}) w.time(t);
    }
    return octets;
}

SIGNET_DECL result<device_roster> read_devices(bytes_view record) {
    store::record_reader r{record, device_format, device_record_kind};
    device_roster roster;
    roster.suspended = r.flag();
    auto const count = r.number(store::largest_record);
    for (std::uint64_t i = 0; i != count && !r.failed(); ++i) {
        std::string key_id{r.text(max_label)};
        auto const spki = r.octets(max_key_octets);
        if (r.failed()) break;
        auto key = public_key::from_der(spki, limits_for_keys_in_messages);
        if (!key) return errc::record_malformed;
        auto pinned = proof::device_key::from_key(*std::move(key));
        if (!pinned) return errc::record_malformed;
        registered_device d{device_details{std::move(key_id), *std::move(pinned)}, {}};
        d.kind = static_cast<device_kind>(r.number(device_kinds - 1));
        d.platform = r.text(max_platform);
        d.display_name = r.text(max_label);
        d.custom_data = r.text(max_custom_data);
        d.push.type = static_cast<push_target::service>(r.number(2));
        d.push.device_token = r.text(max_push_token);
        d.push.bundle_id = r.text(max_label);
        d.fingerprint = r.text(max_label);
        d.manufacturer_id = r.text(max_label);
        d.device_id = r.text(max_label);
        d.state = static_cast<device_state>(r.number(static_cast<std::uint64_t>(device_state::blocked_suspended)));
        d.created = r.time();
        d.updated = r.time();
        d.last_activity = r.time();
        roster.devices.push_back(std::move(d));
    }
    if (auto good = r.finish(); !good) return good.error();
    return roster;
}

inline bool in_range(device_details const& d) noexcept {
    return !d.key_id.empty() && d.key_id.size() <= max_label && d.platform.size() <= max_platform &&
           d.display_name.size() <= max_label && d.custom_data.size() <= max_custom_data &&
           d.push.device_token.size() <= max_push_token && d.push.bundle_id.size() <= max_label &&
           d.fingerprint.size() <= max_label && d.manufacturer_id.size() <= max_label;
}

// ---- the loop

SIGNET_DECL void device_core::refuse(errc code) {
    good = false;
    why = code;
    loop.fail(code);
}

SIGNET_DECL void device_core::answer(store::reply const& reply) {
    if (redeeming) {
        redeem->answer(reply);
        if (!redeem->next()) end_redeem();
        return;
    }
    switch (loop.answer(reply)) {
    case store::detail::swap_loop::step::asking: return;
    case store::detail::swap_loop::step::read: return proved ? save() : judge();
    case store::detail::swap_loop::step::written: good = true; return;
    case store::detail::swap_loop::step::failed:
        good = proved.has_value(); // a proof that held holds, even if the last activity could not be written
        if (!good) why = loop.why();
        return;
    }
}

SIGNET_DECL void device_core::judge() {
    roster = {};
    replaced.clear();
    if (loop.found()) {
        auto read = read_devices(loop.found()->bytes);
        if (!read) return refuse(read.error().code);
        roster = *std::move(read);
    }
    auto const changed = apply();
    if (!changed) return refuse(changed.error().code);
    if (work == device_work::prove) return begin_redeem();
    if (*changed) return save();
    good = true;
}

SIGNET_DECL void device_core::save() {
    if (!proved && roster.devices.empty() && !roster.suspended) return loop.found() ? loop.erase() : void(good = true);
    if (proved) { // after a proof: the last activity alone, of what is there now
        auto read = loop.found() ? read_devices(loop.found()->bytes) : result<device_roster>{errc::device_unknown};
        if (!read) return void(good = true);
        auto const at = std::find_if(read->devices.begin(), read->devices.end(),
                                     [&](registered_device const& d) { return d.key_id == key_id; });
        auto const changed = at == read->devices.end()    ? errc::device_unknown // while the answer was judged
                             : !at->usable()              ? device_state_refusal(at->state)
                             : !proved->is(at->key.key()) ? errc::possession_missing
                                                          : errc{};
        if (changed != errc{}) {
            proved.reset();
            return refuse(changed);
        }
        if (saturating_add(at->last_activity, policy.touch_every) > now) return void(good = true);
        at->last_activity = now;
        return loop.write(write_devices(*read), latest_time);
    }
    auto octets = write_devices(roster);
    if (octets.size() > store::largest_record) return refuse(errc::device_limit);
    loop.write(std::move(octets), latest_time);
}

// ---- what each of them does to the user's devices

SIGNET_DECL result<bool> device_core::apply() {
    auto& devices = roster.devices;
    switch (work) {
    case device_work::list: return false;
    case device_work::add:
        if (auto admitted = admit(); !admitted) return admitted.error();
        return true;
    case device_work::everything: {
        if (event == device_event::remove) {
            devices.clear();
            roster.suspended = false;
            return loop.found().has_value();
        }
        bool const suspend = event == device_event::suspend;
        if (roster.suspended == suspend) return suspend ? errc::already_suspended : errc::not_suspended;
        roster.suspended = suspend;
        for (auto& d : devices) {
            auto const to = device_lifecycle.next(d.state, event);
            if (!to) return errc::record_malformed; // the devices of a user are suspended together
            d.state = *to;
            d.updated = now;
        }
        return true;
    }
    default: break;
    }

    // The others are about one device.
    auto const at =
        std::find_if(devices.begin(), devices.end(), [&](registered_device const& d) { return d.key_id == key_id; });
    if (at == devices.end()) return errc::device_unknown;
    bool changed = true;
    switch (work) {
    case device_work::move: {
        auto const to = device_lifecycle.next(at->state, event);
        if (!to) return device_refusal(at->state, event);
        at->state = *to;
        break;
    }
    case device_work::remove:
        found = *at;
        devices.erase(at);
        return true;
    case device_work::rename: at->display_name = text; break;
    case device_work::set_data: at->custom_data = text; break;
    case device_work::set_push: at->push = push; break;
    case device_work::rotate:
        if (!at->usable()) return device_state_refusal(at->state);
        if (at->key.thumbprint() != *old_key) return errc::possession_missing;
        if (at->key.algorithm_id() != old_algorithm) return errc::possession_missing;
        if (std::any_of(devices.begin(), devices.end(), [&](registered_device const& d) { return d.key == *new_key; }))
            return errc::device_registered;
        at->key = *new_key;
        break;
    case device_work::touch:
        changed = saturating_add(at->last_activity, policy.touch_every) <= now;
        if (changed) at->last_activity = now;
        found = *at;
        return changed;
    default: changed = false; break;
    }
    if (changed) at->updated = now;
    found = *at;
    return changed;
}

SIGNET_DECL result<void> device_core::admit() {
    auto& devices = roster.devices;
    if (roster.suspended) return errc::device_suspended;
    for (auto const& d : devices)
        if (d.key_id == details->key_id || d.key == details->key) return errc::device_registered;

    // E16. The kind's own limit first, then that of all; each as often as it takes, should the policy have become
    // stricter.
    auto const make_room = [&](std::size_t most, bool of_kind) -> bool {
        auto const counts = [&](registered_device const& d) {
            return (!of_kind || d.kind == details->kind) && (policy.blocked_count || d.state == device_state::active);
        };
        while (static_cast<std::size_t>(std::count_if(devices.begin(), devices.end(), counts)) >= most) {
            if (policy.when_full == at_limit::refuse || most == 0) return false;
            auto const oldest =
                std::find_if(devices.begin(), devices.end(), counts); // they stand in order of registration
            replaced.push_back(oldest->key_id);
            devices.erase(oldest);
        }
        return true;
    };
    auto const of_kind = policy.most_of_kind[static_cast<std::size_t>(details->kind)];
    if ((of_kind != 0 && !make_room(of_kind, true)) || !make_room(policy.most, false)) return errc::device_limit;

    registered_device d{*details, {}};
    d.device_id = device_id;
    d.created = d.updated = d.last_activity = now;
    found = d;
    devices.push_back(std::move(d));
    return {};
}

// ---- a proof

SIGNET_DECL void device_core::begin_redeem() {
    proof::challenge_terms const terms{
        .purpose = purpose, .app = app, .user = user, .key_id = key_id, .session = session, .action = action};
    auto const& key = found->key;
    using proof::redeem_challenge;
    redeem.reset(raw_signature ? new redeem_challenge(redeem_challenge::legacy_raw(token, *raw_signature, terms,
                                                                                   key.key(), key.algorithm_id(), now))
                               : new redeem_challenge(token, terms, key.key(), key.algorithm_id(), now));
    redeeming = true;
    if (!redeem->next()) end_redeem();
}

SIGNET_DECL void device_core::end_redeem() {
    redeeming = false;
    auto const ruling = redeem->ruling();
    if (!ruling) return refuse(ruling.error().code);
    if (!found->usable()) return refuse(device_state_refusal(found->state));
    if (policy.compliant && !policy.compliant(*found)) return refuse(errc::device_not_compliant);
    proved = *ruling;
    save();
    found->last_activity = std::max(found->last_activity, now);
}

// ---- the steps, as every operation shows them

SIGNET_DECL device_step::device_step(std::unique_ptr<device_core> core) noexcept : core_{std::move(core)} {}
SIGNET_DECL device_step::device_step(device_step&&) noexcept = default;
SIGNET_DECL device_step& device_step::operator=(device_step&&) noexcept = default;
SIGNET_DECL device_step::~device_step() = default;
SIGNET_DECL store::request const* device_step::next() const noexcept {
    return core_->redeeming ? core_->redeem->next() : core_->loop.next();
}
SIGNET_DECL void device_step::answer(store::reply const& reply) { core_->answer(reply); }

} // namespace detail

// ---- what came out

SIGNET_DECL result<registered_device> device_operation::ruling() const {
    if (!core_->good) return core_->why;
    return *core_->found;
}
SIGNET_DECL std::vector<std::string> const& device_operation::replaced() const noexcept { return core_->replaced; }

SIGNET_DECL result<std::vector<registered_device>> devices_operation::ruling() const {
    if (!core_->good) return core_->why;
    return core_->roster.devices;
}

SIGNET_DECL result<proved_device> prove_device::ruling() const {
    if (!core_->good) return core_->why;
    return proved_device{*core_->found, *core_->proved};
}

// ---- the registry's calls

SIGNET_DECL device_operation device_registry::add_unproved(std::string_view user, device_details details, unix_time now,
                                                           random_ref rng) const {
    auto core =
        std::make_unique<detail::device_core>(detail::device_work::add, app_, policy_, user, details.key_id, now);
    if (user.empty() || !detail::in_range(details)) core->refuse(errc::out_of_range);
    core->device_id = codec::detail::fresh_id(rng);
    core->details = std::move(details);
    return device_operation{std::move(core)};
}

SIGNET_DECL device_operation device_registry::add(std::string_view user, device_details details,
                                                  proof::verified_key const& proved, unix_time now,
                                                  random_ref rng) const {
    bool const holds = proved.is(details.key.key()) && proved.algorithm_id() == details.key.algorithm_id();
    auto op = add_unproved(user, std::move(details), now, rng);
    if (!holds) op.core_->refuse(errc::possession_missing);
    return op;
}

SIGNET_DECL device_operation device_registry::find(std::string_view user, std::string_view key_id,
                                                   unix_time now) const {
    auto core = std::make_unique<detail::device_core>(detail::device_work::find, app_, policy_, user, key_id, now);
    return device_operation{std::move(core)};
}

SIGNET_DECL devices_operation device_registry::list(std::string_view user, unix_time now) const {
    auto core =
        std::make_unique<detail::device_core>(detail::device_work::list, app_, policy_, user, std::string_view{}, now);
    return devices_operation{std::move(core)};
}

SIGNET_DECL device_operation device_registry::block(std::string_view user, std::string_view key_id,
                                                    unix_time now) const {
    auto core = std::make_unique<detail::device_core>(detail::device_work::move, app_, policy_, user, key_id, now);
    core->event = device_event::block;
    return device_operation{std::move(core)};
}

SIGNET_DECL device_operation device_registry::unblock(std::string_view user, std::string_view key_id,
                                                      unix_time now) const {
    auto core = std::make_unique<detail::device_core>(detail::device_work::move, app_, policy_, user, key_id, now);
    core->event = device_event::unblock;
    return device_operation{std::move(core)};
}

SIGNET_DECL device_operation device_registry::remove(std::string_view user, std::string_view key_id,
                                                     unix_time now) const {
    auto core = std::make_unique<detail::device_core>(detail::device_work::remove, app_, policy_, user, key_id, now);
    return device_operation{std::move(core)};
}

SIGNET_DECL device_operation device_registry::rename(std::string_view user, std::string_view key_id,
                                                     std::string display_name, unix_time now) const {
    auto core = std::make_unique<detail::device_core>(detail::device_work::rename, app_, policy_, user, key_id, now);
    if (display_name.size() > detail::max_label) core->refuse(errc::out_of_range);
    core->text = std::move(display_name);
    return device_operation{std::move(core)};
}

SIGNET_DECL device_operation device_registry::set_custom_data(std::string_view user, std::string_view key_id,
                                                              std::string data, unix_time now) const {
    auto core = std::make_unique<detail::device_core>(detail::device_work::set_data, app_, policy_, user, key_id, now);
    if (data.size() > detail::max_custom_data) core->refuse(errc::out_of_range);
    core->text = std::move(data);
    return device_operation{std::move(core)};
}

SIGNET_DECL device_operation device_registry::set_push(std::string_view user, std::string_view key_id,
                                                       push_target target, unix_time now) const {
    auto core = std::make_unique<detail::device_core>(detail::device_work::set_push, app_, policy_, user, key_id, now);
    if (target.device_token.size() > detail::max_push_token || target.bundle_id.size() > detail::max_label)
        core->refuse(errc::out_of_range);
    core->push = std::move(target);
    return device_operation{std::move(core)};
}

SIGNET_DECL device_operation device_registry::touch(std::string_view user, std::string_view key_id,
                                                    unix_time now) const {
    auto core = std::make_unique<detail::device_core>(detail::device_work::touch, app_, policy_, user, key_id, now);
    return device_operation{std::move(core)};
}

SIGNET_DECL device_operation device_registry::rotate_key(std::string_view user, std::string_view key_id,
                                                         proof::device_key new_key,
                                                         proof::verified_key const& old_proved,
                                                         proof::verified_key const& new_proved, unix_time now) const {
    auto core = std::make_unique<detail::device_core>(detail::device_work::rotate, app_, policy_, user, key_id, now);
    if (!new_proved.is(new_key.key()) || new_proved.algorithm_id() != new_key.algorithm_id())
        core->refuse(errc::possession_missing);
    core->old_key = old_proved.thumbprint();
    core->old_algorithm = old_proved.algorithm_id();
    core->new_key = std::move(new_key);
    return device_operation{std::move(core)};
}

SIGNET_DECL devices_operation device_registry::suspend(std::string_view user, unix_time now) const {
    auto core = std::make_unique<detail::device_core>(detail::device_work::everything, app_, policy_, user,
                                                      std::string_view{}, now);
    core->event = device_event::suspend;
    return devices_operation{std::move(core)};
}

SIGNET_DECL devices_operation device_registry::reactivate(std::string_view user, unix_time now) const {
    auto core = std::make_unique<detail::device_core>(detail::device_work::everything, app_, policy_, user,
                                                      std::string_view{}, now);
    core->event = device_event::reactivate;
    return devices_operation{std::move(core)};
}

SIGNET_DECL devices_operation device_registry::remove_all(std::string_view user, unix_time now) const {
    auto core = std::make_unique<detail::device_core>(detail::device_work::everything, app_, policy_, user,
                                                      std::string_view{}, now);
    core->event = device_event::remove;
    return devices_operation{std::move(core)};
}

SIGNET_DECL prove_device device_registry::prove(std::string_view user, std::string_view key_id, std::string token,
                                                std::string purpose, unix_time now, std::string session,
                                                std::string action) const {
    auto core = std::make_unique<detail::device_core>(detail::device_work::prove, app_, policy_, user, key_id, now);
    core->token = std::move(token);
    core->purpose = std::move(purpose);
    core->session = std::move(session);
    core->action = std::move(action);
    return prove_device{std::move(core)};
}

SIGNET_DECL prove_device device_registry::prove_legacy_raw(std::string_view user, std::string_view key_id,
                                                           std::string challenge, bytes_view signature,
                                                           std::string purpose, unix_time now) const {
    auto core = std::make_unique<detail::device_core>(detail::device_work::prove, app_, policy_, user, key_id, now);
    core->token = std::move(challenge);
    core->purpose = std::move(purpose);
    core->raw_signature.emplace(signature.begin(), signature.end());
    return prove_device{std::move(core)};
}

}}} // namespace signet::device

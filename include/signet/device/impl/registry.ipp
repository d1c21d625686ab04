// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/device/registry.hpp>

#include <signet/codec/impl/fresh_id.hpp>
#include <signet/device/impl/device_keys.hpp>
#include <signet/device/impl/key_id_users.hpp>
#include <signet/proof/record_key.hpp>
#include <signet/store/fields.hpp>
#include <signet/store/impl/collect_all.hpp>
#include <signet/store/impl/compare_and_swap.hpp>

#include <algorithm>
#include <optional>

namespace signet { inline namespace SIGNET_ABI { namespace device {

struct device_registry::body {
    std::string app;
    device_policy policy;
};

namespace detail {

// Format 2 has blocked keys, and 3 the algorithm and the evidence of each key. Format 3 is written.
inline constexpr std::uint8_t device_format = 3, device_record_kind = 'D';
inline constexpr std::size_t max_label = 128, max_platform = 64, max_custom_data = 2048, max_push_token = 512;

using registry_body = std::shared_ptr<device_registry::body const>;

// ---- the record

// The key of a device that was removed while it was blocked.
struct blocked_key {
    std::string key_id{};
    crypto::sha256_digest thumbprint{};
};

struct device_roster {
    bool suspended = false;
    std::vector<registered_device> devices{}; // in order of registration
    std::vector<blocked_key> blocked_keys{};

    bool has_blocked(proof::device_key const& key) const { return has_blocked(key.thumbprint()); }
    bool has_blocked(crypto::sha256_digest const& thumbprint) const {
        return std::ranges::any_of(blocked_keys, [&](auto const& b) { return b.thumbprint == thumbprint; });
    }
};

template <class A> void fields(A& a, store::archived<A, device_roster>& roster) {
    a.flag(roster.suspended);
    std::uint64_t count = roster.devices.size();
    a.number(count, store::max_record);
    for (std::size_t i = 0; i != count; ++i) {
        std::string key_id;
        std::optional<proof::device_key> key;
        if constexpr (!A::is_reader) key_id = roster.devices[i].key_id, key = roster.devices[i].key;
        a.text(key_id, max_label);
        key_fields(a, key, a.format() >= 3);
        a.check(key.has_value());
        if constexpr (A::is_reader) { // a device can be made with its key only
            if (a.failed()) return;
            roster.devices.push_back({{std::move(key_id), *std::move(key)}, {}});
        }
        auto& d = roster.devices[i];
        a.enumeration(d.kind, static_cast<device_kind>(device_kinds - 1));
        a.text(d.platform, max_platform), a.text(d.display_name, max_label), a.text(d.custom_data, max_custom_data);
        a.enumeration(d.push.type, push_target::service::apn);
        a.text(d.push.device_token, max_push_token), a.text(d.push.bundle_id, max_label);
        a.text(d.fingerprint, max_label), a.text(d.manufacturer_id, max_label), a.text(d.device_id, max_label);
        a.enumeration(d.state, device_state::blocked_suspended);
        a.time(d.created), a.time(d.updated), a.time(d.last_activity);
        if (a.format() >= 3) a.enumeration(d.evidence, key_evidence::attestation);
    }
    if (a.format() < 2) return;
    a.each(roster.blocked_keys, max_blocked_keys,
           [](auto& archive, auto& b) { archive.text(b.key_id, max_label), archive.fixed(b.thumbprint); });
}

inline result<device_roster> read_devices(std::optional<store::record> const& found) {
    if (!found) return device_roster{};
    return store::read_fields<device_roster>(found->bytes, device_format, device_record_kind);
}

// Of no other change than the last activity may the write be lost: `forgettable`.
inline result<store::swap_decision> write_devices(device_roster const& roster, bool forgettable = false) {
    if (roster.devices.empty() && !roster.suspended && roster.blocked_keys.empty())
        return store::swap_decision::erase();
    bytes octets;
    auto const written = store::write_fields(roster, device_format, device_record_kind, octets);
    if (!written) return written.error() == errc::record_too_large ? errc::device_limit_reached : written.error().code;
    if (forgettable) return store::swap_decision::write_forgettable(std::move(octets), latest_time);
    return store::swap_decision::write(std::move(octets), latest_time);
}

inline store::record_key devices_key(device_registry::body const& b, std::string_view user) {
    return proof::record_key("devices", {b.app, user});
}

inline registered_device* find_in(device_roster& roster, std::string_view key_id) noexcept {
    auto const at = std::find_if(roster.devices.begin(), roster.devices.end(),
                                 [&](registered_device const& d) { return d.key_id == key_id; });
    return at == roster.devices.end() ? nullptr : &*at;
}

// ---- what changes it

// Refers to a function of the operation that awaits: whether it changed the roster. All operations share one swap loop.
class roster_change {
public:
    template <class F> roster_change(F const& apply) noexcept
        : apply_{&apply}, call_{[](void const* f, device_roster& roster) -> result<bool> {
              return (*static_cast<F const*>(f))(roster);
          }} {}
    result<bool> operator()(device_roster& roster) const { return call_(apply_, roster); }

private:
    void const* apply_;
    result<bool> (*call_)(void const*, device_roster&);
};

// Reads the user's devices, lets `apply` change them, and writes them back.
inline store::task<bool> change_devices(registry_body const& b, std::string_view user, unix_time now,
                                        roster_change apply, std::pmr::memory_resource* frames,
                                        bool forgettable = false) {
    auto const judge = [apply, forgettable](std::optional<store::record> const& found) -> result<store::swap_decision> {
        auto roster = read_devices(found);
        if (!roster) return roster.error();
        auto const changed = apply(*roster);
        if (!changed) return changed.error();
        return *changed ? write_devices(*roster, forgettable) : store::swap_decision::keep();
    };
    return store::compare_and_swap(devices_key(*b, user), now, judge, frames);
}

// The same; gives all of them, as they are after the change.
template <class Change> store::task<std::vector<registered_device>> change_all(registry_body b, std::string user,
                                                                               Change change, unix_time now,
                                                                               std::pmr::memory_resource* frames) {
    std::vector<registered_device> devices;
    auto const apply = [&](device_roster& roster) -> result<bool> {
        auto const changed = change(roster, now);
        devices = roster.devices;
        return changed;
    };
    co_await change_devices(b, user, now, apply, frames);
    co_return std::move(devices);
}

struct activity;

// The same for one device, as it is after the change. Where `Change` has a `check()`, that comes before the store is
// asked.
template <class Change> store::task<registered_device> change_device(registry_body b, std::string user,
                                                                     std::string key_id, Change change, unix_time now,
                                                                     std::pmr::memory_resource* frames) {
    if constexpr (requires { change.check(); }) co_await change.check();
    std::optional<registered_device> device;
    auto const apply = [&](device_roster& roster) -> result<bool> {
        auto* found = find_in(roster, key_id);
        if (!found) return errc::device_unknown;
        device = *found;
        auto const changed = change(*device, roster, now);
        if (changed && *changed && (found = find_in(roster, key_id))) *found = *device;
        return changed;
    };
    co_await change_devices(b, user, now, apply, frames, std::is_same_v<Change, activity>);
    co_return *std::move(device);
}

inline store::task<registered_device> find_by_key(registry_body b, std::string user, crypto::sha256_digest key,
                                                  unix_time now, std::pmr::memory_resource* frames) {
    std::optional<registered_device> device;
    auto const apply = [&](device_roster& roster) -> result<bool> {
        auto const at = std::ranges::find_if(roster.devices, [&](auto const& d) { return d.key.thumbprint() == key; });
        if (at != roster.devices.end()) return device.emplace(*at), false;
        if (roster.has_blocked(key)) return errc::device_blocked;
        return roster.suspended ? errc::device_suspended : errc::device_unknown;
    };
    co_await change_devices(b, user, now, apply, frames);
    co_return *std::move(device);
}

// The keys of removed devices that were blocked may be registered again.
inline store::task<std::size_t> forget_blocked_keys(registry_body b, std::string user, std::string key_id,
                                                    unix_time now, std::pmr::memory_resource* frames) {
    std::size_t forgotten = 0;
    auto const apply = [&](device_roster& roster) -> result<bool> {
        forgotten = std::erase_if(roster.blocked_keys, [&](blocked_key const& k) { return k.key_id == key_id; });
        if (forgotten == 0) return errc::device_unknown;
        return true;
    };
    co_await change_devices(b, user, now, apply, frames);
    co_return forgotten;
}

// ---- what happens to devices: whether something changed

struct read_only {
    result<bool> operator()(auto const&...) const { return false; }
};

inline bool is_blocked(device_state s) noexcept {
    return s == device_state::blocked || s == device_state::blocked_suspended;
}

// Whether a device takes one of the places that the policy limits, in its kind or in all.
inline bool takes_place(device_policy const& policy, registered_device const& d) noexcept {
    return policy.blocked_count || !is_blocked(d.state);
}

// E16. Whether one more of the kind has a place beside those that take one.
inline bool has_place(device_policy const& policy, device_kind kind, device_roster const& roster) noexcept {
    std::size_t all = 0, of_kind = 0;
    for (auto const& d : roster.devices) {
        if (!takes_place(policy, d)) continue;
        ++all;
        if (d.kind == kind) ++of_kind;
    }
    auto const max = policy.max_of_kind[static_cast<std::size_t>(kind)];
    return all < policy.max_devices && (max == 0 || of_kind < max);
}

struct device_move {
    device_event event;
    result<bool> operator()(registered_device& d, device_roster const&, unix_time now) const {
        auto const to = device_lifecycle.next(d.state, event);
        if (!to) return device_refusal(d.state, event);
        d.state = *to;
        d.updated = now;
        return true;
    }
};

struct suspension {
    bool suspend;
    result<bool> operator()(device_roster& roster, unix_time now) const {
        if (roster.suspended == suspend) return suspend ? errc::already_suspended : errc::not_suspended;
        roster.suspended = suspend;
        device_move const move{suspend ? device_event::suspend : device_event::reactivate};
        for (auto& d : roster.devices) // are suspended together
            if (!move(d, roster, now).has_value()) return errc::record_malformed;
        return true;
    }
};

// Where blocked devices take no place, one that is unblocked needs one.
struct unblocking {
    device_policy policy;
    result<bool> operator()(registered_device& d, device_roster const& roster, unix_time now) const {
        bool const needs_place = is_blocked(d.state) && !takes_place(policy, d);
        if (needs_place && !has_place(policy, d.kind, roster)) return errc::device_limit_reached;
        return device_move{device_event::unblock}(d, roster, now);
    }
};

// A block outlives the device: its key is not registered again.
struct removal {
    result<bool> operator()(registered_device const& d, device_roster& roster, unix_time) const {
        if (is_blocked(d.state) && !roster.has_blocked(d.key)) {
            if (roster.blocked_keys.size() >= max_blocked_keys) return errc::device_limit_reached;
            roster.blocked_keys.push_back({d.key_id, d.key.thumbprint()});
        }
        std::erase_if(roster.devices, [&](registered_device const& other) { return other.key_id == d.key_id; });
        return true;
    }
};

struct new_text {
    std::string registered_device::* member;
    std::size_t max;
    std::string text;

    result<void> check() const {
        if (text.size() > max) return errc::out_of_range;
        return {};
    }
    result<bool> operator()(registered_device& d, device_roster const&, unix_time now) const {
        d.*member = text;
        d.updated = now;
        return true;
    }
};

struct new_push {
    push_target target;
    result<void> check() const {
        if (target.device_token.size() > max_push_token || target.bundle_id.size() > max_label)
            return errc::out_of_range;
        return {};
    }
    result<bool> operator()(registered_device& d, device_roster const&, unix_time now) const {
        d.push = target;
        d.updated = now;
        return true;
    }
};

struct activity {
    std::chrono::seconds every;
    result<bool> operator()(registered_device& d, device_roster const&, unix_time now) const {
        if (saturating_add(d.last_activity, every) > now) return false;
        d.last_activity = now;
        return true;
    }
};

struct new_key {
    proof::device_key key;
    proof::verified_key old_proved, new_proved;

    result<void> check() const { return check_possession(new_proved, key); }
    result<bool> operator()(registered_device& d, device_roster const& roster, unix_time now) const {
        if (!d.usable()) return device_state_refusal(d.state);
        if (auto good = check_possession(old_proved, d.key); !good) return good.error();
        for (auto const& other : roster.devices)
            if (other.key == key) return errc::device_already_registered;
        if (roster.has_blocked(key)) return errc::device_blocked;
        d.key = key;
        d.evidence = key_evidence::possession;
        d.updated = now;
        return true;
    }
};

// ---- who has a device of a key id

inline store::record_key key_id_key(device_registry::body const& b, std::string_view key_id) {
    return proof::record_key("device key id", {b.app, key_id});
}

struct unlisting {
    registry_body b;
    std::string user, key_id;
};
inline store::task<store::swap_decision> judge_unlisting(unlisting const* u, std::optional<store::record> const* found,
                                                         unix_time now, std::pmr::memory_resource* frames) {
    auto listed = co_await read_key_id_users(*found);
    if (!listed.has(u->user)) co_return store::swap_decision::keep();
    auto const again = co_await store::as_result(change_device(u->b, u->user, u->key_id, read_only{}, now, frames));
    if (again || again.error() != errc::device_unknown) co_return store::swap_decision::keep();
    std::erase(listed.users, u->user);
    auto decision = co_await write_key_id_users(listed);
    co_return decision;
}

inline store::task<bool> unlist_from(unlisting u, unix_time now, std::pmr::memory_resource* frames) {
    auto const judge = [&](std::optional<store::record> const& found) {
        return judge_unlisting(&u, &found, now, frames);
    };
    co_return co_await store::compare_and_swap(key_id_key(*u.b, u.key_id), now, judge, frames);
}

// After a device is gone. Where it fails the user stays listed, which says nothing.
inline store::task<void> unlist_user(registry_body b, std::string user, std::vector<std::string> key_ids, unix_time now,
                                     std::pmr::memory_resource* frames) {
    auto const unlist = [&](std::size_t i) {
        unlisting u{b, user, key_ids[i]};
        return unlist_from(std::move(u), now, frames);
    };
    (void)co_await store::collect_all(key_ids.size(), unlist, frames);
    co_return {};
}

inline store::task<std::vector<std::string>> users_of_key_id(registry_body b, std::string key_id, unix_time now,
                                                             std::pmr::memory_resource* frames) {
    key_id_users listed;
    auto const read = [&](std::optional<store::record> const& found) -> result<store::swap_decision> {
        auto users = read_key_id_users(found);
        if (!users) return users.error();
        listed = *std::move(users);
        return store::swap_decision::keep();
    };
    co_await store::compare_and_swap(key_id_key(*b, key_id), now, read, frames);
    co_return std::move(listed.users);
}

// Before a device is registered. Where the list is full, those who have no device of the key id leave it.
inline store::task<void> list_new_user(registry_body b, std::string user, std::string key_id, unix_time now,
                                       std::pmr::memory_resource* frames) {
    auto const key = key_id_key(*b, key_id);
    auto const listed = co_await store::as_result(list_user(key, user, now, frames));
    if (listed) co_return {};
    if (listed.error() != errc::key_id_limit_reached) co_return listed.error();
    auto const users = co_await users_of_key_id(b, key_id, now, frames);
    std::vector<std::string> const one{key_id};
    for (auto const& other : users) co_await unlist_user(b, other, one, now, frames);
    co_await list_user(key, user, now, frames);
    co_return {};
}

// What is wrong with one record, and with no other.
constexpr bool is_unreadable(errc code) noexcept {
    return store::detail::is_broken_record(code) || code == errc::unknown_encryption_key;
}

inline store::task<key_id_owners> find_by_key_id(registry_body b, std::string key_id, unix_time now,
                                                 std::pmr::memory_resource* frames) {
    if (!b->policy.index_key_ids) co_return errc::out_of_range;
    auto const users = co_await users_of_key_id(b, key_id, now, frames);
    auto const look = [&](std::size_t i) { return change_device(b, users[i], key_id, read_only{}, now, frames); };
    auto found = co_await store::collect_all(users.size(), look, frames);
    key_id_owners owners;
    error why = errc::device_unknown; // where nothing was readable
    for (std::size_t i = 0; i != users.size(); ++i) {
        auto& device = found[i];
        if (device) {
            owners.devices.push_back({users[i], *std::move(device)});
        } else if (is_unreadable(device.error().code)) {
            owners.unreadable.push_back(users[i]);
            why = device.error();
        } else if (device.error() != errc::device_unknown) {
            co_return device.error();
        }
    }
    if (owners.devices.empty()) co_return why;
    co_return std::move(owners);
}

inline store::task<registered_device> remove_device(registry_body b, std::string user, std::string key_id,
                                                    unix_time now, std::pmr::memory_resource* frames) {
    auto removed = co_await store::as_result(change_device(b, user, key_id, removal{}, now, frames));
    std::vector<std::string> const gone{key_id};
    bool const is_gone = removed || removed.error() == errc::device_unknown; // perhaps by a call that was interrupted
    if (b->policy.index_key_ids && is_gone) co_await unlist_user(b, user, gone, now, frames);
    if (!removed) co_return removed.error();
    co_return *std::move(removed);
}

inline store::task<std::vector<registered_device>> remove_all_devices(registry_body b, std::string user, unix_time now,
                                                                      std::pmr::memory_resource* frames) {
    std::vector<std::string> gone;
    auto const apply = [&](device_roster& roster) -> result<bool> {
        gone.clear();
        for (auto const& d : roster.devices) gone.push_back(d.key_id);
        roster = {};
        return true;
    };
    co_await change_devices(b, user, now, apply, frames);
    if (b->policy.index_key_ids) co_await unlist_user(b, user, gone, now, frames);
    co_return std::vector<registered_device>{};
}

// ---- a new device

// E16. The kind's own limit first, then that of all; each as often as it takes, should the policy have become stricter.
inline result<void> admit(device_policy const& policy, device_details const& details, device_roster& roster,
                          std::vector<std::string>& replaced) {
    auto& devices = roster.devices;
    if (roster.suspended) return errc::device_suspended;
    for (auto const& d : devices)
        if (d.key_id == details.key_id || d.key == details.key) return errc::device_already_registered;
    if (roster.has_blocked(details.key)) return errc::device_blocked;

    auto const free_place = [&](std::size_t max, bool of_kind) -> bool {
        auto const counts = [&](registered_device const& d) {
            return (!of_kind || d.kind == details.kind) && takes_place(policy, d);
        };
        auto const may_go = [&](registered_device const& d) { return counts(d) && !is_blocked(d.state); };
        while (static_cast<std::size_t>(std::count_if(devices.begin(), devices.end(), counts)) >= max) {
            if (policy.when_full == at_limit::refuse || max == 0) return false;
            auto const oldest = std::find_if(devices.begin(), devices.end(), may_go);
            if (oldest == devices.end()) return false; // those that are blocked stay known as such
            replaced.push_back(oldest->key_id);
            devices.erase(oldest);
        }
        return true;
    };
    auto const of_kind = policy.max_of_kind[static_cast<std::size_t>(details.kind)];
    if ((of_kind != 0 && !free_place(of_kind, true)) || !free_place(policy.max_devices, false))
        return errc::device_limit_reached;
    return {};
}

// `checked`: whether the evidence is about this key.
inline store::task<added_device> add(registry_body b, std::string user, device_details details, key_evidence evidence,
                                     result<void> checked, std::string device_id, unix_time now,
                                     std::pmr::memory_resource* frames) {
    co_await checked;
    if (user.empty() || details.key_id.empty()) co_return errc::out_of_range;
    added_device added{{std::move(details), std::move(device_id)}, {}};
    added.created = added.updated = added.last_activity = now;
    added.evidence = evidence;
    device_roster const alone{false, {added}};
    co_await write_devices(alone); // each detail fits
    bool const indexed = b->policy.index_key_ids;
    if (indexed && user.size() > max_indexed_user) co_return errc::out_of_range;
    if (indexed) co_await list_new_user(b, user, added.key_id, now, frames);

    auto const apply = [&](device_roster& roster) -> result<bool> {
        added.replaced.clear();
        if (auto admitted = admit(b->policy, added, roster, added.replaced); !admitted) return admitted.error();
        roster.devices.push_back(added);
        return true;
    };
    auto const written = co_await store::as_result(change_devices(b, user, now, apply, frames));
    if (indexed) {
        auto gone = written ? added.replaced : std::vector<std::string>{added.key_id};
        if (written) // the user is listed already, unless the same device was just removed
            co_await list_user(key_id_key(*b, added.key_id), user, now, frames);
        co_await unlist_user(b, user, std::move(gone), now, frames);
    }
    if (!written) co_return written.error();
    co_return std::move(added);
}

// ---- a proof

// An answer, what its challenge was issued for, and what came of it so far.
struct device_proof {
    std::string user, key_id, token, purpose, session{}, action{};
    std::optional<bytes> raw_signature{}; // with the older form, whose token is the challenge

    std::optional<registered_device> device{};
    std::optional<proof::verified_key> proved{};

    store::task<proof::verified_key> redeem(std::string_view app, proof::device_key const& key, unix_time now,
                                            std::pmr::memory_resource* frames) const {
        proof::challenge_params const params{
            .purpose = purpose, .app = app, .user = user, .key_id = key_id, .session = session, .action = action};
        return raw_signature ? proof::redeem_challenge_legacy_raw(token, *raw_signature, params, key.key(),
                                                                  key.algorithm_id(), now, frames)
                             : proof::redeem_challenge(token, params, key.key(), key.algorithm_id(), now, frames);
    }
};

// Redeems the challenge the first time. Whenever the record is read again, what is there then decides.
inline store::task<store::swap_decision> judge_proof(device_registry::body const* b, device_proof* p,
                                                     std::optional<store::record> const* found, unix_time now,
                                                     std::pmr::memory_resource* frames) {
    auto proved = std::exchange(p->proved, std::nullopt);
    auto roster = co_await read_devices(*found);
    auto* const device = find_in(roster, p->key_id);
    if (!device) co_return errc::device_unknown;
    if (!proved) {
        auto const redeemed = co_await p->redeem(b->app, device->key, now, frames);
        proved = redeemed;
    }
    if (!device->usable()) co_return device_state_refusal(device->state);
    co_await check_possession(*proved, device->key);
    if (b->policy.compliant && !b->policy.compliant(*device)) co_return errc::device_not_compliant;

    p->proved = proved;
    bool const is_due = saturating_add(device->last_activity, b->policy.touch_every) <= now;
    device->last_activity = std::max(device->last_activity, now);
    p->device = *device;
    if (!is_due) co_return store::swap_decision::keep();
    co_return write_devices(roster, true);
}

inline store::task<proved_device> prove(registry_body b, device_proof p, unix_time now,
                                        std::pmr::memory_resource* frames) {
    auto const judge = [&](std::optional<store::record> const& found) {
        return judge_proof(b.get(), &p, &found, now, frames);
    };
    // A proof that held holds, even if the last activity could not be written.
    auto const noted = co_await store::as_result(store::compare_and_swap(devices_key(*b, p.user), now, judge, frames));
    if (!p.proved) co_return noted.error();
    co_return proved_device{*std::move(p.device), *p.proved};
}

} // namespace detail

// ---- the registry's calls

SIGNET_DECL device_registry::device_registry(std::string app, device_policy policy)
    : body_{std::make_shared<body const>(body{std::move(app), policy})} {}

SIGNET_DECL store::task<added_device> device_registry::add(std::string_view user, device_details details,
                                                           proof::verified_key const& proved, unix_time now,
                                                           random_ref rng, std::pmr::memory_resource* frames) const {
    auto const checked = detail::check_possession(proved, details.key);
    return detail::add(body_, std::string{user}, std::move(details), key_evidence::possession, checked,
                       codec::detail::fresh_id(rng), now, frames);
}
SIGNET_DECL store::task<added_device> device_registry::add_unproved(std::string_view user, device_details details,
                                                                    unix_time now, random_ref rng,
                                                                    std::pmr::memory_resource* frames) const {
    return detail::add(body_, std::string{user}, std::move(details), key_evidence::none, {},
                       codec::detail::fresh_id(rng), now, frames);
}
SIGNET_DECL store::task<added_device> device_registry::add_attested(std::string_view user, device_details details,
                                                                    attested_key const& attested, unix_time now,
                                                                    random_ref rng,
                                                                    std::pmr::memory_resource* frames) const {
    bool const is_it = details.key == attested.key() && details.key.algorithm_id() == attested.key().algorithm_id();
    return detail::add(body_, std::string{user}, std::move(details), attested.evidence(),
                       is_it ? result<void>{} : errc::possession_missing, codec::detail::fresh_id(rng), now, frames);
}

SIGNET_DECL store::task<registered_device> device_registry::find(std::string_view user, std::string_view key_id,
                                                                 unix_time now,
                                                                 std::pmr::memory_resource* frames) const {
    return detail::change_device(body_, std::string{user}, std::string{key_id}, detail::read_only{}, now, frames);
}
SIGNET_DECL store::task<registered_device> device_registry::find_by_key(std::string_view user,
                                                                        crypto::sha256_digest const& key, unix_time now,
                                                                        std::pmr::memory_resource* frames) const {
    return detail::find_by_key(body_, std::string{user}, key, now, frames);
}
SIGNET_DECL store::task<key_id_owners> device_registry::find_by_key_id(std::string_view key_id, unix_time now,
                                                                       std::pmr::memory_resource* frames) const {
    return detail::find_by_key_id(body_, std::string{key_id}, now, frames);
}
SIGNET_DECL store::task<registered_device> device_registry::block(std::string_view user, std::string_view key_id,
                                                                  unix_time now,
                                                                  std::pmr::memory_resource* frames) const {
    return detail::change_device(body_, std::string{user}, std::string{key_id},
                                 detail::device_move{device_event::block}, now, frames);
}
SIGNET_DECL store::task<registered_device> device_registry::unblock(std::string_view user, std::string_view key_id,
                                                                    unix_time now,
                                                                    std::pmr::memory_resource* frames) const {
    return detail::change_device(body_, std::string{user}, std::string{key_id}, detail::unblocking{body_->policy}, now,
                                 frames);
}
SIGNET_DECL store::task<std::size_t> device_registry::forget_blocked_keys(std::string_view user,
                                                                          std::string_view key_id, unix_time now,
                                                                          std::pmr::memory_resource* frames) const {
    return detail::forget_blocked_keys(body_, std::string{user}, std::string{key_id}, now, frames);
}
SIGNET_DECL store::task<registered_device> device_registry::remove(std::string_view user, std::string_view key_id,
                                                                   unix_time now,
                                                                   std::pmr::memory_resource* frames) const {
    return detail::remove_device(body_, std::string{user}, std::string{key_id}, now, frames);
}
SIGNET_DECL store::task<registered_device> device_registry::rename(std::string_view user, std::string_view key_id,
                                                                   std::string display_name, unix_time now,
                                                                   std::pmr::memory_resource* frames) const {
    return detail::change_device(
        body_, std::string{user}, std::string{key_id},
        detail::new_text{&registered_device::display_name, detail::max_label, std::move(display_name)}, now, frames);
}
SIGNET_DECL store::task<registered_device> device_registry::set_custom_data(std::string_view user,
                                                                            std::string_view key_id, std::string data,
                                                                            unix_time now,
                                                                            std::pmr::memory_resource* frames) const {
    return detail::change_device(
        body_, std::string{user}, std::string{key_id},
        detail::new_text{&registered_device::custom_data, detail::max_custom_data, std::move(data)}, now, frames);
}
SIGNET_DECL store::task<registered_device> device_registry::set_push(std::string_view user, std::string_view key_id,
                                                                     push_target target, unix_time now,
                                                                     std::pmr::memory_resource* frames) const {
    return detail::change_device(body_, std::string{user}, std::string{key_id}, detail::new_push{std::move(target)},
                                 now, frames);
}
SIGNET_DECL store::task<registered_device> device_registry::touch(std::string_view user, std::string_view key_id,
                                                                  unix_time now,
                                                                  std::pmr::memory_resource* frames) const {
    return detail::change_device(body_, std::string{user}, std::string{key_id},
                                 detail::activity{body_->policy.touch_every}, now, frames);
}
SIGNET_DECL store::task<registered_device> device_registry::rotate_key(
    std::string_view user, std::string_view key_id, proof::device_key key, proof::verified_key const& old_proved,
    proof::verified_key const& new_proved, unix_time now, std::pmr::memory_resource* frames) const {
    return detail::change_device(body_, std::string{user}, std::string{key_id},
                                 detail::new_key{std::move(key), old_proved, new_proved}, now, frames);
}

SIGNET_DECL store::task<std::vector<registered_device>> device_registry::list(std::string_view user, unix_time now,
                                                                              std::pmr::memory_resource* frames) const {
    return detail::change_all(body_, std::string{user}, detail::read_only{}, now, frames);
}
SIGNET_DECL store::task<std::vector<registered_device>> device_registry::suspend(
    std::string_view user, unix_time now, std::pmr::memory_resource* frames) const {
    return detail::change_all(body_, std::string{user}, detail::suspension{true}, now, frames);
}
SIGNET_DECL store::task<std::vector<registered_device>> device_registry::reactivate(
    std::string_view user, unix_time now, std::pmr::memory_resource* frames) const {
    return detail::change_all(body_, std::string{user}, detail::suspension{false}, now, frames);
}
SIGNET_DECL store::task<std::vector<registered_device>> device_registry::remove_all(
    std::string_view user, unix_time now, std::pmr::memory_resource* frames) const {
    return detail::remove_all_devices(body_, std::string{user}, now, frames);
}

SIGNET_DECL store::task<proved_device> device_registry::prove(std::string_view user, std::string_view key_id,
                                                              std::string token, std::string purpose, unix_time now,
                                                              std::string session, std::string action,
                                                              std::pmr::memory_resource* frames) const {
    detail::device_proof p{std::string{user},  std::string{key_id}, std::move(token),
                           std::move(purpose), std::move(session),  std::move(action)};
    return detail::prove(body_, std::move(p), now, frames);
}

SIGNET_DECL store::task<proved_device> device_registry::prove_legacy_raw(std::string_view user, std::string_view key_id,
                                                                         std::string challenge, bytes_view signature,
                                                                         std::string purpose, unix_time now,
                                                                         std::pmr::memory_resource* frames) const {
    detail::device_proof p{std::string{user}, std::string{key_id}, std::move(challenge), std::move(purpose)};
    p.raw_signature.emplace(signature.begin(), signature.end());
    return detail::prove(body_, std::move(p), now, frames);
}

}}} // namespace signet::device

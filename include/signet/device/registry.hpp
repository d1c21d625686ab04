// SPDX-License-Identifier: BSL-1.0
// The devices of a user in an application: registered, listed, blocked, proved.
#pragma once

#include <signet/core/random.hpp>
#include <signet/crypto/random.hpp>
#include <signet/device/device.hpp>
#include <signet/proof/challenge.hpp>
#include <signet/store/task.hpp>

#include <array>
#include <memory>
#include <string>
#include <vector>

namespace signet { inline namespace SIGNET_ABI { namespace device {

/// What happens to a new device if the user has as many as allowed.
enum class at_limit : std::uint8_t {
    refuse,         ///< `errc::device_limit_reached`
    replace_oldest, ///< removes the oldest device that is not blocked, of the same kind if that limit is reached
};

/// How many keys of removed devices a user's record remembers as blocked.
inline constexpr std::size_t max_blocked_keys = 64;

/// The limits on the devices of a user.
struct device_policy {
    std::size_t max_devices = 16; ///< per user; a record has space for about 20 with all their data
    std::array<std::uint8_t, device_kinds> max_of_kind{}; ///< by `device_kind`; 0: only `max_devices` limits
    at_limit when_full = at_limit::refuse;
    bool blocked_count = true;            ///< whether blocked devices count; if not, unblocking needs a free place
    std::chrono::seconds touch_every{60}; ///< the last activity is written at most this often
    /// Called with the device after a good proof. If it returns false, the proof fails with
    /// `errc::device_not_compliant`.
    bool (*compliant)(registered_device const&) = nullptr;
    /// Whether `find_by_key_id` finds devices that are registered from now on. A registration then makes four more
    /// requests to the store, a removal three, and each replaced device three. At most `max_key_id_users` users can
    /// have one key id, and a malicious client could use up all of them. So let the server choose key ids that nobody
    /// can guess, or use the key's thumbprint.
    bool index_key_ids = false;
};

/// A device that was just registered, and the devices that it replaced.
struct added_device : registered_device {
    /// The key ids of devices that were removed under `at_limit::replace_oldest`. End the sessions that depend on them.
    std::vector<std::string> replaced{};
};

/// A device with its user, as administrators see it.
struct owned_device {
    std::string user;
    registered_device device;
};

/// The users who have a device of one key id.
struct key_id_owners {
    std::vector<owned_device> devices;
    /// Users who may have such a device too, but whose record cannot be read. Do not treat them as users without one.
    std::vector<std::string> unreadable{};
};

/// A device that has just proved its key, and the evidence.
struct proved_device {
    registered_device device;
    proof::verified_key key;
};

/// The registry of one application. It holds no devices; every call returns an operation for the store.
///
/// All devices of a user are in one record, so limits, lists and "block all" are atomic. Two applications never see
/// each other's devices. An operation on one device returns its new state.
///
/// Thread safety: may be called concurrently; copies share one body.
/// Lifetime: arguments are copied; an operation needs neither them nor the registry.
/// Memory: the frames of an operation come from `frames` if given.
/// Errors of every operation: those of the store; `record_malformed` and `record_newer` if the user's record cannot be
/// read.
///
/// @par Example
/// `device_registry const devices{"shop"};`
/// `auto added = run(devices.add("anna", {.key_id = "phone-1", .key = *key}, proved, now), db);`
class device_registry {
public:
    /// Makes the registry of one application.
    explicit SIGNET_DECL device_registry(std::string app, device_policy policy = {});

    /// Registers a device whose key was proved in this request. It is active at once.
    ///
    /// Errors: `possession_missing` if another key was proved; `device_already_registered` if the key id or the key is
    /// registered; `device_blocked` for the key of a device that was removed while it was blocked;
    /// `device_limit_reached`; `key_id_limit_reached` if `max_key_id_users` have this key id and key ids are indexed;
    /// `device_suspended`; `out_of_range` for an empty user, and for a user or detail that is too long.
    [[nodiscard]] SIGNET_DECL store::task<added_device> add(std::string_view user, device_details details,
                                                            proof::verified_key const& proved, unix_time now,
                                                            random_ref rng = system_random(),
                                                            std::pmr::memory_resource* frames = nullptr) const;
    /// Registers a device without a proof, for backends that received the key from a party that they trust.
    [[nodiscard]] SIGNET_DECL store::task<added_device> add_unproved(std::string_view user, device_details details,
                                                                     unix_time now, random_ref rng = system_random(),
                                                                     std::pmr::memory_resource* frames = nullptr) const;
    /// Registers the key of a passkey that was registered in this request, with its algorithm and evidence: see
    /// `attested_key`. Call it only after `webauthn::finish_registration` has stored the passkey: if the key itself
    /// signed nothing, only that check makes sure that it is no other user's.
    ///
    /// Afterwards an assertion by the passkey proves the device: `find_by_key` with the thumbprint of
    /// `webauthn::asserted::key`. As `details.key_id` the thumbprint in base64url serves; a credential id can be too
    /// long.
    ///
    /// Errors: `possession_missing` if `details.key` is another key or pinned to another algorithm; otherwise those of
    /// `add`.
    [[nodiscard]] SIGNET_DECL store::task<added_device> add_attested(std::string_view user, device_details details,
                                                                     attested_key const& attested, unix_time now,
                                                                     random_ref rng = system_random(),
                                                                     std::pmr::memory_resource* frames = nullptr) const;

    /// Finds a device by application, user and key id. Check `usable()` before you rely on the device. Errors:
    /// `device_unknown`.
    [[nodiscard]] SIGNET_DECL store::task<registered_device> find(std::string_view user, std::string_view key_id,
                                                                  unix_time now,
                                                                  std::pmr::memory_resource* frames = nullptr) const;
    /// Returns the device of the user that has this key, by its thumbprint (RFC 7638). Errors: `device_unknown`;
    /// `device_blocked` for the key of a device that was removed while it was blocked; `device_suspended` for an
    /// unknown key while the user is suspended.
    [[nodiscard]] SIGNET_DECL store::task<registered_device> find_by_key(
        std::string_view user, crypto::sha256_digest const& key, unix_time now,
        std::pmr::memory_resource* frames = nullptr) const;
    /// Returns all devices of a user in the order of their registration.
    [[nodiscard]] SIGNET_DECL store::task<std::vector<registered_device>> list(
        std::string_view user, unix_time now, std::pmr::memory_resource* frames = nullptr) const;

    /// Finds the devices of a key id across all users, in no order: for administrators and journeys that know a device
    /// by its key id alone. Several users may have registered one device. A key id is a label: compare the keys before
    /// you act on a device that another user reported.
    ///
    /// A user whose record is damaged, of a newer version or encrypted with an unknown key is named in `unreadable`,
    /// and hides no others.
    ///
    /// Errors: `device_unknown` for none; why no record was readable, if none was; those of the store; `out_of_range`
    /// if the policy does not index key ids.
    [[nodiscard]] SIGNET_DECL store::task<key_id_owners> find_by_key_id(
        std::string_view key_id, unix_time now, std::pmr::memory_resource* frames = nullptr) const;

    /// Blocks a device, so that its proofs are refused. Its sessions continue until `device_sessions::end_by_key` and
    /// `login_sessions::revoke_by_key` end them. Errors: `already_blocked`; `device_unknown`.
    [[nodiscard]] SIGNET_DECL store::task<registered_device> block(std::string_view user, std::string_view key_id,
                                                                   unix_time now,
                                                                   std::pmr::memory_resource* frames = nullptr) const;
    /// Unblocks a device. Errors: `not_blocked`; `device_unknown`; `device_limit_reached` if blocked devices do not
    /// count and there is no free place.
    [[nodiscard]] SIGNET_DECL store::task<registered_device> unblock(std::string_view user, std::string_view key_id,
                                                                     unix_time now,
                                                                     std::pmr::memory_resource* frames = nullptr) const;
    /// Removes a device and returns its last state. The key id may then be registered again, as a new device. The key
    /// of a blocked device stays blocked until `forget_blocked_keys`: `add` and `rotate_key` refuse it with
    /// `device_blocked`. Errors: `device_unknown`; `device_limit_reached` if `max_blocked_keys` are remembered, and
    /// then the device stays.
    [[nodiscard]] SIGNET_DECL store::task<registered_device> remove(std::string_view user, std::string_view key_id,
                                                                    unix_time now,
                                                                    std::pmr::memory_resource* frames = nullptr) const;
    /// Allows the keys of blocked and removed devices of that key id to be registered again. Returns how many there
    /// were. Errors: `device_unknown` for none.
    [[nodiscard]] SIGNET_DECL store::task<std::size_t> forget_blocked_keys(
        std::string_view user, std::string_view key_id, unix_time now,
        std::pmr::memory_resource* frames = nullptr) const;
    /// Changes the labels and data of a device. Errors: `device_unknown`; `out_of_range` for a text that is too long.
    [[nodiscard]] SIGNET_DECL store::task<registered_device> rename(std::string_view user, std::string_view key_id,
                                                                    std::string display_name, unix_time now,
                                                                    std::pmr::memory_resource* frames = nullptr) const;
    [[nodiscard]] SIGNET_DECL store::task<registered_device> set_custom_data(
        std::string_view user, std::string_view key_id, std::string data, unix_time now,
        std::pmr::memory_resource* frames = nullptr) const;
    [[nodiscard]] SIGNET_DECL store::task<registered_device> set_push(
        std::string_view user, std::string_view key_id, push_target target, unix_time now,
        std::pmr::memory_resource* frames = nullptr) const;
    /// Sets the last activity, at most once in `touch_every`.
    [[nodiscard]] SIGNET_DECL store::task<registered_device> touch(std::string_view user, std::string_view key_id,
                                                                   unix_time now,
                                                                   std::pmr::memory_resource* frames = nullptr) const;
    /// Replaces the key of an active device. Both keys must have been proved in this request. What the old key began
    /// continues, and no block of the device reaches it: call `device_sessions::end_by_key` and
    /// `login_sessions::revoke_by_key` with `old_proved.thumbprint()`.
    ///
    /// Errors: `possession_missing` if one was not proved, or if the old key is no longer the device's;
    /// `device_blocked` for the key of a device that was removed while it was blocked.
    [[nodiscard]] SIGNET_DECL store::task<registered_device> rotate_key(
        std::string_view user, std::string_view key_id, proof::device_key new_key,
        proof::verified_key const& old_proved, proof::verified_key const& new_proved, unix_time now,
        std::pmr::memory_resource* frames = nullptr) const;

    /// Suspends all present and future devices of the user until `reactivate`. Returns all of them. Errors:
    /// `already_suspended`.
    [[nodiscard]] SIGNET_DECL store::task<std::vector<registered_device>> suspend(
        std::string_view user, unix_time now, std::pmr::memory_resource* frames = nullptr) const;
    /// Restores the states from before the suspension. Returns all devices. Errors: `not_suspended`.
    [[nodiscard]] SIGNET_DECL store::task<std::vector<registered_device>> reactivate(
        std::string_view user, unix_time now, std::pmr::memory_resource* frames = nullptr) const;
    /// Removes all devices of the user, ends a suspension, and forgets blocked keys: for a user who is deleted. Returns
    /// an empty list.
    [[nodiscard]] SIGNET_DECL store::task<std::vector<registered_device>> remove_all(
        std::string_view user, unix_time now, std::pmr::memory_resource* frames = nullptr) const;

    /// Verifies the answer of a device to a challenge for `purpose`, this application, user and key id (and session and
    /// action). It checks the signature with the stored key and algorithm, uses up the challenge, and writes the last
    /// activity.
    ///
    /// The proof is valid even if the last activity could not be written. `device_blocked` is returned only if the
    /// answer is otherwise valid. To clients, all these errors should look the same.
    ///
    /// Errors: `device_unknown`; those of `proof::redeem_challenge`; `device_blocked`; `device_suspended`;
    /// `device_not_compliant`; `possession_missing` if the key was changed meanwhile.
    [[nodiscard]] SIGNET_DECL store::task<proved_device> prove(std::string_view user, std::string_view key_id,
                                                               std::string token, std::string purpose, unix_time now,
                                                               std::string session = {}, std::string action = {},
                                                               std::pmr::memory_resource* frames = nullptr) const;
    /// Verifies the older form of an answer, a signature of the challenge's characters. See
    /// `proof::redeem_challenge_legacy_raw`.
    [[nodiscard]] SIGNET_DECL store::task<proved_device> prove_legacy_raw(
        std::string_view user, std::string_view key_id, std::string challenge, bytes_view signature,
        std::string purpose, unix_time now, std::pmr::memory_resource* frames = nullptr) const;

    struct body; ///< defined in impl/registry.ipp

private:
    std::shared_ptr<body const> body_;
};

/// The devices of one user, with the operations that the user may perform: for pages that users see. A user can block a
/// device; only an administrator can unblock it, with `device_registry`.
///
/// Thread safety: may be called concurrently. Lifetime and errors: those of `device_registry`.
///
/// Example: `user_devices const own{devices, "anna"}; run(own.block("phone-1", now), db);`
class user_devices {
public:
    /// Takes the name of the user whose request this is.
    user_devices(device_registry registry, std::string user) : registry_{std::move(registry)}, user_{std::move(user)} {}

    /// Return what the registry's functions of these names return.
    [[nodiscard]] store::task<std::vector<registered_device>> list(unix_time now,
                                                                   std::pmr::memory_resource* frames = nullptr) const {
        return registry_.list(user_, now, frames);
    }
    [[nodiscard]] store::task<registered_device> rename(std::string_view key_id, std::string display_name,
                                                        unix_time now,
                                                        std::pmr::memory_resource* frames = nullptr) const {
        return registry_.rename(user_, key_id, std::move(display_name), now, frames);
    }
    [[nodiscard]] store::task<registered_device> block(std::string_view key_id, unix_time now,
                                                       std::pmr::memory_resource* frames = nullptr) const {
        return registry_.block(user_, key_id, now, frames);
    }
    [[nodiscard]] store::task<registered_device> remove(std::string_view key_id, unix_time now,
                                                        std::pmr::memory_resource* frames = nullptr) const {
        return registry_.remove(user_, key_id, now, frames);
    }

private:
    device_registry registry_;
    std::string user_;
};

}}} // namespace signet::device

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/device/impl/registry.ipp>
#endif

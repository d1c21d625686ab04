// SPDX-License-Identifier: BSL-1.0
// The devices of a user in an application: registered, listed, blocked, proved (RULES E1-E21).
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

/// What happens to a new device when the user has as many as allowed (E16).
enum class at_limit : std::uint8_t {
    refuse,         ///< `errc::device_limit_reached`
    replace_oldest, ///< the one registered first goes, of its kind where the kind's limit is reached; none that is
                    ///< blocked
};

/// How many keys of removed devices a user's record remembers as blocked.
inline constexpr std::size_t max_blocked_keys = 64;

/// How many devices, of which keys.
struct device_policy {
    std::size_t max_devices = 16;                         ///< per user; a record holds about 20 with all their data
    std::array<std::uint8_t, device_kinds> max_of_kind{}; ///< by `device_kind`; 0: only `max_devices` counts
    at_limit when_full = at_limit::refuse;
    bool blocked_count = true;            ///< towards the limits; else blocking frees a place, and unblocking needs one
    std::chrono::seconds touch_every{60}; ///< last activity is not written more often than this
    /// E20: asked with the device after its proof held; false is `errc::device_not_compliant`.
    bool (*compliant)(registered_device const&) = nullptr;
};

/// A device that was just registered, and what gave way to it.
struct added_device : registered_device {
    /// The key ids that gave way under `at_limit::replace_oldest`: end what hangs on them.
    std::vector<std::string> replaced{};
};

/// A device that has just proved itself, and the evidence.
struct proved_device {
    registered_device device;
    proof::verified_key key;
};

/// The registry of one application. It holds no devices, only names and policy: every call returns an operation for the
/// store. All devices of a user stand in one record, so that limits, "block all" and the list are each one atomic step;
/// two applications never see each other's devices (E3).
///
/// An operation on one device gives it as it now is. All of them fail with the store's errors, and with
/// `record_malformed` or `record_newer` if the user's record cannot be read.
///
/// Thread safety: may be called concurrently; copies share one body.
/// Lifetime: arguments are copied; an operation needs neither them nor the registry.
/// Memory: the frames of an operation come from `frames` if given.
///
/// @par Example
/// `device_registry const devices{"shop"};`
/// `auto added = run(devices.add("anna", {.key_id = "phone-1", .key = *key}, proved, now), db);`
class device_registry {
public:
    /// The registry of one application; it holds no state but these.
    explicit SIGNET_DECL device_registry(std::string app, device_policy policy = {});

    /// Registers a device whose possession of the key was proved in this request (E4, E5): it is active at once (E10).
    ///
    /// Errors: `possession_missing` (another key was proved), `device_already_registered` (key id or key are there
    /// already), `device_blocked` (the key of a device that was removed while it was blocked), `device_limit_reached`,
    /// `device_suspended`, `out_of_range` (no user, or a detail longer than it may be).
    [[nodiscard]] SIGNET_DECL store::task<added_device> add(std::string_view user, device_details details,
                                                            proof::verified_key const& proved, unix_time now,
                                                            random_ref rng = system_random(),
                                                            std::pmr::memory_resource* frames = nullptr) const;
    /// By name: without proof, for backends that were told the key by someone they trust.
    [[nodiscard]] SIGNET_DECL store::task<added_device> add_unproved(std::string_view user, device_details details,
                                                                     unix_time now, random_ref rng = system_random(),
                                                                     std::pmr::memory_resource* frames = nullptr) const;

    /// E8: by application, user and key id. `device_unknown`; ask `usable()` before relying on it (E15, E18).
    [[nodiscard]] SIGNET_DECL store::task<registered_device> find(std::string_view user, std::string_view key_id,
                                                                  unix_time now,
                                                                  std::pmr::memory_resource* frames = nullptr) const;
    /// The device of the user that has this key, by its thumbprint (RFC 7638). `device_unknown`; `device_blocked` for
    /// the key of a device that was removed while it was blocked; `device_suspended` for a key that is not there while
    /// the user is suspended.
    [[nodiscard]] SIGNET_DECL store::task<registered_device> find_by_key(
        std::string_view user, crypto::sha256_digest const& key, unix_time now,
        std::pmr::memory_resource* frames = nullptr) const;
    /// All devices of a user, in the order they were registered.
    [[nodiscard]] SIGNET_DECL store::task<std::vector<registered_device>> list(
        std::string_view user, unix_time now, std::pmr::memory_resource* frames = nullptr) const;

    /// E11, E14. From here on it proves nothing; what it began before goes on, until `device_sessions::end_by_key` and
    /// `login_sessions::revoke_by_key` end that. `already_blocked`, `device_unknown`.
    [[nodiscard]] SIGNET_DECL store::task<registered_device> block(std::string_view user, std::string_view key_id,
                                                                   unix_time now,
                                                                   std::pmr::memory_resource* frames = nullptr) const;
    /// E12. `not_blocked`, `device_unknown`; `device_limit_reached` where blocked devices take no place and all are
    /// taken.
    [[nodiscard]] SIGNET_DECL store::task<registered_device> unblock(std::string_view user, std::string_view key_id,
                                                                     unix_time now,
                                                                     std::pmr::memory_resource* frames = nullptr) const;
    /// E13. Gives the device as it was; the same key id may be registered afterwards, as a new device. The key of a
    /// blocked device stays blocked: `add` and `rotate_key` refuse it with `device_blocked`, until
    /// `forget_blocked_keys`. `device_unknown`; `device_limit_reached` where `max_blocked_keys` are remembered, and the
    /// device stays as it is.
    [[nodiscard]] SIGNET_DECL store::task<registered_device> remove(std::string_view user, std::string_view key_id,
                                                                    unix_time now,
                                                                    std::pmr::memory_resource* frames = nullptr) const;
    /// The keys of devices of that key id that were removed while blocked may be registered again. Gives how many there
    /// are; `device_unknown` for none.
    [[nodiscard]] SIGNET_DECL store::task<std::size_t> forget_blocked_keys(
        std::string_view user, std::string_view key_id, unix_time now,
        std::pmr::memory_resource* frames = nullptr) const;
    /// Labels and data, which nothing is decided by. `device_unknown`; `out_of_range` for what is too long.
    [[nodiscard]] SIGNET_DECL store::task<registered_device> rename(std::string_view user, std::string_view key_id,
                                                                    std::string display_name, unix_time now,
                                                                    std::pmr::memory_resource* frames = nullptr) const;
    [[nodiscard]] SIGNET_DECL store::task<registered_device> set_custom_data(
        std::string_view user, std::string_view key_id, std::string data, unix_time now,
        std::pmr::memory_resource* frames = nullptr) const;
    [[nodiscard]] SIGNET_DECL store::task<registered_device> set_push(
        std::string_view user, std::string_view key_id, push_target target, unix_time now,
        std::pmr::memory_resource* frames = nullptr) const;
    /// Moves the last activity, at most once in `touch_every`.
    [[nodiscard]] SIGNET_DECL store::task<registered_device> touch(std::string_view user, std::string_view key_id,
                                                                   unix_time now,
                                                                   std::pmr::memory_resource* frames = nullptr) const;
    /// Puts a new key in the place of the old one; both were proved in this request. `possession_missing` otherwise,
    /// also where the old key is no longer the device's; a device that is not active keeps its key. `device_blocked`
    /// for the key of a device that was removed while it was blocked.
    [[nodiscard]] SIGNET_DECL store::task<registered_device> rotate_key(
        std::string_view user, std::string_view key_id, proof::device_key new_key,
        proof::verified_key const& old_proved, proof::verified_key const& new_proved, unix_time now,
        std::pmr::memory_resource* frames = nullptr) const;

    /// All devices of the user, and those to come, until reactivated. Gives all of them. `already_suspended`.
    [[nodiscard]] SIGNET_DECL store::task<std::vector<registered_device>> suspend(
        std::string_view user, unix_time now, std::pmr::memory_resource* frames = nullptr) const;
    /// Restores what was active before the suspension. Gives all of them. `not_suspended`.
    [[nodiscard]] SIGNET_DECL store::task<std::vector<registered_device>> reactivate(
        std::string_view user, unix_time now, std::pmr::memory_resource* frames = nullptr) const;
    /// Forgets all devices of the user, blocks of removed ones and a suspension: for a user who is deleted. Gives none.
    [[nodiscard]] SIGNET_DECL store::task<std::vector<registered_device>> remove_all(
        std::string_view user, unix_time now, std::pmr::memory_resource* frames = nullptr) const;

    /// E17: the device answered a challenge issued for `purpose`, this app, user and key id (and session and action).
    ///
    /// Checked with the stored key and its algorithm; the challenge is used up, and the last activity is noted. A proof
    /// that held still holds if only that could not be written. Whether the device is blocked is told only of an answer
    /// that is otherwise right, and of what it is when the activity is written. Errors: `device_unknown`, those of
    /// `proof::redeem_challenge`, `device_blocked`, `device_suspended`, `device_not_compliant`, `possession_missing`
    /// (its key was changed meanwhile). Outward all of them are one refusal.
    [[nodiscard]] SIGNET_DECL store::task<proved_device> prove(std::string_view user, std::string_view key_id,
                                                               std::string token, std::string purpose, unix_time now,
                                                               std::string session = {}, std::string action = {},
                                                               std::pmr::memory_resource* frames = nullptr) const;
    /// By name: the older form of an answer, the signature of the challenge's characters; see
    /// `proof::redeem_challenge_legacy_raw`.
    [[nodiscard]] SIGNET_DECL store::task<proved_device> prove_legacy_raw(
        std::string_view user, std::string_view key_id, std::string challenge, bytes_view signature,
        std::string purpose, unix_time now, std::pmr::memory_resource* frames = nullptr) const;

    struct body; ///< impl/registry.ipp

private:
    std::shared_ptr<body const> body_;
};

}}} // namespace signet::device

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/device/impl/registry.ipp>
#endif

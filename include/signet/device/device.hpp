// SPDX-License-Identifier: BSL-1.0
// A registered device: its data and its lifecycle.
#pragma once

#include <signet/core/time.hpp>
#include <signet/core/transition_table.hpp>
#include <signet/proof/device_key.hpp>

#include <concepts>
#include <string>
#include <string_view>
#include <utility>

namespace signet { inline namespace SIGNET_ABI { namespace device {

/// The state of a device. A device that was blocked before its user was suspended is still blocked when the user is
/// reactivated.
enum class device_state : std::uint8_t { active, blocked, suspended, blocked_suspended, removed };
/// An event in the life of a device.
enum class device_event : std::uint8_t { block, unblock, suspend, reactivate, remove };

/// The names of the states, as in the diagram.
inline constexpr auto device_state_names = make_enum_names<device_state>({
    {device_state::active, "active"},
    {device_state::blocked, "blocked"},
    {device_state::suspended, "suspended"},
    {device_state::blocked_suspended, "blocked and suspended"},
    {device_state::removed, "removed"},
});
[[nodiscard]] constexpr std::string_view name(device_state s) noexcept { return device_state_names[s]; }
/// The names of the events, as in the diagram.
inline constexpr auto device_event_names = make_enum_names<device_event>({
    {device_event::block, "block"},
    {device_event::unblock, "unblock"},
    {device_event::suspend, "suspend the user"},
    {device_event::reactivate, "reactivate the user"},
    {device_event::remove, "remove"},
});
[[nodiscard]] constexpr std::string_view name(device_event e) noexcept { return device_event_names[e]; }

/// The lifecycle of a device. An event without a row is refused: see `device_refusal`.
inline constexpr auto device_lifecycle = make_transition_table<device_state, device_event>(
    device_state::active,
    {
        {device_state::active, device_event::block, device_state::blocked, "lost, stolen or unused (E11, E14)"},
        {device_state::blocked, device_event::unblock, device_state::active, "verifiable again (E12)"},
        {device_state::active, device_event::suspend, device_state::suspended, "all keys of the user"},
        {device_state::blocked, device_event::suspend, device_state::blocked_suspended, "all keys of the user"},
        {device_state::suspended, device_event::block, device_state::blocked_suspended, "also while suspended"},
        {device_state::blocked_suspended, device_event::unblock, device_state::suspended, "also while suspended"},
        {device_state::suspended, device_event::reactivate, device_state::active, "what was active before"},
        {device_state::blocked_suspended, device_event::reactivate, device_state::blocked,
         "what was blocked before stays so"},
        {{device_state::active, device_state::blocked, device_state::suspended, device_state::blocked_suspended},
         device_event::remove,
         device_state::removed,
         "the identity is deleted (E13)"},
    });
static_assert(device_lifecycle.terminal(device_state::removed), "E13 a removed device never comes back");
static_assert(device_lifecycle.entered_only_by(device_state::active, {device_event::unblock, device_event::reactivate}),
              "only an unblock or a reactivation makes a device usable again");

/// Returns why an event without a row is refused.
[[nodiscard]] constexpr errc device_refusal(device_state, device_event e) noexcept {
    switch (e) {
    case device_event::block: return errc::already_blocked;
    case device_event::unblock: return errc::not_blocked;
    case device_event::suspend: return errc::already_suspended;
    case device_event::reactivate: return errc::not_suspended;
    case device_event::remove: return errc::device_unknown;
    }
    return errc::device_unknown;
}

/// Returns why a device in that state may not prove itself; the value 0 if it may.
[[nodiscard]] constexpr errc device_state_refusal(device_state s) noexcept {
    return s == device_state::blocked || s == device_state::blocked_suspended ? errc::device_blocked
           : s == device_state::suspended                                     ? errc::device_suspended
                                                                              : errc::device_unknown;
}

/// The kind of a device, for limits. Each browser is a device of its own.
enum class device_kind : std::uint8_t { other, browser, mobile, desktop };
/// The number of kinds.
inline constexpr std::size_t device_kinds = 4;

/// How many users can have a device of one key id, and the octets of their names, where key ids are indexed.
inline constexpr std::size_t max_key_id_users = 64, max_indexed_user = 256;

/// How a mobile device receives push messages.
struct push_target {
    /// The push service that the token is for.
    enum class service : std::uint8_t { none, fcm, apn } type = service::none;
    std::string device_token{}, bundle_id{};
};

/// The data of a registration. Everything except the key is a label, never an identity.
struct device_details {
    std::string key_id;    ///< 1 to 128 octets; names the device within application and user
    proof::device_key key; ///< the public key; the private key never leaves the device
    device_kind kind = device_kind::other;
    std::string platform{};     ///< such as "web", "android", "ios"; at most 64 octets
    std::string display_name{}; ///< for people; at most 128 octets
    std::string custom_data{};  ///< the application's; at most 2048 octets
    push_target push{};
    std::string fingerprint{}, manufacturer_id{}; ///< for risk engines; at most 128 octets each
};

/// The evidence for a device's key at its registration, from the weakest to the strongest.
enum class key_evidence : std::uint8_t {
    unrecorded,   ///< an earlier version registered it, and did not record this
    none,         ///< `device_registry::add_unproved`
    registration, ///< a passkey's registration in which the key itself signed nothing
    possession,   ///< the key signed a fresh challenge, perhaps in the registration of a passkey
    attestation,  ///< a trusted attestation says what made the key
};
/// The names of the evidence.
inline constexpr auto key_evidence_names = make_enum_names<key_evidence>({
    {key_evidence::unrecorded, "unrecorded"},
    {key_evidence::none, "none"},
    {key_evidence::registration, "registration"},
    {key_evidence::possession, "possession"},
    {key_evidence::attestation, "attestation"},
});
[[nodiscard]] constexpr std::string_view name(key_evidence e) noexcept { return key_evidence_names[e]; }

/// The key of a passkey that was just registered, pinned to the algorithm of the registration, and its evidence. Cheap
/// to copy.
///
/// @par Example
/// `auto key = device::attested_key::from(*made); // of webauthn::finish_registration`
class attested_key {
public:
    /// Makes one from a verified registration, a `webauthn::attested`. A passkey that can be synced is refused, because
    /// it is on all devices of its user. Errors: `device_not_compliant` for such a passkey; those of
    /// `proof::device_key::from_key`.
    template <class Attested>
        requires requires(Attested const& made) {
            { made.trusted } -> std::convertible_to<bool>;
            { made.credential.backup_eligible } -> std::convertible_to<bool>;
            { made.proved.has_value() } -> std::convertible_to<bool>;
            proof::device_key::from_key(made.credential.key, made.credential.algorithm);
        }
    [[nodiscard]] static result<attested_key> from(Attested const& made) {
        if (made.credential.backup_eligible) return errc::device_not_compliant;
        auto key = proof::device_key::from_key(made.credential.key, made.credential.algorithm);
        if (!key) return key.error();
        return attested_key{*std::move(key), made.trusted              ? key_evidence::attestation
                                             : made.proved.has_value() ? key_evidence::possession
                                                                       : key_evidence::registration};
    }
    /// Return the key (a copy if this object is a temporary), and its evidence.
    [[nodiscard]] proof::device_key const& key() const& noexcept [[clang::lifetimebound]] { return key_; }
    [[nodiscard]] proof::device_key key() const&& noexcept { return key_; }
    [[nodiscard]] key_evidence evidence() const noexcept { return evidence_; }

private:
    attested_key(proof::device_key key, key_evidence e) noexcept : key_{std::move(key)}, evidence_{e} {}
    proof::device_key key_;
    key_evidence evidence_;
};

/// A device as the registry knows it.
struct registered_device : device_details {
    std::string device_id; ///< made by the registry: 22 characters, new at every registration
    device_state state = device_state::active;
    unix_time created{}, updated{}, last_activity{};
    key_evidence evidence = key_evidence::unrecorded; ///< the evidence for the key

    /// Returns whether the device is active.
    [[nodiscard]] bool usable() const noexcept { return state == device_state::active; }
};

}}} // namespace signet::device

// SPDX-License-Identifier: BSL-1.0
// The MAC keys of one purpose while they are rotated.
#pragma once

#include <signet/crypto/key.hpp>

#include <utility>
#include <vector>

namespace signet { inline namespace SIGNET_ABI {

/// The largest number of former keys of one purpose.
inline constexpr std::size_t max_former_keys = 4;

/// The current MAC key of a purpose, and former ones. The current key makes; each of them checks.
///
/// To rotate, give all instances the new key as a former one first, so that each knows it, then make it the current
/// one, and drop the old key when all that it made has expired. A key converts to this type, so one key is enough where
/// nothing is rotated.
///
/// Example: `auto keys = mac_keys::make(new_key, {old_key}); proof::csrf_tokens csrf{*keys};`
class mac_keys {
public:
    /// Takes one key, without former ones.
    mac_keys(mac_key current) noexcept : current_{std::move(current)} {}
    /// Takes the current key and the former ones. Errors: `out_of_range` for more than `max_former_keys`.
    [[nodiscard]] static result<mac_keys> make(mac_key current, std::vector<mac_key> former) {
        if (former.size() > max_former_keys) return errc::out_of_range;
        mac_keys keys{std::move(current)};
        keys.former_ = std::move(former);
        return keys;
    }

    /// Return the key that makes values, and the keys that only check them. `current` returns a copy if this object is
    /// a temporary.
    [[nodiscard]] mac_key const& current() const& noexcept [[clang::lifetimebound]] { return current_; }
    [[nodiscard]] mac_key current() const&& noexcept { return current_; }
    [[nodiscard]] std::vector<mac_key> const& former() const& noexcept [[clang::lifetimebound]] { return former_; }
    std::vector<mac_key> const& former() const&& = delete;

private:
    mac_key current_;
    std::vector<mac_key> former_{};
};

}} // namespace signet

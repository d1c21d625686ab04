// SPDX-License-Identifier: BSL-1.0
// Who has a device of a key id: what administrators find devices by, across users.
//
// A user is listed before the device is registered, and once more afterwards, so that a crash in between hides no
// device. Whoever reads the list looks at the user's devices too. Users who are listed without a device, such as after
// a crash, leave the list when it is full.
#pragma once

#include <signet/device/device.hpp>
#include <signet/store/fields.hpp>
#include <signet/store/impl/compare_and_swap.hpp>

#include <algorithm>
#include <string>
#include <vector>

namespace signet { inline namespace SIGNET_ABI { namespace device { namespace detail {

inline constexpr std::uint8_t key_id_format = 1, key_id_kind = 'K';

struct key_id_users {
    std::vector<std::string> users{};

    bool has(std::string_view user) const { return std::ranges::find(users, user) != users.end(); }
};
template <class A> void fields(A& a, store::archived<A, key_id_users>& k) {
    a.each(k.users, max_key_id_users, [](auto& archive, auto& user) { archive.text(user, max_indexed_user); });
}

inline result<key_id_users> read_key_id_users(std::optional<store::record> const& found) {
    if (!found) return key_id_users{};
    return store::read_fields<key_id_users>(found->bytes, key_id_format, key_id_kind);
}
inline result<store::swap_decision> write_key_id_users(key_id_users const& listed) {
    if (listed.users.empty()) return store::swap_decision::erase();
    bytes octets;
    auto const written = store::write_fields(listed, key_id_format, key_id_kind, octets);
    if (!written) return written.error();
    return store::swap_decision::write(std::move(octets), latest_time);
}

// Writes even if the user is listed: an `unlist_user` that has read the list before then looks again.
inline store::task<bool> list_user(store::record_key key, std::string user, unix_time now,
                                   std::pmr::memory_resource* frames) {
    auto const judge =
        [user = std::move(user)](std::optional<store::record> const& found) -> result<store::swap_decision> {
        auto listed = read_key_id_users(found);
        if (!listed) return listed.error();
        if (!listed->has(user)) {
            if (listed->users.size() >= max_key_id_users) return errc::key_id_limit_reached;
            listed->users.push_back(user);
        }
        return write_key_id_users(*listed);
    };
    return store::compare_and_swap(key, now, judge, frames);
}

}}}} // namespace signet::device::detail

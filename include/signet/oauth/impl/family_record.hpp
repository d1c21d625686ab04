// SPDX-License-Identifier: BSL-1.0
// What the store keeps of a family of refresh tokens; none of its tokens is among it.
#pragma once

#include <signet/core/time.hpp>
#include <signet/crypto/digest.hpp>
#include <signet/oauth/refresh_family.hpp>
#include <signet/store/fields.hpp>

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

namespace signet { inline namespace SIGNET_ABI { namespace oauth { namespace detail {

inline constexpr std::uint8_t family_format = 1, family_kind = 'r';
inline constexpr std::uint8_t user_format = 1, user_kind = 'u';

struct family_record {
    family_state state = family_state::live;
    std::array<std::uint8_t, 16> salt{};
    std::string user{}, client{}, session{}, scope{};
    std::optional<crypto::sha256_digest> sender{};
    unix_time started{}, rotated{}, idle_until{};
    std::uint32_t generation = 0;
    std::uint16_t key_number = 0; // of the key that made the current token
    std::vector<resource_limit> resources{};

    resource_limit const* find(std::string_view resource) const noexcept {
        auto const at = std::find_if(resources.begin(), resources.end(),
                                     [&](resource_limit const& r) { return r.resource == resource; });
        return at == resources.end() ? nullptr : &*at;
    }
    unix_time end_for(resource_limit const& r) const noexcept { return saturating_add(started, r.rotation); }
    // However often it is refreshed.
    unix_time ends() const noexcept {
        unix_time last = started;
        for (auto const& r : resources) last = std::max(last, end_for(r));
        return last;
    }
    // From then on nothing can be had.
    unix_time over() const noexcept { return std::min(ends(), idle_until); }
};

template <class A> void fields(A& a, store::archived<A, family_record>& f) {
    a.enumeration(f.state, family_state::stolen);
    a.fixed(f.salt);
    a.text(f.user, max_refresh_name), a.text(f.client, max_refresh_name), a.text(f.session, max_refresh_name);
    a.text(f.scope, max_refresh_scope);
    a.optional(f.sender, [](auto& archive, auto& thumbprint) { archive.fixed(thumbprint); });
    a.time(f.started), a.time(f.rotated), a.time(f.idle_until);
    a.number(f.generation), a.number(f.key_number);
    a.each(f.resources, max_refresh_resources, [](auto& archive, auto& r) {
        archive.text(r.resource, max_refresh_name);
        auto seconds = static_cast<std::uint64_t>(r.rotation.count());
        archive.number(seconds, static_cast<std::uint64_t>((latest_time - unix_time{}).count()));
        if constexpr (A::is_reader) r.rotation = std::chrono::seconds{static_cast<std::int64_t>(seconds)};
    });
}

/// Of a user whose refresh tokens were all revoked: families that began before then have ended.
struct user_record {
    unix_time not_before{};
};
template <class A> void fields(A& a, store::archived<A, user_record>& u) { a.time(u.not_before); }

}}}} // namespace signet::oauth::detail

// SPDX-License-Identifier: BSL-1.0
// What the operations of one application's sessions share, and the names of their records.
#pragma once

#include <signet/core/secret.hpp>
#include <signet/crypto/mac_keys.hpp>
#include <signet/proof/record_key.hpp>
#include <signet/session/impl/epoch_cache.hpp>
#include <signet/session/impl/hasher_pool.hpp>
#include <signet/session/session_policy.hpp>
#include <signet/store/store.hpp>

#include <algorithm>
#include <memory_resource>
#include <string>
#include <string_view>

namespace signet { inline namespace SIGNET_ABI { namespace session { namespace detail {

using session_id = std::array<std::uint8_t, 16>;

// Applications and sessions of identity providers stand in records by the beginning of a hash, so that no name of
// anybody's makes a record longer than it may be.
using app_name = std::array<std::uint8_t, 8>;
using short_name = std::array<std::uint8_t, 16>; // of a session its sid; all zero: none

template <std::size_t Size> std::array<std::uint8_t, Size> beginning_of(std::span<std::uint8_t const> octets) noexcept {
    std::array<std::uint8_t, Size> begin{};
    std::copy_n(octets.begin(), Size, begin.begin());
    return begin;
}

inline app_name name_of_app(std::string_view app) { return beginning_of<8>(proof::record_key("application", {app})); }
inline short_name name_of_idp_session(std::string_view issuer, std::string_view sid) {
    if (sid.empty()) return {};
    return beginning_of<16>(proof::record_key("session of an identity provider", {issuer, sid}));
}

struct sessions_body {
    sessions_body(std::string of_tenant, std::string of_app, mac_keys with, session_policy under)
        : tenant{std::move(of_tenant)},
          app{std::move(of_app)},
          keys{std::move(with)},
          policy{std::move(under)},
          epoch_key{proof::record_key("session epochs", {tenant})},
          session_prefix{beginning_of<16>(proof::record_key("session", {tenant}))},
          app_hash{name_of_app(app)} {
        (void)hashers.hash({}); // so that Botan's own statics outlive a static object of this type
    }

    // A sid is random and public, so it needs no hash; the prefix keeps it from passing for any other kind of record.
    store::record_key session_key(std::span<std::uint8_t const> sid) const noexcept {
        store::record_key name{};
        std::copy(session_prefix.begin(), session_prefix.end(), name.begin());
        std::copy_n(sid.begin(), 16, name.begin() + 16);
        return name;
    }
    store::record_key roster_key(std::string_view user) const {
        return hashers.hash_with(
            [&](crypto::hasher& h) { proof::detail::add_key_parts(h, "session roster", {tenant, user}); });
    }
    store::record_key idp_key(std::string_view issuer, std::string_view idp_session) const {
        return proof::record_key("session of idp", {tenant, app, issuer, idp_session});
    }

    std::string tenant, app;
    mac_keys keys;
    session_policy policy;
    store::record_key epoch_key;
    std::array<std::uint8_t, 16> session_prefix; // from kind and tenant
    app_name app_hash;
    mutable hasher_pool hashers{};
    mutable epoch_cache epochs{};
};
using body_ptr = std::shared_ptr<sessions_body const>;

// What every operation is given. Frames of coroutines that take it stand in `frames`.
struct context {
    body_ptr body;
    unix_time now;
    std::pmr::memory_resource* frames;
};

}}}} // namespace signet::session::detail

// SPDX-License-Identifier: BSL-1.0
// The record of a user: the handle, and the credentials that are in use. What a credential's own record says counts
// only while this one names it.
#pragma once

#include <signet/webauthn/credential.hpp>

#include <signet/proof/record_key.hpp>
#include <signet/store/fields.hpp>
#include <signet/store/impl/compare_and_swap.hpp>

#include <algorithm>
#include <optional>

namespace signet { inline namespace SIGNET_ABI { namespace webauthn { namespace detail {

inline constexpr std::uint8_t user_format = 1, user_kind = 'W';
// A handle that no credential has may be forgotten: long after the last ceremony that used it.
inline constexpr std::chrono::seconds unused_handle_lifetime = std::chrono::hours{24};

struct listed_credential {
    bytes id{};
    std::string transports{};
    friend bool operator==(listed_credential const&, listed_credential const&) = default;
};

struct user_record {
    std::array<std::uint8_t, max_user_handle> handle{};
    std::vector<listed_credential> credentials{}; // in order of registration

    [[nodiscard]] bool lists(bytes_view id) const noexcept {
        return std::ranges::any_of(credentials, [&](auto const& one) { return std::ranges::equal(one.id, id); });
    }
};

template <class Archive> void fields(Archive& a, store::archived<Archive, user_record>& r) {
    a.fixed(r.handle);
    a.each(r.credentials, max_user_credentials, [](auto& archive, auto& one) {
        archive.octets(one.id, max_credential_id), archive.text(one.transports, max_transports);
    });
}

static_assert(max_user_credentials * (max_credential_id + max_transports + 16) < store::max_record);

inline store::record_key user_key(std::string_view rp_id, std::string_view user) {
    return proof::record_key("webauthn user", {rp_id, user});
}
inline store::record_key id_key(std::string_view rp_id, bytes_view id) {
    return proof::record_key("webauthn id", {rp_id, as_text(id)});
}

inline result<std::optional<user_record>> read_user(std::optional<store::record> const& found) {
    if (!found) return std::optional<user_record>{};
    auto record = store::read_fields<user_record>(found->bytes, user_format, user_kind);
    if (!record) return record.error();
    return std::optional{*std::move(record)};
}

inline result<store::swap_decision> write_user(user_record const& record, unix_time expires = latest_time) {
    bytes octets;
    if (auto const written = store::write_fields(record, user_format, user_kind, octets); !written)
        return written.error();
    return store::swap_decision::write(std::move(octets), expires);
}

inline store::task<std::optional<user_record>> find_user(std::string rp_id, std::string user, unix_time now,
                                                         std::pmr::memory_resource* frames) {
    std::optional<user_record> record;
    auto const judge = [&](std::optional<store::record> const& found) -> result<store::swap_decision> {
        auto read = read_user(found);
        if (!read) return read.error();
        record = *std::move(read);
        return store::swap_decision::keep();
    };
    co_await store::compare_and_swap(user_key(rp_id, user), now, judge, frames);
    co_return std::move(record);
}

// Lets `apply(record)` change the record of a user who has one, and says by `bool` whether it did.
template <class Apply> store::task<bool> change_user(std::string rp_id, std::string user, Apply apply, unix_time now,
                                                     std::pmr::memory_resource* frames) {
    auto const judge = [&](std::optional<store::record> const& found) -> result<store::swap_decision> {
        auto record = read_user(found);
        if (!record) return record.error();
        if (!*record) return errc::webauthn_user_handle;
        auto const changed = apply(**record);
        if (!changed) return changed.error();
        return *changed ? write_user(**record) : store::swap_decision::keep();
    };
    co_return co_await store::compare_and_swap(user_key(rp_id, user), now, judge, frames);
}

}}}} // namespace signet::webauthn::detail

// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/webauthn/credentials.hpp>

#include <signet/codec/base64url.hpp>
#include <signet/codec/json_writer.hpp>
#include <signet/store/impl/collect_all.hpp>
#include <signet/webauthn/impl/user_record.hpp>

namespace signet { inline namespace SIGNET_ABI { namespace webauthn {

namespace detail {

// ---- reading

inline store::task<std::optional<credential>> find_credential(store::record_key key, unix_time now,
                                                              std::pmr::memory_resource* frames) {
    std::optional<credential> credential;
    auto const judge = [&](std::optional<store::record> const& found) -> result<store::swap_decision> {
        credential.reset();
        if (!found) return store::swap_decision::keep();
        auto read = read_credential(found->bytes);
        if (!read) return read.error();
        credential = *std::move(read);
        return store::swap_decision::keep();
    };
    co_await store::compare_and_swap(key, now, judge, frames);
    co_return std::move(credential);
}

inline store::task<std::vector<credential>> list_credentials(std::string rp_id, std::string user, unix_time now,
                                                             std::pmr::memory_resource* frames) {
    std::vector<credential> all;
    auto const record = co_await find_user(rp_id, user, now, frames);
    if (!record) co_return std::move(all);
    auto const look = [&](std::size_t i) {
        return find_credential(id_key(rp_id, record->credentials[i].id), now, frames);
    };
    auto read = co_await store::collect_all(record->credentials.size(), look, frames);
    for (auto& one : read) {
        auto& found = co_await one;
        if (found && found->user == user) all.push_back(*std::move(found)); // else it was removed just now
    }
    co_return std::move(all);
}

inline store::task<user_record> find_listed(std::string rp_id, std::string user, bytes id, unix_time now,
                                            std::pmr::memory_resource* frames) {
    auto record = co_await find_user(std::move(rp_id), std::move(user), now, frames);
    if (!record || !record->lists(id)) co_return errc::webauthn_credential_unknown;
    co_return *std::move(record);
}

// ---- changing

// Lets `change(credential)` change a credential of the user, and says by `bool` whether it did.
template <class Change> store::task<credential> change_record(std::string rp_id, std::string user, bytes id,
                                                              Change change, unix_time expires, unix_time now,
                                                              std::pmr::memory_resource* frames) {
    std::optional<credential> last;
    auto const judge = [&](std::optional<store::record> const& found) -> result<store::swap_decision> {
        if (!found) return errc::webauthn_credential_unknown;
        auto read = read_credential(found->bytes);
        if (!read) return read.error();
        if (read->user != user) return errc::webauthn_credential_unknown;
        auto changed = *read;
        if (!change(changed)) return last = *std::move(read), store::swap_decision::keep();
        auto octets = write_credential(changed);
        if (!octets) return octets.error();
        last = std::move(changed);
        return store::swap_decision::write(*std::move(octets), expires);
    };
    co_await store::compare_and_swap(id_key(rp_id, id), now, judge, frames);
    co_return *std::move(last);
}

template <class Change> store::task<credential> change_credential(std::string rp_id, std::string user, bytes id,
                                                                  Change change, unix_time now,
                                                                  std::pmr::memory_resource* frames) {
    co_await find_listed(rp_id, user, id, now, frames);
    co_return co_await change_record(rp_id, user, id, std::move(change), latest_time, now, frames);
}

inline store::task<credential> look_at(std::string rp_id, std::string user, bytes id, unix_time now,
                                       std::pmr::memory_resource* frames) {
    auto const look = [](credential const&) { return false; };
    co_return co_await change_credential(rp_id, user, id, look, now, frames);
}

inline store::task<credential> rename_credential(std::string rp_id, std::string user, bytes id, std::string label,
                                                 unix_time now, std::pmr::memory_resource* frames) {
    if (label.size() > max_label) co_return errc::out_of_range;
    auto const change = [&](credential& c) { return std::exchange(c.label, label) != label; };
    co_return co_await change_credential(rp_id, user, id, change, now, frames);
}

inline store::task<credential> set_blocked(std::string rp_id, std::string user, bytes id, bool blocked, unix_time now,
                                           std::pmr::memory_resource* frames) {
    auto const change = [blocked](credential& c) { return std::exchange(c.blocked, blocked) != blocked; };
    co_return co_await change_credential(rp_id, user, id, change, now, frames);
}

// Once the user's record does not name it, nobody logs in with it. An id that was never listed, of a registration that
// was interrupted, is removed in the same way.
inline store::task<credential> remove_credential(std::string rp_id, std::string user, bytes id, unix_time now,
                                                 std::pmr::memory_resource* frames) {
    auto const unlist = [&](user_record& record) -> result<bool> {
        return std::erase_if(record.credentials, [&](auto const& one) { return one.id == id; }) != 0;
    };
    auto const unlisted = co_await store::as_result(change_user(rp_id, user, unlist, now, frames));
    if (!unlisted && unlisted.error() != errc::webauthn_user_handle) co_return unlisted.error();
    std::optional<credential> last;
    auto const strip = [&](credential& c) {
        last = c;
        c.user.clear(), c.transports.clear(), c.label.clear();
        return true;
    };
    co_await change_record(rp_id, user, id, strip, saturating_add(now, removed_lifetime), now, frames);
    co_return *std::move(last);
}

// The ids first, so that a call that was interrupted can be repeated.
inline store::task<std::size_t> remove_all_credentials(std::string rp_id, std::string user, unix_time now,
                                                       std::pmr::memory_resource* frames) {
    for (unsigned attempt = 0; attempt != store::max_swap_attempts; ++attempt) {
        auto const record = co_await find_user(rp_id, user, now, frames);
        if (!record) co_return std::size_t{0};
        std::vector<store::request> asks;
        for (auto const& one : record->credentials) asks.push_back(store::erase(id_key(rp_id, one.id), now));
        std::vector<store::reply> replies(asks.size());
        co_await store::when_all(asks, replies);
        bool added = false; // meanwhile
        auto const judge = [&](std::optional<store::record> const& found) -> result<store::swap_decision> {
            auto const read = read_user(found);
            if (!read) return read.error();
            added = *read && (*read)->credentials != record->credentials;
            return added ? store::swap_decision::keep() : store::swap_decision::erase();
        };
        co_await store::compare_and_swap(user_key(rp_id, user), now, judge, frames);
        if (!added) co_return record->credentials.size();
    }
    co_return errc::record_conflict;
}

// ---- signals

inline store::task<std::string> write_accepted(std::string rp_id, std::string user, unix_time now,
                                               std::pmr::memory_resource* frames) {
    auto const record = co_await find_user(rp_id, user, now, frames);
    if (!record) co_return errc::webauthn_credential_unknown;
    std::string text;
    output out{text};
    codec::json_writer json{out};
    json.begin_object().member("rpId", rp_id).member("userId", codec::base64url_encode(record->handle));
    json.name("allAcceptedCredentialIds").begin_array();
    for (auto const& one : record->credentials) json.string(codec::base64url_encode(one.id));
    json.end_array().end_object();
    co_await json.finish();
    co_return std::move(text);
}

inline store::task<std::string> write_user_details(std::string rp_id, std::string user, std::string user_name,
                                                   std::string display_name, unix_time now,
                                                   std::pmr::memory_resource* frames) {
    auto const record = co_await find_user(rp_id, user, now, frames);
    if (!record) co_return errc::webauthn_credential_unknown;
    std::string text;
    output out{text};
    codec::json_writer json{out};
    json.begin_object().member("rpId", rp_id).member("userId", codec::base64url_encode(record->handle));
    json.member("name", user_name).member("displayName", display_name).end_object();
    co_await json.finish();
    co_return std::move(text);
}

} // namespace detail

// ---- the calls

SIGNET_DECL store::task<std::vector<credential>> credentials::list(std::string_view user, unix_time now,
                                                                   std::pmr::memory_resource* frames) const {
    return detail::list_credentials(rp_id_, std::string{user}, now, frames);
}
SIGNET_DECL store::task<credential> credentials::find(std::string_view user, bytes_view id, unix_time now,
                                                      std::pmr::memory_resource* frames) const {
    return detail::look_at(rp_id_, std::string{user}, {id.begin(), id.end()}, now, frames);
}
SIGNET_DECL store::task<credential> credentials::rename(std::string_view user, bytes_view id, std::string label,
                                                        unix_time now, std::pmr::memory_resource* frames) const {
    return detail::rename_credential(rp_id_, std::string{user}, {id.begin(), id.end()}, std::move(label), now, frames);
}
SIGNET_DECL store::task<credential> credentials::block(std::string_view user, bytes_view id, unix_time now,
                                                       std::pmr::memory_resource* frames) const {
    return detail::set_blocked(rp_id_, std::string{user}, {id.begin(), id.end()}, true, now, frames);
}
SIGNET_DECL store::task<credential> credentials::unblock(std::string_view user, bytes_view id, unix_time now,
                                                         std::pmr::memory_resource* frames) const {
    return detail::set_blocked(rp_id_, std::string{user}, {id.begin(), id.end()}, false, now, frames);
}
SIGNET_DECL store::task<credential> credentials::remove(std::string_view user, bytes_view id, unix_time now,
                                                        std::pmr::memory_resource* frames) const {
    return detail::remove_credential(rp_id_, std::string{user}, {id.begin(), id.end()}, now, frames);
}
SIGNET_DECL store::task<std::size_t> credentials::remove_all(std::string_view user, unix_time now,
                                                             std::pmr::memory_resource* frames) const {
    return detail::remove_all_credentials(rp_id_, std::string{user}, now, frames);
}
SIGNET_DECL store::task<std::string> credentials::accepted(std::string_view user, unix_time now,
                                                           std::pmr::memory_resource* frames) const {
    return detail::write_accepted(rp_id_, std::string{user}, now, frames);
}
SIGNET_DECL store::task<std::string> credentials::user_details(std::string_view user, std::string user_name,
                                                               std::string display_name, unix_time now,
                                                               std::pmr::memory_resource* frames) const {
    return detail::write_user_details(rp_id_, std::string{user}, std::move(user_name), std::move(display_name), now,
                                      frames);
}

SIGNET_DECL result<std::string> write_unknown_credential(std::string_view rp_id, bytes_view id) {
    std::string text;
    output out{text};
    codec::json_writer json{out};
    json.begin_object().member("rpId", rp_id).member("credentialId", codec::base64url_encode(id)).end_object();
    if (auto const done = json.finish(); !done) return done.error();
    return text;
}

}}} // namespace signet::webauthn

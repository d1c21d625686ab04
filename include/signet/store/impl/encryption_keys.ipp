// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/store/encryption_keys.hpp>

#include <signet/crypto/aead.hpp>
#include <signet/crypto/digest.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace signet { inline namespace SIGNET_ABI { namespace store {

namespace detail {

// A record: the mark, the key's id, the nonce, then the text and its tag. No format number of a record is as high as
// the mark, so a program without keys says `record_newer`.
inline constexpr std::uint8_t encryption_mark = 0xe1;
inline constexpr std::size_t encryption_id_size = 4, encryption_head = 1 + encryption_id_size + crypto::aead_nonce_size;
static_assert(encryption_overhead == encryption_head + crypto::aead_tag_size);

using encryption_id = std::array<std::uint8_t, encryption_id_size>;

// Of the key's 256 random bits its hash tells nothing.
inline encryption_id id_of_key(secret const& key) {
    bytes text;
    constexpr std::string_view purpose = "signet: the id of a key for records";
    text.reserve(purpose.size() + key.size());
    text.insert(text.end(), purpose.begin(), purpose.end());
    text.insert(text.end(), key.reveal().begin(), key.reveal().end());
    auto const digest = crypto::sha256(text);
    wipe(text);
    encryption_id id;
    std::copy_n(digest.begin(), id.size(), id.begin());
    return id;
}

// What is authenticated beside the text: mark and id of the key, the record's name, and when it expires.
inline auto encryption_context(encryption_id const& id, record_key const& key, unix_time expires) noexcept {
    std::array<std::uint8_t, 1 + encryption_id_size + 32 + 8> context{encryption_mark};
    auto at = std::copy(key.begin(), key.end(), std::copy(id.begin(), id.end(), context.begin() + 1));
    auto const second = static_cast<std::uint64_t>(seconds(expires));
    for (int shift = 56; shift >= 0; shift -= 8) *at++ = static_cast<std::uint8_t>(second >> shift);
    return context;
}

} // namespace detail

struct encryption_keys::body {
    struct entry {
        detail::encryption_id id;
        secret key;
    };
    std::vector<entry> keys; // the first encrypts
};

SIGNET_DECL result<encryption_keys> encryption_keys::make(secret current, std::vector<secret> former) {
    if (former.size() > max_former_encryption_keys) return errc::out_of_range;
    auto made = std::make_shared<body>();
    auto const add = [&](secret&& key) -> result<void> {
        if (key.size() != crypto::aead_key_size) return errc::weak_key;
        auto const id = detail::id_of_key(key);
        if (std::any_of(made->keys.begin(), made->keys.end(), [&](auto const& k) { return k.id == id; }))
            return errc::duplicate_key;
        made->keys.push_back({id, std::move(key)});
        return {};
    };
    if (auto const ok = add(std::move(current)); !ok) return ok.error();
    for (auto& key : former)
        if (auto const ok = add(std::move(key)); !ok) return ok.error();
    return encryption_keys{std::move(made)};
}

SIGNET_DECL bool encryption_keys::is_encrypted(bytes_view stored) noexcept {
    return !stored.empty() && stored[0] == detail::encryption_mark;
}

SIGNET_DECL bool encryption_keys::is_current(bytes_view stored) const noexcept {
    auto const& id = body_->keys.front().id;
    return is_encrypted(stored) && stored.size() > id.size() && std::equal(id.begin(), id.end(), stored.begin() + 1);
}

SIGNET_DECL void encryption_keys::encrypt(record_key const& key, unix_time expires, bytes_view plain, random_ref random,
                                          bytes& out) const {
    auto const& with = body_->keys.front();
    crypto::aead_nonce nonce;
    random.fill(nonce);
    out.resize(plain.size() + encryption_overhead);
    out[0] = detail::encryption_mark;
    std::copy(nonce.begin(), nonce.end(), std::copy(with.id.begin(), with.id.end(), out.begin() + 1));
    crypto::aead_encrypt(with.key, nonce, detail::encryption_context(with.id, key, expires), plain,
                         std::span{out}.subspan(detail::encryption_head));
}

SIGNET_DECL result<bytes_view> encryption_keys::decrypt(record_key const& key, unix_time expires, bytes_view stored,
                                                        std::span<std::uint8_t> into) const {
    if (!is_encrypted(stored)) return errc::record_not_encrypted;
    if (stored.size() < encryption_overhead) return errc::record_malformed;
    auto const id = stored.subspan(1, detail::encryption_id_size);
    auto const with = std::find_if(body_->keys.begin(), body_->keys.end(),
                                   [&](auto const& k) { return std::equal(id.begin(), id.end(), k.id.begin()); });
    if (with == body_->keys.end()) return errc::unknown_encryption_key;
    auto const size = stored.size() - encryption_overhead;
    if (into.size() < size) return errc::buffer_too_small;
    crypto::aead_nonce nonce;
    std::copy_n(stored.begin() + 1 + detail::encryption_id_size, nonce.size(), nonce.begin());
    auto const out = into.first(size);
    if (!crypto::aead_decrypt(with->key, nonce, detail::encryption_context(with->id, key, expires),
                              stored.subspan(detail::encryption_head), out))
        return errc::record_malformed;
    return bytes_view{out};
}

}}} // namespace signet::store

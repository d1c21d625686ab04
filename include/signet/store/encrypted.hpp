// SPDX-License-Identifier: BSL-1.0
// A store in front of a store that encrypts records: whoever reads the disk or a backup sees none of them.
#pragma once

#include <signet/crypto/random.hpp>
#include <signet/store/encryption_keys.hpp>
#include <signet/store/health.hpp>
#include <signet/store/scan.hpp>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

namespace signet { inline namespace SIGNET_ABI { namespace store {

/// How records are encrypted.
struct encrypted_params {
    /// Accepts records that are not encrypted, for a service that has some when it begins to encrypt. Turn it off after
    /// `reencrypt`: while it is on, an attacker who can write to the store can write records that are accepted. A
    /// `take` into a buffer that is smaller than an unencrypted record may erase it.
    bool accept_unencrypted = false;
    random_ref random = system_random(); ///< of nonces; it must outlive the object
};

/// How long a record must still live for `encrypted::reencrypt` to rewrite it.
inline constexpr std::chrono::seconds reencryption_margin{3600};

/// What one call of `encrypted::reencrypt` found, beside records of the current key.
struct reencrypted_records {
    std::size_t rewritten = 0; ///< with the current key
    std::size_t expiring = 0;  ///< stay as they are, because they expire within `reencryption_margin`
    std::size_t left = 0;      ///< cannot be read with these keys, or are too large to be encrypted
};

/// Encrypts records with XChaCha20-Poly1305 before they reach a store, and decrypts what comes back. An rvalue store is
/// moved in, an lvalue is referred to.
///
/// A record's name and expiry are authenticated with it, so an attacker who can write to the store can neither change a
/// record nor move it under another name, nor let it live longer. He can still erase records and bring an older version
/// of a record back. Not hidden are the names (which are hashes), the sizes and the times.
///
/// A record is larger by `encryption_overhead` in the store, and may have so much less than `max_record`; beyond:
/// `record_too_large`. A record that is not authentic is `record_malformed`, one of a key that is not among `keys` is
/// `unknown_encryption_key`, and one that is not encrypted `record_not_encrypted`. A `take` has erased such a record.
///
/// Thread safety: that of the store.
/// Lifetime: a store that is referred to must outlive this object.
///
/// Example: `store::encrypted db{store::redis{params}, *keys};`
template <class S>
    requires blocking_store<std::remove_reference_t<S>>
class encrypted {
    static_assert(std::is_lvalue_reference_v<S> || std::is_move_constructible_v<S>,
                  "signet: a store that cannot be moved, such as a pool, is made first and passed by its name");

public:
    /// Makes the object from a store and the keys.
    encrypted(S&& a_store, encryption_keys keys, encrypted_params params = {})
        : inner_{std::forward<S>(a_store)}, keys_{std::move(keys)}, params_{params} {}

    reply execute(request const& ask) {
        bytes octets;
        request inside = ask;
        if (!enclose(inside, octets)) return reply::failure(errc::record_too_large);
        return disclose(ask, inner_.execute(inside));
    }

    /// Executes all requests, in one round trip if the store can.
    void execute_many(std::span<request const> asks, std::span<reply> replies) {
        std::vector<bytes> octets(asks.size());
        std::vector<request> inside;
        std::vector<std::size_t> places;
        for (std::size_t i = 0; i != asks.size(); ++i) {
            inside.push_back(asks[i]);
            if (enclose(inside.back(), octets[i])) {
                places.push_back(i);
            } else {
                inside.pop_back();
                replies[i] = reply::failure(errc::record_too_large);
            }
        }
        std::vector<reply> answers(inside.size());
        store::execute_many(inner_, std::span<request const>{inside}, std::span<reply>{answers});
        for (std::size_t n = 0; n != places.size(); ++n) replies[places[n]] = disclose(asks[places[n]], answers[n]);
    }

    /// Scans the wrapped store, and decrypts: see `scannable_store`. Records that are not authentic, are encrypted with
    /// an unknown key, or are unencrypted and not accepted, count as unreadable.
    [[nodiscard]] result<void> scan(scan_position& position, unix_time now, scan_page& page)
        requires scannable_store<std::remove_reference_t<S>>
    {
        page.clear();
        scan_page stored{page.max_count(), page.max_octets()};
        if (auto scanned = inner_.scan(position, now, stored); !scanned) return scanned;
        page.add_unreadable(stored.unreadable());
        for (auto const& each : stored.records()) {
            if (auto plain = disclose(each)) page.add({each.key, *std::move(plain), each.expires, each.version});
            else page.add_unreadable();
        }
        return {};
    }

    /// Encrypts with the current key the next records that former keys encrypted, and unencrypted ones if they are
    /// accepted. First give all instances this current key, because others continue to write with theirs. Then call it
    /// until `position.is_over()`. `count` limits the records of a call, as for a `scan_page`.
    ///
    /// A record that another process writes or erases meanwhile is not overwritten. A record that expires within
    /// `reencryption_margin` is skipped: it may be a challenge that a restarted store must refuse, and a rewrite would
    /// make it valid again. So records of your own that are taken should not live longer.
    ///
    /// Errors: those of `scan` and of a lasting `replace`. Then `position` is as before, and the call may be repeated.
    ///
    /// Example: `store::scan_position at; while (!at.is_over()) if (auto n = db.reencrypt(at, now); !n) ...`
    [[nodiscard]] result<reencrypted_records> reencrypt(scan_position& position, unix_time now, std::size_t count = 64)
        requires scannable_store<std::remove_reference_t<S>>
    {
        auto next = position;
        scan_page stored{count};
        if (auto scanned = inner_.scan(next, now, stored); !scanned) return scanned.error();
        reencrypted_records found{.left = stored.unreadable()};
        std::vector<bytes> octets(stored.records().size()); // what the requests refer to
        std::vector<request> asks;
        for (auto const& each : stored.records()) {
            if (keys_.is_current(each.octets.reveal())) continue;
            auto const plain = disclose(each);
            if (!plain) {
                ++found.left;
            } else if (each.expires <= saturating_add(now, reencryption_margin)) {
                ++found.expiring;
            } else {
                auto ask = replace(each.key, each.version, plain->reveal(), each.expires, now);
                if (enclose(ask, octets[asks.size()])) asks.push_back(ask);
                else ++found.left;
            }
        }
        std::vector<reply> answers(asks.size());
        store::execute_many(inner_, std::span<request const>{asks}, std::span<reply>{answers});
        for (auto const& answer : answers) {
            if (answer.outcome == outcome::failed) return answer.error;
            if (answer.outcome == outcome::done) ++found.rewritten;
        }
        position = std::move(next);
        return found;
    }

    /// Checks the store behind.
    [[nodiscard]] health check_health(unix_time now) { return store::check_health(inner_, now); }

    /// Returns the store behind, such as for `connect` at start-up. It has the records encrypted.
    [[nodiscard]] std::remove_reference_t<S>& inner() noexcept { return inner_; }

private:
    bool is_accepted_plain(bytes_view stored) const noexcept {
        return params_.accept_unencrypted && !encryption_keys::is_encrypted(stored);
    }
    static bool reads(request const& ask) noexcept { return ask.verb == verb::find || ask.verb == verb::take; }

    // Makes the request that the store behind gets; its octets are in `octets`.
    bool enclose(request& ask, bytes& octets) const {
        if (ask.verb == verb::insert || ask.verb == verb::replace) {
            if (ask.record.bytes.size() > max_record - encryption_overhead) return false;
            keys_.encrypt(ask.key, ask.record.expires, ask.record.bytes, params_.random, octets);
            ask.record.bytes = octets;
        } else if (reads(ask)) {
            octets.resize(ask.into.size() + encryption_overhead);
            ask.into = octets;
        }
        return true;
    }

    reply disclose(request const& ask, reply answer) const {
        if (answer.outcome == outcome::failed && answer.needed > encryption_overhead && !params_.accept_unencrypted)
            answer.needed -= encryption_overhead; // else it may be so much more than needed
        if (answer.outcome != outcome::done || !reads(ask)) return answer;
        auto const stored = answer.record.bytes;
        if (is_accepted_plain(stored)) {
            if (stored.size() > ask.into.size()) return reply::failure(errc::buffer_too_small, stored.size());
            std::copy(stored.begin(), stored.end(), ask.into.begin());
            answer.record.bytes = ask.into.first(stored.size());
            return answer;
        }
        auto const plain = keys_.decrypt(ask.key, answer.record.expires, stored, ask.into);
        if (!plain) return reply::failure(plain.error().code);
        answer.record.bytes = *plain;
        return answer;
    }

    result<secret> disclose(scanned_record const& stored) const {
        auto const octets = stored.octets.reveal();
        if (is_accepted_plain(octets)) return secret::copy_of(octets);
        bytes into(octets.size());
        auto const plain = keys_.decrypt(stored.key, stored.expires, octets, into);
        if (!plain) return plain.error();
        into.resize(plain->size()); // it stands at the beginning; shrinking moves nothing
        return secret{std::move(into)};
    }

    S inner_;
    encryption_keys keys_;
    encrypted_params params_;
};
template <class S> encrypted(S&&, encryption_keys) -> encrypted<S>;
template <class S> encrypted(S&&, encryption_keys, encrypted_params) -> encrypted<S>;

}}} // namespace signet::store

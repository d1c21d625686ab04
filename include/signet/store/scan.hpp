// SPDX-License-Identifier: BSL-1.0
// How an administrator goes through all records of a store, a page at a time.
#pragma once

#include <signet/core/secret.hpp>
#include <signet/store/store.hpp>

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace signet { inline namespace SIGNET_ABI { namespace store {

/// The largest number of records on a page of a scan.
inline constexpr std::size_t max_scan_count = 1000;

/// The largest number of octets of the records on a page of a scan.
inline constexpr std::size_t max_scan_octets = 1'048'576; // 1 MiB

/// The largest size of a scan's position in octets.
inline constexpr std::size_t max_scan_position = max_record;

/// The position from which a scan continues, as octets that only the store that returned them understands. They contain
/// names of records, but not their contents.
///
/// Example: `store::scan_position at; while (!at.is_over()) if (auto good = db.scan(at, now, page); !good) ...`
class scan_position {
public:
    /// Makes the position before all records.
    scan_position() noexcept = default;

    /// Makes a position from the result of `octets`, for example from a parameter of the link to the next page. No
    /// octets mean the start. A store checks the position, so it need not be trusted.
    ///
    /// Errors: `invalid_scan_position` beyond `max_scan_position` octets.
    [[nodiscard]] static SIGNET_DECL result<scan_position> from_octets(bytes_view octets);

    /// Makes the position behind all records, for implementations of `scan`.
    [[nodiscard]] static SIGNET_DECL scan_position over();

    /// Returns the position as octets, valid until it changes.
    [[nodiscard]] bytes_view octets() const noexcept { return octets_; }
    /// Returns whether the scan has not begun.
    [[nodiscard]] bool is_start() const noexcept { return octets_.empty(); }
    /// Returns whether the scan has reached the end.
    [[nodiscard]] bool is_over() const noexcept { return octets_.size() == 1 && octets_[0] == 0; }

    friend bool operator==(scan_position const&, scan_position const&) = default;

private:
    bytes octets_;
};

/// A copy of a record, wiped on destruction.
struct scanned_record {
    record_key key{};
    secret octets{}; ///< as they are in the store: `octets.reveal()`
    unix_time expires{};
    std::uint64_t version = 0;
};

/// The records of one call of a scan. Use it again for the next call, which empties it first.
///
/// Example: `store::scan_page page; for (auto const& each : page.records()) show(each.octets.reveal());`
class scan_page {
public:
    /// Makes an empty page for at most `max_count` records and `max_octets` octets; 0 and larger numbers mean
    /// `max_scan_count` and `max_scan_octets`. A record with more than `max_octets` octets is alone on its page.
    explicit SIGNET_DECL scan_page(std::size_t max_count = max_scan_count,
                                   std::size_t max_octets = max_scan_octets) noexcept;

    /// Returns the records, valid until the page changes.
    [[nodiscard]] std::span<scanned_record const> records() const noexcept { return records_; }
    /// Returns how many more records could not be read: encrypted with a key that this program does not have, tampered
    /// with, or written by a newer version.
    [[nodiscard]] std::size_t unreadable() const noexcept { return unreadable_; }
    /// Return the limits of the page.
    [[nodiscard]] std::size_t max_count() const noexcept { return max_count_; }
    [[nodiscard]] std::size_t max_octets() const noexcept { return max_octets_; }

    /// Returns whether a record with so many octets may be added; for stores, as the functions below.
    [[nodiscard]] bool fits(std::size_t octets) const noexcept {
        return records_.empty() ||
               (records_.size() < max_count_ && octets_ <= max_octets_ && octets <= max_octets_ - octets_);
    }
    /// Adds a record, which must fit.
    SIGNET_DECL void add(scanned_record record);
    /// Counts records that cannot be read.
    void add_unreadable(std::size_t count = 1) noexcept { unreadable_ += count; }
    /// Removes and wipes all records.
    SIGNET_DECL void clear() noexcept;

private:
    std::size_t max_count_, max_octets_, octets_ = 0, unreadable_ = 0;
    std::vector<scanned_record> records_;
};

/// A store that can list its records. `scan(position, now, page)` fills `page` with the next records that are live at
/// `now`, and advances `position`. A page may have few records, or none, before the scan is over.
///
/// A record that is live and unchanged from the first call to the last is returned exactly once; by Redis at least
/// once. A record that is inserted, replaced or erased meanwhile may be returned or not. The order has no meaning. Each
/// call does a limited amount of work, and holds no lock when it returns.
///
/// After an error `position` is as before, so the call may be repeated, and the page is empty. Errors:
/// `invalid_scan_position` for a position that is not from this store; `store_unavailable` and `unknown_store_schema`.
template <class S>
concept scannable_store = requires(S& a_store, scan_position& position, unix_time now, scan_page& page) {
    { a_store.scan(position, now, page) } -> std::same_as<result<void>>;
};

}}} // namespace signet::store

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/store/impl/scan.ipp>
#endif

// SPDX-License-Identifier: BSL-1.0
// A bounded store in this process's memory.
#pragma once

#include <signet/store/store.hpp>

#include <memory>
#include <memory_resource>

namespace signet { inline namespace SIGNET_ABI { namespace store {

/// The limits of a memory store. Both hold exactly, for any number of shards.
struct memory_params {
    std::size_t records = 1'000'000; ///< the largest number of records
    /// The largest number of octets in records, without the store's own ~110 for each record.
    std::size_t bytes = (std::size_t{256} << 20);
    unsigned shards = 64; ///< locks; rounded up to a power of two, at most 4096
    /// How long an expired record may stay, for a clock that steps back. It is removed earlier if space is needed.
    std::chrono::seconds slack{60};
};

/// Keeps records in the memory of one process. A restart loses them.
///
/// There is no background work: each call removes a few expired records, earliest first. An insert into a full store
/// first removes every expired record, and otherwise fails with `errc::store_full`; a live record is never evicted.
/// Records are wiped before their memory is freed.
///
/// Thread safety: may be called concurrently.
/// Lifetime: `resource` must outlive the store.
/// Memory: one allocation for each record, from `resource`, which all threads use concurrently. `std::bad_alloc` leaves
/// the store unchanged.
///
/// Example: `store::memory db{{.records = 100'000}}; auto answer = db.execute(store::find(key, buffer, now));`
class memory {
public:
    /// Makes an empty store. `resource` provides the memory of the records.
    explicit SIGNET_DECL memory(memory_params params = {},
                                std::pmr::memory_resource* resource = std::pmr::get_default_resource());
    SIGNET_DECL memory(memory&&) noexcept;
    SIGNET_DECL memory& operator=(memory&&) noexcept;
    SIGNET_DECL ~memory();

    SIGNET_DECL reply execute(request const& ask);

    /// Returns the records a page at a time, each exactly once: see `scannable_store` in <signet/store/scan.hpp>. Locks
    /// one shard while it copies records from it. A position is valid only for this object.
    [[nodiscard]] SIGNET_DECL result<void> scan(scan_position& position, unix_time now, scan_page& page);

    /// Returns the number of records, including expired ones that were not removed yet. It changes while other threads
    /// write.
    [[nodiscard]] SIGNET_DECL std::size_t size() const noexcept;
    /// Returns the octets in these records, without the store's own.
    [[nodiscard]] SIGNET_DECL std::size_t bytes() const noexcept;

private:
    struct body;
    std::unique_ptr<body> body_;
};

}}} // namespace signet::store

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/store/impl/memory.ipp>
#endif

// SPDX-License-Identifier: BSL-1.0
// A bounded store in this process's memory.
#pragma once

#include <signet/store/store.hpp>

#include <memory>
#include <memory_resource>

namespace signet { inline namespace SIGNET_ABI { namespace store {

/// Bounds of a memory store; both hold exactly, whatever the number of shards.
struct memory_params {
    std::size_t records = 1'000'000; ///< at most so many
    /// At most so many octets in records, without the store's own ~110 a record.
    std::size_t bytes = (std::size_t{256} << 20);
    unsigned shards = 64; ///< locks; rounded up to a power of two, at most 4096
    /// How long an expired record may stay for a clock that steps back; it goes at once where room is needed.
    std::chrono::seconds slack{60};
};

/// Keeps records in memory, for one process: what a restart may forget.
///
/// Any number of threads may share one. Nothing runs in the background: each call removes a few records whose time has
/// passed, earliest first, so no call ever sweeps the store. When it is full, an insert first removes what has expired
/// anywhere, and is else refused with `errc::store_full`; a live record is never pushed out.
/// Allocates a record at a time from `resource`, which all its threads use at once and which must outlive it; a
/// `std::bad_alloc` leaves the store as it was. Records are wiped before their memory is given back.
///
/// Example: `store::memory db{{.records = 100'000}}; auto answer = db.execute(store::find(key, buffer, now));`
class memory {
public:
    /// Empty; `resource` gives the records their memory.
    explicit SIGNET_DECL memory(memory_params options = {},
                                std::pmr::memory_resource* resource = std::pmr::get_default_resource());
    SIGNET_DECL memory(memory&&) noexcept;
    SIGNET_DECL memory& operator=(memory&&) noexcept;
    SIGNET_DECL ~memory();

    SIGNET_DECL reply execute(request const& ask);

    /// Records held, with those that expired and were not removed yet. Moves while others write.
    [[nodiscard]] SIGNET_DECL std::size_t size() const noexcept;
    /// Octets in these records, without the store's own.
    [[nodiscard]] SIGNET_DECL std::size_t bytes() const noexcept;

private:
    struct body;
    std::unique_ptr<body> body_;
};

}}} // namespace signet::store

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/store/impl/memory.ipp>
#endif

// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <cstdlib>
#include <memory>
#include <memory_resource>
#include <new>

#include <sys/mman.h>

// [large-pages]
// Memory for the records in large pages (Linux): finding a small page costs about as much as reading the record in it.
// What does not fit comes from the default resource. Freed records are used again, and the block lives as long as this.
class large_pages {
public:
    explicit large_pages(std::size_t octets)
        : octets_{(octets + page - 1) / page * page}, block_{std::aligned_alloc(page, octets_), std::free} {
        if (!block_) throw std::bad_alloc{};
        ::madvise(block_.get(), octets_, MADV_HUGEPAGE);
    }
    std::pmr::memory_resource* resource() noexcept { return &pools_; } // for store::memory's constructor

private:
    static constexpr std::size_t page = std::size_t{2} << 20;

    std::size_t octets_;
    std::unique_ptr<void, void (*)(void*)> block_;
    std::pmr::monotonic_buffer_resource arena_{block_.get(), octets_};
    std::pmr::synchronized_pool_resource pools_{&arena_};
};
// [/large-pages]

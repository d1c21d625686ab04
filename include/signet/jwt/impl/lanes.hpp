// SPDX-License-Identifier: BSL-1.0
// Lanes: per-thread working state without thread_local, global or lock (DECISIONS 5).
#pragma once

#include <signet/version.hpp>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <thread>
#include <utility>

namespace signet::inline SIGNET_ABI::jwt::detail {

/// Hands a `Lane` to whoever asks, for exclusive use, and keeps it for the next time the same thread asks.
///
/// Each thread finds its slot by the hash of its id. Borrowing is one exchange; giving back is one compare-and-swap. A slot
/// that is found empty, because its lane is out or never was, gives a new lane; a lane that finds its slot taken on the way
/// back is destroyed. So any number of threads is correct, and up to `slot_count` of them are fast.
template <class Lane> class lanes {
public:
    static constexpr std::size_t slot_count = 64;

    lanes() = default;
    lanes(lanes const&) = delete;
    lanes& operator=(lanes const&) = delete;
    ~lanes() {
        for (auto& s : slots_) delete s.lane.load(std::memory_order_acquire);
    }

private:
    // A cache line each: threads that verify side by side share none.
    struct alignas(64) slot {
        std::atomic<std::uintptr_t> tag{0}; // the thread whose slot this is; 0: nobody's yet
        std::atomic<Lane*>          lane{nullptr};
    };

public:
    /// A lane on loan. Destroyed without `give_back()` — an exception passed through — it takes the lane with it, whose
    /// state may be broken half-way.
    class loan {
    public:
        loan(slot& from, Lane* lane) noexcept : slot_{&from}, lane_{lane} {}
        loan(loan const&) = delete;
        loan& operator=(loan const&) = delete;
        Lane& operator*() const noexcept { return *lane_; }
        void give_back() noexcept {
            Lane* none = nullptr;
            if (slot_->lane.compare_exchange_strong(none, lane_.get(), std::memory_order_release, std::memory_order_relaxed))
                static_cast<void>(lane_.release());
        }

    private:
        slot*                 slot_;
        std::unique_ptr<Lane> lane_;
    };

    [[nodiscard]] loan borrow() {
        auto& mine = find();
        auto* lane = mine.lane.exchange(nullptr, std::memory_order_acquire);
        return loan{mine, lane ? lane : new Lane};
    }

private:
    slot& find() noexcept {
        auto const me = std::hash<std::thread::id>{}(std::this_thread::get_id()) | 1u;
        auto const first = (std::uint64_t{me} * 0x9e3779b97f4a7c15u) >> 58;
        for (std::size_t i = 0; i != 4; ++i) {
            auto&          s = slots_[(first + i) % slot_count];
            std::uintptr_t owner = s.tag.load(std::memory_order_relaxed);
            if (owner == me) return s;
            if (owner == 0 && s.tag.compare_exchange_strong(owner, me, std::memory_order_relaxed)) return s;
        }
        return slots_[first]; // a crowd: shared with another thread, still correct
    }

    slot slots_[slot_count];
};

} // namespace signet::jwt::detail

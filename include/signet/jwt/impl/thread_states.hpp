// SPDX-License-Identifier: BSL-1.0
// Per-thread working state without thread_local, global or lock.
#pragma once

#include <signet/version.hpp>

#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <thread>
#include <type_traits>
#include <utility>

namespace signet { inline namespace SIGNET_ABI { namespace jwt { namespace detail {

/// Hands a `State` to whoever asks, for exclusive use, and keeps it for the next time the same thread asks.
///
/// Each thread finds its slot by its id. Borrowing is one exchange; giving back is one store. Whoever finds the slot's
/// state lent out, because two threads share the slot or a check calls the verifier again, gets a new state, which is
/// destroyed afterwards. So any number of threads is correct, and up to `slot_count` of them are fast.
template <class State> class thread_states {
public:
    static constexpr std::size_t slot_count = 64;

    thread_states() = default;
    thread_states(thread_states const&) = delete;
    thread_states& operator=(thread_states const&) = delete;

private:
    // A cache line each: threads that verify side by side share none.
    struct alignas(64) slot {
        std::atomic<std::uintptr_t> tag{0}; // the thread whose slot this is; 0: nobody's yet
        std::atomic<bool> lent{false};
        std::unique_ptr<State> state; // touched by the borrower only; none before the first time
    };

public:
    /// A state on loan. Destroyed without `give_back()` — an exception passed through — it takes the state with it,
    /// whose state may be broken half-way.
    class loan {
    public:
        explicit loan(slot& from) : loan{from.lent.exchange(true, std::memory_order_acquire) ? nullptr : &from} {
            if (!state_) state_.reset(new State); // should this throw, the slot is released: it is a loan already
        }
        loan(loan const&) = delete;
        loan& operator=(loan const&) = delete;
        ~loan() { release(); }
        State& operator*() const noexcept { return *state_; }
        void give_back() noexcept {
            if (!slot_) return;
            slot_->state = std::move(state_);
            release();
        }

    private:
        explicit loan(slot* from) noexcept : slot_{from} {
            if (slot_) state_ = std::move(slot_->state);
        }
        void release() noexcept {
            if (slot_) slot_->lent.store(false, std::memory_order_release);
            slot_ = nullptr;
        }
        slot* slot_;
        std::unique_ptr<State> state_;
    };

    [[nodiscard]] loan borrow() { return loan{find()}; }

    /// Calls `f` with every state that nobody has borrowed. It must not throw.
    template <class F> void for_each_idle(F const& f) noexcept {
        for (auto& s : slots_) {
            if (s.lent.exchange(true, std::memory_order_acquire)) continue;
            if (s.state) f(*s.state);
            s.lent.store(false, std::memory_order_release);
        }
    }

private:
    slot& find() noexcept {
        auto const me = own_number() | 1u;
        auto const first = (std::uint64_t{me} * 0x9e3779b97f4a7c15u) >> 58;
        for (std::size_t i = 0; i != 4; ++i) {
            auto& s = slots_[(first + i) % slot_count];
            std::uintptr_t owner = s.tag.load(std::memory_order_relaxed);
            if (owner == me) return s;
            if (owner == 0 && s.tag.compare_exchange_strong(owner, me, std::memory_order_relaxed)) return s;
        }
        return slots_[first]; // a crowd: shared with another thread, still correct
    }

    // The id itself where it is a plain number or address, which saves hashing it.
    static std::uintptr_t own_number() noexcept {
        auto const id = std::this_thread::get_id();
        if constexpr (sizeof id == sizeof(std::uintptr_t) && std::is_trivially_copyable_v<std::thread::id>)
            return std::bit_cast<std::uintptr_t>(id);
        else return std::hash<std::thread::id>{}(id);
    }

    slot slots_[slot_count];
};

}}}} // namespace signet::jwt::detail

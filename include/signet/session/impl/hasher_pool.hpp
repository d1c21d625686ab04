// SPDX-License-Identifier: BSL-1.0
// SHA-256 objects that look-ups borrow, since making one costs more than hashing 32 octets.
#pragma once

#include <signet/crypto/digest.hpp>

#include <array>
#include <atomic>
#include <memory>
#include <thread>

namespace signet { inline namespace SIGNET_ABI { namespace session { namespace detail {

// No lock: whoever finds his place empty makes one of his own, and a second one that comes back is let go.
class hasher_pool {
public:
    hasher_pool() = default;
    hasher_pool(hasher_pool const&) = delete;
    hasher_pool& operator=(hasher_pool const&) = delete;
    ~hasher_pool() {
        for (auto& place : places_) delete place.kept.load(std::memory_order_relaxed);
    }
    crypto::sha256_digest hash(bytes_view octets) {
        return hash_with([&](crypto::hasher& h) { h.update(octets); });
    }
    // Of what `feed(hasher)` adds.
    template <class Feed> crypto::sha256_digest hash_with(Feed feed) {
        auto& place = places_[std::hash<std::thread::id>{}(std::this_thread::get_id()) % places_.size()];
        std::unique_ptr<crypto::hasher> borrowed{place.kept.exchange(nullptr, std::memory_order_acquire)};
        if (!borrowed) borrowed = std::make_unique<crypto::hasher>(hash_id::sha256);
        crypto::sha256_digest digest;
        feed(*borrowed);
        borrowed->finish(digest);
        crypto::hasher* none = nullptr;
        if (place.kept.compare_exchange_strong(none, borrowed.get(), std::memory_order_release,
                                               std::memory_order_relaxed))
            (void)borrowed.release();
        return digest;
    }

private:
    struct alignas(64) place {
        std::atomic<crypto::hasher*> kept{nullptr};
    };
    std::array<place, 32> places_{};
};

}}}} // namespace signet::session::detail

// SPDX-License-Identifier: BSL-1.0
// Several connections to one store as one object for all threads, first come first served.
#pragma once

#include <signet/store/health.hpp>
#include <signet/store/scan.hpp>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <vector>

namespace signet { inline namespace SIGNET_ABI { namespace store {

/// Several connections that serve any number of threads. Each call has a connection to itself. Who finds none free
/// stands in line, and is handed the connection of the next call that ends. Use it for `postgres`; for `redis` a
/// `combiner` is faster.
///
/// A caller who was not handed a connection within `wait` gets `store_unavailable`, and nothing was sent. After that
/// the time limits of the connection count. While the server hangs, each connection costs one of its time limits, not
/// each thread.
///
/// Thread safety: may be called concurrently. No lock is held while a connection works.
///
/// @par Example
/// `std::vector<store::postgres> connections;`
/// `for (int i = 0; i != 16; ++i) connections.emplace_back(params);`
/// `store::pool db{std::move(connections)};`
template <blocking_store S> class pool {
public:
    /// Makes the object from connections to the same store. Without any, each call fails with `store_unavailable`.
    explicit pool(std::vector<S> connections, std::chrono::milliseconds wait = std::chrono::milliseconds{2000})
        : connections_{std::move(connections)}, wait_{wait} {
        free_.reserve(connections_.size());
        for (auto& c : connections_) free_.push_back(&c);
    }

    reply execute(request const& ask) {
        auto answer = reply::failure(errc::store_unavailable);
        (void)use([&](S& connection) { answer = connection.execute(ask); });
        return answer;
    }

    /// Executes all requests on one connection.
    void execute_many(std::span<request const> asks, std::span<reply> replies) {
        auto const used = use([&](S& connection) { store::execute_many(connection, asks, replies); });
        if (!used) std::fill(replies.begin(), replies.end(), reply::failure(errc::store_unavailable));
    }

    /// Scans on one connection, whichever is free: see `scannable_store` in <signet/store/scan.hpp>.
    [[nodiscard]] result<void> scan(scan_position& position, unix_time now, scan_page& page)
        requires scannable_store<S>
    {
        page.clear();
        result<void> scanned = errc::store_unavailable;
        (void)use([&](S& connection) { scanned = connection.scan(position, now, page); });
        return scanned;
    }

    /// Checks one connection.
    [[nodiscard]] health check_health(unix_time now) {
        health found{.error = errc::store_unavailable};
        (void)use([&](S& connection) { found = store::check_health(connection, now); });
        return found;
    }

    /// Calls `work(connection)` with a connection that no other call uses meanwhile, such as for `remove_expired`.
    /// Returns whether there was one within `wait`.
    template <class Work> [[nodiscard]] bool use(Work&& work) {
        borrowed const one{*this, borrow()};
        if (!one.connection) return false;
        std::forward<Work>(work)(*one.connection);
        return true;
    }

private:
    struct waiter {
        S* handed = nullptr;
        std::condition_variable woken{};
    };

    // Gives the connection back, whatever its work threw.
    struct borrowed {
        borrowed(pool& of, S* c) noexcept : owner{of}, connection{c} {}
        borrowed(borrowed const&) = delete;
        borrowed& operator=(borrowed const&) = delete;
        ~borrowed() {
            if (connection) owner.give_back(connection);
        }
        pool& owner;
        S* connection;
    };

    S* borrow() {
        std::unique_lock lock{mutex_};
        if (!free_.empty()) { // then nobody stands in line
            auto* const last = free_.back();
            free_.pop_back();
            return last;
        }
        waiter me;
        line_.push_back(&me);
        me.woken.wait_for(lock, wait_, [&] { return me.handed != nullptr; });
        if (!me.handed) std::erase(line_, &me);
        return me.handed;
    }

    void give_back(S* connection) noexcept {
        std::lock_guard const lock{mutex_};
        if (line_.empty()) {
            free_.push_back(connection); // never allocates: `reserve`
            return;
        }
        line_.front()->handed = connection;
        line_.front()->woken.notify_one(); // under the lock: it may be gone right after
        line_.pop_front();
    }

    std::vector<S> connections_;
    std::chrono::milliseconds wait_;
    std::mutex mutex_;
    std::vector<S*> free_;
    std::deque<waiter*> line_; // in the order in which they came
};

}}} // namespace signet::store

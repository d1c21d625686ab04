// SPDX-License-Identifier: BSL-1.0
// Several connections to one store as one object for all threads, first come first served.
#pragma once

#include <signet/store/health.hpp>
#include <signet/store/impl/bounded.hpp>
#include <signet/store/scan.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <vector>

namespace signet { inline namespace SIGNET_ABI { namespace store {

/// How many requests of different callers a `pool` sends together at most. All are finds.
inline constexpr std::size_t max_pooled_together = 16;

/// Several connections that serve any number of threads. Each call has a connection to itself. A caller that finds none
/// free waits for the connection of the next call that ends. Use it for `postgres`; for `redis` a `combiner` is faster.
///
/// A caller of `execute` with a find also sends the finds of waiting callers, in one `execute_many`, if the connection
/// has it. Writes are sent alone. If the connection throws, the other callers get `store_unavailable`.
///
/// A request that was not sent within `wait` fails with `store_unavailable`. After it was sent, the connection's time
/// limits apply. While the server hangs, each connection, not each thread, waits for one time limit.
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
        : connections_{std::move(connections)}, wait_{detail::bounded(wait)} {
        free_.reserve(connections_.size());
        for (auto& c : connections_) free_.push_back(&c);
    }

    reply execute(request const& ask) {
        waiter me{&ask};
        batch others; // ends after the connection was given back
        borrowed const one{*this, borrow(me)};
        if (!one.connection) return me.answer;
        if constexpr (detail::executes_many<S>) {
            if (ask.verb == verb::find && take_finds(others)) {
                me.answer = others.execute_with(ask, *one.connection);
                return me.answer;
            }
        }
        return one.connection->execute(ask);
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
        waiter me{};
        borrowed const one{*this, borrow(me)};
        if (!one.connection) return false;
        std::forward<Work>(work)(*one.connection);
        return true;
    }

private:
    // A caller in line, on its own stack. Whoever takes it out of the line hands it a connection, or its answer.
    struct waiter {
        request const* ask = nullptr; // for an answer to it will do
        reply answer = reply::failure(errc::store_unavailable);
        S* handed = nullptr;
        bool is_answered = false;
        std::mutex lock{}; // for `handed` and `is_answered`
        std::condition_variable woken{};

        template <class Change> void tell(Change change) noexcept {
            std::lock_guard const hold{lock};
            change();
            woken.notify_one(); // under the lock: it may be gone right after
        }
    };

    // The finds of others that a caller sends with its own. They are answered at its end, whatever was thrown before.
    struct batch {
        std::array<waiter*, max_pooled_together - 1> who;
        std::size_t count = 0;

        batch() noexcept = default;
        batch(batch const&) = delete;
        batch& operator=(batch const&) = delete;
        ~batch() {
            for (auto* w : std::span{who}.first(count)) w->tell([w] { w->is_answered = true; });
        }
        reply execute_with(request const& first, S& connection) {
            std::array<request, max_pooled_together> asks{first};
            std::array<reply, max_pooled_together> replies;
            for (std::size_t i = 0; i != count; ++i) asks[i + 1] = *who[i]->ask;
            connection.execute_many(std::span<request const>{asks}.first(count + 1),
                                    std::span{replies}.first(count + 1));
            for (std::size_t i = 0; i != count; ++i) who[i]->answer = replies[i + 1];
            return replies[0];
        }
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

    // Nothing: it was answered, or nobody was free in time.
    S* borrow(waiter& me) {
        {
            std::lock_guard const hold{lock_};
            if (!free_.empty()) { // then nobody stands in line
                auto* const last = free_.back();
                free_.pop_back();
                return last;
            }
            line_.push_back(&me);
        }
        auto const is_served = [&] { return me.handed != nullptr || me.is_answered; };
        std::unique_lock own{me.lock};
        if (!me.woken.wait_for(own, wait_, is_served)) {
            own.unlock(); // the two locks are never held together
            if (leave_line(me)) return nullptr;
            own.lock();
            me.woken.wait(own, is_served); // somebody is about to serve it
        }
        return me.handed;
    }

    bool leave_line(waiter& me) {
        std::lock_guard const hold{lock_};
        return std::erase(line_, &me) != 0;
    }

    // The finds that stand in line, as many as one connection's share of them.
    bool take_finds(batch& others) {
        std::lock_guard const hold{lock_};
        auto const share = std::min(others.who.size(), (line_.size() + connections_.size() - 1) / connections_.size());
        std::erase_if(line_, [&](waiter* w) {
            if (others.count == share || !w->ask || w->ask->verb != verb::find) return false;
            others.who[others.count++] = w;
            return true;
        });
        return others.count != 0;
    }

    void give_back(S* connection) noexcept {
        waiter* next = nullptr;
        {
            std::lock_guard const hold{lock_};
            if (line_.empty()) {
                free_.push_back(connection); // never allocates: `reserve`
                return;
            }
            next = line_.front();
            line_.pop_front();
        }
        next->tell([&] { next->handed = connection; });
    }

    std::vector<S> connections_;
    std::chrono::milliseconds wait_;
    std::mutex lock_;
    std::vector<S*> free_;
    std::deque<waiter*> line_; // in the order in which they came
};

}}} // namespace signet::store

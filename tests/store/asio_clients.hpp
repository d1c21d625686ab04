// Coroutines that ask a store of an event loop, whichever it is.
#pragma once

#include "contract.hpp"

#include <signet/store/task.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>

namespace asio_clients {

namespace asio = boost::asio;
using namespace signet;
using namespace std::chrono_literals;

inline constexpr unix_time now{1'800'000'000s}, later = now + 600s;

/// 64 coroutines ask for one key, on as many threads. `make` makes the store.
template <class Make> void check_races(std::size_t threads, Make make) {
    constexpr std::uint64_t rounds = 20;
    asio::thread_pool pool{threads};
    auto db = make(pool.get_executor());
    std::array<std::atomic<int>, rounds> inserted{}, taken{}, errors{};
    auto const race = [&]() -> asio::awaitable<void> {
        for (std::uint64_t n = 0; n != rounds; ++n) {
            std::array<std::uint8_t, 16> room;
            auto const key = key_of(threads * 1000 + n);
            auto const first = co_await db.async_execute(store::insert(key, as_bytes("x"), later, now));
            auto const second = co_await db.async_execute(store::take(key, room, now));
            inserted[n] += done(first), taken[n] += done(second);
            errors[n] += first.outcome == store::outcome::failed || second.outcome == store::outcome::failed;
            if (done(second) && room[0] != 'x') ++errors[n];
        }
    };
    for (int i = 0; i != 64; ++i) asio::co_spawn(pool, race, asio::detached);
    pool.wait();
    for (std::uint64_t n = 0; n != rounds; ++n) {
        CHECK(inserted[n] == taken[n]); // one each, or again after it was taken
        CHECK(inserted[n] >= 1);
        CHECK(errors[n] == 0);
    }
}

/// 64 coroutines have records of their own, of sizes that differ by `step`.
template <class Store> void check_own_replies(asio::io_context& loop, Store& db, std::size_t step) {
    int wrong = 0;
    auto const client = [&](std::uint64_t n) -> asio::awaitable<void> {
        bytes const own(n * step, static_cast<std::uint8_t>(n));
        bytes room(64 * step);
        for (int i = 0; i != 20; ++i) {
            auto const key = key_of(100 + n);
            auto const put = co_await db.async_execute(store::insert(key, own, later, now));
            auto const got = co_await db.async_execute(store::find(key, room, now));
            wrong += !done(got) || !std::ranges::equal(got.record.bytes, own);
            auto const gone = co_await db.async_execute(store::erase(key, now, put.record.version));
            wrong += !done(put) || !done(gone) || got.record.version != put.record.version;
        }
    };
    for (std::uint64_t n = 0; n != 64; ++n) asio::co_spawn(loop, client(n), asio::detached);
    loop.restart();
    loop.run();
    CHECK(wrong == 0);
}

/// Clients that cancel at random, while the test breaks the server.
template <class Store> class restless {
public:
    restless(asio::thread_pool& pool, Store& db, std::uint64_t count) : pool_{pool}, db_{db} {
        for (std::uint64_t n = 1; n <= count; ++n)
            asio::co_spawn(asio::make_strand(pool_), client(n), [](std::exception_ptr thrown) { CHECK_FALSE(thrown); });
    }
    restless(restless const&) = delete;
    restless& operator=(restless const&) = delete;

    std::atomic<std::int64_t> clock{0}; // seconds from `now`

    /// After the server is whole again: they go on, nobody had another's record, and nothing was taken twice.
    void check() {
        auto const before = good_.load();
        for (int i = 0; i != 1000 && good_ < before + 100; ++i) ::usleep(10'000);
        stop_ = true;
        pool_.wait();
        CHECK(good_ >= before + 100);
        CHECK(cancelled_ > 0);
        CHECK(wrong_ == 0);
        CHECK(twice_ == 0);
    }

private:
    asio::awaitable<void> client(std::uint64_t n) {
        using namespace asio::experimental::awaitable_operators;
        asio::steady_timer timer{co_await asio::this_coro::executor};
        store::detail::version_walk dice{n};
        bytes room(4000);
        for (std::uint64_t i = 0; !stop_; ++i) {
            auto const key = key_of(n << 32 | i);
            bytes const own(dice.next() % room.size() + 1, static_cast<std::uint8_t>(dice.next() | 1));
            int taken = 0;
            auto const time = now + std::chrono::seconds{clock};
            auto const put = co_await db_.async_execute(store::insert(key, own, later, time));
            if (failed(put, errc::store_unavailable)) {
                timer.expires_after(1ms);
                co_await timer.async_wait(asio::use_awaitable);
            }
            for (int tries = 0; tries != 4; ++tries) {
                std::ranges::fill(room, std::uint8_t{0});
                auto const ask = tries < 2 ? store::find(key, room, time) : store::take(key, room, time);
                timer.expires_after(std::chrono::microseconds{dice.next() % 100'000});
                auto const ended = co_await (db_.async_execute(ask) || timer.async_wait(asio::use_awaitable));
                if (ended.index() == 1) {
                    ++cancelled_;
                    continue;
                }
                if (!done(std::get<0>(ended))) continue;
                ++good_;
                taken += tries >= 2;
                wrong_ += !std::ranges::equal(std::get<0>(ended).record.bytes, own);
            }
            twice_ += taken > 1;
        }
    }

    asio::thread_pool& pool_;
    Store& db_;
    std::atomic<int> wrong_{0}, twice_{0}, good_{0}, cancelled_{0};
    std::atomic<bool> stop_{false};
};

/// How many of the records 1 to `many` there are, all asked for at once.
inline store::task<int> count_records(std::size_t many) {
    std::vector<std::array<std::uint8_t, 16>> buffers(many);
    std::vector<store::request> asks;
    for (std::size_t i = 0; i != many; ++i) asks.push_back(store::find(key_of(i + 1), buffers[i], now));
    std::vector<store::reply> replies(asks.size());
    co_await store::when_all(asks, replies);
    int found = 0;
    for (auto const& r : replies) found += r.outcome == store::outcome::done;
    co_return found;
}

} // namespace asio_clients

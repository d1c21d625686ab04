// Runs a test on every store: in memory, in memory and encrypted, in an SQLite file of its own, on a redis-server of
// its own, and in long runs on a PostgreSQL server too.
#pragma once

#include "store/postgres_server.hpp"
#include "store/redis_server.hpp"
#include "store/temporary.hpp"
#include "support/long_run.hpp"

#include <signet/store/encrypted.hpp>
#include <signet/store/memory.hpp>
#include <signet/store/postgres.hpp>
#include <signet/store/redis.hpp>
#include <signet/store/sqlite.hpp>
#include <signet/testing/store_suite.hpp>

#include <doctest/doctest.h>

#include <atomic>
#include <barrier>
#include <thread>
#include <vector>

inline bool on_postgres = false; // a test's present store; there a long run has the usual rounds
inline int rounds(int usual, int in_a_long_run) { return is_long_run() && !on_postgres ? in_a_long_run : usual; }

/// A connection string for a schema of its own, on one server for the whole program.
inline std::string fresh_postgres_schema() {
    static postgres_server server;
    static int schemas = 0;
    auto const name = "s" + std::to_string(++schemas);
    server.tell("CREATE SCHEMA " + name);
    return server.conninfo("options=-csearch_path=" + name);
}

/// Calls `body(open)` for each store, where `open()` gives one more object on the same records: a connection of its own
/// to the SQLite file or the redis-server, and the one memory store shared.
template <class Body> void on_every_store_opened(Body body) {
    SUBCASE("memory") {
        signet::store::memory db;
        body([&] { return signet::testing::shared_store<signet::store::memory>{&db}; });
    }
    SUBCASE("memory, encrypted") {
        using shared = signet::testing::shared_store<signet::store::memory>;
        signet::store::memory db;
        auto const keys = *signet::store::encryption_keys::make(signet::secret{signet::bytes(32, 1)});
        body([&] { return signet::store::encrypted<shared>{shared{&db}, keys}; });
    }
    SUBCASE("sqlite") {
        temporary_directory const directory;
        body([&] {
            auto db = signet::store::sqlite::open({.path = directory / "store.db", .busy = std::chrono::seconds{60}});
            REQUIRE(db);
            return *std::move(db);
        });
    }
    SUBCASE("redis") {
        if (!redis_server::installed()) {
            MESSAGE("skipped: redis-server is not installed (./dev installs it)");
            return;
        }
        redis_server server;
        body([&] {
            signet::store::redis_params params;
            params.port = server.port();
            params.retry_after = std::chrono::seconds{0};    // the tests' clock stands still
            params.reply_timeout = std::chrono::seconds{20}; // and this machine may be busy
            signet::store::redis db{params};
            REQUIRE(db.connect(signet::unix_time{})); // as if it ran since 1970: nothing was issued before its start
            return db;
        });
    }
    SUBCASE("postgres") {
        if (!is_long_run()) return; // 64 connections a test take their time
        if (postgres_server::programs().empty()) {
            MESSAGE("skipped: PostgreSQL is not installed (./dev installs it)");
            return;
        }
        signet::store::postgres_params params{.conninfo = fresh_postgres_schema()};
        params.connect_timeout = params.reply_timeout = std::chrono::seconds{20};
        REQUIRE(signet::store::postgres{params}.migrate(signet::unix_time{}));
        struct marked {
            marked() { on_postgres = true; }
            ~marked() { on_postgres = false; }
        } const mark;
        body([&] { return signet::store::postgres{params}; });
    }
}

/// Calls `body(db)` with each store; any number of threads may use `db` at once.
template <class Body> void on_every_store(Body body) {
    on_every_store_opened([&](auto open) {
        auto db = open();
        body(db);
    });
}

/// Calls `body(thread)` from `threads` threads that start together.
template <class Body> void at_once(int threads, Body body) {
    std::barrier gate{threads};
    std::vector<std::thread> crew;
    for (int t = 0; t != threads; ++t) {
        crew.emplace_back([&, t] {
            gate.arrive_and_wait();
            body(t);
        });
    }
    for (auto& thread : crew) thread.join();
}

/// 64 threads, each with a store object of its own, present the same thing, which `prepare(db, round)` made: in every
/// round `present(db, thing)` succeeds for exactly one, and all others are told `late`.
template <class Open, class Prepare, class Present>
void exactly_one_wins(Open open, int how_many_rounds, signet::errc late, Prepare prepare, Present present) {
    constexpr int threads = 64;
    auto db = open();
    auto thing = prepare(db, 0);
    std::atomic<int> won{0}, told_late{0};
    int good_rounds = 0, round = 0;
    std::barrier together{threads, [&]() noexcept { good_rounds += won == 1 && told_late == threads - 1; }};
    std::barrier gate{threads + 1};
    std::vector<std::thread> crew;
    for (int t = 0; t != threads; ++t) {
        crew.emplace_back([&] {
            auto own = open();
            for (int r = 0; r != how_many_rounds; ++r) {
                gate.arrive_and_wait();
                auto const decision = present(own, thing);
                if (decision) ++won;
                else if (decision.error() == late) ++told_late;
                together.arrive_and_wait();
                gate.arrive_and_wait();
            }
        });
    }
    for (; round != how_many_rounds; ++round) {
        if (round != 0) thing = prepare(db, round);
        won = told_late = 0;
        gate.arrive_and_wait();
        gate.arrive_and_wait();
    }
    for (auto& thread : crew) thread.join();
    CHECK(good_rounds == how_many_rounds);
}

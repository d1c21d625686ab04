// Runs a test on every store: in memory, in an SQLite file of its own, on a redis-server of its own.
#pragma once

#include "store/redis_server.hpp"
#include "store/temporary.hpp"

#include <signet/store/memory.hpp>
#include <signet/store/redis.hpp>
#include <signet/store/sqlite.hpp>

#include <doctest/doctest.h>

#include <barrier>
#include <cstdlib>
#include <thread>
#include <vector>

/// `./dev check` sets SIGNET_LONG=1.
inline int rounds(int usual, int in_a_long_run) { return std::getenv("SIGNET_LONG") ? in_a_long_run : usual; }

/// Calls `body(db)` with each store; any number of threads may use `db` at once.
template <class Body> void on_every_store(Body body) {
    SUBCASE("memory") {
        signet::store::memory db;
        body(db);
    }
    SUBCASE("sqlite") {
        temporary_directory const directory;
        auto db = signet::store::sqlite::open({.path = directory / "store.db"});
        REQUIRE(db);
        body(*db);
    }
    SUBCASE("redis") {
        if (!redis_server::installed()) {
            MESSAGE("skipped: redis-server is not installed (./dev installs it)");
            return;
        }
        redis_server                 server;
        signet::store::redis_options options;
        options.port = server.port();
        options.retry_after = std::chrono::seconds{0}; // the tests' clock stands still
        signet::store::redis db{options};
        body(db);
    }
}

/// Calls `body(thread)` from `threads` threads that start together.
template <class Body> void at_once(int threads, Body body) {
    std::barrier             gate{threads};
    std::vector<std::thread> crew;
    for (int t = 0; t != threads; ++t)
        crew.emplace_back([&, t] {
            gate.arrive_and_wait();
            body(t);
        });
    for (auto& thread : crew) thread.join();
}

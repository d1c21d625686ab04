// What docs/guide/connections.md shows.
#include <signet/store.hpp>
#ifdef SIGNET_GUIDE_SQLITE
#    include <signet/store/sqlite.hpp>
#endif
#ifdef SIGNET_GUIDE_REDIS
#    include <signet/store/redis.hpp>
#endif

#include <doctest/doctest.h>

#include <cstdio>
#include <memory>
#include <string>
#include <thread>
#include <vector>

using namespace signet;
using namespace std::chrono_literals;

namespace {

constexpr unix_time now{1'763'700'000s};

// [per-thread]
/// Gives each thread a connection of its own, opened when the thread first needs it.
template <class Open> auto& connection_of_this_thread(Open open) {
    thread_local auto connection = open();
    return connection;
}
// [/per-thread]

/// Each thread writes one record under a key of its own.
template <class Store> store::outcome write_one(Store& db, std::uint8_t number) {
    store::record_key key{};
    key[0] = number;
    return db.execute(store::insert(key, as_bytes("seen"), now + 60s, now)).outcome;
}

} // namespace

TEST_CASE("the guide: threads share one store in memory") {
    // [memory]
    store::memory db{{.records = 100'000}}; // one object for all threads
    std::vector<std::thread> threads;
    for (std::uint8_t i = 0; i != 8; ++i) threads.emplace_back([&db, i] { (void)write_one(db, i); });
    for (auto& thread : threads) thread.join();
    // [/memory]
    CHECK(db.size() == 8);
}

#ifdef SIGNET_GUIDE_SQLITE
TEST_CASE("the guide: a connection to SQLite for each thread") {
    std::string const path = "guide-connections.db";
    for (auto const* suffix : {"", "-wal", "-shm"}) std::remove((path + suffix).c_str());
    std::vector<std::thread> threads;
    // [sqlite]
    auto const serve = [&](std::uint8_t number) {
        auto& db = connection_of_this_thread([&] { return store::sqlite::open({.path = path}); });
        if (!db) return; // db.error(): the file cannot be opened
        (void)write_one(*db, number);
    };
    for (std::uint8_t i = 0; i != 4; ++i) threads.emplace_back(serve, i);
    // [/sqlite]
    for (auto& thread : threads) thread.join();
    auto db = store::sqlite::open({.path = path});
    REQUIRE(db);
    for (std::uint8_t i = 0; i != 4; ++i) CHECK(write_one(*db, i) == store::outcome::not_applied);
}
#endif

#ifdef SIGNET_GUIDE_REDIS
TEST_CASE("the guide: a connection to Redis for each thread, which connects when it is needed") {
    // [redis]
    auto& db = connection_of_this_thread(
        [] { return std::make_unique<store::redis>(store::redis_params{.unix_socket = "/nowhere/redis.sock"}); });
    auto const reply = db->execute(store::find({}, {}, now)); // no server there: store_unavailable, and at once
    // [/redis]
    CHECK(reply.outcome == store::outcome::failed);
}
#endif

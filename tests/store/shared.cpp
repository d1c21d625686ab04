// One object for all threads: `combiner` and `pool`.
#include "contract.hpp"

#include <signet/store.hpp>
#include <signet/store/combiner.hpp>
#include <signet/store/pool.hpp>

#include <atomic>
#include <semaphore>
#include <thread>

using namespace signet;
using namespace std::chrono_literals;

namespace {

constexpr unix_time now{1'800'000'000s};

// A connection that counts its round trips, and answers each only when it is let.
struct gate {
    struct control {
        store::memory db;
        std::counting_semaphore<> let{0};
        std::atomic<int> entered{0}, at_once{0}, most_at_once{0};
        std::vector<std::size_t> sizes; // of the round trips
        std::mutex mutex;
        bool throws = false;
        std::atomic<bool> mixed{false}; // a round trip of several had something else than finds
    };
    control* shared;

    void enter(std::size_t size) {
        auto& s = *shared;
        {
            std::lock_guard const lock{s.mutex};
            s.sizes.push_back(size);
        }
        auto const here = ++s.at_once;
        for (auto most = s.most_at_once.load(); most < here && !s.most_at_once.compare_exchange_weak(most, here);) {}
        ++s.entered;
        s.let.acquire();
        --s.at_once;
        if (s.throws) throw std::bad_alloc{};
    }
    store::reply execute(store::request const& ask) {
        enter(1);
        return shared->db.execute(ask);
    }
    void execute_many(std::span<store::request const> asks, std::span<store::reply> replies) {
        for (auto const& ask : asks)
            if (asks.size() > 1 && ask.verb != store::verb::find) shared->mixed = true;
        enter(asks.size());
        for (std::size_t i = 0; i != asks.size(); ++i) replies[i] = shared->db.execute(asks[i]);
    }
};

store::request insert_of(int n) {
    static std::array<std::uint8_t, 1> const octet{1};
    return store::insert(key_of(static_cast<std::uint64_t>(n)), octet, now + 1h, now);
}
void wait_until(std::atomic<int> const& what, int is) {
    while (what != is) std::this_thread::yield();
}

} // namespace

TEST_CASE("store contract: a combiner, and a pool of three" * long_run()) {
    store::memory db;
    SUBCASE("combiner") {
        testing::shared_store<store::memory> const one{&db};
        store::combiner<testing::shared_store<store::memory>> all{one, one};
        check_contract([&] { return testing::shared_store{&all}; });
    }
    SUBCASE("pool") {
        store::pool all{std::vector(3, testing::shared_store<store::memory>{&db})};
        check_contract([&] { return testing::shared_store{&all}; });
    }
}

TEST_CASE("combiner: who comes while the connection is busy is sent in one round trip, and gets his own answer") {
    gate::control shared;
    store::combiner<gate> db{{&shared}, {&shared}};
    std::atomic<int> good{0}, queued{0};
    std::vector<std::jthread> threads;
    threads.emplace_back([&] { good += done(db.execute(insert_of(0))); });
    wait_until(shared.entered, 1);
    for (int n = 1; n != 20; ++n)
        threads.emplace_back([&, n] {
            ++queued;
            good += done(db.execute(insert_of(n % 10))); // 10 to 19: there already
        });
    wait_until(queued, 19);
    std::this_thread::sleep_for(50ms); // they stand in line; if not all do, there is one more round trip
    for (int n = 0; n != 20; ++n) shared.let.release();
    threads.clear();
    CHECK(good == 10);
    CHECK(shared.sizes.front() == 1);
    CHECK(shared.sizes.size() < 20);
    std::size_t sum = 0;
    for (auto const size : shared.sizes) sum += size;
    CHECK(sum == 20);
}

TEST_CASE("combiner: a find does not wait for a write, and one thread alone sends at once") {
    gate::control finds, rest;
    store::combiner<gate> db{{&finds}, {&rest}};
    std::jthread const writer{[&] { (void)db.execute(insert_of(0)); }};
    wait_until(rest.entered, 1);
    finds.let.release();
    std::array<std::uint8_t, 8> buffer;
    CHECK(not_applied(db.execute(store::find(key_of(1), buffer, now))));
    CHECK(finds.entered == 1);
    rest.let.release();
}

TEST_CASE("combiner: a request that was not sent in time fails, nothing happened, and the next one works") {
    gate::control shared;
    store::combiner<gate> db{{&shared}, {&shared}, {.wait = 20ms}};
    std::jthread first{[&] { CHECK(done(db.execute(insert_of(0)))); }};
    wait_until(shared.entered, 1);
    auto const late = db.execute(insert_of(1));
    CHECK(failed(late, errc::store_unavailable));
    shared.let.release(8);
    first.join();
    CHECK(done(db.execute(insert_of(1)))); // it was not there
    CHECK(shared.sizes == std::vector<std::size_t>{1, 1});
}

TEST_CASE(
    "combiner: what a connection throws reaches one caller; for the others the outcome is unknown, and the next one works") {
    gate::control shared;
    store::combiner<gate> db{{&shared}, {&shared}};
    shared.throws = true;
    std::atomic<int> thrown{0}, unknown{0}, queued{0};
    std::vector<std::jthread> threads;
    for (int n = 0; n != 8; ++n)
        threads.emplace_back([&, n] {
            ++queued;
            try {
                unknown += failed(db.execute(insert_of(n)), errc::outcome_unknown);
            } catch (std::bad_alloc const&) { ++thrown; }
        });
    wait_until(queued, 8);
    shared.let.release(8);
    threads.clear();
    CHECK(thrown >= 1);
    CHECK(thrown + unknown == 8);
    CHECK(thrown == static_cast<int>(shared.sizes.size()));
    shared.throws = false;
    shared.let.release(8);
    CHECK(done(db.execute(insert_of(9))));
}

TEST_CASE("combiner: many requests of one caller are split at max_combined, and each has its own reply") {
    gate::control shared;
    shared.let.release(16);
    store::combiner<gate> db{{&shared}, {&shared}};
    std::array<std::uint8_t, 8> buffer;
    std::vector<store::request> asks;
    for (int n = 0; n != 600; ++n)
        asks.push_back(n % 6 == 5 ? store::find(key_of(static_cast<std::uint64_t>(n)), buffer, now)
                                  : insert_of(n / 2)); // every second is a repeat
    std::vector<store::reply> replies(asks.size(), store::reply::failure(errc::store_unavailable));
    db.execute_many(asks, replies);
    std::size_t sum = 0;
    for (auto const size : shared.sizes) {
        CHECK(size <= store::max_combined);
        sum += size;
    }
    CHECK(sum == 600);
    for (int n = 0; n != 600; ++n) {
        auto const& r = replies[static_cast<std::size_t>(n)];
        bool const first = n % 6 != 5 && (n % 2 == 0 || (n - 1) % 6 == 5);
        CHECK((first ? done(r) : not_applied(r)));
    }
}

TEST_CASE(
    "pool: as many calls work at once as there are connections, and who waits is handed the next one that is free") {
    gate::control shared;
    store::pool db{std::vector(3, gate{&shared}), 10s};
    std::atomic<int> good{0};
    std::vector<std::jthread> threads;
    for (int n = 0; n != 12; ++n) threads.emplace_back([&, n] { good += done(db.execute(insert_of(n))); });
    wait_until(shared.entered, 3);
    shared.let.release(12);
    threads.clear();
    CHECK(good == 12);
    CHECK(shared.most_at_once == 3);
    CHECK(shared.sizes.size() == 12);
}

TEST_CASE("combiner and pool: whoever waits as long as a duration can say is served, and not refused at once") {
    gate::control shared;
    store::combiner<gate> combined{{&shared}, {&shared}, {.wait = std::chrono::milliseconds::max()}};
    store::pool pooled{std::vector(1, gate{&shared}), std::chrono::milliseconds::max()};
    int opened = 0;
    auto const check = [&](auto& db, int number) {
        std::jthread const first{[&] { CHECK(done(db.execute(insert_of(number)))); }};
        wait_until(shared.entered, ++opened);
        std::atomic<int> begun{0};
        std::jthread const second{[&] {
            ++begun;
            CHECK(done(db.execute(insert_of(number + 1))));
        }};
        wait_until(begun, 1);
        std::this_thread::sleep_for(20ms); // it stands in line
        shared.let.release(2), ++opened;
    };
    check(combined, 0);
    check(pooled, 10);
}

TEST_CASE("pool: finds that stand in line are sent together, each gets its own answer, and writes stay alone") {
    gate::control shared;
    store::pool db{std::vector(1, gate{&shared}), 60s};
    for (int n = 0; n < 40; n += 2) CHECK(done(shared.db.execute(insert_of(n))));
    std::jthread first{[&] { CHECK(done(db.execute(insert_of(100)))); }};
    wait_until(shared.entered, 1);
    std::atomic<int> wrong{0}, queued{0};
    std::vector<std::jthread> threads;
    for (int n = 0; n != 48; ++n)
        threads.emplace_back([&, n] {
            ++queued;
            std::array<std::uint8_t, 8> buffer{};
            auto const reply = n < 40 ? db.execute(store::find(key_of(static_cast<std::uint64_t>(n)), buffer, now))
                                      : db.execute(insert_of(100 + n));
            auto const is_there = n % 2 == 0 || n >= 40;
            wrong += reply.outcome != (is_there ? store::outcome::done : store::outcome::not_applied);
            if (n < 40 && is_there) wrong += reply.record.bytes.data() != buffer.data() || buffer[0] != 1;
        });
    wait_until(queued, 48);
    std::this_thread::sleep_for(50ms); // they stand in line; if not all do, there are more round trips
    shared.let.release(49);
    threads.clear();
    first.join();
    CHECK(wrong == 0);
    CHECK_FALSE(shared.mixed);
    CHECK(shared.sizes.size() < 49);
    std::size_t sum = 0;
    for (auto const size : shared.sizes) {
        CHECK(size <= store::max_pooled_together);
        sum += size;
    }
    CHECK(sum == 49);
}

TEST_CASE("pool: where a connection throws on the finds of several, one caller gets that, and the others no answer") {
    gate::control shared;
    shared.throws = true;
    store::pool db{std::vector(1, gate{&shared}), 60s};
    std::atomic<int> thrown{0}, unavailable{0}, queued{0};
    std::vector<std::jthread> threads;
    for (std::uint64_t n = 0; n != 8; ++n)
        threads.emplace_back([&, n] {
            ++queued;
            std::array<std::uint8_t, 8> buffer{};
            try {
                unavailable += failed(db.execute(store::find(key_of(n), buffer, now)), errc::store_unavailable);
            } catch (std::bad_alloc const&) { ++thrown; }
        });
    wait_until(queued, 8);
    std::this_thread::sleep_for(50ms);
    shared.let.release(8);
    threads.clear();
    CHECK(thrown + unavailable == 8);
    CHECK(unavailable >= 1);
    CHECK(thrown == static_cast<int>(shared.sizes.size()));
    shared.throws = false;
    shared.let.release(8);
    CHECK(done(db.execute(insert_of(1))));
}

TEST_CASE(
    "pool: who is handed no connection in time gets store_unavailable; what is thrown gives the connection back") {
    gate::control shared;
    store::pool db{std::vector(1, gate{&shared}), 20ms};
    std::jthread first{[&] { CHECK(done(db.execute(insert_of(0)))); }};
    wait_until(shared.entered, 1);
    CHECK(failed(db.execute(insert_of(1)), errc::store_unavailable));
    std::array<store::request, 2> const asks{insert_of(1), insert_of(2)};
    std::array<store::reply, 2> replies{store::reply::success(), store::reply::success()};
    db.execute_many(asks, replies);
    for (auto const& r : replies) CHECK(failed(r, errc::store_unavailable));
    CHECK_FALSE(db.use([](gate&) {}));
    shared.let.release(8);
    first.join();
    shared.throws = true;
    CHECK_THROWS_AS((void)db.execute(insert_of(3)), std::bad_alloc);
    shared.throws = false;
    CHECK(done(db.execute(insert_of(1)))); // it was not there
    CHECK(db.use([](gate&) {}));

    store::pool<gate> none{{}};
    CHECK(failed(none.execute(insert_of(0)), errc::store_unavailable));
}

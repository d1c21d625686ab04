#include "contract.hpp"

#include <signet/store.hpp>

#include <thread>

using namespace signet;
using namespace std::chrono_literals;

namespace {

constexpr unix_time at(std::int64_t s) { return unix_time{std::chrono::seconds{s}}; }

// Counts what is allocated through it; may be told to fail.
struct counting_resource : std::pmr::memory_resource {
    std::size_t bytes = 0, blocks = 0, fail_after = SIZE_MAX;

    void* do_allocate(std::size_t size, std::size_t alignment) override {
        if (fail_after == 0) throw std::bad_alloc{};
        if (fail_after != SIZE_MAX) --fail_after;
        bytes += size, ++blocks;
        return std::pmr::new_delete_resource()->allocate(size, alignment);
    }
    void do_deallocate(void* p, std::size_t size, std::size_t alignment) override {
        bytes -= size, --blocks;
        std::pmr::new_delete_resource()->deallocate(p, size, alignment);
    }
    bool do_is_equal(memory_resource const& other) const noexcept override { return this == &other; }
};

bool full(store::reply const& r) { return failed(r, errc::store_full); }

} // namespace

static_assert(store::blocking_store<store::memory>);

TEST_CASE("memory: a key that is announced is found as before, and one that is not there or the same does no harm") {
    store::memory db;
    store::record_key const first{1}, second{2}, absent{3};
    auto const at = unix_time{std::chrono::seconds{1'800'000'000}};
    std::array<std::uint8_t, 8> buffer{};
    for (auto const& key : {first, second})
        CHECK(db.execute(store::insert(key, std::span{buffer}.first(1), at + std::chrono::seconds{9}, at)).outcome ==
              store::outcome::done);
    for (auto const* soon : {&second, &first, &absent}) {
        auto ask = store::find(first, buffer, at);
        ask.prefetch = soon;
        CHECK(db.execute(ask).outcome == store::outcome::done);
        CHECK(db.execute(store::find(*soon, buffer, at)).outcome ==
              (soon == &absent ? store::outcome::not_applied : store::outcome::done));
    }
}

TEST_CASE("store contract: memory" * long_run()) {
    store::memory db;
    check_contract([&] { return testing::shared_store<store::memory>{&db}; });
}

TEST_CASE("store contract: memory with one shard" * long_run()) {
    store::memory db{{.shards = 1}};
    check_contract([&] { return testing::shared_store<store::memory>{&db}; }, {.threads = 8, .rounds = 20});
}

TEST_CASE("memory: all ends with the object, and what was used in it may be used again") {
    for (int process = 0; process != 2; ++process) {
        store::memory db;
        std::array<std::uint8_t, 1> buffer{};
        CHECK(db.execute(store::find(key_of(1), buffer, at(0))).outcome == store::outcome::not_applied);
        CHECK(done(db.execute(store::insert(key_of(1), {}, at(1000), at(0)))));
        CHECK(done(db.execute(store::insert_once(key_of(2), {}, at(1000), at(0), at(0)))));
    }
}

TEST_CASE("memory: the bound on records is exact, and a live record is never pushed out") {
    store::memory db{{.records = 100}};
    for (std::uint64_t i = 0; i != 100; ++i) CHECK(done(db.execute(store::insert(key_of(i), {}, at(1000), at(0)))));
    CHECK(full(db.execute(store::insert(key_of(100), {}, at(1000), at(0)))));
    std::array<std::uint8_t, 1> buffer{};
    for (std::uint64_t i = 0; i != 100; ++i) CHECK(done(db.execute(store::find(key_of(i), buffer, at(0)))));
    CHECK(done(db.execute(store::erase(key_of(7), at(0)))));
    CHECK(done(db.execute(store::insert(key_of(100), {}, at(1000), at(0)))));
    CHECK(db.size() == 100);
}

TEST_CASE("memory: a full store takes new records as soon as old ones expire, wherever they lie") {
    store::memory db{{.records = 100}};
    for (std::uint64_t i = 0; i != 100; ++i) {
        CHECK(done(db.execute(store::insert(key_of(i), {}, at(i == 42 ? 10 : 1000), at(0)))));
    }
    CHECK(full(db.execute(store::insert(key_of(100), {}, at(1000), at(9)))));
    CHECK(done(db.execute(store::insert(key_of(100), {}, at(1000), at(10)))));
    CHECK(full(db.execute(store::insert(key_of(101), {}, at(1000), at(10)))));
}

TEST_CASE("memory: the bound on octets holds for inserts and for replacements that grow") {
    store::memory db{{.records = 100, .bytes = 1000}};
    bytes const half(500, 1), more(501, 2), less(400, 3);
    auto const first = db.execute(store::insert(key_of(1), half, at(1000), at(0)));
    auto const second = db.execute(store::insert(key_of(2), half, at(1000), at(0)));
    CHECK(done(second));
    CHECK(full(db.execute(store::insert(key_of(3), {half.data(), 1}, at(1000), at(0)))));
    CHECK(full(db.execute(store::replace(key_of(1), first.record.version, more, at(1000), at(0)))));
    CHECK(db.bytes() == 1000);
    CHECK(done(db.execute(store::replace(key_of(1), first.record.version, less, at(1000), at(0)))));
    CHECK(db.bytes() == 900);
    CHECK(done(db.execute(store::replace(key_of(2), second.record.version, more, at(1000), at(0)))));
    CHECK(db.bytes() == 901);
}

TEST_CASE("memory: expired records leave a few at each write, earliest first, none by a sweep") {
    store::memory db{{.shards = 1, .slack = 0s}};
    for (std::uint64_t i = 0; i != 1000; ++i) (void)db.execute(store::insert(key_of(i), {}, at(100), at(0)));
    for (std::uint64_t i = 0; i != 400; ++i) {
        auto const before = db.size();
        CHECK(done(db.execute(store::insert(key_of(5000 + i), {}, at(900), at(100)))));
        CHECK(before + 1 - db.size() <= 2);
    }
    CHECK(db.size() == 1000 - 800 + 400);
}

TEST_CASE("memory: expired records outlast their time by the slack, so that a clock may step back") {
    store::memory db{{.shards = 1, .slack = 60s}};
    std::array<std::uint8_t, 1> buffer{};
    (void)db.execute(store::insert(key_of(1), {}, at(100), at(0)));
    (void)db.execute(store::insert(key_of(2), {}, at(900), at(159)));
    CHECK(!done(db.execute(store::insert(key_of(1), {}, at(500), at(90))))); // still remembered
    (void)db.execute(store::insert(key_of(3), {}, at(900), at(160)));
    CHECK(!done(db.execute(store::find(key_of(1), buffer, at(90)))));
}

TEST_CASE("memory: no slack that somebody writes costs a record that lives") {
    for (auto slack : {-60s, std::chrono::seconds::min(), std::chrono::seconds::max()}) {
        store::memory db{{.shards = 1, .slack = slack}};
        std::array<std::uint8_t, 1> buffer;
        CHECK(done(db.execute(store::insert(key_of(1), {}, at(30), at(0)))));
        CHECK(done(db.execute(store::insert(key_of(2), {}, at(30), at(0)))));
        CHECK(done(db.execute(store::find(key_of(1), buffer, at(29)))));
    }
}

TEST_CASE("memory: random histories against a plain map") {
    struct plain {
        std::string octets;
        std::int64_t expires;
        std::uint64_t version;
    };
    store::memory db{{.shards = 2, .slack = 1'000'000s}};
    std::array<plain, 50> model{};
    store::detail::version_walk dice{7};
    std::array<std::uint8_t, 64> buffer{};
    for (int step = 0; step != 20'000; ++step) {
        auto const k = static_cast<std::size_t>(dice.next() % model.size());
        auto& m = model[k];
        auto const now = static_cast<std::int64_t>(1000 + step / 10 - static_cast<std::int64_t>(dice.next() % 30));
        auto const expires = now + 1 + static_cast<std::int64_t>(dice.next() % 60);
        std::string octets(static_cast<std::size_t>(dice.next() % 20), static_cast<char>('a' + dice.next() % 26));
        auto const live = m.expires > now;
        auto const version = dice.next() % 3 == 0 ? m.version + 1 : m.version;
        store::reply r;
        switch (dice.next() % 5) {
        case 0:
            r = db.execute(store::find(key_of(k), buffer, at(now)));
            REQUIRE(done(r) == live);
            if (live) REQUIRE(as_text(r.record.bytes) == m.octets);
            break;
        case 1:
            r = db.execute(store::insert(key_of(k), as_bytes(octets), at(expires), at(now)));
            REQUIRE(done(r) == !live);
            if (!live) m = {octets, expires, r.record.version};
            break;
        case 2:
            r = db.execute(store::replace(key_of(k), version, as_bytes(octets), at(expires), at(now)));
            REQUIRE(done(r) == (live && version == m.version));
            if (done(r)) m = {octets, expires, r.record.version};
            break;
        case 3:
            r = db.execute(store::take(key_of(k), buffer, at(now)));
            REQUIRE(done(r) == live);
            if (live) {
                REQUIRE(as_text(r.record.bytes) == m.octets);
                m = {};
            }
            break;
        default:
            r = db.execute(store::erase(key_of(k), at(now), version));
            REQUIRE(done(r) == (live && (version == m.version)));
            if (done(r)) m = {};
        }
    }
}

TEST_CASE(
    "memory: everything comes from the caller's resource, at most 160 octets a record beside its own, and goes back") {
    counting_resource counted;
    {
        store::memory db{{.records = 1'000'000, .shards = 16}, &counted};
        bytes const octets(100, 1);
        std::size_t worst = 0;
        for (std::uint64_t i = 0; i != 60'000; ++i) {
            (void)db.execute(
                store::insert(key_of(i), octets, at(1000 + static_cast<std::int64_t>(i * 7919 % 5000)), at(0)));
            if (i < 20'000) continue;
            auto const beside = counted.bytes + 16 * counted.blocks - db.bytes(); // 16: what malloc itself takes
            worst = std::max(worst, beside / db.size());
        }
        MESSAGE("octets beside the record, at worst: " << worst);
        CHECK(worst <= 160);
    }
    CHECK(counted.bytes == 0);
    CHECK(counted.blocks == 0);
}

TEST_CASE("memory: where memory runs out the store stays as it was") {
    counting_resource counted;
    {
        store::memory db{{.records = 100'000, .shards = 1}, &counted};
        bytes const octets(50, 1);
        std::uint64_t held = 0;
        for (std::uint64_t i = 0; i != 300; ++i) {
            for (std::size_t after = 0;; ++after) {
                counted.fail_after = after;
                try {
                    auto const r = db.execute(store::insert(key_of(i), octets, at(1000), at(0))); // CHECK would catch
                    CHECK(done(r));
                    ++held;
                    break;
                } catch (std::bad_alloc const&) {
                    CHECK(db.size() == held);
                    CHECK(db.bytes() == held * 50);
                }
            }
        }
        counted.fail_after = SIZE_MAX;
        std::array<std::uint8_t, 64> buffer{};
        for (std::uint64_t i = 0; i != 300; ++i) CHECK(done(db.execute(store::take(key_of(i), buffer, at(0)))));
        CHECK(db.size() == 0);
        for (std::size_t after = 0; after != 4; ++after) {
            counted.fail_after = after;
            CHECK_THROWS_AS((store::memory{{.shards = 4}, &counted}), std::bad_alloc);
        }
        counted.fail_after = SIZE_MAX;
    }
    CHECK(counted.blocks == 0);
}

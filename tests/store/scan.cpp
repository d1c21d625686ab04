// Scans of what needs no server: stores in memory, what stands in front of them, positions and pages.
#include "scan_contract.hpp"

#include <signet/store.hpp>
#include <signet/store/encrypted.hpp>
#include <signet/store/pool.hpp>

#include <limits>

using namespace signet;
using namespace std::chrono_literals;

namespace {
constexpr unix_time now = scans::present;
}

TEST_CASE("scan contract: memory") {
    store::memory db;
    check_scans(db);
    CHECK(db.size() == 0);
}

TEST_CASE("scan contract: memory with one shard") {
    store::memory db{{.shards = 1}};
    check_scans(db, {.records = 2500});
}

TEST_CASE("scan contract: memory behind an encrypted store, a pool and an observer") {
    using shared = testing::shared_store<store::memory>;
    store::memory db;
    auto const keys = *store::encryption_keys::make(secret{bytes(32, 1)});
    std::vector<store::encrypted<shared>> connections;
    for (int i = 0; i != 2; ++i) connections.emplace_back(shared{&db}, keys);
    store::pool pool{std::move(connections)};
    auto nobody = [](store::observation const&) noexcept {};
    store::observed all{pool, nobody};
    check_scans(all);
}

TEST_CASE("memory: a table that grows between two pages costs no record that was there") {
    store::memory db{{.shards = 2}};
    scans::contents all, others;
    for (std::uint64_t n = 0; n != 200; ++n) scans::insert(db, all, n, 8);
    std::uint64_t n = 1000;
    store::scan_page page{3};
    auto const w = scans::scan_all(db, page, all, now, [&](std::size_t number) {
        // At each of the first pages the tables double.
        if (number <= 6)
            for (auto const end = db.size() * 2; db.size() < end;) scans::insert(db, others, n++, 8);
    });
    CHECK(db.size() == 200 << 6);
    CHECK(scans::each_once(w, all));
}

TEST_CASE("memory: a call looks at no more slots than it may, and the scan goes on where it was") {
    store::memory db{{.shards = 1}};
    scans::contents all;
    constexpr std::uint64_t many = 4 * 65'536; // all of them expired
    for (std::uint64_t n = 0; n != many; ++n)
        REQUIRE(done(db.execute(store::insert(key_of(n), {}, scans::in(10), now))));
    for (std::uint64_t n = 0; n != 10; ++n) scans::insert(db, all, n + 2, 8);
    store::scan_page page;
    auto const w = scans::scan_all(db, page, all, scans::in(10));
    CHECK(scans::each_once(w, all));
    CHECK(w.given.size() == all.size());
    CHECK(w.pages >= 4);
}

TEST_CASE("memory: another store's position is refused, also of one that has the same records") {
    store::memory first, second;
    for (auto* db : {&first, &second})
        for (std::uint64_t n = 0; n != 10; ++n)
            REQUIRE(done(db->execute(store::insert(key_of(n), {}, scans::in(10), now))));
    store::scan_page page{2};
    store::scan_position at;
    REQUIRE(first.scan(at, now, page).has_value());
    CHECK(page.records().size() == 2);
    CHECK(second.scan(at, now, page).error() == errc::invalid_scan_position);
    CHECK(page.records().empty());
    CHECK(first.scan(at, now, page).has_value());
}

TEST_CASE("encrypted: a scan counts what it cannot decrypt, and gives the rest") {
    store::memory db;
    auto key_with = [](std::uint8_t octet) { return secret{bytes(32, octet)}; };
    store::encrypted ours{db, *store::encryption_keys::make(key_with(1))};
    store::encrypted theirs{db, *store::encryption_keys::make(key_with(2))};
    scans::contents all, others;
    for (std::uint64_t n = 0; n != 20; ++n) scans::insert(ours, all, n, 20);
    for (std::uint64_t n = 100; n != 107; ++n) scans::insert(theirs, others, n, 20);
    REQUIRE(done(db.execute(store::insert(key_of(1), as_bytes("not encrypted"), scans::in(600), now))));
    store::scan_page page{4};
    auto w = scans::scan_all(ours, page, all);
    CHECK(scans::each_once(w, all));
    CHECK(w.given.size() == 20);
    CHECK(w.unreadable == 8);
    store::encrypted lenient{db, *store::encryption_keys::make(key_with(1)), {.accept_unencrypted = true}};
    w = scans::scan_all(lenient, page, all);
    CHECK(scans::each_once(w, all));
    CHECK(w.given.at(key_of(1)) == 1);
    CHECK(w.unreadable == 7);
}

TEST_CASE("scan: a page's limits are within the library's, and what is not a position is refused") {
    store::scan_page const usual, none{0, 0}, small{10, 100}, large{1'000'000, std::numeric_limits<std::size_t>::max()};
    for (auto const* page : {&usual, &none, &large}) {
        CHECK(page->max_count() == store::max_scan_count);
        CHECK(page->max_octets() == store::max_scan_octets);
    }
    CHECK(small.max_count() == 10);
    CHECK(small.max_octets() == 100);
    CHECK(store::scan_position{}.is_start());
    CHECK_FALSE(store::scan_position{}.is_over());
    CHECK(store::scan_position::over().is_over());
    CHECK(store::scan_position::from_octets(store::scan_position::over().octets())->is_over());
    CHECK(store::scan_position::from_octets({})->is_start());
    CHECK(store::scan_position::from_octets(bytes(store::max_scan_position)).has_value());
    CHECK(store::scan_position::from_octets(bytes(store::max_scan_position + 1)).error() ==
          errc::invalid_scan_position);
}

// What holds for the scans of every store: one function, which the tests of each store call with an empty one.
#pragma once

#include "contract.hpp"

#include <signet/store/scan.hpp>

#include <map>
#include <set>
#include <vector>

namespace scans {

using namespace signet;
using key = store::record_key;

inline constexpr unix_time present{std::chrono::seconds{1'800'000'000}};
inline unix_time in(long seconds) { return present + std::chrono::seconds{seconds}; }

// Spread as hashes are, the first and the last of all keys among them.
inline key spread_key(std::uint64_t n) {
    key k{};
    if (n == 1) k.fill(0xff);
    if (n < 2) return k;
    store::detail::version_walk walk{n << 20};
    for (auto& octet : k) octet = static_cast<std::uint8_t>(walk.next());
    return k;
}
inline bytes octets_of(std::uint64_t n, std::size_t size) {
    store::detail::version_walk walk{n << 21};
    bytes octets(size);
    for (auto& octet : octets) octet = static_cast<std::uint8_t>(walk.next());
    return octets;
}

struct expected {
    bytes octets;
    unix_time expires;
    std::uint64_t version;
};
using contents = std::map<key, expected>;

inline void insert(auto& db, contents& all, std::uint64_t n, std::size_t size, long lifetime = 600) {
    auto octets = octets_of(n, size);
    auto const r = db.execute(store::insert(spread_key(n), octets, in(lifetime), present));
    REQUIRE(done(r));
    all[spread_key(n)] = {std::move(octets), in(lifetime), r.record.version};
}
inline void erase(auto& db, key const& k) { CHECK(done(db.execute(store::erase(k, present)))); }
inline void erase_all(auto& db, contents const& all) {
    for (auto const& each : all) erase(db, each.first);
}

// How often each key was given.
struct walk {
    std::map<key, int> given;
    std::size_t pages = 0, fullest = 0, largest = 0, unreadable = 0;
};

// Goes through the store; `between(page number)` is called after each page. Positions go through octets, as in a link.
inline walk scan_all(auto& db, store::scan_page& page, contents const& all, unix_time when, auto between) {
    walk w;
    for (store::scan_position at; !at.is_over();) {
        auto from = *store::scan_position::from_octets(at.octets());
        auto const scanned = db.scan(from, when, page);
        REQUIRE(scanned.has_value());
        at = from;
        std::size_t size = 0;
        for (auto const& each : page.records()) {
            ++w.given[each.key];
            size += each.octets.size();
            auto const there = all.find(each.key);
            if (there == all.end()) continue;
            CHECK(std::ranges::equal(each.octets.reveal(), there->second.octets));
            CHECK(each.expires == there->second.expires);
            CHECK(each.version == there->second.version);
        }
        CHECK(page.records().size() <= page.max_count());
        CHECK((size <= page.max_octets() || page.records().size() == 1));
        w.fullest = std::max(w.fullest, page.records().size());
        w.largest = std::max(w.largest, size);
        w.unreadable += page.unreadable();
        ++w.pages;
        REQUIRE(w.pages < 100'000);
        between(w.pages);
    }
    return w;
}
inline walk scan_all(auto& db, store::scan_page& page, contents const& all, unix_time when = present) {
    return scan_all(db, page, all, when, [](std::size_t) {});
}

inline bool each_once(walk const& w, contents const& all, bool at_least_once = false) {
    return std::ranges::all_of(all, [&](auto const& each) {
        auto const at = w.given.find(each.first);
        return at != w.given.end() && (at->second == 1 || at_least_once);
    });
}

} // namespace scans

struct scan_contract_params {
    bool at_least_once = false; // as a store in Redis
    std::size_t records = 300;
};

// `db` is empty, and empty again afterwards.
inline void check_scans(auto& db, scan_contract_params params = {}) {
    using namespace scans;
    static_assert(store::scannable_store<std::remove_reference_t<decltype(db)>>);
    auto const complete = [&](walk const& w, contents const& all) { return each_once(w, all, params.at_least_once); };
    {
        INFO("an empty store");
        store::scan_page page;
        auto const w = scan_all(db, page, {});
        CHECK(w.given.empty());
        CHECK(w.unreadable == 0);
    }
    contents all;
    for (std::uint64_t n = 0; n != params.records; ++n) insert(db, all, n, static_cast<std::size_t>(n % 40));
    for (std::size_t const count : {std::size_t{1}, std::size_t{7}, std::size_t{100}, store::max_scan_count}) {
        INFO("every record, on pages of at most ", count);
        store::scan_page page{count};
        auto const w = scan_all(db, page, all);
        CHECK(complete(w, all));
        CHECK(w.given.size() == all.size());
        CHECK(w.fullest <= count);
        CHECK(w.unreadable == 0);
    }
    {
        INFO("what has expired is not given, and what expires later is");
        contents soon, both = all;
        for (std::uint64_t n = 0; n != 20; ++n) insert(db, soon, 10'000 + n, 10, 10);
        both.insert(soon.begin(), soon.end());
        store::scan_page page{6};
        auto w = scan_all(db, page, both, in(9));
        CHECK(complete(w, both));
        w = scan_all(db, page, all, in(10));
        CHECK(complete(w, all));
        CHECK(w.given.size() == all.size());
        erase_all(db, soon);
        w = scan_all(db, page, {}, in(600)); // all of it is there, and none of it lives
        CHECK(w.given.empty());
    }
    {
        INFO("records that come, go and change meanwhile cost none of the others");
        contents others, stay = all;
        for (std::uint64_t n = 0; n != 30; ++n) {
            insert(db, others, 20'000 + n, 10);
            stay.erase(spread_key(n * 7));
        }
        std::uint64_t n = 30'000, changed = 0;
        store::scan_page page{5};
        auto const w = scan_all(db, page, stay, present, [&](std::size_t number) {
            if (number % 2 == 0 && !others.empty()) {
                erase(db, others.begin()->first);
                others.erase(others.begin());
            }
            if (number < 60) insert(db, others, n++, 10);
            if (changed == 30 || !all.contains(spread_key(changed * 7))) return;
            auto& record = all.at(spread_key(changed++ * 7));
            record.octets.push_back(1);
            auto const key = spread_key((changed - 1) * 7);
            auto const r = db.execute(store::replace(key, record.version, record.octets, record.expires, present));
            CHECK(done(r));
            record.version = r.record.version;
        });
        CHECK(complete(w, stay));
        erase_all(db, others);
    }
    erase_all(db, all);
    all.clear();
    {
        INFO("a page ends before the record that is too large for it, and a larger one is alone");
        constexpr std::size_t large = 30'000;
        for (std::uint64_t n = 0; n != 9; ++n) insert(db, all, n, large);
        for (std::uint64_t n = 9; n != 20; ++n) insert(db, all, n, 100);
        store::scan_page page{100, 2 * large + 200};
        auto w = scan_all(db, page, all);
        CHECK(complete(w, all));
        CHECK(w.pages >= 5);
        CHECK(w.largest <= 2 * large + 200);
        store::scan_page small{100, 150};
        w = scan_all(db, small, all);
        CHECK(complete(w, all));
        CHECK(w.largest == large);
    }
    {
        INFO("positions that are not the store's");
        store::scan_page page{1};
        store::scan_position first;
        while (page.records().empty()) REQUIRE(db.scan(first, present, page).has_value());
        bytes const good{first.octets().begin(), first.octets().end()};
        REQUIRE(good.size() > 2);
        std::vector<bytes> bad{{1}, {0, 0}, {1, 'x'}, {1, good[1]}, bytes(41, 0), bytes(store::max_scan_position, 1)};
        for (std::size_t const place : {std::size_t{0}, std::size_t{1}}) {
            bad.push_back(good);
            bad.back()[place] ^= 0x40u;
        }
        bad.push_back(good);
        bad.back().push_back(0);
        bad.push_back(good);
        bad.back().pop_back();
        for (auto const& octets : bad) {
            auto position = *store::scan_position::from_octets(octets);
            auto const scanned = db.scan(position, present, page);
            REQUIRE_FALSE(scanned.has_value());
            CHECK(scanned.error() == errc::invalid_scan_position);
            CHECK(std::ranges::equal(position.octets(), octets)); // as it was
            CHECK(page.records().empty());
            REQUIRE(db.scan(first = *store::scan_position::from_octets(good), present, page).has_value());
        }
        auto end = store::scan_position::over();
        REQUIRE(db.scan(end, present, page).has_value());
        CHECK(end.is_over());
        CHECK(page.records().empty());
    }
    erase_all(db, all);
}

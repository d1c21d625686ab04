// SPDX-License-Identifier: BSL-1.0
// The contract of a store as a test that runs on any store: signet's own adapters pass it, and yours should.
#pragma once

#include <signet/store/record.hpp>
#include <signet/store/store.hpp>
#include <signet/testing/faulty_store.hpp>
#include <signet/testing/impl/gate.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <set>
#include <string_view>
#include <thread>
#include <vector>

namespace signet { inline namespace SIGNET_ABI { namespace testing {

/// How much the suite tests, and on which keys.
struct store_suite_params {
    unsigned threads = 64;
    unsigned rounds = 100;  ///< of each race; 1,000 for a thorough run
    std::uint64_t salt = 1; ///< use another value for each run on a store that keeps its content
    unix_time now{std::chrono::seconds{1'800'000'000}};
    std::size_t max_record = store::max_record; ///< the largest record that the store must accept
};

/// Represents one store object that several threads share, for the suite's `open`.
template <store::blocking_store S> struct shared_store {
    S* target;
    store::reply execute(store::request const& ask) { return target->execute(ask); }
    result<void> scan(store::scan_position& position, unix_time now, store::scan_page& page)
        requires requires(S& shared) { shared.scan(position, now, page); }
    {
        return target->scan(position, now, page);
    }
};
template <store::blocking_store S> shared_store(S*) -> shared_store<S>; // for clang 16

/// Tests the contract of a store. Works with any test framework, because it only reports.
///
/// `open()` returns an object with `execute`, always on the same store; each thread opens its own. The suite calls
/// `report(rule, holds, where)` on the calling thread: `rule` is a sentence of the contract, `where` what was tested.
///
/// Example: `store_suite suite{[&] { return shared_store{&db}; }, [](auto rule, bool holds, auto where) { ... }};
/// suite.run();`
template <class Open, class Report> class store_suite {
public:
    /// Makes a suite, and opens one object at once.
    store_suite(Open open, Report report, store_suite_params params = {})
        : open_{std::move(open)}, report_{std::move(report)}, params_{params}, now_{params.now}, db_{open_()} {}

    /// Tests every rule, including races. It takes seconds on a store in memory, longer on a disk.
    void run() {
        inserting();
        finding();
        replacing();
        taking();
        erasing();
        expiry();
        backwards();
        sizes();
        binary();
        many();
        batches();
        crossed_batches();
        races();
        growing();
        counting();
        rosters();
        lost_replies();
    }

private:
    using seconds = std::chrono::seconds;
    using key = store::record_key;

    // ---- tools

    void rule(std::string_view sentence) { rule_ = sentence; }
    void check(bool holds, std::string_view where) { report_(rule_, holds, where); }

    key fresh_key() { // never the same twice, and well spread
        store::detail::version_walk walk{params_.salt * 0x10001 + (++keys_ << 32)};
        key k{};
        for (std::size_t i = 0; i != k.size(); ++i) k[i] = static_cast<std::uint8_t>(walk.next());
        return k;
    }
    static bytes_view text(std::string_view s) { return as_bytes(s); }
    unix_time in(long s) const { return now_ + seconds{s}; }

    store::reply insert(key const& k, std::string_view s, long lifetime = 600) {
        return db_.execute(store::insert(k, text(s), in(lifetime), now_));
    }
    store::reply find(key const& k) { return db_.execute(store::find(k, buffer_, now_)); }
    store::reply find_at(key const& k, unix_time t) { return db_.execute(store::find(k, buffer_, t)); }
    static bool done(store::reply const& r) { return r.outcome == store::outcome::done; }
    static bool not_applied(store::reply const& r) { return r.outcome == store::outcome::not_applied; }
    static bool failed(store::reply const& r, errc why) {
        return r.outcome == store::outcome::failed && r.error == why;
    }
    static bool holds(store::reply const& r, std::string_view s) { return done(r) && as_text(r.record.bytes) == s; }

    // ---- one thread

    void inserting() {
        rule("insert writes where nothing lives, and never overwrites a live record");
        auto const k = fresh_key();
        auto const first = insert(k, "one");
        check(done(first) && first.record.version != 0, "first insert");
        check(not_applied(insert(k, "two")), "second insert");
        auto const found = find(k);
        check(holds(found, "one"), "the first one's octets stay");
        check(found.record.version == first.record.version, "the version insert gave is the one find gives");
        check(found.record.expires == in(600), "its expiry stays");
        auto const once = fresh_key();
        check(done(db_.execute(store::insert_once(once, {}, in(60), now_, now_))), "single use, first");
        check(not_applied(db_.execute(store::insert_once(once, {}, in(60), now_, now_))), "single use, second");
    }

    void finding() {
        rule("find copies the record into the caller's buffer, or says how large it is");
        auto const k = fresh_key();
        check(not_applied(find(k)), "nothing there");
        (void)insert(k, "twelve bytes");
        std::array<std::uint8_t, 11> small{};
        auto const r = db_.execute(store::find(k, small, now_));
        check(failed(r, errc::buffer_too_small) && r.needed == 12, "one octet short");
        check(done(db_.execute(store::find(k, std::span{buffer_}.first(12), now_))), "exactly enough");
    }

    void replacing() {
        rule("replace overwrites the version that was read and no other; versions never repeat for a key");
        auto const k = fresh_key();
        check(not_applied(db_.execute(store::replace(k, 1, text("x"), in(600), now_))), "nothing there");
        auto const v1 = insert(k, "one").record.version;
        check(not_applied(db_.execute(store::replace(k, 0, text("x"), in(600), now_))), "version 0 is none");
        auto const second = db_.execute(store::replace(k, v1, text("second"), in(700), now_));
        check(done(second) && second.record.version != v1, "the version read");
        check(not_applied(db_.execute(store::replace(k, v1, text("late"), in(600), now_))), "a version that is gone");
        auto const found = find(k);
        check(holds(found, "second") && found.record.expires == in(700), "octets and expiry are the new ones");
        check(found.record.version == second.record.version, "and the version");

        std::set<std::uint64_t> seen{v1, second.record.version};
        auto version = second.record.version;
        bool fresh = true, written = true;
        for (int i = 0; i != 40; ++i) {
            written = written && done(db_.execute(store::erase(k, now_)));
            fresh = fresh && seen.insert(version = insert(k, "again").record.version).second;
            auto const r = db_.execute(store::replace(k, version, text("and again"), in(600), now_));
            written = written && done(r);
            fresh = fresh && seen.insert(version = r.record.version).second;
        }
        check(written && fresh, "erased and written anew forty times");
        check(not_applied(db_.execute(store::replace(k, v1, text("late"), in(600), now_))),
              "a version from before an erase");
    }

    void taking() {
        rule("take reads and forgets in one");
        auto const k = fresh_key();
        check(not_applied(db_.execute(store::take(k, buffer_, now_))), "nothing there");
        (void)insert(k, "once");
        check(failed(db_.execute(store::take(k, std::span{buffer_}.first(3), now_)), errc::buffer_too_small),
              "too small");
        auto const taken = db_.execute(store::take(k, buffer_, now_));
        check(holds(taken, "once") && taken.record.expires == in(600), "it stayed, and the next take has it");
        check(not_applied(db_.execute(store::take(k, buffer_, now_))), "second take");
        check(not_applied(find(k)), "find after take");
        check(done(insert(k, "new")), "insert after take");
    }

    void erasing() {
        rule("erase forgets, on demand one version only");
        auto const k = fresh_key();
        check(not_applied(db_.execute(store::erase(k, now_))), "nothing there");
        auto const version = insert(k, "x").record.version;
        check(not_applied(db_.execute(store::erase(k, now_, version + 1))), "another version");
        check(done(find(k)), "it stayed");
        check(done(db_.execute(store::erase(k, now_, version))), "this version");
        check(not_applied(find(k)), "find after erase");
    }

    void expiry() {
        rule("a record counts as absent from its expiry on, for every verb");
        auto const k = fresh_key();
        auto const old = insert(k, "short", 10).record.version;
        check(holds(find_at(k, in(9)), "short"), "the second before");
        check(not_applied(find_at(k, in(10))), "find");
        check(not_applied(db_.execute(store::take(k, buffer_, in(10)))), "take");
        check(not_applied(db_.execute(store::replace(k, old, text("x"), in(600), in(10)))), "replace");
        check(not_applied(db_.execute(store::erase(k, in(10)))), "erase");
        auto const anew = db_.execute(store::insert(k, text("new"), in(600), in(10)));
        check(done(anew) && anew.record.version != old, "insert over it");
        check(holds(find_at(k, in(10)), "new"), "the new one");
        auto const shorter = db_.execute(store::replace(k, anew.record.version, text("brief"), in(20), in(10)));
        check(done(shorter) && not_applied(find_at(k, in(20))), "replace may shorten a lifetime");
        check(failed(insert(fresh_key(), "x", 0), errc::record_expired), "what has expired already is not stored");
    }

    void backwards() {
        rule("when time goes backwards, live records stay and nothing old comes back over something new");
        auto const k = fresh_key();
        (void)insert(k, "first", 100);
        check(holds(find_at(k, in(-3600)), "first"), "an hour back");
        check(not_applied(db_.execute(store::insert(k, text("x"), in(100), in(-3600)))), "insert, an hour back");
        (void)find_at(k, in(200));
        auto const again = find_at(k, in(50));
        check(not_applied(again) || holds(again, "first"), "after it was seen as expired");
        check(done(db_.execute(store::insert(k, text("second"), in(400), in(200)))), "written anew at a later time");
        check(holds(find_at(k, in(50)), "second"), "seen from before");
        check(done(db_.execute(store::take(k, buffer_, in(50)))), "taken from before");
        check(not_applied(db_.execute(store::take(k, buffer_, in(20)))), "and only once");
    }

    void sizes() {
        rule("records from no octets to the largest come back as they were; longer ones are refused");
        bytes big(params_.max_record + 1);
        for (std::size_t i = 0; i != big.size(); ++i) big[i] = static_cast<std::uint8_t>(i * 31 + i / 256);
        bytes buffer(params_.max_record);
        for (std::size_t size :
             {std::size_t{0}, std::size_t{1}, std::size_t{4095}, std::size_t{4096}, params_.max_record}) {
            auto const k = fresh_key();
            auto const octets = bytes_view{big}.first(size);
            check(done(db_.execute(store::insert(k, octets, in(600), now_))), "insert");
            auto const r = db_.execute(store::find(k, buffer, now_));
            check(done(r) && std::equal(octets.begin(), octets.end(), r.record.bytes.begin(), r.record.bytes.end()),
                  "find");
            check(
                done(db_.execute(store::replace(k, r.record.version, bytes_view{big}.first(size / 2), in(600), now_))),
                "shrink");
            check(db_.execute(store::take(k, buffer, now_)).record.bytes.size() == size / 2, "take");
        }
        check(failed(db_.execute(store::insert(fresh_key(), big, in(600), now_)), errc::record_too_large), "one more");
    }

    void binary() {
        rule("keys and records are octets: none is special, and all count");
        key zero{};
        zero[0] = static_cast<std::uint8_t>(params_.salt), zero[1] = static_cast<std::uint8_t>(params_.salt >> 8);
        zero[2] = static_cast<std::uint8_t>(params_.salt >> 16);
        key ones;
        ones.fill(0xff);
        auto last = zero, line = zero;
        last[31] = 1, line[15] = '\n', line[16] = '\r';
        std::array<std::uint8_t, 256> all{};
        for (std::size_t i = 0; i != 256; ++i) all[i] = static_cast<std::uint8_t>(i);
        for (auto const& k : {zero, ones, last, line}) {
            (void)db_.execute(store::erase(k, now_));
            check(done(db_.execute(store::insert(k, all, in(600), now_))), "a key of its own");
            auto const r = find(k);
            check(done(r) && std::equal(all.begin(), all.end(), r.record.bytes.begin(), r.record.bytes.end()),
                  "all octets");
        }
        for (auto const& k : {zero, ones, last, line}) check(done(db_.execute(store::erase(k, now_))), "erased alone");
    }

    void many() {
        rule("many requests at once give what each would give alone");
        std::array<std::array<std::uint8_t, 8>, 100> buffers{};
        std::vector<store::request> asks;
        std::vector<key> names;
        for (std::size_t i = 0; i != 100; ++i) {
            names.push_back(fresh_key());
            asks.push_back(store::insert(names[i], text(i % 2 ? "odd" : "even"), in(600), now_));
        }
        std::vector<store::reply> replies(asks.size());
        store::execute_many(db_, asks, replies);
        bool all = true;
        for (auto const& r : replies) all = all && done(r);
        check(all, "a hundred inserts");
        for (std::size_t i = 0; i != 100; ++i) {
            asks[i] = i % 3 == 0 ? store::take(names[i], buffers[i], now_) : store::find(names[i], buffers[i], now_);
        }
        store::execute_many(db_, asks, replies);
        all = true;
        for (std::size_t i = 0; i != 100; ++i) all = all && holds(replies[i], i % 2 ? "odd" : "even");
        check(all, "a hundred reads, of all kinds");
        store::execute_many(db_, asks, replies);
        all = true;
        for (std::size_t i = 0; i != 100; ++i) all = all && (i % 3 == 0 ? not_applied(replies[i]) : done(replies[i]));
        check(all, "and again: what was taken is gone");
    }

    void batches() {
        rule("a request of a batch that fails leaves the others as they are");
        auto const small = fresh_key(), large = fresh_key(), gone = fresh_key();
        (void)insert(large, "sixteen octets..");
        std::array<std::uint8_t, 8> first{}, second{};
        std::vector<store::request> asks{store::insert(small, text("small"), in(600), now_),
                                         store::insert(gone, text("late"), now_, now_), store::take(large, first, now_),
                                         store::find(gone, second, now_)};
        std::vector<store::reply> replies(asks.size());
        store::execute_many(db_, asks, replies);
        check(done(replies[0]) && holds(find(small), "small"), "what is before it");
        check(failed(replies[1], errc::record_expired), "the one that has expired");
        check(failed(replies[2], errc::buffer_too_small) && replies[2].needed == 16, "the one that has no room");
        check(not_applied(replies[3]), "what is behind it");
        check(holds(find(large), "sixteen octets.."), "a record without room stays");

        rule("requests of a batch that have one key are each answered as if they came alone");
        auto const k = fresh_key();
        auto const twice = [&](store::request const& one, store::request const& other) {
            asks = {one, other};
            replies.assign(2, {});
            store::execute_many(db_, asks, replies);
            auto const& winner = replies[done(replies[0]) ? 0 : 1];
            check(done(winner) && not_applied(replies[&winner == &replies[0] ? 1 : 0]), "one of the two is done");
            return winner;
        };
        auto const made = twice(store::insert_once(k, text("x"), in(600), now_, now_),
                                store::insert_once(k, text("x"), in(600), now_, now_));
        check(find(k).record.version == made.record.version, "of two inserts, the one that is told");
        auto const ask = store::replace(k, made.record.version, text("yy"), in(600), now_);
        auto const written = twice(ask, ask);
        check(find(k).record.version == written.record.version, "of two replacements too");
        check(holds(twice(store::take(k, first, now_), store::take(k, second, now_)), "yy"), "of two takes");
        check(not_applied(find(k)), "and then it is gone");
    }

    // ---- many threads

    // Lets all threads do `f(own store, thread, round)` at the same time, for each round; `between(round)` runs alone.
    template <class Between, class Work> void together(unsigned rounds, Between between, Work work) {
        unsigned round = 0;
        detail::gate gate{params_.threads + 1};
        std::vector<std::thread> crew;
        for (unsigned t = 0; t != params_.threads; ++t) {
            crew.emplace_back([&, t] {
                auto own = open_();
                for (unsigned r = 0; r != rounds; ++r) {
                    gate.arrive_and_wait();
                    work(own, t, r);
                    gate.arrive_and_wait();
                }
            });
        }
        for (; round != rounds; ++round) {
            between(round);
            gate.arrive_and_wait();
            gate.arrive_and_wait();
        }
        for (auto& member : crew) member.join();
        between(rounds);
    }

    template <class Prepare, class Ask> void race(std::string_view sentence, Prepare prepare, Ask ask) {
        rule(sentence);
        std::atomic<unsigned> won{0}, lost{0}, broken{0};
        unsigned bad_rounds = 0, failures = 0;
        key k{};
        std::uint64_t version = 0;
        together(
            params_.rounds,
            [&](unsigned round) {
                if (round != 0 && (won != 1 || lost != params_.threads - 1)) ++bad_rounds;
                failures += broken;
                won = lost = broken = 0;
                k = fresh_key();
                version = prepare(k);
            },
            [&](auto& own, unsigned, unsigned) {
                std::array<std::uint8_t, 16> buffer{};
                auto const r = own.execute(ask(k, version, buffer));
                ++(done(r) ? won : not_applied(r) ? lost : broken);
            });
        check(failures == 0, "no call fails under contention");
        check(bad_rounds == 0, "exactly one wins in every round");
    }

    void races() {
        race(
            "of all that insert one key at once, exactly one succeeds", [](key const&) { return std::uint64_t{0}; },
            [this](key const& k, std::uint64_t, std::span<std::uint8_t>) {
                return store::insert_once(k, text("jti"), in(60), now_, now_);
            });
        race(
            "of all that take one record at once, exactly one gets it",
            [this](key const& k) { return insert(k, "challenge").record.version; },
            [this](key const& k, std::uint64_t, std::span<std::uint8_t> buffer) {
                return store::take(k, buffer, now_);
            });
        race(
            "of all that replace one version at once, exactly one succeeds",
            [this](key const& k) { return insert(k, "token").record.version; },
            [this](key const& k, std::uint64_t version, std::span<std::uint8_t>) {
                return store::replace(k, version, text("next"), in(60), now_);
            });
        race(
            "of all that insert over one expired record at once, exactly one succeeds",
            [this](key const& k) { return insert(k, "stale", 5).record.version; },
            [this](key const& k, std::uint64_t, std::span<std::uint8_t>) {
                return store::insert(k, text("fresh"), in(60), in(6));
            });
        race(
            "of all that erase one record at once, exactly one does",
            [this](key const& k) { return insert(k, "x").record.version; },
            [this](key const& k, std::uint64_t, std::span<std::uint8_t>) { return store::erase(k, now_); });
    }

    void crossed_batches() {
        rule("batches with the same keys in another order do not wait for each other for ever");
        std::vector<key> names;
        for (int i = 0; i != 16; ++i) names.push_back(fresh_key());
        std::atomic<bool> broken{false};
        together(
            1 + params_.rounds / 20, [](unsigned) {},
            [&](auto& own, unsigned t, unsigned) {
                std::vector<store::request> asks;
                for (std::size_t i = 0; i != names.size(); ++i) {
                    auto const& k = names[t % 2 ? i : names.size() - 1 - i];
                    asks.push_back(store::erase(k, now_));
                    asks.push_back(store::insert(k, text("x"), in(600), now_));
                }
                std::vector<store::reply> replies(asks.size());
                store::execute_many(own, asks, replies);
                for (auto const& r : replies)
                    if (r.outcome == store::outcome::failed) broken = true;
            });
        check(!broken, "no request fails");
        bool all = true;
        for (auto const& k : names) all = all && holds(find(k), "x");
        check(all, "each key has its record");
    }

    void growing() {
        rule("a record that is made larger than the buffer of a take at the same time is not taken, and not lost");
        key k{};
        std::uint64_t version = 0;
        std::atomic<unsigned> taken{0}, grown{0}, broken{0};
        unsigned bad_rounds = 0;
        together(
            params_.rounds,
            [&](unsigned round) {
                if (round != 0) bad_rounds += taken + grown != 1 || done(find(k)) != (grown == 1);
                taken = grown = 0;
                k = fresh_key();
                version = insert(k, "small").record.version;
            },
            [&](auto& own, unsigned t, unsigned) {
                std::array<std::uint8_t, 8> buffer{};
                if (t % 2 == 0) {
                    auto const r = own.execute(store::replace(k, version, text("sixteen octets.."), in(60), now_));
                    if (!done(r) && !not_applied(r)) ++broken;
                    else grown += done(r);
                } else {
                    auto const r = own.execute(store::take(k, buffer, now_));
                    auto const is_large = failed(r, errc::buffer_too_small) && r.needed == 16;
                    if (!done(r) && !not_applied(r) && !is_large) ++broken;
                    else taken += done(r);
                }
            });
        check(broken == 0, "each call says what became of it");
        check(bad_rounds == 0, "it is taken as it was, or stays as it became");
    }

    void counting() {
        rule("read, change, replace, again if somebody was first: no update is lost");
        auto const k = fresh_key();
        std::uint64_t const each = 1 + params_.rounds / 20;
        bytes start;
        store::record_writer w{start, 1, 'n'};
        w.number(0);
        (void)db_.execute(store::insert(k, start, in(600), now_));
        std::atomic<bool> broken{false};
        together(
            1, [](unsigned) {},
            [&](auto& own, unsigned, unsigned) {
                for (std::uint64_t i = 0; i != each && !broken;) {
                    std::array<std::uint8_t, 16> buffer{}, next{};
                    auto const r = own.execute(store::find(k, buffer, now_));
                    if (!done(r)) return void(broken = true);
                    store::record_reader reader{r.record.bytes, 1, 'n'};
                    store::record_writer writer{next, 1, 'n'};
                    writer.number(reader.number() + 1);
                    auto const written =
                        own.execute(store::replace(k, r.record.version, *writer.finish(), in(600), now_));
                    if (written.outcome == store::outcome::failed) broken = true;
                    if (done(written)) ++i;
                }
            });
        check(!broken, "no call fails");
        auto const r = find(k);
        store::record_reader reader{r.record.bytes, 1, 'n'};
        check(reader.number() == each * params_.threads && reader.finish(), "every step counted");
    }

    // ---- rosters (a record of members, changed by compare-and-swap only)

    struct roster {
        std::uint64_t version = 0;
        std::uint64_t not_before = 0;
        std::vector<std::uint64_t> members;
    };
    template <class S> roster load(S& own, key const& k) {
        bytes buffer(4096);
        auto const r = own.execute(store::find(k, buffer, now_));
        roster list;
        list.version = r.record.version;
        if (!done(r)) return list;
        store::record_reader in_record{r.record.bytes, 1, 'r'};
        list.not_before = in_record.number();
        for (auto n = in_record.number(200); n != 0; --n) list.members.push_back(in_record.number());
        return list;
    }
    template <class S> store::reply save(S& own, key const& k, roster const& list) {
        bytes octets;
        store::record_writer w{octets, 1, 'r'};
        w.number(list.not_before);
        w.number(list.members.size());
        for (auto m : list.members) w.number(m);
        return own.execute(list.version == 0 ? store::insert(k, octets, in(600), now_)
                                             : store::replace(k, list.version, octets, in(600), now_));
    }
    // Joins unless `limit` members are in; after a lost reply the roster itself tells whether one is.
    template <class S> bool join(S& own, key const& k, std::uint64_t id, std::size_t limit) {
        for (int tries = 0; tries != 10'000; ++tries) {
            auto list = load(own, k);
            for (auto m : list.members) {
                if (m == id) return true;
            }
            if (list.members.size() >= limit) return false;
            list.members.push_back(id);
            if (done(save(own, k, list))) return true;
        }
        return false;
    }

    void rosters() {
        rule("rosters: a limit holds whoever joins at the same time");
        key k{};
        std::atomic<unsigned> in_now{0};
        bool exact = true;
        auto const few = 1 + params_.rounds / 10;
        for (std::size_t limit : {std::size_t{1}, std::size_t{5}}) {
            together(
                few,
                [&](unsigned round) {
                    auto const expected = limit < params_.threads ? limit : params_.threads;
                    if (round != 0) exact = exact && in_now == expected && load(db_, k).members.size() == expected;
                    in_now = 0;
                    k = fresh_key();
                },
                [&](auto& own, unsigned t, unsigned) {
                    if (join(own, k, t + 1, limit)) ++in_now;
                });
            check(exact, limit == 1 ? "limit 1: exactly one member" : "limit 5: exactly five members");
        }

        rule("rosters: whom revoke-all missed is refused by the roster itself");
        auto const all = fresh_key();
        std::atomic<unsigned> joined{0};
        together(
            1, [](unsigned) {},
            [&](auto& own, unsigned t, unsigned) {
                if (t != 0) {
                    if (join(own, all, t, 200)) ++joined;
                    return;
                }
                for (;;) { // one thread revokes everybody, twice as they come
                    auto list = load(own, all);
                    list.not_before += 1;
                    list.members.clear();
                    if (done(save(own, all, list))) return;
                }
            });
        auto const after = load(db_, all);
        check(after.not_before == 1, "the revocation was not lost");
        check(joined == params_.threads - 1 && after.members.size() <= joined, "nobody is in twice");
    }

    void lost_replies() {
        rule("a lost reply is told as outcome_unknown, and the record itself tells what happened");
        faulty_store flaky{db_};
        auto const k = fresh_key();
        flaky.fail_next(store_fault::reply_lost);
        check(failed(flaky.execute(store::insert(k, text("x"), in(60), now_)), errc::outcome_unknown),
              "insert, reply lost");
        check(not_applied(flaky.execute(store::insert(k, text("x"), in(60), now_))), "it had run");
        flaky.fail_next(store_fault::request_lost);
        check(failed(flaky.execute(store::take(k, buffer_, now_)), errc::outcome_unknown), "take, request lost");
        check(done(flaky.execute(store::take(k, buffer_, now_))), "it had not run");
        flaky.fail_next(store_fault::reply_lost);
        (void)insert(k, "y");
        check(failed(flaky.execute(store::take(k, buffer_, now_)), errc::outcome_unknown), "take, reply lost");
        check(not_applied(flaky.execute(store::take(k, buffer_, now_))),
              "whoever lost the reply does not get it again");

        auto const all = fresh_key();
        bool ok = true;
        for (std::uint64_t id = 1; id <= 24; ++id) { // every fault, at the read, at the write, and at none
            flaky.fail_next(static_cast<store_fault>(id % 4), static_cast<unsigned>(id / 4 % 2));
            ok = ok && join(flaky, all, id, 200);
        }
        auto const list = load(db_, all);
        check(ok && list.members.size() == 24 &&
                  std::set<std::uint64_t>(list.members.begin(), list.members.end()).size() == 24,
              "twenty-four join through faults of every kind, each once");
    }

    Open open_;
    Report report_;
    store_suite_params params_;
    unix_time now_;
    decltype(std::declval<Open&>()()) db_;
    std::string_view rule_;
    std::uint64_t keys_ = 0;
    std::array<std::uint8_t, 512> buffer_{};
};

}}} // namespace signet::testing

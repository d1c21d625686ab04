// What docs/guide/store.md and docs/guide/testing.md show.
#include <signet/proof/challenge.hpp>
#include <signet/proof/record_key.hpp>
#include <signet/store.hpp>
#include <signet/store/encrypted.hpp>
#include <signet/store/metrics.hpp>
#include <signet/store/scan.hpp>
#include <signet/store/task.hpp>
#include <signet/testing/faulty_store.hpp>
#include <signet/testing/fixed_random.hpp>
#include <signet/testing/manual_clock.hpp>
#include <signet/testing/store_suite.hpp>

#include <doctest/doctest.h>

#include <array>

using namespace signet;
using namespace std::chrono_literals;

namespace {

// [operation]
// An operation: what to ask next, what came, and what came out. It runs on any store and in any event loop.
class count_visit {
public:
    count_visit(store::record_key const& key, unix_time now) noexcept
        : key_{key}, now_{now}, ask_{store::find(key_, found_, now_)} {}
    count_visit(count_visit const&) = delete; // what is asked points into it

    store::request const* next() const noexcept { return done_ ? nullptr : &ask_; }
    void answer(store::reply const& reply) {
        auto const ok = reply.done();
        if (!ok) return finish(ok.error()); // store_unavailable, outcome_unknown, ...: never taken for "not there"
        if (ask_.verb == store::verb::find) return write(*ok ? found_[0] : 0, *ok ? reply.record.version : 0);
        if (*ok) return finish(written_[0]);
        ask_ = store::find(key_, found_, now_); // somebody was faster: look again
    }
    result<int> get() const { return outcome_; }

private:
    void write(std::uint8_t visits, std::uint64_t version) {
        written_[0] = static_cast<std::uint8_t>(visits + 1);
        ask_ = version ? store::replace(key_, version, written_, now_ + 1h, now_)
                       : store::insert(key_, written_, now_ + 1h, now_);
    }
    void finish(result<int> what) { outcome_ = what, done_ = true; }

    store::record_key key_;
    unix_time now_;
    std::array<std::uint8_t, 1> found_{}, written_{};
    store::request ask_;
    result<int> outcome_{errc::store_unavailable};
    bool done_ = false;
};
static_assert(store::operation<count_visit>);
// [/operation]

// [when_all]
// How often somebody was at each of these places: one round trip, where the store can do so.
store::task<int> count_visits(std::vector<store::record_key> places, unix_time now) {
    std::vector<std::array<std::uint8_t, 1>> buffers(places.size());
    std::vector<store::request> asks;
    for (std::size_t i = 0; i != places.size(); ++i) asks.push_back(store::find(places[i], buffers[i], now));
    std::vector<store::reply> replies(asks.size());
    co_await store::when_all(asks, replies); // a failed reply ends the task
    int sum = 0;
    for (auto const& reply : replies) sum += reply.done().value() ? reply.record.bytes[0] : 0;
    co_return sum;
}

// Tasks go on together too.
store::task<bool> is_regular(std::vector<store::record_key> here, std::vector<store::record_key> there, unix_time now) {
    auto visits_here = count_visits(std::move(here), now), visits_there = count_visits(std::move(there), now);
    co_await store::when_all(visits_here, visits_there);
    auto const seen_here = co_await std::move(visits_here); // an error of this one ends the task here
    auto const seen_there = co_await std::move(visits_there);
    co_return seen_here + seen_there >= 3;
}
// [/when_all]

} // namespace

TEST_CASE("the guide: verbs, and an operation made of them") {
    unix_time const now{1'800'000'000s};
    // [verbs]
    store::memory db; // or store::sqlite::open({.path = "state.db"}), or store::redis{{.host = "10.0.0.5"}}
    auto const key = proof::record_key("visits", {"shop", "anna"});
    std::array<std::uint8_t, 64> buffer;
    auto const nothing = db.execute(store::find(key, buffer, now)).done();             // false, or an error
    auto const written = db.execute(store::insert(key, as_bytes("1"), now + 1h, now)); // never over a live record
    auto const moved = db.execute(store::replace(key, written.record.version, as_bytes("2"), now + 1h, now));
    auto const late = db.execute(store::replace(key, written.record.version, as_bytes("3"), now + 1h, now)).done();
    auto const taken = db.execute(store::take(key, buffer, now)); // of any number of takers one gets it
    // [/verbs]
    CHECK(nothing.value() == false);
    CHECK(moved.done().value());
    CHECK(late.value() == false); // another version
    CHECK(as_text(taken.record.bytes) == "2");

    // [run]
    auto const first = run(count_visit{key, now}, db);
    auto const second = run(count_visit{key, now + 1s}, db);
    // [/run]
    CHECK(first.value() == 1);
    CHECK(second.value() == 2);
    CHECK(run(is_regular({key}, {key, {}}, now), db).value());
    CHECK_FALSE(run(is_regular({key}, {}, now), db).value());
}

TEST_CASE("the guide: what operators see of a store") {
    constexpr unix_time now{1'800'000'000s};
    std::string logged;
    auto const log = [&](std::string const& words) { logged += words; };
    // [metrics]
    store::metrics counts;
    store::observed db{store::memory{}, counts}; // or store::redis{params}, or around a pool

    std::array<std::uint8_t, 64> buffer;
    (void)db.execute(store::find(proof::record_key("visits", {"anna"}), buffer, now));

    auto const page = store::prometheus_text(counts.snapshot("sessions")); // for a handler of /metrics
    // [/metrics]
    CHECK(page.find("{store=\"sessions\",verb=\"find\",outcome=\"not_applied\"} 1\n") != std::string::npos);

    // [scan]
    std::size_t records = 0, octets = 0;
    store::scan_page some; // used again for each page, and wiped when it goes
    for (store::scan_position position; !position.is_over();) {
        auto const scanned = db.scan(position, now, some);
        if (!scanned) break; // the position is as before, so the call may be repeated
        for (auto const& each : some.records()) ++records, octets += each.octets.reveal().size();
        if (some.unreadable() != 0) log("some records cannot be read");
    }
    // [/scan]
    CHECK(records == 0);
    CHECK(octets == 0);
    CHECK(logged.empty());

    // [health]
    auto const found = store::check_health(db, now); // for a handler of /healthz
    auto const status = found.is_healthy() ? 200 : 503;
    if (!found.is_healthy()) log(found.words); // for the log
    // [/health]
    CHECK(status == 200);
    CHECK(logged.empty());
}

TEST_CASE("the guide: records are encrypted") {
    auto const from_key_management = [](std::uint8_t which) { return bytes(32, which); };
    constexpr unix_time now{1'800'000'000s};
    auto const start = [&]() -> result<std::size_t> {
        // [encrypted]
        secret current{from_key_management(2)};
        std::vector<secret> former;
        former.emplace_back(from_key_management(1));
        auto const keys = store::encryption_keys::make(std::move(current), std::move(former));
        if (!keys) return keys.error(); // such as a key of another length

        store::encrypted db{store::memory{}, *keys}; // or store::redis{params}, or around a pool
        // [/encrypted]
        auto const written = db.execute(store::insert({1}, as_bytes("token"), now + 1h, now)).done();
        if (!written) return written.error();
        auto const stored = db.inner().bytes();
        // [reencrypt]
        std::size_t left = 0;
        for (store::scan_position position; !position.is_over();) {
            auto const some = db.reencrypt(position, now); // with the time of each call
            if (!some) return some.error();                // the position is as before, so the call may be repeated
            left += some->left;
        }
        // [/reencrypt]
        CHECK(left == 0);
        return stored;
    };
    CHECK(start().value() == 5 + store::encryption_overhead);
}

TEST_CASE("the guide: an adapter of your own keeps the contract") {
    // [suite]
    store::memory yours; // stands for an adapter of yours, shared by threads
    testing::store_suite suite{
        [&] { return testing::shared_store{&yours}; },
        [](std::string_view rule, bool holds, std::string_view where) { CHECK_MESSAGE(holds, rule, ", ", where); },
        {.threads = 8, .rounds = 10}}; // a careful run has 64 and 1,000
    suite.run();
    // [/suite]
}

TEST_CASE("the guide: what happens when an answer is lost, at any time") {
    // [faults]
    store::memory db;
    testing::faulty_store flaky{db};
    testing::manual_clock clock; // stands until it is moved
    testing::fixed_random dice{7};

    proof::challenge_params const params{.purpose = "login", .app = "shop"};
    flaky.fail_next(testing::store_fault::reply_lost);
    auto const lost = run(proof::issue_challenge(params, clock.now(), 120s, dice),
                          flaky); // outcome_unknown: it may have been written
    auto const again = run(proof::issue_challenge(params, clock.now(), 120s, dice), flaky);
    clock.advance(5min); // and the challenge is over
    // [/faults]
    CHECK(lost.error() == errc::outcome_unknown);
    CHECK(again);
    CHECK(db.size() == 2);
}

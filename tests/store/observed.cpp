// What an observer learns of a store: `observed` and `metrics`.
#include "contract.hpp"

#include <signet/format.hpp>
#include <signet/store.hpp>
#include <signet/store/combiner.hpp>
#include <signet/store/metrics.hpp>
#include <signet/store/pool.hpp>
#include <signet/testing/faulty_store.hpp>

#include <thread>
#include <vector>

using namespace signet;
using namespace std::chrono_literals;

namespace {

constexpr unix_time now{1'800'000'000s};

// Moves by `step` each time it is read.
struct stepping_clock {
    using time_point = std::chrono::steady_clock::time_point;
    static inline std::chrono::nanoseconds step{}, at{};
    static time_point now() noexcept { return time_point{at += step}; }
};

struct recorder {
    std::vector<store::observation> seen;
    void operator()(store::observation const& o) noexcept { seen.push_back(o); }
};

// A store with one round trip for many requests.
struct batching {
    store::memory db{};
    store::reply execute(store::request const& ask) { return db.execute(ask); }
    void execute_many(std::span<store::request const> asks, std::span<store::reply> replies) {
        for (std::size_t i = 0; i != asks.size(); ++i) replies[i] = db.execute(asks[i]);
    }
};

template <class Text> std::size_t times(std::string const& text, Text const& what) {
    std::size_t n = 0;
    for (auto at = text.find(what); at != text.npos; at = text.find(what, at + 1)) ++n;
    return n;
}

struct may_throw {
    void operator()(store::observation const&);
};
static_assert(!store::observer<may_throw>);
static_assert(store::observer<recorder> && store::observer<store::metrics>);

} // namespace

TEST_CASE("store contract: observed, around and within a combiner and a pool" * long_run()) {
    store::metrics counts;
    store::memory db;
    using shared = testing::shared_store<store::memory>;
    SUBCASE("around a store that is referred to") {
        store::observed all{db, counts};
        check_contract([&] { return testing::shared_store{&all}; });
    }
    SUBCASE("around a combiner of observed connections") {
        using connection = store::observed<shared, store::metrics>;
        store::combiner<connection> combined{connection{shared{&db}, counts}, connection{shared{&db}, counts}};
        store::observed all{combined, counts};
        check_contract([&] { return testing::shared_store{&all}; });
    }
    SUBCASE("within a pool") {
        std::vector<store::observed<shared, store::metrics>> connections;
        for (int i = 0; i != 3; ++i) connections.emplace_back(shared{&db}, counts);
        store::pool all{std::move(connections)};
        check_contract([&] { return testing::shared_store{&all}; });
    }
    CHECK(counts.snapshot()[store::verb::take].outcomes[0] > 0);
}

TEST_CASE("observed: verb, outcome, error and duration of a call are told, once, after its answer") {
    recorder seen;
    store::memory db;
    testing::faulty_store flaky{db};
    store::observed<testing::faulty_store<store::memory>&, recorder, stepping_clock> all{flaky, seen};
    stepping_clock::step = 3ms;
    std::array<std::uint8_t, 8> buffer;
    CHECK(done(all.execute(store::insert(key_of(1), as_bytes("x"), now + 1h, now))));
    CHECK(not_applied(all.execute(store::insert(key_of(1), as_bytes("x"), now + 1h, now))));
    flaky.fail_next(testing::store_fault::reply_lost);
    CHECK(failed(all.execute(store::take(key_of(1), buffer, now)), errc::outcome_unknown));
    REQUIRE(seen.seen.size() == 3);
    CHECK(seen.seen[0].verb == store::verb::insert);
    CHECK(seen.seen[0].outcome == store::outcome::done);
    CHECK(seen.seen[0].error == errc{});
    CHECK(seen.seen[0].duration == 3ms);
    CHECK(seen.seen[1].outcome == store::outcome::not_applied);
    CHECK(seen.seen[2].verb == store::verb::take);
    CHECK(seen.seen[2].outcome == store::outcome::failed);
    CHECK(seen.seen[2].error == errc::outcome_unknown);
    CHECK(to_text(seen.seen[2].verb) + ' ' + to_text(seen.seen[1].outcome) == "take not_applied");
}

TEST_CASE("observed: requests of one round trip share its duration; a store without execute_many has one for each") {
    std::vector<store::request> asks;
    for (std::uint64_t n = 0; n != 3; ++n) asks.push_back(store::insert(key_of(n), as_bytes("x"), now + 1h, now));
    std::vector<store::reply> replies(3);
    stepping_clock::step = 1ms;
    recorder together, alone;
    store::observed<batching, recorder, stepping_clock> batches{batching{store::memory{}}, together};
    batches.execute_many(asks, replies);
    store::observed<store::memory, recorder, stepping_clock> one_by_one{store::memory{}, alone};
    one_by_one.execute_many(asks, replies);
    for (std::size_t i = 0; i != 3; ++i) {
        CHECK(done(replies[i]));
        CHECK(together.seen[i].round_trip_requests == 3);
        CHECK(together.seen[i].round_trip_position == i);
        CHECK(alone.seen[i].round_trip_requests == 1);
        CHECK(alone.seen[i].round_trip_position == 0);
        CHECK(together.seen[i].duration == 1ms);
    }
    recorder none;
    store::observed empty{batching{store::memory{}}, none};
    empty.execute_many({}, {});
    CHECK(none.seen.empty());
}

TEST_CASE("metrics: requests are counted by outcome, failures by error, durations in the bucket that holds them") {
    store::metrics counts;
    auto const tell = [&](store::verb v, store::outcome o, errc e, std::chrono::nanoseconds d,
                          std::size_t position = 0) { counts({v, o, e, d, position + 1, position}); };
    tell(store::verb::find, store::outcome::done, {}, 50us);
    tell(store::verb::find, store::outcome::not_applied, {}, 50us + 1ns, 1);
    tell(store::verb::find, store::outcome::failed, errc::store_unavailable, 1h);
    tell(store::verb::find, store::outcome::failed, errc::expired, 0ns); // no error of stores
    tell(store::verb::erase, store::outcome::failed, *std::rbegin(store::counted_errors), -1ns);
    tell(static_cast<store::verb>(9), store::outcome::done, {}, 1ns);
    tell(store::verb::find, static_cast<store::outcome>(9), {}, 1ns);
    auto const seen = counts.snapshot();
    auto const& find = seen[store::verb::find];
    CHECK(find.outcomes == std::array<std::uint64_t, 3>{1, 1, 2});
    CHECK(find.errors.front() == 1);
    CHECK(find.errors.back() == 1);
    CHECK(find.durations[0] == 2);
    CHECK(find.durations[1] == 1);
    CHECK(find.durations.back() == 1);
    CHECK(find.total_duration == 1h + 100us + 1ns);
    CHECK(seen[store::verb::erase].errors[std::size(store::counted_errors) - 1] == 1);
    CHECK(seen[store::verb::erase].total_duration == 0ns);
    CHECK(seen.round_trips == 4); // one of five was the second of its round trip
}

TEST_CASE("metrics: threads count without losing anything") {
    store::metrics counts;
    store::memory db;
    store::observed all{db, counts};
    std::vector<std::jthread> threads;
    for (int t = 0; t != 4; ++t)
        threads.emplace_back([&] {
            std::array<std::uint8_t, 8> own{};
            for (int i = 0; i != 1000; ++i) (void)all.execute(store::find(key_of(1), own, now));
        });
    threads.clear();
    CHECK(counts.snapshot()[store::verb::find].outcomes[1] == 4000);
    CHECK(counts.snapshot().round_trips == 4000);
}

TEST_CASE("metrics: the page describes each metric once, buckets are cumulative, labels are escaped") {
    store::metrics sessions, devices;
    sessions({store::verb::find, store::outcome::done, {}, 75us});
    sessions({store::verb::find, store::outcome::done, {}, 3s});
    sessions({store::verb::take, store::outcome::failed, errc::store_unfit, 10ms});
    std::array const both{sessions.snapshot("sessions"), devices.snapshot("a \"b\"\\\n")};
    auto const page = store::prometheus_text(both);
    for (auto const* line : {
             "# TYPE signet_store_requests_total counter\n",
             "# TYPE signet_store_errors_total counter\n",
             "# TYPE signet_store_round_trips_total counter\n",
             "# TYPE signet_store_request_duration_seconds histogram\n",
             "\nsignet_store_requests_total{store=\"sessions\",verb=\"find\",outcome=\"done\"} 2\n",
             "\nsignet_store_requests_total{store=\"sessions\",verb=\"take\",outcome=\"failed\"} 1\n",
             "\nsignet_store_errors_total{store=\"sessions\",verb=\"take\",error=\"store_unfit\"} 1\n",
             "\nsignet_store_errors_total{store=\"sessions\",verb=\"take\",error=\"other\"} 0\n",
             "\nsignet_store_round_trips_total{store=\"sessions\"} 3\n",
             "\nsignet_store_round_trips_total{store=\"a \\\"b\\\"\\\\\\n\"} 0\n",
             "\nsignet_store_request_duration_seconds_bucket{store=\"sessions\",verb=\"find\",le=\"0.00005\"} 0\n",
             "\nsignet_store_request_duration_seconds_bucket{store=\"sessions\",verb=\"find\",le=\"0.0001\"} 1\n",
             "\nsignet_store_request_duration_seconds_bucket{store=\"sessions\",verb=\"find\",le=\"1\"} 1\n",
             "\nsignet_store_request_duration_seconds_bucket{store=\"sessions\",verb=\"find\",le=\"5\"} 2\n",
             "\nsignet_store_request_duration_seconds_bucket{store=\"sessions\",verb=\"find\",le=\"+Inf\"} 2\n",
             "\nsignet_store_request_duration_seconds_sum{store=\"sessions\",verb=\"find\"} 3.000075\n",
             "\nsignet_store_request_duration_seconds_count{store=\"sessions\",verb=\"find\"} 2\n",
         })
        CHECK_MESSAGE(times(page, line) == 1, line);
    CHECK(page.ends_with("} 0\n"));
    CHECK(store::prometheus_text(devices.snapshot()).find("{store=\"\",verb=") != std::string::npos);
}

// What a health check says: `check_health`. Those of servers are in the files of their stores.
#include "contract.hpp"

#include <signet/store.hpp>
#include <signet/store/combiner.hpp>
#include <signet/store/metrics.hpp>
#include <signet/store/pool.hpp>

#include <stdexcept>
#include <vector>

using namespace signet;
using namespace std::chrono_literals;

namespace {

constexpr unix_time now{1'800'000'000s};

// A connection whose state the test sets.
struct connection {
    struct state {
        errc fails = errc{};
        bool lasting = true;
        std::vector<store::verb> asked{};
    };
    state* shared;

    store::reply execute(store::request const& ask) {
        shared->asked.push_back(ask.verb);
        return shared->fails == errc{} ? store::reply::not_applied() : store::reply::failure(shared->fails);
    }
    bool accepts_lasting_writes() const { return shared->lasting; }
    std::string last_error() const { return "words"; }
};

void check(auto& db, connection::state& state) {
    state = {};
    auto const well = store::check_health(db, now);
    CHECK(well.is_healthy());
    CHECK_FALSE(well.error);
    CHECK(well.accepts_lasting_writes == true);
    CHECK(well.words.empty()); // of something that is over
    CHECK(state.asked == std::vector{store::verb::find});

    state.lasting = false;
    auto const unfit = store::check_health(db, now);
    CHECK_FALSE(unfit.is_healthy());
    CHECK_FALSE(unfit.error);
    CHECK(unfit.accepts_lasting_writes == false);
    CHECK(unfit.words == "words");

    state = {.fails = errc::store_unavailable};
    auto const down = store::check_health(db, now);
    CHECK_FALSE(down.is_healthy());
    CHECK(down.error == errc::store_unavailable);
    CHECK_FALSE(down.accepts_lasting_writes); // nobody knows
    CHECK(down.words == "words");
}

} // namespace

TEST_CASE("health: one read; a store that fails it, or may forget, is not healthy, and its words say why") {
    connection::state state;
    SUBCASE("a connection") {
        connection db{&state};
        check(db, state);
    }
    SUBCASE("a pool") {
        store::pool db{std::vector(2, connection{&state})};
        check(db, state);
    }
    SUBCASE("a combiner") {
        store::combiner<connection> db{{&state}, {&state}};
        check(db, state);
    }
    SUBCASE("observed, within a pool that is observed") {
        store::metrics counts;
        std::vector<store::observed<connection, store::metrics>> all;
        all.emplace_back(connection{&state}, counts);
        store::pool db{std::move(all)};
        store::observed outer{db, counts};
        check(outer, state);
        CHECK(counts.snapshot().round_trips == 0); // a check is no traffic
    }
}

TEST_CASE("health: a store that knows nothing of itself is healthy if it answers; a pool without connections is not") {
    store::memory db;
    auto const found = store::check_health(db, now);
    CHECK(found.is_healthy());
    CHECK_FALSE(found.accepts_lasting_writes);
    CHECK(db.size() == 0);
    store::pool<connection> none{{}};
    CHECK(store::check_health(none, now).error == errc::store_unavailable);
}

// Running out of memory in the middle of an exchange: operator new and delete of this whole program are replaced.
#include "support/count_allocations.hpp"

#include "contract.hpp"
#include "redis_cluster_server.hpp"

#include <signet/store/asio_redis.hpp>
#include <signet/store/redis.hpp>
#include <signet/store/redis_cluster.hpp>
#include <signet/store/scan.hpp>

#include <array>
#include <functional>
#include <new>
#include <optional>
#include <string_view>

#include <boost/asio/io_context.hpp>

using namespace signet;
using namespace std::chrono_literals;
using counting::fail_after;
using counting::fail_from;

namespace {

constexpr unix_time now{1'800'000'000s}, later = now + 3'600s;
using octets = std::array<std::uint8_t, 16>;
auto const anna = key_of(1), bert = key_of(2), once = key_of(3);

store::redis_params at_port(int port) {
    store::redis_params o;
    o.port = port;
    o.retry_after = 0s;
    return o;
}

bool is(store::reply const& r, std::string_view text) {
    return r.outcome == store::outcome::done && as_text(r.record.bytes) == text;
}

// So many allocations succeed. Returns whether there were more.
bool runs_out(long succeed, std::function<void()> const& what) {
    fail_after = succeed;
    bool thrown = false;
    try {
        what();
    } catch (std::bad_alloc const&) { thrown = true; }
    fail_after = -1;
    return thrown;
}

// Runs out at each allocation in turn. Whoever asks afterwards has his own record.
template <class Store>
void check_each(std::function<Store()> const& make, std::function<void(Store&)> const& what, bool connects = true) {
    long succeed = 0;
    for (bool thrown = true; thrown; ++succeed) {
        CAPTURE(succeed);
        CAPTURE(succeed);
        auto db = make();
        if (connects) REQUIRE(db.connect(now));
        thrown = runs_out(succeed, [&] { what(db); });
        for (int i = 0; i != 2; ++i) {
            octets room;
            CHECK(is(db.execute(store::find(bert, room, now)), "bert"));
            auto const found = db.execute(store::find(anna, room, now));
            CAPTURE(db.last_error());
            CHECK(is(found, "anna"));
        }
        REQUIRE(succeed < 10'000);
    }
    CHECK(succeed > 2);
}

template <class Store> void fill(Store& db) {
    REQUIRE(done(db.execute(store::insert(anna, as_bytes("anna"), later, now))));
    REQUIRE(done(db.execute(store::insert(bert, as_bytes("bert"), later, now))));
}

template <class Store> void ask_for_anna(Store& db, unix_time at) {
    std::array<octets, 2> room;
    std::array<store::reply, 3> replies;
    std::array const asks{store::find(anna, room[0], at), store::find(anna, room[1], at),
                          store::insert_once(once, as_bytes("a record that needs memory"), later, at, at)};
    db.execute_many(asks, replies);
}

#define NEEDS_REDIS                                                                                                    \
    if (!redis_server::installed()) {                                                                                  \
        MESSAGE("skipped: redis-server is not installed (./dev installs it)");                                         \
        return;                                                                                                        \
    }

} // namespace

TEST_CASE("redis: whoever asks after memory ran out, at any allocation, never has the record of another") {
    NEEDS_REDIS
    redis_server server;
    auto const params = at_port(server.port());
    std::function<store::redis()> const make = [&] { return store::redis{params}; };
    auto db = make();
    REQUIRE(db.connect(now - 1s));
    fill(db);
    check_each<store::redis>(make, [](store::redis& d) { ask_for_anna(d, now); });
    check_each<store::redis>(make, [](store::redis& d) { ask_for_anna(d, now); }, false);
    check_each<store::redis>(make, [](store::redis& d) { ask_for_anna(d, now + store::fitness_lasts); });
    check_each<store::redis>(make, [](store::redis& d) {
        store::scan_page page;
        store::scan_position position;
        while (!position.is_over() && d.scan(position, now, page)) {}
    });
}

TEST_CASE("redis_cluster: whoever asks after memory ran out, at any allocation, never has the record of another") {
    NEEDS_REDIS
    cluster all{2};
    std::function<store::redis_cluster()> const make = [&] { return store::redis_cluster{all.params()}; };
    auto db = make();
    REQUIRE(db.connect(now));
    fill(db);
    check_each<store::redis_cluster>(make, [](store::redis_cluster& d) { ask_for_anna(d, now); });
    check_each<store::redis_cluster>(make, [](store::redis_cluster& d) { ask_for_anna(d, now); }, false);
    check_each<store::redis_cluster>(make,
                                     [](store::redis_cluster& d) { ask_for_anna(d, now + store::fitness_lasts); });
}

TEST_CASE("asio_redis: whoever waits when memory runs out, at any allocation, is told, and has his own record later") {
    NEEDS_REDIS
    redis_server server;
    // Asio itself ends the program where it has no memory for an executor, so only what is large fails: a connection,
    // the queues, and whatever has a name in it.
    fail_from = 500;
    auto params = at_port(server.port());
    params.prefix = std::string(1'000, 'p');
    {
        store::redis db{params};
        REQUIRE(db.connect(now - 1s));
        fill(db);
    }
    for (bool const connects : {true, false}) {
        long succeed = 0;
        for (bool thrown = true; thrown; ++succeed) {
            CAPTURE(succeed);
            boost::asio::io_context loop;
            store::asio_redis db{loop.get_executor(), params};
            auto const run = [&] {
                loop.restart();
                wait_at_most(15s, [&] { return loop.run_one_for(1s) == 0; }); // nobody is left who waits
            };
            if (connects) db.async_connect(now, [](result<void> r) { CHECK(r.has_value()); });
            run();
            struct asked {
                octets room;
                std::optional<store::reply> got;
            };
            std::array<asked, 5> all;
            auto const ask = [&](std::size_t i, store::request const& what) {
                db.async_execute(what, [&to = all[i].got](store::reply const& r) { to = r; });
            };
            for (std::size_t i = 0; i != 2; ++i) ask(i, store::find(anna, all[i].room, now));
            ask(2, store::insert_once(once, as_bytes("a record that needs memory"), later, now, now));
            // Memory runs out once, and the loop goes on.
            thrown = runs_out(succeed, [&] { loop.restart(), loop.run(); });
            ask(3, store::find(bert, all[3].room, now));
            ask(4, store::find(anna, all[4].room, now));
            run();
            for (auto const& a : all) REQUIRE(a.got.has_value());
            for (std::size_t i = 0; i != 2; ++i)
                CHECK((is(*all[i].got, "anna") || failed(*all[i].got, errc::store_unavailable)));
            octets room;
            std::optional<store::reply> last;
            db.async_execute(store::find(bert, room, now), [&](store::reply const& r) { last = r; });
            run();
            CHECK(is(last.value(), "bert"));
            for (std::size_t i = 3; i != 5; ++i)
                CHECK((is(*all[i].got, i == 3 ? "bert" : "anna") || failed(*all[i].got, errc::store_unavailable)));
            REQUIRE(succeed < 10'000);
        }
        CHECK(succeed > 2);
    }
    fail_from = 0;
}

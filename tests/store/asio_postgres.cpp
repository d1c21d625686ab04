// What asio_postgres does for many at once. What holds for every connection to PostgreSQL is in postgres.cpp.
#include "asio_clients.hpp"
#include "postgres_schema.hpp"

#include <signet/store/asio_postgres.hpp>
#include <signet/store/scan.hpp>

#include <optional>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#ifdef __linux__
#    include <sys/epoll.h>
#    include <sys/syscall.h>
#endif

namespace asio = boost::asio;

namespace {

// What the loops of this thread let the system watch.
thread_local int watched = 0, failed_removals = 0;

using octets = std::array<std::uint8_t, 16>;
using steady = std::chrono::steady_clock;

store::asio_postgres_params several(std::string const& conninfo, std::size_t connections) {
    return {.connection = at(conninfo), .connections = connections, .wait = 20s};
}

// A schema, and connections to it from one thread's loop.
struct fixture {
    own_schema schema;
    asio::io_context loop{};
    std::optional<store::asio_postgres> db{};

    explicit fixture(std::size_t connections = 1, std::chrono::milliseconds limit = 20s, postgres_server& on = common())
        : schema{on} {
        auto params = several(schema.conninfo + " application_name=asio_" + schema.name, connections);
        params.connection.connect_timeout = params.connection.reply_timeout = limit;
        db.emplace(loop.get_executor(), params);
    }
    void run() {
        loop.restart();
        loop.run();
    }
    void run_for(std::chrono::milliseconds span) {
        loop.restart();
        loop.run_for(span);
    }
    // What the server says of our connections.
    std::string tell_of_connections(std::string const& what, std::string const& which = "true") const {
        return schema.server.tell("SELECT " + what + " FROM pg_stat_activity WHERE application_name = 'asio_" +
                                  schema.name + "' AND " + which);
    }
    // Until one of them waits for a row that somebody else has.
    void run_until_one_is_held() {
        for (int n = 0; n != 500 && tell_of_connections("count(*)", "wait_event_type = 'Lock'") == "0"; ++n)
            run_for(20ms);
    }
    bool connect() {
        bool good = false;
        db->async_connect(now, [&](result<void> r) { good = r.has_value(); });
        run();
        return good;
    }
    store::reply execute(store::request const& ask) {
        std::optional<store::reply> got;
        db->async_execute(ask, [&](store::reply const& r) { got = r; });
        run();
        return got.value();
    }
    template <class Function> void spawn(Function f) { asio::co_spawn(loop, std::move(f), asio::detached); }
};

// Somebody who holds all rows of a schema.
class row_holder {
public:
    explicit row_holder(std::string const& conninfo, char const* how = "SELECT * FROM signet_record FOR UPDATE")
        : link_{PQconnectdb(conninfo.c_str()), PQfinish} {
        tell("BEGIN");
        tell(how);
    }
    void let_go() { tell("COMMIT"); }

private:
    void tell(char const* sql) { PQclear(PQexec(link_.get(), sql)); }
    std::unique_ptr<PGconn, void (*)(PGconn*)> link_;
};

} // namespace

#ifdef __linux__
// Stands before the C library's.
int epoll_ctl(int epoll, int what, int descriptor, epoll_event* event) noexcept {
    auto const r = static_cast<int>(::syscall(SYS_epoll_ctl, epoll, what, descriptor, event));
    watched += (what == EPOLL_CTL_ADD) - (what == EPOLL_CTL_DEL);
    failed_removals += what == EPOLL_CTL_DEL && r != 0;
    return r;
}

TEST_CASE("asio_postgres: the loop lets go of a socket that libpq has closed by a descriptor that is still its own") {
    NEEDS_POSTGRES
    fixture f;
    REQUIRE(f.connect());
    auto const descriptors = [] {
        std::filesystem::directory_iterator const all{"/proc/self/fd"};
        return std::distance(begin(all), end(all));
    };
    auto const before = descriptors();
    auto const watched_before = watched;
    failed_removals = 0;
    for (int n = 0; n != 5; ++n) {
        cut_connections(); // libpq closes its socket as soon as it reads the end
        CHECK(not_applied(f.execute(store::find(key_of(1), {}, now))));
    }
    CHECK(failed_removals == 0);
    CHECK(watched == watched_before);
    CHECK(descriptors() == before);
    // Also where the server is gone within a call, or hangs.
    row_holder holder{f.schema.conninfo, "LOCK TABLE signet_record IN ACCESS EXCLUSIVE MODE"};
    std::optional<store::reply> got;
    f.db->async_execute(store::find(key_of(1), {}, now), [&](store::reply const& r) { got = r; });
    f.run_until_one_is_held();
    cut_connections();
    f.run();
    CHECK(failed(got.value(), errc::store_unavailable));
    CHECK(failed_removals == 0);
    CHECK(watched == watched_before - 1);
}
#endif

TEST_CASE(
    "asio_postgres: of 64 coroutines that ask for one key, one inserts and one takes, on one thread and on four") {
    NEEDS_POSTGRES
    own_schema const schema;
    for (std::size_t const threads : {1u, 4u}) {
        CAPTURE(threads);
        asio_clients::check_races(threads, [&](asio::any_io_executor executor) {
            return store::asio_postgres{executor, several(schema.conninfo, 4)};
        });
    }
}

TEST_CASE("asio_postgres: each coroutine has the reply to its own request, and no more connections than are allowed") {
    NEEDS_POSTGRES
    fixture f{3};
    asio_clients::check_own_replies(f.loop, *f.db, 997);
    CHECK(f.db->accepts_lasting_writes());
    CHECK(f.tell_of_connections("count(*)") == "3");
}

TEST_CASE("asio_postgres: what expired is removed from a timer; the tables must be there") {
    NEEDS_POSTGRES
    own_schema const schema;
    auto params = at(schema.conninfo);
    asio::io_context loop;
    store::asio_postgres db{loop.get_executor(), {.connection = params, .connections = 4}};
    params.conninfo = common().conninfo("options=-csearch_path=nowhere");
    store::asio_postgres elsewhere{loop.get_executor(), {.connection = params}};
    asio::co_spawn(
        loop,
        [&]() -> asio::awaitable<void> {
            for (std::uint64_t n = 0; n != 5; ++n)
                CHECK(done(co_await db.async_execute(store::insert(key_of(n), {}, now + 10s, now))));
            auto const few = co_await db.async_remove_expired(now + 100s, 2);
            CHECK(few.value() == 2);
            auto const rest = co_await db.async_remove_expired(now + 100s);
            CHECK(rest.value() == 3);
            auto const none = co_await elsewhere.async_remove_expired(now);
            CHECK(none.error() == errc::unknown_store_schema);
        },
        asio::detached);
    loop.run();
}

TEST_CASE("asio_postgres: a server that hangs costs each connection one time limit, and the loop goes on meanwhile") {
    NEEDS_POSTGRES
    fixture f{2, 300ms};
    wait_at_most(60s, [&] { return f.connect(); }); // a busy machine may be late
    common().signal_all(SIGSTOP);
    int unknown = 0, unavailable = 0, ticks = 0, left = 64;
    auto const client = [&](std::uint64_t n) -> asio::awaitable<void> {
        auto const put = co_await f.db->async_execute(store::insert(key_of(n), {}, later, now));
        unknown += failed(put, errc::outcome_unknown), unavailable += failed(put, errc::store_unavailable);
        --left;
    };
    for (std::uint64_t n = 1; n != 65; ++n) f.spawn([&, n] { return client(n); });
    f.spawn([&]() -> asio::awaitable<void> {
        asio::steady_timer timer{f.loop};
        while (left != 0) {
            ++ticks;
            timer.expires_after(10ms);
            co_await timer.async_wait(asio::use_awaitable);
        }
    });
    auto const begin = steady::now();
    f.run();
    auto const took = steady::now() - begin;
    common().signal_all(SIGCONT);
    CHECK(unknown == 1);      // one connection was there; the other one was still being made: nothing was sent
    CHECK(unavailable == 63); // retry_after is 0, so the next ones try to connect
    CHECK(took >= 300ms);
    CHECK(ticks > 10);
    CHECK(f.db->last_error() == "the server did not answer in time");
    octets room;
    wait_at_most(60s, [&] { return not_applied(f.execute(store::find(key_of(1000), room, now))); });
}

TEST_CASE("asio_postgres: who waits is served in the order of coming, and who waits too long did not run") {
    NEEDS_POSTGRES
    fixture f;
    CHECK(done(f.execute(store::insert(key_of(0), {}, later, now))));
    auto params = several(f.schema.conninfo, 1);
    params.wait = 1s;
    f.db.emplace(f.loop.get_executor(), params);
    REQUIRE(f.connect());
    row_holder holder{f.schema.conninfo};
    std::vector<int> order;
    std::optional<store::reply> first;
    f.db->async_execute(store::erase(key_of(0), now), [&](store::reply const& r) { first = r; });
    std::size_t late = 0;
    for (std::uint64_t n = 1; n != 9; ++n)
        f.db->async_execute(store::insert(key_of(n), {}, later, now),
                            [&](store::reply const& r) { late += failed(r, errc::store_unavailable); });
    auto const begin = steady::now();
    f.run_for(1500ms);
    CHECK(late == 8);
    CHECK(f.db->last_error() == "no connection was free in time");
    CHECK_FALSE(first.has_value()); // the wait is for the line alone
    for (int n = 0; n != 8; ++n)
        f.db->async_execute(store::find(key_of(1), {}, now), [&, n](store::reply const& r) {
            CHECK(not_applied(r));
            order.push_back(n);
        });
    holder.let_go();
    f.run();
    CHECK(steady::now() - begin < 10s);
    CHECK(done(first.value()));
    CHECK(order == std::vector{0, 1, 2, 3, 4, 5, 6, 7});
    CHECK(f.schema.tell("SELECT count(*) FROM signet_record") == "0");

    store::asio_postgres none{f.loop.get_executor(),
                              {.connection = at(f.schema.conninfo), .connections = 0, .wait = 0ms}};
    none.async_execute(store::find(key_of(1), {}, now), [&](store::reply const& r) { first = r; });
    f.run();
    CHECK(failed(first.value(), errc::store_unavailable));
}

TEST_CASE("asio_postgres: more calls than max_waiting_requests are refused at once, and the others are not lost") {
    NEEDS_POSTGRES
    fixture f;
    CHECK(done(f.execute(store::insert(key_of(0), {}, later, now))));
    row_holder holder{f.schema.conninfo};
    std::size_t good = 0, refused = 0;
    f.db->async_execute(store::erase(key_of(0), now), [&](store::reply const& r) { good += done(r); });
    for (std::size_t n = 0; n != store::max_waiting_requests + 10; ++n)
        f.db->async_execute(store::find(key_of(0), {}, now), [&](store::reply const& r) {
            good += not_applied(r), refused += failed(r, errc::store_unavailable);
            if (refused == 10 && good == 0) holder.let_go();
        });
    f.run();
    CHECK(good == store::max_waiting_requests + 1);
    CHECK(refused == 10);
}

TEST_CASE("asio_postgres: a cancelled call fails at once, its buffer is not touched, and its connection goes on") {
    NEEDS_POSTGRES
    fixture f;
    CHECK(done(f.execute(store::insert(key_of(1), as_bytes("1"), later, now))));
    CHECK(done(f.execute(store::insert(key_of(2), as_bytes("2"), later, now))));
    auto const process = f.tell_of_connections("pid");
    row_holder holder{f.schema.conninfo};
    octets room{}, second_room{};
    std::optional<store::reply> taken, found, withdrawn;
    asio::cancellation_signal take_signal, line_signal;
    f.db->async_execute(store::take(key_of(1), room, now),
                        asio::bind_cancellation_slot(take_signal.slot(), [&](store::reply const& r) { taken = r; }));
    f.db->async_execute(
        store::erase(key_of(2), now),
        asio::bind_cancellation_slot(line_signal.slot(), [&](store::reply const& r) { withdrawn = r; }));
    f.db->async_execute(store::find(key_of(2), second_room, now), [&](store::reply const& r) { found = r; });
    f.run_until_one_is_held();                        // the others stand in line
    take_signal.emit(asio::cancellation_type::total); // nobody can promise that it does not run
    line_signal.emit(asio::cancellation_type::total);
    f.run_for(200ms);
    CHECK_FALSE(taken.has_value());
    REQUIRE(withdrawn.has_value());
    CHECK(failed(*withdrawn, errc::store_unavailable));
    take_signal.emit(asio::cancellation_type::terminal);
    f.run_for(200ms);
    REQUIRE(taken.has_value());
    CHECK(failed(*taken, errc::outcome_unknown));
    CHECK_FALSE(found.has_value());
    holder.let_go();
    f.run();
    CHECK(room == octets{});
    CHECK(done(found.value()));
    CHECK(second_room[0] == '2');
    CHECK(f.tell_of_connections("pid") == process);                   // the connection is the same
    CHECK(not_applied(f.execute(store::take(key_of(1), room, now)))); // it had run
    take_signal.emit(asio::cancellation_type::terminal);              // long over
    f.run();
}

TEST_CASE("asio_postgres: a scan that is cancelled touches neither page nor position, and its connection goes on") {
    NEEDS_POSTGRES
    fixture f;
    for (std::uint64_t n = 0; n != 10; ++n) CHECK(done(f.execute(store::insert(key_of(n), {}, later, now))));
    row_holder holder{f.schema.conninfo, "LOCK TABLE signet_record IN ACCESS EXCLUSIVE MODE"};
    std::optional<result<void>> scanned;
    asio::cancellation_signal signal;
    {
        store::scan_position position; // the caller's memory, which goes with him
        store::scan_page page{3};
        f.db->async_scan(position, now, page,
                         asio::bind_cancellation_slot(signal.slot(), [&](result<void> r) { scanned = r; }));
        f.run_until_one_is_held();
        signal.emit(asio::cancellation_type::total); // it changes nothing
        f.run_for(200ms);
        REQUIRE(scanned.has_value());
        REQUIRE_FALSE(scanned->has_value());
        CHECK(scanned->error() == errc::store_unavailable);
        CHECK(position.is_start());
        CHECK(page.records().empty());
    }
    holder.let_go();
    f.run();
    std::size_t given = 0;
    store::scan_page page{3};
    for (store::scan_position position; !position.is_over(); given += page.records().size()) {
        f.db->async_scan(position, now, page, [&](result<void> r) { scanned = r; });
        f.run();
        REQUIRE(scanned->has_value());
    }
    CHECK(given == 10);
}

TEST_CASE("asio_postgres: a call that is cancelled while it waits for a new connection is withdrawn") {
    NEEDS_POSTGRES
    fixture f;
    common().signal_all(SIGSTOP);
    std::optional<store::reply> first, second;
    asio::cancellation_signal signal;
    f.db->async_execute(store::insert(key_of(1), {}, later, now),
                        asio::bind_cancellation_slot(signal.slot(), [&](store::reply const& r) { first = r; }));
    f.db->async_execute(store::insert(key_of(2), {}, later, now), [&](store::reply const& r) { second = r; });
    f.run_for(200ms);
    signal.emit(asio::cancellation_type::total);
    f.run_for(200ms);
    common().signal_all(SIGCONT);
    REQUIRE(first.has_value());
    CHECK(failed(*first, errc::store_unavailable));
    CHECK_FALSE(second.has_value());
    f.run();
    CHECK(done(second.value()));
    CHECK(not_applied(f.execute(store::find(key_of(1), {}, now))));
}

TEST_CASE("asio_postgres: what was cancelled is not sent again where the server had lost its statement") {
    NEEDS_POSTGRES
    fixture f;
    CHECK(done(f.execute(store::insert(key_of(1), as_bytes("1"), later, now))));
    // What a proxy says that has lost what was prepared; the holder of the rows lets it wait.
    f.schema.tell("CREATE FUNCTION lose() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM FROM signet_record WHERE"
                  " key <> NEW.key FOR UPDATE; RAISE EXCEPTION 'lost' USING ERRCODE = '26000'; END $$;"
                  " CREATE TRIGGER lose BEFORE INSERT ON signet_record FOR EACH ROW EXECUTE FUNCTION lose()");
    row_holder holder{f.schema.conninfo};
    std::optional<store::reply> got;
    asio::cancellation_signal signal;
    {
        bytes const gone(1000, 1); // the caller's memory, which goes with him
        f.db->async_execute(store::insert(key_of(2), gone, later, now),
                            asio::bind_cancellation_slot(signal.slot(), [&](store::reply const& r) { got = r; }));
        f.run_until_one_is_held();
        signal.emit(asio::cancellation_type::terminal);
        f.run_for(200ms);
        CHECK(failed(got.value(), errc::outcome_unknown));
    }
    f.schema.tell("CREATE OR REPLACE FUNCTION lose() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'");
    holder.let_go();
    f.run();
    CHECK(not_applied(f.execute(store::find(key_of(2), {}, now))));
}

TEST_CASE("asio_postgres: a call has a deadline of its own beside a timer") {
    NEEDS_POSTGRES
    fixture f;
    CHECK(done(f.execute(store::insert(key_of(0), {}, later, now))));
    row_holder holder{f.schema.conninfo};
    std::size_t first = 2;
    f.spawn([&]() -> asio::awaitable<void> {
        using namespace asio::experimental::awaitable_operators;
        asio::steady_timer timer{f.loop, 100ms};
        octets room;
        auto const ask = store::take(key_of(0), room, now);
        first = (co_await (f.db->async_execute(ask) || timer.async_wait(asio::use_awaitable))).index();
        holder.let_go();
    });
    f.run();
    CHECK(first == 1);
}

TEST_CASE("asio_postgres: many requests are one transaction; cancelled, they end together") {
    NEEDS_POSTGRES
    fixture f{4};
    std::vector<store::request> asks;
    for (std::uint64_t i = 0; i != 32; ++i) asks.push_back(store::insert(key_of(i), as_bytes("x"), later, now));
    std::vector<store::reply> replies(asks.size());
    bool ended = false;
    f.db->async_execute_many(asks, replies, [&] { ended = true; });
    f.run();
    CHECK(ended);
    CHECK(std::ranges::all_of(replies, done));
    CHECK(f.schema.tell("SELECT count(DISTINCT xmin::text) FROM signet_record") == "1");

    row_holder holder{f.schema.conninfo};
    octets room{};
    store::request const two[] = {store::find(key_of(1), room, now), store::erase(key_of(2), now)};
    store::reply said[2];
    asio::cancellation_signal signal;
    ended = false;
    f.db->async_execute_many(two, said, asio::bind_cancellation_slot(signal.slot(), [&] { ended = true; }));
    f.run_until_one_is_held();
    signal.emit(asio::cancellation_type::total);
    f.run_for(200ms);
    CHECK_FALSE(ended); // one of them is a write
    signal.emit(asio::cancellation_type::terminal);
    f.run_for(200ms);
    CHECK(ended);
    CHECK(failed(said[0], errc::store_unavailable));
    CHECK(failed(said[1], errc::outcome_unknown));
    holder.let_go();
    f.run();
    CHECK(room == octets{});

    bool inside = true;
    ended = false;
    f.db->async_execute_many({}, {}, [&] { ended = !inside; });
    inside = false;
    f.run();
    CHECK(ended);
}

TEST_CASE(
    "asio_postgres: cancelled at random while backends and the server are killed: nobody has another's record, none is "
    "taken twice" *
    long_run()) {
    NEEDS_POSTGRES
    auto& server = to_be_killed();
    own_schema const schema{server};
    asio::thread_pool pool{2};
    auto params = several(schema.conninfo, 4);
    params.connection.retry_after = 20ms;
    store::asio_postgres db{pool.get_executor(), params};
    asio_clients::restless clients{pool, db, 32};
    for (int round = 0; round != (is_long_run() ? 10 : 1); ++round) {
        for (int n = 0; n != 10; ++n) {
            ::usleep(50'000);
            server.tell("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
                        " AND backend_type = 'client backend' ORDER BY random() LIMIT 1");
        }
        server.stop(SIGKILL);
        server.start();
    }
    clients.check();
}

TEST_CASE("asio_postgres: destroyed while calls wait, it tells them what is known, and the loop ends") {
    NEEDS_POSTGRES
    fixture f;
    CHECK(done(f.execute(store::insert(key_of(1), {}, later, now))));
    row_holder holder{f.schema.conninfo};
    std::vector<store::reply> replies;
    auto const keep = [&](store::reply const& r) { replies.push_back(r); };
    f.db->async_execute(store::erase(key_of(1), now), keep);
    f.run_until_one_is_held();
    f.db->async_execute(store::insert(key_of(2), {}, later, now), keep);
    f.db.reset();
    f.run();
    REQUIRE(replies.size() == 2);
    CHECK(failed(replies[0], errc::outcome_unknown));
    CHECK(failed(replies[1], errc::store_unavailable));

    // A handler may destroy it, and a loop may be destroyed with calls that wait.
    f.db.emplace(f.loop.get_executor(), several(f.schema.conninfo, 1));
    auto other = std::make_unique<asio::io_context>();
    {
        store::asio_postgres left{other->get_executor(), several(f.schema.conninfo, 1)};
        left.async_execute(store::erase(key_of(1), now), keep);
        left.async_execute(store::erase(key_of(1), now), keep);
        other->run_for(50ms);
    }
    other.reset();
    holder.let_go();
    f.db->async_execute(store::insert(key_of(4), {}, later, now), [&](store::reply const& r) {
        keep(r);
        f.db.reset();
    });
    f.run();
    CHECK(done(replies.at(2)));
    CHECK(replies.size() == 3);
}

TEST_CASE("asio_postgres: where no server is, all are told at once, also those who share its breaker") {
    asio::io_context loop;
    auto const shared = std::make_shared<store::breaker>(store::breaker_params{.first_pause = 10s, .max_pause = 10s});
    store::asio_postgres_params params{.connection = {.conninfo = "host=/nowhere user=signet", .breaker = shared}};
    store::asio_postgres db{loop.get_executor(), params}, other{loop.get_executor(), params};
    int unavailable = 0;
    auto const count = [&](store::reply const& r) { unavailable += failed(r, errc::store_unavailable); };
    for (int n = 0; n != 3000; ++n) db.async_execute(store::find(key_of(1), {}, now), count);
    loop.run();
    CHECK(unavailable == 3000);
    loop.restart();
    other.async_execute(store::take(key_of(1), {}, now), count);
    loop.run();
    CHECK(unavailable == 3001);
    CHECK(other.last_error() == "a connection to this server has just failed");
    std::optional<result<void>> connected; // he waits for it at start-up
    other.async_connect(now, [&](result<void> r) { connected = r; });
    loop.restart();
    loop.run();
    CHECK(connected.value().error() == errc::store_unavailable);
    CHECK(other.last_error().find("No such file or directory") != std::string::npos);
    CHECK_FALSE(other.accepts_lasting_writes());
}

TEST_CASE("asio_postgres: an operation asks its questions together, and its cancellation reaches them") {
    NEEDS_POSTGRES
    fixture f{2};
    for (std::uint64_t i = 1; i != 9; ++i) CHECK(done(f.execute(store::insert(key_of(i), as_bytes("0"), later, now))));
    int found = 0;
    f.spawn([&]() -> asio::awaitable<void> {
        found = (co_await store::async_run(asio_clients::count_records(16), *f.db)).value();
    });
    f.run();
    CHECK(found == 8);
    common().signal_all(SIGSTOP);
    std::optional<result<int>> got;
    asio::cancellation_signal signal;
    store::async_run(asio_clients::count_records(8), *f.db,
                     asio::bind_cancellation_slot(signal.slot(), [&](result<int> r) { got = r; }));
    f.run_for(200ms);
    CHECK_FALSE(got);
    signal.emit(asio::cancellation_type::total);
    f.run_for(200ms);
    common().signal_all(SIGCONT);
    REQUIRE(got);
    CHECK(got->error() == errc::store_unavailable);
    f.run();
}

// What asio_redis does for many at once. What holds for every connection to Redis is in redis.cpp.
#include "asio_clients.hpp"
#include "redis_server.hpp"

#include <signet/store/asio_redis.hpp>
#include <signet/store/task.hpp>

#include <atomic>
#include <functional>
#include <optional>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>

using namespace signet;
using namespace std::chrono_literals;
namespace asio = boost::asio;

namespace {

constexpr unix_time now{1'800'000'000s}, later = now + 600s;
using octets = std::array<std::uint8_t, 16>;

store::redis_params at_port(int port) {
    store::redis_params o;
    o.port = port;
    o.retry_after = 0s;
    return o;
}

#define NEEDS_REDIS                                                                                                    \
    if (!redis_server::installed()) {                                                                                  \
        MESSAGE("skipped: redis-server is not installed (./dev installs it)");                                         \
        return;                                                                                                        \
    }

// A server that was used before, so that single use is not refused, and connections to it from one thread's loop.
struct fixture {
    redis_server server;
    asio::io_context loop;
    std::optional<store::asio_redis> db;

    explicit fixture(std::chrono::milliseconds reply_timeout = 2s) {
        auto params = at_port(server.port());
        REQUIRE(store::redis{params}.connect(now - 1s));
        db.emplace(loop.get_executor(), params);
        CHECK(done(execute(store::insert(key_of(0), as_bytes("0"), later, now))));
        params.reply_timeout = reply_timeout;
        db.emplace(loop.get_executor(), params);
        db->async_connect(now, [](result<void> r) { CHECK(r.has_value()); });
        run();
    }
    void run() {
        loop.restart();
        loop.run();
    }
    store::reply execute(store::request const& ask) {
        std::optional<store::reply> got;
        db->async_execute(ask, [&](store::reply const& r) { got = r; });
        run();
        return got.value();
    }
    template <class Function> void spawn(Function f) { asio::co_spawn(loop, std::move(f), asio::detached); }
};

template <class Function> std::chrono::milliseconds time_of(Function f) {
    auto const begin = std::chrono::steady_clock::now();
    f();
    return std::chrono::ceil<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin);
}

// Somebody who accepts connections and says a text to each, or closes it at once.
class impostor {
public:
    impostor(asio::any_io_executor where, std::string text)
        : self_{std::make_shared<state>(std::move(text),
                                        asio::ip::tcp::acceptor{where, {asio::ip::address_v4::loopback(), 0}})} {
        asio::co_spawn(where, serve(self_), asio::detached);
    }
    impostor(impostor const&) = delete;
    impostor& operator=(impostor const&) = delete;
    ~impostor() { self_->listener.close(); }
    int port() const { return self_->listener.local_endpoint().port(); }
    int accepted() const { return self_->accepted; }

private:
    struct state {
        state(std::string t, asio::ip::tcp::acceptor a) : text{std::move(t)}, listener{std::move(a)} {}
        std::string text;
        asio::ip::tcp::acceptor listener;
        int accepted = 0;
    };
    static asio::awaitable<void> serve(std::shared_ptr<state> self) {
        for (boost::system::error_code gone;;) {
            auto client = co_await self->listener.async_accept(asio::redirect_error(asio::use_awaitable, gone));
            if (gone) co_return;
            ++self->accepted;
            if (self->text.empty()) continue;
            (void)co_await client.async_send(asio::buffer(self->text), asio::use_awaitable);
            octets ignored; // until the other end has read it and closed
            while (!gone)
                (void)co_await client.async_receive(asio::buffer(ignored),
                                                    asio::redirect_error(asio::use_awaitable, gone));
        }
    }
    std::shared_ptr<state> self_;
};

} // namespace

TEST_CASE("asio_redis: of 64 coroutines that ask for one key, one inserts and one takes, on one thread and on four") {
    NEEDS_REDIS
    fixture f;
    for (std::size_t const threads : {1u, 4u}) {
        CAPTURE(threads);
        asio_clients::check_races(threads, [&](asio::any_io_executor executor) {
            return store::asio_redis{executor, at_port(f.server.port())};
        });
    }
    std::atomic<int> inserted{0}, taken{0};
    auto const insert = [&]() -> asio::awaitable<void> {
        inserted += done(co_await f.db->async_execute(store::insert(key_of(1), {}, later, now)));
    };
    auto const take = [&]() -> asio::awaitable<void> {
        taken += done(co_await f.db->async_execute(store::take(key_of(1), {}, now)));
    };
    for (int i = 0; i != 64; ++i) f.spawn(insert);
    f.run();
    CHECK(inserted == 1);
    for (int i = 0; i != 64; ++i) f.spawn(take);
    f.run();
    CHECK(taken == 1);
}

TEST_CASE("asio_redis: each coroutine has the reply to its own request, also if they refer to records of many sizes") {
    NEEDS_REDIS
    fixture f;
    asio_clients::check_own_replies(f.loop, *f.db, 97);
}

TEST_CASE("asio_redis: a server that hangs costs one reply timeout, not one for each coroutine") {
    NEEDS_REDIS
    fixture f{300ms};
    f.server.pause();
    int unknown = 0, unavailable = 0;
    auto const client = [&](std::uint64_t n) -> asio::awaitable<void> {
        auto const put = co_await f.db->async_execute(store::insert(key_of(n), {}, later, now));
        unknown += failed(put, errc::outcome_unknown);
    };
    auto const reader = [&]() -> asio::awaitable<void> {
        octets room;
        auto const found = co_await f.db->async_execute(store::find(key_of(0), room, now));
        unavailable += failed(found, errc::store_unavailable);
    };
    for (std::uint64_t n = 1; n != 65; ++n) f.spawn([&, n] { return client(n); }), f.spawn(reader);
    auto const took = time_of([&] { f.run(); });
    CHECK(unknown == 64);
    CHECK(unavailable == 64);
    CHECK(took >= 300ms);
    CHECK(took < 64 * 300ms);
    f.server.resume();
    octets room;
    CHECK(done(f.execute(store::find(key_of(0), room, now))));
}

TEST_CASE("asio_redis: what was not sent when the connection was lost is store_unavailable, and did not run") {
    NEEDS_REDIS
    fixture f{300ms};
    f.server.pause();
    bool killed = false;
    SUBCASE("by its timeout") {}
    SUBCASE("by the server's end") { killed = true; }
    bytes const large(60'000);
    std::vector<std::optional<store::reply>> replies(400); // more than fits between the two processes
    for (std::uint64_t n = 0; n != replies.size(); ++n)
        f.db->async_execute(store::insert(key_of(n + 1), large, later, now),
                            [&replies, n](store::reply const& r) { replies[n] = r; });
    if (killed) {
        f.loop.restart();
        f.loop.run_for(100ms);
        f.server.stop(SIGKILL);
    }
    f.run();
    if (killed) f.server.start();
    else f.server.resume();
    std::size_t unsent = 0, ran = 0;
    bytes room(60'000);
    for (std::uint64_t n = 0; n != replies.size(); ++n) {
        REQUIRE(replies[n].has_value());
        CHECK(replies[n]->outcome == store::outcome::failed);
        if (replies[n]->error != errc::store_unavailable) continue;
        ++unsent;
        ran += done(f.execute(store::find(key_of(n + 1), room, now)));
    }
    CHECK(unsent > 0);
    CHECK(unsent < replies.size());
    CHECK(ran == 0);
}

TEST_CASE("asio_redis: more requests than max_waiting_requests are refused at once, and the others are not lost") {
    NEEDS_REDIS
    fixture f;
    f.server.pause();
    std::size_t good = 0, refused = 0;
    octets room;
    for (std::size_t n = 0; n != store::max_waiting_requests + 10; ++n)
        f.db->async_execute(store::find(key_of(0), room, now), [&](store::reply const& r) {
            good += done(r), refused += failed(r, errc::store_unavailable);
            if (refused == 10 && good == 0) f.server.resume();
        });
    f.run();
    CHECK(good == store::max_waiting_requests);
    CHECK(refused == 10);
}

TEST_CASE("asio_redis: a cancelled request fails at once, its buffer is not touched, and no reply goes to another") {
    NEEDS_REDIS
    fixture f;
    CHECK(done(f.execute(store::insert(key_of(1), as_bytes("1"), later, now))));
    CHECK(done(f.execute(store::insert(key_of(2), as_bytes("2"), later, now))));
    f.server.pause();
    std::array<octets, 3> rooms{};
    std::array<std::optional<store::reply>, 3> replies;
    std::array<asio::cancellation_signal, 3> signals;
    for (std::uint64_t n = 0; n != 3; ++n) {
        auto const ask = n == 1 ? store::take(key_of(n), rooms[n], now) : store::find(key_of(n), rooms[n], now);
        f.db->async_execute(ask, asio::bind_cancellation_slot(
                                     signals[n].slot(), [&replies, n](store::reply const& r) { replies[n] = r; }));
    }
    f.loop.restart();
    f.loop.run_for(200ms);                           // they are sent
    signals[1].emit(asio::cancellation_type::total); // nobody can promise that it does not run
    f.loop.run_for(200ms);
    CHECK_FALSE(replies[1].has_value());
    signals[1].emit(asio::cancellation_type::terminal);
    f.loop.run_for(200ms);
    REQUIRE(replies[1].has_value());
    CHECK(failed(*replies[1], errc::outcome_unknown));
    CHECK_FALSE(replies[0].has_value());
    f.server.resume();
    f.run();
    CHECK(rooms[1] == octets{});
    for (std::size_t const n : {0u, 2u}) {
        REQUIRE(replies[n].has_value());
        CHECK(done(*replies[n]));
        CHECK(rooms[n][0] == '0' + static_cast<int>(n));
    }
    CHECK(not_applied(f.execute(store::take(key_of(1), rooms[1], now)))); // it had run
    signals[2].emit(asio::cancellation_type::terminal);                   // long over
    f.run();
}

TEST_CASE("asio_redis: a request has a deadline of its own beside a timer") {
    NEEDS_REDIS
    fixture f;
    f.server.pause();
    std::size_t first = 2;
    f.spawn([&]() -> asio::awaitable<void> {
        using namespace asio::experimental::awaitable_operators;
        asio::steady_timer timer{f.loop, 100ms};
        octets room;
        auto const ask = store::take(key_of(0), room, now);
        first = (co_await (f.db->async_execute(ask) || timer.async_wait(asio::use_awaitable))).index();
        f.server.resume();
    });
    CHECK(time_of([&] { f.run(); }) < 2s);
    CHECK(first == 1);
}

TEST_CASE("asio_redis: a request that is cancelled before it was sent is withdrawn") {
    NEEDS_REDIS
    fixture f;
    f.server.stop(); // so that it connects anew
    f.server.start();
    f.server.pause();
    std::optional<store::reply> first, second;
    asio::cancellation_signal signal;
    f.db->async_execute(store::insert(key_of(1), {}, later, now),
                        asio::bind_cancellation_slot(signal.slot(), [&](store::reply const& r) { first = r; }));
    f.db->async_execute(store::insert(key_of(2), {}, later, now), [&](store::reply const& r) { second = r; });
    f.loop.restart();
    f.loop.run_for(200ms);
    signal.emit(asio::cancellation_type::total);
    f.loop.run_for(200ms);
    REQUIRE(first.has_value());
    CHECK(failed(*first, errc::store_unavailable));
    CHECK_FALSE(second.has_value());
    f.server.resume();
    f.run();
    CHECK(done(second.value()));
    CHECK(not_applied(f.execute(store::find(key_of(1), {}, now))));
}

TEST_CASE(
    "asio_redis: cancelled at random while the server is killed: nobody has another's record, none is taken twice" *
    long_run()) {
    NEEDS_REDIS
    redis_server server;
    ::sleep(1);
    asio::thread_pool pool{2};
    store::asio_redis db{pool.get_executor(), at_port(server.port())};
    asio_clients::restless clients{pool, db, 64};
    for (int round = 0; round != (is_long_run() ? 20 : 2); ++round) {
        ::usleep(300'000);
        server.stop(SIGKILL);
        ::usleep(50'000);
        server.start();
        clients.clock += 5;
    }
    clients.check();
}

TEST_CASE("asio_redis: destroyed while requests wait, it tells them what is known, and the loop ends") {
    NEEDS_REDIS
    fixture f;
    f.server.pause();
    std::vector<store::reply> replies;
    auto const keep = [&](store::reply const& r) { replies.push_back(r); };
    f.db->async_execute(store::insert(key_of(1), {}, later, now), keep);
    f.loop.restart();
    f.loop.run_for(200ms);
    f.db->async_execute(store::insert(key_of(2), {}, later, now), keep);
    f.db.reset();
    CHECK(time_of([&] { f.run(); }) < 2s);
    REQUIRE(replies.size() == 2);
    CHECK(failed(replies[0], errc::outcome_unknown));
    CHECK(failed(replies[1], errc::store_unavailable));

    // A handler may destroy it, and a loop may be destroyed with requests that wait.
    f.db.emplace(f.loop.get_executor(), at_port(f.server.port()));
    auto other = std::make_unique<asio::io_context>();
    store::asio_redis left{other->get_executor(), at_port(f.server.port())};
    left.async_execute(store::insert(key_of(3), {}, later, now), keep);
    other->run_for(50ms);
    f.server.resume();
    f.db->async_execute(store::insert(key_of(4), {}, later, now), [&](store::reply const& r) {
        keep(r);
        f.db.reset();
    });
    f.run();
    CHECK(done(replies.at(2)));
    CHECK(replies.size() == 3);
}

TEST_CASE("asio_redis: while a server is away it is asked less and less often, and all are told at once") {
    asio::io_context loop;
    impostor nobody{loop.get_executor(), ""}; // closes each connection
    auto params = at_port(nobody.port());
    params.retry_after = 1s;
    store::asio_redis db{loop.get_executor(), params};
    std::size_t calls = 0;
    asio::co_spawn(
        loop,
        [&]() -> asio::awaitable<void> {
            auto const end = std::chrono::steady_clock::now() + 1s;
            while (std::chrono::steady_clock::now() < end) {
                auto const r = co_await db.async_execute(store::find(key_of(1), {}, now));
                CHECK(failed(r, errc::store_unavailable));
                ++calls;
            }
            CHECK((co_await db.async_connect(now)).error() == errc::store_unavailable); // at once, since it is asked to
            loop.stop();
        },
        asio::detached);
    loop.run();
    CHECK(calls > 100);
    CHECK(nobody.accepted() >= 4);
    CHECK(nobody.accepted() <= 8); // 50, 100, 200, 400, 800 ms, half of that at least
    CHECK_FALSE(db.last_error().empty());
}

TEST_CASE("asio_redis: who is no Redis, and who says too much, is left") {
    asio::io_context loop;
    std::string const answers[] = {"HTTP/1.1 400 Bad Request\r\n\r\n", std::string(100, '\0'), "*-5\r\n",
                                   "+OK\r\n+OK\r\n+OK\r\n+OK\r\n+OK\r\n+OK\r\n+OK\r\n+OK\r\n+OK\r\n+OK\r\n+OK\r\n",
                                   "-ERR max number of clients reached\r\n"};
    for (auto const& answer : answers) {
        CAPTURE(answer);
        impostor somebody{loop.get_executor(), answer};
        auto params = at_port(somebody.port());
        params.connect_timeout = 200ms;
        store::asio_redis db{loop.get_executor(), params};
        std::optional<store::reply> got;
        db.async_execute(store::take(key_of(1), {}, now), [&](store::reply const& r) { got = r, loop.stop(); });
        loop.restart();
        loop.run();
        CHECK(failed(got.value(), errc::store_unavailable));
        CHECK_FALSE(db.accepts_lasting_writes());
        CHECK_FALSE(db.last_error().empty());
        if (answer.starts_with('-')) CHECK(db.last_error() == "ERR max number of clients reached");
    }
}

TEST_CASE("asio_redis: a name, a Unix socket; what is no address fails with words") {
    NEEDS_REDIS
    redis_server server;
    temporary_directory place;
    CHECK(server.tell({"CONFIG", "GET", "unixsocket"}) == "2");
    asio::io_context loop;
    auto const connect = [&](auto change) {
        auto params = at_port(server.port());
        change(params);
        store::asio_redis db{loop.get_executor(), params};
        std::optional<result<void>> got;
        db.async_connect(now, [&](result<void> r) { got = r; });
        loop.restart();
        loop.run();
        return got.value() ? std::string{"connected"} : db.last_error();
    };
    CHECK(connect([](auto& p) { p.host = "localhost"; }) == "connected");
    CHECK(connect([](auto& p) { p.port = 70'000; }) == "there is no such port");
    CHECK(connect([](auto& p) { p.unix_socket = std::string(200, 'x'); }) == "the socket's path is too long");
    CHECK(connect([&](auto& p) { p.unix_socket = place / "none"; }) == "No such file or directory");
    auto arguments = redis_server::durable();
    arguments.insert(arguments.end(), {"--unixsocket", place / "socket"});
    server.stop();
    server.configure(arguments);
    server.start();
    CHECK(connect([&](auto& p) { p.unix_socket = place / "socket"; }) == "connected");
}

namespace {

store::task<int> count(store::record_key key, unix_time at, bool asks) {
    if (!asks) co_return 0;
    std::array<std::uint8_t, 1> room{};
    auto const found = co_await store::find(key, room, at);
    std::array<std::uint8_t, 1> const next{static_cast<std::uint8_t>(room[0] + 1)};
    auto const ask = found ? store::replace(key, found->version, next, later, at) : store::insert(key, next, later, at);
    auto const written = co_await ask;
    co_return written ? next[0] : -1;
}

} // namespace

TEST_CASE("async_run: what an operation asks at once is sent together, and its cancellation reaches each question") {
    NEEDS_REDIS
    fixture f;
    for (std::uint64_t i = 1; i != 9; ++i) CHECK(done(f.execute(store::insert(key_of(i), as_bytes("0"), later, now))));
    int found = 0;
    f.spawn([&]() -> asio::awaitable<void> {
        found = (co_await store::async_run(asio_clients::count_records(16), *f.db)).value();
    });
    f.run();
    CHECK(found == 8);

    // None of them has an answer yet, so all were asked: one cancellation is enough, and no reply goes astray.
    f.server.pause();
    std::optional<result<int>> got;
    asio::cancellation_signal signal;
    store::async_run(asio_clients::count_records(8), *f.db,
                     asio::bind_cancellation_slot(signal.slot(), [&](result<int> r) { got = r; }));
    f.loop.restart();
    f.loop.run_for(200ms);
    CHECK_FALSE(got);
    signal.emit(asio::cancellation_type::total);
    f.loop.run_for(200ms);
    CHECK(got.value().error() == errc::store_unavailable);
    f.server.resume();
    f.run();
    f.spawn([&]() -> asio::awaitable<void> {
        found = (co_await store::async_run(asio_clients::count_records(4), *f.db)).value();
    });
    f.run();
    CHECK(found == 4);

    bool inside = true, ended = false;
    f.db->async_execute_many({}, {}, [&] { ended = !inside; });
    inside = false;
    f.run();
    CHECK(ended);
}

TEST_CASE("async_run: operations in an event loop, left where they are or moved in, with and without questions") {
    NEEDS_REDIS
    fixture f;
    std::vector<int> seen;
    f.spawn([&]() -> asio::awaitable<void> {
        auto op = count(key_of(1), now, true);
        seen.push_back((co_await store::async_run(op, *f.db)).value());
        seen.push_back((co_await store::async_run(count(key_of(1), now, true), *f.db)).value());
        seen.push_back((co_await store::async_run(count(key_of(1), now, false), *f.db)).value());
    });
    f.run();
    CHECK(seen == std::vector{1, 2, 0});

    bool inside = true; // a completion is never called from the call that starts it
    store::async_run(count(key_of(1), now, false), *f.db, [&](result<int> r) {
        CHECK(r.value() == 0);
        CHECK_FALSE(inside);
    });
    inside = false;
    f.run();

    f.server.pause();
    std::optional<result<int>> got;
    asio::cancellation_signal signal;
    store::async_run(count(key_of(1), now, true), *f.db,
                     asio::bind_cancellation_slot(signal.slot(), [&](result<int> r) { got = r; }));
    f.loop.restart();
    f.loop.run_for(200ms);
    signal.emit(asio::cancellation_type::terminal);
    f.loop.run_for(200ms);
    CHECK(got.value().error() == errc::store_unavailable);
    f.server.resume();
    f.run();
}

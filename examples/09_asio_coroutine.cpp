// An event loop with one thread serves many clients: operations are driven from Boost.Asio coroutines. With `--redis
// PORT` they share one connection, with `--postgres CONNINFO` several; SQLite is asked on other threads, so a slow disk
// never stops the loop.
#include "choose_store.hpp"

#include <signet/proof.hpp>
#ifdef WITH_POSTGRES // where libpq is
#    include <signet/store/asio_postgres.hpp>
#endif
#include <signet/store/asio_redis.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <thread>

using namespace signet;
using namespace std::chrono_literals;
namespace asio = boost::asio;

namespace {

// [loop]
// Any store that waits, on threads of its own. The coroutine goes on in its event loop.
template <store::blocking_store Store> class pooled_store {
public:
    pooled_store(Store& db, std::size_t threads) : db_{db}, pool_{threads} {}

    auto get_executor() { return pool_.get_executor(); }

    template <class Token> auto async_execute(store::request const& ask, Token&& token) {
        return asio::async_initiate<Token, void(store::reply)>(
            [this](auto handler, store::request const& what) {
                auto loop = asio::make_work_guard(handler, pool_);
                asio::post(pool_, [this, what, loop = std::move(loop), done = std::move(handler)]() mutable {
                    std::this_thread::sleep_for(10ms); // it is far away
                    asio::post(loop.get_executor(),
                               [done = std::move(done), answer = db_.execute(what)]() mutable { done(answer); });
                });
            },
            token, ask);
    }

private:
    Store& db_;
    asio::thread_pool pool_;
};
// [/loop]

struct tally {
    int proved = 0, replayed = 0, other = 0, ticks = 0;
};

constexpr proof::challenge_params login{.purpose = "login", .app = "shop", .user = "anna"};

// [run]
template <class AsyncStore>
asio::awaitable<void> show(AsyncStore& db, public_key const& key, std::string answer, unix_time now, tally& seen) {
    auto redeem = proof::redeem_challenge(answer, login, key, alg::ed25519, now);
    auto const proved = co_await store::async_run(redeem, db);
    if (proved) ++seen.proved;
    else if (proved.error() == errc::challenge_unknown) ++seen.replayed;
    else ++seen.other;
}
// [/run]

// Gets a challenge and signs it; and somebody who listened in shows the same answer at the same time.
template <class AsyncStore>
asio::awaitable<void> client(AsyncStore& db, private_key const& key, unix_time now, tally& seen) {
    auto const challenge = co_await store::async_run(proof::issue_challenge(login, now), db);
    if (!challenge) {
        ++seen.other;
        co_return;
    }
    auto const answer = proof::sign_challenge(key, alg::ed25519, *challenge, login);
    auto const loop = co_await asio::this_coro::executor;
    for (int i = 0; i != 2; ++i) asio::co_spawn(loop, show(db, key.public_part(), *answer, now, seen), asio::detached);
}

// What the loop does meanwhile.
asio::awaitable<void> tick(int clients, tally& seen) {
    asio::steady_timer timer{co_await asio::this_coro::executor};
    while (seen.proved + seen.replayed + seen.other < 2 * clients && seen.ticks < 10'000) {
        timer.expires_after(2ms);
        co_await timer.async_wait(asio::use_awaitable);
        ++seen.ticks;
    }
}

template <class AsyncStore> int story(asio::io_context& loop, AsyncStore& db) {
    constexpr int clients = 64;
    auto const now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    auto const key = *private_key::generate(alg::ed25519);
    tally seen;
    for (int i = 0; i != clients; ++i) asio::co_spawn(loop, client(db, key, now, seen), asio::detached);
    asio::co_spawn(loop, tick(clients, seen), asio::detached);
    loop.run();

    std::cout << clients << " clients on one thread: " << seen.proved << " proved themselves, " << seen.replayed
              << " replays were refused, " << seen.other << " other answers; the loop ticked " << seen.ticks
              << " times meanwhile\n";
    return seen.proved == clients && seen.replayed == clients && seen.ticks > 0 ? 0 : 1;
}

// Connects first. By this clock the server is first used an hour ago; see choose_store.hpp.
template <class AsyncStore> int story_on_a_server(asio::io_context& loop, AsyncStore& db) {
    auto const then = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()) - 1h;
    db.async_connect(then, [&](result<void> connected) {
        if (!connected) std::cerr << db.last_error() << '\n';
    });
    loop.run();
    loop.restart();
    return story(loop, db);
}

} // namespace

int main(int argc, char** argv) {
    asio::io_context loop{1};
    if (argc == 3 && std::string_view{argv[1]} == "--redis") {
        store::redis_params params;
        params.port = std::atoi(argv[2]);
        // [redis]
        store::asio_redis db{loop.get_executor(), params};
        // [/redis]
        return story_on_a_server(loop, db);
    }
#ifdef WITH_POSTGRES
    if (argc == 3 && std::string_view{argv[1]} == "--postgres") {
        store::postgres_params const params{.conninfo = argv[2]};
        auto const now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
        if (!store::postgres{params}.migrate(now)) return 1; // creates the tables
        std::this_thread::sleep_until(now + 1s);             // what is issued in that second is refused
        // [postgres]
        store::asio_postgres db{loop.get_executor(), {.connection = params, .connections = 4}};
        // [/postgres]
        return story_on_a_server(loop, db);
    }
#endif
    return with_store(argc, argv, "09_asio_coroutine", [&](auto& db) {
        pooled_store far_away{db, 16};
        return story(loop, far_away);
    });
}

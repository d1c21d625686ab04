// An event loop with one thread serves many clients: operations are driven from Boost.Asio coroutines, and the store is
// asked on other threads, so a slow disk or network never stops the loop.
#include "choose_store.hpp"

#include <signet/proof.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <thread>

using namespace signet;
using namespace std::chrono_literals;
namespace asio = boost::asio;

namespace {

// [loop]
// `signet::run` with `co_await` before the store's answer: that is all, since an operation never waits itself. To be
// awaited at once, so that the operation lives as long.
template <store::operation O, class AsyncStore> auto run_async(O& op, AsyncStore& db)
    -> asio::awaitable<decltype(op.get())> {
    while (store::request const* ask = op.next()) op.answer(co_await db.execute(*ask));
    co_return op.get();
}

// Any store that waits, on threads of its own. The coroutine goes on in its event loop.
template <store::blocking_store Store> class pooled_store {
public:
    pooled_store(Store& db, std::size_t threads) : db_{db}, pool_{threads} {}

    asio::awaitable<store::reply> execute(store::request const& ask) {
        co_return co_await asio::co_spawn(pool_, execute_there(ask), asio::use_awaitable);
    }

private:
    asio::awaitable<store::reply> execute_there(store::request const& ask) {
        std::this_thread::sleep_for(10ms); // it is far away
        co_return db_.execute(ask);
    }

    Store& db_;
    asio::thread_pool pool_;
};
// [/loop]

struct tally {
    int proved = 0, replayed = 0, other = 0, ticks = 0;
};

constexpr proof::challenge_params login{.purpose = "login", .app = "shop", .user = "anna"};

template <class AsyncStore>
asio::awaitable<void> show(AsyncStore& db, public_key const& key, std::string answer, unix_time now, tally& seen) {
    auto redeem = proof::redeem_challenge(answer, login, key, alg::ed25519, now);
    auto const proved = co_await run_async(redeem, db);
    if (proved) ++seen.proved;
    else if (proved.error() == errc::challenge_unknown) ++seen.replayed;
    else ++seen.other;
}

// Gets a challenge and signs it; and somebody who listened in shows the same answer at the same time.
template <class AsyncStore>
asio::awaitable<void> client(AsyncStore& db, private_key const& key, unix_time now, tally& seen) {
    auto issue = proof::issue_challenge(login, now);
    auto const challenge = co_await run_async(issue, db);
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

template <class Store> int story(Store& db) {
    constexpr int clients = 64;
    auto const now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    auto const key = *private_key::generate(alg::ed25519);
    pooled_store far_away{db, 16};
    asio::io_context loop{1};
    tally seen;
    for (int i = 0; i != clients; ++i) asio::co_spawn(loop, client(far_away, key, now, seen), asio::detached);
    asio::co_spawn(loop, tick(clients, seen), asio::detached);
    loop.run();

    std::cout << clients << " clients on one thread: " << seen.proved << " proved themselves, " << seen.replayed
              << " replays were refused, " << seen.other << " other answers; the loop ticked " << seen.ticks
              << " times meanwhile\n";
    return seen.proved == clients && seen.replayed == clients && seen.ticks > 10 ? 0 : 1;
}

} // namespace

int main(int argc, char** argv) {
    return with_store(argc, argv, "09_asio_coroutine", [](auto& db) { return story(db); });
}

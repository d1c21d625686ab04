// Revocations while servers are killed and others take their place: no session of an acknowledged revocation lives
// where the configuration promises that acknowledged writes are kept.
#include "store/postgres_server.hpp"
#include "store/redis_cluster_server.hpp"
#include "support/long_run.hpp"
#include "support/wait.hpp"

#include <signet/session/login_session.hpp>
#include <signet/store/postgres.hpp>
#include <signet/store/redis.hpp>

#include <doctest/doctest.h>

#include <atomic>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

using namespace signet;
using namespace signet::session;
using namespace std::chrono_literals;

namespace {

constexpr unix_time now{1'800'000'000s};

login_sessions shop() {
    return *login_sessions::make("tenant", "shop", *mac_key::from_secret(secret{bytes(32, 7)}, alg::hs256), {});
}

bool is_away(error const& e) {
    return e == errc::store_unavailable || e == errc::outcome_unknown ||
           e == errc::store_unfit; // promoted, and without a standby of its own
}

struct seen {
    std::vector<std::string> revoked, alive; // cookies, as they were acknowledged
    std::atomic<std::size_t> revocations{0}; // so far
    std::atomic<std::size_t> unknown{0}, other{0};
};

// Logs users in and revokes every other one of them, until it is stopped. Each has an own name, so that what was told
// is all that is known of it.
void log_in_and_revoke(auto& db, int thread, std::stop_token const& stop, seen& told, std::mutex& lock) {
    auto const s = shop();
    for (int n = 0; !stop.stop_requested(); ++n) {
        auto const user = std::to_string(thread) + "-" + std::to_string(n);
        auto const in = run(s.log_in({.user = user}, {}, now), db);
        if (!in) {
            ++(is_away(in.error()) ? told.unknown : told.other);
            std::this_thread::sleep_for(2ms);
            continue;
        }
        if (n % 2 == 0) {
            std::lock_guard const hold{lock};
            told.alive.push_back(in->cookie);
            continue;
        }
        auto const revoked = run(s.revoke_user(user, now), db);
        if (revoked) {
            std::lock_guard const hold{lock};
            told.revoked.push_back(in->cookie);
            ++told.revocations;
        } else {
            ++(is_away(revoked.error()) ? told.unknown : told.other);
        }
    }
}

// `open()` gives a connection that finds whoever serves, `fault()` kills and puts in place, `look()` a connection for
// afterwards.
void check_revocations(auto open, std::function<void()> const& fault, auto look, bool goes_on = true) {
    seen told;
    std::mutex lock;
    {
        std::vector<std::jthread> crew;
        for (int t = 0; t != 4; ++t) {
            crew.emplace_back([&, t](std::stop_token const& stop) {
                auto own = open();
                log_in_and_revoke(own, t, stop, told, lock);
            });
        }
        for (int round = 0; round != (goes_on && is_long_run() ? 5 : 1); ++round) {
            auto const before = told.revocations.load();
            wait_at_most(60s, [&] { return told.revocations >= before + 40; });
            if (round == 0 || goes_on) fault();
        }
        if (goes_on) {
            auto const before = told.revocations.load();
            wait_at_most(60s, [&] { return told.revocations >= before + 40; });
        }
    }
    MESSAGE(told.revoked.size(), " revocations and ", told.alive.size(), " logins acknowledged, ", told.unknown.load(),
            " unknown");
    CHECK(told.other == 0);
    auto db = look();
    auto const s = shop();
    std::size_t lives = 0, lost = 0;
    auto const state = [&](std::string const& cookie) {
        std::optional<error> why;
        wait_at_most(60s, [&] {
            auto const used = run(s.authenticate(cookie, {}, now), db);
            why = used ? std::nullopt : std::optional{used.error()};
            return used || !is_away(used.error());
        });
        return why;
    };
    for (auto const& cookie : told.revoked) lives += !state(cookie);
    for (auto const& cookie : told.alive) lost += state(cookie).has_value();
    CHECK(lives == 0);
    CHECK(lost == 0);
}

store::redis redis_at(redis_server const& server, unsigned replicas = 0) {
    store::redis_params params;
    params.port = server.port();
    params.retry_after = 20ms;
    params.replicas = replicas;
    params.reply_timeout = 400ms; // half of it for replicas
    return store::redis{params};
}

} // namespace

TEST_CASE("redis: revocations while the server is killed and started again: none that was acknowledged is undone" *
          long_run()) {
    if (!redis_server::installed()) return;
    redis_server server;
    check_revocations([&] { return redis_at(server); },
                      [&] {
                          server.stop(SIGKILL);
                          server.start();
                      },
                      [&] { return redis_at(server); });
}

TEST_CASE("redis: revocations while a replica takes over: none that was acknowledged is undone" * long_run()) {
    if (!redis_server::installed()) return;
    redis_server master;
    redis_server replica{redis_server::replica_of(master.port())};
    replica.wait_for_master();
    check_revocations([&] { return redis_at(master, 1); },
                      [&] {
                          replica.pause(); // it lags, and whoever writes is told
                          (void)master.tell({"CLIENT", "KILL", "TYPE", "replica"});
                          ::sleep(1);
                          master.stop(SIGKILL);
                          replica.resume();
                          CHECK(replica.tell({"REPLICAOF", "NO", "ONE"}) == "OK");
                      },
                      [&] { return redis_at(replica); }, false); // nobody is told where the new one is
}

TEST_CASE("redis_cluster: revocations while a replica takes over: none that was acknowledged is undone" * long_run()) {
    if (!redis_server::installed()) return;
    cluster servers{3, 3};
    auto params = servers.params(1);
    auto const open = [&] { return store::redis_cluster{params}; };
    bool is_done = false;
    check_revocations(
        open,
        [&] {
            if (std::exchange(is_done, true)) return;
            servers.node(0).stop(SIGKILL);
            wait_at_most(
                60s, [&] { return servers.info(3, "INFO", "replication").find("role:master") != std::string::npos; });
            servers.node(0).start(); // as a replica: until then no write is done there
        },
        open);
}

TEST_CASE("postgres: revocations while the server is killed and started again: none that was acknowledged is undone" *
          long_run()) {
    if (postgres_server::programs().empty()) return;
    postgres_server server;
    store::postgres_params params{.conninfo = server.conninfo(), .retry_after = 20ms};
    REQUIRE(store::postgres{params}.migrate(now));
    auto const open = [&] { return store::postgres{params}; };
    check_revocations(
        open,
        [&] {
            server.stop(SIGKILL);
            server.start();
        },
        open);
}

TEST_CASE("postgres: revocations while a synchronous standby takes over: none that was acknowledged is undone" *
          long_run()) {
    if (postgres_server::programs().empty()) return;
    postgres_server primary;
    store::postgres_params params{.conninfo = primary.conninfo()};
    REQUIRE(store::postgres{params}.migrate(now));
    postgres_server standby{{}, &primary};
    primary.tell("ALTER SYSTEM SET synchronous_standby_names = '*'");
    primary.tell("SELECT pg_reload_conf()");
    wait_at_most(
        60s, [&] { return primary.tell("SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'") == "1"; });
    params.conninfo = "host=" + primary.socket() + "," + standby.socket() +
                      " user=signet dbname=postgres target_session_attrs=read-write";
    params.reply_timeout = 1s, params.retry_after = 20ms, params.synchronous_standby = true;
    auto const open = [&] { return store::postgres{params}; };
    check_revocations(
        open,
        [&] {
            standby.signal_all(SIGSTOP); // it lags, and whoever writes waits
            primary.tell("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_replication");
            ::usleep(300'000);
            primary.stop(SIGKILL);
            standby.signal_all(SIGCONT);
            CHECK(standby.tell("SELECT pg_promote()") == "t");
        },
        open, false); // the new one has no standby yet, so it takes no lasting writes
}

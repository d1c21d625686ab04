#include "support/every_store.hpp"

#include <signet/device/registry.hpp>
#include <signet/session/login_session.hpp>

#include <atomic>

#include <sys/wait.h>
#include <unistd.h>

using namespace signet;
using namespace signet::session;
using namespace std::chrono_literals;

namespace {

constexpr unix_time now{1'800'000'000s};

// The same key in every process, as a service's configuration would give it.
login_sessions shop(session_policy policy = {}) {
    return *login_sessions::make("tenant", "shop", *mac_key::from_secret(secret{bytes(32, 7)}, alg::hs256), policy);
}

std::string log_in(login_sessions const& s, auto& db, std::string_view user = "anna") {
    auto const in = run(s.log_in({.user = user}, {}, now), db);
    REQUIRE(in);
    return in->cookie;
}

} // namespace

TEST_CASE("DECISIONS 3 C12: 64 threads log in at limit 1: exactly one session afterwards, on each store" * long_run()) {
    on_every_store([](auto& db) {
        for (int round = 0; round != rounds(2, 20); ++round) {
            auto const s = shop({.max_sessions = 1});
            auto const user = "user-" + std::to_string(round);
            std::vector<std::string> cookies(64);
            at_once(64, [&](int t) {
                if (auto in = run(s.log_in({.user = user}, {}, now), db))
                    cookies[static_cast<std::size_t>(t)] = in->cookie;
            });
            int live = 0, ended = 0;
            for (auto const& cookie : cookies) {
                REQUIRE_FALSE(cookie.empty());
                auto const used = run(s.authenticate(cookie, {}, now), db);
                if (used) ++live;
                else if (used.error() == errc::session_ended) ++ended;
            }
            CHECK(live == 1);
            CHECK(ended == 63);
            CHECK(run(s.list(user, now), db)->size() == 1);
        }
    });
}

TEST_CASE("C12 refusing in a race: one gets in, the others are told, nothing of them remains, on each store" *
          long_run()) {
    on_every_store([](auto& db) {
        auto const s = shop({.max_sessions = 1, .when_full = session_limit::refuse});
        std::atomic<int> in{0}, refused{0};
        at_once(64, [&](int) {
            auto const decision = run(s.log_in({.user = "anna"}, {}, now), db);
            if (decision) ++in;
            else if (decision.error() == errc::session_limit_reached) ++refused;
        });
        CHECK(in == 1);
        CHECK(refused == 63);
    });
}

TEST_CASE("D9 a logout against late saves: the session stays ended, on each store" * long_run()) {
    on_every_store([](auto& db) {
        for (int round = 0; round != rounds(5, 100); ++round) {
            auto const s = shop({.profile = {.name = "busy", .touch_every = 0s}});
            auto const cookie = log_in(s, db);
            at_once(8, [&](int t) {
                if (t == 0) (void)run(s.log_out(cookie, now), db);
                else if (t % 2) (void)run(s.authenticate(cookie, {}, now + std::chrono::seconds{t}), db);
                else (void)run(s.set_data(cookie, "data", {}, now), db);
            });
            CHECK(run(s.authenticate(cookie, {}, now), db).error() == errc::session_ended);
        }
    });
}

TEST_CASE(
    "C8 revoke-all against new logins: whoever was in before is out; who came after is in, and on the roster, on each store" *
    long_run()) {
    on_every_store([](auto& db) {
        for (int round = 0; round != rounds(3, 30); ++round) {
            auto const s = shop({.max_sessions = 64});
            auto const user = "user-" + std::to_string(round);
            std::vector<std::string> before(8), during(8);
            for (auto& cookie : before) cookie = log_in(s, db, user);
            at_once(9, [&](int t) {
                if (t == 8) CHECK(run(s.revoke_user(user, now), db));
                else if (auto in = run(s.log_in({.user = user}, {}, now), db))
                    during[static_cast<std::size_t>(t)] = in->cookie;
            });
            for (auto const& cookie : before)
                CHECK(run(s.authenticate(cookie, {}, now), db).error() == errc::session_ended);
            std::size_t live = 0;
            for (auto const& cookie : during) live += run(s.authenticate(cookie, {}, now), db) ? 1u : 0u;
            CHECK(run(s.list(user, now), db)->size() == live);
            REQUIRE(run(s.revoke_user(user, now), db)); // nobody slipped through
            for (auto const& cookie : during) CHECK_FALSE(run(s.authenticate(cookie, {}, now), db));
        }
    });
}

TEST_CASE("renewal in a race: 64 requests in parallel, one new id, everybody goes on, on each store" * long_run()) {
    on_every_store([](auto& db) {
        auto const s = shop({.profile = {.name = "renewed", .renewal = 1h, .overlap = 10s}});
        auto const cookie = log_in(s, db);
        std::atomic<int> good{0}, renewed{0};
        at_once(64, [&](int) {
            auto const used = run(s.authenticate(cookie, {}, now + 2h), db);
            if (used) ++good;
            if (used && !used->new_cookie.empty()) ++renewed;
        });
        CHECK(good == 64);
        CHECK(renewed == 1);
    });
}

namespace {

// Runs `body` in a process of its own; whether it returned true.
template <class Body> bool in_another_process(Body body) {
    auto const child = ::fork();
    REQUIRE(child >= 0);
    if (child == 0) ::_exit(body() ? 0 : 1);
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

} // namespace

TEST_CASE("two processes on one SQLite file and on one Redis behave as one service") {
    auto const both = [](auto open) {
        auto const s = shop();
        auto cookie = std::string{};
        {
            auto db = open();
            cookie = log_in(s, db);
        }
        CHECK(in_another_process([&] { // sees it, changes it, ends another
            auto db = open();
            return run(s.authenticate(cookie, {}, now), db) && run(s.set_data(cookie, "from the other", {}, now), db);
        }));
        auto db = open();
        CHECK(run(s.authenticate(cookie, {}, now), db)->session.data() == "from the other");
        CHECK(in_another_process([&] {
            auto there = open();
            return static_cast<bool>(run(s.log_out(cookie, now), there));
        }));
        CHECK(run(s.authenticate(cookie, {}, now), db).error() == errc::session_ended);
    };
    SUBCASE("sqlite") {
        temporary_directory const directory;
        both([&] { return *store::sqlite::open({.path = directory / "store.db"}); });
    }
    SUBCASE("redis") {
        if (!redis_server::installed()) return;
        redis_server server;
        both([&] {
            store::redis_params params;
            params.port = server.port();
            params.retry_after = 0s;
            return store::redis{params};
        });
    }
}

// ---- what must not be forgotten

namespace {

store::redis_params on(redis_server const& server) {
    store::redis_params params;
    params.port = server.port();
    params.retry_after = 0s; // the tests' clock stands still
    return params;
}

} // namespace

TEST_CASE("S1 on a Redis that may forget nobody logs in, is revoked or registers a device; visitors go on") {
    if (!redis_server::installed()) return;
    for (auto const& arguments : std::vector<std::vector<std::string>>{
             {}, {"--appendonly", "yes", "--appendfsync", "always", "--maxmemory-policy", "allkeys-lru"}}) {
        redis_server server{arguments};
        store::redis db{on(server)};
        auto const s = shop({.profile = {.name = "an hour", .touch_every = 60s}});
        CHECK(run(s.log_in({.user = "anna"}, {}, now), db).error() == errc::store_unfit);
        CHECK(run(s.revoke_user("anna", now), db).error() == errc::store_unfit);
        CHECK(run(s.revoke_all(logout_scope::everywhere, now), db).error() == errc::store_unfit);
        device::device_registry const devices{"shop"};
        auto const key = *proof::device_key::from_key(private_key::generate(alg::ed25519)->public_part());
        CHECK(run(devices.add_unproved("anna", {.key_id = "phone", .key = key}, now), db).error() == errc::store_unfit);

        auto const visit = run(s.begin_anonymous({}, now), db);
        REQUIRE(visit);
        CHECK(run(s.set_data(visit->cookie, "basket", {}, now), db));
        CHECK(run(s.find(visit->cookie, {}, now + 120s), db)); // a touch
        CHECK(run(s.find(visit->cookie, {}, now + 120s), db)->session.data() == "basket");
        CHECK(run(s.log_in({.user = "anna"}, {}, now, visit->cookie), db).error() == errc::store_unfit);
    }
}

TEST_CASE("S1 where Redis began to forget later: a session goes on, what is written about it is refused, and told") {
    if (!redis_server::installed()) return;
    redis_server server;
    store::redis db{on(server)};
    auto const s = shop();
    auto const cookie = log_in(s, db);
    CHECK(server.tell({"CONFIG", "SET", "maxmemory-policy", "allkeys-lru"}) == "OK");
    auto const then = now + store::fitness_lasts;
    CHECK(run(s.revoke_user("anna", then), db).error() == errc::store_unfit);
    CHECK(run(s.log_out(cookie, then), db).error() == errc::store_unfit);
    CHECK(run(s.authenticate(cookie, {}, then), db));
    CHECK(server.tell({"CONFIG", "SET", "maxmemory-policy", "noeviction"}) == "OK");
    CHECK(run(s.revoke_user("anna", then + store::fitness_lasts), db)->sids.size() == 1);
    CHECK(run(s.authenticate(cookie, {}, then + store::fitness_lasts), db).error() == errc::session_ended);
}

TEST_CASE("S1 what Redis acknowledged it keeps: revocations and blocks hold after kill -9 and restart") {
    if (!redis_server::installed()) return;
    redis_server server;
    store::redis db{on(server)};
    auto const s = shop();
    device::device_registry const devices{"shop"};
    auto const key = *proof::device_key::from_key(private_key::generate(alg::ed25519)->public_part());
    REQUIRE(run(devices.add_unproved("anna", {.key_id = "phone", .key = key}, now), db));
    auto const annas = log_in(s, db), berts = log_in(s, db, "bert");
    CHECK(server.tell({"SAVE"}) == "OK"); // a snapshot in which all of it lives
    REQUIRE(run(s.revoke_user("anna", now), db));
    REQUIRE(run(devices.block("anna", "phone", now), db));
    server.stop(SIGKILL);
    server.start();
    CHECK(run(s.authenticate(annas, {}, now), db).error() == errc::session_ended);
    CHECK(run(devices.find("anna", "phone", now), db)->state == device::device_state::blocked);
    CHECK(run(s.authenticate(berts, {}, now), db));
    REQUIRE(run(s.revoke_all(logout_scope::everywhere, now), db));
    server.stop(SIGKILL);
    server.start();
    CHECK(run(s.authenticate(berts, {}, now), db).error() == errc::session_ended);
}

#include "site.hpp"
#include "support/every_store.hpp"

using namespace dbsc_test;

namespace {

constexpr unix_time now{1'800'000'000s};

template <class Store>
browser registered(Store& db, dbsc::registration_params const& params = {.user = "anna", .login = "one"}) {
    browser b;
    auto const field = run(dbsc::offer_registration(shop, params, now), db);
    REQUIRE(field);
    auto const done = *run(dbsc::handle_registration(shop, b.registration(*field, params.login), now), db);
    REQUIRE(done.outcome);
    REQUIRE(b.learn(done.answer));
    return b;
}

} // namespace

TEST_CASE("DBSC from login to logout, on every store" * long_run()) {
    on_every_store([](auto& db) {
        auto b = registered(db);
        auto const check = [&](browser const& who, unix_time t) {
            return run(dbsc::cookie_check{shop, who.cookie_field(), t}, db);
        };
        CHECK(check(b, now)->user() == "anna");
        auto time = now;
        for (int i = 0; i != 10; ++i) {
            time += 480s;
            auto const old = b;
            auto const done = *run(dbsc::handle_refresh(shop, b.refresh("one"), time), db);
            REQUIRE(done.answer.status == 200);
            REQUIRE(b.learn(done.answer));
            CHECK(check(b, time));
            CHECK(check(old, time + 119s));
            CHECK(check(old, time + 120s).error() == errc::dbsc_cookie_expired);
            auto const again = *run(
                dbsc::handle_refresh(shop, {.method = "POST", .response = old.last, .session_id = b.id}, time), db);
            CHECK(again.answer.status == 403);
        }
        browser next; // a second login
        auto const field = run(dbsc::offer_registration(shop, {.user = "bert", .replaces = b.id}, time), db);
        auto const done = *run(dbsc::handle_registration(shop, next.registration(*field), time), db);
        REQUIRE(next.learn(done.answer));
        CHECK(check(b, time).error() == errc::dbsc_cookie_mismatch);
        CHECK(check(next, time)->user() == "bert");
        REQUIRE(run(dbsc::end_session(next.id, dbsc::ending::logged_out, time), db));
        CHECK(check(next, time).error() == errc::dbsc_session_ended);
        auto const ended = *run(dbsc::handle_refresh(shop, next.refresh(), time), db);
        CHECK_FALSE(next.learn(ended.answer));
    });
}

TEST_CASE("DBSC.md 3 64 threads with one registration challenge: one session, on every store" * long_run()) {
    on_every_store_opened([](auto open) {
        exactly_one_wins(
            open, rounds(5, 200), errc::dbsc_challenge_refused,
            [](auto& db, int) {
                browser b;
                auto const field = run(dbsc::offer_registration(shop, {.user = "anna"}, now), db);
                return std::string{b.registration(*field).response};
            },
            [](auto& db, std::string const& token) {
                return run(dbsc::handle_registration(shop, {.method = "POST", .response = token}, now), db)->outcome;
            });
    });
}

TEST_CASE("DBSC.md 6 64 threads with one proof: one refresh, all others are asked again, on every store" * long_run()) {
    on_every_store_opened([](auto open) {
        exactly_one_wins(
            open, rounds(5, 200), errc::dbsc_challenge_refused,
            [](auto& db, int) {
                auto b = registered(db);
                (void)b.refresh();
                return b;
            },
            [](auto& db, browser const& b) {
                auto const done = *run(
                    dbsc::handle_refresh(shop, {.method = "POST", .response = b.last, .session_id = b.id}, now), db);
                if (!done.outcome) CHECK(done.answer.status == 403);
                return done.outcome;
            });
    });
}

TEST_CASE("DBSC.md 7 a revocation wins against refreshes that go on, on every store" * long_run()) {
    on_every_store([](auto& db) {
        for (int round = 0; round != rounds(3, 50); ++round) {
            auto b = registered(db);
            at_once(8, [&](int t) {
                if (t == 3) {
                    CHECK(run(dbsc::end_session(b.id, dbsc::ending::revoked, now), db));
                    return;
                }
                auto mine = b;
                for (int i = 0; i != 5; ++i)
                    mine.learn(run(dbsc::handle_refresh(shop, mine.refresh(), now), db)->answer);
            });
            CHECK(run(dbsc::cookie_check{shop, b.cookie_field(), now}, db).error() == errc::dbsc_session_revoked);
            CHECK(run(dbsc::handle_refresh(shop, b.refresh(), now), db)->outcome.error() == errc::dbsc_session_revoked);
        }
    });
}

TEST_CASE("DBSC.md 5 redis restarts: the sessions live on, the challenges of before are replaced by fresh ones") {
    if (!redis_server::installed()) return;
    redis_server server;
    store::redis_params params;
    params.port = server.port();
    params.retry_after = 0s;
    store::redis db{params};
    REQUIRE(db.connect(now - 1s));
    auto b = registered(db);
    server.stop(SIGKILL);
    auto const away = *run(dbsc::handle_refresh(shop, b.refresh(), now), db);
    CHECK(away.answer.status == 503);
    CHECK(b.learn(away.answer));
    server.start();
    CHECK(run(dbsc::cookie_check{shop, b.cookie_field(), now + 10s}, db)); // nothing acknowledged was lost
    auto const asked = *run(dbsc::handle_refresh(shop, b.refresh(), now + 12s), db);
    CHECK(asked.answer.status == 403);
    CHECK(asked.outcome.error() == errc::store_restarted);
    REQUIRE(b.learn(asked.answer));
    auto const done = *run(dbsc::handle_refresh(shop, b.refresh(), now + 12s), db);
    CHECK(done.answer.status == 200);
    REQUIRE(b.learn(done.answer));
    CHECK(run(dbsc::cookie_check{shop, b.cookie_field(), now + 12s}, db));
}

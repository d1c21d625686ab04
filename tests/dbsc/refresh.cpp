#include <signet/testing/impl/gate.hpp>

#include "site.hpp"

#include <atomic>
#include <thread>
#include <vector>

using namespace dbsc_test;

static_assert(store::operation<decltype(dbsc::handle_refresh(shop, {}, {}))>);

TEST_CASE(
    "DBSC.md 5 without a proof: 403 and a challenge with the id; with it: 200, another cookie, the next challenge") {
    site<> s;
    auto b = s.logged_in();
    auto const first = b.cookie;
    b.challenge.clear();
    auto const asked = s.refresh(b.refresh());
    CHECK(asked.answer.status == 403);
    CHECK(asked.outcome.error() == errc::dbsc_proof_missing);
    CHECK(asked.answer.find("Cache-Control") == "no-store");
    CHECK(asked.answer.find("Set-Cookie").empty());
    REQUIRE(b.learn(asked.answer));
    auto const used = b.challenge;

    s.clock.advance(500s);
    auto const done = s.refresh(b.refresh());
    CHECK(done.answer.status == 200);
    REQUIRE(done.outcome);
    CHECK(done.outcome->key.is(b.key.public_part()));
    CHECK(done.outcome->session.refreshed() == s.clock.now());
    CHECK(done.outcome->session.registered() == s.clock.now() - 500s);
    REQUIRE(b.learn(done.answer));
    CHECK(b.cookie != first);
    CHECK(b.challenge != used);
    CHECK(s.check(b));
}

TEST_CASE("DBSC.md 5 the challenge that came ahead saves the round trip, refresh after refresh") {
    site<> s;
    auto b = s.logged_in();
    for (int i = 0; i != 50; ++i) {
        s.clock.advance(480s);
        auto const done = s.refresh(b.refresh());
        REQUIRE(done.answer.status == 200);
        REQUIRE(b.learn(done.answer));
        REQUIRE(s.check(b));
    }
}

TEST_CASE("DBSC.md 5 the very same token again is answered with 403 and a fresh challenge, and the session goes on") {
    site<> s;
    auto b = s.logged_in();
    auto const token = b.refresh();
    REQUIRE(s.refresh(token).outcome);
    auto const again = s.refresh(token);
    CHECK(again.answer.status == 403);
    CHECK(again.outcome.error() == errc::dbsc_challenge_refused);
    REQUIRE(b.learn(again.answer));
    CHECK(s.refresh(b.refresh()).answer.status == 200);
}

TEST_CASE("DBSC.md 6 a proof for the previous challenge can cross a new one; an old one is refused") {
    site<> s;
    auto b = s.logged_in();
    auto const crossing = b.refresh();
    auto const token = std::string{crossing.response};
    s.clock.advance(451s); // half of the challenge's lifetime: another one is handed out
    auto silent = b;
    silent.challenge.clear();
    auto const asked = s.refresh(silent.refresh());
    REQUIRE(silent.learn(asked.answer));
    CHECK(silent.challenge != b.challenge);
    CHECK(s.refresh({.method = "POST", .response = token, .session_id = b.id}).answer.status == 200);

    auto slow = s.logged_in();
    auto const proof = slow.refresh();
    s.clock.advance(900s);
    auto const late = s.refresh(proof);
    CHECK(late.answer.status == 403);
    CHECK(late.outcome.error() == errc::dbsc_challenge_refused);
    REQUIRE(slow.learn(late.answer));
    CHECK(s.refresh(slow.refresh()).outcome);
}

TEST_CASE(
    "DBSC.md 6 somebody who knows the id cannot take the owner's challenges by asking often, nor cost the store a write") {
    site<> s;
    auto b = s.logged_in();
    for (int i = 0; i != 1000; ++i) {
        dbsc::request const r{.method = "POST", .session_id = b.id};
        auto op = dbsc::handle_refresh(s.policy, r, s.clock.now(), s.dice);
        op.answer(s.db.execute(*op.next()));
        CHECK_FALSE(op.next()); // one read, no write
        CHECK(op.get()->answer.status == 403);
    }
    CHECK(s.refresh(b.refresh()).answer.status == 200);

    // Over hours: the challenge an owner was given is good for all of its lifetime.
    for (int i = 0; i != 100; ++i) {
        browser owner = b;
        owner.challenge.clear();
        REQUIRE(owner.learn(s.refresh(owner.refresh()).answer));
        for (int j = 0; j != 10; ++j) {
            s.clock.advance(44s);
            (void)s.refresh({.method = "POST", .session_id = b.id});
        }
        REQUIRE(s.refresh(owner.refresh()).answer.status == 200);
    }
}

TEST_CASE("DBSC.md 5 and 7 unknown, ended and revoked sessions: continue false with the id, and the cookie expired") {
    site<> s;
    auto const ended = [&](browser& b, errc why) {
        auto const done = s.refresh(b.refresh());
        CHECK(done.answer.status == 200);
        CHECK(done.outcome.error() == why);
        CHECK(done.answer.body == "{\"session_identifier\":\"" + b.id + "\",\"continue\":false}");
        CHECK(done.answer.find("Set-Cookie") == *s.policy.cookie().remove());
        CHECK_FALSE(b.learn(done.answer));
        CHECK(b.cookie.empty());
    };
    auto a = s.logged_in(), b = s.logged_in(), c = s.logged_in(), d = s.logged_in();
    REQUIRE(s.end(a.id, dbsc::ending::logged_out));
    REQUIRE(s.end(b.id, dbsc::ending::revoked));
    CHECK(s.check(a).error() == errc::dbsc_session_ended);
    CHECK(s.check(b).error() == errc::dbsc_session_revoked);
    ended(a, errc::dbsc_session_ended);
    ended(b, errc::dbsc_session_revoked);
    c.id = "sid-of-an-older-server";
    ended(c, errc::dbsc_session_unknown);
    CHECK(s.check(d));
    s.clock.advance(std::chrono::hours{24 * 30}); // the longest lifetime
    ended(d, errc::dbsc_session_unknown);
}

TEST_CASE("DBSC.md 6 another login in the browser ends the session, but only with a proof by its key") {
    site<> s;
    auto b = s.logged_in({.user = "anna", .login = "one"});
    auto const stranger = s.refresh({.method = "POST", .session_id = b.id, .login = "two"});
    CHECK(stranger.answer.status == 403);
    auto const same = s.refresh(b.refresh("one"));
    CHECK(same.answer.status == 200);
    REQUIRE(b.learn(same.answer));
    auto const without = s.refresh(b.refresh("")); // the login cookie has gone; the key is what counts
    CHECK(without.answer.status == 200);
    REQUIRE(b.learn(without.answer));
    auto const other = s.refresh(b.refresh("two"));
    CHECK(other.outcome.error() == errc::dbsc_login_mismatch);
    CHECK_FALSE(b.learn(other.answer));
    CHECK(s.refresh({.method = "POST", .session_id = b.id}).outcome.error() == errc::dbsc_session_ended);
}

TEST_CASE("DBSC.md 5 the body of a refresh may be empty") {
    site<> s;
    auto params = shop.params();
    params.repeat_instructions = false;
    s.policy = *dbsc::policy::make(params);
    auto b = s.logged_in();
    auto const done = s.refresh(b.refresh());
    CHECK(done.answer.status == 200);
    CHECK(done.answer.body.empty());
    CHECK(done.answer.find("Content-Type").empty());
    CHECK_FALSE(done.answer.find("Set-Cookie").empty());
}

TEST_CASE("DBSC.md 1 quoted values are read like bare ones") {
    site<> s;
    auto b = s.logged_in();
    auto r = b.refresh();
    auto const token = "\"" + std::string{r.response} + "\"", id = "\"" + b.id + "\"";
    r.response = token, r.session_id = id;
    CHECK(s.refresh(r).answer.status == 200);
}

TEST_CASE("DBSC.md 6 64 threads with one challenge: one is answered 200, the others 403 with the next challenge") {
    store::memory db;
    constexpr int threads = 64, rounds = 10;
    site<> s;
    std::vector<browser> browsers;
    std::vector<std::string> tokens;
    for (int i = 0; i != rounds; ++i) {
        browsers.push_back(s.logged_in());
        tokens.emplace_back(browsers.back().refresh().response);
    }
    std::atomic<int> good{0}, asked{0}, busy{0}, other{0};
    testing::detail::gate gate{threads};
    std::vector<std::thread> crew;
    for (int t = 0; t != threads; ++t)
        crew.emplace_back([&] {
            for (int i = 0; i != rounds; ++i) {
                auto const at = static_cast<std::size_t>(i);
                gate.arrive_and_wait();
                auto const done =
                    *run(dbsc::handle_refresh(s.policy,
                                              {.method = "POST", .response = tokens[at], .session_id = browsers[at].id},
                                              s.clock.now()),
                         s.db);
                auto const status = done.answer.status;
                ++(status == 200                                                            ? good
                   : status == 403 && !done.answer.find("Secure-Session-Challenge").empty() ? asked
                   : status == 503                                                          ? busy
                                                                                            : other);
            }
        });
    for (auto& member : crew) member.join();
    CHECK(good == rounds);
    CHECK(other == 0);
    CHECK(busy == 0);
    CHECK(asked == rounds * (threads - 1));
}

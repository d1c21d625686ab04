#include "site.hpp"

using namespace dbsc_test;

static_assert(store::operation<decltype(dbsc::end_session({}, {}, {}))>);

TEST_CASE("DBSC.md 7 an ended session has no cookie, no challenge and no way back") {
    for (auto how : {dbsc::ending::logged_out, dbsc::ending::revoked}) {
        site<> s;
        auto b = s.logged_in(), other = s.logged_in();
        auto const why = how == dbsc::ending::revoked ? errc::dbsc_session_revoked : errc::dbsc_session_ended;
        auto const proof = b.refresh();
        auto const token = std::string{proof.response};
        REQUIRE(s.end(b.id, how));
        CHECK(s.check(b).error() == why);
        CHECK(s.refresh({.method = "POST", .response = token, .session_id = b.id}).outcome.error() == why);
        CHECK(s.end(b.id, how)); // once more is no error
        CHECK(s.end(b.id, dbsc::ending::revoked));
        CHECK(s.check(b).error() == why); // and the first reason stays
        CHECK(s.check(other));
        CHECK(s.end("unknown", how).error() == errc::dbsc_session_unknown);
        s.clock.advance(std::chrono::hours{24}); // it is forgotten, and no less dead
        CHECK(s.check(b).error() == errc::dbsc_session_unknown);
        CHECK(s.refresh({.method = "POST", .response = token, .session_id = b.id}).outcome.error() ==
              errc::dbsc_session_unknown);
    }
}

TEST_CASE("DBSC.md 7 a refresh that was on its way does not revive a session that was ended meanwhile") {
    site<> s;
    auto b = s.logged_in();
    auto const r = b.refresh();
    auto op = dbsc::handle_refresh(s.policy, r, s.clock.now(), s.dice);
    op.answer(s.db.execute(*op.next())); // it has read the live session
    REQUIRE(s.end(b.id, dbsc::ending::revoked));
    while (auto const* ask = op.next()) op.answer(s.db.execute(*ask));
    auto const done = *op.get();
    CHECK(done.outcome.error() == errc::dbsc_session_revoked);
    CHECK(done.answer.status == 200);
    CHECK(done.answer.body.find("\"continue\":false") != std::string::npos);
    CHECK(s.check(b).error() == errc::dbsc_session_revoked);
}

TEST_CASE("DBSC.md 7 whoever holds the device cannot put the end off by refreshing all the time") {
    site<> s;
    auto b = s.logged_in();
    auto op = dbsc::end_session(b.id, dbsc::ending::revoked, s.clock.now());
    for (int i = 0; op.next(); ++i) {
        if (op.next()->verb == store::verb::replace && i < 100) { // each time he is first
            auto const done = s.refresh(b.refresh());
            REQUIRE(done.outcome);
            b.learn(done.answer);
        }
        op.answer(s.db.execute(*op.next()));
    }
    CHECK(op.get());
    CHECK(s.check(b).error() == errc::dbsc_session_revoked);
}

TEST_CASE("DBSC.md 7 the answer to a logout expires the cookie and has the browser forget cookies and storage") {
    auto const fields = dbsc::make_logout_fields(shop);
    REQUIRE(fields);
    dbsc::response const answer{200, *fields, {}};
    CHECK(answer.find("Set-Cookie") == *shop.cookie().remove());
    CHECK(answer.find("Clear-Site-Data") == "\"cookies\", \"storage\"");
    CHECK(answer.find("Cache-Control") == "no-store");
}

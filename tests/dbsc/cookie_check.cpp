#include "site.hpp"

#include <array>

using namespace dbsc_test;

static_assert(store::operation<dbsc::cookie_check>);
static_assert(!std::is_default_constructible_v<dbsc::bound_session>); // only the operations make one

TEST_CASE("DBSC.md 6 a bound cookie leads to its live session, with one read of the store") {
    site<> s;
    auto const b = s.logged_in({.user = "anna", .login = "one"});
    auto const field = "a=b; " + b.cookie_field() + "; c=d";
    dbsc::cookie_check op{s.policy, field, s.clock.now()};
    REQUIRE(op.next());
    CHECK(op.next()->verb == store::verb::find);
    op.answer(s.db.execute(*op.next()));
    CHECK_FALSE(op.next());
    auto const live = op.get();
    REQUIRE(live);
    CHECK(live->id() == b.id);
    CHECK(live->user() == "anna");
    CHECK(live->belongs_to("one"));
    CHECK_FALSE(live->belongs_to("two"));
    CHECK_FALSE(live->belongs_to(""));
    CHECK(live->refreshed() == s.clock.now());
    CHECK(live->ends() == s.clock.now() + std::chrono::hours{24 * 30});
    auto const own = b.cookie_field();
    std::array<std::string_view, 2> const fields{"a=b", own};
    CHECK(run(dbsc::cookie_check{s.policy, fields, s.clock.now()}, s.db));
    auto const any = s.logged_in({.user = "bert"});
    CHECK(s.check(any)->belongs_to("whatever")); // registered without a login
}

TEST_CASE("DBSC.md 6 the current value is good for its Max-Age and the latency, the previous one for the overlap") {
    site<> s;
    auto b = s.logged_in();
    auto const first = b;
    s.clock.advance(629s);
    CHECK(s.check(b));
    s.clock.advance(1s);
    CHECK(s.check(b).error() == errc::dbsc_cookie_expired);
    REQUIRE(b.learn(s.refresh(b.refresh()).answer));
    CHECK(s.check(b));
    CHECK(s.check(first).error() == errc::dbsc_cookie_expired); // a refresh does not revive it

    auto const second = b;
    s.clock.advance(480s);
    REQUIRE(b.learn(s.refresh(b.refresh()).answer));
    CHECK(s.check(first).error() == errc::dbsc_cookie_mismatch);
    CHECK(s.check(second));
    s.clock.advance(119s);
    CHECK(s.check(second));
    s.clock.advance(1s);
    CHECK(s.check(second).error() == errc::dbsc_cookie_expired);
    CHECK(s.check(b));
}

TEST_CASE("DBSC.md 6 a thief's copy works until it expires, and the owner goes on") {
    site<> s;
    auto owner = s.logged_in();
    auto const thief = owner.cookie_field();
    CHECK(s.check(thief));
    s.clock.advance(600s);
    REQUIRE(owner.learn(s.refresh(owner.refresh()).answer));
    s.clock.advance(30s);
    CHECK_FALSE(s.check(thief));
    CHECK(s.check(owner));
}

TEST_CASE("DBSC.md 6 what is no cookie of ours is refused, each for its reason, without asking the store in vain") {
    site<> s;
    auto const b = s.logged_in();
    auto const refused = [&](std::string const& field) { return s.check(field).error().code; };
    CHECK(refused("") == errc::cookie_missing);
    CHECK(refused("bound=" + b.cookie) == errc::cookie_missing);
    CHECK(refused("__Host-bound=" + b.cookie + "; __Host-bound=" + b.cookie) == errc::ambiguous_cookie);
    CHECK(refused("__Host-bound=") == errc::dbsc_cookie_mismatch);
    CHECK(refused("__Host-bound=" + b.id) == errc::dbsc_cookie_mismatch);
    CHECK(refused("__Host-bound=." + b.cookie.substr(44)) == errc::dbsc_cookie_mismatch);
    CHECK(refused("__Host-bound=" + b.cookie + "A") == errc::dbsc_cookie_mismatch);
    CHECK(refused("__Host-bound=" + b.cookie.substr(0, 86)) == errc::dbsc_cookie_mismatch);
    CHECK(refused("__Host-bound=" + std::string(257, 'a') + "." + b.cookie.substr(44)) == errc::dbsc_cookie_mismatch);
    CHECK(refused("__Host-bound=" + std::string(43, 'a') + "." + b.cookie.substr(44)) == errc::dbsc_session_unknown);
    CHECK(refused("__Host-bound=" + std::string(20'000, 'a')) == errc::header_too_large);
    for (std::size_t i = 44; i != b.cookie.size(); ++i) {
        auto value = b.cookie;
        value[i] = value[i] == 'A' ? 'B' : 'A';
        CHECK(refused("__Host-bound=" + value) == errc::dbsc_cookie_mismatch);
    }
    CHECK(http_status(errc::dbsc_cookie_mismatch) == 401);
    CHECK(http_status(errc::dbsc_cookie_expired) == 401);
    CHECK(http_status(errc::dbsc_session_ended) == 401);
    CHECK(http_status(errc::store_unavailable) == 503);
}

TEST_CASE(
    "DBSC.md 5 a sensitive request is answered 307 to itself with the cookie expired, so that the key is proved again") {
    auto const answer = dbsc::prove_again(shop, "/pay?x=1");
    REQUIRE(answer);
    CHECK(answer->status == 307);
    CHECK(answer->find("Location") == "/pay?x=1");
    CHECK(answer->find("Set-Cookie") == *shop.cookie().remove());
    CHECK(answer->find("Cache-Control") == "no-store");
    for (std::string_view bad : {"", "/a b", "/a\r\nX: y", "/\x80"})
        CHECK(dbsc::prove_again(shop, bad).error() == errc::malformed_header_field);
    // What a request names as its path a browser may take for another site, which would be sent the body.
    for (std::string_view bad :
         {"//evil.example/pay", "/\\evil.example/pay", "https://evil.example/pay", "pay", "?x=1"}) {
        CAPTURE(bad);
        CHECK(dbsc::prove_again(shop, bad).error() == errc::malformed_header_field);
    }
}

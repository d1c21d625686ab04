#include "support/counting_store.hpp"

#include <signet/codec/base64url.hpp>
#include <signet/device/device_session.hpp>
#include <signet/jwt.hpp>
#include <signet/oauth/refresh.hpp>
#include <signet/proof/challenge.hpp>
#include <signet/proof/record_key.hpp>
#include <signet/session/login_session.hpp>
#include <signet/store/encrypted.hpp>
#include <signet/store/memory.hpp>
#include <signet/testing/faulty_store.hpp>

#include <doctest/doctest.h>

#include <string>

using namespace signet;
using namespace signet::session;
using namespace signet::oauth;
using namespace std::chrono_literals;

namespace {

constexpr unix_time now{1'800'000'000s};

mac_key const& key() {
    static auto const one = *mac_key::generate(alg::hs256);
    return one;
}
login_sessions sessions_of(std::string app, session_policy policy = {}) {
    return *login_sessions::make("tenant", std::move(app), key(), policy);
}

struct fixture {
    store::memory db;
    login_sessions shop = sessions_of("shop");
    client_properties laptop{
        .ip = "203.0.113.7", .user_agent = "Firefox", .device = "Firefox on Debian", .place = "Lisbon, PT"};

    std::string log_in(login_sessions const& s, unix_time at = now, std::string_view user = "anna",
                       std::string_view old = {}) {
        auto in = run(s.log_in({.user = user}, laptop, at, old), db);
        REQUIRE(in);
        return in->cookie;
    }
    // What `refresh_families::start` gives; the record is the test's own.
    static refresh_grant family(store::record_key const& record, std::string_view sid = {}, unix_time started = now) {
        return {*refresh_token::parse(std::string(refresh_token_size, 'A')),
                "anna",
                "app",
                std::string{sid},
                {},
                {},
                {},
                started,
                {},
                false,
                now + 720h,
                record};
    }
    result<used_session> use(login_sessions const& s, std::string_view cookie, unix_time at = now) {
        return run(s.authenticate(cookie, laptop, at), db);
    }
    errc why(login_sessions const& s, std::string_view cookie, unix_time at = now) {
        auto const used = use(s, cookie, at);
        REQUIRE_FALSE(used);
        return used.error().code;
    }
};

} // namespace

template <class T>
concept authorises_logout =
    requires(login_sessions const& s, T const& t) { s.log_out_bearer(t, logout_scope::this_app, now); };
static_assert(store::operation<session_lookup> && store::operation<store::task<issued_session>>);

TEST_CASE_FIXTURE(fixture, "B1 C12 every authentication creates a session of its own; a user can have several") {
    auto const a = log_in(shop), b = log_in(shop);
    CHECK(a != b);
    CHECK(a.size() == 64);
    CHECK(use(shop, a));
    CHECK(use(shop, b));
    auto const all = run(shop.list("anna", now), db);
    REQUIRE(all);
    REQUIRE(all->size() == 2);
    CHECK(all->front().device() == "Firefox on Debian"); // for people: device, place, last seen
    CHECK(all->front().place() == "Lisbon, PT");
    CHECK(all->front().last_seen() == now);
    CHECK(all->front().sid() != all->back().sid());
}

TEST_CASE_FIXTURE(fixture, "C1 by default it lives two weeks from login, to the second") {
    auto const cookie = log_in(shop);
    CHECK(use(shop, cookie, now + 1'209'599s));
    CHECK(why(shop, cookie, now + 1'209'600s) == errc::session_expired);
}

TEST_CASE_FIXTURE(fixture, "C3 each new access token extends it by a lifetime from then; never after it has ended") {
    auto const cookie = log_in(shop);
    auto const half = now + 604'800s;
    auto const extended = run(shop.extend(cookie, laptop, half), db);
    REQUIRE(extended);
    CHECK(extended->expires() == half + default_lifetime);
    CHECK(use(shop, cookie, now + default_lifetime + 1s));
    CHECK(run(shop.extend(cookie, laptop, half + default_lifetime), db).error() == errc::session_expired);
    auto const other = log_in(shop);
    REQUIRE(run(shop.log_out(other, now), db));
    CHECK(run(shop.extend(other, laptop, now), db).error() == errc::session_ended);
    CHECK(run(shop.extend(cookie, laptop, now), db)->expires() ==
          half + default_lifetime); // a clock that went back shortens nothing
}

TEST_CASE_FIXTURE(fixture, "C2 \"it can be configured up to 1 year in the client settings\"") {
    session_policy policy{.client_lifetimes = {{"kiosk", 600s}, {"phone", max_lifetime}}};
    auto const make = [&] { return login_sessions::make("tenant", "shop", *mac_key::generate(alg::hs256), policy); };
    auto const sessions = *make();
    auto const of = [&](std::string client) {
        auto const in = run(sessions.log_in({.user = "anna", .client_id = std::move(client)}, laptop, now), db);
        REQUIRE(in);
        return std::pair{in->cookie, in->session.expires()};
    };
    auto const [kiosk, kiosk_ends] = of("kiosk");
    auto const [phone, phone_ends] = of("phone");
    CHECK(kiosk_ends == now + 600s);
    CHECK(phone_ends == now + max_lifetime);
    for (auto const* other : {"", "kiosk2", "KIOSK", "tablet"}) CHECK(of(other).second == now + default_lifetime);
    CHECK(why(sessions, kiosk, now + 600s) == errc::session_expired);
    CHECK(use(sessions, phone, now + max_lifetime - 1s));

    // An extension and a step-up are by the client of the session.
    auto const [again, unused] = of("kiosk");
    CHECK(run(sessions.extend(again, laptop, now + 300s), db)->expires() == now + 900s);
    auto const sid = std::string{use(sessions, again, now + 300s)->session.sid()};
    CHECK(*run(sessions.extend_by_sid("anna", sid, now + 400s), db) == now + 1000s);
    auto const stepped =
        run(sessions.step_up(again, {.user = "anna", .level = 2, .client_id = "phone"}, laptop, now + 500s), db);
    REQUIRE(stepped);
    CHECK(stepped->session.expires() == now + 1100s);

    // The overall limit holds for every client.
    policy.profile = profiles::aal2;
    auto const strict = *make();
    CHECK(run(strict.log_in({.user = "anna", .client_id = "phone"}, laptop, now), db)->session.expires() == now + 24h);

    for (auto const bad : {0s, -1s, max_lifetime + 1s}) {
        policy.client_lifetimes = {{"kiosk", bad}};
        CHECK(make().error() == errc::session_lifetime_too_long);
    }
    for (auto const& bad :
         {std::vector<client_lifetime>{{"", 600s}}, {{std::string(257, 'c'), 600s}}, {{"a", 600s}, {"a", 600s}}}) {
        policy.client_lifetimes = bad;
        CHECK(make().error() == errc::out_of_range);
    }
}

TEST_CASE_FIXTURE(
    fixture,
    "C3 D7 \"The session gets extended every time new access tokens are issued during the session lifetime\", by its sid") {
    auto const in = run(shop.log_in({.user = "anna"}, laptop, now), db);
    REQUIRE(in);
    auto const sid = in->session.sid();
    auto const half = now + 604'800s;
    auto const extended = run(shop.extend_by_sid("anna", sid, half), db);
    REQUIRE(extended);
    CHECK(run(shop.list("anna", half), db)->front().last_seen() == now); // it was no request of the browser
    CHECK(*extended == half + default_lifetime);
    CHECK(use(shop, in->cookie, now + default_lifetime + 1s));
    CHECK(*run(shop.extend_by_sid("anna", sid, now), db) == half + default_lifetime); // a clock that went back

    auto const refused = [&](login_sessions const& by, std::string_view user, std::string_view named, unix_time at) {
        auto const longer = run(by.extend_by_sid(user, named, at), db);
        REQUIRE_FALSE(longer);
        return longer.error().code;
    };
    CHECK(refused(shop, "bert", sid, now) == errc::session_unknown);
    CHECK(refused(shop, "", sid, now) == errc::session_unknown);
    CHECK(refused(sessions_of("shop-pro"), "anna", sid, now) == errc::session_unknown);
    for (std::string_view no_sid : {"", "no sid", "AAAAAAAAAAAAAAAAAAAAAA"})
        CHECK(refused(shop, "anna", no_sid, now) == errc::session_unknown);
    CHECK(refused(shop, "anna", sid, half + default_lifetime) == errc::session_expired);

    // A visitor has no user, and so no token endpoint speaks for it.
    auto const visit = run(shop.begin_anonymous(laptop, now), db);
    REQUIRE(visit);
    CHECK(refused(shop, "", visit->session.sid(), now) == errc::session_unknown);

    SUBCASE("not after a logout") {
        REQUIRE(run(shop.log_out(in->cookie, now), db));
        CHECK(refused(shop, "anna", sid, now) == errc::session_ended);
    }
    SUBCASE("not after a revocation of the user") {
        REQUIRE(run(shop.revoke_user("anna", now), db));
        CHECK(refused(shop, "anna", sid, now) == errc::session_ended);
    }
    SUBCASE("not after a revocation of all") {
        REQUIRE(run(shop.revoke_all(logout_scope::this_app, now), db));
        CHECK(refused(shop, "anna", sid, now) == errc::session_ended);
    }
    SUBCASE("not beyond the cap, where the profile has one") {
        auto const office = sessions_of("office", {.profile = {.name = "capped", .lifetime = 2h, .absolute = 8h}});
        auto const there = run(office.log_in({.user = "anna"}, laptop, now), db);
        REQUIRE(there);
        for (auto at = 1h; at < 8h; at += 1h)
            CHECK(*run(office.extend_by_sid("anna", there->session.sid(), now + at), db) ==
                  std::min(now + at + 2h, now + 8h));
        CHECK(refused(office, "anna", there->session.sid(), now + 8h) == errc::session_expired);
    }
}

TEST_CASE_FIXTURE(fixture, "C4 a cap, where the profile has one, ends it whatever was extended") {
    auto const office = sessions_of("office", {.profile = {.name = "capped", .lifetime = 2h, .absolute = 8h}});
    auto const cookie = log_in(office);
    for (auto at = 1h; at < 8h; at += 1h) REQUIRE(run(office.extend(cookie, laptop, now + at), db));
    CHECK(use(office, cookie, now + 8h - 1s));
    CHECK(why(office, cookie, now + 8h) == errc::session_expired);
    auto const documents = log_in(shop); // the documents name none
    for (auto at = 24h; at < 24h * 400; at += 240h) REQUIRE(run(shop.extend(documents, laptop, now + at), db));
}

TEST_CASE_FIXTURE(fixture, "C5 user logout: all sessions of this application, or of all applications of the tenant") {
    auto const pro = sessions_of("shop-pro");
    auto const a = log_in(shop), b = log_in(shop), c = log_in(pro), other = log_in(shop, now, "bert");
    auto const here = run(shop.log_out_user("anna", logout_scope::this_app, now), db);
    REQUIRE(here);
    CHECK(here->sids.size() == 2);
    CHECK(why(shop, a) == errc::session_ended);
    CHECK(why(shop, b) == errc::session_ended);
    CHECK(use(pro, c));
    CHECK(use(shop, other));
    REQUIRE(run(shop.log_out_user("anna", logout_scope::everywhere, now), db));
    CHECK(why(pro, c) == errc::session_ended);
    CHECK(use(shop, other));
    CHECK(run(shop.list("anna", now), db)->empty());
}

TEST_CASE_FIXTURE(fixture, "C6 D9 app logout ends this session at once and for good; a second time is no error") {
    auto const a = log_in(shop), b = log_in(shop);
    auto const out = run(shop.log_out(a, now), db);
    REQUIRE(out);
    CHECK(out->sids.size() == 1);
    CHECK(why(shop, a) == errc::session_ended);
    CHECK(use(shop, b));
    CHECK(run(shop.log_out(a, now), db)->sids.empty());
    CHECK(run(shop.log_out("nonsense", now), db)->sids.empty());
    CHECK(run(shop.list("anna", now), db)->size() == 1);
}

TEST_CASE_FIXTURE(fixture,
                  "S6 the sessions that are bound to a blocked device's key end, with their families; others do not") {
    auto const bound_key = [&](private_key const& key) {
        proof::challenge_params const params{.purpose = "login", .app = "shop", .user = "anna"};
        auto const challenge = *run(proof::issue_challenge(params, now), db);
        auto const answer = *proof::sign_challenge(key, alg::ed25519, challenge, params);
        return *run(proof::redeem_challenge(answer, params, key.public_part(), alg::ed25519, now), db);
    };
    auto const lost = *private_key::generate(alg::ed25519), kept = *private_key::generate(alg::ed25519);
    auto const lost_key = bound_key(lost), kept_key = bound_key(kept);
    auto const pro = sessions_of("shop-pro");
    auto const in = [&](login_sessions const& s, proof::verified_key const* key, std::string_view user = "anna") {
        return run(s.log_in({.user = user, .device_key = key}, {}, now), db)->cookie;
    };
    auto const a = in(shop, &lost_key), b = in(shop, &kept_key), c = in(shop, nullptr), d = in(pro, &lost_key);
    auto const berts = in(shop, &lost_key, "bert");
    auto const join = [&](std::uint8_t n, std::string const& cookie) {
        store::record_key family{};
        family[0] = n;
        REQUIRE(db.execute(store::insert(family, as_bytes("family"), now + 720h, now)).done());
        auto terms = fixture::family(family);
        terms.session = run(shop.find(cookie, {}, now), db)->session.sid();
        REQUIRE(run(shop.join_family(terms, now), db));
        return family;
    };
    auto const of_lost = join(1, a), of_kept = join(2, b);
    auto const lives = [&](store::record_key const& key) {
        std::array<std::uint8_t, 16> buffer;
        return *db.execute(store::find(key, buffer, now)).done();
    };
    auto racing = shop.log_in({.user = "anna", .device_key = &lost_key}, {}, now);
    while (racing.next()->verb != store::verb::insert) racing.answer(db.execute(*racing.next()));

    auto const ended = run(shop.revoke_by_key("anna", lost_key.thumbprint(), now), db);
    REQUIRE(ended);
    CHECK(ended->sids.size() == 2);
    CHECK(why(shop, a) == errc::session_ended);
    CHECK(why(pro, d) == errc::session_ended);
    CHECK(use(shop, b));
    CHECK(use(shop, c));
    CHECK(use(shop, berts)); // his own matter, if it is his device too
    CHECK_FALSE(lives(of_lost));
    CHECK(lives(of_kept));
    CHECK(run(racing, db).error() == errc::session_ended);
    CHECK(run(shop.revoke_by_key("anna", lost_key.thumbprint(), now), db)->sids.empty());
}

TEST_CASE_FIXTURE(fixture,
                  "S6 a step-up by a key and the end of that key's sessions: in no order does a session live by it") {
    auto const lost = *private_key::generate(alg::ed25519);
    proof::challenge_params const params{.purpose = "login", .app = "shop", .user = "anna"};
    auto const answer =
        *proof::sign_challenge(lost, alg::ed25519, *run(proof::issue_challenge(params, now), db), params);
    auto const key = *run(proof::redeem_challenge(answer, params, lost.public_part(), alg::ed25519, now), db);
    auto const take_steps = [&](auto& op, int count) {
        while (count-- != 0 && op.next()) op.answer(db.execute(*op.next()));
    };
    for (int steps = 1; steps != 20; ++steps) { // the step-up waits, and the key's sessions end meanwhile
        CAPTURE(steps);
        auto const cookie = log_in(shop);
        auto rising = shop.step_up(cookie, {.user = "anna", .device_key = &key}, laptop, now);
        take_steps(rising, steps);
        REQUIRE(run(shop.revoke_by_key("anna", key.thumbprint(), now), db));
        if (auto const up = run(rising, db)) CHECK(why(shop, up->cookie) == errc::session_ended);
        else CHECK(up.error() == errc::session_ended);
        REQUIRE(run(shop.revoke_user("anna", now), db));
    }
    for (int steps = 0;; ++steps) { // the end waits, and a session steps up meanwhile
        CAPTURE(steps);
        auto const cookie = log_in(shop);
        auto ending = shop.revoke_by_key("anna", key.thumbprint(), now);
        take_steps(ending, steps);
        if (!ending.next()) break;
        auto const up = run(shop.step_up(cookie, {.user = "anna", .device_key = &key}, laptop, now), db);
        REQUIRE(run(ending, db));
        REQUIRE(up);
        if (steps < 3)
            CHECK( // the roster, the session, and the write that decides
                why(shop, up->cookie) == errc::session_ended);
        REQUIRE(run(shop.revoke_user("anna", now), db));
    }
}

TEST_CASE_FIXTURE(fixture,
                  "C8 admin revoke: all sessions, all refresh families, and stateless tokens issued until then") {
    auto const pro = sessions_of("shop-pro");
    auto const a = log_in(shop), b = log_in(pro);
    store::record_key family{};
    family[0] = 7;
    REQUIRE(db.execute(store::insert(family, as_bytes("family"), now + 720h, now)).done());
    REQUIRE(run(shop.join_family(fixture::family(family), now), db));
    auto const ended = run(shop.revoke_user("anna", now), db);
    REQUIRE(ended);
    CHECK(ended->sids.size() == 2);
    CHECK(ended->not_before == now + 1s);
    CHECK(*run(shop.not_before("anna", now), db) == now + 1s);
    CHECK(*run(shop.not_before("bert", now), db) == unix_time{});
    CHECK(why(shop, a) == errc::session_ended);
    CHECK(why(pro, b) == errc::session_ended);
    std::array<std::uint8_t, 16> buffer;
    CHECK(db.execute(store::find(family, buffer, now)).outcome == store::outcome::not_applied);
    CHECK(use(shop, log_in(shop, now + 2s), now + 2s)); // a new login lives
}

TEST_CASE_FIXTURE(fixture, "C9 user logout does not touch refresh families") {
    (void)log_in(shop);
    store::record_key family{};
    family[0] = 7;
    REQUIRE(db.execute(store::insert(family, as_bytes("family"), now + 720h, now)).done());
    REQUIRE(run(shop.join_family(fixture::family(family), now), db));
    REQUIRE(run(shop.log_out_user("anna", logout_scope::everywhere, now), db));
    std::array<std::uint8_t, 16> buffer;
    CHECK(db.execute(store::find(family, buffer, now)).outcome == store::outcome::done);
}

TEST_CASE_FIXTURE(fixture, "C11 after logout or revocation the reason is another than after expiry") {
    auto const a = log_in(shop), b = log_in(shop), c = log_in(shop);
    REQUIRE(run(shop.log_out(a, now), db));
    auto const sid = use(shop, b)->session.sid();
    REQUIRE(run(shop.revoke_one("anna", sid, now), db)->sids == std::vector{sid});
    CHECK(why(shop, a) == errc::session_ended);
    CHECK(why(shop, b) == errc::session_ended);
    CHECK(why(shop, c, now + default_lifetime) == errc::session_expired);
    CHECK(why(shop, c, now + default_lifetime + 2h) == errc::session_unknown); // remembered for an hour
}

TEST_CASE_FIXTURE(fixture, "C12 all but this one: for a changed password, and one by its sid from the list") {
    auto const a = log_in(shop), b = log_in(shop), c = log_in(shop);
    auto const keep = use(shop, b)->session.sid();
    auto const ended = run(shop.revoke_others("anna", keep, now, end_reason::credential_changed), db);
    CHECK(ended->sids.size() == 2);
    CHECK(why(shop, a) == errc::session_ended);
    CHECK(why(shop, c) == errc::session_ended);
    CHECK(use(shop, b));
    CHECK(run(shop.revoke_one("bert", keep, now), db)->sids.empty()); // nobody else's roster has it
    CHECK(use(shop, b));
}

TEST_CASE_FIXTURE(fixture,
                  "RULES 7 revoke everything, or all of one application: every session of before, none of after") {
    auto const pro = sessions_of("shop-pro");
    auto const a = log_in(shop), b = log_in(pro);
    REQUIRE(run(shop.revoke_all(logout_scope::this_app, now), db));
    CHECK(why(shop, a) == errc::session_ended);
    CHECK(use(pro, b));
    auto const again = log_in(shop);
    CHECK(use(shop, again));
    REQUIRE(run(shop.revoke_all(logout_scope::this_app, now), db)); // the second time
    CHECK(why(shop, again) == errc::session_ended);
    CHECK(use(pro, b));
    auto const third = log_in(shop);
    CHECK(use(shop, third));
    REQUIRE(run(pro.revoke_all(logout_scope::this_app, now), db)); // another application beside it
    CHECK(why(pro, b) == errc::session_ended);
    CHECK(use(shop, third));
    auto const more = log_in(pro);
    CHECK(use(pro, more));
    REQUIRE(run(shop.revoke_all(logout_scope::everywhere, now), db));
    CHECK(why(shop, third) == errc::session_ended);
    CHECK(why(pro, more) == errc::session_ended);
    CHECK(use(pro, log_in(pro)));
}

TEST_CASE_FIXTURE(fixture, "D4 a new id at each authentication: the old one is dead, the visitor's data go along") {
    auto const visit = run(shop.begin_anonymous(laptop, now), db);
    REQUIRE(visit);
    REQUIRE(run(shop.set_data(visit->cookie, "basket: 3 apples", laptop, now), db));
    CHECK(why(shop, visit->cookie) == errc::login_required);
    CHECK(run(shop.find(visit->cookie, laptop, now), db)->session.state() == session_state::visiting);
    auto const in = log_in(shop, now, "anna", visit->cookie);
    CHECK(in != visit->cookie);
    CHECK(run(shop.find(visit->cookie, laptop, now), db).error() == errc::session_ended);
    CHECK(use(shop, in)->session.data() == "basket: 3 apples");
    auto const again = log_in(shop, now, "anna", in);
    CHECK(why(shop, in) == errc::session_ended);
    CHECK(use(shop, again)->session.data().empty()); // not what somebody had before
    auto const other = log_in(shop, now, "bert", again);
    CHECK(why(shop, again) == errc::session_ended);
    CHECK(use(shop, other)->session.user() == "bert");
}

TEST_CASE_FIXTURE(fixture, "D4 an id that the server did not make is never adopted") {
    std::string const planted(64, 'A');
    auto const in = log_in(shop, now, "anna", planted);
    CHECK(in != planted);
    CHECK(why(shop, planted) == errc::session_unknown);
}

TEST_CASE_FIXTURE(fixture,
                  "B4 D4 DECISIONS 14 at a privilege change the old id dies in the same swap, without overlap") {
    auto const office = sessions_of("office", {.profile = {.name = "renewed", .renewal = 1h, .overlap = 60s}});
    auto const cookie = log_in(office);
    auto const up =
        run(office.step_up(cookie, {.user = "anna", .level = 2, .methods = "pwd otp"}, laptop, now + 5min), db);
    REQUIRE(up);
    CHECK(up->cookie != cookie);
    CHECK(why(office, cookie, now + 5min) == errc::session_unknown);
    auto const used = use(office, up->cookie, now + 5min);
    REQUIRE(used);
    CHECK(used->session.level() == 2);
    CHECK(used->session.methods() == "pwd otp");
    CHECK(used->session.auth_time() == now + 5min);
    CHECK(run(office.step_up(up->cookie, {.user = "bert", .level = 3}, laptop, now), db).error() ==
          errc::subject_mismatch);
    CHECK(use(office, up->cookie, now + 5min)->session.level() == 2);
}

TEST_CASE_FIXTURE(
    fixture, "renewal: a new id from time to time; the old one works until the new one came, then for the overlap") {
    auto const office = sessions_of("office", {.profile = {.name = "renewed", .renewal = 1h, .overlap = 10s}});
    auto const cookie = log_in(office);
    CHECK(use(office, cookie, now + 59min)->new_cookie.empty());
    auto const renewed = use(office, cookie, now + 1h);
    REQUIRE(renewed);
    REQUIRE(renewed->new_cookie.size() == 64);
    CHECK(use(office, cookie, now + 1h)->new_cookie.empty()); // requests in parallel get no second one
    auto const lost = use(office, cookie, now + 1h + 30s);    // the answer never arrived: another one
    REQUIRE(lost);
    REQUIRE_FALSE(lost->new_cookie.empty());
    CHECK(lost->new_cookie == renewed->new_cookie); // the same new id: whichever answer arrives is good
    CHECK(use(office, lost->new_cookie, now + 1h + 31s));
    CHECK(use(office, cookie, now + 1h + 40s));
    CHECK(why(office, cookie, now + 1h + 41s) == errc::session_unknown);
    CHECK(use(office, lost->new_cookie, now + 1h + 41s));
}

TEST_CASE_FIXTURE(
    fixture, "S18 one cookie at two servers whose clocks differ: both renew, and whichever answer is kept is good") {
    session_policy const policy{.profile = {.name = "renewed", .renewal = 1h, .overlap = 10s}};
    auto const key = *mac_key::from_secret(secret{bytes(32, 7)}, alg::hs256);
    auto const here = *login_sessions::make("tenant", "two", key, policy),
               there = *login_sessions::make("tenant", "two", key, policy);
    for (bool keeps_first : {true, false})
        for (auto ahead : {11s, 3600s + 11s}) {
            auto const cookie = log_in(here);
            auto const first = use(here, cookie, now + 1h), second = use(there, cookie, now + 1h + ahead);
            REQUIRE(first);
            REQUIRE(second);
            REQUIRE_FALSE(first->new_cookie.empty());
            REQUIRE_FALSE(second->new_cookie.empty());
            auto const& kept = keeps_first ? first->new_cookie : second->new_cookie;
            CHECK(kept != cookie);
            CHECK(use(here, kept, now + 1h + 20s));
            CHECK(use(there, kept, now + 1h + 60s));
            CHECK(why(here, cookie, now + 2h + 60s) == errc::session_unknown); // the old one dies all the same
        }
}

TEST_CASE_FIXTURE(fixture, "S18 the new id is the server's to make: of another key it is another, and it is a chain") {
    session_policy const policy{.profile = {.name = "renewed", .renewal = 1h, .overlap = 10s}};
    auto const office = *login_sessions::make("tenant", "two", *mac_key::from_secret(secret{bytes(32, 7)}, alg::hs256),
                                              policy),
               elsewhere = *login_sessions::make("tenant", "two",
                                                 *mac_key::from_secret(secret{bytes(32, 8)}, alg::hs256), policy);
    auto cookie = log_in(office);
    std::vector<std::string> seen{cookie};
    for (auto at = now + 1h; at <= now + 5h; at += 1h) {
        auto const renewed = use(office, cookie, at);
        REQUIRE_FALSE(renewed->new_cookie.empty());
        for (auto const& old : seen) CHECK(old != renewed->new_cookie);
        seen.push_back(cookie = renewed->new_cookie);
        CHECK(use(office, cookie, at)); // it arrived
    }
    auto const ours = use(office, cookie, now + 6h);            // lost on its way, and another key has come meanwhile:
    auto const theirs = use(elsewhere, cookie, now + 6h + 10s); // then a new id takes its place, as it has to
    CHECK(ours->new_cookie != theirs->new_cookie);
    CHECK(use(elsewhere, theirs->new_cookie, now + 6h + 10s));
}

TEST_CASE_FIXTURE(fixture, "S13 the key of login sessions is replaced: what it hashed and renewed is recognised") {
    session_policy const policy{.profile = {.name = "renewed", .renewal = 1h, .overlap = 10s},
                                .user_agent = binding_mode::strict};
    auto const key = [](std::uint8_t n) { return *mac_key::from_secret(secret{bytes(32, n)}, alg::hs256); };
    auto const made = [&](mac_keys keys) { return *login_sessions::make("tenant", "two", std::move(keys), policy); };
    auto const before = made(key(1)), after = made(*mac_keys::make(key(2), {key(3), key(1)})), without = made(key(2));
    auto const cookie = log_in(before);
    CHECK(use(after, cookie));
    CHECK(why(without, cookie) == errc::session_binding_mismatch);
    client_properties other = laptop;
    other.user_agent = "another browser";
    CHECK(run(after.authenticate(cookie, other, now), db).error() == errc::session_binding_mismatch);

    auto const renewed = use(before, cookie, now + 1h), again = use(after, cookie, now + 1h + 10s);
    REQUIRE(again);
    CHECK(again->new_cookie == renewed->new_cookie);
    auto const up = run(after.step_up(renewed->new_cookie, {.user = "anna", .level = 2}, laptop, now + 1h + 11s), db);
    REQUIRE(up);
    CHECK(use(without, up->cookie, now + 1h + 11s)); // bound by the new key from then on
    CHECK(mac_keys::make(key(1), std::vector<mac_key>(max_former_keys + 1, key(2))).error() == errc::out_of_range);
}

TEST_CASE_FIXTURE(
    fixture,
    "idle: without use for so long it is over; a use starts the clock anew; re-entry only where the profile allows it") {
    auto const office = sessions_of("office", {.profile = profiles::aal2});
    auto const cookie = log_in(office);
    CHECK(use(office, cookie, now + 59min));
    CHECK(use(office, cookie, now + 118min));
    CHECK(why(office, cookie, now + 178min) == errc::session_idle);
    auto const back = run(office.step_up(cookie, {.user = "anna", .methods = "pwd"}, laptop, now + 179min), db);
    REQUIRE(back);
    CHECK(back->event.what == name(session_event::reenter));
    CHECK(use(office, back->cookie, now + 179min));
    CHECK(why(office, cookie, now + 179min) == errc::session_unknown);

    auto const bank = sessions_of("bank", {.profile = profiles::aal3});
    auto const strict = log_in(bank);
    CHECK(why(bank, strict, now + 15min) == errc::session_idle);
    CHECK(run(bank.step_up(strict, {.user = "anna"}, laptop, now + 15min), db).error() == errc::session_idle);
}

TEST_CASE_FIXTURE(fixture, "a use is written down at most once in touch_every, and never backwards") {
    auto const cookie = log_in(shop);
    CHECK(use(shop, cookie, now + 59s)->session.last_seen() == now);
    CHECK(use(shop, cookie, now + 60s)->session.last_seen() == now + 60s);
    CHECK(use(shop, cookie, now - 1h)->session.last_seen() == now + 60s);
    CHECK(use(shop, cookie, now + 61s)->session.last_seen() == now + 60s);
}

TEST_CASE_FIXTURE(
    fixture,
    "D5 bound to network, user agent and certificate: strict refuses, detect tells, off ignores; the cookie stays as it is") {
    auto const bound = sessions_of(
        "bound", {.ip = binding_mode::strict, .user_agent = binding_mode::detect, .certificate = binding_mode::strict});
    client_properties client{.ip = "203.0.113.7", .user_agent = "Firefox", .certificate = "cert-1"};
    auto const in = run(bound.log_in({.user = "anna"}, client, now), db);
    REQUIRE(in);
    auto const with = [&](auto change) {
        auto c = client;
        change(c);
        return run(bound.authenticate(in->cookie, c, now), db);
    };
    CHECK(with([](auto&) {}));
    CHECK_FALSE(with([](auto&) {})->client_changed);
    CHECK(with([](auto& c) { c.ip = "203.0.113.99"; })); // the same /24
    CHECK(with([](auto& c) { c.ip = "::ffff:203.0.113.8"; }));
    CHECK(with([](auto& c) { c.ip = "203.0.114.7"; }).error() == errc::session_binding_mismatch);
    CHECK(with([](auto& c) { c.ip = ""; }).error() == errc::session_binding_mismatch);
    CHECK(with([](auto& c) { c.ip = std::string_view{"203.0.113.7\0x", 13}; }).error() ==
          errc::session_binding_mismatch);
    CHECK(with([](auto& c) { c.certificate = "cert-2"; }).error() == errc::session_binding_mismatch);
    CHECK(with([](auto& c) { c.user_agent = "curl"; })->client_changed);
    CHECK(with([](auto&) {})); // a refused request ended nothing

    client.ip = "2001:db8:1:2200::1";
    auto const six = run(bound.log_in({.user = "anna"}, client, now), db);
    client.ip = "2001:db8:1:22ff::9"; // the same /56
    CHECK(run(bound.authenticate(six->cookie, client, now), db));
    client.ip = "2001:db8:1:2300::1";
    CHECK(run(bound.authenticate(six->cookie, client, now), db).error() == errc::session_binding_mismatch);
}

TEST_CASE_FIXTURE(fixture, "C12 limits: refuse, end the oldest, end the least recently used; per application") {
    auto const refuse = sessions_of("refuse", {.max_sessions = 2, .when_full = session_limit::refuse});
    (void)log_in(refuse), (void)log_in(refuse);
    CHECK(run(refuse.log_in({.user = "anna"}, laptop, now), db).error() == errc::session_limit_reached);
    CHECK(run(refuse.list("anna", now), db)->size() == 2);
    CHECK(use(shop, log_in(shop))); // another application

    auto const oldest = sessions_of("oldest", {.max_sessions = 2, .when_full = session_limit::end_oldest});
    auto const a = log_in(oldest, now), b = log_in(oldest, now + 1s);
    CHECK(use(oldest, a, now + 120s));
    auto const third = run(oldest.log_in({.user = "anna"}, laptop, now + 130s), db);
    CHECK(third->ended.size() == 1);
    CHECK(why(oldest, a, now + 130s) == errc::session_ended);
    CHECK(use(oldest, b, now + 130s));

    auto const lru = sessions_of("lru", {.max_sessions = 2, .when_full = session_limit::end_least_recent});
    auto const c = log_in(lru, now), d = log_in(lru, now + 1s);
    CHECK(use(lru, c, now + 120s));
    (void)log_in(lru, now + 130s);
    CHECK(use(lru, c, now + 130s));
    CHECK(why(lru, d, now + 130s) == errc::session_ended);

    auto const gone = sessions_of("gone", {.max_sessions = 1, .when_full = session_limit::refuse});
    auto const old = log_in(gone);
    CHECK(use(gone, log_in(gone, now + default_lifetime), now + default_lifetime)); // what has expired takes no place
    (void)old;
}

TEST_CASE_FIXTURE(fixture, "a late save cannot resurrect a session, nor can one of data after the logout") {
    auto const cookie = log_in(shop);
    // A request reads the session; meanwhile it is logged out; then the request's touch arrives.
    auto late = shop.authenticate(cookie, laptop, now + 5min);
    late.answer(db.execute(*late.next())); // epoch
    late.answer(db.execute(*late.next())); // session
    late.answer(db.execute(*late.next())); // roster; now it wants to write
    REQUIRE(late.next());
    CHECK(late.next()->verb == store::verb::replace);
    REQUIRE(run(shop.log_out(cookie, now + 5min), db));
    while (auto const* ask = late.next()) late.answer(db.execute(*ask));
    CHECK(late.get().error() == errc::session_ended);
    CHECK(why(shop, cookie, now + 5min) == errc::session_ended);
    CHECK(run(shop.set_data(cookie, "x", laptop, now + 5min), db).error() == errc::session_ended);
}

TEST_CASE_FIXTURE(
    fixture, "a session that changes between the questions of a logout, or of a login over it, ends all the same") {
    for (bool const logs_in : {false, true}) {
        bool is_over = false;
        for (int step = 0; !is_over; ++step) {
            CAPTURE(step);
            auto const cookie = logs_in ? run(shop.begin_anonymous(laptop, now), db)->cookie : log_in(shop);
            auto const interrupted = [&](auto op) {
                for (int i = 0; i != step && op.next(); ++i) op.answer(db.execute(*op.next()));
                is_over = !op.next();
                (void)run(shop.set_data(cookie, "3 apples", laptop, now), db);
                return run(std::move(op), db).has_value();
            };
            if (logs_in) CHECK(interrupted(shop.log_in({.user = "bert"}, laptop, now, cookie)));
            else CHECK(interrupted(shop.log_out(cookie, now)));
            CHECK(run(shop.find(cookie, laptop, now), db).error() == errc::session_ended);
            CHECK(run(shop.list("anna", now), db)->empty());
        }
    }
}

TEST_CASE_FIXTURE(fixture,
                  "a look-up asks for epochs and session at once; what one of them lacks is never made up for") {
    auto const cookie = log_in(shop);
    std::array<store::reply, 2> replies;
    for (std::size_t lost = 0; lost != 2; ++lost) {
        auto op = shop.authenticate(cookie, laptop, now);
        REQUIRE(op.open().size() == 2);
        store::execute_many(db, op.open(), std::span{replies});
        replies[lost] = store::reply::failure(errc::store_unavailable);
        op.answer(replies);
        CHECK(op.open().empty());
        CHECK(op.get().error() == errc::store_unavailable);
    }
    for (auto const* bad : {"", "no cookie"}) CHECK(shop.authenticate(bad, laptop, now).open().empty());
    auto const sessions = run(shop.list("anna", now), db);
    REQUIRE(sessions);
    CHECK(sessions->size() == 1);
    for (unsigned skip = 0; skip != 3; ++skip) { // an error is no absence
        testing::faulty_store flaky{db};
        flaky.fail_next(testing::store_fault::unavailable, skip);
        CHECK(run(shop.list("anna", now), flaky).error() == errc::store_unavailable);
    }
}

TEST_CASE_FIXTURE(fixture,
                  "B7 B9 only a validated access token hangs on a session; what is stored is what was verified") {
    auto const pair = *local_key<es256>::generate();
    jose::key_set<es256> keys;
    REQUIRE(keys.add("k1", pair.verifier_key()));
    jwt::verifier<es256> const verifier{std::move(keys),
                                        {.issuer = "https://id.example.com", .audience = "shop", .type = "at+jwt"}};
    auto const signer = *jwt::signer<es256>::make(pair, {.type = "at+jwt", .key_id = "k1"});
    jwt::claims claims;
    claims.issuer("https://id.example.com").audience("shop").subject("anna").expires_at(now + 1h);
    auto const text = signer.sign(claims);
    REQUIRE(text);
    auto const cookie = log_in(shop);
    auto const token = linked_token::verify(verifier, *text, now);
    REQUIRE(token);
    REQUIRE(run(shop.link(cookie, *token, laptop, now), db));
    auto const used = use(shop, cookie);
    CHECK(used->session.access_token() == *text);
    CHECK(used->session.access_token_expires() == now + 1h);
    for (auto const* user : {"bert", "ann", "annas", ""}) { // B3: never another user's
        jwt::claims foreign;
        foreign.issuer("https://id.example.com").audience("shop").expires_at(now + 1h);
        if (*user) foreign.subject(user);
        auto const other = linked_token::verify(verifier, *signer.sign(foreign), now);
        REQUIRE(other);
        CHECK(run(shop.link(cookie, *other, laptop, now), db).error() == errc::subject_mismatch);
        CHECK(use(shop, cookie)->session.access_token() == *text);
    }
    // A long one leaves the epochs no place beside it.
    claims.set("note", std::string(2700, 'x'));
    auto const long_token = linked_token::verify(verifier, *signer.sign(claims), now);
    REQUIRE(long_token);
    REQUIRE(run(shop.link(cookie, *long_token, laptop, now), db));
    REQUIRE(run(shop.set_data(cookie, std::string(max_session_data, 'd'), laptop, now), db));
    counting_store counting{&db};
    auto const looked_up = run(shop.authenticate(cookie, laptop, now), counting);
    REQUIRE(looked_up);
    CHECK(looked_up->session.access_token().size() > 3600);
    CHECK(looked_up->session.data().size() == max_session_data);
    CHECK(counting.sizes == std::vector<std::size_t>{2, 1});
    CHECK(linked_token::verify(verifier, *text, now + 2h).error() == errc::expired);
    CHECK(linked_token::verify(verifier, *text + "x", now).error() != errc::expired);
    // There is no way around the verifier.
    static_assert(!std::is_constructible_v<linked_token, std::string>);
    static_assert(!std::is_constructible_v<linked_token, std::string_view, unix_time>);
    REQUIRE(run(shop.log_out(cookie, now), db));
    static_assert(!std::is_convertible_v<std::string, linked_token>);
}

TEST_CASE_FIXTURE(
    fixture,
    "B7 \"We recommend binding the session to your app's local session\", whose user may have another name there") {
    auto const pair = *local_key<es256>::generate();
    jose::key_set<es256> keys;
    REQUIRE(keys.add("k1", pair.verifier_key()));
    jwt::verifier<es256> const verifier{std::move(keys),
                                        {.issuer = "https://id.example.com", .audience = "shop", .type = "at+jwt"}};
    jwt::claims claims;
    claims.issuer("https://id.example.com").audience("shop").subject("248289761001").expires_at(now + 1h);
    auto const text = *jwt::signer<es256>::make(pair, {.type = "at+jwt", .key_id = "k1"})->sign(claims);
    auto const token = *linked_token::verify(verifier, text, now);
    CHECK(token.issuer() == "https://id.example.com");
    CHECK(token.user() == "248289761001");
    auto const local = token.mapped_to("anna");
    CHECK(local.user() == "anna");
    CHECK(local.subject() == "248289761001");

    auto const cookie = log_in(shop);
    CHECK(run(shop.link(cookie, token, laptop, now), db).error() ==
          errc::subject_mismatch); // nobody said that it is anna
    for (auto const* other : {"bert", "ann", "annas", "", "ANNA"})
        CHECK(run(shop.link(cookie, token.mapped_to(other), laptop, now), db).error() == errc::subject_mismatch);
    REQUIRE(run(shop.link(cookie, local, laptop, now), db));
    CHECK(use(shop, cookie)->session.access_token() == text);

    // C7: the token authorises the logout of the user that it is mapped to, and of nobody else.
    CHECK(run(shop.log_out_bearer(token, logout_scope::this_app, now), db)->sids.empty());
    CHECK(use(shop, cookie));
    CHECK(run(shop.log_out_bearer(local, logout_scope::this_app, now), db)->sids.size() == 1);
    CHECK(use(shop, cookie).error() == errc::session_ended);
}

TEST_CASE_FIXTURE(fixture, "a session is bound to the key that was proved at login, where one was") {
    auto const pair = *private_key::generate(alg::ed25519);
    proof::challenge_params const params{.purpose = "login", .app = "shop"};
    auto const challenge = *run(proof::issue_challenge(params, now), db);
    auto const answer = *proof::sign_challenge(pair, alg::ed25519, challenge, params);
    auto const proved = *run(proof::redeem_challenge(answer, params, pair.public_part(), alg::ed25519, now), db);
    auto const in = run(shop.log_in({.user = "anna", .device_key = &proved}, laptop, now), db);
    REQUIRE(in);
    CHECK(proved.is(*use(shop, in->cookie)->session.device_key()));
    CHECK_FALSE(use(shop, log_in(shop))->session.device_key());
}

TEST_CASE_FIXTURE(
    fixture, "hostile cookies: of any length and content, each is unknown, nothing is changed, nothing is told apart") {
    auto const cookie = log_in(shop);
    for (std::size_t i = 0; i != cookie.size(); ++i) {
        auto bad = cookie;
        bad[i] = bad[i] == 'A' ? 'B' : 'A';
        CHECK(why(shop, bad) == errc::session_unknown);
        bad[i] = '\0';
        CHECK(why(shop, bad) == errc::session_unknown);
    }
    for (auto const& text : {std::string{}, cookie + "A", cookie.substr(1), std::string(100'000, 'A'),
                             std::string(64, '\xff'), cookie.substr(0, 63) + "="})
        CHECK(why(shop, text) == errc::session_unknown);
    auto const pro = sessions_of("shop-pro");
    CHECK(why(pro, cookie) == errc::session_unknown); // another application's
    CHECK(why(*login_sessions::make("other tenant", "shop", key()), cookie) == errc::session_unknown);
    CHECK(use(shop, cookie));
}

TEST_CASE_FIXTURE(fixture, "the store holds no secret: neither cookie nor its secret half is in any record") {
    struct watching {
        store::memory& inner;
        std::string seen{};
        store::reply execute(store::request const& ask) {
            seen += as_text(ask.record.bytes);
            seen += as_text(ask.key);
            return inner.execute(ask);
        }
    } watched{db};
    auto const in = run(shop.log_in({.user = "anna"}, laptop, now), watched);
    REQUIRE(in);
    auto const raw = *codec::base64url_decode(in->cookie);
    CHECK(watched.seen.find(as_text(std::span{raw}.first(16))) != std::string::npos); // the sid is public
    CHECK(watched.seen.find(as_text(std::span{raw}.subspan(16))) == std::string::npos);
    CHECK(watched.seen.find(in->cookie) == std::string::npos);
    CHECK(in->event.text().find(in->cookie.substr(0, 22)) == std::string::npos);
}

TEST_CASE_FIXTURE(fixture, "RULES 6 audit: an event for every decision, with the same hash for the same session") {
    auto in = run(shop.log_in({.user = "anna"}, laptop, now), db);
    CHECK(in->event.text().starts_with("log in user=anna app=shop session="));
    auto op = shop.authenticate(in->cookie, laptop, now);
    CHECK(run(op, db));
    CHECK(op.event().session_hash == in->event.session_hash);
    CHECK_FALSE(op.event().refused);
    auto out = run(shop.revoke_user("anna", now, end_reason::account_disabled), db);
    CHECK(out->event.count == 1);
    auto refused = shop.authenticate(in->cookie, laptop, now);
    CHECK_FALSE(run(refused, db));
    CHECK(refused.event().refused == errc::session_ended);
    CHECK(refused.session().ended() == end_reason::account_disabled);
}

TEST_CASE_FIXTURE(
    fixture,
    "DECISIONS 1 every fault at every step of a login: an id is handed out only if it lives, and an ended session never does") {
    using testing::store_fault;
    testing::faulty_store flaky{db};
    for (auto fault : {store_fault::unavailable, store_fault::request_lost, store_fault::reply_lost})
        for (unsigned step = 0; step != 12; ++step) {
            CAPTURE(step);
            auto const old = log_in(shop);
            flaky.fail_next(fault, step);
            auto const in = run(shop.log_in({.user = "anna"}, laptop, now, old), flaky);
            flaky.fail_next(store_fault::none);
            if (in) {
                CHECK(use(shop, in->cookie));
                CHECK(why(shop, old) == errc::session_ended);
            } else {
                CHECK(http_status(in.error().code) == 503);
            }
            // Whoever comes next finishes what was interrupted.
            REQUIRE(run(shop.log_out_user("anna", logout_scope::everywhere, now), db));
            if (in) CHECK(why(shop, in->cookie) == errc::session_ended);
            CHECK(why(shop, old) == errc::session_ended);
            CHECK(run(shop.list("anna", now), db)->empty());
        }
}

TEST_CASE_FIXTURE(
    fixture,
    "DECISIONS 1 every fault at every step of a use: a store that fails is 503, and a renewal that was lost costs nobody the session") {
    using testing::store_fault;
    auto const office = sessions_of("office", {.profile = {.name = "renewed", .renewal = 1h, .overlap = 10s}});
    testing::faulty_store flaky{db};
    for (auto fault : {store_fault::unavailable, store_fault::request_lost, store_fault::reply_lost})
        for (unsigned step = 0; step != 4; ++step) {
            auto const cookie = log_in(office);
            flaky.fail_next(fault, step);
            auto const used = run(office.authenticate(cookie, laptop, now + 2h), flaky);
            CHECK(static_cast<bool>(used) == (step == 3)); // epochs, session and roster are asked before
            if (!used) CHECK(http_status(used.error().code) == 503);
            auto const next = use(office, cookie, now + 2h + 20s);
            REQUIRE(next);
            CHECK(use(office, next->new_cookie.empty() ? cookie : next->new_cookie, now + 2h + 21s));
        }
}

TEST_CASE_FIXTURE(fixture, "an interrupted revocation is finished by the next login of the user") {
    using testing::store_fault;
    testing::faulty_store flaky{db};
    auto const a = log_in(shop), b = log_in(shop);
    flaky.fail_next(store_fault::unavailable, 2); // the roster is marked; the first item cannot be reached
    CHECK_FALSE(run(shop.revoke_user("anna", now), flaky));
    (void)log_in(shop, now + 2s);
    CHECK(why(shop, a, now + 2s) == errc::session_ended);
    CHECK(why(shop, b, now + 2s) == errc::session_ended);
}

TEST_CASE_FIXTURE(fixture, "S4 an application can finish an interrupted revocation, whatever fails meanwhile") {
    using testing::store_fault;
    CHECK(run(shop.finish_revocations("nobody", now), db)->empty());
    for (unsigned step = 1; step != 8; ++step) {
        testing::faulty_store flaky{db};
        auto const then = now + 5s * step;
        auto const a = log_in(shop, then), b = log_in(shop, then), c = log_in(shop, then, "bert");
        store::record_key family{};
        family[0] = static_cast<std::uint8_t>(step);
        REQUIRE(db.execute(store::insert(family, as_bytes("family"), now + 720h, then)).done());
        REQUIRE(run(shop.join_family(fixture::family(family, {}, then), then), db));
        flaky.fail_next(store_fault::unavailable, 2); // the roster is marked; the first item cannot be reached
        REQUIRE_FALSE(run(shop.revoke_user("anna", then), flaky));
        flaky.fail_next(store_fault::unavailable, step);
        std::size_t ended = 0;
        if (auto const some = run(shop.finish_revocations("anna", then), flaky)) ended += some->size();
        auto const rest = run(shop.finish_revocations("anna", then), db);
        REQUIRE(rest);
        CHECK(ended + rest->size() <= 2);
        CHECK(why(shop, a, then) == errc::session_ended);
        CHECK(why(shop, b, then) == errc::session_ended);
        std::array<std::uint8_t, 16> buffer;
        CHECK_FALSE(*db.execute(store::find(family, buffer, then)).done());
        CHECK(use(shop, c, then));
        CHECK(run(shop.finish_revocations("anna", then), db)->empty());
    }
}

TEST_CASE_FIXTURE(fixture,
                  "S4 an interrupted revocation is finished by whoever asks for the user's sessions or their tokens") {
    using testing::store_fault;
    using ask = void (*)(fixture&);
    for (ask opens : {+[](fixture& f) { CHECK(run(f.shop.list("anna", now), f.db)->empty()); },
                      +[](fixture& f) { CHECK(*run(f.shop.not_before("anna", now), f.db) == now + 1s); }}) {
        testing::faulty_store flaky{db};
        auto const a = log_in(shop), b = log_in(shop);
        flaky.fail_next(store_fault::unavailable, 2); // the roster is marked; the first item cannot be reached
        CHECK_FALSE(run(shop.revoke_user("anna", now), flaky));
        flaky.fail_next(store_fault::unavailable, 1); // nor by the next one: then nobody is told that all is well
        CHECK(run(shop.list("anna", now), flaky).error() == errc::store_unavailable);
        opens(*this);
        CHECK(why(shop, a) == errc::session_ended);
        CHECK(why(shop, b) == errc::session_ended);
    }
}

TEST_CASE_FIXTURE(
    fixture,
    "B4 B5 B17 B19 one session at the identity provider serves several applications, until it is over; they live on until they end") {
    auto const idp = sessions_of("idp");
    auto const there = run(idp.log_in({.user = "anna", .methods = "pwd"}, laptop, now), db);
    REQUIRE(there);
    // Silent authentication, for one application after the other: the provider's session is asked, theirs begin with
    // its sid.
    auto const enter = [&](login_sessions const& app, unix_time at) -> result<std::string> {
        auto const known = run(idp.authenticate(there->cookie, laptop, at), db);
        if (!known) return known.error();
        auto const sid = known->session.sid();
        auto const in = run(app.log_in({.user = known->session.user(), .idp_session = sid}, laptop, at), db);
        if (!in) return in.error();
        return in->cookie;
    };
    auto const pro = sessions_of("shop-pro");
    auto const a = enter(shop, now), b = enter(pro, now + 1h);
    REQUIRE(a);
    REQUIRE(b);
    CHECK(use(shop, *a, now + 1h)->session.idp_session() == there->session.sid());
    // A second factor raises the level of the provider's session, under a new id (B19).
    auto const up =
        run(idp.step_up(there->cookie, {.user = "anna", .level = 2, .methods = "pwd otp"}, laptop, now + 2h), db);
    REQUIRE(up);
    CHECK(up->session.sid() == there->session.sid());
    // It ends: nobody gets in any more, whoever is in stays until his own session ends.
    REQUIRE(run(idp.log_out(up->cookie, now + 3h), db));
    CHECK(enter(shop, now + 3h).error() == errc::session_unknown);
    CHECK(use(shop, *a, now + 3h));
    // Unless the provider tells them (back-channel logout), by its sid.
    auto const told = run(shop.log_out_idp_session("", there->session.sid(), now + 4h), db);
    REQUIRE(told);
    CHECK(told->sids.size() == 1);
    CHECK(why(shop, *a, now + 4h) == errc::session_ended);
    CHECK(use(pro, *b, now + 4h));
    CHECK(run(pro.log_out_idp_session("", "another", now + 4h), db)->sids.empty());
}

TEST_CASE_FIXTURE(fixture,
                  "C7 the logout call is authorised by the user's access token, and by nothing that was not verified") {
    auto const pair = *local_key<es256>::generate();
    jose::key_set<es256> keys;
    REQUIRE(keys.add("k1", pair.verifier_key()));
    jwt::verifier<es256> const verifier{std::move(keys),
                                        {.issuer = "https://id.example.com", .audience = "shop", .type = "at+jwt"}};
    auto const signer = *jwt::signer<es256>::make(pair, {.type = "at+jwt", .key_id = "k1"});
    jwt::claims claims;
    claims.issuer("https://id.example.com").audience("shop").subject("anna").expires_at(now + 1h);
    auto const token = verifier.verify(*signer.sign(claims), now);
    REQUIRE(token);
    auto const mine = log_in(shop), others = log_in(shop, now, "bert");
    REQUIRE(run(shop.log_out_bearer(*token, logout_scope::this_app, now), db));
    CHECK(why(shop, mine) == errc::session_ended);
    CHECK(use(shop, others));
    static_assert(authorises_logout<jwt::verified> && authorises_logout<jwt::token>);
    static_assert(!authorises_logout<std::string> && !authorises_logout<jwt::claims_view>);
}

TEST_CASE_FIXTURE(fixture,
                  "C8 a session whose lifetime a step-up began anew is still on the roster after the first one") {
    auto const office = sessions_of("office", {.profile = {.name = "renewed", .lifetime = 24h}});
    auto const up = run(office.step_up(log_in(office), {.user = "anna", .level = 2}, laptop, now + 23h), db);
    REQUIRE(up);
    CHECK(use(office, up->cookie, now + 25h));
    CHECK(run(office.list("anna", now + 25h), db)->size() == 1);
    REQUIRE(run(office.revoke_user("anna", now + 25h), db));
    CHECK(why(office, up->cookie, now + 25h) == errc::session_ended);
}

TEST_CASE_FIXTURE(
    fixture, "S9 a roster expires with what it holds: sessions, families, what it says of tokens, logins under way") {
    auto const expires = [&](std::string_view user, auto after) {
        std::array<std::uint8_t, store::max_record> octets;
        auto const key = proof::record_key("session roster", {"tenant", user});
        auto const lives_at = [&](unix_time at) { return *db.execute(store::find(key, octets, at)).done(); };
        return lives_at(now + after - 1s) && !lives_at(now + after);
    };
    auto const office = sessions_of("office", {.profile = {.name = "short", .lifetime = 1h}});
    auto const home = sessions_of("home", {.profile = {.name = "long", .lifetime = 72h}});
    log_in(office, now, "anna");
    CHECK(expires("anna", 1h + 24h)); // extended for a day, at least, without a write of the roster
    log_in(home, now, "bert");
    CHECK(expires("bert", 72h + 72h)); // or for another lifetime
    log_in(office, now, "bert");
    CHECK(expires("bert", 72h + 72h));
    log_in(office, now, "carl");
    REQUIRE(run(office.join_family(fixture::family(store::record_key{1}), now), db)); // anna's, for 720 hours
    CHECK(expires("anna", 720h));
    CHECK(expires("carl", 25h));
    REQUIRE(run(office.revoke_by_key("dora", {}, now), db));
    CHECK(expires("dora", 24h)); // what counts is a login that is under way
    REQUIRE(run(office.revoke_user("bert", now), db));
    CHECK(expires("bert", max_token_lifetime + 1s)); // from the next second on
    CHECK(*run(office.not_before("bert", now + max_token_lifetime), db) == now + 1s);
    log_in(home, now + max_token_lifetime, "bert");
    CHECK(expires("bert", max_token_lifetime + 72h + 72h));
}

TEST_CASE_FIXTURE(fixture,
                  "S9 a session keeps its place for as long as it is extended, with one write of the roster a day") {
    auto const office = sessions_of("office", {.profile = {.name = "short", .lifetime = 1h}});
    auto const roster = proof::record_key("session roster", {"tenant", "anna"});
    auto const writes_of = [&](auto op) {
        int writes = 0;
        for (auto* ask = op.next(); ask; ask = op.next()) {
            writes += ask->verb == store::verb::replace && ask->key == roster;
            op.answer(db.execute(*ask));
        }
        REQUIRE(op.get());
        return writes;
    };
    auto const in = run(office.log_in({.user = "anna"}, laptop, now), db);
    REQUIRE(in);
    int writes = 0;
    auto at = now;
    for (int hours = 0; hours != 24 * 5; ++hours) { // half an hour at a time, in both ways
        at += 30min;
        writes += writes_of(office.extend(in->cookie, laptop, at));
        at += 30min;
        writes += writes_of(office.extend_by_sid("anna", in->session.sid(), at));
    }
    CHECK(writes == 4); // at 24, 49, 74 and 99 hours
    CHECK(run(office.list("anna", at), db)->size() == 1);
    REQUIRE(run(office.revoke_user("anna", at), db));
    CHECK(why(office, in->cookie, at) == errc::session_ended);

    // A step-up lasts as long again. Others read and write the same roster meanwhile.
    auto const first = log_in(office, at, "anna");
    std::string shown = first;
    for (int hours = 0; hours != 50; ++hours) {
        at += 59min;
        auto const up = run(office.step_up(shown, {.user = "anna", .level = 2}, laptop, at), db);
        REQUIRE(up);
        shown = up->cookie;
        if (hours % 10 == 0) log_in(office, at, "anna");
    }
    REQUIRE(run(office.revoke_user("anna", at), db));
    CHECK(why(office, shown, at) == errc::session_ended);
}

TEST_CASE_FIXTURE(fixture, "S9 who loses the roster to a revocation while keeping a place extends nothing") {
    auto const office = sessions_of("office", {.profile = {.name = "short", .lifetime = 1h}});
    auto const cookie = log_in(office);
    auto at = now;
    for (int i = 0; i != 24; ++i) REQUIRE(run(office.extend(cookie, laptop, at += 59min), db));
    auto late = office.extend(cookie, laptop, at += 59min);
    while (late.next()->verb == store::verb::find) late.answer(db.execute(*late.next()));
    CHECK(late.next()->verb == store::verb::replace); // of the roster
    auto interrupted = office.revoke_user("anna", at);
    while (interrupted.next()->verb == store::verb::find) interrupted.answer(db.execute(*interrupted.next()));
    REQUIRE(*db.execute(*interrupted.next()).done()); // the roster says so; the session does not yet
    while (late.next()) late.answer(db.execute(*late.next()));
    CHECK(late.get().error() == errc::session_ended);
}

TEST_CASE_FIXTURE(fixture, "C8 look-ups go by the epochs of before for as long as the policy says, and no longer") {
    session_profile const quiet{.name = "quiet", .touch_every = 1h};
    auto const cached = sessions_of("shop", {.profile = quiet, .epoch_cache = 30s}); // two processes of one application
    auto const other = sessions_of("shop", {.profile = quiet, .epoch_cache = 30s});
    auto const questions = [&](login_sessions const& s, std::string_view cookie, unix_time at) {
        auto op = s.authenticate(cookie, laptop, at);
        int n = 0;
        for (auto* ask = op.next(); ask; ask = op.next(), ++n) op.answer(db.execute(*ask));
        return std::pair{n, op.refused()};
    };
    auto const good = [](int n) { return std::pair{n, std::optional<errc>{}}; };
    auto const ended = [](int n) { return std::pair{n, std::optional{errc::session_ended}}; };
    auto const in = log_in(shop);
    CHECK(questions(shop, in, now) == good(2));
    CHECK(questions(shop, in, now) == good(2)); // by default each asks
    CHECK(questions(cached, in, now) == good(2));
    CHECK(questions(cached, in, now) == good(1));
    CHECK(questions(cached, in, now + 29s) == good(1));
    CHECK(questions(cached, in, now - 1s) == good(2)); // the clock went back
    CHECK(questions(cached, in, now + 28s) == good(1));
    CHECK(questions(cached, in, now + 29s) == good(2)); // 30 s after now - 1
    CHECK(questions(cached, in, now + 58s) == good(1));
    CHECK(questions(other, in, now + 58s) == good(2));

    REQUIRE(run(cached.revoke_all(logout_scope::this_app, now + 58s), db));
    CHECK(questions(cached, in, now + 58s) == ended(2)); // at home at once
    CHECK(questions(cached, in, now + 58s) == ended(3)); // an end is never told from memory: the session, then both
    CHECK(questions(other, in, now + 58s) == good(1));
    CHECK(questions(other, in, now + 87s) == good(1));
    CHECK(questions(other, in, now + 88s) == ended(2));

    // Who logs in after a revocation is in at once, also where nobody has heard of it.
    CHECK(questions(other, log_in(shop, now + 88s), now + 88s) == good(1));
    REQUIRE(run(shop.revoke_all(logout_scope::everywhere, now + 90s), db));
    auto const after = log_in(shop, now + 90s);
    CHECK(questions(other, after, now + 90s) == good(3)); // not known from memory either
    CHECK(questions(other, after, now + 90s) == good(1));
}

TEST_CASE_FIXTURE(fixture, "C8 a look-up under way does not bring back the epochs that a revocation has replaced") {
    auto const cached = sessions_of("shop", {.epoch_cache = 60s});
    auto const in = log_in(cached);
    auto late = cached.authenticate(in, laptop, now);
    auto const before = db.execute(*late.next()); // into its buffer
    REQUIRE(run(cached.revoke_all(logout_scope::this_app, now), db));
    late.answer(before);
    late.answer(db.execute(*late.next()));
    CHECK(late.get()); // it had read them before
    CHECK(why(cached, in) == errc::session_ended);

    // Nobody knows whether a revocation was written: what was read before it counts no longer.
    auto const again = log_in(cached);
    CHECK(use(cached, again));
    testing::faulty_store flaky{db};
    flaky.fail_next(testing::store_fault::reply_lost, 1); // of the swap
    CHECK(run(cached.revoke_all(logout_scope::this_app, now), flaky).error() == errc::outcome_unknown);
    CHECK(why(cached, again) == errc::session_ended);
}

TEST_CASE("C8 epochs are in memory for a minute at most") {
    auto const make = [](std::chrono::seconds age) {
        return login_sessions::make("tenant", "shop", key(), {.epoch_cache = age});
    };
    CHECK(make(max_epoch_cache));
    CHECK(make(max_epoch_cache + 1s).error() == errc::out_of_range);
    CHECK(make(-1s).error() == errc::out_of_range);
}

TEST_CASE_FIXTURE(fixture, "RULES 7 what an epoch has ended takes no place and is on no list") {
    auto const one = sessions_of("one", {.max_sessions = 1, .when_full = session_limit::refuse});
    auto const old = log_in(one);
    REQUIRE(run(one.revoke_all(logout_scope::this_app, now), db));
    CHECK(run(one.list("anna", now), db)->empty());
    CHECK(use(one, log_in(one)));
    CHECK(why(one, old) == errc::session_ended);
}

TEST_CASE_FIXTURE(fixture, "C12 refresh families have a limit of their own and lock nobody out") {
    for (std::size_t n = 0; n != max_user_sessions; ++n) {
        store::record_key family{};
        family[0] = static_cast<std::uint8_t>(n), family[1] = static_cast<std::uint8_t>(n >> 8), family[2] = 1;
        REQUIRE(db.execute(store::insert(family, as_bytes("family"), now + 720h, now)).done());
        REQUIRE(run(shop.join_family(fixture::family(family), now), db));
    }
    CHECK(run(shop.join_family(family(store::record_key{9, 9, 9}), now), db).error() == errc::session_limit_reached);
    CHECK(use(shop, log_in(shop)));
}

TEST_CASE_FIXTURE(
    fixture,
    "C12 a roster that is full, of the longest names there are, refuses no login: the oldest session of any application gives way") {
    auto const long_name = std::string(256, 'p');
    auto const many = sessions_of(long_name, {.max_sessions = max_user_sessions});
    auto const provider_sid = [](std::size_t n) { return std::string(250, 's') + std::to_string(n); };
    std::string first, second, last;
    for (std::size_t n = 0; n != max_user_sessions; ++n) {
        auto const sid = provider_sid(n);
        auto const at = now + std::chrono::seconds{n};
        auto const in = run(many.log_in({.user = "anna", .idp_session = sid}, {}, at), db);
        REQUIRE(in);
        (n == 0 ? first : n == 1 ? second : last) = in->cookie;
        store::record_key const family{static_cast<std::uint8_t>(n), static_cast<std::uint8_t>(n >> 8), 1};
        REQUIRE(run(many.join_family(fixture::family(family), at), db));
    }
    auto const later = now + 1h;
    auto const in = run(shop.log_in({.user = "anna"}, laptop, later), db);
    REQUIRE(in);
    CHECK(in->ended.size() == 1);
    CHECK(run(many.authenticate(first, {}, later), db).error() == errc::session_ended);
    CHECK(run(many.authenticate(second, {}, later), db));
    CHECK(run(many.authenticate(last, {}, later), db));
    CHECK(run(shop.list("anna", later), db)->size() == max_user_sessions);
    auto const strict = sessions_of("strict", {.when_full = session_limit::refuse}); // its policy ends nobody's session
    CHECK(run(strict.log_in({.user = "anna"}, laptop, later), db).error() == errc::session_limit_reached);
    CHECK(run(many.log_out_idp_session("", provider_sid(7), later), db)->sids.size() ==
          1); // found by its name all the same
    CHECK(run(strict.log_in({.user = "anna"}, laptop, later), db));
}

TEST_CASE_FIXTURE(
    fixture,
    "C8 a login that began before the user's sessions were ended does not outlive that; one begun afterwards does, whatever the clock says") {
    auto const pro = sessions_of("shop-pro");
    using end = result<ended_sessions> (*)(fixture&, std::string const&);
    std::array<end, 4> const ends{
        [](fixture& f, std::string const& user) {
            return run(f.shop.revoke_user(user, now - 30min), f.db);
        }, // by a server whose clock is behind
        [](fixture& f, std::string const& user) { return run(f.shop.revoke_others(user, "", now), f.db); },
        [](fixture& f, std::string const& user) {
            return run(f.shop.log_out_user(user, logout_scope::everywhere, now), f.db);
        },
        [](fixture& f, std::string const& user) {
            return run(f.shop.log_out_user(user, logout_scope::this_app, now), f.db);
        }};
    for (std::size_t which = 0; which != ends.size(); ++which)
        for (bool known : {false, true})
            for (int questions = 1;; ++questions) { // the login stands still after so many
                CAPTURE(which);
                CAPTURE(questions);
                auto const user =
                    "anna-" + std::to_string(which) + (known ? "-known-" : "-new-") + std::to_string(questions);
                if (known) (void)log_in(shop, now, user);
                auto login = shop.log_in({.user = user}, laptop, now);
                for (int i = 0; i != questions && login.next(); ++i) login.answer(db.execute(*login.next()));
                bool const finished = !login.next();
                REQUIRE(ends[which](*this, user));
                while (auto const* ask = login.next()) login.answer(db.execute(*ask));
                auto const in = login.get();
                if (in) CHECK(why(shop, in->cookie) == errc::session_ended); // it was on the roster before
                else CHECK(in.error() == errc::session_ended);
                CHECK(run(shop.list(user, now), db)->empty());
                auto const again = run(shop.log_in({.user = user}, laptop, now - 2h), db);
                REQUIRE(again);
                CHECK(use(shop, again->cookie));
                if (finished) break;
            }
    // Nothing but a login under way is refused, and nobody else's.
    auto login = shop.log_in({.user = "bert"}, laptop, now);
    login.answer(db.execute(*login.next()));
    REQUIRE(run(shop.revoke_user("anna", now), db));
    REQUIRE(run(shop.log_out(log_in(shop, now, "bert"), now), db)); // one session alone
    while (auto const* ask = login.next()) login.answer(db.execute(*ask));
    CHECK(login.get());
}

TEST_CASE_FIXTURE(
    fixture,
    "C12 C8 ending the other sessions ends their refresh families and tokens; those of the session that stays live on") {
    auto const family = [&](std::uint8_t n, std::string_view sid) {
        store::record_key const key{n, 3};
        REQUIRE(db.execute(store::insert(key, as_bytes("family"), now + 720h, now)).done());
        REQUIRE(run(shop.join_family(fixture::family(key, sid), now), db));
        return key;
    };
    auto const lives = [&](store::record_key const& key) {
        std::array<std::uint8_t, 16> buffer;
        return db.execute(store::find(key, buffer, now)).outcome == store::outcome::done;
    };
    auto const a = log_in(shop), b = log_in(shop), c = log_in(shop);
    auto const sid_a = use(shop, a)->session.sid(), sid_b = use(shop, b)->session.sid(),
               sid_c = use(shop, c)->session.sid();
    auto const of_a = family(1, sid_a), of_b = family(2, sid_b), of_c = family(3, sid_c), of_none = family(4, {});

    // One by its sid: its own families go, nobody's tokens else.
    REQUIRE(run(shop.revoke_one("anna", sid_c, now), db));
    CHECK_FALSE(lives(of_c));
    CHECK((lives(of_a) && lives(of_b) && lives(of_none)));
    CHECK(*run(shop.not_before("anna", now), db) == unix_time{});
    CHECK(run(shop.join_family(fixture::family(store::record_key{9}, sid_c), now), db).error() ==
          errc::session_ended); // too late

    auto const ended = run(shop.revoke_others("anna", sid_b, now, end_reason::credential_changed), db);
    REQUIRE(ended);
    CHECK(ended->not_before == now + 1s);
    CHECK_FALSE(lives(of_a));
    CHECK_FALSE(lives(of_none));
    CHECK(lives(of_b));
    CHECK(*run(shop.not_before("anna", now, sid_a), db) == now + 1s);
    CHECK(*run(shop.not_before("anna", now), db) == now + 1s);
    CHECK(*run(shop.not_before("anna", now, sid_b), db) == unix_time{});
    CHECK(*run(shop.join_family(fixture::family(store::record_key{8}, sid_b), now), db) == unix_time{});

    // From the next one, which keeps another; then by an administrator, who keeps nothing.
    auto const d = log_in(shop, now + 5s);
    auto const sid_d = use(shop, d, now + 5s)->session.sid();
    REQUIRE(run(shop.revoke_others("anna", sid_d, now + 5s), db));
    CHECK_FALSE(lives(of_b));
    CHECK(*run(shop.not_before("anna", now, sid_b), db) == now + 6s);
    CHECK(*run(shop.not_before("anna", now, sid_d), db) == unix_time{});
    REQUIRE(run(shop.revoke_user("anna", now + 7s), db));
    CHECK(*run(shop.not_before("anna", now, sid_d), db) == now + 8s);
    CHECK(run(shop.revoke_others("anna", "no sid", now + 9s), db)->not_before == now + 10s);
    CHECK(*run(shop.not_before("anna", now, "no sid"), db) == now + 10s);
}

TEST_CASE_FIXTURE(fixture, "C8 a session whose record cannot be read is ended like any other, and blocks nobody") {
    // What `damage` makes of the record of a session that is written next.
    struct damaging {
        store::memory& inner;
        void (*damage)(bytes&) = nullptr;
        store::reply execute(store::request const& ask) {
            if (!damage || ask.verb != store::verb::insert || ask.record.bytes.size() < 100) return inner.execute(ask);
            bytes octets(ask.record.bytes.begin(), ask.record.bytes.end());
            std::exchange(damage, nullptr)(octets);
            auto changed = ask;
            changed.record.bytes = octets;
            return inner.execute(changed);
        }
    };
    auto const old = log_in(shop);
    for (auto damage : {+[](bytes& o) { o.resize(o.size() / 2); }, +[](bytes& o) { o[0] = 99; },
                        +[](bytes& o) { o[0] = 99, o.resize(9000); }}) {
        damaging half{db, damage};
        auto const in = run(shop.log_in({.user = "anna"}, laptop, now), half);
        REQUIRE(in);
        CHECK(http_status(why(shop, in->cookie)) >= 500);
        auto const good = log_in(shop, now, "anna", in->cookie); // by the same browser
        CHECK(run(shop.list("anna", now), db)->size() == 2);
        auto const ended = run(shop.revoke_one("anna", in->session.sid(), now), db);
        REQUIRE(ended);
        CHECK(ended->sids.size() == 1);
        CHECK(why(shop, in->cookie) == errc::session_unknown);
        CHECK(use(shop, good));
        CHECK(use(shop, old));
        REQUIRE(run(shop.revoke_one("anna", use(shop, good)->session.sid(), now), db));
    }
    // At the limit it is looked at too.
    auto const two = sessions_of("two", {.max_sessions = 2});
    damaging half{db, +[](bytes& o) { o[0] = 99, o.resize(9000); }};
    (void)log_in(two);
    REQUIRE(run(two.log_in({.user = "anna"}, laptop, now), half));
    (void)log_in(two, now + 1s);
    CHECK(use(two, log_in(two, now + 2s), now + 2s));
    REQUIRE(run(two.revoke_user("anna", now + 3s), db));
    CHECK(use(two, log_in(two, now + 4s), now + 4s));
}

TEST_CASE_FIXTURE(fixture, "C8 a session whose record is not encrypted where it must be keeps nobody from logging in") {
    store::encrypted safe{db, *store::encryption_keys::make(secret{bytes(32, 1)})};
    struct one_plain { // writes the record of one session as it is
        store::memory& plain;
        store::encrypted<store::memory&>& safe;
        bool is_next = true;
        store::reply execute(store::request const& ask) {
            auto const session = ask.verb == store::verb::insert && ask.record.bytes.size() >= 100;
            return session && std::exchange(is_next, false) ? plain.execute(ask) : safe.execute(ask);
        }
    };
    one_plain mixed{db, safe};
    auto const old = run(shop.log_in({.user = "anna"}, laptop, now), mixed);
    REQUIRE(old);
    CHECK(run(shop.authenticate(old->cookie, laptop, now), safe).error() == errc::record_not_encrypted);
    auto const good = run(shop.log_in({.user = "anna"}, laptop, now, old->cookie), safe); // by the same browser
    REQUIRE(good);
    CHECK(run(shop.authenticate(good->cookie, laptop, now), safe));
}

TEST_CASE_FIXTURE(
    fixture,
    "D5 whatever acts by the cookie is refused from another client than a strict binding says; the logout alone is not") {
    auto const bound = sessions_of("bound", {.ip = binding_mode::strict});
    client_properties thief = laptop;
    thief.ip = "198.51.100.9";
    auto const in = run(bound.log_in({.user = "anna"}, laptop, now), db);
    REQUIRE(in);
    auto const before = use(bound, in->cookie)->session;
    for (auto const& other : {thief, client_properties{}}) {
        CHECK(run(bound.extend(in->cookie, other, now + 1h), db).error() == errc::session_binding_mismatch);
        CHECK(run(bound.set_data(in->cookie, "x", other, now), db).error() == errc::session_binding_mismatch);
        CHECK(run(bound.step_up(in->cookie, {.user = "anna", .level = 2}, other, now), db).error() ==
              errc::session_binding_mismatch);
    }
    auto const after = use(bound, in->cookie);
    REQUIRE(after);
    CHECK(after->session.expires() == before.expires());
    CHECK(after->session.data().empty());
    CHECK(after->session.level() == 1);
    CHECK(run(bound.extend(in->cookie, laptop, now + 1h), db));

    // A visitor's data go along to the visitor's own login only; the session that was shown ends all the same.
    auto const visit = run(bound.begin_anonymous(laptop, now), db);
    REQUIRE(run(bound.set_data(visit->cookie, "3 apples", laptop, now), db));
    auto const stolen = run(bound.log_in({.user = "bert"}, thief, now, visit->cookie), db);
    REQUIRE(stolen);
    CHECK(stolen->session.data().empty());
    CHECK(why(bound, visit->cookie) == errc::session_ended);
    auto const again = run(bound.begin_anonymous(laptop, now), db);
    REQUIRE(run(bound.set_data(again->cookie, "3 apples", laptop, now), db));
    CHECK(run(bound.log_in({.user = "anna"}, laptop, now, again->cookie), db)->session.data() == "3 apples");

    // From a new network the user can always log out.
    CHECK(run(bound.log_out(in->cookie, now), db)->sids.size() == 1);
    CHECK(why(bound, in->cookie) == errc::session_ended);
    CHECK(run(bound.extend(in->cookie, thief, now), db).error() ==
          errc::session_ended); // the same reason for everybody
}

TEST_CASE_FIXTURE(fixture, "D5 a step-up keeps what the session is bound to, unless something else is given") {
    auto const prove = [&](private_key const& pair) {
        proof::challenge_params const params{.purpose = "login", .app = "bound"};
        auto const challenge = *run(proof::issue_challenge(params, now), db);
        return *run(proof::redeem_challenge(*proof::sign_challenge(pair, alg::ed25519, challenge, params), params,
                                            pair.public_part(), alg::ed25519, now),
                    db);
    };
    auto const first = *private_key::generate(alg::ed25519), second = *private_key::generate(alg::ed25519);
    auto const at_login = prove(first), later = prove(second);
    auto const bound = sessions_of("bound", {.user_agent = binding_mode::strict});
    client_properties client{.ip = "203.0.113.7", .user_agent = "Firefox", .certificate = "cert-1"};
    auto const in = run(bound.log_in({.user = "anna", .device_key = &at_login}, client, now), db);
    REQUIRE(in);
    auto const up = run(bound.step_up(in->cookie, {.user = "anna", .level = 2}, client, now), db); // names no key
    REQUIRE(up);
    auto const kept = run(bound.authenticate(up->cookie, client, now), db);
    REQUIRE(kept);
    REQUIRE(kept->session.device_key());
    CHECK(at_login.is(*kept->session.device_key()));
    auto without = client;
    without.certificate = {};
    CHECK(run(bound.authenticate(up->cookie, without, now), db).error() == errc::session_binding_mismatch);
    without = client, without.user_agent = "curl";
    CHECK(run(bound.authenticate(up->cookie, without, now), db).error() == errc::session_binding_mismatch);
    auto const other =
        run(bound.step_up(up->cookie, {.user = "anna", .level = 3, .device_key = &later}, client, now), db);
    REQUIRE(other);
    CHECK(later.is(*run(bound.authenticate(other->cookie, client, now), db)->session.device_key()));

    // What was not known at login is bound from the step-up on.
    auto const unbound = run(bound.log_in({.user = "anna"}, {.user_agent = "Firefox"}, now), db);
    auto const bound_now = run(bound.step_up(unbound->cookie, {.user = "anna"}, client, now), db);
    REQUIRE(bound_now);
    CHECK(run(bound.authenticate(bound_now->cookie, {.user_agent = "Firefox"}, now), db).error() ==
          errc::session_binding_mismatch);
}

TEST_CASE_FIXTURE(
    fixture,
    "OIDC Back-Channel Logout 2.1 a sid is of one issuer; a later login by it can be ended as long as it lives, and so can another user's") {
    constexpr std::string_view one = "https://one.example", two = "https://two.example";
    auto const enter = [&](std::string_view issuer, std::string_view user, unix_time at) {
        auto const in = run(shop.log_in({.user = user, .idp_session = "s1", .idp_issuer = issuer}, laptop, at), db);
        REQUIRE(in);
        return in->cookie;
    };
    // Two providers that number their sessions alike.
    auto const a = enter(one, "anna", now), b = enter(two, "bert", now);
    CHECK(run(shop.log_out_idp_session("", "s1", now), db)->sids.empty());
    CHECK(run(shop.log_out_idp_session(two, "s1", now), db)->sids.size() == 1);
    CHECK(why(shop, b) == errc::session_ended);
    CHECK(use(shop, a));

    // The note of the first login would have gone by then.
    auto const later = now + max_lifetime - 24h;
    auto const c = enter(one, "anna", later);
    CHECK(use(shop, c, later + 48h));
    CHECK(run(shop.log_out_idp_session(one, "s1", later + 48h), db)->sids.size() >= 1);
    CHECK(why(shop, c, later + 48h) == errc::session_ended);

    // The provider's session became another user's: whoever had it before is out, and the new one can be ended by it.
    auto const d = enter(one, "anna", later), e = enter(one, "bert", later), f = enter(one, "bert", later);
    CHECK(why(shop, d, later) == errc::session_ended);
    CHECK(use(shop, e, later));
    CHECK(run(shop.log_out_idp_session(one, "s1", later, "anna"), db)->sids.empty());
    CHECK(run(shop.log_out_idp_session(one, "s1", later, "bert"), db)->sids.size() == 2); // a logout token with a `sub`
    CHECK(why(shop, e, later) == errc::session_ended);
    CHECK(why(shop, f, later) == errc::session_ended);

    // One that is under way is ended by a logout token with a `sub`.
    auto login = shop.log_in({.user = "anna", .idp_session = "s2", .idp_issuer = one}, laptop, now);
    login.answer(db.execute(*login.next()));
    REQUIRE(run(shop.log_out_idp_session(one, "s2", now, "anna"), db));
    while (auto const* ask = login.next()) login.answer(db.execute(*ask));
    CHECK(login.get().error() == errc::session_ended);
}

TEST_CASE_FIXTURE(
    fixture,
    "OIDC Back-Channel Logout 2.5 a logout token without a `sub` reaches the first login by that session, wherever it stands") {
    constexpr std::string_view one = "https://one.example";
    auto const begin = [&](std::string_view user, std::string_view sid, unix_time at) {
        return shop.log_in({.user = user, .idp_session = sid, .idp_issuer = one}, laptop, at);
    };
    for (int questions = 0;; ++questions) { // the login stands still after so many
        CAPTURE(questions);
        auto const sid = "s-" + std::to_string(questions), user = "anna-" + std::to_string(questions);
        auto login = begin(user, sid, now);
        for (int i = 0; i != questions && login.next(); ++i) login.answer(db.execute(*login.next()));
        bool const finished = !login.next();
        REQUIRE(run(shop.log_out_idp_session(one, sid, now), db));
        while (auto const* ask = login.next()) login.answer(db.execute(*ask));
        auto const in = login.get();
        if (in) CHECK(why(shop, in->cookie) == errc::session_ended); // it was on the roster before
        else CHECK(in.error() == errc::session_ended);
        CHECK(run(shop.list(user, now), db)->empty());
        if (finished) break;
    }
    // It is the one session of the one provider, and is forgotten when no login by it can be under way any more.
    REQUIRE(run(shop.log_out_idp_session(one, "gone", now), db));
    CHECK(run(begin("anna", "gone", now + 23h), db).error() == errc::session_ended);
    CHECK(run(begin("anna", "another", now), db));
    CHECK(run(shop.log_in({.user = "anna", .idp_session = "gone", .idp_issuer = "https://two.example"}, laptop, now),
              db));
    CHECK(run(begin("anna", "gone", now + 24h), db));
}

TEST_CASE_FIXTURE(fixture,
                  "OIDC Back-Channel Logout 2.4 a logout token without a `sid` ends all of the user's sessions here") {
    auto const pro = sessions_of("shop-pro");
    auto const in =
        run(shop.log_in({.user = "anna", .idp_session = "s1", .idp_issuer = "https://one.example"}, laptop, now), db);
    auto const a = log_in(shop), b = log_in(pro), c = log_in(shop, now, "bert");
    auto const told = run(shop.log_out_idp_session("https://one.example", "", now, "anna"), db);
    REQUIRE(told);
    CHECK(told->sids.size() == 2);
    CHECK(why(shop, in->cookie) == errc::session_ended);
    CHECK(why(shop, a) == errc::session_ended);
    CHECK(use(pro, b)); // another application's
    CHECK(use(shop, c));
    CHECK(run(shop.log_out_idp_session("https://one.example", "", now), db).error() == errc::out_of_range); // whose?
}

TEST_CASE_FIXTURE(
    fixture, "a login that fails at any step leaves nothing that counts or is listed, and the old session as it was") {
    auto const one = sessions_of("one", {.max_sessions = 2, .when_full = session_limit::refuse});
    for (unsigned calls = 0;; ++calls) {
        CAPTURE(calls);
        store::memory own;
        auto const old = run(one.log_in({.user = "anna"}, laptop, now), own);
        REQUIRE(old);
        auto login = one.log_in({.user = "anna", .idp_session = "s1", .idp_issuer = "https://one.example"}, laptop, now,
                                old->cookie);
        unsigned asked = 0;
        for (; login.next(); ++asked)
            login.answer(asked == calls ? store::reply::failure(errc::store_unavailable) : own.execute(*login.next()));
        if (asked <= calls) break;
        if (login.get()) continue; // tidying up is left to the next one
        auto const left = run(one.list("anna", now), own);
        REQUIRE(left);
        CHECK(left->size() <= 1);
        for (auto const& session : *left) CHECK(session.sid() == old->session.sid());
    }
}

TEST_CASE_FIXTURE(fixture, "D5 a look-up needs nothing of the request once it is made") {
    auto const strict = sessions_of("bound", {.ip = binding_mode::strict, .user_agent = binding_mode::strict});
    auto const cookie = run(strict.log_in({.user = "anna"}, laptop, now), db)->cookie;
    std::string ip{laptop.ip}, agent{laptop.user_agent}, text = cookie;
    auto op = strict.authenticate(text, {.ip = ip, .user_agent = agent}, now);
    for (auto* gone : {&ip, &agent, &text}) gone->assign(gone->size(), 'x');
    while (auto const* ask = op.next()) op.answer(db.execute(*ask));
    CHECK(op.get());
}

TEST_CASE_FIXTURE(
    fixture,
    "C8 a refresh family that was started before its user's sessions were revoked joins no more; one of the session that stays does") {
    auto const sid = use(shop, log_in(shop))->session.sid();
    auto const before = family(store::record_key{1}), kept = family(store::record_key{2}, sid);
    REQUIRE(run(shop.revoke_others("anna", sid, now + 1s), db));
    CHECK(run(shop.join_family(before, now + 2s), db).error() == errc::session_ended);
    CHECK(run(shop.join_family(kept, now + 2s), db));
    CHECK(run(shop.join_family(family(store::record_key{3}, {}, now + 2s), now + 2s), db));
    REQUIRE(run(shop.revoke_user("anna", now + 3s), db));
    CHECK(run(shop.join_family(family(store::record_key{4}, {}, now + 2s), now + 4s), db).error() ==
          errc::session_ended);
    CHECK(run(shop.join_family(family(store::record_key{5}, {}, now + 4s), now + 4s), db));
    // What is no session's name ends with no session.
    CHECK(run(shop.join_family(family(store::record_key{6}, "session of another", now + 4s), now + 4s), db).error() ==
          errc::session_ended);
}

TEST_CASE_FIXTURE(
    fixture, "C12 a user's list has live sessions alone: not those of another application of which all were ended") {
    auto const pro = sessions_of("shop-pro"), third = sessions_of("third");
    (void)log_in(shop), (void)log_in(pro), (void)log_in(third);
    REQUIRE(run(pro.revoke_all(logout_scope::this_app, now), db));
    auto const left = run(shop.list("anna", now), db);
    REQUIRE(left);
    REQUIRE(left->size() == 2);
    for (auto const& session : *left) CHECK(session.app() != "shop-pro");
    (void)log_in(pro); // one that began afterwards is there
    CHECK(run(shop.list("anna", now), db)->size() == 3);
    REQUIRE(run(third.revoke_all(logout_scope::everywhere, now), db));
    CHECK(run(shop.list("anna", now), db)->empty());
}

TEST_CASE_FIXTURE(
    fixture,
    "S15 RULES 7 where the epochs were lost, sessions of before are over, and no later revocation brings one back") {
    for (auto scope : {logout_scope::this_app, logout_scope::everywhere}) {
        REQUIRE(run(shop.revoke_all(scope, now), db));
        REQUIRE(run(shop.revoke_all(scope, now), db));
        auto const before = log_in(shop); // in the second epoch
        CHECK(use(shop, before));
        REQUIRE(db.execute(store::erase(proof::record_key("session epochs", {"tenant"}), now)).done());
        CHECK(why(shop, before) == errc::session_ended); // nobody knows what was revoked since
        CHECK(run(shop.set_data(before, "x", laptop, now), db).error() == errc::session_ended);
        auto const between = log_in(shop);
        CHECK(use(shop, between));
        for (int times = 0; times != 3; ++times) { // as often as before, and once more
            auto const at = now + 10s + std::chrono::seconds{times};
            REQUIRE(run(shop.revoke_all(scope, at), db));
            CHECK(why(shop, before, at) == errc::session_ended);
            CHECK(why(shop, between, at) == errc::session_ended);
            CHECK(run(shop.list("anna", at), db)->empty());
            CHECK(use(shop, log_in(shop, at), at));
            REQUIRE(run(shop.revoke_user("anna", at), db));
        }
    }
}

TEST_CASE_FIXTURE(fixture, "S15 where the epochs were lost, a session from before the first revocation is over too") {
    auto const first = log_in(shop);
    auto const visitor = run(shop.begin_anonymous(laptop, now), db)->cookie;
    CHECK(use(shop, first));
    REQUIRE(run(shop.revoke_all(logout_scope::everywhere, now), db));
    REQUIRE(db.execute(store::erase(proof::record_key("session epochs", {"tenant"}), now)).done());
    CHECK(why(shop, first) == errc::session_ended);
    CHECK(why(shop, visitor) == errc::session_ended);
    auto const second = log_in(shop, now + 1s);
    CHECK(use(shop, second, now + 1s));
    CHECK(why(shop, first, now + 1s) == errc::session_ended);
}

TEST_CASE_FIXTURE(
    fixture,
    "S8 NIST SP 800-63B-4 2.2.3 neither a step-up nor a re-entry moves the overall limit: it counts from the login") {
    auto const office = sessions_of("office", {.profile = profiles::aal2});
    auto cookie = log_in(office);
    for (auto at = now + 50min; at < now + 24h; at += 50min) { // one factor each time
        auto const up = run(office.step_up(cookie, {.user = "anna", .methods = "pwd"}, laptop, at), db);
        REQUIRE(up);
        CHECK(up->session.expires() == now + 24h);
        cookie = up->cookie;
    }
    CHECK(use(office, cookie, now + 24h - 1s));
    CHECK(why(office, cookie, now + 24h) == errc::session_expired);
    CHECK(run(office.step_up(cookie, {.user = "anna"}, laptop, now + 24h), db).error() == errc::session_expired);

    auto idle = log_in(office);
    for (auto at = now + 61min; at < now + 24h; at += 61min) { // back from idleness each time
        CHECK(why(office, idle, at) == errc::session_idle);
        auto const back = run(office.step_up(idle, {.user = "anna"}, laptop, at), db);
        REQUIRE(back);
        idle = back->cookie;
    }
    CHECK(why(office, idle, now + 24h) == errc::session_expired);
    CHECK(run(office.step_up(idle, {.user = "anna"}, laptop, now + 24h), db).error() == errc::session_expired);
}

TEST_CASE_FIXTURE(
    fixture,
    "S8 an authentication of a lower level takes nothing from a session, and does not make the higher one newer") {
    auto const office = sessions_of("office", {.profile = profiles::aal2});
    auto const in = run(office.log_in({.user = "anna", .level = 2, .methods = "pwd otp"}, laptop, now), db);
    REQUIRE(in);
    auto const back =
        run(office.step_up(in->cookie, {.user = "anna", .level = 1, .methods = "pwd"}, laptop, now + 2h), db);
    REQUIRE(back);
    auto const used = use(office, back->cookie, now + 2h);
    REQUIRE(used);
    CHECK(used->session.level() == 2);
    CHECK(used->session.methods() == "pwd otp");
    CHECK(used->session.auth_time() == now); // of the two factors
    CHECK(used->session.last_seen() == now + 2h);
    // The same level again, or a higher one, is a new authentication.
    for (auto level : {std::uint8_t{2}, std::uint8_t{3}}) {
        auto const at = now + 2h + 1min * level;
        auto const current =
            run(office.log_in({.user = "anna", .level = 2, .methods = "pwd otp"}, laptop, now + 2h), db);
        auto const up =
            run(office.step_up(current->cookie, {.user = "anna", .level = level, .methods = "key"}, laptop, at), db);
        REQUIRE(up);
        CHECK(up->session.level() == level);
        CHECK(up->session.methods() == "key");
        CHECK(up->session.auth_time() == at);
    }
}

TEST_CASE_FIXTURE(fixture, "B10 an authentication of nobody makes no visitor's session active") {
    auto const office = sessions_of("office", {.profile = profiles::aal2}); // which can be re-entered
    auto const visit = run(office.begin_anonymous(laptop, now), db);
    REQUIRE(visit);
    for (auto at : {now, now + 1h}) { // visiting, and idle
        CHECK_FALSE(run(office.step_up(visit->cookie, {.user = "anna"}, laptop, at), db));
        auto const up = run(office.step_up(visit->cookie, {.user = ""}, laptop, at), db);
        CHECK((up ? errc{} : up.error().code) == errc::out_of_range);
        if (up) CHECK(why(office, up->cookie, at) == errc::login_required);
    }
    CHECK(run(office.log_in({.user = ""}, laptop, now), db).error() == errc::out_of_range);
}

TEST_CASE_FIXTURE(fixture,
                  "S7 refresh families that were revoked, stolen or are over leave a full roster; live ones stay") {
    auto const families = *refresh_families::make({{1, *mac_key::generate(alg::hs256)}}, {.idle = 48h});
    auto const start = [&](unix_time at) {
        auto const first = run(families.start({.user = "anna", .client = "app", .resources = {{"api", 720h}}}, at), db);
        REQUIRE(first);
        return *first;
    };
    auto const rotate = [&](std::string const& token, unix_time at) {
        return run(families.rotate({.token = token, .client = "app", .resource = "api"}, at), db);
    };
    auto const idle = start(now), live = start(now);
    REQUIRE(run(shop.join_family(idle, now), db));
    REQUIRE(run(shop.join_family(live, now), db));
    for (std::size_t n = 2; n != max_user_sessions; ++n) {
        auto const one = start(now);
        REQUIRE(run(shop.join_family(one, now), db));
        if (n % 2 == 0) {
            REQUIRE(run(families.revoke(one.token.family(), now), db));
        } else {
            REQUIRE(rotate(one.token.text(), now));
            CHECK(rotate(one.token.text(), now + 60s).error() == errc::refresh_reused);
        }
    }
    CHECK(run(shop.join_family(start(now + 1h), now + 1h), db)); // the first one that finds the roster full
    auto const successor = rotate(live.token.text(), now + 47h);
    REQUIRE(successor);
    for (std::size_t n = 3; n != max_user_sessions; ++n)
        REQUIRE(run(shop.join_family(start(now + 47h), now + 47h), db));
    CHECK(run(shop.join_family(start(now + 48h), now + 48h), db)); // `idle` was not used for two days
    CHECK(run(shop.join_family(start(now + 48h), now + 48h), db).error() == errc::session_limit_reached);
    // The one that lives is still on the roster: a revocation erases it.
    CHECK(rotate(successor->token.text(), now + 49h));
    REQUIRE(run(shop.revoke_user("anna", now + 49h), db));
    CHECK(rotate(successor->token.text(), now + 49h).error() == errc::refresh_unknown);
}

TEST_CASE_FIXTURE(
    fixture,
    "A3 \"device sessions and device session tokens are independent of user logins, browser sessions, or application sessions\"") {
    auto const sessions =
        *device::device_sessions::make(*local_key<es256>::generate(), "k1", "https://risk.example", "shop");
    auto const device = *run(sessions.begin_without_key(device::platform::web, true, now), db);
    auto const alive = [&] { return run(sessions.authenticate(device.token, now), db).has_value(); };

    auto const cookie = log_in(shop);
    CHECK(alive());
    REQUIRE(run(shop.log_out_user("anna", logout_scope::everywhere, now), db));
    CHECK(why(shop, cookie) == errc::session_ended);
    CHECK(alive());
    REQUIRE(run(shop.revoke_user("anna", now), db));
    REQUIRE(run(shop.revoke_all(logout_scope::everywhere, now), db));
    CHECK(alive());
    CHECK(run(sessions.authenticate(device.token, now), db)->user().empty()); // a login there is none here

    auto const again = log_in(shop, now + 1s);
    REQUIRE(run(sessions.end(*run(sessions.authenticate(device.token, now + 1s), db), now + 1s), db));
    CHECK(use(shop, again, now + 1s));
}

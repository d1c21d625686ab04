#include <signet/session/login_session.hpp>

#include <doctest/doctest.h>

#include <map>

using namespace signet;
using namespace signet::session;
using namespace std::chrono_literals;

namespace {
constexpr unix_time now{1'800'000'000s};
}

TEST_CASE("C1 to C12, D4, D9: every state and event of a login session, against the rules in prose") {
    using s = session_state;
    using e = session_event;
    // Written down from RULES C and D, not read from the table.
    std::map<std::pair<s, e>, s> moves{
        {{s::visiting, e::use}, s::visiting}, {{s::visiting, e::log_in}, s::active},
        {{s::active, e::use}, s::active},     {{s::active, e::renew}, s::active},
        {{s::active, e::extend}, s::active},  {{s::active, e::step_up}, s::active},
        {{s::active, e::log_in}, s::ended},   {{s::visiting, e::idle_over}, s::idle},
        {{s::active, e::idle_over}, s::idle}, {{s::idle, e::reenter}, s::active},
        {{s::active, e::give_way}, s::ended}, {{s::idle, e::give_way}, s::ended},
    };
    for (s live : {s::visiting, s::active, s::idle}) {
        moves[{live, e::lifetime_over}] = s::expired;
        moves[{live, e::log_out}] = s::ended;
        moves[{live, e::revoke}] = s::ended;
    }
    std::size_t pairs = 0;
    decltype(session_lifecycle)::each_pair([&](s state, e event) {
        CAPTURE(name(state));
        CAPTURE(name(event));
        auto const expected = moves.find({state, event});
        auto const next = session_lifecycle.next(state, event);
        CHECK(next.has_value() == (expected != moves.end()));
        if (next && expected != moves.end()) CHECK(*next == expected->second);
        ++pairs;
    });
    CHECK(pairs == 55);
}

TEST_CASE("C11 logout, expiry, idleness and a visitor are told apart, and none of them is a session") {
    CHECK(session_refusal(session_state::ended) == errc::session_ended);
    CHECK(session_refusal(session_state::expired) == errc::session_expired);
    CHECK(session_refusal(session_state::idle) == errc::session_idle);
    CHECK(session_refusal(session_state::visiting) == errc::login_required);
    for (auto s : {session_state::ended, session_state::expired, session_state::idle, session_state::visiting})
        CHECK(http_status(session_refusal(s)) == 401);
}

TEST_CASE("the clocks: a state follows from the record and now, to the second, also when time goes backwards") {
    session_profile const p{.name = "test", .idle = 1h, .touch_every = 1s};
    auto const at = [&](unix_time t, session_state stored = session_state::active) {
        return state_at(stored, now + 10h, now, p, t);
    };
    CHECK(at(now) == session_state::active);
    CHECK(at(now + 59min + 59s) == session_state::active);
    CHECK(at(now + 1h) == session_state::idle);
    CHECK(at(now + 10h - 1s) == session_state::idle);
    CHECK(at(now + 10h) == session_state::expired);
    CHECK(at(now - 24h) == session_state::active);
    CHECK(at(now + 100h, session_state::ended) == session_state::ended);
    CHECK(at(now, session_state::visiting) == session_state::visiting);
    CHECK(state_at(session_state::active, now + 10h, now, profiles::standard, now + 9h) ==
          session_state::active); // no idle clock
}

TEST_CASE("C1 C2 a lifetime is two weeks by default, a year at most, and longer is refused at configuration") {
    CHECK(profiles::standard.lifetime == 1'209'600s);
    auto const make = [](session_profile p) {
        return login_sessions::make("t", "app", *mac_key::generate(alg::hs256), {.profile = p});
    };
    CHECK(make({.name = "year", .lifetime = 31'536'000s}));
    CHECK(make({.name = "more", .lifetime = 31'536'001s}).error() == errc::session_lifetime_too_long);
    CHECK(make({.name = "none", .lifetime = 0s}).error() == errc::session_lifetime_too_long);
    CHECK(make({.name = "negative", .idle = -1s}).error() == errc::session_lifetime_too_long);
    CHECK(make({.name = "inaccurate", .idle = 60s, .touch_every = 31s}).error() == errc::session_lifetime_too_long);
    CHECK(make({.name = "never written", .idle = 60s, .touch_every = std::chrono::seconds::max()}).error() ==
          errc::session_lifetime_too_long);
    CHECK(make({.name = "odd", .idle = 61s, .touch_every = 30s}));
    CHECK(make({.name = "overlapping", .renewal = 10s, .overlap = 10s}).error() == errc::session_lifetime_too_long);
    for (auto const& [tenant, app] : {std::pair{"", ""}, std::pair{"t", ""}, std::pair{"", "app"}}) // S22
        CHECK(login_sessions::make(tenant, app, *mac_key::generate(alg::hs256)).error() == errc::out_of_range);
    CHECK(login_sessions::make("t", "app", *mac_key::generate(alg::hs256), {.max_sessions = 0}).error() ==
          errc::out_of_range);
    CHECK(login_sessions::make("t", "app", *mac_key::generate(alg::hs256), {.max_sessions = 257}).error() ==
          errc::out_of_range);
}

TEST_CASE("NIST SP 800-63B-4 and OWASP: the profiles say what the norms say") {
    CHECK(profiles::aal1.absolute == 30 * 24h);
    CHECK(profiles::aal2.absolute == 24h);
    CHECK(profiles::aal2.idle == 1h);
    CHECK(profiles::aal2.reenter_after_idle);
    CHECK(profiles::aal3.absolute == 12h);
    CHECK(profiles::aal3.idle == 15min);
    CHECK_FALSE(profiles::aal3.reenter_after_idle);
    CHECK(profiles::owasp_low.idle <= 30min);
    CHECK(profiles::owasp_high.idle <= 5min);
    CHECK(profiles::owasp_high.renewal != 0s);
}

namespace {
// [own]
// As aal2, but over after eight hours, with a new id every hour. What cannot be kept does not compile.
constexpr session_profile office = [] {
    auto p = profiles::aal2;
    p.name = "office";
    p.lifetime = p.absolute = 8h;
    p.renewal = 1h;
    return p;
}();
static_assert(office.check());
// [/own]
} // namespace

TEST_CASE("a profile of one's own is kept as it is said") {
    CHECK(login_sessions::make("t", "app", *mac_key::generate(alg::hs256), {.profile = office}));
    CHECK(state_at(session_state::active, now + office.lifetime, now, office, now + 1h) == session_state::idle);
    CHECK(state_at(session_state::active, now + office.lifetime, now + 8h - 1s, office, now + 8h) ==
          session_state::expired);
}

TEST_CASE("audit: one line, no second one, whatever the user is called") {
    audit_event const event{.at = now,
                            .what = name(session_event::use),
                            .refused = errc::session_idle,
                            .user = "anna\nuse user=root",
                            .app = "shop",
                            .session_hash = "abc"};
    CHECK(event.text() == "use refused session_idle user=anna?use?user?root app=shop session=abc");
}

TEST_CASE("audit: an event for every other decision, allowed or refused") {
    CHECK(audit("block a device", "anna", "shop", result<int>{1}, now).text() == "block a device user=anna app=shop");
    CHECK(audit("refresh", "anna", "shop", result<int>{errc::refresh_reused}, now).text() ==
          "refresh refused refresh_reused user=anna app=shop");
}

TEST_CASE(
    "walks through the table: nothing leaves an ended or expired session, and every way to active passes a login or a re-entry") {
    // Every walk of up to six events from every state.
    auto const walk = [](auto const& self, session_state s, bool authenticated, int left) -> void {
        if (s == session_state::active) CHECK(authenticated);
        if (left == 0) return;
        for (std::size_t e = 0; e != enum_count<session_event>; ++e) {
            auto const event = static_cast<session_event>(e);
            auto const to = session_lifecycle.next(s, event);
            if (!to) continue;
            CHECK(s != session_state::ended);
            CHECK(s != session_state::expired);
            self(self, *to, authenticated || event == session_event::log_in || event == session_event::reenter,
                 left - 1);
        }
    };
    walk(walk, session_state::visiting, false, 5);
}

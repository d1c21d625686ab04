// What docs/guide/session.md shows of access decisions, of revocations, and of an administrator's list.
#include <signet/http/cookie.hpp>
#include <signet/jwt.hpp>
#include <signet/oauth/refresh.hpp>
#include <signet/session.hpp>
#include <signet/session/session_summary.hpp>
#include <signet/store/memory.hpp>
#include <signet/store/scan.hpp>

#include <doctest/doctest.h>

#include <set>
#include <string>
#include <vector>

using namespace signet;
using namespace std::chrono_literals;

namespace {

// [access]
// One request: what the cookie reader found, what the look-up gave and what the verifier said are the evidence.
session::access_decision judge(std::string_view cookie_field, session::client_properties const& client,
                               session::login_sessions const& sessions, jwt::verifier<es256> const& tokens,
                               store::memory& db, unix_time now) {
    auto const cookie = http::cookie_reader{cookie_field}.find("__Host-sid");
    auto const used = run(sessions.authenticate(cookie ? *cookie : std::string_view{}, client, now), db);
    auto const held = used ? used->session.access_token() : std::string_view{};
    return session::decide_access({
        .cookie = session::cookie_status::from(cookie),
        .session = session::session_status::from(used, {.level = 1}, now),
        .token = held.empty() ? session::token_status::none() : session::token_status::from(tokens.verify(held, now)),
        .idp = session::idp_status::not_known(),
    });
}
// [/access]

// [family]
// The refresh token of a session. The family joins before its token is sent: then a revocation ends both.
result<oauth::refresh_grant> begin_family(session::login_sessions const& sessions,
                                          oauth::refresh_families const& families, session::live_session const& session,
                                          store::memory& db, unix_time now) {
    auto first = run(families.start({.user = session.user(),
                                     .client = "app",
                                     .session = session.sid(),
                                     .scope = "offline_access",
                                     .resources = {{"orders", 720h}}},
                                    now),
                     db);
    if (!first) return first;
    if (auto const joined = run(sessions.join_family(*first, now), db); !joined) return joined.error(); // send nothing
    return first;
}
// [/family]

// [everywhere]
// "Log out everywhere": the sessions first, because a session that lives could begin another family. If it fails, call
// it again.
result<session::ended_sessions> end_everything(std::string_view user, session::login_sessions const& sessions,
                                               oauth::refresh_families const& families, store::memory& db,
                                               unix_time now) {
    auto ended = run(sessions.revoke_user(user, now), db); // and the families that joined
    if (!ended) return ended;
    if (auto const others = run(families.revoke_user(user, now), db); !others) return others.error();
    return ended;
}
// [/everywhere]

// [administrator]
// The next sessions of all users, from where the last call ended; none when `position.is_over()`.
template <store::scannable_store Store>
result<std::vector<session::session_summary>> next_sessions(Store& db, store::scan_position& position, unix_time now) {
    std::vector<session::session_summary> found;
    store::scan_page page; // wiped when it goes
    while (found.empty() && !position.is_over()) {
        if (auto const scanned = db.scan(position, now, page); !scanned) return scanned.error();
        for (auto const& each : page.records()) { // of every kind
            auto one = session::read_session_summary(each.octets.reveal());
            if (one && *one) found.push_back(**std::move(one)); // an error: damaged, or of a newer version
        }
    }
    return found;
}
// [/administrator]

} // namespace

TEST_CASE("the guide: a request is judged by evidence") {
    unix_time const now{1'800'000'000s};
    store::memory db;
    auto const sessions = session::login_sessions::make("acme", "shop", *mac_key::generate(alg::hs256), {});
    auto const key = local_key<es256>::generate();
    REQUIRE(sessions);
    REQUIRE(key);
    jose::key_set<es256> keys;
    REQUIRE(keys.add("k1", key->verifier_key()));
    jwt::verifier<es256> const tokens{std::move(keys),
                                      {.issuer = "https://id.example", .audience = "shop", .type = "at+jwt"}};
    auto const signer = jwt::signer<es256>::make(*key, {.type = "at+jwt", .key_id = "k1"});
    REQUIRE(signer);

    auto const decide = [&](std::string const& field, unix_time at) {
        return judge(field, {}, *sessions, tokens, db, at).action;
    };
    CHECK(decide("", now) == session::access::login);
    CHECK(decide("__Host-sid=junk", now) == session::access::login);

    auto const in = run(sessions->log_in({.user = "anna"}, {}, now), db);
    REQUIRE(in);
    std::string const field = "__Host-sid=" + std::string{in->cookie};
    CHECK(decide(field, now) == session::access::login); // B13: no access token hangs on it

    jwt::claims claims;
    claims.issuer("https://id.example").audience("shop").subject("anna").issued_at(now).expires_at(now + 5min);
    auto const token = signer->sign(claims);
    auto const linked = session::linked_token::verify(tokens, *token, now);
    REQUIRE(linked);
    REQUIRE(run(sessions->link(in->cookie, *linked, {}, now), db));
    CHECK(decide(field, now + 1min) == session::access::allow);
    CHECK(decide(field, now + 6min) == session::access::silent_authentication);
    CHECK(decide(field + "; " + field, now + 1min) == session::access::login);
}

TEST_CASE("the guide: a log-out everywhere ends the families that joined, and those that did not") {
    unix_time const now{1'800'000'000s};
    auto const sessions = session::login_sessions::make("acme", "shop", *mac_key::generate(alg::hs256), {});
    auto const families = oauth::refresh_families::make({{1, *mac_key::generate(alg::hs256)}});
    REQUIRE(sessions);
    REQUIRE(families);
    auto const refresh = [&](store::memory& db, oauth::refresh_grant const& grant) {
        auto const text = grant.token.text();
        auto const next = run(families->rotate({.token = text, .client = "app", .resource = "orders"}, now + 2s), db);
        return next ? errc{} : next.error().code;
    };
    for (bool const everything : {false, true}) {
        CAPTURE(everything);
        store::memory db;
        auto const in = run(sessions->log_in({.user = "anna"}, {}, now), db);
        REQUIRE(in);
        auto const joined = begin_family(*sessions, *families, in->session, db, now);
        auto const alone = run(families->start({.user = "anna",
                                                .client = "app",
                                                .session = in->session.sid(), // which alone joins nothing
                                                .scope = "offline_access",
                                                .resources = {{"orders", 720h}}},
                                               now),
                               db);
        REQUIRE(joined);
        REQUIRE(alone);
        if (everything) REQUIRE(end_everything("anna", *sessions, *families, db, now + 1s));
        else REQUIRE(run(sessions->revoke_user("anna", now + 1s), db));
        CHECK(refresh(db, *joined) != errc{});
        CHECK((refresh(db, *alone) != errc{}) == everything);
        CHECK(run(sessions->authenticate(in->cookie, {}, now + 2s), db).error() == errc::session_ended);
    }
}

TEST_CASE("the guide: an administrator lists the sessions of all users") {
    unix_time const now{1'800'000'000s};
    store::memory db;
    auto const sessions = session::login_sessions::make("acme", "shop", *mac_key::generate(alg::hs256), {});
    REQUIRE(sessions);
    std::set<std::string> users, seen, sids, seen_sids;
    for (int n = 0; n != 20; ++n) {
        auto const user = "user " + std::to_string(n);
        users.insert(user);
        auto const in = run(sessions->log_in({.user = user}, {.device = "Firefox"}, now), db);
        REQUIRE(in);
        sids.insert(in->session.sid());
    }
    REQUIRE(run(sessions->revoke_user("user 7", now), db));
    for (store::scan_position at; !at.is_over();) {
        auto const some = next_sessions(db, at, now);
        REQUIRE(some);
        for (auto const& s : *some) {
            CHECK(seen.insert(s.user).second);
            seen_sids.insert(s.sid);
            CHECK(s.app == "shop");
            CHECK(s.device == "Firefox");
            CHECK((s.state == session::session_state::ended) == (s.user == "user 7"));
        }
    }
    CHECK(seen == users);
    CHECK(seen_sids == sids);
    // What ends all sessions at once is in no session's record.
    REQUIRE(run(sessions->revoke_all(session::logout_scope::everywhere, now), db));
    store::scan_position again;
    auto const after = next_sessions(db, again, now);
    REQUIRE(after);
    CHECK(std::ranges::count(*after, session::session_state::active, &session::session_summary::state) == 19);
}

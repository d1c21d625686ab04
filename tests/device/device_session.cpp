#include "transport.hpp"

#include <signet/device/client.hpp>
#include <signet/device/device_session.hpp>
#include <signet/http/cache_control.hpp>
#include <signet/proof/challenge.hpp>
#include <signet/proof/record_key.hpp>
#include <signet/store/memory.hpp>
#include <signet/store/record.hpp>
#include <signet/testing/faulty_store.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <map>

using namespace signet;
using namespace signet::device;
using namespace std::chrono_literals;
using proof::device_key;
using testing_support::transport;

namespace {

constexpr unix_time now{1'800'000'000s};

local_key<es256> const& server_key() {
    static auto const one = *local_key<es256>::generate();
    return one;
}
device_sessions sessions_with(device_session_policy policy) {
    return *device_sessions::make(server_key(), "k1", "https://risk.example.com", "shop", std::move(policy));
}
device_session_policy usual() {
    return {.actions = {{.action_type = "login"},
                        {.action_type = "transaction"},
                        {.action_type = "account_details_change"},
                        {.action_type = "browse", .secure = false},
                        {.action_type = "poll", .single_use = false, .accept_unbound = true},
                        {.action_type = "wire", .demand_key_proof = true}}};
}

// What runs on the device: its key, its session and its current token.
struct client {
    local_key<es256> key = *local_key<es256>::generate();
    device_session_info session{};

    device_key shown() const { return *device_key::from_key(key.key().public_part()); }
    proof::verified_key prove(store::memory& db, unix_time at = now) const {
        proof::challenge_params const params{.purpose = "device-session", .app = "shop"};
        auto const challenge = *run(proof::issue_challenge(params, at), db);
        auto const answer = *proof::sign_challenge(key.key(), alg::es256, challenge, params);
        return *run(proof::redeem_challenge(answer, params, key.key().public_part(), alg::es256, at), db);
    }
    void begin(device_sessions const& s, store::memory& db, platform on = platform::web, unix_time at = now) {
        auto made = run(s.begin(shown(), prove(db, at), on, true, at), db);
        REQUIRE(made);
        session = *made;
    }
    std::string secure(std::optional<std::string_view> action, std::chrono::seconds lifetime = default_action_lifetime,
                       unix_time at = now) const {
        return *make_action_token(
            key, {.device_session = session.id, .audience = "shop", .action_type = action, .expiration = lifetime}, at);
    }
};

struct fixture {
    store::memory db;
    device_sessions sessions = sessions_with(usual());
    client laptop;

    fixture() { laptop.begin(sessions, db); }
    result<triggered_action> trigger(client const& c, std::string action, std::string secure = {}, unix_time at = now,
                                     proof::verified_key const* proved = nullptr) {
        return run(sessions.trigger({.session_token = c.session.token,
                                     .secured_session_token = std::move(secure),
                                     .action_type = std::move(action)},
                                    at, proved),
                   db);
    }
    /// The key signs a challenge for a device session by this algorithm.
    proof::verified_key prove(private_key const& key, alg a) {
        proof::challenge_params const params{.purpose = "device-session", .app = "shop"};
        auto const challenge = *run(proof::issue_challenge(params, now), db);
        return *run(proof::redeem_challenge(*proof::sign_challenge(key, a, challenge, params), params,
                                            key.public_part(), a, now),
                    db);
    }
    errc why(auto const& decision) {
        REQUIRE_FALSE(decision);
        return decision.error().code;
    }
    authenticated_device device(client const& c, unix_time at = now) {
        return *run(sessions.authenticate(c.session.token, at), db);
    }
};

} // namespace

TEST_CASE("A1 to A14: every state and event of a device session, against the rules in prose") {
    using s = device_session_state;
    using e = device_session_event;
    std::map<std::pair<s, e>, s> moves;
    for (s live : {s::anonymous, s::identified}) {
        moves[{live, e::use}] = moves[{live, e::refresh}] = live;
        moves[{live, e::set_user}] = s::identified;
        moves[{live, e::clear_user}] = s::anonymous;
        moves[{live, e::lifetime_over}] = s::expired;
        moves[{live, e::end}] = s::ended;
    }
    std::size_t pairs = 0;
    decltype(device_session_lifecycle)::each_pair([&](s state, e event) {
        auto const expected = moves.find({state, event});
        auto const next = device_session_lifecycle.next(state, event);
        CHECK(next.has_value() == (expected != moves.end()));
        if (next && expected != moves.end()) CHECK(*next == expected->second);
        ++pairs;
    });
    CHECK(pairs == 24);
}

TEST_CASE_FIXTURE(fixture,
                  "A1 A2 initialising creates exactly one session and its token; two sessions never share one") {
    CHECK(laptop.session.id.size() == 22);
    CHECK(laptop.session.user.empty());
    client other;
    other.begin(sessions, db);
    CHECK(other.session.id != laptop.session.id);
    CHECK(other.session.token != laptop.session.token);
    CHECK(device(laptop).id() == laptop.session.id);
    CHECK(device(other).id() == other.session.id);
}

TEST_CASE_FIXTURE(fixture,
                  "A16 RFC 8725 3.1 a session begins with a proof by the algorithm that its key is pinned to") {
    auto const rsa = *private_key::generate(alg::ps256);
    auto const proved = [&](alg a) { return prove(rsa, a); };
    auto const pinned = *device_key::from_key(rsa.public_part()); // to PS256
    CHECK(why(run(sessions.begin(pinned, proved(alg::rs256), platform::web, true, now), db)) ==
          errc::possession_missing);
    auto const begun = run(sessions.begin(pinned, proved(alg::ps256), platform::web, true, now), db);
    REQUIRE(begun);

    // And so does whatever demands the key again.
    auto const other = proved(alg::rs256), right = proved(alg::ps256);
    CHECK(why(run(sessions.refresh(begun->token, &other, now), db)) == errc::possession_missing);
    CHECK(run(sessions.refresh(begun->token, &right, now), db));
    auto const browse = [&](proof::verified_key const* key) {
        return run(sessions.trigger({.session_token = begun->token, .action_type = "browse"}, now, key), db);
    };
    CHECK(why(browse(&other)) == errc::possession_missing);
    CHECK(browse(&right));
}

TEST_CASE_FIXTURE(fixture, "RFC 8725 3.1 a session keeps the algorithm that its key was registered with") {
    auto const rsa = *private_key::generate(alg::ps256);
    auto const proved = [&](alg a) { return prove(rsa, a); };
    auto const rs256 = proved(alg::rs256), ps256 = proved(alg::ps256);
    auto const begin = [&](alg a) {
        auto const pinned = *device_key::from_key(rsa.public_part(), a);
        return run(sessions.begin(pinned, a == alg::rs256 ? rs256 : ps256, platform::web, true, now), db);
    };
    auto const stored = [&](std::string_view id) {
        bytes buffer(8192);
        auto const found = db.execute(store::find(proof::record_key("device session", {"shop", id}), buffer, now));
        return bytes(found.record.bytes.begin(), found.record.bytes.end());
    };
    auto const implied = begin(alg::ps256);
    REQUIRE(implied);
    CHECK(stored(implied->id)[0] == 1); // older programs read it
    auto const begun = begin(alg::rs256);
    REQUIRE(begun);
    auto const octets = stored(begun->id);
    CHECK(octets[0] == 2);
    CHECK(octets.size() == stored(implied->id).size() + begun->token.size() - implied->token.size() + 1);
    CHECK(why(run(sessions.refresh(begun->token, &ps256, now), db)) == errc::possession_missing);
    CHECK(run(sessions.refresh(begun->token, &rs256, now), db));

    // A secure token too is verified with that algorithm alone.
    auto const triggered = [&](auto const& key) {
        auto const token = *make_action_token(
            key, {.device_session = begun->id, .audience = "shop", .action_type = "transaction"}, now);
        return run(
            sessions.trigger(
                {.session_token = begun->token, .secured_session_token = token, .action_type = "transaction"}, now),
            db);
    };
    CHECK(triggered(*local_key<signet::rs256>::from_key(rsa)));
    CHECK_FALSE(triggered(*local_key<signet::ps256>::from_key(rsa)));
}

TEST_CASE_FIXTURE(fixture,
                  "A3 A4 A9 A11 users come and go, the session stays; events carry the user until it is cleared") {
    auto const id = laptop.session.id;
    CHECK(trigger(laptop, "browse")->user.empty());
    REQUIRE(run(sessions.set_user(device(laptop), "anna", now), db));
    CHECK(trigger(laptop, "browse")->user == "anna");
    auto const second = run(sessions.set_user(device(laptop), "bert", now), db);
    CHECK(second->id == id);
    CHECK(trigger(laptop, "browse")->user == "bert");
    REQUIRE(run(sessions.clear_user(device(laptop), now), db));
    CHECK(trigger(laptop, "browse")->user.empty());
    CHECK(device(laptop).id() == id);
    CHECK(why(run(sessions.set_user(device(laptop), "", now), db)) == errc::out_of_range);
    CHECK(why(run(sessions.set_user(device(laptop), std::string(257, 'u'), now), db)) == errc::out_of_range);
}

TEST_CASE_FIXTURE(
    fixture,
    "A9 D4 \"Reporting the user ID for the login event builds an association between the user and their actions for the duration of the device session\"") {
    auto const before = trigger(laptop, "browse");
    auto const login = run(sessions.report_login(device(laptop), "anna", now), db);
    REQUIRE(login);
    CHECK(login->action_type == "login");
    CHECK(login->user == "anna");
    CHECK(login->device_session == laptop.session.id);
    CHECK(run(sessions.find_action(login->action_id, now), db)->user == "anna");
    CHECK(trigger(laptop, "browse")->user == "anna");
    CHECK(run(sessions.find_action(before->action_id, now), db)->user.empty());
    CHECK(device(laptop).user() == "anna");
    CHECK(why(run(sessions.report_login(device(laptop), "", now), db)) == errc::out_of_range);
    CHECK(why(run(sessions.report_login(device(laptop), std::string(257, 'u'), now), db)) == errc::out_of_range);

    // The same by a backend, with the tokens that the action demands.
    auto const by_backend = [&](std::string user, std::string secure) {
        return run(sessions.trigger({.session_token = laptop.session.token,
                                     .secured_session_token = std::move(secure),
                                     .action_type = "login",
                                     .user = std::move(user)},
                                    now),
                   db);
    };
    CHECK(why(by_backend("bert", "")) == errc::action_token_required);
    CHECK(why(by_backend("bert", laptop.secure("transaction"))) == errc::action_mismatch);
    CHECK(why(by_backend(std::string(257, 'u'), laptop.secure("login"))) == errc::out_of_range);
    CHECK(device(laptop).user() == "anna"); // what was refused sets nobody
    auto const of_bert = laptop.secure("login");
    CHECK(by_backend("bert", of_bert)->user == "bert");
    CHECK(device(laptop).user() == "bert");
    REQUIRE(run(sessions.clear_user(device(laptop), now), db));
    CHECK(why(by_backend("bert", of_bert)) == errc::replayed);
    CHECK(device(laptop).user().empty()); // A11: nor does a token that is shown again
    CHECK(action_request::parse(R"({"session_token":"t","action_type":"login","user":"eve"})")->user.empty());

    auto const d = device(laptop);
    REQUIRE(run(sessions.end(d, now), db));
    CHECK(why(run(sessions.report_login(d, "anna", now), db)) == errc::session_ended);
}

TEST_CASE_FIXTURE(fixture, "A5 A14 a call gives the current token; when it is old a new one, for the same session") {
    auto const proved = laptop.prove(db);
    CHECK(run(sessions.refresh(laptop.session.token, &proved, now + 299s), db)->token == laptop.session.token);
    auto const fresh = run(sessions.refresh(laptop.session.token, &proved, now + 300s), db);
    REQUIRE(fresh);
    CHECK(fresh->token != laptop.session.token);
    CHECK(fresh->id == laptop.session.id);
    CHECK(run(sessions.authenticate(fresh->token, now + 899s), db)->id() == laptop.session.id);
    CHECK(run(sessions.refresh(laptop.session.token, &proved, now + 301s), db)->token ==
          fresh->token); // a lost answer: the current one
    CHECK(why(run(sessions.refresh(laptop.session.token, nullptr, now), db)) == errc::possession_missing);
    client thief;
    auto const other = thief.prove(db);
    CHECK(why(run(sessions.refresh(laptop.session.token, &other, now), db)) == errc::device_mismatch);
}

TEST_CASE_FIXTURE(fixture, "A6 tokens are short-lived and answers with one are not to be stored") {
    CHECK(run(sessions.authenticate(laptop.session.token, now + 604s), db));
    CHECK(why(run(sessions.authenticate(laptop.session.token, now + 605s), db)) ==
          errc::expired); // ten minutes and the leeway
    CHECK(http::sensitive() == std::string_view{"no-store"});
    auto const proved = laptop.prove(db, now + 700s);
    CHECK(run(sessions.refresh(laptop.session.token, &proved, now + 700s),
              db)); // an expired one can be refreshed while the session lives
    CHECK(why(run(sessions.refresh(laptop.session.token, &proved, now + 1300s), db)) == errc::expired);
}

TEST_CASE_FIXTURE(
    fixture,
    "A7 A8 \"A session token is not required when triggering events directly from the SDK\"; those of the backend need one") {
    CHECK(run(sessions.report(device(laptop), "scroll", now), db));
    CHECK(why(run(sessions.trigger({.session_token = "", .action_type = "login"}, now), db)) ==
          errc::session_token_missing);
    CHECK(why(run(sessions.trigger({.session_token = "x.y.z", .action_type = "login"}, now), db)) !=
          errc::session_token_missing);
}

TEST_CASE_FIXTURE(
    fixture,
    "A9 D4 \"for the duration of the device session\" means also what came before the login: its user is known afterwards") {
    auto const act = [&](unix_time at) { return run(sessions.report(device(laptop), "scroll", at), db)->action_id; };
    auto const find = [&](std::string const& id, unix_time at = now) { return *run(sessions.find_action(id, at), db); };
    auto const first = act(now), triggered = trigger(laptop, "browse")->action_id;
    CHECK(find(first).later_user.empty());
    // The login is reported in the same second, by any of the calls.
    SUBCASE("set_user") { REQUIRE(run(sessions.set_user(device(laptop), "anna", now), db)); }
    SUBCASE("report_login") { REQUIRE(run(sessions.report_login(device(laptop), "anna", now), db)); }
    SUBCASE("a backend's trigger with a user") {
        REQUIRE(run(sessions.trigger({.session_token = laptop.session.token,
                                      .secured_session_token = laptop.secure("login"),
                                      .action_type = "login",
                                      .user = "anna"},
                                     now),
                    db));
    }
    for (auto const& id : {first, triggered}) { // what came before it
        CHECK(find(id).user.empty());           // nobody was logged in
        CHECK(find(id).later_user == "anna");
    }
    auto const own = act(now);
    CHECK(find(own).user == "anna");
    CHECK(find(own).later_user.empty());

    // Another user of the same device takes nothing of it over: neither at once, nor after a time without a user.
    REQUIRE(run(sessions.set_user(device(laptop), "berta", now), db));
    CHECK(find(first).later_user == "anna");
    REQUIRE(run(sessions.clear_user(device(laptop), now), db));
    auto const between = act(now);
    CHECK(find(between).later_user.empty());
    REQUIRE(run(sessions.set_user(device(laptop), "carla", now), db));
    CHECK(find(between).later_user == "carla");
    CHECK(find(first).later_user == "anna");

    // After the session, as long as the action is remembered.
    auto const late = now + usual().remember_actions - 1s;
    CHECK(find(first, late).later_user == "anna");
    CHECK(find(between, late).later_user == "carla");
}

TEST_CASE_FIXTURE(fixture, "A9 a login that is overtaken by the end of another one owns what came before it") {
    REQUIRE(run(sessions.set_user(device(laptop), "anna", now), db));
    auto login = sessions.set_user(device(laptop), "carla", now);
    for (int question = 0; question != 2; ++question) login.answer(db.execute(*login.next()));
    REQUIRE(run(sessions.clear_user(device(laptop), now), db));
    auto const between = run(sessions.report(device(laptop), "scroll", now), db)->action_id;
    CHECK(run(login, db));
    REQUIRE(run(sessions.set_user(device(laptop), "dora", now), db));
    CHECK(run(sessions.find_action(between, now), db)->later_user == "carla");
}

TEST_CASE_FIXTURE(fixture, "A10 a session that nobody logs in to leaves its actions without a user, and no other's") {
    auto const id = run(sessions.report(device(laptop), "scroll", now), db)->action_id;
    client other;
    other.begin(sessions, db);
    REQUIRE(run(sessions.set_user(device(other), "anna", now), db));
    REQUIRE(run(sessions.end(device(laptop), now), db));
    CHECK(run(sessions.find_action(id, now), db)->later_user.empty());
}

TEST_CASE_FIXTURE(fixture,
                  "A9 a login whose report the store interrupts is reported again, and then owns what came before it") {
    testing::faulty_store<store::memory> flaky{db};
    auto const id = run(sessions.report(device(laptop), "scroll", now), db)->action_id;
    for (unsigned question = 0; question != 3; ++question) {
        flaky.fail_next(testing::store_fault::unavailable, question);
        CHECK_FALSE(run(sessions.set_user(device(laptop), "anna", now), flaky));
        auto const user = device(laptop).user();
        CHECK(user.empty());
    }
    REQUIRE(run(sessions.set_user(device(laptop), "anna", now), flaky));
    CHECK(run(sessions.find_action(id, now), db)->later_user == "anna");
}

TEST_CASE_FIXTURE(fixture, "A10 at the session's expiry the user is cleared, and nothing of it is accepted") {
    auto const short_lived = sessions_with({.lifetime = 500s});
    client c;
    c.begin(short_lived, db);
    auto const d = *run(short_lived.authenticate(c.session.token, now), db);
    REQUIRE(run(short_lived.set_user(d, "anna", now), db));
    CHECK(run(short_lived.authenticate(c.session.token, now + 499s), db));
    auto const after = run(short_lived.authenticate(c.session.token, now + 500s), db);
    CHECK(why(after) == errc::session_unknown); // the record is gone, and the user's name with it
    auto const proved = c.prove(db, now + 500s);
    CHECK_FALSE(run(short_lived.refresh(c.session.token, &proved, now + 500s), db));
}

TEST_CASE_FIXTURE(fixture, "A12 tokens can be asked for only if they were enabled at initialisation") {
    client c;
    auto const made = run(sessions.begin(c.shown(), c.prove(db), platform::web, false, now), db);
    REQUIRE(made);
    CHECK(made->token.empty());
    CHECK_FALSE(made->id.empty());
}

TEST_CASE_FIXTURE(fixture,
                  "A13 A15 A23 regular for low risk, secure for high risk; a secure one holds for its action") {
    CHECK(trigger(laptop, "browse"));
    CHECK_FALSE(trigger(laptop, "browse")->secure);
    for (std::string action : {"login", "transaction", "account_details_change"}) {
        CHECK(why(trigger(laptop, action)) == errc::action_token_required);
        auto const done = trigger(laptop, action, laptop.secure(action));
        REQUIRE(done);
        CHECK(done->secure);
        CHECK(done->device_session == laptop.session.id);
    }
}

TEST_CASE_FIXTURE(
    fixture,
    "A16 DECISIONS 13 a secure token from another device is refused, also where that has a session of its own") {
    client thief;
    thief.begin(sessions, db);
    auto const stolen = laptop.secure("transaction");
    CHECK(why(trigger(thief, "transaction", stolen)) == errc::device_mismatch);
    // The thief names the victim's session but signs with his own key; or with the victim's regular token too, without
    // the key.
    auto const forged = *make_action_token(
        thief.key, {.device_session = laptop.session.id, .audience = "shop", .action_type = "transaction"}, now);
    CHECK(why(trigger(laptop, "transaction", forged)) == errc::device_mismatch);
    CHECK(why(trigger(thief, "transaction", forged)) == errc::device_mismatch);
    CHECK(trigger(laptop, "transaction", stolen)); // the owner's own is still good
    CHECK(http_status(errc::device_mismatch, role::action) == 401);
    // No overload takes a thumbprint, or any text, for evidence.
    static_assert(!std::is_convertible_v<std::string, proof::verified_key> &&
                  !std::is_default_constructible_v<authenticated_device>);
}

TEST_CASE_FIXTURE(fixture, "A16 where the rule demands it, the key is proved in the same request") {
    auto const token = laptop.secure("wire");
    CHECK(why(trigger(laptop, "wire", token)) == errc::possession_missing);
    client thief;
    auto const other = thief.prove(db), mine = laptop.prove(db);
    CHECK(why(trigger(laptop, "wire", token, now, &other)) == errc::device_mismatch);
    CHECK(trigger(laptop, "wire", token, now, &mine));
}

TEST_CASE_FIXTURE(fixture, "A16 a proof that is demanded or shown is judged also without a secure token") {
    auto const strict =
        sessions_with({.actions = {{.action_type = "peek", .secure = false, .demand_key_proof = true}}});
    client c, thief;
    c.begin(strict, db);
    auto const ask = [&](proof::verified_key const* proved) {
        return run(strict.trigger({.session_token = c.session.token, .action_type = "peek"}, now, proved), db);
    };
    auto const mine = c.prove(db), other = thief.prove(db);
    CHECK(why(ask(nullptr)) == errc::possession_missing);
    CHECK(why(ask(&other)) == errc::device_mismatch);
    CHECK(ask(&mine));
    // A23: what no rule names takes a regular token, and no less than one.
    CHECK(run(strict.trigger({.session_token = c.session.token, .action_type = "scroll"}, now), db));
    CHECK_FALSE(run(strict.trigger({.session_token = c.session.token + "x", .action_type = "scroll"}, now), db));
}

TEST_CASE_FIXTURE(fixture,
                  "A8 A11 an event from within goes by the session as it is then: its user, and whether it lives") {
    auto const d = device(laptop);
    REQUIRE(run(sessions.set_user(d, "anna", now), db));
    CHECK(run(sessions.report(d, "scroll", now), db)->user == "anna");
    REQUIRE(run(sessions.clear_user(d, now), db));
    CHECK(run(sessions.report(d, "scroll", now), db)->user.empty());
    CHECK(why(run(sessions.report(d, std::string(129, 'x'), now), db)) == errc::out_of_range);
    REQUIRE(run(sessions.end(d, now), db));
    CHECK(why(run(sessions.report(d, "scroll", now), db)) == errc::session_ended);
}

TEST_CASE_FIXTURE(fixture, "A17 every call makes a new token, also with equal arguments in the same second") {
    CHECK(laptop.secure("login") != laptop.secure("login"));
    CHECK(trigger(laptop, "login", laptop.secure("login")));
    CHECK(trigger(laptop, "login", laptop.secure("login")));
}

TEST_CASE_FIXTURE(fixture,
                  "A18 the action type is optional; an unbound token is enough only where the policy says so") {
    CHECK(why(trigger(laptop, "login", laptop.secure(std::nullopt))) == errc::action_mismatch);
    CHECK(trigger(laptop, "poll", laptop.secure(std::nullopt)));
    CHECK(trigger(laptop, "poll", laptop.secure("poll")));
}

TEST_CASE_FIXTURE(
    fixture,
    "A19 secure token lifetime: default 300 s, at most 3600 s; longer or none is refused, here and at the server") {
    auto const make = [&](std::chrono::seconds lifetime) {
        return make_action_token(
            laptop.key,
            {.device_session = laptop.session.id, .audience = "shop", .action_type = "login", .expiration = lifetime},
            now);
    };
    CHECK(action_params{}.expiration == 300s);
    for (auto lifetime : {1s, 300s, 600s, 3600s}) CHECK(make(lifetime));
    for (auto lifetime : {0s, -1s, 3601s, std::chrono::seconds::max(), std::chrono::seconds::min()})
        CHECK(make(lifetime).error() == errc::invalid_action_lifetime);
    CHECK(trigger(laptop, "login", laptop.secure("login"), now + 304s));
    CHECK(why(trigger(laptop, "login", laptop.secure("login"), now + 305s)) == errc::expired); // 300 and the leeway
    // A device that makes its own longer ones.
    auto const sign = [&](std::string const& payload) {
        std::string token;
        output out{token};
        jose::header_params header;
        header.typ = action_token_type;
        REQUIRE(jose::jws_sign(laptop.key, as_bytes(payload), header, out));
        return token;
    };
    auto const claims = [&](std::string times) {
        return R"({"sid":")" + laptop.session.id + R"(","aud":"shop","action":"login","jti":"1",)" + times + "}";
    };
    CHECK(why(trigger(laptop, "login", sign(claims(R"("iat":1800000000,"exp":1800003601)")))) ==
          errc::action_lifetime_exceeded);
    CHECK(why(trigger(laptop, "login", sign(claims(R"("iat":1800000000,"exp":1800000000)")))) ==
          errc::action_lifetime_exceeded);
    CHECK(why(trigger(laptop, "login", sign(claims(R"("iat":1800000006,"exp":1800000300)")))) ==
          errc::issued_in_future);
    CHECK(why(trigger(laptop, "login", sign(claims(R"("iat":-1,"exp":1800000300)")))) == errc::claim_wrong_type);
    CHECK(why(trigger(laptop, "login", sign(claims(R"("iat":1800000000)")))) == errc::claim_missing);
    CHECK(why(trigger(laptop, "login", sign("[]"))) == errc::malformed_payload);
    CHECK(why(trigger(laptop, "login", sign("{"))) == errc::malformed_payload);
    CHECK(trigger(laptop, "login", sign(claims(R"("iat":1800000000,"exp":1800003600)"))));
}

TEST_CASE_FIXTURE(
    fixture, "A20 a token for another action in the same device session: 403 Action type mismatch, in those words") {
    // [sentence]
    auto const refused = trigger(laptop, "transaction", laptop.secure("login"));
    CHECK(why(refused) == errc::action_mismatch);
    CHECK(http_status(errc::action_mismatch, role::action) == 403);
    CHECK(message(errc::action_mismatch) == "Action type mismatch");
    // [/sentence]
    // It is told of an otherwise authentic token only: another key, another session, or an expired one say so first.
    client thief;
    thief.begin(sessions, db);
    CHECK(why(trigger(thief, "transaction", laptop.secure("login"))) == errc::device_mismatch);
    CHECK(why(trigger(laptop, "transaction", laptop.secure("login", 1s), now + 10s)) == errc::expired);
}

TEST_CASE_FIXTURE(fixture, "A21 a secure token works once; a refused one has not been used up") {
    auto const token = laptop.secure("transaction");
    CHECK(why(trigger(laptop, "login", token)) == errc::action_mismatch);
    CHECK(trigger(laptop, "transaction", token));
    CHECK(why(trigger(laptop, "transaction", token)) == errc::replayed);
    auto const many = laptop.secure("poll"); // where the policy does not ask for single use
    CHECK(trigger(laptop, "poll", many));
    CHECK(trigger(laptop, "poll", many));
}

TEST_CASE_FIXTURE(
    fixture,
    "S1 A21 a secure token is used up as of its `iat` less the leeway, since the device's clock may be ahead") {
    auto op = sessions.trigger({.session_token = laptop.session.token,
                                .secured_session_token = laptop.secure("transaction"),
                                .action_type = "transaction"},
                               now);
    std::optional<unix_time> issued;
    while (auto const* ask = op.next()) {
        if (ask->single_use) issued = ask->issued;
        op.answer(db.execute(*ask));
    }
    REQUIRE(op.get());
    CHECK(issued == now - 5s);
}

TEST_CASE_FIXTURE(fixture, "S5 A8 A12 a session without tokens is used by its id and a proof of its key") {
    client phone;
    auto const begun = run(sessions.begin(phone.shown(), phone.prove(db), platform::ios, false, now), db);
    REQUIRE(begun);
    CHECK(begun->token.empty());
    auto const device = run(sessions.authenticate_by_key(begun->id, phone.prove(db), now), db);
    REQUIRE(device);
    CHECK(device->id() == begun->id);
    CHECK(device->key_thumbprint() == phone.shown().thumbprint());
    CHECK(run(sessions.report(*device, "browse", now), db)->device_session == begun->id);
    CHECK(run(sessions.set_user(*device, "anna", now), db)->user == "anna");
    CHECK(run(sessions.authenticate_by_key(begun->id, phone.prove(db), now), db)->user() == "anna");
    CHECK(run(sessions.authenticate_by_key(laptop.session.id, laptop.prove(db), now), db)); // one with tokens too

    CHECK(why(run(sessions.authenticate_by_key(begun->id, laptop.prove(db), now), db)) == errc::device_mismatch);
    CHECK(why(run(sessions.authenticate_by_key("nobody's", phone.prove(db), now), db)) == errc::session_unknown);
    auto const keyless = run(sessions.begin_without_key(platform::web, true, now), db);
    CHECK(why(run(sessions.authenticate_by_key(keyless->id, phone.prove(db), now), db)) == errc::device_mismatch);
    CHECK(why(run(sessions.begin_without_key(platform::web, false, now), db)) == errc::session_token_disabled);

    REQUIRE(run(sessions.end(*device, now), db));
    CHECK(why(run(sessions.authenticate_by_key(begun->id, phone.prove(db), now), db)) == errc::session_ended);
    CHECK(why(run(sessions.authenticate_by_key(begun->id, laptop.prove(db), now), db)) == errc::device_mismatch);
}

TEST_CASE_FIXTURE(fixture, "S13 the server's key is replaced: tokens of the former key are good until they expire") {
    auto const next = *local_key<ed25519>::generate();
    auto const make = [&](std::vector<former_signing_key> former) {
        auto policy = usual();
        policy.former_keys = std::move(former);
        return device_sessions::make(next, "k2", "https://risk.example.com", "shop", policy);
    };
    former_signing_key const old{"k1", server_key().key().public_part(), alg::es256};
    auto const rotated = *make({old}), forgetful = *make({});
    CHECK(run(rotated.authenticate(laptop.session.token, now), db));
    CHECK_FALSE(run(forgetful.authenticate(laptop.session.token, now), db));
    auto const proved = laptop.prove(db, now + 400s);
    auto const fresh = run(rotated.refresh(laptop.session.token, &proved, now + 400s), db);
    REQUIRE(fresh);
    CHECK(run(forgetful.authenticate(fresh->token, now + 400s), db)); // one of the new key
    CHECK_FALSE(run(sessions.authenticate(fresh->token, now + 400s), db));
    CHECK(why(run(rotated.authenticate(laptop.session.token, now + 606s), db)) == errc::expired);

    CHECK(make({{"k1", server_key().key().public_part(), alg::rs256}}).error() == errc::wrong_key_type);
    CHECK(make(std::vector<former_signing_key>(max_former_keys + 1, old)).error() == errc::out_of_range);
}

TEST_CASE_FIXTURE(fixture, "S6 all sessions of a key end together: those that live, and those that are beginning") {
    client same = laptop; // another tab: the same key, a session of its own
    same.begin(sessions, db);
    client other;
    other.begin(sessions, db);
    auto const thumbprint = laptop.shown().thumbprint();
    auto beginning = sessions.begin(laptop.shown(), laptop.prove(db), platform::web, true, now);
    while (beginning.next()->verb != store::verb::insert) beginning.answer(db.execute(*beginning.next()));
    beginning.answer(db.execute(*beginning.next())); // it is there, and in no list yet

    auto ended = run(sessions.end_by_key(thumbprint, now), db);
    REQUIRE(ended);
    std::ranges::sort(*ended);
    std::vector<std::string> expected{laptop.session.id, same.session.id};
    std::ranges::sort(expected);
    CHECK(*ended == expected);
    CHECK(why(run(sessions.authenticate(laptop.session.token, now), db)) == errc::session_ended);
    CHECK(why(trigger(same, "browse")) == errc::session_ended);
    CHECK(why(run(beginning, db)) == errc::session_ended);
    CHECK(trigger(other, "browse"));

    CHECK(run(sessions.end_by_key(thumbprint, now), db)->empty());
    laptop.begin(sessions, db); // whether it may begin anew is the registry's business
    CHECK(trigger(laptop, "browse"));
    CHECK(run(sessions.end_by_key(thumbprint, now), db)->size() == 1);
}

TEST_CASE_FIXTURE(fixture,
                  "S6 whatever the store does: what `end_by_key` reported done is done, and the same call goes on") {
    client same = laptop;
    same.begin(sessions, db);
    auto const thumbprint = laptop.shown().thumbprint();
    for (unsigned step = 0; step != 12; ++step) {
        laptop.begin(sessions, db);
        auto op = sessions.end_by_key(thumbprint, now);
        for (unsigned at = 0; op.next(); ++at)
            op.answer(at == step ? store::reply::failure(errc::store_unavailable) : db.execute(*op.next()));
        if (op.get()) CHECK_FALSE(trigger(laptop, "browse"));
        REQUIRE(run(sessions.end_by_key(thumbprint, now), db));
        CHECK(why(trigger(laptop, "browse")) == errc::session_ended);
        CHECK(why(trigger(same, "browse")) == errc::session_ended);
    }
}

TEST_CASE("S6 as many sessions of one key as `max_key_sessions`; one that expired makes room") {
    store::memory db;
    auto const sessions = sessions_with({.lifetime = 100s, .token_lifetime = 50s, .refresh_after = 20s});
    client one;
    auto const proved = one.prove(db);
    for (std::size_t n = 0; n != max_key_sessions; ++n)
        REQUIRE(run(sessions.begin(one.shown(), proved, platform::web, false, now), db));
    CHECK(run(sessions.begin(one.shown(), proved, platform::web, false, now), db).error() ==
          errc::session_limit_reached);
    CHECK(run(sessions.begin(one.shown(), proved, platform::web, false, now + 100s), db));
    client another;
    another.begin(sessions, db);
}

TEST_CASE("S6 where the policy names the devices, a blocked device does nothing more in its sessions") {
    store::memory db;
    auto policy = usual();
    device_registry const devices{"shop"};
    policy.devices = devices;
    auto const sessions = sessions_with(policy), trusting = sessions_with(usual());
    client phone;
    phone.begin(sessions, db);
    auto const key = phone.shown();
    auto const use = [&](device_sessions const& s) -> errc {
        auto const found = run(s.authenticate(phone.session.token, now), db);
        return found ? errc{} : found.error().code;
    };
    auto const act = [&]() -> errc {
        auto const done =
            run(sessions.trigger({.session_token = phone.session.token, .action_type = "browse"}, now), db);
        return done ? errc{} : done.error().code;
    };
    REQUIRE(run(devices.add_unproved("anna", {.key_id = "phone", .key = key}, now), db));
    auto const authentic = run(sessions.authenticate(phone.session.token, now), db);
    REQUIRE(run(sessions.set_user(*authentic, "anna", now), db));
    CHECK(use(sessions) == errc{});

    REQUIRE(run(devices.block("anna", "phone", now), db));
    CHECK(use(sessions) == errc::device_blocked);
    CHECK(act() == errc::device_blocked);
    CHECK(run(sessions.report(*authentic, "browse", now), db).error() == errc::device_blocked);
    CHECK(run(sessions.authenticate_by_key(phone.session.id, phone.prove(db), now), db).error() ==
          errc::device_blocked);
    auto const proved = phone.prove(db);
    CHECK(run(sessions.refresh(phone.session.token, &proved, now), db).error() == errc::device_blocked);
    CHECK(use(trusting) == errc{}); // nobody said so there
    REQUIRE(run(devices.remove("anna", "phone", now), db));
    CHECK(use(sessions) == errc::device_blocked); // a block outlives its device
    REQUIRE(run(devices.forget_blocked_keys("anna", "phone", now), db));
    CHECK(use(sessions) == errc{}); // not registered: the policy says nothing of those

    REQUIRE(run(devices.suspend("anna", now), db));
    CHECK(use(sessions) == errc::device_suspended);
    REQUIRE(run(sessions.clear_user(*authentic, now), db)); // nobody's device is nobody's business
    CHECK(use(sessions) == errc{});
    // A login by it is that user's business again.
    CHECK(run(sessions.report_login(*authentic, "anna", now), db).error() == errc::device_suspended);
    CHECK(
        run(sessions.trigger({.session_token = phone.session.token, .action_type = "browse", .user = "anna"}, now), db)
            .error() == errc::device_suspended);
    CHECK(run(sessions.authenticate(phone.session.token, now), db)->user().empty());
    CHECK(run(sessions.report_login(*authentic, "bert", now), db));
}

TEST_CASE_FIXTURE(fixture, "S19 A21 a trigger that the store interrupted can be completed with the same token, once") {
    using testing::store_fault;
    for (auto fault : {errc::store_unavailable, errc::outcome_unknown}) {
        for (bool reached : {false, true}) { // outcome_unknown: whether the write had run
            if (reached && fault == errc::store_unavailable) continue;
            auto const token = laptop.secure("transaction");
            std::string action_id;
            auto op = sessions.trigger(
                {.session_token = laptop.session.token, .secured_session_token = token, .action_type = "transaction"},
                now);
            for (unsigned writes = 0; auto const* ask = op.next();) {
                if (ask->verb != store::verb::insert || ++writes == 1) {
                    op.answer(db.execute(*ask));
                    continue;
                }
                if (reached) CHECK(db.execute(*ask).done().value());
                op.answer(store::reply::failure(fault)); // the last write: the action
            }
            CHECK(why(op.get()) == fault);
            auto const again = trigger(laptop, "transaction", token, now + 1s);
            if (reached) {
                CHECK(why(again) == errc::replayed);
            } else {
                REQUIRE(again);
                CHECK(run(sessions.find_action(again->action_id, now + 1s), db)->action_type == "transaction");
            }
            CHECK(why(trigger(laptop, "transaction", token, now + 2s)) == errc::replayed);
        }
    }
}

TEST_CASE_FIXTURE(fixture, "S19 A21 of any number of retries that race one completes the action") {
    auto const token = laptop.secure("transaction");
    auto const begin = [&] {
        return sessions.trigger(
            {.session_token = laptop.session.token, .secured_session_token = token, .action_type = "transaction"}, now);
    };
    auto first = begin();
    while (first.next()->verb != store::verb::insert) first.answer(db.execute(*first.next()));
    first.answer(db.execute(*first.next())); // its token is used up, the action not written
    std::vector<store::task<triggered_action>> retries;
    for (int n = 0; n != 4; ++n) retries.push_back(begin());
    for (bool open = true; open;) {
        open = false;
        for (auto& op : retries)
            if (auto const* ask = op.next()) op.answer(db.execute(*ask)), open = true;
    }
    int done = 0;
    for (auto& op : retries) {
        auto const made = op.get();
        if (made) ++done;
        else CHECK(made.error() == errc::replayed);
    }
    CHECK(done == 1);
    CHECK_FALSE(run(first, db)); // and the one that comes late does not make a second one
}

TEST_CASE("S19 A21 an action is remembered at least as long as its token is known to be used up") {
    store::memory db;
    auto policy = usual();
    policy.remember_actions = 1s;
    auto const sessions = sessions_with(policy);
    client laptop;
    laptop.begin(sessions, db);
    auto const token = laptop.secure("transaction");
    auto const at = [&](unix_time when) -> errc {
        auto const done = run(
            sessions.trigger(
                {.session_token = laptop.session.token, .secured_session_token = token, .action_type = "transaction"},
                when),
            db);
        return done ? errc{} : done.error().code;
    };
    CHECK(at(now) == errc{});
    for (auto after : {1s, 10s, 299s, 304s}) CHECK(at(now + after) == errc::replayed);
    CHECK(at(now + 305s) == errc::expired);
}

TEST_CASE_FIXTURE(fixture, "A22 ask at the moment of the action: its age is bounded by its expiry") {
    CHECK(trigger(laptop, "login", laptop.secure("login", 60s), now + 64s));
    CHECK(why(trigger(laptop, "login", laptop.secure("login", 60s), now + 65s)) == errc::expired);
}

TEST_CASE_FIXTURE(fixture, "A24 both kinds coexist; a session without a key goes on with regular tokens") {
    client old;
    auto const made = run(sessions.begin_without_key(platform::web, true, now), db);
    REQUIRE(made);
    old.session = *made;
    CHECK(trigger(old, "browse"));
    CHECK(why(trigger(old, "login")) == errc::action_token_required);
    CHECK(why(trigger(old, "login", old.secure("login"))) == errc::device_mismatch); // no key was pinned
    CHECK(trigger(laptop, "browse", laptop.secure("browse")));                       // more than is demanded
    CHECK(why(trigger(laptop, "browse", laptop.secure("login"))) == errc::action_mismatch);
}

TEST_CASE_FIXTURE(fixture, "A25 both kinds are JWTs whose signature is verified: every altered character is refused") {
    auto const token = laptop.secure("login");
    for (std::size_t i = 0; i < token.size(); i += 7) {
        auto bad = token;
        bad[i] = bad[i] == 'A' ? 'B' : 'A';
        CHECK_FALSE(trigger(laptop, "login", bad));
    }
    for (std::size_t i = 0; i < laptop.session.token.size(); i += 7) {
        client c = laptop;
        c.session.token[i] = c.session.token[i] == 'A' ? 'B' : 'A';
        CHECK_FALSE(trigger(c, "browse"));
    }
    CHECK_FALSE(trigger(laptop, "login", laptop.session.token)); // one kind cannot pass for the other
    client swapped = laptop;
    swapped.session.token = token;
    CHECK_FALSE(trigger(swapped, "browse"));
}

TEST_CASE_FIXTURE(
    fixture,
    "A25 D5 \"On your backend, verify the token signature and validate the expiration (`exp`) claim (for secure tokens).\"") {
    jose::any_key_set keys{algorithm_set::of<es256>()};
    REQUIRE(keys.add("k1", server_key().key().public_part(), algorithm_set::of<es256>()));
    auto const issuer = *jwt::any_verifier::make(algorithm_set::of<es256>(), keys,
                                                 session_token_policy("https://risk.example.com", "shop"));
    proof::replay_guard used{{.entries = 1000, .window = max_action_lifetime + 10s}};
    auto const verify = [&](std::string secure, std::string action = "transaction", unix_time at = now) {
        return verify_action_token({.session_token = laptop.session.token,
                                    .secured_session_token = std::move(secure),
                                    .action_type = std::move(action)},
                                   issuer, used, at, max_action_lifetime);
    };

    auto const token = laptop.secure("transaction");
    auto const action = verify(token);
    REQUIRE(action);
    CHECK(action->device_session == laptop.session.id);
    CHECK(action->key == laptop.shown().thumbprint());
    CHECK(action->action_type == "transaction");
    CHECK_FALSE(action->token_id.empty());
    CHECK(action->issued == now);
    CHECK(action->expires == now + 300s);
    CHECK(action->session_token_expires == now + 600s);

    SUBCASE("A21 once") {
        CHECK(why(verify(token)) == errc::replayed);
        CHECK(why(verify(token, "transaction", now + 304s)) == errc::replayed); // as long as the leeway accepts it
    }
    SUBCASE("A19 A25 until it expires, and not for longer than a secure token may live") {
        CHECK(verify(laptop.secure("transaction", 60s), "transaction", now + 64s));
        CHECK(why(verify(laptop.secure("transaction", 60s), "transaction", now + 65s)) == errc::expired);
        CHECK(verify(laptop.secure("transaction", max_action_lifetime)));
        CHECK(why(verify_action_token({.session_token = laptop.session.token,
                                       .secured_session_token = laptop.secure("transaction", 301s),
                                       .action_type = "transaction"},
                                      issuer, used, now)) == errc::action_lifetime_exceeded);
        CHECK(verify(laptop.secure("transaction", max_action_lifetime, now + 5s))); // a clock that is ahead
        CHECK(why(verify(laptop.secure("transaction", 300s, now + 6s))) == errc::issued_in_future);
    }
    SUBCASE("A20 for one action") {
        CHECK(why(verify(laptop.secure("login"))) == errc::action_mismatch);
        CHECK(why(verify(laptop.secure(std::nullopt))) == errc::action_mismatch);
        CHECK(why(verify(laptop.secure(""), "")) == errc::out_of_range);
        CHECK(why(verify(laptop.secure("transaction"), std::string(129, 'x'))) == errc::out_of_range);
    }
    SUBCASE("A16 of the device that the session is pinned to") {
        client thief;
        thief.begin(sessions, db);
        CHECK(why(verify(thief.secure("transaction"))) == errc::device_mismatch);
        thief.session = laptop.session; // its key signs for the other's session
        CHECK(why(verify(thief.secure("transaction"))) == errc::device_mismatch);

        // It shows the other's key, and signs with its own.
        auto const owners = laptop.secure("transaction");
        auto const parts = *jose::split_compact(owners, 4096);
        auto const mine = thief.secure("transaction");
        auto const signature = mine.substr(mine.rfind('.'));
        CHECK(why(verify(std::string{parts.signing_input} + signature)) == errc::device_mismatch);

        // A second session of the same key.
        client again = laptop;
        again.begin(sessions, db);
        CHECK(why(verify(again.secure("transaction"))) == errc::device_mismatch);
    }
    SUBCASE("it shows no key, or is no action token") {
        auto const payload = *device::detail::write_action(
            {.device_session = laptop.session.id, .audience = "shop", .action_type = "transaction"}, now,
            system_random());
        auto const key = laptop.key.key().public_part();
        auto const signed_as = [&](std::string_view type, public_key const* shown) {
            std::string text;
            output out{text};
            jose::header_params header;
            header.typ = type;
            header.jwk = shown;
            REQUIRE(jose::jws_sign(laptop.key, as_bytes(payload), header, out));
            return text;
        };
        CHECK(why(verify(signed_as(action_token_type, nullptr))) == errc::device_mismatch);
        for (std::string_view type : {"", "JWT", "dpop+jwt"}) {
            CHECK(why(verify(signed_as(type, &key))) == errc::wrong_type);
            CHECK(why(trigger(laptop, "transaction", signed_as(type, nullptr))) == errc::wrong_type);
        }
        CHECK(verify(signed_as(action_token_type, &key)));
    }
    SUBCASE("every altered character") {
        auto const fresh = laptop.secure("transaction");
        for (std::size_t i = 0; i != fresh.size(); ++i) {
            auto altered = fresh;
            altered[i] = altered[i] == 'A' ? 'B' : 'A';
            CAPTURE(i);
            CHECK_FALSE(verify(altered));
        }
        for (std::size_t i = 0; i != fresh.size(); ++i) CHECK_FALSE(verify(fresh.substr(0, i)));
        CHECK(verify(fresh));
    }
    SUBCASE("the regular token: missing, expired, without a key, or not one") {
        auto const with = [&](std::string regular, unix_time at = now) {
            return why(verify_action_token({.session_token = std::move(regular),
                                            .secured_session_token = laptop.secure("transaction", 3600s),
                                            .action_type = "transaction"},
                                           issuer, used, at));
        };
        CHECK(with("") == errc::session_token_missing);
        CHECK(with(laptop.session.token, now + 605s) == errc::expired);
        CHECK(with(laptop.secure("transaction")) == errc::bad_signature); // of another issuer and type
        auto const keyless = run(sessions.begin_without_key(platform::web, true, now), db);
        REQUIRE(keyless);
        CHECK(with(keyless->token) == errc::device_mismatch);
        CHECK(why(verify("")) == errc::action_token_required);
    }
    SUBCASE("the same token goes to the issuer's own service: A21 is kept at each of them") {
        CHECK(trigger(laptop, "transaction", token));
        CHECK(why(trigger(laptop, "transaction", token)) == errc::replayed);
    }
}

TEST_CASE_FIXTURE(fixture, "A26 secure tokens on the web platform only") {
    client phone;
    phone.begin(sessions, db, platform::android);
    CHECK(why(trigger(phone, "login", phone.secure("login"))) == errc::platform_unsupported);
    CHECK(trigger(phone, "browse"));
}

TEST_CASE_FIXTURE(
    fixture, "A27 the backend passes the tokens on in its call: session_token, secured_session_token, action_type") {
    auto const body =
        R"({"session_token":"a","secured_session_token":"b","action_type":"login","client_attributes":{}})";
    auto const request = action_request::parse(body);
    REQUIRE(request);
    CHECK(request->session_token == "a");
    CHECK(request->secured_session_token == "b");
    CHECK(request->action_type == "login");
    CHECK_FALSE(request->get_recommendation);
    CHECK(action_request::parse(R"({"action_type":"login"})").error() == errc::session_token_missing);
    CHECK(action_request::parse(R"({"session_token":""})").error() != errc::session_token_disabled);
    CHECK(action_request::parse(R"({"session_token":"a"})").error() == errc::json_member_missing);
    CHECK(action_request::parse(R"({"session_token":1,"action_type":"x"})").error() == errc::json_wrong_type);
    CHECK(action_request::parse(R"([])").error() == errc::json_wrong_type);
    CHECK(action_request::parse(R"({"session_token":"a","session_token":"b","action_type":"x"})").error() ==
          errc::duplicate_json_name);
    CHECK(action_request::parse(R"({"session_token":"a","secured_session_token":null,"action_type":"x"})"));
}

TEST_CASE_FIXTURE(fixture,
                  "A28 an action can be asked about right after it or later, also after the session's expiry") {
    REQUIRE(run(sessions.set_user(device(laptop), "anna", now), db));
    auto const done = trigger(laptop, "transaction", laptop.secure("transaction"));
    REQUIRE(done);
    for (auto later : {0h, 1h, 48h}) {
        auto const found = run(sessions.find_action(done->action_id, now + later), db);
        REQUIRE(found);
        CHECK(found->action_type == "transaction");
        CHECK(found->user == "anna");
        CHECK(found->device_session == laptop.session.id);
    }
    CHECK_FALSE(run(sessions.find_action("AAAAAAAAAAAAAAAAAAAAAA", now), db));
}

TEST_CASE_FIXTURE(
    fixture,
    "A29 the application manages no device session: it ends by itself or by one call, and then nothing of it works") {
    auto const d = device(laptop);
    REQUIRE(run(sessions.end(d, now), db));
    CHECK(why(trigger(laptop, "browse")) == errc::session_ended);
    CHECK(why(run(sessions.end(d, now), db)) == errc::session_ended);
    CHECK(why(run(sessions.set_user(d, "anna", now), db)) == errc::session_ended);
    auto const proved = laptop.prove(db);
    CHECK(why(run(sessions.refresh(laptop.session.token, &proved, now), db)) == errc::session_ended);
}

TEST_CASE_FIXTURE(fixture, "E4 a device session with a key begins with a proof of that key") {
    client a, b;
    CHECK(why(run(sessions.begin(a.shown(), b.prove(db), platform::web, true, now), db)) == errc::possession_missing);
}

TEST_CASE_FIXTURE(
    fixture,
    "DECISIONS 1 every fault at every step of a secure action: nothing is triggered that was not told, a token at most once") {
    using testing::store_fault;
    testing::faulty_store flaky{db};
    for (auto fault : {store_fault::unavailable, store_fault::request_lost, store_fault::reply_lost})
        for (unsigned step = 0; step != 3; ++step) {
            CAPTURE(step);
            auto const token = laptop.secure("login");
            flaky.fail_next(fault, step);
            auto const first =
                run(sessions.trigger(
                        {.session_token = laptop.session.token, .secured_session_token = token, .action_type = "login"},
                        now),
                    flaky);
            REQUIRE_FALSE(first);
            CHECK(http_status(first.error().code, role::action) == 503);
            auto const again = trigger(laptop, "login", token);
            // Once its action was written, the token is gone; until then it makes that action.
            bool const gone = step == 2 && fault == store_fault::reply_lost;
            CHECK(static_cast<bool>(again) == !gone);
            CHECK(why(trigger(laptop, "login", token)) == errc::replayed);
        }
}

TEST_CASE_FIXTURE(
    fixture,
    "DECISIONS 7 records of device sessions, actions and logins, field by field; each part of one alone is malformed") {
    auto const stored = [&](store::record_key const& key) {
        bytes buffer(8192);
        auto const found = db.execute(store::find(key, buffer, now));
        REQUIRE(found.outcome == store::outcome::done);
        return bytes(found.record.bytes.begin(), found.record.bytes.end());
    };
    auto const put = [&](store::record_key const& key, bytes_view octets) {
        (void)db.execute(store::erase(key, now));
        REQUIRE(*db.execute(store::insert(key, octets, now + 1h, now)).done());
    };
    REQUIRE(run(sessions.set_user(device(laptop), "anna", now), db));
    auto const session_key = proof::record_key("device session", {"shop", laptop.session.id});
    bytes session;
    store::record_writer w{session, 1, 'V'};
    w.number(1); // identified
    w.number(0); // web
    w.flag(true);
    w.time(now), w.time(now + 24h), w.time(now);
    w.text("anna"), w.text(laptop.session.token), w.octets(laptop.key.key().public_part().to_der());
    REQUIRE(w.finish());
    CHECK(stored(session_key) == session);

    auto const done = trigger(laptop, "transaction", laptop.secure("transaction"));
    REQUIRE(done);
    auto const action_key = proof::record_key("device action", {"shop", done->action_id});
    bytes action;
    store::record_writer a{action, 1, 'A'};
    for (std::string_view text : {std::string_view{laptop.session.id}, {"transaction"}, {"anna"}}) a.text(text);
    a.flag(true);
    a.time(now);
    REQUIRE(a.finish());
    CHECK(stored(action_key) == action);

    for (std::size_t cut = 0; cut != session.size(); ++cut) {
        put(session_key, bytes_view{session}.first(cut));
        CHECK(why(run(sessions.authenticate(laptop.session.token, now), db)) == errc::record_malformed);
    }
    for (std::size_t cut = 0; cut != action.size(); ++cut) {
        put(action_key, bytes_view{action}.first(cut));
        CHECK(why(run(sessions.find_action(done->action_id, now), db)) == errc::record_malformed);
    }
    // After the user was cleared, the session counts another period, and so do actions without a user (format 3 and 2).
    put(session_key, session), put(action_key, action);
    REQUIRE(run(sessions.clear_user(device(laptop), now), db));
    CHECK(stored(session_key).front() == 3);
    auto const between = run(sessions.report(device(laptop), "scroll", now), db)->action_id;
    auto const counted = stored(proof::record_key("device action", {"shop", between}));
    CHECK(counted.front() == 2);
    CHECK(counted.back() == 1);
    REQUIRE(run(sessions.set_user(device(laptop), "carla", now), db));
    bytes login;
    store::record_writer l{login, 1, 'U'};
    l.text("carla");
    REQUIRE(l.finish());
    CHECK(stored(proof::record_key("device login", {"shop", laptop.session.id, "1"})) == login);

    session[0] = 4, action[0] = 3;
    put(session_key, session);
    CHECK(why(run(sessions.authenticate(laptop.session.token, now), db)) == errc::record_newer);
    auto const proved = laptop.prove(db);
    CHECK(why(run(sessions.refresh(laptop.session.token, &proved, now + 300s), db)) == errc::record_newer);
    put(action_key, action);
    CHECK(why(run(sessions.find_action(done->action_id, now), db)) == errc::record_newer);
}

TEST_CASE("a policy that cannot be kept is refused at configuration") {
    auto const make = [](device_session_policy p) {
        return device_sessions::make(server_key(), "k1", "https://risk.example.com", "shop", std::move(p));
    };
    CHECK(make({}));
    CHECK(make({.token_lifetime = 0s}).error() == errc::out_of_range);
    CHECK(make({.token_lifetime = 300s, .refresh_after = 300s}).error() == errc::out_of_range);
    CHECK(make({.lifetime = -1s}).error() == errc::out_of_range);
    // Beyond what sums of them can hold.
    constexpr auto for_ever = std::chrono::seconds::max();
    CHECK(make({.lifetime = for_ever}).error() == errc::out_of_range);
    CHECK(make({.token_lifetime = for_ever}).error() == errc::out_of_range);
    CHECK(make({.leeway = for_ever}).error() == errc::out_of_range);
    CHECK(make({.remember_actions = for_ever}).error() == errc::out_of_range);
    CHECK(make({.remember_telemetry = for_ever}).error() == errc::out_of_range);
}

TEST_CASE_FIXTURE(fixture, "A9 a login is kept as long as the actions of before, also where that is very long") {
    auto const patient = sessions_with({.remember_actions = max_device_duration});
    client phone;
    phone.begin(patient, db);
    auto const at = now + 1h;
    auto const before =
        run(patient.report(*run(patient.authenticate(phone.session.token, now), db), "scroll", now), db);
    REQUIRE(before);
    REQUIRE(run(patient.report_login(*run(patient.authenticate(phone.session.token, now), db), "anna", now), db));
    CHECK(run(patient.find_action(before->action_id, at), db)->later_user == "anna");
}

// What the old key began is not the new one's, and a block of the device does not reach it.
TEST_CASE("E6 S6 a key that was rotated leaves its sessions behind: they are ended by the old key") {
    store::memory db;
    auto policy = usual();
    device_registry const devices{"shop"};
    policy.devices = devices;
    auto const sessions = sessions_with(policy);
    client phone, next;
    phone.begin(sessions, db);
    REQUIRE(run(devices.add_unproved("anna", {.key_id = "phone", .key = phone.shown()}, now), db));
    auto const authentic = run(sessions.authenticate(phone.session.token, now), db);
    REQUIRE(run(sessions.set_user(*authentic, "anna", now), db));
    auto const old = phone.prove(db), fresh = next.prove(db);
    REQUIRE(run(devices.rotate_key("anna", "phone", next.shown(), old, fresh, now), db));
    auto const blocked = run(devices.block("anna", "phone", now), db);
    REQUIRE(blocked);
    CHECK(run(sessions.end_by_key(blocked->key.thumbprint(), now), db)->empty());
    CHECK(run(sessions.authenticate(phone.session.token, now), db)); // as `rotate_key` says
    CHECK(run(sessions.end_by_key(old.thumbprint(), now), db)->size() == 1);
    CHECK(run(sessions.authenticate(phone.session.token, now), db).error() == errc::session_ended);
}

TEST_CASE_FIXTURE(
    fixture,
    "A5 A12 A13 A14 the client's side: it begins, keeps the current token, refreshes, makes secure ones, with a key in hardware too") {
    auto const here = *local_key<es256>::generate();
    external_key<es256> const hardware{
        here.verifier_key(), [&](bytes_view message, std::span<std::uint8_t> out) { return here.sign(message, out); }};
    device_client phone{hardware, "shop"};
    CHECK(phone.session_token().error() == errc::session_token_disabled);
    CHECK(phone.secure_session_token("login", now).error() == errc::session_token_disabled);
    auto const key = *device_key::from_key(here.key().public_part());
    auto const prove = [&](unix_time at) {
        proof::challenge_params const params{.purpose = "device-session", .app = "shop"};
        auto const challenge = *run(proof::issue_challenge(params, at), db);
        auto const answer = *phone.answer(challenge, "device-session");
        return *run(proof::redeem_challenge(answer, params, key.key(), key.algorithm_id(), at), db);
    };
    phone.received(*run(sessions.begin(key, prove(now), platform::web, true, now), db), now);
    auto const first = *phone.session_token();
    CHECK_FALSE(phone.wants_refresh(now + 299s));
    CHECK(phone.wants_refresh(now + 300s));
    CHECK(phone.wants_refresh(now - 1s));
    auto const proved = prove(now + 300s);
    phone.received(*run(sessions.refresh(first, &proved, now + 300s), db), now + 300s);
    CHECK(*phone.session_token() != first);
    auto const secure = *phone.secure_session_token("transaction", now + 300s);
    CHECK(run(
        sessions.trigger(
            {.session_token = *phone.session_token(), .secured_session_token = secure, .action_type = "transaction"},
            now + 300s),
        db));
    CHECK(phone.secure_session_token("transaction", now, 3601s).error() == errc::invalid_action_lifetime);
}

// A server that is written for any client, and gets one that it cannot change.
struct watching_server {
    result<device_session_info> info;
    template <class Client> result<device_session_info> begin(Client&) {
        static_assert(std::is_const_v<Client>);
        return info;
    }
    template <class Client> result<device_session_info> refresh(Client&, std::string_view) {
        static_assert(std::is_const_v<Client>);
        return info;
    }
};

TEST_CASE_FIXTURE(fixture, "A5 the server of a client's session cannot change the client whose token it holds") {
    device_client phone{*local_key<es256>::generate(), "shop"};
    watching_server server{laptop.session};
    CHECK(*phone.session_token(server, now) == laptop.session.token);
    CHECK(*phone.session_token(server, now + 300s) == laptop.session.token);
}

TEST_CASE_FIXTURE(
    fixture,
    "A5 \"there is no need for your app to manage token expiration or manually refresh it\": the client begins, refreshes and begins anew") {
    auto const pair = *local_key<es256>::generate();
    device_client phone{pair, "shop"};
    transport server{sessions, db, *device_key::from_key(pair.key().public_part()), now};
    std::string id;
    // Three days of use, every 100 seconds: each token is good when it is used, whatever happened before.
    for (int step = 0; step != 3 * 864; ++step) {
        server.now = now + std::chrono::seconds{100 * step};
        auto const token = phone.session_token(server, server.now);
        REQUIRE(token);
        REQUIRE(run(sessions.authenticate(*token, server.now), db));
        if (step == 0) id = phone.session().id;
        if (step == 863) CHECK(phone.session().id == id); // one session as long as it lives
    }
    CHECK(server.begun == 3);
    CHECK(server.refreshed == 3 * 287);
    auto const secure = phone.secure_session_token(server, "transaction", server.now);
    REQUIRE(secure);
    CHECK(run(
        sessions.trigger(
            {.session_token = *phone.session_token(), .secured_session_token = *secure, .action_type = "transaction"},
            server.now),
        db));
}

TEST_CASE_FIXTURE(fixture, "A5 a session that ended at the server is begun anew; a server that fails is asked again") {
    auto const pair = *local_key<es256>::generate();
    device_client phone{pair, "shop"};
    transport server{sessions, db, *device_key::from_key(pair.key().public_part()), now};
    server.fails = errc::store_unavailable;
    CHECK(why(phone.session_token(server, now)) == errc::store_unavailable);
    auto const first = phone.session_token(server, now);
    REQUIRE(first);
    auto const id = phone.session().id;
    REQUIRE(run(sessions.end(*run(sessions.authenticate(*first, now), db), now), db));
    server.now = now + 300s;
    REQUIRE(phone.session_token(server, server.now));
    CHECK(phone.session().id != id);
    CHECK(server.begun == 2);

    // A refresh that fails leaves the session as it is, and the next call tries again.
    auto const second = phone.session().id;
    server.now = now + 600s, server.fails = errc::store_unavailable;
    CHECK(why(phone.session_token(server, server.now)) == errc::store_unavailable);
    CHECK(phone.session().id == second);
    REQUIRE(phone.session_token(server, server.now));
    CHECK(phone.session().id == second);
    // A blocked device begins nothing: only an end does.
    server.now = now + 900s, server.fails = errc::device_blocked;
    CHECK(why(phone.session_token(server, server.now)) == errc::device_blocked);
    CHECK(server.begun == 2);
}

TEST_CASE_FIXTURE(
    fixture, "A5 a device whose clock is ahead of the server's by more than a session's life begins one all the same") {
    auto const pair = *local_key<es256>::generate();
    device_client phone{pair, "shop"};
    transport server{sessions, db, *device_key::from_key(pair.key().public_part()), now};
    for (int step = 0; step != 5; ++step) {
        server.now = now + std::chrono::seconds{100 * step};
        REQUIRE(phone.session_token(server, server.now + 72h));
    }
    CHECK(server.begun == 1);
    CHECK(server.refreshed == 1);
}

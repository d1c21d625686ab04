// What docs/guide/session.md shows of access decisions.
#include <signet/http/cookie.hpp>
#include <signet/jwt.hpp>
#include <signet/session.hpp>
#include <signet/store/memory.hpp>

#include <doctest/doctest.h>

#include <string>

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

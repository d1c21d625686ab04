#include "site.hpp"

#include <signet/codec/base64url.hpp>
#include <signet/crypto/signature.hpp>
#include <signet/jose/jwk.hpp>
#include <signet/jose/thumbprint.hpp>
#include <signet/proof/challenge.hpp>
#include <signet/store/encrypted.hpp>

using namespace dbsc_test;

static_assert(store::operation<decltype(dbsc::offer_registration(shop, {}, {}))> &&
              store::operation<decltype(dbsc::handle_registration(shop, {}, {}))>);

TEST_CASE("DBSC.md 2.1 the login's answer names algorithms in order, path, challenge and authorization") {
    site<> s;
    auto const field = s.offer({.user = "anna", .authorization = "a \"code\""});
    auto const challenge = parameter(field, "challenge");
    CHECK(field ==
          "(ES256 RS256);path=\"/dbsc/register\";challenge=\"" + challenge + "\";authorization=\"a \\\"code\\\"\"");
    CHECK(codec::base64url_decode(challenge)->size() == 32);
    CHECK(parameter(s.offer(), "challenge") != challenge);

    static constexpr alg rsa_only[] = {alg::rs256};
    auto params = shop.params();
    params.algorithms = rsa_only;
    params.register_path = "https://login.shop.example/r";
    s.policy = *dbsc::policy::make(params);
    CHECK(s.offer().starts_with("(RS256);path=\"https://login.shop.example/r\";challenge="));

    auto const refused = [&](dbsc::registration_params const& wanted) {
        auto op = dbsc::offer_registration(s.policy, wanted, s.clock.now());
        CHECK_FALSE(op.next());
        return op.get().error().code;
    };
    CHECK(refused({.user = ""}) == errc::out_of_range);
    CHECK(refused({.user = std::string(513, 'a')}) == errc::out_of_range);
    CHECK(refused({.user = "a", .authorization = std::string(2049, 'a')}) == errc::out_of_range);
    CHECK(refused({.user = "a", .authorization = "\xc3\xa9"}) == errc::malformed_header_field);
    CHECK(refused({.user = "a", .replaces = std::string(257, 'a')}) == errc::out_of_range);
    for (auto id : {"a b", "a;b", "a\"", "a\r\n"})
        CHECK(refused({.user = "a", .replaces = id}) == errc::malformed_header_field);
}

TEST_CASE("DBSC.md 6 the store sees hashes: of the challenge, the login, the authorization and the cookie") {
    site<> s;
    auto op = dbsc::offer_registration(s.policy, {.user = "anna", .login = "login-1", .authorization = "code-1"},
                                       s.clock.now(), s.dice);
    REQUIRE(op.next());
    CHECK(op.next()->verb == store::verb::insert);
    CHECK(op.next()->record.expires == s.clock.now() + 300s);
    auto const stored = std::string{as_text(op.next()->record.bytes)};
    auto const answer = s.db.execute(*op.next());
    op.answer(answer);
    auto const field = *op.get();
    CHECK(stored.find(parameter(field, "challenge")) == std::string::npos);
    CHECK(stored.find("login-1") == std::string::npos);
    CHECK(stored.find("code-1") == std::string::npos);

    browser b;
    auto const r = b.registration(field, "login-1");
    auto finish = dbsc::handle_registration(s.policy, r, s.clock.now(), s.dice);
    finish.answer(s.db.execute(*finish.next()));
    REQUIRE(finish.next());
    auto const session = std::string{as_text(finish.next()->record.bytes)};
    finish.answer(s.db.execute(*finish.next()));
    REQUIRE(b.learn(finish.get()->answer));
    CHECK(b.cookie.size() == 43 + 1 + 43);
    CHECK(session.find(b.cookie.substr(44)) == std::string::npos);
    CHECK(session.find(b.id) == std::string::npos);
}

TEST_CASE("DBSC.md 2 registration: 200, instructions, the cookie and the next challenge; the key is pinned") {
    for (alg a : {alg::es256, alg::rs256}) {
        site<> s;
        browser b{a};
        auto const field = s.offer();
        auto const done = s.finish(b.registration(field, "login-1"));
        CHECK(done.answer.status == 200);
        CHECK(done.answer.find("Content-Type") == "application/json");
        CHECK(done.answer.find("Cache-Control") == "no-store");
        REQUIRE(done.outcome);
        REQUIRE(b.learn(done.answer));
        CHECK(done.answer.find("Set-Cookie") == *s.policy.cookie().set(b.cookie));
        CHECK(done.outcome->session.id() == b.id);
        CHECK(codec::base64url_decode(b.id)->size() == 32);
        CHECK(done.outcome->session.user() == "anna");
        CHECK(done.outcome->session.registered() == s.clock.now());
        CHECK(done.outcome->session.key_thumbprint() == jose::thumbprint_digest(b.key.public_part()));
        CHECK(done.outcome->key.is(b.key.public_part()));
        CHECK(done.outcome->key.algorithm_id() == a);
        REQUIRE(s.check(b));
        CHECK(s.check(b)->id() == b.id);
        // The challenge that was sent along is good for the first refresh.
        s.clock.advance(480s);
        CHECK(s.refresh(b.refresh("login-1")).answer.status == 200);
    }
}

TEST_CASE("DBSC.md 3 the challenge of a registration is young and used once") {
    site<> s;
    browser b;
    auto const field = s.offer();
    auto const r = b.registration(field, "login-1");
    REQUIRE(s.finish(r).outcome);
    auto const again = s.finish(r);
    CHECK(again.answer.status == 403);
    CHECK(again.outcome.error() == errc::dbsc_challenge_refused);
    CHECK(again.answer.find("Set-Cookie").empty());

    auto const late = s.offer();
    s.clock.advance(300s);
    CHECK(s.finish(b.registration(late, "login-1")).outcome.error() == errc::dbsc_challenge_refused);
    auto const in_time = s.offer();
    s.clock.advance(299s);
    CHECK(s.finish(b.registration(in_time, "login-1")).outcome);
}

TEST_CASE("DBSC.md 3 the proof comes in the login for which the challenge was made, with its authorization") {
    site<> s;
    browser b;
    auto const outcome = [&](dbsc::registration_params const& params, std::string_view login,
                             std::optional<std::string_view> authorization) {
        auto const field = s.offer(params);
        auto const token = *dbsc::sign_registration(b.key, alg::es256, parameter(field, "challenge"), authorization);
        auto const done = s.finish({.method = "POST", .response = token, .login = login});
        CHECK(done.answer.status == (done.outcome ? 200 : 403));
        return done.outcome ? errc{} : done.outcome.error().code;
    };
    dbsc::registration_params const both{.user = "anna", .login = "one", .authorization = "code"}, none{.user = "anna"};
    CHECK(outcome(both, "one", "code") == errc{});
    CHECK(outcome(both, "two", "code") == errc::dbsc_login_mismatch);
    CHECK(outcome(both, "", "code") == errc::dbsc_login_mismatch);
    CHECK(outcome(both, "one", "cod") == errc::dbsc_authorization_mismatch);
    CHECK(outcome(both, "one", "") == errc::dbsc_authorization_mismatch);
    CHECK(outcome(both, "one", std::nullopt) == errc::dbsc_authorization_mismatch);
    CHECK(outcome(none, "one", std::nullopt) == errc{});
    CHECK(outcome(none, "", "code") == errc::dbsc_authorization_mismatch);
}

TEST_CASE("DBSC.md 2 a second login on the same browser takes over the identifier; the old key and cookie are dead") {
    site<> s;
    auto old = s.logged_in({.user = "anna", .login = "one"});
    browser next;
    auto const field = s.offer({.user = "bert", .login = "two", .replaces = old.id});
    auto const done = s.finish(next.registration(field, "two"));
    REQUIRE(done.outcome);
    REQUIRE(next.learn(done.answer));
    CHECK(next.id == old.id);
    CHECK(s.check(old).error() == errc::dbsc_cookie_mismatch);
    CHECK(s.check(next)->user() == "bert");
    auto const refused = s.refresh(old.refresh("one"));
    CHECK(refused.answer.status == 403); // a challenge, which the old key cannot answer
    CHECK_FALSE(refused.outcome);
    CHECK(s.refresh(next.refresh("two")).outcome);

    // Also over one that has ended, and one that was forgotten.
    REQUIRE(s.end(next.id, dbsc::ending::revoked));
    browser third;
    REQUIRE(s.finish(third.registration(s.offer({.user = "anna", .replaces = next.id}))).outcome);
    browser fourth;
    auto const fresh = s.finish(fourth.registration(s.offer({.user = "anna", .replaces = "an-old-id"})));
    REQUIRE(fresh.outcome);
    CHECK(fresh.outcome->session.id() == "an-old-id");
    REQUIRE(fourth.learn(fresh.answer));
    CHECK(s.check(fourth));
}

TEST_CASE("DBSC.md 7 a session that was ended after an offer to replace it stays ended: an end has the last word") {
    for (auto how : {dbsc::ending::logged_out, dbsc::ending::revoked}) {
        CAPTURE(how == dbsc::ending::revoked);
        site<> s;
        auto const old = s.logged_in({.user = "anna", .login = "one"});
        browser next, later;
        auto const field = s.offer({.user = "anna", .login = "two", .replaces = old.id});
        s.clock.advance(2s);
        REQUIRE(s.end(old.id, how));
        s.clock.advance(2s);
        auto const done = s.finish(next.registration(field, "two"));
        CHECK(done.answer.status == 403);
        auto const why = done.outcome ? errc{} : done.outcome.error().code;
        CHECK(why == (how == dbsc::ending::revoked ? errc::dbsc_session_revoked : errc::dbsc_session_ended));
        if (done.outcome) {
            REQUIRE(next.learn(done.answer));
            CHECK_FALSE(s.check(next));
        }
        CHECK_FALSE(s.check(old));
        // Whoever is offered one afterwards has logged in since.
        REQUIRE(s.finish(later.registration(s.offer({.user = "anna", .login = "three", .replaces = old.id}), "three"))
                    .outcome);
    }
}

// Only then a store that lost in a restart that a record was taken knows by when it was written that it is of before.
TEST_CASE("store::encrypted::reencrypt writes nothing anew that is taken, however long it may live") {
    static_assert(dbsc::detail::max_registration_lifetime <= store::reencryption_margin);
    static_assert(proof::detail::max_challenge_lifetime <= store::reencryption_margin);
    auto const key = [](std::uint8_t octet) { return secret{bytes(32, octet)}; };
    std::vector<secret> former;
    former.push_back(key(1));
    store::memory behind;
    store::encrypted before{behind, *store::encryption_keys::make(key(1))},
        after{behind, *store::encryption_keys::make(key(2), std::move(former))};
    auto params = shop.params();
    params.registration_lifetime = dbsc::detail::max_registration_lifetime;
    auto const site = dbsc::policy::make(params);
    REQUIRE(site);
    auto const now = testing::manual_clock{}.now();
    REQUIRE(run(dbsc::offer_registration(*site, {.user = "anna"}, now), before));
    REQUIRE(run(proof::issue_challenge({.purpose = "login", .app = "shop"}, now, proof::detail::max_challenge_lifetime),
                before));
    store::scan_position position;
    auto const done = after.reencrypt(position, now);
    REQUIRE(done);
    REQUIRE(position.is_over());
    CHECK(done->rewritten == 0);
    CHECK(done->expiring == 2);
}

TEST_CASE("DBSC.md 8 federated: the provider's parameters go out all or none, and no other key is taken") {
    site<> s;
    browser provider_key, other;
    auto const thumbprint = jose::thumbprint(provider_key.key.public_part());
    dbsc::registration_params const params{
        .user = "anna",
        .provider = {.provider_key = thumbprint, .provider_session_id = "p1", .provider_url = "https://id.example/"}};
    auto const field = s.offer(params);
    CHECK(parameter(field, "provider_key") == thumbprint);
    CHECK(parameter(field, "provider_session_id") == "p1");
    CHECK(parameter(field, "provider_url") == "https://id.example/");
    auto const wrong = s.finish(other.registration(field));
    CHECK(wrong.outcome.error() == errc::dbsc_key_refused);
    CHECK(wrong.answer.status == 403);
    CHECK(s.finish(provider_key.registration(s.offer(params))).outcome);

    auto const refused = [&](auto change) {
        auto t = params;
        change(t.provider);
        return run(dbsc::offer_registration(s.policy, t, s.clock.now()), s.db).error().code;
    };
    CHECK(refused([](auto& f) { f.provider_key = ""; }) == errc::invalid_dbsc_policy);
    CHECK(refused([](auto& f) { f.provider_session_id = ""; }) == errc::invalid_dbsc_policy);
    CHECK(refused([](auto& f) { f.provider_url = ""; }) == errc::invalid_dbsc_policy);
    CHECK(refused([](auto& f) { f.provider_url = "http://id.example/"; }) == errc::invalid_dbsc_policy);
    CHECK(refused([](auto& f) { f.provider_url = "/path"; }) == errc::invalid_dbsc_policy);
    CHECK(refused([](auto& f) { f.provider_key.remove_suffix(1); }) == errc::invalid_dbsc_policy);
    CHECK(refused([](auto& f) { f.provider_key = "AAAA"; }) == errc::invalid_dbsc_policy);
}

TEST_CASE("DBSC.md 3 members and claims that the draft does not name are not minded, and aud is not required") {
    site<> s;
    browser b;
    auto const token = [&](std::string_view header, std::string_view payload) {
        auto const input = codec::base64url_encode(as_bytes(header)) + "." + codec::base64url_encode(as_bytes(payload));
        return input + "." + codec::base64url_encode(*crypto::sign(b.key, b.algorithm, as_bytes(input)));
    };
    std::string jwk;
    output out{jwk};
    REQUIRE(jose::write_jwk(b.key.public_part(), {}, out));
    auto const field = s.offer({.user = "anna"});
    auto const done =
        s.finish({.method = "POST",
                  .response = token(R"({"kid":"x","new":[1],"typ":"dbsc+jwt","jwk":)" + jwk + R"(,"alg":"ES256"})",
                                    R"({"aud":"https://shop.example/dbsc/register","iat":1,"jti":")" +
                                        parameter(field, "challenge") + R"(","sub":"x"})")});
    REQUIRE(b.learn(done.answer));
    auto const refreshed =
        s.refresh({.method = "POST",
                   .response = token(R"({"typ":"dbsc+jwt","alg":"ES256"})",
                                     R"({"aud":"https://shop.example/dbsc/refresh","jti":")" + b.challenge + R"("})"),
                   .session_id = b.id});
    CHECK(refreshed.answer.status == 200);
}

TEST_CASE("an identifier that is somebody's already, from dice that repeat themselves, takes nobody's session over") {
    site<> s;
    auto const owner = s.logged_in({.user = "anna"});
    bytes octets(32);
    octets.resize(*codec::base64url_decode(owner.id, octets));
    browser b;
    auto const r = b.registration(s.offer({.user = "mallory"}));
    testing::fixed_random dice{octets};
    auto const done = *run(dbsc::handle_registration(s.policy, r, s.clock.now(), dice), s.db);
    CHECK(done.outcome.error() == errc::random_failed);
    CHECK(done.answer.status == 503);
    CHECK(s.check(owner)->user() == "anna");
}

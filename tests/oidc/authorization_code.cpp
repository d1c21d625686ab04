#include "shop.hpp"
#include "support/proved_key.hpp"

#include <signet/jwt/verifier.hpp>
#include <signet/oidc/authorization_code.hpp>
#include <signet/store/memory.hpp>
#include <signet/testing/faulty_store.hpp>

#include <doctest/doctest.h>

#include <string>

namespace {

constexpr std::string_view issuer = "https://id.example";
constexpr std::string_view verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"; // RFC 7636 appendix B

login_request asked() {
    return {.client = "shop",
            .redirect_uri = "https://shop.example/callback",
            .code_challenge = *pkce_challenge(verifier),
            .scope = "openid offline_access",
            .nonce = "n1",
            .resource = "https://api.example"};
}

oauth::authentication_info const anna{.user = "anna",
                                      .client = "shop",
                                      .session = "s1",
                                      .auth_time = now - 5s,
                                      .nonce = "another",
                                      .acr = "mfa",
                                      .amr = {"pwd", "otp"}};

struct fixture {
    store::memory db;
    authorization_codes codes = *authorization_codes::make();
    std::string code = issue();

    std::string issue(login_request const& request = asked(), unix_time at = now) {
        auto const made = run(codes.issue(request, anna, at), db);
        REQUIRE(made);
        return *made;
    }
    code_exchange exchange() const {
        return {
            .code = code, .client = "shop", .redirect_uri = "https://shop.example/callback", .code_verifier = verifier};
    }
    errc why(code_exchange const& request, unix_time at = now) {
        auto const grant = run(codes.exchange(request, at), db);
        return grant ? errc{} : grant.error().code;
    }
};

} // namespace

TEST_CASE_FIXTURE(fixture, "RFC 6749 4.1.3 a code is exchanged for what it was issued for") {
    CHECK(code.size() == authorization_code_size);
    auto const grant = run(codes.exchange(exchange(), now + 59s), db);
    REQUIRE(grant);
    CHECK(grant->user == "anna");
    CHECK(grant->client == "shop");
    CHECK(grant->session == "s1");
    CHECK(grant->scope == "openid offline_access");
    CHECK(grant->resource == "https://api.example");
    CHECK(grant->nonce == "n1"); // the request's
    CHECK(grant->acr == "mfa");
    CHECK(grant->amr == std::vector<std::string>{"pwd", "otp"});
    CHECK(grant->auth_time == now - 5s);
    CHECK_FALSE(grant->sender);

    // And the tokens for it pass the relying party.
    auto const tokens = *oauth::token_issuer<es256>::make(key(), std::string{issuer}, "k1");
    auto const set = tokens.issue(grant->login(), {.resource = grant->resource, .scope = grant->scope}, now);
    REQUIRE(set);
    login_state login;
    login.nonce = "n1";
    login.started = now - 10s;
    auto const answer = read_token_response(*set->to_json());
    auto const id = finish_login(jwt::verifier<es256>{keys(), id_token_policy(client)}, *answer, login, client, now);
    REQUIRE(id);
    CHECK(id->subject() == "anna");
    CHECK(*id->claim<std::string_view>("sid") == "s1");
}

TEST_CASE_FIXTURE(fixture, "RFC 6749 4.1.2 a code is exchanged once, and the second use says whose session is to end") {
    CHECK(run(codes.find_exchanged(code, now), db).error() == errc::code_unknown); // not yet
    CHECK(why(exchange()) == errc{});
    CHECK(why(exchange()) == errc::code_reused);
    CHECK(why(exchange(), now + 600s) == errc::code_reused);
    auto const first = run(codes.find_exchanged(code, now + 600s), db);
    REQUIRE(first);
    CHECK(first->user == "anna");
    CHECK(first->session == "s1");
    CHECK(why(exchange(), now + 660s) == errc::code_unknown); // forgotten
    CHECK(run(codes.find_exchanged(code, now + 660s), db).error() == errc::code_unknown);
}

TEST_CASE_FIXTURE(fixture,
                  "RFC 6749 4.1.3 whoever is not the code's client, or cannot show its verifier, changes nothing") {
    for (bool const used : {false, true}) { // nor learns whether it was used
        auto request = exchange();
        request.client = "desk";
        CHECK(why(request) == errc::code_unknown);
        request = exchange();
        request.redirect_uri = "https://shop.example/other";
        CHECK(why(request) == errc::code_unknown);
        request = exchange();
        request.code_verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXl";
        CHECK(why(request) == errc::code_verifier_mismatch);
        request.code_verifier = "short";
        CHECK(why(request) == errc::code_verifier_mismatch);
        auto const challenge = asked().code_challenge;
        request.code_verifier = challenge; // the "plain" method is none
        CHECK(why(request) == errc::code_verifier_mismatch);
        request = exchange();
        request.code = "unknown";
        CHECK(why(request) == errc::code_unknown);
        CHECK(why(exchange()) == (used ? errc::code_reused : errc{}));
    }
}

TEST_CASE_FIXTURE(fixture, "RFC 6749 4.1.2 a code that was not exchanged expires after a minute") {
    CHECK(why(exchange(), now + 60s) == errc::code_expired);
    CHECK(why(exchange(), now + 59s) == errc{});
    CHECK_FALSE(authorization_codes::make({.lifetime = 0s}));
    CHECK_FALSE(authorization_codes::make({.lifetime = 601s}));
    CHECK_FALSE(authorization_codes::make({.remember = -1s}));
    CHECK(authorization_codes::make({.lifetime = 600s, .remember = 0s}));
}

TEST_CASE_FIXTURE(fixture, "RFC 9449 10 a code that is bound to a key is exchanged with a proof of that key") {
    auto const pair = *private_key::generate(alg::ed25519), other = *private_key::generate(alg::ed25519);
    auto const owner = proved(db, pair, now), thief = proved(db, other, now);
    auto request = asked();
    request.dpop_jkt = owner.jkt();
    code = issue(request);
    auto ask = exchange();
    CHECK(why(ask) == errc::code_sender_mismatch);
    ask.proved = &thief;
    CHECK(why(ask) == errc::code_sender_mismatch);
    ask.proved = &owner;
    auto const grant = run(codes.exchange(ask, now), db);
    REQUIRE(grant);
    CHECK(grant->sender == owner.thumbprint());

    // Also of a code that was bound to no key: whoever proves one gets a token for it (RFC 9449 section 5).
    code = issue();
    auto const tokens = *oauth::token_issuer<es256>::make(key(), std::string{issuer}, "k1");
    auto const bound = run(codes.exchange(ask = exchange(), now), db);
    REQUIRE(bound);
    CHECK_FALSE(bound->access().sender);
    code = issue();
    ask = exchange();
    ask.proved = &owner;
    auto const proven = run(codes.exchange(ask, now), db);
    REQUIRE(proven);
    auto const set = tokens.issue(proven->login(), proven->access(), now);
    REQUIRE(set);
    CHECK(set->dpop);
    auto const access =
        jwt::verifier<es256>{keys(), {.issuer = issuer, .audience = "https://api.example", .type = "at+jwt"}}.verify(
            set->access_token, now);
    REQUIRE(access);
    CHECK(access->has("cnf"));
    CHECK(*access->claim<std::string_view>("scope") == "openid offline_access");
}

TEST_CASE_FIXTURE(fixture, "a code is issued for a user with a session, to the client that asked") {
    auto const refused = [&](auto change) {
        auto login = anna;
        auto request = asked();
        change(login, request);
        auto const made = run(codes.issue(request, login, now), db);
        return made ? errc{} : made.error().code;
    };
    CHECK(refused([](auto&, auto&) {}) == errc{});
    CHECK(refused([](auto& l, auto&) { l.user = ""; }) == errc::out_of_range);
    CHECK(refused([](auto& l, auto&) { l.session = ""; }) == errc::out_of_range);
    CHECK(refused([](auto& l, auto&) { l.auth_time = {}; }) == errc::out_of_range);
    CHECK(refused([](auto& l, auto&) { l.client = "desk"; }) == errc::client_mismatch);
    CHECK(refused([](auto& l, auto&) { l.amr.assign(9, "pwd"); }) == errc::out_of_range);
    CHECK(refused([](auto&, auto& r) { r.scope.assign(max_login_scope + 1, 'a'); }) == errc::out_of_range);
    CHECK(refused([](auto&, auto& r) { r.dpop_jkt = "abc"; }) == errc::out_of_range);
    CHECK(issue() != issue());
}

TEST_CASE("a code whose exchange the store did not confirm may have been used, and is never exchanged twice") {
    using enum testing::store_fault;
    store::memory inner;
    testing::faulty_store<store::memory> db{inner};
    auto const codes = *authorization_codes::make();
    for (auto const how : {unavailable, request_lost, reply_lost}) {
        for (unsigned const question : {0u, 1u}) {
            auto const code = *run(codes.issue(asked(), anna, now), inner);
            code_exchange const request{code, "shop", "https://shop.example/callback", verifier};
            db.fail_next(how, question);
            CHECK_FALSE(run(codes.exchange(request, now), db));
            bool const was_used = how == reply_lost && question == 1;
            auto const next = run(codes.exchange(request, now), inner);
            CHECK((next ? errc{} : next.error().code) == (was_used ? errc::code_reused : errc{}));
            CHECK(run(codes.exchange(request, now), inner).error() == errc::code_reused);
        }
    }
}

TEST_CASE("RFC 6749 4.1.3 and 6 the token endpoint reads what the relying party of signet sends, and the refresh") {
    login_states const states{*mac_key::generate(alg::hs256)};
    auto const login = states.begin(client, "/", now)->state;
    auto const request = read_token_request(code_request("c/1", login, client, "https://api.example", "a.b.c"));
    REQUIRE(request);
    CHECK(request->grant == grant_type::authorization_code);
    CHECK(request->client == "shop");
    CHECK(request->code == "c/1");
    CHECK(request->redirect_uri == client.redirect_uri);
    CHECK(request->code_verifier == secret::copy_of(as_bytes(login.code_verifier)));
    CHECK(request->resource == "https://api.example");
    CHECK(request->client_assertion == "a.b.c");

    auto const refresh = read_token_request("grant_type=refresh_token&refresh_token=r1&scope=openid&client_id=shop");
    REQUIRE(refresh);
    CHECK(refresh->grant == grant_type::refresh_token);
    CHECK(refresh->refresh_token == secret::copy_of(as_bytes("r1")));
    CHECK(refresh->scope == "openid");
    CHECK(refresh->code.empty());
}

TEST_CASE("RFC 6749 5.2 what is missing, repeated or unknown in a token request is an error with its code") {
    auto const why = [](std::string_view body) {
        auto const request = read_token_request(body);
        return request ? errc{} : request.error().code;
    };
    CHECK(why("") == errc::malformed_uri);
    CHECK(why("grant_type=password&username=a") == errc::grant_type_unsupported);
    CHECK(oauth_error(errc::grant_type_unsupported, role::authorization_server) == "unsupported_grant_type");
    CHECK(http_status(errc::grant_type_unsupported, role::authorization_server) == 400);
    CHECK(why("grant_type=authorization_code&code=a") == errc::malformed_uri);
    CHECK(why("grant_type=authorization_code&code_verifier=a") == errc::malformed_uri);
    CHECK(why("grant_type=authorization_code&code=a&code_verifier=b") == errc{});
    CHECK(why("grant_type=authorization_code&code=a&code=b&code_verifier=b") == errc::malformed_uri);
    // RFC 8707 section 2 lets a client name several resources. An access token is for one here, so that is refused.
    CHECK(why("grant_type=refresh_token&refresh_token=a&resource=urn%3Aa") == errc{});
    CHECK(why("grant_type=refresh_token&refresh_token=a&resource=urn%3Aa&resource=urn%3Ab") == errc::malformed_uri);
    CHECK(why("grant_type=refresh_token") == errc::malformed_uri);
    CHECK(why("grant_type=refresh_token&refresh_token=a&client_assertion=x") == errc::malformed_uri);
    CHECK(why("grant_type=refresh_token&refresh_token=a&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-"
              "assertion-type%3Ajwt-bearer") == errc::malformed_uri);
    CHECK(oauth_error(errc::malformed_uri, role::authorization_server) == "invalid_request");
    CHECK(why(std::string(8193, 'a')) == errc::header_too_large);
    for (auto const code : {errc::code_unknown, errc::code_expired, errc::code_reused, errc::code_verifier_mismatch,
                            errc::code_sender_mismatch})
        CHECK(oauth_error(code, role::authorization_server) == "invalid_grant");
}

TEST_CASE("RFC 7523 3 an assertion that signet's client makes authenticates it at signet's provider, and no other") {
    auto const signer = *jwt::signer<es256>::make(key(), {.type = "JWT", .key_id = "k1"});
    for (auto const& audience : {std::string{issuer}, std::string{"https://id.example/token"}}) {
        auto const text = *client_assertion(signer, "shop", audience, now);
        auto const accepted = [&](std::string_view id, std::string_view at) {
            jwt::verifier<es256> const v{keys(), client_assertion_policy(id, at, std::string{at} + "/token")};
            auto const token = v.verify(text, now);
            return token ? errc{} : token.error().code;
        };
        CHECK(accepted("shop", issuer) == errc{});
        CHECK(accepted("desk", issuer) == errc::wrong_issuer);
        CHECK(accepted("shop", "https://other.example") == errc::wrong_audience);
    }
    // RFC 7521 section 4.2: the assertion alone names the client, and nobody has verified it then.
    auto const read = read_token_request(
        "grant_type=refresh_token&refresh_token=a&client_assertion=" + *client_assertion(signer, "shop", issuer, now) +
        "&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer");
    REQUIRE(read);
    CHECK(read->client == "shop");
    // `iss` alone does not do.
    jwt::claims claims;
    claims.issuer("shop").subject("desk").audience(issuer).id("a1").expires_at(now + 60s);
    jwt::verifier<es256> const v{keys(), client_assertion_policy("shop", issuer, "https://id.example/token")};
    CHECK(v.verify(*signer.sign(claims), now).error() == errc::wrong_subject);
}

TEST_CASE_FIXTURE(fixture, "the example of the guide: a login at a provider, from its request to the tokens") {
    registered_client const shop{
        .client_id = "shop", .redirect_uris = {"https://shop.example/callback"}, .resources = {"https://api.example"}};
    auto const tokens = *oauth::token_issuer<es256>::make(key(), std::string{issuer}, "k1");
    login_states const states{*mac_key::generate(alg::hs256)};
    auto const login = states.begin(client, "/", now)->state;
    auto const url =
        *authorization_url("https://id.example/authorize", client, {.resource = "https://api.example"}, login);
    auto const query = url.substr(url.find('?') + 1);
    browser_session const browser{.user = "anna", .authenticated = now - 60s, .arrived = now};
    std::string sent_to, shown, body;
    auto const is_authentic = [](registered_client const&, std::string_view assertion) { return assertion.empty(); };
    auto const still_lives = [](std::string_view session) { return session == "s1"; };
    auto const redirect = [&](std::string const& to) { sent_to = to; };
    auto const show = [&](std::string_view page) { shown = page; };
    auto const find_client = [&](std::string_view id) { return id == "shop" ? &shop : nullptr; };
    auto const authorize = [&] {
        // [authorize]
        auto const name = named_client(query);
        auto const* registered = name ? find_client(*name) : nullptr;
        if (!registered) return show("unknown client");
        std::string answer;
        auto const request = read_login_request(query, *registered, issuer, answer);
        if (!request) return answer.empty() ? show("malformed request") : redirect(answer);
        switch (decide_login(*request, browser, now)) {
        case login_decision::ask_user: return show("login page"); // and then once more, with the same `arrived`
        case login_decision::refuse: return redirect(refusal_url(*request, issuer, login_refusal::login_required));
        case login_decision::answer: break;
        }
        auto const made = run(
            codes.issue(
                *request,
                {.user = browser.user, .client = request->client, .session = "s1", .auth_time = browser.authenticated},
                now),
            db);
        if (!made) return redirect(refusal_url(*request, issuer, login_refusal::server_error));
        redirect(code_url(*request, issuer, *made));
        // [/authorize]
    };
    authorize();
    CHECK(shown.empty());
    body =
        code_request(*read_authorization_answer(sent_to.substr(sent_to.find('?') + 1), login, client), login, client);
    auto const exchange_code = [&]() -> result<std::string> {
        // [exchange]
        auto const request = read_token_request(body);
        if (!request) return request.error(); // answer oauth_error(code, role::authorization_server)
        auto const* registered = find_client(request->client);
        if (!registered || !is_authentic(*registered, request->client_assertion))
            return errc::client_mismatch; // answer invalid_client, with status 401
        auto const grant = run(codes.exchange({.code = request->code,
                                               .client = request->client,
                                               .redirect_uri = request->redirect_uri,
                                               .code_verifier = as_text(request->code_verifier.reveal())},
                                              now),
                               db);
        if (!grant) return grant.error(); // after code_reused revoke what find_exchanged says
        if (!still_lives(grant->session)) return errc::session_ended;
        auto const set = tokens.issue(grant->login(), grant->access(), now);
        if (!set) return set.error();
        return set->to_json();
        // [/exchange]
    };
    auto const answered = exchange_code();
    REQUIRE(answered);
    auto const answer = read_token_response(*answered);
    auto const id = finish_login(jwt::verifier<es256>{keys(), id_token_policy(client)}, *answer, login, client, now);
    REQUIRE(id);
    CHECK(id->subject() == "anna");
    CHECK(exchange_code().error() == errc::code_reused);
}

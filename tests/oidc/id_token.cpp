#include "shop.hpp"

#include <signet/jwt/multi_issuer_verifier.hpp>
#include <signet/jwt/verifier.hpp>
#include <signet/oauth/token_issuer.hpp>
#include <signet/oidc/id_token.hpp>

#include <doctest/doctest.h>

#include <string>

using namespace signet::oauth;

namespace {

jwt::verifier<es256> const& ids() {
    static jwt::verifier<es256> const made{keys(), id_token_policy(client)};
    return made;
}
std::string sign(std::string_view claims, std::string_view type = "JWT") {
    auto const signer = *jwt::signer<es256>::make(key(), {.type = type, .key_id = "k1"});
    return *signer.sign(*jwt::claims::parse(claims));
}

login_state begun() {
    static login_states const states{*mac_key::generate(alg::hs256)};
    return states.begin(client, "/", now)->state;
}

// An ID token for that login, with more claims or others.
std::string id_token(login_state const& login, std::string_view more = {}, std::string_view aud = R"("shop")") {
    return sign(R"({"iss":"https://id.example","sub":"anna","iat":1800000000,"exp":1800003600,"nonce":")" +
                login.nonce + R"(","aud":)" + std::string{aud} + std::string{more} + "}");
}
errc judge(std::string id, login_state const& login, std::string access = "AT",
           std::optional<std::chrono::seconds> max_age = {}, std::string_view user = {},
           oidc_client const& whose = client) {
    token_response answer;
    answer.access_token = std::move(access);
    answer.id_token = std::move(id);
    auto const done = finish_login(ids(), answer, login, whose, now, max_age, user);
    return done ? errc{} : done.error().code;
}
errc judge_trusting(std::vector<std::string> audiences, std::string id, login_state const& login) {
    auto trusting = client;
    trusting.trusted_audiences = std::move(audiences);
    return judge(std::move(id), login, "AT", {}, {}, trusting);
}

std::string document(std::string_view name = {}, std::string_view value = {}) {
    std::string text = "{";
    auto const add = [&](std::string_view n, std::string_view usual) {
        if (n == name && value.empty()) return;
        if (text.size() > 1) text += ',';
        text += '"' + std::string{n} + "\":" + std::string{n == name ? value : usual};
    };
    add("issuer", R"("https://id.example")");
    add("authorization_endpoint", R"("https://id.example/auth")");
    add("token_endpoint", R"("https://id.example/token")");
    add("jwks_uri", R"("https://id.example/jwks")");
    add("end_session_endpoint", R"("https://id.example/logout")");
    add("id_token_signing_alg_values_supported", R"(["RS256","ES256","none","XX",7])");
    add("code_challenge_methods_supported", R"(["plain","S256"])");
    add("authorization_response_iss_parameter_supported", "true");
    add("backchannel_logout_supported", "true");
    add("backchannel_logout_session_supported", "true");
    return text + "}";
}
errc discovery_why(std::string const& text, std::string_view issuer = "https://id.example") {
    auto const d = read_discovery(text, issuer);
    return d ? errc{} : d.error().code;
}

errc logout_why(std::string_view claims, std::string_view type = "logout+jwt", unix_time at = now) {
    jwt::verifier<es256> const v{keys(), logout_token_policy(client)};
    auto const token = v.verify(sign(claims, type), at);
    if (!token) return token.error().code;
    auto const notice = read_logout_token(*token);
    return notice ? errc{} : notice.error().code;
}
constexpr std::string_view event = R"("events":{"http://schemas.openid.net/event/backchannel-logout":{}})";
std::string logout_claims(std::string_view more) {
    return R"({"iss":"https://id.example","aud":"shop","iat":1800000000,"exp":1800000120,"jti":"bWJq",)" +
           std::string{more} + "}";
}

} // namespace

TEST_CASE("the documentation's example") {
    auto const provider = *read_discovery(document(), "https://id.example");
    mac_key const cookie_key = *mac_key::generate(alg::hs256);
    auto const& id_verifier = ids();
    // What browser and token endpoint send back, further down.
    std::string const code = "SplxlOBeZQQYbYS6WxSbIA";
    std::string answer_query, answer_body;
    // [login]
    login_states const states{cookie_key};

    // A visitor wants /orders: the cookie remembers the login, the URL starts it.
    auto const begun = states.begin(client, "/orders", now);
    auto const url = authorization_url(provider.authorization_endpoint, client,
                                       {.scope = "openid", .resource = "https://api.example"}, begun->state);
    // set http::cookies::login_state() to begun->sealed, redirect to *url
    // [/login]
    CHECK(url);
    answer_query = "code=" + code + "&state=" + begun->state.state + "&iss=https%3A%2F%2Fid.example";
    answer_body = R"({"access_token":"AT","token_type":"Bearer","id_token":")" + id_token(begun->state) + "\"}";
    auto const cookie = begun->sealed;
    auto const post = [&](std::string const&, std::string const&) { return answer_body; };
    // [answer]
    // The browser is back, with the cookie. Only this browser's own login is finished.
    auto const login = states.open(cookie, now + 30s);
    if (!login) return; // and begin anew
    auto const got = read_authorization_answer(answer_query, *login, client);
    if (!got) return; // login_required after silent_authentication: show the login page
    auto const tokens = read_token_response(post(provider.token_endpoint, code_request(*got, *login, client)));
    if (!tokens) return;
    auto const id = finish_login(id_verifier, *tokens, *login, client, now + 30s);
    if (!id) return;
    // id->subject() is logged in: make a session, remove the login cookie, go to login->return_to
    // [/answer]
    CHECK(id->subject() == "anna");
    CHECK(login->return_to == "/orders");
}

TEST_CASE("RFC 6749 5.1 a token response is read; B2 of an issuer of ours too") {
    auto const answer = read_token_response(
        R"({"access_token":"AT","token_type":"bEaReR","expires_in":3600,"refresh_token":"RT","id_token":"ID","scope":"a b","x":[1]})");
    REQUIRE(answer);
    CHECK(answer->access_token == "AT");
    CHECK(answer->id_token == "ID");
    CHECK(answer->scope == "a b");
    CHECK(as_text(answer->refresh_token.reveal()) == "RT");
    CHECK(answer->expires_in == 3600s);
    CHECK_FALSE(answer->dpop);
    CHECK(read_token_response(R"({"access_token":"AT","token_type":"DPoP"})")->dpop);
    CHECK(read_token_response(R"({"access_token":"AT","token_type":"DPoP"})")->refresh_token.empty());

    auto const issuer = *token_issuer<es256>::make(key(), "https://id.example", "k1");
    auto const set = *issuer.issue({.user = "anna", .client = "shop", .session = "s1"}, {.resource = "api"}, now);
    CHECK(read_token_response(*set.to_json())->access_token == set.access_token);
}

TEST_CASE("RFC 6749 5.2 an error answer is refused by its name; everything malformed by its own") {
    std::string said;
    CHECK(
        read_token_response(R"({"error":"invalid_grant","access_token":"AT","token_type":"Bearer"})", &said).error() ==
        errc::login_refused);
    CHECK(said == "invalid_grant");
    auto const why = [](std::string_view text) { return read_token_response(text).error().code; };
    CHECK(why("") == errc::malformed_json);
    CHECK(why("<html>") == errc::malformed_json);
    CHECK(why("[]") == errc::json_wrong_type);
    CHECK(why("{}") == errc::json_member_missing);
    CHECK(why(R"({"access_token":"AT"})") == errc::json_member_missing);
    CHECK(why(R"({"access_token":"","token_type":"Bearer"})") == errc::json_member_missing);
    CHECK(why(R"({"access_token":7,"token_type":"Bearer"})") == errc::json_wrong_type);
    CHECK(why(R"({"access_token":"a","access_token":"b","token_type":"Bearer"})") == errc::duplicate_json_name);
    CHECK(why(R"({"access_token":"a","token_type":"mac"})") == errc::out_of_range);
    CHECK(why(R"({"access_token":"a","token_type":"Bearer","expires_in":-1})") == errc::out_of_range);
    CHECK(why(R"({"access_token":"a","token_type":"Bearer","expires_in":315360001})") == errc::out_of_range);
    CHECK(why(R"({"access_token":"a","token_type":"Bearer","expires_in":"3600"})") == errc::json_wrong_type);
    CHECK(why(R"({"access_token":"a","token_type":"Bearer","id_token":null})") == errc::json_wrong_type);
    CHECK(why(R"({"token_type":"Bearer","access_token":")" + std::string(16'385, 'a') + "\"}") ==
          errc::token_too_large);
    CHECK(why(R"({"token_type":"Bearer","access_token":")" + std::string(1 << 17, 'a') + "\"}") ==
          errc::json_too_large);
}

TEST_CASE("OpenID Connect Core 3.1.3.7 an ID token is taken for the login it belongs to, and for no other") {
    auto const login = begun(), other = begun();
    CHECK(judge(id_token(login), login) == errc{});
    CHECK(judge(id_token(login), other) == errc::login_state_mismatch); // another nonce: injected or replayed
    CHECK(judge(id_token(login), login_state{}) == errc::login_state_mismatch);
    CHECK(judge(sign(R"({"iss":"https://id.example","sub":"anna","iat":1800000000,"exp":1800003600,"aud":"shop"})"),
                login) == errc::login_state_mismatch);
    CHECK(
        judge(
            sign(
                R"({"iss":"https://id.example","sub":"anna","iat":1800000000,"exp":1800003600,"aud":"shop","nonce":7})"),
            login) == errc::login_state_mismatch);
    CHECK(judge("", login) == errc::json_member_missing);
    CHECK(judge("a.b.c", login) != errc{});
    CHECK(judge(id_token(login, {}, R"("other")"), login) == errc::wrong_audience);
    CHECK(
        judge(
            sign(
                R"({"iss":"https://evil.example","sub":"anna","iat":1800000000,"exp":1800003600,"aud":"shop","nonce":")" +
                login.nonce + "\"}"),
            login) == errc::wrong_issuer);
    CHECK(
        judge(
            sign(
                R"({"iss":"https://id.example","sub":"anna","iat":1800000000,"exp":1799999999,"aud":"shop","nonce":")" +
                login.nonce + "\"}"),
            login) == errc::expired);
    CHECK(judge(sign(R"({"iss":"https://id.example","iat":1800000000,"exp":1800003600,"aud":"shop","nonce":")" +
                     login.nonce + "\"}"),
                login) == errc::claim_missing);
    CHECK(
        judge(sign(R"({"iss":"https://id.example","sub":"","iat":1800000000,"exp":1800003600,"aud":"shop","nonce":")" +
                   login.nonce + "\"}"),
              login) == errc::claim_missing);
}

TEST_CASE(
    "OpenID Connect Core 3.1.3.7 item 2: with a verifier for several providers the ID token is of the one asked") {
    // A provider chooses the names of its clients, and may choose one that another provider gave.
    oidc_client const other{
        .issuer = "https://other.example", .client_id = "shop", .redirect_uri = "https://shop.example/callback"};
    jwt::multi_issuer_verifier both;
    REQUIRE(both.add(jwt::verifier<es256>{keys(), id_token_policy(client)}));
    REQUIRE(both.add(jwt::verifier<es256>{keys(), id_token_policy(other)}));
    auto const login = begun(); // at `client.issuer`
    auto const why = [&](std::string_view issuer, oidc_client const& asked, auto const& verifier) {
        token_response answer;
        answer.id_token = sign(R"({"sub":"anna","aud":"shop","tid":"t1","iat":1800000000,"exp":1800003600,"nonce":")" +
                               login.nonce + R"(","iss":")" + std::string{issuer} + "\"}");
        auto const done = finish_login(verifier, answer, login, asked, now);
        return done ? errc{} : done.error().code;
    };
    CHECK(why("https://id.example", client, both) == errc{});
    CHECK(why("https://other.example", client, both) == errc::wrong_issuer);
    CHECK(why("https://other.example", other, both) == errc{});

    // The issuer of many tenants is named with the place of the tenant, and the policy compares that with a claim.
    oidc_client const many{.issuer = "https://login.example/{tenantid}/v2.0", .client_id = "shop", .redirect_uri = ""};
    auto policy = id_token_policy(many);
    policy.tenant_claim = "tid";
    jwt::verifier<es256> const tenants{keys(), std::move(policy)};
    CHECK(why("https://login.example/t1/v2.0", many, tenants) == errc{});
    CHECK(why("https://login.example/t2/v2.0", many, tenants) == errc::wrong_issuer);
}

TEST_CASE("OpenID Connect Core 3.1.3.7 items 4 and 5: several audiences need azp, and azp is us") {
    auto const login = begun();
    CHECK(judge(id_token(login, R"(,"azp":"shop")"), login) == errc{});
    CHECK(judge(id_token(login, R"(,"azp":"other")"), login) == errc::login_mismatch);
    CHECK(judge(id_token(login, R"(,"azp":7)"), login) == errc::login_mismatch);
    CHECK(judge(id_token(login, {}, R"(["shop"])"), login) == errc{});
    CHECK(judge(id_token(login, {}, R"(["shop","api"])"), login) == errc::login_mismatch);
    CHECK(judge_trusting({"api"}, id_token(login, {}, R"(["shop","api"])"), login) == errc::login_mismatch);
    CHECK(judge_trusting({"api"}, id_token(login, R"(,"azp":"api")", R"(["shop","api"])"), login) ==
          errc::login_mismatch);
    CHECK(judge_trusting({"api"}, id_token(login, R"(,"azp":"shop")", R"(["shop","api"])"), login) == errc{});
}

TEST_CASE("OpenID Connect Core 3.1.3.7 item 3: an audience besides the client must be trusted") {
    auto const login = begun();
    auto const two = id_token(login, R"(,"azp":"shop")", R"(["shop","api"])");
    CHECK(judge(two, login) == errc::login_mismatch);
    CHECK(judge_trusting({"API", "api2"}, two, login) == errc::login_mismatch);
    CHECK(judge_trusting({"desk", "api"}, two, login) == errc{});
    auto const three = id_token(login, R"(,"azp":"shop")", R"(["api","shop","other"])");
    CHECK(judge_trusting({"api"}, three, login) == errc::login_mismatch);
    // No stranger, and so nothing to trust; and trust does not replace the client itself.
    CHECK(judge(id_token(login, R"(,"azp":"shop")", R"(["shop","shop"])"), login) == errc{});
    CHECK(judge_trusting({"api"}, id_token(login, R"(,"azp":"shop")", R"(["api"])"), login) == errc::wrong_audience);
}

TEST_CASE("OpenID Connect Core 3.1.3.8 at_hash ties the access token to the ID token") {
    auto const login = begun();
    auto const hash = access_token_hash("AT", alg::es256);
    CHECK(judge(id_token(login, R"(,"at_hash":")" + hash + "\""), login) == errc{});
    CHECK(judge(id_token(login, R"(,"at_hash":")" + hash + "\""), login, "another access token") ==
          errc::login_mismatch);
    CHECK(judge(id_token(login, R"(,"at_hash":")" + hash.substr(1) + "\""), login) == errc::login_mismatch);
    CHECK(judge(id_token(login, R"(,"at_hash":7)"), login) == errc::claim_wrong_type);
    auto const id = *ids().verify(id_token(login), now);
    CHECK(check_id_token(id, {.client = "shop", .nonce = login.nonce, .access_token = "AT", .at_hash_required = true},
                         now)
              .error() == errc::claim_missing);
    CHECK(check_id_token(id, {.client = "other", .nonce = login.nonce}, now).error() == errc::login_mismatch);
}

TEST_CASE("B15 B16 an authentication longer ago than asked for is login_required; without auth_time it is refused") {
    auto const login = begun();
    auto const at = [&](std::string time) {
        return judge(id_token(login, R"(,"auth_time":)" + time), login, "AT", 300s);
    };
    CHECK(at("1799999700") == errc{});
    CHECK(at("1799999699") == errc::login_required);
    CHECK(at("\"1799999700\"") == errc::claim_wrong_type);
    CHECK(judge(id_token(login), login, "AT", 300s) == errc::claim_missing);
}

TEST_CASE(
    "S14 max_age=0: a user who authenticated since the request was sent has logged in, whenever the code is traded") {
    auto const login = begun(); // at `now`
    auto const finish = [&](std::string_view auth_time, unix_time at, std::chrono::seconds max_age = 0s) {
        token_response answer;
        answer.id_token = id_token(login, R"(,"auth_time":)" + std::string{auth_time});
        auto const done = finish_login(ids(), answer, login, client, at, max_age);
        return done ? errc{} : done.error().code;
    };
    CHECK(finish("1800000000", now) == errc{});
    CHECK(finish("1800000040", now + 41s) == errc{});  // the browser and the token endpoint took a second
    CHECK(finish("1800000040", now + 300s) == errc{}); // the user read the provider's consent page
    CHECK(finish("1800000000", now + 300s) == errc{});
    CHECK(finish("1799999999", now) == errc::login_required); // a session of before
    CHECK(finish("1799999999", now + 300s) == errc::login_required);
    CHECK(finish("1799999999", now + 59s, 60s) == errc{});
    CHECK(finish("1799999999", now + 60s, 60s) == errc::login_required); // neither since the request nor recent

    // A login whose beginning nobody noted: the age at `now` counts, as when no login is given.
    auto unknown = login;
    unknown.started = {};
    token_response answer;
    answer.id_token = id_token(login, R"(,"auth_time":1800000040)");
    CHECK(finish_login(ids(), answer, unknown, client, now + 40s, 0s));
    CHECK(finish_login(ids(), answer, unknown, client, now + 41s, 0s).error() == errc::login_required);
}

TEST_CASE("S14 the provider's clock may be off by the client's leeway: auth_time, iat, exp and a logout token's iat") {
    auto patient = client;
    patient.leeway = 5s;
    auto const login = begun();
    auto const finish = [&](oidc_client const& c, std::string_view auth_time) {
        jwt::verifier<es256> const v{keys(), id_token_policy(c)};
        token_response answer;
        answer.id_token = id_token(login, R"(,"auth_time":)" + std::string{auth_time});
        auto const done = finish_login(v, answer, login, c, now + 30s, 0s);
        return done ? errc{} : done.error().code;
    };
    CHECK(finish(patient, "1799999995") == errc{}); // its clock is 5 s behind
    CHECK(finish(patient, "1799999994") == errc::login_required);
    CHECK(finish(client, "1799999999") == errc::login_required);
    patient.leeway = -5s; // counts as 0
    CHECK(finish(patient, "1800000000") == errc{});
    CHECK(finish(patient, "1799999999") == errc::login_required);

    patient.leeway = 5s;
    for (auto const& [c, at, verdict] : {std::tuple{&client, now - 1s, errc::issued_in_future},
                                         {&client, now + 3600s, errc::expired},
                                         {&patient, now - 5s, errc{}},
                                         {&patient, now - 6s, errc::issued_in_future},
                                         {&patient, now + 3604s, errc{}},
                                         {&patient, now + 3605s, errc::expired}}) {
        auto const id = jwt::verifier<es256>{keys(), id_token_policy(*c)}.verify(id_token(login), at);
        CHECK((id ? errc{} : id.error().code) == verdict);
    }
    auto const notice = sign(logout_claims(R"("sub":"anna",)" + std::string{event}), "logout+jwt");
    CHECK(jwt::verifier<es256>{keys(), logout_token_policy(patient)}.verify(notice, now - 5s));
    CHECK(jwt::verifier<es256>{keys(), logout_token_policy(client)}.verify(notice, now - 5s).error() ==
          errc::issued_in_future);
}

TEST_CASE("B18 silent authentication of another user than before is refused") {
    auto const login = begun();
    CHECK(judge(id_token(login), login, "AT", {}, "anna") == errc{});
    CHECK(judge(id_token(login), login, "AT", {}, "bert") == errc::subject_mismatch);
}

TEST_CASE("OpenID Connect Discovery 4.3 the document of the issuer that was asked is read") {
    auto const d = read_discovery(document(), "https://id.example");
    REQUIRE(d);
    CHECK(d->issuer == "https://id.example");
    CHECK(d->authorization_endpoint == "https://id.example/auth");
    CHECK(d->token_endpoint == "https://id.example/token");
    CHECK(d->jwks_uri == "https://id.example/jwks");
    CHECK(d->end_session_endpoint == "https://id.example/logout");
    CHECK(d->revocation_endpoint.empty());
    CHECK(d->id_token_algorithms == algorithm_set::of<rs256, es256>());
    CHECK(d->pkce_s256);
    CHECK(d->answers_name_issuer);
    CHECK(d->back_channel_logout);
    CHECK(d->back_channel_logout_session);
    CHECK(discovery_url("https://id.example") == "https://id.example/.well-known/openid-configuration");
    CHECK(discovery_url("https://id.example/t/") == "https://id.example/t/.well-known/openid-configuration");
}

TEST_CASE("RFC 8414 3.3 a document that names another issuer, or an endpoint without https, is refused") {
    CHECK(discovery_why(document(), "https://evil.example") == errc::wrong_issuer);
    CHECK(discovery_why(document(), "https://id.example/") == errc::wrong_issuer);
    CHECK(discovery_why(document(), "https://ID.example") == errc::wrong_issuer);
    CHECK(discovery_why(document("issuer", R"("http://id.example")"), "http://id.example") ==
          errc::unsupported_uri_scheme);
    CHECK(discovery_why(document("issuer", R"("https://id.example?x")"), "https://id.example?x") ==
          errc::malformed_uri);
    for (auto name :
         {"issuer", "authorization_endpoint", "token_endpoint", "jwks_uri", "id_token_signing_alg_values_supported"}) {
        CAPTURE(name);
        CHECK(discovery_why(document(name)) == errc::json_member_missing);
        CHECK(discovery_why(document(name, "7")) == errc::json_wrong_type);
    }
    for (auto name : {"authorization_endpoint", "token_endpoint", "jwks_uri", "end_session_endpoint"}) {
        CAPTURE(name);
        CHECK(discovery_why(document(name, R"("http://id.example/x")")) == errc::unsupported_uri_scheme);
        CHECK(discovery_why(document(name, R"("file:///etc/passwd")")) == errc::unsupported_uri_scheme);
        CHECK(discovery_why(document(name, R"("https://")")) == errc::malformed_uri);
        CHECK(discovery_why(document(name, R"("https://id.example/x#y")")) == errc::malformed_uri);
    }
    CHECK(discovery_why("[]") == errc::json_wrong_type);
    CHECK(discovery_why("") == errc::malformed_json);
    auto const without =
        read_discovery(document("code_challenge_methods_supported", R"("S256")"), "https://id.example");
    CHECK_FALSE(without->pkce_s256);
    CHECK_FALSE(
        read_discovery(document("backchannel_logout_supported", "1"), "https://id.example")->back_channel_logout);
}

TEST_CASE("OpenID Connect Back-Channel Logout 2.4, 2.6 a logout token ends by sid, by sub, or both") {
    auto const e = std::string{event};
    jwt::verifier<es256> const v{keys(), logout_token_policy(client)};
    auto const notice =
        read_logout_token(*v.verify(sign(logout_claims(e + R"(,"sub":"anna","sid":"s1")"), "logout+jwt"), now));
    REQUIRE(notice);
    CHECK(notice->user == "anna");
    CHECK(notice->session == "s1");
    CHECK(notice->id == "bWJq");
    CHECK(notice->issued == now);
    CHECK(logout_why(logout_claims(e + R"(,"sub":"anna")")) == errc{});
    CHECK(logout_why(logout_claims(e + R"(,"sid":"s1")")) == errc{});
    CHECK(logout_why(logout_claims(e)) == errc::claim_missing);
    CHECK(logout_why(logout_claims(e + R"(,"sid":"")")) == errc::claim_missing);
    CHECK(logout_why(logout_claims(e + R"(,"sid":7)")) == errc::claim_wrong_type);
}

TEST_CASE(
    "OpenID Connect Back-Channel Logout 2.6 an ID token is no logout token, nor one of another kind, client or time") {
    auto const e = std::string{event};
    CHECK(logout_why(logout_claims(e + R"(,"sub":"anna","nonce":"n")")) == errc::claim_refused);
    CHECK(logout_why(logout_claims(e + R"(,"sub":"anna")"), "JWT") == errc::wrong_type);
    CHECK(logout_why(logout_claims(R"("sub":"anna")")) == errc::claim_missing);
    CHECK(logout_why(logout_claims(R"("sub":"anna","events":{})")) == errc::claim_missing);
    CHECK(logout_why(logout_claims(R"("sub":"anna","events":[])")) == errc::claim_wrong_type);
    CHECK(logout_why(
              logout_claims(R"("sub":"anna","events":{"http://schemas.openid.net/event/backchannel-logout":true})")) ==
          errc::claim_wrong_type);
    CHECK(logout_why(
              R"({"iss":"https://id.example","aud":"other","iat":1800000000,"exp":1800000120,"jti":"x","sub":"anna",)" +
              e + "}") == errc::wrong_audience);
    CHECK(
        logout_why(
            R"({"iss":"https://evil.example","aud":"shop","iat":1800000000,"exp":1800000120,"jti":"x","sub":"anna",)" +
            e + "}") == errc::wrong_issuer);
    CHECK(logout_why(R"({"iss":"https://id.example","aud":"shop","iat":1800000000,"exp":1800000120,"sub":"anna",)" + e +
                     "}") == errc::claim_missing);
    CHECK(logout_why(R"({"iss":"https://id.example","aud":"shop","iat":1800000000,"jti":"x","sub":"anna",)" + e +
                     "}") == errc::expiry_missing);
    CHECK(logout_why(logout_claims(e + R"(,"sub":"anna")"), "logout+jwt", now + 121s) == errc::expired);
    CHECK(logout_why(
              R"({"iss":"https://id.example","aud":"shop","iat":1800000000,"exp":1900000000,"jti":"x","sub":"anna",)" +
                  e + "}",
              "logout+jwt", now + 301s) == errc::too_old);
}

TEST_CASE(
    "RFC 8414 3: an authorization server's metadata stands between host and path, and needs issuer and jwks_uri") {
    CHECK(discovery_url("https://id.example/t/1/") == "https://id.example/t/1/.well-known/openid-configuration");
    auto const url = [](std::string_view issuer) { return discovery_url(issuer, discovery_kind::oauth); };
    CHECK(url("https://id.example") == "https://id.example/.well-known/oauth-authorization-server");
    CHECK(url("https://id.example/") == "https://id.example/.well-known/oauth-authorization-server");
    CHECK(url("https://id.example:8443/t/1") == "https://id.example:8443/.well-known/oauth-authorization-server/t/1");

    auto const why = [](std::string_view text) {
        auto const d = read_discovery(text, "https://id.example", discovery_kind::oauth);
        return d ? errc{} : d.error().code;
    };
    CHECK(why(R"({"issuer":"https://id.example","jwks_uri":"https://id.example/jwks"})") == errc{});
    CHECK(why(R"({"issuer":"https://id.example"})") == errc::json_member_missing);
    CHECK(why(R"({"issuer":"https://id.example/","jwks_uri":"https://id.example/jwks"})") == errc::wrong_issuer);
    CHECK(why(R"({"issuer":"https://id.example","jwks_uri":"http://id.example/jwks"})") ==
          errc::unsupported_uri_scheme);
    CHECK(why(R"({"issuer":"https://id.example","jwks_uri":"https://id.example/jwks","token_endpoint":"http://x"})") ==
          errc::unsupported_uri_scheme);
    CHECK(
        why(R"({"issuer":"https://id.example","jwks_uri":"https://a/k","id_token_signing_alg_values_supported":1})") ==
        errc::json_wrong_type);
    CHECK(discovery_why(R"({"issuer":"https://id.example","jwks_uri":"https://id.example/jwks"})") ==
          errc::json_member_missing); // an OpenID provider has more
}

TEST_CASE("RFC 7523 3 private_key_jwt: issuer and subject are the client, for that audience, once, for a minute") {
    auto const signer = *jwt::signer<es256>::make(key(), {.key_id = "k1"});
    auto const text = *client_assertion(signer, "shop", "https://id.example", now);
    jwt::verifier<es256> const v{keys(),
                                 {.issuer = "shop",
                                  .audience = "https://id.example",
                                  .type = "JWT",
                                  .subject = "shop",
                                  .required = {"jti", "iat"}}};
    auto const token = v.verify(text, now);
    REQUIRE(token);
    CHECK(token->expires_at()->seconds == now + 60s);
    CHECK(token->id().size() == 22);
    auto const another = v.verify(*client_assertion(signer, "shop", "https://id.example", now), now);
    REQUIRE(another);
    CHECK(another->id() != token->id());
    CHECK(v.verify(text, now + 61s).error() == errc::expired);
}

#include "shop.hpp"

#include <signet/codec/base64url.hpp>
#include <signet/format.hpp>
#include <signet/jwt/verifier.hpp>
#include <signet/oauth/token_issuer.hpp>
#include <signet/oidc/provider.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <sstream>
#include <string>

namespace {

constexpr std::string_view issuer = "https://id.example";
constexpr std::string_view challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"; // RFC 7636 appendix B

registered_client const shop{.client_id = "shop",
                             .redirect_uris = {"https://shop.example/callback", "https://shop.example/other?a=1"},
                             .post_logout_redirect_uris = {"https://shop.example/bye"},
                             .scopes = {"offline_access", "profile"},
                             .resources = {"https://api.example"}};

using parameters = std::map<std::string, std::string>;

parameters const good{{"response_type", "code"},
                      {"client_id", "shop"},
                      {"redirect_uri", "https%3A%2F%2Fshop.example%2Fcallback"},
                      {"scope", "openid+offline_access"},
                      {"state", "s%261"},
                      {"nonce", "n1"},
                      {"code_challenge", std::string{challenge}},
                      {"code_challenge_method", "S256"}};

std::string query(parameters const& changes = {}) {
    auto all = changes;
    all.insert(good.begin(), good.end());
    std::string text;
    for (auto const& [name, value] : all)
        if (value != "-") text += (text.empty() ? "" : "&") + name + "=" + value;
    return text;
}

// Why a request is refused: the error, and the `error` at the client, if it is told.
std::pair<errc, std::string> refused(parameters const& changes) {
    std::string answer;
    auto const request = read_login_request(query(changes), shop, issuer, answer);
    if (request) return {errc{}, answer};
    if (answer.empty()) return {request.error().code, ""};
    CHECK(answer.starts_with("https://shop.example/callback?error="));
    CHECK(answer.ends_with("&state=s%261&iss=https%3A%2F%2Fid.example"));
    auto const start = answer.find('=') + 1;
    return {request.error().code, answer.substr(start, answer.find('&') - start)};
}
std::pair<errc, std::string> told(std::string why) { return {errc::login_request_refused, std::move(why)}; }
std::pair<errc, std::string> shown(errc why) { return {why, ""}; }

login_request asked(parameters const& changes = {}) {
    std::string answer;
    auto request = read_login_request(query(changes), shop, issuer, answer);
    REQUIRE(request);
    return *request;
}

// Her browser, for a request that arrived now.
browser_session anna(unix_time authenticated) {
    return {.user = "anna", .authenticated = authenticated, .arrived = now};
}

} // namespace

TEST_CASE("OpenID Connect Core 3.1.2.1 what the relying party of signet asks for is what its provider reads") {
    login_states const states{*mac_key::generate(alg::hs256)};
    auto const login = states.begin(client, "/", now)->state;
    auto const url = authorization_url("https://id.example/authorize?tenant=a", client,
                                       {.scope = "openid profile",
                                        .resource = "https://api.example",
                                        .prompt = login_prompt::none,
                                        .login_hint = "anna@example",
                                        .acr_values = "mfa pwd",
                                        .dpop_jkt = challenge,
                                        .max_age = 300s},
                                       login);
    REQUIRE(url);
    auto const form = url->substr(url->find('?') + 1);
    CHECK(*named_client(form) == "shop");
    std::string answer;
    auto const request = read_login_request(form, shop, issuer, answer);
    REQUIRE(request);
    CHECK(answer.empty());
    CHECK(request->client == "shop");
    CHECK(request->redirect_uri == client.redirect_uri);
    CHECK(request->code_challenge == *pkce_challenge(login.code_verifier));
    CHECK(request->scope == "openid profile");
    CHECK(request->state == login.state);
    CHECK(request->nonce == login.nonce);
    CHECK(request->resource == "https://api.example");
    CHECK(request->login_hint == "anna@example");
    CHECK(request->acr_values == "mfa pwd");
    CHECK(request->dpop_jkt == challenge);
    CHECK(request->silent);
    CHECK_FALSE((request->login || request->consent || request->select_account));
    CHECK(request->max_age == 300s);

    auto const back = code_url(*request, issuer, "c/1");
    CHECK(*read_authorization_answer(back.substr(back.find('?') + 1), login, client) == "c/1");
    auto strict = client;
    strict.answers_name_issuer = true;
    std::string why;
    auto const no = refusal_url(*request, issuer, login_refusal::login_required);
    CHECK(read_authorization_answer(no.substr(no.find('?') + 1), login, strict, &why).error() == errc::login_required);
    CHECK(why == "login_required");
}

TEST_CASE("RFC 6749 4.1.2.1 nobody is sent to a redirect URI that is not the client's, or to an unknown client's") {
    CHECK(refused({}) == shown(errc{}));
    CHECK(refused({{"client_id", "desk"}}) == shown(errc::client_mismatch));
    CHECK(refused({{"client_id", "-"}}) == shown(errc::client_mismatch));
    for (auto const* uri :
         {"-", "", "https%3A%2F%2Fshop.example%2Fcallback%2F", "https%3A%2F%2Fshop.example%2FCallback",
          "https%3A%2F%2Fshop.example%2Fcallback%23f", "https%3A%2F%2Fevil.example%2Fcallback",
          "https%3A%2F%2Fshop.example%2Fcallback%3Fa%3D1", "https%3A%2F%2Fshop.example%3A443%2Fcallback"})
        CHECK(refused({{"redirect_uri", uri}}) == shown(errc::redirect_uri_mismatch));
    CHECK(refused({{"scope", "%zz"}}) == shown(errc::malformed_uri));
    CHECK(refused({{"x", std::string(8192, 'a')}}) == shown(errc::header_too_large));
    std::string answer = "left over";
    CHECK(read_login_request(query() + "&state=2", shop, issuer, answer).error() == errc::malformed_uri);
    CHECK(answer.empty());
    // A registration without an id, or with a fragment in its URI, is nobody's.
    CHECK(read_login_request(query({{"client_id", "-"}}), {"", shop.redirect_uris}, issuer, answer).error() ==
          errc::client_mismatch);
    registered_client const odd{"shop", {"https://shop.example/callback#f"}};
    CHECK(
        read_login_request(query({{"redirect_uri", "https%3A%2F%2Fshop.example%2Fcallback%23f"}}), odd, issuer, answer)
            .error() == errc::redirect_uri_mismatch);
    CHECK(answer.empty());
}

TEST_CASE("OpenID Connect Core 3.1.2.6 whatever else is wrong is told to the client, at its redirect URI") {
    CHECK(refused({{"response_type", "-"}}) == told("invalid_request"));
    for (auto const* type : {"token", "id_token", "code+id_token", "none"})
        CHECK(refused({{"response_type", type}}) == told("unsupported_response_type"));
    CHECK(refused({{"scope", "-"}}) == told("invalid_scope"));
    CHECK(refused({{"scope", "profile+openid2"}}) == told("invalid_scope"));
    CHECK(refused({{"scope", "openid+" + std::string(max_login_scope, 'a')}}) == told("invalid_scope"));
    CHECK(refused({{"nonce", std::string(max_login_parameter + 1, 'a')}}) == told("invalid_request"));
    for (auto const* nonce : {"%ff", "a%00", "%c3%a4"}) CHECK(refused({{"nonce", nonce}}) == told("invalid_request"));
    for (auto const* resource : {"https%3A%2F%2Fother.example", "api", "https%3A%2F%2Fapi.example%2F"})
        CHECK(refused({{"resource", resource}}) == told("invalid_target"));
    CHECK(refused({{"resource", "https%3A%2F%2Fapi.example"}}) == shown(errc{}));
    CHECK(refused({{"request", "e30.e30."}}) == told("request_not_supported"));
    CHECK(refused({{"request_uri", "https%3A%2F%2Fshop.example%2Fr"}}) == told("request_uri_not_supported"));
    CHECK(refused({{"registration", "%7B%7D"}}) == told("registration_not_supported"));
    CHECK(refused({{"response_mode", "fragment"}}) == told("invalid_request"));
    CHECK(refused({{"response_mode", "query"}}) == shown(errc{}));
    CHECK(refused({{"max_age", "-1"}}) == told("invalid_request"));
    CHECK(refused({{"max_age", "1x"}}) == told("invalid_request"));
    CHECK(refused({{"max_age", "99999999999"}}) == told("invalid_request"));
    CHECK(refused({{"dpop_jkt", "abc"}}) == told("invalid_request"));
    CHECK(asked({{"state", "-"}, {"nonce", "-"}}).state.empty());
    CHECK(asked({{"unknown", "x"}}).client == "shop");
}

TEST_CASE(
    "OpenID Connect Core 3.1.2.1 of the scopes that are asked for, a client is granted those that it is registered for") {
    CHECK(asked({{"scope", "admin+openid+profile+openid+offline_access2"}}).scope == "openid profile");
    CHECK(asked({{"scope", "openid"}}).scope == "openid");
    CHECK(asked({{"scope", "++offline_access+openid+"}}).scope == "offline_access openid");
    CHECK(asked({{"scope", "openid+%ff"}}).scope == "openid");
}

TEST_CASE("RFC 9700 2.1.1 a request without PKCE by S256 is refused") {
    CHECK(refused({{"code_challenge", "-"}}) == told("invalid_request"));
    CHECK(refused({{"code_challenge_method", "-"}}) == told("invalid_request")); // plain, RFC 7636 4.3
    CHECK(refused({{"code_challenge_method", "plain"}}) == told("invalid_request"));
    CHECK(refused({{"code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-c"}}) == told("invalid_request"));
    CHECK(refused({{"code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cN"}}) == told("invalid_request"));
}

TEST_CASE("OpenID Connect Core 3.1.2.1 prompt=none stands alone, and unknown prompts are refused") {
    auto const prompts = [](std::string prompt) {
        auto const r = asked({{"prompt", std::move(prompt)}});
        return std::array{r.silent, r.login, r.consent, r.select_account};
    };
    CHECK(prompts("-") == std::array{false, false, false, false});
    CHECK(prompts("none") == std::array{true, false, false, false});
    CHECK(prompts("login") == std::array{false, true, false, false});
    CHECK(prompts("consent") == std::array{false, false, true, false});
    CHECK(prompts("select_account") == std::array{false, false, false, true});
    CHECK(prompts("login+consent") == std::array{false, true, true, false});
    for (auto const* prompt : {"none+login", "login+none", "None", "create", "login++consent"})
        CHECK(refused({{"prompt", prompt}}) == told("invalid_request"));
}

TEST_CASE(
    "B18 \"If there isn't a valid session, a `login_required` error is returned to the redirect URI\", and otherwise a code (D11)") {
    using enum login_decision;
    auto const silent = asked({{"prompt", "none"}});
    CHECK(decide_login(silent, {.arrived = now}, now) == refuse);
    CHECK(decide_login(silent, anna(now - 3600s), now) == answer);
    CHECK(decide_login(asked(), {.arrived = now}, now) == ask_user);
    CHECK(decide_login(asked(), anna(now - 3600s), now) == answer);
}

TEST_CASE(
    "OpenID Connect Core 3.1.2.3 prompt=login, select_account and max_age ask again, once; consent is the application's") {
    using enum login_decision;
    for (auto const* prompt : {"login", "select_account", "login+consent"}) {
        auto const again = asked({{"prompt", prompt}});
        CHECK(decide_login(again, anna(now - 1s), now) == ask_user);
        CHECK(decide_login(again, anna(now + 5s), now + 6s) == answer); // since the request arrived
    }
    CHECK(decide_login(asked({{"prompt", "consent"}}), anna(now - 1s), now) == answer);
    auto const fresh = asked({{"max_age", "60"}});
    CHECK(decide_login(fresh, anna(now - 60s), now) == answer);
    CHECK(decide_login(fresh, anna(now - 61s), now) == ask_user);
    CHECK(decide_login(fresh, anna(now - 30s), now + 31s) == ask_user);
    auto const zero = asked({{"max_age", "0"}});
    CHECK(decide_login(zero, anna(now - 1s), now) == ask_user);
    CHECK(decide_login(zero, anna(now), now + 20s) == answer);
    CHECK(decide_login(asked({{"max_age", "60"}, {"prompt", "none"}}), anna(now - 61s), now) == refuse);
}

TEST_CASE("OpenID Connect Core 3.1.2.1 nobody but the user of the id_token_hint is an answer") {
    using enum login_decision;
    for (auto const& [prompt, otherwise] : {std::pair{"none", refuse}, {"-", ask_user}}) {
        auto const hinted = asked({{"id_token_hint", "a.b.c"}, {"prompt", prompt}});
        auto browser = anna(now - 60s);
        CHECK(decide_login(hinted, browser, now) == otherwise); // which was not verified
        browser.expected_user = "bert";
        CHECK(decide_login(hinted, browser, now) == otherwise);
        browser.expected_user = "anna";
        CHECK(decide_login(hinted, browser, now) == answer);
    }
}

TEST_CASE("RFC 6749 3.1.2 the query of a redirect URI is kept") {
    auto const request = asked({{"redirect_uri", "https%3A%2F%2Fshop.example%2Fother%3Fa%3D1"}});
    CHECK(code_url(request, issuer, "c1") ==
          "https://shop.example/other?a=1&code=c1&state=s%261&iss=https%3A%2F%2Fid.example");
}

TEST_CASE("OpenID Connect RP-Initiated Logout 2 what the relying party of signet asks for is what its provider reads") {
    auto const tokens = *oauth::token_issuer<es256>::make(key(), std::string{issuer}, "k1");
    auto const set =
        *tokens.issue({.user = "anna", .client = "shop", .session = "s1", .auth_time = now}, {.resource = "api"}, now);
    auto const url = end_session_url(
        "https://id.example/end", client,
        {.id_token_hint = set.id_token, .post_logout_redirect_uri = "https://shop.example/bye", .state = "a&b"});
    REQUIRE(url);
    auto const form = url->substr(url->find('?') + 1);
    auto const request = read_end_session_request(form, shop);
    REQUIRE(request);
    CHECK(request->client == "shop");
    CHECK(post_logout_url(*request) == "https://shop.example/bye?state=a%26b");
    // Without client_id the hint names the client.
    CHECK(*named_client("id_token_hint=" + set.id_token) == "shop");
    CHECK(named_client("id_token_hint=abc").error() == errc::client_mismatch);
    CHECK(named_client("").error() == errc::client_mismatch);
    auto const hint_for = [](std::string_view claims) {
        auto const octets = as_bytes(claims);
        return named_client("id_token_hint=eyJhbGciOiJFUzI1NiJ9." + codec::base64url_encode(octets) + ".AA")
            .value_or("");
    };
    CHECK(hint_for(R"({"aud":["shop"]})") == "shop");
    CHECK(hint_for(R"({"aud":["shop","desk"]})").empty());
    CHECK(hint_for(R"({"aud":["shop","desk"],"azp":"desk"})") == "desk");
    CHECK(hint_for(R"({"aud":1})").empty());

    // The hint is good for a session to end long after it expired, and for no other client.
    jwt::verifier<es256> const verifier{keys(), id_token_hint_policy(issuer, "shop")};
    for (auto const later : {0s, 3600s, 80 * 86'400s}) {
        auto const token = verifier.verify(request->id_token_hint, now + later);
        REQUIRE(token);
        auto const hint = read_id_token_hint(*token);
        REQUIRE(hint);
        CHECK(hint->user == "anna");
        CHECK(hint->session == "s1");
    }
    CHECK(verifier.verify(request->id_token_hint, now + 3600s + 90 * 86'400s).error() == errc::expired);
    jwt::verifier<es256> const desk{keys(), id_token_hint_policy(issuer, "desk")};
    CHECK(desk.verify(request->id_token_hint, now).error() == errc::wrong_audience);
    CHECK(verifier.verify(set.access_token, now).error() == errc::wrong_type);
    auto const logout = *logout_token_issuer<es256>::make(key(), std::string{issuer}, "k1");
    CHECK(verifier.verify(*logout.issue({.client = "shop", .user = "anna"}, now), now).error() == errc::wrong_type);
}

TEST_CASE("OpenID Connect Back-Channel Logout 2.4 a logout token with the type of an ID token is no hint") {
    auto const claims = *logout_token_claims(issuer, {.client = "shop", .user = "anna"}, now);
    auto const signer = *jwt::signer<es256>::make(key(), {.type = "JWT", .key_id = "k1"});
    jwt::verifier<es256> const verifier{keys(), id_token_hint_policy(issuer, "shop")};
    auto const token = verifier.verify(*signer.sign(claims), now);
    REQUIRE(token);
    CHECK(read_id_token_hint(*token).error() == errc::claim_refused);
}

TEST_CASE("OpenID Connect RP-Initiated Logout 3 the browser goes to a URI that is registered, or nowhere") {
    auto const why = [](std::string_view form) {
        auto const request = read_end_session_request(form, shop);
        return request ? errc{} : request.error().code;
    };
    CHECK(why("") == errc{});
    CHECK(post_logout_url(*read_end_session_request("state=a", shop)).empty());
    CHECK(why("client_id=shop&post_logout_redirect_uri=https%3A%2F%2Fshop.example%2Fbye") == errc{});
    CHECK(why("client_id=desk&post_logout_redirect_uri=https%3A%2F%2Fshop.example%2Fbye") == errc::client_mismatch);
    // A redirect URI of logins is none.
    CHECK(why("post_logout_redirect_uri=https%3A%2F%2Fshop.example%2Fcallback") == errc::redirect_uri_mismatch);
    CHECK(why("post_logout_redirect_uri=https%3A%2F%2Fshop.example%2Fbye%23x") == errc::redirect_uri_mismatch);
    CHECK(why("state=a&state=b") == errc::malformed_uri);
    CHECK(read_end_session_request("", {}).error() == errc::client_mismatch);
}

TEST_CASE("OpenID Connect Discovery 3 the document that is written is the one that is read") {
    discovery d;
    d.issuer = "https://id.example";
    d.authorization_endpoint = "https://id.example/authorize";
    d.token_endpoint = "https://id.example/token";
    d.jwks_uri = "https://id.example/keys";
    d.id_token_algorithms = algorithm_set::of<es256, ed25519, rs256>();
    d.pkce_s256 = d.answers_name_issuer = true;
    for (int whole = 0; whole != 2; ++whole) {
        CAPTURE(whole);
        auto const text = write_discovery(d);
        REQUIRE(text);
        auto const read = read_discovery(*text, d.issuer);
        REQUIRE(read);
        CHECK(*read == d);
        CHECK(text->find(R"("request_uri_parameter_supported":false)") != text->npos);
        CHECK(text->find(R"("response_types_supported":["code"],)") != text->npos);
        // Discovery section 3, RFC 8414 section 2: the grants are those that the provider has, no more.
        auto const* const grants = d.refresh_tokens
                                       ? R"("grant_types_supported":["authorization_code","refresh_token"],)"
                                       : R"("grant_types_supported":["authorization_code"],)";
        CHECK(text->find(grants) != text->npos);
        CHECK(text->find(R"("id_token_signing_alg_values_supported":["RS256","ES256","EdDSA"])") != text->npos);
        d.end_session_endpoint = "https://id.example/end";
        d.revocation_endpoint = "https://id.example/revoke";
        d.userinfo_endpoint = "https://id.example/me";
        d.back_channel_logout = d.back_channel_logout_session = d.refresh_tokens = true;
    }
    auto const why = [&](auto change) {
        auto changed = d;
        change(changed);
        auto const text = write_discovery(changed);
        return text ? errc{} : text.error().code;
    };
    CHECK(why([](discovery&) {}) == errc{});
    CHECK(why([](discovery& x) { x.answers_name_issuer = false; }) == errc::out_of_range); // every answer does
    CHECK(why([](discovery& x) { x.pkce_s256 = false; }) == errc::out_of_range);
    CHECK(why([](discovery& x) { x.issuer = "http://id.example"; }) == errc::unsupported_uri_scheme);
    CHECK(why([](discovery& x) { x.issuer += "?a"; }) == errc::malformed_uri);
    CHECK(why([](discovery& x) { x.authorization_endpoint.clear(); }) == errc::json_member_missing);
    CHECK(why([](discovery& x) { x.token_endpoint.clear(); }) == errc::json_member_missing);
    CHECK(why([](discovery& x) { x.jwks_uri.clear(); }) == errc::json_member_missing);
    CHECK(why([](discovery& x) { x.id_token_algorithms = {}; }) == errc::json_member_missing);
    CHECK(why([](discovery& x) { x.userinfo_endpoint = "http://id.example/me"; }) == errc::unsupported_uri_scheme);
    CHECK(why([](discovery& x) { x.jwks_uri += "#1"; }) == errc::malformed_uri);
}

TEST_CASE("format: a refusal of a login is written by its name") {
    std::ostringstream out;
    out << login_refusal::login_required;
    CHECK(out.str() == "login_required");
}

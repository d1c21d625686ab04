#include "shop.hpp"

#include <signet/codec/base64url.hpp>
#include <signet/crypto/mac.hpp>
#include <signet/http/ready_cookies.hpp>
#include <signet/oidc/login.hpp>
#include <signet/store/record.hpp>
#include <signet/testing/fixed_random.hpp>

#include <doctest/doctest.h>

#include <set>
#include <string>

namespace {

login_states const& states() {
    static login_states const made{*mac_key::generate(alg::hs256)};
    return made;
}
login_state begun() { return states().begin(client, "/orders?page=2", now)->state; }

errc why(std::string const& query, login_state const& login, oidc_client const& of = client) {
    auto const code = read_authorization_answer(query, login, of);
    return code ? errc{} : code.error().code;
}

// What stands in a URL's query, taken apart by hand.
std::string parameter(std::string const& url, std::string const& name) {
    auto const query = "&" + url.substr(url.find('?') + 1) + "&";
    auto const at = query.find("&" + name + "=");
    if (at == query.npos) return "(none)";
    auto const begin = at + name.size() + 2;
    return query.substr(begin, query.find('&', begin) - begin);
}

} // namespace

TEST_CASE("RFC 7636 appendix B: the challenge of the example's verifier") {
    CHECK(*pkce_challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk") ==
          "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
    CHECK(pkce_matches("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"));
    CHECK_FALSE(
        pkce_matches("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXl", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"));
    CHECK_FALSE(pkce_matches("", ""));
}

TEST_CASE("RFC 7636 4.1: a verifier has 43 to 128 unreserved characters") {
    CHECK(pkce_challenge(std::string(43, 'a')));
    CHECK(pkce_challenge(std::string(128, '~')));
    CHECK_FALSE(pkce_challenge(std::string(42, 'a')));
    CHECK_FALSE(pkce_challenge(std::string(129, 'a')));
    for (char bad : {' ', '+', '/', '=', '%', '\0', '\x80'}) CHECK_FALSE(pkce_challenge(std::string(42, 'a') + bad));
}

TEST_CASE("DECISIONS 21 the state of a login comes back from its cookie, and holds a path of ours alone") {
    auto const login = states().begin(client, "/orders?page=2", now);
    REQUIRE(login);
    auto const again = states().open(login->sealed, now + 9min);
    REQUIRE(again);
    CHECK(again->state == login->state.state);
    CHECK(again->nonce == login->state.nonce);
    CHECK(again->code_verifier == login->state.code_verifier);
    CHECK(again->issuer == "https://id.example");
    CHECK(again->return_to == "/orders?page=2");
    CHECK(again->started == now);
    for (auto const& text : {again->state, again->nonce, again->code_verifier}) CHECK(text.size() == 43);
    CHECK(std::set{again->state, again->nonce, again->code_verifier}.size() == 3);
    CHECK(pkce_challenge(again->code_verifier));
    constexpr auto cookie = http::cookies::login_state();
    CHECK(cookie.set(login->sealed));
    auto longest = client;
    longest.issuer = "https://" + std::string(692, 'a');
    auto const text = states().begin(longest, "/" + std::string(699, 'a'), now)->sealed;
    CHECK(text.size() <= 2100);
    CHECK(cookie.set(text));
}

TEST_CASE(
    "the octets of a login's cookie: seed, time, issuer and path under a tag, as servers of an older version read them") {
    mac_key const key = *mac_key::from_secret(secret::copy_of(bytes(32, 7)), alg::hs256);
    login_states const made{key};
    testing::fixed_random dice{5}, same{5};
    std::array<std::uint8_t, 16> seed;
    same.fill(seed);
    bytes octets;
    store::record_writer w{octets, 1, 'L'};
    w.fixed(seed);
    w.time(now);
    w.text("https://id.example");
    w.text("/orders");
    std::array<std::uint8_t, 32> tag;
    auto mac = crypto::hmac::make(hash_id::sha256, key.reveal());
    mac->update(as_bytes("signet/login/1/seal"));
    mac->update(octets);
    mac->finish(tag);
    octets.insert(octets.end(), tag.begin(), tag.end());
    CHECK(made.begin(client, "/orders", now, dice)->sealed == codec::base64url_encode(octets));
}

TEST_CASE("S13 states of former keys are opened, and new ones are the current key's") {
    auto const key = [](std::uint8_t n) { return *mac_key::from_secret(secret{bytes(32, n)}, alg::hs256); };
    login_states const before{key(1)}, after{*mac_keys::make(key(2), {key(3), key(1)})}, without{key(2)};
    oidc_client const client{
        .issuer = "https://id.example.com", .client_id = "shop", .redirect_uri = "https://shop.example/login"};
    unix_time const now{std::chrono::seconds{1'800'000'000}};
    auto const begun = *before.begin(client, "/orders", now), next = *after.begin(client, "/orders", now);
    auto const opened = after.open(begun.sealed, now);
    REQUIRE(opened);
    CHECK(opened->state == begun.state.state);
    CHECK(opened->nonce == begun.state.nonce);
    CHECK(opened->code_verifier == begun.state.code_verifier);
    CHECK(without.open(begun.sealed, now).error() == errc::login_state_mismatch);
    CHECK(without.open(next.sealed, now)->state == next.state.state);
    CHECK(before.open(next.sealed, now).error() == errc::login_state_mismatch);
}

TEST_CASE("the cookie of a login holds neither state nor nonce nor verifier, in whatever form") {
    auto const login = *states().begin(client, "/", now);
    auto const octets = *codec::base64url_decode(login.sealed);
    for (auto const& secret : {login.state.state, login.state.nonce, login.state.code_verifier}) {
        CHECK(as_text(octets).find(secret) == std::string_view::npos);
        CHECK(as_text(octets).find(as_text(*codec::base64url_decode(secret))) == std::string_view::npos);
    }
}

TEST_CASE("a cookie that is not ours, changed, too old or from far in the future opens no login") {
    auto const login = *states().begin(client, "/", now);
    CHECK(states().open(login.sealed, now + 10min));
    CHECK(states().open(login.sealed, now + 10min + 1s).error() == errc::login_state_mismatch);
    CHECK(states().open(login.sealed, now - 11min).error() == errc::login_state_mismatch);
    login_states const other{*mac_key::generate(alg::hs256)};
    CHECK(other.open(login.sealed, now).error() == errc::login_state_mismatch);
    for (auto const& text : {std::string{}, std::string{"A"}, std::string(43, 'A'), std::string(5000, 'A'),
                             login.sealed + "AAAA", login.sealed + "="})
        CHECK(states().open(text, now).error() == errc::login_state_mismatch);
    for (std::size_t i = 0; i != login.sealed.size(); ++i) {
        auto changed = login.sealed;
        changed[i] = changed[i] == 'A' ? 'B' : 'A';
        CHECK(states().open(changed, now).error() == errc::login_state_mismatch);
    }
}

TEST_CASE("where to return to is a path of this site: an open redirect is not begun") {
    for (auto const* bad : {"", "//evil.example", "/\\evil.example", "\\\\evil.example", "https://evil.example",
                            "javascript:x", "orders", "/a b", "/a\r\nX: y", "/\t/evil.example", "/a\\b"})
        CHECK(states().begin(client, bad, now).error() == errc::out_of_range);
    CHECK(states().begin(client, "/" + std::string(700, 'a'), now).error() == errc::out_of_range);
    CHECK(states().begin({}, "/", now).error() == errc::out_of_range);
    CHECK(states().begin(client, "/", now));
}

TEST_CASE(
    "OpenID Connect Core 3.1.2.1 the request: code flow, state, nonce and PKCE S256 always; every value percent-encoded") {
    auto const login = begun();
    auto const url =
        *authorization_url("https://id.example/auth", client,
                           {.scope = "openid offline_access", .resource = "https://api.example/a?b=c&d"}, login);
    CHECK(url.starts_with("https://id.example/auth?"));
    CHECK(parameter(url, "response_type") == "code");
    CHECK(parameter(url, "client_id") == "shop");
    CHECK(parameter(url, "redirect_uri") == "https%3A%2F%2Fshop.example%2Fcallback");
    CHECK(parameter(url, "scope") == "openid%20offline_access");
    CHECK(parameter(url, "resource") == "https%3A%2F%2Fapi.example%2Fa%3Fb%3Dc%26d");
    CHECK(parameter(url, "state") == login.state);
    CHECK(parameter(url, "nonce") == login.nonce);
    CHECK(parameter(url, "code_challenge") == *pkce_challenge(login.code_verifier));
    CHECK(parameter(url, "code_challenge_method") == "S256");
    CHECK(parameter(url, "prompt") == "(none)");
    CHECK(url.find(login.code_verifier) == url.npos);
    auto const more =
        *authorization_url("https://id.example/auth?tenant=t", client,
                           {.login_hint = "änna", .acr_values = "aal2", .dpop_jkt = "jkt", .max_age = 0s}, login);
    CHECK(more.starts_with("https://id.example/auth?tenant=t&response_type=code"));
    CHECK(parameter(more, "login_hint") == "%C3%A4nna");
    CHECK(parameter(more, "max_age") == "0");
    CHECK(parameter(more, "dpop_jkt") == "jkt");
}

TEST_CASE(
    "B18 silent authentication: prompt=none, response_type=code, scope openid, client_id, redirect_uri, resource") {
    auto const url =
        *authorization_url("https://id.example/auth", client, silent_authentication("RESOURCE_URI"), begun());
    CHECK(parameter(url, "prompt") == "none");
    CHECK(parameter(url, "response_type") == "code");
    CHECK(parameter(url, "scope") == "openid");
    CHECK(parameter(url, "client_id") == "shop");
    CHECK(parameter(url, "redirect_uri") == "https%3A%2F%2Fshop.example%2Fcallback");
    CHECK(parameter(url, "resource") == "RESOURCE_URI");
    CHECK(parameter(url, "id_token_hint") == "(none)");
}

TEST_CASE("OpenID Connect Core 3.1.2.1: a silent authentication can name its user by an ID token") {
    auto const url =
        *authorization_url("https://id.example/auth", client, silent_authentication({}, "eyJ.e30.c2ln"), begun());
    CHECK(parameter(url, "prompt") == "none");
    CHECK(parameter(url, "id_token_hint") == "eyJ.e30.c2ln");
    CHECK(parameter(url, "resource") == "(none)");
}

TEST_CASE("RFC 6749 3.1: an authorization endpoint is https and has no fragment") {
    auto const login = begun();
    CHECK(authorization_url("http://id.example/auth", client, {}, login).error() == errc::unsupported_uri_scheme);
    CHECK(authorization_url("javascript:alert(1)", client, {}, login).error() == errc::unsupported_uri_scheme);
    CHECK(authorization_url("https://id.example/auth#x", client, {}, login).error() == errc::malformed_uri);
    CHECK(authorization_url("https://user@id.example/auth", client, {}, login).error() == errc::malformed_uri);
    CHECK(authorization_url("https://id.example/auth", client, {}, {}).error() ==
          errc::out_of_range); // without a verifier
}

TEST_CASE("B18 a valid session answers with a code, none with login_required") {
    auto const login = begun();
    CHECK(*read_authorization_answer("code=SplxlOBeZQQYbYS6WxSbIA&state=" + login.state, login, client) ==
          "SplxlOBeZQQYbYS6WxSbIA");
    CHECK(*read_authorization_answer("state=" + login.state + "&code=a%2Fb+c%20d", login, client) == "a/b c d");
    std::string said;
    CHECK(read_authorization_answer("error=login_required&state=" + login.state, login, client, &said).error() ==
          errc::login_required);
    CHECK(said == "login_required");
    for (std::string user : {"interaction_required", "consent_required", "account_selection_required"})
        CHECK(why("error=" + user + "&state=" + login.state, login) == errc::login_required);
    for (std::string other : {"access_denied", "server_error", "invalid_request", "Login_Required", "x"})
        CHECK(why("error=" + other + "&state=" + login.state, login) == errc::login_refused);
    CHECK(http_status(errc::login_required) == 401);
}

TEST_CASE("RFC 6749 10.12: an answer to another login is refused, whatever it says") {
    auto const login = begun(), other = begun();
    CHECK(login.state != other.state);
    for (std::string answer : {"code=c", "error=login_required", "error=access_denied"}) {
        CHECK(why(answer + "&state=" + other.state, login) == errc::login_state_mismatch);
        CHECK(why(answer, login) == errc::login_state_mismatch);
        CHECK(why(answer + "&state=", login) == errc::login_state_mismatch);
        CHECK(why(answer + "&state=" + login.state.substr(1), login) == errc::login_state_mismatch);
        CHECK(why(answer + "&state=" + login.state + "x", login) == errc::login_state_mismatch);
        CHECK(why(answer + "&State=" + login.state, login) == errc::login_state_mismatch);
        CHECK(why(answer + "&state=", login_state{}) == errc::login_state_mismatch); // a login that was never begun
    }
}

TEST_CASE("RFC 9207: the issuer in the answer is the one that was asked; one that promises to name itself has to") {
    auto const login = begun();
    auto strict = client;
    strict.answers_name_issuer = true;
    auto const answer = [&](std::string iss) { return "code=c&state=" + login.state + iss; };
    CHECK(why(answer("&iss=https%3A%2F%2Fid.example"), login, client) == errc{});
    CHECK(why(answer("&iss=https%3A%2F%2Fid.example"), login, strict) == errc{});
    CHECK(why(answer(""), login, client) == errc{});
    CHECK(why(answer(""), login, strict) == errc::login_state_mismatch);
    CHECK(why(answer("&iss="), login, strict) == errc::login_state_mismatch);
    for (auto const& of : {client, strict}) {
        CHECK(why(answer("&iss=https%3A%2F%2Fevil.example"), login, of) == errc::login_state_mismatch);
        CHECK(why(answer("&iss=https%3A%2F%2Fid.example%2F"), login, of) == errc::login_state_mismatch);
    }
    CHECK(why("error=login_required&state=" + login.state + "&iss=https%3A%2F%2Fevil.example", login) ==
          errc::login_state_mismatch);
    // RFC 9700 4.4: begun with one provider, answered to the other's redirect URI.
    auto other = client;
    other.issuer = "https://other.example";
    CHECK(why(answer(""), login, other) == errc::login_state_mismatch);
}

TEST_CASE("an answer that is malformed, ambiguous or too large is refused") {
    auto const login = begun();
    auto const state = "state=" + login.state;
    for (std::string bad :
         {"", "&", "x", "state", "code=c&error=x&", "code=c&code=c&", "code=c&c%6fde=d&", "code=%&", "code=%4&",
          "code=%zz&", "code=a b&", "code=\x80&", "code=c\r\n&", "code=&", "error=&", "%ff%&"})
        CHECK(why(bad + state, login) == errc::malformed_uri);
    CHECK(why("code=c&" + state + "&" + state, login) == errc::malformed_uri);
    CHECK(why("code=%00&" + state, login) == errc::malformed_uri);
    CHECK(why("code=%C3%A4&" + state, login) == errc::malformed_uri);
    CHECK(why("error=a%0Ab&" + state, login) == errc::malformed_uri);
    CHECK(why("code=c&" + state + "&x=" + std::string(8192, 'a'), login) == errc::header_too_large);
    std::string many = "code=c&" + state;
    for (int i = 0; i != 62; ++i) many += "&p" + std::to_string(i) + "=1";
    CHECK(why(many, login) == errc{});
    CHECK(why(many + "&q=1", login) == errc::header_too_large);
    CHECK(why("code=c&" + state + "&&unknown&session_state=x%3Dy", login) ==
          errc{}); // RFC 6749 4.1.2: unknown ones are ignored
}

TEST_CASE("RFC 6749 4.1.3 RFC 7636 4.5 RFC 7523 2.2: the body that trades the code") {
    auto const login = begun();
    auto const body = code_request("a/b c", login, client);
    CHECK(
        body ==
        "grant_type=authorization_code&code=a%2Fb%20c&redirect_uri=https%3A%2F%2Fshop.example%2Fcallback&client_id=shop&code_verifier=" +
            login.code_verifier);
    CHECK(
        code_request("c", login, client, "urn:x", "a.b.c")
            .ends_with(
                "&resource=urn%3Ax&client_assertion_type=urn%3Aietf%3Aparams%3Aoauth%3Aclient-assertion-type%3Ajwt-bearer&client_assertion=a.b.c"));
}

TEST_CASE(
    "RP-Initiated Logout 2: \"using the Logout API or Terminate sessions API\", the URL names client, session and way back") {
    CHECK(*end_session_url("https://id.example/end", client, {}) == "https://id.example/end?client_id=shop");
    auto const url = *end_session_url("https://id.example/end?tenant=t", client,
                                      {.id_token_hint = "eyJh.eyJp.c2ln",
                                       .post_logout_redirect_uri = "https://shop.example/bye?a=b&c",
                                       .state = "s/1",
                                       .logout_hint = "\u00e4nna@example.com",
                                       .ui_locales = "de fr"});
    CHECK(url.starts_with("https://id.example/end?tenant=t&client_id=shop&"));
    CHECK(parameter(url, "id_token_hint") == "eyJh.eyJp.c2ln");
    CHECK(parameter(url, "post_logout_redirect_uri") == "https%3A%2F%2Fshop.example%2Fbye%3Fa%3Db%26c");
    CHECK(parameter(url, "state") == "s%2F1");
    CHECK(parameter(url, "logout_hint") == "%C3%A4nna%40example.com");
    CHECK(parameter(url, "ui_locales") == "de%20fr");
    CHECK(end_session_url("https://id.example/end", client, {.state = "s"}).error() == errc::out_of_range);
    CHECK(end_session_url("http://id.example/end", client, {}).error() == errc::unsupported_uri_scheme);
    CHECK(end_session_url("https://id.example/end#x", client, {}).error() == errc::malformed_uri);
    CHECK(end_session_url("", client, {}).error() == errc::unsupported_uri_scheme); // none was announced
}

#include <signet/codec/json_reader.hpp>
#include <signet/jwt/verifier.hpp>
#include <signet/oauth/token_issuer.hpp>
#include <signet/store/memory.hpp>

#include <doctest/doctest.h>

#include <string>

using namespace signet;
using namespace signet::oauth;
using namespace std::chrono_literals;

namespace {

constexpr unix_time now{1'658'056'533s}; // the documents' example

local_key<es256> const& key() {
    static auto const made = *local_key<es256>::generate();
    return made;
}
jose::key_set<es256> keys() {
    jose::key_set<es256> set;
    (void)set.add("k1", key().verifier_key());
    return set;
}
token_issuer<es256> const& issuer() {
    static auto const made = *token_issuer<es256>::make(key(), "https://userid.security", "k1");
    return made;
}
jwt::token access_of(token_set const& set) {
    static jwt::verifier<es256> const v{
        keys(), {.issuer = "https://userid.security", .audience = jwt::anything, .type = access_token_type}};
    auto const token = v.verify(set.access_token, now);
    REQUIRE(token);
    return *token;
}
jwt::token id_of(token_set const& set) {
    static jwt::verifier<es256> const v{
        keys(), {.issuer = "https://userid.security", .audience = jwt::anything, .type = id_token_type}};
    auto const token = v.verify(set.id_token, now);
    REQUIRE(token);
    return *token;
}

authentication_info login(std::string_view user = "anna", std::string_view client = "app",
                          std::string_view session = "s1") {
    return {.user = user,
            .client = client,
            .session = session,
            .auth_time = now - 5s,
            .nonce = "n-0S6_WzA2Mj",
            .acr = "aal2",
            .amr = {"pwd", "otp"}};
}
access_params params(std::string_view scope = "openid offline_access") {
    return {.resource = "userid-api", .scope = scope};
}

refresh_grant family(store::memory& db, std::string_view user = "anna", std::string_view client = "app",
                     std::string_view session = "s1") {
    static auto const families = *refresh_families::make({{1, *mac_key::generate(alg::hs256)}});
    return *run(families.start({.user = user,
                                .client = client,
                                .session = session,
                                .scope = "offline_access",
                                .resources = {{"userid-api", 24h}}},
                               now),
                db);
}

} // namespace

TEST_CASE("B1 an authentication gives access and ID token; the refresh token comes only with offline_access") {
    store::memory db;
    auto with = issuer().issue(login(), params(), now);
    REQUIRE(with);
    CHECK_FALSE(with->access_token.empty());
    CHECK_FALSE(with->id_token.empty());
    CHECK_FALSE(with->refresh);
    CHECK(with->add(family(db)));
    CHECK(with->refresh);

    for (std::string_view scope : {"openid", "", "offline", "offline_access2", "xoffline_access", "OFFLINE_ACCESS"}) {
        auto without = issuer().issue(login(), params(scope), now);
        REQUIRE(without);
        CHECK(without->add(family(db)).error() == errc::refresh_scope_exceeded);
        CHECK_FALSE(without->refresh);
        CHECK(without->to_json()->find("refresh_token") == std::string::npos);
    }
}

TEST_CASE("the documentation's example") {
    store::memory db;
    auto const families = *refresh_families::make({{1, *mac_key::generate(alg::hs256)}});
    auto const& signing_key = key();
    // [issue]
    auto const tokens = *token_issuer<es256>::make(signing_key, "https://id.example", "k1");
    // Anna has just authenticated for the client "app", which asked for offline_access too.
    auto set = tokens.issue(
        {.user = "anna", .client = "app", .session = "s1", .auth_time = now, .nonce = "n-1", .amr = {"pwd", "otp"}},
        {.resource = "orders", .scope = "openid offline_access", .roles = {"buyer"}}, now);
    auto const family = run(families.start({.user = "anna",
                                            .client = "app",
                                            .session = "s1",
                                            .scope = "openid offline_access",
                                            .resources = {{"orders", 720h}}},
                                           now),
                            db);
    if (set && family && set->add(*family)) {
        auto const body = set->to_json(); // send it with token_response_fields
    }

    // Later, at the token endpoint: a refresh gives a new access token of the same login, and the next refresh token.
    auto const refreshed =
        run(families.rotate({.token = set->refresh->text(), .client = "app", .resource = "orders"}, now + 1h), db);
    auto const next = tokens.renew(*refreshed, {.roles = {"buyer"}}, now + 1h);
    // [/issue]
    CHECK(next->refresh->generation() == 1);
}

TEST_CASE("B1 whatever the method: what is not known of the authentication is left out, and nothing else changes") {
    auto const set =
        issuer().issue({.user = "anna", .client = "app", .session = "s1"}, {.resource = "userid-api"}, now);
    REQUIRE(set);
    auto const id = id_of(*set);
    for (auto name : {"nonce", "acr", "amr", "auth_time"}) CHECK_FALSE(id.has(name));
    CHECK(same_login(access_of(*set), id));
}

TEST_CASE("B2 the answer: access_token, id_token, refresh_token where there is one, expires_in; no cache keeps it") {
    store::memory db;
    auto set = *issuer().issue(login(), params(), now);
    CHECK(set.add(family(db)));
    auto const answer = *codec::json_document::parse(*set.to_json());
    auto const root = answer.root();
    CHECK(*root.find("access_token")->as_string() == set.access_token);
    CHECK(*root.find("id_token")->as_string() == set.id_token);
    CHECK(*root.find("refresh_token")->as_string() == set.refresh->text());
    CHECK(*root.find("expires_in")->as_int64() == 3600);
    CHECK(*root.find("token_type")->as_string() == "Bearer");
    CHECK(*root.find("scope")->as_string() == "openid offline_access");
    CHECK(root.size() == 6);
    bool no_store = false;
    for (auto const& field : token_response_fields)
        no_store = no_store || (field.name == "Cache-Control" && field.value == "no-store");
    CHECK(no_store);
    set.scope = "\xff";
    CHECK(set.to_json().error() == errc::json_not_utf8);
}

TEST_CASE("B3 tokens of another login are refused together: other user, client, session or issuer") {
    auto const set = *issuer().issue(login(), params(), now);
    auto const access = access_of(set), id = id_of(set);
    CHECK(same_login(access, id));
    for (auto const& other : {login("bert"), login("anna", "other"), login("anna", "app", "s2")}) {
        auto const mixed = *issuer().issue(other, params(), now);
        CHECK(same_login(access, id_of(mixed)).error() == errc::login_mismatch);
        CHECK(same_login(access_of(mixed), id).error() == errc::login_mismatch);
        CHECK(same_login(access_of(mixed), id_of(mixed)));
    }
    auto const elsewhere = *token_issuer<es256>::make(key(), "https://other.example", "k1");
    jwt::verifier<es256> const v{keys(),
                                 {.issuer = "https://other.example", .audience = jwt::anything, .type = jwt::anything}};
    CHECK(same_login(access, *v.verify(elsewhere.issue(login(), params(), now)->id_token, now)).error() ==
          errc::login_mismatch);
    // Each in the other's place, and one of them twice.
    CHECK(same_login(id, access).error() == errc::login_mismatch);
    CHECK(same_login(access, access).error() == errc::login_mismatch);
    CHECK(same_login(id, id).error() == errc::login_mismatch);
}

TEST_CASE("B3 a refresh token of another user, client or session is not added, and not taken beside an access token") {
    store::memory db;
    auto set = *issuer().issue(login(), params(), now);
    auto const access = access_of(set);
    for (auto const& other : {family(db, "bert"), family(db, "anna", "other"), family(db, "anna", "app", "s2")}) {
        CHECK(set.add(other).error() == errc::login_mismatch);
        CHECK_FALSE(set.refresh);
        CHECK(same_login(access, other).error() == errc::login_mismatch);
    }
    CHECK(same_login(access, family(db)));
}

TEST_CASE("B3 B6 an ID token does not pass for an access token, nor the other way round") {
    auto const set = *issuer().issue(login(), params(), now);
    jwt::verifier<es256> const access{
        keys(), {.issuer = "https://userid.security", .audience = "userid-api", .type = access_token_type}};
    jwt::verifier<es256> const id{keys(),
                                  {.issuer = "https://userid.security", .audience = "app", .type = id_token_type}};
    CHECK(access.verify(set.access_token, now));
    CHECK(id.verify(set.id_token, now));
    CHECK_FALSE(access.verify(set.id_token, now));
    CHECK_FALSE(id.verify(set.access_token, now));
}

TEST_CASE("B6 the access token's claims are those of the documents' example") {
    access_params t = params("offline_access");
    t.tenant = "t1";
    t.app_name = "Acme";
    t.app_id = "8flFllgrd1Wqiru4IGai0";
    t.roles = {"smP3MD65l7hKXG6qJ-S5d"};
    auto const token = access_of(*issuer().issue(login("bb8dc75.user", "bb8dc75.client"), t, now));
    CHECK(*token.claim<std::string_view>("tid") == "t1");
    CHECK(*token.claim<std::string_view>("app_name") == "Acme");
    CHECK(*token.claim<std::string_view>("app_id") == "8flFllgrd1Wqiru4IGai0");
    CHECK(token.has_role("smP3MD65l7hKXG6qJ-S5d"));
    CHECK(token.root().find("roles")->is_array());
    CHECK(token.id().size() == 22);
    CHECK(token.subject() == "bb8dc75.user");
    CHECK(token.issued_at()->seconds == now);
    CHECK(token.expires_at()->seconds == now + 3600s);
    CHECK(*token.claim<std::string_view>("scope") == "offline_access");
    CHECK(*token.claim<std::string_view>("client_id") == "bb8dc75.client");
    CHECK(token.issuer() == "https://userid.security");
    CHECK(token.root().find("aud")->is_string()); // a string, not an array
    CHECK(token.has_audience("userid-api"));
    CHECK(*token.claim<std::string_view>("sid") == "s1");
    auto const first = access_of(*issuer().issue(login(), t, now)),
               second = access_of(*issuer().issue(login(), t, now));
    CHECK(first.id() != second.id());
}

TEST_CASE("OpenID Connect Core 2: nonce, auth_time, acr, amr, at_hash and sid of the ID token") {
    auto const set = *issuer().issue(login(), params(), now);
    auto const id = id_of(set);
    CHECK(id.has_audience("app"));
    CHECK(*id.claim<std::string_view>("nonce") == "n-0S6_WzA2Mj");
    CHECK(*id.claim<std::int64_t>("auth_time") == (now - 5s).time_since_epoch().count());
    CHECK(*id.claim<std::string_view>("acr") == "aal2");
    CHECK(*id.claim<std::vector<std::string>>("amr") == std::vector<std::string>{"pwd", "otp"});
    CHECK(*id.claim<std::string_view>("at_hash") == access_token_hash(set.access_token, alg::es256));
    CHECK(*id.claim<std::string_view>("sid") == "s1");
    CHECK_FALSE(id.has("client_id"));
}

TEST_CASE("OpenID Connect Core 3.1.3.6: at_hash is the left half of the hash of the ID token's algorithm") {
    // Appendix A.3 of OpenID Connect Core 1.0: this access token has this at_hash under RS256.
    CHECK(access_token_hash("jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y", alg::rs256) == "77QmUPtjPfzWtF2AnpK9RQ");
    CHECK(access_token_hash("x", alg::es384).size() == 32);
    CHECK(access_token_hash("x", alg::ed25519).size() == 43);
}

TEST_CASE("RFC 9449 6.1 an access token for a DPoP key names it, and the answer says so") {
    access_params t = params();
    t.sender = crypto::sha256(as_bytes("a key"));
    auto const set = *issuer().issue(login(), t, now);
    CHECK(set.to_json()->find(R"("token_type":"DPoP")") != std::string::npos);
    CHECK(access_of(set).has("cnf"));
}

TEST_CASE(
    "a refresh gives an access token of the family's user, client, session, scope and resource, and the successor; no ID token") {
    store::memory db;
    auto const grant = family(db);
    auto const set = issuer().renew(grant, {.resource = "something else", .scope = "admin"}, now);
    REQUIRE(set);
    CHECK(set->id_token.empty());
    CHECK(set->refresh->text() == grant.token.text());
    auto const access = access_of(*set);
    CHECK(same_login(access, grant));
    CHECK(access.has_audience("userid-api"));
    CHECK(*access.claim<std::string_view>("scope") == "offline_access");
    CHECK(set->to_json()->find("id_token") == std::string::npos);
}

TEST_CASE("tokens without user, client, session or resource, or with a lifetime beyond a day, are not issued") {
    CHECK(issuer().issue(login(""), params(), now).error() == errc::out_of_range);
    CHECK(issuer().issue(login("anna", ""), params(), now).error() == errc::out_of_range);
    CHECK(issuer().issue(login("anna", "app", ""), params(), now).error() == errc::out_of_range);
    auto t = params();
    t.resource = "";
    CHECK(issuer().issue(login(), t, now).error() == errc::out_of_range);
    for (auto lifetime : {0s, -1s, 86'401s}) {
        t = params();
        t.lifetime = lifetime;
        CHECK(issuer().issue(login(), t, now).error() == errc::out_of_range);
    }
    CHECK(issuer().issue(login("\xff"), params(), now).error() == errc::json_not_utf8);
}

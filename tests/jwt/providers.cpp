// What the policies of providers refuse, and where providers write scopes and roles. issuers.cpp has whole tokens.
#include "support.hpp"

using namespace support;

namespace {

errc judged(jwt::policy const& rules, std::string_view header, std::string_view payload) {
    jwt::verifier<hs256> const v{keys<hs256>(), rules};
    auto const token = v.verify(signed_token(header, payload), now);
    return token ? accepted : token.error().code;
}
jwt::token read(std::string_view payload) {
    jwt::verifier<hs256> const v{keys<hs256>(), lenient()};
    auto token = v.verify(signed_token(header_of<hs256>(), payload), now);
    REQUIRE(token);
    return *std::move(token);
}
std::string const jwt_typ = header_of<hs256>(R"(,"typ":"JWT")"), no_typ = header_of<hs256>("");

constexpr std::string_view tenant_1 = "5a7b1c2d-0f3e-4a5b-8c6d-7e8f90a1b2c3",
                           tenant_2 = "9188040d-6c67-4c5b-b112-36a304b66dad";

/// An access token of Entra ID that says one tenant in `iss` and another in `tid`, which is JSON.
std::string entra(std::string_view in_issuer, std::string const& tid) {
    return R"({"iss":"https://login.microsoftonline.com/)" + std::string{in_issuer} +
           R"(/v2.0","aud":"orders","azp":"web","ver":"2.0","scp":"a","exp":1658060073,"sub":"ann","tid":)" + tid + "}";
}
std::string in_quotes(std::string_view text) { return '"' + std::string{text} + '"'; }

} // namespace

TEST_CASE("Providers: an ID token is refused, even where a careless API has the client's id for its audience") {
    using enum errc;
    // Each is an ID token whose aud is the client, as the API of these policies says it is called.
    CHECK(
        judged(
            jwt::auth0({.domain = "shop.eu.auth0.com", .audience = "web"}), jwt_typ,
            R"({"iss":"https://shop.eu.auth0.com/","sub":"auth0|1","aud":"web","iat":1658056473,"exp":1658060073,"nonce":"n","sid":"s"})") ==
        claim_missing);
    CHECK(
        judged(
            jwt::okta({.issuer = "https://shop.okta.com/oauth2/default", .audience = "web"}), no_typ,
            R"({"iss":"https://shop.okta.com/oauth2/default","sub":"00u1","aud":"web","ver":1,"iat":1658056473,"exp":1658060073,"nonce":"n","at_hash":"h","amr":["pwd"]})") ==
        claim_missing);
    CHECK(
        judged(
            jwt::entra_v1({.tenant = std::string{tenant_1}, .audience = "web"}), jwt_typ,
            R"({"iss":"https://sts.windows.net/5a7b1c2d-0f3e-4a5b-8c6d-7e8f90a1b2c3/","sub":"s","aud":"web","exp":1658060073,"nonce":"n","tid":"5a7b1c2d-0f3e-4a5b-8c6d-7e8f90a1b2c3","ver":"1.0"})") ==
        claim_missing);
    auto const entra_id =
        R"({"iss":"https://login.microsoftonline.com/5a7b1c2d-0f3e-4a5b-8c6d-7e8f90a1b2c3/v2.0","sub":"s","aud":"web","exp":1658060073,"nonce":"n","tid":"5a7b1c2d-0f3e-4a5b-8c6d-7e8f90a1b2c3","ver":"2.0"})";
    CHECK(judged(jwt::entra_v2({.tenant = tenant_1, .audience = "web"}), jwt_typ, entra_id) == claim_missing);
    CHECK(judged(jwt::entra_multi_tenant({.audience = "web", .tenants = jwt::anything}), jwt_typ, entra_id) ==
          claim_missing);
    auto const keycloak = jwt::keycloak({.realm = "https://sso.example/realms/shop", .audience = "web"});
    for (auto const kind : {"ID", "Refresh", "Offline", "Logout", "bearer", ""}) {
        auto const payload =
            R"({"iss":"https://sso.example/realms/shop","sub":"s","aud":"web","azp":"web","exp":1658060073,"typ":")" +
            std::string{kind} + "\"}";
        CHECK(judged(keycloak, jwt_typ, payload) == claim_refused);
    }
    auto const cognito = jwt::cognito({.region = "eu-central-1", .user_pool = "eu-central-1_A", .client_id = "web"});
    auto const cognito_id = [](std::string_view more) {
        return R"({"iss":"https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_A","sub":"s","token_use":"id","exp":1658060073)" +
               std::string{more} + "}";
    };
    CHECK(judged(cognito, no_typ, cognito_id(R"(,"aud":"web")")) == wrong_audience);
    CHECK(judged(cognito, no_typ, cognito_id(R"(,"client_id":"web")")) == claim_refused);
    CHECK(judged(jwt::rfc9068({.issuer = "https://id.example", .audience = "web"}), jwt_typ,
                 R"({"iss":"https://id.example","sub":"s","aud":"web","exp":1658060073,"iat":1658056473})") ==
          wrong_type);
}

TEST_CASE("Providers: an empty or missing audience, client or tenant accepts no token, and several are alternatives") {
    char const* const unset = nullptr;
    auto const payload = [](std::string_view aud) {
        return R"({"iss":"https://id.example","sub":"s","client_id":"c","iat":1658056473,"jti":"1","exp":1658060073,"aud":")" +
               std::string{aud} + "\"}";
    };
    auto const typ = header_of<hs256>(R"(,"typ":"at+jwt")");
    auto const says = [&](jwt::allowed_values audience, std::string_view aud) {
        return judged(jwt::rfc9068({.issuer = "https://id.example", .audience = std::move(audience)}), typ,
                      payload(aud));
    };
    CHECK(says("orders", "orders") == accepted);
    CHECK(says(jwt::one_of{"orders", "shop"}, "shop") == accepted);
    CHECK(says("orders", "shop") == errc::wrong_audience);
    CHECK(says(unset, "") == errc::wrong_audience);
    CHECK(says("", "") == errc::wrong_audience);
    CHECK(says(std::string{}, "orders") == errc::wrong_audience);
    CHECK(says(jwt::one_of{"", jwt::absent}, "") == errc::wrong_audience);
    // Not even a token without any audience.
    CHECK(
        judged(
            jwt::rfc9068({.issuer = "https://id.example", .audience = ""}), typ,
            R"({"iss":"https://id.example","sub":"s","client_id":"c","iat":1658056473,"jti":"1","exp":1658060073})") ==
        errc::wrong_audience);
    CHECK(judged(jwt::rfc9068({.issuer = "", .audience = "orders"}), typ, payload("orders")) == errc::wrong_issuer);
    CHECK(judged(jwt::rfc9068({.issuer = "https://id.example", .audience = "orders", .client = unset}), typ,
                 payload("orders")) == errc::claim_refused);
    CHECK(judged(jwt::rfc9068({.issuer = "https://id.example", .audience = "orders", .client = "other"}), typ,
                 payload("orders")) == errc::claim_refused);

    auto const cognito = [](jwt::allowed_values region, jwt::allowed_values pool, jwt::allowed_values client) {
        return judged(
            jwt::cognito({.region = std::move(region), .user_pool = std::move(pool), .client_id = std::move(client)}),
            no_typ,
            R"({"iss":"https://cognito-idp.r.amazonaws.com/p","client_id":"c","token_use":"access","exp":1658060073})");
    };
    CHECK(cognito("r", "p", "c") == accepted);
    CHECK(cognito("r", "p", jwt::one_of{"b", "c"}) == accepted);
    CHECK(cognito("", "p", "c") == errc::wrong_issuer);
    CHECK(cognito("r", "", "c") == errc::wrong_issuer);
    CHECK(cognito("r", "p", "") == errc::claim_refused);
}

TEST_CASE("Auth0: the domain may be given as an address; Okta and Cognito with a typ of the future") {
    auto const payload =
        R"({"iss":"https://shop.eu.auth0.com/","aud":["orders","https://shop.eu.auth0.com/userinfo"],"azp":"web","exp":1658060073})";
    for (auto const domain : {"shop.eu.auth0.com", "https://shop.eu.auth0.com", "https://shop.eu.auth0.com/"})
        CHECK(judged(jwt::auth0({.domain = domain, .audience = "orders"}), jwt_typ, payload) == accepted);
    CHECK(judged(jwt::auth0({.domain = "eu.auth0.com", .audience = "orders"}), jwt_typ, payload) == errc::wrong_issuer);
    CHECK(judged(jwt::auth0({.domain = "shop.eu.auth0.com", .audience = "orders", .client = "app"}), jwt_typ,
                 payload) == errc::claim_refused);

    auto const okta = jwt::okta({.issuer = "https://shop.okta.com/oauth2/default", .audience = "api://default"});
    auto const token =
        R"({"iss":"https://shop.okta.com/oauth2/default","aud":"api://default","cid":"c","scp":["a"],"exp":1658060073})";
    CHECK(judged(okta, no_typ, token) == accepted);
    CHECK(judged(okta, header_of<hs256>(R"(,"typ":"at+jwt")"), token) == accepted);
    CHECK(judged(okta, header_of<hs256>(R"(,"typ":"dpop+jwt")"), token) == errc::wrong_type);
}

TEST_CASE("Entra ID, many tenants: iss is that of the tenant in tid, and only of tenants that may") {
    auto const any = jwt::entra_multi_tenant({.audience = "orders", .tenants = jwt::anything});
    auto const one = jwt::entra_multi_tenant({.audience = "orders", .tenants = tenant_1});
    auto const said = [&](jwt::policy const& rules, std::string_view in_issuer, std::string const& tid) {
        return judged(rules, jwt_typ, entra(in_issuer, tid));
    };
    CHECK(said(any, tenant_1, in_quotes(tenant_1)) == accepted);
    CHECK(said(any, tenant_2, in_quotes(tenant_2)) == accepted);
    CHECK(said(one, tenant_1, in_quotes(tenant_1)) == accepted);
    CHECK(said(one, tenant_2, in_quotes(tenant_2)) == errc::claim_refused);
    CHECK(said(any, tenant_1, in_quotes(tenant_2)) == errc::wrong_issuer);
    CHECK(said(one, tenant_2, in_quotes(tenant_1)) == errc::wrong_issuer);
    for (auto const tid : {R"("")", "null", "1", R"(["5a7b1c2d-0f3e-4a5b-8c6d-7e8f90a1b2c3"])", R"("{tenantid}")"})
        CHECK(said(any, tenant_1, tid) == errc::wrong_issuer);
    CHECK(said(any, "", R"("")") == errc::wrong_issuer);
    CHECK(said(any, "{tenantid}", R"("{tenantid}")") == errc::wrong_issuer);
    CHECK(said(any, "a/v2.0/../b", R"("a/v2.0/../b")") == errc::wrong_issuer);
    CHECK(said(any, std::string(64, 'a'), in_quotes(std::string(64, 'a'))) == accepted);
    CHECK(said(any, std::string(65, 'a'), in_quotes(std::string(65, 'a'))) == errc::wrong_issuer);
    // The placeholder itself is nobody's issuer where no claim stands for it.
    auto rules = any;
    rules.tenant_claim.clear();
    CHECK(said(rules, tenant_1, in_quotes(tenant_1)) == errc::wrong_issuer);
}

TEST_CASE("Entra ID: the keys of one tenant are no keys of all") {
    auto const pair = support::key<es256>().verifier_key().key();
    auto const key = [&](std::string const& kid, std::string const& more) {
        return R"({"kty":"EC","crv":"P-256","kid":")" + kid + '"' + more + R"(,"x":")" +
               codec::base64url_encode(pair.x()) + R"(","y":")" + codec::base64url_encode(pair.y()) + R"("})";
    };
    auto const set =
        R"({"keys":[)" + key("all", R"(,"issuer":"https://login.microsoftonline.com/{tenantid}/v2.0")") + "," +
        key("consumers", R"(,"issuer":"https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0")") +
        "," + key("strange", R"(,"issuer":7)") + "," + key("silent", "") + R"(],"more":1})";
    auto const text = jwt::keys_for_issuer(set, jwt::entra_issuer);
    REQUIRE(text);
    auto const keys = jose::parse_key_set<es256>(*text);
    REQUIRE(keys);
    CHECK(keys->as_any().has_kid("all"));
    CHECK(keys->as_any().has_kid("silent"));
    CHECK_FALSE(keys->as_any().has_kid("consumers"));
    CHECK_FALSE(keys->as_any().has_kid("strange"));
    CHECK(jwt::keys_for_issuer("{}", "x").error() == errc::json_member_missing);
    CHECK(jwt::keys_for_issuer(R"({"keys":{}})", "x").error() == errc::json_wrong_type);
    CHECK(jwt::keys_for_issuer(R"({"keys":[1]})", "x").error() == errc::json_wrong_type);
    CHECK_FALSE(jwt::keys_for_issuer("x", "x"));
}

TEST_CASE("Several issuers: a tenant of many goes to the verifier for all, but one with its own to that") {
    auto const all = jwt::entra_multi_tenant({.audience = "orders", .tenants = jwt::anything});
    auto const own = jwt::entra_v2({.tenant = tenant_1, .audience = "invoices"});
    auto const token = [](std::string_view tenant) { return signed_token(jwt_typ, entra(tenant, in_quotes(tenant))); };
    for (bool const own_first : {false, true}) {
        jwt::multi_issuer_verifier access;
        if (own_first) REQUIRE(access.add(jwt::verifier<hs256>{keys<hs256>(), own}));
        REQUIRE(access.add(jwt::verifier<hs256>{keys<hs256>(), strict()}));
        REQUIRE(access.add(jwt::verifier<hs256>{keys<hs256>(), all}));
        if (!own_first) REQUIRE(access.add(jwt::verifier<hs256>{keys<hs256>(), own}));
        CHECK(access.add(jwt::verifier<hs256>{keys<hs256>(), all}).error() == errc::wrong_issuer); // there already
        CHECK(subject_of(access.verify(token(tenant_2), now)) == "ann");
        CHECK(access.verify(token(tenant_1), now).error() == errc::wrong_audience); // its own verifier judged
        CHECK(access.verify(signed_token(jwt_typ, entra(tenant_2, in_quotes(tenant_1))), now).error() ==
              errc::wrong_issuer);
        CHECK(
            access.verify(signed_token(jwt_typ, R"({"iss":"https://login.microsoftonline.com//v2.0"})"), now).error() ==
            errc::wrong_issuer);
        CHECK(access.keys(jwt::entra_issuer));
        CHECK(access.swap(jwt::entra_issuer, keys<hs256>("k2").as_any()));
        jwt::caching_verifier cached{std::move(access)};
        CHECK(subject_of(cached.verify(token(tenant_2), now)) == "ann");
        CHECK(subject_of(cached.verify(token(tenant_2), now)) == "ann");
        CHECK(cached.verify(token(tenant_1), now).error() == errc::wrong_audience);
    }
}

TEST_CASE("Scopes and roles where each provider writes them") {
    auto const keycloak = read(
        R"({"scope":"openid email","realm_access":{"roles":["buyer"]},"resource_access":{"orders":{"roles":["admin"]},"a.b":{"roles":["c"]}}})");
    CHECK(jwt::keycloak_claims().has_scope(keycloak, "email"));
    CHECK(jwt::keycloak_claims().has_role(keycloak, "buyer"));
    CHECK_FALSE(jwt::keycloak_claims().has_role(keycloak, "admin"));
    CHECK(jwt::keycloak_claims("orders").has_role(keycloak, "admin"));
    CHECK(jwt::keycloak_claims("a.b").has_role(keycloak, "c"));
    CHECK_FALSE(jwt::keycloak_claims("shop").has_role(keycloak, "admin"));

    auto const okta =
        read(R"({"scp":["offline_access","orders.read"],"groups":["Everyone","Order Admins"],"scope":"no"})");
    CHECK(jwt::okta_claims().has_scope(okta, "orders.read"));
    CHECK_FALSE(jwt::okta_claims().has_scope(okta, "no"));
    CHECK(jwt::okta_claims().has_role(okta, "Order Admins"));
    CHECK_FALSE(jwt::okta_claims().has_role(okta, "Admins"));

    auto const entra = read(R"({"scp":"Orders.Read Orders.Write","roles":["Orders.Admin"]})");
    CHECK(jwt::entra_claims().has_scope(entra, "Orders.Write"));
    CHECK_FALSE(jwt::entra_claims().has_scope(entra, "Orders"));
    CHECK(jwt::entra_claims().has_role(entra, "Orders.Admin"));

    auto const auth0 = read(R"({"scope":"a b","permissions":["orders:read"],"https://shop.example/roles":["buyer"]})");
    CHECK(jwt::auth0_claims().has_role(auth0, "orders:read"));
    CHECK(jwt::auth0_claims("https://shop.example/roles").has_role(auth0, "buyer"));
    CHECK_FALSE(jwt::auth0_claims("https://shop.example/roles").has_role(auth0, "orders:read"));

    auto const cognito = read(R"({"scope":"openid orders/read","cognito:groups":["buyers"]})");
    CHECK(jwt::cognito_claims().has_scope(cognito, "orders/read"));
    CHECK(jwt::cognito_claims().has_role(cognito, "buyers"));
    CHECK(jwt::rfc9068_claims().has_role(entra, "Orders.Admin"));

    // No word is no permission, and neither is a claim of another type.
    CHECK_FALSE(jwt::cognito_claims().has_scope(cognito, ""));
    CHECK_FALSE(jwt::okta_claims().has_role(read(R"({"groups":[""]})"), ""));
    for (auto const value : {"null", "1", "true", "{}", R"({"a":"a"})", "[1]", "[[\"a\"]]", "\"\""}) {
        auto const token = read(R"({"scope":)" + std::string{value} + R"(,"roles":)" + value + "}");
        CHECK_FALSE(jwt::rfc9068_claims().has_scope(token, "a"));
        CHECK_FALSE(jwt::rfc9068_claims().has_role(token, "a"));
    }
}

TEST_CASE("Claims by path: values inside objects, their types and what is not there") {
    auto const token = read(R"({"a":{"b":{"c":7,"d":null}},"https://x.example/y":{"z":["p","q"]},"s":"t"})");
    CHECK(token.claim_at<std::int64_t>({"a", "b", "c"}).value_or(0) == 7);
    CHECK(token.claim_at<std::string>({"s"}).value_or("") == "t");
    auto const list = token.claim_at<std::vector<std::string>>({"https://x.example/y", "z"});
    REQUIRE(list);
    CHECK(*list == std::vector<std::string>{"p", "q"});
    CHECK(token.claim_at<std::int64_t>({"a", "b", "d"}).error() == errc::claim_missing);
    CHECK(token.claim_at<std::int64_t>({"a", "c"}).error() == errc::claim_missing);
    CHECK(token.claim_at<std::int64_t>({"s", "t"}).error() == errc::claim_wrong_type);
    CHECK(token.claim_at<std::string_view>({"a", "b", "c"}).error() == errc::claim_wrong_type);
    CHECK(token.claim_at<std::string_view>({}).error() == errc::claim_missing);
    CHECK(token.claim_at<bool>({"a"}).error() == errc::claim_wrong_type);
    CHECK(jwt::claim_path{}.find(token).error() == errc::claim_missing);
    CHECK(jwt::claim_path({"a", "b"}).find(token));
    CHECK(jwt::claim_path("a").find(token));
}

TEST_CASE("AWS ALB: a time that nobody set, and no text to match, accept nothing") {
    auto const key = support::key<es256>().verifier_key().key();
    auto const token = sign<es256>(encode(R"({"alg":"ES256","signer":"","client":""})") + '.' +
                                   encode(R"({"iss":"","exp":1658060073})"));
    jwt::alb_params const none{.issuer = "", .signer = "", .client_id = ""};
    CHECK(jwt::verify_alb_data(token, key, none, now).error() == errc::claim_refused);
    CHECK(jwt::verify_alb_data(token, key, none, unix_time{}).error() == errc::time_not_set);
}

TEST_CASE("Several issuers: keys are replaced only where exactly that issuer was added, never for all tenants") {
    auto rules = lenient();
    rules.issuer = "https://sso/realms/{tenantid}", rules.tenant_claim = "tid";
    jwt::multi_issuer_verifier access;
    REQUIRE(access.add(jwt::verifier<hs256>{keys<hs256>(), rules}));
    auto const token = signed_token(header_of<hs256>(), R"({"iss":"https://sso/realms/B","tid":"B","sub":"ann"})");
    REQUIRE(access.verify(token, now));
    CHECK(access.swap("https://sso/realms/A", keys<hs256>("k2").as_any()).error() == errc::wrong_issuer);
    CHECK(access.keys("https://sso/realms/A").error() == errc::wrong_issuer);
    CHECK(access.verify(token, now));
    CHECK(access.keys("https://sso/realms/{tenantid}"));
    CHECK(access.swap("https://sso/realms/{tenantid}", keys<hs256>("k2").as_any()));
}

TEST_CASE("Several issuers: what stands for a tenant is a tenant, so that of two templates each takes its own") {
    auto const of = [](std::string_view issuer, std::string_view audience) {
        auto rules = lenient();
        rules.issuer = issuer, rules.audience = audience, rules.tenant_claim = "tid";
        return jwt::verifier<hs256>{keys<hs256>(), rules};
    };
    jwt::multi_issuer_verifier access;
    REQUIRE(access.add(of("https://a/{tenantid}", "one")));
    REQUIRE(access.add(of("https://a/{tenantid}/v2.0", "two")));
    // Each name is there once, though one template fits the other.
    CHECK(access.add(of("https://a/{tenantid}/v2.0", "two")).error() == errc::wrong_issuer);
    CHECK(access.add(of("https://a/{tenantid}", "one")).error() == errc::wrong_issuer);
    auto const token = [](std::string_view issuer, std::string_view audience) {
        return signed_token(header_of<hs256>(), R"({"iss":")" + std::string{issuer} + R"(","tid":"t","aud":")" +
                                                    std::string{audience} + R"("})");
    };
    CHECK(access.verify(token("https://a/t", "one"), now));
    CHECK(access.verify(token("https://a/t/v2.0", "two"), now));
    CHECK_FALSE(access.verify(token("https://a/t/v2.0", "one"), now));
}

TEST_CASE("Entra ID: of several tenants, iss and tid say the same one") {
    auto const both = jwt::one_of{tenant_1, tenant_2};
    auto const v2 = jwt::entra_v2({.tenant = both, .audience = "orders"});
    CHECK(judged(v2, jwt_typ, entra(tenant_1, in_quotes(tenant_1))) == accepted);
    CHECK(judged(v2, jwt_typ, entra(tenant_2, in_quotes(tenant_2))) == accepted);
    CHECK(judged(v2, jwt_typ, entra(tenant_1, in_quotes(tenant_2))) == errc::wrong_issuer);
    CHECK(judged(v2, jwt_typ, entra("other", in_quotes("other"))) == errc::claim_refused);
    auto const v1 = jwt::entra_v1({.tenant = both, .audience = "orders"});
    auto const token = [](std::string_view in_issuer, std::string_view tid) {
        return R"({"iss":"https://sts.windows.net/)" + std::string{in_issuer} +
               R"(/","aud":"orders","appid":"web","ver":"1.0","scp":"a","exp":1658060073,"tid":")" + std::string{tid} +
               "\"}";
    };
    CHECK(judged(v1, jwt_typ, token(tenant_2, tenant_2)) == accepted);
    CHECK(judged(v1, jwt_typ, token(tenant_1, tenant_2)) == errc::wrong_issuer);
    // The same in front of several verifiers, where this one is for many tenants.
    jwt::multi_issuer_verifier access;
    REQUIRE(access.add(jwt::verifier<hs256>{keys<hs256>(), v2}));
    CHECK(access.verify(signed_token(jwt_typ, entra(tenant_2, in_quotes(tenant_2))), now));
    CHECK(access.verify(signed_token(jwt_typ, entra("other", in_quotes("other"))), now).error() == errc::claim_refused);
    // No tenant at all is nobody's.
    CHECK(judged(jwt::entra_v2({.tenant = "", .audience = "orders"}), jwt_typ, entra(tenant_1, in_quotes(tenant_1))) ==
          errc::wrong_issuer);
}

TEST_CASE("Entra ID: an application that was granted nothing has no token for the API") {
    auto const granted = [](std::string_view more) {
        return R"({"iss":"https://login.microsoftonline.com/5a7b1c2d-0f3e-4a5b-8c6d-7e8f90a1b2c3/v2.0","aud":"orders","azp":"web","ver":"2.0","exp":1658060073,"tid":"5a7b1c2d-0f3e-4a5b-8c6d-7e8f90a1b2c3")" +
               std::string{more} + "}";
    };
    for (auto const& rules : {jwt::entra_v2({.tenant = tenant_1, .audience = "orders"}),
                              jwt::entra_multi_tenant({.audience = "orders", .tenants = jwt::anything})}) {
        CHECK(judged(rules, jwt_typ, granted(R"(,"scp":"a")")) == accepted);
        CHECK(judged(rules, jwt_typ, granted(R"(,"roles":["a"])")) == accepted);
        CHECK(judged(rules, jwt_typ, granted("")) == errc::claim_missing);
        CHECK(judged(rules, jwt_typ, granted(R"(,"scp":null)")) == errc::claim_missing);
    }
    CHECK(
        judged(
            jwt::entra_v1({.tenant = tenant_1, .audience = "orders"}), jwt_typ,
            R"({"iss":"https://sts.windows.net/5a7b1c2d-0f3e-4a5b-8c6d-7e8f90a1b2c3/","aud":"orders","appid":"web","ver":"1.0","exp":1658060073,"tid":"5a7b1c2d-0f3e-4a5b-8c6d-7e8f90a1b2c3"})") ==
        errc::claim_missing);
    using enum jwt::entra_permissions;
    CHECK(judged(jwt::entra_v2({.tenant = tenant_1, .audience = "orders", .permissions = optional}), jwt_typ,
                 granted("")) == accepted);
    CHECK(judged(jwt::entra_multi_tenant({.audience = "orders", .tenants = jwt::anything, .permissions = optional}),
                 jwt_typ, granted("")) == accepted);
}

TEST_CASE("Cognito: an access token has no aud, and each region is taken") {
    auto const rules =
        jwt::cognito({.region = jwt::one_of{"r", "s"}, .user_pool = jwt::one_of{"p", "q"}, .client_id = "c"});
    auto const token = [](std::string_view region, std::string_view pool, std::string_view more = "") {
        return R"({"iss":"https://cognito-idp.)" + std::string{region} + ".amazonaws.com/" + std::string{pool} +
               R"(","client_id":"c","token_use":"access","exp":1658060073)" + std::string{more} + "}";
    };
    for (auto const region : {"r", "s"})
        for (auto const pool : {"p", "q"}) CHECK(judged(rules, no_typ, token(region, pool)) == accepted);
    CHECK(judged(rules, no_typ, token("t", "p")) == errc::wrong_issuer);
    auto const bound = jwt::cognito({.region = "r", .user_pool = "p", .client_id = "c", .audience = "https://orders"});
    CHECK(judged(bound, no_typ, token("r", "p", R"(,"aud":"https://orders")")) == accepted);
    CHECK(judged(bound, no_typ, token("r", "p")) == errc::wrong_audience);
    CHECK(judged(rules, no_typ, token("r", "p", R"(,"aud":"another API")")) == errc::wrong_audience);
}

TEST_CASE("Keycloak: a token names its client; the name of a client that is not set has no roles") {
    auto const rules = jwt::keycloak({.realm = "https://sso/realms/shop", .audience = "orders"});
    auto const token = [](std::string_view more) {
        return R"({"iss":"https://sso/realms/shop","aud":"orders","typ":"Bearer","exp":1658060073)" +
               std::string{more} + "}";
    };
    CHECK(judged(rules, jwt_typ, token(R"(,"azp":"web")")) == accepted);
    CHECK(judged(rules, jwt_typ, token("")) == errc::claim_missing);

    auto const roles = read(R"({"resource_access":{"":{"roles":["admin"]},"orders":{"roles":["admin"]}}})");
    CHECK_FALSE(jwt::keycloak_claims("").has_role(roles, "admin"));
    char const* const unset = nullptr;
    CHECK_FALSE(jwt::keycloak_claims(unset).has_role(roles, "admin"));
    CHECK(jwt::keycloak_claims(std::string{"orders"}).has_role(roles, "admin"));
}

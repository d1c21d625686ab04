#include "support.hpp"

using namespace support;

TEST_CASE("T15, RFC 6750 3: a bearer challenge for each refusal, with invalid_token for what cannot be read") {
    CHECK(jwt::bearer_challenge(errc::expired) == R"(Bearer error="invalid_token")");
    for (auto const text : {"", "not a token", "a.b", "a.b.c", "!.!.!", "e30.e30.", "e30.e30.AA", "..", "a.b.c.d.e"}) {
        jwt::verifier<hs256> const v{keys<hs256>(), lenient()};
        auto const refused = v.verify(text, now);
        REQUIRE_FALSE(refused);
        CAPTURE(std::string{refused.error().name()});
        CHECK(refused.error().http_status() == 401);
        CHECK(jwt::bearer_challenge(refused.error().code) == R"(Bearer error="invalid_token")");
    }
    CHECK(jwt::bearer_challenge(errc::authorization_missing) == "Bearer"); // nothing was sent, nothing is wrong with it
    CHECK(jwt::bearer_challenge(errc::authorization_missing, {.realm = "orders"}) == R"(Bearer realm="orders")");
    CHECK(jwt::bearer_challenge(errc::expired, {.realm = "orders"}) ==
          R"(Bearer realm="orders", error="invalid_token")");
    CHECK(jwt::bearer_challenge(errc::csrf_refused) == R"(Bearer error="insufficient_scope")");
    CHECK(jwt::bearer_challenge(errc::malformed_header_field) == R"(Bearer error="invalid_request")");
    CHECK(jwt::bearer_challenge(errc::store_unavailable).empty()); // ours: another token would not help
    CHECK(jwt::bearer_challenge(errc::expired, {.realm = "a\"b\\c\r\nd"}) ==
          R"(Bearer realm="a\"b\\c  d", error="invalid_token")");
}

TEST_CASE("A wrong typ: the error is about typ, and explain says which one came, bounded and escaped") {
    auto rules = lenient();
    rules.type = "at+jwt";
    jwt::verifier<hs256> const v{keys<hs256>(), rules};
    auto const said = [&](std::string const& text, jwt::policy const& by) {
        auto const refused = jwt::verifier<hs256>{keys<hs256>(), by}.verify(text, now);
        CHECK(refused.error() == error{errc::wrong_type, field_name::typ});
        return jwt::explain(refused.error(), text, by);
    };
    auto const typed = [](std::string_view typ) {
        return signed_token(R"({"alg":"HS256","typ":)" + std::string{typ} + "}", "{}");
    };
    auto const start = std::string{"wrong_type typ: "} + std::string{message(errc::wrong_type)} + ": ";
    CHECK(said(typed(R"("JWT")"), rules) == start + R"("JWT" came, "at+jwt" is required)");
    CHECK(said(signed_token(R"({"alg":"HS256"})", "{}"), rules) == start + R"(none came, "at+jwt" is required)");
    auto either = rules;
    either.type = jwt::one_of{"at+jwt", "application/at+jwt"};
    CHECK(said(typed(R"("dpop+jwt")"), either) ==
          start + R"("dpop+jwt" came, "at+jwt" or "application/at+jwt" is required)");
    CHECK(said(typed(R"("a\n\"\\\u00e9")"), rules) == start + R"("a\x0a\"\\\xc3\xa9" came, "at+jwt" is required)");
    auto const longest = said(typed('"' + std::string(500, 'x') + '"'), rules);
    CHECK(longest == start + '"' + std::string(jwt::max_shown_text, 'x') + R"("... came, "at+jwt" is required)");
    either.type = jwt::one_of{};
    CHECK(said(typed(R"("JWT")"), either) == start + R"("JWT" came, nothing passes)");

    // Of other errors, their names; of a missing claim, which.
    CHECK(jwt::explain(error{errc::expired, field_name::exp}, "", rules) == "expired exp: the token has expired");
    rules.required = {"tenant"};
    rules.type = jwt::anything;
    auto const missing = jwt::verifier<hs256>{keys<hs256>(), rules}.verify(typed(R"("JWT")"), now);
    CHECK(jwt::explain(missing.error(), typed(R"("JWT")"), rules) ==
          "claim_missing: " + std::string{message(errc::claim_missing)} + R"(: "tenant")");
    CHECK(jwt::explain(errc::wrong_type, "no token", rules) == "wrong_type: the token is of another type");
}

TEST_CASE("RFC 6750 3.1: insufficient_scope is 403, and its challenge says the scope") {
    CHECK(http_status(errc::insufficient_scope) == 403);
    CHECK(http_status(errc::insufficient_scope, role::authorization_server) == 400);
    CHECK(oauth_error(errc::insufficient_scope, role::authorization_server) == "invalid_scope");
    CHECK(jwt::bearer_challenge(errc::insufficient_scope, {.scope = "orders.read orders.write"}) ==
          R"(Bearer error="insufficient_scope", scope="orders.read orders.write")");
    CHECK(jwt::bearer_challenge(errc::insufficient_scope) == R"(Bearer error="insufficient_scope")");
    CHECK(jwt::bearer_challenge(errc::authorization_missing, {.scope = "a"}) == R"(Bearer scope="a")");
    CHECK(jwt::bearer_challenge(errc::store_unavailable, {.scope = "a"}).empty());
}

TEST_CASE("RFC 6750 3: error_description is the message, which says nothing of the token, and only if asked for") {
    CHECK(jwt::bearer_challenge(errc::expired, {.realm = "r", .scope = "s", .describe = true}) ==
          R"(Bearer realm="r", error="invalid_token", error_description="the token has expired", scope="s")");
    CHECK(jwt::bearer_challenge(errc::authorization_missing, {.describe = true}) ==
          "Bearer"); // no error, nothing to say
    // Section 3: no message has a character that error_description must not have.
    for (unsigned code = 1; code != 0x10000; ++code)
        for (auto const c : message(static_cast<errc>(code)))
            if (c < ' ' || c > '~' || c == '"' || c == '\\') FAIL_CHECK("in the message of " << code);
}

TEST_CASE("RFC 9449 7.1: under the scheme Bearer an error of DPoP is invalid_token") {
    for (auto const why : {errc::dpop_missing, errc::dpop_multiple, errc::dpop_nonce_required, errc::dpop_stale,
                           errc::dpop_bound_token_as_bearer, errc::dpop_token_unbound})
        CHECK(jwt::bearer_challenge(why) == R"(Bearer error="invalid_token")");
}

TEST_CASE("RFC 9470 3: a step-up challenge says what is wanted, and only where it was that") {
    jwt::challenge_params const route{.scope = "pay",
                                      .authentication = {.acr_values = "mfa phr", .max_age = 300s},
                                      .resource_metadata = "https://api.example/.well-known/oauth-protected-resource"};
    CHECK(http_status(errc::insufficient_user_authentication) == 401);
    CHECK(
        jwt::bearer_challenge(errc::insufficient_user_authentication, route) ==
        R"(Bearer error="insufficient_user_authentication", scope="pay", acr_values="mfa phr", max_age="300", resource_metadata="https://api.example/.well-known/oauth-protected-resource")");
    CHECK(jwt::bearer_challenge(errc::insufficient_user_authentication, {.authentication = {.max_age = 0s}}) ==
          R"(Bearer error="insufficient_user_authentication", max_age="0")");
    CHECK(jwt::bearer_challenge(errc::insufficient_user_authentication, {.authentication = {.max_age = -1s}}) ==
          R"(Bearer error="insufficient_user_authentication", max_age="0")");
    CHECK(
        jwt::bearer_challenge(errc::expired, route) ==
        R"(Bearer error="invalid_token", scope="pay", resource_metadata="https://api.example/.well-known/oauth-protected-resource")");
}

TEST_CASE("RFC 9470 4: acr and auth_time of a token meet what is wanted, or do not") {
    auto const says = [](std::string_view payload, jwt::authentication_params const& wanted, unix_time at = now) {
        jwt::verifier<hs256> const v{keys<hs256>(), lenient()};
        auto const token = v.verify(signed_token(header_of<hs256>(), payload), now);
        REQUIRE(token);
        auto const ok = jwt::require_authentication(*token, wanted, at);
        return ok ? error{accepted} : ok.error();
    };
    auto const acr = error{errc::insufficient_user_authentication, field_name::acr},
               old = error{errc::insufficient_user_authentication, field_name::auth_time};
    CHECK(says(R"({"acr":"mfa"})", {}) == acr); // nothing wanted, such as a text that nobody set, is not met
    CHECK(says(R"({"auth_time":1658056534})", {.max_age = 300s}) == old); // of the future
    CHECK(says(R"({"auth_time":1658056534})", {.max_age = 300s, .leeway = 1s}) == accepted);
    CHECK(says(R"({"auth_time":1658056535})", {.max_age = 300s, .leeway = 1s}) == old);
    CHECK(says(R"({"auth_time":1658056534})", {.max_age = 300s, .leeway = -9s}) == old);
    CHECK(says(R"({"acr":"mfa"})", {.acr_values = "phr mfa"}) == accepted);
    CHECK(says(R"({"acr":"phr"})", {.acr_values = "phr mfa"}) == accepted);
    CHECK(says(R"({"acr":"mf"})", {.acr_values = "phr mfa"}) == acr);
    CHECK(says(R"({"acr":"phr mfa"})", {.acr_values = "phr mfa"}) == acr);
    CHECK(says(R"({"acr":""})", {.acr_values = "phr  mfa"}) == acr);
    CHECK(says(R"({"acr":["mfa"]})", {.acr_values = "mfa"}) == acr);
    CHECK(says("{}", {.acr_values = "mfa"}) == acr);
    CHECK(says("{}", {.acr_values = " "}) == acr);
    CHECK(says(R"({"auth_time":1658056233})", {.max_age = 300s}) == accepted);
    CHECK(says(R"({"auth_time":1658056232})", {.max_age = 300s}) == old);
    CHECK(says(R"({"auth_time":1658056232})", {.max_age = 300s, .leeway = 1s}) == accepted);
    CHECK(says(R"({"auth_time":1658056232})", {.max_age = 300s, .leeway = -9s}) == old);
    CHECK(says("{}", {.max_age = 300s}) == old);
    CHECK(says(R"({"auth_time":"1658056533"})", {.max_age = 300s}) == old);
    CHECK(says(R"({"auth_time":1658056533})", {.max_age = std::chrono::seconds::max()}) == accepted);
    CHECK(says(R"({"auth_time":1658056533})", {.max_age = 300s}, unix_time{}) == errc::time_not_set);
}

TEST_CASE("RFC 6750 3.1: a request's scopes must all be there") {
    auto const says = [](std::string_view payload, std::string_view scope, jwt::permission_claims const& names = {}) {
        jwt::verifier<hs256> const v{keys<hs256>(), lenient()};
        auto const token = v.verify(signed_token(header_of<hs256>(), payload), now);
        REQUIRE(token);
        auto const ok = jwt::require_scope(*token, scope, names);
        return ok ? error{accepted} : ok.error();
    };
    auto const refused = error{errc::insufficient_scope, field_name::scope};
    CHECK(says(R"({"scope":"a b c"})", "c a") == accepted);
    CHECK(says(R"({"scope":"a b c"})", "b") == accepted);
    CHECK(says(R"({"scope":"a b c"})", "a d") == refused);
    CHECK(says(R"({"scope":"a b c"})", "d a") == refused);
    CHECK(says(R"({"scope":"a b c"})", "") == refused); // a variable that nobody set is no permission
    CHECK(says(R"({"scope":"a b c"})", "  ") == refused);
    CHECK(says("{}", "a") == refused);
    CHECK(says(R"({"scp":["a"]})", "a", jwt::okta_claims()) == accepted);
    CHECK(says(R"({"scope":"a"})", "a", jwt::okta_claims()) == refused);
}

TEST_CASE("explain says which claim, what came and what is required, and nothing else of the token") {
    auto const said = [](jwt::policy const& rules, std::string_view payload,
                         std::string const& header = header_of<hs256>()) {
        auto const text = signed_token(header, payload);
        auto const refused = jwt::verifier<hs256>{keys<hs256>(), rules}.verify(text, now);
        REQUIRE_FALSE(refused);
        auto const line = jwt::explain(refused.error(), text, rules);
        CHECK(line.find("hidden") == line.npos);
        CHECK(line.find(text.substr(text.rfind('.'))) == line.npos);
        return line;
    };
    CHECK(
        said(strict(), R"({"iss":"https://other","sub":"hidden"})") ==
        R"(wrong_issuer iss: the token is from another issuer: "https://other" came, "https://id.example" is required)");
    CHECK(said(strict(), R"({"sub":"hidden"})") ==
          R"(wrong_issuer iss: the token is from another issuer: none came, "https://id.example" is required)");
    CHECK(
        said(strict(), R"({"iss":"https://id.example","aud":["a","b","c","d","hidden"]})") ==
        R"(wrong_audience aud: the token is for another audience: ["a", "b", "c", "d", ...] came, "orders" is required)");
    CHECK(said(strict(), R"({"iss":"https://id.example","aud":"orders","exp":1658056533})") ==
          "expired exp: the token has expired: 1658056533 came, the leeway is 0 s");
    auto tenants = lenient();
    tenants.issuer = "https://id/{tenantid}", tenants.tenant_claim = "tid";
    CHECK(
        said(tenants, R"({"iss":"https://id/a","tid":"b"})") ==
        R"(wrong_issuer iss: the token is from another issuer: "https://id/a" came, "https://id/{tenantid}" is required, with "tid": "b")");
    auto rules = lenient();
    rules.claim_rules = {{"token_use", "access"}, {.at = {"a", "b"}, .value = jwt::absent, .or_at = "c"}};
    auto const refused = "claim_refused: " + std::string{message(errc::claim_refused)} + ": ";
    CHECK(said(rules, R"({"token_use":"id","x":"hidden"})") ==
          refused + R"("token_use": "id" came, "access" is required)");
    CHECK(said(rules, R"({"x":"hidden"})") == "claim_missing: " + std::string{message(errc::claim_missing)} +
                                                  R"(: "token_use": none came, "access" is required)");
    CHECK(said(rules, R"({"token_use":"access","c":{"x":"hidden"}})") ==
          refused + R"("a" in "b" or "c": an object came, none is required)");
    CHECK(said(rules, R"({"token_use":["id",{"x":"hidden"},["hidden"],true,1]})") ==
          refused + R"("token_use": ["id", an object, an array, true, ...] came, "access" is required)");
    rules = lenient();
    rules.check = [](jwt::claims_view const&) noexcept { return false; };
    CHECK(said(rules, R"({"x":"hidden"})") == refused + "the policy's own check returned false");
    rules = lenient();
    rules.subject = "ann";
    CHECK(said(rules, R"({"sub":"hidden"})") == "wrong_subject sub: the token is about another subject");
    rules.claim_rules = {{"sub", "ann"}}; // a rule shows what it is about, also the subject
    rules.subject = jwt::anything;
    CHECK(said(rules, R"({"sub":"bob","x":"hidden"})").find(R"("sub": "bob" came, "ann" is required)") !=
          std::string::npos);
    rules = lenient();
    rules.max_token = 20;
    CHECK(said(rules, "{}", header_of<hs256>("")) ==
          "token_too_large: the token is larger than the limit: 68 characters came, max_token is 20");
    CHECK(said(lenient(), "{}", header_of<hs256>(R"(,"kid":"k2")")).find(R"(: "k2" came)") != std::string::npos);
    CHECK(said(lenient(), "{}", R"({"alg":"HS512"})").find(R"(: "HS512" came)") != std::string::npos);
    auto const longest = said(strict(), R"({"iss":")" + std::string(5000, 'x') + R"("})");
    CHECK(longest.size() < 300);
}

TEST_CASE("explain says that a token ends in white space, as one from a file does") {
    jwt::verifier<hs256> const tokens{keys<hs256>(), lenient()};
    auto const said = [&](std::string const& text) {
        auto const refused = tokens.verify(text, now);
        REQUIRE_FALSE(refused);
        return jwt::explain(refused.error(), text, lenient());
    };
    auto const token = signed_token(header_of<hs256>(), "{}");
    for (auto const end : {"\n", "\r\n", " ", "\t"}) {
        CAPTURE(end);
        CHECK(said(token + end).ends_with(": the text ends in white space, as a line of a file does"));
    }
    CHECK(said(token + '*').find("white space") == std::string::npos);
}

TEST_CASE("RFC 9728 3.1: the address of the metadata is between host and path") {
    auto const of = [](std::string_view resource) { return jwt::resource_metadata_address(resource).value_or("none"); };
    CHECK(of("https://api.example.com") == "https://api.example.com/.well-known/oauth-protected-resource");
    CHECK(of("https://api.example.com/") == "https://api.example.com/.well-known/oauth-protected-resource");
    CHECK(of("https://api.example.com:8443/orders") ==
          "https://api.example.com:8443/.well-known/oauth-protected-resource/orders");
    CHECK(of("https://api.example.com/a/b/") == "https://api.example.com/.well-known/oauth-protected-resource/a/b/");
    CHECK(of("https://api.example.com?a=b") == "https://api.example.com/.well-known/oauth-protected-resource?a=b");
    for (auto const bad : {"", "https://", "http://api.example.com", "api.example.com", "https:///a", "https://:1/",
                           "https://u@a.example/", "https://a.example/#b", "https://a.example/\r\nSet-Cookie:x",
                           "https://a.example/ b", "https://a.example/\"", "https://a.example/\xc3\xa9"}) {
        CHECK(jwt::resource_metadata_address(bad).error() == errc::malformed_uri);
        CHECK(jwt::write_resource_metadata({.resource = bad}).error() == errc::malformed_uri);
    }
}

TEST_CASE("RFC 9728 2: the document has what is given, and nothing that is not") {
    CHECK(jwt::write_resource_metadata({.resource = "https://api.example.com"}).value_or("") ==
          R"({"resource":"https://api.example.com","bearer_methods_supported":["header"]})");
    CHECK(
        jwt::write_resource_metadata({.resource = "https://api.example.com",
                                      .authorization_servers = {"https://id.example.com"},
                                      .scopes_supported = {"orders.read", "orders.write"},
                                      .resource_name = "Orders \"1\"",
                                      .resource_documentation = "https://docs.example.com",
                                      .jwks_uri = "https://api.example.com/jwks",
                                      .bearer_methods_supported = {},
                                      .dpop_signing_alg_values_supported = algorithm_set::of<es256, ed25519>(),
                                      .dpop_bound_access_tokens_required = true})
            .value_or("") ==
        R"({"resource":"https://api.example.com","authorization_servers":["https://id.example.com"],"scopes_supported":["orders.read","orders.write"],"jwks_uri":"https://api.example.com/jwks","resource_name":"Orders \"1\"","resource_documentation":"https://docs.example.com","dpop_signing_alg_values_supported":["ES256","Ed25519"],"dpop_bound_access_tokens_required":true})");
    CHECK(jwt::write_resource_metadata({.resource = "https://api.example.com", .resource_name = "\xff"}).error() ==
          errc::json_not_utf8);
}

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
    CHECK(jwt::bearer_challenge(errc::authorization_missing, "orders") == R"(Bearer realm="orders")");
    CHECK(jwt::bearer_challenge(errc::expired, "orders") == R"(Bearer realm="orders", error="invalid_token")");
    CHECK(jwt::bearer_challenge(errc::csrf_refused) == R"(Bearer error="insufficient_scope")");
    CHECK(jwt::bearer_challenge(errc::malformed_header_field) == R"(Bearer error="invalid_request")");
    CHECK(jwt::bearer_challenge(errc::store_unavailable).empty()); // ours: another token would not help
    CHECK(jwt::bearer_challenge(errc::expired, "a\"b\\c\r\nd") ==
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
    CHECK(jwt::explain(errc::wrong_type, "no token", rules).find("none came") != std::string::npos);
}

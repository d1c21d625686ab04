#include "dpop_requests.hpp"

using namespace dpop_requests;
using proof::accept_bearer;
using proof::bound_token;
using proof::read_authorization;
using proof::token_scheme;

// Made by looking at the scheme, never from text alone.
static_assert(!std::is_default_constructible_v<bound_token> &&
              !std::is_constructible_v<bound_token, std::string_view, crypto::sha256_digest>);

TEST_CASE("RFC 9449 7.1, RFC 6750 2.1: reading the Authorization field") {
    auto const as = [](std::string_view field) {
        auto const shown = read_authorization(field);
        return shown
                   ? std::string{shown->scheme == token_scheme::dpop ? "DPoP " : "Bearer "} + std::string{shown->token}
                   : std::string{name(shown.error().code)};
    };
    CHECK(as("DPoP abc.def-_~+/==") == "DPoP abc.def-_~+/==");
    CHECK(as("dpop abc") == "DPoP abc");
    CHECK(as("Bearer abc") == "Bearer abc");
    CHECK(as("BEARER   abc \t") == "Bearer abc");
    for (auto const* field : {"", "Basic YTpi", "DPoPabc", "Digest x=y", "abc", "\tDPoP\tabc"})
        CHECK(as(field) == "authorization_missing");
    for (auto const* field : {"DPoP", "DPoP ", "Bearer =", "DPoP a b", "DPoP a,b", "DPoP a=b", "Bearer \"abc\"",
                              "Bearer \xc3\xa4", "DPoP a\r\nX: y"})
        CHECK(as(field) == "malformed_header_field");

    std::vector<std::string_view> const none, one{"DPoP abc"}, two{"DPoP abc", "Bearer abc"};
    CHECK(read_authorization(none).error() == errc::authorization_missing);
    CHECK(read_authorization(one));
    CHECK(read_authorization(two).error() == errc::malformed_header_field);
}

TEST_CASE("RULES 3.3 a DPoP-bound token is never accepted as Bearer, nor an unbound one as DPoP") {
    auto const jkt = jose::thumbprint_digest(client().key().public_part());
    auto const plain = access_token([](jwt::claims&) {});
    auto const bound = access_token([&](jwt::claims& c) { c.confirm_jwk_thumbprint(jkt); });
    auto const certificate = access_token([&](jwt::claims& c) { c.confirm_certificate_thumbprint(jkt); });
    auto const key_id = access_token([](jwt::claims& c) { c.confirm_key_id("k1"); });
    auto const malformed = access_token([](jwt::claims& c) { c.set_json("cnf", R"({"jkt":"short"})"); });
    auto const empty = access_token([](jwt::claims& c) { c.set_json("cnf", "{}"); });
    auto const null = access_token([](jwt::claims& c) { c.set_json("cnf", "null"); });
    auto const both = access_token([&](jwt::claims& c) {
        auto const text = codec::base64url_encode(jkt);
        c.set_json("cnf", R"({"jkt":")" + text + R"(","x5t#S256":")" + text + R"("})");
    });
    auto const bearer = [](std::string const& token) {
        auto const field = "Bearer " + token;
        auto const seen = token_verifier().verify(token, now);
        REQUIRE(seen);
        auto const shown = *read_authorization(field);
        auto const made = bound_token::from(shown, *seen);
        CHECK_FALSE(made); // never through this door either
        auto const ruled = accept_bearer(shown, *seen);
        if (ruled) CHECK(made.error() == errc::dpop_token_unbound);
        else CHECK(made.error() == errc::dpop_bound_token_as_bearer);
        return ruled ? errc{} : ruled.error().code;
    };
    auto const dpop = [](std::string const& token) {
        auto const field = "DPoP " + token;
        auto const seen = token_verifier().verify(token, now);
        auto const shown = *read_authorization(field);
        CHECK(accept_bearer(shown, *seen).error() == errc::dpop_token_unbound);
        auto const made = bound_token::from(shown, *seen);
        if (made) CHECK(made->token_hash() == crypto::sha256(as_bytes(token)));
        return made ? errc{} : made.error().code;
    };
    CHECK(bearer(plain) == errc{});
    for (auto const* token : {&bound, &certificate, &key_id, &malformed, &empty, &null, &both})
        CHECK(bearer(*token) == errc::dpop_bound_token_as_bearer);

    CHECK(dpop(bound) == errc{});
    CHECK(dpop(plain) == errc::dpop_token_unbound);
    CHECK(dpop(certificate) == errc::dpop_token_unbound);
    CHECK(dpop(key_id) == errc::dpop_token_unbound);
    for (auto const* token : {&malformed, &empty, &null, &both}) CHECK(dpop(*token) == errc::malformed_confirmation);
}

TEST_CASE("RFC 9449 6.2 the key of an opaque token comes from introspection") {
    auto const as_dpop = *read_authorization("DPoP opaque"), as_bearer = *read_authorization("Bearer opaque");
    auto const jkt = codec::base64url_encode(jose::thumbprint_digest(client().key().public_part()));
    auto const made = bound_token::from_introspection(as_dpop, jkt);
    REQUIRE(made);
    CHECK(made->token_hash() == crypto::sha256(as_bytes("opaque")));
    CHECK(codec::base64url_encode(made->thumbprint()) == jkt);
    CHECK(bound_token::from_introspection(as_dpop, "").error() == errc::dpop_token_unbound);
    CHECK(bound_token::from_introspection(as_bearer, jkt).error() == errc::dpop_bound_token_as_bearer);
    CHECK(bound_token::from_introspection(as_dpop, jkt + "A").error() == errc::malformed_confirmation);
    CHECK(bound_token::from_introspection(as_dpop, jkt.substr(1)).error() == errc::malformed_confirmation);
    CHECK(bound_token::from_introspection(as_dpop, std::string(43, '*')).error() == errc::malformed_confirmation);
}

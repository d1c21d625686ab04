#include "shop.hpp"

#include <signet/jwt/verifier.hpp>
#include <signet/oidc/id_token.hpp>
#include <signet/oidc/provider.hpp>

#include <doctest/doctest.h>

#include <string>

namespace {

jwt::verifier<es256> verifier(jwt::policy policy) { return {keys(), std::move(policy)}; }
logout_token_issuer<es256> const& issuer() {
    static auto const made = *logout_token_issuer<es256>::make(key(), client.issuer, "k1");
    return made;
}

} // namespace

TEST_CASE("OpenID Connect Back-Channel Logout 2.4 a client reads the logout token that a provider sends") {
    auto const v = verifier(logout_token_policy(client));
    for (auto const& [user, session] : {std::pair{"anna", "s1"}, {"anna", ""}, {"", "s1"}}) {
        auto const text = issuer().issue({.client = "shop", .user = user, .session = session}, now);
        REQUIRE(text);
        auto const token = v.verify(*text, now);
        REQUIRE(token);
        auto const notice = read_logout_token(*token);
        REQUIRE(notice);
        CHECK(notice->user == user);
        CHECK(notice->session == session);
        CHECK(notice->issued == now);
        CHECK_FALSE(token->has("nonce"));
        CHECK(token->has("sub") == !notice->user.empty());
        CHECK(token->has("sid") == !notice->session.empty());
    }
}

TEST_CASE("OpenID Connect Back-Channel Logout 2.4 each token has its own jti, and is valid for two minutes") {
    auto const v = verifier(logout_token_policy(client));
    auto const one = *issuer().issue({.client = "shop", .session = "s1"}, now);
    auto const two = *issuer().issue({.client = "shop", .session = "s1"}, now);
    auto const first = v.verify(one, now), second = v.verify(two, now);
    REQUIRE(first);
    REQUIRE(second);
    CHECK(first->id() != second->id());
    CHECK(v.verify(one, now + 119s));
    CHECK(v.verify(one, now + 120s).error() == errc::expired);
}

TEST_CASE("OpenID Connect Back-Channel Logout 2.4 a logout token is no ID token, and none of another client") {
    auto const text = *issuer().issue({.client = "shop", .user = "anna"}, now);
    login_states const states{*mac_key::generate(alg::hs256)};
    auto const login = states.begin(client, "/", now)->state;
    token_response answer;
    answer.id_token = text;
    CHECK(finish_login(verifier(id_token_policy(client)), answer, login, client, now).error() ==
          errc::login_state_mismatch);
    auto other = client;
    other.client_id = "desk";
    CHECK(verifier(logout_token_policy(other)).verify(text, now).error() == errc::wrong_audience);
}

TEST_CASE("OpenID Connect Back-Channel Logout 2.4 a token needs issuer, client, and a user or a session") {
    auto const why = [](std::string_view from, logout_params const& params) {
        auto const claims = logout_token_claims(from, params, now);
        return claims ? errc{} : claims.error().code;
    };
    CHECK(why("https://id.example", {.client = "shop", .user = "anna"}) == errc{});
    CHECK(why("https://id.example", {.client = "shop"}) == errc::out_of_range);
    CHECK(why("https://id.example", {.client = "", .user = "anna"}) == errc::out_of_range);
    CHECK(why("", {.client = "shop", .user = "anna"}) == errc::out_of_range);
    CHECK(why("https://id.example", {.client = "shop", .user = "\xff"}) == errc::json_not_utf8);
}

#include "support/every_store.hpp"

#include <signet/oauth/refresh.hpp>
#include <signet/oidc/authorization_code.hpp>
#include <signet/oidc/login.hpp>

#include <algorithm>
#include <atomic>
#include <barrier>

using namespace signet;
using namespace signet::oauth;
using namespace std::chrono_literals;

namespace {
constexpr unix_time now{1'800'000'000s};
}

TEST_CASE(
    "RFC 9700 4.14.2 64 threads refresh one token: one new generation, every loser gets the same child, a replay ends it, on each store" *
    long_run()) {
    auto const families = *refresh_families::make({{1, *mac_key::generate(alg::hs256)}});
    on_every_store([&](auto& db) {
        auto const rotate = [&](std::string const& token, unix_time at) {
            return run(families.rotate({.token = token, .client = "app", .resource = "api"}, at), db);
        };
        for (int round = 0; round != rounds(5, 200); ++round) {
            auto const first =
                run(families.start({.user = "anna", .client = "app", .resources = {{"api", 24h}}}, now), db);
            REQUIRE(first);
            auto const token = first->token.text();
            std::vector<std::string> children(64);
            std::atomic<int> written{0};
            at_once(64, [&](int t) {
                auto const grant = rotate(token, now);
                if (!grant) return;
                children[static_cast<std::size_t>(t)] = grant->token.text();
                if (!grant->repeated) ++written;
            });
            CHECK(written == 1);
            CHECK(std::count(children.begin(), children.end(), children.front()) == 64);
            CHECK(refresh_token::parse(children.front())->generation() == 1);
            auto const grandchild = rotate(children.front(), now + 1s); // they go on working
            REQUIRE(grandchild);

            // 64 thieves at once, and the owner among them: it ends, and nothing revives it.
            std::atomic<int> reused{0};
            at_once(64, [&](int t) {
                auto const decision = rotate(t == 0 ? grandchild->token.text() : token, now + 100s);
                if (t != 0 && !decision && decision.error() == errc::refresh_reused) ++reused;
            });
            CHECK(reused == 63);
            CHECK(rotate(grandchild->token.text(), now + 101s).error() == errc::refresh_reused);
        }
    });
}

TEST_CASE(
    "C8 a revocation of a family, or of its user, wins against 31 refreshes under way: whatever came out before, nothing works after, on each store" *
    long_run()) {
    auto const families = *refresh_families::make({{1, *mac_key::generate(alg::hs256)}});
    on_every_store([&](auto& db) {
        for (int round = 0; round != rounds(5, 200); ++round) {
            auto const user = "anna-" + std::to_string(round);
            auto const first =
                run(families.start({.user = user, .client = "app", .resources = {{"api", 24h}}}, now), db);
            std::vector<std::string> got(32, first->token.text());
            at_once(32, [&](int t) {
                if (t == 7) {
                    CHECK(run(round % 2 == 0 ? families.revoke(first->token.family(), now)
                                             : families.revoke_user(user, now),
                              db));
                    return;
                }
                auto const grant =
                    run(families.rotate({.token = first->token.text(), .client = "app", .resource = "api"}, now), db);
                if (grant) got[static_cast<std::size_t>(t)] = grant->token.text();
            });
            for (auto const& token : got)
                CHECK(run(families.rotate({.token = token, .client = "app", .resource = "api"}, now), db).error() ==
                      errc::refresh_ended);
        }
    });
}

TEST_CASE(
    "two servers with a store object each refresh one token again and again: every generation is given out by one of them, on each store" *
    long_run()) {
    mac_key const key = *mac_key::generate(alg::hs256);
    on_every_store_opened([&](auto open) {
        auto first_store = open();
        auto const begin = refresh_families::make({{1, key}});
        auto const first =
            run(begin->start({.user = "anna", .client = "app", .resources = {{"api", 24h}}}, now), first_store);
        REQUIRE(first);
        // Each turn all threads ask with the token that the turn before gave them.
        constexpr int threads = 4, turns = 25;
        std::vector<std::string> given(threads, first->token.text());
        std::atomic<int> written{0}, refused{0};
        std::barrier turn{threads};
        at_once(threads, [&](int t) {
            auto own = open();
            auto const families = *refresh_families::make({{1, key}}); // as another process would make it
            for (int n = 0; n != turns; ++n) {
                auto& mine = given[static_cast<std::size_t>(t)];
                auto const grant = run(
                    families.rotate({.token = mine, .client = "app", .resource = "api"}, now + std::chrono::seconds{n}),
                    own);
                if (!grant) ++refused;
                else mine = grant->token.text(), written += !grant->repeated;
                turn.arrive_and_wait();
            }
        });
        CHECK(refused == 0);
        CHECK(written == turns);
        CHECK(std::count(given.begin(), given.end(), given.front()) == threads);
        CHECK(refresh_token::parse(given.front())->generation() == turns);
    });
}

TEST_CASE("RFC 6749 4.1.2 of 64 exchanges of one code at once, one is answered, on each store" * long_run()) {
    auto const codes = *oidc::authorization_codes::make();
    std::string const verifier(43, 'v');
    oidc::login_request const request{.client = "shop",
                                      .redirect_uri = "https://shop.example/callback",
                                      .code_challenge = *oidc::pkce_challenge(verifier),
                                      .scope = "openid"};
    on_every_store([&](auto& db) {
        for (int round = 0; round != rounds(10, 300); ++round) {
            auto const code = run(
                codes.issue(request, {.user = "anna", .client = "shop", .session = "s1", .auth_time = now}, now), db);
            REQUIRE(code);
            std::atomic<int> answered{0}, reused{0};
            at_once(64, [&](int) {
                auto const grant = run(codes.exchange({*code, "shop", request.redirect_uri, verifier}, now), db);
                if (grant) ++answered;
                else if (grant.error() == errc::code_reused) ++reused;
            });
            CHECK(answered == 1);
            CHECK(reused == 63);
            auto const first = run(codes.find_exchanged(*code, now), db);
            REQUIRE(first);
            CHECK(first->session == "s1");
        }
    });
}

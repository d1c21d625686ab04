#include "support/every_store.hpp"

#include <signet/oauth/refresh.hpp>
#include <signet/session/login_session.hpp>

#include <atomic>

using namespace signet;
using namespace signet::session;
using namespace signet::oauth;
using namespace std::chrono_literals;

namespace {

constexpr unix_time now{1'800'000'000s};

} // namespace

TEST_CASE(
    "C8 C9 an administrator's revocation ends sessions and refresh families; a user's logout the sessions alone, on each store" *
    long_run()) {
    auto const families = *refresh_families::make({{1, *mac_key::generate(alg::hs256)}});
    auto const sessions = *login_sessions::make("tenant", "shop", *mac_key::generate(alg::hs256));
    on_every_store([&](auto& db) {
        auto const in = run(sessions.log_in({.user = "anna"}, {}, now), db);
        REQUIRE(in);
        auto const family = run(
            families.start(
                {.user = "anna", .client = "shop", .session = in->session.sid(), .resources = {{"api", 720h}}}, now),
            db);
        REQUIRE(family);
        REQUIRE(run(sessions.join_family(*family, now), db));
        auto const refresh = [&](std::string const& token, unix_time at) {
            return run(families.rotate({.token = token, .client = "shop", .resource = "api"}, at), db);
        };
        REQUIRE(run(sessions.log_out_user("anna", logout_scope::everywhere, now + 1s), db));
        CHECK_FALSE(run(sessions.authenticate(in->cookie, {}, now + 2s), db));
        auto const next = refresh(family->token.text(), now + 2s);
        REQUIRE(next); // offline access is meant to outlive the session
        REQUIRE(run(sessions.revoke_user("anna", now + 3s), db));
        CHECK(refresh(next->token.text(), now + 4s).error() == errc::refresh_unknown);
        CHECK(refresh(family->token.text(), now + 4s).error() == errc::refresh_unknown);
    });
}

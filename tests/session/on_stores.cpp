#include "support/every_store.hpp"

#include <signet/device/registry.hpp>
#include <signet/oauth/refresh.hpp>
#include <signet/session/login_session.hpp>

#include <atomic>

using namespace signet;
using namespace signet::session;
using namespace signet::device;
using namespace signet::oauth;
using namespace std::chrono_literals;

namespace {

constexpr unix_time now{1'800'000'000s};

std::vector<proof::device_key> const& keys() {
    static auto const made = [] {
        std::vector<proof::device_key> all;
        for (int n = 0; n != 64; ++n)
            all.push_back(*proof::device_key::from_key(private_key::generate(alg::ed25519)->public_part()));
        return all;
    }();
    return made;
}

} // namespace

TEST_CASE("E16 DECISIONS 3: 64 threads register at limit 1: exactly one device afterwards, on each store") {
    (void)keys();
    on_every_store([](auto& db) {
        for (int round = 0; round != rounds(3, 30); ++round) {
            device_registry const devices{"shop-" + std::to_string(round), {.most = 1}};
            std::atomic<int> in{0}, refused{0};
            at_once(64, [&](int t) {
                auto const ruling =
                    run(devices.add_unproved(
                            "anna", {.key_id = "key-" + std::to_string(t), .key = keys()[static_cast<std::size_t>(t)]},
                            now),
                        db);
                if (ruling) ++in;
                else if (ruling.error() == errc::device_limit) ++refused;
            });
            CHECK(in == 1);
            CHECK(refused == 63);
            CHECK(run(devices.list("anna", now), db)->size() == 1);
        }
    });
}

TEST_CASE("E16 replacing the oldest in a race: never more than the limit, and the newest stays, on each store") {
    (void)keys();
    on_every_store([](auto& db) {
        device_registry const devices{"shop", {.most = 2, .when_full = at_limit::replace_oldest}};
        std::atomic<int> in{0};
        at_once(32, [&](int t) {
            if (run(devices.add_unproved(
                        "anna", {.key_id = "key-" + std::to_string(t), .key = keys()[static_cast<std::size_t>(t)]},
                        now),
                    db))
                ++in;
        });
        CHECK(in == 32);
        CHECK(run(devices.list("anna", now), db)->size() == 2);
    });
}

TEST_CASE("E14 a block wins against everything that is going on: no later write revives the device, on each store") {
    (void)keys();
    on_every_store([](auto& db) {
        device_registry const devices{"shop", {.touch_every = 0s}};
        REQUIRE(run(devices.add_unproved("anna", {.key_id = "phone", .key = keys()[0]}, now), db));
        at_once(16, [&](int t) {
            if (t == 7) CHECK(run(devices.block("anna", "phone", now), db));
            else if (t % 2) (void)run(devices.rename("anna", "phone", "name " + std::to_string(t), now), db);
            else (void)run(devices.touch("anna", "phone", now + std::chrono::seconds{t}), db);
        });
        CHECK(run(devices.find("anna", "phone", now), db)->state == device_state::blocked);
    });
}

TEST_CASE(
    "C8 C9 an administrator's revocation ends sessions and refresh families; a user's logout the sessions alone, on each store") {
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

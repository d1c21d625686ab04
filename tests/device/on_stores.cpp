#include "support/every_store.hpp"

#include <signet/device/device_session.hpp>
#include <signet/device/registry.hpp>
#include <signet/proof/challenge.hpp>

#include <algorithm>
#include <atomic>

using namespace signet;
using namespace signet::device;
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

TEST_CASE("E16 DECISIONS 3: 64 threads register at limit 1: exactly one device afterwards, on each store" *
          long_run()) {
    (void)keys();
    on_every_store([](auto& db) {
        for (int round = 0; round != rounds(3, 30); ++round) {
            device_registry const devices{"shop-" + std::to_string(round), {.max_devices = 1}};
            std::atomic<int> in{0}, refused{0};
            at_once(64, [&](int t) {
                auto const decision =
                    run(devices.add_unproved(
                            "anna", {.key_id = "key-" + std::to_string(t), .key = keys()[static_cast<std::size_t>(t)]},
                            now),
                        db);
                if (decision) ++in;
                else if (decision.error() == errc::device_limit_reached) ++refused;
            });
            CHECK(in == 1);
            CHECK(refused == 63);
            CHECK(run(devices.list("anna", now), db)->size() == 1);
        }
    });
}

TEST_CASE("E16 replacing the oldest in a race: never more than the limit, and the newest stays, on each store" *
          long_run()) {
    (void)keys();
    on_every_store([](auto& db) {
        device_registry const devices{"shop", {.max_devices = 2, .when_full = at_limit::replace_oldest}};
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

TEST_CASE("E14 a block wins against everything that is going on: no later write revives the device, on each store" *
          long_run()) {
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

TEST_CASE("A5 A14 64 threads refresh one device session: one new token, which all of them get, on each store" *
          long_run()) {
    auto const server = *local_key<es256>::generate();
    auto const sessions = *device_sessions::make(server, "k1", "https://risk.example.com", "shop", {});
    on_every_store([&](auto& db) {
        auto const begun = run(sessions.begin_without_key(platform::web, true, now), db);
        REQUIRE(begun);
        auto token = begun->token;
        for (int round = 1; round <= rounds(3, 30); ++round) {
            auto const then = now + 400s * round;
            std::vector<std::string> given(64);
            at_once(64, [&](int t) {
                auto const info = run(sessions.refresh(token, nullptr, then), db);
                if (info) given[static_cast<std::size_t>(t)] = info->token;
            });
            CHECK(std::count(given.begin(), given.end(), given.front()) == 64);
            CHECK_FALSE(given.front().empty());
            CHECK(given.front() != token);
            token = given.front();
        }
    });
}

TEST_CASE("A29 the end of a device session wins against everything that is going on, on each store" * long_run()) {
    auto const server = *local_key<es256>::generate();
    auto const sessions = *device_sessions::make(server, "k1", "https://risk.example.com", "shop", {});
    on_every_store([&](auto& db) {
        auto const begun = run(sessions.begin_without_key(platform::web, true, now), db);
        REQUIRE(begun);
        auto const device = run(sessions.authenticate(begun->token, now), db);
        REQUIRE(device);
        at_once(16, [&](int t) {
            if (t == 7) CHECK(run(sessions.end(*device, now), db));
            else if (t % 2) (void)run(sessions.set_user(*device, "user " + std::to_string(t), now), db);
            else (void)run(sessions.refresh(begun->token, nullptr, now + 400s), db);
        });
        CHECK(run(sessions.authenticate(begun->token, now), db).error() == errc::session_ended);
    });
}

// Races for one challenge, one credential id and one place in a user's list, on each store.
#include "device.hpp"

#include "support/every_store.hpp"

using namespace webauthn_test;

namespace {
constexpr webauthn::finish_registration_params annas{.user = "user-1", .session = "s1"};
} // namespace

TEST_CASE("W11 W53: 64 threads send the answer to one challenge: one login, and one registration, on each store" *
          long_run()) {
    on_every_store_opened([](auto open) {
        std::uint8_t number = 0;
        passkey key;
        exactly_one_wins(
            open, rounds(3, 30), errc::challenge_unknown,
            [&](auto& db, int) {
                key = passkey{++number, -8};
                return key.created(run(webauthn::begin_registration(shop, anna, now), db).value());
            },
            [](auto& db, std::string const& answer) {
                return run(webauthn::finish_registration(shop, answer, annas, now), db);
            });
        exactly_one_wins(
            open, rounds(3, 30), errc::challenge_unknown,
            [&](auto& db, int) { return key.asserted(run(webauthn::begin_login(shop, {}, now), db).value()); },
            [](auto& db, std::string const& answer) { return run(webauthn::finish_login(shop, answer, {}, now), db); });
    });
}

TEST_CASE("W48: 64 threads register one credential id, each with its own challenge: one has it, on each store" *
          long_run()) {
    on_every_store([](auto& db) {
        for (int round = 0; round != rounds(2, 20); ++round) {
            std::vector<std::string> users, answers;
            passkey key{static_cast<std::uint8_t>(round + 1), -8};
            for (int t = 0; t != 64; ++t) {
                users.push_back("user " + std::to_string(round) + ' ' + std::to_string(t));
                auto const options = run(
                    webauthn::begin_registration(shop, {.user = users.back(), .user_name = "n", .session = "s1"}, now),
                    db);
                REQUIRE(options);
                answers.push_back(key.created(*options));
            }
            std::atomic<int> in{0}, refused{0};
            at_once(64, [&](int t) {
                auto const n = static_cast<std::size_t>(t);
                auto const made =
                    run(webauthn::finish_registration(shop, answers[n], {.user = users[n], .session = "s1"}, now), db);
                if (made) ++in;
                else if (made.error() == errc::credential_registered) ++refused;
            });
            CHECK(in == 1);
            CHECK(refused == 63);
            std::size_t listed = 0;
            for (auto const& user : users)
                listed += run(webauthn::credentials{"shop.example"}.list(user, now), db)->size();
            CHECK(listed == 1);
        }
    });
}

TEST_CASE("W53 W55: logins by one passkey at once are all counted, and a removal in between wins, on each store" *
          long_run()) {
    on_every_store([](auto& db) {
        passkey key{1, -8};
        REQUIRE(register_passkey(key, db, anna));
        webauthn::credentials const passkeys{"shop.example"};
        std::vector<std::string> answers;
        for (int t = 0; t != 32; ++t)
            answers.push_back(key.asserted(run(webauthn::begin_login(shop, {}, now), db).value()));
        std::atomic<int> in{0}, removed{0}, other{0};
        at_once(32, [&](int t) {
            if (t == 31) {
                CHECK(run(passkeys.remove("user-1", key.id(), now), db));
                return;
            }
            auto const login = run(webauthn::finish_login(shop, answers[static_cast<std::size_t>(t)], {}, now), db);
            if (login) ++in;
            else if (login.error() == errc::webauthn_credential_removed) ++removed;
            else ++other;
        });
        CHECK(in + removed == 31);
        CHECK(other == 0);
        CHECK(run(passkeys.list("user-1", now), db)->empty());
        CHECK(reason(log_in(key, db)) == "webauthn_credential_removed");
    });
}

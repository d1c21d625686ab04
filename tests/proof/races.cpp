#include "support/every_store.hpp"

#include <signet/proof/challenge.hpp>
#include <signet/proof/replay.hpp>

using namespace signet;
using namespace std::chrono_literals;

namespace {

constexpr unix_time now{1'800'000'000s};
constexpr proof::challenge_params login{.purpose = "login", .app = "shop", .user = "anna", .key_id = "phone-1"};

} // namespace

TEST_CASE("RULES 3.1.3 64 threads presenting the same challenge: exactly one success, on every store" * long_run()) {
    auto const key = *private_key::generate(alg::es256);
    on_every_store_opened([&](auto open) {
        exactly_one_wins(
            open, rounds(20, 1000), errc::challenge_unknown,
            [&](auto& db, int) {
                auto const challenge = *run(proof::issue_challenge(login, now), db);
                return *proof::sign_challenge(key, alg::es256, challenge, login);
            },
            [&](auto& db, std::string const& token) {
                return run(proof::redeem_challenge(token, login, key.public_part(), alg::es256, now), db);
            });
    });
}

TEST_CASE("RULES 3.7 64 threads presenting the same jti: exactly one success, on every store" * long_run()) {
    on_every_store_opened([&](auto open) {
        exactly_one_wins(
            open, rounds(20, 1000), errc::replayed,
            [](auto&, int round) { return proof::jti_key("https://shop.example/token", std::to_string(round)); },
            [](auto& db, store::record_key const& jti) {
                return run(proof::replay_check{jti, now + 60s, now, now}, db);
            });
    });
}

TEST_CASE("RULES 3.7 64 threads presenting the same jti: exactly one success, with the guard in memory" * long_run()) {
    proof::replay_guard guard{{.entries = 10'000, .window = 300s}};
    exactly_one_wins(
        [&] { return testing::shared_store<proof::replay_guard>{&guard}; }, rounds(20, 1000), errc::replayed,
        [](auto&, int round) { return proof::jti_key("https://shop.example/token", std::to_string(round)); },
        [](auto& db, store::record_key const& jti) { return run(proof::replay_check{jti, now + 60s, now, now}, db); });
}

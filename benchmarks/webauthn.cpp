// SPDX-License-Identifier: BSL-1.0
// A passkey's registration and login: the answers that Chromium gave (tests/vectors/passkeys), judged from JSON to
// verdict. benchmarks/npm/webauthn.mjs judges the same octets with the npm library SimpleWebAuthn.
#include "harness.hpp"

#include <signet/webauthn.hpp>

#include <boost/json.hpp>

#include <fstream>
#include <memory>
#include <stdexcept>
#include <string>

using namespace signet;
namespace json = boost::json;

namespace {

constexpr unix_time now{std::chrono::seconds{1'800'000'000}};

struct ceremony {
    explicit ceremony(json::value const& recorded)
        : challenge{recorded.at("options").at("challenge").as_string()},
          answer{json::serialize(recorded.at("response"))},
          origin{recorded.at("options").at("origins").at(0).as_string()},
          rp_id{recorded.at("options").at("rp_id").as_string()},
          spoiled{answer} {
        // A character within the client data.
        auto const at = spoiled.find("\"clientDataJSON\":\"") + 120;
        spoiled[at] = spoiled[at] == 'A' ? 'B' : 'A';
    }
    std::string challenge, answer, origin, rp_id, spoiled;
    std::string_view origins[1] = {origin};
    webauthn::owned_relying_party policy =
        *webauthn::relying_party::make({.rp_id = rp_id, .name = "Shop", .origins = origins});
    webauthn::relying_party rp = policy.policy();
    webauthn::expected expected{rp, challenge};
};

json::value const& first(json::value const& recorded, std::string_view ceremony) {
    for (auto const& one : recorded.at("cases").as_array())
        if (one.at("ceremony").as_string() == ceremony && one.at("expected").as_string() == "accept") return one;
    throw std::runtime_error{"no such ceremony"};
}

} // namespace

int main(int argc, char** argv) {
    bench::suite suite{argc, argv, "webauthn"};
    for (auto const& [name, file] : {std::pair{"ES256", "01-es256-discoverable"}, std::pair{"RS256", "03-rs256"},
                                     std::pair{"Ed25519", "04-eddsa"}}) {
        std::ifstream in{std::string{SIGNET_TEST_DATA "/vectors/passkeys/"} + file + ".json"};
        auto const recorded = json::parse(std::string{std::istreambuf_iterator<char>{in}, {}});
        auto const registration = std::make_shared<ceremony const>(first(recorded, "registration"));
        auto const login = std::make_shared<ceremony const>(first(recorded, "assertion"));
        auto made = webauthn::judge_registration(registration->answer, registration->expected, now);
        if (!made) return std::fprintf(stderr, "%s: the registration is refused\n", name), 1;
        auto const passkey = std::make_shared<webauthn::credential const>(std::move(made->credential));

        suite.table(std::string{name} + " passkey: registration")
            .add("judge_registration",
                 [=] {
                     return webauthn::judge_registration(registration->answer, registration->expected, now).has_value();
                 },
                 {.refuses = [=] {
                     return !webauthn::judge_registration(registration->spoiled, registration->expected, now);
                 }});
        suite.table(std::string{name} + " passkey: login")
            .add("judge_assertion",
                 [=] { return webauthn::judge_assertion(login->answer, login->expected, *passkey).has_value(); },
                 {.refuses = [=] { return !webauthn::judge_assertion(login->spoiled, login->expected, *passkey); }});
    }
    return suite.finish();
}

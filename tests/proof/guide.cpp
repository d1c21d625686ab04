// What docs/guide/proof.md shows.
#include <signet/proof.hpp>
#include <signet/store/memory.hpp>

#include <doctest/doctest.h>

#include <string>

using namespace signet;
using namespace std::chrono_literals;

TEST_CASE("the guide: a challenge is answered once") {
    unix_time const now{1'800'000'000s};
    store::memory db;
    auto const key = private_key::generate(alg::es256);
    REQUIRE(key);
    public_key const registered = key->public_part();

    // [challenge]
    // What is asked for is part of what is signed: an answer for one purpose, user or action is no answer for another.
    proof::challenge_params const params{
        .purpose = "confirm", .app = "shop", .user = "anna", .key_id = "phone-1", .action = "pay 30"};

    auto const challenge = run(proof::issue_challenge(params, now), db); // server: 43 characters, two minutes
    auto const answer = proof::sign_challenge(*key, alg::es256, *challenge, params); // device
    auto const proved =
        run(proof::redeem_challenge(*answer, params, registered, alg::es256, now + 5s), db); // server: verified_key
    auto const again = run(proof::redeem_challenge(*answer, params, registered, alg::es256, now + 6s), db); // used up
    // [/challenge]
    CHECK(proved);
    CHECK(!again);
}

TEST_CASE("the guide: a guard against replay, and tokens against cross-site request forgery") {
    unix_time const now{1'800'000'000s};
    // [replay]
    proof::replay_guard guard{{.entries = 10'000, .window = 5min}}; // all its memory is taken now
    auto const id = proof::jti_key("https://api.example/orders", "e1j3V_bKic8-LAEB");
    auto const first = guard.insert(id, now + 60s, now);
    auto const second = guard.insert(id, now + 60s, now + 1s); // replayed
    // [/replay]
    CHECK(first);
    CHECK(second.error() == errc::replayed);

    std::string const session = "a session's id", header_field = "what came in X-CSRF-Token";
    // [csrf]
    proof::csrf_tokens const forms{*mac_key::generate(alg::hs256)}; // one key for all instances
    auto const cookie = forms.make(session); // into http::cookies::csrf(), for the page's script to send back
    auto const ok = forms.check(session, cookie, header_field); // csrf_refused: the field is not this session's token
    // [/csrf]
    CHECK(ok.error() == errc::csrf_refused);
    CHECK(forms.check(session, cookie, cookie));
}

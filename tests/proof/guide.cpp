// What docs/guide/proof.md shows.
#include <signet/jose.hpp>
#include <signet/jwt.hpp>
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

    std::string const sid = "a session's sid", submitted = "what came in the form's hidden field, or in X-CSRF-Token";
    // [csrf]
    proof::csrf_tokens const forms{*mac_key::generate(alg::hs256)}; // a key for this alone, one for all instances
    // The page: the same token in a cookie, by http::cookies::csrf(), and in a hidden field of the form.
    auto const cookie = forms.make(sid); // live_session::sid(), which stays the same when the cookie is renewed
    // The request: the cookie's value, and that of the form field or of the header that the page's script sent.
    auto const ok = forms.check(sid, cookie, submitted); // csrf_refused: the field is not this session's token
    // [/csrf]
    CHECK(ok.error() == errc::csrf_refused);
    CHECK(forms.check(sid, cookie, cookie));
    CHECK(forms.check(sid, cookie, "").error().http_status() == 400);
    CHECK(forms.check(sid, "", cookie).error().http_status() == 401);
    CHECK(ok.error().http_status() == 403);
}

TEST_CASE("the guide: the key of a proof goes into the token") {
    unix_time const now{1'800'000'000s};
    store::memory db;
    auto const client = *local_key<es256>::generate(), key = *local_key<es256>::generate();
    auto const signer = *jwt::signer<es256>::make(key, {.type = "at+jwt", .key_id = "k"});
    proof::dpop_policy const policy{.algorithms = algorithm_set::of<es256, ed25519>()};
    constexpr std::string_view token_url = "https://id.example.com/token";
    auto const dpop = *proof::make_dpop_proof(client, {.method = "POST", .url = token_url}, now);
    CHECK(run(proof::dpop_check{{.proofs = {}, .method = "POST", .url = token_url}, policy, now}, db).error() ==
          errc::dpop_missing);

    // [token]
    // The token endpoint: there is no access token yet, so the proof has none either.
    std::string_view const fields[] = {dpop}; // every DPoP field of the request: dpop_missing if the list is empty
    auto const who = run(proof::dpop_check{{.proofs = fields, .method = "POST", .url = token_url}, policy, now}, db);
    if (!who) return; // proof::answer_dpop(who.error().code, policy, now, role::authorization_server)
    jwt::claims claims;
    claims.issuer("https://id.example.com").audience("orders").subject("ann").expires_at(now + 5min);
    claims.confirm_jwk_thumbprint(who->thumbprint()); // cnf.jkt
    auto const token = signer.sign(claims);           // answered with "token_type": "DPoP"
    // [/token]
    jose::key_set<es256> keys;
    REQUIRE(keys.add("k", key.verifier_key()));
    jwt::verifier<es256> const access{keys,
                                      {.issuer = "https://id.example.com", .audience = "orders", .type = "at+jwt"}};
    auto const checked = access.verify(*token, now);
    REQUIRE(checked);
    CHECK(proof::bound_token::from({proof::token_scheme::dpop, *token}, *checked)->thumbprint() ==
          jose::thumbprint_digest(client.verifier_key().key()));
}

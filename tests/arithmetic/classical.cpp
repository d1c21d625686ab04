// A program of DPoP, challenges, a key elsewhere and a verifier of ES256: it has no use for ML-DSA.
#include <signet/jwt.hpp>
#include <signet/proof.hpp>
#include <signet/store.hpp>

#include <cstdio>
#include <string>

using namespace signet;
using namespace std::chrono_literals;

namespace {

constexpr unix_time now{1'700'000'000s};
int passed = 0, failed = 0;

void check(bool good, char const* what) {
    ++(good ? passed : failed);
    if (!good) std::printf("FAILED  %s\n", what);
}

} // namespace

int main() {
    auto const key = *local_key<es256>::generate();
    external_key<es256> const remote{key.verifier_key(),
                                     [&](bytes_view m, std::span<std::uint8_t> out) { return key.sign(m, out); }};
    auto const proof = proof::make_dpop_proof(remote, {.method = "GET", .url = "https://api.example/a"}, now);
    check(proof.has_value(), "a proof");
    std::string_view const fields[] = {*proof};
    store::memory db;
    auto seen = proof::dpop_check{{.proofs = fields, .method = "GET", .url = "https://api.example/a"}, {}, now};
    check(run(seen, db).has_value(), "a proof is accepted");

    constexpr proof::challenge_params login{.purpose = "login", .app = "shop", .user = "anna", .key_id = "phone-1"};
    auto const challenge = *run(proof::issue_challenge(login, now), db);
    auto const answer = proof::sign_challenge(key.key(), alg::es256, challenge, login);
    check(run(proof::redeem_challenge(*answer, login, key.key().public_part(), alg::es256, now), db).has_value(),
          "an answer to a challenge");

    jose::key_set<es256> set;
    check(set.add("k", key.verifier_key()).has_value(), "a key set");
    auto const signer = *jwt::signer<es256>::make(key, {.type = "at+jwt", .key_id = "k"});
    jwt::claims claims;
    claims.issuer("i").subject("s").audience("a").expires_at(now + 1h);
    jwt::verifier<es256> const verifier{set, {.issuer = "i", .audience = "a", .type = "at+jwt"}};
    check(verifier.verify(*signer.sign(claims), now).has_value(), "a token");
    std::printf("%d passed, %d failed\n", passed, failed);
    return failed != 0;
}

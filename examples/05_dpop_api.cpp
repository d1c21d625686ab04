// An API whose access tokens are of no use without the client's key: DPoP (RFC 9449), with nonces, each proof used
// once.
#include "choose_store.hpp"

#include <signet/jose.hpp>
#include <signet/jwt.hpp>
#include <signet/proof.hpp>

using namespace signet;
using namespace std::chrono_literals;

namespace {

constexpr std::string_view url = "https://api.example.com/orders";

// [server]
// Made once at start and shared by all threads; it stays where it is, since the policy points into it.
struct api {
    jwt::verifier<es256> tokens;
    proof::dpop_nonces nonces{*mac_key::generate(alg::hs256)};
    crypto::generator_tables tables = crypto::generator_tables::make();
    proof::dpop_policy policy{.algorithms = algorithm_set::of<es256, ed25519>(), .nonces = &nonces, .tables = &tables};

    // One request: the values of its Authorization and DPoP fields.
    template <class Store>
    proof::dpop_answer get(std::string_view authorization, std::string_view dpop, unix_time now, Store& db) const {
        auto const refuse = [&](error why) { return proof::answer_dpop(why.code, policy, now); };
        auto const shown = proof::read_authorization(authorization);
        if (!shown) return refuse(shown.error());
        auto const token = tokens.verify(shown->token, now);
        if (!token) return refuse(token.error());
        auto const bound = proof::bound_token::from(*shown, *token); // a bound token shown as Bearer ends here
        if (!bound) return refuse(bound.error());
        std::string_view const fields[] = {dpop};
        auto const who =
            run(proof::dpop_check{{.proofs = fields, .method = "GET", .url = url, .token = &*bound}, policy, now}, db);
        if (!who) return refuse(who.error());
        return {.status = 200, .dpop_nonce = nonces.make(now), .body = "orders of " + std::string{token->subject()}};
    }
};
// [/server]

template <class Store> int story(Store& db) {
    auto const now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());

    // The authorization server has checked a proof of the client's key and puts its thumbprint into the token.
    auto const client = *local_key<es256>::generate(), issuer = *local_key<es256>::generate();
    jwt::claims claims;
    claims.issuer("https://id.example.com").audience(url).subject("ann").expires_at(now + 300s);
    claims.confirm_jwk_thumbprint(jose::thumbprint_digest(client.verifier_key().key()));
    auto const token = *jwt::signer<es256>::make(issuer, {.type = "at+jwt"})->sign(claims);

    jose::key_set<es256> keys;
    if (!keys.add(issuer.verifier_key())) return 1;
    api const server{
        .tokens{std::move(keys), {.issuer = "https://id.example.com", .audience = std::string{url}, .type = "at+jwt"}}};
    auto const told = [](std::string_view what, proof::dpop_answer const& answer) {
        std::cout << what << ": " << answer.status << ' ' << answer.www_authenticate << answer.body << '\n';
        return answer.status;
    };

    // [client]
    // The client makes a proof for each request. The server's first answer gives it a nonce, and it tries again with
    // that.
    proof::dpop_target target{.method = "GET", .url = url, .access_token = token};
    auto const first = server.get("DPoP " + token, *proof::make_dpop_proof(client, target, now), now, db);
    target.nonce = first.dpop_nonce;
    auto const proof = proof::make_dpop_proof(client, target, now);
    if (!proof) return 1;
    auto const second = server.get("DPoP " + token, *proof, now, db);
    // [/client]
    auto const thief = *local_key<es256>::generate();
    bool const good = told("without a nonce", first) == 401 && told("with the nonce", second) == 200 &&
                      told("the same proof again", server.get("DPoP " + token, *proof, now, db)) == 401 &&
                      told("stolen, another key",
                           server.get("DPoP " + token, *proof::make_dpop_proof(thief, target, now), now, db)) == 401 &&
                      told("shown as Bearer",
                           server.get("Bearer " + token, *proof::make_dpop_proof(client, target, now), now, db)) == 401;
    return good ? 0 : 1;
}

} // namespace

int main(int argc, char** argv) {
    return with_store(argc, argv, "05_dpop_api", [](auto& db) { return story(db); });
}

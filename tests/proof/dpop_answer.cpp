#include "dpop_requests.hpp"

using namespace dpop_requests;
using proof::answer_dpop;
using proof::dpop_policy;

TEST_CASE("RFC 9449 8 and 9: the use_dpop_nonce dance, 401 at a resource server and 400 at an authorization server") {
    proof::dpop_nonces const nonces{*mac_key::generate(alg::hs256)};
    dpop_policy policy;
    policy.nonces = &nonces;
    policy.algorithms = algorithm_set::of<es256, ps256>();
    for (auto why : {errc::dpop_nonce_required, errc::dpop_nonce_unknown}) {
        auto const rs = answer_dpop(why, policy, now);
        CHECK(rs.status == 401);
        CHECK(rs.www_authenticate == R"(DPoP error="use_dpop_nonce", algs="PS256 ES256")");
        CHECK(rs.dpop_nonce == nonces.make(now));
        CHECK(rs.body.empty());
        auto const as = answer_dpop(why, policy, now, role::authorization_server);
        CHECK(as.status == 400);
        CHECK(as.www_authenticate.empty());
        CHECK(as.dpop_nonce == nonces.make(now));
        CHECK(as.body == R"({"error":"use_dpop_nonce"})");
    }
    // The whole dance.
    store::memory db;
    proof::dpop_target target{.method = "GET", .url = url};
    auto const first = run(request{*proof::make_dpop_proof(client(), target, now)}.check(policy), db);
    REQUIRE_FALSE(first);
    auto const answer = answer_dpop(first.error().code, policy, now);
    std::vector<std::string_view> const field{answer.dpop_nonce};
    target.nonce = *proof::read_dpop_nonce(field);
    CHECK(run(request{*proof::make_dpop_proof(client(), target, now)}.check(policy), db));
}

TEST_CASE("RFC 9449 7.1: the challenge says what is wrong in one word, and nothing more") {
    dpop_policy policy;
    policy.algorithms = algorithm_set::of<es256, ed25519, hs256, es384>(); // two of them never count
    auto const challenge = [&](errc why) { return answer_dpop(why, policy, now).www_authenticate; };
    CHECK(challenge(errc::invalid_dpop_signature) == R"(DPoP error="invalid_dpop_proof", algs="ES256 Ed25519 EdDSA")");
    for (auto why :
         {errc::dpop_missing, errc::dpop_multiple, errc::dpop_malformed, errc::dpop_claim_missing,
          errc::wrong_dpop_type, errc::dpop_algorithm_not_allowed, errc::dpop_key_refused,
          errc::dpop_private_key_refused, errc::wrong_dpop_method, errc::wrong_dpop_uri, errc::dpop_stale,
          errc::dpop_issued_in_future, errc::wrong_dpop_token_hash, errc::dpop_replayed, errc::store_restarted}) {
        CHECK(challenge(why) == challenge(errc::invalid_dpop_signature));
        CHECK(http_status(why) == 401);
        CHECK(answer_dpop(why, policy, now, role::authorization_server).body == R"({"error":"invalid_dpop_proof"})");
        CHECK(answer_dpop(why, policy, now, role::authorization_server).status == 400);
    }
    for (auto why : {errc::dpop_key_mismatch, errc::dpop_token_unbound, errc::dpop_bound_token_as_bearer, errc::expired,
                     errc::bad_signature}) {
        CHECK(challenge(why) == R"(DPoP error="invalid_token", algs="ES256 Ed25519 EdDSA")");
        CHECK(answer_dpop(why, policy, now, role::authorization_server).body == R"({"error":"invalid_grant"})");
    }
    CHECK(challenge(errc::authorization_missing) == R"(DPoP algs="ES256 Ed25519 EdDSA")"); // RFC 6750 3.1: no code
    CHECK(answer_dpop(errc::authorization_missing, policy, now).status == 401);
    CHECK(answer_dpop(errc::authorization_missing, policy, now).dpop_nonce.empty()); // this policy has none
}

TEST_CASE("a fault of ours is a 5xx without a challenge or a nonce") {
    proof::dpop_nonces const nonces{*mac_key::generate(alg::hs256)};
    dpop_policy policy;
    policy.nonces = &nonces;
    for (auto why : {errc::store_unavailable, errc::outcome_unknown, errc::replay_guard_full, errc::store_unfit}) {
        auto const answer = answer_dpop(why, policy, now);
        CHECK(answer.status == 503);
        CHECK(answer.www_authenticate.empty());
        CHECK(answer.dpop_nonce.empty());
        CHECK(answer_dpop(why, policy, now, role::authorization_server).body == R"({"error":"server_error"})");
    }
    CHECK(answer_dpop(errc::malformed_header_field, policy, now).status == 400); // malformed: no challenge
    CHECK(answer_dpop(errc::malformed_header_field, policy, now).www_authenticate.empty());
}

TEST_CASE("RFC 9449 7.1, RFC 6750 3.1, RFC 9470 3, RFC 9728 5.1: a challenge of DPoP says what one of Bearer says") {
    dpop_policy policy;
    policy.algorithms = algorithm_set::of<es256>();
    jwt::challenge_params const route{
        .scope = "pay", .authentication = {.acr_values = "mfa"}, .resource_metadata = "https://m"};
    auto const of = [&](errc why) { return answer_dpop(why, policy, now, role::resource_server, route); };
    CHECK(of(errc::insufficient_scope).status == 403);
    CHECK(of(errc::insufficient_scope).www_authenticate ==
          R"(DPoP error="insufficient_scope", scope="pay", resource_metadata="https://m", algs="ES256")");
    CHECK(of(errc::insufficient_user_authentication).status == 401);
    CHECK(
        of(errc::insufficient_user_authentication).www_authenticate ==
        R"(DPoP error="insufficient_user_authentication", scope="pay", acr_values="mfa", resource_metadata="https://m", algs="ES256")");
    CHECK(of(errc::dpop_missing).www_authenticate ==
          R"(DPoP error="invalid_dpop_proof", scope="pay", resource_metadata="https://m", algs="ES256")");
}

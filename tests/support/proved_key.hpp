// Someone who proved a key just now.
#pragma once

#include <signet/proof/challenge.hpp>
#include <signet/store/memory.hpp>

inline signet::proof::verified_key proved(signet::store::memory& db, signet::private_key const& pair,
                                          signet::unix_time now) {
    signet::proof::challenge_params const t{.purpose = "token", .app = "as"};
    auto const challenge = signet::run(signet::proof::issue_challenge(t, now), db);
    auto const answer = signet::proof::sign_challenge(pair, signet::alg::ed25519, *challenge, t);
    return *signet::run(signet::proof::redeem_challenge(*answer, t, pair.public_part(), signet::alg::ed25519, now), db);
}

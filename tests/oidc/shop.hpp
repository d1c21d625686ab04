// The provider's key and its client, for the tests of this folder.
#pragma once

#include <signet/crypto/signing_key.hpp>
#include <signet/jose/jwk_set.hpp>
#include <signet/oidc/login.hpp>

using namespace signet;
using namespace signet::oidc;
using namespace std::chrono_literals;

namespace {

constexpr unix_time now{1'800'000'000s};

oidc_client const client{
    .issuer = "https://id.example", .client_id = "shop", .redirect_uri = "https://shop.example/callback"};

[[maybe_unused]] local_key<es256> const& key() {
    static auto const made = *local_key<es256>::generate();
    return made;
}
[[maybe_unused]] jose::key_set<es256> keys() {
    jose::key_set<es256> set;
    (void)set.add("k1", key().verifier_key());
    return set;
}

} // namespace

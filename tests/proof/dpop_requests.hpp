// Requests with DPoP proofs, good ones and any others, for the tests of proof/dpop.
#pragma once

#include "support/message_key.hpp"

#include <signet/codec/base64url.hpp>
#include <signet/jose.hpp>
#include <signet/jwt.hpp>
#include <signet/proof.hpp>
#include <signet/store.hpp>

#include <doctest/doctest.h>

#include <string>
#include <vector>

namespace dpop_requests {

using namespace signet;
using namespace std::chrono_literals;

inline constexpr unix_time now{1'800'000'000s};
inline constexpr std::string_view url = "https://api.example.com/orders";

inline local_key<es256> const& client() {
    static auto const key = *local_key<es256>::generate();
    return key;
}
inline local_key<es256> const& stranger() {
    static auto const key = *local_key<es256>::generate();
    return key;
}
inline crypto::generator_tables const& tables() {
    static auto const made = crypto::generator_tables::make(4);
    return made;
}
inline std::string public_jwk(public_key const& key) { return *jose::to_json(jose::public_jwk{{}, key}); }
inline std::string public_jwk() { return public_jwk(client().key().public_part()); }

inline std::string in_quotes(std::string_view text) { return "\"" + std::string{text} + "\""; }

/// A proof member by member, each as JSON text; an empty one is left out. As it stands it is good.
struct parts {
    std::string typ = "\"dpop+jwt\"", alg = "\"ES256\"", jwk = public_jwk(), more_header{};
    std::string jti = "\"jti-1\"", htm = "\"GET\"", htu = in_quotes(url), iat = "1800000000", ath{}, nonce{}, more{};

    static std::string object(std::initializer_list<std::pair<std::string_view, std::string_view>> members,
                              std::string_view more) {
        std::string text;
        for (auto const& [name, value] : members)
            if (!value.empty()) text += (text.empty() ? "\"" : ",\"") + std::string{name} + "\":" + std::string{value};
        if (!more.empty()) text += "," + std::string{more};
        return "{" + text + "}";
    }
    std::string header() const { return object({{"typ", typ}, {"alg", alg}, {"jwk", jwk}}, more_header); }
    std::string payload() const {
        return object({{"jti", jti}, {"htm", htm}, {"htu", htu}, {"iat", iat}, {"ath", ath}, {"nonce", nonce}}, more);
    }
    std::string signed_by(private_key const& key, signet::alg a) const {
        return signed_text(header(), payload(), key, a);
    }
    std::string text() const { return signed_by(client().key(), signet::alg::es256); }

    static std::string signed_text(std::string_view header, std::string_view payload, private_key const& key,
                                   signet::alg a) {
        auto const input = codec::base64url_encode(as_bytes(header)) + "." + codec::base64url_encode(as_bytes(payload));
        return input + "." + codec::base64url_encode(*crypto::sign(key, a, as_bytes(input)));
    }
};

/// The request of those tests, with so many fields.
struct request {
    std::vector<std::string> proofs;
    std::string method = "GET", target{url};
    proof::bound_token const* token = nullptr;
    std::optional<crypto::sha256_digest> bound_to{};

    explicit request(std::string one) : proofs{std::move(one)} {}
    explicit request(std::vector<std::string> several) : proofs{std::move(several)} {}

    proof::dpop_check check(proof::dpop_policy const& policy, unix_time t = now) const {
        std::vector<std::string_view> const views(proofs.begin(), proofs.end());
        return proof::dpop_check{
            {.proofs = views, .method = method, .url = target, .token = token, .bound_to = bound_to}, policy, t};
    }
};

/// The decision of a check whose proof is new to the store, with tables and without. Of the keys, Botan must think
/// alike.
inline result<proof::verified_key> decision(request const& r, proof::dpop_policy policy = {}, unix_time t = now) {
    auto const once = [&](crypto::generator_tables const* with) {
        policy.tables = with;
        auto op = r.check(policy, t);
        if (op.next()) op.answer(store::reply::success());
        return op.get();
    };
    for (auto const& proof : r.proofs) CHECK(key_is_judged_alike(proof));
    auto const plain = once(nullptr), prepared = once(&tables());
    REQUIRE(plain.has_value() == prepared.has_value());
    if (plain) CHECK(plain->thumbprint() == prepared->thumbprint());
    else CHECK(plain.error() == prepared.error());
    return plain;
}
inline errc refusal(request const& r, proof::dpop_policy const& policy = {}, unix_time t = now) {
    auto const ruled = decision(r, policy, t);
    return ruled ? errc{} : ruled.error().code;
}
inline constexpr errc accepted{}; // no check of these tests is refused with the first errc

// ---- access tokens

inline jwt::verifier<es256> const& token_verifier() {
    static auto const issuer = [] {
        jose::key_set<es256> keys;
        REQUIRE(keys.add(stranger().verifier_key()));
        return jwt::verifier{std::move(keys), {.issuer = "id", .audience = "api", .type = "at+jwt"}};
    }();
    return issuer;
}
/// A token of the issuer with these further claims.
template <class Bind> std::string access_token(Bind bind) {
    jwt::claims claims;
    claims.issuer("id").audience("api").expires_at(now + 300s);
    bind(claims);
    return *jwt::signer<es256>::make(stranger(), {.type = "at+jwt"})->sign(claims);
}
inline std::string token_of(public_key const& key) {
    return access_token([&](jwt::claims& c) { c.confirm_jwk_thumbprint(jose::thumbprint_digest(key)); });
}
inline proof::bound_token shown_as_dpop(std::string const& field) {
    auto const shown = proof::read_authorization(field);
    REQUIRE(shown);
    auto const token = token_verifier().verify(shown->token, now);
    REQUIRE(token);
    return *proof::bound_token::from(*shown, *token);
}
inline std::string hash_of(std::string_view token) {
    return in_quotes(codec::base64url_encode(crypto::sha256(as_bytes(token))));
}

} // namespace dpop_requests

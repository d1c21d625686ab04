// The ten tasks of docs/guide/from-jwt-cpp.md, which shows jwt-cpp's way beside each.
#include <signet/jose/peek.hpp>
#include <signet/jwt.hpp>

#include <cstdio>
#include <string>
#include <string_view>

using namespace signet;
using namespace std::chrono_literals;

// [sign-hs256]
result<std::string> sign_hs256(secret shared, unix_time now) {
    auto key = mac_key::from_secret(std::move(shared), alg::hs256); // weak_key under 32 octets
    if (!key) return key.error();
    auto signer = jwt::signer<hs256>::make(*std::move(key)); // keep it: any number of threads sign with it
    if (!signer) return signer.error();
    jwt::claims claims;
    claims.issuer("https://id.example").subject("anna").audience("orders").issued_at(now).expires_at(now + 1h);
    return signer->sign(claims);
}
// [/sign-hs256]

// [verify-hs256]
result<std::string> user_of(std::string_view token, secret shared, unix_time now) {
    auto key = verification_key<hs256>::from_secret(std::move(shared));
    if (!key) return key.error();
    jose::key_set<hs256> keys;
    if (auto added = keys.add(*key); !added) return added.error();
    jwt::verifier const verifier{std::move(keys), // keep it: any number of threads verify with it
                                 {.issuer = "https://id.example", .audience = "orders", .type = "JWT"}};
    auto verified = verifier.verify(token, now);
    if (!verified) return verified.error();
    return std::string{verified->subject()};
}
// [/verify-hs256]

// [sign-pem]
result<jwt::signer<rs256>> rs256_signer(std::string_view private_pem) { // "PRIVATE KEY", PKCS#8; es256 is the same
    auto key = private_key::from_pem(private_pem);
    if (!key) return key.error();
    return jwt::signer<rs256>::make(*std::move(key), {.key_id = "2026-11"});
}
// [/sign-pem]

// [verify-pem]
result<jwt::verifier<rs256>> rs256_verifier(std::string_view public_pem) { // "PUBLIC KEY"
    auto key = verification_key<rs256>::from_pem(public_pem);
    if (!key) return key.error();
    jose::key_set<rs256> keys;
    if (auto added = keys.add("2026-11", *key); !added) return added.error();
    return jwt::verifier<rs256>{std::move(keys), {.issuer = "https://id.example", .audience = "orders", .type = "JWT"}};
}
// [/verify-pem]

// [read]
void show(jwt::token const& token) {                      // views: they live as long as `token`
    std::string_view const subject = token.subject();     // empty where absent
    bool const for_orders = token.has_audience("orders"); // one text or an array
    if (auto until = token.expires_at())
        std::printf("until %lld\n", static_cast<long long>(until->seconds.time_since_epoch().count()));
    for (auto const claim : token.root())
        std::printf("%.*s\n", static_cast<int>(claim.name().size()), claim.name().data());
    std::printf("%.*s%s\n", static_cast<int>(subject.size()), subject.data(), for_orders ? ", for orders" : "");
}
// [/read]

// [jwks]
result<jwt::verifier<rs256, es256>> verifier_of(std::string_view jwks) {
    auto keys =
        jose::parse_key_set<rs256, es256>(jwks); // each key's kty, crv, alg, use, key_ops and strength are judged here
    if (!keys) return keys.error();
    return jwt::verifier<rs256, es256>{*std::move(keys),
                                       {.issuer = "https://id.example", .audience = "orders", .type = "JWT"}};
} // verify(token, now) finds the key by the header's kid
// [/jwks]

// [times]
jwt::policy patient() {
    return {.issuer = "https://id.example",
            .audience = "orders",
            .type = "JWT",
            .leeway = 30s, // for exp, nbf and iat
            .max_age =
                12h}; // and no older than that, by iat; .expiry = jwt::anything would let tokens without exp pass
}
// [/times]

// [custom]
jwt::claims with_plan(unix_time now) {
    jwt::claims claims;
    claims.issuer("https://id.example").audience("orders").expires_at(now + 5min);
    claims.set("plan", "gold").set("seats", 12).set("regions", {"eu", "us"}).set_json("limits", R"({"day":1000})");
    return claims;
}

result<std::int64_t> seats_of(jwt::token const& token) {
    auto plan = token.claim<std::string_view>("plan"); // claim_missing, claim_wrong_type
    if (!plan) return plan.error();
    return token.claim<std::int64_t>("seats"); // out_of_range besides
}

jwt::policy gold_only() {
    return {.issuer = "https://id.example",
            .audience = "orders",
            .type = "JWT",
            .required = {"plan"},
            .check = [](jwt::claims_view const& claims) noexcept {
                return claims.claim<std::string_view>("plan").value_or("") == "gold";
            }};
}
// [/custom]

// [peek]
std::string issuer_before_verifying(std::string_view token) {
    auto seen = jose::peek(token);
    if (!seen) return std::string{message(seen.error().code)};
    return std::string{seen->unverified_value().issuer()}; // the name is there to be seen in a review
}
// [/peek]

// [rotation]
using api_tokens =
    jwt::verifier<es256, rs256>; // every algorithm it can ever accept; a MAC beside them does not compile

result<void> rotate(api_tokens& verifier, std::string_view jwks) { // while other threads verify
    auto keys = jose::parse_key_set<es256, rs256>(jwks);
    if (!keys) return keys.error();  // the former set stays
    verifier.swap(*std::move(keys)); // from here on no verification that begins takes a removed key
    return {};
}
// [/rotation]

// [errors]
std::string answer(api_tokens const& verifier, std::string_view bearer, unix_time now) {
    auto token = verifier.verify(bearer, now); // never throws, whatever the token
    if (token) return "200";
    error const why = token.error();
    if (why == errc::expired) return "401, refresh and try again";
    return std::to_string(http_status(why.code)) + ' ' + std::string{oauth_error(why.code)} + ' ' +
           std::string{message(why.code)};
}
// [/errors]

int main() {
    unix_time const now{1'763'700'000s};
    std::string_view const word = "0123456789abcdef0123456789abcdef";
    auto const shared = [&] { return secret::copy_of(as_bytes(word)); };

    auto const text = sign_hs256(shared(), now);
    if (!text || user_of(*text, shared(), now).value_or("") != "anna") return 1;
    if (user_of(*text, shared(), now + 2h) || sign_hs256(secret{}, now)) return 2;
    if (issuer_before_verifying(*text) != "https://id.example") return 3;

    auto const rsa = private_key::generate(alg::rs256);
    auto const ec = private_key::generate(alg::es256);
    if (!rsa || !ec) return 4;
    auto const pem = rsa->to_pem();
    auto const signer = rs256_signer({reinterpret_cast<char const*>(pem.reveal().data()), pem.size()});
    auto const verifier = rs256_verifier(rsa->public_part().to_pem());
    if (!signer || !verifier) return 5;
    auto const signed_text = signer->sign(with_plan(now));
    auto const token = verifier->verify(*signed_text, now);
    if (!token || seats_of(*token).value_or(0) != 12) return 6;
    show(*token);

    auto const jwk = jose::to_json(jose::public_jwk{{.kid = "2026-11", .alg = "RS256"}, rsa->public_part()});
    auto const next = jose::to_json(jose::public_jwk{{.kid = "2026-12", .alg = "ES256"}, ec->public_part()});
    if (!jwk || !next) return 7;
    auto const by_kid = verifier_of("{\"keys\":[" + *jwk + ',' + *next + "]}");
    if (!by_kid || !by_kid->verify(*signed_text, now)) return 8;

    auto keys = jose::parse_key_set<es256, rs256>(*jwk);
    if (!keys) return 9;
    api_tokens rotated{*keys, gold_only()};
    if (answer(rotated, *signed_text, now) != "200" ||
        answer(rotated, *signed_text, now + 1h) != "401, refresh and try again")
        return 10;
    if (!rotate(rotated, *next) || !answer(rotated, *signed_text, now).starts_with("401 invalid_token")) return 11;
    api_tokens const with_leeway{*std::move(keys), patient()};
    auto const why = with_leeway.verify(*signed_text, now + 5min + 29s);
    if (why || why.error() != errc::claim_missing) return 12; // in time, but there is no iat to tell its age by
    std::puts(answer(rotated, *signed_text, now).c_str());
    return 0;
}

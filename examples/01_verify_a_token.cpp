// Verify a token: the whole of what a service does with an Authorization header.
// [verify]
#include <signet/jwt.hpp>

using namespace signet;
using namespace std::chrono_literals;

using access_tokens = jwt::verifier<es256, ed25519>; // the whole list of signatures it can ever accept

result<access_tokens> make_verifier(std::string_view jwks) {
    auto keys = jose::parse_key_set<es256, ed25519>(jwks);
    if (!keys) return keys.error();
    return access_tokens{*std::move(keys),
                         {.issuer = "https://id.example.com",
                          .audience = "https://orders.example.com",
                          .type = "at+jwt",
                          .leeway = 30s}};
}

std::string handle(access_tokens const& access, std::string_view bearer, unix_time now) {
    auto token = access.verify(bearer, now); // form, signature, then claims: nothing comes out unless all hold
    if (!token) return std::to_string(http_status(token.error().code)) + " " + std::string{message(token.error().code)};
    return "orders of " + std::string{token->subject()};
}
// [/verify]

#include <cstdio>

// A key set and a token as an identity provider would give them out.
int main() {
    auto const key = *local_key<es256>::generate();
    auto const signer = *jwt::signer<es256>::make(key, {.type = "at+jwt", .key_id = "2026-11"});
    auto const jwks = *jose::to_json(jose::public_jwk{{.kid = "2026-11", .alg = "ES256"}, key.key().public_part()});

    unix_time const now{1'763'700'000s};
    jwt::claims claims;
    claims.issuer("https://id.example.com").audience("https://orders.example.com").subject("ann");
    claims.issued_at(now).expires_at(now + 300s);
    auto const token = *signer.sign(claims);

    auto const access = make_verifier(jwks);
    if (!access) return 1;
    std::puts(handle(*access, token, now + 10s).c_str());
    std::puts(handle(*access, token, now + 400s).c_str());
    std::puts(handle(*access, token.substr(0, token.size() - 2), now).c_str());
    return handle(*access, token, now + 10s) == "orders of ann" && handle(*access, token, now + 400s).starts_with("401")
               ? 0
               : 1;
}

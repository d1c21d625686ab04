// Issue a token: a key of this process, a key that lives elsewhere, and a signer that answers later.
#include <signet/jwt.hpp>

#include <array>
#include <cstdio>
#include <string>

using namespace signet;
using namespace std::chrono_literals;

// [claims]
jwt::claims access_claims(std::string_view user, unix_time now) {
    jwt::claims claims;
    claims.issuer("https://id.example.com").audience("https://orders.example.com").subject(user);
    claims.issued_at(now).expires_at(now + 300s).scope("orders.read orders.write").roles({"customer"});
    claims.set("app_name", "Acme").set_json("address", R"({"country":"NO","lines":["1 Fjord Street"]})");
    return claims;
}
// [/claims]

int main() {
    unix_time const now{1'763'700'000s};
    auto const claims = access_claims("ann", now);

    // [sign]
    auto const key = local_key<es256>::generate();
    if (!key) return 1;
    auto const signer = jwt::signer<es256>::make(*key, {.type = "at+jwt", .key_id = "2026-11"});
    if (!signer) return 1;
    auto const token = signer->sign(claims); // one string that owns its text

    std::array<char, 1024> buffer; // or into memory of yours, without any allocation
    auto const again = signer->sign(claims, buffer);
    // [/sign]
    if (!token || !again) return 1;
    std::printf("signed here:      %.60s...\n", token->c_str());

    // [external]
    // A key in a PKCS#11 token, a TPM or a key service: a callable that signs. What it returns is checked.
    external_key<es256> const remote{key->verifier_key(), [&](bytes_view message, std::span<std::uint8_t> out) {
                                         return key->sign(message, out); // your call to the device
                                     }};
    auto const remote_signer = jwt::signer<es256>::make(remote, {.type = "at+jwt"});
    // [/external]
    if (!remote_signer || !remote_signer->sign(claims)) return 1;
    std::puts("signed elsewhere: the same call");

    // [split]
    // A signer that answers later: the signing input out, the signature in.
    auto const detached = jwt::detached_signer<es256>::make({.type = "at+jwt"});
    auto input = detached->signing_input(claims);
    auto const signature = crypto::sign(key->key(), alg::es256, as_bytes(*input)); // by whoever, whenever
    auto const late = detached->complete(*std::move(input), *signature);
    // [/split]
    if (!late) return 1;
    std::puts("signed later:     input out, signature in");

    jose::key_set<es256> keys;
    if (!keys.add("2026-11", key->verifier_key())) return 1;
    jwt::verifier const access{
        std::move(keys),
        {.issuer = "https://id.example.com", .audience = "https://orders.example.com", .type = "at+jwt"}};
    for (auto const& one : {*token, std::string{*again}, *late})
        if (auto const seen = access.verify(one, now);
            !seen || !seen->has_scope("orders.read") || !seen->has_role("customer"))
            return 1;
    std::puts("all three verify");
}

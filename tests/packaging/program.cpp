// SPDX-License-Identifier: BSL-1.0
// A user's first program: it issues a token, verifies it, and sees two refusals. Prints the version and exits with 0 if
// all held.
#include <signet/jwt.hpp>

#include <cstdio>

using namespace signet;
using namespace std::chrono_literals;

int main() {
    auto const key = local_key<es256>::generate();
    unix_time const now{1'763'700'000s};
    if (!key) return 1;

    auto const signer = jwt::signer<es256>::make(*key, {.type = "at+jwt", .key_id = "2026-11"});
    jwt::claims claims;
    claims.issuer("https://id.example.com")
        .audience("https://orders.example.com")
        .subject("ann")
        .issued_at(now)
        .expires_at(now + 300s);
    auto const token = signer ? signer->sign(claims) : result<std::string>{signer.error()};

    auto const jwks = jose::to_json(jose::public_jwk{{.kid = "2026-11", .alg = "ES256"}, key->key().public_part()});
    if (!token || !jwks) return 2;
    auto keys = jose::parse_key_set<es256>(*jwks);
    if (!keys) return 3;
    jwt::verifier<es256> const access{
        *std::move(keys),
        {.issuer = "https://id.example.com", .audience = "https://orders.example.com", .type = "at+jwt"}};

    if (auto good = access.verify(*token, now); !good || good->subject() != "ann") return 4;
    if (auto late = access.verify(*token, now + 400s); late || late.error() != errc::expired) return 5;
    auto altered = *token;
    altered[altered.size() - 40] = altered[altered.size() - 40] == 'A' ? 'B' : 'A';
    if (auto bad = access.verify(altered, now); bad || bad.error() != errc::bad_signature) return 6;
    if (message(errc::expired) != "the token has expired") return 7;

    std::printf("signet %d.%d.%d\n", SIGNET_VERSION_MAJOR, SIGNET_VERSION_MINOR, SIGNET_VERSION_PATCH);
}

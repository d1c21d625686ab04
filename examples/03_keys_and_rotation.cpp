// Keys and rotation: an issuer changes its key, verifiers follow its JWK set, and forged key ids cause no flood of
// fetches.
#include <signet/jose.hpp>
#include <signet/jwt.hpp>

#include <cstdio>
#include <optional>
#include <string>

using namespace signet;
using namespace std::chrono_literals;

namespace {

/// An identity provider with one key at a time, which may have no key id.
struct issuer {
    std::string kid;
    local_key<es256> key = *local_key<es256>::generate();

    std::string jwks() const {
        auto const id = kid.empty() ? std::nullopt : std::optional{kid};
        return "{\"keys\":[" + *jose::to_json(jose::public_jwk{{.kid = id, .alg = "ES256"}, key.key().public_part()}) +
               "]}";
    }
    std::string token(unix_time now) const {
        jwt::claims claims;
        claims.issuer("https://id.example.com").audience("orders").subject("ann").issued_at(now).expires_at(now + 300s);
        return *jwt::signer<es256>::make(key, {.type = "at+jwt", .key_id = kid})->sign(claims);
    }
};

// [rotation]
/// A service that verifies. When to fetch is the verifier's business, how is the application's.
struct service {
    explicit service(issuer const*& idp, unix_time const& clock)
        : access{jwt::key_source{.fetch =
                                     [this, &idp, &clock](jwt::key_fetch keys) {
                                         ++fetches;
                                         auto const body = idp->jwks(); // your HTTP client's answer to the jwks_uri
                                         (void)keys.finish(
                                             {.status = 200, .body = body, .cache_control = "max-age=600"}, clock);
                                     }},
                 {.issuer = "https://id.example.com", .audience = "orders", .type = "at+jwt"}} {}

    result<jwt::token> verify(std::string_view bearer, unix_time now) { return access.verify(bearer, now); }

    jwt::verifier<es256> access; // from a timer: access.refresh(now), so that no request meets a usual fetch
    int fetches = 0;
};
// [/rotation]

// [prepare]
/// For more keys than fit in the policy's `max_table_bytes`: from time to time, on a thread that serves no request.
void look_after_tables(jwt::verifier<es256>& access) {
    access.prepare({.max_bytes = 4u << 20, .at_least = jwt::worth_preparing}); // the most used, as far as 4 MiB go

    // The same in steps: told as data, made wherever you like, put into use while other threads verify.
    for (auto const& wanted : access.keys_to_prepare({.at_least = jwt::worth_preparing})) {
        auto const tables = crypto::prepared_key::make(*access.generators(), wanted.key, crypto::compact_table);
        if (tables && !access.install(*tables)) std::puts("the key has gone meanwhile, or is used less than others");
    }
}
// [/prepare]

} // namespace

int main() {
    unix_time now{1'763'700'000s};
    issuer const old_key{"2026-10"}, new_key{"2026-11"};
    issuer const* idp = &old_key;
    service orders{idp, now};

    auto const said = [](char const* what, result<jwt::token> const& r) {
        std::printf("%-48s %s\n", what, r ? "accepted" : std::string{name(r.error().code)}.c_str());
        return r.has_value();
    };
    bool good = said("first token: the set is fetched", orders.verify(old_key.token(now), now));
    good = said("second token: no fetch", orders.verify(old_key.token(now), now)) && good;

    look_after_tables(orders.access);
    good = said("third token: the key has tables", orders.verify(old_key.token(now), now)) && good;

    now += 60s;
    idp = &new_key;
    good = said("the issuer rotates: unknown kid, one fetch", orders.verify(new_key.token(now), now)) && good;
    good = !said("the old key is gone", orders.verify(old_key.token(now), now)) && good;
    for (int i = 0; i != 1000; ++i) (void)orders.verify(issuer{"forged", old_key.key}.token(now), now);
    std::printf("%-48s %d fetches in all\n", "a thousand forged key ids later", orders.fetches);
    good = good && orders.fetches == 6; // the first, and a burst of five for unknown ids

    // An issuer without key ids: only a signature that does not hold says that its key is another one.
    issuer const before{""}, after{""};
    idp = &before;
    service shop{idp, now};
    good = said("without key ids: the set is fetched", shop.verify(before.token(now), now)) && good;
    now += 60s;
    idp = &after;
    good = said("its key changes: one fetch", shop.verify(after.token(now), now)) && good;
    for (int i = 0; i != 1000; ++i) (void)shop.verify(before.token(now), now);
    std::printf("%-48s %d fetches in all\n", "a thousand bad signatures later", shop.fetches);
    return good && shop.fetches == 6 ? 0 : 1;
}

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
/// A service that verifies. The decision when to fetch is signet's, the fetching is the application's.
struct service {
    jwt::verifier<es256> access{{}, {.issuer = "https://id.example.com", .audience = "orders", .type = "at+jwt"}};
    jwt::key_source_policy policy;
    jwt::key_source_state state; // under the application's lock where several threads verify
    int fetches = 0;

    result<jwt::token> verify(std::string_view bearer, issuer const& idp, unix_time now) {
        auto const peeked = jose::peek(bearer);
        if (!peeked) return peeked.error();
        auto const kid = peeked->unverified_value().kid(); // good enough to look a key up with
        auto const status = jwt::find_kid(*access.keys(), kid);
        if (auto const ready = look_after_keys(idp, status, now); !ready) return ready.error();

        auto token = access.verify(bearer, now);
        if (token || status != jwt::kid_status::unnamed || !jwt::may_be_new_key(token.error())) return token;
        // Without a kid only the signature says that the issuer may have a new key.
        if (auto const ready = look_after_keys(idp, jwt::kid_status::unknown, now); !ready)
            return ready.error() == errc::unknown_key ? token.error() : ready.error();
        return access.verify(bearer, now);
    }

    /// Fetches the keys if it is time to. Fails with what to answer if there is no key for the token.
    result<void> look_after_keys(issuer const& idp, jwt::kid_status kid, unix_time now) {
        using action = jwt::key_source_decision::action;
        auto const decision = jwt::decide_keys(state, policy, {.kid = kid, .asked = now}, now);
        // A server would suspend the request here, until the fetch is over or decision.until, and decide again.
        if (decision.what == action::wait || decision.what == action::refuse) return decision.reason;
        if (decision.what == action::fetch || decision.fetch_in_background) fetch(idp, now);
        return {};
    }

    void fetch(issuer const& idp, unix_time now) {
        ++fetches;
        state = jwt::fetch_began(state, now);
        auto keys = jose::parse_key_set<es256>(idp.jwks()); // your HTTP client's answer
        if (!keys) return void(state = jwt::fetch_failed(state, now));
        state = jwt::fetch_succeeded(state, policy, 600s, false, now);
        access.swap(*std::move(keys)); // other threads go on verifying meanwhile
    }
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
    issuer old_key{"2026-10"}, new_key{"2026-11"};
    service orders;

    auto const said = [](char const* what, result<jwt::token> const& r) {
        std::printf("%-48s %s\n", what, r ? "accepted" : std::string{name(r.error().code)}.c_str());
        return r.has_value();
    };
    bool good = said("first token: the set is fetched", orders.verify(old_key.token(now), old_key, now));
    good = said("second token: no fetch", orders.verify(old_key.token(now), old_key, now)) && good;

    look_after_tables(orders.access);
    good = said("third token: the key has tables", orders.verify(old_key.token(now), old_key, now)) && good;

    now += 60s;
    good = said("the issuer rotates: unknown kid, one fetch", orders.verify(new_key.token(now), new_key, now)) && good;
    good = !said("the old key is gone", orders.verify(old_key.token(now), new_key, now)) && good;
    for (int i = 0; i != 1000; ++i) (void)orders.verify(issuer{"forged", old_key.key}.token(now), new_key, now);
    std::printf("%-48s %d fetches in all\n", "a thousand forged key ids later", orders.fetches);
    good = good && orders.fetches == 2;

    // An issuer without key ids: only a signature that does not hold says that its key is another one.
    issuer before{""}, after{""};
    service shop;
    good = said("without key ids: the set is fetched", shop.verify(before.token(now), before, now)) && good;
    now += 60s;
    good = said("its key changes: one fetch", shop.verify(after.token(now), after, now)) && good;
    for (int i = 0; i != 1000; ++i) (void)shop.verify(before.token(now), after, now);
    std::printf("%-48s %d fetches in all\n", "a thousand bad signatures later", shop.fetches);
    return good && shop.fetches == 2 ? 0 : 1;
}

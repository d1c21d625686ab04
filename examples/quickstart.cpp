// What ./dev quickstart runs: the access token of a real product's documents, issued and verified with two kinds of
// keys, and every refusal a reader expects, with its errc and text.
#include <signet/codec/base64url.hpp>
#include <signet/jwt.hpp>

#include <chrono>
#include <cstdio>
#include <string>

using namespace signet;
using namespace std::chrono_literals;

namespace {

constexpr std::string_view documented_claims = R"({
  "tid": "", "app_name": "Acme", "app_id": "8flFllgrd1Wqiru4IGai0", "roles": ["smP3MD65l7hKXG6qJ-S5d"],
  "jti": "IJMTqbmijVG7_LsJz-y5U", "sub": "bb8dc75.8AEM5PpWyJBH6opzIOrJ2.transmit", "iat": 1658056533, "exp": 1658060133,
  "scope": "offline_access", "client_id": "bb8dc75.8AEM5PpWyJBH6opzIOrJ2.transmit", "iss": "https://userid.security",
  "aud": "userid-api"})";
constexpr unix_time issued{1'658'056'533s};

bool all_as_expected = true;

template <class Result> void show(char const* what, Result const& r, errc expected = {}) {
    auto const as_expected = r ? expected == errc{} : r.error() == expected;
    all_as_expected = all_as_expected && as_expected;
    if (r) std::printf("  %-34s accepted%s\n", what, as_expected ? "" : "   <- NOT EXPECTED");
    else
        std::printf("  %-34s %-20s %s%s\n", what, std::string{name(r.error().code)}.c_str(),
                    std::string{message(r.error().code)}.c_str(), as_expected ? "" : "   <- NOT EXPECTED");
}

/// `token` with its header replaced, payload and signature as they were.
std::string with_header(std::string const& token, std::string_view header) {
    return codec::base64url_encode(as_bytes(header)) + token.substr(token.find('.'));
}

template <class A> void run() {
    std::printf("\n%s\n", std::string{traits(A::id).name}.c_str());
    auto const key = *local_key<A>::generate();
    auto const signer = *jwt::signer<A>::make(key, {.type = "at+jwt", .key_id = "k1"});
    auto const token = *signer.sign(*jwt::claims::parse(documented_claims));

    jose::key_set<es256, ed25519> keys;
    (void)keys.add("k1", key.verifier_key());
    jwt::policy const rules{.issuer = "https://userid.security", .audience = "userid-api", .type = "at+jwt"};
    jwt::verifier const access{keys, rules};
    auto const now = issued + 60s;

    auto const seen = access.verify(token, now);
    show("the token as issued", seen);
    if (seen)
        std::printf("    sub %s, app %s, role %s\n", std::string{seen->subject()}.c_str(),
                    std::string{*seen->template claim<std::string_view>("app_name")}.c_str(),
                    seen->has_role("smP3MD65l7hKXG6qJ-S5d") ? "held" : "missing");

    show("an hour later", access.verify(token, issued + 3600s), errc::expired);
    auto other = rules;
    other.audience = "another-api";
    show("at another service", jwt::verifier{keys, other}.verify(token, now), errc::wrong_audience);
    auto tampered = token;
    tampered[tampered.find('.') + 20] ^= 1;
    show("one character changed", access.verify(tampered, now), errc::bad_signature);
    auto const other_alg = A::id == alg::es256 ? R"({"alg":"EdDSA","typ":"at+jwt","kid":"k1"})"
                                               : R"({"alg":"ES256","typ":"at+jwt","kid":"k1"})";
    show("alg swapped", access.verify(with_header(token, other_alg), now), errc::algorithm_mismatch);
    auto const none = with_header(token, R"({"alg":"none","typ":"at+jwt"})");
    show("alg none, no signature", access.verify(none.substr(0, none.rfind('.') + 1), now), errc::unsigned_token);

    // The classic: the public key, known to all, used as an HMAC secret. Here the attacker has to go around the
    // library: signet's own types would not let a public key become a secret.
    auto const pem = key.key().public_part().to_pem();
    auto const forger = *mac_key::from_secret(secret::copy_of(as_bytes(pem)), alg::hs256);
    auto const forged = *jwt::signer<hs256>::make(forger, {.type = "at+jwt", .key_id = "k1"})
                             ->sign(*jwt::claims::parse(documented_claims));
    show("HMAC with the public key", access.verify(forged, now), errc::algorithm_not_allowed);

    jwt::scratch<> scratch;
    int const rounds = 2000;
    auto const start = std::chrono::steady_clock::now();
    for (int i = 0; i != rounds; ++i)
        if (!access.verify(token, scratch, now)) all_as_expected = false;
    auto const took =
        std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - start).count() / rounds;
    std::printf("  one verification took %.1f microseconds\n", took);
}

} // namespace

int main() {
    run<es256>();
    run<ed25519>();
    std::puts(all_as_expected ? "\neverything as expected" : "\nSOMETHING WAS NOT AS EXPECTED");
    return all_as_expected ? 0 : 1;
}

// SPDX-License-Identifier: BSL-1.0
// A fixed set of jobs for the instruction-count guard: each runs `times` times inside a function that callgrind
// watches.
#include <signet/codec/base64url.hpp>
#include <signet/crypto/signing_key.hpp>
#include <signet/jwt.hpp>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>

using namespace signet;
using namespace std::chrono_literals;

namespace {

constexpr unix_time now{1'700'000'000s};

// The same keys and so the same octets in each run.
constexpr std::uint8_t seed[32] = {1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15, 16,
                                   17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32};

jwt::policy get_policy() {
    return {
        .issuer = "https://id.example.com", .audience = "https://orders.example.com", .type = "at+jwt", .leeway = 30s};
}

jwt::claims claims() {
    jwt::claims c;
    c.issuer("https://id.example.com")
        .subject("f3a7b0e2-9d1c-4c58-8f0e-2b7b7a1f6c11")
        .audience("https://orders.example.com");
    c.expires_at(now + 1h).issued_at(now).id("5b2f6c1e-7a54-4a8f-9a67-0f8f4b6f2d31").scope("orders:read orders:write");
    c.set("client_id", "orders-frontend").set("padding", std::string(60, 'p'));
    return c;
}

void must(bool good) {
    if (!good) std::abort();
}

local_key<hs256> mac() { return *local_key<hs256>::from_key(*mac_key::from_secret(secret::copy_of(seed), alg::hs256)); }
local_key<ed25519> pair() { return *local_key<ed25519>::from_key(*private_key::from_ed25519(seed)); }

template <algorithm A> jose::key_set<A> keys_of(local_key<A> const& key) {
    jose::key_set<A> set;
    must(set.add("key-1", key.verifier_key()).has_value());
    return set;
}

} // namespace

// callgrind collects inside these only (--toggle-collect). One warm-up before fills per-thread states and memos.
extern "C" [[gnu::noinline]] void guarded_verify(jwt::verifier<hs256> const& v, std::string const& token,
                                                 jwt::scratch_base& buffer, int times) {
    for (; times != 0; --times) must(v.verify(token, buffer, now).has_value());
}
extern "C" [[gnu::noinline]] void guarded_verify_ed25519(jwt::verifier<ed25519> const& v, std::string const& token,
                                                         jwt::scratch_base& buffer, int times) {
    for (; times != 0; --times) must(v.verify(token, buffer, now).has_value());
}
extern "C" [[gnu::noinline]] void guarded_refuse(jwt::verifier<hs256> const& v, std::string const& token,
                                                 jwt::scratch_base& buffer, int times) {
    for (; times != 0; --times) must(!v.verify(token, buffer, now).has_value());
}
extern "C" [[gnu::noinline]] void guarded_sign(jwt::signer<hs256> const& s, jwt::claims const& c, std::span<char> out,
                                               int times) {
    for (; times != 0; --times) must(s.sign(c, out).has_value());
}

int main(int argc, char** argv) {
    std::string const what = argc > 1 ? argv[1] : "";
    int const times = argc > 2 ? std::atoi(argv[2]) : 10;

    auto const key = mac();
    auto const signer = *jwt::signer<hs256>::make(key, {.type = "at+jwt", .key_id = "key-1"});
    auto const payload = claims();
    auto const token = *signer.sign(payload);
    jwt::verifier<hs256> const verifier{keys_of(key), get_policy()};
    jwt::scratch<> buffer;
    static char out[2048];
    must(verifier.verify(token, buffer, now).has_value());

    if (what == "verify") {
        guarded_verify(verifier, token, buffer, times);
    } else if (what == "refuse") {
        auto tampered = token;
        tampered[tampered.size() - 2] = tampered[tampered.size() - 2] == 'A' ? 'B' : 'A';
        guarded_refuse(verifier, tampered, buffer, times);
    } else if (what == "sign") {
        guarded_sign(signer, payload, out, times);
    } else if (what == "verify_ed25519" || what == "verify_ed25519_prepared") {
        auto const own = pair();
        auto const issue = *jwt::signer<ed25519>::make(own, {.type = "at+jwt", .key_id = "key-1"});
        auto const text = *issue.sign(payload);
        auto how = get_policy();
        if (what == "verify_ed25519") how.max_table_bytes = 0;
        jwt::verifier<ed25519> const v{keys_of(own), how};
        must(v.verify(text, buffer, now).has_value());
        guarded_verify_ed25519(v, text, buffer, times);
    } else {
        std::fprintf(stderr, "usage: guard verify|verify_ed25519|verify_ed25519_prepared|refuse|sign [TIMES]\n");
        return 2;
    }
}

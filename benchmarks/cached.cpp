// SPDX-License-Identifier: BSL-1.0
// The cache of verified tokens: a hit against one SHA-256 of the token, and mixes of hits and misses.
#include "harness.hpp"
#include "tokens.hpp"

#include <botan/hash.h>

#include <array>
#include <vector>

using namespace tokens;

namespace {

constexpr std::size_t live = 10'000; // entries in the cache while a hit is measured (DECISIONS 22)

/// Tokens of one issuer, each with an id of its own.
std::vector<std::string> many(jwt::signer<hs256> const& signer, std::size_t count, std::string_view kind) {
    std::vector<std::string> list;
    for (std::size_t i = 0; i != count; ++i) {
        auto c = claims(339 - 20);
        c.set("n", std::string{kind} + std::to_string(i));
        list.push_back(*signer.sign(c));
    }
    return list;
}

} // namespace

int main(int argc, char** argv) {
    bench::suite suite{argc, argv, "cached"};

    issued<hs256> const mac;
    issued<es256> const pair;
    jwt::caching_verifier<jwt::verifier<hs256>> const access{jwt::verifier{mac.keys(), get_policy()},
                                                             {.entries = 32'768}};
    jwt::caching_verifier<jwt::verifier<es256>> const access_es256{jwt::verifier{pair.keys(), get_policy()},
                                                                   {.entries = 1024}};
    jwt::verifier<hs256> const plain{mac.keys(), get_policy()};
    jwt::scratch<> buffer;
    auto const tokens = many(mac.signer, suite.quick() ? 100 : live, "t");
    for (auto const& t : tokens) require(access.verify(t, buffer, now).has_value(), "a good token is refused");
    require(access_es256.verify(pair.token, buffer, now).has_value(), "a good token is refused");
    require(!access.verify(mac.tampered, buffer, now).has_value(), "a tampered token is accepted");

    auto hash = Botan::HashFunction::create_or_throw("SHA-256");
    auto sha256 = [&](std::string const& text) {
        std::array<std::uint8_t, 32> digest;
        hash->update(reinterpret_cast<std::uint8_t const*>(text.data()), text.size());
        hash->final(digest.data());
        return digest[0] == digest[0];
    };

    auto& hit = suite.table("cached verify, a hit");
    hit.add("one SHA-256 of the token", [&] { return sha256(tokens[0]); });
    hit.add("signet, the same token", [&] { return access.verify(tokens[0], buffer, now).has_value(); },
            {.at_most = 1.6});
    // Each of 10,000 in turn, far apart in memory, hashed or looked up: the tokens themselves are as cold for one as
    // for the other.
    hit.add("one SHA-256 of each of 10,000 tokens",
            [&, i = std::size_t{0}]() mutable { return sha256(tokens[i = (i + 7919) % tokens.size()]); });
    hit.add("signet, each of 10,000 tokens",
            [&, i = std::size_t{0}]() mutable {
                return access.verify(tokens[i = (i + 7919) % tokens.size()], buffer, now).has_value();
            },
            {.at_most = 1.6, .against = "one SHA-256 of each of 10,000 tokens"});
    hit.add("signet, owning", [&] { return access.verify(tokens[0], now).has_value(); });
    hit.add("HS256 verify without a cache", [&] { return plain.verify(tokens[0], buffer, now).has_value(); });
    hit.add("ES256, a hit", [&] { return access_es256.verify(pair.token, buffer, now).has_value(); });

    // Mixes: so many of a hundred tokens were seen before. The others are fresh each time: far more than the cache
    // holds.
    auto& mix = suite.table("cached verify of ES256 by hit ratio", "hits of 100");
    jwt::caching_verifier<jwt::verifier<es256>> const small{jwt::verifier{pair.keys(), get_policy()}, {.entries = 8}};
    jwt::verifier<es256> const without{pair.keys(), get_policy()};
    std::vector<std::string> fresh;
    for (std::size_t i = 0; i != (suite.quick() ? 20u : 256u); ++i) {
        auto c = claims(339 - 20);
        c.set("n", std::to_string(i));
        fresh.push_back(*pair.signer.sign(c));
    }
    mix.add("no cache", [&] { return without.verify(pair.token, buffer, now).has_value(); },
            {.x = 0, .series = "no cache"});
    for (int hits : {0, 50, 90, 99})
        mix.add(std::to_string(hits) + " % hits",
                [&, hits, n = std::size_t{0}, f = std::size_t{0}]() mutable {
                    n = (n + 37) % 100; // spread evenly
                    auto const& cache = n < static_cast<std::size_t>(hits) ? access_es256 : small;
                    auto const& token =
                        n < static_cast<std::size_t>(hits) ? pair.token : fresh[f = (f + 1) % fresh.size()];
                    return cache.verify(token, buffer, now).has_value();
                },
                {.x = static_cast<double>(hits), .series = "signet"});
    return suite.finish();
}

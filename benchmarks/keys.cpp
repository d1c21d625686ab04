// SPDX-License-Identifier: BSL-1.0
// One key to 10,000 in a set. Keys have tables while these fit the default budget; beyond it, none has until usage
// decides. On either side of that edge a hot key must not become slower, and uniform use must stay near the cost of
// one.
#include "harness.hpp"
#include "tokens.hpp"

#include <malloc.h>

#include <memory>
#include <vector>

using namespace tokens;

namespace {

struct crowd {
    crowd(std::size_t keys, std::size_t signing) {
        auto const in_use = [] { return mallinfo2().uordblks + mallinfo2().hblkhd; };
        jose::key_set<es256> set;
        for (std::size_t i = 0; i != keys; ++i) {
            auto const key = *local_key<es256>::generate();
            auto const kid = "key-" + std::to_string(i);
            require(set.add(kid, key.verifier_key()).has_value(), "a key cannot be added");
            if (i % (keys / signing) == 0 && tokens.size() != signing)
                tokens.push_back(*jwt::signer<es256>::make(key, {.type = "JWT", .key_id = kid})->sign(claims()));
        }
        auto const before = in_use();
        verifier = std::make_unique<jwt::verifier<es256>>(std::move(set), get_policy());
        kib = (in_use() - before + 512) / 1024;
    }
    std::size_t kib; // of the verifier alone: tables, if the keys have some, and what it knows of each key
    std::vector<std::string> tokens;
    std::unique_ptr<jwt::verifier<es256>> verifier;
};

} // namespace

int main(int argc, char** argv) {
    bench::suite suite{argc, argv, "keys"};
    jwt::scratch<> buffer;
    auto const most = suite.quick() ? std::size_t{100} : std::size_t{10'000};

    auto& hot = suite.table("ES256 verify, one hot key in a set of many", "keys");
    auto& uniform = suite.table("ES256 verify, all keys used alike", "keys");
    std::vector<std::unique_ptr<crowd>> crowds;
    std::string without_tables; // the first set that is too large for them
    for (std::size_t keys = 1; keys <= most; keys *= 10) {
        crowds.push_back(std::make_unique<crowd>(keys, std::min<std::size_t>(keys, 1000)));
        auto* c = crowds.back().get();
        auto const x = static_cast<double>(keys);
        auto const name = std::to_string(keys) + (keys == 1 ? " key, " : " keys, ") + std::to_string(c->kib) + " KiB";
        if (keys > 10 && without_tables.empty()) without_tables = name;
        auto const judged = [&](double ratio, char const* series) {
            return bench::about{
                .at_most = keys == most ? ratio : 0, .x = x, .against = without_tables, .series = series};
        };
        hot.add(
            name, [c, &buffer] { return c->verifier->verify(c->tokens[0], buffer, now).has_value(); },
            judged(1.05, "one hot key"));
        uniform.add(
            name,
            [c, &buffer, i = std::size_t{0}]() mutable {
                i = (i + 1) % c->tokens.size();
                return c->verifier->verify(c->tokens[i], buffer, now).has_value();
            },
            judged(1.2, "all alike"));
    }

    // What usage decides: the hot key of the largest set has its table after one call of `prepare`.
    crowd used{most, 1};
    for (std::uint32_t i = 0; i != jwt::worth_preparing; ++i)
        require(used.verifier->verify(used.tokens[0], buffer, now).has_value(), "a token is refused");
    require(used.verifier->prepare({.at_least = jwt::worth_preparing}) == 1, "the hot key is not prepared");
    hot.add(std::to_string(most) + " keys, the hot one prepared",
            [&] { return used.verifier->verify(used.tokens[0], buffer, now).has_value(); });

    auto& cold = suite.table("ES256 verify, the first use of a key");
    auto fresh = std::make_shared<issued<es256>>();
    auto warm = std::make_shared<jwt::verifier<es256>>(fresh->keys(), get_policy());
    cold.add("hot", [=, &buffer] { return warm->verify(fresh->token, buffer, now).has_value(); });
    cold.add("cold: a new verifier each time",
             [=, &buffer] { return warm->make_thread_verifier().verify(fresh->token, buffer, now).has_value(); });
    cold.add("no verifier: crypto::verify", [=] {
        return crypto::verify(fresh->key.key().public_part(), alg::es256, as_bytes(fresh->input), fresh->signature);
    });
    return suite.finish();
}

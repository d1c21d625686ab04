// SPDX-License-Identifier: BSL-1.0
// One key to 10,000 in a set: a hot key must not become slower, and uniform use must stay near the cost of one.
#include "harness.hpp"
#include "tokens.hpp"

#include <memory>
#include <vector>

using namespace tokens;

namespace {

struct crowd {
    crowd(std::size_t keys, std::size_t signing) {
        jose::key_set<es256> set;
        for (std::size_t i = 0; i != keys; ++i) {
            auto const key = *local_key<es256>::generate();
            auto const kid = "key-" + std::to_string(i);
            require(set.add(kid, key.verifier_key()).has_value(), "a key cannot be added");
            if (i % (keys / signing) == 0 && tokens.size() != signing)
                tokens.push_back(*jwt::signer<es256>::make(key, {.type = "JWT", .key_id = kid})->sign(claims()));
        }
        verifier = std::make_unique<jwt::verifier<es256>>(std::move(set), get_policy());
    }
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
    for (std::size_t keys = 1; keys <= most; keys *= 10) {
        crowds.push_back(std::make_unique<crowd>(keys, std::min<std::size_t>(keys, 1000)));
        auto* c = crowds.back().get();
        auto const x = static_cast<double>(keys);
        auto const name = std::to_string(keys) + (keys == 1 ? " key" : " keys");
        hot.add(name, [c, &buffer] { return c->verifier->verify(c->tokens[0], buffer, now).has_value(); },
                {.at_most = keys == most ? 1.05 : 0, .x = x, .series = "one hot key"});
        uniform.add(name,
                    [c, &buffer, i = std::size_t{0}]() mutable {
                        i = (i + 1) % c->tokens.size();
                        return c->verifier->verify(c->tokens[i], buffer, now).has_value();
                    },
                    {.at_most = keys == most ? 1.2 : 0, .x = x, .series = "all alike"});
    }

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

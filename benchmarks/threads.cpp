// SPDX-License-Identifier: BSL-1.0
// One verifier shared by threads, each pinned to a core (harness.hpp). A report, not a test: two virtual cores may be
// one, or busy with something else. The goal is 1.9 times as many tokens with two threads, that is 0.53 of the time for
// each. Botan keeps MAC state in a locked pool where two threads' states can share a cache line;
// BOTAN_MLOCK_POOL_SIZE=0 turns that pool off.
#include "harness.hpp"
#include "tokens.hpp"

#include <memory>
#include <thread>

using namespace tokens;

namespace {

template <class V> void scaling(bench::suite& suite, std::string title, V const& verifier, std::string const& token) {
    auto& table = suite.table(std::move(title), "threads");
    auto const most = std::max(2u, std::thread::hardware_concurrency());
    for (unsigned threads = 1; threads <= std::min(most * 2, 16u); threads *= 2)
        table.add_threads(std::to_string(threads) + (threads == 1 ? " thread" : " threads"), threads,
                          [&](unsigned) {
                              auto buffer = std::make_shared<jwt::scratch<>>();
                              return [&verifier, &token, buffer] {
                                  return verifier.verify(token, *buffer, now).has_value();
                              };
                          },
                          {.at_most = threads == 2 ? 1 / 1.9 : 0,
                           .x = static_cast<double>(threads),
                           .series = "ns a token, all threads together"});
}

} // namespace

int main(int argc, char** argv) {
    bench::suite suite{argc, argv, "threads"};

    issued<hs256> const mac;
    issued<es256> const ec;
    issued<ed25519> const ed;
    jwt::verifier<hs256> const by_mac{mac.keys(), get_policy()};
    jwt::verifier<es256> const by_ec{ec.keys(), get_policy()};
    jwt::verifier<ed25519> const by_ed{ed.keys(), get_policy()};
    jwt::caching_verifier<jwt::verifier<es256>> const remembered{jwt::verifier{ec.keys(), get_policy()},
                                                                 {.entries = 1024}};
    scaling(suite, "HS256 verify, threads", by_mac, mac.token);
    scaling(suite, "ES256 verify, threads", by_ec, ec.token);
    scaling(suite, "Ed25519 verify, threads", by_ed, ed.token);
    scaling(suite, "cached verify, a hit, threads", remembered, ec.token);
    return suite.finish();
}

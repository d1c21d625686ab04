// Many threads, one verifier. Run under ThreadSanitizer by ./dev check.
#include "support.hpp"

#include <atomic>
#include <thread>

using namespace support;

TEST_CASE("Threads verify with one verifier while its keys are swapped: every answer is right for one of the sets") {
    jwt::verifier<es256, ed25519> v{[] {
                                        jose::key_set<es256, ed25519> set;
                                        (void)set.add("k1", key<es256>().verifier_key());
                                        return set;
                                    }(),
                                    lenient()};
    auto const good = signed_token<es256>(header_of<es256>(), R"({"sub":"ann"})");
    auto const other = signed_token<ed25519>(header_of<ed25519>(), R"({"sub":"bob"})");
    auto const forged = signed_token<es256>(header_of<es256>(), R"({"sub":"eve"})", other_key<es256>());

    std::atomic<bool> done{false};
    std::atomic<int> wrong{0}, ann{0}, bob{0};
    auto const work = [&](bool owning) {
        auto per_thread = v.make_thread_verifier();
        while (!done.load(std::memory_order_relaxed)) {
            jwt::scratch<> buffer;
            if (auto t = v.verify(good, buffer, now)) {
                if (t->subject() != "ann") ++wrong;
                ++ann;
            } else if (t.error() != errc::unknown_key && t.error() != errc::algorithm_mismatch) ++wrong;
            if (owning) {
                if (auto t = v.verify(other, now)) {
                    if (t->subject() != "bob") ++wrong;
                    ++bob;
                }
            } else if (auto t = per_thread.verify(other, now)) {
                if (t->subject() != "bob") ++wrong;
                ++bob;
            }
            if (v.verify(forged, now)) ++wrong;
        }
    };
    std::vector<std::thread> threads;
    for (int i = 0; i != 6; ++i) threads.emplace_back(work, i % 2 == 0);
    for (int i = 0; i < 40 || ann < 20 || bob < 20; ++i) {
        jose::key_set<es256, ed25519> set;
        if (i % 4 != 0) (void)set.add("k1", key<es256>().verifier_key());
        if (i % 4 != 1) (void)set.add("k1", key<ed25519>().verifier_key());
        v.swap(std::move(set));
        std::this_thread::sleep_for(std::chrono::milliseconds{2});
    }
    done = true;
    for (auto& t : threads) t.join();
    CHECK(wrong == 0);
    CHECK(v.key_generation() >= 41);
}

TEST_CASE("After swap has returned, no verification that begins accepts a removed key") {
    jwt::verifier<hs256> v{keys<hs256>(), lenient()};
    auto const good = signed_token(header_of<hs256>(), "{}");
    std::atomic<int> epoch{0}, late{0};
    std::atomic<bool> done{false};
    std::vector<std::thread> threads;
    for (int i = 0; i != 3; ++i)
        threads.emplace_back([&] {
            while (!done) {
                auto const before = epoch.load();
                auto const token = v.verify(good, now);
                // Odd epochs: the key is out, and stays out at least until the epoch changes again.
                if (before % 2 == 1 && token && epoch.load() == before) ++late;
            }
        });
    for (int i = 0; i != 300; ++i) {
        v.swap({});
        epoch.fetch_add(1); // odd: the swap has returned
        std::this_thread::yield();
        epoch.fetch_add(1);
        v.swap(keys<hs256>());
    }
    done = true;
    for (auto& t : threads) t.join();
    CHECK(late == 0);
}

TEST_CASE("More threads than slots share a signer and a verifier") {
    jwt::verifier<hs256> const v{keys<hs256>(), lenient()};
    auto const issue = *jwt::signer<hs256>::make(key<hs256>());
    std::atomic<int> wrong{0};
    std::vector<std::thread> threads;
    for (int i = 0; i != 100; ++i)
        threads.emplace_back([&, i] {
            for (int n = 0; n != 20; ++n) {
                jwt::claims c;
                auto const who = std::to_string(i * 100 + n);
                c.subject(who);
                auto const text = issue.sign(c);
                if (!text) {
                    ++wrong;
                    continue;
                }
                auto const token = v.verify(*text, now);
                if (!token || token->subject() != who) ++wrong;
            }
        });
    for (auto& t : threads) t.join();
    CHECK(wrong == 0);
}

#include <signet/proof/replay.hpp>
#include <signet/store.hpp>
#include <signet/testing/impl/gate.hpp>

#include <doctest/doctest.h>

#include <atomic>
#include <thread>
#include <vector>

using namespace signet;
using namespace std::chrono_literals;
using proof::jti_key;
using proof::replay_guard;

namespace {

constexpr unix_time at(std::int64_t s) { return unix_time{std::chrono::seconds{s}}; }

store::record_key numbered(std::uint64_t n) { // spread as a digest is
    store::detail::version_walk walk{n << 8};
    store::record_key k{};
    for (auto& octet : k) octet = static_cast<std::uint8_t>(walk.next());
    return k;
}

} // namespace

static_assert(store::blocking_store<replay_guard>);
static_assert(store::operation<proof::replay_check>);

TEST_CASE("RULES 3.7 the first use of a jti succeeds, every other is refused until it has expired") {
    replay_guard guard{{.entries = 1000, .window = 300s}};
    auto const key = jti_key("https://server.example.com/token", "-BwC3ESc6acc2lTc");
    CHECK(guard.insert(key, at(1300), at(1000)));
    CHECK(guard.insert(key, at(1300), at(1000)).error() == errc::replayed);
    CHECK(guard.insert(key, at(1300), at(1299)).error() == errc::replayed);
    CHECK(guard.insert(key, at(1300), at(1300)).error() == errc::record_expired);
    CHECK(guard.insert(key, at(1301), at(1000)).error() == errc::out_of_range); // longer than the window
}

TEST_CASE("RULES 3.7 the key is a hash over the scope and the jti, each with its length") {
    CHECK(jti_key("a", "bc") != jti_key("ab", "c"));
    CHECK(jti_key("a", "b") != jti_key("b", "a"));
    CHECK(jti_key("a", "b") != proof::record_key("session", {"a", "b"}));
    // SHA-256 of 0000000000000003 "jti" 0000000000000001 "a" 0000000000000000
    std::string octets(8 + 3 + 8 + 1 + 8, '\0');
    octets.replace(8, 3, "jti");
    octets[7] = 3, octets[18] = 1, octets[19] = 'a';
    CHECK(jti_key("a", "") == crypto::sha256(as_bytes(octets)));
}

TEST_CASE("RULES 3.7 under pressure nothing live is forgotten: the guard refuses instead") {
    for (unsigned shards : {1u, 16u}) {
        replay_guard guard{{.entries = 1000, .window = 300s, .shards = shards}};
        std::uint64_t taken = 0;
        bool full = false;
        for (std::uint64_t n = 0; n != 4000; ++n) {
            auto const first = guard.insert(numbered(n), at(1300), at(1000));
            if (first) {
                ++taken;
            } else {
                full = true;
                CHECK(first.error() == errc::replay_guard_full);
            }
        }
        CHECK(full);
        CHECK(taken >= 1000);
        std::uint64_t remembered = 0;
        for (std::uint64_t n = 0; n != 4000; ++n)
            remembered += guard.insert(numbered(n), at(1300), at(1200)).error() == errc::replayed;
        CHECK(remembered == taken);
        CHECK(guard.insert(numbered(5000), at(1600), at(1300))); // all have expired
    }
}

TEST_CASE("RULES 3.7 at an even rate it remembers as many as it says, and works on for ever") {
    replay_guard guard{{.entries = 3000, .window = 300s, .shards = 4}};
    std::uint64_t n = 0;
    for (std::int64_t second = 1000; second != 4000; ++second) {
        for (int i = 0; i != 10; ++i, ++n) {
            auto const first = guard.insert(numbered(n), at(second + 300), at(second));
            REQUIRE(first);
        }
        // The oldest that still lives, and one from the middle.
        if (n > 2990) {
            REQUIRE(guard.insert(numbered(n - 2990), at(second + 1), at(second)).error() == errc::replayed);
            REQUIRE(guard.insert(numbered(n - 1500), at(second + 150), at(second)).error() == errc::replayed);
        }
    }
}

TEST_CASE("RULES 3.7 when time goes backwards, what may have been forgotten counts as used") {
    replay_guard guard{{.entries = 100, .window = 300s, .shards = 1}};
    CHECK(guard.insert(numbered(1), at(1300), at(1000)));
    for (std::int64_t t = 2000; t < 4000; t += 200)
        CHECK(guard.insert(numbered(static_cast<std::uint64_t>(t)), at(t + 300), at(t)));
    CHECK(guard.insert(numbered(1), at(1300), at(1000)).error() == errc::replayed); // it is no longer there
    CHECK(guard.insert(numbered(2), at(1300), at(1000)).error() == errc::replayed); // nor can this one be told apart
    CHECK(guard.insert(numbered(3), at(4100), at(3990)));
}

TEST_CASE("RULES 3.7 random histories against a plain model: never a second success while the first lives") {
    for (unsigned shards : {1u, 4u}) {
        struct a_proof {
            std::int64_t expires;
            bool used;
        };
        replay_guard guard{{.entries = 400, .window = 60s, .shards = shards}};
        std::vector<a_proof> proofs;
        store::detail::version_walk dice{shards};
        std::int64_t now = 10'000;
        std::size_t succeeded = 0, again = 0;
        for (int step = 0; step != 60'000; ++step) {
            if (dice.next() % 10 == 0) now += static_cast<std::int64_t>(dice.next() % 5);
            if (dice.next() % 500 == 0) now -= static_cast<std::int64_t>(dice.next() % 100);
            auto n = proofs.size(); // a new one, or one of the last 500
            if (dice.next() % 2 == 0 && n > 500) n -= 1 + static_cast<std::size_t>(dice.next() % 500);
            else proofs.push_back({now + 1 + static_cast<std::int64_t>(dice.next() % 60), false});
            if (proofs[n].expires - now > 60) continue;
            auto const first = guard.insert(numbered(n), at(proofs[n].expires), at(now));
            if (proofs[n].used) REQUIRE_FALSE(first);
            again += proofs[n].used;
            if (proofs[n].expires > now && !first) {
                REQUIRE((first.error() == errc::replayed || first.error() == errc::replay_guard_full));
            }
            if (first) proofs[n].used = true, ++succeeded;
        }
        CHECK(again > 1000);
        CHECK(succeeded > 5000);
    }
}

TEST_CASE("RULES 3.7 64 threads presenting the same jti: exactly one success, in the guard and on a store") {
    replay_guard guard{{.entries = 100'000}};
    store::memory db;
    constexpr int threads = 64, rounds = 100;
    std::atomic<int> in_guard{0}, in_store{0};
    testing::detail::gate gate{threads};
    std::vector<std::thread> crew;
    for (int t = 0; t != threads; ++t) {
        crew.emplace_back([&] {
            for (int round = 0; round != rounds; ++round) {
                gate.arrive_and_wait();
                auto const key = numbered(static_cast<std::uint64_t>(round));
                proof::replay_check const mark{key, at(1100), at(1000), at(1000)};
                if (run(proof::replay_check{mark}, guard)) ++in_guard;
                if (run(proof::replay_check{mark}, db)) ++in_store;
            }
        });
    }
    for (auto& member : crew) member.join();
    CHECK(in_guard == rounds);
    CHECK(in_store == rounds);
}

TEST_CASE("RULES 3.7 marking is an operation: whatever the store answers, only `done` is a success") {
    auto const after = [](store::reply const& reply) {
        proof::replay_check op{numbered(1), at(1100), at(990), at(1000)};
        REQUIRE(op.next());
        CHECK(op.next()->single_use);
        CHECK(op.next()->issued == at(990));
        op.answer(reply);
        CHECK(op.next() == nullptr);
        return op.get();
    };
    CHECK(after(store::reply::success()));
    CHECK(after(store::reply::not_applied()).error() == errc::replayed);
    for (auto why :
         {errc::store_unavailable, errc::outcome_unknown, errc::store_full, errc::store_unfit, errc::store_restarted}) {
        CHECK(after(store::reply::failure(why)).error() == why);
    }
    proof::replay_check const unanswered{numbered(1), at(1100), at(990), at(1000)};
    CHECK_FALSE(unanswered.get());
}

TEST_CASE("RULES 3.7 the guard is a store that knows insert alone") {
    replay_guard guard{{.entries = 10}};
    std::array<std::uint8_t, 4> buffer{};
    CHECK(guard.execute(store::find(numbered(1), buffer, at(1))).error == errc::store_unfit);
    CHECK(guard.execute(store::take(numbered(1), buffer, at(1))).error == errc::store_unfit);
    CHECK(*guard.execute(store::insert_once(numbered(1), {}, at(100), at(1), at(1))).done());
    CHECK(*guard.execute(store::insert_once(numbered(1), {}, at(100), at(1), at(1))).done() == false);
    store::record_key const zero{}; // an id like the mark of an empty slot
    CHECK(guard.insert(zero, at(100), at(1)));
    CHECK(guard.insert(zero, at(100), at(1)).error() == errc::replayed);
}

TEST_CASE(
    "replay guard: a generation's number comes round after 255 uses, and what lies there from its first use is not alive again") {
    replay_guard guard{{.entries = 10'000, .window = 10s, .shards = 1}};
    constexpr std::uint64_t rounds = 840, from = 720;
    for (std::uint64_t round = 0; round != rounds; ++round) { // each after all of the round before have expired
        auto const now = at(1'000'000 + 100 * static_cast<std::int64_t>(round));
        if (round < 3) // the three generations, used for the first time
            for (std::uint64_t n = from + round; n < rounds; n += 3) REQUIRE(guard.insert(numbered(n), now + 10s, now));
        auto const id = numbered(round < from ? 10'000 + round : round);
        CHECK(guard.insert(id, now + 10s, now));
        CHECK(guard.insert(id, now + 10s, now).error() == errc::replayed);
    }
}

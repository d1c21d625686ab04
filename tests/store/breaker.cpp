// Who may connect while a server is down: `breaker`.
#include <signet/store/breaker.hpp>

#include <doctest/doctest.h>

#include <atomic>
#include <thread>
#include <vector>

using namespace signet;
using namespace std::chrono_literals;

namespace {

using time_point = std::chrono::steady_clock::time_point;

struct manual {
    static inline std::atomic<time_point> at{};
    static time_point now() noexcept { return at; }
    static void pass(std::chrono::nanoseconds span) { at = at.load() + span; }
};
store::breaker_params const params{.clock = manual::now};

void fail(store::breaker& b) {
    auto const attempt = b.begin_attempt();
    REQUIRE(attempt);
}
bool lets(store::breaker& b) { // without a consequence: what fails in an old round does not count
    auto attempt = b.begin_attempt();
    if (!attempt) return false;
    attempt.succeeded();
    return true;
}

} // namespace

TEST_CASE("breaker: after each failure it refuses for a doubled pause from the upper half, of max_pause at most") {
    for (int run = 0; run != 50; ++run) {
        store::breaker b{params};
        std::chrono::milliseconds full = 50ms;
        for (int n = 0; n != 10; ++n, full = std::min(2 * full, 1000ms)) {
            fail(b);
            auto const failed_at = manual::now();
            manual::pass(full / 2 - 1ms);
            CHECK_FALSE(b.begin_attempt());
            manual::at = failed_at + full;
        }
        fail(b); // it is let after the full pause
    }
}

TEST_CASE("breaker: pauses differ, so that many processes do not come back at once") {
    int early = 0;
    for (int n = 0; n != 100; ++n) {
        store::breaker b{params};
        fail(b);
        manual::pass(37ms);
        early += lets(b);
    }
    CHECK(early > 10);
    CHECK(early < 90);
}

TEST_CASE("breaker: when the pause is over one tries and the others are refused; the first success lets everybody") {
    store::breaker b{params};
    fail(b);
    manual::pass(50ms);
    {
        auto probe = b.begin_attempt();
        REQUIRE(probe);
        manual::pass(1h);
        CHECK_FALSE(b.begin_attempt()); // however long it takes
        auto const at_start_up = b.begin_attempt(true);
        CHECK(at_start_up);
        probe.succeeded();
        auto const next = b.begin_attempt(), another = b.begin_attempt();
        CHECK(next);
        CHECK(another);
    }
    CHECK_FALSE(b.begin_attempt()); // they failed; the one at start-up began before the success and did not count
    manual::pass(50ms);
    CHECK(lets(b)); // and both of them are one failure
}

TEST_CASE("breaker: attempts that began together are one failure; one that began before a success is none") {
    store::breaker b{params};
    std::vector<store::breaker::attempt> all;
    for (int n = 0; n != 16; ++n) all.push_back(b.begin_attempt());
    all.clear();
    manual::pass(50ms);
    auto late = b.begin_attempt(true);
    CHECK(lets(b) == false); // that one tries
    auto other = b.begin_attempt(true);
    other.succeeded();
    { auto const gone = std::move(late); }
    CHECK(lets(b));
}

TEST_CASE("breaker: a try that throws is a failure and no stalemate; without a pause it refuses nobody") {
    store::breaker b{params};
    fail(b);
    manual::pass(50ms);
    try {
        auto const probe = b.begin_attempt();
        throw std::bad_alloc{};
    } catch (std::bad_alloc const&) {}
    CHECK_FALSE(b.begin_attempt());
    manual::pass(100ms);
    CHECK(lets(b));

    store::breaker never{{.max_pause = 0ms, .clock = manual::now}};
    fail(never);
    CHECK(lets(never));
    store::breaker odd{{.first_pause = std::chrono::milliseconds::max(),
                        .max_pause = std::chrono::milliseconds::min(),
                        .clock = manual::now}};
    for (int n = 0; n != 70; ++n) fail(odd);
    CHECK(lets(odd));
}

TEST_CASE("breaker: of many threads one tries at a time") {
    store::breaker b{{.first_pause = 1ms, .max_pause = 1ms}};
    fail(b);
    std::atomic<int> trying{0}, most{0}, tries{0};
    std::vector<std::jthread> threads;
    for (int t = 0; t != 8; ++t)
        threads.emplace_back([&] {
            for (int n = 0; n != 2000; ++n)
                if (auto const attempt = b.begin_attempt()) {
                    auto const here = ++trying;
                    for (auto m = most.load(); m < here && !most.compare_exchange_weak(m, here);) {}
                    ++tries;
                    std::this_thread::yield();
                    --trying;
                }
        });
    threads.clear();
    CHECK(most <= 1);
}

#include <signet/store/memory.hpp>
#include <signet/store/task.hpp>

#include <doctest/doctest.h>

#include <memory>
#include <string>

using namespace signet;
using namespace signet::store;
using namespace std::chrono_literals;

namespace {

constexpr unix_time now{1'800'000'000s};

store::record_key key_of(std::uint8_t n) { return {n}; }

// What a text in a frame owns is counted, so that a frame that is lost, or destroyed twice, is seen.
struct counted {
    explicit counted(int& count) : at{&count} { ++*at; }
    counted(counted const& other) : at{other.at} { ++*at; }
    counted& operator=(counted const&) = default;
    ~counted() { --*at; }
    int* at;
};

task<int> ready(int n) { co_return n; } // asks nothing
task<int> refusing(errc why) { co_return why; }

task<int> ask_one(std::uint8_t n, counted held) {
    std::array<std::uint8_t, 8> room{};
    auto const key = key_of(n);
    auto const reply = co_await store::find(key, room, now);
    auto const there = reply.done();
    if (!there) co_return there.error();
    (void)held;
    co_return *there ? static_cast<int>(reply.record.bytes[0]) : 0;
}

task<int> ask_some(std::uint8_t count, counted held, std::shared_ptr<std::string> text) {
    int sum = 0;
    for (std::uint8_t n = 1; n <= count; ++n) {
        auto const one = co_await ask_one(n, held);
        if (!one) co_return one.error();
        sum += *one + *co_await ready(100);
    }
    *text += "some ";
    co_return sum;
}

task<std::string> whole(counted held) {
    auto const text = std::make_shared<std::string>();
    auto const first = co_await ask_some(3, held, text);
    if (!first) co_return first.error();
    auto const own = co_await store::find(key_of(9), {}, now); // its own question, between those of others
    auto const none = co_await refusing(errc::session_limit);
    auto const second = co_await ask_some(1, counted{held}, text);
    co_return *text + std::to_string(*first) + " " + std::to_string(*second) + " " +
        std::string{name(none.error().code)} + (own.outcome == store::outcome::declined ? " absent" : " there");
}

struct fixture {
    store::memory db;
    int alive = 0;
    fixture() {
        for (std::uint8_t n = 1; n != 4; ++n)
            (void)db.execute(store::insert(key_of(n), std::array<std::uint8_t, 1>{n}, now + 1h, now));
    }
};

} // namespace

TEST_CASE_FIXTURE(
    fixture,
    "DECISIONS 1 a task that waits for tasks asks their questions, one after the other, and goes on with what they ruled") {
    auto op = whole(counted{alive});
    int questions = 0;
    while (auto const* ask = op.next()) {
        ++questions;
        op.answer(db.execute(*ask));
        if (questions == 2) { // moved in the middle
            auto moved = std::move(op);
            op = std::move(moved);
        }
    }
    CHECK(questions == 5);
    CHECK(*op.ruling() == "some some 306 101 session_limit absent");
}

TEST_CASE_FIXTURE(fixture, "DECISIONS 1 an error within goes to whoever waits") {
    auto op = whole(counted{alive});
    op.answer(db.execute(*op.next()));
    op.answer(store::reply::failure(errc::outcome_unknown));
    CHECK(op.next() == nullptr);
    CHECK(op.ruling().error() == errc::outcome_unknown);
}

TEST_CASE_FIXTURE(fixture,
                  "a task that is dropped at any question leaves nothing behind, nor does one that came to its end") {
    for (int stop = 0; stop != 7; ++stop) {
        {
            auto op = whole(counted{alive});
            CHECK(alive > 0);
            for (int i = 0; i != stop; ++i)
                if (auto const* ask = op.next()) op.answer(db.execute(*ask));
            if (op.next()) CHECK(op.ruling().error() == errc::store_unavailable); // not at its end yet
        }
        CHECK(alive == 0);
    }
}

namespace {
struct guarded {
    std::string value;
    int* wiped;
    friend void wipe_secrets(guarded& g) noexcept {
        if (!g.value.empty()) ++*g.wiped;
        g.value.clear();
    }
};
task<guarded> give(int* wiped) {
    auto const reply = co_await store::find(key_of(1), {}, now);
    (void)reply;
    co_return guarded{std::string(64, 's'), wiped};
}
} // namespace

TEST_CASE_FIXTURE(fixture, "a secret that a task has ruled is wiped with it; the copy that was fetched is not") {
    int wiped = 0;
    {
        auto op = give(&wiped);
        auto const got = run(op, db);
        CHECK(wiped == 0);
        CHECK(got->value.size() == 64);
    }
    CHECK(wiped == 1);
    { auto const never_run = give(&wiped); }
    CHECK(wiped == 1);
}

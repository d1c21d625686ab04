#include "counted.hpp"

#include <signet/store/memory.hpp>
#include <signet/store/task.hpp>
#include <signet/testing/faulty_store.hpp>

#include <doctest/doctest.h>

#include <memory>
#include <string>

using namespace signet;
using store::as_result;
using store::task;
using namespace std::chrono_literals;

static_assert(store::operation<task<int>> && store::operation<task<void>> &&
              store::operation<task<std::unique_ptr<int>>>);
static_assert(std::is_nothrow_move_constructible_v<task<int>> && !std::is_copy_constructible_v<task<int>>);

namespace {

constexpr unix_time now{1'800'000'000s};

store::record_key key_of(std::uint8_t n) { return {n}; }

task<int> ready(int n) { co_return n; } // asks nothing
task<int> refusing(errc why) { co_return why; }

task<int> ask_one(std::uint8_t n, counted held) {
    std::array<std::uint8_t, 8> buffer{};
    auto const found = co_await store::find(key_of(n), buffer, now);
    (void)held;
    co_return found ? static_cast<int>(found->bytes[0]) : 0;
}

task<int> ask_some(std::uint8_t count, counted held, std::shared_ptr<std::string> text) {
    int sum = 0;
    for (std::uint8_t n = 1; n <= count; ++n) {
        auto const one = co_await ask_one(n, held);
        auto const more = co_await ready(100);
        sum += one + more;
    }
    *text += "some ";
    co_return sum;
}

task<std::string> whole(counted held) {
    auto const text = std::make_shared<std::string>();
    auto const first = co_await ask_some(3, held, text);
    auto const own = co_await store::find(key_of(9), {}, now); // its own question, between those of others
    auto const none = co_await as_result(refusing(errc::session_limit_reached));
    auto const second = co_await ask_some(1, counted{held}, text);
    co_return *text + std::to_string(first) + " " + std::to_string(second) + " " +
        std::string{name(none.error().code)} + (own ? " there" : " absent");
}
constexpr int questions_of_whole = 5;

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
    fixture, "task: the questions of inner tasks are asked one after the other, and the task may be moved meanwhile") {
    auto op = whole(counted{alive});
    int questions = 0;
    while (auto const* ask = op.next()) {
        ++questions;
        op.answer(db.execute(*ask));
        if (questions == 2) {
            auto moved = std::move(op);
            op = std::move(moved);
        }
    }
    CHECK(questions == questions_of_whole);
    CHECK(*op.get() == "some some 306 101 session_limit_reached absent");
}

TEST_CASE_FIXTURE(fixture, "task: every failure of the store at every step ends the whole chain with its error") {
    using testing::store_fault;
    for (auto how : {store_fault::unavailable, store_fault::request_lost, store_fault::reply_lost}) {
        for (unsigned skip = 0; skip != questions_of_whole; ++skip) {
            {
                testing::faulty_store flaky{db};
                flaky.fail_next(how, skip);
                auto op = whole(counted{alive});
                auto const got = run(op, flaky);
                CHECK(got.error() == errc::store_unavailable);
                CHECK(flaky.calls() == skip + 1); // nothing is asked afterwards
                CHECK(op.next() == nullptr);
                op.answer(store::reply::success()); // and an answer that nobody asked for is ignored
                CHECK(op.get().error() == errc::store_unavailable);
            }
            CHECK(alive == 0);
        }
    }
    auto op = whole(counted{alive});
    op.answer(db.execute(*op.next()));
    op.answer(store::reply::failure(errc::outcome_unknown));
    CHECK(op.get().error() == errc::outcome_unknown);
}

TEST_CASE_FIXTURE(
    fixture, "task: one that is dropped at any question leaves nothing behind, nor does one that came to its end") {
    for (int stop = 0; stop != questions_of_whole + 2; ++stop) {
        {
            auto op = whole(counted{alive});
            CHECK(alive > 0);
            for (int i = 0; i != stop; ++i)
                if (auto const* ask = op.next()) op.answer(db.execute(*ask));
            if (op.next()) CHECK(op.get().error() == errc::store_unavailable); // not at its end yet
        }
        CHECK(alive == 0);
    }
}

// ---- what an author can await

namespace {

result<int> checked(int n) { return n < 0 ? result<int>{error{errc::malformed_json, 7}} : result<int>{n}; }
result<void> allowed(bool yes) { return yes ? result<void>{} : result<void>{errc::session_limit_reached}; }

task<std::string> decide(int n, bool yes, counted held, std::string* trace) {
    *trace += "a";
    auto const value = co_await checked(n);
    *trace += "b";
    co_await allowed(yes);
    *trace += "c";
    result<std::string> text{std::string(40, 'x')};
    auto& same = co_await text; // of a variable: not moved out
    same += std::to_string(value);
    (void)held;
    co_return std::move(text);
}

task<void> asks_and_says_nothing(bool good) {
    auto const found = co_await store::find(key_of(1), {}, now);
    if (!good) co_return errc::out_of_range;
    (void)found;
    co_return {};
}

task<int> sees_failures(counted held) {
    int seen = 0;
    auto const reply = co_await as_result(store::find(key_of(1), {}, now)); // the record has one octet more than fits
    if (reply.outcome == store::outcome::failed && reply.error == errc::buffer_too_small && reply.needed == 1)
        seen |= 1;
    auto const early = co_await as_result(refusing(errc::expired)); // fails before its first question
    if (!early && early.error() == errc::expired) seen |= 2;
    auto const late = co_await as_result(asks_and_says_nothing(true)); // by its own question
    if (!late && late.error() == errc::buffer_too_small) seen |= 4;
    auto const fine = co_await as_result(ask_one(2, held));
    if (fine && *fine == 2) seen |= 8;
    co_return seen;
}

} // namespace

TEST_CASE_FIXTURE(
    fixture, "task: awaiting a result gives its value or ends the task with its whole error, before any question too") {
    std::string trace;
    {
        auto op = decide(5, true, counted{alive}, &trace);
        CHECK(op.next() == nullptr);
        CHECK(*op.get() == std::string(40, 'x') + "5");
        CHECK(trace == "abc");
        CHECK(alive == 1); // until the task goes
    }
    CHECK(decide(-1, true, counted{alive}, &(trace = {})).get().error() == error{errc::malformed_json, 7});
    CHECK(trace == "a");
    CHECK(decide(1, false, counted{alive}, &(trace = {})).get().error() == errc::session_limit_reached);
    CHECK(trace == "ab");
    CHECK(alive == 0);
}

TEST_CASE_FIXTURE(fixture, "task: as_result shows a failed reply and a failed task, and the one that awaits goes on") {
    auto op = sees_failures(counted{alive});
    CHECK(*run(op, db) == 15);
}

TEST_CASE_FIXTURE(fixture, "task<void>: success and errors") {
    auto const drive = [&](bool good) {
        auto op = asks_and_says_nothing(good);
        op.answer(store::reply::not_applied());
        return op.get();
    };
    CHECK(drive(true));
    CHECK(drive(false).error() == errc::out_of_range);
}

namespace {
task<std::unique_ptr<int>> owned(int n) {
    auto const found = co_await store::find(key_of(9), {}, now);
    if (found) co_return errc::out_of_range;
    co_return std::make_unique<int>(n);
}
task<std::unique_ptr<int>> passed_on(int n) {
    auto inner = owned(n); // begun before it is awaited
    auto other = owned(n + 1);
    auto second = co_await std::move(other);
    auto first = co_await std::move(inner);
    *first = *first * 10 + *second;
    co_return std::move(first);
}
struct pair_of_texts {
    std::string a, b;
};
task<pair_of_texts> braced(std::string a, std::string b) {
    auto const found = co_await store::find(key_of(9), {}, now);
    (void)found;
    co_return {std::move(a), std::move(b)};
}
} // namespace

TEST_CASE_FIXTURE(fixture, "task: get moves the value out once; afterwards there is none") {
    auto op = passed_on(3);
    auto got = run(op, db);
    REQUIRE(got);
    CHECK(**got == 34);
    CHECK(op.get().error() == errc::store_unavailable);
    auto const texts = run(braced(std::string(50, 'a'), "b"), db);
    CHECK(texts->a == std::string(50, 'a'));
    CHECK(texts->b == "b");
}

namespace {
task<int> nested(int depth, counted held) {
    if (depth == 0) {
        auto const found = co_await store::find(key_of(1), std::span<std::uint8_t>{}, now); // does not fit
        co_return found ? 1 : 0;
    }
    auto const inner = co_await nested(depth - 1, held);
    auto const own = co_await ask_one(1, held);
    co_return inner + own;
}
// Asks `count` times one level down: chains that are made and unmade again and again.
task<int> repeated(int count, counted held) {
    int sum = 0;
    for (int i = 0; i != count; ++i) {
        auto const one = co_await ask_one(1, held);
        sum += one;
    }
    co_return sum;
}
} // namespace

TEST_CASE_FIXTURE(fixture, "task: an error passes up a chain of any depth, and success comes back through it") {
    for (int depth : {0, 1, 8, 1000}) {
        CHECK(run(nested(depth, counted{alive}), db).error() == errc::buffer_too_small);
        auto op = nested(depth, counted{alive});
        op.answer(store::reply::not_applied());
        CHECK(*run(op, db) == depth);
    }
    CHECK(*run(repeated(5000, counted{alive}), db) == 5000);
    CHECK(alive == 0);
}

// ---- exceptions

#ifdef __cpp_exceptions
namespace {
struct trouble {};
task<int> throws_at(int question, counted held) {
    for (int i = 0; i != question; ++i) {
        auto const found = co_await store::find(key_of(9), {}, now);
        (void)found;
    }
    (void)held;
    throw trouble{};
    co_return 0;
}
task<int> waits_for_trouble(int question, counted held) {
    auto const n = co_await as_result(throws_at(question, held)); // an exception is no error
    co_return *n;
}
task<int> catches_trouble(int question, counted held) {
    bool caught = false;
    try {
        auto const n = co_await throws_at(question, held);
        co_return n;
    } catch (trouble const&) { caught = true; }
    co_return caught ? 7 : 0;
}
} // namespace

TEST_CASE_FIXTURE(fixture, "task: an exception goes to the task that awaits, and at last to the caller of get") {
    for (int question : {0, 1, 2}) {
        for (auto make : {&throws_at, &waits_for_trouble}) {
            {
                auto op = make(question, counted{alive});
                for (int i = 0; i != question; ++i) op.answer(db.execute(*op.next()));
                CHECK(op.next() == nullptr);
                op.answer(store::reply::success());
                CHECK_THROWS_AS((void)op.get(), trouble);
                CHECK_THROWS_AS((void)op.get(), trouble);
            }
            CHECK(alive == 0);
        }
        CHECK(*run(catches_trouble(question, counted{alive}), db) == 7);
        CHECK(alive == 0);
    }
}
#endif

// ---- secrets

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
    auto const found = co_await store::find(key_of(9), {}, now);
    (void)found;
    co_return guarded{std::string(64, 's'), wiped};
}
} // namespace

TEST_CASE_FIXTURE(fixture,
                  "task: a secret that nobody fetched is wiped with the task; the one that was fetched is not") {
    int wiped = 0;
    {
        auto op = give(&wiped);
        while (auto const* ask = op.next()) op.answer(db.execute(*ask));
    }
    CHECK(wiped == 1);
    {
        auto op = give(&wiped);
        auto const got = run(op, db);
        CHECK(got->value.size() == 64);
    }
    CHECK(wiped == 1);
    { auto const never_run = give(&wiped); }
    CHECK(wiped == 1);
}

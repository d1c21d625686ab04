// Operations that ask several questions at once, and the drivers that ask them so, or one after another.
#include "counted.hpp"
#include "support/counting_store.hpp"

#include <signet/store/memory.hpp>
#include <signet/store/task.hpp>
#include <signet/testing/faulty_store.hpp>

#include <doctest/doctest.h>

#include <string>

using namespace signet;
using store::as_result;
using store::task;
using store::when_all;
using namespace std::chrono_literals;

static_assert(store::operation_of_many<task<int>> && store::operation_of_many<task<void>>);

namespace {

constexpr unix_time now{1'800'000'000s};
using sizes = std::vector<std::size_t>;

store::record_key key_of(std::uint8_t n) { return {n}; }

// Asks for these keys at once; 0 for one that is not there.
task<int> sum_at_once(std::uint8_t first, std::uint8_t count, counted held) {
    (void)held;
    std::vector<std::array<std::uint8_t, 8>> buffers(count);
    std::vector<store::request> asks;
    for (std::uint8_t i = 0; i != count; ++i)
        asks.push_back(store::find(key_of(static_cast<std::uint8_t>(first + i)), buffers[i], now));
    std::vector<store::reply> replies(count);
    co_await when_all(asks, replies);
    int sum = 0;
    for (auto const& one : replies)
        if (one.outcome == store::outcome::done) sum += one.record.bytes[0];
    co_return sum;
}

// Asks for these keys one after another.
task<int> sum_in_turn(std::uint8_t first, std::uint8_t count, counted held) {
    int sum = 0;
    for (std::uint8_t i = 0; i != count; ++i) {
        auto const one = co_await sum_at_once(static_cast<std::uint8_t>(first + i), 1, held);
        sum += one;
    }
    co_return sum;
}

// Steps: {1 of three in turn, two at once, 1 of a group's three}, {2, the rest of the group}, {3}, {4}.
task<std::string> whole(counted held) {
    auto in_turn = sum_in_turn(1, 3, held);
    auto at_once = sum_at_once(1, 2, held);
    auto const inner = [](counted h) -> task<int> {
        std::vector<task<int>> some;
        for (std::uint8_t n = 1; n != 4; ++n) some.push_back(sum_in_turn(n, n == 1 ? 2 : 1, h));
        co_await when_all(std::span{some});
        int sum = 0;
        for (auto& one : some) {
            auto const part = co_await std::move(one);
            sum += part;
        }
        co_return sum;
    };
    auto group = inner(held);
    co_await when_all(in_turn, at_once, group);
    auto const first = co_await std::move(in_turn);
    auto const second = co_await std::move(at_once);
    auto const third = co_await std::move(group);
    auto const last = co_await sum_in_turn(3, 1, held);
    co_return std::to_string(first) + " " + std::to_string(second) + " " + std::to_string(third) + " " +
        std::to_string(last);
}
constexpr int questions_of_whole = 10;

struct fixture {
    store::memory db;
    counting_store<store::memory> counting{&db};
    int alive = 0;
    fixture() {
        for (std::uint8_t n = 1; n != 101; ++n)
            (void)db.execute(store::insert(key_of(n), std::array<std::uint8_t, 1>{n}, now + 1h, now));
    }
};

} // namespace

TEST_CASE_FIXTURE(fixture, "many: what is asked at once gives what each question gives alone, in fewer round trips") {
    CHECK(*run(whole(counted{alive}), counting) == "6 3 8 3");
    CHECK(counting.sizes == sizes{6, 2, 1, 1});
    auto op = whole(counted{alive});
    int questions = 0;
    while (auto const* ask = op.next()) {
        CHECK(ask == op.open().data());
        ++questions;
        op.answer(db.execute(*ask));
    }
    CHECK(questions == questions_of_whole);
    CHECK(*op.get() == "6 3 8 3");
}

TEST_CASE_FIXTURE(fixture, "many: a driver may take any number of the open questions at a time") {
    for (std::size_t most : {2u, 3u, 5u}) {
        auto op = whole(counted{alive});
        while (!op.open().empty()) {
            auto const asks = op.open().first(std::min(most, op.open().size()));
            std::vector<store::reply> replies(asks.size());
            counting.execute_many(asks, replies);
            op.answer(replies);
        }
        CHECK(*op.get() == "6 3 8 3");
    }
    counting.sizes.clear();
    CHECK(*run(sum_at_once(1, 100, counted{alive}), counting) == 5050);
    CHECK(counting.sizes == sizes{64, 36}); // `run` sends at most so many together
}

TEST_CASE_FIXTURE(fixture, "many: an operation that is dropped at any question leaves nothing behind") {
    for (int stop = 0; stop != questions_of_whole + 2; ++stop) {
        {
            auto op = whole(counted{alive});
            for (int i = 0; i != stop; ++i)
                if (auto const* ask = op.next()) op.answer(db.execute(*ask));
        }
        CHECK(alive == 0);
    }
}

TEST_CASE_FIXTURE(fixture, "many: nothing to ask is no step") {
    CHECK(*run(sum_at_once(1, 0, counted{alive}), counting) == 0);
    auto const nobody = []() -> task<int> {
        std::vector<task<int>> none;
        co_await when_all(std::span{none});
        auto const over = [](int n) -> task<int> { co_return n; };
        auto a = over(1), b = over(2);
        co_await when_all(a, b);
        co_return *a.get() + *b.get();
    };
    auto op = nobody();
    CHECK(op.next() == nullptr);
    CHECK(*op.get() == 3);
    CHECK(counting.sizes.empty());
}

TEST_CASE_FIXTURE(fixture, "many: the same key twice: of two inserts and of two takes one is done") {
    auto const twice = [](bool takes) -> task<int> {
        std::array<std::array<std::uint8_t, 8>, 2> buffers{};
        std::array<std::uint8_t, 1> const octet{7};
        std::array<store::request, 2> asks;
        for (std::size_t i = 0; i != 2; ++i)
            asks[i] =
                takes ? store::take(key_of(200), buffers[i], now) : store::insert(key_of(200), octet, now + 1h, now);
        std::array<store::reply, 2> replies;
        co_await when_all(asks, replies);
        co_return static_cast<int>(std::ranges::count(replies, store::outcome::done, &store::reply::outcome));
    };
    CHECK(*run(twice(false), counting) == 1);
    CHECK(*run(twice(true), counting) == 1);
    CHECK(counting.sizes == sizes{2, 2});
}

// ---- failures

namespace {

// Three questions, of which the second fails: the record has an octet more than fits. Afterwards one more.
task<int> tries(bool sees_all, counted held) {
    auto const three = [](bool sees, counted h) -> task<int> {
        (void)h;
        std::array<std::array<std::uint8_t, 8>, 3> buffers{};
        std::array<store::request, 3> asks;
        for (std::uint8_t i = 0; i != 3; ++i)
            asks[i] = store::find(key_of(static_cast<std::uint8_t>(i + 1)), buffers[i], now);
        asks[1].into = {};
        std::array<store::reply, 3> replies;
        if (sees) co_await as_result(when_all(asks, replies));
        else co_await when_all(asks, replies);
        co_return replies[0].record.bytes[0] + 10 * replies[2].record.bytes[0] +
            (replies[1].error == errc::buffer_too_small ? 100 : 0);
    };
    auto const got = co_await as_result(three(sees_all, held));
    // What is asked next stands where the others stood, in memory that is used again.
    auto const more = co_await sum_at_once(9, 3, held);
    co_return more + (got ? 1000 * *got : 0);
}

} // namespace

TEST_CASE_FIXTURE(fixture, "many: a failed reply ends the task, and the rest answers nothing that it asks afterwards") {
    for (bool const sees_all : {false, true}) {
        CAPTURE(sees_all);
        auto const is = sees_all ? 131'030 : 30;
        counting.sizes.clear();
        CHECK(*run(tries(sees_all, counted{alive}), counting) == is);
        CHECK(counting.sizes == sizes{3, 3});
        auto op = tries(sees_all, counted{alive});
        int questions = 0;
        for (; op.next(); ++questions) op.answer(db.execute(*op.next()));
        CHECK(questions == (sees_all ? 6 : 5)); // the third is not asked any more
        CHECK(*op.get() == is);
    }
    CHECK(alive == 0);
    auto op = sum_at_once(1, 3, counted{alive});
    std::array<store::reply, 3> replies{store::reply::failure(errc::outcome_unknown)};
    op.answer(replies);
    CHECK(op.open().empty());
    op.answer(replies); // and answers that nobody asked for are ignored
    CHECK(op.get().error() == errc::outcome_unknown);
}

TEST_CASE_FIXTURE(fixture, "many: a task that fails beside others ends alone") {
    auto const beside = [](counted held) -> task<int> {
        auto fails = tries(false, held);
        auto in_turn = sum_in_turn(1, 5, held);
        co_await when_all(fails, in_turn);
        auto const sum = co_await std::move(in_turn);
        co_return sum + *fails.get();
    };
    CHECK(*run(beside(counted{alive}), counting) == 45);
    CHECK(counting.sizes == sizes{4, 4, 1, 1, 1});

    using testing::store_fault;
    for (unsigned skip = 0; skip != questions_of_whole; ++skip) {
        testing::faulty_store flaky{db};
        flaky.fail_next(store_fault::unavailable, skip);
        CHECK(run(whole(counted{alive}), flaky).error() == errc::store_unavailable);
        CHECK(flaky.calls() > skip);
        CHECK(alive == 0);
    }
}

#ifdef __cpp_exceptions
TEST_CASE_FIXTURE(fixture, "many: an exception of one of several tasks goes to whoever fetches its value") {
    struct trouble {};
    auto const beside = [](counted held) -> task<int> {
        auto const throws = [](counted h) -> task<int> {
            auto const one = co_await sum_at_once(1, 1, h);
            if (one == 1) throw trouble{};
            co_return one;
        };
        auto bad = throws(held);
        auto good = sum_in_turn(1, 2, held);
        co_await when_all(bad, good);
        bool caught = false;
        try {
            (void)bad.get();
        } catch (trouble const&) { caught = true; }
        co_return caught ? *good.get() : 0;
    };
    CHECK(*run(beside(counted{alive}), counting) == 3);
    CHECK(alive == 0);
}
#endif

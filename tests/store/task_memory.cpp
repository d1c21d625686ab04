// Where frames come from and what is left of them: operator new and delete of this whole program are replaced.
#include "support/count_allocations.hpp"

#include <signet/store/memory.hpp>
#include <signet/store/metrics.hpp>
#include <signet/store/task.hpp>

#include <doctest/doctest.h>

#include <cstring>
#include <memory>
#include <string_view>

using namespace signet;
using store::task;
using namespace std::chrono_literals;
using counting::allocations;
using counting::fail_after;
using counting::looked_for;
using counting::seen_at_free;

namespace {

std::string_view hidden(void const* p, std::size_t size) { return {static_cast<char const*>(p), size}; }

constexpr unix_time now{1'800'000'000s};
constexpr char secret_text[] = "a cookie's value";
using secret_array = std::array<char, sizeof secret_text>;
char const* volatile in_use; // so that all of it stays in memory

task<int> look(std::uint8_t n, std::pmr::memory_resource* frames = nullptr) {
    (void)frames;
    secret_array secret;
    std::memcpy(secret.data(), secret_text, sizeof secret_text);
    in_use = secret.data();
    std::array<std::uint8_t, 8> buffer{};
    auto const found = co_await store::find({n}, buffer, now);
    co_return found&& secret[0] == 'a' ? static_cast<int>(found->bytes[0]) : 0;
}

// [frames]
task<int> sum_of(int count, std::pmr::memory_resource* frames = nullptr) {
    int sum = 0;
    for (int n = 1; n <= count; ++n) {
        auto const one = co_await look(static_cast<std::uint8_t>(n), frames); // the memory is passed on
        sum += one;
    }
    co_return sum;
}
// [/frames]

// Several at once.
task<int> sum_together(std::pmr::memory_resource* frames = nullptr) {
    auto a = look(1, frames), b = sum_of(2, frames);
    co_await store::when_all(a, b);
    co_return *a.get() + *b.get();
}

// A member coroutine, with the memory between other parameters, and as a pointer to the derived class.
struct counter {
    int first;
    task<int> sum(store::stack_buffer_resource* frames, std::unique_ptr<int> more) const {
        auto const one = co_await look(1, frames);
        co_return first + one + (more ? *more : 0);
    }
};

// Or in a struct with what every coroutine of a kind is given.
struct context {
    int count;
    std::pmr::memory_resource* frames;
};
task<int> sum_in(context c) {
    auto const sum = co_await sum_of(c.count, c.frames);
    co_return sum;
}

struct fixture {
    store::memory db;
    fixture() {
        for (std::uint8_t n = 1; n != 4; ++n)
            (void)db.execute(store::insert({n}, std::array<std::uint8_t, 1>{n}, now + 1h, now));
        allocations = 0;
    }
};

} // namespace

TEST_CASE_FIXTURE(fixture,
                  "task memory: one allocation for each coroutine in progress, none in memory of the caller's") {
    auto const before = run(sum_of(3), db);
    CHECK(allocations == 4);
    alignas(16) std::array<std::byte, 4096> buffer;
    store::stack_buffer_resource frames{buffer};
    allocations = 0;
    auto const after = run(sum_of(3, &frames), db);
    CHECK(allocations == 0);
    CHECK(*before == 6);
    CHECK(*after == 6);
    CHECK(frames.overflows() == 0);

    auto const used = frames.max_used();
    CHECK(used > 0);
    CHECK(used < 2048);
    auto const again = run(sum_of(3, &frames), db); // the same memory again
    CHECK(*again == 6);
    CHECK(frames.max_used() == used);

    allocations = 0;
    CHECK(*run(sum_together(&frames), db) == 4);
    CHECK(allocations == 0);
    counter const c{10};
    auto op = c.sum(&frames, nullptr);
    CHECK(*run(op, db) == 11);
    CHECK(allocations == 0);
    auto const lambda = [](int n, std::pmr::memory_resource* memory) -> task<int> {
        auto const one = co_await look(1, memory);
        co_return one + n;
    };
    CHECK(*run(lambda(1, &frames), db) == 2);
    CHECK(allocations == 0);
    CHECK(*run(sum_in({2, &frames}), db) == 3);
    CHECK(allocations == 0);
}

TEST_CASE_FIXTURE(
    fixture, "task memory: max_used says how large the buffer has to be; what does not fit comes from operator new") {
    std::array<std::byte, 1> none;
    store::stack_buffer_resource measuring{none};
    CHECK(*run(sum_of(3, &measuring), db) == 6);
    CHECK(measuring.overflows() == 4);
    CHECK(allocations == 4);
    auto const needed = measuring.max_used();

    for (std::size_t misaligned : {0u, 1u, 15u}) {
        auto const memory = std::make_unique<std::byte[]>(needed + 64);
        auto const size = store::stack_buffer_resource{{memory.get() + misaligned, 64}}.max_used();
        CHECK(size == 0);
        store::stack_buffer_resource exact{{memory.get() + misaligned, needed + 15}};
        allocations = 0;
        CHECK(*run(sum_of(3, &exact), db) == 6);
        CHECK(allocations == 0);
        store::stack_buffer_resource said{{memory.get() + misaligned, exact.max_used()}};
        CHECK(*run(sum_of(3, &said), db) == 6);
        CHECK(said.overflows() == 0);
        store::stack_buffer_resource too_small{{memory.get() + misaligned, exact.max_used() - 16}};
        CHECK(*run(sum_of(3, &too_small), db) == 6);
        CHECK(too_small.overflows() == 3); // the outer one fits
    }
}

TEST_CASE_FIXTURE(fixture, "task memory: tasks that end in any order give back what they took") {
    alignas(16) std::array<std::byte, 8192> buffer;
    store::stack_buffer_resource frames{buffer};
    for (int round = 0; round != 100; ++round) {
        auto a = std::make_unique<task<int>>(look(1, &frames));
        auto b = std::make_unique<task<int>>(look(2, &frames));
        a.reset(); // not the last
        auto c = std::make_unique<task<int>>(look(3, &frames));
        CHECK(*run(*c, db) == 3);
        CHECK(*run(*b, db) == 2);
    }
    CHECK(frames.overflows() == 0);
}

TEST_CASE_FIXTURE(
    fixture, "task memory: frames are wiped before they are freed, wherever they come from and however the task ends") {
    looked_for = secret_text;
    seen_at_free = 0;
    alignas(16) std::array<std::byte, 4096> buffer{};
    store::stack_buffer_resource frames{buffer};
    for (std::pmr::memory_resource* memory :
         {static_cast<std::pmr::memory_resource*>(nullptr), static_cast<std::pmr::memory_resource*>(&frames)}) {
        (void)run(sum_of(3, memory), db);
        auto dropped = std::make_unique<task<int>>(sum_of(3, memory));
        if (memory)
            CHECK(hidden(buffer.data(), buffer.size()).find(secret_text) !=
                  std::string_view::npos); // it is in the frame
        dropped.reset();
        auto failed = sum_of(3, memory);
        failed.answer(store::reply::failure(errc::store_unavailable));
    }
    looked_for = nullptr;
    CHECK(seen_at_free == 0);
    CHECK(hidden(buffer.data(), buffer.size()).find(secret_text) == std::string_view::npos);
}

TEST_CASE_FIXTURE(
    fixture,
    "task memory: running out of it at any allocation is an exception for whoever runs the task, and nothing is lost") {
    for (long succeed = 0; succeed != 5; ++succeed) {
        fail_after = succeed;
        bool thrown = false;
        int sum = 0;
        try {
            auto op = sum_of(3);
            sum = *run(op, db);
        } catch (std::bad_alloc const&) { thrown = true; }
        fail_after = -1;
        CHECK(thrown == (succeed < 4));
        CHECK(sum == (succeed < 4 ? 0 : 6));
    }
    for (long succeed = 0;; ++succeed) { // of tasks that go on together
        fail_after = succeed;
        int sum = 0;
        try {
            auto op = sum_together();
            sum = *run(op, db);
        } catch (std::bad_alloc const&) {}
        fail_after = -1;
        if (sum == 4) break;
        REQUIRE(succeed < 20);
    }
}

TEST_CASE_FIXTURE(fixture, "observed: a call that is observed allocates no more than one that is not") {
    store::metrics counts;
    store::observed observed_db{db, counts};
    std::array<std::uint8_t, 8> buffer{};
    std::array const asks{store::find({1}, buffer, now), store::find({2}, buffer, now)};
    std::array<store::reply, 2> replies{};
    allocations = 0;
    (void)observed_db.execute(asks[0]);
    observed_db.execute_many(asks, replies);
    (void)counts.snapshot();
    CHECK(allocations == 0);
}

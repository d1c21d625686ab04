// How often each operation allocates, and what its frames need: operator new and delete of the whole program are
// replaced.
#include "site.hpp"
#include "support/count_allocations.hpp"

#include <algorithm>
#include <limits>
#include <numeric>
#include <vector>

using namespace dbsc_test;
using counting::allocations;
using counting::large;

namespace {

// A site with a session, and an identical twin, since the dice are fixed: one request is good for both.
struct prepared {
    site<> s{};
    browser b;
    explicit prepared(browser const& owner) : b{owner} {
        REQUIRE(b.learn(s.finish(b.registration(s.offer(), "login-1")).answer));
    }
};

// The operation's own allocations: those of the store do not count.
template <class Op> struct counted_run {
    decltype(std::declval<Op>().get()) result;
    long allocations, large;
};
template <class Start> auto run_counted(Start start, store::memory& db) {
    auto const all_before = allocations, large_before = large;
    long all_of_store = 0, large_of_store = 0;
    auto op = start();
    while (auto const* ask = op.next()) {
        auto const all_then = allocations, large_then = large;
        auto const reply = db.execute(*ask);
        all_of_store += allocations - all_then;
        large_of_store += large - large_then;
        op.answer(reply);
    }
    auto result = op.get();
    return counted_run<decltype(op)>{std::move(result), allocations - all_before - all_of_store,
                                     large - large_before - large_of_store};
}

// Notes what is asked of it.
struct noting_resource final : std::pmr::memory_resource {
    std::vector<std::size_t> sizes{};

private:
    void* do_allocate(std::size_t size, std::size_t) override {
        sizes.push_back(size);
        return std::malloc(size);
    }
    void do_deallocate(void* memory, std::size_t, std::size_t) override { std::free(memory); }
    bool do_is_equal(std::pmr::memory_resource const& other) const noexcept override { return this == &other; }
};

bool good(result<dbsc::exchange> const& done) { return done->outcome || done->answer.status == 403; }
template <class T> bool good(result<T> const& done) { return done.has_value(); }

// That each coroutine takes one frame, from operator new or from the memory that is given, which is wiped afterwards.
template <class Prepare, class Operation>
void count_frames(std::size_t coroutines, Prepare prepare, Operation operation) {
    browser const owner;
    prepared first{owner}, second{owner}, third{owner};
    auto const what = prepare(first.s, first.b);
    (void)prepare(second.s, second.b), (void)prepare(third.s, third.b);

    noting_resource noted;
    alignas(std::max_align_t) std::array<std::byte, 12 * 1024> buffer{};
    store::stack_buffer_resource frames{buffer};
    CHECK(good(run(operation(third.s, what, &noted), third.s.db)));
    auto const without = run_counted([&] { return operation(first.s, what, nullptr); }, first.s.db);
    auto const with = run_counted([&] { return operation(second.s, what, &frames); }, second.s.db);
    CHECK(good(without.result));
    CHECK(good(with.result));
    CHECK(noted.sizes.size() == coroutines);
    CHECK(without.large - with.large ==
          std::count_if(noted.sizes.begin(), noted.sizes.end(), [](auto size) { return size > counting::small; }));
    CHECK(with.large < without.large);
    CHECK(frames.overflows() == 0);
    CHECK(frames.max_used() == std::accumulate(noted.sizes.begin(), noted.sizes.end(), std::size_t{0}));
    CHECK(std::count(buffer.begin(), buffer.end(), std::byte{}) == 12 * 1024); // nothing of a frame is left
}

} // namespace

TEST_CASE("DBSC memory: a refresh takes its two frames from the memory it is given, and allocates them without") {
    auto const refreshes = [](auto& s, dbsc::request const& r, std::pmr::memory_resource* frames) {
        return dbsc::handle_refresh(s.policy, r, s.clock.now(), s.dice, frames);
    };
    count_frames(2, [](auto&, browser& b) { return b.refresh(); }, refreshes);
    count_frames(2, [](auto&, browser& b) { return dbsc::request{.method = "POST", .session_id = b.id}; }, refreshes);
}

TEST_CASE("DBSC memory: so do the offer, a registration, also over another session, and the end") {
    auto const registers = [](auto& s, dbsc::request const& r, std::pmr::memory_resource* frames) {
        return dbsc::handle_registration(s.policy, r, s.clock.now(), s.dice, frames);
    };
    count_frames(2, [](auto& s, browser& b) { return b.registration(s.offer(), "login-1"); }, registers);
    count_frames(
        3, [](auto& s, browser& b) { return b.registration(s.offer({.user = "anna", .replaces = b.id})); }, registers);
    count_frames(
        1, [](auto&, browser&) { return 0; },
        [](auto& s, int, std::pmr::memory_resource* frames) {
            return dbsc::offer_registration(s.policy, {.user = "anna"}, s.clock.now(), s.dice, frames);
        });
    count_frames(
        2, [](auto&, browser& b) { return b.id; },
        [](auto& s, std::string const& id, std::pmr::memory_resource* frames) {
            return dbsc::end_session(id, dbsc::ending::revoked, s.clock.now(), frames);
        });
}

TEST_CASE("DBSC memory: the bound cookie's check, one for every request, allocates what it reads and gives alone") {
    site<> s;
    auto const b = s.logged_in();
    auto const field = b.cookie_field();
    auto fewest = std::numeric_limits<long>::max();
    for (int i = 0; i != 50; ++i) {
        auto const session = run_counted([&] { return dbsc::cookie_check{s.policy, field, s.clock.now()}; }, s.db);
        CHECK(session.result);
        CHECK(session.large == 0);
        fewest = std::min(fewest, session.allocations);
    }
    CHECK(fewest <= 13); // identifier, user, key and challenge, once or twice each
}

TEST_CASE("DBSC memory: of a bound cookie nothing stays in memory that is given back; the answer is its caller's") {
    auto const secret_in = [](dbsc::response const& answer) {
        auto const line = answer.find("Set-Cookie");
        auto const value = line.substr(0, line.find(';'));
        return std::string{value.substr(value.rfind('.') + 1)};
    };
    browser const owner;
    auto const left_by = [&](auto const& operate) {
        prepared first{owner}, second{owner}; // twins: both are given the same cookie
        auto const known = secret_in(operate(first).answer);
        REQUIRE(known.size() == 43);
        counting::looked_for = known.c_str();
        counting::seen_at_free = 0;
        auto const done = operate(second);
        counting::looked_for = nullptr;
        CHECK(secret_in(done.answer) == known);
        return counting::seen_at_free;
    };
    CHECK(left_by([](prepared& p) { return p.s.refresh(p.b.refresh("login-1")); }) == 0);
    browser const other;
    CHECK(left_by([&](prepared& p) {
              browser next{other};
              return p.s.finish(next.registration(p.s.offer({.user = "anna", .login = "two"}), "two"));
          }) == 0);

    // Nor of an answer that nobody fetched.
    prepared first{owner}, second{owner};
    auto const known = secret_in(first.s.refresh(first.b.refresh("login-1")).answer);
    counting::looked_for = known.c_str();
    counting::seen_at_free = 0;
    {
        auto const r = second.b.refresh("login-1");
        auto dropped = dbsc::handle_refresh(second.s.policy, r, second.s.clock.now(), second.s.dice);
        while (auto const* ask = dropped.next()) dropped.answer(second.s.db.execute(*ask));
    }
    counting::looked_for = nullptr;
    CHECK(counting::seen_at_free == 0);
}

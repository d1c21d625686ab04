#include <signet/store/impl/compare_and_swap.hpp>
#include <signet/store/memory.hpp>
#include <signet/testing/faulty_store.hpp>

#include <doctest/doctest.h>

#include <vector>

using namespace signet;
using store::compare_and_swap;
using store::swap_decision;
using store::task;
using namespace std::chrono_literals;

namespace {

constexpr unix_time now{1'800'000'000s};
constexpr unix_time until = now + 1h;
constexpr store::record_key key{1}, other_key{2};

bytes value(store::memory& db) {
    std::vector<std::uint8_t> buffer(store::max_record);
    auto const reply = db.execute(store::find(key, buffer, now));
    return reply.outcome == store::outcome::done ? bytes(reply.record.bytes.begin(), reply.record.bytes.end())
                                                 : bytes{};
}
void put(store::memory& db, bytes octets) {
    (void)db.execute(store::erase(key, now));
    (void)db.execute(store::insert(key, octets, until, now));
}

// Adds to a counter, and says what it became.
task<int> add(int n) {
    int sum = 0;
    auto const judge = [&](std::optional<store::record> const& found) -> result<swap_decision> {
        if (found && found->bytes.size() != 1) return errc::record_malformed;
        sum = n + (found ? found->bytes[0] : 0);
        return swap_decision::write({static_cast<std::uint8_t>(sum)}, until);
    };
    co_await compare_and_swap(key, now, judge);
    co_return sum;
}

// The same by a judge that has a question of its own: how much to add stands in another record.
task<int> add_other() {
    int sum = 0;
    auto const judge = [&](std::optional<store::record> const& found) -> task<swap_decision> {
        std::array<std::uint8_t, 1> buffer{};
        auto const n = co_await store::find(other_key, buffer, now);
        if (!n) co_return errc::session_unknown;
        sum = n->bytes[0] + (found ? found->bytes[0] : 0); // what was found is still there after the question
        co_return swap_decision::write({static_cast<std::uint8_t>(sum)}, until);
    };
    co_await compare_and_swap(key, now, judge);
    co_return sum;
}

task<bool> decide(swap_decision decision) {
    co_return co_await compare_and_swap(key, now, [&](auto const&) -> result<swap_decision> { return decision; });
}

} // namespace

TEST_CASE("compare_and_swap: writes where nothing is, and over what was read") {
    store::memory db;
    CHECK(*run(add(3), db) == 3);
    CHECK(*run(add(4), db) == 7);
    CHECK(value(db) == bytes{7});
    put(db, {1, 2});
    CHECK(run(add(4), db).error() == errc::record_malformed);
    CHECK(value(db) == bytes{1, 2});
}

TEST_CASE("compare_and_swap: keeps, erases, and says whether anything was changed") {
    store::memory db;
    CHECK_FALSE(*run(decide(swap_decision::keep()), db));
    CHECK_FALSE(*run(decide(swap_decision::erase()), db)); // nothing there
    put(db, {5});
    CHECK_FALSE(*run(decide(swap_decision::keep()), db));
    CHECK(value(db) == bytes{5});
    CHECK(*run(decide(swap_decision::write({6}, until)), db));
    CHECK(value(db) == bytes{6});
    CHECK(*run(decide(swap_decision::erase()), db));
    CHECK(value(db).empty());
}

TEST_CASE("compare_and_swap: a judge that is a task asks its own questions, and its error ends the operation") {
    store::memory db;
    put(db, {5});
    CHECK(run(add_other(), db).error() == errc::session_unknown);
    (void)db.execute(store::insert(other_key, bytes{2}, until, now));
    CHECK(*run(add_other(), db) == 7);
    CHECK(value(db) == bytes{7});
}

TEST_CASE("compare_and_swap: the first attempt goes by what the caller knows, the next one by what is there") {
    store::memory db;
    std::array<std::uint8_t, 4> buffer{};
    auto const add_knowing = [&](std::optional<store::record> known) -> task<int> {
        int sum = 0;
        auto const judge = [&](std::optional<store::record> const& found) -> result<swap_decision> {
            sum = 1 + (found ? found->bytes[0] : 0);
            return swap_decision::write({static_cast<std::uint8_t>(sum)}, until);
        };
        co_await compare_and_swap(key, now, judge, nullptr, {.buffer = buffer, .known = known});
        co_return sum;
    };
    auto const questions = [&](auto op, int sum) {
        std::vector<store::verb> asked;
        while (auto const* ask = op.next()) {
            asked.push_back(ask->verb);
            if (ask->verb == store::verb::find) CHECK(ask->into.data() == buffer.data());
            op.answer(db.execute(*ask));
        }
        CHECK(*op.get() == sum);
        return asked;
    };
    using verbs = std::vector<store::verb>;
    CHECK(questions(add_knowing(std::nullopt), 1) == verbs{store::verb::insert});
    CHECK(questions(add_knowing(std::nullopt), 2) ==
          verbs{store::verb::insert, store::verb::find, store::verb::replace});
    std::array<std::uint8_t, 1> mine{};
    auto const known = db.execute(store::find(key, mine, now)).record;
    CHECK(questions(add_knowing(known), 3) == verbs{store::verb::replace});
    CHECK(questions(add_knowing(known), 4) == verbs{store::verb::replace, store::verb::find, store::verb::replace});
    put(db, bytes(100, 9)); // more than the buffer holds
    CHECK(*run(add_knowing(known), db) == 10);
}

TEST_CASE("compare_and_swap: judges anew what another writer put there, whether it wrote, inserted or erased") {
    store::memory db;
    for (bytes first : {bytes{}, bytes{1}}) {
        for (bytes second : {bytes{}, bytes{10}}) {
            if (first.empty() && second.empty()) continue;
            (void)db.execute(store::erase(key, now));
            if (!first.empty()) put(db, first);
            auto op = add(1);
            op.answer(db.execute(*op.next()));
            if (second.empty()) (void)db.execute(store::erase(key, now));
            else put(db, second);
            CHECK(*run(op, db) == (second.empty() ? 1 : 11));
        }
    }
    put(db, {1});
    auto op = decide(swap_decision::erase()); // of the version that was read, and no other
    op.answer(db.execute(*op.next()));
    auto const question = *op.next();
    CHECK(question.verb == store::verb::erase);
    CHECK(question.version != 0);
    put(db, {2});
    op.answer(db.execute(question));
    REQUIRE(op.next()); // reads again
    CHECK(op.next()->verb == store::verb::find);
}

TEST_CASE("compare_and_swap: gives up with record_conflict after max_swap_attempts") {
    store::memory db;
    auto op = add(1);
    unsigned writes = 0;
    while (auto const* ask = op.next()) {
        if (ask->verb == store::verb::find) {
            op.answer(db.execute(*ask));
        } else {
            if (++writes > 2 * store::max_swap_attempts) break;
            op.answer(store::reply::not_applied());
        }
    }
    CHECK(writes == store::max_swap_attempts);
    CHECK(op.get().error() == errc::record_conflict);
}

TEST_CASE("compare_and_swap: a record of any size is read; one that never fits is the store's error") {
    store::memory db;
    for (std::size_t size : {std::size_t{2048}, std::size_t{2049}, std::size_t{30'000}, store::max_record}) {
        put(db, bytes(size, 7));
        std::size_t seen = 0;
        auto const judge = [&](std::optional<store::record> const& found) -> result<swap_decision> {
            seen = found->bytes.size();
            return swap_decision::keep();
        };
        CHECK_FALSE(*run(compare_and_swap(key, now, judge), db));
        CHECK(seen == size);
    }
    auto op = decide(swap_decision::keep());
    int questions = 0;
    for (; op.next() && questions != 10; ++questions)
        op.answer(store::reply::failure(errc::buffer_too_small, 1'000'000));
    CHECK(op.get().error() == errc::buffer_too_small);
    CHECK(questions == 2);
}

TEST_CASE("compare_and_swap: every failure of the store at every step ends it, and a lost reply is not tried again") {
    using testing::store_fault;
    for (auto how : {store_fault::unavailable, store_fault::request_lost, store_fault::reply_lost}) {
        for (unsigned skip = 0; skip != 3; ++skip) { // find, the judge's find, replace
            store::memory db;
            testing::faulty_store flaky{db};
            put(db, {5});
            (void)db.execute(store::insert(other_key, bytes{2}, until, now));
            flaky.fail_next(how, skip);
            auto const got = run(add_other(), flaky);
            auto const lost = skip == 2 && how != store_fault::unavailable;
            CHECK(got.error() == (lost ? errc::outcome_unknown : errc::store_unavailable));
            CHECK(flaky.calls() == skip + 1);
            CHECK(value(db) == bytes{static_cast<std::uint8_t>(skip == 2 && how == store_fault::reply_lost ? 7 : 5)});
        }
    }
    store::memory db;
    put(db, bytes(3000, 7)); // also where the buffer has to grow
    testing::faulty_store flaky{db};
    flaky.fail_next(store_fault::unavailable, 1);
    CHECK(run(decide(swap_decision::keep()), flaky).error() == errc::store_unavailable);
}

TEST_CASE("compare_and_swap: write_once asks for a single-use insert or replace with the time of issue") {
    store::memory db;
    auto const issued = now - 5s;
    for (bool there : {false, true}) {
        auto op = decide(swap_decision::write_once({9}, until, issued));
        op.answer(db.execute(*op.next()));
        REQUIRE(op.next());
        CHECK(op.next()->verb == (there ? store::verb::replace : store::verb::insert));
        CHECK(op.next()->single_use);
        CHECK(op.next()->issued == issued);
        CHECK(op.next()->record.expires == until);
        CHECK(*run(op, db));
    }
    auto plain = decide(swap_decision::write({9}, until));
    plain.answer(db.execute(*plain.next()));
    CHECK_FALSE(plain.next()->single_use);
    CHECK_FALSE(plain.next()->forgettable);
    for (int there = 0; there != 2; ++there) {
        auto touch = decide(swap_decision::write_forgettable({9}, until));
        touch.answer(db.execute(*touch.next()));
        CHECK(touch.next()->forgettable);
        CHECK(*run(touch, db));
    }
}

TEST_CASE("compare_and_swap: 64 operations that race all succeed, each counted once") {
    store::memory db;
    std::vector<task<int>> racing;
    for (int i = 0; i != 64; ++i) racing.push_back(add(1));
    for (bool open = true; open;) {
        open = false;
        for (auto& op : racing)
            if (auto const* ask = op.next()) {
                op.answer(db.execute(*ask));
                open = true;
            }
    }
    for (auto& op : racing) CHECK(op.get());
    CHECK(value(db) == bytes{64});
}

TEST_CASE("compare_and_swap: in memory of the caller's it has its frames there") {
    store::memory db;
    alignas(16) static std::array<std::byte, 8192> buffer;
    store::stack_buffer_resource frames{buffer};
    auto const judge = [&](std::optional<store::record> const&) -> result<swap_decision> {
        return swap_decision::write({1}, until);
    };
    CHECK(*run(compare_and_swap(key, now, judge, &frames), db));
    CHECK(frames.overflows() == 0);
    CHECK(frames.max_used() > 2048); // the buffer for what is read among it
}

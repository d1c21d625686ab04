#include <signet/store.hpp>
#include <signet/testing/faulty_store.hpp>

#include <doctest/doctest.h>

using namespace signet;

namespace {

constexpr unix_time now{std::chrono::seconds{1'800'000'000}};
constexpr store::record_key a_key{1, 2, 3};

// A counter that takes part in no store: one question after another until its replacement was done.
class count_up {
public:
    store::request const* next() noexcept { return over_ ? nullptr : &ask_; }
    void answer(store::reply const& r) {
        if (r.outcome == store::outcome::failed) return finish(r.error);
        if (ask_.verb == store::verb::find) {
            value_ = r.outcome == store::outcome::done ? r.record.bytes[0] : std::uint8_t{0};
            ++value_;
            ask_ = r.outcome == store::outcome::done
                       ? store::replace(a_key, r.record.version, {&value_, 1}, latest_time, now)
                       : store::insert(a_key, {&value_, 1}, latest_time, now);
        } else if (r.outcome == store::outcome::done) {
            finish(value_);
        } else {
            ask_ = store::find(a_key, room_, now); // somebody was first
        }
    }
    result<std::uint8_t> get() const noexcept { return ruling_; }

private:
    void finish(result<std::uint8_t> r) { over_ = true, ruling_ = r; }

    std::uint8_t room_[1]{};
    std::uint8_t value_ = 0;
    store::request ask_ = store::find(a_key, room_, now);
    bool over_ = false;
    result<std::uint8_t> ruling_ = errc::store_unavailable;
};
static_assert(store::operation<count_up>);

struct no_store {
    int execute(store::request const&);
};
static_assert(!store::blocking_store<no_store>);

} // namespace

TEST_CASE("store: an operation runs to its end on a store that waits") {
    store::memory db;
    CHECK(*run(count_up{}, db) == 1);
    count_up op;
    CHECK(*run(op, db) == 2);
}

TEST_CASE("store: an operation is tested without a store, reply by reply") {
    count_up op;
    REQUIRE(op.next());
    CHECK(op.next()->verb == store::verb::find);
    op.answer(store::reply::not_applied());
    CHECK(op.next()->verb == store::verb::insert);
    op.answer(store::reply::not_applied());
    CHECK(op.next()->verb == store::verb::find);
    op.answer(store::reply::failure(errc::outcome_unknown));
    CHECK(op.next() == nullptr);
    CHECK(op.get().error() == errc::outcome_unknown);
}

TEST_CASE("store: a reply is a bool or an error, and lost replies are neither false nor absent") {
    CHECK(*store::reply::success().done());
    CHECK_FALSE(*store::reply::not_applied().done());
    CHECK(store::reply::failure(errc::outcome_unknown).done().error() == errc::outcome_unknown);
    CHECK(http_status(errc::outcome_unknown) == 503);
    store::memory db;
    testing::faulty_store flaky{db};
    flaky.fail_next(testing::store_fault::reply_lost, 1);
    CHECK(run(count_up{}, flaky).error() == errc::outcome_unknown);
    CHECK(*run(count_up{}, flaky) == 2); // it had run
    CHECK(flaky.calls() == 4);
}

TEST_CASE("store: versions walk through all numbers, never 0") {
    store::detail::version_walk walk{std::uint64_t{0} - 0x9e3779b97f4a7c15}; // its first step lands on 0
    CHECK(walk.next() != 0);
    static_assert(store::detail::seconds(unix_time{std::chrono::seconds{-5}}) == 0);
}

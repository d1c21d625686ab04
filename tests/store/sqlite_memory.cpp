// Running out of memory while SQLite fails: operator new and delete of this whole program are replaced.
#include "support/count_allocations.hpp"

#include "contract.hpp"
#include "raw_sqlite.hpp"
#include "temporary.hpp"

#include <signet/store/sqlite.hpp>

#include <array>
#include <new>
#include <string>
#include <string_view>

using namespace signet;
using namespace std::chrono_literals;

namespace {

constexpr unix_time now{1'800'000'000s}, later = now + 3'600s;
using octets = std::array<std::uint8_t, 16>;
auto const anna = key_of(1), bert = key_of(2);

// Without memory for SQLite's words of the failure, which are longer than what a string keeps in itself.
template <class F> void without_memory(F f) {
    auto threw = false;
    counting::fail_after = 0;
    try {
        f();
    } catch (std::bad_alloc const&) { threw = true; }
    counting::fail_after = -1;
    CHECK_FALSE(threw);
}

} // namespace

TEST_CASE("sqlite: memory that runs out in a failure leaves no transaction open and no verb with another's key") {
    temporary_directory const dir;
    auto const path = dir / "store.db";
    auto db = *store::sqlite::open({.path = path});
    octets first{}, second{};
    REQUIRE(done(db.execute(store::insert(anna, as_bytes("anna"), later, now))));
    REQUIRE(done(db.execute(store::insert(bert, as_bytes("bert"), later, now))));

    raw(path, "ALTER TABLE record RENAME TO away");
    std::array const asks{store::find(anna, first, now), store::find(bert, second, now)};
    std::array<store::reply, 2> said;
    without_memory([&] { db.execute_many(asks, said); });
    for (auto const& one : said) CHECK(one.error == errc::store_unavailable);
    store::reply alone;
    without_memory([&] { alone = db.execute(store::find(anna, first, now)); });
    CHECK(alone.error == errc::store_unavailable);
    raw(path, "ALTER TABLE away RENAME TO record");

    alone = db.execute(store::find(bert, first, now));
    REQUIRE(done(alone));
    CHECK(as_text(alone.record.bytes) == "bert");
    REQUIRE(done(db.execute(store::replace(bert, alone.record.version, as_bytes("bea"), later, now))));
    auto other = *store::sqlite::open({.path = path}); // sees what was committed
    auto const seen = other.execute(store::find(bert, first, now));
    REQUIRE(done(seen));
    CHECK(as_text(seen.record.bytes) == "bea");
}

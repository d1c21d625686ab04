// Records that the store behind sees encrypted alone: `encrypted` and `encryption_keys`.
#include "contract.hpp"

#include <signet/store.hpp>
#include <signet/store/encrypted.hpp>
#include <signet/store/metrics.hpp>
#include <signet/store/pool.hpp>

#include <algorithm>
#include <functional>
#include <memory>

using namespace signet;
using namespace std::chrono_literals;

namespace {

constexpr unix_time now{1'800'000'000s};

secret key_with(std::uint8_t octet) { return secret::copy_of(bytes(32, octet)); }
store::encryption_keys keys_with(std::uint8_t current, std::vector<std::uint8_t> former = {}) {
    std::vector<secret> others;
    for (auto const octet : former) others.push_back(key_with(octet));
    return *store::encryption_keys::make(key_with(current), std::move(others));
}

// A store whose owner looks at what is written, and changes what is read.
struct untrusted {
    struct state {
        store::memory db;
        std::vector<bytes> written;
        std::function<void(store::reply&, std::span<std::uint8_t>)> change;
    };
    state* shared;
    store::reply execute(store::request const& ask) {
        if (!ask.record.bytes.empty()) shared->written.emplace_back(ask.record.bytes.begin(), ask.record.bytes.end());
        auto answer = shared->db.execute(ask);
        if (shared->change && done(answer)) shared->change(answer, ask.into);
        return answer;
    }
};

struct fixture {
    untrusted::state state;
    store::encrypted<untrusted> db{untrusted{&state}, keys_with(1)};
    std::array<std::uint8_t, 64> buffer{};

    store::reply insert(std::uint64_t n, std::string_view text) {
        return db.execute(store::insert(key_of(n), as_bytes(text), now + 1h, now));
    }
    store::reply find(std::uint64_t n) { return db.execute(store::find(key_of(n), buffer, now)); }
};

} // namespace

TEST_CASE("store contract: encrypted, alone and within a pool" * long_run()) {
    store::memory db;
    testing::store_suite_params params;
    params.max_record = store::max_record - store::encryption_overhead;
    SUBCASE("around a store that is referred to") {
        store::encrypted all{db, keys_with(1)};
        check_contract([&] { return testing::shared_store{&all}; }, params);
    }
    SUBCASE("within a pool that is observed") {
        std::vector<store::encrypted<testing::shared_store<store::memory>>> connections;
        for (int i = 0; i != 3; ++i) connections.emplace_back(testing::shared_store{&db}, keys_with(1));
        store::pool pool{std::move(connections)};
        store::metrics counts;
        store::observed all{pool, counts};
        check_contract([&] { return testing::shared_store{&all}; }, params);
        CHECK(store::check_health(all, now).is_healthy());
    }
}

TEST_CASE_FIXTURE(fixture, "encrypted: the store sees nothing of a record, and equal records are unlike") {
    std::string_view const text = "a token that is good for a while";
    for (std::uint64_t n = 0; n != 2; ++n) CHECK(done(insert(n, text)));
    auto const first = db.execute(store::find(key_of(0), buffer, now));
    CHECK(done(db.execute(store::replace(key_of(0), first.record.version, as_bytes(text), now + 1h, now))));
    REQUIRE(state.written.size() == 3);
    for (auto const& octets : state.written) {
        CHECK(octets.size() == text.size() + store::encryption_overhead);
        CHECK(as_text(octets).find("token") == std::string_view::npos);
        CHECK(store::encryption_keys::is_encrypted(octets));
    }
    for (std::size_t i = 0; i != 3; ++i) // whatever stands behind mark and id of the key
        CHECK_FALSE(std::equal(state.written[i].begin() + 5, state.written[i].begin() + 13,
                               state.written[(i + 1) % 3].begin() + 5));
    CHECK(as_text(find(0).record.bytes) == text);
    // A program without keys does not take it for something else.
    store::record_reader reader{state.written[0], 1, 'S'};
    CHECK_FALSE(reader.finish());
}

TEST_CASE_FIXTURE(fixture, "encrypted: a record that was changed, moved, cut or given more time is malformed") {
    REQUIRE(done(insert(1, "anna")));
    REQUIRE(done(insert(2, "bert")));
    auto const size = 4 + store::encryption_overhead;
    for (std::size_t i = 0; i != size; ++i) {
        state.change = [&](store::reply&, std::span<std::uint8_t> octets) { octets[i] ^= 1; };
        auto const is_of_key_id = i >= 1 && i < 5;
        CHECK(failed(find(1), i == 0         ? errc::record_not_encrypted
                              : is_of_key_id ? errc::unknown_encryption_key
                                             : errc::record_malformed));
    }
    for (std::size_t cut = 1; cut <= size; ++cut) {
        state.change = [&](store::reply& r, std::span<std::uint8_t>) {
            r.record.bytes = r.record.bytes.first(size - cut);
        };
        CHECK(failed(find(1), cut == size ? errc::record_not_encrypted : errc::record_malformed));
    }
    state.change = [](store::reply& r, std::span<std::uint8_t>) { r.record.expires += 1s; };
    CHECK(failed(find(1), errc::record_malformed));
    state.change = [&](store::reply&, std::span<std::uint8_t> octets) { // the other one's octets
        std::copy(state.written[1].begin(), state.written[1].end(), octets.begin());
    };
    CHECK(failed(find(1), errc::record_malformed));
    CHECK(as_text(find(2).record.bytes) == "bert");
    CHECK(std::all_of(buffer.begin() + 4, buffer.end(), [](auto octet) { return octet == 0; }));
}

TEST_CASE_FIXTURE(fixture,
                  "encrypted: keys are rotated: former ones decrypt, the current one encrypts, others are unknown") {
    REQUIRE(done(insert(1, "old")));
    untrusted behind{&state};
    store::encrypted prepared{behind, keys_with(1, {2})}, rotated{behind, keys_with(2, {1})},
        late{behind, keys_with(2)};
    CHECK(as_text(rotated.execute(store::find(key_of(1), buffer, now)).record.bytes) == "old");
    CHECK(failed(late.execute(store::find(key_of(1), buffer, now)), errc::unknown_encryption_key));
    auto const held = rotated.execute(store::find(key_of(1), buffer, now));
    CHECK(done(rotated.execute(store::replace(key_of(1), held.record.version, as_bytes("new"), now + 1h, now))));
    CHECK(as_text(late.execute(store::find(key_of(1), buffer, now)).record.bytes) == "new");
    CHECK(as_text(prepared.execute(store::find(key_of(1), buffer, now)).record.bytes) == "new");
    CHECK(failed(db.execute(store::find(key_of(1), buffer, now)), errc::unknown_encryption_key));
}

TEST_CASE("encrypted: keys have 32 octets, are all different, and not too many") {
    using store::encryption_keys;
    CHECK(encryption_keys::make(secret::copy_of(bytes(31, 1))).error() == errc::weak_key);
    CHECK(encryption_keys::make(secret::copy_of(bytes(33, 1))).error() == errc::weak_key);
    CHECK(encryption_keys::make({}).error() == errc::weak_key);
    std::vector<secret> former;
    former.push_back(key_with(1));
    CHECK(encryption_keys::make(key_with(1), std::move(former)).error() == errc::duplicate_key);
    former.clear();
    for (std::uint8_t n = 0; n != store::max_former_encryption_keys + 1; ++n) former.push_back(key_with(n));
    CHECK(encryption_keys::make(key_with(99), std::move(former)).error() == errc::out_of_range);
}

TEST_CASE_FIXTURE(
    fixture, "encrypted: a buffer that is too small is told the plain size; a record that is too large is refused") {
    REQUIRE(done(insert(1, "0123456789")));
    std::array<std::uint8_t, 9> small{};
    auto const short_find = db.execute(store::find(key_of(1), small, now));
    CHECK(failed(short_find, errc::buffer_too_small));
    CHECK(short_find.needed == 10);
    CHECK(failed(db.execute(store::take(key_of(1), small, now)), errc::buffer_too_small));
    CHECK(done(find(1))); // it stayed
    bytes const largest(store::max_record - store::encryption_overhead), larger(largest.size() + 1);
    std::array const asks{store::insert(key_of(2), largest, now + 1h, now),
                          store::insert(key_of(3), larger, now + 1h, now), store::find(key_of(1), buffer, now)};
    std::array<store::reply, 3> replies{};
    db.execute_many(asks, replies);
    CHECK(done(replies[0]));
    CHECK(failed(replies[1], errc::record_too_large));
    CHECK(as_text(replies[2].record.bytes) == "0123456789");
    CHECK(failed(db.execute(asks[1]), errc::record_too_large));
}

TEST_CASE_FIXTURE(
    fixture, "encrypted: records from before are refused, or accepted by name and encrypted when they are written") {
    auto& plain = db.inner();
    REQUIRE(done(plain.execute(store::insert(key_of(1), as_bytes("from before"), now + 1h, now))));
    CHECK(failed(find(1), errc::record_not_encrypted));
    store::encrypted mixed{untrusted{&state}, keys_with(1), {.accept_unencrypted = true}};
    auto const held = mixed.execute(store::find(key_of(1), buffer, now));
    CHECK(as_text(held.record.bytes) == "from before");
    std::array<std::uint8_t, 10> small{};
    auto const short_find = mixed.execute(store::find(key_of(1), small, now));
    CHECK(failed(short_find, errc::buffer_too_small));
    CHECK(short_find.needed == 11);
    CHECK(done(mixed.execute(store::replace(key_of(1), held.record.version, as_bytes("now"), now + 1h, now))));
    CHECK(as_text(find(1).record.bytes) == "now");
}

namespace {

// All that `reencrypt` says on its way through the store.
result<store::reencrypted_records> reencrypt_all(auto& db, unix_time at, std::size_t count) {
    store::reencrypted_records sum;
    for (store::scan_position position; !position.is_over();) {
        auto const some = db.reencrypt(position, at, count);
        if (!some) return some.error();
        sum.rewritten += some->rewritten, sum.expiring += some->expiring, sum.left += some->left;
    }
    return sum;
}

constexpr unix_time for_ever{std::chrono::sys_days{std::chrono::year{9999} / 12 / 31}};

} // namespace

TEST_CASE("encrypted: after reencrypt the new key alone reads all records, those too that never expire") {
    store::memory behind;
    store::encrypted before{behind, keys_with(1)}, during{behind, keys_with(2, {1})}, after{behind, keys_with(2)};
    constexpr std::uint64_t many = 300;
    auto const expires = [](std::uint64_t n) { return n % 2 ? for_ever : now + 2h; };
    for (std::uint64_t n = 0; n != many; ++n) // some of each kind of writer
        REQUIRE(done(
            (n % 3 ? before : during).execute(store::insert(key_of(n), as_bytes(std::to_string(n)), expires(n), now))));
    auto const changed = reencrypt_all(during, now, 7);
    REQUIRE(changed);
    CHECK(changed->rewritten == 200);
    CHECK(changed->expiring == 0);
    CHECK(changed->left == 0);
    std::array<std::uint8_t, 16> buffer{};
    for (std::uint64_t n = 0; n != many; ++n) {
        auto const found = after.execute(store::find(key_of(n), buffer, now));
        REQUIRE(done(found));
        CHECK(as_text(found.record.bytes) == std::to_string(n));
        CHECK(found.record.expires == expires(n));
    }
    CHECK(reencrypt_all(during, now, 1000)->rewritten == 0); // there is nothing more to do
}

TEST_CASE("encrypted: reencrypt encrypts what was not, where that is accepted, and says what is left") {
    store::memory behind;
    bytes const large(store::max_record - store::encryption_overhead + 1);
    REQUIRE(done(behind.execute(store::insert(key_of(1), as_bytes("from before"), for_ever, now))));
    REQUIRE(done(behind.execute(store::insert(key_of(2), large, for_ever, now))));
    store::encrypted strangers{behind, keys_with(9)}, strict{behind, keys_with(1)},
        lenient{behind, keys_with(1), {.accept_unencrypted = true}};
    REQUIRE(done(strangers.execute(store::insert(key_of(3), as_bytes("a stranger's"), for_ever, now))));
    auto const refused = reencrypt_all(strict, now, 64);
    REQUIRE(refused);
    CHECK(refused->rewritten == 0);
    CHECK(refused->left == 3);
    auto const accepted = reencrypt_all(lenient, now, 64);
    REQUIRE(accepted);
    CHECK(accepted->rewritten == 1);
    CHECK(accepted->left == 2);
    std::array<std::uint8_t, 16> buffer{};
    CHECK(as_text(strict.execute(store::find(key_of(1), buffer, now)).record.bytes) == "from before");
    CHECK(done(strangers.execute(store::find(key_of(3), buffer, now)))); // untouched
}

// A challenge that was taken, and came back by a restart, is refused by when it was written.
TEST_CASE("encrypted: reencrypt writes no record that expires within an hour") {
    store::memory behind;
    store::encrypted before{behind, keys_with(1)}, during{behind, keys_with(2, {1})};
    auto const within = before.execute(store::insert(key_of(1), as_bytes("a"), now + 1h, now));
    auto const beyond = before.execute(store::insert(key_of(2), as_bytes("b"), now + 1h + 1s, now));
    auto const changed = reencrypt_all(during, now, 64);
    REQUIRE(changed);
    CHECK(changed->rewritten == 1);
    CHECK(changed->expiring == 1);
    std::array<std::uint8_t, 16> buffer{};
    CHECK(during.execute(store::find(key_of(1), buffer, now)).record.version == within.record.version);
    CHECK(during.execute(store::find(key_of(2), buffer, now)).record.version != beyond.record.version);
}

namespace {

// A memory store in which somebody writes between the scan and what follows, or which does not write.
struct busy {
    store::memory* db;
    std::function<void()> meanwhile;
    bool fails = false;
    store::reply execute(store::request const& ask) {
        return fails ? store::reply::failure(errc::outcome_unknown) : db->execute(ask);
    }
    result<void> scan(store::scan_position& position, unix_time at, store::scan_page& page) {
        auto scanned = db->scan(position, at, page);
        if (meanwhile) std::exchange(meanwhile, {})();
        return scanned;
    }
};

} // namespace

TEST_CASE("encrypted: whoever writes or erases a record while it is encrypted anew has the last word") {
    store::memory behind;
    store::encrypted before{behind, keys_with(1)}, after{behind, keys_with(2)};
    auto const first = before.execute(store::insert(key_of(1), as_bytes("old"), for_ever, now));
    REQUIRE(done(before.execute(store::insert(key_of(2), as_bytes("old"), for_ever, now))));
    busy store_behind{&behind, [&] {
                          auto const ask =
                              store::replace(key_of(1), first.record.version, as_bytes("new"), for_ever, now);
                          CHECK(done(after.execute(ask)));
                          CHECK(done(after.execute(store::erase(key_of(2), now))));
                      }};
    store::encrypted during{store_behind, keys_with(2, {1})};
    auto const changed = reencrypt_all(during, now, 64);
    REQUIRE(changed);
    CHECK(changed->rewritten == 0);
    std::array<std::uint8_t, 16> buffer{};
    CHECK(as_text(after.execute(store::find(key_of(1), buffer, now)).record.bytes) == "new");
    CHECK(not_applied(after.execute(store::find(key_of(2), buffer, now))));
}

TEST_CASE("encrypted: reencrypt that failed goes on where it was") {
    store::memory behind;
    store::encrypted before{behind, keys_with(1)};
    for (std::uint64_t n = 0; n != 20; ++n)
        REQUIRE(done(before.execute(store::insert(key_of(n), as_bytes("old"), for_ever, now))));
    busy store_behind{&behind, {}};
    store::encrypted during{store_behind, keys_with(2, {1})};
    std::size_t rewritten = 0;
    for (store::scan_position position; !position.is_over();) {
        auto const from = position;
        store_behind.fails = true;
        auto const failed = during.reencrypt(position, now, 6);
        if (!failed) {
            CHECK(failed.error() == errc::outcome_unknown);
            CHECK(position == from);
        }
        store_behind.fails = false;
        if (failed) continue; // a page without records
        auto const some = during.reencrypt(position, now, 6);
        REQUIRE(some);
        rewritten += some->rewritten;
    }
    CHECK(rewritten == 20);
}

// Every reply a store can give, at every step of every operation: nothing is answered that would end a session by
// accident.
#include "site.hpp"

#include <signet/testing/faulty_store.hpp>

#include <functional>
#include <vector>

using namespace dbsc_test;

namespace {

constexpr errc failures[] = {errc::store_unavailable, errc::outcome_unknown, errc::store_full,
                             errc::store_unfit,       errc::store_restarted, errc::buffer_too_small,
                             errc::record_too_large,  errc::record_expired};

// A record that does not fit is read again into a larger buffer: no failure, where the read is part of a swap.
bool is_read_again(errc why, bool reads) { return why == errc::buffer_too_small && reads; }

// A store that answers the call with that number in its own way, and passes the others on.
struct odd_store {
    store::memory* inner;
    unsigned at;
    std::function<store::reply(store::request const&)> instead;
    unsigned calls = 0;
    store::reply execute(store::request const& ask) { return calls++ == at ? instead(ask) : inner->execute(ask); }
};

// What a reply to a read can hold that is no record of ours.
std::vector<bytes> damaged(bytes const& good) {
    std::vector<bytes> all{{}, {0}, {1}, bytes(5000, 1)};
    for (std::size_t n = 0; n < good.size(); ++n)
        all.emplace_back(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(n)); // cut anywhere
    all.push_back(good), all.back().push_back(0);                                      // one octet more
    all.push_back(good), all.back()[0] = 2;                                            // a newer format
    all.push_back(good), all.back()[1] ^= 1;                                           // another kind
    return all;
}

template <class Op> bytes record_of(Op& op, store::memory& db) { // what the first read gives
    auto const reply = db.execute(*op.next());
    return {reply.record.bytes.begin(), reply.record.bytes.end()};
}

} // namespace

TEST_CASE("DECISIONS 1 and 15 a refresh: whatever the store replies, at whatever step, the session is kept") {
    for (bool with_proof : {true, false})
        for (unsigned at = 0; at != 3; ++at) {
            std::vector<std::pair<errc, std::function<store::reply(store::request const&)>>> cases;
            for (errc why : failures) cases.emplace_back(why, [why](auto&) { return store::reply::failure(why); });
            for (auto const& [why, instead] : cases) {
                CAPTURE(with_proof);
                CAPTURE(at);
                CAPTURE(name(why));
                site<> s;
                auto b = s.logged_in();
                s.clock.advance(460s); // the challenge is no longer young: asking for one is a write
                auto const first = b.cookie;
                auto const known = b.challenge;
                if (!with_proof) b.challenge.clear();
                auto const r = b.refresh();
                odd_store odd{&s.db, at, instead};
                auto const done = *run(dbsc::handle_refresh(s.policy, r, s.clock.now(), s.dice), odd);
                if (odd.calls <= at || is_read_again(why, at == 0)) { // that step is not reached, or not its end
                    CHECK(done.answer.status == (with_proof ? 200 : 403));
                    continue;
                }
                if (why == errc::store_restarted && with_proof &&
                    at == 1) { // the challenge may have been used: another one
                    CHECK(done.answer.status == 403);
                    CHECK(done.outcome.error() == errc::store_restarted);
                    REQUIRE(b.learn(done.answer));
                    CHECK(b.challenge != known);
                } else {
                    CHECK(done.answer.status == 503);
                    CHECK(done.outcome.error() == why);
                    CHECK(done.answer.find("Set-Cookie").empty());
                    CHECK(done.answer.find("Secure-Session-Challenge").empty());
                }
                // The browser tries again, with the same token first, and the old cookie works meanwhile.
                CHECK(s.check(b.cookie_field().substr(0, 13) + first));
                auto const again = s.refresh(b.refresh());
                REQUIRE(b.learn(again.answer));
                if (again.answer.status == 403) REQUIRE(b.learn(s.refresh(b.refresh()).answer));
                CHECK(b.cookie != first);
                CHECK(s.check(b));
            }
        }
}

TEST_CASE(
    "DBSC.md 5 after a restart of the store its own seconds are waited out with 503, not with one 403 after the other") {
    site<> s;
    auto b = s.logged_in();
    auto const r = b.refresh(); // issued just now
    auto const known = b.challenge;
    odd_store odd{&s.db, 1, [](auto&) { return store::reply::failure(errc::store_restarted); }};
    auto const done = *run(dbsc::handle_refresh(s.policy, r, s.clock.now(), s.dice), odd);
    CHECK(done.answer.status == 503);
    s.clock.advance(5s);
    odd_store later{&s.db, 1, [](auto&) { return store::reply::failure(errc::store_restarted); }};
    auto const asked = *run(dbsc::handle_refresh(s.policy, r, s.clock.now(), s.dice), later);
    CHECK(asked.answer.status == 403);
    REQUIRE(b.learn(asked.answer));
    CHECK(b.challenge != known); // though that one is young
    CHECK(s.refresh(b.refresh()).outcome);
}

TEST_CASE("DECISIONS 7 and 15 a damaged or newer session record is 503 and is left alone; nothing in it crashes") {
    site<> s;
    auto const b = [&s] { return s.logged_in(); }();
    dbsc::request const r{.method = "POST", .session_id = b.id};
    auto first = dbsc::handle_refresh(s.policy, r, s.clock.now(), s.dice);
    auto const good = record_of(first, s.db);
    for (auto const& octets : damaged(good)) {
        auto op = dbsc::handle_refresh(s.policy, r, s.clock.now(), s.dice);
        op.answer(store::reply::success({octets, s.clock.now() + 100s, 7}));
        CHECK_FALSE(op.next());
        auto const done = *op.get();
        CHECK(done.answer.status == 503);
        auto const why = done.outcome.error().code;
        CHECK((why == errc::record_malformed || why == errc::record_newer));

        dbsc::cookie_check check{s.policy, b.cookie_field(), s.clock.now()};
        check.answer(store::reply::success({octets, s.clock.now() + 100s, 7}));
        CHECK(http_status(check.get().error().code) == 503);

        auto end = dbsc::end_session(b.id, dbsc::ending::revoked, s.clock.now());
        end.answer(store::reply::success({octets, s.clock.now() + 100s, 7}));
        CHECK_FALSE(end.next());
        CHECK(http_status(end.get().error().code) == 503);
    }
    // Each octet another one: it is refused or read, and never taken for a good proof.
    for (std::size_t i = 0; i != good.size(); ++i)
        for (int flip : {1, 0x80, 0xff}) {
            auto octets = good;
            octets[i] = static_cast<std::uint8_t>(octets[i] ^ flip);
            auto op = dbsc::handle_refresh(s.policy, r, s.clock.now(), s.dice);
            op.answer(store::reply::success({octets, s.clock.now() + 100s, 7}));
            if (op.next()) op.answer(store::reply::success());
            auto const done = *op.get();
            CHECK_FALSE(done.outcome);
            CHECK(done.answer.status != 401);
            CHECK(done.answer.status != 429);
        }
}

TEST_CASE("DECISIONS 1 and 15 a registration: whatever the store replies, nothing is half made") {
    for (auto replaces : {"", "an-old-id"})
        for (unsigned at = 0; at != 3; ++at)
            for (errc why : failures) {
                CAPTURE(replaces);
                CAPTURE(at);
                CAPTURE(name(why));
                site<> s;
                browser b;
                auto const field = s.offer({.user = "anna", .replaces = replaces});
                auto const r = b.registration(field);
                odd_store odd{&s.db, at, [why](auto&) { return store::reply::failure(why); }};
                auto const done = *run(dbsc::handle_registration(s.policy, r, s.clock.now(), s.dice), odd);
                if (odd.calls <= at || is_read_again(why, at == 1 && *replaces)) {
                    CHECK(done.outcome);
                    continue;
                }
                CHECK(done.outcome.error() == why);
                CHECK(done.answer.find("Set-Cookie").empty());
                CHECK(done.answer.body.empty());
                if (why == errc::store_restarted) CHECK(done.answer.status == 403);
                else CHECK(done.answer.status / 100 == 5);
                if (at == 0) CHECK(s.finish(r).outcome); // the challenge was not taken: the browser may send it again
                else CHECK(s.finish(r).outcome.error() == errc::dbsc_challenge_refused);
            }

    // Not applied: no such challenge; an identifier that is there already; an old session that others change all the
    // time.
    site<> s;
    browser b;
    auto const not_applied = [](auto&) { return store::reply::not_applied(); };
    odd_store none{&s.db, 0, not_applied};
    auto const r1 = b.registration(s.offer({.user = "anna"}));
    CHECK(run(dbsc::handle_registration(s.policy, r1, s.clock.now(), s.dice), none)->outcome.error() ==
          errc::dbsc_challenge_refused);
    auto const r0 = b.registration(s.offer({.user = "anna"}));
    odd_store taken{&s.db, 1, not_applied};
    CHECK(run(dbsc::handle_registration(s.policy, r0, s.clock.now(), s.dice), taken)->outcome.error() ==
          errc::random_failed);
    auto const r2 = b.registration(s.offer({.user = "anna", .replaces = "an-old-id"}));
    auto busy = dbsc::handle_registration(s.policy, r2, s.clock.now(), s.dice);
    busy.answer(s.db.execute(*busy.next()));
    unsigned writes = 0;
    while (auto const* ask = busy.next()) {
        REQUIRE(writes <= store::max_swap_attempts);
        bool const reads = ask->verb == store::verb::find;
        writes += !reads;
        busy.answer(reads ? store::reply::success({{}, s.clock.now() + 100s, 7}) : store::reply::not_applied());
    }
    CHECK(writes == store::max_swap_attempts);
    auto const conflict = *busy.get();
    CHECK(conflict.answer.status == 503);
    CHECK(conflict.outcome.error() == errc::record_conflict);

    // A damaged record under the challenge.
    auto const field = s.offer({.user = "anna", .login = "l", .authorization = "a"});
    auto const r3 = b.registration(field, "l");
    auto first = dbsc::handle_registration(s.policy, r3, s.clock.now(), s.dice);
    for (auto const& octets : damaged(record_of(first, s.db))) {
        auto op = dbsc::handle_registration(s.policy, r3, s.clock.now(), s.dice);
        op.answer(store::reply::success({octets, s.clock.now() + 100s, 7}));
        CHECK_FALSE(op.next());
        CHECK(op.get()->answer.status == 503);
    }
}

TEST_CASE("DECISIONS 1 the beginning, the check and the end tell the store's failures as they are") {
    site<> s;
    auto const b = s.logged_in();
    for (errc why : failures) {
        auto begin = dbsc::offer_registration(s.policy, {.user = "anna"}, s.clock.now(), s.dice);
        begin.answer(store::reply::failure(why));
        CHECK(begin.get().error() == why);
        dbsc::cookie_check check{s.policy, b.cookie_field(), s.clock.now()};
        check.answer(store::reply::failure(why));
        CHECK(check.get().error() == why);
        for (unsigned at : {0u, 1u}) {
            if (is_read_again(why, at == 0)) continue;
            odd_store odd{&s.db, at, [why](auto&) { return store::reply::failure(why); }};
            CHECK(run(dbsc::end_session(b.id, dbsc::ending::revoked, s.clock.now()), odd).error() == why);
            CHECK(s.check(b));
        }
    }
    auto begin = dbsc::offer_registration(s.policy, {.user = "anna"}, s.clock.now(), s.dice);
    begin.answer(store::reply::not_applied());
    CHECK(begin.get().error() == errc::random_failed);

    auto busy = dbsc::end_session(b.id, dbsc::ending::revoked, s.clock.now());
    unsigned writes = 0;
    while (auto const* ask = busy.next()) {
        REQUIRE(writes <= store::max_swap_attempts);
        bool const reads = ask->verb == store::verb::find;
        writes += !reads;
        busy.answer(reads ? s.db.execute(*ask) : store::reply::not_applied());
    }
    CHECK(writes == store::max_swap_attempts);
    CHECK(busy.get().error() == errc::record_conflict);

    odd_store small{&s.db, 0, [](auto&) { return store::reply::failure(errc::buffer_too_small, 5000); }};
    CHECK(run(dbsc::end_session(b.id, dbsc::ending::revoked, s.clock.now()), small));
    CHECK(small.calls == 3);
    CHECK(s.check(b).error() == errc::dbsc_session_revoked);
}

TEST_CASE("DECISIONS 15 a store that is lost at any call, with or without having run it, logs nobody out") {
    using testing::store_fault;
    for (auto fault : {store_fault::unavailable, store_fault::request_lost, store_fault::reply_lost})
        for (unsigned skip = 0; skip != 6; ++skip) {
            CAPTURE(static_cast<int>(fault));
            CAPTURE(skip);
            site<> s;
            auto b = s.logged_in();
            testing::faulty_store flaky{s.db};
            flaky.fail_next(fault, skip);
            unsigned good = 0;
            for (int i = 0; i != 12; ++i) {
                s.clock.advance(300s);
                for (int tries = 0; tries != 5; ++tries) { // as often as Chromium does
                    auto const done = *run(dbsc::handle_refresh(s.policy, b.refresh(), s.clock.now(), s.dice), flaky);
                    REQUIRE(b.learn(done.answer));
                    REQUIRE(done.answer.status != 429);
                    good += done.answer.status == 200;
                    if (done.answer.status != 403) break;
                }
            }
            CHECK(good >= 11);
            CHECK(s.check(b));
        }
}

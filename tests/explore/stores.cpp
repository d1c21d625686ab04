// The replay guard and the memory store, in every order of their operations.
#include "signet.hpp"

#include <doctest/doctest.h>

using namespace signet;
using namespace std::chrono_literals;

namespace {

constexpr unix_time now{1'763'700'000s};

store::record_key key(std::uint8_t number) {
    store::record_key key{};
    for (std::size_t i = 0; i != key.size(); ++i) key[i] = static_cast<std::uint8_t>(number * 31 + i * 7);
    return key;
}
bytes_view octets(std::string_view text) { return as_bytes(text); }

struct constant_source {
    void fill(std::span<std::uint8_t> out) {
        for (auto& octet : out) octet = 0x5a;
    }
};

// A connection that one thread may use at a time.
struct connection {
    struct state {
        store::memory db{{.records = 8, .shards = 1}};
        bool is_busy = false, was_shared = false;
        std::size_t executed = 0;
    };
    state* of;

    store::reply execute(store::request const& ask) {
        store::reply answer;
        execute_many({&ask, 1}, {&answer, 1});
        return answer;
    }
    void execute_many(std::span<store::request const> asks, std::span<store::reply> replies) {
        of->was_shared = of->was_shared || std::exchange(of->is_busy, true);
        of->executed += asks.size();
        for (std::size_t i = 0; i != asks.size(); ++i) replies[i] = of->db.execute(asks[i]);
        of->is_busy = false;
    }
};

} // namespace

TEST_SUITE_BEGIN("long"); // see support/long_run.hpp

TEST_CASE(
    "Replay guard: of proofs that are shown twice at once the first alone is accepted, also while generations rotate") {
    for (auto const at : {now, now + 301s}) {
        auto const all = explore::every_schedule(explore::preemptions(3, 5), [at] {
            constant_source seed;
            proof::replay_guard guard{{.entries = 4, .window = 600s, .shards = 1}, seed};
            (void)guard.insert(key(9), now + 600s, now); // a generation older at the later time
            int accepted = 0;
            auto const show = [&] { accepted += guard.insert(key(1), at + 300s, at).has_value(); };
            explore::run({{show}, {show}, {[&] { (void)guard.insert(key(2), at + 300s, at); }}});
            return accepted == 1;
        });
        CHECK(all.failed == "");
        CHECK(all.schedules >= 6);
    }
}

TEST_CASE("Memory store: of inserts, replacements and takings at once exactly one wins") {
    auto const more = explore::preemptions(3, 4);
    auto const race = [more](bool there, auto const& ask) {
        auto const all = explore::every_schedule(more, [&] {
            store::memory db{{.records = 8, .shards = 1}};
            std::uint64_t version = 0;
            if (there) version = db.execute(store::insert(key(1), octets("old"), now + 60s, now)).record.version;
            int won = 0;
            auto const one = [&] {
                std::uint8_t buffer[64];
                won += db.execute(ask(version, buffer)).outcome == store::outcome::done;
            };
            explore::run({{one}, {one}, {one}});
            return won == 1;
        });
        CHECK(all.failed == "");
        CHECK(all.schedules >= 6);
    };
    race(false,
         [](std::uint64_t, std::span<std::uint8_t>) { return store::insert(key(1), octets("new"), now + 60s, now); });
    race(true, [](std::uint64_t version, std::span<std::uint8_t>) {
        return store::replace(key(1), version, octets("new"), now + 60s, now);
    });
    race(true, [](std::uint64_t, std::span<std::uint8_t> into) { return store::take(key(1), into, now); });
    race(true, [](std::uint64_t version, std::span<std::uint8_t>) { return store::erase(key(1), now, version); });
}

TEST_CASE("Memory store: its bounds hold over shards whoever writes at once, and what leaves is given back") {
    auto const all = explore::every_schedule(explore::preemptions(2, 3), [] {
        store::memory db{{.records = 2, .bytes = 10, .shards = 8}};
        (void)db.execute(store::insert(key(7), octets("12345"), now + 5s, now)); // expired later: room is made of it
        bool good = true;
        int written = 0;
        auto const insert = [&](std::uint8_t number) {
            return [&, number] {
                auto const answer = db.execute(store::insert(key(number), octets("12345"), now + 60s, now + 6s));
                written += answer.outcome == store::outcome::done;
                good = good && (answer.outcome == store::outcome::done || answer.error == errc::store_full);
                good = good && db.size() <= 2 && db.bytes() <= 10;
            };
        };
        explore::run({{insert(1)}, {insert(2)}, {insert(3)}});
        good = good && written == 2 && db.size() == 2 && db.bytes() == 10;
        for (std::uint8_t number = 1; number != 4; ++number) (void)db.execute(store::erase(key(number), now + 6s));
        return good && db.size() == 0 && db.bytes() == 0;
    });
    CHECK(all.failed == "");
    CHECK(all.schedules >= 100);
}

TEST_CASE("Pool: each caller gets the answer to its own request, or none in time, and the connection stays") {
    for (bool const times_out : {false, true}) {
        std::explored_condition_variable::times_out = times_out;
        std::size_t all_refused = 0;
        auto const all = explore::every_schedule(explore::preemptions(2, 3), [&] {
            connection::state state;
            (void)state.db.execute(store::insert(key(1), octets("one"), now + 60s, now));
            (void)state.db.execute(store::insert(key(2), octets("two"), now + 60s, now));
            store::pool<connection> db{std::vector(1, connection{&state}), 1s};
            std::size_t right = 0, refused = 0; // each is counted by one thread at a time
            auto const judge = [&](store::reply const& answer, bool is_right) {
                right += is_right;
                refused += answer.error == errc::store_unavailable;
            };
            auto const find = [&](std::uint8_t number, std::string_view expected) {
                return [&, number, expected] {
                    std::array<std::uint8_t, 8> buffer{};
                    auto const answer = db.execute(store::find(key(number), buffer, now));
                    judge(answer, answer.outcome == store::outcome::done &&
                                      std::ranges::equal(answer.record.bytes, octets(expected)) &&
                                      answer.record.bytes.data() == buffer.data());
                };
            };
            explore::run({{find(1, "one")}, {find(2, "two")}, {[&] {
                              auto const answer = db.execute(store::insert(key(3), octets("new"), now + 60s, now));
                              judge(answer, answer.outcome == store::outcome::done);
                          }}});
            all_refused += refused;
            // What was refused was not sent.
            return right + refused == 3 && state.executed == right && !state.was_shared && db.use([](connection&) {});
        });
        CHECK(all.failed == "");
        CHECK(all.schedules >= 100);
        CHECK((all_refused != 0) == times_out);
    }
    std::explored_condition_variable::times_out = false;
}

TEST_SUITE_END();

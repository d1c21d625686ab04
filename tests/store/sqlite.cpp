#include "contract.hpp"
#include "raw_sqlite.hpp"
#include "scan_contract.hpp"
#include "small_disk.hpp"

#include <signet/store/health.hpp>
#include <signet/store/impl/sqlite_patience.hpp>
#include <signet/store/sqlite.hpp>

#include <cstring>
#include <fstream>
#include <map>
#include <thread>

#include <signal.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace signet;
using namespace std::chrono_literals;

namespace {

constexpr unix_time at(std::int64_t s) { return unix_time{std::chrono::seconds{s}}; }

// What the writing child tells its parent before and after a verb; smaller than PIPE_BUF, so each line is whole.
struct line {
    std::uint64_t key, value;
    std::uint8_t verb, acknowledged;
};

// Writes until it is killed: new records, replacements, takes. The value fills the record, so that a half one is seen.
[[noreturn]] void write_forever(std::string const& path, int out, std::uint64_t seed) {
    auto db = store::sqlite::open({.path = path});
    if (!db) _exit(3);
    store::detail::version_walk dice{seed};
    std::map<std::uint64_t, std::uint64_t> versions;
    bytes octets(700), buffer(1000);
    for (std::uint64_t n = 1;; ++n) {
        line said{(seed << 32) | dice.next() % 20, n, 0, 0};
        for (std::size_t i = 0; i + 8 <= octets.size(); i += 8) std::memcpy(octets.data() + i, &said.value, 8);
        auto const held = versions.find(said.key);
        auto const k = key_of(said.key);
        said.verb = static_cast<std::uint8_t>(held == versions.end() ? 0 : 1 + dice.next() % 2);
        if (::write(out, &said, sizeof said) != sizeof said) _exit(4);
        auto const r = said.verb == 0   ? db->execute(store::insert(k, octets, at(1000), at(1)))
                       : said.verb == 1 ? db->execute(store::replace(k, held->second, octets, at(1000), at(1)))
                                        : db->execute(store::take(k, buffer, at(1)));
        if (!done(r)) _exit(5);
        if (said.verb == 2) versions.erase(said.key);
        else versions[said.key] = r.record.version;
        said.acknowledged = 1;
        if (::write(out, &said, sizeof said) != sizeof said) _exit(4);
    }
}

} // namespace

static_assert(store::blocking_store<store::sqlite>);

TEST_CASE("store contract: sqlite, one connection a thread" * long_run()) {
    temporary_directory dir;
    auto const path = dir / "store.db";
    check_contract(
        [&] {
            auto db = store::sqlite::open({.path = path, .busy = 60s});
            REQUIRE(db);
            return *std::move(db);
        },
        {.rounds = 20});
}

TEST_CASE("store contract: sqlite, threads sharing one connection" * long_run()) {
    temporary_directory dir;
    auto db = store::sqlite::open({.path = dir / "store.db"});
    REQUIRE(db);
    check_contract([&] { return testing::shared_store<store::sqlite>{&*db}; }, {.rounds = 100});
}

TEST_CASE("scan contract: sqlite") {
    temporary_directory dir;
    auto db = store::sqlite::open({.path = dir / "store.db"});
    REQUIRE(db);
    check_scans(*db, {.records = 150});
}

TEST_CASE("sqlite: a scan passes rows that are no records, and does not lose itself in rows that have expired") {
    temporary_directory dir;
    auto const path = dir / "store.db";
    auto db = store::sqlite::open({.path = path});
    REQUIRE(db);
    scans::contents all;
    for (std::uint64_t n = 0; n != 5; ++n) scans::insert(*db, all, n, 8);
    for (std::uint64_t n = 100; n != 140; ++n) {
        scans::contents soon;
        scans::insert(*db, soon, n, 8, 10);
    }
    raw(path, "INSERT INTO record VALUES (x'', 1, 9000000000, x'01'), (x'7f', 1, 9000000000, x'01'),"
              " (randomblob(33), 1, 9000000000, x'01'), (randomblob(32), 1, 9000000000, zeroblob(65537))");
    store::scan_page page{4};
    auto const w = scans::scan_all(*db, page, all, scans::in(10));
    CHECK(scans::each_once(w, all));
    CHECK(w.given.size() == 5);
    CHECK(w.unreadable == 1);
    CHECK(w.pages >= 46 / 4);
}

TEST_CASE("sqlite: what was acknowledged survives kill -9 at random points, as another process sees it" * long_run()) {
    temporary_directory dir;
    auto const path = dir / "store.db";
    auto const kills = is_long_run() ? 200u : 10u;
    std::size_t acknowledged = 0;
    for (unsigned round = 1; round <= kills; ++round) {
        int ends[2];
        REQUIRE(::pipe(ends) == 0);
        auto const child = ::fork();
        REQUIRE(child >= 0);
        if (child == 0) {
            ::close(ends[0]);
            write_forever(path, ends[1], round);
        }
        ::close(ends[1]);
        struct state {
            std::uint64_t value = 0; // acknowledged; 0: absent
            std::uint64_t asked = 0; // of a verb in flight
            bool in_flight = false;
        };
        std::map<std::uint64_t, state> seen;
        auto const enough = 1 + store::detail::version_walk{round}.next() % 60;
        line said{};
        std::uint64_t lines = 0;
        bool killed = false;
        while (::read(ends[0], &said, sizeof said) == sizeof said) { // also what was in the pipe when it died
            auto& s = seen[said.key];
            auto const after = said.verb == 2 ? std::uint64_t{0} : said.value;
            if (said.acknowledged) s = {after, 0, false}, ++acknowledged;
            else s.asked = after, s.in_flight = true;
            if (++lines >= enough && !killed) ::kill(child, SIGKILL), killed = true;
        }
        ::close(ends[0]);
        int status = 0;
        ::waitpid(child, &status, 0);
        REQUIRE(WIFSIGNALED(status));

        auto db = store::sqlite::open({.path = path});
        REQUIRE(db);
        bytes buffer(1000);
        for (auto const& [key, s] : seen) {
            auto const r = db->execute(store::find(key_of(key), buffer, at(1)));
            std::uint64_t value = 0;
            if (done(r)) {
                std::memcpy(&value, r.record.bytes.data(), 8);
                bool whole = r.record.bytes.size() == 700;
                for (std::size_t i = 0; whole && i + 8 <= 700; i += 8)
                    whole = std::memcmp(r.record.bytes.data() + i, &value, 8) == 0;
                CHECK(whole);
            }
            auto const is_what_was_said = value == s.value || (s.in_flight && value == s.asked);
            CHECK(is_what_was_said);
        }
    }
    CHECK(acknowledged > kills);
    raw(path, "PRAGMA integrity_check");
}

TEST_CASE("sqlite: records outlive the object, in WAL mode and with synchronous=FULL") {
    temporary_directory dir;
    auto const path = dir / "store.db";
    std::array<std::uint8_t, 16> buffer{};
    {
        auto db = store::sqlite::open({.path = path});
        REQUIRE(db);
        CHECK(done(db->execute(store::insert(key_of(1), as_bytes("kept"), at(100), at(0)))));
    }
    auto db = store::sqlite::open({.path = path});
    REQUIRE(db);
    CHECK(as_text(db->execute(store::find(key_of(1), buffer, at(0))).record.bytes) == "kept");
    std::ifstream file{path, std::ios::binary};
    std::string head(20, '\0');
    file.read(head.data(), 20);
    CHECK(head[18] == 2); // the file format's "write version": WAL
}

TEST_CASE(
    "sqlite: a backup that is copied back lacks what is newer, and nothing tells: what was used may be used again") {
    temporary_directory dir;
    auto const path = dir / "store.db", backup = dir / "backup.db";
    std::array<std::uint8_t, 16> buffer{};
    auto const with = [&](auto work) {
        auto db = store::sqlite::open({.path = path});
        REQUIRE(db);
        work(*db);
    };
    with([](auto& db) { CHECK(done(db.execute(store::insert(key_of(1), as_bytes("challenge"), at(100), at(0))))); });
    std::filesystem::copy_file(path, backup);
    auto const use = [&](auto& db) {
        CHECK(done(db.execute(store::take(key_of(1), buffer, at(1)))));
        CHECK(done(db.execute(store::insert_once(key_of(2), {}, at(100), at(1), at(1)))));
    };
    with(use);
    with([&](auto& db) { CHECK(not_applied(db.execute(store::take(key_of(1), buffer, at(1))))); });
    std::filesystem::copy_file(backup, path, std::filesystem::copy_options::overwrite_existing);
    with(use);
}

TEST_CASE("sqlite: a file of schema 1 is brought up to date with what it holds") {
    temporary_directory dir;
    auto const path = dir / "store.db";
    raw(path, "CREATE TABLE record(key BLOB PRIMARY KEY NOT NULL, version INTEGER NOT NULL, expires INTEGER NOT NULL,"
              " bytes BLOB NOT NULL) STRICT, WITHOUT ROWID;"
              "INSERT INTO record VALUES(zeroblob(32), 7, 100, x'616263');"
              "PRAGMA application_id=0x53474e54; PRAGMA user_version=1");
    auto db = store::sqlite::open({.path = path});
    REQUIRE(db);
    std::array<std::uint8_t, 16> buffer{};
    auto const r = db->execute(store::find({}, buffer, at(0)));
    CHECK(as_text(r.record.bytes) == "abc");
    CHECK(r.record.version == 7);
    db = store::sqlite::open({.path = path}); // and once more, now with nothing to do
    CHECK(db);
}

TEST_CASE("sqlite: a newer schema, another program's database, no database and no directory are refused") {
    temporary_directory dir;
    raw(dir / "newer.db", "CREATE TABLE record(x); PRAGMA application_id=0x53474e54; PRAGMA user_version=99");
    CHECK(store::sqlite::open({.path = dir / "newer.db"}).error() == errc::unknown_store_schema);
    raw(dir / "other.db", "CREATE TABLE users(name)");
    CHECK(store::sqlite::open({.path = dir / "other.db"}).error() == errc::unknown_store_schema);
    std::ofstream{dir / "text.db"} << std::string(5000, 'x');
    CHECK(store::sqlite::open({.path = dir / "text.db"}).error() == errc::store_unavailable);
    CHECK(store::sqlite::open({.path = dir / "none/store.db"}).error() == errc::store_unavailable);
}

TEST_CASE("sqlite: a file locked by somebody else is unavailable after the time given, and works again after it") {
    temporary_directory dir;
    auto const path = dir / "store.db";
    auto db = store::sqlite::open({.path = path, .busy = 20ms});
    REQUIRE(db);
    sqlite3* other = nullptr;
    REQUIRE(sqlite3_open(path.c_str(), &other) == SQLITE_OK);
    REQUIRE(sqlite3_exec(other, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr) == SQLITE_OK);
    auto const r = db->execute(store::insert(key_of(1), {}, at(100), at(0)));
    CHECK(r.outcome == store::outcome::failed);
    CHECK(r.error == errc::store_unavailable);
    CHECK(db->last_error() == "database is locked");
    std::array<std::uint8_t, 1> buffer{};
    CHECK(*db->execute(store::find(key_of(1), buffer, at(0))).done() == false); // readers do not wait
    sqlite3_exec(other, "COMMIT", nullptr, nullptr, nullptr);
    CHECK(done(db->execute(store::insert(key_of(1), {}, at(100), at(0)))));
    sqlite3_close(other);
}

TEST_CASE("S16 sqlite: a file that is made is its owner's alone, and so are its log and its index") {
    temporary_directory dir;
    auto const path = dir / "store.db";
    auto const mode = [](std::string const& file) {
        struct stat status{};
        REQUIRE(::stat(file.c_str(), &status) == 0);
        return status.st_mode & 0777u;
    };
    auto const before = ::umask(0);
    auto db = store::sqlite::open({.path = path});
    REQUIRE(db);
    CHECK(done(db->execute(store::insert(key_of(1), {}, at(100), at(0)))));
    ::umask(before);
    for (auto const* suffix : {"", "-wal", "-shm"}) CHECK(mode(path + suffix) == 0600u);

    REQUIRE(::chmod(path.c_str(), 0640) == 0); // as its owner wants it, from then on
    auto again = store::sqlite::open({.path = path});
    CHECK(done(again->execute(store::insert(key_of(2), {}, at(100), at(0)))));
    CHECK(mode(path) == 0640u);
    CHECK(store::sqlite::open({.path = ":memory:"}));

    // Names that SQLite has a meaning of its own for are files like others.
    auto const here = std::filesystem::current_path();
    std::filesystem::current_path(std::filesystem::path{path}.parent_path());
    ::umask(0);
    for (auto const* name : {":y.db", "file:x.db", "file:z.db?mode=memory"}) {
        CAPTURE(name);
        CHECK(store::sqlite::open({.path = name}));
        CHECK(mode(std::string{"./"} + name) == 0600u);
    }
    ::umask(before);
    std::filesystem::current_path(here);
}

TEST_CASE("S16 sqlite: a log that grew while a reader stayed is small again soon after the reader has left") {
    temporary_directory dir;
    auto const path = dir / "store.db";
    auto db = store::sqlite::open({.path = path, .forget_on_power_loss = true}); // faster; the log is the same
    REQUIRE(db);
    bytes const octets(4000, 1);
    std::uint64_t writes = 0;
    auto const write = [&](int count) {
        for (int i = 0; i != count; ++i)
            REQUIRE(done(db->execute(store::insert(key_of(++writes), octets, at(100), at(0)))));
    };
    struct stat status{};
    auto const log_size = [&] { return ::stat((path + "-wal").c_str(), &status) == 0 ? status.st_size : -1; };
    write(1);
    sqlite3* reader = nullptr;
    REQUIRE(sqlite3_open(path.c_str(), &reader) == SQLITE_OK);
    REQUIRE(sqlite3_exec(reader, "BEGIN; SELECT count(*) FROM record", nullptr, nullptr, nullptr) == SQLITE_OK);
    write(3000);
    CHECK(log_size() > 3 * store::max_sqlite_log);
    REQUIRE(sqlite3_exec(reader, "COMMIT", nullptr, nullptr, nullptr) == SQLITE_OK);
    sqlite3_close(reader);
    write(10);
    CHECK(log_size() <= store::max_sqlite_log);
    CHECK(log_size() > 0);
}

TEST_CASE("S16 sqlite: waiting is counted by the clock, and once for a call") {
    store::detail::sqlite_patience patience{.max = 50ms};
    auto const waits = [&] { // other work of 10 ms between two looks at the lock, as on a busy machine
        int tries = 0;
        while (store::detail::sqlite_patience::wait(&patience, tries) == 1 && tries != 100) {
            std::this_thread::sleep_for(10ms);
            ++tries;
        }
        return tries;
    };
    patience.begin_call();
    auto const started = std::chrono::steady_clock::now();
    CHECK(waits() <= 6);
    CHECK(std::chrono::steady_clock::now() - started >= 50ms);
    CHECK(waits() == 0); // the next lock in the same call
    patience.begin_call();
    CHECK(waits() > 0);
}

TEST_CASE("sqlite: a full file refuses writes and keeps what it has") {
    temporary_directory dir;
    auto db = store::sqlite::open({.path = dir / "store.db", .max_bytes = 200'000});
    REQUIRE(db);
    bytes const octets(10'000, 1);
    bytes buffer(10'000);
    std::uint64_t n = 0;
    store::reply r;
    while (done(r = db->execute(store::insert(key_of(n), octets, at(100), at(0))))) REQUIRE(++n < 100);
    CHECK(r.error == errc::store_full);
    CHECK(n > 5);
    for (std::uint64_t i = 0; i != n; ++i) CHECK(done(db->execute(store::find(key_of(i), buffer, at(0)))));
    CHECK(done(db->execute(store::erase(key_of(0), at(0)))));
    CHECK(done(db->execute(store::insert(key_of(n), octets, at(100), at(0)))));
}

TEST_CASE("sqlite: a full disk is store_full; what is there stays, and it goes on when there is space") {
    small_disk const disk{4};
    if (!disk.is_there()) return;
    auto db = store::sqlite::open({.path = (disk.path() / "store.db").string()});
    REQUIRE(db);
    disk.fill(500'000);
    bytes const octets(4000, 1);
    bytes buffer(4000);
    std::uint64_t n = 0;
    store::reply r;
    while (done(r = db->execute(store::insert(key_of(n), octets, at(100), at(0))))) REQUIRE(++n < 1000);
    CHECK(r.error == errc::store_full);
    CHECK(n > 5);
    for (std::uint64_t i = 0; i != n; ++i) CHECK(done(db->execute(store::find(key_of(i), buffer, at(0)))));
    disk.make_room();
    CHECK(done(db->execute(store::take(key_of(0), buffer, at(0)))));
    CHECK(done(db->execute(store::insert(key_of(n), octets, at(100), at(0)))));
}

TEST_CASE("sqlite: expired records leave, earliest first, after the slack") {
    temporary_directory dir;
    auto db = store::sqlite::open({.path = dir / "store.db", .slack = 60s});
    REQUIRE(db);
    for (std::uint64_t i = 0; i != 10; ++i)
        CHECK(done(db->execute(store::insert(key_of(i), {}, at(10 + static_cast<long>(i)), at(0)))));
    CHECK(*db->remove_expired(at(69)) == 0);
    CHECK(*db->remove_expired(at(100), 4) == 4);
    std::array<std::uint8_t, 1> buffer{};
    CHECK(done(db->execute(store::find(key_of(4), buffer, at(0)))));
    CHECK_FALSE(done(db->execute(store::find(key_of(3), buffer, at(0)))));
    CHECK(*db->remove_expired(at(100)) == 6);
}

TEST_CASE("sqlite: no duration that somebody writes costs a record that lives, or the waiting") {
    temporary_directory dir;
    for (auto slack : {-60s, std::chrono::seconds::min(), std::chrono::seconds::max()}) {
        auto db =
            store::sqlite::open({.path = dir / "store.db", .busy = std::chrono::milliseconds::max(), .slack = slack});
        REQUIRE(db);
        (void)db->execute(store::insert(key_of(1), {}, at(30), at(0)));
        CHECK(*db->remove_expired(at(0)) == 0);
    }
    // However long the patience, it is one: another connection that writes is waited for.
    auto db = store::sqlite::open({.path = dir / "store.db", .busy = std::chrono::milliseconds::max()});
    sqlite3* other = nullptr;
    REQUIRE(sqlite3_open((dir / "store.db").c_str(), &other) == SQLITE_OK);
    REQUIRE(sqlite3_exec(other, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr) == SQLITE_OK);
    std::thread writer{[&] {
        std::this_thread::sleep_for(200ms);
        sqlite3_exec(other, "COMMIT", nullptr, nullptr, nullptr);
    }};
    CHECK(done(db->execute(store::insert(key_of(2), {}, at(30), at(0)))));
    writer.join();
    sqlite3_close(other);
}

TEST_CASE("sqlite: with synchronous=NORMAL single use is refused, the rest works") {
    temporary_directory dir;
    auto db = store::sqlite::open({.path = dir / "store.db", .forget_on_power_loss = true});
    REQUIRE(db);
    std::array<std::uint8_t, 1> buffer{};
    CHECK(done(db->execute(store::insert(key_of(1), {}, at(100), at(0)))));
    CHECK(db->execute(store::take(key_of(1), buffer, at(0))).error == errc::store_unfit);
    CHECK(db->execute(store::insert_once(key_of(2), {}, at(100), at(0), at(0))).error == errc::store_unfit);
    CHECK(done(db->execute(store::find(key_of(1), buffer, at(0)))));
}

TEST_CASE("health: sqlite answers, and says why where it does not") {
    temporary_directory dir;
    auto const path = dir / "store.db";
    auto db = store::sqlite::open({.path = path});
    REQUIRE(db);
    CHECK(store::check_health(*db, at(1)).is_healthy());
    raw(path, "DROP TABLE record");
    auto const broken = store::check_health(*db, at(1));
    CHECK_FALSE(broken.is_healthy());
    CHECK(broken.words.find("no such table") != std::string::npos);
}

// What PostgreSQL's faults cost: standbys that lag, servers that are demoted, disks that are full.
#include "postgres_schema.hpp"
#include "small_disk.hpp"
#include "support/wait.hpp"

using namespace signet;
using namespace std::chrono_literals;

namespace {

// It holds for new connections at once, and for others soon.
void set(postgres_server const& server, std::string const& name, std::string const& value) {
    server.tell("ALTER SYSTEM SET " + name + " = '" + value + "'");
    server.tell("SELECT pg_reload_conf()");
    wait_at_most(30s, [&] { return server.tell("SHOW " + name) == value; });
}

// Whichever of the two takes writes.
std::string either(postgres_server const& first, postgres_server const& second) {
    return "host=" + first.socket() + "," + second.socket() +
           " user=signet dbname=postgres target_session_attrs=read-write";
}

std::string const waiting_commits = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'";

void let_lag(postgres_server const& standby, postgres_server const& primary) {
    standby.signal_all(SIGSTOP);
    primary.tell("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_replication"); // or the kernel delivers it all
    wait_at_most(30s, [&] { return primary.tell("SELECT count(*) FROM pg_stat_replication") == "0"; });
}

void fail_over(postgres_server& primary, postgres_server const& standby) {
    primary.stop(SIGKILL);
    standby.signal_all(SIGCONT);
    REQUIRE(standby.tell("SELECT pg_promote()") == "t");
}

} // namespace

TEST_CASE("postgres: each commit that waits for a dead standby is outcome_unknown in time, and they do not pile up") {
    NEEDS_POSTGRES
    postgres_server server;
    migrate(server.conninfo());
    set(server, "synchronous_standby_names", "nobody");
    auto params = at(server.conninfo());
    params.synchronous_standby = true;
    params.reply_timeout = 700ms;
    store::postgres db{params};
    for (std::uint64_t n = 0; n != 4; ++n) {
        store::reply r;
        wait_at_most(30s, [&] { // a busy machine may be late with the first answer of a connection too
            r = db.execute(store::insert(key_of(n), as_bytes("x"), later, now));
            return !failed(r, errc::store_unavailable);
        });
        CHECK(failed(r, errc::outcome_unknown));
        CHECK(db.last_error() == "the server did not answer in time");
        wait_at_most(30s, [&] {
            return server.tell(waiting_commits) <= "1";
        }); // the next connection ends what the last one left
    }
    wait_at_most(30s, [&] { return done(db.execute(store::find(key_of(0), buffer, now))); }); // who reads does not wait
    server.tell("ALTER SYSTEM RESET synchronous_standby_names");
    server.tell("SELECT pg_reload_conf()");
    params.synchronous_standby = false;
    store::postgres without{params};
    wait_at_most(30s, [&] { return done(without.execute(store::insert(key_of(9), as_bytes("x"), later, now))); });
}

TEST_CASE(
    "postgres: what a synchronous standby acknowledged is there after a failover to it; the rest was told unknown") {
    NEEDS_POSTGRES
    postgres_server primary;
    migrate(primary.conninfo());
    postgres_server standby{{}, &primary};
    set(primary, "synchronous_standby_names", "*");
    wait_at_most(
        30s, [&] { return primary.tell("SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'") == "1"; });
    auto params = at(either(primary, standby));
    params.synchronous_standby = true;
    store::postgres db{params};
    for (std::uint64_t n = 0; n != 20; ++n)
        REQUIRE(done(db.execute(store::insert(key_of(n), as_bytes("x"), later, now))));
    for (std::uint64_t n = 0; n != 5; ++n) REQUIRE(done(db.execute(store::take(key_of(n), buffer, now))));
    for (std::uint64_t n = 5; n != 10; ++n) REQUIRE(done(db.execute(store::erase(key_of(n), now))));
    REQUIRE(done(db.execute(store::insert_once(key_of(100), {}, later, now, now))));

    // It stands still.
    params.reply_timeout = 700ms;
    store::postgres hurried{params};
    wait_at_most(30s, [&] { return hurried.connect(now).has_value(); });
    standby.signal_all(SIGSTOP);
    CHECK(failed(hurried.execute(store::insert(key_of(20), as_bytes("x"), later, now)), errc::outcome_unknown));
    standby.signal_all(SIGCONT);
    CHECK(done(db.execute(store::insert(key_of(21), as_bytes("x"), later, now))));

    let_lag(standby, primary);
    wait_at_most(30s, [&] { return hurried.connect(now).has_value(); });
    CHECK(failed(hurried.execute(store::take(key_of(10), buffer, now)), errc::outcome_unknown));
    fail_over(primary, standby);

    params = at(either(primary, standby)); // the new one has no standby yet, so lasting writes are refused by `db`
    store::postgres after{params};
    wait_at_most(30s, [&] { return after.connect(now).has_value(); });
    for (std::uint64_t n = 0; n != 20; ++n)
        CHECK(done(after.execute(store::find(key_of(n), buffer, now))) == (n >= 10));
    CHECK(done(after.execute(store::find(key_of(21), buffer, now))));
    CHECK(failed(after.execute(store::insert_once(key_of(100), {}, later, now, now)), errc::store_restarted));
    check_single_use_restarts(after, 10, 101);
    wait_at_most(30s, [&] { return db.connect(now).has_value(); });
    CHECK(failed(db.execute(store::insert(key_of(30), {}, later, now)), errc::store_unfit));
}

TEST_CASE(
    "postgres: a failover to a standby that lags loses the last writes, and single use is refused for what is older") {
    NEEDS_POSTGRES
    postgres_server primary;
    migrate(primary.conninfo());
    postgres_server standby{{}, &primary};
    store::postgres db{at(either(primary, standby))};
    REQUIRE(done(db.execute(store::insert(key_of(1), as_bytes("challenge"), later, now))));
    REQUIRE(done(db.execute(store::insert(key_of(2), as_bytes("session"), later, now))));
    wait_at_most(30s, [&] { return standby.tell("SELECT count(*) FROM signet_record") == "2"; });
    let_lag(standby, primary);
    CHECK(done(db.execute(store::take(key_of(1), buffer, now))));
    CHECK(done(db.execute(store::insert_once(key_of(3), {}, later, now, now))));
    CHECK(done(db.execute(store::erase(key_of(2), now))));
    CHECK(done(db.execute(store::insert(key_of(4), as_bytes("newer"), later, now))));
    fail_over(primary, standby);

    wait_at_most(30s,
                 [&] { return done(db.execute(store::find(key_of(2), buffer, now))); }); // what was revoked is back
    CHECK(not_applied(db.execute(store::find(key_of(4), buffer, now)))); // what was acknowledged is gone
    CHECK(failed(db.execute(store::insert_once(key_of(3), {}, later, now, now)), errc::store_restarted));
    check_single_use_restarts(db, 1, 10);
    store::postgres other{at(either(primary, standby))}; // another process, which never saw the first
    check_single_use_restarts(other, 1, 11);
}

TEST_CASE("postgres: a server that takes no writes any more is left, and used again when it does") {
    NEEDS_POSTGRES
    postgres_server server;
    migrate(server.conninfo());
    store::postgres db{at(server.conninfo())};
    REQUIRE(done(db.execute(store::insert(key_of(1), as_bytes("x"), later, now))));

    set(server, "default_transaction_read_only", "on");
    std::uint64_t n = 100;
    store::reply r;
    wait_at_most(30s, [&] {
        r = db.execute(store::insert(key_of(++n), {}, later, now));
        return r.outcome == store::outcome::failed;
    });
    CHECK(r.error == errc::store_unavailable); // it did not run
    CHECK(failed(db.execute(store::find(key_of(1), buffer, now)), errc::store_unavailable));
    CHECK(db.last_error() == "the server takes no writes: it is a standby, or read-only");
    set(server, "default_transaction_read_only", "off");
    wait_at_most(30s, [&] { return done(db.execute(store::insert(key_of(2), {}, later, now))); });

    server.stop(SIGINT);
    std::ofstream{server.data() + "/standby.signal"};
    server.start();
    CHECK(failed(db.execute(store::find(key_of(1), buffer, now)), errc::store_unavailable));
    CHECK(db.last_error() == "the server takes no writes: it is a standby, or read-only");
    REQUIRE(server.tell("SELECT pg_promote()") == "t");
    wait_at_most(30s, [&] { return db.connect(now).has_value(); });
    check_single_use_restarts(db, 1, 10);
}

TEST_CASE("postgres: a full disk is store_full; what is there stays, and it goes on when there is space") {
    NEEDS_POSTGRES
    small_disk const disk{16};
    if (!disk.is_there()) return;
    postgres_server server;
    migrate(server.conninfo());
    auto const place = (disk.path() / "space").string();
    std::filesystem::create_directory(place);
    server.own(place);
    server.tell("CREATE TABLESPACE small LOCATION '" + place + "'");
    server.tell("ALTER TABLE signet_record SET TABLESPACE small");
    disk.fill(1 << 20);
    store::postgres db{at(server.conninfo())};
    REQUIRE(db.connect(now - 24h)); // it is another file
    bytes const octets(4000, 1);
    std::array<std::uint8_t, 4000> large{};
    std::uint64_t n = 0;
    store::reply r;
    while (done(r = db.execute(store::insert(key_of(n), octets, later, now)))) REQUIRE(++n < 10'000);
    CHECK(r.error == errc::store_full);
    CHECK(n > 10);
    for (std::uint64_t i = 0; i != n; ++i) CHECK(done(db.execute(store::find(key_of(i), large, now))));
    CHECK(done(db.execute(store::take(key_of(0), large, now))));
    disk.make_room();
    CHECK(done(db.execute(store::insert(key_of(n), octets, later, now))));
}

TEST_CASE(
    "postgres: where its log finds no space the server stops: unknown is told, and nothing acknowledged is lost") {
    NEEDS_POSTGRES
    small_disk const disk{40};
    if (!disk.is_there()) return;
    postgres_server server;
    migrate(server.conninfo());
    server.stop(SIGINT);
    auto const log = std::filesystem::path{server.data()} / "pg_wal", place = disk.path() / "log";
    std::filesystem::copy(log, place, std::filesystem::copy_options::recursive);
    for (auto const& entry : std::filesystem::recursive_directory_iterator{place}) server.own(entry.path());
    server.own(place);
    std::filesystem::remove_all(log);
    std::filesystem::create_symlink(place, log);
    server.start();
    store::postgres db{at(server.conninfo())};
    for (std::uint64_t i = 0; i != 20; ++i)
        REQUIRE(done(db.execute(store::insert(key_of(i), as_bytes("kept"), later, now))));
    REQUIRE(done(db.execute(store::take(key_of(0), buffer, now))));
    REQUIRE(done(db.execute(store::insert_once(key_of(50), {}, later, now, now))));
    disk.fill();
    std::uint64_t n = 100, kept = 0;
    store::reply r;
    bytes const octets(4000, 1);
    while (done(r = db.execute(store::insert(key_of(n), octets, later, now)))) REQUIRE(++n < 20'000);
    kept = n;
    CHECK(r.error == errc::outcome_unknown);
    wait_at_most(30s, [&] { return failed(db.execute(store::find(key_of(1), buffer, now)), errc::store_unavailable); });
    server.stop(SIGKILL);
    disk.make_room();
    server.start();
    wait_at_most(30s, [&] { return db.connect(now).has_value(); });
    std::array<std::uint8_t, 4000> large{};
    for (std::uint64_t i = 0; i != 20; ++i) CHECK(done(db.execute(store::find(key_of(i), large, now))) == (i != 0));
    std::uint64_t gone = 0;
    for (n = 100; n != kept; ++n) gone += !done(db.execute(store::find(key_of(n), large, now)));
    CHECK(gone == 0);
    CHECK(not_applied(db.execute(store::insert_once(key_of(50), {}, later, now, now))));
}

namespace {

// A program of PostgreSQL's, at work on a schema.
void run(own_schema const& schema, std::string const& program, std::vector<std::string> words) {
    words.insert(words.begin(), {postgres_server::programs() + "/" + program, "-d", schema.server.conninfo(), "-f",
                                 schema.server.socket() + "/dump.sql"});
    int status = -1;
    ::waitpid(schema.server.spawn(words, true), &status, 0);
    REQUIRE(status == 0);
}

void partition(own_schema const& schema) {
    schema.tell("DROP TABLE signet_record; CREATE TABLE signet_record(key bytea PRIMARY KEY, version bigint NOT NULL,"
                " expires bigint NOT NULL, written bigint NOT NULL, bytes bytea NOT NULL) PARTITION BY HASH (key);"
                "CREATE TABLE part0 PARTITION OF signet_record FOR VALUES WITH (MODULUS 2, REMAINDER 0);"
                "CREATE TABLE part1 PARTITION OF signet_record FOR VALUES WITH (MODULUS 2, REMAINDER 1);"
                "UPDATE signet_lineage SET since = -1");
    store::postgres first{at(schema.conninfo)}; // sees that they are others, long ago
    REQUIRE(first.connect(now - 24h));
}

} // namespace

TEST_CASE("postgres: after a dump is restored nothing that was used is used again, in a running server too") {
    NEEDS_POSTGRES
    for (bool const is_partitioned : {false, true}) {
        for (std::string const how : {"all", "the records", "rows alone"}) {
            CAPTURE(is_partitioned);
            CAPTURE(how);
            own_schema const schema;
            if (is_partitioned) partition(schema);
            store::postgres db{at(schema.conninfo)};
            for (std::uint64_t n = 0; n != 8; ++n) REQUIRE(done(db.execute(store::insert(key_of(n), {}, later, now))));
            std::vector<std::string> what{"-n", schema.name};
            if (how == "the records") what = {"-t", schema.name + ".signet_record", "-t", schema.name + ".part*"};
            what.push_back(how == "rows alone" ? "-a" : "-c");
            if (how == "rows alone") what.insert(what.end(), {"-T", schema.name + ".signet_[ls]*"});
            run(schema, "pg_dump", what);
            for (std::uint64_t n = 0; n != 8; ++n) CHECK(done(db.execute(store::take(key_of(n), buffer, now))));
            CHECK(done(db.execute(store::insert_once(key_of(20), {}, later, now, now))));

            if (how == "rows alone") schema.tell("TRUNCATE signet_record");
            run(schema, "psql", {}); // of a partitioned table its cleaning complains of what is gone already
            REQUIRE(schema.tell("SELECT count(*) FROM signet_record") == "8");
            auto stayed = db.execute(store::take(key_of(0), buffer, now)); // the first call cannot know
            CHECK(failed(stayed, errc::outcome_unknown));
            stayed = db.execute(store::insert_once(key_of(20), {}, later, now, now));
            CHECK(failed(stayed, errc::store_restarted));
            check_single_use_restarts(db, 1, 30);
            store::postgres next{at(schema.conninfo)};
            CHECK(failed(next.execute(store::insert_once(key_of(20), {}, later, now, now)), errc::store_restarted));
            check_single_use_restarts(next, 2, 31);
        }
    }
}

TEST_CASE("postgres: tables that were dropped or emptied accept nothing again that was issued before they were made") {
    NEEDS_POSTGRES
    own_schema const schema;
    store::postgres stayed{at(schema.conninfo)};
    auto const proof = store::insert_once(key_of(1), {}, later, now, now);
    REQUIRE(done(stayed.execute(proof)));
    schema.tell("DROP TABLE signet_record, signet_lineage, signet_schema");
    migrate(schema.conninfo, now);
    CHECK(failed(store::postgres{at(schema.conninfo)}.execute(proof), errc::store_restarted));
    CHECK(failed(stayed.execute(proof), errc::outcome_unknown));
    CHECK(failed(stayed.execute(proof), errc::store_restarted));
    auto const next = store::insert_once(key_of(2), {}, later, now + 1s, now + 1s);
    CHECK(done(stayed.execute(next))); // of the second after
    schema.tell("TRUNCATE signet_record");
    store::postgres fresh{at(schema.conninfo)};
    REQUIRE(fresh.connect(now + 1s));
    CHECK(failed(fresh.execute(next), errc::store_restarted));
    CHECK(failed(stayed.execute(next), errc::outcome_unknown));
    CHECK(failed(stayed.execute(next), errc::store_restarted));
}

TEST_CASE("postgres: a database that is put in another's place, as a copy of its files, is another one") {
    NEEDS_POSTGRES
    common().tell("CREATE DATABASE shop");
    auto const conninfo = "host=" + common().socket() + " user=signet dbname=shop";
    migrate(conninfo);
    auto const once = [&](auto const& ask) {
        auto const answer = store::postgres{at(conninfo)}.execute(ask);
        wait_at_most(
            30s, [] { return common().tell("SELECT count(*) FROM pg_stat_activity WHERE datname = 'shop'") == "0"; });
        return answer;
    };
    REQUIRE(done(once(store::insert(key_of(1), {}, later, now))));
    common().tell("CREATE DATABASE kept TEMPLATE shop");
    CHECK(done(once(store::take(key_of(1), buffer, now))));
    common().tell("DROP DATABASE shop");
    common().tell("ALTER DATABASE kept RENAME TO shop");
    CHECK(failed(once(store::take(key_of(1), buffer, now)), errc::store_restarted));
    common().tell("DROP DATABASE shop");
}

TEST_CASE("postgres: what an operator does to the table refuses nothing, but for what writes all of it anew") {
    NEEDS_POSTGRES
    own_schema const schema;
    store::postgres stayed{at(schema.conninfo)};
    std::uint64_t n = 0;
    for (auto const* harmless : {"VACUUM signet_record", "ANALYZE", "REINDEX TABLE signet_record", "CHECKPOINT",
                                 "ALTER TABLE signet_record SET (fillfactor = 80)"}) {
        CAPTURE(harmless);
        REQUIRE(done(stayed.execute(store::insert(key_of(++n), {}, later, now))));
        REQUIRE(done(stayed.execute(store::insert(key_of(++n), {}, later, now))));
        schema.tell(harmless);
        CHECK(done(stayed.execute(store::take(key_of(n), buffer, now))));
        CHECK(done(store::postgres{at(schema.conninfo)}.execute(store::take(key_of(n - 1), buffer, now))));
    }
    REQUIRE(done(stayed.execute(store::insert(key_of(++n), {}, later, now))));
    schema.tell("VACUUM FULL signet_record");
    store::postgres fresh{at(schema.conninfo)};
    check_single_use_restarts(fresh, n, 100);
}

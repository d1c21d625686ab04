// What holds for every connection to PostgreSQL, whoever waits for it.
#include "blocking_asio.hpp"
#include "outage.hpp"
#include "postgres_relay.hpp"
#include "postgres_schema.hpp"
#include "scan_contract.hpp"

#include <signet/store/asio_postgres.hpp>
#include <signet/store/encrypted.hpp>
#include <signet/store/metrics.hpp>
#include <signet/store/pool.hpp>

#include <algorithm>
#include <atomic>
#include <barrier>
#include <cstdlib>
#include <limits>
#include <thread>

#include <dlfcn.h>

namespace {

std::atomic<postgres_relay*> talkative{nullptr}; // says more each time that it is read
std::atomic<int> answers_allowed{-1};            // by libpq, before it has no more; -1: any number

struct blocking_asio_postgres : blocking_asio<store::asio_postgres, store::asio_postgres_params> {
    explicit blocking_asio_postgres(store::postgres_params params)
        : blocking_asio{{.connection = std::move(params), .connections = 1}} {}
};
#define EACH_POSTGRES store::postgres, blocking_asio_postgres

// What the guide shows.
std::string start(std::string const& as_owner, std::string const& as_program) {
    // [guide]
    store::postgres owner{{.conninfo = as_owner}}; // "host=db.example user=shop_owner dbname=shop sslmode=verify-full"
    if (auto made = owner.migrate(now); !made) return std::string{made.error().name()} + ": " + owner.last_error();

    store::postgres db{{.conninfo = as_program}};
    if (auto ready = db.connect(now); !ready) return std::string{ready.error().name()} + ": " + db.last_error();
    if (!db.accepts_lasting_writes()) return db.last_error(); // such as "the server may forget: fsync is not on"
    // [/guide]
    return {};
}

// [fleet]
// The store of a program, one for all its threads. The members stand in this order: each refers to one before it.
struct fleet_store {
    fleet_store(store::postgres_params const& params, std::size_t connections, store::encryption_keys keys)
        : pool{make(params, connections)}, records{pool, std::move(keys)} {}
    fleet_store(fleet_store const&) = delete; // a copy would refer to this one's members

    store::pool<store::postgres> pool;
    store::encrypted<store::pool<store::postgres>&> records;
    store::metrics counts;
    store::observed<decltype(records)&, store::metrics> db{records, counts}; // run(operation, fleet.db)

private:
    static std::vector<store::postgres> make(store::postgres_params const& params, std::size_t connections) {
        std::vector<store::postgres> made;
        while (made.size() != connections) made.emplace_back(params);
        return made;
    }
};
// [/fleet]

constexpr unsigned careful_rounds = 50; // a thousand take a quarter of an hour

} // namespace

// These stand before libpq's.
int PQconsumeInput(PGconn* c) {
    static auto const real = reinterpret_cast<int (*)(PGconn*)>(::dlsym(RTLD_NEXT, "PQconsumeInput"));
    auto const good = real(c);
    if (auto* const relay = talkative.load()) relay->notice();
    return good;
}
PGresult* PQgetResult(PGconn* c) {
    static auto const real = reinterpret_cast<PGresult* (*)(PGconn*)>(::dlsym(RTLD_NEXT, "PQgetResult"));
    if (answers_allowed == 0) return nullptr;
    if (answers_allowed > 0) --answers_allowed;
    return real(c);
}

static_assert(store::blocking_store<store::postgres>);

TEST_CASE_TEMPLATE("store contract: postgres, one connection a thread" * long_run(), Store, EACH_POSTGRES) {
    NEEDS_POSTGRES
    own_schema const schema;
    check_contract([&] { return Store{at(schema.conninfo)}; }, {.threads = is_long_run() ? 64u : 8u, .rounds = 1},
                   careful_rounds);
}

TEST_CASE_TEMPLATE("scan contract: postgres", Store, EACH_POSTGRES) {
    NEEDS_POSTGRES
    own_schema const schema;
    Store db{at(schema.conninfo)};
    check_scans(db);
}

TEST_CASE("scan contract: postgres, through a pool, and through a proxy that pools transactions") {
    NEEDS_POSTGRES
    own_schema const schema;
    std::vector<store::postgres> connections;
    for (int i = 0; i != 2; ++i) connections.emplace_back(at(schema.conninfo));
    store::pool db{std::move(connections)};
    check_scans(db, {.records = 100});
    if (!postgres_proxy::installed()) return;
    common().tell("DROP DATABASE IF EXISTS pooled WITH (FORCE)");
    common().tell("CREATE DATABASE pooled");
    postgres_proxy const proxy{common(), common().socket()};
    migrate(proxy.conninfo("pooled"));
    store::postgres behind{at(proxy.conninfo("pooled"))};
    check_scans(behind, {.records = 100});
}

TEST_CASE("postgres: a scan goes by the index, however large the table and whatever plan is cached") {
    NEEDS_POSTGRES
    own_schema const schema;
    schema.tell("INSERT INTO signet_record SELECT sha256(n::text::bytea), n, 9000000000, 0, '\\x01'"
                " FROM generate_series(1, 20000) n; ANALYZE signet_record");
    auto const text = std::string{store::detail::postgres_text[store::detail::postgres_scan]};
    auto const plan = schema.tell("SET plan_cache_mode = force_generic_plan; PREPARE it AS " + text +
                                  "; EXPLAIN (FORMAT JSON) EXECUTE it('', 0, 1000, 1000000)");
    CHECK_MESSAGE(plan.find("Seq Scan") == std::string::npos, plan);
    store::postgres db{at(schema.conninfo)};
    store::scan_page page;
    auto const w = scans::scan_all(db, page, {});
    CHECK(w.given.size() == 20'000);
    CHECK(w.pages <= 21);
}

TEST_CASE_TEMPLATE("postgres: a scan says why it failed, and leaves position and page as promised", Store,
                   EACH_POSTGRES) {
    NEEDS_POSTGRES
    own_schema const schema;
    Store db{at(schema.conninfo)};
    for (std::uint64_t n = 0; n != 10; ++n) CHECK(done(db.execute(store::insert(key_of(n), {}, later, now))));
    store::scan_page page{3};
    store::scan_position position;
    REQUIRE(db.scan(position, now, page).has_value());
    CHECK(page.records().size() == 3);
    auto const before = position;
    schema.tell("ALTER TABLE signet_record RENAME TO away");
    auto const scanned = db.scan(position, now, page);
    REQUIRE_FALSE(scanned.has_value());
    CHECK(scanned.error() == errc::unknown_store_schema);
    CHECK(position == before);
    CHECK(page.records().empty());
    schema.tell("ALTER TABLE away RENAME TO signet_record");
    REQUIRE(db.scan(position, now, page).has_value());
    CHECK(page.records().size() == 3);
    cut_connections();
    CHECK(db.scan(position, now, page).has_value()); // it connects again
    CHECK(page.records().size() == 3);
}

TEST_CASE("postgres: of 64 connections that use one thing at once, exactly one does") {
    NEEDS_POSTGRES
    own_schema const schema;
    constexpr int rounds = 5;
    std::atomic<unsigned> taken{0}, inserted{0}, broken{0};
    store::postgres db{at(schema.conninfo)};
    for (std::uint64_t i = 0; i != rounds; ++i) CHECK(done(db.execute(store::insert(key_of(i), {}, later, now))));
    std::barrier gate{64};
    std::vector<std::thread> crew;
    for (int t = 0; t != 64; ++t) {
        crew.emplace_back([&] {
            store::postgres own{at(schema.conninfo)};
            broken += !own.connect(now);
            std::array<std::uint8_t, 8> mine{};
            for (std::uint64_t i = 0; i != rounds; ++i) {
                gate.arrive_and_wait();
                auto const take = own.execute(store::take(key_of(i), mine, now));
                auto const once = own.execute(store::insert_once(key_of(100 + i), {}, later, now, now));
                taken += done(take), inserted += done(once);
                broken += !(done(take) || not_applied(take)) + !(done(once) || not_applied(once));
            }
        });
    }
    for (auto& member : crew) member.join();
    CHECK(taken == rounds);
    CHECK(inserted == rounds);
    CHECK(broken == 0);
}

TEST_CASE("store contract: postgres, threads sharing one connection" * long_run()) {
    NEEDS_POSTGRES
    own_schema const schema;
    store::postgres db{at(schema.conninfo)};
    check_contract([&] { return testing::shared_store<store::postgres>{&db}; }, {.threads = 4, .rounds = 1},
                   careful_rounds);
}

TEST_CASE("store contract: postgres, threads sharing a pool" * long_run()) {
    NEEDS_POSTGRES
    own_schema const schema;
    auto const params = at(schema.conninfo);
    // [shared]
    std::vector<store::postgres> connections;
    for (int i = 0; i != 4; ++i) connections.emplace_back(params);
    store::pool db{std::move(connections)};
    // [/shared]
    check_contract([&] { return testing::shared_store{&db}; }, {.threads = is_long_run() ? 64u : 8u, .rounds = 1},
                   careful_rounds);
    std::size_t removed = 0;
    CHECK(db.use([&](store::postgres& one) { removed = one.remove_expired(later + 24h).value_or(0); }));
    CHECK(removed != 0);
}

TEST_CASE("the guide: a fleet's store pools, encrypts and counts") {
    NEEDS_POSTGRES
    own_schema const schema;
    fleet_store fleet{at(schema.conninfo), 2, *store::encryption_keys::make(secret{bytes(32, 1)})};
    CHECK(done(fleet.db.execute(store::insert(key_of(1), as_bytes("anna"), later, now))));
    std::array<std::uint8_t, 64> buffer{};
    CHECK(as_text(fleet.db.execute(store::find(key_of(1), buffer, now)).record.bytes) == "anna");
    auto const stored = fleet.pool.execute(store::find(key_of(1), buffer, now));
    CHECK(store::encryption_keys::is_encrypted(stored.record.bytes));
    CHECK(fleet.counts.snapshot("sessions").round_trips == 2);
    CHECK(store::check_health(fleet.db, now).is_healthy());
}

TEST_CASE_TEMPLATE("store contract: postgres, through a proxy that pools transactions" * long_run(), Store,
                   EACH_POSTGRES) {
    NEEDS_POSTGRES
    if (!postgres_proxy::installed()) {
        MESSAGE("skipped: pgbouncer is not installed (./dev installs it)");
        return;
    }
    common().tell("DROP DATABASE IF EXISTS pooled WITH (FORCE)");
    common().tell("CREATE DATABASE pooled");
    postgres_proxy const proxy{common(), common().socket()};
    migrate(proxy.conninfo("pooled"));
    check_contract([&] { return Store{at(proxy.conninfo("pooled"))}; }, {.threads = 4, .rounds = 1}, careful_rounds);
}

TEST_CASE("postgres: tables that are missing or another version's are told as such, and created by name alone") {
    NEEDS_POSTGRES
    own_schema const schema;
    store::postgres db{at(schema.conninfo)};
    CHECK(db.connect(now));
    CHECK(db.migrate(now)); // again: they stay
    CHECK(done(db.execute(store::insert(key_of(1), {}, later, now))));

    schema.tell("UPDATE signet_schema SET version = 2");
    store::postgres older{at(schema.conninfo)};
    CHECK(older.connect(now).error() == errc::unknown_store_schema);
    CHECK(older.migrate(now).error() == errc::unknown_store_schema);
    CHECK(failed(older.execute(store::find(key_of(1), buffer, now)), errc::unknown_store_schema));
    CHECK(older.last_error() == "the tables are another version's");
    CHECK(failed(db.execute(store::find(key_of(1), buffer, now + store::fitness_lasts)), errc::unknown_store_schema));
    schema.tell("DELETE FROM signet_schema");
    CHECK(older.connect(now).error() == errc::unknown_store_schema);

    common().tell("CREATE SCHEMA bare; CREATE SCHEMA theirs; CREATE TABLE theirs.signet_record(name text)");
    for (auto const* path : {"bare", "theirs", "nowhere"}) {
        store::postgres elsewhere{at(common().conninfo(std::string{"options=-csearch_path="} + path))};
        CHECK(elsewhere.connect(now).error() == errc::unknown_store_schema);
        CHECK(bool{elsewhere.migrate(now)} == (std::string_view{path} == "bare"));
    }
}

TEST_CASE(
    "postgres: tables that are dropped under a connection are missing for it, and used again once they are made") {
    NEEDS_POSTGRES
    own_schema const schema;
    store::postgres db{at(schema.conninfo)};
    REQUIRE(done(db.execute(store::insert(key_of(1), {}, later, now))));
    schema.tell("DROP TABLE signet_record, signet_lineage, signet_schema");
    for (int i = 0; i != 2; ++i)
        CHECK(failed(db.execute(store::insert(key_of(2), {}, later, now)), errc::unknown_store_schema));
    migrate(schema.conninfo);
    CHECK(not_applied(db.execute(store::find(key_of(1), buffer, now))));
    CHECK(done(db.execute(store::insert(key_of(2), {}, later, now))));
}

TEST_CASE("S1 postgres: an UNLOGGED table is refused, since a crash empties it; who waives that loses everything") {
    NEEDS_POSTGRES
    own_schema const schema{to_be_killed()};
    schema.tell("ALTER TABLE signet_record SET UNLOGGED");
    store::postgres strict{at(schema.conninfo)};
    CHECK(failed(strict.execute(store::insert(key_of(1), {}, later, now)), errc::store_unfit));
    CHECK(strict.last_error() == "the server may forget: signet_record is not logged");
    auto params = at(schema.conninfo);
    params.may_forget_revocations = true;
    store::postgres waived{params};
    CHECK(done(waived.execute(store::insert(key_of(1), {}, later, now))));
    schema.server.stop(SIGQUIT);
    schema.server.start();
    for (int i = 0; i != 300 && !waived.connect(now); ++i) ::usleep(10'000);
    CHECK(not_applied(waived.execute(store::find(key_of(1), buffer, now))));
}

TEST_CASE("postgres: the guide: the tables are made, a program connects, and what is wrong is said") {
    NEEDS_POSTGRES
    own_schema const schema;
    CHECK(start(schema.conninfo, schema.conninfo).empty());
    CHECK(start(schema.conninfo, schema.with("synchronous_commit=off")) ==
          "the server may forget: synchronous_commit is not on or remote_apply");
    CHECK(start(common().conninfo("options=-csearch_path=nowhere"), schema.conninfo) ==
          "unknown_store_schema: 3F000: no schema has been selected to create in");
}

TEST_CASE("postgres: of many that create the tables at once, all find them") {
    NEEDS_POSTGRES
    common().tell("CREATE SCHEMA rush");
    std::atomic<unsigned> good{0};
    std::vector<std::thread> crew;
    for (int t = 0; t != 8; ++t) {
        crew.emplace_back([&] {
            store::postgres db{at(common().conninfo("options=-csearch_path=rush"))};
            good += bool{db.migrate(now)};
        });
    }
    for (auto& member : crew) member.join();
    CHECK(good == 8);
}

TEST_CASE_TEMPLATE("postgres: a role that may read and write the tables needs no other right", Store, EACH_POSTGRES) {
    NEEDS_POSTGRES
    own_schema const schema;
    auto const app = "app_" + schema.name;
    schema.tell("CREATE ROLE " + app + " LOGIN; GRANT USAGE ON SCHEMA " + schema.name + " TO " + app +
                "; GRANT SELECT ON signet_schema TO " + app + "; GRANT SELECT, INSERT, UPDATE ON signet_lineage TO " +
                app + "; GRANT SELECT, INSERT, UPDATE, DELETE ON signet_record TO " + app);
    auto const conninfo =
        "host=" + common().socket() + " user=" + app + " dbname=postgres options=-csearch_path=" + schema.name;
    Store db{at(conninfo)};
    REQUIRE(db.connect(now));
    CHECK(db.accepts_lasting_writes());
    CHECK(done(db.execute(store::insert_once(key_of(1), {}, later, now, now))));
    CHECK(done(db.execute(store::take(key_of(1), buffer, now))));
    CHECK(db.remove_expired(now));
    schema.tell("DELETE FROM signet_lineage"); // as after a failover
    Store next{at(conninfo)};
    CHECK(next.connect(now));
}

namespace {

// What a server that may forget refuses, and what goes on there.
void check_unfit(auto& db, std::uint64_t n) {
    CHECK_FALSE(db.accepts_lasting_writes());
    CHECK(failed(db.execute(store::insert(key_of(n), {}, later, now)), errc::store_unfit));
    CHECK(failed(db.execute(store::erase(key_of(n), now)), errc::store_unfit));
    CHECK(failed(db.execute(store::take(key_of(n), buffer, now)), errc::store_unfit));
    CHECK(failed(db.execute(store::mark_forgettable(store::insert_once(key_of(n), {}, later, now, now))),
                 errc::store_unfit)); // nothing that is used once is forgettable
    auto const visit = db.execute(store::mark_forgettable(store::insert(key_of(n), {}, later, now)));
    REQUIRE(done(visit));
    CHECK(failed(db.execute(store::replace(key_of(n), visit.record.version, {}, later, now)), errc::store_unfit));
    CHECK(done(db.execute(store::find(key_of(n), buffer, now))));
    CHECK(done(db.execute(store::mark_forgettable(store::erase(key_of(n), now, visit.record.version)))));
}

} // namespace

TEST_CASE_TEMPLATE(
    "S1 postgres: lasting writes and single use are refused where a setting of the role lets the server forget", Store,
    EACH_POSTGRES) {
    NEEDS_POSTGRES
    own_schema const schema;
    std::uint64_t n = 0;
    for (auto const* setting : {"synchronous_commit=off", "synchronous_commit=local", "synchronous_commit=remote_write",
                                "default_transaction_isolation=serializable",
                                "default_transaction_isolation=repeatable\\\\ read", "client_min_messages=error"}) {
        CAPTURE(setting);
        Store strict{at(schema.with(setting))};
        REQUIRE(strict.connect(now));
        auto const name = std::string{setting}.substr(0, std::string_view{setting}.find('='));
        CHECK(strict.last_error().find("may forget: " + name + " is") != std::string::npos);
        check_unfit(strict, ++n);
    }
    Store remote{at(schema.with("synchronous_commit=remote_apply"))};
    REQUIRE(remote.connect(now));
    CHECK(remote.accepts_lasting_writes());
    CHECK(remote.last_error().empty());

    auto params = at(schema.conninfo);
    params.synchronous_standby = true;
    Store alone{params};
    REQUIRE(alone.connect(now));
    CHECK(alone.last_error() == "the server may forget: synchronous_standby_names is empty");
    check_unfit(alone, ++n);

    schema.tell("ALTER TABLE signet_record SET UNLOGGED");
    Store unlogged{at(schema.conninfo)};
    REQUIRE(unlogged.connect(now));
    CHECK(unlogged.last_error() == "the server may forget: signet_record is not logged");
    check_unfit(unlogged, ++n);
}

TEST_CASE_TEMPLATE(
    "S1 postgres: settings that change while the server runs are seen within the time that they are trusted", Store,
    EACH_POSTGRES) {
    NEEDS_POSTGRES
    own_schema const schema;
    Store db{at(schema.conninfo)};
    auto then = now;
    auto const set = [&](std::string const& what) {
        common().tell("ALTER SYSTEM " + what);
        common().tell("SELECT pg_reload_conf()");
        ::usleep(100'000);
    };
    std::uint64_t n = 100;
    for (std::string const name : {"fsync", "full_page_writes"}) {
        CAPTURE(name);
        CHECK(done(db.execute(store::insert(key_of(++n), {}, then + 600s, then))));
        set("SET " + name + " = off");
        CHECK(done(db.execute(store::insert(key_of(++n), {}, then + 600s, then + store::fitness_lasts - 2s))));
        then += store::fitness_lasts;
        CHECK(failed(db.execute(store::insert(key_of(++n), {}, then + 600s, then)), errc::store_unfit));
        CHECK(db.last_error() == "the server may forget: " + name + " is not on");
        Store fresh{at(schema.conninfo)};
        REQUIRE(fresh.connect(now));
        check_unfit(fresh, ++n);
        set("RESET " + name);
        CHECK(done(db.execute(store::insert(key_of(n), {}, then + 600s, then - 1s)))); // the clock went back
    }
}

TEST_CASE_TEMPLATE("S1 postgres: that the server may forget is waived by name", Store, EACH_POSTGRES) {
    NEEDS_POSTGRES
    own_schema const schema;
    auto params = at(schema.with("synchronous_commit=off"));
    params.may_forget_revocations = true;
    Store waived{params};
    CHECK(done(waived.execute(store::insert(key_of(1), {}, later, now))));
    CHECK(done(waived.execute(store::take(key_of(1), buffer, now))));
    CHECK(done(waived.execute(store::insert_once(key_of(2), {}, later, now, now))));
    CHECK(done(waived.execute(store::erase(key_of(2), now))));
    CHECK(waived.accepts_lasting_writes());
}

TEST_CASE_TEMPLATE("postgres: a server that takes no writes is not used", Store, EACH_POSTGRES) {
    NEEDS_POSTGRES
    own_schema const schema;
    Store db{at(schema.with("default_transaction_read_only=on"))};
    CHECK(db.connect(now).error() == errc::store_unavailable);
    CHECK(db.last_error() == "the server takes no writes: it is a standby, or read-only");
    CHECK(failed(db.execute(store::find(key_of(1), buffer, now)), errc::store_unavailable));
}

TEST_CASE_TEMPLATE("postgres: nothing of the connection string is in the text for the log", Store, EACH_POSTGRES) {
    NEEDS_POSTGRES
    auto const socket = common().socket();
    std::string const wrong[] = {"host=" + socket + " user=nobody password=open-sesame dbname=postgres",
                                 "host=" + socket + " user=signet password=open-sesame dbname=open-sesame",
                                 "host=" + socket + " open-sesame",
                                 "host=" + socket + " password='open-sesame",
                                 "host=" + socket + " password=\"open-sesame\" x=\"y",
                                 "host=" + socket + " open-sesame=1",
                                 "host=" + socket + " password=x sslmode=open-sesame",
                                 "host=" + socket + " password=x port=open-sesame",
                                 "host=" + socket + " password=failed user=nobody",
                                 "postgres://signet:x@open-sesame@localhost/postgres",
                                 "postgres://signet:%open-sesame@localhost/postgres",
                                 "postgres://signet:open-sesame/postgres",
                                 "host=open-sesame.invalid",
                                 "host=/nowhere/open-sesame user=signet password=x"};
    for (auto const& conninfo : wrong) {
        CAPTURE(conninfo);
        Store db{at(conninfo)};
        CHECK(db.connect(now).error() == errc::store_unavailable);
        CHECK(db.last_error().find("sesame") == std::string::npos);
        CHECK_FALSE(db.last_error().empty());
    }
    Store unknown{at("host=" + socket + " user=nobody dbname=postgres")};
    CHECK_FALSE(unknown.connect(now));
    CHECK(unknown.last_error().find("role  does not exist") != std::string::npos); // what is said is said
    Store same{at("host=" + socket + " user=nobody dbname=postgres password=exist")};
    CHECK_FALSE(same.connect(now));
    CHECK(same.last_error() == "the connection failed");
}

TEST_CASE("postgres: where no server is, calls fail at once, for longer after each failure") {
    store::postgres db{{.conninfo = "host=/nowhere user=signet"}};
    CHECK(failed(db.execute(store::find(key_of(1), buffer, now)), errc::store_unavailable));
    CHECK(db.last_error().find("No such file or directory") != std::string::npos);
    CHECK(failed(db.execute(store::take(key_of(1), buffer, now)),
                 errc::store_unavailable)); // nothing was sent: known not to have run
    NEEDS_POSTGRES
    temporary_directory nobody_listens;
    auto const path = nobody_listens / ".s.PGSQL.5432";
    store::postgres waiting{
        {.conninfo = "host=" + nobody_listens.path.string() + " user=signet", .retry_after = 400ms}};
    auto const attempts = [&](std::chrono::milliseconds span) { // a socket file that comes and goes tells of an attempt
        int n = 0;
        std::string last;
        for (auto const end = std::chrono::steady_clock::now() + span; std::chrono::steady_clock::now() < end;) {
            (void)waiting.execute(store::find(key_of(1), buffer, now));
            if (waiting.last_error() != last) ++n, last = waiting.last_error();
            std::error_code none;
            if (last.find("No such file") != std::string::npos) std::ofstream{path} << "";
            else std::filesystem::remove(path, none);
            ::usleep(1000);
        }
        return n;
    };
    auto const n = attempts(500ms); // at about 0, 50, 150, 350 ms, at the earliest half of that
    CHECK(n >= 2);
    CHECK(n <= 6);
}

TEST_CASE_TEMPLATE("postgres: a server that hangs costs one time limit; what it was asked to write is outcome_unknown",
                   Store, EACH_POSTGRES) {
    NEEDS_POSTGRES
    own_schema const schema;
    Store db{{.conninfo = schema.conninfo, .connect_timeout = 300ms, .reply_timeout = 300ms}};
    Store other{{.conninfo = schema.conninfo, .connect_timeout = 300ms, .reply_timeout = 300ms}};
    CHECK(done(Store{at(schema.conninfo)}.execute(store::insert(key_of(1), as_bytes("x"), later, now))));
    for (auto* each : {&db, &other}) // a busy machine may be late
        wait_at_most(60s, [&] { return done(each->execute(store::find(key_of(1), buffer, now))); });
    common().signal_all(SIGSTOP);
    auto const started = std::chrono::steady_clock::now();
    CHECK(failed(other.execute(store::find(key_of(1), buffer, now)), errc::store_unavailable)); // harmless
    CHECK(failed(db.execute(store::take(key_of(1), buffer, now)), errc::outcome_unknown));
    CHECK(db.last_error() == "the server did not answer in time");
    CHECK(std::chrono::steady_clock::now() - started >= 600ms);
    int waited = 0; // a call that tries to connect waits for 300 ms; between two tries there are pauses that grow
    for (int i = 0; i != 1000 && waited != 10; ++i) {
        auto const asked = std::chrono::steady_clock::now();
        CHECK(failed(db.execute(store::take(key_of(1), buffer, now)), errc::store_unavailable));
        waited += std::chrono::steady_clock::now() - asked >= 300ms;
    }
    CHECK(waited < 10);
    common().signal_all(SIGCONT);
    wait_at_most(60s, [&] { // taken or not: that was unknown
        return db.execute(store::find(key_of(1), buffer, now)).outcome != store::outcome::failed;
    });
}

TEST_CASE_TEMPLATE("postgres: what did not answer in time is ended on the server by the next connection", Store,
                   EACH_POSTGRES) {
    NEEDS_POSTGRES
    own_schema const schema;
    Store db{{.conninfo = schema.conninfo, .connect_timeout = 20s, .reply_timeout = 500ms}};
    CHECK(done(db.execute(store::insert(key_of(1), as_bytes("x"), later, now))));
    std::unique_ptr<PGconn, void (*)(PGconn*)> const holder{PQconnectdb(schema.conninfo.c_str()), PQfinish};
    auto const tell = [&](char const* sql) { PQclear(PQexec(holder.get(), sql)); };
    tell("BEGIN; SELECT * FROM signet_record FOR UPDATE"); // somebody holds the row
    CHECK(failed(db.execute(store::take(key_of(1), buffer, now)), errc::outcome_unknown));
    auto const waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'";
    CHECK(common().tell(waiting) == "1");
    CHECK(done(db.execute(store::find(key_of(1), buffer, now))));
    for (int i = 0; i != 100 && common().tell(waiting) != "0"; ++i) ::usleep(20'000);
    CHECK(common().tell(waiting) == "0");
    tell("COMMIT");
    CHECK(done(db.execute(store::take(key_of(1), buffer, now)))); // the first never ran
}

TEST_CASE_TEMPLATE("postgres: a connection that the server ends between two calls is made anew without loss", Store,
                   EACH_POSTGRES) {
    NEEDS_POSTGRES
    own_schema const schema;
    Store db{at(schema.conninfo)};
    CHECK(done(db.execute(store::insert(key_of(1), as_bytes("x"), later, now))));
    for (int i = 0; i != 5; ++i) {
        cut_connections();
        CHECK(done(db.execute(store::find(key_of(1), buffer, now))));
    }
    CHECK(done(db.execute(store::take(key_of(1), buffer, now))));
}

TEST_CASE_TEMPLATE("postgres: a server that talks without end between two calls is left for another connection", Store,
                   EACH_POSTGRES) {
    NEEDS_POSTGRES
    own_schema const schema;
    postgres_relay relay{common()};
    Store db{at(relay.conninfo("options=-csearch_path=" + schema.name))};
    REQUIRE(done(db.execute(store::insert(key_of(1), as_bytes("x"), later, now))));
    CHECK(relay.connections() == 1);
    relay.allow_notices(10'000);
    relay.notice();
    talkative = &relay;
    CHECK(done(db.execute(store::find(key_of(1), buffer, now))));
    talkative = nullptr;
    CHECK(relay.connections() == 2);
}

TEST_CASE_TEMPLATE("postgres: a server that talks without answering costs one time limit", Store, EACH_POSTGRES) {
    NEEDS_POSTGRES
    own_schema const schema;
    postgres_relay relay{common()};
    auto params = at(relay.conninfo("options=-csearch_path=" + schema.name));
    params.reply_timeout = 2s;
    Store db{params};
    wait_at_most(60s, [&] { return db.connect(now).has_value(); }); // a busy machine may be late
    relay.answer_by(postgres_relay::a_notice);
    relay.allow_notices(3'000'000); // for much longer than that
    talkative = &relay;
    CHECK(failed(db.execute(store::insert(key_of(1), as_bytes("x"), later, now)), errc::outcome_unknown));
    talkative = nullptr;
    CHECK(db.last_error() == "the server did not answer in time");
    CHECK(relay.notices_left() != 0);
}

TEST_CASE_TEMPLATE("postgres: a server that begins to copy, which nobody asked for, is left", Store, EACH_POSTGRES) {
    NEEDS_POSTGRES
    own_schema const schema;
    postgres_relay relay{common()};
    Store db{at(relay.conninfo("options=-csearch_path=" + schema.name))};
    REQUIRE(db.connect(now));
    for (std::string_view const copy :
         {std::string_view{"H\0\0\0\7\0\0\0", 8}, std::string_view{"G\0\0\0\7\0\0\0", 8}}) {
        relay.answer_by(copy);
        answers_allowed = 10'000; // of which each says that the copy goes on
        CHECK(failed(db.execute(store::insert(key_of(1), as_bytes("x"), later, now)), errc::outcome_unknown));
        CHECK(db.last_error() == "the server gave an answer that makes no sense");
        CHECK(answers_allowed > 9'000);
        answers_allowed = -1;
        relay.pass_on();
        CHECK(not_applied(db.execute(store::find(key_of(1), buffer, now))));
    }
}

TEST_CASE_TEMPLATE("postgres: of several hosts that are named the first one that answers is used", Store,
                   EACH_POSTGRES) {
    NEEDS_POSTGRES
    own_schema const schema;
    auto const user = " user=signet dbname=postgres options=-csearch_path=" + schema.name;
    Store db{at("host=127.0.0.1,/nowhere," + common().socket() + " port=1,5432,5432" + user)};
    CHECK(db.connect(now));
    CHECK(done(db.execute(store::insert(key_of(1), as_bytes("x"), later, now))));
    cut_connections();
    CHECK(done(db.execute(store::find(key_of(1), buffer, now))));
    Store none{at("host=127.0.0.1,/nowhere port=1,5432" + user)};
    CHECK(none.connect(now).error() == errc::store_unavailable);
}

TEST_CASE_TEMPLATE("postgres: over TLS; under another name the server is told nothing", Store, EACH_POSTGRES) {
    NEEDS_POSTGRES
    auto const pid = ::getpid(); // several tests may run on this machine
    auto const address = "127." + std::to_string(pid / 250 % 250 + 1) + "." + std::to_string(pid % 250 + 1) + ".9";
    postgres_server server{{"listen_addresses=" + address}};
    migrate(server.conninfo());
    auto const place = server.data();
    REQUIRE(std::system(("cd " + place +
                         " && openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
                         " -days 2 -subj /CN=db.example -addext subjectAltName=DNS:db.example -keyout server.key"
                         " -out server.crt 2> /dev/null && chmod 600 server.key && chown --reference=. server.key &&"
                         " echo hostssl all all 127.0.0.0/8 trust >> pg_hba.conf")
                            .c_str()) == 0);
    server.tell("ALTER SYSTEM SET ssl = on");
    server.stop();
    server.start();
    auto const as = [&](std::string const& name) {
        return Store{at("host=" + name + " hostaddr=" + address +
                        " user=signet dbname=postgres sslmode=verify-full"
                        " sslrootcert=" +
                        place + "/server.crt")};
    };
    auto db = as("db.example");
    REQUIRE_MESSAGE(db.connect(now), db.last_error());
    CHECK(server.tell("SELECT count(*) FROM pg_stat_ssl WHERE ssl") == "1");
    std::vector<bytes> octets, rooms(40, bytes(store::max_record));
    std::vector<store::request> inserts, finds;
    for (std::uint64_t n = 0; n != rooms.size(); ++n) {
        octets.emplace_back(n * 1661, static_cast<std::uint8_t>(n));
        finds.push_back(store::find(key_of(n), rooms[n], now));
    }
    for (std::uint64_t n = 0; n != rooms.size(); ++n)
        inserts.push_back(store::insert(key_of(n), octets[n], later, now));
    std::vector<store::reply> replies(rooms.size());
    db.execute_many(inserts, replies);
    CHECK(std::all_of(replies.begin(), replies.end(), done));
    db.execute_many(finds, replies);
    for (std::size_t n = 0; n != rooms.size(); ++n)
        CHECK(std::equal(replies[n].record.bytes.begin(), replies[n].record.bytes.end(), octets[n].begin(),
                         octets[n].end()));
    auto stranger = as("other.example");
    CHECK(stranger.connect(now).error() == errc::store_unavailable);
    CHECK_FALSE(stranger.last_error().empty());
}

TEST_CASE_TEMPLATE("postgres: a backend that dies at work is outcome_unknown, whatever became of the write", Store,
                   EACH_POSTGRES) {
    NEEDS_POSTGRES
    own_schema const schema;
    schema.tell("CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(20); RETURN NEW;"
                " END $$; CREATE TRIGGER slow BEFORE INSERT ON signet_record FOR EACH ROW EXECUTE FUNCTION slow()");
    Store db{at(schema.conninfo)};
    REQUIRE(db.connect(now));
    std::thread killer{[] {
        for (int i = 0; i != 200; ++i) {
            if (common().tell("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
                              " WHERE wait_event = 'PgSleep'") == "1")
                break;
            ::usleep(10'000);
        }
    }};
    CHECK(failed(db.execute(store::insert(key_of(1), {}, later, now)), errc::outcome_unknown));
    killer.join();
    CHECK(not_applied(db.execute(store::find(key_of(1), buffer, now))));
}

TEST_CASE_TEMPLATE("postgres: an error of the server says that nothing ran, unless it is about a connection or its end",
                   Store, EACH_POSTGRES) {
    NEEDS_POSTGRES
    own_schema const schema;
    schema.refuse_bad();
    Store db{at(schema.conninfo)};
    struct refusal {
        char const* code;
        errc error;
    };
    for (auto const& [code, error] : {refusal{"53100", errc::store_full},
                                      {"40001", errc::store_unavailable},
                                      {"40P01", errc::store_unavailable},
                                      {"57014", errc::store_unavailable},
                                      {"25006", errc::store_unavailable},
                                      {"XX000", errc::store_unavailable},
                                      {"42P01", errc::unknown_store_schema},
                                      {"57P01", errc::outcome_unknown},
                                      {"08006", errc::outcome_unknown}}) {
        CAPTURE(code);
        auto const bad = std::string{"bad"} + code;
        CHECK(failed(db.execute(store::insert(key_of(1), as_bytes(bad), later, now)), error));
        CHECK(db.last_error() == std::string{code} + ": no");
        CHECK(not_applied(db.execute(store::find(key_of(1), buffer, now))));
        CHECK(done(db.execute(store::insert(key_of(1), as_bytes("good"), later, now))));
        CHECK(done(db.execute(store::erase(key_of(1), now))));
    }
}

TEST_CASE_TEMPLATE("postgres: what was answered before a commit that fails does not count", Store, EACH_POSTGRES) {
    NEEDS_POSTGRES
    own_schema const schema;
    schema.refuse_bad("DEFERRABLE INITIALLY DEFERRED");
    Store db{at(schema.conninfo)};
    CHECK(failed(db.execute(store::insert(key_of(1), as_bytes("bad53100"), later, now)), errc::store_full));
    CHECK(not_applied(db.execute(store::find(key_of(1), buffer, now))));
    CHECK(done(db.execute(store::insert(key_of(1), as_bytes("good"), later, now))));
}

TEST_CASE_TEMPLATE("postgres: values of records are not in the text for the log", Store, EACH_POSTGRES) {
    NEEDS_POSTGRES
    own_schema const schema;
    schema.tell("ALTER TABLE signet_record ADD CHECK (bytes <> 'secret')");
    Store db{at(schema.conninfo)};
    CHECK(failed(db.execute(store::insert(key_of(1), as_bytes("secret"), later, now)), errc::store_unavailable));
    CHECK(db.last_error().starts_with("23514: "));
    CHECK(db.last_error().find("736563726574") == std::string::npos); // the server's DETAIL has them
}

TEST_CASE_TEMPLATE("postgres: a statement stays prepared, and the next is prepared too, after an error", Store,
                   EACH_POSTGRES) {
    NEEDS_POSTGRES
    own_schema const schema;
    schema.refuse_bad();
    schema.tell("CREATE TABLE seen(statements bigint); CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql AS $$"
                " BEGIN INSERT INTO seen SELECT count(*) FROM pg_prepared_statements; RETURN NEW; END $$;"
                " CREATE TRIGGER see BEFORE INSERT ON signet_record FOR EACH ROW EXECUTE FUNCTION see()");
    Store db{at(schema.conninfo)};
    for (auto const* text : {"bad53100", "good"}) {
        (void)db.execute(store::insert(key_of(1), as_bytes(text), later, now));
        (void)db.execute(store::erase(key_of(1), now));
    }
    (void)db.execute(store::take(key_of(1), buffer, now));
    (void)db.execute(store::insert(key_of(1), as_bytes("good"), later, now));
    CHECK(schema.tell("SELECT max(statements) FROM seen") == "3");
}

TEST_CASE(
    "postgres: a statement that the server has lost did not run; it is asked again as text, and so is all the rest" *
    long_run()) {
    NEEDS_POSTGRES
    own_schema const schema;
    schema.tell(
        "CREATE TABLE seen(statements bigint); CREATE FUNCTION lose() RETURNS trigger LANGUAGE plpgsql AS $$"
        " BEGIN DEALLOCATE ALL; INSERT INTO seen SELECT count(*) FROM pg_prepared_statements; RETURN NEW; END $$;"
        " CREATE TRIGGER lose BEFORE INSERT ON signet_record FOR EACH ROW EXECUTE FUNCTION lose()");
    store::postgres db{at(schema.conninfo)};
    for (std::uint64_t n = 0; n != 4; ++n) {
        CHECK(done(db.execute(store::insert_once(key_of(n), {}, later, now, now))));
        CHECK(not_applied(db.execute(store::insert_once(key_of(n), {}, later, now, now))));
        CHECK(done(db.execute(store::find(key_of(n), buffer, now))));
    }
    CHECK(schema.tell("SELECT count(*) FROM signet_record") == "4");
    check_contract([&] { return testing::shared_store<store::postgres>{&db}; }, {.threads = 2, .rounds = 1}, 5);
    CHECK(schema.tell("SELECT max(statements) FROM seen") == "0");
}

TEST_CASE_TEMPLATE("postgres: of many questions one may fail; each is then answered by itself", Store, EACH_POSTGRES) {
    NEEDS_POSTGRES
    own_schema const schema;
    schema.refuse_bad();
    Store db{at(schema.conninfo)};
    std::array<std::uint8_t, 8> first{}, second{}, third{};
    std::vector<store::request> const asks{store::insert(key_of(3), as_bytes("c"), later, now),
                                           store::insert(key_of(2), as_bytes("bad53100"), later, now),
                                           store::insert(key_of(1), as_bytes("a"), later, now),
                                           store::insert(key_of(1), as_bytes("b"), later, now),
                                           store::insert(key_of(4), as_bytes("d"), now, now),
                                           store::take(key_of(1), first, now),
                                           store::find(key_of(1), second, now),
                                           store::find(key_of(3), third, now)};
    for (bool bad : {true, false}) {
        CAPTURE(bad);
        auto some = asks;
        if (!bad) some[1] = store::insert(key_of(2), as_bytes("good"), later, now);
        std::vector<store::reply> replies(some.size());
        db.execute_many(some, replies);
        CHECK(done(replies[0]));
        CHECK((bad ? failed(replies[1], errc::store_full) : done(replies[1])));
        CHECK(done(replies[2]));
        CHECK(not_applied(replies[3])); // the same key twice: in their order
        CHECK(failed(replies[4], errc::record_expired));
        CHECK(as_text(replies[5].record.bytes) == "a");
        CHECK(not_applied(replies[6]));
        CHECK(as_text(replies[7].record.bytes) == "c");
        schema.tell("DELETE FROM signet_record");
    }
}

TEST_CASE_TEMPLATE(
    "postgres: many questions are one transaction, and batches with crossed keys do not wait for each other", Store,
    EACH_POSTGRES) {
    NEEDS_POSTGRES
    own_schema const schema;
    {
        Store db{at(schema.conninfo)};
        std::vector<store::request> asks;
        for (std::uint64_t i = 0; i != 128; ++i) asks.push_back(store::insert(key_of(i), as_bytes("x"), later, now));
        std::vector<store::reply> replies(asks.size());
        db.execute_many(asks, replies);
        CHECK(schema.tell("SELECT count(DISTINCT xmin::text) FROM signet_record") == "1");
    }
    std::atomic<unsigned> wrong{0};
    std::vector<std::thread> crew;
    for (std::uint64_t t = 0; t != 8; ++t) {
        crew.emplace_back([&, t] {
            Store own{at(schema.conninfo)};
            for (std::uint64_t round = 0; round != 10; ++round) {
                std::vector<store::request> asks;
                for (std::uint64_t i = 0; i != 16; ++i) {
                    auto const key = key_of(t % 2 ? i : 15 - i);
                    asks.push_back(store::erase(key, now));
                    asks.push_back(store::insert(key, as_bytes("x"), later, now));
                }
                std::vector<store::reply> replies(asks.size());
                own.execute_many(asks, replies);
                for (auto const& r : replies) wrong += r.outcome == store::outcome::failed;
            }
        });
    }
    for (auto& member : crew) member.join();
    CHECK(wrong == 0);
    ::usleep(100'000); // statistics are reported at leisure
    CHECK(common().tell("SELECT pg_stat_clear_snapshot(); SELECT deadlocks FROM pg_stat_database"
                        " WHERE datname = 'postgres'") == "0");
}

TEST_CASE_TEMPLATE("postgres: a row that a replacement makes larger than the buffer meanwhile is not taken", Store,
                   EACH_POSTGRES) {
    NEEDS_POSTGRES
    own_schema const schema;
    Store db{at(schema.conninfo)};
    std::array<std::uint8_t, 8> small{};
    bytes const large(16, 1);
    for (std::uint64_t i = 0; i != 20; ++i) {
        auto const version = db.execute(store::insert(key_of(i), as_bytes("x"), later, now)).record.version;
        std::thread writer{[&] {
            Store own{at(schema.conninfo)};
            (void)own.execute(store::replace(key_of(i), version, large, later, now));
        }};
        ::usleep(static_cast<useconds_t>(i * 500));
        auto const r = db.execute(store::take(key_of(i), small, now));
        writer.join();
        auto const left = done(db.execute(store::find(key_of(i), buffer, now)));
        CHECK((done(r) ? !left : failed(r, errc::buffer_too_small) && r.needed == 16 && left));
    }
}

TEST_CASE("postgres: a take that waits for a row decides on what became of it") {
    NEEDS_POSTGRES
    own_schema const schema;
    store::postgres db{at(schema.conninfo)};
    std::unique_ptr<PGconn, void (*)(PGconn*)> const holder{PQconnectdb(schema.conninfo.c_str()), PQfinish};
    auto const tell = [&](std::string const& sql) { PQclear(PQexec(holder.get(), sql.c_str())); };
    // Somebody changes the row, and commits when the take waits for it.
    auto const take_after = [&](std::uint64_t n, std::string const& change) {
        REQUIRE(done(db.execute(store::insert(key_of(n), as_bytes("x"), later, now))));
        tell("BEGIN; " + change);
        std::thread committer{[&] {
            auto const waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'";
            for (int i = 0; i != 1000 && common().tell(waiting) == "0"; ++i) ::usleep(10'000);
            tell("COMMIT");
        }};
        std::array<std::uint8_t, 8> small{};
        auto const r = db.execute(store::take(key_of(n), small, now));
        committer.join();
        return r;
    };
    CHECK(not_applied(take_after(1, "DELETE FROM signet_record"))); // as another take does
    CHECK(take_after(2, "UPDATE signet_record SET bytes = '0123456789abcdef'").needed == 16);
    CHECK(done(db.execute(store::find(key_of(2), buffer, now))));
    CHECK(done(take_after(3, "UPDATE signet_record SET bytes = 'shorter' WHERE version = 0"
                             "; SELECT FROM signet_record FOR UPDATE")));
}

TEST_CASE_TEMPLATE("postgres: a commit that gave up waiting for its standby is outcome_unknown", Store, EACH_POSTGRES) {
    NEEDS_POSTGRES
    auto& server = to_be_killed();
    own_schema const schema{server};
    auto const standby = [&](std::string const& what) {
        server.tell("ALTER SYSTEM " + what);
        server.tell("SELECT pg_reload_conf()");
        ::usleep(100'000);
    };
    standby("SET synchronous_standby_names = nobody");
    auto params = at(schema.conninfo);
    params.synchronous_standby = true;
    Store db{params};
    REQUIRE(db.connect(now));
    CHECK(db.accepts_lasting_writes());
    std::atomic<bool> stop{false};
    std::thread canceller{[&] {
        while (!stop) {
            server.tell("SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'");
            ::usleep(20'000);
        }
    }};
    CHECK(failed(db.execute(store::insert(key_of(1), as_bytes("x"), later, now)), errc::outcome_unknown));
    CHECK(db.last_error().find("a standby may lack it") != std::string::npos);
    CHECK(done(db.execute(store::find(key_of(1), buffer, now))));
    CHECK(failed(db.execute(store::take(key_of(1), buffer, now)), errc::outcome_unknown));
    CHECK(buffer[0] == 0); // what was read is wiped: nobody may use it
    CHECK(not_applied(db.execute(store::find(key_of(1), buffer, now))));
    stop = true;
    canceller.join();
    standby("RESET synchronous_standby_names");
}

TEST_CASE("postgres: killed with kill -9 and restarted: what was acknowledged is there, and single use goes on" *
          long_run()) {
    NEEDS_POSTGRES
    auto& server = to_be_killed();
    own_schema const schema{server};
    for (auto const signal : {SIGKILL, SIGINT}) {
        if (signal != SIGKILL && !is_long_run()) break;
        auto const base = static_cast<std::uint64_t>(signal) * 100;
        store::postgres db{at(schema.conninfo)};
        for (std::uint64_t i = 0; i != 20; ++i)
            CHECK(done(db.execute(store::insert(key_of(base + i), as_bytes("kept"), later, now))));
        for (std::uint64_t i = 0; i != 10; ++i) CHECK(done(db.execute(store::take(key_of(base + i), buffer, now))));
        CHECK(done(db.execute(store::insert_once(key_of(base + 50), {}, later, now, now))));
        server.stop(signal);
        CHECK(failed(db.execute(store::find(key_of(base), buffer, now)), errc::store_unavailable));
        server.start();
        for (std::uint64_t i = 0; i != 20; ++i)
            CHECK(done(db.execute(store::find(key_of(base + i), buffer, now))) == (i >= 10));
        CHECK(not_applied(db.execute(store::insert_once(key_of(base + 50), {}, later, now, now))));
        CHECK(done(db.execute(store::insert_once(key_of(base + 51), {}, later, now, now)))); // nothing is refused
        CHECK(done(db.execute(store::take(key_of(base + 10), buffer, now))));
    }
}

TEST_CASE("postgres: killed and restarted under load: no double spend, no acknowledged write gone, recovery by itself" *
          long_run()) {
    NEEDS_POSTGRES
    auto& server = to_be_killed();
    own_schema const schema{server};
    std::atomic<unsigned> unavailable{0}, unknown{0}, other{0}, twice{0}, after{0};
    std::atomic<bool> recovered{false}, stop{false};
    std::vector<std::vector<std::uint64_t>> kept(8);
    std::vector<std::thread> crew;
    for (std::uint64_t t = 0; t != 8; ++t) {
        crew.emplace_back([&, t] {
            store::postgres own{{.conninfo = schema.conninfo, .retry_after = 20ms}};
            std::array<std::uint8_t, 16> mine{};
            for (std::uint64_t n = t << 32; !stop; n += 3) {
                store::reply const all[] = {own.execute(store::insert(key_of(n), as_bytes("c"), later, now)),
                                            own.execute(store::take(key_of(n), mine, now)),
                                            own.execute(store::take(key_of(n), mine, now)),
                                            own.execute(store::insert_once(key_of(n + 1), {}, later, now, now)),
                                            own.execute(store::insert_once(key_of(n + 1), {}, later, now, now))};
                if ((done(all[1]) && done(all[2])) || (done(all[3]) && done(all[4]))) ++twice;
                if (done(all[3])) kept[t].push_back(n + 1);
                if (done(all[1]) && done(all[3]) && recovered) ++after;
                for (auto const& r : all) {
                    if (r.outcome != store::outcome::failed) continue;
                    ++(r.error == errc::store_unavailable ? unavailable
                       : r.error == errc::outcome_unknown ? unknown
                                                          : other);
                }
                if (all[0].outcome == store::outcome::failed) ::usleep(1000);
            }
        });
    }
    for (int round = 0; round != (is_long_run() ? 20 : 2); ++round) {
        ::usleep(200'000);
        if (round % 2 == 0) {
            server.stop(SIGKILL);
            server.start();
        } else {
            auto const children = server.children();
            if (!children.empty()) ::kill(children.back(), SIGKILL); // one backend: the server restarts by itself
        }
    }
    recovered = true;
    for (int i = 0; i != 1000 && after < 100; ++i) ::usleep(10'000);
    stop = true;
    for (auto& member : crew) member.join();
    CHECK(unavailable > 0);
    CHECK(other == 0);
    CHECK(twice == 0);
    CHECK(after >= 100);
    store::postgres db{at(schema.conninfo)};
    unsigned gone = 0;
    for (auto const& mine : kept) {
        for (auto n : mine) gone += !done(db.execute(store::find(key_of(n), buffer, now)));
    }
    CHECK(gone == 0);
}

TEST_CASE("postgres: whatever is killed, each challenge is taken at most once" * long_run()) {
    NEEDS_POSTGRES
    if (!is_long_run()) return; // the test above does the same for less time
    auto& server = to_be_killed();
    own_schema const schema{server};
    constexpr std::size_t keys = 1000;
    std::vector<std::atomic<unsigned>> taken(keys);
    {
        store::postgres db{at(schema.conninfo)};
        std::vector<store::request> asks;
        std::vector<store::reply> replies(keys);
        for (std::uint64_t i = 0; i != keys; ++i) asks.push_back(store::insert(key_of(i), as_bytes("c"), later, now));
        db.execute_many(asks, replies);
        for (auto const& r : replies) REQUIRE(done(r));
    }
    std::vector<std::thread> crew;
    for (int t = 0; t != 8; ++t) {
        crew.emplace_back([&] { // everybody tries to take everything, over and over while the server comes and goes
            store::postgres own{{.conninfo = schema.conninfo, .retry_after = 20ms}};
            std::array<std::uint8_t, 16> mine{};
            for (std::uint64_t i = 0; i != keys; ++i) {
                for (int tries = 0; tries != 2000; ++tries) {
                    auto const r = own.execute(store::take(key_of(i), mine, now));
                    if (done(r)) ++taken[i];
                    if (!failed(r, errc::store_unavailable)) break;
                    ::usleep(1000);
                }
            }
        });
    }
    ::usleep(150'000);
    server.stop(SIGKILL);
    server.start();
    for (auto& member : crew) member.join();
    std::size_t once = 0, more = 0;
    for (auto const& n : taken) once += n == 1, more += n > 1;
    CHECK(more == 0);
    CHECK(once > 0);
}

namespace {

// Has the server's functions that tell its timeline and its place in the log say what the test wants: they stand before
// the system's in the search_path.
struct pretended_server : own_schema {
    pretended_server() {
        tell("CREATE TABLE pretence(timeline text, place pg_lsn); INSERT INTO pretence VALUES ('00000001', '1/0');"
             "CREATE FUNCTION pg_walfile_name(pg_lsn) RETURNS text LANGUAGE sql AS"
             " 'SELECT timeline || repeat(''0'', 16) FROM pretence';"
             "CREATE FUNCTION pg_current_wal_flush_lsn() RETURNS pg_lsn LANGUAGE sql AS 'SELECT place FROM pretence';"
             "DELETE FROM signet_lineage");
        conninfo = common().conninfo("options='-csearch_path=" + name + ",pg_catalog'");
        remember("00000001");
    }
    // It was seen long ago.
    void remember(std::string const& timeline) const {
        tell("INSERT INTO signet_lineage SELECT system_identifier || '/' || pg_relation_filepath('signet_record') ||"
             " '/" +
             timeline + "', -1 FROM pg_control_system()");
    }
    void pretend(std::string const& what) const { tell("UPDATE pretence SET " + what); }
    void cut() const { cut_connections(); }
};

} // namespace

TEST_CASE_TEMPLATE("postgres: after a failover single use is refused for what was issued before, in all processes",
                   Store, EACH_POSTGRES) {
    NEEDS_POSTGRES
    pretended_server const server;
    Store db{at(server.conninfo)};
    for (std::uint64_t i = 0; i != 4; ++i) CHECK(done(db.execute(store::insert(key_of(i), {}, later, now))));
    server.cut();
    CHECK(done(db.execute(store::take(key_of(0), buffer, now)))); // the same server: nothing is refused
    server.pretend("timeline = '00000002', place = '0/1'");
    server.cut();
    check_single_use_restarts(db, 1, 10);
    Store other{at(server.conninfo)}; // another process, which never saw the first
    check_single_use_restarts(other, 1, 11);
    CHECK(server.tell("SELECT count(*) FROM signet_lineage") == "2");
}

TEST_CASE_TEMPLATE(
    "postgres: a server with less of its log than was seen was restored, and so was one of an older timeline", Store,
    EACH_POSTGRES) {
    NEEDS_POSTGRES
    for (auto const* older : {"place = '0/FF'", "timeline = '00000000'"}) {
        CAPTURE(older);
        pretended_server const server;
        server.remember("00000000");
        Store db{at(server.conninfo)};
        CHECK(done(db.execute(store::insert(key_of(1), {}, later, now))));
        server.pretend(older);
        server.cut();
        check_single_use_restarts(db, 1, 10);
        Store other{at(server.conninfo)}; // the database remembers it
        check_single_use_restarts(other, 1, 11);
    }
}

TEST_CASE_TEMPLATE("postgres: a write that a proxy let another server do is outcome_unknown", Store, EACH_POSTGRES) {
    NEEDS_POSTGRES
    pretended_server const server;
    Store db{at(server.conninfo)};
    std::uint64_t version = 0;
    for (std::uint64_t i = 0; i != 5; ++i)
        version = db.execute(store::insert(key_of(i), as_bytes("x"), later, now)).record.version;
    store::request const asks[] = {store::insert(key_of(9), {}, later, now),
                                   store::replace(key_of(4), version, {}, later, now),
                                   store::take(key_of(2), buffer, now), store::erase(key_of(3), now)};
    for (int i = 0; auto const& ask : asks) {
        buffer.fill(0);
        server.pretend("timeline = '0000000" + std::to_string(2 + i++) + "'");
        CHECK(failed(db.execute(ask), errc::outcome_unknown));
        CHECK(db.last_error() == "the server changed under the connection");
        CHECK(buffer[0] == 0);
        CHECK(done(db.execute(store::find(key_of(1), buffer, now)))); // and it looks who that is
    }
    CHECK(failed(db.execute(store::take(key_of(1), buffer, now)), errc::store_restarted));
}

TEST_CASE("postgres: a standby is refused, and what was issued before one became primary is not taken" * long_run()) {
    NEEDS_POSTGRES
    if (!is_long_run()) return; // four servers' starts
    postgres_server primary{{"wal_level=replica"}};
    migrate(primary.conninfo());
    postgres_server standby{{}, &primary};
    store::postgres first{at(primary.conninfo())};
    for (std::uint64_t i = 0; i != 4; ++i) CHECK(done(first.execute(store::insert(key_of(i), {}, later, now))));
    for (int i = 0; i != 300 && standby.tell("SELECT count(*) FROM signet_record") != "4"; ++i) ::usleep(10'000);
    store::postgres second{at(standby.conninfo())};
    CHECK(second.connect(now).error() == errc::store_unavailable);
    CHECK(second.last_error() == "the server takes no writes: it is a standby, or read-only");
    primary.stop(SIGKILL);
    CHECK(standby.tell("SELECT pg_promote()") == "t");
    check_single_use_restarts(second, 1, 10);

    // The same disk as it was an hour ago.
    store::postgres third{at(standby.conninfo())};
    CHECK(done(third.execute(store::insert(key_of(20), {}, later + 300s, now + 10s))));
    standby.stop(SIGQUIT);
    standby.keep();
    standby.start();
    CHECK(done(third.execute(store::take(key_of(20), buffer, now + 10s))));
    CHECK(third.connect(now + 10s + store::fitness_lasts)); // has seen how far the log is
    standby.stop(SIGQUIT);
    standby.restore();
    standby.start();
    CHECK(done(third.execute(store::find(key_of(20), buffer, now + 10s)))); // it is back indeed
    CHECK(failed(third.execute(store::take(key_of(20), buffer, now + 10s)), errc::store_restarted));
}

TEST_CASE_TEMPLATE("postgres: expired records leave, earliest first, after the slack", Store, EACH_POSTGRES) {
    NEEDS_POSTGRES
    own_schema const schema;
    Store db{at(schema.conninfo)};
    for (std::uint64_t i = 0; i != 10; ++i)
        CHECK(done(db.execute(store::insert(key_of(i), {}, now + std::chrono::seconds{10 + i}, now))));
    CHECK(*db.remove_expired(now + 69s) == 0);
    CHECK(*db.remove_expired(now + 100s, 4) == 4);
    CHECK(done(db.execute(store::find(key_of(4), buffer, now))));
    CHECK_FALSE(done(db.execute(store::find(key_of(3), buffer, now))));
    CHECK(*db.remove_expired(now + 100s, std::numeric_limits<std::size_t>::max()) == 6);

    // By themselves, with every 32nd insert.
    for (std::uint64_t i = 0; i != 100; ++i) CHECK(done(db.execute(store::insert(key_of(i), {}, now + 1s, now))));
    for (std::uint64_t i = 100; i != 164; ++i) CHECK(done(db.execute(store::insert(key_of(i), {}, later, now + 120s))));
    CHECK(schema.tell("SELECT count(*) FROM signet_record") == "64");
}

TEST_CASE_TEMPLATE(
    "postgres: each batch of a purge starts where the last one started; what was locked leaves at its end", Store,
    EACH_POSTGRES) {
    NEEDS_POSTGRES
    own_schema const schema;
    Store db{at(schema.conninfo)};
    std::uint64_t n = 0;
    auto const insert = [&](std::initializer_list<int> expiries) {
        for (int const e : expiries)
            CHECK(done(db.execute(store::insert(key_of(n++), {}, now + std::chrono::seconds{e}, now))));
    };
    auto const left = [&] {
        return schema.tell("SELECT string_agg((expires - " + std::to_string(now.time_since_epoch().count()) +
                           ")::text, ' ' ORDER BY expires) FROM signet_record");
    };
    std::unique_ptr<PGconn, void (*)(PGconn*)> const holder{PQconnectdb(schema.conninfo.c_str()), PQfinish};
    auto const tell = [&](char const* sql) { PQclear(PQexec(holder.get(), sql)); };

    insert({10, 11, 12, 13, 14, 14, 15, 16, 17, 18, 19});
    tell("BEGIN; SELECT FROM signet_record ORDER BY expires LIMIT 1 FOR UPDATE");
    CHECK(*db.remove_expired(now + 100s, 4) == 4);
    CHECK(left() == "10 14 15 16 17 18 19"); // two expire in the same second: one is left
    CHECK(*db.remove_expired(now + 100s, 2) == 2);
    CHECK(left() == "10 16 17 18 19");
    tell("ROLLBACK");
    CHECK(*db.remove_expired(now + 100s, 2) == 2);
    CHECK(left() == "10 18 19"); // what comes before is not looked at
    CHECK(*db.remove_expired(now + 100s, 2) == 2);
    CHECK(left() == "10");
    CHECK(*db.remove_expired(now + 100s, 2) == 1); // until there is nothing else
    CHECK(*db.remove_expired(now + 100s, 2) == 0);

    // The last ones and those that were left out are one batch, and no more than that.
    insert({20, 21, 22, 23, 24});
    tell("BEGIN; SELECT FROM signet_record ORDER BY expires LIMIT 2 FOR UPDATE");
    CHECK(*db.remove_expired(now + 100s, 2) == 2);
    tell("ROLLBACK");
    CHECK(*db.remove_expired(now + 100s, 2) == 2);
    CHECK(left() == "21");
    CHECK(*db.remove_expired(now + 100s, 2) == 1);

    // After a time that was too late, an earlier one starts at the beginning.
    insert({300, 400, 500});
    CHECK(*db.remove_expired(now + 500s, 2) == 2);
    insert({10});
    CHECK(*db.remove_expired(now + 100s, 2) == 1);
    CHECK(left() == "500");
}

TEST_CASE_TEMPLATE("postgres: no duration that somebody writes costs a record that lives", Store, EACH_POSTGRES) {
    NEEDS_POSTGRES
    own_schema const schema;
    for (auto slack : {-60s, std::chrono::seconds::min(), std::chrono::seconds::max()}) {
        auto params = at(schema.conninfo);
        params.slack = slack;
        params.connect_timeout = params.reply_timeout = std::chrono::milliseconds::max();
        Store db{params};
        (void)db.execute(store::insert(key_of(1), {}, now + 30s, now));
        CHECK(*db.remove_expired(now) == 0);
    }
}

TEST_CASE_TEMPLATE("postgres: where the operator partitions the table, removing what expired leaves what lives", Store,
                   EACH_POSTGRES) {
    NEEDS_POSTGRES
    own_schema const schema;
    schema.tell("ALTER TABLE signet_record RENAME TO plain;"
                "CREATE TABLE signet_record(key bytea PRIMARY KEY, version bigint NOT NULL, expires bigint NOT NULL,"
                " written bigint NOT NULL, bytes bytea NOT NULL) PARTITION BY HASH (key);"
                "CREATE TABLE part0 PARTITION OF signet_record FOR VALUES WITH (MODULUS 2, REMAINDER 0);"
                "CREATE TABLE part1 PARTITION OF signet_record FOR VALUES WITH (MODULUS 2, REMAINDER 1)");
    Store db{at(schema.conninfo)};
    for (std::uint64_t i = 0; i != 40; ++i)
        CHECK(done(db.execute(store::insert(key_of(i), {}, i % 2 ? later : now + 1s, now))));
    std::size_t removed = 0;
    while (auto const n = db.remove_expired(now + 100s, 4).value()) removed += n;
    CHECK(removed == 20);
    CHECK(schema.tell("SELECT count(*) FROM signet_record") == "20");
    schema.tell("ALTER TABLE part1 SET UNLOGGED");
    Store unlogged{at(schema.conninfo)};
    REQUIRE(unlogged.connect(now));
    CHECK_FALSE(unlogged.accepts_lasting_writes());
}

TEST_CASE("health: postgres answers, may forget, and has no tables; an observed pool says so too") {
    NEEDS_POSTGRES
    own_schema const schema;
    store::metrics counts;
    std::vector<store::postgres> connections;
    for (int i = 0; i != 2; ++i) connections.emplace_back(at(schema.conninfo));
    store::pool pool{std::move(connections)};
    store::observed db{pool, counts};
    auto const well = store::check_health(db, now);
    CHECK(well.is_healthy());
    CHECK(well.accepts_lasting_writes == true);
    CHECK(schema.tell("SELECT count(*) FROM signet_record") == "0");
    CHECK(done(db.execute(store::insert(key_of(1), as_bytes("x"), later, now))));
    CHECK(counts.snapshot()[store::verb::insert].outcomes[0] == 1);

    store::postgres forgetful{at(schema.with("synchronous_commit=off"))};
    auto const unfit = store::check_health(forgetful, now);
    CHECK_FALSE(unfit.error);
    CHECK(unfit.accepts_lasting_writes == false);
    CHECK(unfit.words.starts_with("the server may forget:"));

    store::postgres elsewhere{at(common().conninfo())}; // no tables in its schema
    CHECK(store::check_health(elsewhere, now).error == errc::unknown_store_schema);
    store::postgres nowhere{{.conninfo = "host=/nowhere user=signet"}};
    auto const gone = store::check_health(nowhere, now);
    CHECK(gone.error == errc::store_unavailable);
    CHECK(gone.words.find("No such file or directory") != std::string::npos);
}

TEST_CASE("postgres: connections that share a breaker are soon back after an outage; meanwhile calls fail at once") {
    NEEDS_POSTGRES
    postgres_server server;
    migrate(server.conninfo());
    store::postgres_params params{.conninfo = server.conninfo(), .breaker = std::make_shared<store::breaker>()};
    std::vector<store::postgres> connections;
    for (int n = 0; n != 8; ++n) connections.emplace_back(params);
    store::pool db{std::move(connections)};
    constant_callers callers{db};
    CHECK(callers.until_answered() < 10s);
    server.stop();
    ::sleep(2);
    auto const refused = callers.refused();
    ::sleep(1);
    CHECK(callers.refused() - refused > 20);
    server.start();
    auto const back = callers.until_answered();
    MESSAGE("answered after ", back.count(), " ms"); // the longest pause is a second
    CHECK(back < 10s);
}

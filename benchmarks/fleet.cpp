// What a fleet's stores hold and how they do it: ten million sessions in PostgreSQL, what a user and a session take up
// on each store, and the targets against bare clients. It starts its own servers and prints docs/reference/fleets.md.
#define DOCTEST_CONFIG_IMPLEMENT
#include "../tests/store/postgres_server.hpp"
#include "../tests/store/redis_cluster_server.hpp"
#include "../tests/store/redis_server.hpp"
#include "records.hpp"

#include <signet/session.hpp>
#include <signet/store.hpp>
#include <signet/store/combiner.hpp>
#include <signet/store/impl/postgres_statements.hpp>
#include <signet/store/pool.hpp>
#include <signet/store/postgres.hpp>
#include <signet/store/redis.hpp>
#include <signet/store/redis_cluster.hpp>
#include <signet/store/sqlite.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <deque>
#include <fstream>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>

using namespace signet;
using namespace std::chrono_literals;

namespace {

using steady = std::chrono::steady_clock;
constexpr unix_time now{1'800'000'000s};
constexpr auto lifetime = session::default_lifetime;

std::uint64_t asked_sessions = 10'000'000;
std::filesystem::path place = std::filesystem::temp_directory_path();
bool quick = false;

double since(steady::time_point start) { return std::chrono::duration<double>(steady::now() - start).count(); }

std::string grouped(double number) { // 1,234,567
    auto text = std::to_string(std::llround(number));
    for (auto at = static_cast<int>(text.size()) - 3; at > 0; at -= 3)
        text.insert(static_cast<std::size_t>(at), 1, ',');
    return text;
}
std::string two_places(double number) {
    char text[64];
    std::snprintf(text, sizeof text, "%.2f", number);
    return text;
}
void line(std::string const& text) { std::printf("%s\n", text.c_str()), std::fflush(stdout); }

// How long things took, in microseconds.
struct durations {
    std::vector<double> all{};
    template <class Body> void time(Body&& body) {
        auto const start = steady::now();
        body();
        all.push_back(since(start) * 1e6);
    }
    double at(double part) {
        REQUIRE(!all.empty());
        std::sort(all.begin(), all.end());
        return all[std::min(all.size() - 1, static_cast<std::size_t>(part * static_cast<double>(all.size())))];
    }
    std::string cells() { return grouped(at(.5)) + " | " + grouped(at(.99)) + " | " + grouped(at(1)); }
};

session::login_sessions sessions_of() {
    return *session::login_sessions::make("tenant", "shop", *mac_key::generate(alg::hs256),
                                          {.user_agent = session::binding_mode::off});
}

template <class Store> std::string log_in(session::login_sessions const& sessions, Store& db, std::uint64_t user) {
    auto in = run(sessions.log_in({.user = "user-" + std::to_string(user)}, {.device = "Firefox on Debian"}, now), db);
    REQUIRE(in.has_value());
    return in->cookie;
}

std::uint64_t count(postgres_server const& server, std::string const& sql) { return std::stoull(server.tell(sql)); }
std::string octets_of(std::string const& hex) { // "0a1b"
    std::string out;
    for (std::size_t i = 0; i + 1 < hex.size(); i += 2)
        out += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
    return out;
}

// The key of a filled session: the real ones' beginning, then the beginning of the digest of its number.
store::record_key filled_key(std::string const& prefix, std::uint64_t n) {
    auto const text = std::to_string(n);
    auto const digest = crypto::sha256(bytes_view{reinterpret_cast<std::uint8_t const*>(text.data()), text.size()});
    store::record_key k{};
    std::memcpy(k.data(), prefix.data(), 16);
    std::memcpy(k.data() + 16, digest.data(), 16);
    return k;
}

// Fills the table with copies of the real records under keys of their own. They expire in the order of their numbers,
// less an hour here and there, as sessions do that were begun one after the other.
void fill(postgres_server const& server, std::uint64_t sessions, std::uint64_t real) {
    constexpr std::uint64_t piece = 500'000;
    for (std::uint64_t from = 0; from < sessions; from += piece) {
        auto const to = std::min(from + piece, sessions) - 1;
        auto const copies = [&](std::string const& what, std::string const& key, std::string const& kinds,
                                std::uint64_t first, std::uint64_t last, std::uint64_t all) {
            return "INSERT INTO signet_record(key, version, expires, written, bytes) SELECT " + key +
                   ", (random() * 9e15)::bigint + 1, " + std::to_string(now.time_since_epoch().count()) +
                   " + 3600 + n * 1209600 / " + std::to_string(all) + " + (random() * 3600)::bigint, " +
                   std::to_string(now.time_since_epoch().count()) + ", bytes FROM generate_series(" +
                   std::to_string(first) + "::bigint, " + std::to_string(last) + ") n JOIN " + what +
                   " s ON s.i = n % " + kinds;
        };
        auto const text_digest = [](std::string const& text) { return "sha256(convert_to(" + text + ", 'UTF8'))"; };
        server.tell(copies("real_session",
                           "(SELECT prefix FROM real_prefix) || substr(" + text_digest("n::text") + ", 1, 16)",
                           std::to_string(real), from, to, sessions));
        server.tell(copies("real_roster", text_digest("'roster ' || n"), std::to_string(real / 10), from / 10,
                           (to + 1) / 10 - 1, sessions / 10));
    }
}

// One connection that asks for living records, one every two milliseconds, until told to stop.
durations look_up_beside(store::postgres& db, std::vector<store::record_key> const& keys, unix_time at,
                         std::atomic<bool> const& stop) {
    durations out;
    bytes room(4096);
    for (std::size_t i = 0; !stop; ++i) {
        bool good = false;
        out.time([&] { good = done(db.execute(store::find(keys[i * 7919 % keys.size()], room, at))); });
        if (!good) return {};
        std::this_thread::sleep_for(2ms);
    }
    return out;
}

// Octets of this process that lie in memory.
double resident() {
    std::ifstream file{"/proc/self/statm"};
    double pages = 0;
    file >> pages >> pages;
    return pages * static_cast<double>(::sysconf(_SC_PAGESIZE));
}

// What a store grows by with a user's first session, and with each of nine more, all made by log_in.
template <class Store, class Size> void grow(std::string const& name, Store& db, Size size) {
    auto const users = std::min<std::uint64_t>(asked_sessions, 100'000) / 10;
    auto const in = sessions_of();
    auto const start = steady::now();
    auto const empty = size();
    for (std::uint64_t user = 0; user != users; ++user) (void)log_in(in, db, user);
    auto const first = size();
    for (int more = 0; more != 9; ++more)
        for (std::uint64_t user = 0; user != users; ++user) (void)log_in(in, db, user);
    auto const all = size();
    auto const many = static_cast<double>(users);
    line("| " + name + " | " + grouped((first - empty) / many) + " | " + grouped((all - first) / (9 * many)) + " | " +
         grouped((all - empty) / (10 * many)) + " | " + grouped((all - empty) / many) + " | " +
         grouped(since(start) / (10 * many) * 1e6) + " |");
}

// SQLite's file without its log: it is closed and opened again.
struct reopened {
    std::string path;
    std::optional<store::sqlite> db{};
    store::reply execute(store::request const& ask) { return db->execute(ask); }
    double size() {
        db.reset();
        auto const octets = std::filesystem::exists(path) ? static_cast<double>(std::filesystem::file_size(path)) : 0;
        auto opened = store::sqlite::open({.path = path});
        REQUIRE(opened.has_value());
        db.emplace(std::move(*opened));
        return octets;
    }
};

// What this process has used, in us.
double processor_time() {
    timespec used{};
    REQUIRE(::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used) == 0);
    return static_cast<double>(used.tv_sec) * 1e6 + static_cast<double>(used.tv_nsec) / 1e3;
}

// Operations a second of so many threads, each with a body of its own, `make(index)`; and the p99 of one and its share
// of processor time, in us.
struct speed {
    double rate = 0, p99 = 0, processor = 0;
};
template <class Make> speed measure(unsigned threads, Make make) {
    std::atomic<bool> stop{false}, failed{false};
    std::vector<durations> each(threads);
    std::vector<std::thread> crew;
    auto const start = steady::now();
    auto const used = processor_time();
    for (unsigned i = 0; i != threads; ++i)
        crew.emplace_back([&, i, body = make(i)]() mutable {
            while (!stop)
                each[i].time([&] {
                    if (!body()) failed = true;
                });
        });
    std::this_thread::sleep_for(quick ? 50ms : 500ms);
    stop = true;
    for (auto& t : crew) t.join();
    auto const took = since(start);
    auto const worked = processor_time() - used;
    REQUIRE(!failed);
    durations all;
    for (auto const& d : each) all.all.insert(all.all.end(), d.all.begin(), d.all.end());
    auto const count = static_cast<double>(all.all.size());
    return {count / took, all.at(.99), worked / count};
}

// How a row of the targets counts: rates, or times where less is better.
enum class counted { rate, time, processor };

// Both in turn, several times. The ratio is of medians.
template <class Bare, class Ours> void beside(std::string const& what, unsigned threads, double bound, counted by,
                                              Bare bare, Ours ours, double p99_bound = 0) {
    std::vector<speed> theirs, own;
    for (int round = 0; round != (quick ? 2 : 9); ++round)
        theirs.push_back(measure(threads, bare)), own.push_back(measure(threads, ours));
    auto const middle = [](std::vector<speed> const& all, double speed::* which) {
        std::vector<double> v;
        for (auto const& one : all) v.push_back(one.*which);
        return std::sort(v.begin(), v.end()), v[v.size() / 2];
    };
    auto const row = [&](std::string const& name, double a, double b, bool most, double limit) {
        auto const number = [](double n) { return n < 100 ? two_places(n) : grouped(n); };
        line("| " + name + " | " + number(a) + " | " + number(b) + " | " + two_places(b / a) + " | " +
             (most ? "at most " : "at least ") + two_places(limit) + " | " +
             ((most ? b / a <= limit : b / a >= limit) ? "yes" : "no") + " |");
    };
    auto const a = middle(theirs, &speed::rate), b = middle(own, &speed::rate);
    if (by == counted::rate) row(what + ", a second", a, b, false, bound);
    if (by == counted::time) row(what + ", µs", 1e6 / a, 1e6 / b, true, bound);
    if (by == counted::processor)
        row(what + ", processor time in µs", middle(theirs, &speed::processor), middle(own, &speed::processor), true,
            bound);
    if (p99_bound > 0)
        row(what + ", p99 in µs", middle(theirs, &speed::p99), middle(own, &speed::p99), true, p99_bound);
}

// So many bare connections, shared by threads: each has its turn.
template <class Connection> struct bare_connections {
    std::vector<Connection> all{};
    std::deque<std::mutex> locks{};
    template <class Body> bool use(unsigned thread, Body&& body) {
        std::lock_guard const hold{locks[thread % all.size()]};
        return body(all[thread % all.size()].get());
    }
};
using redis_link = std::unique_ptr<redisContext, decltype([](redisContext* c) { redisFree(c); })>;
using postgres_link = std::unique_ptr<PGconn, decltype([](PGconn* c) { PQfinish(c); })>;

template <class... Rest> bool tell(redisContext* c, char const* format, Rest... rest) {
    redis_server::answer const r{static_cast<redisReply*>(redisCommand(c, format, rest...))};
    return r && r->type != REDIS_REPLY_ERROR && r->type != REDIS_REPLY_NIL;
}

std::array<char, 8> wire(std::int64_t number) {
    std::array<char, 8> out;
    for (std::size_t i = 0; i != 8; ++i) out[i] = static_cast<char>(static_cast<std::uint64_t>(number) >> (56 - 8 * i));
    return out;
}
// The statement as prepared, with binary parameters and results, as the library sends it.
bool ask_bare(PGconn* c, char const* statement, std::vector<std::string_view> const& words) {
    std::vector<char const*> values;
    std::vector<int> sizes, formats;
    for (auto const w : words)
        values.push_back(w.data()), sizes.push_back(static_cast<int>(w.size())), formats.push_back(1);
    std::unique_ptr<PGresult, decltype([](PGresult* r) { PQclear(r); })> const r{
        PQexecPrepared(c, statement, static_cast<int>(words.size()), values.data(), sizes.data(), formats.data(), 1)};
    return PQresultStatus(r.get()) == PGRES_TUPLES_OK && PQntuples(r.get()) == 1;
}
std::string_view text_of(auto const& octets) { return {reinterpret_cast<char const*>(octets.data()), octets.size()}; }

} // namespace

TEST_CASE("ten million sessions in PostgreSQL") {
    auto const sessions = asked_sessions / 1000 * 1000, users = sessions / 10;
    constexpr std::uint64_t real = 300, living = 1000;
    postgres_server server{{"shared_buffers=1GB", "max_wal_size=4GB", "maintenance_work_mem=256MB"}, nullptr, place};
    store::postgres db{{.conninfo = server.conninfo(), .reply_timeout = 60s}};
    REQUIRE(db.migrate(now).has_value());
    REQUIRE(db.accepts_lasting_writes());

    // Real ones, to learn what they are like.
    auto const in = sessions_of();
    std::vector<std::string> cookies;
    for (std::uint64_t i = 0; i != real; ++i) cookies.push_back(log_in(in, db, i / 10));
    server.tell("CREATE TABLE real_prefix AS SELECT substr(key, 1, 16) prefix FROM signet_record"
                " GROUP BY 1 HAVING count(*) = 300");
    REQUIRE(count(server, "SELECT count(*) FROM real_prefix") == 1);
    server.tell("CREATE TABLE real_session AS SELECT row_number() OVER () - 1 i, bytes FROM signet_record"
                " WHERE substr(key, 1, 16) = (SELECT prefix FROM real_prefix)");
    server.tell("CREATE TABLE real_roster AS SELECT row_number() OVER () - 1 i, bytes FROM (SELECT bytes FROM"
                " signet_record WHERE substr(key, 1, 16) <> (SELECT prefix FROM real_prefix)"
                " ORDER BY octet_length(bytes) DESC LIMIT 30) r");
    REQUIRE(count(server, "SELECT count(*) FROM real_session") == real);
    REQUIRE(count(server, "SELECT count(*) FROM real_roster") == real / 10);
    auto const session_octets = server.tell("SELECT round(avg(octet_length(bytes))) FROM real_session");
    auto const roster_octets = server.tell("SELECT round(avg(octet_length(bytes))) FROM real_roster");
    auto const prefix = octets_of(server.tell("SELECT encode(prefix, 'hex') FROM real_prefix"));
    bytes const octets(std::stoul(session_octets), 7);
    std::vector<store::record_key> alive; // when all others have expired
    for (std::uint64_t i = 0; i != living; ++i) {
        alive.push_back(numbered(i));
        REQUIRE(done(db.execute(store::insert(alive.back(), octets, now + 10 * lifetime, now))));
    }

    auto const fill_start = steady::now();
    fill(server, sessions, real);
    auto const filled = since(fill_start);
    auto const vacuum_start = steady::now();
    server.tell("VACUUM ANALYZE signet_record");
    auto const vacuumed = since(vacuum_start);
    auto const before = count(server, "SELECT count(*) FROM signet_record");
    REQUIRE(before >= sessions + users + real + real / 10 + living);
    auto const size = [&](char const* what) {
        return static_cast<double>(count(server, std::string{"SELECT "} + what));
    };
    auto const table = size("pg_table_size('signet_record')"), by_key = size("pg_relation_size('signet_record_pkey')"),
               by_expiry = size("pg_relation_size('signet_record_by_expiry')"), all = table + by_key + by_expiry;
    auto const rows = static_cast<double>(before);

    line("## " + grouped(static_cast<double>(sessions)) + " sessions in PostgreSQL\n");
    line(
        grouped(static_cast<double>(sessions)) + " sessions of " + grouped(static_cast<double>(users)) +
        " users in PostgreSQL " + server.tell("SHOW server_version") +
        ", on the disk, with `fsync` on, `shared_buffers` 1 GB and `max_wal_size` 4 GB. " + std::to_string(real) +
        " sessions of " + std::to_string(real / 10) +
        " users are made by `log_in`; the others are copies of their records under keys of their own, put there by SQL in " +
        grouped(filled) + " s, and vacuumed in " + grouped(vacuumed) +
        " s. All of it is smaller than the machine's memory. It expires in the order in which it was put there, give or"
        " take an hour, so a purge goes through the table in order; the 1,000 records that live on were put there first,"
        " and lie together.\n");
    line("| what | octets in all | a row |\n|---|---:|---:|");
    line("| table | " + grouped(table) + " | " + grouped(table / rows) + " |");
    line("| index by key | " + grouped(by_key) + " | " + grouped(by_key / rows) + " |");
    line("| index by expiry | " + grouped(by_expiry) + " | " + grouped(by_expiry / rows) + " |");
    line("| together | " + grouped(all) + " | " + grouped(all / rows) + " |\n");
    line("A session's record has " + session_octets + " octets, the roster of a user with ten sessions " +
         roster_octets + ". A session with its tenth of a roster takes up " +
         grouped(all / static_cast<double>(sessions)) + " octets, a user with ten sessions " +
         grouped(all / static_cast<double>(users)) + ".\n");

    bytes room(4096);
    store::detail::version_walk dice{1};
    durations finds, uses;
    for (int i = 0; i != 2000; ++i)
        (void)db.execute(store::find(filled_key(prefix, dice.next() % sessions), room, now));
    for (int i = 0; i != 20'000; ++i) {
        auto const key = filled_key(prefix, dice.next() % sessions);
        bool good = false;
        finds.time([&] { good = done(db.execute(store::find(key, room, now))); });
        REQUIRE(good);
    }
    for (int i = 0; i != 20'000; ++i) {
        auto const& cookie = cookies[dice.next() % real];
        bool good = false;
        uses.time([&] { good = run(in.authenticate(cookie, {}, now + 1s), db).has_value(); });
        REQUIRE(good);
    }

    // All but a few expire.
    auto const after = now + 3 * lifetime;
    store::postgres other{{.conninfo = server.conninfo(), .reply_timeout = 60s}};
    REQUIRE(other.connect(after).has_value());
    std::atomic<bool> stop{false};
    durations beside, alone, purges;
    for (int i = 0; i != 2000; ++i)
        alone.time([&] { (void)other.execute(store::find(alive[dice.next() % living], room, after)); });
    std::uint64_t removed = 0;
    auto const purge_start = steady::now();
    std::vector<double> tenths; // rows a second of each tenth
    {
        std::thread looking{[&] { beside = look_up_beside(other, alive, after, stop); }};
        auto last = purge_start;
        std::uint64_t last_removed = 0;
        for (bool more = true; more;) {
            purges.time([&] {
                auto const gone = db.remove_expired(after);
                more = gone.has_value() && *gone != 0;
                if (more) removed += *gone;
            });
            if (removed - last_removed >= sessions / 10 || !more) {
                if (more) tenths.push_back(static_cast<double>(removed - last_removed) / since(last));
                last = steady::now(), last_removed = removed;
            }
        }
        stop = true;
        looking.join();
    }
    auto const purged = since(purge_start);
    REQUIRE(count(server, "SELECT count(*) FROM signet_record") == before - removed);
    REQUIRE(count(server, "SELECT count(*) FROM signet_record WHERE expires <= " +
                              std::to_string((after - 60s).time_since_epoch().count())) == 0);
    REQUIRE(removed >= sessions + users);
    REQUIRE(!beside.all.empty());

    line("| one thread, microseconds | p50 | p99 | longest |\n|---|---:|---:|---:|");
    line("| `find`, 20,000 sessions at random | " + finds.cells() + " |");
    line("| `authenticate`, 20,000 times one of " + std::to_string(real) + " | " + uses.cells() + " |");
    line("| `find` of a living record, before the purge | " + alone.cells() + " |");
    line("| `find` of a living record, while another connection purges (" +
         grouped(static_cast<double>(beside.all.size())) + " look-ups) | " + beside.cells() + " |");
    line("| one `remove_expired` of 1,000 | " + purges.cells() + " |\n");
    line("Then everything but " + grouped(static_cast<double>(before - removed)) +
         " records expires at once. `remove_expired` was called until nothing was left: " +
         grouped(static_cast<double>(removed)) + " records in " + grouped(purged) + " s, " +
         grouped(static_cast<double>(removed) / purged) +
         " a second, while autovacuum ran as it does by default. The slowest tenth had " +
         (tenths.empty() ? "no figure" : grouped(*std::min_element(tenths.begin(), tenths.end()))) +
         " a second, the fastest " +
         (tenths.empty() ? "none" : grouped(*std::max_element(tenths.begin(), tenths.end()))) + ".\n");
}

TEST_CASE("a user and a session on each store") {
    auto const sessions = std::min<std::uint64_t>(asked_sessions, 100'000) / 10 * 10;
    line("## A user and a session on each store\n");
    line(
        grouped(static_cast<double>(sessions)) + " sessions of " + grouped(static_cast<double>(sessions) / 10) +
        " users, all made by `log_in` with a device name, in octets of what the store takes up: this process's memory, Redis's"
        " `used_memory`, SQLite's file, PostgreSQL's table with its indexes as it stands after `VACUUM`. A user's first session"
        " has the user's roster with it. The files were in memory here, which changes no size; so the time of a login has no"
        " disk in it.\n");
    line(
        "| store | a user's first session | each further one | a session, of ten | a user with ten | one `log_in`, µs |\n"
        "|---|---:|---:|---:|---:|---:|");
    {
        store::memory db{{.bytes = std::size_t{1} << 30}};
        grow("memory", db, resident);
    }
    {
        redis_server server{redis_server::durable(), "/dev/shm"};
        store::redis db{{.port = server.port()}};
        REQUIRE(db.connect(now).has_value());
        grow("Redis", db, [&] {
            auto const info = server.tell({"INFO", "memory"});
            return std::stod(info.substr(info.find("used_memory:") + 12));
        });
    }
    {
        temporary_directory in{"/dev/shm"};
        reopened db{in / "fleet.db"};
        grow("SQLite", db, [&] { return db.size(); });
    }
    {
        postgres_server server;
        store::postgres db{{.conninfo = server.conninfo()}};
        REQUIRE(db.migrate(now).has_value());
        grow("PostgreSQL", db, [&] {
            server.tell("VACUUM signet_record");
            return static_cast<double>(count(server, "SELECT pg_total_relation_size('signet_record')"));
        });
    }
    line("");
}

TEST_CASE("beside bare clients") {
    line("## Beside bare clients\n");
    line(
        "The targets that were set before anything was built. Both in turn, nine times half a second each, and the medians; servers on the disk that forget nothing. Bare connections"
        " are shared by four threads each, under a mutex that lets in whoever runs; the pool's line is first come, first served."
        " Records have 200 octets. The target of a cluster is 0.9 of one node for each node. All servers run on this machine,"
        " so that is compared in two parts: a cluster of one node with a bare client of that node, and the processor time"
        " that this program uses for one `find` on three nodes with that on one node (in the column of bare clients).\n");
    line("| what | bare | signet | ratio | target | met |\n|---|---:|---:|---:|---:|---|");
    bytes const octets(200, 7);
    auto const later = now + 1h;
    std::atomic<std::uint64_t> next{1};
    auto const k0 = numbered(0);
    {
        redis_server server{redis_server::durable(), place};
        store::redis_params const params{.port = server.port()};
        store::combiner<store::redis> combined{store::redis{params}, store::redis{params}};
        store::redis alone{params};
        REQUIRE(done(alone.execute(store::insert(k0, octets, later, now))));
        bare_connections<redis_link> bare;
        for (int i = 0; i != 16; ++i)
            bare.all.emplace_back(redisConnect("127.0.0.1", server.port())), bare.locks.emplace_back();
        REQUIRE(tell(bare.all[0].get(), "SET raw:%b %b", k0.data(), std::size_t{32}, octets.data(), octets.size()));
        auto const bare_get = [&](unsigned i) {
            return [&, i] {
                return bare.use(i, [&](auto* c) { return tell(c, "GET raw:%b", k0.data(), std::size_t{32}); });
            };
        };
        auto const finds = [&](auto& db) {
            return [&](unsigned) {
                return [&, room = bytes(400)]() mutable { return done(db.execute(store::find(k0, room, now))); };
            };
        };
        beside("Redis, one thread, `find` and GET", 1, .9, counted::rate, bare_get, finds(alone));
        beside("Redis, 64 threads, `find` of the combiner and GET on 16 connections", 64, 1, counted::rate, bare_get,
               finds(combined));
        beside(
            "Redis, 64 threads, `insert` of the combiner and SET NX EX on 16 connections", 64, 1, counted::rate,
            [&](unsigned i) {
                return [&, i] {
                    auto const k = numbered(next++);
                    return bare.use(i, [&](auto* c) {
                        return tell(c, "SET raw:%b %b NX EX 3600", k.data(), std::size_t{32}, octets.data(),
                                    octets.size());
                    });
                };
            },
            [&](unsigned) {
                return [&] { return done(combined.execute(store::insert(numbered(next++), octets, later, now))); };
            });
        auto const in = sessions_of();
        auto const cookie = log_in(in, alone, 1);
        beside(
            "Redis, one thread, `authenticate` and a pipelined pair of GETs", 1, 1.1, counted::time,
            [&](unsigned) {
                return [&] {
                    auto* c = bare.all[0].get();
                    for (int i = 0; i != 2; ++i) redisAppendCommand(c, "GET raw:%b", k0.data(), std::size_t{32});
                    bool good = true;
                    for (int i = 0; i != 2; ++i) {
                        void* r = nullptr;
                        good = redisGetReply(c, &r) == REDIS_OK && good;
                        redis_server::answer const answer{static_cast<redisReply*>(r)};
                        good = good && answer->type == REDIS_REPLY_STRING;
                    }
                    return good;
                };
            },
            [&](unsigned) { return [&] { return run(in.authenticate(cookie, {}, now + 1s), alone).has_value(); }; });
    }
    {
        // One node with all slots, which a bare client can ask too; and three, which cost the client more, if anything:
        // their servers would share two cores, so what they answer a second says nothing of three machines.
        cluster one{1}, three{3};
        store::redis_cluster single{one.params()}, several{three.params()};
        redis_link const bare{redisConnect("127.0.0.1", one.node(0).port())};
        REQUIRE(tell(bare.get(), "SET raw:%b %b", k0.data(), std::size_t{32}, octets.data(), octets.size()));
        constexpr std::uint64_t many = 1000; // keys, on all nodes
        for (std::uint64_t i = 0; i != many; ++i)
            for (auto* db : {&single, &several})
                REQUIRE(done(db->execute(store::insert(numbered(i), octets, later, now))));
        auto const finds = [&](auto& db) {
            return [&](unsigned) {
                return [&, room = bytes(400), i = std::uint64_t{0}]() mutable {
                    return done(db.execute(store::find(numbered(i++ % many), room, now)));
                };
            };
        };
        beside(
            "Redis cluster of one node, one thread, `find` and GET", 1, .9, counted::rate,
            [&](unsigned) { return [&] { return tell(bare.get(), "GET raw:%b", k0.data(), std::size_t{32}); }; },
            finds(single));
        beside("Redis cluster, one thread, `find` on three nodes and on one", 1, 1 / .9, counted::processor,
               finds(single), finds(several));
    }
    {
        postgres_server server{{}, nullptr, place};
        auto const connected = [&] { return store::postgres{{.conninfo = server.conninfo()}}; };
        auto alone = connected();
        REQUIRE(alone.migrate(now - 1h).has_value());
        REQUIRE(done(alone.execute(store::insert(k0, octets, later, now))));
        std::vector<store::postgres> connections;
        bare_connections<postgres_link> bare;
        for (int i = 0; i != 16; ++i) {
            connections.push_back(connected());
            bare.all.emplace_back(PQconnectdb(server.conninfo().c_str())), bare.locks.emplace_back();
            for (auto const which : {store::detail::postgres_find, store::detail::postgres_insert})
                PQclear(PQprepare(bare.all.back().get(), which == store::detail::postgres_find ? "find" : "insert",
                                  std::string{store::detail::postgres_text[which]}.c_str(), 0, nullptr));
        }
        store::pool<store::postgres> pool{std::move(connections)};
        auto const at = wire(now.time_since_epoch().count()), end = wire(later.time_since_epoch().count()),
                   size = wire(400), version = wire(77);
        beside(
            "PostgreSQL, 64 threads on 16 connections, `find` and the same statement", 64, .8, counted::rate,
            [&](unsigned i) {
                return [&, i] {
                    return bare.use(
                        i, [&](auto* c) { return ask_bare(c, "find", {text_of(k0), text_of(at), text_of(size)}); });
                };
            },
            [&](unsigned) {
                return [&, room = bytes(400)]() mutable { return done(pool.execute(store::find(k0, room, now))); };
            },
            4);
        beside(
            "PostgreSQL, 64 threads on 16 connections, `insert` and the same statement", 64, .8, counted::rate,
            [&](unsigned i) {
                return [&, i] {
                    auto const k = numbered(next++);
                    return bare.use(i, [&](auto* c) {
                        return ask_bare(c, "insert",
                                        {text_of(k), text_of(version), text_of(end), text_of(octets), text_of(at)});
                    });
                };
            },
            [&](unsigned) {
                return [&] { return done(pool.execute(store::insert(numbered(next++), octets, later, now))); };
            },
            4);
        beside(
            "PostgreSQL, one thread, a replay refused and a first use accepted", 1, .2, counted::time,
            [&](unsigned) {
                return
                    [&] { return done(alone.execute(store::insert_once(numbered(next++), octets, later, now, now))); };
            },
            [&](unsigned) {
                return [&] {
                    auto const r = alone.execute(store::insert_once(k0, octets, later, now, now));
                    return r.outcome == store::outcome::not_applied;
                };
            });
    }
    line("");
}

int main(int argc, char** argv) {
    (void)crypto::sha256({}); // so that Botan's statics outlive ours
    doctest::Context context;
    context.setOption("minimal", true);
    for (int i = 1; i < argc; ++i) {
        std::string_view const arg = argv[i];
        if (arg == "--quick") quick = true, asked_sessions = 20'000;
        else if (arg == "--in" && i + 1 < argc) place = argv[++i];
        else if (arg == "--only" && i + 1 < argc) context.setOption("test-case", argv[++i]);
        else if (std::all_of(arg.begin(), arg.end(), [](char c) { return c >= '0' && c <= '9'; }))
            asked_sessions = std::max<std::uint64_t>(std::stoull(std::string{arg}), 1000);
        else {
            std::fprintf(stderr, "usage: %s [SESSIONS] [--in DIRECTORY] [--only TEXT] [--quick]\n", argv[0]);
            return 2;
        }
    }
    if (postgres_server::programs().empty() || !redis_server::installed()) {
        std::puts("skipped: no PostgreSQL or no Redis");
        return 77;
    }
    std::string model = "unknown";
    std::ifstream kind{"/proc/cpuinfo"};
    for (std::string text; std::getline(kind, text);)
        if (text.starts_with("model name")) model = text.substr(text.find(':') + 2);
    line("Measured by `./dev fleet" + (asked_sessions == 10'000'000 ? "" : " " + std::to_string(asked_sessions)) +
         "` on " + model + ", " + std::to_string(std::thread::hardware_concurrency()) + " cores, " +
         grouped(static_cast<double>(::sysconf(_SC_PHYS_PAGES)) * static_cast<double>(::sysconf(_SC_PAGESIZE)) / 1e9) +
         " GB of memory, where other programs ran too: ratios hold, and sizes; times are those of a busy machine.\n");
    return context.run();
}

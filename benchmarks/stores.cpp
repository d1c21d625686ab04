// The verbs of the stores, beside a plain map and bare loops over SQLite and hiredis that do the same.
#include "harness.hpp"
#include "large_pages.hpp"
#include "records.hpp"

#include <signet/proof/replay.hpp>
#include <signet/store.hpp>
#include <signet/store/asio_redis.hpp>
#include <signet/store/combiner.hpp>
#include <signet/store/redis.hpp>
#include <signet/store/sqlite.hpp>

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <memory_resource>
#include <new>
#include <unordered_map>
#include <vector>

#include <arpa/inet.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <hiredis/hiredis.h>
#include <netinet/in.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace signet;

namespace {

constexpr unix_time now{std::chrono::seconds{1'800'000'000}}, later{std::chrono::seconds{1'800'003'600}};

struct key_hash {
    std::size_t operator()(store::record_key const& k) const noexcept {
        std::size_t h;
        std::memcpy(&h, k.data(), sizeof h);
        return h;
    }
};

// So many octets of ones, in large pages where the system gives them.
std::vector<std::uint64_t> words(std::size_t octets) {
    std::vector<std::uint64_t> out;
    out.reserve(octets / sizeof(std::uint64_t));
#ifdef MADV_HUGEPAGE
    auto const begin = (reinterpret_cast<std::uintptr_t>(out.data()) + 4095) / 4096 * 4096;
    if (octets > 2 * 4096) ::madvise(reinterpret_cast<void*>(begin), (octets - 4096) / 4096 * 4096, MADV_HUGEPAGE);
#endif
    out.resize(octets / sizeof(std::uint64_t), 1);
    return out;
}

struct directory {
    std::filesystem::path path;
    directory() {
        auto name = (std::filesystem::temp_directory_path() / "signet-bench-XXXXXX").string();
        path = ::mkdtemp(name.data());
    }
    ~directory() {
        std::error_code ignored;
        std::filesystem::remove_all(path, ignored);
    }
};

// A redis-server of our own on a free loopback port; port 0 where none is installed. With a disk it waits for it at
// each write.
struct server {
    directory dir;
    int port = 0;
    pid_t child = 0;

    explicit server(bool with_disk = false) {
        if (std::system("redis-server --version > /dev/null 2>&1") != 0) return;
        auto const fd = ::socket(AF_INET, SOCK_STREAM, 0);
        sockaddr_in name{};
        name.sin_family = AF_INET, name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof name;
        if (::bind(fd, reinterpret_cast<sockaddr*>(&name), size) != 0) return;
        ::getsockname(fd, reinterpret_cast<sockaddr*>(&name), &size);
        ::close(fd);
        port = ntohs(name.sin_port);
        child = ::fork();
        if (child == 0) {
            auto const number = std::to_string(port), where = dir.path.string();
            ::execlp("redis-server", "redis-server", "--port", number.c_str(), "--bind", "127.0.0.1", "--dir",
                     where.c_str(), "--save", "", "--logfile", (where + "/log").c_str(), "--maxmemory-policy",
                     "noeviction", "--appendfsync", "always", "--appendonly", with_disk ? "yes" : "no",
                     static_cast<char*>(nullptr));
            ::_exit(127);
        }
        for (int tries = 0; tries != 500; ++tries) {
            auto* c = redisConnect("127.0.0.1", port);
            auto const up = c && c->err == 0;
            if (c) redisFree(c);
            if (up) return;
            ::usleep(10'000);
        }
        port = 0;
    }
    ~server() {
        if (child <= 0) return;
        ::kill(child, SIGKILL);
        ::waitpid(child, nullptr, 0);
    }
};

} // namespace

int main(int argc, char** argv) {
    bench::suite suite{argc, argv, "stores"};
    bytes const octets(300, 7);
    bytes buffer(1000);

    // ---- memory
    std::uint64_t const many = suite.quick() ? 20'000 : 1'000'000;
    store::memory_params const bounds{.records = 2 * many, .bytes = std::size_t{1} << 30};
    store::memory db{bounds};
    large_pages pages{many * 450};
    store::memory paged{bounds, pages.resource()};
    std::unordered_map<store::record_key, bytes, key_hash> map;
    for (std::uint64_t i = 0; i != many; ++i) {
        (void)db.execute(store::insert(numbered(i), octets, later, now));
        (void)paged.execute(store::insert(numbered(i), octets, later, now));
        map.emplace(numbered(i), octets);
    }
    std::vector<store::record_key> keys; // asked for in an order that no cache foresees
    store::detail::version_walk dice{1};
    for (std::size_t i = 0; i != 65536; ++i) keys.push_back(numbered(dice.next() % many));

    auto& memory = suite.table(suite.quick() ? "memory: 20,000 records" : "memory: 1 million records of 300 octets");
    std::size_t a = 0, b = 0;
    memory.add("std::unordered_map, find and copy", [&] {
        auto const found = map.find(keys[a++ % keys.size()]);
        if (found == map.end()) return false;
        std::memcpy(buffer.data(), found->second.data(), found->second.size());
        return true;
    });
    // The floor of any table of pointers to records: a place in the table, then the record, not known before that was
    // read.
    auto const table = words(many * 32), records = words(many * 360);
    std::uint64_t walk = 1;
    memory.add("reading two random words of as much memory, the second after the first", [&] {
        walk = walk * 6364136223846793005u + 1442695040888963406u + table[(walk >> 20) % table.size()];
        walk = walk * 6364136223846793005u + 1442695040888963406u + records[(walk >> 20) % records.size()];
        return true;
    });
    memory.add("find (<= 300 ns)", [&] { return done(db.execute(store::find(keys[b++ % keys.size()], buffer, now))); });
    std::size_t b2 = 0;
    memory.add("find, records in large pages",
               [&] { return done(paged.execute(store::find(keys[b2++ % keys.size()], buffer, now))); });
    std::uint64_t fresh = many;
    memory.add("insert and take", [&] {
        auto const k = numbered(fresh++);
        return done(db.execute(store::insert(k, octets, later, now))) && done(db.execute(store::take(k, buffer, now)));
    });
    auto const hot = numbered(5);
    auto version = db.execute(store::find(hot, buffer, now)).record.version;
    memory.add("replace", [&] {
        auto const r = db.execute(store::replace(hot, version, octets, later, now));
        version = r.record.version;
        return done(r);
    });

    // ---- replay
    auto& replay = suite.table("replay guard: 1 million entries");
    proof::replay_guard guard{{.entries = many, .window = std::chrono::seconds{1000}}};
    std::uint64_t jti = 0;
    std::uint64_t steps = 0;
    for (; jti != many / 2; ++jti) (void)guard.insert(numbered(jti), now + std::chrono::seconds{1000}, now);
    // The floor: one place of as much memory, not known before the last one was read.
    auto memory_touched = words(many * 40);
    std::uint64_t spot = 1;
    replay.add("reading and writing one random word of as much memory", [&] {
        auto& word = memory_touched[(spot >> 20) % memory_touched.size()];
        spot = spot * 6364136223846793005u + 1442695040888963406u + word;
        word = 1;
        return true;
    });
    replay.add("insert (<= 100 ns), with making a key", [&] {
        // An even rate: a million a window, so that generations rotate as they do in use.
        auto const time = now + std::chrono::seconds{++steps / 1000};
        return guard.insert(numbered(jti++), time + std::chrono::seconds{1000}, time).has_value();
    });

    // ---- SQLite: the same statements by hand, on a table of the same form
    bench::about const waits{.wall = true};
    directory dir;
    auto const synchronous = [](sqlite3* raw, char const* how) {
        sqlite3_exec(
            raw, (std::string{"PRAGMA journal_mode=WAL; PRAGMA secure_delete=ON; PRAGMA synchronous="} + how).c_str(),
            nullptr, nullptr, nullptr);
    };
    sqlite3* raw = nullptr;
    sqlite3_open((dir.path / "raw.db").string().c_str(), &raw);
    synchronous(raw, "FULL");
    sqlite3_exec(
        raw,
        "CREATE TABLE record(key BLOB PRIMARY KEY NOT NULL, version INTEGER NOT NULL, expires INTEGER NOT NULL,"
        " bytes BLOB NOT NULL) STRICT, WITHOUT ROWID; CREATE INDEX by_expiry ON record(expires)",
        nullptr, nullptr, nullptr);
    auto const prepared = [&](char const* sql) {
        sqlite3_stmt* s = nullptr;
        sqlite3_prepare_v2(raw, sql, -1, &s, nullptr);
        return s;
    };
    auto* put = prepared("INSERT OR REPLACE INTO record VALUES(?1, 1, 1800003600, ?2)");
    auto* get = prepared("SELECT bytes FROM record WHERE key = ?1");
    auto lite = store::sqlite::open({.path = (dir.path / "signet.db").string()});
    if (!lite) return 1;
    auto const raw_put = [&](store::record_key const& k) {
        sqlite3_bind_blob(put, 1, k.data(), 32, SQLITE_STATIC);
        sqlite3_bind_blob(put, 2, octets.data(), static_cast<int>(octets.size()), SQLITE_STATIC);
        auto const good = sqlite3_step(put) == SQLITE_DONE;
        sqlite3_reset(put);
        return good;
    };
    for (std::uint64_t i = 0; i != 200; ++i)
        raw_put(numbered(i)), (void)lite->execute(store::insert(numbered(i), octets, later, now));
    auto& reads = suite.table("SQLite: find");
    std::size_t c = 0, d = 0;
    reads.add(
        "bare sqlite3",
        [&] {
            auto const k = numbered(c++ % 200);
            sqlite3_bind_blob(get, 1, k.data(), 32, SQLITE_STATIC);
            auto const good = sqlite3_step(get) == SQLITE_ROW;
            std::memcpy(buffer.data(), sqlite3_column_blob(get, 0),
                        static_cast<std::size_t>(sqlite3_column_bytes(get, 0)));
            sqlite3_reset(get);
            return good;
        },
        waits);
    reads.add("signet", [&] { return done(lite->execute(store::find(numbered(d++ % 200), buffer, now))); }, waits);
    auto& writes = suite.table("SQLite: insert, synchronous=FULL");
    std::uint64_t e = 1000, f = 1000;
    writes.add("bare sqlite3", [&] { return raw_put(numbered(e++)); }, waits);
    writes.add("signet", [&] { return done(lite->execute(store::insert(numbered(f++), octets, later, now))); }, waits);

    // ---- Redis
    server redis;
    if (redis.port != 0) {
        std::unique_ptr<redisContext, void (*)(redisContext*)> link{redisConnect("127.0.0.1", redis.port), redisFree};
        store::redis_params params;
        params.port = redis.port;
        params.may_forget_revocations = true; // without a disk: the round trip and the server's work are measured
        store::redis over{params};
        if (!over.connect(now)) return 1;
        auto const tell = [&](char const* format, auto... rest) {
            std::unique_ptr<void, void (*)(void*)> r{redisCommand(link.get(), format, rest...), freeReplyObject};
            return r && static_cast<redisReply*>(r.get())->type != REDIS_REPLY_ERROR;
        };
        auto const k0 = numbered(0);
        if (!done(over.execute(store::insert(k0, octets, later, now)))) return 1;
        tell("SET raw:%b %b", k0.data(), std::size_t{32}, octets.data(), octets.size());
        auto& redis_reads = suite.table("Redis on loopback: find");
        redis_reads.add("bare hiredis, GET", [&] { return tell("GET raw:%b", k0.data(), std::size_t{32}); }, waits);
        redis_reads.add("signet", [&] { return done(over.execute(store::find(k0, buffer, now))); }, waits);
        auto& redis_writes = suite.table("Redis on loopback: insert");
        std::uint64_t g = 1, h = 1;
        redis_writes.add(
            "bare hiredis, SET NX EX",
            [&] {
                auto const k = numbered(g++);
                return tell("SET raw:%b %b NX EX 3600", k.data(), std::size_t{32}, octets.data(), octets.size());
            },
            waits);
        redis_writes.add(
            "signet, judged by a script",
            [&] { return done(over.execute(store::insert(numbered(h++), octets, later, now))); }, waits);
        auto& redis_many = suite.table("Redis on loopback: 64 finds at once");
        std::vector<bytes> rooms(64, bytes(400));
        std::vector<store::request> asks;
        std::vector<store::reply> replies(64);
        for (auto& r : rooms) asks.push_back(store::find(k0, r, now));
        redis_many.add(
            "one after the other",
            [&] {
                bool all = true;
                for (auto const& ask : asks) all = all && done(over.execute(ask));
                return all;
            },
            waits);
        redis_many.add(
            "execute_many",
            [&] {
                over.execute_many(asks, replies);
                return done(replies[0]) && done(replies[63]);
            },
            waits);

        // ---- Redis that waits for its disk, and threads that share one object
        constexpr unsigned crew = 16;
        server durable{true};
        params.port = durable.port;
        params.may_forget_revocations = false;
        store::redis alone{params};
        store::combiner<store::redis> combined{store::redis{params}, store::redis{params}};
        if (!done(alone.execute(store::insert(k0, octets, later, now)))) return 1;
        std::atomic<std::uint64_t> next{1};
        auto const add = [&](auto& into, std::string name, auto& shared, bool finds) {
            into.add_threads(std::move(name), crew, [&shared, &next, &octets, &k0, finds](unsigned) {
                return [&shared, &next, &octets, &k0, finds, room = bytes(400)]() mutable {
                    return done(shared.execute(finds ? store::find(k0, room, now)
                                                     : store::insert(numbered(next++), octets, later, now)));
                };
            });
        };
        auto& shared_writes = suite.table("Redis with its disk: 16 threads insert");
        add(shared_writes, "one connection, one after the other", alone, false);
        add(shared_writes, "combiner", combined, false);
        auto& shared_reads = suite.table("Redis with its disk: 16 threads find");
        add(shared_reads, "one connection, one after the other", alone, true);
        add(shared_reads, "combiner", combined, true);

        // ---- 64 who ask at once: threads, and coroutines of one thread. The row's unit is 64 requests.
        constexpr std::size_t many_at_once = 64;
        boost::asio::io_context loop;
        store::asio_redis in_loop{loop.get_executor(), params};
        auto const ask_of = [&](bool finds, bytes& room) {
            return finds ? store::find(k0, room, now) : store::insert(numbered(next++), octets, later, now);
        };
        for (bool const finds : {false, true}) {
            auto& at_once =
                suite.table(finds ? "Redis with its disk: 64 callers find" : "Redis with its disk: 64 callers insert");
            auto const each_64 = [&, finds](auto& shared) {
                return [&, finds, room = bytes(400)]() mutable {
                    bool all = true;
                    for (std::size_t n = 0; n != many_at_once; ++n) all &= done(shared.execute(ask_of(finds, room)));
                    return all;
                };
            };
            at_once.add("one connection, one after the other", each_64(alone), waits);
            at_once.add_threads("64 threads on a combiner", many_at_once, [&](unsigned) { return each_64(combined); });
            at_once.add(
                "64 coroutines on asio_redis",
                [&, finds, rooms = std::vector(many_at_once, bytes(400))]() mutable {
                    std::size_t good = 0;
                    auto const one = [&](std::size_t n) -> boost::asio::awaitable<void> {
                        good += done(co_await in_loop.async_execute(ask_of(finds, rooms[n])));
                    };
                    for (std::size_t n = 0; n != many_at_once; ++n)
                        boost::asio::co_spawn(loop, one(n), boost::asio::detached);
                    loop.restart();
                    loop.run();
                    return good == many_at_once;
                },
                waits);
        }
        auto const result = suite.finish();
        sqlite3_finalize(put), sqlite3_finalize(get), sqlite3_close(raw);
        return result;
    }
    auto const result = suite.finish();
    sqlite3_finalize(put), sqlite3_finalize(get), sqlite3_close(raw);
    return result;
}

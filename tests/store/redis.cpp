#include "blocking_asio.hpp"
#include "contract.hpp"
#include "outage.hpp"
#include "redis_server.hpp"
#include "scan_contract.hpp"
#include "small_disk.hpp"

#include "support/wait.hpp"

#include <signet/store/asio_redis.hpp>
#include <signet/store/combiner.hpp>
#include <signet/store/impl/redis_protocol.hpp>
#include <signet/store/metrics.hpp>
#include <signet/store/pool.hpp>
#include <signet/store/redis.hpp>

#include <atomic>
#include <thread>

#include <poll.h>

using namespace signet;
using namespace std::chrono_literals;

namespace {

constexpr unix_time now{std::chrono::seconds{1'800'000'000}};
constexpr unix_time later = now + std::chrono::seconds{600};
std::array<std::uint8_t, 64> buffer;

store::redis_params at_port(int port) {
    store::redis_params o;
    o.port = port;
    o.retry_after = 0s; // the tests' clock stands still
    return o;
}

// Single use is refused for what was issued in the second in which somebody first used the server, or before.
void use_before(redis_server const& server) { REQUIRE(store::redis{at_port(server.port())}.connect(now - 1s)); }

#define NEEDS_REDIS                                                                                                    \
    if (!redis_server::installed()) {                                                                                  \
        MESSAGE("skipped: redis-server is not installed (./dev installs it)");                                         \
        return;                                                                                                        \
    }

} // namespace

// What holds for a connection that blocks holds for one in an event loop.
using blocking_asio_redis = blocking_asio<store::asio_redis, store::redis_params>;
#define EACH_REDIS store::redis, blocking_asio_redis

static_assert(store::blocking_store<store::redis>);

TEST_CASE_TEMPLATE("store contract: redis, one connection a thread" * long_run(), Redis, EACH_REDIS) {
    NEEDS_REDIS
    redis_server server;
    use_before(server);
    check_contract([&] { return Redis{at_port(server.port())}; }, {.rounds = 100});
}

TEST_CASE_TEMPLATE("store contract: redis, threads sharing one connection" * long_run(), Redis, EACH_REDIS) {
    NEEDS_REDIS
    redis_server server;
    use_before(server);
    Redis db{at_port(server.port())};
    check_contract([&] { return testing::shared_store<Redis>{&db}; }, {.threads = 16, .rounds = 20});
}

TEST_CASE("store contract: redis, threads combined into pipelines of two connections" * long_run()) {
    NEEDS_REDIS
    redis_server server;
    use_before(server);
    auto const params = at_port(server.port());
    // [shared]
    store::combiner<store::redis> db{store::redis{params}, store::redis{params}};
    // [/shared]
    check_contract([&] { return testing::shared_store{&db}; }, {.threads = 16, .rounds = 20});
}

TEST_CASE("scan contract: redis") {
    NEEDS_REDIS
    redis_server server;
    use_before(server);
    for (auto const* prefix : {"signet:", "", "a*b?[c]\\:"}) {
        INFO("the prefix ", prefix);
        auto params = at_port(server.port());
        params.prefix = prefix;
        store::redis db{params};
        check_scans(db, {.at_least_once = true, .records = 1000});
    }
}

TEST_CASE("redis: a scan gives what is under its prefix alone, and counts what is no record") {
    NEEDS_REDIS
    redis_server server;
    use_before(server);
    auto params = at_port(server.port());
    params.prefix = "a[b]";
    store::redis db{params};
    params.prefix = "ab";
    store::redis similar{params};
    scans::contents all, others;
    for (std::uint64_t n = 0; n != 50; ++n) scans::insert(db, all, n, 8);
    for (std::uint64_t n = 0; n != 50; ++n) scans::insert(similar, others, n, 8);
    std::string const name(32, 'x'), longer(33, 'x');
    for (auto const& under : {name, longer}) CHECK(server.tell({"SET", "a[b]" + under, "theirs"}) == "OK");
    CHECK(server.tell({"RPUSH", "a[b]" + std::string(32, 'y'), "theirs"}) == "1");
    store::scan_page page{7};
    auto const w = scans::scan_all(db, page, all);
    CHECK(scans::each_once(w, all, true));
    CHECK(w.given.size() == 50);
    CHECK(w.unreadable == 2);
}

TEST_CASE("redis: a call of a scan asks the server a bounded number of times, whatever else the database has") {
    NEEDS_REDIS
    redis_server server;
    use_before(server);
    store::redis db{at_port(server.port())};
    scans::contents all;
    for (std::uint64_t n = 0; n != 20; ++n) scans::insert(db, all, n, 8);
    REQUIRE(server.tell({"EVAL", "for i = 1, 20000 do redis.call('SET', 'other:' .. i, 'x') end return 1", "0"}) ==
            "1");
    store::scan_page page;
    auto const steps = [&] {
        auto const all_calls = server.tell({"INFO", "commandstats"});
        auto const at = all_calls.find("cmdstat_scan:calls=");
        return at == std::string::npos ? 0 : std::stoul(all_calls.substr(at + 19));
    };
    std::size_t most = 0, before = 0;
    auto const w = scans::scan_all(db, page, all, now, [&](std::size_t) {
        auto const asked = steps();
        most = std::max(most, asked - before);
        before = asked;
    });
    CHECK(scans::each_once(w, all, true));
    CHECK(most == store::detail::max_redis_scan_steps);
    CHECK(w.pages >= 20'000 / (store::detail::redis_scan_step * store::detail::max_redis_scan_steps));
}

TEST_CASE("redis: a user who may only read scans, and one who may not is told so") {
    NEEDS_REDIS
    redis_server server;
    use_before(server);
    scans::contents all;
    store::redis db{at_port(server.port())};
    for (std::uint64_t n = 0; n != 20; ++n) scans::insert(db, all, n, 8);
    // As docs/guide/store.md says.
    std::vector<std::string> reader{"ACL",   "SETUSER",      "reader", "on",     ">word", "~signet:*", "-@all",
                                    "+eval", "+script|load", "+info",  "+hmget", "+get",  "+select"};
    REQUIRE(server.tell(reader) == "OK");
    auto params = at_port(server.port());
    params.user = "reader", params.password = "word";
    store::scan_page page;
    {
        store::redis refused{params};
        store::scan_position position;
        CHECK(refused.scan(position, now, page).error() == errc::store_unavailable);
        CHECK(refused.last_error().starts_with("NOPERM"));
        CHECK(position.is_start());
    }
    REQUIRE(server.tell({"ACL", "SETUSER", "reader", "+scan"}) == "OK");
    store::redis reading{params};
    auto const w = scans::scan_all(reading, page, all);
    CHECK(scans::each_once(w, all, true));
    CHECK_FALSE(done(reading.execute(store::insert(key_of(1), {}, later, now))));
}

TEST_CASE("redis: a position is refused once the server is another one") {
    NEEDS_REDIS
    redis_server first, second;
    store::scan_page page{1};
    store::scan_position position;
    for (auto* server : {&first, &second}) {
        use_before(*server);
        store::redis db{at_port(server->port())};
        for (std::uint64_t n = 0; n != 10; ++n) CHECK(done(db.execute(store::insert(key_of(n), {}, later, now))));
        auto const scanned = db.scan(position, now, page);
        if (server == &first) CHECK(scanned.has_value());
        else CHECK(scanned.error() == errc::invalid_scan_position);
    }
    CHECK_FALSE(position.is_over());
}

TEST_CASE("redis: callers of a combiner whose server hangs all get an error, and all work when it goes on") {
    NEEDS_REDIS
    redis_server server;
    use_before(server);
    auto params = at_port(server.port());
    params.reply_timeout = 1s, params.retry_after = 0s;
    store::combiner<store::redis> db{store::redis{params}, store::redis{params}, {.wait = 100ms}};
    REQUIRE(done(db.execute(store::insert(key_of(0), {}, later, now))));
    auto const all_insert = [&](std::uint64_t first) {
        std::atomic<int> good{0};
        std::vector<std::jthread> threads;
        for (std::uint64_t n = 0; n != 32; ++n)
            threads.emplace_back(
                [&, n] { good += done(db.execute(store::insert(key_of(first + n), {}, later, now))); });
        threads.clear();
        return good.load();
    };
    server.pause();
    CHECK(all_insert(100) == 0);
    server.resume();
    std::array<std::uint8_t, 8> buffer;
    for (int n = 0; n != 2; ++n) // for each connection
        wait_at_most(60s, [&] { return done(db.execute(store::find(key_of(0), buffer, now))); });
    CHECK(all_insert(200) == 32);
}

TEST_CASE_TEMPLATE("redis: a server that repeats the password does not put it into the text for the log", Redis,
                   EACH_REDIS) {
    NEEDS_REDIS
    auto arguments = redis_server::durable();
    arguments.insert(arguments.end(), {"--rename-command", "AUTH", ""});
    redis_server server{arguments};
    auto params = at_port(server.port());
    params.user = "anna", params.password = "open-sesame";
    Redis db{params};
    CHECK(db.connect(now).error() == errc::store_unavailable);
    CHECK(db.last_error() == "ERR in answer to AUTH");
}

TEST_CASE_TEMPLATE("redis: password, ACL user, database and prefix", Redis, EACH_REDIS) {
    NEEDS_REDIS
    auto arguments = redis_server::durable();
    arguments.insert(arguments.end(),
                     {"--requirepass", "open sesame", "--user", "anna", "on", ">wonder", "~app:*", "+@all"});
    redis_server server{arguments};
    auto params = at_port(server.port());

    Redis nobody{params};
    CHECK(nobody.connect(now).error() == errc::store_unavailable);
    CHECK(nobody.last_error().starts_with("NOAUTH"));
    params.password = "guess";
    Redis guesser{params};
    CHECK(guesser.connect(now).error() == errc::store_unavailable);
    CHECK(guesser.last_error().starts_with("WRONGPASS"));

    params.password = "open sesame";
    params.database = 3;
    params.prefix = "app:";
    Redis db{params};
    REQUIRE(db.connect(now));
    CHECK(done(db.execute(store::insert(key_of(1), as_bytes("x"), later, now))));
    CHECK(server.tell({"EXISTS", "app:\x01" + std::string(31, '\0')}, "open sesame") == "0"); // that is database 0
    CHECK(server.tell({"INFO", "keyspace"}, "open sesame").find("db3:keys=2") != std::string::npos);

    params.user = "anna", params.password = "wonder";
    Redis as_user{params};
    CHECK(done(as_user.execute(store::find(key_of(1), buffer, now))));
    params.prefix = "other:";
    Redis elsewhere{params};
    CHECK(failed(elsewhere.execute(store::find(key_of(1), buffer, now)), errc::store_unavailable));
    CHECK(elsewhere.last_error().starts_with("NOPERM"));
    params.database = 99;
    Redis no_database{params};
    CHECK(no_database.connect(now).error() == errc::store_unavailable);
}

namespace {

// What a server that may forget refuses, and what goes on there.
void check_unfit(auto& db, std::uint64_t n) {
    CHECK_FALSE(db.accepts_lasting_writes());
    CHECK(
        failed(db.execute(store::insert(key_of(n), {}, later, now)), errc::store_unfit)); // a roster, an epoch, a block
    CHECK(failed(db.execute(store::erase(key_of(n), now)), errc::store_unfit));
    CHECK(failed(db.execute(store::take(key_of(n), buffer, now)), errc::store_unfit));
    CHECK(failed(db.execute(store::insert_once(key_of(n), {}, later, now, now)), errc::store_unfit));
    CHECK(failed(db.execute(store::mark_forgettable(store::insert_once(key_of(n), {}, later, now, now))),
                 errc::store_unfit)); // nothing that is used once is forgettable

    auto const visit = db.execute(store::mark_forgettable(store::insert(key_of(n), {}, later, now)));
    REQUIRE(done(visit));
    CHECK(failed(db.execute(store::replace(key_of(n), visit.record.version, {}, later, now)), errc::store_unfit));
    auto const touch =
        db.execute(store::mark_forgettable(store::replace(key_of(n), visit.record.version, {}, later, now)));
    CHECK(done(touch));
    CHECK(done(db.execute(store::find(key_of(n), buffer, now))));
    CHECK(failed(db.execute(store::erase(key_of(n), now, touch.record.version)), errc::store_unfit));
    CHECK(done(db.execute(store::mark_forgettable(store::erase(key_of(n), now, touch.record.version)))));
}

} // namespace

TEST_CASE_TEMPLATE("S1 redis: lasting writes and single use are refused on a server that may forget", Redis,
                   EACH_REDIS) {
    NEEDS_REDIS
    struct lack {
        std::vector<std::string> arguments;
        char const* setting;
    };
    lack const lacking[] = {
        {{}, "appendonly"}, // as it is without any configuration
        {{"--appendonly", "no", "--maxmemory-policy", "noeviction"}, "appendonly"},
        {{"--appendonly", "yes", "--appendfsync", "everysec"}, "appendfsync"},
        {{"--appendonly", "yes", "--appendfsync", "always", "--no-appendfsync-on-rewrite", "yes"},
         "no-appendfsync-on-rewrite"},
        {{"--appendonly", "yes", "--appendfsync", "always", "--maxmemory-policy", "allkeys-lru"}, "maxmemory-policy"},
        {{"--appendonly", "yes", "--appendfsync", "always", "--maxmemory-policy", "volatile-ttl"}, "maxmemory-policy"}};
    for (auto const& [arguments, setting] : lacking) {
        CAPTURE(setting);
        redis_server server{arguments};
        Redis strict{at_port(server.port())};
        REQUIRE(strict.connect(now));
        CHECK(strict.last_error().find(std::string{" "} + setting + " is not") != std::string::npos);
        check_unfit(strict, 1);
    }
}

TEST_CASE_TEMPLATE("S1 redis: that the server may forget is waived by name", Redis, EACH_REDIS) {
    NEEDS_REDIS
    redis_server server{{}};
    use_before(server);
    auto params = at_port(server.port());
    params.may_forget_revocations = true;
    Redis waived{params};
    CHECK(done(waived.execute(store::insert(key_of(1), {}, later, now))));
    CHECK(done(waived.execute(store::take(key_of(1), buffer, now))));
    CHECK(done(waived.execute(store::insert_once(key_of(2), {}, later, now, now))));
    CHECK(done(waived.execute(store::erase(key_of(2), now))));
    CHECK(waived.accepts_lasting_writes());
}

TEST_CASE_TEMPLATE("S1 redis: a server that hides its settings counts as one that may forget", Redis, EACH_REDIS) {
    NEEDS_REDIS
    auto arguments = redis_server::durable();
    arguments.insert(arguments.end(), {"--user", "anna", "on", ">wonder", "~*", "+@all", "-config"});
    redis_server server{arguments};
    auto params = at_port(server.port());
    params.user = "anna", params.password = "wonder";
    Redis db{params};
    REQUIRE(db.connect(now));
    check_unfit(db, 1);
}

TEST_CASE_TEMPLATE("S1 redis: each setting that changes while the server runs is seen within fitness_lasts", Redis,
                   EACH_REDIS) {
    NEEDS_REDIS
    redis_server server;
    Redis db{at_port(server.port())};
    CHECK(done(db.execute(store::insert(key_of(1), {}, later, now))));
    struct change {
        char const *setting, *from, *to;
    };
    auto then = now;
    std::uint64_t n = 1;
    for (auto const& [setting, from, to] : {change{"appendonly", "yes", "no"},
                                            {"appendfsync", "always", "everysec"},
                                            {"no-appendfsync-on-rewrite", "no", "yes"},
                                            {"maxmemory-policy", "noeviction", "allkeys-lru"}}) {
        CAPTURE(setting);
        CHECK(server.tell({"CONFIG", "SET", setting, to}) == "OK");
        then += store::fitness_lasts;
        CHECK(failed(db.execute(store::insert(key_of(++n), {}, then + 600s, then)), errc::store_unfit));
        CHECK(db.last_error() == std::string{"the server may forget: "} + setting + " is not " + from + ";");
        CHECK(server.tell({"CONFIG", "SET", setting, from}) == "OK");
        then += store::fitness_lasts;
        CHECK(done(db.execute(store::insert(key_of(n), {}, then + 600s, then))));
    }
    CHECK(server.tell({"CONFIG", "SET", "appendonly", "no"}) == "OK");
    CHECK(failed(db.execute(store::insert(key_of(++n), {}, later, now)), errc::store_unfit)); // the clock went back
}

TEST_CASE_TEMPLATE("S1 redis: after a restart the settings are judged anew", Redis, EACH_REDIS) {
    NEEDS_REDIS
    redis_server server;
    Redis db{at_port(server.port())};
    CHECK(done(db.execute(store::insert(key_of(1), {}, later, now))));
    server.stop(SIGKILL);
    server.configure({"--appendonly", "yes", "--appendfsync", "everysec"});
    server.start();
    CHECK(done(db.execute(store::find(key_of(1), buffer, now))));
    CHECK(failed(db.execute(store::insert(key_of(2), {}, later, now)), errc::store_unfit));
    server.stop(SIGKILL);
    server.configure(redis_server::durable());
    server.start();
    CHECK(done(db.execute(store::insert(key_of(2), {}, later, now))));
}

TEST_CASE_TEMPLATE("redis: SAVE, take, kill -9, restart: what the snapshot brings back is not taken twice", Redis,
                   EACH_REDIS) {
    NEEDS_REDIS
    redis_server server{{"--appendonly", "no"}};
    use_before(server);
    auto params = at_port(server.port());
    params.may_forget_revocations = true;
    Redis db{params};
    CHECK(done(db.execute(store::insert(key_of(1), as_bytes("challenge"), later, now))));
    CHECK(server.tell({"SAVE"}) == "OK");
    CHECK(done(db.execute(store::take(key_of(1), buffer, now))));
    CHECK(done(db.execute(store::insert_once(key_of(2), {}, later, now, now))));
    server.stop(SIGKILL);
    CHECK(failed(db.execute(store::take(key_of(1), buffer, now)), errc::store_unavailable));
    server.start();
    CHECK(done(db.execute(store::find(key_of(1), buffer, now)))); // it is back indeed
    CHECK(failed(db.execute(store::take(key_of(1), buffer, now)), errc::store_restarted));
    CHECK(failed(db.execute(store::insert_once(key_of(2), {}, later, now, now)), errc::store_restarted));
    Redis other{params}; // another process, which never saw the first run
    CHECK(failed(other.execute(store::take(key_of(1), buffer, now)), errc::store_restarted));
    CHECK(done(db.execute(store::insert(key_of(3), {}, later, now + 2s)))); // what is issued from now on
    CHECK(done(db.execute(store::take(key_of(3), buffer, now + 2s))));
    CHECK(done(db.execute(store::insert_once(key_of(4), {}, later, now + 1s, now + 1s))));
    auto const version = db.execute(store::find(key_of(4), buffer, now + 1s)).record.version;
    CHECK(failed(db.execute(store::replace_once(key_of(4), version, {}, later, now, now + 1s)), errc::store_restarted));
    CHECK(done(db.execute(store::replace_once(key_of(4), version, {}, later, now + 1s, now + 1s))));
}

TEST_CASE_TEMPLATE("redis: with appendfsync always nothing acknowledged is lost by kill -9", Redis, EACH_REDIS) {
    NEEDS_REDIS
    redis_server server;
    use_before(server);
    Redis db{at_port(server.port())};
    for (std::uint64_t i = 0; i != 20; ++i)
        CHECK(done(db.execute(store::insert(key_of(i), as_bytes("kept"), later, now))));
    for (std::uint64_t i = 0; i != 10; ++i) CHECK(done(db.execute(store::take(key_of(i), buffer, now))));
    server.stop(SIGKILL);
    server.start();
    for (std::uint64_t i = 0; i != 20; ++i) CHECK(done(db.execute(store::find(key_of(i), buffer, now))) == (i >= 10));
}

TEST_CASE_TEMPLATE(
    "redis: killed and restarted under load: clear errors meanwhile, no double spend, recovery by itself" * long_run(),
    Redis, EACH_REDIS) {
    NEEDS_REDIS
    redis_server server;
    use_before(server);
    std::atomic<std::uint64_t> next{0};
    std::atomic<std::int64_t> clock{0};
    std::atomic<unsigned> unavailable{0}, unknown{0}, restarted{0}, other{0}, twice{0}, after{0};
    std::atomic<bool> recovered{false}, stop{false};
    std::vector<std::thread> crew;
    for (int t = 0; t != 8; ++t) {
        crew.emplace_back([&] {
            Redis own{at_port(server.port())};
            std::array<std::uint8_t, 16> mine{};
            while (!stop) {
                auto const time = now + std::chrono::seconds{clock};
                auto const k = key_of(next++), jti = key_of(next++);
                store::reply const all[] = {own.execute(store::insert(k, as_bytes("c"), later, time)),
                                            own.execute(store::take(k, mine, time)),
                                            own.execute(store::take(k, mine, time)),
                                            own.execute(store::insert_once(jti, {}, later, time, time)),
                                            own.execute(store::insert_once(jti, {}, later, time, time))};
                if ((done(all[1]) && done(all[2])) || (done(all[3]) && done(all[4]))) ++twice;
                if (done(all[1]) && done(all[3]) && recovered) ++after;
                for (auto const& r : all) {
                    if (r.outcome != store::outcome::failed) continue;
                    ++(r.error == errc::store_unavailable ? unavailable
                       : r.error == errc::outcome_unknown ? unknown
                       : r.error == errc::store_restarted ? restarted
                                                          : other);
                }
                if (all[0].outcome == store::outcome::failed) ::usleep(1000);
            }
        });
    }
    for (int round = 0; round != (is_long_run() ? 10 : 2); ++round) {
        ::usleep(200'000);
        server.stop(SIGKILL);
        ::usleep(100'000);
        server.start();
        clock += 5;
    }
    recovered = true;
    for (int i = 0; i != 500 && after < 100; ++i) ::usleep(10'000);
    stop = true;
    for (auto& member : crew) member.join();
    CHECK(unavailable > 0);
    CHECK(other == 0);
    CHECK(twice == 0);
    CHECK(after >= 100);
}

TEST_CASE_TEMPLATE("redis: whatever is killed, each challenge is taken at most once", Redis, EACH_REDIS) {
    NEEDS_REDIS
    redis_server server;
    use_before(server);
    constexpr std::size_t keys = 3000;
    std::vector<std::atomic<unsigned>> taken(keys);
    {
        Redis db{at_port(server.port())};
        std::vector<store::request> asks;
        std::vector<store::reply> replies(keys);
        for (std::uint64_t i = 0; i != keys; ++i) asks.push_back(store::insert(key_of(i), as_bytes("c"), later, now));
        db.execute_many(asks, replies);
        for (auto const& r : replies) REQUIRE(done(r));
    }
    std::vector<std::thread> crew;
    for (int t = 0; t != 8; ++t) {
        crew.emplace_back([&] { // everybody tries to take everything, over and over while the server comes and goes
            Redis own{at_port(server.port())};
            std::array<std::uint8_t, 16> mine{};
            for (std::uint64_t i = 0; i != keys; ++i) {
                for (int tries = 0; tries != 400; ++tries) {
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
    ::usleep(50'000);
    server.start();
    for (auto& member : crew) member.join();
    std::size_t once = 0, more = 0;
    for (auto const& n : taken) once += n == 1, more += n > 1;
    CHECK(more == 0);
    CHECK(once > 0);
}

TEST_CASE_TEMPLATE("redis: scripts that were flushed are sent again, since NOSCRIPT says that nothing ran", Redis,
                   EACH_REDIS) {
    NEEDS_REDIS
    redis_server server;
    use_before(server);
    Redis db{at_port(server.port())};
    CHECK(done(db.execute(store::insert(key_of(1), {}, later, now))));
    CHECK(server.tell({"SCRIPT", "FLUSH"}) == "OK");
    CHECK(not_applied(db.execute(store::insert(key_of(1), {}, later, now))));
    CHECK(server.tell({"SCRIPT", "FLUSH"}) == "OK");
    std::vector<store::request> const asks{store::take(key_of(1), buffer, now),
                                           store::insert(key_of(2), {}, later, now), store::erase(key_of(3), now)};
    std::vector<store::reply> replies(3);
    db.execute_many(asks, replies);
    CHECK(done(replies[0]));
    CHECK(done(replies[1]));
    CHECK(not_applied(replies[2]));
}

TEST_CASE_TEMPLATE("redis: a reply that does not come in time is outcome_unknown, and is not asked for again", Redis,
                   EACH_REDIS) {
    NEEDS_REDIS
    redis_server server;
    use_before(server);
    auto params = at_port(server.port());
    params.reply_timeout = params.connect_timeout = 50ms;
    Redis db{params};
    CHECK(done(Redis{at_port(server.port())}.execute(store::insert(key_of(1), as_bytes("x"), later, now))));
    auto const answers = [&] {
        return db.execute(store::find(key_of(1), buffer, now)).outcome != store::outcome::failed;
    };
    wait_at_most(60s, answers); // a busy machine may be late
    server.pause();
    CHECK(failed(db.execute(store::take(key_of(1), buffer, now)), errc::outcome_unknown));
    CHECK(failed(db.execute(store::find(key_of(1), buffer, now)), errc::store_unavailable));
    server.resume();
    wait_at_most(60s, answers);
    CHECK(not_applied(db.execute(store::find(key_of(1), buffer, now)))); // it had run, once the server went on
}

TEST_CASE_TEMPLATE("redis: a connection closed between two calls is made anew without loss", Redis, EACH_REDIS) {
    NEEDS_REDIS
    redis_server server;
    use_before(server);
    Redis db{at_port(server.port())};
    CHECK(done(db.execute(store::insert(key_of(1), as_bytes("x"), later, now))));
    for (int i = 0; i != 10; ++i) {
        (void)server.tell({"CLIENT", "KILL", "TYPE", "normal"});
        ::usleep(2000);
        CHECK(done(db.execute(store::find(key_of(1), buffer, now))));
    }
    CHECK(done(db.execute(store::take(key_of(1), buffer, now)))); // the same run of the server: nothing is refused
}

TEST_CASE_TEMPLATE("redis: a replica is refused, and what was issued before one became master is not taken", Redis,
                   EACH_REDIS) {
    NEEDS_REDIS
    redis_server master;
    redis_server replica{redis_server::replica_of(master.port())};
    use_before(master);
    Redis first{at_port(master.port())};
    CHECK(done(first.execute(store::insert(key_of(1), as_bytes("x"), later, now))));
    Redis second{at_port(replica.port())};
    CHECK(second.connect(now).error() == errc::store_unavailable);
    CHECK(second.last_error() == "the server is a replica");
    for (int i = 0; i != 300 && replica.tell({"DBSIZE"}) != "2"; ++i) ::usleep(10'000);
    CHECK(replica.tell({"REPLICAOF", "NO", "ONE"}) == "OK");
    CHECK(done(second.execute(store::find(key_of(1), buffer, now))));
    CHECK(failed(second.execute(store::take(key_of(1), buffer, now)), errc::store_restarted));
    CHECK(failed(second.execute(store::insert_once(key_of(2), {}, later, now, now)), errc::store_restarted));
    CHECK(done(second.execute(store::insert_once(key_of(2), {}, later, now + 1s, now + 1s))));

    // A master made a replica under a live connection.
    CHECK(master.tell({"REPLICAOF", "127.0.0.1", std::to_string(replica.port())}) == "OK");
    auto const r = first.execute(store::insert(key_of(5), {}, later, now));
    CHECK(r.outcome == store::outcome::failed);
}

TEST_CASE("S1 redis: with replicas, a lasting write that too few of them have is outcome_unknown") {
    NEEDS_REDIS
    redis_server master;
    use_before(master);
    auto params = at_port(master.port());
    params.replicas = 1;
    store::redis db{params};
    CHECK(done(db.execute(store::mark_forgettable(store::insert(key_of(1), {}, later, now)))));
    CHECK(done(db.execute(store::find(key_of(1), buffer, now))));
    CHECK(failed(db.execute(store::take(key_of(1), buffer, now)), errc::outcome_unknown));
    CHECK(db.last_error().find("fewer replicas") != std::string::npos);
    std::vector<store::request> const asks{
        store::find(key_of(2), buffer, now), store::insert(key_of(2), as_bytes("x"), later, now),
        store::mark_forgettable(store::insert(key_of(3), {}, later, now)), store::insert(key_of(4), {}, now, now)};
    std::vector<store::reply> replies(4);
    CHECK(master.tell({"SCRIPT", "FLUSH"}) == "OK");
    db.execute_many(asks, replies);
    CHECK(not_applied(replies[0]));
    CHECK(failed(replies[1], errc::outcome_unknown));
    CHECK(done(replies[2]));
    CHECK(failed(replies[3], errc::record_expired));

    redis_server replica{redis_server::replica_of(master.port())};
    for (int i = 0; i != 1000 && !done(db.execute(store::insert(key_of(5), {}, later, now))); ++i)
        (void)db.execute(store::erase(key_of(5), now));
    use_before(master); // its first replica has given it another identity
    CHECK(done(db.execute(store::take(key_of(2), buffer, now))));
    CHECK(not_applied(db.execute(store::take(key_of(2), buffer, now))));
    db.execute_many(asks, replies);
    CHECK(done(replies[1]));

    blocking_asio_redis in_loop{params};
    CHECK(in_loop.connect(now).error() == errc::store_unavailable);
    CHECK(in_loop.last_error().find("replicas") != std::string::npos);
}

TEST_CASE(
    "redis: what its replica acknowledged is there after a failover to it; while that lags writes are told unknown") {
    NEEDS_REDIS
    redis_server master;
    redis_server replica{redis_server::replica_of(master.port())};
    replica.wait_for_master();
    use_before(master); // its first replica gave it another identity
    auto params = at_port(master.port());
    params.replicas = 1;
    store::redis db{params};
    for (std::uint64_t n = 1; n != 20; ++n) {
        auto const write = [&] { return db.execute(store::insert(key_of(n), as_bytes("x"), later, now)); };
        auto r = write(); // it may be that the replica has just come up
        for (int i = 0; i != 1000 && failed(r, errc::outcome_unknown); ++i) r = write();
        REQUIRE((done(r) || not_applied(r)));
    }
    for (std::uint64_t n = 1; n != 5; ++n) REQUIRE(done(db.execute(store::take(key_of(n), buffer, now))));
    for (std::uint64_t n = 5; n != 10; ++n) REQUIRE(done(db.execute(store::erase(key_of(n), now))));
    REQUIRE(done(db.execute(store::insert_once(key_of(100), {}, later, now, now))));

    replica.pause();
    CHECK(failed(db.execute(store::insert(key_of(20), {}, later, now)), errc::outcome_unknown));
    CHECK(db.last_error().find("fewer replicas") != std::string::npos);
    replica.resume();
    for (int i = 0; i != 1000 && !done(db.execute(store::insert(key_of(21), {}, later, now))); ++i)
        (void)db.execute(store::erase(key_of(21), now));

    replica.pause();
    CHECK(master.tell({"CLIENT", "KILL", "TYPE", "replica"}) == "1"); // nothing waits for it in the kernel
    CHECK(failed(db.execute(store::take(key_of(10), buffer, now)), errc::outcome_unknown));
    CHECK(failed(db.execute(store::erase(key_of(11), now)), errc::outcome_unknown));
    master.stop(SIGKILL);
    replica.resume();
    CHECK(replica.tell({"REPLICAOF", "NO", "ONE"}) == "OK");
    store::redis after{at_port(replica.port())};
    for (std::uint64_t n = 1; n != 20; ++n)
        CHECK(done(after.execute(store::find(key_of(n), buffer, now))) == (n >= 10));
    CHECK(done(after.execute(store::find(key_of(21), buffer, now))));
    CHECK(failed(after.execute(store::take(key_of(10), buffer, now)), errc::store_restarted));
    CHECK(failed(after.execute(store::insert_once(key_of(100), {}, later, now, now)), errc::store_restarted));
}

namespace {

// The guide's.
store::redis ask_sentinels(store::redis_address const& first, store::redis_address const& second,
                           store::redis_address const& third) {
    // [sentinel]
    store::redis db{{.sentinels = {first, second, third}, .master_name = "shop", .replicas = 1}};
    // [/sentinel]
    return db;
}

} // namespace

TEST_CASE("redis: Sentinels say who is master, again after a failover, and no replica is taken for one") {
    NEEDS_REDIS
    redis_server first;
    redis_server second{redis_server::replica_of(first.port())};
    second.wait_for_master();
    redis_server sentinel{{"--sentinel"}}, stale{{"--sentinel"}};
    REQUIRE(sentinel.tell({"SENTINEL", "MONITOR", "shop", "127.0.0.1", std::to_string(first.port()), "1"}) == "OK");
    REQUIRE(sentinel.tell({"SENTINEL", "SET", "shop", "down-after-milliseconds", "500"}) == "OK");
    // One that takes a replica for the master.
    redis_server replica{{"--replicaof", "127.0.0.1 " + std::to_string(redis_server::free_port())}};
    REQUIRE(stale.tell({"SENTINEL", "MONITOR", "shop", "127.0.0.1", std::to_string(replica.port()), "9"}) == "OK");

    store::redis_params params;
    params.retry_after = 0s;
    params.replicas = 1;
    params.master_name = "shop";
    params.sentinels = {{"127.0.0.1", redis_server::free_port()}};
    store::redis nobody{params};
    CHECK(nobody.connect(now).error() == errc::store_unavailable);
    params.sentinels.push_back({"127.0.0.1", first.port()}); // which is no Sentinel
    store::redis no_sentinel{params};
    CHECK(no_sentinel.connect(now).error() == errc::store_unavailable);
    params.sentinels.push_back({"127.0.0.1", stale.port()});
    params.sentinels.push_back({"127.0.0.1", sentinel.port()});
    auto other = params;
    other.master_name = "bank";
    store::redis unknown{other};
    CHECK(unknown.connect(now).error() == errc::store_unavailable);
    CHECK(unknown.last_error() == "the Sentinel knows no master of that name");

    store::redis db{params};
    REQUIRE(db.connect(unix_time{}));
    REQUIRE(done(db.execute(store::insert(key_of(1), as_bytes("x"), later, now))));
    REQUIRE(done(db.execute(store::insert_once(key_of(2), {}, later, now, now))));
    for (int i = 0; i != 1000 && sentinel.tell({"SENTINEL", "REPLICAS", "shop"}) != "1"; ++i) ::usleep(10'000);
    first.stop(SIGKILL);
    CHECK(failed(db.execute(store::find(key_of(1), buffer, now)), errc::store_unavailable));
    for (int i = 0; i != 2000 && !done(db.execute(store::find(key_of(1), buffer, now))); ++i) ::usleep(10'000);
    CHECK(done(db.execute(store::find(key_of(1), buffer, now)))); // acknowledged, so the promoted one has it
    CHECK(failed(db.execute(store::take(key_of(1), buffer, now)), errc::store_restarted));
    CHECK(failed(db.execute(store::insert_once(key_of(3), {}, later, now, now)), errc::store_restarted));
    first.configure(redis_server::replica_of(second.port())); // as a Sentinel would in ten seconds
    first.start();
    auto const after = now + 1s;
    for (int i = 0; i != 3000 && !done(db.execute(store::insert(key_of(4), {}, later, after))); ++i) {
        ::usleep(10'000);
        (void)db.execute(store::erase(key_of(4), after));
    }
    CHECK(done(db.execute(store::take(key_of(4), buffer, after))));

    // Sentinels that want a password have one of their own: the master's is never sent to them.
    redis_server guarded{{"--sentinel", "--requirepass", "guard"}};
    auto const monitor = {"SENTINEL", "MONITOR", "shop", "127.0.0.1"};
    std::vector<std::string> words{monitor.begin(), monitor.end()};
    words.insert(words.end(), {std::to_string(second.port()), "1"});
    REQUIRE(guarded.tell(words, "guard") == "OK");
    auto asking = params;
    asking.sentinels = {{"127.0.0.1", guarded.port()}};
    asking.password = "guard";
    store::redis stranger{asking};
    CHECK_FALSE(stranger.connect(now));
    CHECK(stranger.last_error().starts_with("NOAUTH"));
    asking.password.clear();
    asking.sentinel_password = "wrong";
    store::redis mistaken{asking};
    CHECK_FALSE(mistaken.connect(now));
    CHECK(mistaken.last_error().starts_with("WRONGPASS"));
    asking.sentinel_password = "guard";
    CHECK(store::redis{asking}.connect(now));
    asking.sentinel_user = "default";
    CHECK(store::redis{asking}.connect(now));
    asking.sentinel_user = "nobody";
    CHECK_FALSE(store::redis{asking}.connect(now));

    auto from_guide = ask_sentinels(params.sentinels[0], params.sentinels[2], params.sentinels[3]);
    CHECK(from_guide.connect(now));

    params.replicas = 0; // then a failover may lose writes
    store::redis alone{params};
    REQUIRE(alone.connect(now));
    check_unfit(alone, 5);
    CHECK(alone.last_error().find("`replicas` is not set") != std::string::npos);
    params.failover_may_lose_writes = true;
    store::redis waived{params};
    CHECK(done(waived.execute(store::insert(key_of(5), {}, later, now))));
    CHECK(waived.accepts_lasting_writes());
    blocking_asio_redis in_loop{params};
    CHECK(in_loop.connect(now).error() == errc::store_unavailable);
    CHECK(in_loop.last_error() == "asio_redis asks no Sentinels");
}

namespace {

// What single use refuses on a server that may have forgotten what was issued until `until`, and what it takes.
void check_refused_until(auto& db, unix_time until, std::uint64_t fresh) {
    auto const at = until + 1s;
    CHECK(failed(db.execute(store::insert_once(key_of(fresh), {}, later, until, at)), errc::store_restarted));
    auto const used = db.execute(store::insert_once(key_of(fresh), {}, later, at, at));
    CHECK(done(used));
    auto const again = store::replace_once(key_of(fresh), used.record.version, {}, later, until, at);
    CHECK(failed(db.execute(again), errc::store_restarted));
}

std::int64_t kept_since(redis_server& server) { return std::stoll(server.tell({"HGET", "signet:lineage", "since"})); }

} // namespace

TEST_CASE_TEMPLATE(
    "S17 redis: a process that first connects after a lagging replica was promoted refuses what was issued before",
    Redis, EACH_REDIS) {
    NEEDS_REDIS
    redis_server master;
    redis_server replica{redis_server::replica_of(master.port())};
    replica.wait_for_master();
    ::sleep(1);         // both are up for longer than what was issued
    use_before(master); // its first replica gives it a new identity
    Redis first{at_port(master.port())};
    CHECK(done(first.execute(store::insert(key_of(1), as_bytes("challenge"), later, now))));
    CHECK(done(first.execute(store::insert(key_of(2), as_bytes("session"), later, now))));
    for (int i = 0; i != 300 && replica.tell({"DBSIZE"}) != "3"; ++i) ::usleep(10'000);

    replica.pause();
    CHECK(master.tell({"CLIENT", "KILL", "TYPE", "replica"}) == "1"); // nothing waits for it in the kernel
    CHECK(done(first.execute(store::take(key_of(1), buffer, now))));
    CHECK(done(first.execute(store::insert_once(key_of(3), {}, later, now, now))));
    CHECK(done(first.execute(store::erase(key_of(2), now))));
    master.stop(SIGKILL);
    replica.resume();
    CHECK(replica.tell({"REPLICAOF", "NO", "ONE"}) == "OK");

    auto const used_proof = key_of(3);
    // [promoted]
    Redis second{at_port(replica.port())};
    auto const replay = second.execute(store::insert_once(used_proof, {}, later, now, now));
    CHECK(replay.error == errc::store_restarted);
    // [/promoted]
    CHECK(done(second.execute(store::find(key_of(1), buffer, now)))); // it is back indeed
    CHECK(failed(second.execute(store::take(key_of(1), buffer, now)), errc::store_restarted));
    CHECK(done(second.execute(store::find(key_of(2), buffer, now)))); // what was revoked is back: nothing tells
    check_refused_until(second, now, 10);
    Redis third{at_port(replica.port())}; // and it is known since when
    CHECK(third.connect(now + 60s));
    check_refused_until(third, now, 11);
}

TEST_CASE_TEMPLATE("redis: of many processes that see a restart at once one says since when, and all go by it", Redis,
                   EACH_REDIS) {
    NEEDS_REDIS
    redis_server server;
    use_before(server);
    for (int round = 0; round != 3; ++round) {
        auto const then = now + std::chrono::seconds{100 * round};
        server.stop(SIGKILL);
        server.start();
        std::vector<std::unique_ptr<Redis>> all;
        for (int i = 0; i != 16; ++i) all.push_back(std::make_unique<Redis>(at_port(server.port())));
        {
            std::vector<std::jthread> crew;
            for (int i = 0; i != 16; ++i)
                crew.emplace_back([&, i] { CHECK(all[std::size_t(i)]->connect(then + std::chrono::seconds{i})); });
        }
        auto const since = unix_time{std::chrono::seconds{kept_since(server)}};
        CHECK(since >= then);
        CHECK(since < then + 16s);
        for (std::uint64_t i = 0; i != 16; ++i)
            check_refused_until(*all[i], since, 100 + 16 * std::uint64_t(round) + i);
    }
}

TEST_CASE_TEMPLATE("redis: a process that starts long after a restart refuses only what was issued before it", Redis,
                   EACH_REDIS) {
    NEEDS_REDIS
    redis_server server;
    use_before(server);
    server.stop(SIGKILL);
    server.start();
    Redis first{at_port(server.port())};
    CHECK(first.connect(now));
    CHECK(done(first.execute(store::insert(key_of(1), {}, later, now + 1s))));
    Redis second{at_port(server.port())};
    CHECK(second.connect(now + 300s));
    CHECK(done(second.execute(store::take(key_of(1), buffer, now + 300s))));
    check_refused_until(second, now, 10);

    // A clock that is behind sets nothing back.
    server.stop(SIGKILL);
    server.start();
    Redis behind{at_port(server.port())};
    CHECK(behind.connect(now - 300s));
    CHECK(kept_since(server) == (now.time_since_epoch() / 1s));
    check_refused_until(behind, now, 11);
    // Who used the server that it was goes by his own clock too.
    CHECK(first.connect(now + 400s));
    check_refused_until(first, now + 400s, 12);
}

TEST_CASE_TEMPLATE("redis: a record of the lineage that is lost or malformed counts as a server that forgot", Redis,
                   EACH_REDIS) {
    NEEDS_REDIS
    redis_server server;
    use_before(server);
    std::vector<std::string> const losses[] = {{"DEL", "signet:lineage"},
                                               {"HSET", "signet:lineage", "since", "yesterday"},
                                               {"HDEL", "signet:lineage", "identity"},
                                               {"FLUSHALL"}};
    auto at = now;
    for (std::uint64_t n = 100; auto const& loss : losses) {
        CAPTURE(loss[0]);
        Redis live{at_port(server.port())};
        CHECK(live.connect(at));
        (void)server.tell(loss);
        at += store::fitness_lasts;
        Redis fresh{at_port(server.port())};
        CHECK(fresh.connect(at));
        CHECK(kept_since(server) == at.time_since_epoch() / 1s);
        check_refused_until(fresh, at, n++);
        check_refused_until(live, at, n++); // asks again with the settings
    }
    // Something else has its name: nothing can be kept, so nothing is used.
    CHECK(server.tell({"SET", "signet:lineage", "x"}) == "OK");
    Redis none{at_port(server.port())};
    CHECK(none.connect(at).error() == errc::store_unavailable);
    CHECK(none.last_error().find("WRONGTYPE") != std::string::npos);
}

TEST_CASE_TEMPLATE("redis: a server that was a replica meanwhile is seen by a connection that stayed", Redis,
                   EACH_REDIS) {
    NEEDS_REDIS
    redis_server server;
    use_before(server);
    Redis db{at_port(server.port())};
    CHECK(done(db.execute(store::insert(key_of(1), {}, later, now))));
    CHECK(server.tell({"REPLICAOF", "127.0.0.1", std::to_string(redis_server::free_port())}) == "OK");
    CHECK(server.tell({"REPLICAOF", "NO", "ONE"}) == "OK");
    auto const then = now + store::fitness_lasts;
    CHECK(failed(db.execute(store::take(key_of(1), buffer, then)), errc::store_restarted));
    check_refused_until(db, then, 10);

    // And so is one that still is.
    CHECK(server.tell({"REPLICAOF", "127.0.0.1", std::to_string(redis_server::free_port())}) == "OK");
    CHECK(failed(db.execute(store::find(key_of(1), buffer, then + store::fitness_lasts)), errc::store_unavailable));
    CHECK(db.last_error() == "the server is a replica");
}

TEST_CASE_TEMPLATE("redis: where the lineage cannot be written, what was issued before the connection is refused",
                   Redis, EACH_REDIS) {
    NEEDS_REDIS
    redis_server server;
    use_before(server);
    Redis db{at_port(server.port())};
    CHECK(done(db.execute(store::insert(key_of(1), as_bytes("x"), later, now))));
    CHECK(done(db.execute(store::insert(key_of(2), as_bytes("x"), later, now + 2s))));
    (void)server.tell({"DEL", "signet:lineage"});
    CHECK(server.tell({"CONFIG", "SET", "maxmemory", "1"}) == "OK");
    Redis full{at_port(server.port())};
    CHECK(full.connect(now + 1s));
    CHECK(full.last_error().find("the server cannot keep its lineage: OOM") != std::string::npos);
    CHECK(done(full.execute(store::find(key_of(1), buffer, now + 2s))));
    CHECK(failed(full.execute(store::take(key_of(1), buffer, now + 2s)), errc::store_restarted));
    CHECK(done(full.execute(store::take(key_of(2), buffer, now + 2s))));
    CHECK(server.tell({"EXISTS", "signet:lineage"}) == "0");
}

TEST_CASE_TEMPLATE("redis: a backup that is restored lacks what is newer; what was issued before is not used again",
                   Redis, EACH_REDIS) {
    NEEDS_REDIS
    redis_server server;
    use_before(server);
    Redis db{at_port(server.port())};
    CHECK(done(db.execute(store::insert(key_of(1), as_bytes("challenge"), later, now))));
    CHECK(done(db.execute(store::insert(key_of(2), as_bytes("session"), later, now))));
    server.stop(SIGTERM);
    server.keep();
    server.start();
    CHECK(db.connect(now + 1s));
    CHECK(done(db.execute(store::insert(key_of(3), as_bytes("newer"), later, now + 2s))));
    CHECK(done(db.execute(store::take(key_of(3), buffer, now + 2s))));
    CHECK(done(db.execute(store::insert_once(key_of(4), {}, later, now + 2s, now + 2s))));
    CHECK(done(db.execute(store::erase(key_of(2), now + 2s))));
    server.stop(SIGTERM);
    server.restore();
    server.start();
    Redis fresh{at_port(server.port())}; // a process that never saw the other state
    CHECK(fresh.connect(now + 3s));
    CHECK(not_applied(fresh.execute(store::find(key_of(4), buffer, now + 3s)))); // it is forgotten indeed
    CHECK(done(fresh.execute(store::find(key_of(2), buffer, now + 3s))));        // and what was revoked is back
    CHECK(failed(fresh.execute(store::take(key_of(1), buffer, now + 3s)), errc::store_restarted));
    CHECK(failed(fresh.execute(store::insert_once(key_of(4), {}, later, now + 2s, now + 3s)), errc::store_restarted));
    check_refused_until(fresh, now + 3s, 10);
    CHECK(db.connect(now + 3s));
    check_refused_until(db, now + 3s, 11);
}

TEST_CASE_TEMPLATE("redis: two masters at once each accept a proof once, which no store can see", Redis, EACH_REDIS) {
    NEEDS_REDIS
    redis_server master;
    redis_server replica{redis_server::replica_of(master.port())};
    CHECK(replica.tell({"REPLICAOF", "NO", "ONE"}) == "OK"); // and nobody stops the master
    for (auto const& server : {&master, &replica}) {
        use_before(*server);
        Redis db{at_port(server->port())};
        CHECK(done(db.execute(store::insert_once(key_of(1), {}, later, now, now))));
    }
}

TEST_CASE_TEMPLATE("redis: no memory left is store_full; take and erase still work", Redis, EACH_REDIS) {
    NEEDS_REDIS
    redis_server server;
    use_before(server);
    Redis db{at_port(server.port())};
    CHECK(done(db.execute(store::insert(key_of(1), as_bytes("x"), later, now))));
    CHECK(server.tell({"CONFIG", "SET", "maxmemory", "1"}) == "OK");
    CHECK(failed(db.execute(store::insert(key_of(2), as_bytes("x"), later, now)), errc::store_full));
    CHECK(done(db.execute(store::take(key_of(1), buffer, now))));
}

TEST_CASE_TEMPLATE(
    "redis: where its log finds no space the server ends: unknown is told, and nothing acknowledged is lost", Redis,
    EACH_REDIS) {
    NEEDS_REDIS
    small_disk const disk{2};
    if (!disk.is_there()) return;
    redis_server server{redis_server::durable(), disk.path()};
    use_before(server);
    disk.fill(100'000);
    Redis db{at_port(server.port())};
    bytes const octets(4000, 1);
    std::array<std::uint8_t, 4000> large{};
    REQUIRE(done(db.execute(store::insert(key_of(0), octets, later, now))));
    REQUIRE(done(db.execute(store::take(key_of(0), large, now))));
    REQUIRE(done(db.execute(store::insert_once(key_of(1000), {}, later, now, now))));
    std::uint64_t n = 1;
    store::reply r;
    while (done(r = db.execute(store::insert(key_of(n), octets, later, now)))) REQUIRE(++n < 100);
    CHECK(r.error == errc::outcome_unknown);
    for (int i = 0; i != 1000 && !failed(r, errc::store_unavailable); ++i)
        ::usleep(10'000), r = db.execute(store::find(key_of(1), large, now));
    CHECK(failed(r, errc::store_unavailable)); // it ended by itself
    server.stop();
    disk.make_room();
    server.start();
    CHECK(not_applied(db.execute(store::find(key_of(0), large, now))));
    for (std::uint64_t i = 1; i != n; ++i) CHECK(done(db.execute(store::find(key_of(i), large, now))));
    CHECK(failed(db.execute(store::insert_once(key_of(1000), {}, later, now, now)), errc::store_restarted));
}

TEST_CASE_TEMPLATE("redis: a server that lost its log has nothing, and takes nothing that was issued before", Redis,
                   EACH_REDIS) {
    NEEDS_REDIS
    redis_server server;
    use_before(server);
    Redis db{at_port(server.port())};
    CHECK(done(db.execute(store::insert(key_of(1), as_bytes("session"), later, now))));
    CHECK(done(db.execute(store::insert_once(key_of(2), {}, later, now, now))));
    server.stop(SIGKILL);
    server.lose_log();
    server.start();
    CHECK(not_applied(db.execute(store::find(key_of(1), buffer, now))));
    CHECK(failed(db.execute(store::insert_once(key_of(2), {}, later, now, now)), errc::store_restarted));
    check_refused_until(db, now, 10);
    Redis other{at_port(server.port())};
    CHECK(failed(other.execute(store::insert_once(key_of(2), {}, later, now, now)), errc::store_restarted));
}

TEST_CASE_TEMPLATE(
    "DECISIONS 7 redis: a value that a newer signet wrote is told as such; it is neither overwritten nor taken nor erased",
    Redis, EACH_REDIS) {
    NEEDS_REDIS
    redis_server server;
    use_before(server);
    Redis db{at_port(server.port())};
    auto const newer = "\x02 what only the newer one understands";
    server.tell({"SET", "signet:" + std::string(32, 'k'), newer});
    store::record_key key;
    key.fill('k');
    CHECK(failed(db.execute(store::find(key, buffer, now)), errc::record_newer));
    CHECK(failed(db.execute(store::take(key, buffer, now)), errc::record_newer));
    CHECK(failed(db.execute(store::insert(key, {}, later, now)), errc::record_newer));
    CHECK(failed(db.execute(store::insert_once(key, {}, later, now, now)), errc::record_newer));
    CHECK(failed(db.execute(store::replace(key, 1, {}, later, now)), errc::record_newer));
    CHECK(failed(db.execute(store::erase(key, now)), errc::record_newer));
    CHECK(server.tell({"GET", "signet:" + std::string(32, 'k')}) == newer);
}

TEST_CASE_TEMPLATE("redis: values of others are malformed, never read", Redis, EACH_REDIS) {
    NEEDS_REDIS
    redis_server server;
    Redis db{at_port(server.port())};
    auto const name = "signet:" + std::string(32, '\0');
    for (auto const& value : {std::string{"x"}, std::string(40, 'x'), std::string(32, '\1')}) {
        CHECK(server.tell({"SET", name, value}) == "OK");
        CHECK(failed(db.execute(store::find({}, buffer, now)), errc::record_malformed));
        CHECK(failed(db.execute(store::take({}, buffer, now)), errc::record_malformed));
        CHECK(failed(db.execute(store::insert({}, {}, later, now)), errc::record_malformed));
        CHECK(failed(db.execute(store::erase({}, now)), errc::record_malformed));
    }
    (void)server.tell({"DEL", name});
    (void)server.tell({"RPUSH", name, "x"});
    CHECK(failed(db.execute(store::find({}, buffer, now)), errc::record_malformed));
    CHECK(failed(db.execute(store::insert({}, {}, later, now)), errc::record_malformed));
}

TEST_CASE("redis: an answer that its verb cannot have is no success, and of a write it says nothing") {
    store::detail::redis_protocol protocol{{}};
    auto const reply_to = [&](store::request const& ask, std::string_view octets) {
        store::detail::redis_reader reader;
        store::detail::redis_answer answer;
        REQUIRE(reader.begin());
        REQUIRE(reader.feed(octets));
        REQUIRE(reader.next(answer));
        return protocol.understand(ask, 7, *answer);
    };
    auto const find = store::find({}, buffer, now), take = store::take({}, buffer, now),
               insert = store::insert({}, {}, later, now), erase = store::erase({}, now);
    for (auto const* octets : {":1\r\n", ":0\r\n", "*1\r\n:65\r\n"})
        CHECK(failed(reply_to(find, octets), errc::store_unavailable));
    CHECK(failed(reply_to(take, ":1\r\n"), errc::outcome_unknown));
    CHECK(failed(reply_to(take, "*1\r\n:64\r\n"), errc::outcome_unknown)); // that would fit
    CHECK(failed(reply_to(take, "*1\r\n:-1\r\n"), errc::outcome_unknown));
    CHECK(reply_to(take, "*1\r\n:65\r\n").needed == 65);
    for (auto const& ask : {insert, erase})
        for (auto const* octets : {"$-1\r\n", "$0\r\n\r\n", "*1\r\n:65\r\n", ":2\r\n", ":-2\r\n"})
            CHECK(failed(reply_to(ask, octets), errc::outcome_unknown));
    CHECK(protocol.words() == "the server gave an answer that makes no sense");
    CHECK(reply_to(insert, ":1\r\n").record.version == 7);
}

TEST_CASE_TEMPLATE("redis: where no server is, calls fail at once and say why", Redis, EACH_REDIS) {
    auto params = at_port(redis_server::free_port());
    params.retry_after = 1s;
    Redis db{params};
    CHECK(failed(db.execute(store::find(key_of(1), buffer, now)), errc::store_unavailable));
    CHECK(db.last_error() == "Connection refused");
    CHECK(failed(db.execute(store::take(key_of(1), buffer, now)),
                 errc::store_unavailable)); // nothing was sent: known not to have run
    NEEDS_REDIS
}

TEST_CASE_TEMPLATE("redis: an expired record stays for the slack and then leaves the server by itself", Redis,
                   EACH_REDIS) {
    NEEDS_REDIS
    redis_server server;
    auto params = at_port(server.port());
    params.slack = 0s;
    Redis db{params};
    CHECK(done(db.execute(store::insert(key_of(1), {}, now + 1s, now))));
    CHECK(server.tell({"DBSIZE"}) == "2");
    for (int i = 0; i != 300 && server.tell({"DBSIZE"}) != "1"; ++i) ::usleep(10'000);
    CHECK(server.tell({"KEYS", "*"}) == "1");
    CHECK(server.tell({"EXISTS", "signet:lineage"}) == "1");
}

TEST_CASE("health: redis answers, may forget, is gone, and is back") {
    NEEDS_REDIS
    redis_server server{{}}; // may forget
    store::metrics counts;
    store::observed db{store::redis{at_port(server.port())}, counts};
    auto const unfit = store::check_health(db, now);
    CHECK_FALSE(unfit.error);
    CHECK(unfit.accepts_lasting_writes == false);
    CHECK(unfit.words.find("appendonly is not yes") != std::string::npos);
    CHECK(failed(db.execute(store::insert(key_of(1), {}, later, now)), errc::store_unfit));
    server.stop();
    auto const gone = store::check_health(db, now);
    CHECK(gone.error == errc::store_unavailable);
    CHECK(gone.words == "Connection refused");
    CHECK_FALSE(db.execute(store::find(key_of(1), buffer, now)).done());
    server.configure(redis_server::durable());
    server.start();
    auto const back = store::check_health(db, now);
    CHECK(back.is_healthy());
    CHECK(back.accepts_lasting_writes == true);
    CHECK(counts.snapshot()[store::verb::find].outcomes[2] == 1);
    CHECK(counts.snapshot()[store::verb::insert].outcomes[2] == 1);

    auto params = at_port(server.port());
    params.connect_timeout = params.reply_timeout = 200ms;
    store::redis hung{params};
    server.pause();
    CHECK(store::check_health(hung, now).error == errc::store_unavailable);
    server.resume();
}

namespace {

// Takes a server's place while it is down: accepts connections, counts them and says nothing.
class counting_listener {
public:
    explicit counting_listener(int port) {
        int const yes = 1;
        ::setsockopt(fd_, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
        sockaddr_in name{};
        name.sin_family = AF_INET;
        name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        name.sin_port = htons(static_cast<std::uint16_t>(port));
        REQUIRE(::bind(fd_, reinterpret_cast<sockaddr*>(&name), sizeof name) == 0);
        REQUIRE(::listen(fd_, 64) == 0);
        thread_ = std::jthread{[this](std::stop_token const& stop) {
            while (!stop.stop_requested()) {
                pollfd ready{fd_, POLLIN, 0};
                if (::poll(&ready, 1, 10) <= 0) continue;
                ::close(::accept(fd_, nullptr, nullptr));
                ++count_;
            }
        }};
    }
    ~counting_listener() {
        thread_ = {};
        ::close(fd_);
    }
    int count() const { return count_; }

private:
    int fd_ = ::socket(AF_INET, SOCK_STREAM, 0);
    std::atomic<int> count_{0};
    std::jthread thread_;
};

} // namespace

TEST_CASE("redis: while a server is down connections that share a breaker hardly try, and are soon back") {
    NEEDS_REDIS
    redis_server server;
    store::redis_params params;
    params.port = server.port();
    params.breaker = std::make_shared<store::breaker>();
    std::vector<store::redis> connections;
    for (int n = 0; n != 8; ++n) connections.emplace_back(params);
    store::pool db{std::move(connections)};
    constant_callers callers{db};
    CHECK(callers.until_answered() < 10s);
    for (int times = 0; times != 2; ++times) {
        server.stop();
        {
            counting_listener instead{server.port()};
            auto const began = std::chrono::steady_clock::now();
            auto const halves = [&] { return (std::chrono::steady_clock::now() - began) / 500ms; };
            ::sleep(2);
            auto const before = instead.count(), refused = callers.refused();
            CHECK(before <=
                  8 + 6 + halves()); // one for each connection, as none knew; 25 ms, 50 ms, ...; half a second
            ::sleep(2);
            MESSAGE("attempts to connect in two seconds: ", before, ", in the next two: ", instead.count() - before);
            CHECK(instead.count() - before <= 1 + halves()); // half a second at least between two
            CHECK(instead.count() - before >= 1);
            CHECK(callers.refused() - refused > 10 * (instead.count() - before)); // at once, without an attempt
        }
        server.start();
        auto const back = callers.until_answered();
        MESSAGE("answered after ", back.count(), " ms"); // the longest pause is a second
        CHECK(back < 10s);
    }
}

TEST_CASE("redis: after an outage a connection works again, though the caller's clock stands still") {
    NEEDS_REDIS
    redis_server server;
    store::redis_params params;
    params.port = server.port();
    store::redis db{params};
    server.stop();
    CHECK(failed(db.execute(store::find(key_of(1), buffer, now)), errc::store_unavailable));
    server.start();
    for (int n = 0; n != 300 && !not_applied(db.execute(store::find(key_of(1), buffer, now))); ++n) ::usleep(10'000);
    CHECK(not_applied(db.execute(store::find(key_of(1), buffer, now))));
}

TEST_CASE("redis: connect tries at once, whatever the breaker says, and a success counts for all who share it") {
    NEEDS_REDIS
    redis_server server;
    server.stop();
    store::redis_params params;
    params.port = server.port();
    params.breaker = std::make_shared<store::breaker>(store::breaker_params{.first_pause = 1h, .max_pause = 1h});
    store::redis first{params}, second{params};
    CHECK_FALSE(first.connect(now));
    server.start();
    CHECK(failed(second.execute(store::find(key_of(1), buffer, now)), errc::store_unavailable));
    CHECK(second.last_error() == "a connection to this server has just failed");
    CHECK(first.connect(now));
    CHECK(not_applied(second.execute(store::find(key_of(1), buffer, now))));
}

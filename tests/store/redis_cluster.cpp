#include "contract.hpp"
#include "pretended_redis.hpp"
#include "redis_cluster_server.hpp"
#include "scan_contract.hpp"

#include <signet/store/combiner.hpp>
#include <signet/store/impl/redis_slot.hpp>

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <random>
#include <thread>

using namespace signet;
using namespace std::chrono_literals;

namespace {

constexpr unix_time now{1'800'000'000s};
constexpr unix_time later = now + 600s;

std::size_t slot_of(store::record_key const& key) {
    return store::detail::redis_slot("signet:" + std::string{as_text(key)});
}

// The n-th key of these slots.
store::record_key key_in(std::size_t first, std::size_t last, std::uint64_t n) {
    for (std::uint64_t i = n * 1'000'000;; ++i)
        if (auto const k = key_of(i); slot_of(k) >= first && slot_of(k) <= last) return k;
}
store::record_key key_at_node(std::size_t node, std::uint64_t n) {
    return key_in(node * 16'384 / 3, (node + 1) * 16'384 / 3 - 1, n);
}

#define NEEDS_REDIS                                                                                                    \
    if (!redis_server::installed()) {                                                                                  \
        MESSAGE("skipped: " << redis_server::program() << " is not installed (./dev installs it)");                    \
        return;                                                                                                        \
    }

std::array<std::uint8_t, 64> buffer;

// The guide's. Returns what is wrong.
std::string open_cluster(store::redis_address const& first, store::redis_address const& second) {
    // [guide]
    store::redis_cluster db{{.nodes = {first, second}, .node = {.replicas = 1}}}; // each master has one replica
    if (auto ready = db.connect(now); !ready) return std::string{ready.error().name()} + ": " + db.last_error();
    if (!db.accepts_lasting_writes()) return db.last_error(); // such as "the server may forget: ..."
    // [/guide]
    return {};
}

} // namespace

static_assert(store::blocking_store<store::redis_cluster>);

TEST_CASE("redis_cluster: slots are CRC-16 of the key, or of its hash tag, as the cluster specification has it") {
    using store::detail::redis_crc16;
    using store::detail::redis_slot;
    CHECK(redis_crc16("123456789") == 0x31C3);
    CHECK(redis_slot("") == 0);
    CHECK(redis_slot("{user1000}.following") == redis_slot("user1000"));
    CHECK(redis_slot("foo{}{bar}") == redis_crc16("foo{}{bar}") % 16'384); // an empty tag is none
    CHECK(redis_slot("foo{{bar}}zap") == redis_slot("{bar"));
    CHECK(redis_slot("foo{bar}{zap}") == redis_slot("bar"));
    CHECK(redis_slot("}{") == redis_crc16("}{") % 16'384);
    CHECK(redis_slot("{open") == redis_crc16("{open") % 16'384);
}

TEST_CASE("redis_cluster: what a node says of where to ask is judged, not trusted") {
    using store::detail::redis_parse_redirect;
    auto const moved = redis_parse_redirect("MOVED 3999 127.0.0.1:6381");
    CHECK((moved.is_known && !moved.asking && moved.slot == 3999 && moved.host == "127.0.0.1" && moved.port == 6381));
    auto const ask = redis_parse_redirect("ASK 16383 fe80::1:6381");
    CHECK((ask.is_known && ask.asking && ask.slot == 16'383 && ask.host == "fe80::1" && ask.port == 6381));
    CHECK(redis_parse_redirect("MOVED 0 :6381").host.empty());
    for (auto const* bad : {"", "MOVED", "MOVED ", "MOVED 1", "MOVED 1 ", "MOVED 1 host", "MOVED 1 host:",
                            "MOVED 1 host:0", "MOVED 1 host:65536", "MOVED 1 host:99999999999999999999",
                            "MOVED 16384 host:1", "MOVED 99999999999 host:1", "MOVED -1 host:1", "MOVED  host:1",
                            "MOVED 1 ?:1", "MOVED 1 host:1x", "moved 1 host:1", "ASKED 1 host:1", "ERR 1 host:1"})
        CHECK_MESSAGE(!redis_parse_redirect(bad).is_known, bad);
}

TEST_CASE("store contract: redis_cluster, one object a thread" * long_run()) {
    NEEDS_REDIS
    auto const params = cluster::shared().params();
    ::sleep(1);
    check_contract([&] { return store::redis_cluster{params}; }, {.rounds = 10});
}

TEST_CASE("store contract: redis_cluster, threads combined into pipelines" * long_run()) {
    NEEDS_REDIS
    auto const params = cluster::shared().params();
    store::combiner<store::redis_cluster> db{store::redis_cluster{params}, store::redis_cluster{params}};
    check_contract([&] { return testing::shared_store{&db}; }, {.rounds = 10, .salt = 2});
}

TEST_CASE("scan contract: redis_cluster") {
    NEEDS_REDIS
    auto params = cluster::shared().params();
    params.node.prefix = "scan:";
    store::redis_cluster db{params};
    check_scans(db, {.at_least_once = true, .records = 1000});
    // A position is of a node and its run, and not of one server.
    scans::contents all;
    for (std::uint64_t n = 0; n != 10; ++n) scans::insert(db, all, n, 8);
    store::scan_page page{1};
    store::scan_position position;
    REQUIRE(db.scan(position, now, page).has_value());
    store::redis_params one;
    one.port = cluster::shared().node(0).port();
    one.prefix = "scan:";
    store::redis single{one};
    CHECK(single.scan(position, now, page).error() == errc::invalid_scan_position);
    scans::erase_all(db, all);
}

TEST_CASE("redis_cluster: the server agrees about the slots of all keys, whatever braces they and the prefix have") {
    NEEDS_REDIS
    auto& servers = cluster::shared();
    std::mt19937_64 random{1};
    constexpr std::array<std::uint8_t, 4> choices{'{', '}', 'x', 0};
    for (std::string const prefix : {"signet:", "{signet}:", "a{b", "}{", ""}) {
        for (int i = 0; i != 40; ++i) {
            store::record_key key;
            for (auto& octet : key) octet = choices[random() % choices.size()];
            auto const name = prefix + std::string{as_text(key)};
            CHECK(servers.node(0).tell({"CLUSTER", "KEYSLOT", name}) ==
                  std::to_string(store::detail::redis_slot(name)));
        }
        auto params = servers.params();
        params.node.prefix = prefix;
        store::redis_cluster db{params};
        store::record_key braces{};
        braces.fill('}');
        REQUIRE(done(db.execute(store::insert(braces, as_bytes("x"), later, now))));
        CHECK(done(db.execute(store::erase(braces, now))));
        CHECK(db.last_error().find("MOVED") == std::string::npos);
    }
}

TEST_CASE("redis_cluster: many requests go to all nodes, and each gets its own reply") {
    NEEDS_REDIS
    auto& servers = cluster::shared();
    store::redis_cluster db{servers.params()};
    REQUIRE(db.connect(now));
    CHECK(db.accepts_lasting_writes());
    for (std::size_t i = 0; i != 3; ++i) CHECK(servers.node(i).tell({"SCRIPT", "FLUSH"}) == "OK");
    constexpr std::size_t many = 700; // more than one batch
    std::vector<std::array<std::uint8_t, 8>> octets(many), read(many);
    std::vector<store::request> inserts, finds, takes;
    for (std::size_t i = 0; i != many; ++i) {
        octets[i].fill(static_cast<std::uint8_t>(i % 251));
        inserts.push_back(store::insert(key_of(5'000'000 + i), octets[i], i % 7 == 0 ? now : later, now));
        finds.push_back(store::find(key_of(5'000'000 + i), read[i], now));
    }
    std::vector<store::reply> replies(many);
    db.execute_many(inserts, replies);
    for (std::size_t i = 0; i != many; ++i)
        CHECK((i % 7 == 0 ? failed(replies[i], errc::record_expired) : done(replies[i])));
    db.execute_many(finds, replies);
    for (std::size_t i = 0; i != many; ++i) {
        CHECK(done(replies[i]) == (i % 7 != 0));
        if (i % 7 != 0) CHECK(read[i] == octets[i]);
    }
    db.execute_many({}, {});
}

TEST_CASE("redis_cluster: slots that move under load: nothing fails, and nothing is lost or done twice" * long_run()) {
    NEEDS_REDIS
    auto& servers = cluster::shared();
    auto const params = servers.params();
    std::atomic<bool> stop{false};
    std::atomic<std::uint64_t> verbs{0}, wrong{0}, refused{0};
    std::vector<std::jthread> crew;
    for (std::uint64_t t = 0; t != 4; ++t) {
        crew.emplace_back([&, t] {
            store::redis_cluster own{params};
            if (!own.connect(unix_time{})) ++wrong;
            std::array<std::uint8_t, 8> mine{};
            auto const check = [&](bool holds) { ++verbs, wrong += !holds; };
            std::vector<store::record_key> kept;
            for (std::uint64_t n = 0; !stop; ++n) {
                auto const k = key_in(0, 199, 10'000 + 100'000 * t + 2 * n), once = key_of((t + 1) << 40 | n);
                auto const made = own.execute(store::insert(k, as_bytes("a"), later, now));
                check(done(made));
                check(not_applied(own.execute(store::insert(k, as_bytes("b"), later, now))));
                check(done(own.execute(store::replace(k, made.record.version, as_bytes("c"), later, now))));
                check(done(own.execute(store::insert_once(once, {}, later, now, now))));
                check(not_applied(own.execute(store::insert_once(once, {}, later, now, now))));
                if (n % 2 == 0) {
                    kept.push_back(k);
                    continue;
                }
                auto const taken =
                    own.execute(store::take(k, mine, now)); // refused if it was moved since it was written
                check(done(taken) || failed(taken, errc::store_restarted));
                refused += !done(taken);
                if (done(taken)) check(not_applied(own.execute(store::take(k, mine, now))));
            }
            for (auto const& k : kept) check(done(own.execute(store::find(k, mine, now))) && mine[0] == 'c');
        });
    }
    std::size_t const slots = is_long_run() ? 200 : 40, rounds = is_long_run() ? 4 : 1;
    for (std::size_t round = 0; round != rounds; ++round)
        for (auto const& [from, to] : {std::pair<std::size_t, std::size_t>{0, 1}, {1, 0}})
            for (std::size_t s = 0; s != slots; ++s) servers.begin_move(s, from, to), servers.end_move(s, from, to);
    stop = true;
    crew.clear();
    MESSAGE(verbs.load(), " verbs while ", 2 * rounds * slots, " slots moved, ", refused.load(), " takes refused");
    CHECK(verbs > 100);
    CHECK(wrong == 0);
}

TEST_CASE(
    "redis_cluster: ASK: a record that was moved already is asked for at its new node, once, and whole scripts too") {
    NEEDS_REDIS
    auto& servers = cluster::shared();
    store::redis_cluster db{servers.params()};
    REQUIRE(db.connect(unix_time{}));
    auto const key = key_in(300, 300, 1), other = key_in(300, 300, 2);
    REQUIRE(done(db.execute(store::insert(key, as_bytes("here"), later, now))));
    servers.begin_move(300, 0, 2);
    CHECK(servers.node(2).tell({"SCRIPT", "FLUSH"}) == "OK");
    CHECK(done(db.execute(store::insert(other, as_bytes("there"), later, now)))); // at the new node
    CHECK(db.last_error().find("ASK") == std::string::npos);                      // the last word was of the new one
    CHECK(not_applied(db.execute(store::insert(other, as_bytes("twice"), later, now))));
    CHECK(done(db.execute(store::find(key, buffer, now)))); // at the old one
    std::vector<store::request> const both{store::find(other, buffer, now), store::find(key, buffer, now)};
    std::vector<store::reply> replies(2);
    db.execute_many(both, replies);
    CHECK((done(replies[0]) && done(replies[1])));
    CHECK(done(db.execute(store::take(other, buffer, now))));
    CHECK(not_applied(db.execute(store::take(other, buffer, now))));
    servers.end_move(300, 0, 2);
    CHECK(done(db.execute(store::find(key, buffer, now))));
    CHECK(failed(db.execute(store::take(key, buffer, now)), errc::store_restarted)); // written by another server
    servers.begin_move(300, 2, 0);
    servers.end_move(300, 2, 0);
    CHECK(done(db.execute(store::take(key, buffer, now)))); // it is home again
}

TEST_CASE("redis_cluster: where the slot of a node's lineage moves, no request fails, and what is older is refused") {
    NEEDS_REDIS
    cluster servers{3};
    store::redis_cluster db{servers.params()};
    REQUIRE(db.connect(unix_time{}));
    auto const key = [](std::uint64_t n) { return key_at_node(0, n); };
    CHECK(done(db.execute(store::insert_once(key(1), {}, later, now, now))));
    std::size_t number = 0, slot = store::detail::redis_slots;
    for (; slot >= store::detail::redis_slots / 3; ++number) slot = store::detail::redis_slot(std::to_string(number));
    servers.begin_move(slot, 0, 1), servers.end_move(slot, 0, 1);
    auto const at = now + store::fitness_lasts + 1s; // when the node is asked again who it is
    CHECK(done(db.execute(store::insert(key(2), {}, later, at))));
    CHECK(failed(db.execute(store::insert_once(key(3), {}, later, at, at)), errc::store_restarted));
    CHECK(done(db.execute(store::insert_once(key(3), {}, later, at + 1s, at + 1s))));
    CHECK(done(db.execute(store::insert_once(key_at_node(2, 1), {}, later, at, at)))); // others are not concerned
    store::redis_cluster other{servers.params()};
    REQUIRE(other.connect(at));
    CHECK(failed(other.execute(store::insert_once(key(4), {}, later, at, at)), errc::store_restarted));
}

TEST_CASE("redis_cluster: nodes that send a request to each other end it as store_unavailable") {
    NEEDS_REDIS
    auto& servers = cluster::shared();
    store::redis_cluster db{servers.params()};
    std::size_t slot = 400; // an empty one: others cannot be given away
    while (servers.node(0).tell({"CLUSTER", "COUNTKEYSINSLOT", std::to_string(slot)}) != "0") ++slot;
    auto const key = key_in(slot, slot, 1);
    REQUIRE(done(db.execute(store::insert(key, {}, later, now))));
    REQUIRE(done(db.execute(store::erase(key, now))));
    REQUIRE(servers.node(0).tell({"CLUSTER", "SETSLOT", std::to_string(slot), "NODE", servers.id(1)}) == "OK");
    CHECK(failed(db.execute(store::insert(key, {}, later, now)), errc::store_unavailable));
    CHECK(db.last_error().find("MOVED " + std::to_string(slot)) != std::string::npos);
    CHECK(done(db.execute(store::insert(key_in(slot + 1, slot + 1, 1), {}, later, now))));
    REQUIRE(servers.node(0).tell({"CLUSTER", "SETSLOT", std::to_string(slot), "NODE", servers.id(0)}) == "OK");
    wait_at_most(15s, [&] { return done(db.execute(store::insert(key, {}, later, now))); });
}

TEST_CASE("redis_cluster: while a node is gone its records are unavailable, and the others are not") {
    NEEDS_REDIS
    auto& servers = cluster::shared();
    store::redis_cluster db{servers.params()};
    auto const here = key_at_node(0, 7), gone = key_at_node(2, 7);
    REQUIRE(done(db.execute(store::insert(here, as_bytes("x"), later, now))));
    REQUIRE(done(db.execute(store::insert(gone, as_bytes("y"), later, now))));
    // A position within each node, by its name.
    std::map<int, store::scan_position> positions;
    store::scan_page page{1};
    for (std::uint64_t n = 0; n != 100; ++n)
        for (std::size_t node = 0; node != 3; ++node)
            REQUIRE(done(db.execute(store::insert(key_at_node(node, 100 + n), {}, later, now))));
    for (store::scan_position at; !at.is_over();) {
        REQUIRE(db.scan(at, now, page).has_value());
        for (std::size_t node = 0; node != 3; ++node) {
            auto const port = servers.node(node).port();
            auto const name = ":" + std::to_string(port);
            if (as_text(at.octets()).find(name) != std::string_view::npos) positions.try_emplace(port, at);
        }
    }
    REQUIRE(positions.size() == 3);
    auto const goes_on = [&](std::size_t node) {
        auto at = positions.at(servers.node(node).port());
        return db.scan(at, now, page);
    };
    servers.node(2).stop(SIGKILL);
    std::vector<store::request> const both{store::find(gone, buffer, now), store::find(here, buffer, now)};
    std::vector<store::reply> replies(2);
    db.execute_many(both, replies);
    CHECK(failed(replies[0], errc::store_unavailable));
    CHECK(done(replies[1]));
    CHECK(failed(db.execute(store::take(gone, buffer, now)), errc::store_unavailable)); // nothing was sent
    CHECK(db.last_error().find(std::to_string(servers.node(2).port())) != std::string::npos);
    store::redis_cluster fresh{servers.params()};
    CHECK(fresh.connect(now).error() == errc::store_unavailable);
    CHECK(done(fresh.execute(store::find(here, buffer, now))));
    CHECK(goes_on(2).error() == errc::store_unavailable);
    servers.node(2).start();
    wait_at_most(15s, [&] { return done(db.execute(store::find(gone, buffer, now))); });
    CHECK(failed(db.execute(store::take(gone, buffer, now)), errc::store_restarted));
    CHECK(goes_on(2).error() == errc::invalid_scan_position); // its cursors were of the former run
    CHECK(goes_on(0).has_value());
    for (std::uint64_t n = 0; n != 100; ++n)
        for (std::size_t node = 0; node != 3; ++node)
            CHECK(done(db.execute(store::erase(key_at_node(node, 100 + n), now))));
    wait_at_most(
        15s, [&] { return servers.info(0, "CLUSTER", "INFO").find("cluster_slots_ok:16384") != std::string::npos; });
}

TEST_CASE("S1 redis_cluster: lasting writes and single use are refused where a failover may lose them") {
    NEEDS_REDIS
    auto params = cluster::shared().params();
    params.node.failover_may_lose_writes = false;
    store::redis_cluster strict{params};
    REQUIRE(strict.connect(now));
    CHECK_FALSE(strict.accepts_lasting_writes());
    auto const key = key_of(600);
    CHECK(failed(strict.execute(store::insert(key, {}, later, now)), errc::store_unfit));
    CHECK(strict.last_error().find("replicas") != std::string::npos);
    CHECK(failed(strict.execute(store::erase(key, now)), errc::store_unfit));
    CHECK(failed(strict.execute(store::take(key, buffer, now)), errc::store_unfit));
    CHECK(failed(strict.execute(store::insert_once(key, {}, later, now, now)), errc::store_unfit));
    CHECK(done(strict.execute(store::mark_forgettable(store::insert(key, {}, later, now)))));
    CHECK(done(strict.execute(store::find(key, buffer, now))));
    CHECK(done(strict.execute(store::mark_forgettable(store::erase(key, now)))));

    auto& servers = cluster::shared(); // one node of three may forget
    REQUIRE(servers.node(1).tell({"CONFIG", "SET", "appendfsync", "everysec"}) == "OK");
    store::redis_cluster waived{servers.params()};
    REQUIRE(waived.connect(now));
    CHECK_FALSE(waived.accepts_lasting_writes());
    CHECK(failed(waived.execute(store::insert(key_at_node(1, 601), {}, later, now)), errc::store_unfit));
    CHECK(waived.last_error().find("appendfsync is not always") != std::string::npos);
    CHECK(done(waived.execute(store::insert(key_at_node(0, 601), {}, later, now))));
    REQUIRE(servers.node(1).tell({"CONFIG", "SET", "appendfsync", "always"}) == "OK");
    CHECK(done(waived.execute(store::insert(key_at_node(1, 601), {}, later, now + store::fitness_lasts))));
}

namespace {

// A node with a table of slots that the test writes. It is a master whose writes are always done.
class pretended_node : public pretended_redis {
public:
    pretended_node() : pretended_redis{[](auto const& send) { send(":1\r\n"); }} {}
    void say_table(std::string table) {
        ::usleep(150'000); // more often nobody asks for it
        pretended_redis::say_table(std::move(table));
    }
    // A row with so many nodes: this one, and the ports behind it.
    std::string row(int first, int last, int nodes) const {
        std::vector<int> ports;
        for (int i = 0; i != nodes; ++i) ports.push_back(port + i);
        return slots_row(first, last, ports);
    }
};

} // namespace

TEST_CASE("redis_cluster: a table of slots that makes no sense changes nothing, however much of it does") {
    NEEDS_REDIS
    pretended_node node;
    store::redis_cluster_params params;
    params.nodes = {{"127.0.0.1", node.port}};
    params.node.replicas = 1;
    params.node.retry_after = 0s;
    store::redis_cluster db{params};
    node.say_table("*1\r\n" + node.row(0, 16'383, 2));
    REQUIRE(db.connect(now));
    CHECK(db.accepts_lasting_writes());
    CHECK(done(db.execute(store::insert(key_of(1), {}, later, now))));
    auto then = now + store::fitness_lasts;
    node.say_table("*1\r\n" + node.row(0, 16'383, 3)); // another replica, for which nobody waits
    CHECK(failed(db.execute(store::insert(key_of(1), {}, later, then)), errc::store_unfit));
    for (std::string const bad : {"*1\r\n:5\r\n", "*2\r\n:0\r\n:5\r\n", "*3\r\n:5\r\n:4\r\n*0\r\n",
                                  "*3\r\n:-1\r\n:4\r\n*0\r\n", "*3\r\n:0\r\n:16384\r\n*0\r\n", "$1\r\nx\r\n"}) {
        CAPTURE(bad);
        then += store::fitness_lasts;
        node.say_table("*2\r\n" + node.row(0, 16'383, 2) + bad);
        CHECK(failed(db.execute(store::insert(key_of(1), {}, then + 600s, then)), errc::store_unfit));
    }
    then += store::fitness_lasts;
    node.say_table("*1\r\n" + node.row(0, 16'383, 2));
    CHECK(done(db.execute(store::insert(key_of(1), {}, then + 600s, then))));
}

TEST_CASE("redis_cluster: where no node is, or no cluster, calls fail and say why") {
    NEEDS_REDIS
    store::redis_cluster_params params;
    params.node.retry_after = 0s;
    store::redis_cluster nowhere{params};
    CHECK(failed(nowhere.execute(store::find(key_of(1), buffer, now)), errc::store_unavailable));
    params.nodes = {{"127.0.0.1", redis_server::free_port()}};
    store::redis_cluster away{params};
    CHECK(failed(away.execute(store::find(key_of(1), buffer, now)), errc::store_unavailable));
    CHECK(away.last_error().find("Connection refused") != std::string::npos);
    redis_server single;
    params.nodes.push_back({"127.0.0.1", single.port()});
    store::redis_cluster none{params};
    CHECK(none.connect(now).error() == errc::store_unavailable);
    CHECK(none.connect(now).error() == errc::store_unavailable); // the other is asked first
    CHECK(failed(none.execute(store::take(key_of(1), buffer, now)), errc::store_unavailable));
    CHECK_FALSE(none.accepts_lasting_writes());
}

TEST_CASE("redis_cluster: with WAIT no acknowledged write is lost when a master is killed, and unknown ones are told") {
    NEEDS_REDIS
    cluster servers{3, 1};
    auto const params = servers.params(1);
    store::redis_cluster before{params};
    REQUIRE(before.connect(unix_time{}));
    auto const key = [](std::uint64_t n) { return key_at_node(0, n); };

    // The replica lags: written, but not where it would survive.
    servers.node(3).pause();
    CHECK(failed(before.execute(store::insert(key(1), as_bytes("x"), later, now)), errc::outcome_unknown));
    CHECK(before.last_error().find("fewer replicas") != std::string::npos);
    CHECK(failed(before.execute(store::insert(key(1), as_bytes("x"), later, now)),
                 errc::outcome_unknown)); // nor is "there is one" sure
    CHECK(done(before.execute(store::find(key(1), buffer, now))));
    CHECK(done(before.execute(store::mark_forgettable(store::insert(key(2), as_bytes("x"), later, now)))));
    servers.node(3).resume();
    wait_at_most(15s, [&] { return done(before.execute(store::erase(key(2), now))); });
    REQUIRE(done(before.execute(store::insert(key(3), as_bytes("challenge"), later, now))));

    CHECK(open_cluster({"127.0.0.1", servers.node(1).port()}, {"127.0.0.1", servers.node(0).port()}) == "");

    std::atomic<bool> stop{false};
    std::atomic<std::uint64_t> unknown{0}, unavailable{0}, other{0}, lost{0}, acknowledged{0}, after{0};
    std::atomic<bool> killed{false};
    std::vector<std::jthread> crew;
    for (std::uint64_t t = 0; t != 8; ++t) {
        crew.emplace_back([&, t] {
            store::redis_cluster own{params};
            if (!own.connect(unix_time{})) ++other;
            std::array<std::uint8_t, 8> mine{};
            std::vector<store::record_key> written;
            for (std::uint64_t n = 0; !stop; ++n) {
                auto const k = key(1000 + 100'000 * t + n);
                auto const r = own.execute(store::insert(k, as_bytes("kept"), later, now));
                if (done(r)) written.push_back(k), after += killed;
                else if (failed(r, errc::outcome_unknown)) ++unknown;
                else if (failed(r, errc::store_unavailable)) ++unavailable, ::usleep(5000);
                else ++other;
            }
            acknowledged += written.size();
            for (auto const& k : written) {
                auto found = own.execute(store::find(k, mine, now));
                for (int i = 0; i != 500 && failed(found, errc::store_unavailable); ++i)
                    ::usleep(10'000), found = own.execute(store::find(k, mine, now));
                lost += !done(found);
            }
        });
    }
    ::usleep(500'000);
    servers.node(0).stop(SIGKILL);
    wait_at_most(15s, [&] { return servers.info(3, "INFO", "replication").find("role:master") != std::string::npos; });
    servers.node(0).start(); // it comes back as a replica: until then no write is done
    killed = true;
    wait_at_most(15s, [&] { return after > 20; });
    stop = true;
    crew.clear();
    MESSAGE(acknowledged.load(), " acknowledged, ", lost.load(), " lost, ", unknown.load(), " unknown, ",
            unavailable.load(), " unavailable");
    CHECK(acknowledged > 50);
    CHECK(unknown > 0);
    CHECK(lost == 0);
    CHECK(other == 0);

    // Single use after the failover: refused for what was issued before, also by who comes later.
    wait_at_most(15s, [&] { return done(before.execute(store::find(key(3), buffer, now))); });
    store::redis_cluster fresh{params};
    REQUIRE(fresh.connect(unix_time{}));
    CHECK(failed(fresh.execute(store::insert_once(key(6), {}, later, now, now)),
                 errc::store_restarted)); // by the lineage
    CHECK(failed(before.execute(store::take(key(3), buffer, now)), errc::store_restarted));
    CHECK(failed(before.execute(store::insert_once(key(4), {}, later, now, now)), errc::store_restarted));
    CHECK(done(before.execute(store::insert_once(key(4), {}, later, now + 1s, now + 1s))));

    // A second replica that `replicas` does not count may be promoted without having what was acknowledged.
    servers.add();
    servers.meet(4);
    servers.replicate(4, 3);
    auto then = now; // nodes hear of it one after another
    wait_at_most(15s, [&] {
        then += store::fitness_lasts;
        return failed(before.execute(store::insert(key(5), {}, then + 60s, then)), errc::store_unfit);
    });
    CHECK_FALSE(before.accepts_lasting_writes());
    CHECK(done(before.execute(store::find(key(3), buffer, now))));
    CHECK(failed(before.execute(store::insert(key_at_node(1, 5), {}, then + 60s, then)),
                 errc::outcome_unknown)); // no replica
}

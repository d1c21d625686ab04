// Servers that say too much, too little, or what they should not.
#include "contract.hpp"
#include "pretended_redis.hpp"

#include <signet/store/impl/redis_protocol.hpp>
#include <signet/store/impl/redis_slot.hpp>
#include <signet/store/redis.hpp>
#include <signet/store/redis_cluster.hpp>

#include <array>
#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

// Of redis_memory.cpp, which replaces the operators of this program.
namespace counting {
extern char const* looked_for;
extern long seen_at_free;
} // namespace counting

using namespace signet;
using namespace std::chrono_literals;

namespace {

constexpr unix_time now{1'800'000'000s}, later = now + 600s;
std::array<std::uint8_t, 64> buffer;

// A record as it stands on the server.
std::string bulk_of(std::string_view text) {
    std::string value(store::detail::redis_head, '\0');
    value[0] = static_cast<char>(store::detail::redis_format);
    value[9 + 1] = 1; // it expires in the far future
    value += text;
    return "$" + std::to_string(value.size()) + "\r\n" + value + "\r\n";
}

} // namespace

TEST_CASE("redis: a server that sends an octet now and then holds no call for longer than the reply timeout") {
    std::atomic<bool> is_whole{false};
    pretended_redis server{[&](auto const& send) {
        auto const reply = bulk_of(std::string(400, 'x'));
        for (char const c : reply) {
            if (!send({c})) return;
            ::usleep(20'000);
        }
        is_whole = true;
    }};
    auto params = server.params();
    params.reply_timeout = 300ms;
    store::redis db{params};
    REQUIRE(db.connect(now));
    std::vector<std::uint8_t> room(1'000);
    CHECK(failed(db.execute(store::find(key_of(1), room, now)), errc::store_unavailable));
    CHECK_FALSE(is_whole);
    CHECK(db.last_error() == "the server did not answer in time");
}

TEST_CASE("redis: a server that hangs up in the middle of a batch does not end the process with SIGPIPE") {
    temporary_directory const place;
    pretended_redis server{[](auto const&) {}, place / "socket"}; // whose end is seen at once
    server.hangs_up = true;
    store::redis db{server.params()};
    REQUIRE(db.connect(now));
    std::vector<std::uint8_t> const octets(60'000); // 30 MB in all: more than the system's buffers take
    std::vector<store::request> const asks(500, store::insert(key_of(1), octets, later, now));
    std::vector<store::reply> replies(asks.size());
    db.execute_many(asks, replies);
    for (auto const& reply : replies) CHECK(failed(reply, errc::outcome_unknown));
}

TEST_CASE("redis: of a reply that is longer than a record can be little is read") {
    std::atomic<std::size_t> sent{0};
    std::string const piece(1'000'000, 'x');
    pretended_redis server{[&](auto const& send) {
        send("$500000000\r\n");
        while (sent < 500'000'000 && send(piece)) sent += piece.size();
    }};
    auto params = server.params();
    params.reply_timeout = 60s;
    store::redis db{params};
    REQUIRE(db.connect(now));
    CHECK(failed(db.execute(store::find(key_of(1), buffer, now)), errc::store_unavailable));
    CHECK(sent < 100'000'000); // most of it is in the system's buffers
    CHECK(db.last_error() == "the server sent more than a reply has");
}

TEST_CASE("redis: a reply too many is nobody's, and neither is what follows one of an impossible type") {
    std::atomic<int> asked{0};
    std::string first;
    pretended_redis server{[&](auto const& send) { send(++asked == 1 ? first : bulk_of("bert")); }};
    auto const is_bert = [](store::reply const& r) { return done(r) && as_text(r.record.bytes) == "bert"; };
    {
        store::redis db{server.params()};
        REQUIRE(db.connect(now));
        first = bulk_of("anna") + bulk_of("anna"); // in one segment
        CHECK(done(db.execute(store::find(key_of(1), buffer, now))));
        CHECK(is_bert(db.execute(store::find(key_of(2), buffer, now))));
    }
    {
        store::redis db{server.params()};
        REQUIRE(db.connect(now));
        asked = 0, first = ":5\r\n"; // the answer to something else
        CHECK(failed(db.execute(store::find(key_of(1), buffer, now)), errc::store_unavailable));
        CHECK_FALSE(db.accepts_lasting_writes()); // it is not connected
        CHECK(is_bert(db.execute(store::find(key_of(2), buffer, now))));
    }
}

TEST_CASE("redis: a Sentinel that repeats the password does not put it into the text for the log") {
    if (!redis_server::installed()) return;
    redis_server server{{"--rename-command", "AUTH", ""}};
    store::redis db{{.sentinels = {{"127.0.0.1", server.port()}},
                     .master_name = "shop",
                     .sentinel_user = "anna",
                     .sentinel_password = "open-sesame",
                     .replicas = 1}};
    CHECK(db.connect(now).error() == errc::store_unavailable);
    CHECK(db.last_error() == "ERR in answer to AUTH");
}

TEST_CASE("redis: a server of before version 7 that became a replica says so behind other words") {
    store::detail::redis_protocol protocol{{}};
    store::detail::redis_reader reader;
    store::detail::redis_answer answer;
    REQUIRE(reader.begin());
    REQUIRE(reader.feed("-ERR Error running script (call to f_0123): @user_script:9: @user_script: 9: -READONLY You "
                        "can't write against a read only replica.\r\n"));
    REQUIRE(reader.next(answer));
    auto const ask = store::insert({}, {}, later, now);
    CHECK(failed(protocol.understand(ask, 7, *answer), errc::store_unavailable));
    CHECK(protocol.was_demoted());
}

TEST_CASE("redis: the password is in no memory that was freed while connecting") {
    if (!redis_server::installed()) return;
    auto arguments = redis_server::durable();
    std::string const password = "open-sesame-open-sesame-open-sesame";
    arguments.insert(arguments.end(), {"--requirepass", password});
    redis_server server{arguments}, sentinel{{"--sentinel", "--requirepass", password}};
    store::redis_params params;
    params.port = server.port(), params.password = password;
    store::redis direct{params};
    params.sentinels = {{"127.0.0.1", sentinel.port()}};
    params.master_name = "a name that is long enough not to fit into what is left of a small text";
    params.sentinel_password = password;
    store::redis through{params};
    counting::looked_for = password.c_str();
    counting::seen_at_free = 0;
    CHECK(direct.connect(now));
    CHECK_FALSE(through.connect(now));
    counting::looked_for = nullptr;
    CHECK(through.last_error() == "the Sentinel knows no master of that name");
    CHECK(counting::seen_at_free == 0);
}

TEST_CASE(
    "S1 redis_cluster: a node that a redirection names is judged by the table before a lasting write goes there") {
    std::string moved;
    std::atomic<int> written{0};
    pretended_redis first{[&](auto const& send) { send(moved); }}, second{[&](auto const& send) {
        ++written;
        send(":1\r\n");
    }};
    auto const slot = store::detail::redis_slot(store::detail::redis_key("signet:", key_of(1)));
    moved = "-MOVED " + std::to_string(slot) + " 127.0.0.1:" + std::to_string(second.port) + "\r\n";
    auto const old = "*1\r\n" + slots_row(0, 16'383, {first.port, 1});
    first.say_table(old), second.say_table(old);
    store::redis_cluster db{{.nodes = {{"127.0.0.1", first.port}}, .node = {.retry_after = 0s, .replicas = 1}}};
    REQUIRE(db.connect(now));
    // The node that has it now has two replicas, and one of them may lack the write.
    auto const fresh = "*1\r\n" + slots_row(0, 16'383, {second.port, 1, 2});
    first.say_table(fresh), second.say_table(fresh);
    CHECK(failed(db.execute(store::insert(key_of(1), {}, later, now)), errc::store_unfit));
    CHECK(written == 0);
    CHECK(done(db.execute(store::mark_forgettable(store::insert(key_of(1), {}, later, now)))));
}

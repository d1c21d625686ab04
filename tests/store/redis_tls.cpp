#include "blocking_asio.hpp"
#include "contract.hpp"
#include "redis_server.hpp"

#include <signet/store/asio_redis.hpp>
#include <signet/store/redis_cluster.hpp>

#include <vector>

#ifdef SIGNET_REDIS_TLS
#    include <hiredis/hiredis_ssl.h>
#endif

using namespace signet;
using namespace std::chrono_literals;

namespace {

using blocking_asio_redis = blocking_asio<store::asio_redis, store::redis_params>;

constexpr unix_time now{1'800'000'000s};
[[maybe_unused]] constexpr unix_time later{1'800'000'600s}; // where something has TLS

store::redis_params at_port(int port) {
    store::redis_params o;
    o.port = port;
    o.retry_after = 0s;
    o.tls.on = true;
    return o;
}

// What has TLS here: Debian 12's hiredis has none.
template <class Redis> constexpr bool has_tls = false;
#ifdef SIGNET_REDIS_TLS
template <> constexpr bool has_tls<store::redis> = true;
#endif
#ifdef SIGNET_ASIO_TLS
template <> constexpr bool has_tls<blocking_asio_redis> = true;
#endif

#if defined(SIGNET_REDIS_TLS) && defined(SIGNET_ASIO_TLS)
#    define EACH_TLS store::redis, blocking_asio_redis
#elif defined(SIGNET_REDIS_TLS)
#    define EACH_TLS store::redis
#elif defined(SIGNET_ASIO_TLS)
#    define EACH_TLS blocking_asio_redis
#endif

} // namespace

TEST_CASE_TEMPLATE("redis: where TLS is wanted nothing is sent without it", Redis, store::redis, blocking_asio_redis) {
    if (!redis_server::installed()) return;
    redis_server server; // speaks no TLS
    auto params = at_port(server.port());
    params.tls.ca_file = "/etc/ssl/certs/ca-certificates.crt";
    params.reply_timeout = 200ms;
    Redis db{params};
    CHECK(db.connect(now).error() == errc::store_unavailable);
    CHECK_FALSE(db.last_error().empty());
    if constexpr (!has_tls<Redis>)
        CHECK(db.last_error().starts_with("TLS is wanted, and this program was built without"));
    std::array<std::uint8_t, 32> buffer;
    CHECK(db.execute(store::find({}, buffer, now)).error == errc::store_unavailable);
    CHECK(server.tell({"INFO", "commandstats"}).find("script") == std::string::npos); // our greeting never came
}

#ifdef EACH_TLS
namespace {

// Two authorities, a certificate of each for the server's name, and one for a client.
struct certificates {
    temporary_directory folder;

    certificates() {
        for (std::string const who : {"ours", "theirs"}) {
            tell("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=" + who + " -keyout " +
                 who + ".key -out " + who + ".pem");
        }
        make("server", "ours", "DNS:localhost,IP:127.0.0.1");
        make("client", "ours", "DNS:client");
    }
    std::string file(char const* name) const { return folder / name; }

private:
    void make(std::string const& name, std::string const& authority, std::string const& names) {
        tell("req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=" + name + " -keyout " + name +
             ".key -out " + name + ".csr");
        REQUIRE(std::system(("cd " + folder.path.string() + " && echo subjectAltName=" + names + " > " + name + ".ext")
                                .c_str()) == 0);
        tell("x509 -req -days 2 -in " + name + ".csr -CA " + authority + ".pem -CAkey " + authority +
             ".key -CAcreateserial -extfile " + name + ".ext -out " + name + ".pem");
    }
    void tell(std::string const& words) {
        REQUIRE(std::system(("cd " + folder.path.string() + " && openssl " + words + " > /dev/null 2>&1").c_str()) ==
                0);
    }
};

// A server that speaks TLS alone, and wants a certificate of its clients.
struct tls_server {
    certificates const& made;
    int port = redis_server::free_port();
    redis_server plain; // the same server, for the test

    explicit tls_server(certificates const& c, std::vector<std::string> arguments = redis_server::durable())
        : made{c}, plain{with_tls(std::move(arguments), c, port)} {}
    store::redis_params params() const {
        auto o = at_port(port);
        o.tls.ca_file = made.file("ours.pem");
        o.tls.certificate_file = made.file("client.pem"), o.tls.key_file = made.file("client.key");
        return o;
    }
    int connections() {
        auto const info = plain.tell({"INFO", "stats"});
        return std::atoi(info.c_str() + info.find("total_connections_received:") + 27);
    }

private:
    static std::vector<std::string> with_tls(std::vector<std::string> arguments, certificates const& c, int port) {
        arguments.insert(arguments.end(),
                         {"--tls-port", std::to_string(port), "--tls-cert-file", c.file("server.pem"), "--tls-key-file",
                          c.file("server.key"), "--tls-ca-cert-file", c.file("ours.pem"), "--tls-auth-clients", "yes"});
        return arguments;
    }
};

// What hiredis checks the server's name; Asio always does.
template <class Redis> bool checks_names() {
#    ifdef SIGNET_REDIS_TLS
    if constexpr (std::is_same_v<Redis, store::redis>) {
        redisSSLOptions probe{};
        return [](auto& o) { return requires { o.verify_name; }; }(probe);
    }
#    endif
    return true;
}

} // namespace

TEST_CASE_TEMPLATE(
    "redis: TLS with an authority of one's own; another authority, another name and a missing client certificate are refused",
    Redis, EACH_TLS) {
    if (!redis_server::installed()) return;
    certificates const made;
    tls_server server{made};
    auto params = server.params();
    if (!checks_names<Redis>()) {
        Redis strict{params};
        CHECK_FALSE(strict.connect(now));
        CHECK(strict.last_error().find("name") != std::string::npos);
        params.tls.any_name_of_authority = true;
    }
    Redis db{params};
    REQUIRE(db.connect(now - 1s));
    bytes const large(60'000, 5);
    bytes buffer(large.size());
    CHECK(done(db.execute(store::insert({}, large, later, now))));
    auto const before = server.connections();
    for (int i = 0; i != 20; ++i) CHECK(done(db.execute(store::find({}, buffer, now))));
    CHECK(server.connections() == before + 1); // the question itself: one connection served all
    CHECK(done(db.execute(store::take({}, buffer, now))));
    CHECK(buffer == large);
    CHECK(not_applied(db.execute(store::take({}, buffer, now))));

    auto const refused = [&](auto change) {
        auto other = params;
        change(other.tls);
        Redis one{other};
        CHECK(one.connect(now).error() == errc::store_unavailable);
        MESSAGE(one.last_error());
        return one.last_error();
    };
    refused([&](auto& tls) { tls.ca_file = made.file("theirs.pem"); });
    refused([&](auto& tls) { tls.ca_file = made.file("nothing.pem"); });
    CHECK(refused([&](auto& tls) { tls.ca_file.clear(); }) == "TLS needs tls.ca_file");
    refused([&](auto& tls) { tls.certificate_file.clear(), tls.key_file.clear(); });
    refused([&](auto& tls) { tls.key_file.clear(); });
    refused([&](auto& tls) { tls.certificate_file = made.file("server.pem"); }); // not of that key
    if (checks_names<Redis>()) {
        refused([&](auto& tls) { tls.name = "redis.example.com"; });
        refused([&](auto& tls) { tls.name = "127.0.0.2"; });
        auto named = params;
        named.tls.name = "localhost";
        CHECK(Redis{named}.connect(now));
        named.host = "localhost", named.tls.name.clear();
        CHECK(Redis{named}.connect(now));
        named.tls.name = "redis.example.com", named.tls.any_name_of_authority = true;
        CHECK(Redis{named}.connect(now));
        named.tls.ca_file = made.file("theirs.pem"); // any name, but not any authority
        CHECK_FALSE(Redis{named}.connect(now));
    }
    store::redis_params plain = params;
    plain.tls = {};
    plain.reply_timeout = plain.connect_timeout = 300ms;
    CHECK_FALSE(Redis{plain}.connect(now));
}

TEST_CASE_TEMPLATE("store contract: redis over TLS, threads sharing one connection" * long_run(), Redis, EACH_TLS) {
    if (!redis_server::installed()) return;
    certificates const made;
    tls_server server{made};
    auto params = server.params();
    params.tls.any_name_of_authority = !checks_names<Redis>();
    Redis db{params};
    REQUIRE(db.connect(now - 1s));
    check_contract([&] { return testing::shared_store<Redis>{&db}; }, {.threads = 8, .rounds = 10});
}
#endif

#ifdef SIGNET_REDIS_TLS
TEST_CASE(
    "redis: Sentinels and the nodes of a cluster are asked over TLS where it is on, and no password goes without it") {
    if (!redis_server::installed()) return;
    certificates const made;
    tls_server master{made};
    tls_server sentinel{made, {"--sentinel", "--requirepass", "guard", "--tls-replication", "yes"}};
    auto const monitor = {"SENTINEL", "MONITOR", "shop", "127.0.0.1"};
    std::vector<std::string> words{monitor.begin(), monitor.end()};
    words.insert(words.end(), {std::to_string(master.port), "1"});
    REQUIRE(sentinel.plain.tell(words, "guard") == "OK");
    auto params = master.params();
    params.tls.any_name_of_authority = !checks_names<store::redis>();
    params.port = 1;
    params.sentinels = {{"127.0.0.1", sentinel.port}};
    params.master_name = "shop";
    params.sentinel_password = "guard";
    params.failover_may_lose_writes = true;
    store::redis db{params};
    CHECK(db.connect(now - 1s));
    CAPTURE(db.last_error());
    CHECK(done(db.execute(store::insert({}, {}, later, now))));
    // The same Sentinel where it speaks no TLS: the password stays here.
    params.sentinels = {{"127.0.0.1", sentinel.plain.port()}};
    params.reply_timeout = 200ms;
    store::redis plain{params};
    CHECK_FALSE(plain.connect(now));
    CHECK(plain.last_error().find("AUTH") == std::string::npos);

    auto arguments = redis_server::durable();
    arguments.insert(arguments.end(), {"--cluster-enabled", "yes", "--tls-cluster", "yes"});
    tls_server node{made, arguments};
    REQUIRE(node.plain.tell({"CLUSTER", "ADDSLOTSRANGE", "0", "16383"}) == "OK");
    for (int i = 0; i != 1000 && node.plain.tell({"CLUSTER", "INFO"}).find("state:ok") == std::string::npos; ++i)
        ::usleep(10'000);
    auto one = node.params();
    one.tls.any_name_of_authority = !checks_names<store::redis>();
    one.failover_may_lose_writes = true;
    store::redis_cluster cluster{{.nodes = {{"127.0.0.1", node.port}}, .node = one}};
    CHECK(cluster.connect(now - 1s));
    CAPTURE(cluster.last_error());
    CHECK(done(cluster.execute(store::insert({}, {}, later, now))));
}
#endif

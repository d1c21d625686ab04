#include "redis_server.hpp"

#include <signet/store/redis.hpp>

#include <vector>

#ifdef SIGNET_REDIS_TLS
#    include <hiredis/hiredis_ssl.h>
#endif

using namespace signet;
using namespace std::chrono_literals;

namespace {

constexpr unix_time now{1'800'000'000s};
[[maybe_unused]] constexpr unix_time later{1'800'000'600s}; // where hiredis has TLS

store::redis_params at_port(int port) {
    store::redis_params o;
    o.port = port;
    o.retry_after = 0s;
    o.tls.on = true;
    return o;
}

} // namespace

TEST_CASE("redis: where TLS is wanted nothing is sent without it") {
    if (!redis_server::installed()) return;
    redis_server server; // speaks no TLS
    auto params = at_port(server.port());
    params.tls.ca_file = "/etc/ssl/certs/ca-certificates.crt";
    params.reply_timeout = 200ms;
    store::redis db{params};
    CHECK(db.connect(now).error() == errc::store_unavailable);
    CHECK_FALSE(db.last_error().empty());
    std::array<std::uint8_t, 32> buffer;
    CHECK(db.execute(store::find({}, buffer, now)).error == errc::store_unavailable);
    CHECK(server.tell({"INFO", "commandstats"}).find("script") == std::string::npos); // our greeting never came
}

#ifdef SIGNET_REDIS_TLS
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

} // namespace

TEST_CASE(
    "redis: TLS with an authority of one's own; another authority, another name and a missing client certificate are refused") {
    if (!redis_server::installed()) return;
    certificates const made;
    auto const port = redis_server::free_port();
    auto arguments = redis_server::durable();
    arguments.insert(arguments.end(), {"--tls-port", std::to_string(port), "--tls-cert-file", made.file("server.pem"),
                                       "--tls-key-file", made.file("server.key"), "--tls-ca-cert-file",
                                       made.file("ours.pem"), "--tls-auth-clients", "yes"});
    redis_server server{arguments};
    auto params = at_port(port);
    params.tls.ca_file = made.file("ours.pem");
    params.tls.certificate_file = made.file("client.pem"), params.tls.key_file = made.file("client.key");
    params.reply_timeout = 2s;

    redisSSLOptions probe{};
    auto const checks_names = [](auto& o) { return requires { o.verify_name; }; }(probe);
    if (!checks_names) {
        store::redis strict{params};
        CHECK_FALSE(strict.connect(now));
        CHECK(strict.last_error().find("name") != std::string::npos);
        params.tls.any_name_of_authority = true;
    }
    store::redis db{params};
    REQUIRE(db.connect(now - 1s));
    bytes const large(60'000, 5);
    bytes buffer(large.size());
    CHECK(db.execute(store::insert({}, large, later, now)).outcome == store::outcome::done);
    auto const connections = [&] {
        auto const info = server.tell({"INFO", "stats"});
        return std::atoi(info.c_str() + info.find("total_connections_received:") + 27);
    };
    auto const before = connections();
    for (int i = 0; i != 20; ++i) CHECK(db.execute(store::find({}, buffer, now)).outcome == store::outcome::done);
    CHECK(connections() == before + 1); // the question itself: one connection served all
    CHECK(db.execute(store::take({}, buffer, now)).outcome == store::outcome::done);
    CHECK(buffer == large);
    CHECK(db.execute(store::take({}, buffer, now)).outcome == store::outcome::not_applied);

    auto const refused = [&](auto change) {
        auto other = params;
        change(other.tls);
        store::redis one{other};
        CHECK(one.connect(now).error() == errc::store_unavailable);
        MESSAGE(one.last_error());
    };
    refused([&](auto& tls) { tls.ca_file = made.file("theirs.pem"); });
    refused([&](auto& tls) { tls.ca_file = made.file("nothing.pem"); });
    refused([&](auto& tls) { tls.ca_file.clear(); });
    refused([&](auto& tls) { tls.certificate_file.clear(), tls.key_file.clear(); });
    if (checks_names) refused([&](auto& tls) { tls.name = "redis.example.com"; });
    store::redis_params plain = params;
    plain.tls = {};
    plain.reply_timeout = 300ms;
    CHECK_FALSE(store::redis{plain}.connect(now));
}
#endif

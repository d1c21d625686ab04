#include "contract.hpp"
#include "postgres_server.hpp"

#include <signet/store/postgres.hpp>

#include <atomic>
#include <thread>

using namespace signet;
using namespace std::chrono_literals;

namespace {

constexpr unix_time now{std::chrono::seconds{1'800'000'000}};
constexpr unix_time later = now + std::chrono::seconds{600};

#define NEEDS_POSTGRES                                                                                                 \
    if (postgres_server::programs().empty()) {                                                                         \
        MESSAGE("skipped: PostgreSQL is not installed (./dev installs it)");                                           \
        return;                                                                                                        \
    }

// One server for all tests that do not break it, and a schema of its own for each.
postgres_server& common() {
    static postgres_server server;
    return server;
}
std::string fresh_schema(postgres_server& server) {
    static int n = 0;
    auto const name = "s" + std::to_string(++n);
    server.tell("CREATE SCHEMA " + name);
    auto const conninfo = server.conninfo("options=-csearch_path=" + name);
    store::postgres owner{{.conninfo = conninfo}};
    auto const made = owner.migrate(now);
    REQUIRE_MESSAGE(made, owner.last_error());
    return conninfo;
}

store::postgres_params at(std::string const& conninfo) {
    return {.conninfo = conninfo, .connect_timeout = 20s, .reply_timeout = 20s}; // this machine may be busy
}

} // namespace

static_assert(store::blocking_store<store::postgres>);

TEST_CASE("store contract: postgres, one connection a thread") {
    NEEDS_POSTGRES
    auto const conninfo = fresh_schema(common());
    check_contract([&] { return store::postgres{at(conninfo)}; }, {.rounds = 5});
}

TEST_CASE("store contract: postgres, threads sharing one connection") {
    NEEDS_POSTGRES
    store::postgres db{at(fresh_schema(common()))};
    check_contract([&] { return testing::shared_store<store::postgres>{&db}; }, {.threads = 16, .rounds = 5});
}

// What the tests of the stores in PostgreSQL share: servers, and in them a schema for each test.
#pragma once

#include "contract.hpp"
#include "postgres_server.hpp"
#include "support/wait.hpp"

#include <signet/store/postgres.hpp>

#include <cerrno>
#include <sstream>

using namespace signet;
using namespace std::chrono_literals;

inline constexpr unix_time now{std::chrono::seconds{1'800'000'000}};
inline constexpr unix_time later = now + std::chrono::seconds{600};
inline std::array<std::uint8_t, 64> buffer;

#define NEEDS_POSTGRES                                                                                                 \
    if (postgres_server::programs().empty()) {                                                                         \
        MESSAGE("skipped: PostgreSQL is not installed (./dev installs it)");                                           \
        return;                                                                                                        \
    }

inline store::postgres_params at(std::string const& conninfo) {
    return {.conninfo = conninfo, .connect_timeout = 20s, .reply_timeout = 20s, .retry_after = 0ms}; // a busy machine
}

// The tables were made the day before: single use is refused for what was issued by then.
inline void migrate(std::string const& conninfo, unix_time when = now - std::chrono::hours{24}) {
    store::postgres owner{at(conninfo)};
    auto const made = owner.migrate(when);
    REQUIRE_MESSAGE(made, owner.last_error());
}

// One server for all tests that do not break it, and one to be broken; in them a schema for each test.
inline postgres_server& common() {
    static postgres_server server;
    return server;
}
inline postgres_server& to_be_killed() {
    static postgres_server server;
    return server;
}
struct own_schema {
    postgres_server& server;
    std::string name, conninfo;
    explicit own_schema(postgres_server& on = common()) : server{on} {
        static int n = 0;
        name = "s" + std::to_string(++n);
        server.tell("CREATE SCHEMA " + name);
        conninfo = server.conninfo("options=-csearch_path=" + name);
        migrate(conninfo);
    }
    std::string tell(std::string const& sql) const { return server.tell(sql, "options=-csearch_path=" + name); }
    std::string with(std::string const& setting) const {
        return server.conninfo("options='-csearch_path=" + name + " -c" + setting + "'");
    }
    // A write of "bad" and an SQLSTATE ends with that error of the server.
    void refuse_bad(std::string const& when = "") const {
        tell("CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF substr(NEW.bytes, 1, 3) = 'bad' "
             "THEN RAISE EXCEPTION 'no' USING ERRCODE = convert_from(substr(NEW.bytes, 4), 'UTF8'); END IF;"
             " RETURN NEW; END $$; CREATE CONSTRAINT TRIGGER refuse AFTER INSERT OR UPDATE ON signet_record " +
             when + " FOR EACH ROW EXECUTE FUNCTION refuse()");
    }
};

// The connections end, as they do when a server does. Their processes are waited for: the system closes a socket when
// its process is gone, which is after the server has struck it off its list.
inline void cut_connections() {
    std::istringstream ended{
        common().tell("SELECT string_agg(CASE WHEN pg_terminate_backend(pid) THEN pid::text END, ' ')"
                      " FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'")};
    for (pid_t process = 0; ended >> process;)
        wait_at_most(30s, [&] { return ::kill(process, 0) != 0 && errno == ESRCH; });
}

// Single use is refused for what was issued by now, such as the record with the first key, and not for what comes
// later.
void check_single_use_restarts(auto& db, std::uint64_t old_record, std::uint64_t fresh) {
    CHECK(done(db.execute(store::find(key_of(old_record), buffer, now))));
    CHECK(failed(db.execute(store::take(key_of(old_record), buffer, now)), errc::store_restarted));
    CHECK(done(db.execute(store::find(key_of(old_record), buffer, now)))); // it stays
    CHECK(failed(db.execute(store::insert_once(key_of(fresh), {}, later, now, now)), errc::store_restarted));
    CHECK(failed(db.execute(store::replace_once(key_of(fresh), 1, {}, later, now, now)), errc::store_restarted));
    // What is issued from now on.
    CHECK(done(db.execute(store::insert_once(key_of(fresh), {}, later, now + 1s, now + 1s))));
    CHECK(done(db.execute(store::take(key_of(fresh), buffer, now + 1s))));
}

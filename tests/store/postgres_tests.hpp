// What the tests of the store in PostgreSQL share.
#pragma once

#include "contract.hpp"
#include "postgres_server.hpp"

#include <signet/store/postgres.hpp>

#include <array>
#include <chrono>

inline constexpr signet::unix_time now{std::chrono::seconds{1'800'000'000}};
inline constexpr signet::unix_time later = now + std::chrono::seconds{600};
inline std::array<std::uint8_t, 64> buffer;

#define NEEDS_POSTGRES                                                                                                 \
    if (postgres_server::programs().empty()) {                                                                         \
        MESSAGE("skipped: PostgreSQL is not installed (./dev installs it)");                                           \
        return;                                                                                                        \
    }

inline signet::store::postgres_params at(std::string const& conninfo) {
    using namespace std::chrono_literals;
    return {.conninfo = conninfo, .connect_timeout = 20s, .reply_timeout = 20s, .retry_after = 0ms}; // a busy machine
}

inline void migrate(std::string const& conninfo) {
    signet::store::postgres owner{at(conninfo)};
    auto const made = owner.migrate(now);
    REQUIRE_MESSAGE(made, owner.last_error());
}

// Single use is refused for what was issued by now, such as the record with the first key, and not for what comes
// later.
inline void check_single_use_restarts(signet::store::postgres& db, std::uint64_t old_record, std::uint64_t fresh) {
    using namespace signet;
    using namespace std::chrono_literals;
    CHECK(done(db.execute(store::find(key_of(old_record), buffer, now))));
    CHECK(failed(db.execute(store::take(key_of(old_record), buffer, now)), errc::store_restarted));
    CHECK(done(db.execute(store::find(key_of(old_record), buffer, now)))); // it stays
    CHECK(failed(db.execute(store::insert_once(key_of(fresh), {}, later, now, now)), errc::store_restarted));
    CHECK(failed(db.execute(store::replace_once(key_of(fresh), 1, {}, later, now, now)), errc::store_restarted));
    // What is issued from now on.
    CHECK(done(db.execute(store::insert_once(key_of(fresh), {}, later, now + 1s, now + 1s))));
    CHECK(done(db.execute(store::take(key_of(fresh), buffer, now + 1s))));
}

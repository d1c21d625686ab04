// SPDX-License-Identifier: BSL-1.0
// A store in PostgreSQL: for the processes of many machines. Link with libpq.
#pragma once

#include <signet/store/breaker.hpp>

#include <memory>
#include <string>

namespace signet { inline namespace SIGNET_ABI { namespace store {

/// Where the server is, and how it is used.
struct postgres_params {
    /// libpq's connection string or URI. Between machines it should have `sslmode=verify-full`, because by default
    /// libpq continues without TLS. It is kept for reconnecting, wiped on destruction, and never part of an error.
    std::string conninfo;
    /// The longest time for connecting, with all hosts of the string together. libpq resolves names before it starts.
    std::chrono::milliseconds connect_timeout{1000};
    /// The longest time for one call, from the first octet sent to the last received.
    std::chrono::milliseconds reply_timeout{2000};
    /// The longest time that calls fail at once after failed attempts to connect. It starts at 50 ms and doubles.
    std::chrono::milliseconds retry_after{1000};
    /// A breaker that connections with the same parameters share, so that only one of them tries while the server is
    /// down; then `retry_after` is not used. Empty: the connection has its own.
    std::shared_ptr<store::breaker> breaker{};
    /// How long an expired record may stay, for a clock that steps back.
    std::chrono::seconds slack{60};
    /// Requires that commits wait for a standby: `synchronous_standby_names` must not be empty.
    bool synchronous_standby = false;
    /// Allows lasting writes and single use on a server that may lose acknowledged writes (see
    /// `accepts_lasting_writes`). After a crash there, revoked sessions, blocked devices and spent refresh tokens may
    /// become valid again, and what was used once may be used again.
    bool may_forget_revocations = false;
};

/// One connection to a PostgreSQL server, version 12 or later. It connects when it is first needed, and again after the
/// connection was lost.
///
/// Each verb is one prepared statement and one round trip that uses the caller's `now`. While the server is down every
/// call fails with `store_unavailable`. A write whose reply was lost, or came too late, fails with `outcome_unknown`
/// and is not repeated. Every 32nd insert removes some expired records, in a round trip more; so does `remove_expired`.
///
/// Lasting writes and single use need a server that does not lose acknowledged writes. Every write is lasting unless it
/// is marked `forgettable`. The server needs `fsync`, `full_page_writes`, `synchronous_commit` on or remote_apply,
/// `default_transaction_isolation` read committed, `client_min_messages` below error, and a table that is logged. These
/// are read at each connect, and again every `fitness_lasts`. Otherwise these verbs fail with `store_unfit`; `find`
/// continues to work. A standby is not used at all.
///
/// Single use: after a failover or a restore the last writes may be missing. So single use fails with `store_restarted`
/// for what was issued before this timeline of the database, and this file of its table, were first seen; the table
/// signet_lineage records when. Statements that rewrite the whole table, such as TRUNCATE and VACUUM FULL, make a new
/// file.
///
/// It works behind a proxy that pools transactions; if the proxy loses prepared statements, each call sends the text of
/// its statement. In separate compilation mode, one .cpp of the program includes <signet/store/impl/postgres.ipp>.
///
/// Thread safety: may be called concurrently; calls run one after another.
///
/// Example: `store::postgres db{{.conninfo = "host=db.example user=shop sslmode=verify-full"}}; db.execute(ask);`
class postgres {
public:
    /// Makes the object without connecting.
    explicit SIGNET_DECL postgres(postgres_params params);
    SIGNET_DECL postgres(postgres&&) noexcept;
    SIGNET_DECL postgres& operator=(postgres&&) noexcept;
    SIGNET_DECL ~postgres();

    /// Creates the tables if they are missing, in the first schema of the role's `search_path`. Needs a role that may
    /// create tables; all other calls need SELECT, INSERT, UPDATE and DELETE only. With new tables, single use of what
    /// was issued until `now` is refused, because earlier tables may have been dropped.
    ///
    /// Errors: `store_unavailable`; `unknown_store_schema` for tables of another version.
    [[nodiscard]] SIGNET_DECL result<void> migrate(unix_time now);

    /// Connects now, to see at start-up whether it works. `execute` connects by itself if needed.
    ///
    /// Errors: `store_unavailable`; `unknown_store_schema` if the tables are missing, or another version's.
    [[nodiscard]] SIGNET_DECL result<void> connect(unix_time now);

    SIGNET_DECL reply execute(request const& ask);
    /// Executes all requests in one round trip and one transaction, ordered by key. If one of them fails, nothing has
    /// happened, and each is executed by itself.
    SIGNET_DECL void execute_many(std::span<request const> asks, std::span<reply> replies);

    /// Removes at most `max_count` records that expired before `now` less the slack. Returns how many. Several
    /// processes may do so at once; they do not wait for each other.
    [[nodiscard]] SIGNET_DECL result<std::size_t> remove_expired(unix_time now, std::size_t max_count = 1000);

    /// Returns the records a page at a time, in the order of their keys, each exactly once: see `scannable_store` in
    /// <signet/store/scan.hpp>. Needs SELECT. A position is valid for every database.
    [[nodiscard]] SIGNET_DECL result<void> scan(scan_position& position, unix_time now, scan_page& page);

    /// Returns whether the server of the last connection is configured not to lose acknowledged writes, or this check
    /// is waived. Otherwise lasting writes and single use fail with `store_unfit`.
    [[nodiscard]] SIGNET_DECL bool accepts_lasting_writes() const;
    /// Returns a text about the last failure, for a log: from the system, the server, or the check of its settings. It
    /// contains no values of records and nothing of the connection string.
    [[nodiscard]] SIGNET_DECL std::string last_error() const;

private:
    struct body;
    std::unique_ptr<body> body_;
};

}}} // namespace signet::store

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/store/impl/postgres.ipp>
#endif

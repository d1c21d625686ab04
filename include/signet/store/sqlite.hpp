// SPDX-License-Identifier: BSL-1.0
// A store in a SQLite file: what survives a crash, for the processes of one machine. Link with libsqlite3.
#pragma once

#include <signet/store/store.hpp>

#include <memory>
#include <string>

namespace signet { inline namespace SIGNET_ABI { namespace store {

/// How a file is opened.
struct sqlite_params {
    std::string path; ///< created where it is missing; its directory must exist and be on a local disk (WAL)
    /// How long a call waits for other writers before it is `store_unavailable`.
    std::chrono::milliseconds busy{5000};
    /// Bound on the file; beyond it writes are `store_full`. 0: none.
    std::uint64_t max_bytes = 0;
    /// By name: a power loss may bring back what was taken and undo a revocation, since commits no longer wait for the
    /// disk (synchronous=NORMAL). Single-use verbs are then refused with `store_unfit`. A crash of the process alone
    /// loses nothing in either mode.
    bool forget_on_power_loss = false;
    /// How long an expired record may stay for a clock that steps back.
    std::chrono::seconds slack{60};
};

/// One connection to a SQLite database in WAL mode, with a table of records that it shares with other connections.
///
/// Threads may share one object, which does one thing at a time; several objects on one file, of one process or many,
/// work side by side. A verb is done only after its commit is on the disk; where the disk fails in the middle the reply
/// is `outcome_unknown`. Expired records are removed a few at a time, with every 32nd insert or by `remove_expired`.
///
/// In separate compilation mode, one .cpp of the program includes <signet/store/impl/sqlite.ipp>.
/// Example: `auto db = store::sqlite::open({.path = "sessions.db"}); if (!db) return db.error(); db->execute(ask);`
class sqlite {
public:
    /// Opens or creates; brings the table of an older signet up to date.
    /// Errors: `store_unavailable` (no such directory, no SQLite database, locked for longer than `busy`),
    /// `unknown_store_schema` (written by a newer signet, or a database of something else).
    [[nodiscard]] static SIGNET_DECL result<sqlite> open(sqlite_params const& options);
    SIGNET_DECL sqlite(sqlite&&) noexcept;
    SIGNET_DECL sqlite& operator=(sqlite&&) noexcept;
    /// Closes; the last connection of a file folds its log into it.
    SIGNET_DECL ~sqlite();

    SIGNET_DECL reply execute(request const& ask);
    /// One transaction where all are reads; else one after the other, since each write is to be durable by itself.
    SIGNET_DECL void execute_many(std::span<request const> asks, std::span<reply> replies);

    /// Removes at most `most` records that expired before `now` less the slack, and says how many.
    [[nodiscard]] SIGNET_DECL result<std::size_t> remove_expired(unix_time now, std::size_t most = 256);

    /// SQLite's words on the last failure, for a log; without values of records.
    [[nodiscard]] SIGNET_DECL std::string last_error() const;

private:
    struct body;
    explicit sqlite(std::unique_ptr<body> b) noexcept;
    std::unique_ptr<body> body_;
};

}}} // namespace signet::store

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/store/impl/sqlite.ipp>
#endif

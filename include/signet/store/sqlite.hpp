// SPDX-License-Identifier: BSL-1.0
// A store in a SQLite file: what survives a crash, for the processes of one machine. Link with libsqlite3.
#pragma once

#include <signet/store/store.hpp>

#include <memory>
#include <string>

namespace signet { inline namespace SIGNET_ABI { namespace store {

/// How a file is opened.
struct sqlite_params {
    /// Created if missing, for its owner alone (mode 0600); an existing file keeps its mode. Its directory must exist
    /// and be on a local disk (WAL).
    std::string path;
    /// The longest time that a call waits for other connections' writers before it fails with `store_unavailable`, by
    /// the system's steady clock. Calls on one object wait for each other besides.
    std::chrono::milliseconds busy{5000};
    /// The largest size of the file; beyond it writes fail with `store_full`. 0: no limit.
    std::uint64_t max_bytes = 0;
    /// Allows a power loss to restore records that were taken and to undo a revocation, because commits do not wait for
    /// the disk (synchronous=NORMAL). Single-use verbs then fail with `store_unfit`. A crash of the process loses
    /// nothing in either mode.
    bool forget_on_power_loss = false;
    /// How long an expired record may stay, for a clock that steps back.
    std::chrono::seconds slack{60};
};

/// The size, in octets, to which a database's log is truncated after it has grown, for example during another program's
/// long read.
inline constexpr int max_sqlite_log = 4 << 20;

/// One connection to a SQLite database in WAL mode, in which a table has the records. Several connections, of one
/// process or many, may use one file.
///
/// A write is `done` after its commit is on the disk. If the disk fails during the commit, the reply is
/// `outcome_unknown`. Every 32nd insert removes some expired records; so does `remove_expired`. In separate compilation
/// mode, one .cpp of the program includes <signet/store/impl/sqlite.ipp>.
///
/// Thread safety: may be called concurrently; calls run one after another.
///
/// Example: `auto db = store::sqlite::open({.path = "sessions.db"}); if (!db) return db.error(); db->execute(ask);`
class sqlite {
public:
    /// Opens or creates a file. Updates the table of an older signet.
    ///
    /// Errors: `store_unavailable` for a missing directory, a file that is not a SQLite database, or one locked for
    /// longer than `busy`; `unknown_store_schema` for a file of a newer signet, or a database of something else.
    [[nodiscard]] static SIGNET_DECL result<sqlite> open(sqlite_params const& params);
    SIGNET_DECL sqlite(sqlite&&) noexcept;
    SIGNET_DECL sqlite& operator=(sqlite&&) noexcept;
    /// Closes the connection. The last connection of a file folds its log into it.
    SIGNET_DECL ~sqlite();

    SIGNET_DECL reply execute(request const& ask);
    /// Executes requests: in one transaction if all of them read, otherwise one after another, because each write must
    /// be durable by itself.
    SIGNET_DECL void execute_many(std::span<request const> asks, std::span<reply> replies);

    /// Removes at most `max_count` records that expired before `now` less the slack. Returns how many.
    [[nodiscard]] SIGNET_DECL result<std::size_t> remove_expired(unix_time now, std::size_t max_count = 256);

    /// Returns the records a page at a time, in the order of their keys, each exactly once: see `scannable_store` in
    /// <signet/store/scan.hpp>. Writers do not wait for it. A position is valid for every file.
    [[nodiscard]] SIGNET_DECL result<void> scan(scan_position& position, unix_time now, scan_page& page);

    /// Returns SQLite's words for the last failure, for a log. They contain no values of records.
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

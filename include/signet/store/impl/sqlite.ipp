// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/store/impl/bounded.hpp>
#include <signet/store/impl/scan_place.hpp>
#include <signet/store/impl/sqlite_patience.hpp>
#include <signet/store/sqlite.hpp>

#include <cerrno>
#include <cstring>
#include <iterator>
#include <mutex>
#include <new>
#include <string>

#include <sqlite3.h>
#if __has_include(<sys/stat.h>) && !defined(_WIN32)
#    include <fcntl.h>
#    include <sys/stat.h>
#    include <unistd.h>
#endif

namespace signet { inline namespace SIGNET_ABI { namespace store {

namespace detail {

static_assert(SQLITE_VERSION_NUMBER >= 3'037'000, "RETURNING and STRICT tables");

// Marks our files in SQLite's header: "SGNT".
inline constexpr int sqlite_application = 0x53474e54;

// Step i brings a file from schema i to i + 1; PRAGMA user_version says where it stands. Steps are only ever added.
inline constexpr char const* sqlite_migrations[] = {
    "CREATE TABLE record(key BLOB PRIMARY KEY NOT NULL, version INTEGER NOT NULL, expires INTEGER NOT NULL,"
    " bytes BLOB NOT NULL) STRICT, WITHOUT ROWID",
    "CREATE INDEX record_by_expiry ON record(expires)",
};
inline constexpr int sqlite_schema = static_cast<int>(std::size(sqlite_migrations));

// The verbs. Each is one statement, so SQLite makes it atomic; who won is told by changes() or by the row returned.
enum sqlite_verb {
    sqlite_find,
    sqlite_insert,
    sqlite_replace,
    sqlite_take,
    sqlite_erase,
    sqlite_remove,
    sqlite_scan,
    sqlite_verbs
};
inline constexpr char const* sqlite_text[] = {
    "SELECT version, expires, bytes FROM record WHERE key = :key AND expires > :now",

    "INSERT INTO record(key, version, expires, bytes) VALUES(:key, :new, :expires, :bytes)"
    " ON CONFLICT(key) DO UPDATE SET version = :new, expires = :expires, bytes = :bytes WHERE expires <= :now",

    "UPDATE record SET version = :new, expires = :expires, bytes = :bytes"
    " WHERE key = :key AND version = :version AND expires > :now",

    "DELETE FROM record WHERE key = :key AND expires > :now AND length(bytes) <= :size RETURNING version, expires, bytes",

    "DELETE FROM record WHERE key = :key AND expires > :now AND (:version = 0 OR version = :version)",

    "DELETE FROM record WHERE key IN (SELECT key FROM record WHERE expires <= :now ORDER BY expires LIMIT :max)",

    // From the empty blob on, which stands before all others.
    "SELECT key, version, expires, bytes FROM record WHERE key > :key AND length(key) = 32 ORDER BY key LIMIT :max",
};
static_assert(std::size(sqlite_text) == sqlite_verbs);

// A file that is not there yet is made for its owner alone; SQLite gives its log and index the same mode. No descriptor
// is opened where that is possible: closing one would release the locks of this process's connections.
inline void make_private(std::string const& path) noexcept {
#if __has_include(<sys/stat.h>) && !defined(_WIN32)
    if (path.empty() || path == ":memory:") return; // no file
#    ifdef __linux__
    if (::mknod(path.c_str(), S_IFREG | S_IRUSR | S_IWUSR, 0) == 0 || errno == EEXIST) return;
#    endif
    auto const file = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (file >= 0) ::close(file);
#else
    (void)path;
#endif
}

// A path, where SQLite would see a name of its own: URIs are not taken.
inline std::string sqlite_name(std::string const& path) {
    bool const special = path.starts_with("file:") || (path.starts_with(':') && path != ":memory:");
    return special ? "./" + path : path;
}

} // namespace detail

struct sqlite::body {
    sqlite_params params;
    detail::sqlite_patience patience{};
    ::sqlite3* db = nullptr;
    ::sqlite3_stmt* statements[detail::sqlite_verbs]{};
    detail::version_walk versions;
    unsigned inserts = 0;
    std::string words; // of the last failure
    mutable std::mutex lock;

    explicit body(sqlite_params const& o) : params{o} {
        params.slack = detail::bounded(params.slack);
        patience.max = detail::bounded(o.busy);
    }
    body(body const&) = delete;
    body& operator=(body const&) = delete;
    ~body() {
        for (auto* s : statements) sqlite3_finalize(s);
        sqlite3_close(db);
    }

    // Keeps what SQLite says of a failure. It must not throw: the statement, and perhaps a transaction, is still open.
    void keep_words() noexcept {
        try {
            words = db ? sqlite3_errmsg(db) : "out of memory";
        } catch (std::bad_alloc const&) { words.clear(); }
    }

    // ---- opening

    bool run(char const* sql) {
        if (sqlite3_exec(db, sql, nullptr, nullptr, nullptr) == SQLITE_OK) return true;
        keep_words();
        return false;
    }
    bool read(char const* sql, std::int64_t& value) {
        sqlite3_stmt* s = nullptr;
        auto const good = sqlite3_prepare_v2(db, sql, -1, &s, nullptr) == SQLITE_OK && sqlite3_step(s) == SQLITE_ROW;
        if (good) value = sqlite3_column_int64(s, 0);
        else keep_words();
        sqlite3_finalize(s);
        return good;
    }
    result<void> open();
    result<void> migrate();

    // ---- verbs

    void bind(sqlite3_stmt* s, char const* name, std::int64_t value) {
        if (auto const at = sqlite3_bind_parameter_index(s, name)) sqlite3_bind_int64(s, at, value);
    }
    void bind(sqlite3_stmt* s, char const* name, bytes_view value) {
        auto const at = sqlite3_bind_parameter_index(s, name);
        if (at == 0) return;
        if (value.empty()) sqlite3_bind_zeroblob(s, at, 0); // a null pointer would mean NULL
        else sqlite3_bind_blob(s, at, value.data(), static_cast<int>(value.size()), SQLITE_STATIC);
    }
    reply failure(int code, bool writes) {
        keep_words();
        switch (code & 0xff) {
        case SQLITE_BUSY:
        case SQLITE_LOCKED:
        case SQLITE_NOTADB:
        case SQLITE_CORRUPT:
        case SQLITE_CANTOPEN:
        case SQLITE_READONLY: return reply::failure(errc::store_unavailable); // SQLite rolled back
        case SQLITE_FULL:
        case SQLITE_TOOBIG: return reply::failure(errc::store_full);
        default: return reply::failure(writes ? errc::outcome_unknown : errc::store_unavailable);
        }
    }
    reply execute(request const& ask);
    reply finish(sqlite3_stmt* s, request const& ask);
    std::int64_t remove(std::int64_t until, std::size_t max_count);
    int scan_rows(std::optional<record_key>& last, std::int64_t now, scan_page& page);
    result<void> scan(scan_position& position, std::int64_t now, scan_page& page);
};

SIGNET_DECL result<void> sqlite::body::open() {
    auto const flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX; // we have our own lock
    detail::make_private(params.path);
    if (sqlite3_open_v2(detail::sqlite_name(params.path).c_str(), &db, flags, nullptr) != SQLITE_OK) {
        keep_words();
        return errc::store_unavailable;
    }
    sqlite3_busy_handler(db, &detail::sqlite_patience::wait, &patience);
    sqlite3_extended_result_codes(db, 1);

    // FULL: the log is on the disk before a commit is answered. secure_delete: what was taken leaves no trace in the
    // file.
    if (!run("PRAGMA journal_mode=WAL; PRAGMA secure_delete=ON; PRAGMA trusted_schema=OFF"))
        return errc::store_unavailable;
    if (!run(params.forget_on_power_loss ? "PRAGMA synchronous=NORMAL" : "PRAGMA synchronous=FULL"))
        return errc::store_unavailable;
    auto const log_limit = "PRAGMA journal_size_limit=" + std::to_string(max_sqlite_log);
    if (!run(log_limit.c_str())) return errc::store_unavailable;
    if (auto good = migrate(); !good) return good;
    if (params.max_bytes != 0) {
        std::int64_t page = 0;
        if (!read("PRAGMA page_size", page)) return errc::store_unavailable;
        auto const limit =
            "PRAGMA max_page_count=" + std::to_string(params.max_bytes / static_cast<std::uint64_t>(page) + 1);
        if (!run(limit.c_str())) return errc::store_unavailable;
    }
    std::int64_t start = 0;
    if (!read("SELECT random()", start)) return errc::store_unavailable;
    versions = detail::version_walk{static_cast<std::uint64_t>(start)};

    for (int i = 0; i != detail::sqlite_verbs; ++i) {
        if (sqlite3_prepare_v3(db, detail::sqlite_text[i], -1, SQLITE_PREPARE_PERSISTENT, &statements[i], nullptr) !=
            SQLITE_OK) {
            keep_words();
            return errc::unknown_store_schema;
        }
    }
    return {};
}

SIGNET_DECL result<void> sqlite::body::migrate() {
    std::int64_t version = 0, application = 0, tables = 0;
    auto const look = [&] {
        return read("PRAGMA user_version", version) && read("PRAGMA application_id", application) &&
               read("SELECT count(*) FROM sqlite_schema", tables);
    };
    if (!look()) return errc::store_unavailable;
    if (version == detail::sqlite_schema && application == detail::sqlite_application) return {};

    if (!run("BEGIN IMMEDIATE")) return errc::store_unavailable; // of several that open at once, one does it
    auto const undo = [&](errc why) -> result<void> {
        run("ROLLBACK");
        return why;
    };
    if (!look()) return undo(errc::store_unavailable);
    auto const ours = application == detail::sqlite_application;
    if (ours ? version < 1 || version > detail::sqlite_schema : tables != 0 || version != 0) {
        words = ours ? "the file was written by a newer signet" : "the file is another program's";
        return undo(errc::unknown_store_schema);
    }
    for (; version != detail::sqlite_schema; ++version) {
        if (!run(detail::sqlite_migrations[version])) return undo(errc::store_unavailable);
    }
    auto const mark = "PRAGMA application_id=" + std::to_string(detail::sqlite_application) +
                      "; PRAGMA user_version=" + std::to_string(detail::sqlite_schema);
    if (!run(mark.c_str()) || !run("COMMIT")) return undo(errc::store_unavailable);
    return {};
}

SIGNET_DECL reply sqlite::body::execute(request const& ask) {
    if (auto wrong = detail::check(ask); wrong.outcome == outcome::failed) return wrong;
    if (ask.single_use && params.forget_on_power_loss) return reply::failure(errc::store_unfit);
    auto* s = statements[static_cast<std::size_t>(ask.verb)]; // both enumerations have the same order
    auto const now = detail::seconds(ask.now);
    auto const version = versions.next();
    bind(s, ":key", ask.key);
    bind(s, ":now", now);
    bind(s, ":version", static_cast<std::int64_t>(ask.version));
    bind(s, ":new", static_cast<std::int64_t>(version));
    bind(s, ":expires", detail::seconds(ask.record.expires));
    bind(s, ":bytes", ask.record.bytes);
    bind(s, ":size", static_cast<std::int64_t>(ask.into.size()));

    auto answer = finish(s, ask);
    if (sqlite3_reset(s) != SQLITE_OK && answer.outcome != outcome::failed)
        answer = failure(sqlite3_errcode(db), ask.verb != verb::find);
    sqlite3_clear_bindings(s);
    if (answer.outcome == outcome::done && (ask.verb == verb::insert || ask.verb == verb::replace))
        answer.record.version = version;
    if (ask.verb == verb::insert && ++inserts % 32 == 0) remove(now - params.slack.count(), 64);
    return answer;
}

SIGNET_DECL reply sqlite::body::finish(sqlite3_stmt* s, request const& ask) {
    auto const reads = ask.verb == verb::find || ask.verb == verb::take;
    auto answer = reply::not_applied();
    auto code = sqlite3_step(s);
    if (code == SQLITE_ROW) {
        auto const* octets = static_cast<std::uint8_t const*>(sqlite3_column_blob(s, 2));
        auto const size = static_cast<std::size_t>(sqlite3_column_bytes(s, 2));
        if (size > ask.into.size()) return reply::failure(errc::buffer_too_small, size);
        if (size != 0) std::memcpy(ask.into.data(), octets, size);
        answer = reply::success({ask.into.first(size), unix_time{std::chrono::seconds{sqlite3_column_int64(s, 1)}},
                                 static_cast<std::uint64_t>(sqlite3_column_int64(s, 0))});
        code = sqlite3_step(s); // what was taken is given out only after the commit
    }
    if (code != SQLITE_DONE) {
        if (answer.outcome == outcome::done) wipe(ask.into.first(answer.record.bytes.size()));
        return failure(code, ask.verb != verb::find);
    }
    if (!reads && sqlite3_changes(db) == 1) return reply::success();

    if (ask.verb == verb::take && answer.outcome == outcome::not_applied) { // not there, or larger than the buffer?
        auto* look = statements[detail::sqlite_find];
        bind(look, ":key", ask.key);
        bind(look, ":now", detail::seconds(ask.now));
        if (sqlite3_step(look) == SQLITE_ROW &&
            static_cast<std::size_t>(sqlite3_column_bytes(look, 2)) > ask.into.size()) {
            answer = reply::failure(errc::buffer_too_small, static_cast<std::size_t>(sqlite3_column_bytes(look, 2)));
        }
        sqlite3_reset(look);
        sqlite3_clear_bindings(look);
    }
    return answer;
}

SIGNET_DECL std::int64_t sqlite::body::remove(std::int64_t until, std::size_t max_count) {
    auto* s = statements[detail::sqlite_remove];
    bind(s, ":now", until);
    bind(s, ":max", static_cast<std::int64_t>(max_count));
    auto const code = sqlite3_step(s);
    auto const count = code == SQLITE_DONE ? sqlite3_changes(db) : -1;
    if (count < 0) keep_words();
    sqlite3_reset(s);
    return count;
}

// Adds what the rows are. Returns SQLITE_ROW if more may follow, SQLITE_DONE at the end, or an error.
SIGNET_DECL int sqlite::body::scan_rows(std::optional<record_key>& last, std::int64_t now, scan_page& page) {
    auto* s = statements[detail::sqlite_scan];
    for (std::size_t looked = 0;; ++looked) {
        auto const code = sqlite3_step(s);
        if (code == SQLITE_DONE) return looked == page.max_count() ? SQLITE_ROW : SQLITE_DONE;
        if (code != SQLITE_ROW) return code;
        auto const expires = sqlite3_column_int64(s, 2);
        auto const* octets = static_cast<std::uint8_t const*>(sqlite3_column_blob(s, 3));
        auto const size = static_cast<std::size_t>(sqlite3_column_bytes(s, 3));
        auto const version = static_cast<std::uint64_t>(sqlite3_column_int64(s, 1));
        record_key key{};
        std::memcpy(key.data(), sqlite3_column_blob(s, 0), key.size()); // of that size, says the statement
        if (!detail::add_scanned(page, key, version, expires, {octets, size}, now)) return SQLITE_ROW;
        last = key;
    }
}

SIGNET_DECL result<void> sqlite::body::scan(scan_position& position, std::int64_t now, scan_page& page) {
    std::optional<record_key> last;
    if (!detail::read_name(position, detail::sqlite_scan_kind, last)) return errc::invalid_scan_position;
    auto* s = statements[detail::sqlite_scan];
    auto const from = last;
    bind(s, ":key", from ? bytes_view{*from} : bytes_view{});
    bind(s, ":max", static_cast<std::int64_t>(page.max_count()));
    struct end { // also where memory runs out
        sqlite3_stmt* s;
        ~end() {
            sqlite3_reset(s);
            sqlite3_clear_bindings(s);
        }
    } const ended{s};
    auto const code = scan_rows(last, now, page);
    if (code != SQLITE_ROW && code != SQLITE_DONE) {
        page.clear();
        return failure(code, false).error;
    }
    if (code == SQLITE_DONE || !last) {
        position = scan_position::over();
        return {};
    }
    auto next = detail::write_name(detail::sqlite_scan_kind, *last);
    if (!next) return next.error();
    position = *std::move(next);
    return {};
}

// ---- the shell

SIGNET_DECL result<sqlite> sqlite::open(sqlite_params const& params) {
    auto b = std::make_unique<body>(params);
    if (auto good = b->open(); !good) return good.error();
    return sqlite{std::move(b)};
}

SIGNET_DECL sqlite::sqlite(std::unique_ptr<body> b) noexcept : body_{std::move(b)} {}
SIGNET_DECL sqlite::sqlite(sqlite&&) noexcept = default;
SIGNET_DECL sqlite& sqlite::operator=(sqlite&&) noexcept = default;
SIGNET_DECL sqlite::~sqlite() = default;

SIGNET_DECL reply sqlite::execute(request const& ask) {
    std::lock_guard hold{body_->lock};
    body_->patience.begin_call();
    return body_->execute(ask);
}

SIGNET_DECL void sqlite::execute_many(std::span<request const> asks, std::span<reply> replies) {
    std::lock_guard hold{body_->lock};
    body_->patience.begin_call();
    auto reads_only = true;
    for (auto const& ask : asks) reads_only = reads_only && ask.verb == verb::find;
    auto const together = reads_only && body_->run("BEGIN");
    for (std::size_t i = 0; i != asks.size(); ++i) replies[i] = body_->execute(asks[i]);
    if (together) body_->run("COMMIT");
}

SIGNET_DECL result<std::size_t> sqlite::remove_expired(unix_time now, std::size_t max_count) {
    std::lock_guard hold{body_->lock};
    body_->patience.begin_call();
    auto const count = body_->remove(detail::seconds(now) - body_->params.slack.count(), max_count);
    if (count < 0) return errc::store_unavailable;
    return static_cast<std::size_t>(count);
}

SIGNET_DECL result<void> sqlite::scan(scan_position& position, unix_time now, scan_page& page) {
    page.clear();
    if (position.is_over()) return {};
    std::lock_guard hold{body_->lock};
    body_->patience.begin_call();
    return body_->scan(position, detail::seconds(now), page);
}

SIGNET_DECL std::string sqlite::last_error() const {
    std::lock_guard hold{body_->lock};
    return body_->words;
}

}}} // namespace signet::store

// SPDX-License-Identifier: BSL-1.0
// All SQL of the PostgreSQL adapter. What is asked is sent as parameters, never as text.
#pragma once

#include <signet/version.hpp>

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>

namespace signet { inline namespace SIGNET_ABI { namespace store { namespace detail {

// A table of the records; their times are the callers', in seconds. EXTERNAL: tokens and hashes do not compress. A row
// of signet_lineage is a database that took writes, as its system identifier and lineage, and until when single use is
// refused. The lineage is the table's files and the timeline. A failover and a restored disk begin a new timeline; a
// restored dump, TRUNCATE and new tables have new files, and so has a database that was copied. Of a partitioned table,
// which has no file, it is all partitions'.
inline constexpr std::int64_t postgres_schema = 1;
inline constexpr std::size_t postgres_timeline_size = 8;
#define SIGNET_POSTGRES_LINEAGE                                                                                        \
    "coalesce(pg_relation_filepath('signet_record'), (SELECT hashtextextended(string_agg(pg_relation_filepath(relid)," \
    " ' ' ORDER BY relid::oid), 0)::text FROM pg_partition_tree('signet_record')), '')"                                \
    " || '/' || left(pg_walfile_name(pg_current_wal_lsn()), 8)"
#define SIGNET_POSTGRES_IDENTITY                                                                                       \
    "(SELECT system_identifier FROM pg_control_system()) || '/' || " SIGNET_POSTGRES_LINEAGE
inline constexpr char const* postgres_migration[] = {
    "SELECT pg_advisory_xact_lock(20583)", // of several that create them at once, one does

    "CREATE TABLE signet_schema(single boolean PRIMARY KEY DEFAULT true CHECK (single), version bigint NOT NULL)",

    ("CREATE TABLE signet_record(key bytea PRIMARY KEY CHECK (octet_length(key) = 32), version bigint NOT NULL,"
     " expires bigint NOT NULL, written bigint NOT NULL, bytes bytea NOT NULL)"
     " WITH (fillfactor = 85, autovacuum_vacuum_scale_factor = 0.02)"),

    "ALTER TABLE signet_record ALTER COLUMN bytes SET STORAGE EXTERNAL",

    "CREATE INDEX signet_record_by_expiry ON signet_record(expires)",

    "CREATE TABLE signet_lineage(identity text PRIMARY KEY, since bigint NOT NULL)",

    "INSERT INTO signet_schema(version) VALUES (1)",
};
static_assert(postgres_schema == 1);

// The verbs, in their order, what removes expired records, and what reads all of them. Each write answers with one row
// if it was done: the last column is the lineage that it is in, which a restore or a proxy may have changed since the
// connection was judged.
enum postgres_statement {
    postgres_find,
    postgres_insert,
    postgres_replace,
    postgres_take,
    postgres_erase,
    postgres_remove,
    postgres_scan,
    postgres_statements
};
inline constexpr std::string_view postgres_text[] = {
    // key, now, size of the buffer
    ("SELECT version, expires, octet_length(bytes)::bigint, CASE WHEN octet_length(bytes) <= $3::bigint THEN bytes END"
     " FROM signet_record WHERE key = $1::bytea AND expires > $2::bigint"),

    // key, version, expires, bytes, now. The look before: a replay is refused without a lock, a transaction number and
    // a write to the disk. What the look does not see yet, the conflict does.
    ("INSERT INTO signet_record AS r (key, version, expires, bytes, written)"
     " SELECT $1::bytea, $2::bigint, $3::bigint, $4::bytea, $5::bigint"
     " WHERE NOT EXISTS (SELECT FROM signet_record WHERE key = $1::bytea AND expires > $5::bigint)"
     " ON CONFLICT (key) DO UPDATE SET version = $2::bigint, expires = $3::bigint, bytes = $4::bytea,"
     " written = $5::bigint WHERE r.expires <= $5::bigint"
     " RETURNING " SIGNET_POSTGRES_LINEAGE),

    // key, version, expires, bytes, now, the version that was read
    ("UPDATE signet_record SET version = $2::bigint, expires = $3::bigint, bytes = $4::bytea, written = $5::bigint"
     " WHERE key = $1::bytea AND version = $6::bigint AND expires > $5::bigint"
     " RETURNING " SIGNET_POSTGRES_LINEAGE),

    // key, now, size of the buffer, since. The lock decides on the newest row. One that is too large stays, and one
    // from before the lineage.
    ("WITH it AS MATERIALIZED (SELECT key, version, expires, octet_length(bytes)::bigint AS size, bytes, written"
     " FROM signet_record WHERE key = $1::bytea AND expires > $2::bigint FOR UPDATE),"
     " gone AS (DELETE FROM signet_record r USING it"
     " WHERE r.key = it.key AND it.size <= $3::bigint AND it.written > $4::bigint)"
     " SELECT version, expires, size, CASE WHEN size <= $3::bigint THEN bytes END, written, " SIGNET_POSTGRES_LINEAGE
     " FROM it"),

    // key, now, a version or 0
    ("DELETE FROM signet_record WHERE key = $1::bytea AND expires > $2::bigint"
     " AND ($3::bigint = 0 OR version = $3::bigint) RETURNING " SIGNET_POSTGRES_LINEAGE),

    // until, at most, from. Answers how many, and the first expiry of the batch, from where the next one goes on: until
    // a vacuum the index keeps an entry for each row that was removed. The next one reads past those of one batch, by
    // which PostgreSQL marks them as dead; then the last one, which reads past all, need not look at their rows. By
    // ctid, which is the cheapest; partitions share them, so it looks at expiry again.
    ("WITH batch AS MATERIALIZED (SELECT ctid, expires FROM signet_record WHERE expires >= $3::bigint"
     " AND expires <= $1::bigint ORDER BY expires LIMIT $2::bigint FOR UPDATE SKIP LOCKED),"
     " gone AS (DELETE FROM signet_record WHERE ctid = ANY(ARRAY(SELECT ctid FROM batch)) AND expires <= $1::bigint"
     " RETURNING 1)"
     " SELECT (SELECT count(*) FROM gone), (SELECT min(expires) FROM batch)"),

    // the last key, now, at most so many records, at most so many octets: the octets of rows beyond these are NULL, but
    // for the first row. Of a row that is too large to be a record, one octet more than a record has. That a page is
    // small is written in the text, for plans that are made for all parameters.
    ("SELECT key, version, expires, CASE WHEN expires > $2::bigint AND (total <= $4::bigint OR total = size)"
     " THEN substr(bytes, 1, 65537) END FROM (SELECT key, version, expires, bytes, size, sum(size) OVER (ORDER BY key ROWS UNBOUNDED PRECEDING)"
     " AS total FROM (SELECT key, version, expires, bytes,"
     " CASE WHEN expires > $2::bigint THEN least(octet_length(bytes), 65537) ELSE 0 END AS size"
     " FROM signet_record WHERE key > $1::bytea ORDER BY key LIMIT 1000) listed) counted"
     " ORDER BY key LIMIT $3::bigint"),
};
static_assert(std::size(postgres_text) == postgres_statements);

// A statement's name on the server has a hash (FNV-1a) of its text, so that versions side by side behind one proxy
// never run each other's.
inline std::string postgres_name(postgres_statement which) {
    std::uint64_t hash = 0xcbf29ce484222325;
    for (char const c : postgres_text[which]) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    return "signet_" + std::to_string(hash);
}

// The columns of the judgement. A connection's first question is who the server is, and how it is configured; an
// unprivileged role may ask this. Parameters: whether commits have to wait for a standby, and a process of the server
// that an earlier connection left at work, which ends.
enum postgres_judgement {
    postgres_lineage, // NULL: the server takes no writes
    postgres_identity,
    postgres_position, // how much of the log is on the disk
    postgres_process,  // of the server, with the time of its start
    postgres_started,
    postgres_unfit, // what makes it forget; empty: nothing
    postgres_ended
};
inline constexpr char const* postgres_judge =
    "SELECT CASE WHEN writes THEN " SIGNET_POSTGRES_LINEAGE " END,"
    " CASE WHEN writes THEN " SIGNET_POSTGRES_IDENTITY " END,"
    " CASE WHEN writes THEN (pg_current_wal_flush_lsn() - '0/0')::bigint END,"
    " pg_backend_pid()::bigint,"
    " (SELECT (extract(epoch FROM backend_start) * 1000000)::bigint FROM pg_stat_activity WHERE pid = pg_backend_pid()),"
    " concat_ws(', ',"
    " CASE WHEN current_setting('fsync') <> 'on' THEN 'fsync is not on' END,"
    " CASE WHEN current_setting('full_page_writes') <> 'on' THEN 'full_page_writes is not on' END,"
    " CASE WHEN current_setting('synchronous_commit') NOT IN ('on', 'remote_apply')"
    " THEN 'synchronous_commit is not on or remote_apply' END,"
    " CASE WHEN current_setting('default_transaction_isolation') <> 'read committed'"
    " THEN 'default_transaction_isolation is not read committed' END,"
    // A commit that gives up waiting for its standby says so in a warning alone.
    " CASE WHEN current_setting('client_min_messages') = 'error' THEN 'client_min_messages is error' END,"
    " CASE WHEN $1::bigint <> 0 AND current_setting('synchronous_standby_names') = ''"
    " THEN 'synchronous_standby_names is empty' END,"
    " CASE WHEN EXISTS (SELECT FROM pg_class WHERE relpersistence <> 'p' AND (oid = 'signet_record'::regclass"
    " OR oid IN (SELECT relid FROM pg_partition_tree('signet_record')))) THEN 'signet_record is not logged' END),"
    " (SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE pid = $2::bigint AND usename = session_user"
    " AND (extract(epoch FROM backend_start) * 1000000)::bigint = $3::bigint)"
    " FROM (SELECT NOT pg_is_in_recovery() AND current_setting('transaction_read_only') = 'off' AS writes) s";

// In the same round trip, since the tables may be missing: the version of the schema, and since when this database
// takes writes; nothing if it was not seen before.
inline constexpr char const* postgres_judge_tables =
    "SELECT s.version, (SELECT since FROM signet_lineage WHERE identity = " SIGNET_POSTGRES_IDENTITY
    ") FROM signet_schema s";

// It was not seen before, or lost what was seen. New tables are so too: nobody knows what dropped ones had. Parameter:
// the caller's now.
inline constexpr char const* postgres_claim =
    "INSERT INTO signet_lineage AS l VALUES (" SIGNET_POSTGRES_IDENTITY ", $1::bigint)"
    " ON CONFLICT (identity) DO UPDATE SET since = greatest(l.since, $1::bigint) RETURNING since";
#undef SIGNET_POSTGRES_IDENTITY
#undef SIGNET_POSTGRES_LINEAGE

}}}} // namespace signet::store::detail

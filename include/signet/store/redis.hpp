// SPDX-License-Identifier: BSL-1.0
// A store in Redis (or Valkey): for the processes of many machines. Link with libhiredis.
#pragma once

#include <signet/store/breaker.hpp>

#include <memory>
#include <string>
#include <vector>

namespace signet { inline namespace SIGNET_ABI { namespace store {

/// TLS to the server. For `redis` and `redis_cluster` it needs hiredis 1.1 or later, its libhiredis_ssl, and
/// SIGNET_REDIS_TLS defined wherever the program includes the body. For `asio_redis` it needs OpenSSL, and
/// SIGNET_ASIO_TLS defined wherever the program includes it. Otherwise connecting with `on` fails; the adapters never
/// continue without TLS.
struct redis_tls {
    bool on = false;
    /// PEM: authorities that may sign the server's certificate. The system's authorities are not used.
    std::string ca_file{};
    std::string certificate_file{}; ///< PEM: this client's certificate and key, for a server that requires one
    std::string key_file{};
    std::string name{}; ///< the name in the server's certificate; empty: `host`
    /// Accepts any certificate of that authority. hiredis before 1.5 cannot check names; there, connecting fails
    /// without this. Asio checks them.
    bool any_name_of_authority = false;
};

/// Where a server listens.
struct redis_address {
    std::string host = "127.0.0.1";
    int port = 6379;
};

/// Where the server is, and how it is used.
struct redis_params {
    std::string host = "127.0.0.1";
    int port = 6379;
    std::string unix_socket{}; ///< a path, instead of host and port; empty: not used
    /// Sentinels that know the master, instead of host and port; empty: not used. They are asked one after another at
    /// each connect, with TLS if `tls` is on. `user` and `password` are never sent to them.
    std::vector<redis_address> sentinels{};
    std::string master_name{};       ///< the name that the Sentinels have for the master
    std::string sentinel_user{};     ///< of the Sentinels' ACL; empty: the default user
    std::string sentinel_password{}; ///< of the Sentinels themselves; empty: none. Wiped on destruction
    std::string user{};              ///< of an ACL; empty: the default user
    std::string password{};          ///< kept for reconnecting, wiped on destruction
    int database = 0;
    std::string prefix = "signet:"; ///< precedes the 32 octets of each key
    std::chrono::milliseconds connect_timeout{1000};
    std::chrono::milliseconds reply_timeout{2000}; ///< for all that is sent together, however it trickles in
    /// The longest time that calls fail at once after failed attempts to connect. It starts at 50 ms and doubles.
    std::chrono::milliseconds retry_after{1000};
    /// A breaker that connections with the same parameters share, so that only one of them tries while the server is
    /// down; then `retry_after` is not used. Empty: the connection has its own.
    std::shared_ptr<store::breaker> breaker{};
    /// How long the server keeps an expired record, for a clock that steps back. Expiry is determined by the caller's
    /// clock.
    std::chrono::seconds slack{60};
    /// How many replicas must have a lasting write before it is `done`; with fewer it is `outcome_unknown`. Set it to
    /// the number of all replicas that a failover may promote.
    unsigned replicas = 0;
    redis_tls tls{};
    /// Allows lasting writes and single use on a server that may lose acknowledged writes (see
    /// `accepts_lasting_writes`). After a crash or an eviction there, revoked sessions, blocked devices and spent
    /// refresh tokens may become valid again.
    bool may_forget_revocations = false;
    /// Allows lasting writes and single use without `replicas` where a failover is possible: with `sentinels`, and in a
    /// cluster. A failover may then lose acknowledged writes, so that revoked sessions, blocked devices and spent
    /// refresh tokens become valid again. While an old master that is cut off continues, something may be used once on
    /// each master.
    bool failover_may_lose_writes = false;
};

/// One connection to a Redis server. It connects when it is first needed, and again after the connection was lost.
///
/// Each verb names one key and is one round trip to a Lua script that uses the caller's `now`. While the server is down
/// every call fails with `store_unavailable`. A verb whose reply was lost fails with `outcome_unknown` and is not
/// repeated.
///
/// Lasting writes and single use need a server that does not lose acknowledged writes. Every write is lasting unless it
/// is marked `forgettable`. The server needs `appendonly yes`, `appendfsync always`, `no-appendfsync-on-rewrite no` and
/// `maxmemory-policy noeviction`. These settings are read at each connect, and again every `fitness_lasts`. With
/// others, and if the server does not report them, these verbs fail with `store_unfit`; `find` continues to work.
///
/// Single use: a snapshot or a replica may lack the last writes. So single use fails with
/// `store_restarted` for what was issued before the server was last started or became a master. The record `lineage`
/// under the prefix has the server's `run_id` and `master_replid`, and the `now` of the client that found it first. All
/// processes read it with the settings, so the clocks of the instances must agree. A server that is used for the first
/// time counts as just started. A failover to a replica that lags loses acknowledged writes: docs/reference/kept.md.
///
/// With `replicas` a lasting write also waits until that many replicas have it in memory, for at most half of
/// `reply_timeout`.
///
/// With `sentinels` it asks them for the master at each connect, and checks that the server is a master. It connects
/// again after a lost connection, or if the master has become a replica. Without `replicas`, lasting writes and single
/// use then fail with `store_unfit`, because a failover may lose them; `failover_may_lose_writes` waives that.
///
/// For a cluster there is `redis_cluster`. In separate compilation mode, one .cpp of the program includes
/// <signet/store/redis_src.hpp>.
///
/// Thread safety: may be called concurrently; calls run one after another.
///
/// Example: `store::redis db{{.host = "10.0.0.5", .password = secret_word}}; auto answer = db.execute(ask);`
class redis {
public:
    /// Makes the object without connecting.
    explicit SIGNET_DECL redis(redis_params params);
    SIGNET_DECL redis(redis&&) noexcept;
    SIGNET_DECL redis& operator=(redis&&) noexcept;
    SIGNET_DECL ~redis();

    /// Connects now, to see at start-up whether it works. `execute` connects by itself if needed.
    [[nodiscard]] SIGNET_DECL result<void> connect(unix_time now);
    SIGNET_DECL reply execute(request const& ask);
    /// Executes all requests in one round trip. Each is atomic by itself; together they are not.
    SIGNET_DECL void execute_many(std::span<request const> asks, std::span<reply> replies);

    /// Returns the records a page at a time, each at least once: see `scannable_store` in <signet/store/scan.hpp>. Each
    /// call executes a few SCAN over the whole database, and a GET for each record under the prefix; an ACL needs
    /// `+scan +get`. After a restart or a failover a position is refused. It has the names of records that did not fit
    /// the page, so it may have several KB.
    [[nodiscard]] SIGNET_DECL result<void> scan(scan_position& position, unix_time now, scan_page& page);

    /// Returns whether the server of the last connection is configured not to lose acknowledged writes, or this check
    /// is waived. Otherwise lasting writes and single use fail with `store_unfit`.
    [[nodiscard]] SIGNET_DECL bool accepts_lasting_writes() const;
    /// Returns a text about the last failure, for a log: from the system, the server, or the check of its settings.
    [[nodiscard]] SIGNET_DECL std::string last_error() const;

private:
    friend class redis_cluster; // it has one body for each node
    struct body;
    std::unique_ptr<body> body_;
};

}}} // namespace signet::store

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/store/impl/redis.ipp>
#endif

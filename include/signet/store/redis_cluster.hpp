// SPDX-License-Identifier: BSL-1.0
// A store in a Redis (or Valkey) cluster: for more than one server holds, or for failover. Link with libhiredis.
#pragma once

#include <signet/store/redis.hpp>

#include <memory>
#include <string>
#include <vector>

namespace signet { inline namespace SIGNET_ABI { namespace store {

/// How many times one request is redirected to another node. Then it fails with `store_unavailable`.
inline constexpr unsigned max_redirections = 5;

/// The largest number of nodes that a `redis_cluster` uses, replicas included. It ignores further ones.
inline constexpr std::size_t max_cluster_nodes = 1000;

/// Where the cluster is, and how it is used.
struct redis_cluster_params {
    /// Some of the nodes, masters or replicas. They report the others.
    std::vector<redis_address> nodes{};
    /// The parameters of each node. Host, port, socket, Sentinels and database are ignored. `replicas` is the number of
    /// replicas of each master.
    redis_params node{};
};

/// A Redis cluster, with one connection to each node that has records. It connects when it is first needed, and again
/// after a connection was lost.
///
/// Each verb goes to the node that has its key. A node that answers MOVED or ASK did not execute the verb, so the node
/// that it names is asked, at most `max_redirections` times. TRYAGAIN, CLUSTERDOWN and a node that is away are
/// `store_unavailable`. A verb whose reply was lost fails with `outcome_unknown` and is not repeated.
///
/// The required settings of each node, and what is refused after its restart, are as for `redis`. Replication is
/// asynchronous, so a failover loses writes that the promoted replica does not have yet. So lasting writes and single
/// use fail with `store_unfit` unless `node.replicas` is set: then a lasting write is `done` only when that many
/// replicas have it, and otherwise `outcome_unknown`. They also fail if a master has more replicas than that, because
/// each of them may be promoted. `node.failover_may_lose_writes` waives both.
///
/// Single use: a node that is promoted, or that joins, refuses with `store_restarted` what was issued before. All
/// processes learn that from the node's lineage record, which is in one of its slots: `{0}lineage` after the prefix, or
/// with the smallest number that hashes to the node. If that slot is moved, single use of what was issued before is
/// refused once. `take` also refuses records that were moved to another node.
///
/// Thread safety: may be called concurrently; calls run one after another. A `combiner` sends those of many threads
/// together.
///
/// Example: `store::redis_cluster db{{.nodes = {{"10.0.0.5"}, {"10.0.0.6"}}, .node = {.replicas = 1}}};`
class redis_cluster {
public:
    /// Makes the object without connecting.
    explicit SIGNET_DECL redis_cluster(redis_cluster_params params);
    SIGNET_DECL redis_cluster(redis_cluster&&) noexcept;
    SIGNET_DECL redis_cluster& operator=(redis_cluster&&) noexcept;
    SIGNET_DECL ~redis_cluster();

    /// Connects to all masters now, to see at start-up whether it works. `execute` connects by itself if needed.
    [[nodiscard]] SIGNET_DECL result<void> connect(unix_time now);
    SIGNET_DECL reply execute(request const& ask);
    /// Executes all requests: those of one node in one round trip, and all nodes at the same time. Each is atomic by
    /// itself; together they are not, and they may be executed in any order.
    SIGNET_DECL void execute_many(std::span<request const> asks, std::span<reply> replies);

    /// Returns the records a page at a time, node by node, each at least once as long as no slot moves and no failover
    /// happens: see `scannable_store` in <signet/store/scan.hpp>, and `redis::scan`. A position is refused if its node
    /// was restarted or is no longer a master.
    [[nodiscard]] SIGNET_DECL result<void> scan(scan_position& position, unix_time now, scan_page& page);

    /// Returns whether all masters are connected, and lasting writes and single use are accepted there.
    [[nodiscard]] SIGNET_DECL bool accepts_lasting_writes() const;
    /// Returns a text about the last failure, for a log, with the node.
    [[nodiscard]] SIGNET_DECL std::string last_error() const;

private:
    struct body;
    std::unique_ptr<body> body_;
};

}}} // namespace signet::store

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/store/impl/redis_cluster.ipp>
#endif

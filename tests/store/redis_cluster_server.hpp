// A Redis cluster of the test's own, on free loopback ports.
#pragma once

#include "redis_server.hpp"
#include "support/wait.hpp"

#include <signet/store/impl/redis_slot.hpp>
#include <signet/store/redis_cluster.hpp>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

// Masters with equal parts of the slots, and replicas: the first of the first master, the second of the second.
class cluster {
public:
    explicit cluster(std::size_t masters, std::size_t replicas = 0) {
        for (std::size_t i = 0; i != masters + replicas; ++i) add();
        for (std::size_t i = 0; i != masters; ++i) {
            auto const first = i * signet::store::detail::redis_slots / masters,
                       end = (i + 1) * signet::store::detail::redis_slots / masters;
            node(i).tell({"CLUSTER", "ADDSLOTSRANGE", std::to_string(first), std::to_string(end - 1)});
        }
        for (std::size_t i = 0; i != nodes_.size(); ++i) {
            node(i).tell({"CLUSTER", "SET-CONFIG-EPOCH", std::to_string(i + 1)});
            if (i != 0) meet(i);
        }
        for (std::size_t i = masters; i != nodes_.size(); ++i) replicate(i, (i - masters) % masters);
        for (std::size_t i = 0; i != nodes_.size(); ++i)
            wait_at_most(std::chrono::seconds{15},
                         [&] { return info(i, "CLUSTER", "INFO").find("cluster_state:ok") != std::string::npos; });
        // As if it ran since 1970: nothing was issued before its start.
        wait_at_most(std::chrono::seconds{15},
                     [&] { return signet::store::redis_cluster{params()}.connect(signet::unix_time{}).has_value(); });
    }

    redis_server& node(std::size_t i) { return *nodes_[i]; }
    std::string id(std::size_t i) { return node(i).tell({"CLUSTER", "MYID"}); }
    std::string info(std::size_t i, char const* what, char const* which) { return node(i).tell({what, which}); }

    void add() {
        auto arguments = redis_server::durable();
        bus_.push_back(std::to_string(redis_server::free_port()));
        arguments.insert(arguments.end(),
                         {"--cluster-enabled", "yes", "--cluster-port", bus_.back(), "--cluster-node-timeout", "1000",
                          "--cluster-require-full-coverage", "no", "--cluster-replica-validity-factor", "0"});
        std::filesystem::path const memory{"/dev/shm"}; // the disk is not what is tested here
        nodes_.push_back(std::make_unique<redis_server>(
            arguments, std::filesystem::exists(memory) ? memory : std::filesystem::temp_directory_path()));
    }
    // All nodes know it afterwards.
    void meet(std::size_t i) {
        CHECK(node(0).tell({"CLUSTER", "MEET", "127.0.0.1", std::to_string(node(i).port()), bus_[i]}) == "OK");
        for (std::size_t k = 0; k <= i; ++k) {
            auto const all = "cluster_known_nodes:" + std::to_string(i + 1) + "\r";
            wait_at_most(std::chrono::seconds{15},
                         [&] { return info(k, "CLUSTER", "INFO").find(all) != std::string::npos; });
        }
    }
    void replicate(std::size_t i, std::size_t master) {
        auto const of = id(master);
        wait_at_most(std::chrono::seconds{15}, [&] { return node(i).tell({"CLUSTER", "REPLICATE", of}) == "OK"; });
        wait_at_most(std::chrono::seconds{15},
                     [&] { return info(i, "INFO", "replication").find("master_link_status:up") != std::string::npos; });
    }

    // What is moved is moved key by key, while others use it.
    void begin_move(std::size_t slot, std::size_t from, std::size_t to) {
        auto const s = std::to_string(slot);
        REQUIRE(node(to).tell({"CLUSTER", "SETSLOT", s, "IMPORTING", id(from)}) == "OK");
        REQUIRE(node(from).tell({"CLUSTER", "SETSLOT", s, "MIGRATING", id(to)}) == "OK");
    }
    void end_move(std::size_t slot, std::size_t from, std::size_t to) {
        auto const s = std::to_string(slot);
        for (;;) {
            auto const keys = node(from).ask({"CLUSTER", "GETKEYSINSLOT", s, "100"});
            if (keys->elements == 0) break;
            std::vector<std::string> words{"MIGRATE", "127.0.0.1", std::to_string(node(to).port()), "", "0",
                                           "5000",    "KEYS"};
            for (std::size_t i = 0; i != keys->elements; ++i)
                words.emplace_back(keys->element[i]->str, static_cast<std::size_t>(keys->element[i]->len));
            auto const moved = node(from).tell(words);
            REQUIRE((moved == "OK" || moved == "NOKEY"));
        }
        auto const owner = id(to);
        REQUIRE(node(to).tell({"CLUSTER", "SETSLOT", s, "NODE", owner}) == "OK");
        REQUIRE(node(from).tell({"CLUSTER", "SETSLOT", s, "NODE", owner}) == "OK");
    }

    signet::store::redis_cluster_params params(unsigned replicas = 0) const {
        signet::store::redis_cluster_params p;
        for (auto const& n : nodes_) p.nodes.push_back({"127.0.0.1", n->port()});
        p.node.replicas = replicas;
        p.node.retry_after = std::chrono::seconds{0};
        p.node.failover_may_lose_writes = replicas == 0;
        return p;
    }

    // For tests that leave it as it was: three masters. It has run for a while before anything is used once.
    static cluster& shared() {
        static cluster all{3};
        return all;
    }

private:
    std::vector<std::unique_ptr<redis_server>> nodes_;
    std::vector<std::string> bus_;
};

// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/core/secret.hpp>
#include <signet/store/impl/bounded.hpp>
#include <signet/store/impl/redis.ipp>
#include <signet/store/impl/redis_slot.hpp>
#include <signet/store/redis_cluster.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace signet { inline namespace SIGNET_ABI { namespace store {

struct redis_cluster::body {
    using clock = std::chrono::steady_clock;

    struct node {
        node(redis_params params, std::string n)
            : name{std::move(n)}, where{params.host, params.port}, db{std::move(params)} {}
        std::string name; // host:port
        redis_address where;
        redis::body db;
        bool is_ready = false; // as the last requests found it
        // As the last table says:
        std::size_t replicas = 0;
        bool is_listed = false, is_master = false;
        std::size_t lineage_slot = detail::redis_slots; // in which it is kept; of none
    };
    struct turns_of_node {
        node* to;
        std::vector<detail::redis_turn> turns;
    };
    using turns_of_nodes = std::vector<turns_of_node>;

    // Nodes are asked for the table at most this often.
    static constexpr std::chrono::milliseconds table_pause{100};

    redis_cluster_params params;
    std::map<std::string, std::unique_ptr<node>, std::less<>> nodes;
    std::vector<node*> owners = std::vector<node*>(detail::redis_slots);
    bool has_table = false, is_stale = true;
    std::int64_t read_at = 0;         // the caller's time when the table was read
    clock::time_point closed_until{}; // until when nobody asks for it again
    breaker tables;                   // of those who ask for it
    std::size_t first = 0;            // who is asked first: each time another, since one may be cut off from the rest
    std::string words;
    mutable std::mutex lock;

    explicit body(redis_cluster_params p)
        : params{std::move(p)}, tables{breaker_params{.max_pause = params.node.retry_after}} {
        params.node.unix_socket.clear();
        params.node.sentinels.clear();
        wipe_text(params.node.sentinel_password);
        params.node.database = 0;      // a cluster has no other
        params.node.breaker = nullptr; // each node has its own
    }
    body(body const&) = delete;
    body& operator=(body const&) = delete;
    ~body() { wipe_text(params.node.password); }

    bool fail(std::string why) {
        words = std::move(why);
        return false;
    }
    bool covers_all_slots() {
        auto const all = std::find(owners.begin(), owners.end(), nullptr) == owners.end();
        return all || fail("a part of the slots has no node");
    }
    // After an exception: answers that nobody has read, and a table that is half taken over.
    void forget() noexcept {
        for (auto const& each : nodes) each.second->db.link.reset();
        std::fill(owners.begin(), owners.end(), nullptr);
        has_table = false, is_stale = true;
        closed_until = {};
    }
    // What a failover may lose is accepted, or nothing is lost because all that may be promoted have it.
    bool keeps(node const& n) const noexcept {
        return params.node.failover_may_lose_writes || params.node.may_forget_revocations ||
               (params.node.replicas != 0 && n.is_master && n.replicas <= params.node.replicas);
    }
    // How many replicas a node has that a redirection named is not known before the table lists it.
    bool is_unjudged(node const& n) const noexcept { return !keeps(n) && params.node.replicas != 0 && !n.is_master; }
    static bool any_lasting(std::vector<detail::redis_turn> const& turns) {
        return std::any_of(turns.begin(), turns.end(), [](auto const& t) { return detail::is_lasting(*t.ask); });
    }

    redis_params params_of(std::string_view host, int port) const;
    node* at(std::string_view host, int port);
    bool refresh(std::int64_t now, bool anyway);
    bool ask_table(node& from);
    bool read_table(redisReply const& said, std::string_view host);
    void name_lineages();
    bool make_ready(node& n, std::int64_t now);
    bool connect(std::int64_t now);
    void plan(turns_of_nodes& plans, node* to, detail::redis_turn turn);
    void judge(node& to, std::vector<detail::redis_turn>& turns);
    void follow(turns_of_nodes& plans, node& from, detail::redis_turn turn);
    void execute(std::span<request const> asks, std::span<reply> replies);
    node* master_from(std::string_view name);
    result<void> scan(scan_position& position, std::int64_t now, scan_page& page);
};

// ---- nodes

SIGNET_DECL redis_params redis_cluster::body::params_of(std::string_view host, int port) const {
    auto one = params.node;
    one.host = host;
    one.port = port;
    return one;
}

SIGNET_DECL redis_cluster::body::node* redis_cluster::body::at(std::string_view host, int port) {
    auto name = std::string{host} + ":" + std::to_string(port);
    if (auto const known = nodes.find(name); known != nodes.end()) return known->second.get();
    if (nodes.size() >= max_cluster_nodes) return nullptr;
    auto made = std::make_unique<node>(params_of(host, port), name);
    return nodes.emplace(std::move(name), std::move(made)).first->second.get();
}

// ---- the table of slots

// Reads it again where it may be wrong. Replicas that join are seen by this too.
SIGNET_DECL bool redis_cluster::body::refresh(std::int64_t now, bool anyway) {
    auto const is_due = is_stale || now < read_at || now - read_at >= fitness_lasts.count();
    if (!anyway && (!is_due || clock::now() < closed_until)) return has_table;
    auto attempt = tables.begin_attempt(anyway);
    if (!attempt) return has_table;

    for (auto const& each : params.nodes) at(each.host, each.port);
    std::vector<node*> all;
    all.reserve(nodes.size());
    for (auto const& each : nodes) all.push_back(each.second.get());
    if (!all.empty())
        std::rotate(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(first++ % all.size()), all.end());
    // Those we are connected to first, and the others for so long.
    auto const end =
        clock::now() + detail::bounded(params.node.connect_timeout) + detail::bounded(params.node.reply_timeout);
    std::partition(all.begin(), all.end(), [](node* n) { return n->db.link && n->db.still_open(); });
    auto const good =
        std::any_of(all.begin(), all.end(), [&](node* n) { return (anyway || clock::now() < end) && ask_table(*n); });
    closed_until = clock::now() + table_pause;
    if (!good) return has_table;
    attempt.succeeded();
    is_stale = false;
    read_at = now;
    // Not with `anyway`: requests may be planned for them.
    if (!anyway && nodes.size() == max_cluster_nodes)
        std::erase_if(nodes, [](auto const& n) { return !n.second->is_listed; });
    return true;
}

// On the node's connection, or on one that is not needed afterwards: a replica is asked too.
SIGNET_DECL bool redis_cluster::body::ask_table(node& from) {
    signet::detail::wiped_text login;
    auto& out = login.text;
    auto const is_open = from.db.link && from.db.still_open();
    redis::body guest{from.db.params};
    auto& db = is_open ? from.db : guest;
    if (!is_open && !guest.dial(from.where)) return fail(from.name + ": " + guest.protocol.words());
    auto count = is_open ? 0 : guest.protocol.write_login(out);
    detail::redis_command(out, {"CLUSTER", "SLOTS"});
    auto const answers = db.exchange(out, ++count, detail::redis_max_list);
    if (answers.size() != count) {
        db.drop(std::string{db.link->errstr});
        return fail(from.name + ": " + db.protocol.words());
    }
    return read_table(*answers.back(), from.db.params.host) || fail(from.name + ": " + words);
}

// Nothing of a table counts that makes no sense somewhere.
SIGNET_DECL bool redis_cluster::body::read_table(redisReply const& said, std::string_view host) {
    if (said.type == REDIS_REPLY_ERROR) return fail(std::string{detail::redis_string(&said)});
    if (said.type == REDIS_REPLY_ARRAY && said.elements == 0) return fail("the node belongs to no cluster");
    std::vector<detail::redis_slots_row> rows;
    if (!detail::redis_parse_slots(said, rows)) return fail("the table of slots makes no sense");
    std::vector<node*> found(detail::redis_slots);
    for (auto const& [name, each] : nodes) each->is_listed = each->is_master = false, each->replicas = 0;
    for (auto const& row : rows) {
        for (std::size_t k = 0; k != row.nodes.size(); ++k) {
            auto const& who = row.nodes[k];
            auto* const n = who.port == 0 ? nullptr : at(who.host.empty() ? host : who.host, who.port);
            if (!n) continue;
            n->is_listed = true;
            if (k != 0) continue;
            n->is_master = true;
            n->replicas = std::max(n->replicas, row.nodes.size() - 1);
            std::fill(found.begin() + static_cast<std::ptrdiff_t>(row.first),
                      found.begin() + static_cast<std::ptrdiff_t>(row.last) + 1, n);
        }
    }
    for (auto const& [name, each] : nodes) // replicas are not always listed
        if (!each->is_master) each->db.link.reset();
    owners = std::move(found);
    has_table = true;
    name_lineages();
    return true;
}

// A node keeps its lineage in a slot that it has: that of the smallest number, so that all processes take the same one,
// until that slot has moved. Then another record says since when, and what was issued before is refused once.
SIGNET_DECL void redis_cluster::body::name_lineages() {
    std::size_t left = 0;
    for (auto const& [name, each] : nodes) {
        auto& slot = each->lineage_slot;
        if (slot != detail::redis_slots && owners[slot] != each.get()) slot = detail::redis_slots;
        left += each->is_master && slot == detail::redis_slots;
    }
    auto const& prefix = params.node.prefix;
    auto const own = prefix.find('{') == prefix.npos ? prefix : std::string{}; // a prefix with a slot of its own
    for (std::uint32_t number = 0; left != 0 && number != 32 * detail::redis_slots; ++number) {
        auto const tag = std::to_string(number);
        auto const slot = detail::redis_slot(tag);
        auto* const owner = owners[slot];
        if (!owner || owner->lineage_slot != detail::redis_slots) continue;
        auto name = own;
        name.append("{").append(tag).append("}").append(own.empty() ? prefix : "").append("lineage");
        owner->db.protocol.keep_lineage_under(std::move(name));
        owner->lineage_slot = slot;
        --left;
    }
}

SIGNET_DECL bool redis_cluster::body::connect(std::int64_t now) {
    detail::redis_exchange const whole{[this] { forget(); }};
    if (!refresh(now, true) || is_stale) return false;
    if (!covers_all_slots()) return false;
    for (auto const& [name, each] : nodes) {
        if (!each->is_master) continue;
        if (!each->db.ready(now, true)) return fail(name + ": " + each->db.protocol.words());
        if (!each->db.protocol.words().empty()) words = name + ": " + each->db.protocol.words();
    }
    return true;
}

// The slot of its lineage may have moved since the table was read.
SIGNET_DECL bool redis_cluster::body::make_ready(node& n, std::int64_t now) {
    if (n.db.ready(now)) return true;
    return n.db.protocol.words().starts_with("MOVED ") && refresh(now, true) && n.db.ready(now, true);
}

// ---- all verbs

// Decides whether a request may go to this node.
SIGNET_DECL void redis_cluster::body::plan(turns_of_nodes& plans, node* to, detail::redis_turn turn) {
    auto const& ask = *turn.ask;
    *turn.reply = detail::check(ask);
    if (turn.reply->outcome == outcome::failed) return;
    if (!to) {
        is_stale = true; // the words say why the table could not be read, if it could not
        *turn.reply = reply::failure(errc::store_unavailable);
    } else {
        auto at = std::find_if(plans.begin(), plans.end(), [&](auto const& each) { return each.to == to; });
        if (at == plans.end()) at = plans.insert(at, turns_of_node{to, {}});
        at->turns.push_back(std::move(turn));
    }
}

// Takes out what may not go there, by what the table says now.
SIGNET_DECL void redis_cluster::body::judge(node& to, std::vector<detail::redis_turn>& turns) {
    if (keeps(to)) return;
    std::erase_if(turns, [&](detail::redis_turn const& t) {
        if (!detail::is_lasting(*t.ask)) return false;
        if (is_unjudged(to)) {
            is_stale = true;
            fail(to.name + ": the table of slots does not list the node, so nobody knows its replicas");
            *t.reply = reply::failure(errc::store_unavailable);
        } else {
            fail(to.name + ": a failover may lose writes: `replicas` is less than the node has, or not set");
            *t.reply = reply::failure(errc::store_unfit);
        }
        return true;
    });
}

// After an answer: what did not run, and is to be asked elsewhere.
SIGNET_DECL void redis_cluster::body::follow(turns_of_nodes& plans, node& from, detail::redis_turn turn) {
    if (turn.lacks_script) return plan(plans, &from, std::move(turn));
    auto const said = std::exchange(turn.redirect, {});
    auto const redirect = detail::redis_parse_redirect(said);
    if (!redirect.is_known) return;
    auto* const to = at(redirect.host.empty() ? std::string_view{from.db.params.host} : redirect.host, redirect.port);
    if (!to) return;
    if (!redirect.asking) owners[redirect.slot] = to;
    turn.asking = redirect.asking;
    plan(plans, to, std::move(turn));
}

SIGNET_DECL void redis_cluster::body::execute(std::span<request const> asks, std::span<reply> replies) {
    if (asks.empty()) return;
    detail::no_sigpipe const guard{params.node.tls.on};
    detail::redis_exchange const whole{[this] { forget(); }};
    refresh(detail::seconds(asks[0].now), false);
    turns_of_nodes plans;
    for (std::size_t i = 0; i != asks.size(); ++i) {
        auto const slot = detail::redis_slot(detail::redis_key(params.node.prefix, asks[i].key));
        plan(plans, owners[slot], {&asks[i], &replies[i]});
    }
    for (unsigned redirections = 0; !plans.empty(); ++redirections) {
        // Everything out before anything in: the nodes work at the same time.
        auto current = std::exchange(plans, {});
        auto const unjudged = [this](auto const& each) { return is_unjudged(*each.to) && any_lasting(each.turns); };
        if (std::any_of(current.begin(), current.end(), unjudged)) refresh(detail::seconds(asks[0].now), true);
        for (auto& [to, turns] : current) judge(*to, turns);
        std::erase_if(current, [](auto const& each) { return each.turns.empty(); });
        for (auto& [to, turns] : current) to->is_ready = make_ready(*to, detail::seconds(asks[0].now));
        // A table that was read meanwhile ends the connections to replicas, and may list more of them.
        for (auto& [to, turns] : current) judge(*to, turns);
        for (auto& [to, turns] : current) to->db.begin(turns, to->is_ready && to->db.link);
        if (current.size() > 1) // their answers share one deadline
            for (auto& [to, turns] : current) to->db.may_block = false;
        for (auto& [to, turns] : current) to->db.finish(turns);
        for (auto& [to, turns] : current) {
            for (auto& t : turns) {
                if (t.reply->outcome != outcome::failed) continue;
                fail(to->name + ": " + to->db.protocol.words());
                auto const is_away =
                    t.reply->error == errc::store_unavailable || t.reply->error == errc::outcome_unknown;
                if (is_away && !t.redirect.starts_with("ASK ") && !t.lacks_script) is_stale = true;
                if (redirections != max_redirections) follow(plans, *to, std::move(t));
            }
        }
    }
}

// ---- scans

// The first master that has this name, or one behind it; nullptr: none.
SIGNET_DECL redis_cluster::body::node* redis_cluster::body::master_from(std::string_view name) {
    auto const found =
        std::find_if(nodes.lower_bound(name), nodes.end(), [](auto const& each) { return each.second->is_master; });
    return found == nodes.end() ? nullptr : found->second.get();
}

SIGNET_DECL result<void> redis_cluster::body::scan(scan_position& position, std::int64_t now, scan_page& page) {
    detail::redis_place at;
    if (!at.read(position, detail::cluster_scan_kind)) return errc::invalid_scan_position;
    if (!refresh(now, false)) return errc::store_unavailable;
    auto const away = [&](node const& n) {
        fail(n.name + ": " + n.db.protocol.words());
        is_stale = true;
        page.clear();
        return errc::store_unavailable;
    };
    std::size_t steps = 0;
    for (bool is_full = false; !is_full && steps < detail::max_redis_scan_steps;) {
        auto* const n = master_from(at.node);
        if (!n && at.has_begun) return errc::invalid_scan_position;
        if (!n) {
            if (!covers_all_slots()) return page.clear(), errc::store_unavailable;
            position = scan_position::over();
            return {};
        }
        if (at.has_begun && n->name != at.node) return errc::invalid_scan_position;
        if (!make_ready(*n, now) || !n->db.link) return away(*n);
        if (at.has_begun && at.run != n->db.protocol.run()) return errc::invalid_scan_position;
        at.node = n->name;
        if (!n->db.scan_on(at, now, page, steps, is_full)) return away(*n);
        if (at.is_over()) { // on to the next one: no name stands between
            at = {};
            at.node = n->name + '\0';
        } else if (!is_full) {
            break;
        }
    }
    auto next = at.write(detail::cluster_scan_kind);
    if (!next) return page.clear(), errc::store_unavailable;
    position = *std::move(next);
    return {};
}

// ---- the shell

SIGNET_DECL redis_cluster::redis_cluster(redis_cluster_params params)
    : body_{std::make_unique<body>(std::move(params))} {}
SIGNET_DECL redis_cluster::redis_cluster(redis_cluster&&) noexcept = default;
SIGNET_DECL redis_cluster& redis_cluster::operator=(redis_cluster&&) noexcept = default;
SIGNET_DECL redis_cluster::~redis_cluster() = default;

SIGNET_DECL result<void> redis_cluster::connect(unix_time now) {
    std::lock_guard hold{body_->lock};
    detail::no_sigpipe const guard{body_->params.node.tls.on};
    if (!body_->connect(detail::seconds(now))) return errc::store_unavailable;
    return {};
}

SIGNET_DECL reply redis_cluster::execute(request const& ask) {
    std::lock_guard hold{body_->lock};
    reply answer;
    body_->execute({&ask, 1}, {&answer, 1});
    return answer;
}

SIGNET_DECL void redis_cluster::execute_many(std::span<request const> asks, std::span<reply> replies) {
    std::lock_guard hold{body_->lock};
    for (std::size_t at = 0; at < asks.size(); at += detail::redis_max_batch) {
        auto const n = std::min(detail::redis_max_batch, asks.size() - at);
        body_->execute(asks.subspan(at, n), replies.subspan(at, n));
    }
}

SIGNET_DECL result<void> redis_cluster::scan(scan_position& position, unix_time now, scan_page& page) {
    page.clear();
    if (position.is_over()) return {};
    std::lock_guard hold{body_->lock};
    detail::no_sigpipe const guard{body_->params.node.tls.on};
    return body_->scan(position, detail::seconds(now), page);
}

SIGNET_DECL bool redis_cluster::accepts_lasting_writes() const {
    std::lock_guard hold{body_->lock};
    auto const accepts = [this](auto const& n) {
        auto const& db = n.second->db;
        return !n.second->is_master || (db.link && db.protocol.accepts_lasting_writes() && body_->keeps(*n.second));
    };
    return body_->has_table && std::all_of(body_->nodes.begin(), body_->nodes.end(), accepts);
}

SIGNET_DECL std::string redis_cluster::last_error() const {
    std::lock_guard hold{body_->lock};
    return body_->words;
}

}}} // namespace signet::store

// SPDX-License-Identifier: BSL-1.0
// What is said to a Redis server, and what its answers mean: for every adapter, whoever moves the octets.
// The includes stand before the guard: header-only, they end with bodies that include this file and need all of it.
#include <signet/store/impl/redis_scripts.hpp>
#include <signet/store/redis.hpp>

#include <array>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#ifndef SIGNET_STORE_IMPL_REDIS_PROTOCOL_HPP
#    define SIGNET_STORE_IMPL_REDIS_PROTOCOL_HPP

struct redisReader; // hiredis is seen by the bodies alone
struct redisReply;

namespace signet { inline namespace SIGNET_ABI { namespace store { namespace detail {

struct redis_free {
    SIGNET_DECL void operator()(redisReply* r) const noexcept;
    SIGNET_DECL void operator()(redisReader* r) const noexcept;
};
using redis_answer = std::unique_ptr<redisReply, redis_free>;

// The text of an answer; none if it is of another type.
SIGNET_DECL std::string_view redis_string(redisReply const* r) noexcept;
// What a server said to AUTH, for a log. Its first word alone: a server without AUTH repeats the password.
SIGNET_DECL std::string redis_login_error(std::string_view said);
// Writes a command. False: out of memory.
SIGNET_DECL bool redis_command(std::string& out, std::initializer_list<std::string_view> parts);

// A row of a cluster's table: which slots the first node has, whose replicas the others are. One without a port is not
// known to the server either; one without a host is the server that was asked.
struct redis_slots_row {
    std::size_t first = 0, last = 0;
    std::vector<redis_address> nodes;
};
// The answer to CLUSTER SLOTS, whole: rows of {first slot, last slot, master, replica, ...}, each node as {host, port,
// ...}. False: it makes no sense, and no row counts.
SIGNET_DECL bool redis_parse_slots(redisReply const& said, std::vector<redis_slots_row>& rows);

// How much one answer to a request has at most: a record, its head, and words around them.
inline constexpr std::size_t redis_max_reply = max_record + redis_head + 1'024;
// And a table of slots, or the names of a step of a scan, which may come from many buckets.
inline constexpr std::size_t redis_max_list = 16 * 1'024 * 1'024;

// Octets of a server in, its answers out.
class redis_reader {
public:
    // Begins anew, on a new connection. False: out of memory.
    [[nodiscard]] SIGNET_DECL bool begin();
    // False: this is no Redis.
    [[nodiscard]] SIGNET_DECL bool feed(std::string_view octets);
    // Returns the next answer; none while more octets are needed. False: this is no Redis.
    [[nodiscard]] SIGNET_DECL bool next(redis_answer& answer);

private:
    std::unique_ptr<redisReader, redis_free> reader_;
};

// Whether nothing waits to be read: otherwise the server closed the connection, or gives an answer nobody asked for.
SIGNET_DECL bool redis_is_quiet(int socket) noexcept;

// The name of a record on the server.
SIGNET_DECL std::string redis_key(std::string_view prefix, record_key const& key);

// A request on its way, and where its reply goes.
struct redis_turn {
    request const* ask;
    store::reply* reply;
    std::uint64_t version = 0;
    bool sent = false;
    bool lacks_script = false; // as the server said: it did not run, and is sent again with the whole script
    bool asking = false;       // it is for a slot that is being moved to this node of a cluster
    std::string redirect{};    // what a node of a cluster said instead: it did not run
};

// Where a scan goes on: first the records that the server named and no page has had, then its cursor.
struct redis_place {
    redis_word run{};         // of the server that gave the cursor
    std::uint64_t cursor = 0; // 0 after the beginning: there is no more
    bool has_begun = false;
    std::vector<record_key> named{};
    std::string node{}; // of a cluster

    // False: it is not from such a store. `kind` says whether that is one server or a cluster.
    SIGNET_DECL bool read(scan_position const& position, std::uint8_t kind);
    SIGNET_DECL result<scan_position> write(std::uint8_t kind) const;
    bool is_over() const noexcept { return has_begun && cursor == 0 && named.empty(); }
};

// How many names the server looks at in one step of a scan, how many steps one call has at most, and how many records
// are read together.
inline constexpr std::size_t redis_scan_step = 256, max_redis_scan_steps = 16, redis_scan_batch = 32;

// One server as an adapter sees it, over all its connections. What is written goes to the end of `out`; the answers
// come in the same order. It waits for nothing, and is used by one thread at a time.
class redis_protocol {
public:
    SIGNET_DECL explicit redis_protocol(redis_params params);
    redis_protocol(redis_protocol const&) = delete;
    redis_protocol& operator=(redis_protocol const&) = delete;
    SIGNET_DECL ~redis_protocol();

    redis_params const& params() const noexcept { return params_; }
    bool accepts_lasting_writes() const noexcept {
        return params_.may_forget_revocations || (fit_ && !failover_loses_writes());
    }

    // What is said on a new connection: who we are, who the server is, how it is configured, and our scripts. Returns
    // how many answers it has. It has the password: wipe it afterwards.
    SIGNET_DECL std::size_t write_greeting(std::string& out, std::int64_t now) const;
    // Its beginning: who we are. It has no answer without a password.
    std::size_t write_login(std::string& out) const { return write_login(out, params_.user, params_.password); }
    // The same for a Sentinel, which has passwords of its own.
    std::size_t write_sentinel_login(std::string& out) const {
        return write_login(out, params_.sentinel_user, params_.sentinel_password);
    }
    // Judges the answers. False: the connection is of no use. Answers may be missing at the end: `broken` says why.
    SIGNET_DECL bool read_greeting(std::span<redis_answer const> answers, std::string_view broken, std::int64_t now);

    // Settings and role can change while a server runs: whether they are to be asked again before something is sent.
    bool is_stale(std::int64_t now) const noexcept {
        return now < judged_at_ || now - judged_at_ >= fitness_lasts.count();
    }
    SIGNET_DECL std::size_t write_settings(std::string& out, std::int64_t now) const;
    // False: the connection is of no use.
    SIGNET_DECL bool read_settings(std::span<redis_answer const> answers, std::string_view broken, std::int64_t now);

    // Whether a request may be sent to this server.
    SIGNET_DECL reply allowed(request const& ask) const;
    std::uint64_t next_version() noexcept { return versions_.next(); }
    // False: there was no memory for it, and nothing was written.
    SIGNET_DECL bool write(std::string& out, request const& ask, std::uint64_t version, bool whole_script) const;
    // Whether the server lacks the script. Then nothing ran, and the request may be sent again with the whole script.
    SIGNET_DECL static bool lacks_script(redisReply const& answer);
    SIGNET_DECL reply understand(request const& ask, std::uint64_t version, redisReply const& answer);
    // Whether a lasting write waits for replicas: `write_wait` goes behind one or several, and `has_waited` says of its
    // answer, if there is one, whether enough of them have what was written.
    bool waits(request const& ask) const noexcept { return params_.replicas != 0 && is_lasting(ask); }
    SIGNET_DECL void write_wait(std::string& out) const;
    SIGNET_DECL bool has_waited(redisReply const* answer) const noexcept;

    // After `understand`: the server became a replica.
    bool was_demoted() const noexcept { return was_replica_; }
    // Or its answer was to another question, and so are those that follow. The connection is of no use any more.
    bool is_useless() const noexcept { return was_replica_ || made_no_sense_; }

    // Who the server of the last greeting is.
    redis_word const& run() const noexcept { return run_word_; }
    // The next step of a scan. False: out of memory.
    SIGNET_DECL bool write_scan(std::string& out, redis_place const& from) const;
    SIGNET_DECL bool write_scanned(std::string& out, record_key const& key) const;
    // False: the server refused, or its answer makes no sense; then the words say so.
    SIGNET_DECL bool read_scan(redisReply const& answer, redis_place& to);
    // Adds what stands under a name. False: it does not fit the page.
    SIGNET_DECL static bool read_scanned(redisReply const& answer, record_key const& key, std::int64_t now,
                                         scan_page& page);

    // The reply to a request that was sent, and whose answer was lost.
    static reply lost(request const& ask) noexcept {
        return reply::failure(ask.verb == verb::find ? errc::store_unavailable : errc::outcome_unknown);
    }

    // The name of the record of the server's lineage; its prefix and `lineage` if nothing else is said. In a cluster
    // each node has its own, whose name must hash into one of its slots.
    void keep_lineage_under(std::string name) { lineage_ = std::move(name); }

    // Takes down what went wrong, in words.
    bool fail(std::string_view why) {
        words_ = why;
        return false;
    }
    std::string const& words() const noexcept { return words_; }

private:
    static SIGNET_DECL std::size_t write_login(std::string& out, std::string_view user, std::string_view password);
    SIGNET_DECL bool recognise(redisReply const& answer, std::int64_t now);
    SIGNET_DECL reply refused(std::string_view what);
    bool failover_loses_writes() const noexcept { // a cluster judges each node by itself
        return !params_.sentinels.empty() && params_.replicas == 0 && !params_.failover_may_lose_writes;
    }
    static SIGNET_DECL reply fill(request const& ask, std::string_view value);

    redis_params params_;
    std::string lineage_;
    std::array<std::string, redis_scripts> digest_; // SHA-1 of each script, as the server says
    version_walk versions_;
    redis_word run_word_{};       // of the server's run_id
    std::int64_t not_before_ = 0; // what was issued by then is not accepted for single use
    std::int64_t judged_at_ = 0;  // the caller's time when the settings were read
    bool fit_ = false;            // forgets nothing that it acknowledged
    bool was_replica_ = false;
    bool made_no_sense_ = false;
    bool seeded_ = false;
    std::string words_;
};

}}}} // namespace signet::store::detail

#    ifndef SIGNET_SEPARATE_COMPILATION
#        include <signet/store/impl/redis_protocol.ipp>
#    endif

#endif

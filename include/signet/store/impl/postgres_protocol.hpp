// SPDX-License-Identifier: BSL-1.0
// What is said to a PostgreSQL server, and what its answers mean: for every adapter, whoever waits for the socket.
// The includes stand before the guard: header-only, they end with bodies that include this file and need all of it.
#include <signet/store/impl/postgres_statements.hpp>
#include <signet/store/impl/postgres_work.hpp>
#include <signet/store/postgres.hpp>

#include <bitset>
#include <chrono>
#include <coroutine>
#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#ifndef SIGNET_STORE_IMPL_POSTGRES_PROTOCOL_HPP
#    define SIGNET_STORE_IMPL_POSTGRES_PROTOCOL_HPP

struct pg_conn; // libpq is seen by the bodies alone
struct pg_result;

namespace signet { inline namespace SIGNET_ABI { namespace store { namespace detail {

struct postgres_free {
    SIGNET_DECL void operator()(pg_conn* c) const noexcept;
    SIGNET_DECL void operator()(pg_result* r) const noexcept;
};
using postgres_result = std::unique_ptr<pg_result, postgres_free>;
using postgres_time = std::chrono::steady_clock::time_point;

class postgres_arguments;

// One connection. It is used by one thread at a time, for one piece of work at a time. Where the work has to wait, it
// stops: then `waits_for` of `socket()` are to be waited for, until `deadline` at most, and `resume` goes on.
struct postgres_protocol {
    using arguments = postgres_arguments;
    using results = std::vector<postgres_result>;
    template <class T> using work = postgres_work<T>;
    enum class fate { committed, undone, lost }; // of a transaction

    postgres_params params;
    std::unique_ptr<pg_conn, postgres_free> link{}; // in pipeline mode
    postgres_time deadline{};                       // of the call
    std::bitset<postgres_statements> prepared{};    // on this connection
    std::vector<postgres_statement> preparing{};    // what this run of messages prepares, in its order
    std::size_t unanswered = 0;                     // of its messages
    bool unnamed = false;                           // a proxy loses prepared statements
    bool warned = false;                            // the server sent a warning
    std::string refusal{};                          // the SQLSTATE of what was undone

    std::string lineage{}, identity{};               // of the database
    std::int64_t position = 0;                       // how much of its log was on the disk
    std::int64_t not_before = -1;                    // what was issued by then is not accepted for single use
    bool fit = false;                                // forgets nothing that it acknowledged
    std::int64_t judged_at = 0;                      // the caller's time when that was asked
    std::int64_t process = 0, started = 0;           // of the server, if this connection leads to one
    std::int64_t left_process = 0, left_started = 0; // of one that did not answer in time

    version_walk versions{};
    bool seeded = false;
    unsigned inserts = 0;
    static constexpr int max_reads = 16; // between two calls, of a server that has nothing to say then
    static constexpr auto everything = std::numeric_limits<std::int64_t>::min();
    std::int64_t removal_start = everything; // from which expiry on the next batch is removed
    errc why = errc::store_unavailable;      // that the last attempt to connect failed
    std::string words{};

    bool has_sent = false;      // requests, since `begin_call`
    bool was_abandoned = false; // the caller left: nothing of his is touched or sent again

    std::coroutine_handle<> waiting{};
    short waits_for = 0; // events of poll
    bool was_in_time = false;

    SIGNET_DECL explicit postgres_protocol(postgres_params params);
    postgres_protocol(postgres_protocol const&) = delete; // the connection knows where this is
    postgres_protocol& operator=(postgres_protocol const&) = delete;
    SIGNET_DECL virtual ~postgres_protocol();

    // ---- for adapters

    // Called before libpq may close the socket.
    virtual void let_go_of_socket() noexcept {}
    SIGNET_DECL int socket() const noexcept;
    void resume(bool in_time) {
        was_in_time = in_time;
        std::exchange(waiting, {}).resume();
    }
    void begin_call() noexcept { has_sent = was_abandoned = false; }
    bool accepts_lasting_writes() const noexcept { return link && (fit || params.may_forget_revocations); }

    // Creates the tables.
    SIGNET_DECL work<bool> migrate(std::int64_t now);
    // Connects if needed. False: `why`.
    SIGNET_DECL work<bool> ready(std::int64_t now, bool anyway = false);
    // Returns whether it is time to remove what expired.
    SIGNET_DECL work<bool> execute(std::span<request const> asks, std::span<reply> replies);
    // Returns how many were removed; negative: it failed.
    SIGNET_DECL work<std::int64_t> remove(std::int64_t now, std::size_t max_count);
    // Fills an empty page. What it refers to must outlive the work; after an error the page is empty.
    SIGNET_DECL work<reply> scan(scan_position& position, std::int64_t now, scan_page& page);
    // The reply to a request that was sent, and whose answer was lost.
    static reply lost(request const& ask) noexcept {
        return reply::failure(ask.verb == verb::find ? errc::store_unavailable : errc::outcome_unknown);
    }

    SIGNET_DECL bool drop(std::string_view what, errc error = errc::store_unavailable);

private:
    struct pause {
        postgres_protocol* of;
        bool await_ready() const noexcept { return false; }
        void await_suspend(std::coroutine_handle<> who) const noexcept { of->waiting = who; }
        bool await_resume() const { return of->was_in_time || of->give_up(); }
    };

    // ---- the connection

    // Until the socket is ready for one of the events. False: not by the deadline.
    pause wait(short events) noexcept {
        waits_for = events;
        return {this};
    }
    SIGNET_DECL bool give_up();
    SIGNET_DECL work<bool> open();
    SIGNET_DECL std::string connection_words() const;
    SIGNET_DECL bool still_open();
    SIGNET_DECL work<bool> judge(std::int64_t now);
    SIGNET_DECL bool follows(std::string_view who, std::int64_t at) const;
    SIGNET_DECL work<bool> understand_judgement(results said, std::int64_t now);
    SIGNET_DECL work<bool> claim(std::int64_t now);
    SIGNET_DECL bool drop_refused();

    // ---- transactions

    using sender = std::function<bool()>;
    SIGNET_DECL bool send(char const* text, arguments const& a);
    SIGNET_DECL bool send(postgres_statement which, arguments const& a);
    SIGNET_DECL work<bool> receive(results& said);
    SIGNET_DECL work<fate> transact(results& said, sender const& send_all);

    // ---- verbs

    SIGNET_DECL bool ask_for(request const& ask, std::uint64_t version);
    SIGNET_DECL reply allowed(request const& ask) const;
    SIGNET_DECL reply understand(request const& ask, std::uint64_t version, pg_result const& said);
    SIGNET_DECL reply fill(request const& ask, pg_result const& row);
    SIGNET_DECL reply refused();
    SIGNET_DECL work<bool> execute_batch(std::span<request const> asks, std::span<reply> replies);
    SIGNET_DECL work<bool> execute_together(std::span<request const> asks, std::span<reply> replies,
                                            std::span<std::size_t const> order);
};

}}}} // namespace signet::store::detail

#    ifndef SIGNET_SEPARATE_COMPILATION
#        include <signet/store/impl/postgres_protocol.ipp>
#    endif

#endif

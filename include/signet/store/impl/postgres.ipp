// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/core/impl/seed.hpp>
#include <signet/store/impl/bounded.hpp>
#include <signet/store/impl/postgres_statements.hpp>
#include <signet/store/postgres.hpp>

#include <algorithm>
#include <array>
#include <bitset>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <mutex>
#include <optional>
#include <string_view>
#include <vector>

#if __has_include(<libpq-fe.h>)
#    include <libpq-fe.h>
#else
#    include <postgresql/libpq-fe.h> // Debian's place
#endif
#include <poll.h>

#ifndef LIBPQ_HAS_PIPELINING
#    error "signet's store in PostgreSQL needs libpq 14 or later"
#endif

namespace signet { inline namespace SIGNET_ABI { namespace store {

namespace detail {

struct postgres_free {
    void operator()(PGconn* c) const noexcept { PQfinish(c); }
    void operator()(PGresult* r) const noexcept { PQclear(r); }
    void operator()(PQconninfoOption* o) const noexcept { PQconninfoFree(o); }
};
using postgres_result = std::unique_ptr<PGresult, postgres_free>;
using postgres_time = std::chrono::steady_clock::time_point;

// The parameters of a statement, binary; octets are the caller's.
class postgres_arguments {
public:
    postgres_arguments() noexcept = default;
    postgres_arguments(postgres_arguments const&) = delete; // it points into itself
    postgres_arguments& operator=(postgres_arguments const&) = delete;

    postgres_arguments& add(bytes_view octets) noexcept {
        // Without octets too it is not a null pointer, which would mean NULL.
        value_[n_] = octets.empty() ? "" : reinterpret_cast<char const*>(octets.data());
        size_[n_++] = static_cast<int>(octets.size());
        return *this;
    }
    postgres_arguments& add(std::uint64_t number) noexcept {
        auto& word = words_[n_];
        for (std::size_t i = 0; i != 8; ++i) word[i] = static_cast<std::uint8_t>(number >> (56 - 8 * i));
        return add(word);
    }
    postgres_arguments& add(std::int64_t number) noexcept { return add(static_cast<std::uint64_t>(number)); }

    int count() const noexcept { return static_cast<int>(n_); }
    char const* const* values() const noexcept { return value_.data(); }
    int const* sizes() const noexcept { return size_.data(); }
    static int const* formats() noexcept {
        static constexpr int binary[max] = {1, 1, 1, 1, 1, 1};
        return binary;
    }

private:
    static constexpr std::size_t max = 6;
    std::array<std::array<std::uint8_t, 8>, max> words_;
    std::array<char const*, max> value_;
    std::array<int, max> size_;
    std::size_t n_ = 0;
};

inline std::string_view postgres_octets(PGresult const* r, int column) noexcept {
    return {PQgetvalue(r, 0, column), static_cast<std::size_t>(PQgetlength(r, 0, column))};
}

// Nothing if it is NULL, or no number of 64 bits.
inline std::optional<std::int64_t> postgres_number(PGresult const* r, int column) noexcept {
    auto const octets = postgres_octets(r, column);
    if (octets.size() != 8 || PQgetisnull(r, 0, column)) return std::nullopt;
    std::uint64_t value = 0;
    for (char const c : octets) value = value << 8 | static_cast<unsigned char>(c);
    return static_cast<std::int64_t>(value);
}

inline bool postgres_row(PGresult const* r, int columns) noexcept {
    return r && PQresultStatus(r) == PGRES_TUPLES_OK && PQntuples(r) == 1 && PQnfields(r) == columns;
}

inline std::string_view postgres_field(PGresult const* r, int code) noexcept {
    auto const* text = PQresultErrorField(r, code);
    return text ? text : "";
}

// An error after which nothing has happened: the server itself says so, and lives on. Class 08 is a broken link, 57P a
// server or proxy that goes down, 58 its system: these may come after the commit.
inline bool postgres_did_not_run(PGresult const* r) noexcept {
    auto const code = postgres_field(r, PG_DIAG_SQLSTATE);
    return postgres_field(r, PG_DIAG_SEVERITY_NONLOCALIZED) == "ERROR" && code.size() == 5 && !code.starts_with("08") &&
           !code.starts_with("57P") && !code.starts_with("58");
}

} // namespace detail

struct postgres::body {
    using arguments = detail::postgres_arguments;
    using results = std::vector<detail::postgres_result>;
    using clock = std::chrono::steady_clock;
    enum class fate { committed, undone, lost }; // of a transaction

    postgres_params params;
    std::unique_ptr<PGconn, detail::postgres_free> link; // in pipeline mode
    detail::postgres_time deadline{};                    // of the call
    std::bitset<detail::postgres_statements> prepared;   // on this connection
    std::vector<detail::postgres_statement> preparing;   // what this run of messages prepares, in its order
    bool unnamed = false;                                // a proxy loses prepared statements
    bool warned = false;                                 // the server sent a warning
    std::string refusal;                                 // the SQLSTATE of what was undone

    std::string timeline, identity;                  // of the database
    std::int64_t position = 0;                       // how much of its log was on the disk
    std::int64_t not_before = -1;                    // what was issued by then is not accepted for single use
    bool fit = false;                                // forgets nothing that it acknowledged
    std::int64_t judged_at = 0;                      // the caller's time when that was asked
    std::int64_t process = 0, started = 0;           // of the server, if this connection leads to one
    std::int64_t left_process = 0, left_started = 0; // of one that did not answer in time

    detail::version_walk versions;
    bool seeded = false;
    unsigned inserts = 0, failures = 0;
    detail::postgres_time closed_until{}; // after failed attempts to connect
    errc why = errc::store_unavailable;   // of the last one
    std::string words;
    mutable std::mutex lock;

    explicit body(postgres_params o) : params{std::move(o)} {
        params.slack = detail::bounded(params.slack);
        params.retry_after = detail::bounded(params.retry_after);
        params.connect_timeout = detail::bounded(params.connect_timeout);
        params.reply_timeout = detail::bounded(params.reply_timeout);
    }
    body(body const&) = delete;
    body& operator=(body const&) = delete;
    ~body() { wipe({reinterpret_cast<std::uint8_t*>(params.conninfo.data()), params.conninfo.size()}); }

    // ---- the connection

    bool drop(std::string_view what, errc error = errc::store_unavailable) {
        words = what; // it may lie in the link
        why = error;
        link.reset();
        return false;
    }
    bool wait(short events);
    bool open();
    std::string connection_words() const;
    bool still_open();
    bool ready(std::int64_t now);
    bool judge(std::int64_t now);
    bool follows(std::string_view who, std::int64_t at) const;
    bool understand_judgement(results const& said, std::int64_t now);
    bool claim(std::int64_t now);

    bool drop_refused() { // 42P01: no table; 3F000: no schema; 42703: no column
        auto const schema = refusal == "42P01" || refusal == "3F000" || refusal == "42703";
        return drop(std::string{words}, schema ? errc::unknown_store_schema : errc::store_unavailable);
    }

    // ---- transactions

    bool send(char const* text, arguments const& a) {
        return PQsendQueryParams(link.get(), text, a.count(), nullptr, a.values(), a.sizes(), a.formats(), 1) == 1;
    }
    bool send(detail::postgres_statement which, arguments const& a);
    bool receive(results& said);
    template <class Send> fate transact(results& said, Send send_all);

    // ---- verbs

    bool ask_for(request const& ask, std::uint64_t version);
    reply allowed(request const& ask) const;
    reply understand(request const& ask, std::uint64_t version, PGresult const& said);
    reply fill(request const& ask, PGresult const& row);
    reply refused();
    static reply lost(request const& ask) {
        return reply::failure(ask.verb == verb::find ? errc::store_unavailable : errc::outcome_unknown);
    }
    void execute(std::span<request const> asks, std::span<reply> replies);
    void execute_together(std::span<request const> asks, std::span<reply> replies, std::span<std::size_t const> order);
    std::int64_t remove(std::int64_t until, std::size_t max_count);
};

// ---- waiting

// Until the socket is ready for one of the events, at most until the deadline.
SIGNET_DECL bool postgres::body::wait(short events) {
    for (;;) {
        auto const left = std::chrono::ceil<std::chrono::milliseconds>(deadline - clock::now()).count();
        if (left <= 0) break;
        pollfd socket{PQsocket(link.get()), events, 0};
        auto const n = ::poll(&socket, 1, static_cast<int>(std::min<std::int64_t>(left, 60'000)));
        if (n > 0) return true;
        if (n < 0 && errno != EINTR) return drop("poll failed");
    }
    if (process != 0) left_process = process, left_started = started; // it may be at work still
    return drop("the server did not answer in time");
}

// ---- connecting

// What libpq says of a connection that failed, without anything of the connection string: what stands in quotes goes.
// A text whose quotes cannot be told (a translation's, or the string has some itself) and one with a secret go wholly.
SIGNET_DECL std::string postgres::body::connection_words() const {
    std::string_view const said = PQerrorMessage(link.get());
    std::string out;
    bool quoted = false, clear = params.conninfo.find('"') == std::string::npos;
    for (char const c : said) {
        if (c == '"') quoted = !quoted;
        else if (c == '\n' || c == '\t') out += ' ';
        else if (!quoted) out += c;
        clear = clear && (c == '\n' || c == '\t' || (c >= ' ' && c <= '~'));
    }
    while (out.ends_with(' ')) out.pop_back();
    auto const has = [&](char const* secret) { return secret && *secret && out.find(secret) != std::string::npos; };
    clear = clear && !has(PQpass(link.get()));
    std::unique_ptr<PQconninfoOption, detail::postgres_free> const options{PQconninfo(link.get())};
    for (auto const* o = options.get(); o && o->keyword; ++o) clear = clear && !(*o->dispchar == '*' && has(o->val));
    return clear ? out : "the connection failed";
}

SIGNET_DECL bool postgres::body::open() {
    if (!seeded) {
        auto const start = signet::detail::random_seed();
        if (!start) return drop("no randomness");
        versions = detail::version_walk{*start};
        seeded = true;
    }
    deadline = clock::now() + params.connect_timeout;
    process = started = 0;
    link.reset(PQconnectStart(params.conninfo.c_str()));
    if (!link) return drop("out of memory");
    PQsetNoticeReceiver(
        link.get(),
        [](void* self, PGresult const* notice) {
            if (detail::postgres_field(notice, PG_DIAG_SEVERITY_NONLOCALIZED) == "WARNING")
                static_cast<body*>(self)->warned = true;
        },
        this);
    for (auto step = PGRES_POLLING_WRITING; PQstatus(link.get()) != CONNECTION_BAD;) {
        if (!wait(step == PGRES_POLLING_WRITING ? POLLOUT : POLLIN)) return false;
        step = PQconnectPoll(link.get());
        if (step == PGRES_POLLING_OK) break;
        if (step == PGRES_POLLING_FAILED) return drop(connection_words());
    }
    if (PQstatus(link.get()) == CONNECTION_BAD) return drop(connection_words());
    if (PQserverVersion(link.get()) < 120'000) return drop("the server is older than PostgreSQL 12");
    if (PQsetnonblocking(link.get(), 1) != 0 || PQenterPipelineMode(link.get()) != 1) return drop("out of memory");
    prepared.reset();
    return true;
}

// Between two calls a server says nothing but farewell.
SIGNET_DECL bool postgres::body::still_open() {
    pollfd socket{PQsocket(link.get()), POLLIN, 0};
    while (::poll(&socket, 1, 0) > 0) {
        if (PQconsumeInput(link.get()) != 1) return false;
        (void)PQisBusy(link.get()); // reads what came
    }
    return PQstatus(link.get()) == CONNECTION_OK;
}

SIGNET_DECL bool postgres::body::ready(std::int64_t now) {
    if (link && !still_open()) drop("the server closed the connection");
    if (link) {
        if (now >= judged_at && now - judged_at < fitness_lasts.count()) return true;
        if (judge(now)) return true; // settings can change while a server runs
    }
    if (clock::now() < closed_until) return false;
    if (open() && judge(now)) {
        failures = 0;
        return true;
    }
    closed_until = clock::now() + detail::backoff(failures++, params.retry_after, versions.next());
    return false;
}

// One round trip: who the server is, how it is configured, and which tables it has.
SIGNET_DECL bool postgres::body::judge(std::int64_t now) {
    results said;
    auto const ended = transact(said, [&] {
        return send(detail::postgres_judge,
                    arguments{}.add(std::int64_t{params.synchronous_standby}).add(left_process).add(left_started)) &&
               send(detail::postgres_judge_tables, {});
    });
    if (ended == fate::lost) return false;
    left_process = left_started = 0;
    if (said.size() == 2 && detail::postgres_row(said[0].get(), detail::postgres_ended + 1) &&
        PQgetisnull(said[0].get(), 0, detail::postgres_timeline))
        return drop("the server takes no writes: it is a standby, or read-only");
    if (ended == fate::undone) return drop_refused();
    return understand_judgement(said, now);
}

// Whether a database can be what became of the one that this object saw last: a later timeline, or the same and no
// less of its log. Else it is another one, or an older copy.
SIGNET_DECL bool postgres::body::follows(std::string_view who, std::int64_t at) const {
    if (identity.empty()) return true;
    auto const system = identity.size() - timeline.size();
    return who.size() == identity.size() && who.starts_with(std::string_view{identity}.substr(0, system)) &&
           (who == identity ? at >= position : who > identity);
}

SIGNET_DECL bool postgres::body::understand_judgement(results const& said, std::int64_t now) {
    if (said.size() != 2 || !detail::postgres_row(said[0].get(), detail::postgres_ended + 1) ||
        !detail::postgres_row(said[1].get(), 2))
        return drop("the tables lack their contents", errc::unknown_store_schema);
    auto const* server = said[0].get();
    auto const* tables = said[1].get();
    if (detail::postgres_number(tables, 0) != detail::postgres_schema)
        return drop("the tables are another version's", errc::unknown_store_schema);

    auto const at = detail::postgres_number(server, detail::postgres_position).value_or(0);
    auto const since = detail::postgres_number(tables, 1);
    auto const who = detail::postgres_octets(server, detail::postgres_identity);
    auto const known = since && follows(who, at);
    timeline = detail::postgres_octets(server, detail::postgres_timeline);
    identity = who;
    position = at;
    if (since) not_before = std::max(not_before, *since);
    if (!known && !claim(now)) return false;

    auto const lacks = detail::postgres_octets(server, detail::postgres_unfit);
    fit = lacks.empty();
    words = fit ? "" : "the server may forget: " + std::string{lacks};
    judged_at = now;
    process = detail::postgres_number(server, detail::postgres_process).value_or(0);
    started = detail::postgres_number(server, detail::postgres_started).value_or(0);
    if (process != PQbackendPID(link.get())) process = started = 0; // a proxy's: it gives another one to each call
    return true;
}

SIGNET_DECL bool postgres::body::claim(std::int64_t now) {
    results said;
    auto const ended = transact(said, [&] { return send(detail::postgres_claim, arguments{}.add(now)); });
    if (ended == fate::undone) return drop_refused();
    if (ended == fate::lost) return false;
    auto const since = said.size() == 1 && detail::postgres_row(said[0].get(), 1)
                           ? detail::postgres_number(said[0].get(), 0)
                           : std::nullopt;
    if (!since) return drop("the server gave an answer that makes no sense");
    not_before = std::max(not_before, *since);
    return true;
}

// ---- transactions

// The first time on a connection, the statement is prepared in the same run of messages, so that a proxy sends both to
// one server.
SIGNET_DECL bool postgres::body::send(detail::postgres_statement which, arguments const& a) {
    auto const* text = detail::postgres_text[which].data();
    if (unnamed) return send(text, a);
    auto const name = detail::postgres_name(which);
    if (!prepared[which] && std::find(preparing.begin(), preparing.end(), which) == preparing.end()) {
        if (PQsendPrepare(link.get(), name.c_str(), text, 0, nullptr) != 1) return false;
        preparing.push_back(which);
    }
    return PQsendQueryPrepared(link.get(), name.c_str(), a.count(), a.values(), a.sizes(), a.formats(), 1) == 1;
}

// All answers up to the Sync, which is the commit; without those to PREPARE.
SIGNET_DECL bool postgres::body::receive(results& said) {
    auto next = preparing.begin();
    for (int silent = 0; silent < 3;) { // one nothing ends the answers to a question
        for (;;) {
            auto const unsent = PQflush(link.get());
            if (unsent < 0) return drop("the connection was lost");
            if (unsent == 0 && PQisBusy(link.get()) == 0) break;
            if (!wait(static_cast<short>(unsent > 0 ? POLLIN | POLLOUT : POLLIN))) return false;
            if (PQconsumeInput(link.get()) != 1) return drop("the connection was lost");
        }
        detail::postgres_result r{PQgetResult(link.get())};
        if (PQstatus(link.get()) == CONNECTION_BAD) return drop("the connection was lost");
        silent = r ? 0 : silent + 1;
        if (!r) continue;
        auto const status = PQresultStatus(r.get());
        if (status == PGRES_PIPELINE_SYNC) {
            if (PQtransactionStatus(link.get()) == PQTRANS_IDLE) return true;
            return drop("the connection was within somebody's transaction");
        }
        auto const prepare = status == PGRES_COMMAND_OK && *PQcmdStatus(r.get()) == '\0';
        if (!prepare) said.push_back(std::move(r));
        else if (next != preparing.end()) prepared.set(*next++); // it stays, whatever becomes of the transaction
    }
    return drop("the server gave an answer that makes no sense");
}

// What `send_all` sends is one transaction: no answer counts before its end is acknowledged. A statement that the
// server lost (26000), or has from somebody else (42P05), did not run: all is sent once more, from then on unnamed.
template <class Send> SIGNET_DECL postgres::body::fate postgres::body::transact(results& said, Send send_all) {
    deadline = clock::now() + params.reply_timeout;
    for (;;) {
        said.clear();
        preparing.clear();
        refusal.clear();
        warned = false;
        if (!send_all() || PQpipelineSync(link.get()) != 1) { // without the Sync the server commits nothing
            drop("the question could not be sent");
            return fate::undone;
        }
        if (!receive(said)) return fate::lost;
        auto const failed = std::find_if(said.begin(), said.end(),
                                         [](auto const& r) { return PQresultStatus(r.get()) == PGRES_FATAL_ERROR; });
        if (failed == said.end()) return fate::committed;
        refusal = detail::postgres_field(failed->get(), PG_DIAG_SQLSTATE);
        words = refusal + ": " + std::string{detail::postgres_field(failed->get(), PG_DIAG_MESSAGE_PRIMARY)};
        if (!detail::postgres_did_not_run(failed->get())) {
            drop(std::string{words});
            return fate::lost;
        }
        if ((refusal != "26000" && refusal != "42P05") || std::exchange(unnamed, true)) return fate::undone;
    }
}

// ---- one verb

SIGNET_DECL reply postgres::body::allowed(request const& ask) const {
    if (auto wrong = detail::check(ask); wrong.outcome == outcome::failed) return wrong;
    if (!detail::is_lasting(ask)) return reply::success();
    if (!fit && !params.may_forget_revocations) return reply::failure(errc::store_unfit);
    if (ask.single_use && ask.verb != verb::take && detail::seconds(ask.issued) <= not_before)
        return reply::failure(errc::store_restarted);
    return reply::success();
}

SIGNET_DECL bool postgres::body::ask_for(request const& ask, std::uint64_t version) {
    auto const now = detail::seconds(ask.now);
    arguments a;
    a.add(ask.key);
    switch (ask.verb) {
    case verb::find: a.add(now).add(std::uint64_t{ask.into.size()}); break;
    case verb::insert:
    case verb::replace:
        a.add(version).add(detail::seconds(ask.record.expires)).add(ask.record.bytes).add(now);
        if (ask.verb == verb::replace) a.add(ask.version);
        break;
    case verb::take: a.add(now).add(std::uint64_t{ask.into.size()}).add(not_before); break;
    case verb::erase: a.add(now).add(ask.version); break;
    }
    return send(static_cast<detail::postgres_statement>(ask.verb), a); // both enumerations have the same order
}

// A row that find or take read.
SIGNET_DECL reply postgres::body::fill(request const& ask, PGresult const& row) {
    auto const version = detail::postgres_number(&row, 0), expires = detail::postgres_number(&row, 1),
               size = detail::postgres_number(&row, 2);
    if (!version || !expires || !size) return reply::failure(errc::record_malformed);
    if (ask.verb == verb::take && detail::postgres_number(&row, 4).value_or(0) <= not_before)
        return reply::failure(errc::store_restarted);
    if (static_cast<std::uint64_t>(*size) > ask.into.size())
        return reply::failure(errc::buffer_too_small, static_cast<std::size_t>(*size));
    auto const octets = detail::postgres_octets(&row, 3);
    if (octets.size() != static_cast<std::size_t>(*size)) return reply::failure(errc::record_malformed);
    if (!octets.empty()) std::memcpy(ask.into.data(), octets.data(), octets.size());
    return reply::success({ask.into.first(octets.size()), unix_time{std::chrono::seconds{*expires}},
                           static_cast<std::uint64_t>(*version)});
}

SIGNET_DECL reply postgres::body::understand(request const& ask, std::uint64_t version, PGresult const& said) {
    auto const columns = ask.verb == verb::find ? 4 : ask.verb == verb::take ? 6 : 1;
    if (PQresultStatus(&said) == PGRES_TUPLES_OK && PQntuples(&said) == 0) return reply::not_applied();
    if (!detail::postgres_row(&said, columns)) return lost(ask);
    if (ask.verb == verb::find) return fill(ask, said);
    // It ran where nobody looked who that is: a proxy went on to another server.
    if (detail::postgres_octets(&said, columns - 1) != timeline) return lost(ask);
    if (ask.verb == verb::take) return fill(ask, said);
    return reply::success({{}, {}, ask.verb == verb::erase ? 0 : version});
}

// The server said no, so nothing ran.
SIGNET_DECL reply postgres::body::refused() {
    if (refusal == "53100") return reply::failure(errc::store_full);
    // 25006, 55000: it became a standby; 0A000, 42...: the tables are others now. The next call looks who it is.
    if (refusal == "25006" || refusal == "55000" || refusal == "0A000" || refusal.starts_with("42"))
        drop(std::string{words});
    return reply::failure(refusal == "42P01" ? errc::unknown_store_schema : errc::store_unavailable);
}

// ---- all verbs

SIGNET_DECL void postgres::body::execute(std::span<request const> asks, std::span<reply> replies) {
    if (asks.empty()) return;
    if (!ready(detail::seconds(asks[0].now))) {
        for (auto& r : replies) r = reply::failure(why);
        return;
    }
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i != asks.size(); ++i) {
        replies[i] = allowed(asks[i]);
        if (replies[i].outcome != outcome::failed) order.push_back(i);
    }
    if (order.empty()) return;
    // Sorted, so that two batches never wait for each other's rows; questions about one key stay in their order.
    std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return asks[a].key < asks[b].key; });
    execute_together(asks, replies, order);

    auto const before = inserts / 32;
    for (auto const i : order) inserts += asks[i].verb == verb::insert;
    if (inserts / 32 != before && link) (void)remove(detail::seconds(asks[0].now) - params.slack.count(), 64);
}

SIGNET_DECL void postgres::body::execute_together(std::span<request const> asks, std::span<reply> replies,
                                                  std::span<std::size_t const> order) {
    std::vector<std::uint64_t> given(asks.size());
    results said;
    auto const ended = transact(said, [&] {
        return std::all_of(order.begin(), order.end(),
                           [&](auto i) { return ask_for(asks[i], given[i] = versions.next()); });
    });
    if (ended == fate::undone && order.size() > 1) { // one of them undid all: each by itself
        std::vector<std::size_t> alone{order.begin(), order.end()};
        std::sort(alone.begin(), alone.end());
        for (auto const i : alone) execute(asks.subspan(i, 1), replies.subspan(i, 1));
        return;
    }
    if (ended == fate::undone) {
        replies[order[0]] = refused();
        return;
    }
    auto stranger = false;
    for (std::size_t n = 0; n != order.size(); ++n) {
        auto const& ask = asks[order[n]];
        auto& answer = replies[order[n]];
        auto const known = ended == fate::committed && said.size() == order.size();
        answer = known ? understand(ask, given[order[n]], *said[n]) : lost(ask);
        if (known && ask.verb != verb::find && answer.error == errc::outcome_unknown) stranger = true;
        // A commit that gave up waiting for its standby: the primary alone has it.
        if (known && warned && ask.verb != verb::find && answer.outcome == outcome::done) {
            if (ask.verb == verb::take) wipe(ask.into.first(answer.record.bytes.size()));
            answer = lost(ask);
        }
    }
    if (stranger) drop("the server changed under the connection");
    else if (warned) words = "the server warned of a commit: a standby may lack it";
}

SIGNET_DECL std::int64_t postgres::body::remove(std::int64_t until, std::size_t max_count) {
    results said;
    auto const ended = transact(
        said, [&] { return send(detail::postgres_remove, arguments{}.add(until).add(std::uint64_t{max_count})); });
    if (ended == fate::undone && link) (void)refused();
    if (ended != fate::committed || said.size() != 1) return -1;
    return std::strtoll(PQcmdTuples(said[0].get()), nullptr, 10);
}

// ---- the shell

SIGNET_DECL postgres::postgres(postgres_params params) : body_{std::make_unique<body>(std::move(params))} {}
SIGNET_DECL postgres::postgres(postgres&&) noexcept = default;
SIGNET_DECL postgres& postgres::operator=(postgres&&) noexcept = default;
SIGNET_DECL postgres::~postgres() = default;

SIGNET_DECL result<void> postgres::migrate(unix_time now) {
    std::lock_guard hold{body_->lock};
    body_->link.reset();
    if (!body_->open()) return body_->why;
    body::results said;
    auto const ended = body_->transact(said, [&] {
        return std::all_of(std::begin(detail::postgres_migration), std::end(detail::postgres_migration),
                           [&](auto const* text) { return body_->send(text, {}); });
    });
    // 42P07: they are there already; whether as they should be, the judgement says.
    if (ended == body::fate::lost || !body_->link) return body_->why;
    if (ended == body::fate::undone && body_->refusal != "42P07") {
        body_->drop_refused();
        return body_->why;
    }
    if (!body_->judge(detail::seconds(now))) return body_->why;
    return {};
}

SIGNET_DECL result<void> postgres::connect(unix_time now) {
    std::lock_guard hold{body_->lock};
    body_->closed_until = {};
    if (!body_->ready(detail::seconds(now))) return body_->why;
    return {};
}

SIGNET_DECL reply postgres::execute(request const& ask) {
    std::lock_guard hold{body_->lock};
    reply answer;
    body_->execute({&ask, 1}, {&answer, 1});
    return answer;
}

SIGNET_DECL void postgres::execute_many(std::span<request const> asks, std::span<reply> replies) {
    std::lock_guard hold{body_->lock};
    constexpr std::size_t max_batch = 128; // octets in flight are bounded
    for (std::size_t at = 0; at < asks.size(); at += max_batch) {
        auto const n = std::min(max_batch, asks.size() - at);
        body_->execute(asks.subspan(at, n), replies.subspan(at, n));
    }
}

SIGNET_DECL result<std::size_t> postgres::remove_expired(unix_time now, std::size_t max_count) {
    std::lock_guard hold{body_->lock};
    if (!body_->ready(detail::seconds(now))) return body_->why;
    auto const count = body_->remove(detail::seconds(now) - body_->params.slack.count(), max_count);
    if (count < 0) return errc::store_unavailable;
    return static_cast<std::size_t>(count);
}

SIGNET_DECL bool postgres::accepts_lasting_writes() const {
    std::lock_guard hold{body_->lock};
    return body_->link && (body_->fit || body_->params.may_forget_revocations);
}

SIGNET_DECL std::string postgres::last_error() const {
    std::lock_guard hold{body_->lock};
    return body_->words;
}

}}} // namespace signet::store

// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/core/impl/seed.hpp>
#include <signet/core/secret.hpp>
#include <signet/store/impl/bounded.hpp>
#include <signet/store/impl/postgres_protocol.hpp>
#include <signet/store/impl/postgres_statements.hpp>
#include <signet/store/impl/scan_place.hpp>
#include <signet/store/postgres.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <cstring>
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

namespace signet { inline namespace SIGNET_ABI { namespace store { namespace detail {

SIGNET_DECL void postgres_free::operator()(pg_conn* c) const noexcept { PQfinish(c); }
SIGNET_DECL void postgres_free::operator()(pg_result* r) const noexcept { PQclear(r); }

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

inline std::string_view postgres_octets(PGresult const* r, int column, int row = 0) noexcept {
    return {PQgetvalue(r, row, column), static_cast<std::size_t>(PQgetlength(r, row, column))};
}

// Nothing if it is NULL, or no number of 64 bits.
inline std::optional<std::int64_t> postgres_number(PGresult const* r, int column, int row = 0) noexcept {
    auto const octets = postgres_octets(r, column, row);
    if (octets.size() != 8 || PQgetisnull(r, row, column)) return std::nullopt;
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

// ---- beginning and end

SIGNET_DECL postgres_protocol::postgres_protocol(postgres_params o) : params{std::move(o)} {
    params.slack = bounded(params.slack);
    if (!params.breaker)
        params.breaker = std::make_shared<store::breaker>(breaker_params{.max_pause = params.retry_after});
    params.connect_timeout = bounded(params.connect_timeout);
    params.reply_timeout = bounded(params.reply_timeout);
}
SIGNET_DECL postgres_protocol::~postgres_protocol() { wipe_text(params.conninfo); }

SIGNET_DECL int postgres_protocol::socket() const noexcept { return PQsocket(link.get()); }

SIGNET_DECL bool postgres_protocol::drop(std::string_view what, errc error) {
    words = what; // it may lie in the link
    why = error;
    let_go_of_socket();
    link.reset();
    return false;
}

SIGNET_DECL bool postgres_protocol::give_up() {
    if (process != 0) left_process = process, left_started = started; // it may be at work still
    return drop("the server did not answer in time");
}

// ---- connecting

// What libpq says of a connection that failed, without anything of the connection string: what stands in quotes goes.
// A text whose quotes cannot be told (a translation's, or the string has some itself) and one with a secret go wholly.
SIGNET_DECL std::string postgres_protocol::connection_words() const {
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
    std::unique_ptr<PQconninfoOption, void (*)(PQconninfoOption*)> const options{PQconninfo(link.get()),
                                                                                 PQconninfoFree};
    for (auto const* o = options.get(); o && o->keyword; ++o) clear = clear && !(*o->dispchar == '*' && has(o->val));
    return clear ? out : "the connection failed";
}

SIGNET_DECL postgres_work<bool> postgres_protocol::open() {
    if (!seeded) {
        auto const start = signet::detail::random_seed();
        if (!start) co_return drop("no randomness");
        versions = version_walk{*start};
        seeded = true;
    }
    deadline = std::chrono::steady_clock::now() + params.connect_timeout;
    process = started = 0;
    let_go_of_socket();
    link.reset(PQconnectStart(params.conninfo.c_str()));
    if (!link) co_return drop("out of memory");
    PQsetNoticeReceiver(
        link.get(),
        [](void* self, PGresult const* notice) {
            if (postgres_field(notice, PG_DIAG_SEVERITY_NONLOCALIZED) == "WARNING")
                static_cast<postgres_protocol*>(self)->warned = true;
        },
        this);
    for (auto step = PGRES_POLLING_WRITING; PQstatus(link.get()) != CONNECTION_BAD;) {
        auto const in_time = co_await wait(step == PGRES_POLLING_WRITING ? POLLOUT : POLLIN);
        if (!in_time) co_return false;
        let_go_of_socket(); // where it goes on to another host
        step = PQconnectPoll(link.get());
        if (step == PGRES_POLLING_OK) break;
        if (step == PGRES_POLLING_FAILED) co_return drop(connection_words());
    }
    if (PQstatus(link.get()) == CONNECTION_BAD) co_return drop(connection_words());
    if (PQserverVersion(link.get()) < 120'000) co_return drop("the server is older than PostgreSQL 12");
    if (PQsetnonblocking(link.get(), 1) != 0 || PQenterPipelineMode(link.get()) != 1) co_return drop("out of memory");
    prepared.reset();
    co_return true;
}

// Between two calls a server says farewell, and a notice or the value of a setting at times. This waits for nothing, so
// one that says more than a few is not listened to.
SIGNET_DECL bool postgres_protocol::still_open() {
    pollfd socket{PQsocket(link.get()), POLLIN, 0};
    for (int reads = 0; ::poll(&socket, 1, 0) > 0; ++reads) {
        if (reads == max_reads) return false;
        if (PQconsumeInput(link.get()) != 1) return false;
        (void)PQisBusy(link.get()); // reads what came
    }
    // Something may be under way still if an exception, such as of memory, ended the last call.
    return PQstatus(link.get()) == CONNECTION_OK && PQtransactionStatus(link.get()) == PQTRANS_IDLE;
}

SIGNET_DECL postgres_work<bool> postgres_protocol::ready(std::int64_t now, bool anyway) {
    if (link && !still_open()) drop("the server closed the connection");
    if (link) {
        if (now >= judged_at && now - judged_at < fitness_lasts.count()) co_return true;
        auto const good = co_await judge(now); // settings can change while a server runs
        if (good) co_return true;
    }
    auto attempt = params.breaker->begin_attempt(anyway);
    if (!attempt && words.empty()) words = "a connection to this server has just failed";
    if (!attempt) co_return false;
    auto const opened = co_await open();
    if (!opened) co_return false;
    auto const good = co_await judge(now);
    if (good) attempt.succeeded();
    co_return good;
}

SIGNET_DECL bool postgres_protocol::drop_refused() { // 42P01: no table; 3F000: no schema; 42703: no column
    auto const schema = refusal == "42P01" || refusal == "3F000" || refusal == "42703";
    return drop(std::string{words}, schema ? errc::unknown_store_schema : errc::store_unavailable);
}

// One round trip: who the server is, how it is configured, and which tables it has.
SIGNET_DECL postgres_work<bool> postgres_protocol::judge(std::int64_t now) {
    results said;
    sender const questions = [&] {
        return send(postgres_judge,
                    arguments{}.add(std::int64_t{params.synchronous_standby}).add(left_process).add(left_started)) &&
               send(postgres_judge_tables, {});
    };
    auto const ended = co_await transact(said, questions);
    if (ended == fate::lost) co_return false;
    left_process = left_started = 0;
    if (said.size() == 2 && postgres_row(said[0].get(), postgres_ended + 1) &&
        PQgetisnull(said[0].get(), 0, postgres_lineage))
        co_return drop("the server takes no writes: it is a standby, or read-only");
    if (ended == fate::undone) co_return drop_refused();
    auto const understood = co_await understand_judgement(std::move(said), now);
    co_return understood;
}

// Whether a database can be what became of the one that this object saw last: the same files, and a later timeline, or
// the same and no less of its log. Else it is another one, or an older copy.
SIGNET_DECL bool postgres_protocol::follows(std::string_view who, std::int64_t at) const {
    if (identity.empty()) return true;
    auto const files = std::string_view{identity}.substr(0, identity.size() - postgres_timeline_size);
    return who.size() == identity.size() && who.starts_with(files) &&
           (who == identity ? at >= position : who > identity);
}

SIGNET_DECL postgres_work<bool> postgres_protocol::understand_judgement(results said, std::int64_t now) {
    if (said.size() != 2 || !postgres_row(said[0].get(), postgres_ended + 1) || !postgres_row(said[1].get(), 2))
        co_return drop("the tables lack their contents", errc::unknown_store_schema);
    auto const* server = said[0].get();
    auto const* tables = said[1].get();
    if (postgres_number(tables, 0) != postgres_schema)
        co_return drop("the tables are another version's", errc::unknown_store_schema);

    auto const at = postgres_number(server, postgres_position).value_or(0);
    auto const since = postgres_number(tables, 1);
    auto const who = postgres_octets(server, postgres_identity);
    auto const known = since && follows(who, at);
    lineage = postgres_octets(server, postgres_lineage);
    identity = who;
    position = at;
    if (since) not_before = std::max(not_before, *since);
    if (!known) {
        auto const claimed = co_await claim(now);
        if (!claimed) co_return false;
    }

    auto const lacks = postgres_octets(server, postgres_unfit);
    fit = lacks.empty();
    words = fit ? "" : "the server may forget: " + std::string{lacks};
    judged_at = now;
    process = postgres_number(server, postgres_process).value_or(0);
    started = postgres_number(server, postgres_started).value_or(0);
    if (process != PQbackendPID(link.get())) process = started = 0; // a proxy's: it gives another one to each call
    co_return true;
}

SIGNET_DECL postgres_work<bool> postgres_protocol::claim(std::int64_t now) {
    results said;
    sender const question = [&] { return send(postgres_claim, arguments{}.add(now)); };
    auto const ended = co_await transact(said, question);
    if (ended == fate::undone) co_return drop_refused();
    if (ended == fate::lost) co_return false;
    auto const since =
        said.size() == 1 && postgres_row(said[0].get(), 1) ? postgres_number(said[0].get(), 0) : std::nullopt;
    if (!since) co_return drop("the server gave an answer that makes no sense");
    not_before = std::max(not_before, *since);
    co_return true;
}

// ---- transactions

SIGNET_DECL bool postgres_protocol::send(char const* text, arguments const& a) {
    ++unanswered;
    return PQsendQueryParams(link.get(), text, a.count(), nullptr, a.values(), a.sizes(), a.formats(), 1) == 1;
}

// The first time on a connection, the statement is prepared in the same run of messages, so that a proxy sends both to
// one server.
SIGNET_DECL bool postgres_protocol::send(postgres_statement which, arguments const& a) {
    auto const* text = postgres_text[which].data();
    if (unnamed) return send(text, a);
    auto const name = postgres_name(which);
    if (!prepared[which] && std::find(preparing.begin(), preparing.end(), which) == preparing.end()) {
        if (PQsendPrepare(link.get(), name.c_str(), text, 0, nullptr) != 1) return false;
        preparing.push_back(which);
        ++unanswered;
    }
    ++unanswered;
    return PQsendQueryPrepared(link.get(), name.c_str(), a.count(), a.values(), a.sizes(), a.formats(), 1) == 1;
}

// All answers up to the Sync, which is the commit; without those to PREPARE.
SIGNET_DECL postgres_work<bool> postgres_protocol::receive(results& said) {
    auto next = preparing.begin();
    for (int silent = 0; silent < 3;) { // one nothing ends the answers to a question
        for (;;) {
            auto const unsent = PQflush(link.get());
            if (unsent < 0) co_return drop("the connection was lost");
            if (unsent == 0 && PQisBusy(link.get()) == 0) break;
            auto const in_time = co_await wait(static_cast<short>(unsent > 0 ? POLLIN | POLLOUT : POLLIN));
            if (!in_time) co_return false;
            if (PQconsumeInput(link.get()) != 1) co_return drop("the connection was lost");
        }
        postgres_result r{PQgetResult(link.get())};
        if (PQstatus(link.get()) == CONNECTION_BAD) co_return drop("the connection was lost");
        silent = r ? 0 : silent + 1;
        if (!r) continue;
        auto const status = PQresultStatus(r.get());
        if (status == PGRES_PIPELINE_SYNC) {
            if (PQtransactionStatus(link.get()) == PQTRANS_IDLE) co_return true;
            co_return drop("the connection was within somebody's transaction");
        }
        // More than was asked: where a copy begins, libpq says so for ever.
        if (unanswered-- == 0) break;
        auto const prepare = status == PGRES_COMMAND_OK && *PQcmdStatus(r.get()) == '\0';
        if (!prepare) said.push_back(std::move(r));
        else if (next != preparing.end()) prepared.set(*next++); // it stays, whatever becomes of the transaction
    }
    co_return drop("the server gave an answer that makes no sense");
}

// What `send_all` sends is one transaction: no answer counts before its end is acknowledged. A statement that the
// server lost (26000), or has from somebody else (42P05), did not run: all is sent once more, from then on unnamed.
SIGNET_DECL postgres_work<postgres_protocol::fate> postgres_protocol::transact(results& said, sender const& send_all) {
    deadline = std::chrono::steady_clock::now() + params.reply_timeout;
    for (;;) {
        said.clear();
        preparing.clear();
        unanswered = 1; // the commit, which may fail
        refusal.clear();
        warned = false;
        if (!send_all() || PQpipelineSync(link.get()) != 1) { // without the Sync the server commits nothing
            drop("the question could not be sent");
            co_return fate::undone;
        }
        auto const received = co_await receive(said);
        if (!received) co_return fate::lost;
        auto const failed = std::find_if(said.begin(), said.end(),
                                         [](auto const& r) { return PQresultStatus(r.get()) == PGRES_FATAL_ERROR; });
        if (failed == said.end()) co_return fate::committed;
        refusal = postgres_field(failed->get(), PG_DIAG_SQLSTATE);
        words = refusal + ": " + std::string{postgres_field(failed->get(), PG_DIAG_MESSAGE_PRIMARY)};
        if (!postgres_did_not_run(failed->get())) {
            drop(std::string{words});
            co_return fate::lost;
        }
        if ((refusal != "26000" && refusal != "42P05") || std::exchange(unnamed, true) || was_abandoned)
            co_return fate::undone;
    }
}

// ---- one verb

SIGNET_DECL reply postgres_protocol::allowed(request const& ask) const {
    if (auto wrong = check(ask); wrong.outcome == outcome::failed) return wrong;
    if (!is_lasting(ask)) return reply::success();
    if (!fit && !params.may_forget_revocations) return reply::failure(errc::store_unfit);
    if (ask.single_use && ask.verb != verb::take && seconds(ask.issued) <= not_before)
        return reply::failure(errc::store_restarted);
    return reply::success();
}

SIGNET_DECL bool postgres_protocol::ask_for(request const& ask, std::uint64_t version) {
    auto const now = seconds(ask.now);
    arguments a;
    a.add(ask.key);
    switch (ask.verb) {
    case verb::find: a.add(now).add(std::uint64_t{ask.into.size()}); break;
    case verb::insert:
    case verb::replace:
        a.add(version).add(seconds(ask.record.expires)).add(ask.record.bytes).add(now);
        if (ask.verb == verb::replace) a.add(ask.version);
        break;
    case verb::take: a.add(now).add(std::uint64_t{ask.into.size()}).add(not_before); break;
    case verb::erase: a.add(now).add(ask.version); break;
    }
    return send(static_cast<postgres_statement>(ask.verb), a); // both enumerations have the same order
}

// A row that find or take read.
SIGNET_DECL reply postgres_protocol::fill(request const& ask, PGresult const& row) {
    auto const version = postgres_number(&row, 0), expires = postgres_number(&row, 1), size = postgres_number(&row, 2);
    if (!version || !expires || !size) return reply::failure(errc::record_malformed);
    if (ask.verb == verb::take && postgres_number(&row, 4).value_or(0) <= not_before)
        return reply::failure(errc::store_restarted);
    if (static_cast<std::uint64_t>(*size) > ask.into.size())
        return reply::failure(errc::buffer_too_small, static_cast<std::size_t>(*size));
    auto const octets = postgres_octets(&row, 3);
    if (octets.size() != static_cast<std::size_t>(*size)) return reply::failure(errc::record_malformed);
    if (!octets.empty()) std::memcpy(ask.into.data(), octets.data(), octets.size());
    return reply::success({ask.into.first(octets.size()), unix_time{std::chrono::seconds{*expires}},
                           static_cast<std::uint64_t>(*version)});
}

SIGNET_DECL reply postgres_protocol::understand(request const& ask, std::uint64_t version, PGresult const& said) {
    auto const columns = ask.verb == verb::find ? 4 : ask.verb == verb::take ? 6 : 1;
    if (PQresultStatus(&said) == PGRES_TUPLES_OK && PQntuples(&said) == 0) return reply::not_applied();
    if (!postgres_row(&said, columns)) return lost(ask);
    if (ask.verb == verb::find) return fill(ask, said);
    // It ran where nobody looked who that is: a proxy went on to another server, or a dump was restored.
    if (postgres_octets(&said, columns - 1) != lineage) return lost(ask);
    if (ask.verb == verb::take) return fill(ask, said);
    return reply::success({{}, {}, ask.verb == verb::erase ? 0 : version});
}

// The server said no, so nothing ran.
SIGNET_DECL reply postgres_protocol::refused() {
    if (refusal == "53100") return reply::failure(errc::store_full);
    // 25006, 55000: it became a standby; 0A000, 42...: the tables are others now. The next call looks who it is.
    if (refusal == "25006" || refusal == "55000" || refusal == "0A000" || refusal.starts_with("42"))
        drop(std::string{words});
    return reply::failure(refusal == "42P01" ? errc::unknown_store_schema : errc::store_unavailable);
}

// ---- all verbs

SIGNET_DECL postgres_work<bool> postgres_protocol::execute(std::span<request const> asks, std::span<reply> replies) {
    constexpr std::size_t max_batch = 128; // octets in flight are bounded
    auto const before = inserts / 32;
    for (std::size_t at = 0; at < asks.size() && !was_abandoned; at += max_batch) {
        auto const n = std::min(max_batch, asks.size() - at);
        (void)co_await execute_batch(asks.subspan(at, n), replies.subspan(at, n));
    }
    co_return inserts / 32 != before&& link;
}

SIGNET_DECL postgres_work<bool> postgres_protocol::execute_batch(std::span<request const> asks,
                                                                 std::span<reply> replies) {
    auto const is_ready = co_await ready(seconds(asks[0].now));
    if (!is_ready) {
        for (auto& r : replies) r = reply::failure(why);
        co_return false;
    }
    std::vector<std::size_t> order;
    for (std::size_t i = 0; i != asks.size(); ++i) {
        replies[i] = allowed(asks[i]);
        if (replies[i].outcome != outcome::failed) order.push_back(i);
    }
    if (order.empty() || was_abandoned) co_return false;
    // Sorted, so that two batches never wait for each other's rows; questions about one key stay in their order.
    std::sort(order.begin(), order.end(),
              [&](auto a, auto b) { return asks[a].key == asks[b].key ? a < b : asks[a].key < asks[b].key; });
    (void)co_await execute_together(asks, replies, order);
    for (auto const i : order) inserts += asks[i].verb == verb::insert;
    co_return true;
}

SIGNET_DECL postgres_work<bool> postgres_protocol::execute_together(std::span<request const> asks,
                                                                    std::span<reply> replies,
                                                                    std::span<std::size_t const> order) {
    std::vector<std::uint64_t> given(asks.size());
    results said;
    sender const questions = [&] {
        return std::all_of(order.begin(), order.end(),
                           [&](auto i) { return ask_for(asks[i], given[i] = versions.next()); });
    };
    has_sent = true;
    auto const ended = co_await transact(said, questions);
    if (was_abandoned) co_return false;
    if (ended == fate::undone && order.size() > 1) { // one of them undid all: each by itself
        std::vector<std::size_t> alone{order.begin(), order.end()};
        std::sort(alone.begin(), alone.end());
        for (auto const i : alone) {
            (void)co_await execute_batch(asks.subspan(i, 1), replies.subspan(i, 1));
            if (was_abandoned) break;
        }
        co_return false;
    }
    if (ended == fate::undone) {
        replies[order[0]] = refused();
        co_return false;
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
    co_return true;
}

SIGNET_DECL postgres_work<std::int64_t> postgres_protocol::remove(std::int64_t now, std::size_t max_count) {
    auto const until = now - params.slack.count();
    std::int64_t count = 0;
    for (auto from = std::exchange(removal_start, everything);; from = everything) {
        constexpr std::uint64_t most = std::numeric_limits<std::int64_t>::max(); // the server takes more for negative
        auto const left = std::min<std::uint64_t>(max_count - static_cast<std::size_t>(count), most);
        results said;
        sender const question = [&] { return send(postgres_remove, arguments{}.add(until).add(left).add(from)); };
        auto const ended = co_await transact(said, question);
        if (ended == fate::undone && link) (void)refused();
        auto const more = ended == fate::committed && said.size() == 1 && postgres_row(said[0].get(), 2)
                              ? postgres_number(said[0].get(), 0)
                              : std::nullopt;
        if (!more) co_return count > 0 ? count : -1; // the first batch is gone, whatever became of the second
        count += *more;
        if (static_cast<std::uint64_t>(count) >= max_count) {
            removal_start = postgres_number(said[0].get(), 1).value_or(everything);
            co_return count;
        }
        // The end. Once more from the beginning, for rows that somebody had locked.
        if (from == everything || was_abandoned) co_return count;
    }
}

// ---- scans

static_assert(max_scan_count == 1000, "as the statement says");

// Adds what a row is. False: it is for the next page, or makes no sense.
inline bool postgres_add_row(PGresult const* r, int row, std::int64_t now, record_key& last, scan_page& page) {
    auto const name = postgres_octets(r, 0, row);
    record_key key{};
    if (name.size() != key.size()) return false;
    std::memcpy(key.data(), name.data(), key.size());
    auto const version = postgres_number(r, 1, row), expires = postgres_number(r, 2, row);
    auto const is_live = expires && *expires > now;
    if (is_live && PQgetisnull(r, row, 3)) return false;
    if (is_live && !version) page.add_unreadable();
    else if (is_live && !add_scanned(page, key, static_cast<std::uint64_t>(*version), *expires,
                                     as_bytes(postgres_octets(r, 3, row)), now))
        return false;
    last = key;
    return true;
}

SIGNET_DECL postgres_work<reply> postgres_protocol::scan(scan_position& position, std::int64_t now, scan_page& page) {
    if (position.is_over()) co_return reply::success();
    std::optional<record_key> last;
    if (!read_name(position, postgres_scan_kind, last)) co_return reply::failure(errc::invalid_scan_position);
    auto const from = last;
    results said;
    sender const question = [&] {
        return send(postgres_scan, arguments{}
                                       .add(from ? bytes_view{*from} : bytes_view{})
                                       .add(now)
                                       .add(std::uint64_t{page.max_count()})
                                       .add(std::uint64_t{page.max_octets()}));
    };
    auto const ended = co_await transact(said, question);
    if (ended == fate::undone && link) co_return refused();
    if (ended != fate::committed || said.size() != 1 || PQresultStatus(said[0].get()) != PGRES_TUPLES_OK ||
        PQnfields(said[0].get()) != 4)
        co_return reply::failure(errc::store_unavailable);
    auto const rows = PQntuples(said[0].get());
    auto row = 0;
    if (!last) last.emplace();
    while (row != rows && postgres_add_row(said[0].get(), row, now, *last, page)) ++row;
    if (row == rows && static_cast<std::size_t>(rows) < page.max_count()) {
        position = scan_position::over();
        co_return reply::success();
    }
    if (row == 0) co_return reply::failure(errc::store_unavailable); // none of this would end
    auto next = write_name(postgres_scan_kind, *last);
    if (!next) co_return reply::failure(next.error().code);
    position = *std::move(next);
    co_return reply::success();
}

SIGNET_DECL postgres_work<bool> postgres_protocol::migrate(std::int64_t now) {
    auto const opened = co_await open();
    if (!opened) co_return false;
    results said;
    sender const all = [&] {
        return std::all_of(std::begin(postgres_migration), std::end(postgres_migration),
                           [&](auto const* text) { return send(text, {}); }) &&
               send(postgres_claim, arguments{}.add(now));
    };
    auto const ended = co_await transact(said, all);
    // 42P07: they are there already; whether as they should be, the judgement says.
    if (ended == fate::lost || !link) co_return false;
    if (ended == fate::undone && refusal != "42P07") co_return drop_refused();
    auto const judged = co_await judge(now);
    co_return judged;
}

}}}} // namespace signet::store::detail

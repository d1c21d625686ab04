// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/core/impl/seed.hpp>
#include <signet/store/impl/bounded.hpp>
#include <signet/store/impl/redis_scripts.hpp>
#include <signet/store/redis.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <mutex>
#include <string_view>
#include <vector>

#include <hiredis/hiredis.h>
#ifdef SIGNET_REDIS_TLS
#    include <hiredis/hiredis_ssl.h>
#endif
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>

namespace signet { inline namespace SIGNET_ABI { namespace store {

namespace detail {

// hiredis writes to sockets that the server may have closed; without this the process would die of SIGPIPE.
class no_sigpipe {
public:
    no_sigpipe() noexcept {
        sigset_t pending;
        sigemptyset(&pipe_);
        sigaddset(&pipe_, SIGPIPE);
        sigpending(&pending);
        was_pending_ = sigismember(&pending, SIGPIPE) == 1;
        pthread_sigmask(SIG_BLOCK, &pipe_, &old_);
    }
    no_sigpipe(no_sigpipe const&) = delete;
    no_sigpipe& operator=(no_sigpipe const&) = delete;
    ~no_sigpipe() {
        timespec const at_once{0, 0};
        if (!was_pending_) sigtimedwait(&pipe_, nullptr, &at_once);
        pthread_sigmask(SIG_SETMASK, &old_, nullptr);
    }

private:
    sigset_t pipe_, old_;
    bool was_pending_;
};

struct redis_free {
    void operator()(redisReply* r) const noexcept { freeReplyObject(r); }
    void operator()(redisContext* c) const noexcept { redisFree(c); }
};
using redis_answer = std::unique_ptr<redisReply, redis_free>;

inline std::string_view redis_string(redisReply const* r) noexcept {
    auto const has_text =
        r && (r->type == REDIS_REPLY_STRING || r->type == REDIS_REPLY_ERROR || r->type == REDIS_REPLY_STATUS);
    return has_text ? std::string_view{r->str, static_cast<std::size_t>(r->len)} : std::string_view{};
}

} // namespace detail

struct redis::body {
    redis_params params;
    std::unique_ptr<redisContext, detail::redis_free> link;
    std::array<std::string, detail::redis_scripts> digest; // SHA-1 of each script, as the server says
    detail::version_walk versions;
    std::string run; // run_id of the server
    detail::redis_word run_word{};
    std::int64_t not_before = 0; // what was issued by then is not accepted for single use
    bool fit = false;            // forgets nothing that it acknowledged
    std::int64_t judged_at = 0;  // the caller's time when that was asked
    bool was_replica = false;
    bool seeded = false;
    std::string words;
    mutable std::mutex lock;

    explicit body(redis_params o) : params{std::move(o)} {
        params.slack = detail::bounded(params.slack);
        if (!params.breaker)
            params.breaker = std::make_shared<store::breaker>(breaker_params{.max_pause = params.retry_after});
    }
    body(body const&) = delete;
    body& operator=(body const&) = delete;
    ~body() { wipe({reinterpret_cast<std::uint8_t*>(params.password.data()), params.password.size()}); }

    // ---- the connection

    bool drop(std::string_view why) {
        words = why; // it may lie in the link
        link.reset();
        return false;
    }
    bool send(std::initializer_list<std::string_view> parts) {
        std::array<char const*, 12> data;
        std::array<std::size_t, 12> size;
        std::size_t n = 0;
        for (auto part : parts) data[n] = part.empty() ? "" : part.data(), size[n++] = part.size();
        return redisAppendCommandArgv(link.get(), static_cast<int>(n), data.data(), size.data()) == REDIS_OK;
    }
    detail::redis_answer receive() {
        void* answer = nullptr;
        if (redisGetReply(link.get(), &answer) != REDIS_OK) return nullptr;
        return detail::redis_answer{static_cast<redisReply*>(answer)};
    }
    bool still_open() const noexcept { // nothing may be waiting: a closed socket, or an answer nobody asked for
        char octet;
        auto const n = ::recv(link->fd, &octet, 1, MSG_PEEK | MSG_DONTWAIT);
        return n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
    }
    bool ready(std::int64_t now, bool anyway = false);
    bool open(std::int64_t now);
    bool secure();
    bool greet(std::int64_t now);
    void ask_settings();
    bool read_settings(std::int64_t now);
    bool look_again(std::int64_t now);
    bool recognise(std::string_view server, std::string_view replication, std::int64_t now);

    // ---- verbs

    bool ask_for(request const& ask, std::uint64_t version, bool whole_script);
    reply understand(request const& ask, std::uint64_t version, redisReply const& answer);
    reply refused(std::string_view what);
    reply fill(request const& ask, std::string_view value);
    reply allowed(request const& ask);
    static reply lost(request const& ask) {
        return reply::failure(ask.verb == verb::find ? errc::store_unavailable : errc::outcome_unknown);
    }
    void execute(std::span<request const> asks, std::span<reply> replies);
};

// ---- connecting

SIGNET_DECL bool redis::body::ready(std::int64_t now, bool anyway) {
    if (link && still_open() && look_again(now)) return true;
    if (link) drop("the server closed the connection");
    auto attempt = params.breaker->begin_attempt(anyway);
    if (!attempt && words.empty()) words = "a connection to this server has just failed";
    if (!attempt || !open(now)) return false;
    attempt.succeeded();
    return true;
}

SIGNET_DECL bool redis::body::open(std::int64_t now) {
    auto const span = [](std::chrono::milliseconds d) {
        return timeval{static_cast<time_t>(d.count() / 1000), static_cast<suseconds_t>(d.count() % 1000 * 1000)};
    };
    link.reset(params.unix_socket.empty()
                   ? redisConnectWithTimeout(params.host.c_str(), params.port, span(params.connect_timeout))
                   : redisConnectUnixWithTimeout(params.unix_socket.c_str(), span(params.connect_timeout)));
    if (!link) return drop("out of memory");
    if (link->err) return drop(std::string{link->errstr});
    if (redisSetTimeout(link.get(), span(params.reply_timeout)) != REDIS_OK) return drop("no timeout could be set");
    if (params.tls.on && !secure()) return false;
    return greet(now);
}

SIGNET_DECL bool redis::body::secure() {
#ifdef SIGNET_REDIS_TLS
    auto const& tls = params.tls;
    auto const text = [](std::string const& s) { return s.empty() ? nullptr : s.c_str(); };
    if (tls.ca_file.empty()) return drop("TLS needs tls.ca_file");
    redisSSLOptions how{};
    how.cacert_filename = text(tls.ca_file);
    how.cert_filename = text(tls.certificate_file);
    how.private_key_filename = text(tls.key_file);
    how.server_name = text(tls.name);
    how.verify_mode = REDIS_SSL_VERIFY_PEER;
    auto const name = [&](auto& o) {
        if constexpr (requires { o.verify_name; })
            return o.verify_name = tls.name.empty() ? text(params.host) : text(tls.name), true;
        else return false;
    };
    if (!tls.any_name_of_authority && !name(how))
        return drop("this hiredis cannot check the server's name (tls.any_name_of_authority)");

    redisInitOpenSSL(); // here, at each connect: renewed certificates are read
    redisSSLContextError why = REDIS_SSL_CTX_NONE;
    std::unique_ptr<redisSSLContext, void (*)(redisSSLContext*)> const context{
        redisCreateSSLContextWithOptions(&how, &why), redisFreeSSLContext};
    if (!context) return drop(redisSSLContextGetError(why));
    if (redisInitiateSSLWithContext(link.get(), context.get()) != REDIS_OK) return drop(std::string{link->errstr});
    return true;
#else
    return drop("TLS is wanted, and this program was built without it (SIGNET_REDIS_TLS)");
#endif
}

namespace detail {

// What a server needs that forgets nothing it acknowledged. Without the third, nothing is synced while it rewrites.
struct redis_setting {
    std::string_view name, value;
};
inline constexpr redis_setting redis_settings[] = {{"appendonly", "yes"},
                                                   {"appendfsync", "always"},
                                                   {"no-appendfsync-on-rewrite", "no"},
                                                   {"maxmemory-policy", "noeviction"}};

} // namespace detail

SIGNET_DECL void redis::body::ask_settings() {
    for (auto const& setting : detail::redis_settings) send({"CONFIG", "GET", setting.name});
}

// False: the connection is of no use. A setting that the server does not tell is not as it should be.
SIGNET_DECL bool redis::body::read_settings(std::int64_t now) {
    fit = true;
    for (auto const& setting : detail::redis_settings) {
        auto const answer = receive();
        if (!answer) return drop(std::string{link->errstr});
        std::string_view value;
        if (answer->type == REDIS_REPLY_ARRAY && answer->elements == 2)
            value = detail::redis_string(answer->element[1]);
        if (value == setting.value) continue;
        if (std::exchange(fit, false)) words = "the server may forget:";
        words.append(" ").append(setting.name).append(" is not ").append(setting.value).append(";");
    }
    judged_at = now;
    return true;
}

// Settings can change while a server runs.
SIGNET_DECL bool redis::body::look_again(std::int64_t now) {
    if (now >= judged_at && now - judged_at < fitness_lasts.count()) return true;
    ask_settings();
    return read_settings(now);
}

// One round trip: who we are, who the server is, how it is configured, and our scripts.
SIGNET_DECL bool redis::body::greet(std::int64_t now) {
    if (!params.password.empty()) {
        if (params.user.empty()) send({"AUTH", params.password});
        else send({"AUTH", params.user, params.password});
    }
    auto const database = std::to_string(params.database);
    if (params.database != 0) send({"SELECT", database});
    send({"INFO", "server"});
    send({"INFO", "replication"});
    ask_settings();
    for (auto text : detail::redis_text) send({"SCRIPT", "LOAD", std::string{detail::redis_judge} + std::string{text}});

    auto const answered = [&](detail::redis_answer& answer) { // false: the connection is of no use
        answer = receive();
        if (!answer) return drop(link->errstr);
        return true;
    };
    detail::redis_answer answer;
    if (!params.password.empty()) {
        if (!answered(answer)) return false;
        // Its first word alone: a server without AUTH repeats the password.
        if (answer->type == REDIS_REPLY_ERROR) {
            auto const said = detail::redis_string(answer.get());
            return drop(std::string{said.substr(0, said.find(' '))} + " in answer to AUTH");
        }
    }
    if (params.database != 0) {
        if (!answered(answer)) return false;
        if (answer->type == REDIS_REPLY_ERROR) return drop(std::string{detail::redis_string(answer.get())});
    }

    detail::redis_answer server, replication;
    if (!answered(server) || !answered(replication)) return false;
    if (server->type == REDIS_REPLY_ERROR)
        return drop(std::string{detail::redis_string(server.get())}); // NOAUTH, LOADING
    words.clear();
    if (!read_settings(now)) return false;
    for (auto& d : digest) {
        if (!answered(answer)) return false;
        if (answer->type == REDIS_REPLY_ERROR) return drop(std::string{detail::redis_string(answer.get())});
        d = detail::redis_string(answer.get());
    }

    if (!recognise(detail::redis_string(server.get()), detail::redis_string(replication.get()), now)) return false;
    if (!seeded) {
        auto const start = signet::detail::random_seed();
        if (!start) return drop("no randomness");
        versions = detail::version_walk{*start};
        seeded = true;
    }
    return true;
}

// Who is it, and did it forget? A replica takes no writes; one that becomes a master may lack the last of them.
SIGNET_DECL bool redis::body::recognise(std::string_view server, std::string_view replication, std::int64_t now) {
    auto const role = detail::redis_info(replication, "role");
    if (role != "master") {
        was_replica = true;
        return drop("the server is a replica");
    }
    auto const id = detail::redis_info(server, "run_id");
    auto const uptime = detail::redis_info(server, "uptime_in_seconds");
    std::int64_t up = 0;
    std::uint64_t word = 0;
    if (std::from_chars(uptime.data(), uptime.data() + uptime.size(), up).ec != std::errc{} || id.size() < 16 ||
        std::from_chars(id.data(), id.data() + 16, word, 16).ec != std::errc{}) {
        return drop("the server does not tell its run_id and uptime");
    }
    auto const started = std::max<std::int64_t>(0, now - up);
    auto const changed = was_replica || (!run.empty() && run != id);
    not_before = std::max(not_before, changed ? now : started);
    was_replica = false;
    run = id;
    run_word = detail::redis_pack(word); // 64 of its 160 random bits: enough to tell runs apart
    return true;
}

// ---- one verb

SIGNET_DECL reply redis::body::allowed(request const& ask) {
    if (auto wrong = detail::check(ask); wrong.outcome == outcome::failed) return wrong;
    if (!detail::is_lasting(ask)) return reply::success();
    if (!fit && !params.may_forget_revocations) return reply::failure(errc::store_unfit);
    if (ask.single_use && ask.verb != verb::take && detail::seconds(ask.issued) <= not_before)
        return reply::failure(errc::store_restarted);
    return reply::success();
}

SIGNET_DECL bool redis::body::ask_for(request const& ask, std::uint64_t version, bool whole_script) {
    std::string key = params.prefix;
    key.append(reinterpret_cast<char const*>(ask.key.data()), ask.key.size());
    if (ask.verb == verb::find) return send({"GET", key});

    auto const script = ask.verb == verb::insert    ? detail::redis_insert
                        : ask.verb == verb::replace ? detail::redis_replace
                        : ask.verb == verb::take    ? detail::redis_take
                                                    : detail::redis_erase;
    auto const call = std::string_view{whole_script ? "EVAL" : "EVALSHA"};
    auto const name =
        whole_script ? std::string{detail::redis_judge} + std::string{detail::redis_text[script]} : digest[script];
    auto const seconds = detail::seconds(ask.now);
    auto const now = std::to_string(seconds);
    auto const expected = detail::redis_pack(ask.version);
    std::string_view const given{expected.data(), expected.size()};

    switch (ask.verb) {
    case verb::insert:
    case verb::replace: {
        auto const expires = detail::seconds(ask.record.expires);
        std::string value;
        value.reserve(detail::redis_head + ask.record.bytes.size());
        value.push_back(static_cast<char>(detail::redis_format));
        for (auto word : {detail::redis_pack(version), detail::redis_pack(static_cast<std::uint64_t>(expires)),
                          run_word, detail::redis_pack(static_cast<std::uint64_t>(seconds))}) {
            value.append(word.data(), word.size());
        }
        value += as_text(ask.record.bytes);
        auto const keep = std::to_string(expires - seconds + params.slack.count());
        if (ask.verb == verb::insert) return send({call, name, "1", key, now, value, keep});
        return send({call, name, "1", key, now, value, keep, given});
    }
    case verb::take: {
        std::string_view const this_run{run_word.data(), run_word.size()};
        return send({call, name, "1", key, now, this_run, std::to_string(not_before), std::to_string(ask.into.size())});
    }
    default: return send({call, name, "1", key, now, ask.version == 0 ? std::string_view{} : given});
    }
}

SIGNET_DECL reply redis::body::fill(request const& ask, std::string_view value) {
    auto const format = value.empty() ? std::uint8_t{0} : static_cast<std::uint8_t>(value[0]);
    if (format > detail::redis_format && format < detail::redis_formats_end) return reply::failure(errc::record_newer);
    if (value.size() < detail::redis_head || format != detail::redis_format)
        return reply::failure(errc::record_malformed);
    auto const expires = static_cast<std::int64_t>(detail::redis_unpack(value.data() + 9));
    if (expires <= detail::seconds(ask.now)) return reply::not_applied();
    auto const octets = value.substr(detail::redis_head);
    if (octets.size() > ask.into.size()) return reply::failure(errc::buffer_too_small, octets.size());
    if (!octets.empty()) std::memcpy(ask.into.data(), octets.data(), octets.size());
    return reply::success({ask.into.first(octets.size()), unix_time{std::chrono::seconds{expires}},
                           detail::redis_unpack(value.data() + 1)});
}

// The server said no, so nothing ran: our scripts write last, in one command.
SIGNET_DECL reply redis::body::refused(std::string_view what) {
    words = what;
    // Some versions put the script's own words before the reason.
    if (what.find("OOM ") != what.npos) return reply::failure(errc::store_full);
    if (what.find("WRONGTYPE") != what.npos) return reply::failure(errc::record_malformed);
    if (what.starts_with("READONLY")) { // it became a replica under us
        was_replica = true;
        link.reset();
    }
    return reply::failure(errc::store_unavailable);
}

SIGNET_DECL reply redis::body::understand(request const& ask, std::uint64_t version, redisReply const& answer) {
    auto const writes = ask.verb == verb::insert || ask.verb == verb::replace;
    switch (answer.type) {
    case REDIS_REPLY_ERROR: return refused(detail::redis_string(&answer));
    case REDIS_REPLY_NIL: return reply::not_applied();
    case REDIS_REPLY_STRING: return fill(ask, detail::redis_string(&answer));
    case REDIS_REPLY_ARRAY:
        if (answer.elements != 1 || answer.element[0]->type != REDIS_REPLY_INTEGER) break;
        return reply::failure(errc::buffer_too_small, static_cast<std::size_t>(answer.element[0]->integer));
    case REDIS_REPLY_INTEGER:
        if (answer.integer == 1) return reply::success({{}, {}, writes ? version : 0});
        if (answer.integer == 0) return reply::not_applied();
        if (answer.integer == -3) return reply::failure(errc::record_newer);
        return reply::failure(answer.integer == -2 ? errc::store_restarted : errc::record_malformed);
    default: break;
    }
    words = "the server gave an answer that makes no sense";
    return lost(ask);
}

// ---- all verbs

SIGNET_DECL void redis::body::execute(std::span<request const> asks, std::span<reply> replies) {
    detail::no_sigpipe const guard;
    std::vector<std::uint64_t> versions_given(asks.size());
    std::vector<bool> sent(asks.size());

    // Everything out, in one write.
    for (std::size_t i = 0; i != asks.size(); ++i) {
        if (i == 0 && !ready(detail::seconds(asks[0].now))) {
            for (auto& r : replies) r = reply::failure(errc::store_unavailable);
            return;
        }
        replies[i] = allowed(asks[i]);
        if (replies[i].outcome == outcome::failed) continue;
        versions_given[i] = versions.next();
        sent[i] = ask_for(asks[i], versions_given[i], false);
        if (!sent[i]) replies[i] = reply::failure(errc::store_unavailable); // it did not get into the buffer
    }

    // Everything in. After the first that is lost, so are the others: they may have run.
    std::vector<std::size_t> unknown_script;
    for (std::size_t i = 0; i != asks.size(); ++i) {
        if (!sent[i]) continue;
        auto const answer = link ? receive() : nullptr;
        if (!answer) {
            if (link) drop(std::string{link->errstr});
            replies[i] = lost(asks[i]);
        } else if (detail::redis_string(answer.get()).starts_with("NOSCRIPT") && answer->type == REDIS_REPLY_ERROR) {
            unknown_script.push_back(i);
            replies[i] = reply::failure(errc::store_unavailable);
        } else {
            replies[i] = understand(asks[i], versions_given[i], *answer);
        }
    }

    // Scripts were flushed. What was answered by NOSCRIPT did not run, so it may be asked again, this time in full.
    for (auto i : unknown_script) {
        if (!link || !ask_for(asks[i], versions_given[i], true)) continue;
        auto const answer = receive();
        if (!answer) drop(std::string{link->errstr});
        replies[i] = answer ? understand(asks[i], versions_given[i], *answer) : lost(asks[i]);
    }
}

// ---- the shell

SIGNET_DECL redis::redis(redis_params params) : body_{std::make_unique<body>(std::move(params))} {}
SIGNET_DECL redis::redis(redis&&) noexcept = default;
SIGNET_DECL redis& redis::operator=(redis&&) noexcept = default;
SIGNET_DECL redis::~redis() = default;

SIGNET_DECL result<void> redis::connect(unix_time now) {
    std::lock_guard hold{body_->lock};
    detail::no_sigpipe const guard;
    if (!body_->ready(detail::seconds(now), true)) return errc::store_unavailable;
    return {};
}

SIGNET_DECL reply redis::execute(request const& ask) {
    std::lock_guard hold{body_->lock};
    reply answer;
    body_->execute({&ask, 1}, {&answer, 1});
    return answer;
}

SIGNET_DECL void redis::execute_many(std::span<request const> asks, std::span<reply> replies) {
    std::lock_guard hold{body_->lock};
    constexpr std::size_t max_batch = 512; // octets in flight are bounded
    for (std::size_t at = 0; at < asks.size(); at += max_batch) {
        auto const n = std::min(max_batch, asks.size() - at);
        body_->execute(asks.subspan(at, n), replies.subspan(at, n));
    }
}

SIGNET_DECL bool redis::accepts_lasting_writes() const {
    std::lock_guard hold{body_->lock};
    return body_->link && (body_->fit || body_->params.may_forget_revocations);
}

SIGNET_DECL std::string redis::last_error() const {
    std::lock_guard hold{body_->lock};
    return body_->words;
}

}}} // namespace signet::store

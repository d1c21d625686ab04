// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/store/impl/redis_protocol.hpp>
#include <signet/store/redis.hpp>

#include <algorithm>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <hiredis/hiredis.h>
#ifdef SIGNET_REDIS_TLS
#    include <hiredis/hiredis_ssl.h>
#endif
#include <pthread.h>
#include <signal.h>
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

struct redis_close {
    void operator()(redisContext* c) const noexcept { redisFree(c); }
};

} // namespace detail

struct redis::body {
    detail::redis_protocol protocol;
    redis_params const& params = protocol.params();
    std::unique_ptr<redisContext, detail::redis_close> link;
    std::int64_t failed_at = -1; // the caller's time of a failed attempt to connect
    mutable std::mutex lock;

    explicit body(redis_params o) : protocol{std::move(o)} {}

    bool drop(std::string_view why) {
        protocol.fail(why); // it may lie in the link
        link.reset();
        return false;
    }
    bool send(std::string const& octets) {
        return redisAppendFormattedCommand(link.get(), octets.data(), octets.size()) == REDIS_OK;
    }
    detail::redis_answer receive() {
        void* answer = nullptr;
        if (redisGetReply(link.get(), &answer) != REDIS_OK) return nullptr;
        return detail::redis_answer{static_cast<redisReply*>(answer)};
    }
    // Sends, and returns the answers, fewer if the connection breaks.
    std::vector<detail::redis_answer> exchange(std::string const& octets, std::size_t count) {
        std::vector<detail::redis_answer> answers;
        if (!send(octets)) return answers;
        while (answers.size() != count) {
            auto answer = receive();
            if (!answer) break;
            answers.push_back(std::move(answer));
        }
        return answers;
    }
    bool still_open() const noexcept { return detail::redis_is_quiet(link->fd); }
    bool ready(std::int64_t now);
    bool open(std::int64_t now);
    bool secure();
    bool greet(std::int64_t now);
    bool look_again(std::int64_t now);
    reply understand(request const& ask, std::uint64_t version, redisReply const& answer);
    void execute(std::span<request const> asks, std::span<reply> replies);
};

// ---- connecting

SIGNET_DECL bool redis::body::ready(std::int64_t now) {
    if (link && still_open() && look_again(now)) return true;
    if (link) drop("the server closed the connection");
    if (failed_at >= 0 && now >= failed_at && now < failed_at + params.retry_after.count()) return false;
    failed_at = open(now) ? -1 : now;
    return failed_at < 0;
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

SIGNET_DECL bool redis::body::look_again(std::int64_t now) {
    if (!protocol.is_stale(now)) return true;
    std::string out;
    auto const count = protocol.write_settings(out, now);
    auto const answers = exchange(out, count);
    return protocol.read_settings(answers, link->errstr, now) || drop(std::string{protocol.words()});
}

SIGNET_DECL bool redis::body::greet(std::int64_t now) {
    std::string out;
    auto const count = protocol.write_greeting(out, now);
    auto const answers = exchange(out, count);
    wipe({reinterpret_cast<std::uint8_t*>(out.data()), out.size()});
    return protocol.read_greeting(answers, link->errstr, now) || drop(std::string{protocol.words()});
}

SIGNET_DECL reply redis::body::understand(request const& ask, std::uint64_t version, redisReply const& answer) {
    auto const made = protocol.understand(ask, version, answer);
    if (protocol.was_demoted()) link.reset();
    return made;
}

// ---- all verbs

SIGNET_DECL void redis::body::execute(std::span<request const> asks, std::span<reply> replies) {
    detail::no_sigpipe const guard;
    std::vector<std::uint64_t> versions_given(asks.size());
    std::vector<bool> sent(asks.size());
    std::string out;

    // Everything out, in one write.
    for (std::size_t i = 0; i != asks.size(); ++i) {
        if (i == 0 && !ready(detail::seconds(asks[0].now))) {
            for (auto& r : replies) r = reply::failure(errc::store_unavailable);
            return;
        }
        replies[i] = protocol.allowed(asks[i]);
        if (replies[i].outcome == outcome::failed) continue;
        versions_given[i] = protocol.next_version();
        out.clear();
        sent[i] = protocol.write(out, asks[i], versions_given[i], false) && send(out);
        if (!sent[i]) replies[i] = reply::failure(errc::store_unavailable); // it did not get into the buffer
    }

    // Everything in. After the first that is lost, so are the others: they may have run.
    std::vector<std::size_t> unknown_script;
    for (std::size_t i = 0; i != asks.size(); ++i) {
        if (!sent[i]) continue;
        auto const answer = link ? receive() : nullptr;
        if (!answer) {
            if (link) drop(std::string{link->errstr});
            replies[i] = detail::redis_protocol::lost(asks[i]);
        } else if (detail::redis_protocol::lacks_script(*answer)) {
            unknown_script.push_back(i);
            replies[i] = reply::failure(errc::store_unavailable);
        } else {
            replies[i] = understand(asks[i], versions_given[i], *answer);
        }
    }

    // Scripts were flushed. What was answered by NOSCRIPT did not run, so it may be asked again, this time in full.
    for (auto i : unknown_script) {
        out.clear();
        if (!link || !protocol.write(out, asks[i], versions_given[i], true) || !send(out)) continue;
        auto const answer = receive();
        if (!answer) drop(std::string{link->errstr});
        replies[i] = answer ? understand(asks[i], versions_given[i], *answer) : detail::redis_protocol::lost(asks[i]);
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
    body_->failed_at = -1;
    if (!body_->ready(detail::seconds(now))) return errc::store_unavailable;
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
    return body_->link && body_->protocol.accepts_lasting_writes();
}

SIGNET_DECL std::string redis::last_error() const {
    std::lock_guard hold{body_->lock};
    return body_->protocol.words();
}

}}} // namespace signet::store

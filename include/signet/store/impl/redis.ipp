// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/core/impl/wiped_text.hpp>
#include <signet/store/impl/bounded.hpp>
#include <signet/store/impl/redis_protocol.hpp>
#include <signet/store/impl/redis_slot.hpp>
#include <signet/store/impl/scan_place.hpp>
#include <signet/store/redis.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <exception>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <hiredis/hiredis.h>
#ifdef SIGNET_REDIS_TLS
#    include <hiredis/hiredis_ssl.h>
#endif
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>

namespace signet { inline namespace SIGNET_ABI { namespace store {

namespace detail {

// OpenSSL writes to sockets that the server may have closed; without this the process would die of SIGPIPE.
class no_sigpipe {
public:
    explicit no_sigpipe(bool is_needed) noexcept : is_needed_{is_needed} {
        if (!is_needed_) return;
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
        if (!is_needed_) return;
        timespec const at_once{0, 0};
        if (!was_pending_) sigtimedwait(&pipe_, nullptr, &at_once);
        pthread_sigmask(SIG_SETMASK, &old_, nullptr);
    }

private:
    sigset_t pipe_, old_;
    bool is_needed_, was_pending_ = false;
};

inline constexpr std::size_t redis_max_batch = 512; // octets in flight are bounded

struct redis_close {
    void operator()(redisContext* c) const noexcept { redisFree(c); }
};
using redis_link = std::unique_ptr<redisContext, redis_close>;

// Calls what ends a connection that an exception leaves in the middle of an exchange: whoever asks next would have the
// answers.
template <class Function> class redis_exchange {
public:
    explicit redis_exchange(Function end) noexcept : end_{end} {}
    redis_exchange(redis_exchange const&) = delete;
    redis_exchange& operator=(redis_exchange const&) = delete;
    ~redis_exchange() {
        if (std::uncaught_exceptions() != before_) end_();
    }

private:
    Function end_;
    int before_ = std::uncaught_exceptions();
};

} // namespace detail

struct redis::body {
    using clock = std::chrono::steady_clock;

    detail::redis_protocol protocol;
    redis_params const& params = protocol.params();
    detail::redis_link link;
    clock::time_point deadline{}; // of what is on its way
    std::size_t may_read = 0;     // octets of it
    bool may_block = false;       // the next read may wait by itself: nobody has waited yet, and for no other server
    mutable std::mutex lock;

    explicit body(redis_params o) : protocol{std::move(o)} {}

    bool drop(std::string_view why) {
        protocol.fail(why); // it may lie in the link
        link.reset();
        return false;
    }
    // Whatever is sent together has one deadline, and so many octets in answer at most: a server that trickles holds a
    // caller no longer than one that is silent.
    void limit(std::size_t octets) {
        deadline = clock::now() + detail::bounded(params.reply_timeout);
        may_read = octets;
        may_block = !params.tls.on && params.reply_timeout.count() > 0; // to the system 0 is for ever
    }
    // The words of the link say why it is of no use. Returns false.
    bool give_up(std::string_view why) noexcept {
        auto const size = std::min(why.size(), sizeof link->errstr - 1);
        link->err = REDIS_ERR_OTHER;
        std::copy_n(why.data(), size, link->errstr);
        link->errstr[size] = '\0';
        return false;
    }
    bool wait(short what);
    bool send(std::string_view octets);
    bool send_by_tls(std::string_view octets);
    bool read();
    detail::redis_answer receive();
    // Sends, and returns the answers, fewer if the connection breaks.
    std::vector<detail::redis_answer> exchange(std::string const& octets, std::size_t count,
                                               std::size_t room = detail::redis_max_reply) {
        std::vector<detail::redis_answer> answers;
        limit(count * room);
        if (!send(octets)) return answers;
        while (answers.size() != count) {
            auto answer = receive();
            if (!answer) break;
            answers.push_back(std::move(answer));
        }
        return answers;
    }
    // Nothing waits to be read: an answer that nobody asked for would be that to the next question.
    bool still_open() const noexcept {
        return detail::redis_is_quiet(link->fd) && link->reader->pos == link->reader->len;
    }
    bool ready(std::int64_t now, bool anyway = false);
    bool open(std::int64_t now);
    bool dial(redis_address const& to, std::string const& unix_socket = {});
    bool ask_sentinel(redis_address const& sentinel, redis_address& master);
    bool secure(std::string const& host);
    bool greet(std::int64_t now);
    bool look_again(std::int64_t now);
    void begin(std::span<detail::redis_turn> turns, bool is_ready);
    void finish(std::span<detail::redis_turn> turns);
    void receive(detail::redis_turn& turn);
    void execute(std::span<request const> asks, std::span<reply> replies);
    bool read_named(detail::redis_place& at, std::int64_t now, scan_page& page, bool& is_full);
    bool name_more(detail::redis_place& at);
    bool scan_on(detail::redis_place& at, std::int64_t now, scan_page& page, std::size_t& steps, bool& is_full);
    result<void> scan(scan_position& position, std::int64_t now, scan_page& page);
};

// ---- octets

// After the deadline too, what is there already may be read: other nodes of a cluster may have taken the time.
SIGNET_DECL bool redis::body::wait(short what) {
    constexpr std::chrono::milliseconds longest{3'600'000}; // of one call of the system
    may_block = false;
    for (;;) {
        auto const left = std::chrono::ceil<std::chrono::milliseconds>(deadline - clock::now());
        pollfd one{link->fd, what, 0};
        auto const n = ::poll(&one, 1, static_cast<int>(std::clamp(left, left.zero(), longest).count()));
        if (n > 0) return true;
        if (n < 0 && errno != EINTR) return give_up("the system does not wait");
        if (n == 0 && left <= longest) return give_up("the server did not answer in time");
    }
}

// Not by way of hiredis' buffer: that is a copy, which is not wiped.
SIGNET_DECL bool redis::body::send(std::string_view octets) {
    if (params.tls.on) return send_by_tls(octets);
    while (!octets.empty()) {
        auto const n = ::send(link->fd, octets.data(), octets.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n >= 0) octets.remove_prefix(static_cast<std::size_t>(n));
        else if (errno == EAGAIN || errno == EWOULDBLOCK) {
            if (!wait(POLLOUT)) return false;
        } else if (errno != EINTR) return give_up("the server closed the connection");
    }
    return true;
}

SIGNET_DECL bool redis::body::send_by_tls(std::string_view octets) {
    if (redisAppendFormattedCommand(link.get(), octets.data(), octets.size()) != REDIS_OK) return false;
    for (int done = 0;;) {
        if (redisBufferWrite(link.get(), &done) != REDIS_OK) return false;
        if (done) return true;
        if (!wait(POLLOUT)) return false;
    }
}

// The first one may wait in the call that reads: all of the time is left.
SIGNET_DECL bool redis::body::read() {
    auto const before = link->reader->len;
    if (params.tls.on) {
        if (!wait(POLLIN) || redisBufferRead(link.get()) != REDIS_OK) return false;
    } else {
        auto const blocks = std::exchange(may_block, false);
        if (!blocks && !wait(POLLIN)) return false;
        std::array<char, 16'384> room;
        auto const n = ::recv(link->fd, room.data(), room.size(), blocks ? 0 : MSG_DONTWAIT);
        if (n < 0 && (errno == EINTR || errno == EAGAIN || errno == EWOULDBLOCK)) return true; // then `wait` waits
        if (n <= 0) return give_up("the server closed the connection");
        if (redisReaderFeed(link->reader, room.data(), static_cast<std::size_t>(n)) != REDIS_OK) return false;
    }
    auto const size = link->reader->len - before;
    if (size > may_read) return give_up("the server sent more than a reply has");
    may_read -= size;
    return true;
}

SIGNET_DECL detail::redis_answer redis::body::receive() {
    for (;;) {
        void* answer = nullptr;
        if (redisGetReplyFromReader(link.get(), &answer) != REDIS_OK) return nullptr;
        if (answer) return detail::redis_answer{static_cast<redisReply*>(answer)};
        if (link->err || !read()) return nullptr;
    }
}

// ---- connecting

SIGNET_DECL bool redis::body::ready(std::int64_t now, bool anyway) {
    detail::redis_exchange const whole{[this] { link.reset(); }};
    if (link && still_open() && look_again(now)) return true;
    if (link) drop("the server closed the connection");
    auto attempt = params.breaker->begin_attempt(anyway);
    if (!attempt && protocol.words().empty()) protocol.fail("a connection to this server has just failed");
    if (!attempt || !open(now)) return false;
    attempt.succeeded();
    return true;
}

SIGNET_DECL bool redis::body::open(std::int64_t now) {
    if (params.sentinels.empty()) return dial({params.host, params.port}, params.unix_socket) && greet(now);
    redis_address master;
    return std::any_of(params.sentinels.begin(), params.sentinels.end(), [&](redis_address const& sentinel) {
        return ask_sentinel(sentinel, master) && dial(master) && greet(now); // it may know an old one
    });
}

SIGNET_DECL bool redis::body::ask_sentinel(redis_address const& sentinel, redis_address& master) {
    if (!dial(sentinel)) return false;
    signet::detail::wiped_text login;
    auto& out = login.text;
    out.reserve(params.sentinel_user.size() + params.sentinel_password.size() + params.master_name.size() + 1'024);
    auto count = protocol.write_sentinel_login(out);
    detail::redis_command(out, {"SENTINEL", "GET-MASTER-ADDR-BY-NAME", params.master_name});
    auto const answers = exchange(out, ++count);
    for (auto const& answer : answers) {
        if (answer->type != REDIS_REPLY_ERROR) continue;
        auto const said = detail::redis_string(answer.get());
        auto const to_login = count == 2 && &answer == &answers.front();
        return to_login ? drop(detail::redis_login_error(said)) : drop(said);
    }
    if (answers.size() != count) return drop(std::string{link->errstr});
    auto const& said = *answers.back();
    if (said.type != REDIS_REPLY_ARRAY || said.elements != 2) return drop("the Sentinel knows no master of that name");
    master.host = detail::redis_string(said.element[0]);
    if (!detail::redis_port(detail::redis_string(said.element[1]), master.port))
        return drop("the Sentinel gave an answer that makes no sense");
    return true;
}

SIGNET_DECL bool redis::body::dial(redis_address const& to, std::string const& unix_socket) {
    auto const span = [](std::chrono::milliseconds d) {
        return timeval{static_cast<time_t>(d.count() / 1000), static_cast<suseconds_t>(d.count() % 1000 * 1000)};
    };
    link.reset(unix_socket.empty() ? redisConnectWithTimeout(to.host.c_str(), to.port, span(params.connect_timeout))
                                   : redisConnectUnixWithTimeout(unix_socket.c_str(), span(params.connect_timeout)));
    if (!link) return drop("out of memory");
    if (link->err) return drop(std::string{link->errstr});
    if (redisSetTimeout(link.get(), span(params.reply_timeout)) != REDIS_OK) return drop("no timeout could be set");
    if (params.tls.on && !secure(to.host)) return false;
    if (!params.tls.on) return true;
    // From here on it is `wait` that waits.
    auto const flags = ::fcntl(link->fd, F_GETFL);
    if (flags < 0 || ::fcntl(link->fd, F_SETFL, flags | O_NONBLOCK) < 0) return drop("no timeout could be set");
    link->flags &= ~REDIS_BLOCK;
    return true;
}

SIGNET_DECL bool redis::body::secure([[maybe_unused]] std::string const& host) {
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
            return o.verify_name = tls.name.empty() ? text(host) : text(tls.name), true;
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
    signet::detail::wiped_text login;
    auto const count = protocol.write_greeting(login.text, now);
    auto const answers = exchange(login.text, count);
    return protocol.read_greeting(answers, link->errstr, now) || drop(std::string{protocol.words()});
}

// ---- all verbs

// Everything out, in one write, and behind it one wait for the replicas.
SIGNET_DECL void redis::body::begin(std::span<detail::redis_turn> turns, bool is_ready) {
    bool waits = false;
    std::string out;
    limit((turns.size() + 1) * 2 * detail::redis_max_reply); // before some of them something short is answered
    for (auto& t : turns) {
        t.sent = false;
        *t.reply = is_ready ? protocol.allowed(*t.ask) : reply::failure(errc::store_unavailable);
        if (t.reply->outcome == outcome::failed) continue;
        t.version = protocol.next_version();
        auto const before = out.size();
        if (t.asking) out += "ASKING\r\n";
        t.sent = protocol.write(out, *t.ask, t.version, t.lacks_script);
        if (!t.sent) {
            out.resize(before);
            *t.reply = reply::failure(errc::store_unavailable); // out of memory
        }
        waits = waits || (t.sent && protocol.waits(*t.ask));
    }
    if (waits) protocol.write_wait(out);
    if (link) (void)send(out); // `finish` says why not
}

// Everything in. After the first that is lost, so are the others: they may have run.
SIGNET_DECL void redis::body::finish(std::span<detail::redis_turn> turns) {
    auto const waits = [this](detail::redis_turn const& t) { return t.sent && protocol.waits(*t.ask); };
    for (auto& t : turns)
        if (t.sent) receive(t);
    if (std::none_of(turns.begin(), turns.end(), waits)) return;
    auto const answer = link ? receive() : nullptr;
    if (link && !answer) drop(std::string{link->errstr});
    if (protocol.has_waited(answer.get())) return;
    if (answer) protocol.fail("fewer replicas than `replicas` have what was written");
    // What was not applied saw what others wrote, and that may be lost too.
    for (auto& t : turns)
        if (waits(t) && t.reply->outcome != outcome::failed) *t.reply = reply::failure(errc::outcome_unknown);
}

SIGNET_DECL void redis::body::receive(detail::redis_turn& turn) {
    auto answer = link ? receive() : nullptr;
    if (answer && turn.asking) answer = receive(); // the first was of ASKING
    if (!answer) {
        if (link) drop(std::string{link->errstr});
        *turn.reply = detail::redis_protocol::lost(*turn.ask);
        return;
    }
    turn.lacks_script = !turn.lacks_script && detail::redis_protocol::lacks_script(*answer);
    auto const error = answer->type == REDIS_REPLY_ERROR ? detail::redis_string(answer.get()) : std::string_view{};
    if (error.starts_with("MOVED ") || error.starts_with("ASK ")) turn.redirect = error;
    *turn.reply = turn.lacks_script ? reply::failure(errc::store_unavailable)
                                    : protocol.understand(*turn.ask, turn.version, *answer);
    if (protocol.is_useless()) link.reset();
}

SIGNET_DECL void redis::body::execute(std::span<request const> asks, std::span<reply> replies) {
    detail::no_sigpipe const guard{params.tls.on};
    detail::redis_exchange const whole{[this] { link.reset(); }};
    std::vector<detail::redis_turn> turns;
    for (std::size_t i = 0; i != asks.size(); ++i) turns.push_back({&asks[i], &replies[i]});
    // Scripts may be flushed. What is answered by NOSCRIPT did not run, so it may be asked again, this time in full.
    for (int round = 0; round != 2 && !turns.empty(); ++round) {
        begin(turns, ready(detail::seconds(turns[0].ask->now)));
        finish(turns);
        std::erase_if(turns, [](auto const& t) { return !t.lacks_script; });
    }
}

// ---- scans

// Adds the first of the records that were named. False: the connection broke, or the server refused.
SIGNET_DECL bool redis::body::read_named(detail::redis_place& at, std::int64_t now, scan_page& page, bool& is_full) {
    auto const count = std::min(at.named.size(), detail::redis_scan_batch);
    std::string out;
    for (std::size_t i = 0; i != count; ++i)
        if (!protocol.write_scanned(out, at.named[i])) return protocol.fail("out of memory");
    auto const answers = exchange(out, count);
    if (answers.size() != count) return drop(std::string{link->errstr});
    std::size_t taken = 0;
    for (; taken != count && !is_full; ++taken) {
        auto const said = detail::redis_string(answers[taken].get());
        if (answers[taken]->type == REDIS_REPLY_ERROR && (said.starts_with("MOVED ") || said.starts_with("ASK ")))
            continue; // to another node of a cluster
        if (answers[taken]->type == REDIS_REPLY_ERROR && !said.starts_with("WRONGTYPE")) return protocol.fail(said);
        is_full = !detail::redis_protocol::read_scanned(*answers[taken], at.named[taken], now, page);
        if (is_full) break;
    }
    at.named.erase(at.named.begin(), at.named.begin() + static_cast<std::ptrdiff_t>(taken));
    return true;
}

SIGNET_DECL bool redis::body::name_more(detail::redis_place& at) {
    std::string out;
    if (!protocol.write_scan(out, at)) return protocol.fail("out of memory");
    auto const answers = exchange(out, 1, detail::redis_max_list);
    if (answers.empty()) return drop(std::string{link->errstr});
    return protocol.read_scan(*answers[0], at);
}

// Until the page is full, this server has no more, or it was asked enough. False: the connection broke, or the server
// refused.
SIGNET_DECL bool redis::body::scan_on(detail::redis_place& at, std::int64_t now, scan_page& page, std::size_t& steps,
                                      bool& is_full) {
    while (!is_full && !at.is_over()) {
        if (!at.named.empty()) {
            if (!read_named(at, now, page, is_full)) return false;
        } else {
            if (steps++ == detail::max_redis_scan_steps) break;
            if (!name_more(at)) return false;
        }
    }
    return true;
}

SIGNET_DECL result<void> redis::body::scan(scan_position& position, std::int64_t now, scan_page& page) {
    detail::redis_exchange const whole{[this] { link.reset(); }};
    detail::redis_place at;
    if (!at.read(position, detail::redis_scan_kind)) return errc::invalid_scan_position;
    if (!ready(now)) return errc::store_unavailable;
    if (at.has_begun && at.run != protocol.run()) return errc::invalid_scan_position;
    bool is_full = false;
    std::size_t steps = 0;
    if (!scan_on(at, now, page, steps, is_full)) return page.clear(), errc::store_unavailable;
    auto next = at.is_over() ? result<scan_position>{scan_position::over()} : at.write(detail::redis_scan_kind);
    if (!next) return page.clear(), errc::store_unavailable; // it named too many at once
    position = *std::move(next);
    return {};
}

// ---- the shell

SIGNET_DECL redis::redis(redis_params params) : body_{std::make_unique<body>(std::move(params))} {}
SIGNET_DECL redis::redis(redis&&) noexcept = default;
SIGNET_DECL redis& redis::operator=(redis&&) noexcept = default;
SIGNET_DECL redis::~redis() = default;

SIGNET_DECL result<void> redis::connect(unix_time now) {
    std::lock_guard hold{body_->lock};
    detail::no_sigpipe const guard{body_->params.tls.on};
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
    for (std::size_t at = 0; at < asks.size(); at += detail::redis_max_batch) {
        auto const n = std::min(detail::redis_max_batch, asks.size() - at);
        body_->execute(asks.subspan(at, n), replies.subspan(at, n));
    }
}

SIGNET_DECL result<void> redis::scan(scan_position& position, unix_time now, scan_page& page) {
    page.clear();
    if (position.is_over()) return {};
    std::lock_guard hold{body_->lock};
    detail::no_sigpipe const guard{body_->params.tls.on};
    return body_->scan(position, detail::seconds(now), page);
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

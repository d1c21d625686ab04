// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/core/secret.hpp>
#include <signet/store/asio_redis.hpp>
#include <signet/store/impl/asio_completion.hpp>
#include <signet/store/impl/bounded.hpp>
#include <signet/store/impl/redis_protocol.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <deque>
#include <mutex>
#include <optional>
#include <string_view>
#include <vector>

#include <boost/asio/buffer.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/write.hpp>
#ifdef SIGNET_ASIO_TLS
#    include <boost/asio/ssl/context.hpp>
#    include <boost/asio/ssl/host_name_verification.hpp>
#    include <boost/asio/ssl/stream.hpp>
#endif
#include <sys/un.h>

namespace signet { inline namespace SIGNET_ABI { namespace store {

// All of it runs on the strand, but for `start` and what is behind `shown_lock`.
struct asio_redis::body : std::enable_shared_from_this<asio_redis::body> {
    using clock = std::chrono::steady_clock;
    using error_code = boost::system::error_code;
    using socket_protocol = boost::asio::generic::stream_protocol;
    using endpoints = std::vector<socket_protocol::endpoint>;
    enum class stage { closed, connecting, greeting, ready, asking_settings };

    struct waiter {
        request ask;
        bool connects;
        boost::asio::any_completion_handler<void(reply)> done;
        boost::asio::any_io_executor executor; // with work
        std::uint64_t version = 0;
        bool whole_script = false;
        bool is_told = false; // `done` was called, or is about to be; nothing else of it is touched
    };
    using waiter_pointer = std::shared_ptr<waiter>;

    struct sent_request {
        waiter_pointer from; // empty: of the greeting, or about settings
        clock::time_point deadline;
    };

    // Whatever refers to a connection's memory holds it; a handler of one that was dropped does nothing.
    struct connection {
        explicit connection(boost::asio::any_io_executor const& e) : socket{e}, resolver{e} {}
        ~connection() { wipe_text(out); }
        connection(connection const&) = delete;
        connection& operator=(connection const&) = delete;

        // Calls it with what octets go through.
        template <class Function> void with_stream(Function use) {
#ifdef SIGNET_ASIO_TLS
            if (tls) return use(*tls);
#endif
            use(socket);
        }

        socket_protocol::socket socket;
#ifdef SIGNET_ASIO_TLS
        std::optional<boost::asio::ssl::stream<socket_protocol::socket&>> tls;
#endif
        boost::asio::ip::tcp::resolver resolver;
        detail::redis_reader reader;
        std::string out;
        std::array<char, 16'384> in;
        std::size_t unfinished = 0; // octets since the last whole answer
        bool writes = false, reads = false, has_password = false;
    };
    using connection_pointer = std::shared_ptr<connection>;

    static constexpr std::size_t max_write = 256 * 1024; // octets of one write, and one request more

    boost::asio::strand<boost::asio::any_io_executor> strand;
    detail::redis_protocol protocol;
    std::chrono::milliseconds connect_timeout, reply_timeout;
    boost::asio::steady_timer timer{strand};
    connection_pointer link;
    stage at = stage::closed;
    std::deque<waiter_pointer> queue;          // not sent
    std::deque<sent_request> sent;             // in the order of the replies
    std::vector<detail::redis_answer> answers; // to the greeting, or about settings
    std::size_t awaited = 0;                   // how many of those there will be
    std::int64_t judged_for = 0;               // the caller's time for which they are asked
    clock::time_point connect_deadline{};
    std::optional<breaker::attempt> attempt{}; // to connect
    bool is_scheduled = false, is_watched = false, is_over = false;

    mutable std::mutex shown_lock;
    std::string shown_words;
    bool shown_lasting = false;

    body(boost::asio::any_io_executor executor, redis_params params)
        : strand{std::move(executor)},
          protocol{std::move(params)},
          connect_timeout{detail::bounded(protocol.params().connect_timeout)},
          reply_timeout{detail::bounded(protocol.params().reply_timeout)} {}

    void start(request const& ask, bool connects, boost::asio::any_completion_handler<void(reply)> done,
               boost::asio::any_io_executor executor);
    void start_many(std::span<request const> asks, std::span<reply> replies,
                    boost::asio::any_completion_handler<void()> done, boost::asio::any_io_executor executor);
    template <class Function> void run_whole(Function step);
    template <class Step, class Otherwise> static void run_or(Step step, Otherwise otherwise) {
#ifdef __cpp_exceptions
        try {
            step();
        } catch (...) {
            otherwise();
            throw;
        }
#else
        (void)otherwise;
        step();
#endif
    }
    void complete(waiter_pointer const& w, reply const& answer);
    void cancel(waiter_pointer const& w, boost::asio::cancellation_type how);
    void enqueue(waiter_pointer const& w);
    void schedule();
    void advance();
    void try_to_connect();
    void connect(std::int64_t now);
    void dial(endpoints const& where);
    void secure();
    void greet();
    void send_queued();
    void write();
    void read();
    void take_all(std::string_view octets);
    void take(detail::redis_answer answer);
    void judge();
    void watch();
    void on_time();
    void close();
    void drop(std::string_view why);
    void tell_lost();
    void refuse_queued();
    void show();
    bool is_connecting() const noexcept { return at == stage::connecting || at == stage::greeting; }
};

// ---- who waits

inline void asio_redis::body::start(request const& ask, bool connects,
                                    boost::asio::any_completion_handler<void(reply)> done,
                                    boost::asio::any_io_executor executor) {
    auto w = std::make_shared<waiter>(waiter{ask, connects, std::move(done), detail::asio_with_work(executor)});
    detail::asio_on_cancellation(weak_from_this(), w->done,
                                 [which = std::weak_ptr{w}](body& me, boost::asio::cancellation_type how) {
                                     if (auto const here = which.lock()) me.cancel(here, how);
                                 });
    boost::asio::dispatch(strand, [self = shared_from_this(), w = std::move(w)] { self->enqueue(w); });
}

// Each reply goes to its place on the strand; the last one calls the handler.
inline void asio_redis::body::start_many(std::span<request const> asks, std::span<reply> replies,
                                         boost::asio::any_completion_handler<void()> done,
                                         boost::asio::any_io_executor executor) {
    struct together {
        boost::asio::any_completion_handler<void()> done;
        boost::asio::any_io_executor executor;
        std::size_t left;
        std::vector<std::weak_ptr<waiter>> parts{};
    };
    auto const all =
        std::make_shared<together>(together{std::move(done), detail::asio_with_work(executor), asks.size()});
    auto const end = [](together& t) { detail::asio_call_back(std::exchange(t.executor, {}), std::move(t.done)); };
    if (asks.empty()) return end(*all);

    std::vector<waiter_pointer> parts;
    for (std::size_t i = 0; i != asks.size(); ++i) {
        auto take = [all, end, place = &replies[i]](reply const& answer) {
            *place = answer;
            if (--all->left == 0) end(*all);
        };
        parts.push_back(std::make_shared<waiter>(waiter{asks[i], false, std::move(take), strand}));
        all->parts.push_back(parts.back());
    }
    detail::asio_on_cancellation(weak_from_this(), all->done,
                                 [which = std::weak_ptr{all}](body& me, boost::asio::cancellation_type how) {
                                     auto const here = which.lock();
                                     if (!here) return;
                                     for (auto const& part : here->parts)
                                         if (auto const one = part.lock()) me.cancel(one, how);
                                 });
    boost::asio::dispatch(strand, [self = shared_from_this(), parts = std::move(parts)] {
        for (auto const& one : parts) self->enqueue(one);
    });
}

// Does a step on the strand, whole. What an exception leaves half done would give one the answer of another, so the
// connection ends, and all who wait are told.
template <class Function> void asio_redis::body::run_whole(Function step) {
#ifdef __cpp_exceptions
    try {
        step();
    } catch (...) {
        try {
            drop("out of memory");
        } catch (...) {} // who was not told yet is told when somebody asks next
        throw;
    }
#else
    step();
#endif
}

// Never in the middle of anything: the handler may ask again, or destroy the object. Whoever could not be told for want
// of memory is kept.
inline void asio_redis::body::complete(waiter_pointer const& w, reply const& answer) {
    if (w->is_told) return;
    boost::asio::post(w->executor, [w, answer] {
        auto const work = std::exchange(w->executor, {});
        auto done = std::move(w->done);
        // Slots are used by one thread at a time, the handler's.
        if (auto slot = boost::asio::get_associated_cancellation_slot(done); slot.is_connected()) slot.clear();
        std::move(done)(answer);
    });
    w->is_told = true;
}

inline void asio_redis::body::cancel(waiter_pointer const& w, boost::asio::cancellation_type how) {
    using boost::asio::cancellation_type;
    auto const unsent = std::find(queue.begin(), queue.end(), w) != queue.end();
    // What may have run has effects that are not known, which `terminal` alone allows.
    if (!unsent && w->ask.verb != verb::find && (how & cancellation_type::terminal) == cancellation_type::none) return;
    complete(w, unsent ? reply::failure(errc::store_unavailable) : detail::redis_protocol::lost(w->ask));
    std::erase(queue, w);
}

inline void asio_redis::body::enqueue(waiter_pointer const& w) {
    if (is_over || queue.size() + sent.size() >= max_waiting_requests)
        return complete(w, reply::failure(errc::store_unavailable));
    run_whole([&] {
        run_or([&] { queue.push_back(w); }, [&] { complete(w, reply::failure(errc::store_unavailable)); });
        schedule();
    });
}

// Those who ask at the same time come first, and are then sent together.
inline void asio_redis::body::schedule() {
    if (is_scheduled) return;
    boost::asio::post(strand, [self = shared_from_this()] {
        self->is_scheduled = false;
        self->run_whole([&] { self->advance(); });
    });
    is_scheduled = true; // now that it is
}

inline void asio_redis::body::advance() {
    // Between two requests a server says nothing but farewell.
    if (at == stage::ready && sent.empty() && !queue.empty() && !detail::redis_is_quiet(link->socket.native_handle())) {
        close();
        protocol.fail("the server closed the connection");
    }
    if (at == stage::closed && !queue.empty()) return try_to_connect();
    if (at == stage::ready && !link->writes) send_queued();
}

// ---- connecting

inline void asio_redis::body::try_to_connect() {
    bool const anyway = std::ranges::any_of(queue, [](waiter_pointer const& w) { return w->connects; });
    auto leave = protocol.params().breaker->begin_attempt(anyway);
    if (!leave && protocol.words().empty()) protocol.fail("a connection to this server has just failed");
    if (!leave) return show(), refuse_queued();
    attempt.emplace(std::move(leave));
    connect(detail::seconds(queue.front()->ask.now));
}

inline void asio_redis::body::connect(std::int64_t now) {
    auto const& params = protocol.params();
    tell_lost(); // whom there was no memory to tell
    at = stage::connecting;
    judged_for = now;
    connect_deadline = clock::now() + connect_timeout;
    link = std::make_shared<connection>(strand);
    if (params.replicas != 0) return drop("asio_redis does not wait for replicas");
    if (!params.sentinels.empty()) return drop("asio_redis asks no Sentinels");
    if (!link->reader.begin()) return drop("out of memory");
    watch();

    if (!params.unix_socket.empty()) {
        if (params.unix_socket.size() >= sizeof(sockaddr_un{}.sun_path)) return drop("the socket's path is too long");
        return dial({boost::asio::local::stream_protocol::endpoint{params.unix_socket}});
    }
    if (params.port < 1 || params.port > 65'535) return drop("there is no such port");
    auto const port = static_cast<boost::asio::ip::port_type>(params.port);
    error_code is_name;
    auto const address = boost::asio::ip::make_address(params.host, is_name);
    if (!is_name) return dial({boost::asio::ip::tcp::endpoint{address, port}});
    link->resolver.async_resolve(params.host, std::to_string(params.port),
                                 [self = shared_from_this(), mine = link](error_code failed, auto const& found) {
                                     if (self->link != mine) return;
                                     self->run_whole([&] {
                                         if (failed) return self->drop(failed.message());
                                         endpoints where;
                                         for (auto const& entry : found) where.push_back(entry.endpoint());
                                         self->dial(where);
                                     });
                                 });
}

inline void asio_redis::body::dial(endpoints const& where) {
    boost::asio::async_connect(link->socket, where,
                               [self = shared_from_this(), mine = link](error_code failed, auto const&) {
                                   if (self->link != mine) return;
                                   self->run_whole([&] {
                                       if (failed) return self->drop(failed.message());
                                       error_code ignored; // a Unix socket has no such option
                                       mine->socket.set_option(boost::asio::ip::tcp::no_delay{true}, ignored);
                                       if (self->protocol.params().tls.on) return self->secure();
                                       self->greet();
                                   });
                               });
}

// The files are read at each connect, so renewed certificates are.
inline void asio_redis::body::secure() {
#ifdef SIGNET_ASIO_TLS
    namespace ssl = boost::asio::ssl;
    auto const& tls = protocol.params().tls;
    auto const& name = tls.name.empty() ? protocol.params().host : tls.name;
    if (tls.ca_file.empty()) return drop("TLS needs tls.ca_file");
    ssl::context context{ssl::context::tls_client};
    ::SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_2_VERSION);
    error_code failed;
    context.load_verify_file(tls.ca_file, failed);
    if (failed) return drop("tls.ca_file: " + failed.message());
    if (!tls.certificate_file.empty() || !tls.key_file.empty()) {
        context.use_certificate_chain_file(tls.certificate_file, failed);
        if (failed) return drop("tls.certificate_file: " + failed.message());
        context.use_private_key_file(tls.key_file, ssl::context::pem, failed);
        if (failed) return drop("tls.key_file: " + failed.message());
    }
    auto& stream = link->tls.emplace(link->socket, context);
    stream.set_verify_mode(ssl::verify_peer);
    if (!tls.any_name_of_authority) stream.set_verify_callback(ssl::host_name_verification{name});
    error_code is_name; // an address is not sent (RFC 6066 section 3)
    boost::asio::ip::make_address(name, is_name);
    if (is_name) SSL_set_tlsext_host_name(stream.native_handle(), name.c_str());
    stream.async_handshake(ssl::stream_base::client, [self = shared_from_this(), mine = link](error_code refused) {
        if (self->link != mine) return;
        self->run_whole([&] {
            if (refused) return self->drop(refused.message());
            self->greet();
        });
    });
#else
    drop("TLS is wanted, and this program was built without it (SIGNET_ASIO_TLS)");
#endif
}

inline void asio_redis::body::greet() {
    at = stage::greeting;
    link->has_password = true;
    awaited = protocol.write_greeting(link->out, judged_for);
    sent.resize(awaited, {nullptr, connect_deadline});
    write();
}

// The answers to the greeting, or about settings, are complete.
inline void asio_redis::body::judge() {
    auto const said = std::exchange(answers, {});
    if (at == stage::greeting) {
        if (!protocol.read_greeting(said, {}, judged_for)) return drop(std::string{protocol.words()});
        attempt->succeeded();
        attempt.reset();
    } else if (!protocol.read_settings(said, {}, judged_for)) {
        return drop(std::string{protocol.words()});
    }
    at = stage::ready;
    show();
    schedule();
}

// ---- out

inline void asio_redis::body::send_queued() {
    auto const deadline = clock::now() + reply_timeout;
    link->out.clear();
    while (!queue.empty() && link->out.size() < max_write) {
        auto const now = detail::seconds(queue.front()->ask.now);
        if (protocol.is_stale(now)) { // the others wait for the answers
            at = stage::asking_settings;
            judged_for = now;
            awaited = protocol.write_settings(link->out, now);
            sent.resize(sent.size() + awaited, {nullptr, deadline});
            break;
        }
        // It stays in the queue until it is sent or told.
        auto const& w = queue.front();
        auto const may = w->connects ? reply::success() : protocol.allowed(w->ask);
        if (w->connects || may.outcome == outcome::failed) {
            complete(w, may);
            queue.pop_front();
            continue;
        }
        if (w->version == 0) w->version = protocol.next_version();
        if (protocol.write(link->out, w->ask, w->version, w->whole_script)) sent.push_back({w, deadline});
        else complete(w, reply::failure(errc::store_unavailable));
        queue.pop_front();
    }
    if (!link->out.empty()) write();
}

inline void asio_redis::body::write() {
    link->writes = true;
    auto then = [self = shared_from_this(), mine = link](error_code failed, std::size_t) {
        mine->writes = false;
        if (std::exchange(mine->has_password, false)) wipe_text(mine->out);
        if (self->link != mine) return;
        if (!failed) return self->run_whole([&] { self->advance(); });
        // What the server said before it closed is read first, and then that it did.
        error_code ignored;
        mine->socket.shutdown(socket_protocol::socket::shutdown_both, ignored);
    };
    link->with_stream([&](auto& s) { boost::asio::async_write(s, boost::asio::buffer(link->out), std::move(then)); });
    read();
    watch();
}

// ---- in

// Only while something is awaited, so that an idle connection is no work for the loop.
inline void asio_redis::body::read() {
    if (link->reads || sent.empty()) return;
    link->reads = true;
    auto then = [self = shared_from_this(), mine = link](error_code failed, std::size_t size) {
        mine->reads = false;
        if (self->link != mine) return;
        self->run_whole([&] {
            if (!failed) return self->take_all({mine->in.data(), size});
            self->drop(failed == boost::asio::error::eof ? "Server closed the connection" : failed.message());
        });
    };
    link->with_stream([&](auto& s) { s.async_read_some(boost::asio::buffer(link->in), std::move(then)); });
}

inline void asio_redis::body::take_all(std::string_view octets) {
    auto const mine = link;
    mine->unfinished += octets.size();
    if (mine->unfinished > detail::redis_max_reply + mine->in.size())
        return drop("the server sent more than a reply has");
    if (!mine->reader.feed(octets)) return drop("the server is no Redis");
    for (;;) {
        detail::redis_answer answer;
        if (!mine->reader.next(answer)) return drop("the server is no Redis");
        if (!answer) break;
        mine->unfinished = 0;
        take(std::move(answer));
        if (link != mine) return; // dropped
    }
    read();
    if (sent.empty()) timer.cancel();
}

inline void asio_redis::body::take(detail::redis_answer answer) {
    if (sent.empty()) return drop("the server gave an answer that nobody asked for");
    auto const w = sent.front().from; // it stays until it is told
    if (!w) {
        answers.push_back(std::move(answer));
        sent.pop_front();
        if (answers.size() == awaited) judge();
        return;
    }
    if (w->is_told) return sent.pop_front(); // cancelled: its buffer may be gone
    if (!w->whole_script && detail::redis_protocol::lacks_script(*answer)) {
        queue.push_back(w);
        w->whole_script = true;
        sent.pop_front();
        return schedule();
    }
    auto const made = protocol.understand(w->ask, w->version, *answer);
    if (made.outcome == outcome::failed) show(); // before anybody is told
    complete(w, made);
    sent.pop_front();
    if (protocol.is_useless()) drop(std::string{protocol.words()});
}

// ---- time

inline void asio_redis::body::watch() {
    if (is_watched || (!is_connecting() && sent.empty())) return;
    timer.expires_at(is_connecting() ? connect_deadline : sent.front().deadline);
    timer.async_wait([self = shared_from_this()](error_code) {
        self->is_watched = false;
        self->run_whole([&] { self->on_time(); });
    });
    is_watched = true; // now that it is
}

inline void asio_redis::body::on_time() {
    if (is_connecting() && clock::now() >= connect_deadline) return drop("the server did not answer in time");
    if (!is_connecting() && !sent.empty() && clock::now() >= sent.front().deadline)
        return drop("the server did not answer in time");
    watch();
}

// ---- the end of a connection

inline void asio_redis::body::close() {
    error_code ignored;
    link->socket.close(ignored);
    link->resolver.cancel();
    link.reset();
    at = stage::closed;
    answers.clear();
    timer.cancel();
}

// All who wait are told. What was sent may have run.
inline void asio_redis::body::drop(std::string_view why) {
    std::string const words{why}; // it may lie in what is dropped
    if (at == stage::greeting && !answers.empty() && answers.size() < awaited)
        (void)protocol.read_greeting(answers, words, judged_for); // what was said before it broke says more
    else protocol.fail(words);
    attempt.reset();
    if (link) close();
    at = stage::closed;
    show(); // before anybody is told
    tell_lost();
    refuse_queued();
}

inline void asio_redis::body::tell_lost() {
    for (; !sent.empty(); sent.pop_front())
        if (auto const& w = sent.front().from) complete(w, detail::redis_protocol::lost(w->ask));
}

inline void asio_redis::body::refuse_queued() {
    for (; !queue.empty(); queue.pop_front()) complete(queue.front(), reply::failure(errc::store_unavailable));
}

inline void asio_redis::body::show() {
    std::lock_guard const hold{shown_lock};
    shown_words = protocol.words();
    shown_lasting = link && protocol.accepts_lasting_writes();
}

// ---- the shell

inline asio_redis::asio_redis(executor_type executor, redis_params params)
    : body_{std::make_shared<body>(std::move(executor), std::move(params))} {}

inline asio_redis::~asio_redis() {
    boost::asio::dispatch(body_->strand, [self = body_] {
        self->is_over = true;
        self->drop("the store was destroyed");
    });
}

inline asio_redis::executor_type asio_redis::get_executor() const noexcept { return body_->strand; }

inline void asio_redis::start(request const& ask, bool connects, boost::asio::any_completion_handler<void(reply)> done,
                              executor_type executor) {
    body_->start(ask, connects, std::move(done), std::move(executor));
}
inline void asio_redis::start_many(std::span<request const> asks, std::span<reply> replies,
                                   boost::asio::any_completion_handler<void()> done, executor_type executor) {
    body_->start_many(asks, replies, std::move(done), std::move(executor));
}

inline bool asio_redis::accepts_lasting_writes() const {
    std::lock_guard const hold{body_->shown_lock};
    return body_->shown_lasting;
}

inline std::string asio_redis::last_error() const {
    std::lock_guard const hold{body_->shown_lock};
    return body_->shown_words;
}

}}} // namespace signet::store

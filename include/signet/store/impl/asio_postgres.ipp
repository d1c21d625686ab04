// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/core/secret.hpp>
#include <signet/store/asio_postgres.hpp>
#include <signet/store/impl/asio_completion.hpp>
#include <signet/store/impl/bounded.hpp>
#include <signet/store/impl/postgres_protocol.hpp>
#include <signet/store/scan.hpp>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/dispatch.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/system/error_code.hpp>
#include <cerrno>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

namespace signet { inline namespace SIGNET_ABI { namespace store {

// All of it runs on the strand, but for `start` and what is behind `shown_lock`.
struct asio_postgres::body : std::enable_shared_from_this<asio_postgres::body> {
    using clock = std::chrono::steady_clock;
    using error_code = boost::system::error_code;

    struct call {
        call_params params;
        boost::asio::any_completion_handler<void(reply)> done; // empty: it was called, or is about to be
        boost::asio::any_io_executor executor;                 // with work
        std::vector<request> asks;
        std::vector<reply> replies;   // at least one; store_unavailable until it is known
        clock::time_point deadline{}; // of standing in line
        scan_position position{};     // of a scan, with the page: the caller's are touched at its end alone
        scan_page page{};
    };
    using call_pointer = std::shared_ptr<call>;

    // While the work waits, and between two calls, the descriptor has a duplicate of libpq's socket. libpq may close
    // its own at any time, and then its number is another thread's.
    struct connection final : detail::postgres_protocol {
        connection(boost::asio::any_io_executor const& e, postgres_params params)
            : postgres_protocol{std::move(params)}, descriptor{e}, timer{e} {}
        connection(connection const&) = delete;
        connection& operator=(connection const&) = delete;
        ~connection() override { let_go(); }
        void let_go_of_socket() noexcept override { let_go(); }
        // `release`, since the loop takes a descriptor that it closes for the last one of its socket.
        void let_go() noexcept {
            if (descriptor.is_open()) ::close(descriptor.release());
        }
        void take_socket(error_code& failed) {
            auto const own = ::fcntl(socket(), F_DUPFD_CLOEXEC, 0);
            if (own < 0) failed.assign(errno, boost::system::system_category());
            else if (descriptor.assign(own, failed)) ::close(own);
        }

        boost::asio::posix::stream_descriptor descriptor;
        boost::asio::steady_timer timer;
        call_pointer serves{};
        detail::postgres_work<bool> doing{};
        std::uint64_t round = 0; // of waiting: what belongs to another one comes too late
    };

    boost::asio::strand<boost::asio::any_io_executor> strand;
    std::chrono::milliseconds max_wait;
    std::vector<std::unique_ptr<connection>> connections{};
    std::vector<connection*> free{};
    std::deque<call_pointer> line{}; // in the order in which they came
    boost::asio::steady_timer line_timer{strand};
    bool is_line_watched = false, is_over = false;

    mutable std::mutex shown_lock{};
    std::string shown_words{};
    bool shown_lasting = false;

    body(boost::asio::any_io_executor executor, asio_postgres_params params)
        : strand{std::move(executor)}, max_wait{detail::bounded(params.wait)} {
        auto& shared = params.connection.breaker;
        if (!shared)
            shared = std::make_shared<store::breaker>(breaker_params{.max_pause = params.connection.retry_after});
        for (std::size_t i = 0; i != params.connections; ++i) {
            connections.push_back(std::make_unique<connection>(strand, params.connection));
            free.push_back(connections.back().get());
        }
        wipe_text(params.connection.conninfo);
    }

    void start(call_params params, boost::asio::any_completion_handler<void(reply)> done,
               boost::asio::any_io_executor executor);
    void enqueue(call_pointer call);
    void watch_line();
    void on_time();
    call_pointer next_in_line();
    detail::postgres_work<bool> serve(connection& c);
    void go_on(connection& c);
    void wait(connection& c);
    void resume(connection& c, std::uint64_t round, bool in_time);
    void complete(call& which);
    void refuse(call& which, std::string_view why);
    void lose(connection& c);
    void cancel(call_pointer const& which, boost::asio::cancellation_type how);
    void show(connection const& c);
    void end();
};

// ---- who waits

inline void asio_postgres::body::start(call_params params, boost::asio::any_completion_handler<void(reply)> done,
                                       boost::asio::any_io_executor executor) {
    auto which =
        std::make_shared<call>(call{.params = params,
                                    .done = std::move(done),
                                    .executor = detail::asio_with_work(executor),
                                    .asks = {params.asks.begin(), params.asks.end()},
                                    .replies = std::vector<reply>(std::max<std::size_t>(params.asks.size(), 1))});
    if (params.page) {
        params.page->clear();
        which->position = *params.position;
        which->page = scan_page{params.page->max_count(), params.page->max_octets()};
    }
    detail::asio_on_cancellation(weak_from_this(), which->done,
                                 [weak = std::weak_ptr{which}](body& me, boost::asio::cancellation_type how) {
                                     if (auto const here = weak.lock()) me.cancel(here, how);
                                 });
    boost::asio::dispatch(
        strand, [self = shared_from_this(), which = std::move(which)]() mutable { self->enqueue(std::move(which)); });
}

inline void asio_postgres::body::complete(call& which) {
    if (!which.done) return;
    std::copy_n(which.replies.begin(), which.params.replies.size(), which.params.replies.begin());
    if (which.params.page && which.replies.front().outcome == outcome::done) {
        *which.params.position = std::move(which.position);
        *which.params.page = std::move(which.page);
    }
    detail::asio_call_back(std::exchange(which.executor, {}), std::move(which.done), which.replies.front());
}

// Nothing was sent.
inline void asio_postgres::body::refuse(call& which, std::string_view why) {
    {
        std::lock_guard const hold{shown_lock};
        shown_words = why;
    }
    complete(which);
}

// Whoever is served leaves, or is left: his memory is not touched any more, and what was sent may have run.
inline void asio_postgres::body::lose(connection& c) {
    auto& which = *c.serves;
    for (std::size_t i = 0; i != which.asks.size(); ++i)
        which.replies[i] = c.has_sent ? connection::lost(which.asks[i]) : reply::failure(errc::store_unavailable);
    c.was_abandoned = true;
    complete(which);
}

inline void asio_postgres::body::cancel(call_pointer const& which, boost::asio::cancellation_type how) {
    using boost::asio::cancellation_type;
    if (!which->done) return;
    if (std::erase(line, which) != 0) {
        if (line.empty()) line_timer.cancel();
        return complete(*which);
    }
    auto const at = std::ranges::find_if(connections, [&](auto const& c) { return c->serves == which; });
    if (at == connections.end()) return;
    // What may have run has effects that are not known, which `terminal` alone allows.
    auto const reads = std::ranges::all_of(which->asks, [](request const& r) { return r.verb == verb::find; });
    if ((*at)->has_sent && !reads && (how & cancellation_type::terminal) == cancellation_type::none) return;
    lose(**at);
}

// ---- the line

inline void asio_postgres::body::enqueue(call_pointer call) {
    if (is_over) return refuse(*call, "the store was destroyed");
    if (call->params.what == action::execute && call->asks.empty()) return complete(*call);
    if (!free.empty()) { // then nobody stands in line
        auto& c = *free.back();
        free.pop_back();
        c.serves = std::move(call);
        c.doing = serve(c);
        c.doing.start();
        return go_on(c);
    }
    if (line.size() >= max_waiting_requests) return refuse(*call, "too many wait for a connection");
    call->deadline = clock::now() + max_wait;
    line.push_back(std::move(call));
    watch_line();
}

inline void asio_postgres::body::watch_line() {
    if (line.empty() || is_line_watched) return;
    line_timer.expires_at(line.front()->deadline);
    line_timer.async_wait([self = shared_from_this()](error_code) {
        self->is_line_watched = false;
        self->on_time();
    });
    is_line_watched = true; // after what may throw; the handler runs later, on the strand
}

inline void asio_postgres::body::on_time() {
    while (!line.empty() && line.front()->deadline <= clock::now())
        refuse(*next_in_line(), "no connection was free in time");
    watch_line();
}

inline asio_postgres::body::call_pointer asio_postgres::body::next_in_line() {
    if (line.empty()) return {};
    auto first = std::move(line.front());
    line.pop_front();
    if (line.empty()) line_timer.cancel();
    return first;
}

// ---- a connection at work

// Until nobody stands in line.
inline detail::postgres_work<bool> asio_postgres::body::serve(connection& c) {
    while (c.serves) {
        auto const which = c.serves;
        auto const now = detail::seconds(which->asks.empty() ? which->params.now : which->asks[0].now);
        auto expired = false;
        c.begin_call();
        if (which->params.what == action::execute) {
            expired = co_await c.execute(which->asks, which->replies);
        } else {
            auto const connects = which->params.what == action::connect;
            auto const good = co_await c.ready(now, connects);
            if (!good) which->replies[0] = reply::failure(c.why);
            else if (connects) which->replies[0] = reply::success();
            if (good && which->params.what == action::scan && !c.was_abandoned) {
                auto const said = co_await c.scan(which->position, now, which->page);
                which->replies[0] = said;
            } else if (good && which->params.what == action::remove && !c.was_abandoned) {
                auto const count = co_await c.remove(now, which->params.max_count);
                if (count >= 0) which->replies[0] = {outcome::done, {}, {}, static_cast<std::size_t>(count)};
            }
        }
        show(c); // before anybody is told
        complete(*which);
        if (expired) (void)co_await c.remove(now, 64);
        c.serves = next_in_line();
    }
    co_return true;
}

inline void asio_postgres::body::go_on(connection& c) {
    if (!c.doing.is_done()) return wait(c);
    if (c.doing.has_thrown()) { // of memory
        c.drop("out of memory");
        show(c);
        lose(c);
        c.serves.reset();
    }
    c.doing = {};
    free.push_back(&c); // never allocates
    if (auto next = next_in_line()) enqueue(std::move(next));
}

inline void asio_postgres::body::wait(connection& c) {
    auto const round = ++c.round;
    error_code failed;
    if (!c.descriptor.is_open()) c.take_socket(failed);
    if (failed)
        return boost::asio::post(strand, [self = shared_from_this(), &c, round] { self->resume(c, round, false); });
    auto const on = [&](short event, boost::asio::posix::stream_descriptor::wait_type what) {
        if ((c.waits_for & event) == 0) return;
        c.descriptor.async_wait(what,
                                [self = shared_from_this(), &c, round](error_code) { self->resume(c, round, true); });
    };
    on(POLLIN, c.descriptor.wait_read);
    on(POLLOUT, c.descriptor.wait_write);
    c.timer.expires_at(c.deadline);
    c.timer.async_wait([self = shared_from_this(), &c, round](error_code) { self->resume(c, round, false); });
}

inline void asio_postgres::body::resume(connection& c, std::uint64_t round, bool in_time) {
    if (c.round != round) return;
    ++c.round;
    error_code ignored;
    c.descriptor.cancel(ignored);
    c.timer.cancel();
    c.resume(in_time);
    go_on(c);
}

inline void asio_postgres::body::show(connection const& c) {
    auto const& which = *c.serves;
    auto const failed = [](reply const& r) { return r.outcome == outcome::failed; };
    std::lock_guard const hold{shown_lock};
    shown_lasting = c.accepts_lasting_writes();
    if (which.params.what == action::connect || !c.fit || std::ranges::any_of(which.replies, failed))
        shown_words = c.words;
}

inline void asio_postgres::body::end() {
    is_over = true;
    for (auto const& c : connections) {
        ++c->round;
        c->timer.cancel();
        if (c->serves) lose(*c);
        c->doing = {};
        c->drop("the store was destroyed");
        c->serves.reset();
    }
    while (auto const next = next_in_line()) refuse(*next, "the store was destroyed");
    free.clear();
}

// ---- the shell

inline asio_postgres::asio_postgres(executor_type executor, asio_postgres_params params)
    : body_{std::make_shared<body>(std::move(executor), std::move(params))} {}

inline asio_postgres::~asio_postgres() {
    boost::asio::dispatch(body_->strand, [self = body_] { self->end(); });
}

inline asio_postgres::executor_type asio_postgres::get_executor() const noexcept { return body_->strand; }

inline void asio_postgres::start(call_params params, boost::asio::any_completion_handler<void(reply)> done,
                                 executor_type executor) {
    body_->start(params, std::move(done), std::move(executor));
}

inline bool asio_postgres::accepts_lasting_writes() const {
    std::lock_guard const hold{body_->shown_lock};
    return body_->shown_lasting;
}

inline std::string asio_postgres::last_error() const {
    std::lock_guard const hold{body_->shown_lock};
    return body_->shown_words;
}

}}} // namespace signet::store

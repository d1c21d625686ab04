// SPDX-License-Identifier: BSL-1.0
// A store in Redis (or Valkey) for event loops of Boost.Asio. Needs Boost 1.81 or later; link with libhiredis.
#pragma once

#include <signet/store/async_run.hpp>
#include <signet/store/redis.hpp>

#include <memory>
#include <span>
#include <string>
#include <utility>

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/compose.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace signet { inline namespace SIGNET_ABI { namespace store {

/// One connection to a Redis server that any number of coroutines share. Requests made at the same time are sent in one
/// write, and replies are matched in order, so all of them wait for the server's disk together. No thread blocks,
/// except a thread of Asio that resolves names. It connects when it is first needed, and again after the connection was
/// lost.
///
/// The required settings, what is refused, and the errors are as for `redis`. `connect_timeout` limits name
/// resolution, connection and greeting together. If a reply does not arrive within `reply_timeout` after its request
/// was sent, the connection is closed: requests that were sent fail with `outcome_unknown` (`find`:
/// `store_unavailable`), the others with `store_unavailable`. After a failed attempt to connect, requests fail at once
/// for 50 ms, doubled with each further failure, at most `retry_after`, by the steady clock. Replicas and Sentinels are
/// not supported: with `redis_params::replicas` or `sentinels` connecting fails.
///
/// With `redis_params::tls` OpenSSL verifies the authority and name of the server's certificate before anything is
/// sent. The files are read at each connect, on the loop's thread. Without SIGNET_ASIO_TLS, connecting with `tls`
/// fails.
///
/// Cancellation: a request that was not sent is withdrawn, and fails with `store_unavailable`. A request that was sent
/// may still run: it fails at once as if its reply were lost, and its reply is ignored. For a write that was sent, only
/// `cancellation_type::terminal` has an effect.
///
/// Thread safety: may be called concurrently. It works on its own strand; completion handlers run on their associated
/// executors.
/// Lifetime: everything that a request refers to must stay valid until its completion. The object may be destroyed
/// while requests wait; they fail as if the connection were lost. The executor's context must outlive the object. While
/// no request waits, the object does not keep the loop running.
///
/// Example: `store::asio_redis db{loop.get_executor(), {.host = "10.0.0.5"}}; auto r = co_await db.async_execute(ask);`
class asio_redis {
public:
    /// The type of all executors here.
    using executor_type = boost::asio::any_io_executor;

    /// Makes the object without connecting.
    inline asio_redis(executor_type executor, redis_params params);
    asio_redis(asio_redis const&) = delete; // coroutines refer to it
    asio_redis& operator=(asio_redis const&) = delete;
    inline ~asio_redis();

    /// Connects now, to see at start-up whether it works; the completion's signature is `void(result<void>)`.
    /// `async_execute` connects by itself if needed.
    template <class Token = boost::asio::use_awaitable_t<>> auto async_connect(unix_time now, Token&& token = {}) {
        return boost::asio::async_compose<Token, void(result<void>)>(connecting{this, now}, token, get_executor());
    }

    /// Executes a request. The completion's signature is `void(reply)`.
    template <class Token = boost::asio::use_awaitable_t<>> auto async_execute(request const& ask, Token&& token = {}) {
        return boost::asio::async_initiate<Token, void(reply)>(
            [this](auto handler, request const& what) { this->start_for(what, false, std::move(handler)); }, token,
            ask);
    }

    /// Executes all requests, which are sent together. Each is atomic by itself; together they are not. `replies` has
    /// as many elements, and must stay valid until the completion, whose signature is `void()`. Cancellation reaches
    /// each of them as if it were alone.
    template <class Token = boost::asio::use_awaitable_t<>>
    auto async_execute_many(std::span<request const> asks, std::span<reply> replies, Token&& token = {}) {
        return boost::asio::async_initiate<Token, void()>(
            [this](auto handler, std::span<request const> what, std::span<reply> to) {
                executor_type executor = boost::asio::get_associated_executor(handler, this->get_executor());
                this->start_many(what, to, std::move(handler), std::move(executor));
            },
            token, asks, replies);
    }

    /// Returns the executor of the object's strand.
    [[nodiscard]] inline executor_type get_executor() const noexcept;

    /// Returns whether there is a connection, to a server that is configured to forget nothing that it acknowledged, or
    /// that is waived. Otherwise lasting writes and single use fail with `store_unfit`.
    [[nodiscard]] inline bool accepts_lasting_writes() const;
    /// Returns the last failure in words, for a log: the system's, the server's, or what its configuration lacks.
    [[nodiscard]] inline std::string last_error() const;

private:
    struct connecting {
        asio_redis* db;
        unix_time now;
        template <class Self> void operator()(Self& self) { db->start_for({.now = now}, true, std::move(self)); }
        template <class Self> void operator()(Self& self, reply const& answer) {
            self.complete(answer.outcome == outcome::done ? result<void>{} : result<void>{answer.error});
        }
    };

    struct body;
    // `connects`: no question is asked; the time is used.
    template <class Handler> void start_for(request const& ask, bool connects, Handler&& handler) {
        executor_type executor = boost::asio::get_associated_executor(handler, get_executor());
        start(ask, connects, std::move(handler), std::move(executor));
    }
    inline void start(request const& ask, bool connects, boost::asio::any_completion_handler<void(reply)> done,
                      executor_type executor);

    inline void start_many(std::span<request const> asks, std::span<reply> replies,
                           boost::asio::any_completion_handler<void()> done, executor_type executor);

    std::shared_ptr<body> body_;
};

}}} // namespace signet::store

#include <signet/store/impl/asio_redis.ipp>

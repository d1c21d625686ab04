// SPDX-License-Identifier: BSL-1.0
// A store in PostgreSQL for event loops of Boost.Asio. Needs Boost 1.81 or later; link with libpq.
#pragma once

#include <signet/store/async_run.hpp>
#include <signet/store/postgres.hpp>

#include <chrono>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <utility>

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/compose.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace signet { inline namespace SIGNET_ABI { namespace store {

/// Where the server is, and how many connections there are to it.
struct asio_postgres_params {
    postgres_params connection;           ///< the parameters of each connection; all share its breaker
    std::size_t connections = 8;          ///< at most. Without any, each call fails with `store_unavailable`
    std::chrono::milliseconds wait{2000}; ///< the longest time that a call waits for a connection
};

/// Several connections to a PostgreSQL server that any number of coroutines share. A commit occupies its connection, so
/// each call has one to itself. A call that finds none free waits for the connection of the next call that ends; no
/// thread blocks. A connection is made when it is first needed, and again after it was lost.
///
/// The required settings, what is refused, and the errors are as for `postgres`, with the same time limits, which begin
/// when a call has its connection. A call that gets none within `wait` fails with `store_unavailable`, and nothing was
/// sent. While the server hangs, each connection, not each coroutine, waits for one time limit.
///
/// libpq resolves host names, which blocks the loop: name the server by `hostaddr`, or by the directory of its Unix
/// socket. Everything else, TLS included, does not block.
///
/// Cancellation: a call that was not sent is withdrawn, and fails with `store_unavailable`. A call that was sent may
/// still run: it fails at once as if its reply were lost, and its connection is used again when the reply has come. For
/// a call with writes that was sent, only `cancellation_type::terminal` has an effect.
///
/// Thread safety: may be called concurrently. It works on its own strand; completion handlers run on their associated
/// executors.
/// Lifetime: everything that a request refers to must stay valid until its completion. The object may be destroyed
/// while calls wait; they fail as if the connection were lost. The executor's context must outlive the object. While no
/// call waits, the object does not keep the loop running.
///
/// Example: `store::asio_postgres db{loop.get_executor(), {.connection = {.conninfo = "hostaddr=10.0.0.5
/// user=shop"}}};`
class asio_postgres {
public:
    /// The type of all executors here.
    using executor_type = boost::asio::any_io_executor;

    /// Makes the object without connecting.
    inline asio_postgres(executor_type executor, asio_postgres_params params);
    asio_postgres(asio_postgres const&) = delete; // coroutines refer to it
    asio_postgres& operator=(asio_postgres const&) = delete;
    inline ~asio_postgres();

    /// Makes one connection now, to see at start-up whether it works; the completion's signature is
    /// `void(result<void>)`. `async_execute` connects by itself if needed.
    template <class Token = boost::asio::use_awaitable_t<>> auto async_connect(unix_time now, Token&& token = {}) {
        return compose<void(result<void>), Token>(
            {.what = action::connect, .now = now},
            [](auto& self, reply const& answer) {
                self.complete(answer.outcome == outcome::done ? result<void>{} : result<void>{answer.error});
            },
            token);
    }

    /// Executes a request. The completion's signature is `void(reply)`.
    template <class Token = boost::asio::use_awaitable_t<>> auto async_execute(request const& ask, Token&& token = {}) {
        return boost::asio::async_initiate<Token, void(reply)>(
            [this](auto handler, request const& what) { this->start_for({.asks = {&what, 1}}, std::move(handler)); },
            token, ask);
    }

    /// Executes all requests in one round trip and one transaction, ordered by key. If one of them fails, nothing has
    /// happened, and each is executed by itself. `replies` has as many elements, and must stay valid until the
    /// completion, whose signature is `void()`.
    template <class Token = boost::asio::use_awaitable_t<>>
    auto async_execute_many(std::span<request const> asks, std::span<reply> replies, Token&& token = {}) {
        return compose<void(), Token>(
            {.asks = asks, .replies = replies}, [](auto& self, reply const&) { self.complete(); }, token);
    }

    /// Removes at most `max_count` records that expired before `now` less the slack, such as from a timer. The
    /// completion's signature is `void(result<std::size_t>)`, with how many there were.
    template <class Token = boost::asio::use_awaitable_t<>>
    auto async_remove_expired(unix_time now, std::size_t max_count = 1000, Token&& token = {}) {
        return compose<void(result<std::size_t>), Token>(
            {.what = action::remove, .now = now, .max_count = max_count},
            [](auto& self, reply const& answer) {
                self.complete(answer.outcome == outcome::done ? result<std::size_t>{answer.needed}
                                                              : result<std::size_t>{answer.error});
            },
            token);
    }

    /// Fills `page` with records from `position` on, and moves `position` on: see `scannable_store` in
    /// <signet/store/scan.hpp>. Both must stay valid until the completion, whose signature is `void(result<void>)`.
    template <class Token = boost::asio::use_awaitable_t<>>
    auto async_scan(scan_position& position, unix_time now, scan_page& page, Token&& token = {}) {
        return compose<void(result<void>), Token>(
            {.what = action::scan, .now = now, .position = &position, .page = &page},
            [](auto& self, reply const& answer) {
                self.complete(answer.outcome == outcome::done ? result<void>{} : result<void>{answer.error});
            },
            token);
    }

    /// Returns the executor of the object's strand.
    [[nodiscard]] inline executor_type get_executor() const noexcept;

    /// Returns whether the server of the last connection is configured not to lose acknowledged writes, or this check
    /// is waived. Otherwise lasting writes and single use fail with `store_unfit`.
    [[nodiscard]] inline bool accepts_lasting_writes() const;
    /// Returns a text about the last failure, for a log: from the system, the server, or the check of its settings. It
    /// contains no values of records and nothing of the connection string.
    [[nodiscard]] inline std::string last_error() const;

private:
    enum class action { execute, connect, remove, scan };
    struct call_params {
        action what = action::execute;
        std::span<request const> asks{};
        std::span<reply> replies{}; // of several requests
        unix_time now{};
        std::size_t max_count = 0;
        scan_position* position = nullptr;
        scan_page* page = nullptr;
    };

    // Turns the reply into what the completion gets.
    template <class Finish> struct composed {
        asio_postgres* db;
        call_params params;
        Finish finish;
        template <class Self> void operator()(Self& self) {
            self.reset_cancellation_state(boost::asio::enable_total_cancellation{});
            db->start_for(params, std::move(self));
        }
        template <class Self> void operator()(Self& self, reply const& answer) { finish(self, answer); }
    };
    template <class Signature, class Token, class Finish>
    auto compose(call_params params, Finish finish, Token& token) {
        return boost::asio::async_compose<Token, Signature>(composed<Finish>{this, params, finish}, token,
                                                            get_executor());
    }

    struct body;
    template <class Handler> void start_for(call_params params, Handler&& handler) {
        executor_type executor = boost::asio::get_associated_executor(handler, get_executor());
        start(params, std::move(handler), std::move(executor));
    }
    inline void start(call_params params, boost::asio::any_completion_handler<void(reply)> done,
                      executor_type executor);

    std::shared_ptr<body> body_;
};

}}} // namespace signet::store

#include <signet/store/impl/asio_postgres.ipp>

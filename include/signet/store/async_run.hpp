// SPDX-License-Identifier: BSL-1.0
// Drives an operation in an event loop of Boost.Asio, on a store that does not block.
#pragma once

#include <signet/store/store.hpp>

#include <concepts>
#include <cstddef>
#include <memory>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include <boost/asio/async_result.hpp>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/compose.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace signet { inline namespace SIGNET_ABI { namespace store {

/// The largest number of requests that wait in one `asio_redis`, to be sent or to be answered, and of calls that wait
/// in one `asio_postgres` for a connection. Further ones fail with `store_unavailable`.
inline constexpr std::size_t max_waiting_requests = 4096;

namespace detail {

template <class Operation, class Store>
concept asks_many =
    operation_of_many<Operation> && requires(Store& db, std::span<request const> asks, std::span<reply> replies,
                                             void (&done)()) { db.async_execute_many(asks, replies, done); };

// What asks the questions, as many at once as the operation has open; moved from callback to callback.
template <class Holder, class Store> struct async_run_step {
    Holder op; // a pointer
    Store* db;
    bool is_first = true;
    std::vector<reply> replies{}; // to several questions; they do not move with this

    template <class Self> void operator()(Self& self) {
        if (!replies.empty()) op->answer(std::span<reply const>{std::exchange(replies, {})});
        if (is_first) self.reset_cancellation_state(boost::asio::enable_total_cancellation{});
        if constexpr (asks_many<std::remove_cvref_t<decltype(*op)>, Store>) {
            if (auto const open = op->open(); open.size() > 1) {
                is_first = false;
                replies.resize(open.size());
                db->async_execute_many(open, std::span{replies}, std::move(self));
                return;
            }
        }
        if (auto const* ask = op->next()) {
            is_first = false;
            db->async_execute(*ask, std::move(self));
        } else if (std::exchange(is_first,
                                 false)) { // nothing was asked: whoever waits is never called from his own call
            boost::asio::post(std::move(self));
        } else {
            self.complete(op->get());
        }
    }
    template <class Self> void operator()(Self& self, store::reply const& answer) {
        op->answer(answer);
        (*this)(self);
    }
};

} // namespace detail

/// Runs an operation on a store of an event loop, such as `asio_redis` or `asio_postgres`, without blocking a thread.
/// The completion's signature is `void(decltype(op.get()))`.
///
/// If the store has `async_execute_many`, as both do, several open requests are sent together.
///
/// Cancellation cancels the open requests, and the operation ends with the error of their replies.
///
/// Thread safety: the operation runs where the completion handler does: on its associated executor.
/// Lifetime: an operation that is an lvalue, and the store, must outlive the completion; others are moved in.
/// Exceptions of the operation, such as `std::bad_alloc`, leave through the event loop.
///
/// Example: `auto const proved = co_await store::async_run(proof::redeem_challenge(answer, login, key, alg, now), db);`
template <class O, class Store, class Token = boost::asio::use_awaitable_t<>>
    requires operation<std::remove_reference_t<O>> && (std::is_lvalue_reference_v<O> || std::move_constructible<O>)
auto async_run(O&& op, Store& db, Token&& token = {}) {
    using result_type = decltype(op.get());
    if constexpr (std::is_lvalue_reference_v<O>) {
        return boost::asio::async_compose<Token, void(result_type)>(
            detail::async_run_step<std::remove_reference_t<O>*, Store>{&op, &db}, token, db.get_executor());
    } else {
        return boost::asio::async_compose<Token, void(result_type)>(
            detail::async_run_step<std::unique_ptr<O>, Store>{std::make_unique<O>(std::move(op)), &db}, token,
            db.get_executor());
    }
}

}}} // namespace signet::store

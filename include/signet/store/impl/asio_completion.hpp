// SPDX-License-Identifier: BSL-1.0
// How stores of an event loop call back those who wait, and hear that they do not want to.
#pragma once

#include <signet/version.hpp>

#include <memory>
#include <utility>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>

namespace signet { inline namespace SIGNET_ABI { namespace store { namespace detail {

// The loop does not end while somebody holds this.
inline boost::asio::any_io_executor asio_with_work(boost::asio::any_io_executor const& executor) {
    return boost::asio::prefer(executor, boost::asio::execution::outstanding_work.tracked);
}

// `cancel_it(body, how)` is called on the body's strand.
template <class Body, class Handler, class Cancel>
void asio_on_cancellation(std::weak_ptr<Body> body, Handler const& done, Cancel cancel_it) {
    auto slot = boost::asio::get_associated_cancellation_slot(done);
    if (!slot.is_connected()) return;
    slot.assign([body = std::move(body), cancel_it = std::move(cancel_it)](boost::asio::cancellation_type how) {
        auto const me = body.lock();
        if (me) boost::asio::post(me->strand, [me, cancel_it, how] { cancel_it(*me, how); });
    });
}

// Never in the middle of anything: the handler may ask again, or destroy the object.
template <class Handler, class... Given>
void asio_call_back(boost::asio::any_io_executor executor, Handler done, Given... given) {
    boost::asio::post(executor, [done = std::move(done), given...]() mutable {
        // Slots are used by one thread at a time, the handler's.
        if (auto slot = boost::asio::get_associated_cancellation_slot(done); slot.is_connected()) slot.clear();
        std::move(done)(given...);
    });
}

}}}} // namespace signet::store::detail

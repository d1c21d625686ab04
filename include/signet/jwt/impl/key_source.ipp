// SPDX-License-Identifier: BSL-1.0
#pragma once

#include <signet/jwt/impl/key_follower.hpp>
#include <signet/jwt/key_source.hpp>

#include <utility>

namespace signet { inline namespace SIGNET_ABI { namespace jwt {

inline key_fetch::key_fetch(std::shared_ptr<detail::key_follower> of, std::uint64_t number, unix_time began) noexcept
    : of_{std::move(of)}, number_{number}, began_{began} {}
SIGNET_DECL key_fetch::key_fetch(key_fetch&&) noexcept = default;
SIGNET_DECL key_fetch& key_fetch::operator=(key_fetch&& other) noexcept {
    key_fetch former{std::move(*this)}; // which is given up
    of_ = std::move(other.of_);
    number_ = other.number_;
    began_ = other.began_;
    return *this;
}
SIGNET_DECL key_fetch::~key_fetch() {
    if (of_) of_->abandon(number_, began_);
}

SIGNET_DECL result<void> key_fetch::finish(key_response const& response, unix_time now) {
    if (!of_) return errc::key_source_unavailable; // finished already
    std::exception_ptr thrown;
    auto const done = of_->finish(number_, began_, response, now, thrown);
    of_.reset();
    if (thrown) std::rethrow_exception(std::move(thrown));
    return done;
}

namespace detail {

SIGNET_DECL void run_waiter(key_waiter waiter) {
    for (;;) {
        waiter.wait.on = nullptr;
        auto answer = waiter.verify(waiter.wait);
        if (!waiter.wait.on) return waiter.then(std::move(answer));
        if (waiter.wait.on->enqueue(waiter)) return;
    }
}

} // namespace detail

}}} // namespace signet::jwt

// SPDX-License-Identifier: BSL-1.0
// A store in front of a store that tells an observer what each call came to and how long it took.
#pragma once

#include <signet/store/health.hpp>

#include <chrono>
#include <concepts>
#include <memory>
#include <string_view>
#include <type_traits>
#include <utility>

namespace signet { inline namespace SIGNET_ABI { namespace store {

/// The outcome of one request, for metrics and logs. It contains no key, no octets and no secret.
struct observation {
    store::verb verb = store::verb::find;
    store::outcome outcome = store::outcome::failed;
    errc error{};                        ///< why it failed; meaningless for other outcomes
    std::chrono::nanoseconds duration{}; ///< of the round trip
    std::size_t round_trip_requests = 1; ///< how many requests had this round trip
    std::size_t round_trip_position = 0; ///< which of them this is, from 0
};

/// A function object that an `observed` store calls once for each request, after the answer. It must not throw, because
/// the answer would be lost. If threads share the store, they call it concurrently.
template <class O>
concept observer = std::is_nothrow_invocable_v<O&, observation const&>;

/// Passes calls to a store and reports each outcome to an observer. An rvalue store is moved in, an lvalue is referred
/// to. Around a `pool` or `combiner`, durations include the time that callers wait for a connection; around each of its
/// connections, they do not.
///
/// An exception of the store is passed on, unobserved.
///
/// Thread safety: that of the store. Memory: no allocation.
/// Lifetime: the observer, and a store that is referred to, must outlive this object.
///
/// Example: `store::metrics counts; store::observed db{store::redis{params}, counts};`
template <class S, observer O, class Clock = std::chrono::steady_clock>
    requires blocking_store<std::remove_reference_t<S>>
class observed {
    static_assert(std::is_lvalue_reference_v<S> || std::is_move_constructible_v<S>,
                  "signet: a store that cannot be moved, such as a pool, is made first and passed by its name");

public:
    /// Makes the object from a store and an observer.
    observed(S&& a_store, O& an_observer) : inner_{std::forward<S>(a_store)}, observer_{std::addressof(an_observer)} {}

    reply execute(request const& ask) {
        auto const start = Clock::now();
        reply const answer = inner_.execute(ask);
        tell(ask, answer, Clock::now() - start, 1, 0);
        return answer;
    }

    /// Executes all requests, in one round trip if the store can. Otherwise each is a round trip of its own.
    void execute_many(std::span<request const> asks, std::span<reply> replies) {
        if constexpr (detail::executes_many<std::remove_reference_t<S>>) {
            auto const start = Clock::now();
            inner_.execute_many(asks, replies);
            auto const duration = Clock::now() - start;
            for (std::size_t i = 0; i != asks.size(); ++i) tell(asks[i], replies[i], duration, asks.size(), i);
        } else {
            for (std::size_t i = 0; i != asks.size(); ++i) replies[i] = execute(asks[i]);
        }
    }

    /// Scans the wrapped store, unobserved: see `scannable_store` in <signet/store/scan.hpp>.
    [[nodiscard]] result<void> scan(scan_position& position, unix_time now, scan_page& page)
        requires requires(std::remove_reference_t<S>& behind) { behind.scan(position, now, page); }
    {
        return inner_.scan(position, now, page);
    }

    /// Checks the wrapped store, unobserved.
    [[nodiscard]] health check_health(unix_time now) { return store::check_health(inner_, now); }

    /// Returns the wrapped store, such as for `connect` at start-up. Calls on it are not observed.
    [[nodiscard]] std::remove_reference_t<S>& inner() noexcept { return inner_; }

private:
    void tell(request const& ask, reply const& answer, std::chrono::nanoseconds duration, std::size_t requests,
              std::size_t position) noexcept {
        auto const failed = answer.outcome == outcome::failed;
        (*observer_)(
            observation{ask.verb, answer.outcome, failed ? answer.error : errc{}, duration, requests, position});
    }

    S inner_;
    O* observer_;
};
template <class S, class O> observed(S&&, O&) -> observed<S, O>;

}}} // namespace signet::store

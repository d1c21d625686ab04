// SPDX-License-Identifier: BSL-1.0
// A circuit breaker for connections: while a server is down, one caller tries it now and then, and the others do not.
#pragma once

#include <signet/store/store.hpp>

#include <chrono>
#include <mutex>
#include <utility>

namespace signet { inline namespace SIGNET_ABI { namespace store {

/// How long a breaker refuses, and by which clock.
struct breaker_params {
    std::chrono::milliseconds first_pause{50}; ///< after the first failure; doubled with each further one
    std::chrono::milliseconds max_pause{1000}; ///< 0: it refuses an attempt only while another one runs
    /// Returns the time. It must be steady.
    std::chrono::steady_clock::time_point (*clock)() noexcept = []() noexcept {
        return std::chrono::steady_clock::now();
    };
};

/// Decides which caller may connect to a server. After a failed attempt it refuses attempts for a pause: a random time
/// between half of a maximum and that maximum, which is `first_pause` at first, doubles with each failure, and is at
/// most `max_pause`. Then it lets one caller try and refuses the others. After the first success all may connect again.
///
/// Connections with the same parameters can share one; see `redis_params::breaker` and `postgres_params::breaker`.
///
/// Thread safety: may be called concurrently. No lock is held during an attempt.
class breaker {
public:
    /// A permission to connect, or a refusal. If it is destroyed without `succeeded()`, the attempt has failed.
    ///
    /// Lifetime: the breaker must outlive it.
    class attempt {
    public:
        attempt(attempt&& other) noexcept : of_{std::exchange(other.of_, nullptr)}, round_{other.round_} {}
        attempt& operator=(attempt&&) = delete;
        ~attempt() {
            if (of_) of_->end(round_, false);
        }
        /// Returns whether the caller may connect.
        [[nodiscard]] explicit operator bool() const noexcept { return of_ != nullptr; }
        /// Reports that the server answered.
        void succeeded() noexcept {
            if (auto* const to = std::exchange(of_, nullptr)) to->end(round_, true);
        }

    private:
        friend class breaker;
        attempt(breaker* of, std::uint64_t round) noexcept : of_{of}, round_{round} {}

        breaker* of_;
        std::uint64_t round_;
    };

    /// Makes a breaker that refuses nothing yet.
    explicit SIGNET_DECL breaker(breaker_params params = {});

    /// Asks for permission to connect. With `anyway` it is always given, such as for a `connect` at start-up; success
    /// or failure counts all the same.
    [[nodiscard]] SIGNET_DECL attempt begin_attempt(bool anyway = false);

private:
    SIGNET_DECL void end(std::uint64_t round, bool success) noexcept;

    breaker_params params_;
    std::mutex mutex_;
    detail::version_walk dice_;
    std::chrono::steady_clock::time_point refuses_until_{};
    std::uint64_t round_ = 0; // of attempts: a new one begins when one of them ends the last
    unsigned failures_ = 0;   // in a row
    bool somebody_tries_ = false;
};

}}} // namespace signet::store

#ifndef SIGNET_SEPARATE_COMPILATION
#    include <signet/store/impl/breaker.ipp>
#endif

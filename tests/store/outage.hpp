// What a server's tests of an outage share: threads that ask all the time, and when one was answered first.
#pragma once

#include <signet/store/store.hpp>

#include <atomic>
#include <chrono>
#include <thread>
#include <vector>

/// Asks from several threads, each every few milliseconds, by a clock that stands still.
template <class Store> class constant_callers {
public:
    explicit constant_callers(Store& db, int count = 8) {
        for (int n = 0; n != count; ++n)
            threads_.emplace_back([this, &db](std::stop_token const& stop) {
                constexpr signet::unix_time now{std::chrono::seconds{1'800'000'000}};
                while (!stop.stop_requested()) {
                    auto const reply = db.execute(signet::store::find({}, {}, now));
                    if (reply.outcome != signet::store::outcome::failed) ++answered_;
                    else ++refused_;
                    std::this_thread::sleep_for(std::chrono::milliseconds{2});
                }
            });
    }
    int refused() const { return refused_; }
    /// Waits for an answer that was asked for from now on, ten seconds at most.
    std::chrono::milliseconds until_answered() {
        auto const start = std::chrono::steady_clock::now();
        auto const passed = [&] { return std::chrono::steady_clock::now() - start; };
        for (answered_ = 0; answered_ == 0 && passed() < std::chrono::seconds{10};) std::this_thread::yield();
        return std::chrono::duration_cast<std::chrono::milliseconds>(passed());
    }

private:
    std::atomic<int> answered_{0}, refused_{0};
    std::vector<std::jthread> threads_;
};

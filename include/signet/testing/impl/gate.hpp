// SPDX-License-Identifier: BSL-1.0
// Where threads wait for each other, for tests.
#pragma once

#include <signet/version.hpp>

#include <condition_variable>
#include <mutex>

namespace signet { inline namespace SIGNET_ABI { namespace testing { namespace detail {

// What std::barrier is, which hangs with mingw-w64's standard library.
class gate {
public:
    explicit gate(unsigned threads) noexcept : threads_{threads} {}
    void arrive_and_wait() {
        std::unique_lock hold{lock_};
        if (auto const round = round_; ++arrived_ != threads_) {
            opened_.wait(hold, [&] { return round_ != round; });
        } else {
            arrived_ = 0, ++round_;
            opened_.notify_all();
        }
    }

private:
    std::mutex lock_;
    std::condition_variable opened_;
    unsigned const threads_;
    unsigned arrived_ = 0, round_ = 0;
};

}}}} // namespace signet::testing::detail

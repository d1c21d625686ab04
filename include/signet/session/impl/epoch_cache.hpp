// SPDX-License-Identifier: BSL-1.0
// The epochs that a look-up has read, for the look-ups of the next seconds.
#pragma once

#include <signet/core/time.hpp>

#include <array>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <optional>

namespace signet { inline namespace SIGNET_ABI { namespace session { namespace detail {

class epoch_cache {
public:
    using epochs = std::array<std::uint64_t, 2>; // as find_epochs gives them

    // What was read less than `age` ago, by a clock that has not gone back.
    std::optional<epochs> find(unix_time now, std::chrono::seconds age) const {
        std::lock_guard const lock{mutex_};
        if (!read_ || now < *read_ || now - *read_ >= age) return std::nullopt;
        return epochs_;
    }
    // To be given to `keep` by whoever begins to read.
    std::uint64_t times_forgotten() const {
        std::lock_guard const lock{mutex_};
        return times_forgotten_;
    }
    // Keeps what was read, unless it was forgotten since the reading began.
    void keep(epochs const& read, unix_time at, std::uint64_t times_forgotten) {
        std::lock_guard const lock{mutex_};
        if (times_forgotten == times_forgotten_) epochs_ = read, read_ = at;
    }
    void forget() {
        std::lock_guard const lock{mutex_};
        ++times_forgotten_;
        read_.reset();
    }

private:
    mutable std::mutex mutex_;
    std::optional<unix_time> read_{};
    epochs epochs_{};
    std::uint64_t times_forgotten_ = 0;
};

}}}} // namespace signet::session::detail

// SPDX-License-Identifier: BSL-1.0
// Runs many tasks of one kind, some of them at a time.
#pragma once

#include <signet/store/task.hpp>

#include <algorithm>
#include <vector>

namespace signet { inline namespace SIGNET_ABI { namespace store {

/// How many tasks `collect_all` runs at once: that many frames are in memory.
inline constexpr std::size_t max_collected = 16;

namespace detail {
template <class Task> struct task_value;
template <class T> struct task_value<task<T>> {
    using type = T;
};
} // namespace detail

/// Runs the tasks that `start(0)` to `start(count - 1)` give, `max_collected` at a time and each to its end, and gives
/// their results in this order. They must be independent of each other.
///
/// @par Example
/// `auto const all = co_await store::collect_all(keys.size(), [&](std::size_t i) { return look_at(keys[i]); },
/// frames);`
template <class Start, class T = typename detail::task_value<std::invoke_result_t<Start&, std::size_t>>::type>
task<std::vector<result<T>>> collect_all(std::size_t count, Start start, std::pmr::memory_resource* frames = nullptr) {
    (void)frames; // of this coroutine
    std::vector<result<T>> results;
    results.reserve(count);
    std::vector<task<T>> some;
    some.reserve(std::min(count, max_collected));
    while (results.size() != count) {
        while (some.size() != some.capacity() && results.size() + some.size() != count)
            some.push_back(start(results.size() + some.size()));
        co_await when_all(std::span{some});
        for (auto& one : some) results.push_back(one.get());
        while (!some.empty()) some.pop_back(); // the last frame first
    }
    co_return std::move(results);
}

}}} // namespace signet::store

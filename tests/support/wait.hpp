// Tests of real servers wait for a condition, and fail if it does not come.
#pragma once

#include <doctest/doctest.h>

#include <chrono>
#include <functional>
#include <thread>

/// Looks every 10 ms whether the condition holds, so many seconds at most.
inline void wait_at_most(std::chrono::seconds limit, std::function<bool()> const& condition) {
    bool holds = condition();
    for (auto left = limit / std::chrono::milliseconds{10}; left != 0 && !holds; --left) {
        std::this_thread::sleep_for(std::chrono::milliseconds{10});
        holds = condition();
    }
    REQUIRE(holds);
}

// Slows down whoever guesses passwords: ten wrong ones for a name, then a minute of rest. In this process's memory.
#pragma once

#include <signet/core/time.hpp>

#include <map>
#include <mutex>
#include <string>
#include <string_view>

namespace web {

class throttle {
public:
    bool allows(std::string_view name, signet::unix_time now) {
        std::lock_guard const lock{mutex_};
        auto const found = wrong_.find(name);
        return found == wrong_.end() || found->second.count < most || now >= found->second.last + rest;
    }
    void failed(std::string_view name, signet::unix_time now) {
        std::lock_guard const lock{mutex_};
        if (wrong_.size() >= 10'000) wrong_.clear(); // bounded, whatever names are tried
        auto& w = wrong_[std::string{name.substr(0, 64)}];
        if (now >= w.last + rest) w.count = 0;
        ++w.count;
        w.last = now;
    }
    void succeeded(std::string_view name) {
        std::lock_guard const lock{mutex_};
        if (auto const found = wrong_.find(name); found != wrong_.end()) wrong_.erase(found);
    }

private:
    static constexpr int most = 10;
    static constexpr std::chrono::seconds rest{60};
    struct failures {
        int count = 0;
        signet::unix_time last{};
    };
    std::mutex mutex_;
    std::map<std::string, failures, std::less<>> wrong_;
};

} // namespace web

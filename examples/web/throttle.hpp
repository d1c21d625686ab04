// Slows down whoever guesses passwords, and nobody else. In this process's memory.
//
// A browser that has logged in as that user before is counted by itself, so that no stranger can lock the owner out.
// Strangers are counted by name and address together, by address, and by name; an address from which the name has
// logged in lately is spared the last of these. After the OWASP cheat sheet's "device cookies".
#pragma once

#include <signet/core/time.hpp>

#include <chrono>
#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace web {

/// Counts by key, each for a while. Of more keys than it holds those that began first are forgotten, one by one.
class counts {
public:
    counts(int max_count, std::chrono::seconds window, std::size_t max_keys = 10'000)
        : max_count_{max_count}, window_{window}, max_keys_{max_keys} {}

    [[nodiscard]] bool full(std::string const& key, signet::unix_time now) {
        forget(now);
        auto const found = where_.find(key);
        return found != where_.end() && found->second->count >= max_count_;
    }
    void add(std::string const& key, signet::unix_time now) {
        forget(now);
        if (auto const found = where_.find(key); found != where_.end()) {
            ++found->second->count;
            return;
        }
        if (entries_.size() == max_keys_) drop_first();
        entries_.push_back({key, 1, now});
        where_.emplace(key, std::prev(entries_.end()));
    }
    void take_back(std::string const& key) {
        if (auto const found = where_.find(key); found != where_.end() && found->second->count > 0)
            --found->second->count;
    }
    [[nodiscard]] std::size_t size() const { return entries_.size(); }

private:
    struct entry {
        std::string key;
        int count;
        signet::unix_time since;
    };
    void forget(signet::unix_time now) {
        while (!entries_.empty() && now >= entries_.front().since + window_) drop_first();
    }
    void drop_first() {
        where_.erase(entries_.front().key);
        entries_.pop_front();
    }

    int max_count_;
    std::chrono::seconds window_;
    std::size_t max_keys_;
    std::list<entry> entries_; // the oldest first
    std::unordered_map<std::string, std::list<entry>::iterator> where_;
};

/// Who tries a password.
struct guesser {
    std::string name, address;
    std::string browser; ///< the mark of a browser that has logged in as `name` before; empty: none
};

class throttle {
public:
    /// Whether the password may be looked at. It counts as wrong until `succeeded`, so that many at once are counted
    /// too.
    bool begin(guesser const& who, signet::unix_time now) {
        std::lock_guard const lock{mutex_};
        if (!who.browser.empty()) {
            if (by_browser_.full(who.browser, now)) return false;
            by_browser_.add(who.browser, now);
            return true;
        }
        bool const known = known_.full(pair(who), now);
        if (by_pair_.full(pair(who), now) || by_address_.full(who.address, now) ||
            (!known && by_name_.full(short_name(who), now)))
            return false;
        by_pair_.add(pair(who), now);
        by_address_.add(who.address, now);
        by_name_.add(short_name(who), now);
        return true;
    }
    void succeeded(guesser const& who, signet::unix_time now) {
        std::lock_guard const lock{mutex_};
        if (!who.browser.empty()) {
            by_browser_.take_back(who.browser);
        } else {
            by_pair_.take_back(pair(who));
            by_address_.take_back(who.address);
            by_name_.take_back(short_name(who));
        }
        if (!known_.full(pair(who), now)) known_.add(pair(who), now);
    }

private:
    static std::string short_name(guesser const& who) { return who.name.substr(0, 64); }
    static std::string pair(guesser const& who) { return who.address + ' ' + short_name(who); }

    std::mutex mutex_;
    counts by_browser_{10, std::chrono::minutes{1}}, by_pair_{10, std::chrono::minutes{1}},
        by_address_{30, std::chrono::minutes{1}}, by_name_{50, std::chrono::minutes{10}};
    counts known_{1, std::chrono::hours{24 * 30}}; // addresses from which the name has logged in
};

/// How often an address may do something in a minute.
class address_limit {
public:
    explicit address_limit(int max_count) : by_address_{max_count, std::chrono::minutes{1}} {}

    bool begin(std::string const& address, signet::unix_time now) {
        std::lock_guard const lock{mutex_};
        if (by_address_.full(address, now)) return false;
        by_address_.add(address, now);
        return true;
    }

private:
    std::mutex mutex_;
    counts by_address_;
};

} // namespace web

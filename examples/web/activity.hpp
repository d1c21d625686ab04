// What devices did lately, for the administrator's page: the names of what the store keeps. In this process's memory.
#pragma once

#include <signet/core.hpp>
#include <signet/crypto/digest.hpp>

#include <algorithm>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace web {

class activity {
public:
    struct entry {
        signet::unix_time at{};
        std::string session, user; // no user: nobody has logged in on the device yet
        signet::crypto::sha256_digest key{};
        std::string key_id;
        std::string action;      // its id; empty: a batch of telemetry
        std::uint32_t batch = 0; // its number
        std::uint64_t number = 0;
    };
    /// Whose entries are asked for; an empty text is everybody.
    struct filter {
        std::string user, key_id;
    };

    void add(entry e) {
        std::lock_guard const lock{mutex_};
        e.number = ++last_;
        entries_.push_back(std::move(e));
        if (entries_.size() > max_entries) entries_.pop_front();
    }
    /// The last entries numbered above `after`, the oldest first.
    [[nodiscard]] std::vector<entry> since(std::uint64_t after, filter const& whose) const {
        std::vector<entry> found;
        std::lock_guard const lock{mutex_};
        for (auto e = entries_.rbegin(); e != entries_.rend() && e->number > after && found.size() != max_found; ++e)
            if ((whose.user.empty() || e->user == whose.user) && (whose.key_id.empty() || e->key_id == whose.key_id))
                found.push_back(*e);
        std::reverse(found.begin(), found.end());
        return found;
    }

private:
    static constexpr std::size_t max_entries = 400, max_found = 50;

    mutable std::mutex mutex_;
    std::deque<entry> entries_;
    std::uint64_t last_ = 0;
};

} // namespace web

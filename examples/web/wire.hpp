// What happened on the wire lately, for the page that shows it. Each user sees what is his own; no value of a cookie is
// kept.
#pragma once

#include "message.hpp"

#include <signet/core.hpp>

#include <deque>
#include <mutex>

namespace web {

class wire {
public:
    /// `outcome`: what the server made of it, in words.
    void add(std::string user, request const& in, response const& out, std::string outcome, signet::unix_time now);
    /// The events of `user` numbered above `after`, as JSON.
    std::string since(std::string_view user, std::uint64_t after) const;

private:
    struct event {
        std::uint64_t number;
        signet::unix_time at;
        std::string user, line, outcome;
        std::vector<std::string> sent, answered;
    };
    static constexpr std::size_t max_events = 400;

    mutable std::mutex mutex_;
    std::deque<event> events_;
    std::uint64_t last_ = 0;
};

} // namespace web

// HTTPS by Boost.Beast and OpenSSL: knows nothing of the site.
#pragma once

#include "message.hpp"

#include <chrono>
#include <cstddef>
#include <functional>

namespace web {

struct server_policy {
    unsigned short port = 8443;
    unsigned threads = 4;              // for requests that wait for nothing
    unsigned slow_threads = 2;         // for slow ones
    std::size_t slow_requests = 32;    // that wait or are at work; beyond, 503
    std::size_t connections = 512;     // at most; of one address half of them
    std::chrono::seconds patience{10}; // for a handshake, a body, and an answer to be taken
    std::chrono::seconds idle{30};     // for the next header to be there, whole
    std::string certificate{}, key{};  // PEM
};

struct handler {
    std::function<response(request const&)> answer; // called by several threads
    std::function<bool(request const&)> is_slow;    // whether `answer` takes long, as hashing a password does
};

/// Serves on the loopback address until SIGINT, SIGTERM or, unless it is ignored, SIGHUP; what was begun then is
/// answered, for `patience` at most. Throws where it cannot listen.
void serve(server_policy const& policy, handler const& site, std::function<void()> const& ready);

} // namespace web

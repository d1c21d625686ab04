// HTTPS by Boost.Beast and OpenSSL: knows nothing of the site.
#pragma once

#include "message.hpp"

#include <functional>

namespace web {

struct server_options {
    unsigned short port = 8443;
    unsigned threads = 4;
    std::string certificate, key; // PEM
};

/// Serves on the loopback address until SIGINT or SIGTERM. `answer` is called by several threads. Throws where it
/// cannot listen.
void serve(server_options const& options, std::function<response(request const&)> const& answer,
           std::function<void()> const& ready);

} // namespace web

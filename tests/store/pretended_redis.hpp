// A Redis, or a node of a cluster, that says what a test wants.
#pragma once

#include "redis_server.hpp"

#include <signet/store/redis.hpp>

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <sys/un.h>

/// Says what a server would, and what a test wants in answer to verbs about records.
class pretended_redis {
public:
    using sender = std::function<bool(std::string const&)>; // false: the other end is gone
    /// At a port, or at a Unix socket of that path.
    explicit pretended_redis(std::function<void(sender const&)> a, std::string path = {})
        : answer_{std::move(a)}, path_{std::move(path)} {
        sockaddr_in name{};
        name.sin_family = AF_INET;
        name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        name.sin_port = htons(static_cast<std::uint16_t>(port));
        sockaddr_un local{};
        local.sun_family = AF_UNIX;
        REQUIRE(path_.size() < sizeof local.sun_path);
        path_.copy(local.sun_path, path_.size());
        REQUIRE((path_.empty() ? ::bind(fd_, reinterpret_cast<sockaddr*>(&name), sizeof name)
                               : ::bind(fd_, reinterpret_cast<sockaddr*>(&local), sizeof local)) == 0);
        REQUIRE(::listen(fd_, 8) == 0);
        acceptor_ = std::jthread{[this] {
            for (int link; (link = ::accept(fd_, nullptr, nullptr)) >= 0;)
                links_.emplace_back([this, link] { serve(link); });
        }};
    }
    pretended_redis(pretended_redis const&) = delete;
    pretended_redis& operator=(pretended_redis const&) = delete;
    ~pretended_redis() { // after its clients
        ::shutdown(fd_, SHUT_RDWR);
        acceptor_ = {};
        links_.clear();
        ::close(fd_);
    }

    int const port = redis_server::free_port();
    signet::store::redis_params params() const {
        signet::store::redis_params o;
        o.port = port;
        o.unix_socket = path_;
        o.retry_after = std::chrono::seconds{0};
        return o;
    }
    /// Ends the connection at the first verb about a record.
    std::atomic<bool> hangs_up{false};
    void say_table(std::string table) {
        std::lock_guard const hold{lock_};
        table_ = std::move(table);
    }

private:
    std::string said_to(std::string_view verb, std::string_view what) {
        std::lock_guard const hold{lock_};
        if (verb == "CLUSTER") return table_;
        if (verb == "EVAL") return "*2\r\n$16\r\n0123456789abcdef\r\n$1\r\n0\r\n"; // who it is, and since when
        if (verb == "WAIT") return ":1\r\n";
        if (verb == "CONFIG") {
            std::string const value = what == "appendonly"         ? "yes"
                                      : what == "appendfsync"      ? "always"
                                      : what == "maxmemory-policy" ? "noeviction"
                                                                   : "no";
            return "*2\r\n$1\r\nx\r\n$" + std::to_string(value.size()) + "\r\n" + value + "\r\n";
        }
        return verb == "SCRIPT" ? "$1\r\nx\r\n" : "";
    }
    void serve(int link) {
        std::unique_ptr<redisReader, void (*)(redisReader*)> const reader{redisReaderCreate(), redisReaderFree};
        sender const send = [link](std::string const& octets) {
            return ::send(link, octets.data(), octets.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(octets.size());
        };
        char octets[4096];
        for (ssize_t n; (n = ::recv(link, octets, sizeof octets, 0)) > 0;) {
            redisReaderFeed(reader.get(), octets, static_cast<std::size_t>(n));
            for (void* made = nullptr; redisReaderGetReply(reader.get(), &made) == REDIS_OK && made;) {
                redis_server::answer const words{static_cast<redisReply*>(made)};
                auto const said = said_to(words->element[0]->str, words->elements > 2 ? words->element[2]->str : "");
                if (!said.empty()) send(said);
                else if (hangs_up) ::shutdown(link, SHUT_RDWR);
                else answer_(send);
            }
        }
        ::close(link);
    }

    std::function<void(sender const&)> answer_;
    std::string path_;
    int fd_ = ::socket(path_.empty() ? AF_INET : AF_UNIX, SOCK_STREAM, 0);
    std::mutex lock_;
    std::string table_;
    std::vector<std::jthread> links_;
    std::jthread acceptor_;
};

/// A row of a table of slots.
inline std::string slots_row(int first, int last, std::vector<int> const& ports) {
    auto const number = [](int n) { return ":" + std::to_string(n) + "\r\n"; };
    auto out = "*" + std::to_string(2 + ports.size()) + "\r\n" + number(first) + number(last);
    for (int const port : ports) out += "*2\r\n$9\r\n127.0.0.1\r\n" + number(port);
    return out;
}

// What stands between a store and a PostgreSQL server, passes on what they say, and says things of its own.
#pragma once

#include "postgres_server.hpp"

#include <algorithm>
#include <atomic>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

class postgres_relay {
public:
    explicit postgres_relay(postgres_server const& server) : server_{server.socket()} {
        listener_ = ::socket(AF_UNIX, SOCK_STREAM, 0);
        auto const here = address(directory_.path.string());
        REQUIRE(::bind(listener_, reinterpret_cast<sockaddr const*>(&here), sizeof here) == 0);
        REQUIRE(::listen(listener_, 8) == 0);
        thread_ = std::thread{[this] {
            while (!is_over_) run_once();
        }};
    }
    postgres_relay(postgres_relay const&) = delete;
    postgres_relay& operator=(postgres_relay const&) = delete;
    ~postgres_relay() {
        is_over_ = true;
        thread_.join();
        for (auto& l : links_) l.close();
        ::close(listener_);
    }
    std::string conninfo(std::string const& more) const {
        return "host=" + directory_.path.string() + " user=signet dbname=postgres " + more;
    }

    /// From now on what a client asks is answered by this, and not passed on.
    void answer_by(std::string_view what) {
        std::lock_guard const hold{lock_};
        answer_ = what;
        answers_ = true;
    }
    void pass_on() {
        std::lock_guard const hold{lock_};
        answers_ = false;
    }
    static constexpr std::string_view a_notice{"N\0\0\0\x23SNOTICE\0VNOTICE\0C00000\0Mhello\0\0", 36};
    /// Sends a notice to who was the newest client when they were allowed, as long as some are left.
    void allow_notices(std::size_t count) {
        std::lock_guard const hold{lock_};
        noticed_ = links_.size() - 1;
        notices_ = count;
    }
    void notice() {
        if (notices_ == 0) return;
        --notices_;
        std::lock_guard const hold{lock_};
        if (links_[noticed_].client < 0) return;
        (void)::send(links_[noticed_].client, a_notice.data(), a_notice.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    }
    std::size_t notices_left() const { return notices_; }
    /// How many connections were made.
    std::size_t connections() {
        std::lock_guard const hold{lock_};
        return links_.size();
    }

private:
    struct link {
        int client, server;
        void close() {
            if (client >= 0) ::close(client), ::close(server);
            client = server = -1;
        }
    };

    static sockaddr_un address(std::string const& directory) {
        sockaddr_un a{};
        a.sun_family = AF_UNIX;
        auto const path = directory + "/.s.PGSQL.5432";
        REQUIRE(path.size() < sizeof a.sun_path);
        std::copy(path.begin(), path.end(), a.sun_path);
        return a;
    }
    void run_once() {
        std::vector<pollfd> all{{listener_, POLLIN, 0}};
        for (auto const& l : links_) { // this thread alone adds some
            all.push_back({l.client, POLLIN, 0});
            all.push_back({l.server, POLLIN, 0});
        }
        if (::poll(all.data(), all.size(), 20) <= 0) return;
        std::lock_guard const hold{lock_};
        for (std::size_t n = 0; n != links_.size(); ++n) {
            auto& l = links_[n];
            if (all[1 + 2 * n].revents != 0 && !pass(l.client, l.server, answers_)) l.close();
            if (all[2 + 2 * n].revents != 0 && l.client >= 0 && !pass(l.server, l.client, false)) l.close();
        }
        if (all[0].revents == 0) return;
        link added{::accept(listener_, nullptr, nullptr), ::socket(AF_UNIX, SOCK_STREAM, 0)};
        auto const there = address(server_);
        if (::connect(added.server, reinterpret_cast<sockaddr const*>(&there), sizeof there) != 0) added.close();
        links_.push_back(added);
    }
    bool pass(int from, int to, bool answers) const {
        char room[65536];
        auto const n = ::recv(from, room, sizeof room, 0);
        if (n <= 0) return false;
        if (answers) return ::send(from, answer_.data(), answer_.size(), MSG_NOSIGNAL) >= 0;
        return ::send(to, room, static_cast<std::size_t>(n), MSG_NOSIGNAL) == n;
    }

    temporary_directory directory_;
    std::string server_, answer_;
    int listener_ = -1;
    std::mutex lock_;
    std::vector<link> links_;
    bool answers_ = false;
    std::size_t noticed_ = 0;
    std::atomic<std::size_t> notices_{0};
    std::atomic<bool> is_over_{false};
    std::thread thread_;
};

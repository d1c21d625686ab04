// A redis-server of the test's own, on a free loopback port and in a directory that goes with it.
#pragma once

#include "temporary.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include <arpa/inet.h>
#include <fcntl.h>
#include <hiredis/hiredis.h>
#include <netinet/in.h>
#include <signal.h>
#ifdef __linux__
#    include <sys/prctl.h>
#endif
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

class redis_server {
public:
    /// The server's program: SIGNET_REDIS_SERVER, such as valkey-server, or redis-server.
    static std::string program() {
        auto const* const named = std::getenv("SIGNET_REDIS_SERVER");
        return named ? named : "redis-server";
    }
    static bool installed() {
        static bool const found = std::system((program() + " --version > /dev/null 2>&1").c_str()) == 0;
        return found;
    }

    /// What lasting writes and single use need. A replica does not wait for others to be served with it.
    static std::vector<std::string> durable() {
        return {"--appendonly",
                "yes",
                "--appendfsync",
                "always",
                "--maxmemory-policy",
                "noeviction",
                "--repl-diskless-sync-delay",
                "0"};
    }
    /// The arguments of a replica of the server at that port.
    static std::vector<std::string> replica_of(int port) {
        auto arguments = durable();
        arguments.insert(arguments.end(), {"--replicaof", "127.0.0.1 " + std::to_string(port)});
        return arguments;
    }
    /// Waits until a replica has what its master has had.
    void wait_for_master() {
        auto const is_up = [this] {
            return tell({"INFO", "replication"}).find("master_link_status:up") != std::string::npos;
        };
        for (int i = 0; i != 1000 && !is_up(); ++i) ::usleep(10'000);
    }

    explicit redis_server(std::vector<std::string> arguments = durable(),
                          std::filesystem::path const& in = std::filesystem::temp_directory_path())
        : directory_{in}, arguments_{std::move(arguments)}, port_{free_port()} {
        start();
    }
    redis_server(redis_server const&) = delete;
    redis_server& operator=(redis_server const&) = delete;
    ~redis_server() { stop(SIGKILL); }

    int port() const { return port_; }
    /// From the next start on.
    void configure(std::vector<std::string> arguments) { arguments_ = std::move(arguments); }

    /// Waits until it answers.
    void start() {
        child_ = ::fork();
        REQUIRE(child_ >= 0);
        if (child_ == 0) {
#ifdef __linux__
            ::prctl(PR_SET_PDEATHSIG, SIGKILL); // a test that aborts leaves no server behind
#endif
            std::vector<std::string> words{program(),   "--port",    std::to_string(port_),    "--bind",
                                           "127.0.0.1", "--dir",     directory_.path.string(), "--save",
                                           "",          "--logfile", directory_ / "log"};
            words.insert(words.end(), arguments_.begin(), arguments_.end());
            if (is_sentinel()) { // it writes down what it learns
                std::ofstream{directory_ / "sentinel.conf"};
                words.insert(words.begin() + 1, directory_ / "sentinel.conf");
            }
            std::vector<char*> argv;
            for (auto& w : words) argv.push_back(w.data());
            argv.push_back(nullptr);
            ::execvp(argv[0], argv.data());
            ::_exit(127);
        }
        for (int tries = 0; tries != 1000; ++tries) {
            std::unique_ptr<redisContext, void (*)(redisContext*)> c{redisConnect("127.0.0.1", port_), redisFree};
            if (c && !c->err) {
                auto* r = static_cast<redisReply*>(redisCommand(c.get(), "PING"));
                auto const up = r && std::string{r->str ? r->str : ""}.find("LOADING") == std::string::npos;
                if (r) freeReplyObject(r);
                if (up) return;
            }
            ::usleep(10'000);
        }
        FAIL("redis-server does not start");
    }
    /// It keeps its connections and answers nothing.
    void pause() { ::kill(child_, SIGSTOP); }
    void resume() { ::kill(child_, SIGCONT); }
    void stop(int signal = SIGKILL) {
        if (child_ <= 0) return;
        ::kill(child_, signal);
        ::waitpid(child_, nullptr, 0);
        child_ = 0;
    }

    /// A backup of what it keeps, while it is stopped, and back to it.
    void keep() { copy(directory_.path, backup_.path); }
    void restore() { copy(backup_.path, directory_.path); }

    /// Removes what it wrote down, while it is stopped.
    void lose_log() { std::filesystem::remove_all(directory_.path / "appendonlydir"); }

    /// What the server says to a command, as text; arrays as their size.
    std::string tell(std::vector<std::string> const& words, std::string const& password = "") {
        auto const r = ask(words, password);
        return r->type == REDIS_REPLY_INTEGER ? std::to_string(r->integer)
               : r->type == REDIS_REPLY_ARRAY ? std::to_string(r->elements)
               : r->str                       ? std::string(r->str, static_cast<std::size_t>(r->len))
                                              : std::string{};
    }

    using answer = std::unique_ptr<redisReply, decltype([](redisReply* r) { freeReplyObject(r); })>;
    answer ask(std::vector<std::string> const& words, std::string const& password = "") {
        std::unique_ptr<redisContext, void (*)(redisContext*)> c{redisConnect("127.0.0.1", port_), redisFree};
        REQUIRE(c);
        REQUIRE(c->err == 0);
        if (!password.empty()) freeReplyObject(redisCommand(c.get(), "AUTH %s", password.c_str()));
        std::vector<char const*> data;
        std::vector<std::size_t> sizes;
        for (auto const& w : words) data.push_back(w.data()), sizes.push_back(w.size());
        answer r{static_cast<redisReply*>(
            redisCommandArgv(c.get(), static_cast<int>(data.size()), data.data(), sizes.data()))};
        REQUIRE(r);
        return r;
    }

    static int free_port() {
        auto const fd = ::socket(AF_INET, SOCK_STREAM, 0);
        sockaddr_in name{};
        name.sin_family = AF_INET;
        name.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof name;
        REQUIRE(::bind(fd, reinterpret_cast<sockaddr*>(&name), size) == 0);
        ::getsockname(fd, reinterpret_cast<sockaddr*>(&name), &size);
        ::close(fd);
        return ntohs(name.sin_port);
    }

private:
    bool is_sentinel() const { return !arguments_.empty() && arguments_[0] == "--sentinel"; }

    static void copy(std::filesystem::path const& from, std::filesystem::path const& to) {
        for (auto const& old : std::filesystem::directory_iterator{to}) std::filesystem::remove_all(old);
        std::filesystem::copy(from, to, std::filesystem::copy_options::recursive);
    }

    temporary_directory directory_, backup_;
    std::vector<std::string> arguments_;
    int port_;
    pid_t child_ = 0;
};

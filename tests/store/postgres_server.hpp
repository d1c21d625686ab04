// A PostgreSQL server of the test's own: on a unix socket, in a directory that goes with it. As root it runs as nobody,
// since PostgreSQL refuses root.
#pragma once

#include "temporary.hpp"

#include <doctest/doctest.h>

#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#ifdef __linux__
#    include <sys/prctl.h>
#endif
#include <sys/wait.h>
#include <unistd.h>

#if __has_include(<libpq-fe.h>)
#    include <libpq-fe.h>
#else
#    include <postgresql/libpq-fe.h>
#endif

class postgres_server {
public:
    /// The newest that is installed; empty: none.
    static std::string const& programs() {
        static std::string const found = [] {
            std::string newest;
            std::error_code none;
            for (auto const& version : std::filesystem::directory_iterator{"/usr/lib/postgresql", none}) {
                auto const bin = (version.path() / "bin").string();
                if (std::filesystem::exists(bin + "/initdb") && (bin.size() > newest.size() || bin > newest))
                    newest = bin;
            }
            return newest;
        }();
        return found;
    }

    /// Makes a database cluster, or, given a server, a standby of it; and starts it.
    explicit postgres_server(std::vector<std::string> settings = {}, postgres_server const* primary = nullptr,
                             std::filesystem::path const& in = place())
        : directory_{in}, settings_{std::move(settings)} {
        if (::geteuid() == 0) {
            auto const* nobody = ::getpwnam("nobody");
            REQUIRE(nobody);
            user_ = nobody->pw_uid, group_ = nobody->pw_gid;
            own(directory_.path);
        }
        auto const made = primary ? run({programs() + "/pg_basebackup", "-D", data(), "-R", "-X", "stream", "-c",
                                         "fast", "-N", "-d", primary->conninfo()})
                                  : run({programs() + "/initdb", "-D", data(), "-N", "-A", "trust", "-U", "signet",
                                         "--no-locale", "-E", "UTF8", "--no-instructions"});
        REQUIRE(made == 0);
        start();
    }
    postgres_server(postgres_server const&) = delete;
    postgres_server& operator=(postgres_server const&) = delete;
    ~postgres_server() { stop(SIGQUIT); }

    /// Makes a file or directory the server's, where it has a user of its own.
    void own(std::filesystem::path const& what) const {
        if (user_ != 0) REQUIRE(::chown(what.c_str(), user_, group_) == 0);
    }

    std::string socket() const { return directory_.path.string(); }
    std::string data() const { return directory_ / "data"; }
    std::string conninfo(std::string const& more = "") const {
        return "host=" + socket() + " user=signet dbname=postgres " + more;
    }

    /// Waits until it answers, a minute at the most: recovery waits for the disk. It refuses to start while a process
    /// that was killed has not let go of its memory, and is then started again.
    void start() {
        std::vector<std::string> words{programs() + "/postgres",
                                       "-D",
                                       data(),
                                       "-k",
                                       socket(),
                                       "-h",
                                       "",
                                       "-c",
                                       "max_connections=150",
                                       "-c",
                                       "shared_buffers=16MB",
                                       "-c",
                                       "log_min_messages=panic",
                                       "-c",
                                       "recovery_init_sync_method=syncfs"};
        for (auto const& setting : settings_) words.insert(words.end(), {"-c", setting});
        child_ = spawn(words, true);
        for (int tries = 0; tries != 6000; ++tries) {
            auto const up = PQping(conninfo().c_str());
            if (up == PQPING_OK) return;
            if (::waitpid(child_, nullptr, WNOHANG) == child_) child_ = spawn(words, true);
            ::usleep(10'000);
        }
        FAIL("PostgreSQL does not start");
    }
    /// SIGQUIT ends it at once, without a checkpoint, as a crash does; SIGKILL ends its processes one by one.
    void stop(int signal = SIGQUIT) {
        if (child_ <= 0) return;
        if (signal == SIGKILL) { // none of them may outlive the first
            ::kill(child_, SIGSTOP);
            for (auto const child : children()) ::kill(child, SIGKILL);
        }
        ::kill(child_, signal);
        ::waitpid(child_, nullptr, 0);
        child_ = 0;
    }
    /// SIGSTOP or SIGCONT for all its processes.
    void signal_all(int signal) const {
        ::kill(child_, signal);
        for (auto const child : children()) ::kill(child, signal);
    }
    /// Its processes but the first.
    std::vector<pid_t> children() const {
        auto const name = std::to_string(child_);
        std::ifstream list{"/proc/" + name + "/task/" + name + "/children"};
        std::vector<pid_t> found;
        for (pid_t pid; list >> pid;) found.push_back(pid);
        return found;
    }
    /// Replaces what it has on the disk by what `keep` copied; both while it stands still.
    void keep() const { copy(data(), data() + "-kept"); }
    void restore() const {
        std::filesystem::remove_all(data());
        copy(data() + "-kept", data());
    }

    /// What the server says to SQL: the first value, as text.
    std::string tell(std::string const& sql, std::string const& more = "") const {
        std::unique_ptr<PGconn, void (*)(PGconn*)> const c{PQconnectdb(conninfo(more).c_str()), PQfinish};
        REQUIRE_MESSAGE(PQstatus(c.get()) == CONNECTION_OK, PQerrorMessage(c.get()));
        PQsetNoticeProcessor(c.get(), [](void*, char const*) {}, nullptr);
        std::unique_ptr<PGresult, void (*)(PGresult*)> const r{PQexec(c.get(), sql.c_str()), PQclear};
        auto const good = PQresultStatus(r.get()) == PGRES_TUPLES_OK || PQresultStatus(r.get()) == PGRES_COMMAND_OK;
        REQUIRE_MESSAGE(good, PQerrorMessage(c.get()));
        return PQntuples(r.get()) > 0 ? PQgetvalue(r.get(), 0, 0) : "";
    }

    /// Starts a program as the server's user; it ends with the test.
    pid_t spawn(std::vector<std::string> const& words, bool quiet) const {
        auto const child = ::fork();
        REQUIRE(child >= 0);
        if (child != 0) return child;
#ifdef __linux__
        ::prctl(PR_SET_PDEATHSIG, SIGQUIT); // a test that aborts leaves no server behind
#endif
        if (user_ != 0 && (::setgid(group_) != 0 || ::setuid(user_) != 0)) ::_exit(126);
#ifdef __linux__
        ::prctl(PR_SET_PDEATHSIG, SIGQUIT); // setuid took it back
#endif
        if (::chdir("/") != 0) ::_exit(126);
        if (quiet) {
            auto const null = ::open("/dev/null", O_WRONLY);
            ::dup2(null, 1), ::dup2(null, 2);
        }
        std::vector<char*> argv;
        for (auto const& w : words) argv.push_back(const_cast<char*>(w.c_str()));
        argv.push_back(nullptr);
        ::execvp(argv[0], argv.data());
        ::_exit(127);
    }

private:
    void copy(std::string const& from, std::string const& to) const { REQUIRE(run({"cp", "-a", from, to}) == 0); }
    int run(std::vector<std::string> const& words) const {
        int status = -1;
        ::waitpid(spawn(words, true), &status, 0);
        return status;
    }

    /// In memory, where there is room for it: what a commit waits for is the disk.
    static std::filesystem::path place() {
        std::filesystem::path const memory = "/dev/shm";
        std::error_code none;
        auto const room = std::filesystem::space(memory, none);
        return !none && room.available > (std::uintmax_t{2} << 30) ? memory : std::filesystem::temp_directory_path();
    }

    temporary_directory directory_;
    std::vector<std::string> settings_;
    uid_t user_ = 0;
    gid_t group_ = 0;
    pid_t child_ = 0;
};

/// A PgBouncer that pools transactions, before a server.
class postgres_proxy {
public:
    static bool installed() {
        static bool const found = std::filesystem::exists("/usr/sbin/pgbouncer");
        return found;
    }

    postgres_proxy(postgres_server const& server, std::string const& directory) : directory_{directory} {
        std::ofstream{directory + "/users"} << "\"signet\" \"\"\n";
        std::ofstream{directory + "/bouncer.ini"}
            << "[databases]\n* = host=" << server.socket() << "\n[pgbouncer]\nunix_socket_dir = " << directory
            << "\nlisten_port = 6432\npool_mode = transaction\nauth_type = trust\nauth_file = " << directory
            << "/users\ndefault_pool_size = 4\nmax_client_conn = 200\n";
        child_ = server.spawn({"/usr/sbin/pgbouncer", "-q", directory + "/bouncer.ini"}, true);
        for (int tries = 0; tries != 500 && PQping(conninfo("postgres").c_str()) != PQPING_OK; ++tries)
            ::usleep(10'000);
    }
    postgres_proxy(postgres_proxy const&) = delete;
    postgres_proxy& operator=(postgres_proxy const&) = delete;
    ~postgres_proxy() {
        ::kill(child_, SIGKILL);
        ::waitpid(child_, nullptr, 0);
    }
    std::string conninfo(std::string const& database) const {
        return "host=" + directory_ + " port=6432 user=signet dbname=" + database;
    }

private:
    std::string directory_;
    pid_t child_ = 0;
};

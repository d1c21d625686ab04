// SPDX-License-Identifier: BSL-1.0
// What a program says that ends itself: for mistakes of the caller's that cannot be an error value.
#pragma once

#include <csignal>
#include <string>
#include <sys/wait.h>
#include <unistd.h>

namespace testing_support {

/// Runs `f` in a process of its own and gives what it wrote to its standard error stream, if it ended by SIGABRT; else
/// "lived". For use while no other thread runs.
template <class F> std::string last_words(F&& f) {
    int ends[2];
    if (pipe(ends) != 0) return "no pipe";
    auto const child = fork();
    if (child == 0) {
        std::signal(SIGABRT, SIG_DFL); // the test's own handler would report it as a failure
        dup2(ends[1], STDERR_FILENO);
        f();
        _exit(0);
    }
    close(ends[1]);
    std::string said;
    char some[256];
    for (ssize_t n; (n = read(ends[0], some, sizeof some)) > 0;) said.append(some, static_cast<std::size_t>(n));
    close(ends[0]);
    int status = 0;
    waitpid(child, &status, 0);
    if (auto const emulator = said.find("qemu: "); emulator != std::string::npos)
        said.resize(emulator); // of ./dev platforms
    return WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT ? said : "lived";
}

} // namespace testing_support

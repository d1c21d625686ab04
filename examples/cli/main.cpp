// signet: makes keys, signs, verifies and shows tokens, and judges passkeys. The reason of a refusal is on stderr.
#include "cli.hpp"

#include <cstdio>
#include <exception>

namespace {

int run(std::span<char* const> arguments) {
    auto const word = [&](std::size_t i) { return i < arguments.size() ? std::string_view{arguments[i]} : ""; };
    for (std::string_view argument : arguments)
        if (argument == "--help" || argument == "-h") return cli::write(cli::help(word(0), word(1)));
    if (word(0) == "--version") return cli::write_line("signet " + cli::version());
    if (word(0) == "--man") return cli::write(cli::manual_page());
    if (arguments.size() < 2) return cli::misused("a subcommand is missing");
    if (word(0) == "completion" && word(1) == "bash") return cli::write(cli::bash_completion());
    if (word(0) == "completion" && word(1) == "zsh") return cli::write(cli::zsh_completion());
    for (auto const& command : cli::subcommands()) {
        if (command.group != word(0) || command.name != word(1)) continue;
        auto const rest = arguments.subspan(2);
        if (command.run_raw) return command.run_raw(rest);
        auto const given = cli::options::parse(rest, command.known, command.max_operands);
        return given ? command.run(*given) : cli::wrong_usage;
    }
    return cli::misused("there is no subcommand " + cli::shown(word(0)) + " " + cli::shown(word(1)));
}

} // namespace

int main(int count, char** values) {
    try {
        return run(std::span<char* const>{values, static_cast<std::size_t>(count)}.subspan(count > 0 ? 1 : 0));
    } catch (std::exception const& problem) { // out of memory
        std::fprintf(stderr, "signet: %s\n", problem.what());
        return cli::wrong_usage;
    }
}

// signet: makes keys, signs, verifies and inspects tokens, and judges passkeys. Reads stdin, writes stdout, the reason
// on stderr.
#include "cli.hpp"

#include <cstdio>
#include <exception>

namespace {

constexpr std::string_view usage =
    R"(usage: signet key generate --alg ALG [--kid ID]           a fresh private JWK
       signet key public                                 private JWK -> public JWK
       signet key thumbprint                             JWK -> RFC 7638 SHA-256 thumbprint
       signet jws sign   --key FILE [--alg ALG]          payload -> compact JWS
       signet jws verify --key FILE [--alg ALG]          compact JWS -> payload
       signet jwt sign   --key FILE [--alg ALG] [--type TYPE]
                                                         claims as JSON -> token
       signet jwt verify --keys FILE --issuer I --audience A [--type TYPE] [--leeway SECONDS] [--now UNIX]
                                                         token -> claims as JSON
       signet jwt inspect                                token -> header and claims, NOT verified
       signet webauthn verify [--lines]                  ceremonies of passkeys as JSON -> accept, or the reason

Input is read from stdin. FILE is a JWK or a JWK set; use, key_ops and alg of its keys are obeyed.
ALG is HS256, HS384, HS512, RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512, ES256K, EdDSA or Ed25519;
also ML-DSA-44, ML-DSA-65 and ML-DSA-87, whose private keys need Botan 3.6 or later.
webauthn verify reads one case, or with --lines one a line, and prints a word for each (docs/guide/webauthn.md).
Exit codes: 0 success, 1 refused (stderr has the reason), 2 wrong usage or an unreadable file.
)";

struct subcommand {
    std::string_view group, name;
    int (*run)(std::span<char* const> arguments);
};
constexpr subcommand subcommands[] = {
    {"key", "generate", cli::key_generate},       {"key", "public", cli::key_public},
    {"key", "thumbprint", cli::key_thumbprint},   {"jws", "sign", cli::jws_sign},
    {"jws", "verify", cli::jws_verify},           {"jwt", "sign", cli::jwt_sign},
    {"jwt", "verify", cli::jwt_verify},           {"jwt", "inspect", cli::jwt_inspect},
    {"webauthn", "verify", cli::webauthn_verify},
};

int run(std::span<char* const> arguments) {
    for (std::string_view argument : arguments)
        if (argument == "--help" || argument == "-h") return cli::write(usage);
    if (arguments.size() < 2) return cli::misused("a subcommand is missing");
    for (auto const& command : subcommands)
        if (command.group == arguments[0] && command.name == arguments[1]) return command.run(arguments.subspan(2));
    return cli::misused("there is no subcommand " + std::string{arguments[0]} + " " + arguments[1]);
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

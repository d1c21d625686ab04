// What the subcommands of the signet command share: arguments, input, output, reasons and keys.
#pragma once

#include <signet/jose.hpp>

#include <initializer_list>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cli {

using signet::result;

// How the command ends.
inline constexpr int good = 0, refused = 1, wrong_usage = 2;

/// One line on stderr: "signet: the signature is not valid (bad_signature)". Gives the exit code 1.
int refuse(signet::error reason);
/// One line on stderr and where to look further. Gives the exit code 2.
int misused(std::string const& reason);

/// The options of a subcommand, each with a value, each at most once: `--kid K` or `--kid=K`.
class options {
public:
    /// Says what is wrong and gives nothing if an argument is not one of `known`.
    static std::optional<options> parse(std::span<char* const> arguments,
                                        std::initializer_list<std::string_view> known);

    std::optional<std::string> operator[](std::string const& name) const {
        auto const found = values_.find(name);
        return found == values_.end() ? std::nullopt : std::optional{found->second};
    }

private:
    std::map<std::string, std::string> values_;
};

/// All of stdin, at most 64 MiB; nothing, with a line on stderr, where that cannot be read. Wiped: it may be a key.
std::optional<signet::secret> read_input();
/// All of a file, likewise.
std::optional<signet::secret> read_file(std::string const& path);
/// A token as it comes from a file or a shell: one newline at its end is not part of it.
std::string_view without_newline(std::string_view text);

/// Writes to stdout and gives the exit code.
int write(std::string_view text);
int write_line(std::string_view text);

/// The algorithm that `--alg` names, if it is there; says so and gives nothing where there is none of that name.
struct algorithm_choice {
    std::optional<signet::alg> algorithm{};
    signet::jose::ed25519_name spelling = signet::jose::ed25519_name::eddsa;
};
std::optional<algorithm_choice> read_algorithm(std::optional<std::string> const& name);

/// A key that may sign, and with what.
struct signing_key {
    signet::jose::any_jwk jwk;
    signet::alg algorithm;
    signet::jose::ed25519_name spelling;
};

/// The first key of the file that may sign with the algorithm asked for, or with its own. Where the key leaves the
/// choice open (RSA and oct without `alg`) and `--alg` is missing, that is wrong usage. Otherwise gives the exit code.
struct signing_choice {
    std::optional<signing_key> key{};
    int code = good;
};
signing_choice choose_signing_key(std::string const& path, algorithm_choice const& asked);

/// Signs `payload` and writes the token.
int sign(signing_key& key, signet::bytes_view payload, signet::jose::header_params header);

/// The keys of the file's text that may verify the algorithm `a`: of key pairs the public part; `alg`, `use` and
/// `key_ops` are honoured. A key of another type is never used, so a public key is never a MAC secret; a set that has
/// MAC keys beside signature keys is refused. Where the file is one JWK the caller has named the key, so a token's kid
/// does not matter.
result<signet::jose::any_key_set> verification_keys(std::string_view json, signet::alg a);

/// The algorithm a token's header names, after checking the header as a verifier does.
result<signet::alg> algorithm_of(std::string_view token);

/// How large a token may be: this command reads what it is given, so more than a server would take.
inline constexpr std::size_t max_token = 64u << 20;
inline constexpr std::size_t max_jwt = 1u << 20;

// The subcommands.
int key_generate(std::span<char* const> arguments);
int key_public(std::span<char* const> arguments);
int key_thumbprint(std::span<char* const> arguments);
int jws_sign(std::span<char* const> arguments);
int jws_verify(std::span<char* const> arguments);
int jwt_sign(std::span<char* const> arguments);
int jwt_verify(std::span<char* const> arguments);
int jwt_inspect(std::span<char* const> arguments);
int webauthn_verify(std::span<char* const> arguments);

} // namespace cli

// What the subcommands of the signet command share: arguments, input, output, reasons and keys.
#pragma once

#include <signet/core.hpp>
#include <signet/jose.hpp>

#include <chrono>
#include <cstddef>
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

/// One line on stderr: "signet: the signature is not valid (bad_signature)". `detail` is added to it. With `--json`
/// also an object on stdout that says the same. Gives the exit code 1.
int refuse(signet::error reason, std::string const& detail = {});
/// One line on stderr and where to look further. Gives the exit code 2.
int misused(std::string const& reason);
/// An argument as an error message may show it: short words, options and paths, never what looks like a token or a key.
std::string shown(std::string_view argument);

/// An option of a subcommand. Each is given at most once: `--kid K` or `--kid=K`; one without a `value` is a flag.
struct option {
    std::string_view name, value, text;
    bool required = false;
};

/// What a subcommand was given.
class options {
public:
    /// Says what is wrong and gives nothing if an argument is not one of `known`, if there are more than `max_operands`
    /// arguments that are no options, or if a required option is missing.
    static std::optional<options> parse(std::span<char* const> arguments, std::span<option const> known,
                                        std::size_t max_operands);

    std::optional<std::string> operator[](std::string const& name) const {
        auto const found = values_.find(name);
        return found == values_.end() ? std::nullopt : std::optional{found->second};
    }
    bool has(std::string const& flag) const { return values_.contains(flag); }
    /// The arguments that are no options.
    std::vector<std::string> const& operands() const noexcept { return operands_; }

private:
    std::map<std::string, std::string> values_;
    std::vector<std::string> operands_;
};

/// A subcommand: `signet GROUP NAME`. Help, the manual page and the completions are made of these.
struct subcommand {
    std::string_view group, name;
    std::string_view operands; ///< as help shows them: "[TOKEN]"
    std::size_t max_operands;
    std::string_view summary; ///< one line
    std::string_view details; ///< sentences, or nothing
    std::span<option const> known;
    int (*run)(options const& given);
    int (*run_raw)(std::span<char* const> arguments) = nullptr; ///< in place of `run`: reads its arguments itself
};
std::span<subcommand const> subcommands();
/// `signet --help`; of one group or subcommand if it is named.
std::string help(std::string_view group = {}, std::string_view name = {});
std::string version();     ///< "0.1.0"
std::string manual_page(); ///< signet.1, in roff
std::string bash_completion();
std::string zsh_completion();

/// All of stdin, at most 64 MiB; nothing, with a line on stderr, where that cannot be read. Wiped: it may be a key.
std::optional<signet::secret> read_input();
/// All of a file, likewise.
std::optional<signet::secret> read_file(std::string const& path);
/// A token as it comes from a file or a shell: one newline at its end is not part of it.
std::string_view without_newline(std::string_view text);

/// The token that a subcommand is about: its argument, the file of `--file`, or stdin.
std::optional<signet::secret> read_token(options const& given);
/// The file that is named, or stdin for "-" and where none is.
std::optional<signet::secret> read_operand(options const& given);
/// The passphrase in the file that this option names, without the newline at its end.
struct passphrase_choice {
    std::optional<signet::secret> passphrase{};
    int code = good;
    signet::secret const* if_given() const { return passphrase ? &*passphrase : nullptr; }
};
passphrase_choice read_passphrase(options const& given, std::string const& option);

/// Writes to stdout and gives the exit code.
int write(std::string_view text);
int write_line(std::string_view text);
/// Writes a new file that only its owner may read if `is_private`. A file that exists stays as it is.
int write_new_file(std::string const& path, std::string_view text, bool is_private);
/// Writes a key to the file of `--out`, or to stdout; a private key to a terminal only with `--show`.
int write_key(options const& given, std::string_view text, bool is_private);

/// Whether stdout is a terminal that shows colours, and nobody said NO_COLOR.
bool has_colours();

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

/// Keys as a file has them.
struct key_file {
    std::vector<signet::jose::any_jwk> keys;
    bool one = false; ///< the file is one key, so the caller has named it
};
/// Reads a JWK, a JWK set, PEM (keys and certificates) or DER.
result<key_file> parse_keys(std::string_view text, signet::secret const* passphrase = nullptr);
/// What may be said of a text that `parse_keys` refused: what it is, and how it is converted. Nothing for JSON.
std::string detail_of(std::string_view text);
/// The one algorithm that the type of the key leaves open, or that it states.
std::optional<signet::alg> only_algorithm(signet::jose::any_jwk const& jwk);

/// The first key of the file that may sign with the algorithm asked for, or with its own. Where the key leaves the
/// choice open (RSA and oct without `alg`) and `--alg` is missing, that is wrong usage. Otherwise gives the exit code.
struct signing_choice {
    std::optional<signing_key> key{};
    int code = good;
};
signing_choice choose_signing_key(options const& given, algorithm_choice const& asked);

/// Signs `payload` and writes the token.
int sign(signing_key& key, signet::bytes_view payload, signet::jose::header_params header);

/// The keys of a file's text that may verify the algorithm `a`: of key pairs the public part; `alg`, `use` and
/// `key_ops` are honoured. A key of another type is never used, so a public key is never a MAC secret; a set that has
/// MAC keys beside signature keys is refused. Where the file is one key the caller has named the key, so a token's kid
/// does not matter.
result<signet::jose::any_key_set> verification_keys(std::string_view text, signet::alg a);

/// The algorithm a token's header names, after checking the header as a verifier does.
result<signet::alg> algorithm_of(std::string_view token);

/// A whole number of seconds from 0 to the year 9999, nothing else.
std::optional<std::chrono::seconds> read_seconds(std::string const& text);
/// A whole number that is not negative, in digits alone; nothing for any other text.
std::optional<std::int64_t> read_number(std::string const& text);
/// Now, or what `--now` says. Nothing, with a line on stderr, if that is no time.
std::optional<signet::unix_time> read_now(options const& given);

/// How large a token may be: this command reads what it is given, so more than a server would take.
inline constexpr std::size_t max_token = 64u << 20;
inline constexpr std::size_t max_jwt = 1u << 20;

// The subcommands.
int key_generate(options const& given);
int key_public(options const& given);
int key_thumbprint(options const& given);
int key_to_jwk(options const& given);
int key_to_pem(options const& given);
int key_set(options const& given);
int jws_sign(options const& given);
int jws_verify(options const& given);
int jwt_sign(options const& given);
int jwt_verify(options const& given);
int jwt_inspect(options const& given);
int token_decode(options const& given);
int webauthn_verify(std::span<char* const> arguments);

} // namespace cli

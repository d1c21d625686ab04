// The subcommands and their options as one table, and what is made of it: help, the manual page, completions.
#include "cli.hpp"

#include <signet/version.hpp>

#include <algorithm>

namespace cli {

namespace {

constexpr option alg_required{"--alg", "ALG", "the algorithm that the key is for", true};
constexpr option alg{"--alg", "ALG", "the algorithm; needed where the key leaves it open (RSA)"};
constexpr option alg_only{"--alg", "ALG", "refuse tokens of every other algorithm"};
constexpr option kid{"--kid", "ID", "the key id"};
constexpr option key_file_option{"--key", "FILE", "the key: a JWK, a JWK set, PEM, DER or a certificate", true};
constexpr option out{"--out", "FILE", "write this new file; a private key is for its owner alone (0600)"};
constexpr option show{"--show", "", "write a private key to stdout even if that is a terminal"};
constexpr option pem{"--pem", "", "write PEM in place of a JWK"};
constexpr option public_only{"--public", "", "write the public key alone"};
constexpr option passphrase{"--passphrase-file", "FILE", "the passphrase of an encrypted PEM or DER key"};
constexpr option new_passphrase{"--new-passphrase-file", "FILE",
                                "encrypt the PEM that is written with this passphrase"};
constexpr option token_file{"--file", "FILE", "read the token from this file"};
constexpr option now{"--now", "UNIX", "the time to judge by, in seconds since 1970; by default the clock's"};
constexpr option json{"--json", "", "write JSON for scripts"};
constexpr option json_refusal{"--json", "", "write a refusal as JSON on stdout too"};

constexpr option generate_options[]{alg_required,
                                    kid,
                                    {"--bits", "N", "the size of an RSA key (2048 to 8192; 2048) or of an HMAC key"},
                                    pem,
                                    new_passphrase,
                                    out,
                                    show,
                                    json_refusal};
constexpr option public_options[]{pem, passphrase, out, json_refusal};
constexpr option thumbprint_options[]{{"--uri", "", "write it as a URI (RFC 9278)"}, passphrase, json};
constexpr option to_jwk_options[]{
    alg,
    kid,
    {"--secret", "",
     "FILE is not a key but an HMAC secret, of the algorithm --alg; a text's newline is not part of it"},
    public_only,
    passphrase,
    out,
    show,
    json_refusal};
constexpr option to_pem_options[]{public_only, passphrase, new_passphrase, out, show, json_refusal};
constexpr option set_options[]{
    {"--without", "ID", "leave out the key of this id, which has to be there"}, passphrase, out, json_refusal};
constexpr option jws_sign_options[]{key_file_option, alg, kid, passphrase, json_refusal};
constexpr option jws_verify_options[]{key_file_option, alg_only, token_file, json_refusal};
constexpr option jwt_sign_options[]{key_file_option,
                                    alg,
                                    kid,
                                    {"--type", "TYPE", "the header's typ; JWT by default"},
                                    {"--issuer", "I", "the claim iss"},
                                    {"--subject", "S", "the claim sub"},
                                    {"--audience", "A", "the claim aud"},
                                    {"--lifetime", "SECONDS", "the claims iat, now, and exp, so much later"},
                                    {"--id", "", "the claim jti, fresh"},
                                    now,
                                    passphrase,
                                    json_refusal};
constexpr option jwt_verify_options[]{{"--keys", "FILE", "the keys: a JWK set, a JWK, PEM, DER or a certificate", true},
                                      {"--issuer", "I", "what iss has to be", true},
                                      {"--audience", "A", "what aud has to name", true},
                                      {"--type", "TYPE", "what typ has to be; by default anything"},
                                      alg_only,
                                      {"--leeway", "SECONDS", "how far clocks may differ; 0 by default"},
                                      now,
                                      token_file,
                                      {"--explain", "", "say of a refusal what came and what was required"},
                                      json_refusal};
constexpr option inspect_options[]{token_file, json_refusal};
constexpr option decode_options[]{json, token_file, now};
constexpr option webauthn_options[]{{"--lines", "", "read one case a line, and write a word for each"}};

constexpr std::string_view key_input =
    "FILE is a JWK, PEM (PKCS#8, PKCS#1, SEC 1, a certificate) or DER; without it stdin is read.";
constexpr std::string_view token_input =
    "The token is the argument, or in the file, or on stdin. Other users of the machine can see arguments, so a token that "
    "is still valid is better given in a file or on stdin.";
constexpr std::string_view verify_input =
    "The token is the argument, or in the file, or on stdin. Other users of the machine can see arguments, so a token that "
    "is still valid is better given in a file or on stdin. Of a certificate the key is used, and nothing else is judged.";

constexpr subcommand table[]{
    {"key", "generate", "", 0, "a fresh private JWK or PEM", "", generate_options, key_generate},
    {"key", "public", "[FILE]", 1, "a key -> its public JWK or PEM", key_input, public_options, key_public},
    {"key", "thumbprint", "[FILE]", 1, "a key -> RFC 7638 SHA-256 thumbprint", key_input, thumbprint_options,
     key_thumbprint},
    {"key", "to-jwk", "[FILE]", 1, "PEM, DER, a certificate or a JWK -> JWK",
     "The JWK gets use and, where the key's type leaves no choice, alg; its kid is --kid, or its thumbprint if it has none. "
     "FILE as for key public; without it stdin is read.",
     to_jwk_options, key_to_jwk},
    {"key", "to-pem", "[FILE]", 1, "a key -> PEM (PKCS#8, or SubjectPublicKeyInfo)", key_input, to_pem_options,
     key_to_pem},
    {"key", "set", "FILE...", 1000, "several keys -> the JWK set to publish",
     "Of key pairs it has the public part; secrets are refused. A key without kid gets its thumbprint as kid.",
     set_options, key_set},
    {"jws", "sign", "", 0, "payload on stdin -> compact JWS", "", jws_sign_options, jws_sign},
    {"jws", "verify", "[TOKEN]", 1, "compact JWS -> payload", verify_input, jws_verify_options, jws_verify},
    {"jwt", "sign", "[CLAIMS]", 1, "claims as JSON -> token",
     "CLAIMS is a file, or - for stdin. Options for claims add to it. Without CLAIMS the options alone make the claims; "
     "without such options either, stdin is read.",
     jwt_sign_options, jwt_sign},
    {"jwt", "verify", "[TOKEN]", 1, "token -> claims as JSON", verify_input, jwt_verify_options, jwt_verify},
    {"jwt", "inspect", "[TOKEN]", 1, "token -> header and claims as JSON, NOT verified", token_input, inspect_options,
     jwt_inspect},
    {"token", "decode", "[TOKEN]", 1, "token -> header and claims to read, NOT verified", token_input, decode_options,
     token_decode},
    {"webauthn", "verify", "", 0, "ceremonies of passkeys as JSON on stdin -> accept, or the reason", "",
     webauthn_options, nullptr, webauthn_verify},
};

constexpr std::string_view algorithms =
    "HS256 HS384 HS512 RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 ES256K EdDSA Ed25519 "
    "ML-DSA-44 ML-DSA-65 ML-DSA-87";
constexpr std::string_view signs_by = "Keys of ML-DSA sign and are generated where Botan is 3.6 or later.";
constexpr std::string_view exit_codes =
    "0 success, 1 refused (stderr has the reason), 2 wrong usage or an unreadable file";
constexpr std::string_view key_rules =
    "use, key_ops and alg of keys are obeyed. A private key is written to a terminal only with --show.";

std::string full_name(subcommand const& one) { return std::string{one.group} + " " + std::string{one.name}; }

std::string form_of(option const& one) {
    return std::string{one.name} + (one.value.empty() ? "" : " " + std::string{one.value});
}

std::string padded(std::string text, std::size_t width) {
    text.resize(std::max(text.size() + 1, width), ' ');
    return text;
}

/// Sentences in lines of at most `width` characters.
std::string wrapped(std::string_view text, std::size_t width) {
    std::string lines;
    std::size_t used = 0;
    while (!text.empty()) {
        auto const end = std::min(text.find(' '), text.size());
        if (used != 0 && used + 1 + end > width) lines += '\n', used = 0;
        else if (used != 0) lines += ' ', ++used;
        lines += text.substr(0, end);
        used += end;
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return lines + '\n';
}

std::string usage_line(subcommand const& one) {
    std::string text = "signet " + full_name(one);
    for (auto const& o : one.known) text += o.required ? " " + form_of(o) : " [" + form_of(o) + "]";
    if (!one.operands.empty()) text += " " + std::string{one.operands};
    return text;
}

std::string help_of(subcommand const& one) {
    std::string text = "usage: " + usage_line(one) + "\n\n" + std::string{one.summary} + "\n";
    if (!one.details.empty()) text += "\n" + wrapped(one.details, 100);
    text += '\n';
    for (auto const& o : one.known) text += "  " + padded(form_of(o), 29) + std::string{o.text} + "\n";
    return text + "  " + padded("--help", 29) + "this text\n\nExit codes: " + std::string{exit_codes} + ".\n";
}

std::string list_of(std::string_view group) {
    std::string text;
    for (auto const& one : table) {
        if (!group.empty() && one.group != group) continue;
        auto form = "signet " + full_name(one);
        for (auto const& o : one.known)
            if (o.required) form += " " + form_of(o);
        if (!one.operands.empty()) form += " " + std::string{one.operands};
        text += "  " + padded(form, 62) + std::string{one.summary} + "\n";
    }
    return text;
}

/// Text for roff: what it would read as its own is escaped.
std::string roff(std::string_view text) {
    std::string escaped;
    for (char const c : text) {
        if (c == '-' || c == '\\') escaped += '\\';
        if (c == '\'') escaped += "\\(aq";
        else escaped += c;
    }
    return escaped;
}

std::vector<std::string_view> groups() {
    std::vector<std::string_view> names;
    for (auto const& one : table)
        if (names.empty() || names.back() != one.group) names.push_back(one.group);
    names.push_back("completion");
    return names;
}

std::string names_of(std::string_view group) {
    if (group == "completion") return "bash zsh";
    std::string names;
    for (auto const& one : table)
        if (one.group == group) names += (names.empty() ? "" : " ") + std::string{one.name};
    return names;
}

std::string options_of(subcommand const& one) {
    std::string names;
    for (auto const& o : one.known) names += std::string{o.name} + " ";
    return names + "--help";
}

/// The options whose value is a FILE, as the pattern of a shell's `case`.
std::string file_options() {
    std::vector<std::string_view> names;
    for (auto const& one : table)
        for (auto const& o : one.known)
            if (o.value == "FILE" && std::ranges::find(names, o.name) == names.end()) names.push_back(o.name);
    std::string pattern;
    for (auto const name : names) pattern += (pattern.empty() ? "" : "|") + std::string{name};
    return pattern;
}

std::string all_groups() {
    std::string names;
    for (auto const group : groups()) names += std::string{group} + " ";
    return names + "--help --version";
}

} // namespace

std::span<subcommand const> subcommands() { return table; }

std::string version() {
    return std::to_string(SIGNET_VERSION_MAJOR) + "." + std::to_string(SIGNET_VERSION_MINOR) + "." +
           std::to_string(SIGNET_VERSION_PATCH);
}

std::string help(std::string_view group, std::string_view name) {
    for (auto const& one : table)
        if (one.group == group && one.name == name) return help_of(one);
    auto text =
        "usage:\n" + list_of(std::ranges::find(table, group, &subcommand::group) == std::end(table) ? "" : group);
    text += "\n  signet GROUP NAME --help    the options of one of these\n"
            "  signet completion bash|zsh  completion for a shell\n"
            "  signet --version            the version\n"
            "  signet --man                the manual page, for man -l\n\n";
    text += "ALG is one of " + std::string{algorithms} + ".\n" + std::string{key_rules} + "\n" + std::string{signs_by} +
            "\n";
    return text + "Exit codes: " + std::string{exit_codes} + ".\n";
}

std::string manual_page() {
    std::string text = ".TH SIGNET 1 \"\" \"signet " + version() + "\" \"User Commands\"\n.SH NAME\nsignet \\- " +
                       "make keys, and sign, verify and read JSON Web Tokens\n.SH SYNOPSIS\n";
    for (auto const& one : table)
        text += ".B signet " + roff(full_name(one)) + "\n[\\fIoptions\\fR] " + roff(one.operands) + "\n.br\n";
    text += ".B signet completion\nbash|zsh\n.SH COMMANDS\n";
    for (auto const& one : table) {
        text += ".SS " + roff(usage_line(one)) + "\n" + roff(one.summary) + ".\n";
        if (!one.details.empty()) text += roff(one.details) + "\n";
        for (auto const& o : one.known) {
            text += ".TP\n\\fB" + roff(o.name) + "\\fR";
            if (!o.value.empty()) text += " \\fI" + roff(o.value) + "\\fR";
            text += "\n" + roff(o.text) + (o.required ? "; required" : "") + "\n";
        }
    }
    text += ".SH KEYS\n" + roff(key_rules) + "\n" + roff(signs_by) + "\nALG is one of " + roff(algorithms) + ".\n";
    text += ".SH EXIT STATUS\n" + roff(exit_codes) + ".\n";
    text +=
        ".SH ENVIRONMENT\n.TP\n\\fBNO_COLOR\\fR\nIf it is not empty, nothing is coloured. Colours are for terminals alone.\n";
    return text;
}

std::string bash_completion() {
    std::string text = "# Completion for bash of the command signet; written by: signet completion bash\n"
                       "_signet() {\n"
                       "    local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} words=\n"
                       "    if [ \"$COMP_CWORD\" = 1 ]; then\n"
                       "        words='" +
                       all_groups() +
                       "'\n"
                       "    elif [ \"$COMP_CWORD\" = 2 ]; then\n"
                       "        case ${COMP_WORDS[1]} in\n";
    for (auto const group : groups())
        text += "        " + std::string{group} + ") words='" + names_of(group) + "' ;;\n";
    text += "        esac\n"
            "    else\n"
            "        case $before in\n"
            "        --alg) words='" +
            std::string{algorithms} +
            "' ;;\n"
            "        " +
            file_options() +
            ") mapfile -t COMPREPLY < <(compgen -f -- \"$current\"); return ;;\n"
            "        *)\n"
            "            case \"${COMP_WORDS[1]} ${COMP_WORDS[2]}\" in\n";
    for (auto const& one : table) text += "            '" + full_name(one) + "') words='" + options_of(one) + "' ;;\n";
    text +=
        "            esac\n"
        "            [[ $current == -* ]] || { mapfile -t COMPREPLY < <(compgen -f -W \"$words\" -- \"$current\"); return; }\n"
        "            ;;\n"
        "        esac\n"
        "    fi\n"
        "    mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$current\")\n"
        "}\n"
        "complete -o filenames -F _signet signet\n";
    return text;
}

std::string zsh_completion() {
    std::string text = "#compdef signet\n"
                       "# Completion for zsh of the command signet; written by: signet completion zsh\n"
                       "_signet() {\n"
                       "    if (( CURRENT == 2 )); then\n"
                       "        compadd -- " +
                       all_groups() +
                       "\n"
                       "        return\n"
                       "    fi\n"
                       "    if (( CURRENT == 3 )); then\n"
                       "        case $words[2] in\n";
    for (auto const group : groups())
        text += "        " + std::string{group} + ") compadd -- " + names_of(group) + " ;;\n";
    text += "        esac\n"
            "        return\n"
            "    fi\n"
            "    case $words[CURRENT-1] in\n"
            "    --alg) compadd -- " +
            std::string{algorithms} +
            "; return ;;\n"
            "    " +
            file_options() +
            ") _files; return ;;\n"
            "    esac\n"
            "    case \"$words[2] $words[3]\" in\n";
    for (auto const& one : table) text += "    '" + full_name(one) + "') compadd -- " + options_of(one) + " ;;\n";
    text += "    esac\n"
            "    _files\n"
            "}\n"
            "if [ \"$funcstack[1]\" = _signet ]; then _signet \"$@\"; else compdef _signet signet; fi\n";
    return text;
}

} // namespace cli

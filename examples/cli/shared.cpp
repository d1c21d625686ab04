#include "cli.hpp"

#include <signet/codec.hpp>
#include <signet/crypto.hpp>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

namespace cli {

using namespace signet;

// ---- reasons, input, output ----------------------------------------------------------------------------------------

namespace {

bool answers_in_json = false; // --json was given

void write_refusal(error reason) {
    std::string text;
    output out{text};
    codec::json_writer json{out};
    json.begin_object().member("error", reason.name()).member("message", reason.message());
    if (reason.about != field_name::none) json.member("about", name(reason.about));
    json.end_object();
    if (json.finish()) write_line(text);
}

} // namespace

int refuse(error reason, std::string const& detail) {
    std::string text = "signet: " + std::string{reason.message()} + " (" + std::string{reason.name()};
    if (reason.about != field_name::none) text += ": " + std::string{name(reason.about)};
    text += ')';
    if (!detail.empty()) text += "; " + detail;
    std::fprintf(stderr, "%s\n", text.c_str());
    if (answers_in_json) write_refusal(reason);
    return refused;
}

int misused(std::string const& reason) {
    std::fprintf(stderr, "signet: %s; see signet --help\n", reason.c_str());
    return wrong_usage;
}

std::string shown(std::string_view argument) {
    // A token, a JWK, a key or a secret that was given in the wrong place is in nobody's log.
    constexpr std::size_t max_shown = 120;
    auto const plain = [](char c) { return c > ' ' && c <= '~' && c != '{' && c != '"'; };
    constexpr std::size_t max_run = 32; // a secret of 256 bits has 43 characters in base64url
    std::size_t run = 0, longest = 0;   // without a character that ends a part of a path
    for (char const c : argument) {
        run = c == '/' || c == '.' ? 0 : run + 1;
        longest = std::max(longest, run);
    }
    bool const good = argument.size() <= max_shown && std::ranges::all_of(argument, plain) &&
                      argument.find("eyJ") == argument.npos && longest <= max_run;
    return good && !argument.empty() ? std::string{argument} : "(not shown)";
}

namespace {

/// An option's name as it may be shown: what is no such name may be anything.
std::string shown_name(std::string_view name) {
    auto const letter = [](char c) { return c == '-' || (c >= 'a' && c <= 'z'); };
    return name.size() <= 24 && std::ranges::all_of(name, letter) ? std::string{name} : "(not shown)";
}

} // namespace

std::optional<options> options::parse(std::span<char* const> arguments, std::span<option const> known,
                                      std::size_t max_operands) {
    options read;
    auto const wrong = [](std::string const& reason) {
        misused(reason);
        return std::nullopt;
    };
    for (std::size_t i = 0; i != arguments.size(); ++i) {
        std::string_view name = arguments[i];
        if (name == "-" || !name.starts_with('-')) {
            if (max_operands == 0) return wrong("this subcommand takes options alone, and what it reads from stdin");
            if (read.operands_.size() == max_operands) return wrong("there are too many arguments");
            read.operands_.emplace_back(name);
            continue;
        }
        auto const equals = name.find('=');
        std::string value;
        if (equals != name.npos) {
            value = name.substr(equals + 1);
            name = name.substr(0, equals);
        }
        auto const found = std::ranges::find(known, name, &option::name);
        if (found == known.end()) return wrong("the option " + shown_name(name) + " is unknown");
        if (found->value.empty()) {
            if (equals != name.npos) return wrong("the option " + std::string{name} + " has no value");
        } else if (equals == name.npos) {
            if (++i == arguments.size()) return wrong("the option " + std::string{name} + " needs a value");
            value = arguments[i];
        }
        if (!read.values_.emplace(name, value).second)
            return wrong("the option " + std::string{name} + " was given twice");
    }
    for (auto const& one : known)
        if (one.required && !read[std::string{one.name}]) return wrong(std::string{one.name} + " is missing");
    answers_in_json = read.has("--json");
    return read;
}

namespace {

constexpr std::size_t max_input = 64u << 20;

std::optional<secret> read_all(std::FILE* file, std::string const& what) {
    // Grown by hand, so that what is left behind is wiped: it may be a key.
    bytes octets(1 << 16);
    std::size_t size = 0;
    while (auto const more = std::fread(octets.data() + size, 1, octets.size() - size, file)) {
        size += more;
        if (size > max_input) break;
        if (size != octets.size()) continue;
        bytes larger(2 * octets.size());
        std::ranges::copy(octets, larger.begin());
        wipe(octets);
        octets = std::move(larger);
    }
    secret const whole{std::move(octets)};
    if (size > max_input) {
        misused(what + " is larger than 64 MiB");
        return std::nullopt;
    }
    if (std::ferror(file)) {
        misused(what + " cannot be read: " + std::strerror(errno));
        return std::nullopt;
    }
    return secret::copy_of(whole.reveal().first(size));
}

} // namespace

std::optional<secret> read_input() { return read_all(stdin, "stdin"); }

std::optional<secret> read_file(std::string const& path) {
    auto* file = std::fopen(path.c_str(), "rb");
    if (!file) {
        misused("the file " + shown(path) + " cannot be read: " + std::strerror(errno));
        return std::nullopt;
    }
    auto text = read_all(file, "the file " + shown(path));
    std::fclose(file);
    return text;
}

std::string_view without_newline(std::string_view text) {
    if (text.ends_with('\n')) text.remove_suffix(1);
    if (text.ends_with('\r')) text.remove_suffix(1);
    return text;
}

std::optional<secret> read_operand(options const& given) {
    auto const& named = given.operands();
    return named.empty() || named.front() == "-" ? read_input() : read_file(named.front());
}

std::optional<secret> read_token(options const& given) {
    auto const file = given["--file"];
    auto const& named = given.operands();
    if (file && !named.empty()) {
        misused("a token and --file were given");
        return std::nullopt;
    }
    if (file) return *file == "-" ? read_input() : read_file(*file);
    if (named.empty() || named.front() == "-") return read_input();
    if (::access(named.front().c_str(), F_OK) == 0) {
        misused("the argument is a file, not a token: use --file");
        return std::nullopt;
    }
    return secret::copy_of(as_bytes(named.front()));
}

passphrase_choice read_passphrase(options const& given, std::string const& option) {
    auto const file = given[option];
    if (!file) return {};
    auto const text = read_file(*file);
    if (!text) return {.code = wrong_usage};
    return {.passphrase = secret::copy_of(as_bytes(without_newline(as_text(text->reveal()))))};
}

int write(std::string_view text) {
    auto const written = std::fwrite(text.data(), 1, text.size(), stdout);
    if (written == text.size() && std::fflush(stdout) == 0) return good;
    std::fprintf(stderr, "signet: stdout cannot be written: %s\n", std::strerror(errno));
    return wrong_usage;
}

int write_line(std::string_view text) {
    if (auto const code = write(text); code != good) return code;
    return write("\n");
}

int write_new_file(std::string const& path, std::string_view text, bool is_private) {
    int how = O_WRONLY | O_CREAT | O_EXCL;
#ifdef O_CLOEXEC
    how |= O_CLOEXEC;
#endif
#ifdef O_BINARY
    how |= O_BINARY;
#endif
    int const file = ::open(path.c_str(), how, is_private ? 0600 : 0644);
    if (file < 0) {
        auto const why = errno == EEXIST ? "it exists, and is not replaced" : std::strerror(errno);
        return misused("the file " + shown(path) + " cannot be written: " + why);
    }
    bool good_so_far = true;
    while (good_so_far && !text.empty()) {
        auto const written = ::write(file, text.data(), text.size());
        if (written > 0) text.remove_prefix(static_cast<std::size_t>(written));
        else good_so_far = written < 0 && errno == EINTR;
    }
    auto const why = errno;
    bool const closed = ::close(file) == 0;
    if (good_so_far && closed) return good;
    std::remove(path.c_str()); // half a key is none
    return misused("the file " + shown(path) + " cannot be written: " + std::strerror(good_so_far ? errno : why));
}

int write_key(options const& given, std::string_view text, bool is_private) {
    auto const newline = text.ends_with('\n') ? "" : "\n";
    if (auto const path = given["--out"]) {
        bytes whole(text.begin(), text.end());
        if (*newline) whole.push_back('\n');
        secret const kept{std::move(whole)};
        return write_new_file(*path, as_text(kept.reveal()), is_private);
    }
    if (is_private && !given.has("--show") && ::isatty(STDOUT_FILENO))
        return misused("stdout is a terminal: write the private key to a file with --out FILE, or add --show");
    if (auto const code = write(text); code != good) return code;
    return write(newline);
}

bool has_colours() {
    auto const says = [](char const* variable) {
        auto const* const value = std::getenv(variable);
        return std::string_view{value ? value : ""};
    };
    return ::isatty(STDOUT_FILENO) && says("NO_COLOR").empty() && says("TERM") != "dumb";
}

std::optional<std::int64_t> read_number(std::string const& text) {
    std::int64_t number = 0;
    auto const end = text.data() + text.size();
    auto const [at, ec] = std::from_chars(text.data(), end, number);
    if (ec != std::errc{} || at != end || number < 0) return std::nullopt;
    return number;
}

std::optional<std::chrono::seconds> read_seconds(std::string const& text) {
    auto const count = read_number(text);
    if (!count || *count > latest_time.time_since_epoch().count()) return std::nullopt;
    return std::chrono::seconds{*count};
}

std::optional<unix_time> read_now(options const& given) {
    auto const text = given["--now"];
    if (!text) return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    if (auto const seconds = read_seconds(*text)) return unix_time{*seconds};
    misused("--now needs seconds since 1970");
    return std::nullopt;
}

// ---- keys ----------------------------------------------------------------------------------------------------------

std::optional<algorithm_choice> read_algorithm(std::optional<std::string> const& name) {
    if (!name) return algorithm_choice{};
    auto const found = find_algorithm(*name);
    if (found)
        return algorithm_choice{found, *name == "Ed25519" ? jose::ed25519_name::ed25519 : jose::ed25519_name::eddsa};
    misused("there is no algorithm " + shown(*name));
    return std::nullopt;
}

namespace {

bool is_json(std::string_view text) {
    auto const first = text.find_first_not_of(" \t\r\n");
    return first == text.npos || text[first] == '{' || text[first] == '[';
}
bool is_der(std::string_view text) { // a SEQUENCE that is the whole text, or a long one
    if (text.size() < 2 || text[0] != '\x30') return false;
    auto const length = static_cast<unsigned char>(text[1]);
    return length >= 0x80 || text.size() == 2u + length;
}

/// Puts a certificate and those behind it into the JWK of its key; none of them if one is not as JWKs have it.
void add_certificates(jose::any_jwk& key, std::vector<bytes> chain) {
    auto const too_large = [](bytes const& der) { return der.empty() || der.size() > jose::max_jwk_certificate_size; };
    if (chain.empty() || chain.size() > jose::max_jwk_certificates || std::ranges::any_of(chain, too_large)) return;
    key.attributes.x5t_s256 = codec::base64url_encode(crypto::sha256(chain.front()));
    key.attributes.x5c = std::move(chain);
}

/// The certificates of a PEM text; none if one is no base64.
std::vector<bytes> certificates_of(std::string_view pem) {
    constexpr std::string_view begin = "-----BEGIN CERTIFICATE-----", end = "-----END CERTIFICATE-----";
    std::vector<bytes> chain;
    for (auto at = pem.find(begin); at != pem.npos; at = pem.find(begin, at)) {
        at += begin.size();
        auto const until = pem.find(end, at);
        if (until == pem.npos) return {};
        std::string url;
        for (char const c : pem.substr(at, until - at))
            if (std::string_view{"= \t\r\n"}.find(c) == std::string_view::npos)
                url += c == '+' ? '-' : c == '/' ? '_' : c;
        auto der = codec::base64url_decode(url);
        if (!der) return {};
        chain.push_back(*std::move(der));
    }
    return chain;
}

result<jose::any_jwk> parse_der(bytes_view der, secret const* passphrase) {
    jose::any_jwk key;
    auto pair = passphrase ? private_key::from_encrypted_der(der, *passphrase) : private_key::from_der(der);
    if (pair) {
        key.private_part = *std::move(pair);
        return key;
    }
    if (auto const parsed = certificate::parse(der)) {
        key.public_part = parsed->key();
        add_certificates(key, {bytes(der.begin(), der.end())});
        return key;
    }
    auto alone = public_key::from_der(der);
    if (!alone) return passphrase || pair.error() != errc::bad_key ? pair.error() : alone.error();
    key.public_part = *std::move(alone);
    return key;
}

result<jose::any_jwk> parse_pem(std::string_view pem, secret const* passphrase) {
    jose::any_jwk key;
    if (pem.find("PRIVATE KEY-----") == pem.npos) {
        auto alone = public_key::from_pem(pem);
        if (!alone) return alone.error();
        key.public_part = *std::move(alone);
        if (pem.find("PUBLIC KEY-----") == pem.npos) add_certificates(key, certificates_of(pem));
        return key;
    }
    auto pair = passphrase ? private_key::from_encrypted_pem(pem, *passphrase) : private_key::from_pem(pem);
    if (!pair) return pair.error();
    key.private_part = *std::move(pair);
    return key;
}

} // namespace

result<key_file> parse_keys(std::string_view text, secret const* passphrase) {
    key_file read;
    if (!is_json(text) && (is_der(text) || text.find("-----BEGIN ") != text.npos)) {
        auto key = is_der(text) ? parse_der(as_bytes(text), passphrase) : parse_pem(text, passphrase);
        if (!key) return key.error();
        read.keys.push_back(*std::move(key));
        read.one = true;
        return read;
    }
    auto keys = jose::parse_jwk_set(text);
    if (!keys) return keys.error();
    read.keys = *std::move(keys);
    read.one = jose::parse_jwk(text).has_value();
    return read;
}

std::string detail_of(std::string_view text) {
    if (is_json(text)) return {};
    // The names of functions are for programs: this one has read the text with them already.
    auto said = crypto::describe_key_text(text);
    for (std::string_view const function :
         {": public_key::from_pem", ": private_key::from_pem", ": private_key::from_encrypted_pem with its passphrase"})
        if (auto const at = said.find(function); at != said.npos) said.erase(at, function.size());
    return said.empty() ? said : "this is " + said;
}

std::optional<alg> only_algorithm(jose::any_jwk const& jwk) {
    if (auto const stated = jwk.attributes.algorithm()) return stated;
    auto const* const key = jwk.private_part  ? &jwk.private_part->public_part()
                            : jwk.public_part ? &*jwk.public_part
                                              : nullptr;
    if (!key || key->type() == key_type::rsa) return std::nullopt;
    for (std::size_t i = 0; i != alg_count; ++i)
        if (key->supports(static_cast<alg>(i))) return static_cast<alg>(i);
    return std::nullopt;
}

namespace {

result<void> may_sign(jose::any_jwk const& jwk, alg a) {
    if (auto allowed = jwk.attributes.permits(jose::key_operation::sign, a); !allowed) return allowed;
    if (jwk.public_part) return errc::wrong_key_type;
    if (jwk.octets ? traits(a).type != key_type::oct : !jwk.private_part->public_part().supports(a))
        return errc::algorithm_mismatch;
    return {};
}

} // namespace

signing_choice choose_signing_key(options const& given, algorithm_choice const& asked) {
    auto const passphrase = read_passphrase(given, "--passphrase-file");
    if (passphrase.code != good) return {.code = passphrase.code};
    auto const text = read_file(*given["--key"]);
    if (!text) return {.code = wrong_usage};
    auto read = parse_keys(as_text(text->reveal()), passphrase.if_given());
    if (!read) return {.code = refuse(read.error(), detail_of(as_text(text->reveal())))};
    auto* const keys = &read->keys;

    std::optional<error> reason;
    bool open = false; // a key could sign if only it were said with what
    for (auto& jwk : *keys) {
        auto const a = asked.algorithm                                  ? asked.algorithm
                       : jwk.public_part && !jwk.attributes.algorithm() ? std::nullopt
                                                                        : only_algorithm(jwk);
        if (!a && !jwk.public_part && !jwk.attributes.alg && jwk.attributes.permits(jose::key_operation::sign)) {
            open = true;
            continue;
        }
        auto const may =
            a ? may_sign(jwk, *a) : result<void>{jwk.public_part ? errc::wrong_key_type : errc::key_use_refused};
        if (!may) {
            if (!reason) reason = may.error();
            continue;
        }
        auto const spelling = jwk.attributes.alg ? jwk.attributes.spelling() : asked.spelling;
        signing_key key{std::move(jwk), *a, spelling};
        if (auto const kid = given["--kid"]) key.jwk.attributes.kid = kid;
        return {.key = std::move(key)};
    }
    if (open) return {.code = misused("the key has no alg, so --alg is needed")};
    return {.code = refuse(*reason)};
}

int sign(signing_key& key, bytes_view payload, jose::header_params header) {
    std::string const kid = key.jwk.attributes.kid.value_or("");
    if (key.jwk.attributes.kid) header.kid = kid;
    header.spelling = key.spelling;
    std::string token;
    output out{token};
    result<void> done;
    if (key.jwk.octets) {
        auto const mac = mac_key::from_secret(std::move(*key.jwk.octets), key.algorithm);
        done = mac ? jose::jws_sign(*mac, payload, header, out) : result<void>{mac.error()};
    } else {
        done = jose::jws_sign(*key.jwk.private_part, key.algorithm, payload, header, out);
    }
    return done ? write_line(token) : refuse(done.error());
}

result<jose::any_key_set> verification_keys(std::string_view text, alg a) {
    auto read = parse_keys(text);
    if (!read) return read.error();
    auto* const keys = &read->keys;
    algorithm_set accepted;
    accepted.insert(a);
    jose::any_key_set list{accepted};

    // RFC 8725 3.1: one who accepts both would let a token choose how it is judged.
    bool macs = false, signatures = false;
    for (auto const& jwk : *keys) {
        auto const stated = jwk.attributes.algorithm();
        if (!jwk.attributes.permits(jose::key_operation::verify) || (jwk.attributes.alg && !stated)) continue;
        (jwk.octets ? macs : signatures) = true;
    }
    if (macs && signatures) return errc::mixed_algorithms;
    if (read->one) keys->front().attributes.kid.reset();

    std::optional<error> reason;
    for (auto& jwk : *keys) {
        auto const added = list.add(std::move(jwk));
        if (added) continue;
        if (added.error() == errc::duplicate_key) return added.error();
        // A key of another type or algorithm: the token is not for it.
        auto const other = added.error() == errc::wrong_key_type || added.error() == errc::algorithm_not_allowed;
        if (!reason) reason = other ? error{errc::algorithm_mismatch} : added.error();
    }
    if (list.empty()) return reason ? *reason : error{errc::empty_key_set};
    return list;
}

result<alg> algorithm_of(std::string_view token) {
    auto const parts = jose::split_compact(token, max_token);
    if (!parts) return parts.error();
    auto const size = codec::base64url_decoded_size(parts->header.size());
    std::string text(size, '\0');
    std::vector<codec::json_node> nodes(jose::max_header_nodes(size));
    auto const header = jose::read_header(parts->header, text, nodes);
    if (!header) return header.error();
    return header->algorithm;
}

} // namespace cli

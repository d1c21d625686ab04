#include "cli.hpp"

#include <signet/codec.hpp>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

namespace cli {

using namespace signet;

// ---- reasons, input, output ----------------------------------------------------------------------------------------

int refuse(error reason) {
    std::string text = "signet: " + std::string{reason.message()} + " (" + std::string{reason.name()};
    if (reason.about != field_name::none) text += ": " + std::string{name(reason.about)};
    std::fprintf(stderr, "%s)\n", text.c_str());
    return refused;
}

int misused(std::string const& reason) {
    std::fprintf(stderr, "signet: %s; see signet --help\n", reason.c_str());
    return wrong_usage;
}

std::optional<options> options::parse(std::span<char* const> arguments, std::initializer_list<std::string_view> known) {
    options read;
    for (std::size_t i = 0; i != arguments.size(); ++i) {
        std::string_view name = arguments[i];
        auto const equals = name.find('=');
        std::string value;
        if (equals != name.npos) {
            value = name.substr(equals + 1);
            name = name.substr(0, equals);
        }
        if (std::ranges::find(known, name) == known.end()) {
            misused("the option " + std::string{name} + " is unknown");
            return std::nullopt;
        }
        if (equals == std::string_view::npos) {
            if (++i == arguments.size()) {
                misused("the option " + std::string{name} + " needs a value");
                return std::nullopt;
            }
            value = arguments[i];
        }
        if (!read.values_.emplace(name, value).second) {
            misused("the option " + std::string{name} + " was given twice");
            return std::nullopt;
        }
    }
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
        misused(path + " cannot be read: " + std::strerror(errno));
        return std::nullopt;
    }
    auto text = read_all(file, path);
    std::fclose(file);
    return text;
}

std::string_view without_newline(std::string_view text) {
    if (text.ends_with('\n')) text.remove_suffix(1);
    if (text.ends_with('\r')) text.remove_suffix(1);
    return text;
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

// ---- keys ----------------------------------------------------------------------------------------------------------

std::optional<algorithm_choice> read_algorithm(std::optional<std::string> const& name) {
    if (!name) return algorithm_choice{};
    auto const found = find_algorithm(*name);
    if (found)
        return algorithm_choice{found, *name == "Ed25519" ? jose::ed25519_name::ed25519 : jose::ed25519_name::eddsa};
    misused("there is no algorithm " + *name);
    return std::nullopt;
}

namespace {

/// What a key signs with if nothing else says so: what its type leaves no choice about.
std::optional<alg> only_algorithm(jose::any_jwk const& jwk) {
    if (auto const stated = jwk.attributes.algorithm()) return stated;
    if (!jwk.private_part || jwk.private_part->type() == key_type::rsa) return std::nullopt;
    for (std::size_t i = 0; i != alg_count; ++i)
        if (jwk.private_part->public_part().supports(static_cast<alg>(i))) return static_cast<alg>(i);
    return std::nullopt;
}

result<void> may_sign(jose::any_jwk const& jwk, alg a) {
    if (auto allowed = jwk.attributes.permits(jose::key_operation::sign, a); !allowed) return allowed;
    if (jwk.public_part) return errc::wrong_key_type;
    if (jwk.octets ? traits(a).type != key_type::oct : !jwk.private_part->public_part().supports(a))
        return errc::algorithm_mismatch;
    return {};
}

} // namespace

signing_choice choose_signing_key(std::string const& path, algorithm_choice const& asked) {
    auto const text = read_file(path);
    if (!text) return {.code = wrong_usage};
    auto keys = jose::parse_jwk_set(as_text(text->reveal()));
    if (!keys) return {.code = refuse(keys.error())};

    std::optional<error> reason;
    bool open = false; // a key could sign if only it were said with what
    for (auto& jwk : *keys) {
        auto const a = asked.algorithm ? asked.algorithm : only_algorithm(jwk);
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
        return {.key = signing_key{std::move(jwk), *a, spelling}};
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

result<jose::any_key_set> verification_keys(std::string_view json, alg a) {
    auto keys = jose::parse_jwk_set(json);
    if (!keys) return keys.error();
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
    if (jose::parse_jwk(json)) keys->front().attributes.kid.reset(); // a JWK, not a set

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

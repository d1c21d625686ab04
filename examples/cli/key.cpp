// signet key: generate, public, thumbprint, to-jwk, to-pem, set.
#include "cli.hpp"

#include <signet/codec.hpp>
#include <signet/crypto/random.hpp>

#include <algorithm>

namespace cli {

using namespace signet;

namespace {

/// The keys of the file that is named, or of stdin.
struct keys_choice {
    key_file file{};
    int code = good;
};
keys_choice read_keys(options const& given) {
    auto const passphrase = read_passphrase(given, "--passphrase-file");
    if (passphrase.code != good) return {.code = passphrase.code};
    auto const text = read_operand(given);
    if (!text) return {.code = wrong_usage};
    auto const json = as_text(text->reveal());
    auto read = parse_keys(json, passphrase.if_given());
    if (!read) return {.code = refuse(read.error(), detail_of(json))};
    return {.file = *std::move(read)};
}
/// Of a file that is one key; a set is `bad_key`, as a JWK without `kty` is.
struct key_choice {
    std::optional<jose::any_jwk> key{};
    int code = good;
};
key_choice read_key(options const& given) {
    auto read = read_keys(given);
    if (read.code != good) return {.code = read.code};
    if (!read.file.one) return {.code = refuse(errc::bad_key)};
    return {.key = std::move(read.file.keys.front())};
}

public_key const& public_of(jose::any_jwk const& jwk) {
    return jwk.private_part ? jwk.private_part->public_part() : *jwk.public_part;
}

result<secret> private_json(jose::any_jwk jwk) {
    if (jwk.octets) return jose::to_json(jose::oct_jwk{std::move(jwk.attributes), *std::move(jwk.octets)});
    return jose::to_json(jose::private_jwk{std::move(jwk.attributes), *std::move(jwk.private_part)});
}

jose::public_jwk without_private(jose::any_jwk const& jwk) {
    return {jwk.private_part ? jose::public_attributes(jwk.attributes) : jwk.attributes, public_of(jwk)};
}

/// Writes the key pair in PEM, encrypted if a passphrase is named.
int write_pem(options const& given, private_key const& key) {
    auto const passphrase = read_passphrase(given, "--new-passphrase-file");
    if (passphrase.code != good) return passphrase.code;
    if (!passphrase.passphrase) return write_key(given, as_text(key.to_pem().reveal()), true);
    auto const text = key.to_encrypted_pem(*passphrase.passphrase);
    return text ? write_key(given, *text, true) : refuse(text.error());
}

/// What a PEM file does not say of its key. `alg` only where the key leaves no choice, or if one is asked for.
result<void> complete(jose::any_jwk& jwk, options const& given, algorithm_choice const& asked) {
    if (asked.algorithm) {
        if (jwk.octets ? traits(*asked.algorithm).type != key_type::oct : !public_of(jwk).supports(*asked.algorithm))
            return errc::algorithm_mismatch;
        jwk.attributes.alg = std::string{jose::algorithm_name(*asked.algorithm, asked.spelling)};
    } else if (auto const only = only_algorithm(jwk); only && !jwk.attributes.alg) {
        jwk.attributes.alg = std::string{jose::algorithm_name(*only)};
    }
    if (!jwk.attributes.use && !jwk.attributes.key_ops) jwk.attributes.use = "sig";
    if (auto const kid = given["--kid"]) jwk.attributes.kid = kid;
    if (!jwk.attributes.kid && !jwk.octets) jwk.attributes.kid = jose::thumbprint(public_of(jwk));
    return {};
}

/// A fresh MAC key of that many bits, or of as many as the hash has.
result<secret> new_octets(alg a, std::optional<std::size_t> bits) {
    if (bits) {
        bytes octets(*bits / 8);
        system_random().fill(octets);
        auto const key = mac_key::from_secret(secret{std::move(octets)}, a);
        if (!key) return key.error();
        return secret::copy_of(key->reveal());
    }
    auto const key = mac_key::generate(a);
    if (!key) return key.error();
    return secret::copy_of(key->reveal());
}

/// The JWK of a file that is an HMAC secret. A text has a newline at its end that people do not mean.
int secret_to_jwk(options const& given, algorithm_choice const& asked) {
    if (given.has("--public") || given["--passphrase-file"])
        return misused("--secret has no public part, and no passphrase");
    if (!asked.algorithm) return misused("--secret needs --alg");
    auto const file = read_operand(given);
    if (!file) return wrong_usage;
    auto const whole = as_text(file->reveal());
    if (whole.find("-----BEGIN ") != whole.npos || parse_keys(whole))
        return misused("the file has a key, not a secret");
    auto const line = without_newline(whole);
    bool const is_text = std::ranges::none_of(line, [](char c) { return (c >= 0 && c < ' ') || c == '\x7f'; });
    auto const key = mac_key::from_secret(secret::copy_of(as_bytes(is_text ? line : whole)), *asked.algorithm);
    if (!key) return refuse(key.error());
    jose::any_jwk jwk{
        .attributes = {.kid = given["--kid"], .use = "sig", .alg = std::string{jose::algorithm_name(*asked.algorithm)}},
        .octets = secret::copy_of(key->reveal())};
    auto const text = private_json(std::move(jwk));
    return text ? write_key(given, as_text(text->reveal()), true) : refuse(text.error());
}

} // namespace

int key_generate(options const& given) {
    auto const choice = read_algorithm(given["--alg"]);
    if (!choice) return wrong_usage;
    auto const a = *choice->algorithm;
    auto const type = traits(a).type;

    std::optional<std::size_t> bits;
    if (auto const text = given["--bits"]) {
        constexpr std::size_t step = 8;
        bits = read_number(*text);
        if (type != key_type::rsa && type != key_type::oct)
            return misused("--bits is for RSA and HMAC keys: the algorithm has one size");
        if (!bits || *bits % step != 0) return misused("--bits needs a number of bits, a multiple of 8");
        if (type == key_type::rsa && (*bits < key_limits{}.min_rsa_bits || *bits > key_limits{}.max_rsa_bits))
            return misused("--bits of an RSA key is 2048 to 8192");
        if (type == key_type::oct && *bits > 8u * 4096u) return misused("--bits of an HMAC key is at most 32768");
    }
    bool const pem = given.has("--pem") || given["--new-passphrase-file"];
    if (pem && type == key_type::oct) return misused("an HMAC key has no PEM");

    jose::any_jwk jwk{.attributes = {.kid = given["--kid"],
                                     .use = "sig",
                                     .alg = std::string{jose::algorithm_name(a, choice->spelling)}}};
    if (type == key_type::oct) {
        auto octets = new_octets(a, bits);
        if (!octets) return refuse(octets.error());
        jwk.octets = *std::move(octets);
    } else {
        auto key = private_key::generate(a, bits.value_or(key_limits{}.min_rsa_bits));
        if (!key) return refuse(key.error());
        if (pem) return write_pem(given, *key);
        jwk.private_part = *std::move(key);
    }
    auto const text = private_json(std::move(jwk));
    if (!text) return refuse(text.error());
    return write_key(given, as_text(text->reveal()), true);
}

int key_public(options const& given) {
    auto const [jwk, code] = read_key(given);
    if (!jwk) return code;
    if (jwk->octets) return refuse(errc::wrong_key_type); // a shared secret has no public part
    if (given.has("--pem")) return write_key(given, public_of(*jwk).to_pem(), false);
    auto const json = jose::to_json(without_private(*jwk));
    if (!json) return refuse(json.error());
    return write_key(given, *json, false);
}

int key_thumbprint(options const& given) {
    auto const [jwk, code] = read_key(given);
    if (!jwk) return code;
    auto const print =
        jwk->octets ? jose::thumbprint_of_secret(jwk->octets->reveal()) : jose::thumbprint(public_of(*jwk));
    auto const uri = std::string{jose::thumbprint_uri_prefix} + print;
    if (!given.has("--json")) return write_line(given.has("--uri") ? uri : print);
    std::string text;
    output out{text};
    codec::json_writer json{out};
    json.begin_object().member("thumbprint", print).member("uri", uri).end_object();
    return json.finish() ? write_line(text) : refuse(errc::json_not_utf8);
}

int key_to_jwk(options const& given) {
    auto const asked = read_algorithm(given["--alg"]);
    if (!asked) return wrong_usage;
    if (given.has("--secret")) return secret_to_jwk(given, *asked);
    auto [jwk, code] = read_key(given);
    if (!jwk) return code;
    if (auto const done = complete(*jwk, given, *asked); !done) return refuse(done.error());
    if (jwk->public_part || (given.has("--public") && !jwk->octets)) {
        auto const json = jose::to_json(without_private(*jwk));
        return json ? write_key(given, *json, false) : refuse(json.error());
    }
    if (given.has("--public")) return refuse(errc::wrong_key_type);
    auto const text = private_json(*std::move(jwk));
    return text ? write_key(given, as_text(text->reveal()), true) : refuse(text.error());
}

int key_to_pem(options const& given) {
    auto const [jwk, code] = read_key(given);
    if (!jwk) return code;
    if (jwk->octets) return refuse(errc::wrong_key_type);
    if (jwk->public_part || given.has("--public")) return write_key(given, public_of(*jwk).to_pem(), false);
    return write_pem(given, *jwk->private_part);
}

int key_set(options const& given) {
    if (given.operands().empty()) return misused("key set needs the files whose keys it is made of");
    auto const passphrase = read_passphrase(given, "--passphrase-file");
    if (passphrase.code != good) return passphrase.code;
    std::vector<jose::public_jwk> keys;
    auto const without = given["--without"];
    bool left_out = false;
    for (auto const& path : given.operands()) {
        auto const text = path == "-" ? read_input() : read_file(path);
        if (!text) return wrong_usage;
        auto const json = as_text(text->reveal());
        auto read = parse_keys(json, passphrase.if_given());
        if (!read) return refuse(read.error(), "in " + shown(path));
        for (auto& jwk : read->keys) {
            if (jwk.octets) return refuse(errc::wrong_key_type, shown(path) + " has a secret, which is not published");
            if (auto const done = complete(jwk, given, {}); !done) return refuse(done.error());
            if (without && jwk.attributes.kid == without) left_out = true;
            else keys.push_back(without_private(jwk));
        }
    }
    if (without && !left_out) return refuse(errc::unknown_key, "no file has the key of --without");
    auto const set = jose::write_jwk_set(keys);
    if (!set) return refuse(set.error());
    return write_key(given, *set, false);
}

} // namespace cli

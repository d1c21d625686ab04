// signet jwt: sign, verify, inspect.
#include "cli.hpp"

#include <signet/codec.hpp>
#include <signet/crypto/random.hpp>
#include <signet/jwt.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>

namespace cli {

using namespace signet;

namespace {

result<std::string> text_of(codec::json_value value) {
    std::string text;
    output out{text};
    codec::json_writer json{out};
    json.value(value);
    if (auto const done = json.finish(); !done) return done.error();
    return text;
}

struct named_claim {
    char const *option, *claim;
};
constexpr named_claim text_claims[]{{"--issuer", "iss"}, {"--subject", "sub"}, {"--audience", "aud"}};

bool names_claims(options const& given) {
    return given.has("--lifetime") || given.has("--id") ||
           std::ranges::any_of(text_claims, [&](named_claim const& one) { return given.has(one.option); });
}

/// The claims of `input`, and those that options name. A claim of both is there twice, which no reader takes.
result<std::string> merged_claims(codec::json_value input, options const& given, std::chrono::seconds lifetime,
                                  unix_time now) {
    std::string text;
    output out{text};
    codec::json_writer json{out};
    json.begin_object();
    for (auto const one : input) json.name(one.name()).value(one);
    for (auto const& [option, claim] : text_claims)
        if (auto const value = given[option]) json.member(claim, std::string_view{*value});
    if (given.has("--lifetime")) {
        json.member("iat", now.time_since_epoch().count());
        json.member("exp", (now + lifetime).time_since_epoch().count());
    }
    if (given.has("--id")) {
        std::array<std::uint8_t, 16> octets{};
        system_random().fill(octets);
        json.member("jti", std::string_view{codec::base64url_encode(octets)});
    }
    json.end_object();
    if (auto const done = json.finish(); !done) return done.error();
    return text;
}

} // namespace

int jwt_sign(options const& given) {
    auto const asked = read_algorithm(given["--alg"]);
    if (!asked) return wrong_usage;
    auto const type = given["--type"].value_or("JWT");
    auto const lifetime = read_seconds(given["--lifetime"].value_or("0"));
    if (!lifetime) return misused("--lifetime needs a whole number of seconds");
    auto const now = read_now(given);
    if (!now) return wrong_usage;

    auto choice = choose_signing_key(given, *asked);
    if (!choice.key) return choice.code;
    auto const no_input = names_claims(given) && given.operands().empty();
    auto const input = no_input ? secret::copy_of(as_bytes(std::string_view{"{}"})) : read_operand(given);
    if (!input) return wrong_usage;
    auto const read = codec::json_document::parse(as_text(input->reveal()));
    if (!read) return refuse(read.error());
    if (!read->root().is_object()) return refuse(errc::malformed_payload);
    auto const merged = merged_claims(read->root(), given, *lifetime, *now);
    if (!merged) return refuse(merged.error());

    // What is signed is what a verifier will read: an object of claims, each registered one of its type.
    auto const document = codec::json_document::parse(*merged);
    if (!document) return refuse(document.error());
    auto const claims = document->root();
    for (auto const name : {"iss", "sub", "jti"})
        if (auto const claim = claims.find(name); claim && !claim->is_string()) return refuse(errc::claim_wrong_type);
    if (auto const audience = claims.find("aud"); audience && !audience->is_string()) {
        if (!audience->is_array()) return refuse(errc::claim_wrong_type);
        for (auto const who : *audience)
            if (!who.is_string()) return refuse(errc::claim_wrong_type);
    }
    for (auto const name : {"exp", "nbf", "iat"})
        if (auto const claim = claims.find(name))
            if (auto const time = jwt::parse_numeric_date(claim->number_text()); !time)
                return refuse(claim->number_text().empty() ? error{errc::claim_wrong_type} : time.error());

    return sign(*choice.key, as_bytes(*merged), {.typ = type});
}

int jwt_verify(options const& given) {
    auto const type = given["--type"];
    auto const leeway = read_seconds(given["--leeway"].value_or("0"));
    if (!leeway) return misused("--leeway needs a whole number of seconds");
    auto const now = read_now(given);
    if (!now) return wrong_usage;
    auto const asked = read_algorithm(given["--alg"]);
    if (!asked) return wrong_usage;

    auto const key_text = read_file(*given["--keys"]);
    if (!key_text) return wrong_usage;
    auto const input = read_token(given);
    if (!input) return wrong_usage;
    auto const token = without_newline(as_text(input->reveal()));

    auto const stated = algorithm_of(token);
    if (!stated) return refuse(stated.error());
    if (asked->algorithm && *asked->algorithm != *stated) return refuse(errc::algorithm_not_allowed);
    auto keys = verification_keys(as_text(key_text->reveal()), *stated);
    if (!keys) return refuse(keys.error(), detail_of(as_text(key_text->reveal())));
    auto const accepted = keys->accepted();
    jwt::policy const policy{.issuer = *given["--issuer"],
                             .audience = *given["--audience"],
                             .type = type ? jwt::must_be{*type} : jwt::must_be{jwt::anything},
                             .leeway = *leeway,
                             .max_ahead = *leeway,
                             .max_token = max_jwt};
    auto const verifier = jwt::any_verifier::make(accepted, *std::move(keys), policy);
    if (!verifier) return refuse(verifier.error());
    auto const verified = verifier->verify(token, *now);
    if (!verified)
        return refuse(verified.error(), given.has("--explain") ? jwt::explain(verified.error(), token, policy) : "");
    auto const claims = text_of(verified->root());
    if (!claims) return refuse(claims.error());
    return write_line(*claims);
}

int jwt_inspect(options const& given) {
    auto const input = read_token(given);
    if (!input) return wrong_usage;
    auto const seen = jose::peek(without_newline(as_text(input->reveal())), max_jwt);
    if (!seen) return refuse(seen.error());

    auto const& token = seen->unverified_value();
    std::string text;
    output out{text};
    codec::json_writer json{out};
    json.begin_object()
        .member("verified", false)
        .name("header")
        .value(token.header())
        .name("claims")
        .value(token.payload());
    json.end_object();
    if (auto const done = json.finish(); !done) return refuse(done.error());
    std::fputs("signet: NOT VERIFIED: anybody may have written this token\n", stderr);
    return write_line(text);
}

} // namespace cli

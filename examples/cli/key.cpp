// signet key: generate, public, thumbprint.
#include "cli.hpp"

namespace cli {

using namespace signet;

int key_generate(std::span<char* const> arguments) {
    auto const given = options::parse(arguments, {"--alg", "--kid"});
    if (!given) return wrong_usage;
    if (!(*given)["--alg"]) return misused("--alg is missing");
    auto const choice = read_algorithm((*given)["--alg"]);
    if (!choice) return wrong_usage;

    auto const a = *choice->algorithm;
    jose::jwk_attributes attributes{
        .kid = (*given)["--kid"], .use = "sig", .alg = std::string{jose::algorithm_name(a, choice->spelling)}};
    result<secret> text = errc::unsupported_algorithm;
    if (traits(a).type == key_type::oct) {
        auto const key = mac_key::generate(a);
        if (!key) return refuse(key.error());
        text = jose::to_json(jose::oct_jwk{std::move(attributes), secret::copy_of(key->reveal())});
    } else {
        auto key = private_key::generate(a);
        if (!key) return refuse(key.error());
        text = jose::to_json(jose::private_jwk{std::move(attributes), *std::move(key)});
    }
    if (!text) return refuse(text.error());
    return write_line(as_text(text->reveal()));
}

int key_public(std::span<char* const> arguments) {
    if (!options::parse(arguments, {})) return wrong_usage;
    auto const text = read_input();
    if (!text) return wrong_usage;
    auto const jwk = jose::parse_jwk(as_text(text->reveal()));
    if (!jwk) return refuse(jwk.error());
    if (jwk->octets) return refuse(errc::wrong_key_type); // a shared secret has no public part
    auto const json = jwk->private_part ? jose::to_json(jose::public_jwk{jose::public_attributes(jwk->attributes),
                                                                         jwk->private_part->public_part()})
                                        : jose::to_json(jose::public_jwk{jwk->attributes, *jwk->public_part});
    if (!json) return refuse(json.error());
    return write_line(*json);
}

int key_thumbprint(std::span<char* const> arguments) {
    if (!options::parse(arguments, {})) return wrong_usage;
    auto const text = read_input();
    if (!text) return wrong_usage;
    auto const jwk = jose::parse_jwk(as_text(text->reveal()));
    if (!jwk) return refuse(jwk.error());
    if (jwk->octets) return write_line(jose::thumbprint_of_secret(jwk->octets->reveal()));
    return write_line(jose::thumbprint(jwk->private_part ? jwk->private_part->public_part() : *jwk->public_part));
}

} // namespace cli

// signet jws: sign, verify.
#include "cli.hpp"

namespace cli {

using namespace signet;

int jws_sign(options const& given) {
    auto const asked = read_algorithm(given["--alg"]);
    if (!asked) return wrong_usage;

    auto choice = choose_signing_key(given, *asked);
    if (!choice.key) return choice.code;
    auto const payload = read_input();
    if (!payload) return wrong_usage;
    return sign(*choice.key, payload->reveal(), {});
}

int jws_verify(options const& given) {
    auto const asked = read_algorithm(given["--alg"]);
    if (!asked) return wrong_usage;

    auto const key_text = read_file(*given["--key"]);
    if (!key_text) return wrong_usage;
    auto const input = read_token(given);
    if (!input) return wrong_usage;
    auto const token = without_newline(as_text(input->reveal()));

    auto const stated = algorithm_of(token);
    if (!stated) return refuse(stated.error());
    if (asked->algorithm && *asked->algorithm != *stated) return refuse(errc::algorithm_not_allowed);
    auto const keys = verification_keys(as_text(key_text->reveal()), *stated);
    if (!keys) return refuse(keys.error(), detail_of(as_text(key_text->reveal())));
    auto const verified = jose::jws_verify(*keys, token, {.max_token = max_token});
    if (!verified) return refuse(verified.error());
    return write(as_text(verified->payload()));
}

} // namespace cli

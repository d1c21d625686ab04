// SPDX-License-Identifier: BSL-1.0
// Short texts that a request shows: of Authorization fields a token comes out as a plain reader sees it; CSRF tokens,
// DPoP nonces and session cookies are accepted exactly as they were made. The first octet says which, and whether the
// rest changes a good one.
#include "require.hpp"

#include <signet/proof/access_token.hpp>
#include <signet/proof/csrf.hpp>
#include <signet/proof/dpop_nonces.hpp>
#include <signet/session.hpp>
#include <signet/store.hpp>

using namespace signet;

namespace {

constexpr unix_time now{std::chrono::seconds{1'800'000'000}};

mac_key const& key() {
    static auto const made = *mac_key::generate(alg::hs256);
    return made;
}

void authorization(std::string_view field) {
    auto const shown = proof::read_authorization(field);
    while (!field.empty() && (field.front() == ' ' || field.front() == '\t')) field.remove_prefix(1); // RFC 9110 5.5
    while (!field.empty() && (field.back() == ' ' || field.back() == '\t')) field.remove_suffix(1);
    auto const space = field.find(' ');
    std::string scheme{field.substr(0, space)};
    for (char& c : scheme)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (scheme != "bearer" && scheme != "dpop") return require(!shown);
    if (!shown) return;
    require(shown->scheme == (scheme == "dpop" ? proof::token_scheme::dpop : proof::token_scheme::bearer));
    require(!shown->token.empty() && shown->token == field.substr(field.find_first_not_of(' ', space)));
    auto const end =
        shown->token.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/");
    require(end != 0 &&
            (end == std::string_view::npos || shown->token.find_first_not_of('=', end) == std::string_view::npos));
}

proof::csrf_tokens const tokens{key()};
proof::dpop_nonces const nonces{key()};
auto const sessions = *session::login_sessions::make("tenant", "shop", key());
store::memory db{{.records = 64}};

// What was made by us, by the kind of text.
std::string const made[] = {"DPoP eyJh.eyJp.c2ln", tokens.make("session"), nonces.make(now - std::chrono::seconds{60}),
                            run(sessions.log_in({.user = "ann"}, {}, now), db)->cookie};

void csrf(std::string_view text) {
    auto const& good = made[1];
    require(tokens.check("session", text, text).has_value() == (text == good));
    require(tokens.check("session", good, text).has_value() == (text == good));
    require(tokens.check("session", text, good).has_value() == (text == good));
    require(!tokens.check("another", text, text));
}

void nonce(std::string_view text) {
    bool known = false;
    for (int step = -2; step <= 2; ++step) known = known || text == nonces.make(now + std::chrono::seconds{60 * step});
    require(nonces.issued(text, now).has_value() == known);
}

void cookie(std::string_view text) {
    require(run(sessions.authenticate(text, {}, now), db).has_value() == (text == made[3]));
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    if (size == 0) return 0;
    auto const kind = data[0] % 4u;
    std::string text{reinterpret_cast<char const*>(data) + 1, size - 1};
    if (data[0] / 4 % 2 != 0) {
        text = made[kind];
        for (std::size_t i = 1; i + 1 < size; i += 2) {
            auto& c = text[data[i] % text.size()];
            c = static_cast<char>(c ^ data[i + 1]);
        }
    }
    static constexpr void (*bodies[])(std::string_view) = {authorization, csrf, nonce, cookie};
    bodies[kind](text);
    return 0;
}

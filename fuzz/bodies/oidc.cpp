// SPDX-License-Identifier: BSL-1.0
// What a provider answers, against Boost.JSON's own values: token responses and discovery documents say what their text
// says, name this issuer, and lead to https alone. The first octet says which of the two the rest is, and whether
// members of a good one follow.
#include "require.hpp"

#include <signet/oidc/id_token.hpp>

#include <boost/json.hpp>

using namespace signet;

namespace {

std::string_view text_of(boost::json::object const& o, std::string_view name) {
    auto const* value = o.if_contains(name);
    if (!value) return {};
    require(value->is_string());
    return value->as_string();
}

boost::json::object members_of(std::string_view text) {
    boost::system::error_code failed;
    auto value = boost::json::parse(text, failed, {}, {.max_depth = 32});
    require(!failed && value.is_object());
    return std::move(value.as_object());
}

void token_response(std::string_view text) {
    std::string code = "of before";
    auto const answer = oidc::read_token_response(text, &code);
    require(code.size() <= 64 && (code.empty() || (!answer && answer.error() == errc::login_refused)));
    if (!answer) return;
    auto const o = members_of(text);
    require(!o.contains("error") && !answer->access_token.empty());
    require(answer->access_token == text_of(o, "access_token") && answer->id_token == text_of(o, "id_token") &&
            answer->scope == text_of(o, "scope"));
    require(std::ranges::equal(answer->refresh_token.reveal(), as_bytes(text_of(o, "refresh_token"))));
    require(text_of(o, "token_type").size() == (answer->dpop ? 4u : 6u));
    require(answer->expires_in.has_value() == o.contains("expires_in"));
}

void discovery(std::string_view text, oidc::discovery_kind kind) {
    static constexpr std::string_view issuer = "https://id.example";
    auto const openid = kind == oidc::discovery_kind::openid;
    auto const d = oidc::read_discovery(text, issuer, kind);
    if (!d) return;
    if (openid) require(oidc::read_discovery(text, issuer, oidc::discovery_kind::oauth).has_value()); // asks for less
    auto const o = members_of(text);
    require(d->issuer == issuer && text_of(o, "issuer") == issuer);
    for (auto const& [name, url] : {std::pair{"authorization_endpoint", &d->authorization_endpoint},
                                    {"token_endpoint", &d->token_endpoint},
                                    {"jwks_uri", &d->jwks_uri},
                                    {"end_session_endpoint", &d->end_session_endpoint},
                                    {"revocation_endpoint", &d->revocation_endpoint},
                                    {"userinfo_endpoint", &d->userinfo_endpoint}}) {
        require(*url == text_of(o, name));
        std::string scheme = url->substr(0, 8); // in whatever case, RFC 3986 3.1
        for (char& c : scheme)
            if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
        require(url->empty() || scheme == "https://");
        for (char c : *url) require(c > 32 && c < 127);
    }
    require(!d->jwks_uri.empty());
    require(!openid || (!d->authorization_endpoint.empty() && !d->token_endpoint.empty()));
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    if (size == 0) return 0;
    std::string text{reinterpret_cast<char const*>(data) + 1, size - 1};
    bool const first = data[0] % 2 == 0;
    if (data[0] % 4 >= 2)
        text =
            (first
                 ? R"({"access_token":"a","token_type":"Bearer",)"
                 : R"({"issuer":"https://id.example","authorization_endpoint":"https://id.example/a","token_endpoint":"https://id.example/t",)"
                   R"("jwks_uri":"https://id.example/k","id_token_signing_alg_values_supported":["ES256"],)") +
            text + "}";
    if (first) return token_response(text), 0;
    discovery(text, oidc::discovery_kind::openid);
    discovery(text, oidc::discovery_kind::oauth);
    return 0;
}

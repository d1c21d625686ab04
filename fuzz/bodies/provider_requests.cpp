// What clients send to a provider: a login request that is read keeps its limits, a refusal goes to a registered URI or
// nowhere, the end of a session sends the browser to a registered URI, and a token request has what its grant needs.
#include <signet/oidc/authorization_code.hpp>
#include <signet/oidc/provider.hpp>

#include <cstdlib>

using namespace signet;
using namespace signet::oidc;

namespace {
void check(bool good) {
    if (!good) std::abort();
}
} // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    std::string_view const text{reinterpret_cast<char const*>(data), size};
    registered_client const shop{.client_id = "shop",
                                 .redirect_uris = {"https://a.example/c"},
                                 .post_logout_redirect_uris = {"https://a.example/"},
                                 .scopes = {"a"}};

    std::string answer = "left over";
    auto const request = read_login_request(text, shop, "https://id.example", answer);
    if (request) {
        check(answer.empty() && request->redirect_uri == "https://a.example/c" && request->client == "shop");
        check(request->code_challenge.size() == 43 && request->scope.size() <= max_login_scope);
        check(request->scope == "openid" || request->scope == "openid a" || request->scope == "a openid");
        check(!(request->silent && request->login) && *named_client(text) == "shop");
        auto const url = code_url(*request, "https://id.example", "c");
        check(url.starts_with("https://a.example/c?code=c&") && url.ends_with("iss=https%3A%2F%2Fid.example"));
        check(decide_login(*request, {}, unix_time{}) != login_decision::answer);
    } else if (request.error() == errc::login_request_refused) {
        check(answer.starts_with("https://a.example/c?error=") && answer.find_first_of(" \r\n<>\"#") == answer.npos);
    } else {
        check(answer.empty());
    }

    if (auto const end = read_end_session_request(text, shop)) {
        auto const url = post_logout_url(*end);
        check(url.empty() || url == "https://a.example/" || url.starts_with("https://a.example/?state="));
        check(url.find_first_of(" \r\n<>\"#") == url.npos);
    }

    if (auto const ask = read_token_request(text)) {
        bool const by_code = ask->grant == grant_type::authorization_code;
        check(by_code == !ask->code.empty() && by_code == !ask->code_verifier.empty());
        check(by_code == ask->refresh_token.empty());
    }

    if (auto const read = read_discovery(text, "https://id.example")) {
        auto const written = write_discovery(*read);
        check(written ? *read_discovery(*written, "https://id.example") == *read
                      : read->id_token_algorithms.empty() || !read->pkce_s256 || !read->answers_name_issuer);
    }
    return 0;
}

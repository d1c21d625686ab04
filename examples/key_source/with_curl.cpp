// Follows the keys of an issuer with libcurl: the thread whose token needs new keys fetches them, others of that need
// wait for it. usage: with_curl ISSUER CA_FILE; verifies the tokens on stdin, one a line.
#include <signet/jwt.hpp>
#include <signet/oidc.hpp>

#include <curl/curl.h>

#include <iostream>
#include <memory>
#include <string>

using namespace signet;

namespace {

unix_time now() { return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()); }

// [get]
struct http_answer {
    int status = 0; // 0: there was none
    std::string body{}, cache_control{}, age{};
};

constexpr std::size_t max_body = 1 << 20;

std::size_t take(char const* octets, std::size_t, std::size_t size, void* into) {
    auto& body = *static_cast<std::string*>(into);
    if (size > max_body - body.size()) return 0; // libcurl gives up
    body.append(octets, size);
    return size;
}

// Waits for the answer, at most ten seconds. Redirections are not followed.
http_answer get(std::string const& url, std::string const& ca_file) {
    std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> const client{curl_easy_init(), curl_easy_cleanup};
    http_answer answer;
    curl_easy_setopt(client.get(), CURLOPT_URL, url.c_str());
    curl_easy_setopt(client.get(), CURLOPT_PROTOCOLS_STR, "https");
    curl_easy_setopt(client.get(), CURLOPT_CAINFO, ca_file.c_str()); // without it: the system's authorities
    curl_easy_setopt(client.get(), CURLOPT_TIMEOUT, 10L);
    curl_easy_setopt(client.get(), CURLOPT_NOSIGNAL, 1L); // other threads are here too
    curl_easy_setopt(client.get(), CURLOPT_WRITEFUNCTION, take);
    curl_easy_setopt(client.get(), CURLOPT_WRITEDATA, &answer.body);
    if (auto const failed = curl_easy_perform(client.get()); failed != CURLE_OK) {
        std::cerr << url << ": " << curl_easy_strerror(failed) << '\n';
        return {};
    }
    long status = 0;
    curl_easy_getinfo(client.get(), CURLINFO_RESPONSE_CODE, &status);
    answer.status = static_cast<int>(status);
    for (auto const& [name, value] : {std::pair{"Cache-Control", &answer.cache_control}, {"Age", &answer.age}}) {
        curl_header* field = nullptr;
        if (curl_easy_header(client.get(), name, 0, CURLH_HEADER, -1, &field) == CURLHE_OK) *value = field->value;
    }
    return answer;
}
// [/get]

// [source]
// A verifier that follows the issuer's keys. Where they are is in the issuer's metadata, which is read once.
result<jwt::verifier<es256, rs256>> make_verifier(std::string const& issuer, std::string const& ca_file) {
    auto const metadata = get(oidc::discovery_url(issuer), ca_file);
    if (metadata.status != 200) return errc::key_source_unavailable;
    auto const found = oidc::read_discovery(metadata.body, issuer);
    if (!found) return found.error();
    auto const fetch = [url = found->jwks_uri, ca_file](jwt::key_fetch keys) {
        auto const answer = get(url, ca_file);
        if (auto const taken = keys.finish({answer.status, answer.body, answer.cache_control, answer.age}, now());
            !taken)
            std::cerr << url << ": " << taken.error().message() << '\n'; // the former keys stay in use
    };
    return jwt::verifier<es256, rs256>{jwt::key_source{.fetch = fetch},
                                       {.issuer = issuer, .audience = "orders", .type = "at+jwt"}};
}
// [/source]

} // namespace

int main(int argc, char** argv) {
    if (argc != 3) {
        std::cerr << "usage: with_curl ISSUER CA_FILE\n";
        return 2;
    }
    curl_global_init(CURL_GLOBAL_DEFAULT);
    auto access = make_verifier(argv[1], argv[2]);
    if (!access) {
        std::cerr << argv[1] << ": " << access.error().message() << '\n';
        return 1;
    }
    access->refresh(now()); // the first token waits for nothing; later, a timer calls it
    for (std::string text; std::getline(std::cin, text);) {
        auto const token = access->verify(text, now());
        std::cout << (token ? token->subject() : token.error().name()) << std::endl;
    }
}

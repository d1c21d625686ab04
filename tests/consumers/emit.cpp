// SPDX-License-Identifier: BSL-1.0
// Prints as JSON, for every ready policy and variants of them, what the policy says and the lines that set and remove
// it.
#include <signet/http.hpp>

#include <cstdio>
#include <string>
#include <vector>

using namespace signet;
using namespace std::chrono_literals;

namespace {

std::string quoted(std::string_view text) {
    std::string out = "\"";
    for (char c : text) {
        if (c == '"' || c == '\\') out += '\\';
        out += c;
    }
    return out += '"';
}

bool first = true;

void emit(http::cookie_policy const& policy, std::string_view value, http::set_cookie_params const& set_params = {}) {
    auto const& params = policy.params();
    auto const set = policy.set(value, set_params);
    auto const removal = policy.remove(set_params);
    if (!set || !removal) std::abort();
    constexpr std::string_view modes[] = {"None", "Lax", "Strict"};
    auto const domain = set_params.domain.empty() ? params.domain : set_params.domain;
    std::string line = first ? "[\n" : ",\n";
    first = false;
    line += "{\"name\": " + quoted(params.name) + ", \"value\": " + quoted(value) +
            ", \"path\": " + quoted(params.path) + ", \"domain\": " + quoted(domain);
    line += std::string{", \"secure\": "} + (params.secure ? "true" : "false") +
            ", \"httpOnly\": " + (params.http_only ? "true" : "false");
    line += std::string{", \"partitioned\": "} + (params.partitioned ? "true" : "false") +
            ", \"sameSite\": " + quoted(modes[static_cast<int>(params.same_site)]);
    line += ", \"maxAge\": " + (params.max_age ? std::to_string(params.max_age->count()) : "null");
    line += ", \"set\": " + quoted(*set) + ", \"remove\": " + quoted(*removal) + "}";
    std::fputs(line.c_str(), stdout);
}

} // namespace

int main(int, char** argv) {
    unix_time const now{std::chrono::seconds{argv[1] ? std::atoll(argv[1]) : 0}};
    std::string const id = "k3m9-_Zq0YxPpLw7uVbA2cD4eF6gH8iJ1kL3mN5oP7q";
    using namespace http;

    emit(cookies::session(), id);
    emit(cookies::session("__Host-sid-lax", same_site::lax), id);
    emit(cookies::remember_me(), id);
    emit(cookies::remember_me("remember-with-expires", 3600s), id, {.expires_from = now});
    emit(cookies::csrf(), id);
    emit(cookies::cross_site(), id);
    emit(cookies::login_state(), id);
    emit(cookies::development_on_http_localhost(), id);
    constexpr cookie_policy host_http{{.name = "__Host-Http-sid"}}, http_only{{.name = "__Http-sid", .path = "/app"}},
        secure{{.name = "__Secure-sid", .domain = "signet.test"}}, path{{.name = "in-a-path", .path = "/app"}},
        domain{{.name = "for-a-domain"}},
        longest{{.name = "longest-lifetime", .max_age = 34'560'000s, .use = cookie_use::other}},
        token{{.name = "!#$%&'*+-.^_`|~"}},
        plain{{.name = "plain", .secure = false, .http_only = false, .use = cookie_use::other}},
        largest{{.name = "largest"}}, quoted_value{{.name = "quoted"}}, all_octets{{.name = "octets"}},
        empty{{.name = "empty"}};
    emit(host_http, id);
    emit(http_only, id);
    emit(secure, id);
    emit(path, id);
    emit(domain, id, {.domain = "signet.test"});
    emit(longest, id);
    emit(token, id);
    emit(plain, id);
    emit(largest, std::string(largest.max_value_size(), 'x'));
    emit(quoted_value, "\"" + id + "\"");
    std::string octets;
    for (char c = 0x21; c < 0x7f; ++c)
        if (http::detail::is_cookie_octet(c)) octets += c;
    emit(all_octets, octets);
    emit(empty, "");
    std::puts("\n]");
}

// SPDX-License-Identifier: BSL-1.0
// Policies from configuration: whatever is accepted writes lines that cannot be broken out of, and that the look at a
// whole response accepts too. The input's lines are name, path, domain and value; its first octet holds the flags.
#include <signet/http/cookie.hpp>
#include <signet/http/set_cookie.hpp>

#include <cstdlib>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    using namespace signet;
    auto const require = [](bool holds) {
        if (!holds) std::abort();
    };
    if (size == 0) return 0;
    unsigned const flags = data[0];
    std::string_view rest{reinterpret_cast<char const*>(data) + 1, size - 1};
    std::string_view part[4];
    for (auto& one : part) {
        auto const end = std::min(rest.find('\n'), rest.size());
        one = rest.substr(0, end);
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    http::cookie_params const params{.name = part[0],
                                     .path = part[1].empty() ? "/" : part[1],
                                     .domain = part[2],
                                     .max_age =
                                         flags & 1 ? std::optional{std::chrono::seconds{flags * 7919}} : std::nullopt,
                                     .secure = (flags & 2) == 0,
                                     .http_only = (flags & 4) == 0,
                                     .same_site = static_cast<http::same_site>(flags >> 3 & 1   ? 0
                                                                               : flags >> 4 & 1 ? 2
                                                                                                : 1),
                                     .partitioned = (flags & 32) != 0,
                                     .use = flags & 64 ? http::cookie_use::other : http::cookie_use::session};
    auto const policy = http::cookie_policy::make(params);
    std::string_view const raw{reinterpret_cast<char const*>(data), size};
    (void)http::check_response({&raw, 1});
    if (!policy) return 0;
    for (bool removal : {false, true}) {
        auto const line = removal ? policy->remove() : policy->set(part[3]);
        if (!line) {
            require(!removal);
            continue;
        }
        require(line->size() <= policy->line_size(part[3].size()));
        for (char c : *line) require(static_cast<unsigned char>(c) >= 0x20 && static_cast<unsigned char>(c) < 0x7f);
        std::string_view const view = *line;
        require(http::check_response({&view, 1}, {.secure = false, .at_least = http::same_site::none}).has_value());
        // What a browser sends back of it is read as it was set.
        auto const pair = view.substr(0, view.find(';'));
        auto const found = http::cookie_reader{pair}.find(part[0]);
        require(found && *found == (removal ? std::string_view{} : part[3]));
        require((view.find("; Domain=") != view.npos) == !part[2].empty());
        require(view.find("; Secure") != view.npos || !params.secure);
    }
    return 0;
}

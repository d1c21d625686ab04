// The service on cpp-httplib: a pool of threads, each with one request at a time. TLS is a proxy's in front of it.
// usage: on_httplib KEYS PORT; KEYS is the issuer's JWK set, and port 0 is any that is free.
#include "service.hpp"

#include <httplib.h>

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>

namespace {

// [server]
std::vector<std::string_view> values(httplib::Request const& in, char const* name) {
    std::vector<std::string_view> all;
    auto const [first, last] = in.headers.equal_range(name);
    for (auto field = first; field != last; ++field) all.push_back(field->second);
    return all;
}

// What came is turned into the service's request, and its answer into what goes out.
void reply(shop::service& shop, httplib::Request const& in, httplib::Response& out) {
    auto const made = shop.handle({.method = in.method,
                                   .path = in.path,
                                   .authorization = values(in, "Authorization"),
                                   .dpop = values(in, "DPoP"),
                                   .cookie = values(in, "Cookie")},
                                  std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()));
    out.status = made.status;
    for (auto const& [name, value] : made.fields) out.headers.emplace(name, value); // one name may come twice
    out.set_header("Cache-Control", "no-store");
    out.set_content(made.body, "text/plain; charset=utf-8");
}
// [/server]

} // namespace

int main(int argc, char** argv) {
    if (argc != 3) {
        std::cerr << "usage: on_httplib KEYS PORT\n";
        return 2;
    }
    std::ifstream file{argv[1]};
    std::string const text{std::istreambuf_iterator<char>{file}, {}};
    auto keys = signet::jose::parse_key_set<signet::es256>(text);
    if (!keys) {
        std::cerr << argv[1] << ": " << keys.error().message() << '\n';
        return 1;
    }
    httplib::Server server;
    server.set_payload_max_length(64 * 1024);
    server.set_read_timeout(10);
    auto port = std::atoi(argv[2]);
    if (port == 0) port = server.bind_to_any_port("127.0.0.1");
    else if (!server.bind_to_port("127.0.0.1", port)) port = -1;
    if (port < 0) {
        std::cerr << "cannot listen there\n";
        return 1;
    }
    auto const origin = "http://localhost:" + std::to_string(port);
    shop::service shop{origin, *std::move(keys)};

    auto const handler = [&](httplib::Request const& in, httplib::Response& out) { reply(shop, in, out); };
    server.Get(".*", handler).Post(".*", handler).Delete(".*", handler);
    std::cout << origin << std::endl;
    return server.listen_after_bind() ? 0 : 1;
}

// The service on cpp-httplib: a pool of threads, each with one request at a time. TLS is a proxy's in front of it.
// usage: on_httplib KEYS PORT OPERATORS_PORT; KEYS is the issuer's JWK set, and port 0 is any that is free.
#include "service.hpp"

#include <httplib.h>

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <thread>

namespace {

// [server]
std::vector<std::string_view> values(httplib::Request const& in, char const* name) {
    std::vector<std::string_view> all;
    auto const [first, last] = in.headers.equal_range(name);
    for (auto field = first; field != last; ++field) all.push_back(field->second);
    return all;
}

// What came is turned into the service's request, and the answer of one of its handlers into what goes out.
void reply(shop::service& shop, shop::handler handle, httplib::Request const& in, httplib::Response& out) {
    auto const made = (shop.*handle)({.method = in.method,
                                      .path = in.path,
                                      .authorization = values(in, "Authorization"),
                                      .dpop = values(in, "DPoP"),
                                      .cookie = values(in, "Cookie")},
                                     std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()));
    out.status = made.status;
    for (auto const& [name, value] : made.fields) out.headers.emplace(name, value); // one name may come twice
    out.set_header("Cache-Control", "no-store");
    out.set_content(made.body, made.type);
}
// [/server]

// On this host alone. Returns the address, or nothing.
std::string listen(httplib::Server& server, int port) {
    server.set_payload_max_length(64 * 1024);
    server.set_read_timeout(10);
    if (port == 0) port = server.bind_to_any_port("127.0.0.1");
    else if (!server.bind_to_port("127.0.0.1", port)) port = -1;
    return port < 0 ? std::string{} : "http://localhost:" + std::to_string(port);
}

void answer(httplib::Server& server, shop::service& shop, shop::handler handle) {
    auto const handler = [&shop, handle](auto const& in, auto& out) { reply(shop, handle, in, out); };
    server.Get(".*", handler).Post(".*", handler).Delete(".*", handler);
}

} // namespace

int main(int argc, char** argv) {
    if (argc != 4) {
        std::cerr << "usage: on_httplib KEYS PORT OPERATORS_PORT\n";
        return 2;
    }
    std::ifstream file{argv[1]};
    std::string const text{std::istreambuf_iterator<char>{file}, {}};
    auto keys = signet::jose::parse_key_set<signet::es256>(text);
    if (!keys) {
        std::cerr << argv[1] << ": " << keys.error().message() << '\n';
        return 1;
    }
    httplib::Server server, operators;
    auto const origin = listen(server, std::atoi(argv[2])), inside = listen(operators, std::atoi(argv[3]));
    if (origin.empty() || inside.empty()) {
        std::cerr << "cannot listen there\n";
        return 1;
    }
    shop::service shop{origin, *std::move(keys)};
    answer(server, shop, &shop::service::handle);
    answer(operators, shop, &shop::service::operate);
    std::cout << origin << '\n' << inside << std::endl;
    std::jthread const second{[&] { operators.listen_after_bind(); }};
    bool const ended = server.listen_after_bind();
    operators.stop();
    return ended ? 0 : 1;
}

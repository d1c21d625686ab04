// The service on Boost.Beast: a coroutine for each connection, on one thread or several. TLS is a proxy's in front of
// it. usage: on_beast KEYS PORT OPERATORS_PORT; KEYS is the issuer's JWK set, and port 0 is any that is free.
#include "service.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <thread>

namespace asio = boost::asio;
namespace beast = boost::beast;
using namespace std::chrono_literals;
using tcp = asio::ip::tcp;

namespace {

constexpr auto no_throw = asio::as_tuple(asio::use_awaitable);

// [server]
using message = beast::http::request<beast::http::string_body>;

std::vector<std::string_view> values(message const& in, beast::string_view name) {
    std::vector<std::string_view> all;
    auto const [first, last] = in.equal_range(name);
    for (auto field = first; field != last; ++field) all.push_back(field->value());
    return all;
}

// What came is turned into the service's request, and the answer of one of its handlers into what goes out.
beast::http::response<beast::http::string_body> reply(shop::service& shop, shop::handler handle, message const& in) {
    std::string_view const target = in.target();
    auto const made = (shop.*handle)({.method = in.method_string(),
                                      .path = target.substr(0, target.find('?')),
                                      .authorization = values(in, "Authorization"),
                                      .dpop = values(in, "DPoP"),
                                      .cookie = values(in, "Cookie")},
                                     std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()));
    beast::http::response<beast::http::string_body> out{beast::http::int_to_status(static_cast<unsigned>(made.status)),
                                                        in.version(), made.body};
    for (auto const& [name, value] : made.fields) out.insert(name, value); // one name may come twice
    out.set("Cache-Control", "no-store");
    out.set("Content-Type", made.type);
    out.keep_alive(in.keep_alive());
    out.prepare_payload();
    return out;
}

asio::awaitable<void> serve(shop::service& shop, shop::handler handle, beast::tcp_stream client) {
    beast::flat_buffer buffer;
    for (bool more = true; more;) {
        beast::http::request_parser<beast::http::string_body> in;
        in.header_limit(32 * 1024);
        in.body_limit(64 * 1024);
        client.expires_after(30s);
        if (auto const [error, size] = co_await beast::http::async_read(client, buffer, in, no_throw); error) break;
        auto out = reply(shop, handle, in.get());
        more = out.keep_alive();
        if (auto const [error, size] = co_await beast::http::async_write(client, out, no_throw); error) break;
    }
    beast::error_code ignored;
    client.socket().shutdown(tcp::socket::shutdown_send, ignored);
}
// [/server]

asio::awaitable<void> accept(shop::service& shop, shop::handler handle, tcp::acceptor& listener) {
    asio::steady_timer pause{listener.get_executor()};
    for (;;) {
        auto [error, socket] = co_await listener.async_accept(asio::make_strand(listener.get_executor()), no_throw);
        if (!error) {
            auto const strand = socket.get_executor();
            asio::co_spawn(strand, serve(shop, handle, beast::tcp_stream{std::move(socket)}), asio::detached);
        } else { // no descriptor is left: one comes back as a connection ends
            pause.expires_after(100ms);
            co_await pause.async_wait(no_throw);
        }
    }
}

// On this host alone.
tcp::acceptor listen(asio::io_context& loop, char const* port) {
    return {loop, {asio::ip::address_v4::loopback(), static_cast<unsigned short>(std::atoi(port))}};
}
std::string address(tcp::acceptor const& listener) {
    return "http://localhost:" + std::to_string(listener.local_endpoint().port());
}

} // namespace

int main(int argc, char** argv) {
    if (argc != 4) {
        std::cerr << "usage: on_beast KEYS PORT OPERATORS_PORT\n";
        return 2;
    }
    std::ifstream file{argv[1]};
    std::string const text{std::istreambuf_iterator<char>{file}, {}};
    auto keys = signet::jose::parse_key_set<signet::es256>(text);
    if (!keys) {
        std::cerr << argv[1] << ": " << keys.error().message() << '\n';
        return 1;
    }
    asio::io_context loop;
    auto listener = listen(loop, argv[2]), operators = listen(loop, argv[3]);
    shop::service shop{address(listener), *std::move(keys)};

    asio::signal_set signals{loop, SIGINT, SIGTERM};
    signals.async_wait([&](beast::error_code, int) { loop.stop(); });
    asio::co_spawn(loop, accept(shop, &shop::service::handle, listener), asio::detached);
    asio::co_spawn(loop, accept(shop, &shop::service::operate, operators), asio::detached);
    std::cout << address(listener) << '\n' << address(operators) << std::endl;
    std::jthread const second{[&] { loop.run(); }};
    loop.run();
}

#include "server.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>

#include <algorithm>
#include <iostream>
#include <thread>

namespace web {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using tcp = asio::ip::tcp;
using namespace std::chrono_literals;

namespace {

using stream = beast::ssl_stream<beast::tcp_stream>;
using handler = std::function<response(request const&)>;

request read(http::request<http::string_body>&& in, std::string ip) {
    request r{.method = std::string{in.method_string()}, .path = std::string{in.target()}, .ip = std::move(ip)};
    auto const mark = r.path.find('?');
    if (mark != r.path.npos) {
        r.query = r.path.substr(mark + 1);
        r.path.resize(mark);
    }
    for (auto const& f : in) {
        std::string name{f.name_string()};
        std::transform(name.begin(), name.end(), name.begin(),
                       [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
        auto const same =
            std::find_if(r.fields.begin(), r.fields.end(), [&](field const& one) { return one.name == name; });
        if (same == r.fields.end()) r.fields.push_back({std::move(name), std::string{f.value()}});
        else same->value += (name == "cookie" ? "; " : ", ") + std::string{f.value()};
    }
    r.body = std::move(in.body());
    return r;
}

asio::awaitable<void> talk(stream client, handler const& answer) {
    beast::flat_buffer buffer;
    auto& socket = beast::get_lowest_layer(client);
    auto const ip = socket.socket().remote_endpoint().address().to_string();
    socket.expires_after(30s);
    co_await client.async_handshake(asio::ssl::stream_base::server, asio::use_awaitable);
    for (bool more = true; more;) {
        http::request_parser<http::string_body> parser;
        parser.header_limit(32 * 1024);
        parser.body_limit(64 * 1024);
        socket.expires_after(60s);
        co_await http::async_read(client, buffer, parser, asio::use_awaitable);
        more = parser.get().keep_alive();
        auto const version = parser.get().version();

        response made = answer(read(parser.release(), ip));
        http::response<http::string_body> out{http::int_to_status(static_cast<unsigned>(made.status)), version,
                                              std::move(made.body)};
        for (auto const& f : made.fields) out.insert(f.name, f.value);
        out.keep_alive(more);
        out.prepare_payload();
        socket.expires_after(30s);
        co_await http::async_write(client, out, asio::use_awaitable);
    }
    co_await client.async_shutdown(asio::use_awaitable);
}

asio::awaitable<void> accept(tcp::acceptor& listener, asio::ssl::context& tls, handler const& answer) {
    for (;;) {
        tcp::socket socket =
            co_await listener.async_accept(asio::make_strand(listener.get_executor()), asio::use_awaitable);
        auto const there = socket.get_executor();
        asio::co_spawn(there, talk(stream{beast::tcp_stream{std::move(socket)}, tls}, answer),
                       [](std::exception_ptr gone) {
                           try {
                               if (gone) std::rethrow_exception(gone);
                           } catch (boost::system::system_error const&) { // the client went away, or never spoke TLS
                           } catch (std::exception const& e) { std::cerr << "connection: " << e.what() << '\n'; }
                       });
    }
}

} // namespace

void serve(server_options const& options, handler const& answer, std::function<void()> const& ready) {
    asio::io_context loop{static_cast<int>(options.threads)};
    asio::ssl::context tls{asio::ssl::context::tls_server};
    tls.set_options(asio::ssl::context::default_workarounds | asio::ssl::context::no_tlsv1 |
                    asio::ssl::context::no_tlsv1_1);
    tls.use_certificate_chain(asio::buffer(options.certificate));
    tls.use_private_key(asio::buffer(options.key), asio::ssl::context::pem);

    tcp::acceptor listener{loop, {asio::ip::address_v4::loopback(), options.port}};
    asio::co_spawn(loop, accept(listener, tls, answer), asio::detached);
    asio::signal_set stop{loop, SIGINT, SIGTERM};
    stop.async_wait([&](auto, int) { loop.stop(); });
    ready();

    std::vector<std::jthread> threads;
    for (unsigned i = 1; i < options.threads; ++i) threads.emplace_back([&] { loop.run(); });
    loop.run();
}

} // namespace web

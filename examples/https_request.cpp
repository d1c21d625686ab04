#include "https_request.hpp"

#include <boost/asio/ssl.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>

#include <algorithm>
#include <chrono>
#include <string_view>
#include <utility>

boost::asio::awaitable<https_answer> https_request(boost::asio::ssl::context& trusted, std::string url,
                                                   std::optional<std::string> form) {
    namespace asio = boost::asio;
    namespace http = boost::beast::http;
    auto const scheme = std::string_view{"https://"}.size(); // read_discovery takes no other
    auto const slash = std::min(url.find('/', scheme), url.size());
    auto const authority = url.substr(scheme, slash - scheme);
    auto const colon = std::min(authority.find(':'), authority.size());
    auto const host = authority.substr(0, colon), port = colon < authority.size() ? authority.substr(colon + 1) : "443";
    // Browsers know that these names are this machine's (RFC 6761 section 6.3); not every resolver does.
    std::string const machine = host.ends_with(".localhost") ? "localhost" : host;

    auto const loop = co_await asio::this_coro::executor;
    boost::beast::ssl_stream<boost::beast::tcp_stream> server{loop, trusted};
    server.set_verify_callback(asio::ssl::host_name_verification{host});
    SSL_set_tlsext_host_name(server.native_handle(), host.c_str());
    auto& socket = boost::beast::get_lowest_layer(server);
    asio::ip::tcp::resolver names{loop};
    auto const addresses = co_await names.async_resolve(machine, port, asio::use_awaitable);
    socket.expires_after(std::chrono::seconds{10});
    co_await socket.async_connect(addresses, asio::use_awaitable);
    co_await server.async_handshake(asio::ssl::stream_base::client, asio::use_awaitable);

    http::request<http::string_body> ask{form ? http::verb::post : http::verb::get,
                                         slash < url.size() ? url.substr(slash) : "/", 11};
    ask.set(http::field::host, authority);
    ask.keep_alive(false);
    if (form) {
        ask.set(http::field::content_type, "application/x-www-form-urlencoded");
        ask.body() = *std::move(form);
        ask.prepare_payload();
    }
    co_await http::async_write(server, ask, asio::use_awaitable);
    boost::beast::flat_buffer buffer;
    http::response_parser<http::string_body> in;
    in.body_limit(1 << 20);
    co_await http::async_read(server, buffer, in, asio::use_awaitable);
    co_return in.release();
}

// HTTPS to one origin, with cookies: what an application's own HTTP client would be.
#pragma once

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace client {

struct answer {
    unsigned status = 0;
    std::multimap<std::string, std::string> fields{}; ///< names in lower case
    std::string body{};

    std::string field(std::string const& name) const {
        auto const at = fields.find(name);
        return at == fields.end() ? std::string{} : at->second;
    }
};

/// One origin on a port of this machine. It trusts the certificate that it is given, and no other.
class https {
public:
    https(std::string host, std::string port, std::string const& certificate_file)
        : host_{std::move(host)}, port_{std::move(port)}, origin_{"https://" + host_ + ":" + port_} {
        tls_.set_verify_mode(boost::asio::ssl::verify_peer);
        tls_.load_verify_file(certificate_file);
    }

    std::string const& origin() const { return origin_; }
    std::map<std::string, std::string> cookies{};

    /// A connection for each request: slow, and nothing to get wrong. Throws what Boost throws.
    answer request(std::string_view method, std::string_view path,
                   std::initializer_list<std::pair<std::string_view, std::string>> fields = {}, std::string body = {}) {
        namespace beast = boost::beast;
        namespace http = beast::http;
        boost::asio::ip::tcp::resolver resolver{io_};
        boost::asio::ssl::stream<boost::asio::ip::tcp::socket> stream{io_, tls_};
        stream.set_verify_callback(boost::asio::ssl::host_name_verification{host_});
        boost::asio::connect(stream.next_layer(), resolver.resolve("127.0.0.1", port_));
        stream.handshake(boost::asio::ssl::stream_base::client);

        http::request<http::string_body> ask{
            http::string_to_verb({method.data(), method.size()}), {path.data(), path.size()}, 11};
        ask.set(http::field::host, host_ + ":" + port_);
        ask.set(http::field::origin, origin_);
        ask.set(http::field::connection, "close");
        std::string jar;
        for (auto const& [name, value] : cookies) jar += (jar.empty() ? "" : "; ") + name + "=" + value;
        if (!jar.empty()) ask.set(http::field::cookie, jar);
        for (auto const& [name, value] : fields) ask.set(boost::string_view{name.data(), name.size()}, value);
        ask.body() = std::move(body);
        ask.prepare_payload();
        http::write(stream, ask);
        beast::flat_buffer buffer;
        http::response<http::string_body> got;
        http::read(stream, buffer, got);

        answer out{got.result_int(), {}, std::move(got.body())};
        for (auto const& f : got) {
            std::string name{f.name_string()};
            for (auto& c : name) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
            if (name == "set-cookie") keep({f.value().data(), f.value().size()});
            out.fields.emplace(std::move(name), std::string{f.value()});
        }
        return out;
    }

private:
    void keep(std::string_view line) {
        auto const equals = line.find('='), end = line.find(';');
        std::string const name{line.substr(0, equals)}, value{line.substr(equals + 1, end - equals - 1)};
        if (value.empty()) cookies.erase(name); // a removal
        else cookies[name] = value;
    }

    std::string host_, port_, origin_;
    boost::asio::io_context io_{};
    boost::asio::ssl::context tls_{boost::asio::ssl::context::tls_client};
};

} // namespace client

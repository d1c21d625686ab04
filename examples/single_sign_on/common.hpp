// What the application and the provider of this example share: cookies, redirections, and an HTTPS client.
#pragma once

#include "../https_request.hpp"
#include "../web/form.hpp"
#include "../web/message.hpp"
#include "../web/server.hpp"

#include <signet/http.hpp>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <future>
#include <iostream>
#include <iterator>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace sso {

inline signet::unix_time now() { return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()); }

/// Returns a file's text. Throws if it cannot be read.
inline std::string read_file(std::string const& name) {
    std::ifstream in{name};
    if (!in) throw std::runtime_error{"cannot read " + name};
    return {std::istreambuf_iterator<char>{in}, {}};
}

/// Returns the value of the only cookie of that policy's name; empty if there is none, or several.
inline std::string_view cookie_of(web::request const& in, signet::http::cookie_policy const& policy) {
    return signet::http::cookie_reader{in.find("cookie")}.find(policy.name()).value_or(std::string_view{});
}

/// Adds a line that sets the cookie, or removes it if `value` is empty.
inline void set_cookie(web::response& out, signet::http::cookie_policy const& policy, std::string_view value) {
    out.set("Set-Cookie", (value.empty() ? policy.remove() : policy.set(value)).value());
}

/// Sends the browser on by GET. What it says is of this browser alone.
inline web::response redirect(std::string_view url) {
    web::response out{.status = 303};
    out.set("Location", url);
    out.set("Cache-Control", "no-store");
    return out;
}

/// Answers with a page.
inline web::response page(int status, std::string_view body) {
    web::response out{.status = status};
    out.set("Content-Type", "text/html; charset=utf-8");
    out.set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
    out.set("Cache-Control", "no-store");
    out.body = "<!doctype html><title>Single sign-on</title>" + std::string{body};
    return out;
}

/// Returns the port of an origin such as https://shop.localhost:8444; 0 if it has none, or no https.
inline unsigned short port_of(std::string const& origin) {
    auto const colon = origin.rfind(':');
    auto const port = std::atoi(origin.c_str() + (colon == origin.npos ? 0 : colon + 1));
    return origin.starts_with("https://") && port > 0 && port <= 65535 ? static_cast<unsigned short>(port) : 0;
}

/// Serves `site` at its origin until a signal, with the certificate and the key in that file.
template <class Site> void serve(Site& site, std::string const& origin, std::string const& tls_file) {
    auto const tls = read_file(tls_file);
    web::serve({.port = port_of(origin), .certificate = tls, .key = tls},
               {.answer = [&](web::request const& in) { return site.answer(in); }, .is_slow = Site::is_slow},
               [&] { std::cout << origin << "/" << std::endl; });
}

/// HTTPS to the other party. Redirections are not followed.
///
/// Thread safety: may be called concurrently.
class https_client {
public:
    /// Trusts servers whose certificates come from the authorities in that file (PEM).
    explicit https_client(std::string const& ca_file) {
        trusted_.load_verify_file(ca_file);
        trusted_.set_verify_mode(boost::asio::ssl::verify_peer);
    }

    /// Return the answer; one without a status (0) if there was none within ten seconds.
    https_answer get(std::string const& url) { return run(url, {}); }
    https_answer post(std::string const& url, std::string form) { return run(url, std::move(form)); }

private:
    https_answer run(std::string const& url, std::optional<std::string> form) {
        boost::asio::io_context loop{1};
        auto done = boost::asio::co_spawn(loop, https_request(trusted_, url, std::move(form)), boost::asio::use_future);
        loop.run();
        try {
            return done.get();
        } catch (std::exception const& e) { std::cerr << url << ": " << e.what() << '\n'; }
        https_answer none;
        none.result(0u);
        return none;
    }

    boost::asio::ssl::context trusted_{boost::asio::ssl::context::tls_client};
};

} // namespace sso

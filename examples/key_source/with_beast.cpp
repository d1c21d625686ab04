// Follows the keys of an issuer on an event loop, with Boost.Beast: no thread waits, neither for keys nor for a token
// that needs them. usage: with_beast ISSUER CA_FILE; verifies the tokens on stdin, one a line.
#include "../https_request.hpp"

#include <signet/jwt.hpp>
#include <signet/oidc.hpp>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <iostream>
#include <optional>
#include <string>

#include <unistd.h>

using namespace signet;
namespace asio = boost::asio;

namespace {

unix_time now() { return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()); }

// [source]
// A fetch that has begun. If `https_request` throws, the key_fetch is destroyed without an answer: the fetch has
// failed.
asio::awaitable<void> fetch(asio::ssl::context& trusted, std::string url, jwt::key_fetch keys) {
    auto const answer = co_await https_request(trusted, url);
    auto const taken = keys.finish({.status = static_cast<int>(answer.result_int()),
                                    .body = answer.body(),
                                    .cache_control = answer[boost::beast::http::field::cache_control],
                                    .age = answer[boost::beast::http::field::age]},
                                   now());
    if (!taken) std::cerr << url << ": " << taken.error().message() << '\n'; // the former keys stay in use
}

// A verifier that follows the issuer's keys. Where they are is in the issuer's metadata, which is read once.
asio::awaitable<result<jwt::verifier<es256, rs256>>> make_verifier(asio::ssl::context& trusted, std::string issuer) {
    auto const metadata = co_await https_request(trusted, oidc::discovery_url(issuer));
    if (metadata.result() != boost::beast::http::status::ok) co_return errc::key_source_unavailable;
    auto const found = oidc::read_discovery(metadata.body(), issuer);
    if (!found) co_return found.error();
    auto const loop = co_await asio::this_coro::executor;
    auto const begin = [loop, &trusted, url = found->jwks_uri](jwt::key_fetch keys) {
        asio::co_spawn(loop, fetch(trusted, url, std::move(keys)), [url](std::exception_ptr why) {
            try {
                if (why) std::rethrow_exception(why);
            } catch (std::exception const& e) { std::cerr << url << ": " << e.what() << '\n'; }
        });
    };
    co_return jwt::verifier<es256, rs256>{jwt::key_source{.fetch = begin},
                                          {.issuer = issuer, .audience = "orders", .type = "at+jwt"}};
}
// [/source]

// [serve]
// Each token is answered when it can be: those that need new keys after the fetch, the others at once.
asio::awaitable<void> serve(jwt::verifier<es256, rs256> const& access) {
    asio::posix::stream_descriptor in{co_await asio::this_coro::executor, ::dup(STDIN_FILENO)};
    std::string text;
    for (int number = 1;; ++number) {
        auto const size = co_await asio::async_read_until(in, asio::dynamic_buffer(text), '\n', asio::use_awaitable);
        access.verify_later(text.substr(0, size - 1), now(), [number](result<jwt::token> token) {
            std::cout << number << ' ' << (token ? token->subject() : token.error().name()) << std::endl;
        });
        text.erase(0, size);
    }
}
// [/serve]

// Lives in `access` as long as the loop runs, since tokens may wait in it.
asio::awaitable<void> story(asio::ssl::context& trusted, std::string issuer,
                            std::optional<jwt::verifier<es256, rs256>>& access) {
    auto made = co_await make_verifier(trusted, issuer);
    if (!made) {
        std::cerr << issuer << ": " << made.error().message() << '\n';
        co_return;
    }
    access.emplace(*std::move(made));
    access->refresh(now()); // begins the first fetch; later, a timer calls it
    try {
        co_await serve(*access);
    } catch (boost::system::system_error const&) {} // the end of stdin
}

} // namespace

int main(int argc, char** argv) {
    if (argc != 3) {
        std::cerr << "usage: with_beast ISSUER CA_FILE\n";
        return 2;
    }
    asio::ssl::context trusted{asio::ssl::context::tls_client};
    trusted.load_verify_file(argv[2]); // or set_default_verify_paths(): the system's authorities
    trusted.set_verify_mode(asio::ssl::verify_peer);
    asio::io_context loop{1};
    std::optional<jwt::verifier<es256, rs256>> access;
    asio::co_spawn(loop, story(trusted, argv[1], access), [&](std::exception_ptr why) {
        try {
            if (why) std::rethrow_exception(why);
        } catch (std::exception const& e) { std::cerr << argv[1] << ": " << e.what() << '\n'; }
    });
    loop.run();
    return access ? 0 : 1;
}

#include "server.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <boost/beast/ssl.hpp>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <iostream>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <tuple>
#include <utility>

namespace web {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using tcp = asio::ip::tcp;
using boost::system::error_code;
using namespace std::chrono_literals;

namespace {

using stream = beast::ssl_stream<beast::tcp_stream>;
using parser = http::request_parser<http::string_body>;

constexpr std::uint32_t max_header = 32 * 1024;
constexpr std::uint64_t max_body = 64 * 1024;
constexpr std::size_t max_drained = 1024 * 1024; // of what is refused
constexpr auto pause = 100ms;                    // until a descriptor may be there again
constexpr auto no_throw = asio::as_tuple(asio::use_awaitable);

/// The connections that there are, all and by address.
class connections {
public:
    explicit connections(std::size_t max) : max_{max} {}

    /// One of them, for as long as it lives.
    class place {
    public:
        place(connections& all, std::string address) : all_{&all}, address_{std::move(address)} {}
        place(place&& other) noexcept : all_{std::exchange(other.all_, nullptr)}, address_{std::move(other.address_)} {}
        place& operator=(place&&) = delete;
        ~place() {
            if (all_) all_->leave(address_);
        }
        std::string const& address() const { return address_; }

    private:
        connections* all_;
        std::string address_;
    };

    /// A place for another one, or none where all are taken, or half of them by this address.
    std::optional<place> enter(std::string address) {
        std::lock_guard const lock{mutex_};
        if (count_ >= max_) return std::nullopt;
        auto& theirs = by_address_[address];
        if (theirs >= std::max<std::size_t>(max_ / 2, 1)) return std::nullopt;
        ++theirs;
        ++count_;
        return std::optional<place>{std::in_place, *this, std::move(address)};
    }

private:
    void leave(std::string const& address) {
        std::lock_guard const lock{mutex_};
        --count_;
        if (auto const theirs = by_address_.find(address); --theirs->second == 0) by_address_.erase(theirs);
    }

    std::mutex mutex_;
    std::map<std::string, std::size_t> by_address_;
    std::size_t count_ = 0, max_;
};

/// Counts one up for as long as it lives.
class counted {
public:
    explicit counted(std::atomic<std::size_t>& counter) : counter_{&counter} { ++counter; }
    counted(counted const&) = delete;
    counted& operator=(counted const&) = delete;
    ~counted() { --*counter_; }

private:
    std::atomic<std::size_t>* counter_;
};

struct server {
    server_policy const& policy;
    handler const& site;
    connections all{policy.connections};
    std::atomic<std::size_t> begun = 0, slow = 0; // requests
    std::atomic<bool> ending = false;
    asio::io_context loop{static_cast<int>(policy.threads)};
    asio::ssl::context tls{asio::ssl::context::tls_server};
    asio::thread_pool slow_pool{policy.slow_threads};
};

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

/// What is answered to a request that cannot be read; 0: nothing, nobody is there to read it.
int refusal_of(error_code why) {
    static error_code const of_http = http::make_error_code(http::error::bad_method);
    if (why == http::error::header_limit || why == http::error::buffer_overflow) return 431;
    if (why == http::error::body_limit) return 413;
    if (why == http::error::end_of_stream || why == http::error::partial_message) return 0;
    return why.category() == of_http.category() ? 400 : 0;
}

/// Writes the answer; of one to HEAD only its fields, which say how long the rest would be.
asio::awaitable<void> write(server const& s, stream& client, response made, unsigned version, bool more, bool head) {
    http::response<http::string_body> out{http::int_to_status(static_cast<unsigned>(made.status)), version};
    for (auto const& f : made.fields) out.insert(f.name, f.value);
    out.keep_alive(more);
    if (head) {
        out.content_length(made.body.size());
    } else {
        out.body() = std::move(made.body);
        out.prepare_payload();
    }
    beast::get_lowest_layer(client).expires_after(s.policy.patience);
    co_await http::async_write(client, out, asio::use_awaitable);
}

/// Says why, and takes what still comes for a while: were it closed before, the client might never read the answer.
asio::awaitable<void> refuse(server const& s, stream& client, beast::flat_buffer& buffer, int status) {
    response why{.status = status};
    why.set("Content-Type", "text/plain; charset=utf-8");
    why.body = std::string{http::obsolete_reason(http::int_to_status(static_cast<unsigned>(status)))} + "\n";
    co_await write(s, client, std::move(why), 11, false, false);
    buffer.clear();
    for (std::size_t drained = 0; drained < max_drained;) {
        auto const [error, size] = co_await client.async_read_some(buffer.prepare(16 * 1024), no_throw);
        if (error) break;
        drained += size;
    }
}

asio::awaitable<response> answer_slowly(server& s, request in) {
    counted const here{s.slow};
    if (s.slow > s.policy.slow_requests) {
        response busy{.status = 503};
        busy.set("Retry-After", "1");
        co_return busy;
    }
    auto const work = [&]() -> asio::awaitable<response> { co_return s.site.answer(in); };
    co_return co_await asio::co_spawn(s.slow_pool, work, asio::use_awaitable);
}

/// One request and its answer. Whether another one may follow.
asio::awaitable<bool> exchange(server& s, stream& client, beast::flat_buffer& buffer, std::string const& ip) {
    auto& socket = beast::get_lowest_layer(client);
    parser in;
    in.header_limit(max_header);
    in.body_limit(max_body);
    socket.expires_after(s.policy.idle);
    auto [error, size] = co_await http::async_read_header(client, buffer, in, no_throw);
    counted const here{s.begun};
    if (!error && in.get().version() == 11 && in.get().count(http::field::host) != 1) // RFC 9112 section 3.2
        error = http::error::bad_field;
    if (!error && !in.is_done()) {
        socket.expires_after(s.policy.patience);
        if (beast::iequals(in.get()[http::field::expect], "100-continue")) {
            http::response<http::empty_body> const go_on{http::status::continue_, in.get().version()};
            co_await http::async_write(client, go_on, asio::use_awaitable);
        }
        std::tie(error, size) = co_await http::async_read(client, buffer, in, no_throw);
    }
    if (error) {
        if (auto const status = refusal_of(error)) co_await refuse(s, client, buffer, status);
        co_return false;
    }

    bool const more = in.get().keep_alive() && !s.ending, head = in.get().method() == http::verb::head;
    auto const version = in.get().version();
    auto whole = read(in.release(), ip);
    response made;
    if (s.site.is_slow(whole)) made = co_await answer_slowly(s, std::move(whole));
    else made = s.site.answer(whole);
    co_await write(s, client, std::move(made), version, more, head);
    co_return more;
}

asio::awaitable<void> talk(server& s, stream client, connections::place place) {
    auto& socket = beast::get_lowest_layer(client);
    socket.expires_after(s.policy.patience);
    co_await client.async_handshake(asio::ssl::stream_base::server, asio::use_awaitable);
    beast::flat_buffer buffer;
    while (co_await exchange(s, client, buffer, place.address())) {}
    socket.expires_after(s.policy.patience);
    co_await client.async_shutdown(asio::use_awaitable);
}

void begin(server& s, tcp::socket socket) {
    error_code gone;
    auto const from = socket.remote_endpoint(gone);
    if (gone) return;
    auto place = s.all.enter(from.address().to_string());
    if (!place) return;
    auto const there = socket.get_executor();
    asio::co_spawn(there, talk(s, stream{beast::tcp_stream{std::move(socket)}, s.tls}, *std::move(place)),
                   [](std::exception_ptr why) {
                       try {
                           if (why) std::rethrow_exception(why);
                       } catch (boost::system::system_error const&) { // the client went away, or never spoke TLS
                       } catch (std::exception const& e) { std::cerr << "connection: " << e.what() << '\n'; }
                   });
}

asio::awaitable<void> accept(server& s, tcp::acceptor& listener) {
    asio::steady_timer timer{listener.get_executor()};
    while (listener.is_open()) {
        try {
            auto [error, socket] = co_await listener.async_accept(asio::make_strand(s.loop), no_throw);
            if (!error) {
                begin(s, std::move(socket));
                continue;
            }
        } catch (std::exception const& e) { std::cerr << "connection: " << e.what() << '\n'; }
        // No descriptor, or no memory: both come back as connections end.
        timer.expires_after(pause);
        co_await timer.async_wait(no_throw);
    }
}

/// Waits for a signal, takes no more connections, and ends when what was begun is answered.
asio::awaitable<void> wait_for_end(server& s, tcp::acceptor& listener, asio::signal_set& signals) {
    co_await signals.async_wait(no_throw);
    signals.async_wait([&s](error_code, int) { s.loop.stop(); }); // the second one
    listener.close();
    s.ending = true;
    asio::steady_timer timer{listener.get_executor()};
    auto const latest = std::chrono::steady_clock::now() + s.policy.patience;
    while (s.begun != 0 && std::chrono::steady_clock::now() < latest) {
        timer.expires_after(20ms);
        co_await timer.async_wait(no_throw);
    }
    s.loop.stop();
}

} // namespace

void serve(server_policy const& policy, handler const& site, std::function<void()> const& ready) {
    server s{.policy = policy, .site = site};
    s.tls.set_options(asio::ssl::context::default_workarounds | asio::ssl::context::no_tlsv1 |
                      asio::ssl::context::no_tlsv1_1);
    s.tls.use_certificate_chain(asio::buffer(policy.certificate));
    s.tls.use_private_key(asio::buffer(policy.key), asio::ssl::context::pem);

    auto const one_at_a_time = asio::make_strand(s.loop);
    tcp::acceptor listener{one_at_a_time, {asio::ip::address_v4::loopback(), policy.port}};
    asio::signal_set signals{one_at_a_time, SIGINT, SIGTERM};
    if (auto const before = std::signal(SIGHUP, SIG_DFL); before == SIG_IGN) std::signal(SIGHUP, SIG_IGN); // nohup
    else signals.add(SIGHUP);
    asio::co_spawn(one_at_a_time, accept(s, listener), asio::detached);
    asio::co_spawn(one_at_a_time, wait_for_end(s, listener, signals), asio::detached);
    ready();

    {
        std::vector<std::jthread> threads;
        for (unsigned i = 1; i < policy.threads; ++i) threads.emplace_back([&] { s.loop.run(); });
        s.loop.run();
    }
    s.slow_pool.stop();
    s.slow_pool.join();
}

} // namespace web

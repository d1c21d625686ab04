// A small site whose logins are bound to the device: ./dev demo
#include "server.hpp"
#include "site.hpp"

#include <signet/codec/base64url.hpp>
#include <signet/store/redis.hpp>
#include <signet/store/sqlite.hpp>

#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <iostream>
#include <memory>

using namespace signet;

namespace {

constexpr std::string_view usage = R"(usage: demo [OPTION...]

  --port N          where to listen on 127.0.0.1 (8443)
  --origin URL      the address as browsers see it (https://localhost:PORT)
  --data FOLDER     keys, certificate and database ($XDG_STATE_HOME/signet-demo, or ~/.local/state/signet-demo)
  --redis PORT      use the Redis at this port instead of SQLite; several instances can share it and FOLDER
  --cookie-lifetime N   lifetime of the bound cookie in seconds (600); less than 240 is for tests only
  --admin-password TEXT   the password of a new account "admin"; without it, a random one is made and printed
  --connections N   the largest number of connections (512); one address may have half of them
  --timeout N       seconds that a client has for a handshake, a body or an answer (10), and three times that for a header
  --pages FOLDER    the folder of the HTML files
)";

// Of this user: in a folder that all share, somebody else may have made it before.
std::filesystem::path default_folder() {
    for (auto const& [variable, below] : {std::pair{"XDG_STATE_HOME", ""}, std::pair{"HOME", ".local/state"}})
        if (char const* const base = std::getenv(variable); base && *base == '/')
            return std::filesystem::path{base} / below / "signet-demo";
    return std::filesystem::temp_directory_path() / ("signet-demo-" + std::to_string(::geteuid()));
}

struct options {
    unsigned short port = 8443;
    std::string origin{}, admin_password{};
    std::filesystem::path data = default_folder(), pages = SIGNET_DEMO_PAGES;
    int redis = 0, connections = 512, timeout = 10;
    std::chrono::seconds cookie_lifetime{600};
};

bool parse(int argc, char** argv, options& o) {
    for (int i = 1; i != argc; i += 2) {
        std::string_view const name{argv[i]};
        if (i + 1 == argc) return false;
        std::string const value{argv[i + 1]};
        if (name == "--port") o.port = static_cast<unsigned short>(std::atoi(value.c_str()));
        else if (name == "--origin") o.origin = value;
        else if (name == "--data") o.data = value;
        else if (name == "--redis") o.redis = std::atoi(value.c_str());
        else if (name == "--cookie-lifetime") o.cookie_lifetime = std::chrono::seconds{std::atoi(value.c_str())};
        else if (name == "--admin-password") o.admin_password = value;
        else if (name == "--connections") o.connections = std::atoi(value.c_str());
        else if (name == "--timeout") o.timeout = std::atoi(value.c_str());
        else if (name == "--pages") o.pages = value;
        else return false;
    }
    if (o.origin.empty()) o.origin = "https://localhost:" + std::to_string(o.port);
    return o.port != 0 && o.connections > 0 && o.timeout > 0 && o.origin.starts_with("https://");
}

unix_time now() { return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()); }

std::unique_ptr<web::any_store> open_store(options const& o) {
    if (o.redis != 0) {
        store::redis_params where;
        where.port = o.redis;
        store::redis db{where};
        // Early, since a server's first user has to wait a second. If it is down, it is asked again later.
        (void)db.connect(now());
        return std::make_unique<web::store_of<store::redis>>(std::move(db));
    }
    auto db = store::sqlite::open({.path = (o.data / "site.db").string()});
    if (!db) return nullptr;
    return std::make_unique<web::store_of<store::sqlite>>(*std::move(db));
}

// The first administrator.
void make_admin(web::site const& site, options const& o) {
    std::array<std::uint8_t, 12> random;
    system_random().fill(random);
    auto const password = o.admin_password.empty() ? codec::base64url_encode(random) : o.admin_password;
    if (site.accounts().add("admin", password, true, now()) && o.admin_password.empty())
        std::cout << "Administrator: admin, password: " << password << '\n';
}

int start(options const& o) {
    if (!web::make_private_folder(o.data))
        return std::cerr << o.data << " is not a folder that belongs to this user\n", 1;
    auto const host = o.origin.substr(8, o.origin.find_first_of(":/", 8) - 8);
    auto const cert = web::load_certificate(o.data, host);
    auto keys = web::load_keys(o.data);
    auto const db = open_store(o);
    if (!cert || !keys || !db) return std::cerr << "cannot use " << o.data << '\n', 1;

    web::pages pages{o.pages};
    web::site site{{.origin = o.origin, .cookie_lifetime = o.cookie_lifetime}, *std::move(keys), *db, pages};
    make_admin(site, o);
    web::handler const handler{.answer = [&](web::request const& in) { return site.answer(in, now()); },
                               .is_slow = web::site::is_slow};
    web::server_policy const policy{.port = o.port,
                                    .connections = static_cast<std::size_t>(o.connections),
                                    .patience = std::chrono::seconds{o.timeout},
                                    .idle = std::chrono::seconds{3 * o.timeout},
                                    .certificate = cert->pem,
                                    .key = cert->key_pem};
    web::serve(policy, handler, [&] {
        std::cout
            << o.origin << "/\n\n"
            << "The demo made its own certificate, so browsers warn about it, and Chromium does not bind sessions unless it trusts the\n"
            << "certificate. This command makes Chromium trust it and bind sessions, even without secure hardware for keys:\n\n"
            << "  chromium --user-data-dir=" << (o.data / "chromium").string() << " \\\n"
            << "    --ignore-certificate-errors-spki-list=" << cert->spki_sha256 << " \\\n"
            << "    --enable-features=DeviceBoundSessions,EnableBoundSessionCredentialsSoftwareKeysForManualTesting "
            << o.origin << "/\n\n"
            << "Other browsers keep a key in IndexedDB and sign with it instead. Press Ctrl-C to stop the site."
            << std::endl;
    });
    return 0;
}

} // namespace

int main(int argc, char** argv) {
    std::signal(SIGPIPE, SIG_IGN); // where nobody reads what it says
    options o;
    if (!parse(argc, argv, o)) return std::cerr << usage, 2;
    try {
        return start(o);
    } catch (std::exception const& e) { return std::cerr << e.what() << '\n', 1; }
}

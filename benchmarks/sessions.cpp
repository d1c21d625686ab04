// Sessions: a step of the lifecycle, looking a session up and judging it, on stores of growing size and of all kinds.
#include "harness.hpp"
#include "large_pages.hpp"

#include <signet/codec/base64url.hpp>
#include <signet/proof/record_key.hpp>
#include <signet/session.hpp>
#include <signet/store.hpp>
#include <signet/store/redis.hpp>
#include <signet/store/sqlite.hpp>
#include <signet/testing/fixed_random.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <memory>
#include <vector>

#include <unistd.h>

using namespace signet;
using namespace std::chrono_literals;

namespace {

constexpr unix_time now{1'800'000'000s};

session::login_sessions sessions_of(session::session_policy policy = {.user_agent = session::binding_mode::off}) {
    return *session::login_sessions::make("tenant", "shop", *mac_key::generate(alg::hs256), policy);
}

// Octets of this process that lie in memory.
std::size_t resident() {
    std::ifstream file{"/proc/self/statm"};
    std::size_t all = 0, there = 0;
    file >> all >> there;
    return there * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

void steps(bench::suite& suite) {
    using namespace session;
    struct one {
        session_state state;
        session_event event;
    };
    static std::vector<one> pairs;
    store::detail::version_walk dice{7};
    for (int i = 0; i != 4096; ++i)
        pairs.push_back({static_cast<session_state>(dice.next() % enum_count<session_state>),
                         static_cast<session_event>(dice.next() % enum_count<session_event>)});
    auto& table = suite.table("a step of the session lifecycle, random states and events");
    static std::size_t a = 0, b = 0;
    table.add("reading the pair alone", [] { return pairs[a++ % pairs.size()].state <= session_state::ended; });
    table.add("next (<= 10 ns)", [] {
        auto const& p = pairs[b++ % pairs.size()];
        auto const to = session_lifecycle.next(p.state, p.event);
        bench::keep(to);
        return p.state <= session_state::ended;
    });
}

// One store of so many sessions, and cookies of some of them in an order that no cache foresees.
struct population {
    large_pages pages;
    store::memory db;
    session::login_sessions sessions = sessions_of();
    std::vector<std::string> cookies;
    std::size_t octets_each = 0, at = 0;

    population(std::size_t many, bool in_large_pages)
        : pages{in_large_pages ? many * 450 + (std::size_t{16} << 20) : 1},
          db{{.records = many + 1000, .bytes = (many + 1000) * 512},
             in_large_pages ? pages.resource() : std::pmr::get_default_resource()} {
        testing::fixed_random rng{many};
        auto const before = resident();
        auto const every = many / 65'536 + 1;
        for (std::size_t i = 0; i != many; ++i) {
            auto const visit = run(sessions.begin_anonymous({.device = "Firefox on Debian"}, now, rng), db);
            if (!visit) std::abort();
            if (i % every == 0) cookies.push_back(visit->cookie);
        }
        octets_each = (resident() - before) / many;
        store::detail::version_walk dice{3};
        for (std::size_t i = cookies.size(); i > 1; --i) std::swap(cookies[i - 1], cookies[dice.next() % i]);
    }
    bool find_session() {
        auto op = sessions.find(cookies[at++ % cookies.size()], {}, now + 1s);
        while (auto const* ask = op.next()) op.answer(db.execute(*ask));
        return !op.refused();
    }
    bool find_alone() { // what any session store would have to do
        std::array<std::uint8_t, 48> octets;
        if (!codec::base64url_decode(cookies[at++ % cookies.size()], octets)) return false;
        std::array<std::uint8_t, 2048> buffer;
        static auto const prefix = proof::record_key("session", {"tenant"});
        store::record_key key{};
        std::copy_n(prefix.begin(), 16, key.begin());
        std::copy_n(octets.begin(), 16, key.begin() + 16);
        return db.execute(store::find(key, buffer, now)).outcome == store::outcome::done;
    }
};

void growth(bench::suite& suite) {
    static std::vector<std::unique_ptr<population>> all;
    std::vector<std::size_t> sizes{1'000, 10'000, 100'000, 1'000'000};
    if (suite.quick()) sizes = {1'000, 10'000};
    else if (static_cast<std::size_t>(::sysconf(_SC_AVPHYS_PAGES)) * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE)) >
             std::size_t{14} << 30)
        sizes.push_back(10'000'000);
    for (auto many : sizes) all.push_back(std::make_unique<population>(many, false));
    auto& table = suite.table("look-up and decision, sessions in memory (" + std::to_string(all.back()->octets_each) +
                                  " octets a session)",
                              "sessions");
    for (auto many : sizes) all.push_back(std::make_unique<population>(many, true));
    for (std::size_t i = 0; i != all.size(); ++i) {
        auto* p = all[i].get();
        auto const many = sizes[i % sizes.size()];
        auto const x = static_cast<double>(many);
        auto const where = i < sizes.size() ? std::string{} : std::string{" in large pages"};
        auto const find = "store find" + where + ", " + std::to_string(many);
        table.add(find, [p] { return p->find_alone(); }, {.x = x, .series = "store find" + where});
        table.add("use" + where + ", " + std::to_string(many), [p] { return p->find_session(); },
                  {.x = x, .against = find, .series = "use" + where});
    }
}

template <class Store> void on(bench::suite& suite, std::string const& name, Store& db) {
    static auto const sessions = sessions_of();
    auto const in = run(sessions.log_in({.user = "anna-" + name}, {}, now), db);
    if (!in) std::abort();
    auto& table = suite.table("a session used: " + name);
    bench::about const waits{.wall = true};
    auto const cookie = std::make_shared<std::string>(in->cookie);
    auto const buffer = std::make_shared<bytes>(4096);
    table.add(
        "two finds alone",
        [&db, buffer] {
            auto const one = db.execute(store::find(store::record_key{1}, *buffer, now));
            auto const two = db.execute(store::find(store::record_key{2}, *buffer, now));
            return one.outcome == store::outcome::not_applied && two.outcome == store::outcome::not_applied;
        },
        waits);
    table.add(
        "use",
        [&db, cookie] {
            auto op = sessions.authenticate(*cookie, {}, now + 1s);
            while (auto const* ask = op.next()) op.answer(db.execute(*ask));
            return !op.refused();
        },
        waits);
    table.add(
        "use, with a touch written",
        [&db, name, own = std::string{}, at = now]() mutable {
            at += 60s;
            if (at - now > 300h ||
                own.empty()) { // used so fast it comes to its end: begin anew, before the store forgets the others
                at = now;
                auto const again = run(sessions.log_in({.user = "berta-" + name}, {}, at, own), db);
                if (!again) return false;
                own = again->cookie;
                at += 60s;
            }
            auto op = sessions.authenticate(own, {}, at);
            while (auto const* ask = op.next()) op.answer(db.execute(*ask));
            return !op.refused();
        },
        waits);
}

} // namespace

int main(int argc, char** argv) {
    (void)crypto::sha256({}); // so that Botan's statics outlive ours
    bench::suite suite{argc, argv, "sessions"};
    steps(suite);
    growth(suite);
    auto const file =
        std::filesystem::temp_directory_path() / ("signet-bench-sessions-" + std::to_string(::getpid()) + ".db");
    auto lite = store::sqlite::open({.path = file.string()});
    if (!lite) return 1;
    store::memory memory;
    on(suite, "memory", memory);
    on(suite, "SQLite", *lite);
    auto const result = suite.finish();
    for (auto const* ending : {"", "-wal", "-shm"}) std::filesystem::remove(file.string() + ending);
    return result;
}

// Random histories of sessions against a plain model that shares no code with signet. A failure prints its seed.
#include <signet/session/login_session.hpp>
#include <signet/store/memory.hpp>
#include <signet/testing/faulty_store.hpp>
#include <signet/testing/fixed_random.hpp>

#include "support/long_run.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <cstdlib>
#include <map>
#include <string>
#include <vector>

namespace {

// ---- the model: what a user would expect, in plain integers

struct plain_session {
    std::string user;
    long made = 0, ends = 0, cap = 0;
    long seen_exact = 0;            // the last use that was allowed
    long seen_sure = 0;             // the last one whose writing down no fault can have hit
    bool ended = false;             // by somebody, for good
    bool doubtful = false;          // a call about it failed: it may have been ended or not
    std::string cookie;             // the newest that was handed out
    std::vector<std::string> older; // that may still work for the overlap
    std::vector<std::string> dead;  // that must never work again
};

struct numbers {
    std::uint64_t at;
    std::uint64_t next() {
        auto z = at += 0x9e3779b97f4a7c15;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        return z ^ (z >> 31);
    }
    std::size_t below(std::size_t n) { return static_cast<std::size_t>(next() % n); }
};

// Seconds; the policy that both sides are told.
constexpr long lifetime = 10'000, absolute = 40'000, idle = 2'000, touch = 100, renewal = 1'500, overlap = 30;
constexpr std::size_t most = 4;

} // namespace

using namespace signet;
using namespace signet::session;

namespace {

struct history {
    numbers dice;
    testing::fixed_random rng;
    store::memory db;
    testing::faulty_store<store::memory> flaky{db};
    login_sessions sessions;
    std::map<std::string, plain_session> plain; // by sid
    long now = 1'800'000'000;
    std::uint64_t seed;
    std::size_t lives_checked = 0, dead_checked = 0, steps_done = 0;

    explicit history(std::uint64_t s)
        : dice{s},
          rng{s},
          sessions{*login_sessions::make("tenant", "shop", *mac_key::generate(alg::hs256), policy(s % 2 == 0))},
          seed{s} {}

    static session_policy policy(bool checks_always) {
        session_policy p;
        p.profile = {.name = "model",
                     .lifetime = std::chrono::seconds{lifetime},
                     .absolute = std::chrono::seconds{absolute},
                     .idle = std::chrono::seconds{idle},
                     .renewal = std::chrono::seconds{renewal},
                     .overlap = std::chrono::seconds{overlap},
                     .touch_every = std::chrono::seconds{touch}};
        p.max_sessions = most;
        p.when_full = session_limit::end_oldest;
        if (checks_always) p.check_roster = roster_check::always;
        return p;
    }
    unix_time time() const { return unix_time{std::chrono::seconds{now}}; }
    std::string user() { return std::string(1, static_cast<char>('a' + dice.below(3))); }

    // Over for certain? A call whose outcome is not known may have given it more time. Between "certainly not" and
    // "certainly" lies the accuracy of the touch.
    bool over(plain_session const& p) const { return now >= p.ends || now >= p.cap || now - p.seen_exact >= idle; }
    bool surely_over(plain_session const& p) const { return p.ended || (over(p) && !p.doubtful); }
    bool maybe_idle(plain_session const& p) const { return now - p.seen_sure >= idle - touch; }

    std::string pick() {
        if (plain.empty()) return {};
        auto at = plain.begin();
        std::advance(at, static_cast<long>(dice.below(plain.size())));
        return at->first;
    }
    bool fault_sometimes() {
        bool const fault = dice.below(20) == 0;
        if (fault)
            flaky.fail_next(static_cast<testing::store_fault>(1 + dice.below(3)), static_cast<unsigned>(dice.below(6)));
        else flaky.fail_next(testing::store_fault::none);
        return fault;
    }

    void end_in_model(std::string const& sid) {
        auto const at = plain.find(sid);
        if (at != plain.end()) at->second.ended = true;
    }
    void doubt(std::string const& user_name) {
        for (auto& [sid, p] : plain)
            if (p.user == user_name) p.doubtful = true;
    }

    void log_in() {
        auto const who = user();
        std::string const old_sid = dice.below(2) ? pick() : std::string{};
        std::string const old = old_sid.empty() ? std::string{} : plain[old_sid].cookie;
        fault_sometimes();
        auto const in = run(sessions.log_in({.user = who}, {}, time(), old, rng), flaky);
        if (!in) { // nobody has the new id; what was to end may have ended
            doubt(who);
            if (!old_sid.empty()) plain[old_sid].doubtful = true;
            return;
        }
        for (auto const& sid : in->ended) end_in_model(sid);
        if (!old_sid.empty() && !plain[old_sid].doubtful)
            end_in_model(old_sid); // else its newest cookie may have been lost
        plain_session p;
        p.user = who, p.made = p.seen_exact = p.seen_sure = now, p.ends = now + lifetime, p.cap = now + absolute,
        p.cookie = in->cookie;
        plain[in->session.sid()] = p;
    }

    void use(std::string const& sid) {
        auto& p = plain[sid];
        bool const fault = fault_sometimes();
        auto const used = run(sessions.authenticate(p.cookie, {}, time()), flaky);
        if (!used && http_status(used.error().code) == 503) return;
        CAPTURE(seed);
        CAPTURE(sid);
        CAPTURE(steps_done);
        auto const refused = used ? std::string_view{"nothing"} : name(used.error().code);
        CAPTURE(refused);
        if (surely_over(p)) {
            CHECK_FALSE(used); // no ended session is usable
            ++dead_checked;
        } else if (!p.doubtful && !over(p) && !maybe_idle(p)) {
            CHECK(used); // no live one is lost
            ++lives_checked;
        }
        if (!used) return;
        CHECK(used->session.user() == p.user);
        p.seen_exact = std::max(p.seen_exact, now);
        if (!fault)
            p.seen_sure = std::max(p.seen_sure, now); // written down, or not `touch` seconds after the last writing
        if (!used->new_cookie.empty() && dice.below(4) != 0) { // one answer in four is lost on its way
            p.older.push_back(p.cookie);
            p.cookie = used->new_cookie;
        }
    }

    void use_dead_cookie(std::string const& sid) {
        auto& p = plain[sid];
        if (p.dead.empty()) return;
        auto const used = run(sessions.authenticate(p.dead[dice.below(p.dead.size())], {}, time()), db);
        CAPTURE(seed);
        CHECK_FALSE(used);
        ++dead_checked;
    }

    void step_up(std::string const& sid) {
        auto& p = plain[sid];
        fault_sometimes();
        auto const up = run(sessions.step_up(p.cookie, {.user = p.user, .level = 2}, {}, time(), rng), flaky);
        CAPTURE(seed);
        if (surely_over(p)) CHECK_FALSE(up);
        if (up) {
            p.dead.push_back(p.cookie); // D4: at once
            for (auto& old : p.older) p.dead.push_back(old);
            p.older.clear();
            p.cookie = up->cookie;
            p.seen_exact = p.seen_sure = now, p.ends = now + lifetime; // the cap counts from the login
        } else if (http_status(up.error().code) == 503) {
            p.doubtful = true; // the swap may have happened, and its cookie is lost
        }
    }

    void extend(std::string const& sid) {
        auto& p = plain[sid];
        fault_sometimes();
        auto const longer = run(sessions.extend(p.cookie, {}, time()), flaky);
        CAPTURE(seed);
        if (surely_over(p)) CHECK_FALSE(longer);
        if (longer) {
            p.ends = std::max(p.ends, now + lifetime);
            p.seen_exact = std::max(p.seen_exact, now);
            p.seen_sure = std::max(p.seen_sure, now);
        } else if (http_status(longer.error().code) == 503) {
            p.doubtful = true;
        }
    }

    void log_out(std::string const& sid) {
        auto& p = plain[sid];
        fault_sometimes();
        auto const out = run(sessions.log_out(p.cookie, time()), flaky);
        if (out) p.ended = p.doubtful ? p.ended : true;
        else p.doubtful = true;
    }

    void revoke(std::string const& who) {
        fault_sometimes();
        auto const all = run(sessions.revoke_user(who, time()), flaky);
        for (auto& [sid, p] : plain)
            if (p.user == who) {
                if (all) p.ended = true;
                else p.doubtful = true;
            }
    }

    // A request that read before a logout and writes after it.
    void race(std::string const& sid) {
        auto& p = plain[sid];
        if (p.ended || p.doubtful) return;
        auto late = sessions.authenticate(p.cookie, {}, time());
        for (int i = 0; i != 2; ++i)
            if (auto const* ask = late.next()) late.answer(db.execute(*ask));
        REQUIRE(run(sessions.log_out(p.cookie, time()), db));
        p.ended = true;
        while (auto const* ask = late.next()) late.answer(db.execute(*ask));
        auto const after = run(sessions.authenticate(p.cookie, {}, time()), db);
        CAPTURE(seed);
        CHECK_FALSE(after);
    }

    // A login that began before the user's sessions were ended, and goes on after.
    void race_login(std::string const& who) {
        auto late = sessions.log_in({.user = who}, {}, time(), {}, rng);
        for (auto n = 1 + dice.below(4); n != 0 && late.next(); --n) late.answer(db.execute(*late.next()));
        bool const all = dice.below(2) == 0;
        auto const there = pick();
        auto const keep = !there.empty() && plain[there].user == who ? there : std::string{};
        // Sometimes by a server whose clock is behind.
        auto const at = unix_time{std::chrono::seconds{now - static_cast<long>(dice.below(2) * 250)}};
        if (all) REQUIRE(run(sessions.revoke_user(who, at), db));
        else REQUIRE(run(sessions.revoke_others(who, keep, at), db));
        while (auto const* ask = late.next()) late.answer(db.execute(*ask));
        for (auto& [sid, p] : plain)
            if (p.user == who && (all || sid != keep)) p.ended = true;
        CAPTURE(seed);
        if (auto const in = late.get()) CHECK_FALSE(run(sessions.authenticate(in->cookie, {}, time()), db));
    }

    void lists(std::string const& who) {
        auto const all = run(sessions.list(who, time()), db);
        CAPTURE(seed);
        REQUIRE(all);
        CHECK(all->size() <= most);
        for (auto const& s : *all) {
            auto const at = plain.find(s.sid());
            if (at == plain.end()) continue; // one that was never handed out
            CHECK_FALSE(at->second.ended);
            CHECK(at->second.user == who);
        }
        for (auto const& [sid, p] : plain) { // and every live one is on it
            if (p.user != who || p.ended || p.doubtful || over(p)) continue;
            bool listed = false;
            for (auto const& s : *all) listed = listed || s.sid() == sid;
            CHECK(listed);
        }
    }

    void step() {
        ++steps_done;
        auto const what = dice.below(100);
        if (what < 18 || plain.empty()) return log_in();
        auto const sid = pick();
        if (what < 55) return use(sid);
        if (what < 60) return use_dead_cookie(sid);
        if (what < 66) return step_up(sid);
        if (what < 72) return extend(sid);
        if (what < 76) return log_out(sid);
        if (what < 78) return revoke(user());
        if (what < 79) return race(sid);
        if (what < 80) return race_login(user());
        if (what < 84) return lists(user());
        // Time: mostly forwards, now and then a jump, sometimes back.
        auto const jump = dice.below(20);
        if (jump == 0) now -= static_cast<long>(dice.below(300));
        else if (jump < 3) now += static_cast<long>(dice.below(3'000));
        else now += static_cast<long>(dice.below(200));
        if (dice.below(8) == 0) forget_old();
    }

    // What cannot come back even if the clock does leaves the model.
    void forget_old() {
        for (auto at = plain.begin(); at != plain.end();)
            if (now > at->second.cap + 5'000 || (at->second.ended && dice.below(4) == 0) ||
                (at->second.doubtful && dice.below(3) == 0))
                at = plain.erase(at);
            else ++at;
    }
};

} // namespace

TEST_CASE("RULES C, D: random histories against a plain model: no ended session is usable, no live one is lost" *
          long_run()) {
    auto const steps = is_long_run() ? 1'000'000 : 100'000;
    auto const* given = std::getenv("SIGNET_SEED");
    std::uint64_t seed = given ? std::strtoull(given, nullptr, 10) : 20'261'121;
    std::size_t lives = 0, dead = 0;
    for (int done = 0; done < steps; done += 2'000, ++seed) {
        history h{seed};
        for (int i = 0; i != 2'000; ++i) h.step();
        lives += h.lives_checked, dead += h.dead_checked;
    }
    // It looked at something.
    CHECK(lives > static_cast<std::size_t>(steps) / 20);
    CHECK(dead > static_cast<std::size_t>(steps) / 50);
}

// Verifiers, their per-thread states and the cache of verified tokens, in every order of their atomic operations.
#include "signet.hpp"

#include <doctest/doctest.h>

using namespace signet;
using namespace std::chrono_literals;

namespace {

constexpr unix_time issued{1'763'700'000s};
constexpr auto expiry = issued + 300s;

local_key<hs256> const& key() {
    static auto const made = *local_key<hs256>::generate();
    return made;
}
jose::key_set<hs256> old_keys() {
    jose::key_set<hs256> keys;
    (void)keys.add("k", key().verifier_key());
    return keys;
}
jose::key_set<hs256> new_keys() {
    static auto const other = *local_key<hs256>::generate();
    jose::key_set<hs256> keys;
    (void)keys.add("k", other.verifier_key());
    return keys;
}
std::string token_of(std::string_view id) {
    jwt::claims claims;
    claims.issuer("i").audience("a").subject("s").id(id).issued_at(issued).expires_at(expiry);
    return *jwt::signer<hs256>::make(key(), {.type = "at+jwt", .key_id = "k"})->sign(claims);
}
std::string const& token() {
    static auto const made = token_of("1");
    return made;
}
jwt::policy get_policy() { return {.issuer = "i", .audience = "a", .type = "at+jwt"}; }

/// Some threads over one cache. Plain members: one thread runs at a time.
struct fixture {
    jwt::caching_verifier<jwt::verifier<hs256>> access{jwt::verifier{old_keys(), get_policy()},
                                                       {.entries = 8, .denials = 8}};
    bool ended = false; ///< from here on no verification that begins may accept the token
    bool good = true;

    template <class Verify> void judge(Verify const& verify) {
        bool const late = ended;
        if (verify() && late) good = false;
    }
    explore::body verify() {
        return [this] {
            judge([&] {
                jwt::scratch buffer;
                return access.verify(token(), buffer, issued).has_value();
            });
        };
    }
    /// The second time the state is there.
    explore::body verify_twice() {
        return [one = verify()] { one(), one(); };
    }
    explore::body verify_owning() {
        return [this] { judge([&] { return access.verify(token(), issued).has_value(); }); };
    }
    explore::body ending(explore::body how) {
        return [this, how = std::move(how)] { how(), ended = true; };
    }
    explore::body swap() {
        return ending([this] { access.swap(new_keys()); });
    }
    /// Gives the thread a state that has the keys: without one it fetches them anyway.
    explore::body warm() {
        return [this] {
            jwt::scratch buffer;
            (void)access.verify(other(), buffer, issued);
        };
    }
    static std::string const& other() {
        static auto const made = token_of("2");
        return made;
    }
    /// After all threads ended nothing accepts it either, whatever the cache remembers by now.
    bool holds() {
        jwt::scratch buffer;
        return good && !access.verify(token(), buffer, issued) && !access.verify(token(), issued);
    }
};

template <class Jobs> explore::outcome explore_jobs(unsigned preemptions, Jobs const& jobs) {
    (void)token(), (void)fixture::other(), (void)new_keys(); // not made within a run
    return explore::every_schedule(preemptions, [&] {
        fixture f;
        explore::run(jobs(f));
        return f.holds();
    });
}

/// `at_least` so many schedules, so that a search that explores nothing is noticed.
template <class Jobs> void check_all(unsigned preemptions, std::size_t at_least, Jobs const& jobs) {
    auto const all = explore_jobs(preemptions, jobs);
    CHECK(all.failed == "");
    CHECK(all.schedules >= at_least);
}
using jobs = std::vector<explore::job>;

} // namespace

TEST_SUITE_BEGIN("long"); // see support/long_run.hpp

TEST_CASE("T1: swap beside verifications that are cached: a removed key's token is never accepted afterwards") {
    auto const more = explore::preemptions(3, 5);
    check_all(more, 200, [](fixture& f) -> jobs { return {{f.swap()}, {f.verify(), f.warm()}}; });
    check_all(more, 200, [](fixture& f) -> jobs { return {{f.swap()}, {f.verify_owning(), f.warm()}}; });
    check_all(more, 100,
              [](fixture& f) -> jobs { return {{f.swap()}, {f.verify_twice()}}; }); // a thread's first verifications
    check_all(explore::preemptions(1, 2), 100,
              [](fixture& f) -> jobs { return {{f.swap()}, {f.verify(), f.warm()}, {f.verify_owning(), f.warm()}}; });
}

TEST_CASE("T1: keys that leave, come back and leave again beside a verification") {
    check_all(explore::preemptions(2, 4), 200, [](fixture& f) -> jobs {
        return {{f.ending([&f] { f.access.swap(new_keys()), f.access.swap(old_keys()), f.access.swap(new_keys()); })},
                {f.verify(), f.warm()}};
    });
}

TEST_CASE("T1: swap beside a per-thread verifier, with keys in its state or none yet") {
    for (bool const warm : {true, false}) {
        auto const all = explore::every_schedule(explore::preemptions(3, 5), [warm] {
            fixture f;
            jwt::thread_verifier per_thread = f.access.verifier_without_denials().make_thread_verifier();
            auto const verify = [&] {
                jwt::scratch buffer;
                return per_thread.verify(token(), buffer, issued).has_value();
            };
            auto const before = [&] {
                if (warm) (void)verify();
            };
            explore::run({{f.swap()}, {[&] { f.judge(verify), f.judge(verify); }, before}});
            return f.holds() && !verify();
        });
        CHECK(all.failed == "");
        CHECK(all.schedules >= 10);
    }
}

TEST_CASE("Denials beside verifications that are cached: what was denied is not accepted afterwards") {
    auto const more = explore::preemptions(3, 4);
    auto const deny = [](fixture& f) {
        return f.ending([&f] { (void)f.access.deny({.issuer = "i", .jti = "1", .until = expiry}, issued); });
    };
    auto const deny_before = [](fixture& f) {
        return f.ending([&f] {
            (void)f.access.deny_before({.issuer = "i", .subject = "s", .issued_before = issued + 1s, .until = expiry},
                                       issued);
        });
    };
    check_all(more, 50, [&](fixture& f) -> jobs { return {{deny(f)}, {f.verify(), f.warm()}}; });
    check_all(more, 50, [&](fixture& f) -> jobs { return {{deny_before(f)}, {f.verify_owning(), f.warm()}}; });
    check_all(explore::preemptions(1, 2), 100,
              [&](fixture& f) -> jobs { return {{f.swap()}, {deny(f)}, {f.verify(), f.warm()}}; });
}

TEST_CASE("A full list of denials beside verifications: the one that found no room closes") {
    check_all(explore::preemptions(3, 4), 50, [](fixture& f) -> jobs {
        for (int i = 0; i != 8; ++i)
            (void)f.access.deny({.issuer = "i", .jti = "x" + std::to_string(i), .until = expiry}, issued);
        return {{f.ending([&f] { (void)f.access.deny({.issuer = "i", .jti = "1", .until = expiry}, issued); })},
                {f.verify(), f.warm()}};
    });
}

namespace {

/// What a verification by the check below is to be judged by. Plain: one thread runs at a time.
struct observed {
    std::function<void(bool with_tables)> on_verify;
    bool other_list = false; ///< a check was given tables of another key set than its own
};
observed* watched = nullptr;

/// In place of ES256: every signature holds, and what it was done with is told.
class watching_check final : public jwt::detail::key_check {
public:
    watching_check(jwt::detail::preparations const& from, std::uint32_t key) : keys_{&from.keys()}, key_{key} {
        watching_check::take_tables(from);
    }
    void take_tables(jwt::detail::preparations const& from) override {
        if (&from.keys() != keys_) watched->other_list = true;
        tables_ = from.find(key_) != nullptr;
    }
    bool verify(bytes_view, bytes_view) override {
        if (watched->on_verify) watched->on_verify(tables_);
        return true;
    }

private:
    jwt::detail::countable_keys const* keys_;
    std::uint32_t key_;
    bool tables_ = false;
};

jwt::detail::key_check* make_watching_check(crypto::detail::curves const&, crypto::generator_tables const&,
                                            jwt::detail::preparations const& prepared, jose::any_key_set const& keys,
                                            std::size_t key, alg) {
    if (prepared.keys().of(*keys[key].as_public_key()) == jwt::detail::countable_keys::none) {
        watched->other_list = true;
        return nullptr;
    }
    return new watching_check{prepared, prepared.keys().of(key)};
}
constexpr jwt::detail::own_functions watching{jwt::detail::make_own_generators, jwt::detail::make_preparations,
                                              make_watching_check};

struct prepared_fixture {
    static crypto::generator_tables const& generators() {
        static auto const made = crypto::generator_tables::make(2);
        return made;
    }
    static local_key<es256> const& key() {
        static auto const made = *local_key<es256>::generate();
        return made;
    }
    static local_key<es256> const& other_key() {
        static auto const made = *local_key<es256>::generate();
        return made;
    }
    static jose::any_key_set keys(std::string kid = "k", local_key<es256> const& which = key()) {
        jose::any_key_set list{algorithm_set::of<es256>()};
        (void)list.add(std::move(kid), which.verifier_key().key(), algorithm_set::of<es256>());
        return list;
    }
    static std::shared_ptr<jose::any_key_set const> other_keys() { return jose::share(keys("other", other_key())); }
    static crypto::prepared_key const& tables() {
        static auto const made = *crypto::prepared_key::make(generators(), key().verifier_key().key());
        return made;
    }
    static jwt::detail::check_functions functions() {
        auto how = jwt::detail::check_functions::of<es256>();
        how.own = []() noexcept { return &watching; };
        return how;
    }
    /// Any signature does.
    static std::string token_of(std::string_view kid) {
        return codec::base64url_encode(as_bytes(R"({"alg":"ES256","kid":")" + std::string{kid} + "\"}")) + "." +
               codec::base64url_encode(as_bytes("{}")) + "." + codec::base64url_encode(as_bytes(std::string(64, 's')));
    }
    static std::string const& token() {
        static auto const made = token_of("k");
        return made;
    }
    static std::string const& other_token() {
        static auto const made = token_of("other");
        return made;
    }
    static jwt::policy anything() {
        return {.issuer = jwt::anything, .audience = jwt::anything, .type = jwt::anything, .expiry = jwt::anything};
    }
    static void make_statics() { (void)tables(), (void)other_key(), (void)token(), (void)other_token(); }

    observed seen;
    jwt::detail::verifier_handle verifier{functions(), keys(), anything(), generators()};
    bool good = true;

    prepared_fixture() { watched = &seen; }
    bool verify(std::string const& which = token()) {
        jwt::scratch buffer;
        return verifier.verify(which, buffer, issued).has_value();
    }
    /// After the keys were swapped.
    bool has_other_keys() { return !verify() && verify(other_token()) && !seen.other_list; }
};

} // namespace

TEST_CASE("install beside verifications: tables are used by what begins afterwards") {
    prepared_fixture::make_statics();
    auto const all = explore::every_schedule(explore::preemptions(3, 5), [] {
        prepared_fixture f;
        bool installed = false;
        auto const verify = [&] {
            bool const late = installed;
            f.seen.on_verify = [&, late](bool with_tables) { f.good = f.good && (with_tables || !late); };
            if (!f.verify()) f.good = false;
            f.seen.on_verify = nullptr;
        };
        explore::run(
            {{[&] { installed = f.verifier.install(prepared_fixture::tables(), 1u << 20); }}, {verify, verify}});
        verify();
        return f.good && installed && !f.seen.other_list;
    });
    CHECK(all.failed == "");
    CHECK(all.schedules >= 10);
}

TEST_CASE("install and swap beside a verification: tables are never those of another key set") {
    prepared_fixture::make_statics();
    auto const all = explore::every_schedule(1, [] {
        prepared_fixture f;
        bool removed = false;
        auto const verify = [&] {
            bool const late = removed;
            if (f.verify() && late) f.good = false;
        };
        auto const swap = [&] {
            f.verifier.swap(prepared_fixture::other_keys());
            removed = true;
        };
        explore::run(
            {{[&] { (void)f.verifier.install(prepared_fixture::tables(), 1u << 20); }}, {swap}, {verify, verify}});
        return f.good && f.has_other_keys();
    });
    CHECK(all.failed == "");
    CHECK(all.schedules >= 100);
    auto const in_turn = explore::every_schedule(explore::preemptions(3, 4), [] {
        prepared_fixture f;
        bool removed = false;
        auto const verify = [&] {
            bool const late = removed;
            if (f.verify() && late) f.good = false;
        };
        auto const change = [&] {
            (void)f.verifier.install(prepared_fixture::tables(), 1u << 20);
            f.verifier.swap(prepared_fixture::other_keys());
            removed = true;
        };
        explore::run({{change}, {verify, verify}});
        return f.good && f.has_other_keys();
    });
    CHECK(in_turn.failed == "");
    CHECK(in_turn.schedules >= 50);
}

TEST_CASE("clear beside a verification: what was verified before it is not remembered after it") {
    prepared_fixture::make_statics();
    auto const all = explore::every_schedule(explore::preemptions(3, 5), [] {
        prepared_fixture f;
        jwt::cache_limits const limits{.entries = 8, .denials = 8};
        std::vector<std::max_align_t> memory(jwt::detail::cache_handle::memory_size(limits) / sizeof(std::max_align_t) +
                                             1);
        jwt::detail::cache_handle cache{f.verifier, limits, std::as_writable_bytes(std::span{memory})};
        bool clearing = false, verified_before = false;
        f.seen.on_verify = [&](bool) { verified_before = !clearing; };
        auto const verify = [&] {
            jwt::scratch buffer;
            return cache.verify(f.verifier, prepared_fixture::token(), buffer, issued).has_value();
        };
        explore::run({{[&] { clearing = true, cache.clear(); }}, {[&] { (void)verify(); }}});
        (void)verify();
        return !verified_before || cache.counters().hits == 0;
    });
    CHECK(all.failed == "");
    CHECK(all.schedules >= 10);
}

TEST_CASE(
    "Per-thread states: two threads that share a slot never hold one state at a time, nor one that is being looked at") {
    for (std::uintptr_t const same : {0u, 5u}) {
        std::explored_this_thread::same_for_all = same;
        auto const all = explore::every_schedule(explore::preemptions(2, 3), [] {
            struct state {
                int holders = 0, uses = 0;
            };
            jwt::detail::thread_states<state> some;
            std::explored_atomic<int> pause;
            bool good = true;
            auto const use = [&] {
                for (int i = 0; i != 2; ++i) {
                    auto loan = some.borrow();
                    if (++(*loan).holders != 1) good = false;
                    pause = i;
                    ++(*loan).uses;
                    --(*loan).holders;
                    if (i == 0) loan.give_back(); // else it takes the state with it
                }
            };
            auto const look = [&] {
                some.for_each_idle([&](state& idle) {
                    if (++idle.holders != 1) good = false;
                    pause = 1;
                    --idle.holders;
                });
            };
            explore::run({{use}, {use}, {look}});
            return good;
        });
        CHECK(all.failed == "");
        CHECK(all.schedules >= 50);
    }
    std::explored_this_thread::same_for_all = 0;
}

TEST_SUITE_END();

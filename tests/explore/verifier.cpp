// Verifiers, their lanes and the cache of verified tokens, in every order of their atomic operations.
#include "signet.hpp"

#include <doctest/doctest.h>

using namespace signet;
using namespace std::chrono_literals;

namespace {

constexpr unix_time issued{1'763'700'000s};
constexpr auto      expiry = issued + 300s;

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
    static auto const    other = *local_key<hs256>::generate();
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
jwt::policy rules() { return {.issuer = "i", .audience = "a", .type = "at+jwt"}; }

/// Some threads over one cache. Plain members: one thread runs at a time.
struct fixture {
    jwt::cached<jwt::verifier<hs256>> access{jwt::verifier{old_keys(), rules()}, {.entries = 8, .denials = 8}};
    bool ended = false; ///< from here on no verification that begins may accept the token
    bool good = true;

    template <class Verify> void judge(Verify const& verify) {
        bool const late = ended;
        if (verify() && late) good = false;
    }
    explore::body verify() {
        return [this] { judge([&] { jwt::scratch room; return access.verify(token(), room, issued).has_value(); }); };
    }
    explore::body verify_owning() {
        return [this] { judge([&] { return access.verify(token(), issued).has_value(); }); };
    }
    explore::body ending(explore::body how) {
        return [this, how = std::move(how)] { how(), ended = true; };
    }
    explore::body swap() { return ending([this] { access.swap(new_keys()); }); }
    /// Gives the thread a lane that has the keys: without one it fetches them anyway.
    explore::body warm() {
        return [this] { jwt::scratch room; (void)access.verify(other(), room, issued); };
    }
    static std::string const& other() {
        static auto const made = token_of("2");
        return made;
    }
    /// After all threads ended nothing accepts it either, whatever the cache remembers by now.
    bool holds() {
        jwt::scratch room;
        return good && !access.verify(token(), room, issued) && !access.verify(token(), issued);
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

} // namespace

TEST_CASE("T1: swap against a caching verification: a removed key's token is never accepted from the cache") {
    auto const two = explore_jobs(explore::preemptions(1, 2), [](fixture& f) -> std::vector<explore::job> { return {{f.swap()}, {f.verify(), f.warm()}}; });
    CHECK(two.failed == "");
    CHECK(two.schedules > 100);
    auto const owning = explore_jobs(explore::preemptions(1, 2), [](fixture& f) -> std::vector<explore::job> { return {{f.swap()}, {f.verify_owning(), f.warm()}}; });
    CHECK(owning.failed == "");
}

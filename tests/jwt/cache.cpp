#include <signet/jwt.hpp>

#include <doctest/doctest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

using namespace signet;
using namespace std::chrono_literals;

namespace {

constexpr unix_time issued{1'763'700'000s};

local_key<hs256> const& secret_key() {
    static auto const key = *local_key<hs256>::generate();
    return key;
}
jwt::claims claims_of(std::string_view user, std::string_view id = "j1", unix_time iat = issued) {
    jwt::claims claims;
    claims.issuer("https://id.example.com")
        .audience("orders")
        .subject(user)
        .id(id)
        .issued_at(iat)
        .not_before(iat)
        .expires_at(iat + 300s);
    return claims;
}
std::string token_of(jwt::claims const& claims, local_key<hs256> const& key = secret_key()) {
    return *jwt::signer<hs256>::make(key, {.type = "at+jwt", .key_id = "k"})->sign(claims);
}
jose::key_set<hs256> keys_of(local_key<hs256> const& key = secret_key()) {
    jose::key_set<hs256> keys;
    REQUIRE(keys.add("k", key.verifier_key()));
    return keys;
}
jwt::policy get_policy() { return {.issuer = "https://id.example.com", .audience = "orders", .type = "at+jwt"}; }

using caching = jwt::caching_verifier<jwt::verifier<hs256>>;
caching make(jwt::cache_limits const& limits = {.entries = 64}, jwt::policy const& p = get_policy()) {
    return caching{jwt::verifier{keys_of(), p}, limits};
}

/// Counts what is taken and given back.
struct counts {
    std::size_t taken = 0, calls = 0;
};
template <class T> struct counting_allocator {
    using value_type = T;
    counts* to;
    T* allocate(std::size_t n) {
        to->taken += n * sizeof(T), ++to->calls;
        return std::allocator<T>{}.allocate(n);
    }
    void deallocate(T* p, std::size_t n) {
        to->taken -= n * sizeof(T);
        std::allocator<T>{}.deallocate(p, n);
    }
    bool operator==(counting_allocator const&) const = default;
};

} // namespace

TEST_CASE("cache: the second time is a hit and says the same") {
    auto const access = make();
    auto const token = token_of(claims_of("ann"));
    jwt::scratch a, b;
    auto const first = access.verify(token, a, issued);
    auto const second = access.verify(token, b, issued);
    REQUIRE(first);
    REQUIRE(second);
    CHECK(second->subject() == "ann");
    CHECK(second->issuer() == first->issuer());
    CHECK(second->key_id() == "k");
    CHECK(second->type() == "at+jwt");
    CHECK(second->algorithm() == alg::hs256);
    CHECK(second->has_audience("orders"));
    CHECK(second->expires_at() == first->expires_at());
    auto const owned = access.verify(token, issued);
    REQUIRE(owned);
    CHECK(owned->subject() == "ann");
    CHECK(access.counters().hits == 2);
    CHECK(access.counters().misses == 1);
}

TEST_CASE("cache: a hit never serves past exp or before nbf, nor past max_age") {
    auto const access = make();
    auto const token = token_of(claims_of("ann"));
    CHECK(access.verify(token, issued));
    CHECK(access.verify(token, issued + 299s));
    CHECK(access.verify(token, issued + 300s).error() == errc::expired);
    CHECK(access.verify(token, issued - 61s).error() == errc::not_yet_valid);
    CHECK(access.verify(token, issued + 10s)); // the clock went back: still the same token
    for (auto const& [at, why] : {std::pair{issued + 300s, errc::expired},
                                  std::pair{issued - 61s, errc::not_yet_valid}}) { // in the caller's room too
        jwt::scratch buffer;
        CHECK(access.verify(token, buffer, at).error() == why);
    }
    CHECK(access.counters().misses == 1);
    auto aged = get_policy();
    aged.max_age = 60s;
    auto const strict = make({.entries = 64}, aged);
    CHECK(strict.verify(token, issued + 60s));
    CHECK(strict.verify(token, issued + 61s).error() == errc::too_old);
    jwt::scratch buffer;
    CHECK(strict.verify(token, buffer, issued + 61s).error() == errc::too_old);
}

TEST_CASE("cache: keyed by the whole token: every changed character is judged anew") {
    auto const access = make();
    auto const token = token_of(claims_of("ann"));
    REQUIRE(access.verify(token, issued));
    for (std::size_t i = 0; i != token.size(); ++i) {
        auto changed = token;
        changed[i] = changed[i] == 'A' ? 'B' : 'A';
        CHECK_FALSE(access.verify(changed, issued));
    }
    CHECK_FALSE(access.verify(token + "A", issued));
    CHECK_FALSE(access.verify(token.substr(0, token.size() - 1), issued));
    CHECK(access.counters().hits == 0);
}

TEST_CASE("cache: refused tokens are not remembered") {
    auto const access = make();
    auto const foreign = token_of(claims_of("ann"), *local_key<hs256>::generate());
    for (int i = 0; i != 3; ++i) CHECK(access.verify(foreign, issued).error() == errc::bad_signature);
    CHECK(access.counters().misses == 3);
}

TEST_CASE("cache: a removed key stops at once, also for tokens that were remembered") {
    auto access = make();
    auto const token = token_of(claims_of("ann"));
    CHECK(access.verify(token, issued));
    CHECK(access.verify(token, issued));
    access.swap(keys_of(*local_key<hs256>::generate()));
    CHECK(access.verify(token, issued).error() == errc::bad_signature);
    access.swap(keys_of());
    CHECK(access.verify(token, issued));
}

TEST_CASE("DECISIONS 9: deny and deny_before are asked on hit and on miss") {
    auto access = make();
    auto const one = token_of(claims_of("ann", "j1")), two = token_of(claims_of("ann", "j2")),
               three = token_of(claims_of("bob", "j3"));
    CHECK(access.verify(one, issued)); // remembered
    REQUIRE(access.deny({.issuer = "https://id.example.com", .jti = "j1", .until = issued + 300s}, issued));
    REQUIRE(access.deny({.issuer = "https://id.example.com", .jti = "j2", .until = issued + 300s}, issued));
    CHECK(access.verify(one, issued).error() == errc::revoked); // a hit
    CHECK(access.verify(two, issued).error() == errc::revoked); // a miss
    CHECK(access.verify(two, issued).error() == errc::revoked);
    access.clear();
    CHECK(access.verify(one, issued).error() == errc::revoked);
    CHECK(access.verify(three, issued));

    REQUIRE(access.deny_before(
        {.issuer = "https://id.example.com", .subject = "bob", .issued_before = issued + 1s, .until = issued + 301s},
        issued));
    CHECK(access.verify(three, issued).error() == errc::revoked);
    auto const later = token_of(claims_of("bob", "j4", issued + 1s));
    CHECK(access.verify(later, issued + 1s)); // issued after the change of password
    REQUIRE(access.deny({.issuer = "https://other.example.com", .jti = "j5", .until = issued + 300s}, issued));
    CHECK(access.verify(token_of(claims_of("eve", "j5")), issued)); // another issuer's j5
}

TEST_CASE("A denial that denies nothing is an error: times that nobody set or that were swapped, nobody's tokens") {
    auto access = make();
    auto const exp = issued + 300s;
    std::string_view const who = "https://id.example.com";
    CHECK(access.deny({.issuer = who, .jti = "j1", .until = issued}, exp).error() == errc::expired); // swapped
    CHECK(access.deny({.issuer = who, .jti = "j1"}, issued).error() == errc::time_not_set);
    CHECK(access.deny({.issuer = who, .jti = "j1", .until = exp}, unix_time{}).error() == errc::time_not_set);
    auto const milliseconds = unix_time{std::chrono::seconds{exp.time_since_epoch().count() * 1000}};
    CHECK(access.deny({.issuer = who, .jti = "j1", .until = milliseconds}, issued).error() == errc::out_of_range);
    CHECK(access.deny({.issuer = who, .jti = "", .until = exp}, issued).error() ==
          error{errc::claim_missing, field_name::jti});
    CHECK(access.deny({.issuer = "", .jti = "j1", .until = exp}, issued).error() ==
          error{errc::claim_missing, field_name::iss});
    CHECK(access.deny_before({.issuer = who, .subject = "", .issued_before = issued, .until = exp}, issued).error() ==
          error{errc::claim_missing, field_name::sub});
    CHECK(
        access.deny_before({.issuer = who, .subject = "ann", .issued_before = exp, .until = issued}, issued).error() ==
        errc::out_of_range); // swapped
    CHECK(access.deny_before({.issuer = who, .subject = "ann", .until = exp}, issued).error() == errc::time_not_set);
    CHECK(access.verify(token_of(claims_of("ann", "j1")), issued)); // none of them did anything
}

TEST_CASE("A token at hand is denied as it is; one without exp for good") {
    auto access = make();
    auto const text = token_of(claims_of("ann", "j1"));
    auto const token = access.verify(text, issued);
    REQUIRE(token);
    REQUIRE(access.deny(*token, issued));
    CHECK(access.verify(text, issued).error() == errc::revoked);
    CHECK(access.verify(token_of(claims_of("ann", "j2")), issued));

    auto endless = get_policy();
    endless.expiry = jwt::anything;
    auto all = make({}, endless);
    auto const forever = token_of(jwt::claims{}.issuer("https://id.example.com").audience("orders").id("j1"));
    auto const read = all.verify(forever, issued);
    REQUIRE(read);
    REQUIRE(all.deny(*read, issued));
    CHECK(all.verify(forever, issued + std::chrono::hours{100'000}).error() == errc::revoked);
    auto const nameless =
        all.verify(token_of(jwt::claims{}.issuer("https://id.example.com").audience("orders")), issued);
    REQUIRE(nameless);
    CHECK(all.deny(*nameless, issued).error() == error{errc::claim_missing, field_name::jti}); // it has no name
}

TEST_CASE("DECISIONS 9: a denial holds as long as the token would, leeway and fractions of a second included") {
    auto patient = get_policy();
    patient.leeway = 30s;
    auto const exp = issued + 300s;
    auto const last = exp + 29s; // the last second at which the token is accepted
    auto const token = token_of(claims_of("ann", "j1"));
    REQUIRE(make({.entries = 64}, patient).verify(token, last));

    auto early = make({.entries = 64}, patient), late = make({.entries = 64}, patient),
         full = make({.entries = 64, .denials = 8}, patient);
    REQUIRE(early.deny({.issuer = "https://id.example.com", .jti = "j1", .until = exp}, issued));
    CHECK(early.verify(token, last).error() == errc::revoked);
    CHECK(early.verify(token, exp + 30s).error() == errc::expired);
    REQUIRE(late.deny({.issuer = "https://id.example.com", .jti = "j1", .until = exp}, exp + 5s)); // within the leeway
    CHECK(late.verify(token, last).error() == errc::revoked);
    for (int i = 0; i != 9; ++i)
        (void)full.deny({.issuer = "https://id.example.com", .jti = "x" + std::to_string(i), .until = exp}, issued);
    CHECK(full.verify(token, last).error() == errc::revoked);

    auto fraction = jwt::claims{}; // valid through the second of its exp
    auto const parts =
        token_of(fraction.issuer("https://id.example.com").audience("orders").id("j2").set_json("exp", "1763700300.5"));
    REQUIRE(make().verify(parts, exp));
    auto access = make();
    REQUIRE(access.deny({.issuer = "https://id.example.com", .jti = "j2", .until = exp}, issued));
    CHECK(access.verify(parts, exp).error() == errc::revoked);
}

TEST_CASE("DECISIONS 9: no room for a denial fails closed") {
    auto access = make({.entries = 64, .denials = 8});
    auto const token = token_of(claims_of("ann", "j1"));
    CHECK(access.verify(token, issued));
    result<void> kept;
    for (int i = 0; i != 9 && kept; ++i)
        kept = access.deny({.issuer = "https://id.example.com", .jti = "x" + std::to_string(i), .until = issued + 300s},
                           issued + 5s);
    CHECK(kept.error() == errc::store_full);
    CHECK(access.verify(token, issued + 6s).error() == errc::revoked); // which one was meant is not known any more
    // Nor is a token of an issuer whose clock is ahead: it may be the one that was meant.
    auto const ahead = token_of(claims_of("ann", "j9", issued + 65s));
    CHECK(access.verify(ahead, issued + 6s).error() == errc::revoked);
    CHECK(access.verify(ahead, issued + 70s).error() == errc::revoked);
    CHECK(access.verify(token_of(claims_of("ann", "j9", issued + 66s)), issued + 66s));
}

TEST_CASE("T6: the list of denials holds as many as it says, whatever their names, and again when they have expired") {
    for (std::size_t const count : {1u, 7u, 64u, 16'384u}) {
        auto access = make({.entries = 8, .denials = count});
        auto const exp = issued + 300s;
        std::size_t kept = 0;
        auto const deny = [&](std::size_t i, unix_time until, unix_time at) {
            return access.deny({.issuer = "https://id.example.com", .jti = "x" + std::to_string(i), .until = until}, at)
                .has_value();
        };
        for (std::size_t i = 0; i != count; ++i) kept += deny(i, i % 2 == 0 ? exp : exp + 100s, issued);
        CHECK(kept == count);
        kept = 0;
        for (std::size_t i = 0; i != count; ++i)
            kept += deny(i, exp + 50s, issued); // again, and longer: nothing is added
        CHECK(kept == count);
        CHECK(access.verify(token_of(claims_of("ann", "y")), issued));
        CHECK(access.verify(token_of(claims_of("ann", "x0")), issued).error() == errc::revoked);

        kept = 0; // half of them are over
        auto const later = exp + 60s;
        for (std::size_t i = 0; i != (count + 1) / 2; ++i) kept += deny(count + i, later + 300s, later);
        CHECK(kept == (count + 1) / 2);
        CHECK(access.verify(token_of(claims_of("ann", "y", later)), later));
        CHECK_FALSE(deny(count * 3, later + 300s, later));
        CHECK(access.verify(token_of(claims_of("ann", "y", later)), later).error() ==
              errc::revoked); // one too many: closed
        CHECK(access.verify(token_of(claims_of("ann", "x" + std::to_string(count), later)), later).error() ==
              errc::revoked);
    }
}

TEST_CASE("cache: tokens marked single use and policies with a check of their own are verified each time") {
    auto const access = make();
    auto claims = claims_of("ann");
    claims.set("single_use", true);
    auto const once = token_of(claims);
    auto odd = claims_of("ann");
    odd.set("single_use", "yes");
    for (int i = 0; i != 2; ++i) CHECK(access.verify(once, issued));
    CHECK(access.verify(token_of(odd), issued));
    CHECK(access.verify(token_of(odd), issued));
    CHECK(access.counters().hits == 0);
    CHECK(access.counters().not_cacheable == 4);

    auto checked = get_policy();
    checked.check = [](jwt::claims_view const& c) noexcept { return c.subject() == "ann"; };
    auto const own = make({.entries = 64}, checked);
    CHECK(own.verify(token_of(claims_of("ann")), issued));
    CHECK(own.verify(token_of(claims_of("ann")), issued));
    CHECK(own.counters().hits == 0);
}

TEST_CASE("cache: bounded: its memory is taken once and the least recently used entry makes room") {
    counts memory;
    {
        jwt::caching_verifier const access{jwt::verifier{keys_of(), get_policy()},
                                           {.entries = 64, .entry_octets = 1536},
                                           counting_allocator<std::max_align_t>{&memory}};
        auto const taken = memory.taken;
        auto const calls = memory.calls;
        CHECK(taken >= 64 * 1536);
        auto const hot = token_of(claims_of("hot"));
        for (int i = 0; i != 500; ++i) {
            CHECK(access.verify(token_of(claims_of("u" + std::to_string(i))), issued));
            CHECK(access.verify(hot, issued));
        }
        CHECK(memory.taken == taken);
        CHECK(memory.calls == calls);
        CHECK(access.counters().hits >= 480); // the hot one stays
    }
    CHECK(memory.taken == 0);
    auto const small = make({.entries = 64, .entry_octets = 48});
    CHECK(small.verify(token_of(claims_of("ann")), issued));
    CHECK(small.counters().not_cacheable == 1);
}

TEST_CASE("DECISIONS 2: a held scratch is refused on a hit too") {
    auto const access = make();
    auto const token = token_of(claims_of("ann")), other = token_of(claims_of("eve"));
    jwt::scratch buffer;
    CHECK(access.verify(other, issued));
    auto const held = access.verify(token, buffer, issued);
    REQUIRE(held);
    CHECK(access.verify(other, buffer, issued).error() == errc::buffer_in_use);
    CHECK(held->subject() == "ann");
}

TEST_CASE("threads: verifying while keys are swapped, the cache is cleared and tokens are denied") {
    auto access = make({.entries = 256, .denials = 4096});
    std::vector<std::string> tokens;
    for (int i = 0; i != 64; ++i)
        tokens.push_back(token_of(claims_of("u" + std::to_string(i), "j" + std::to_string(i))));
    std::atomic<bool> stop = false;
    std::atomic<int> wrong = 0;
    std::vector<std::thread> threads;
    for (int t = 0; t != 4; ++t)
        threads.emplace_back([&, t] {
            for (std::size_t i = static_cast<std::size_t>(t); !stop; ++i) {
                jwt::scratch buffer;
                auto const r = access.verify(tokens[i % 64], buffer, issued);
                if (r ? r->subject() != "u" + std::to_string(i % 64) : r.error() != errc::revoked) ++wrong;
            }
        });
    for (int round = 0; round != 50; ++round) {
        access.swap(keys_of());
        access.clear();
        (void)access.deny(
            {.issuer = "https://id.example.com", .jti = "j" + std::to_string(round % 8), .until = issued + 300s},
            issued);
        jwt::scratch buffer;
        if (access.verify(tokens[static_cast<std::size_t>(round % 8)], buffer, issued))
            ++wrong; // what deny() returned from is denied
        std::this_thread::yield();
    }
    stop = true;
    for (auto& thread : threads) thread.join();
    CHECK(wrong == 0);
}

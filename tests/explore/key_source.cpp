// A verifier that follows a key source, in every order of a few threads: one fetch at a time, nobody waits for ever,
// and no good token is refused.
#include "signet.hpp"

#include <doctest/doctest.h>

using namespace signet;
using namespace std::chrono_literals;

namespace {

constexpr unix_time start{1'763'700'000s};

local_key<hs256> key(bool after) {
    return *local_key<hs256>::from_key(
        *mac_key::from_secret(secret::copy_of(as_bytes(std::string(32, after ? 'n' : 'o'))), alg::hs256));
}
std::string token_of(bool after) {
    jwt::claims claims;
    claims.issuer("i").audience("a").issued_at(start).expires_at(start + 300s);
    return *jwt::signer<hs256>::make(key(after), {.type = "at+jwt", .key_id = after ? "new" : "old"})->sign(claims);
}
std::string const& token(bool after) {
    static auto const before = token_of(false), next = token_of(true);
    return after ? next : before;
}
std::string jwk_of(bool after) {
    auto const octets = codec::base64url_encode(as_bytes(std::string(32, after ? 'n' : 'o')));
    return R"({"kty":"oct","kid":")" + std::string{after ? "new" : "old"} + R"(","k":")" + octets + "\"}";
}
/// What the issuer publishes: one key, and later both.
std::string const& jwks(bool after) {
    static auto const before = "{\"keys\":[" + jwk_of(false) + "]}";
    static auto const both = "{\"keys\":[" + jwk_of(false) + "," + jwk_of(true) + "]}";
    return after ? both : before;
}

/// Plain members: one thread runs at a time.
struct fixture {
    bool rotated = false, good = true, at_once = true;
    int fetches = 0, under_way = 0;
    std::vector<jwt::key_fetch> pending;
    std::explored_atomic<int> pause; // a fetch takes time, in which others may go on
    jwt::verifier<hs256> access{jwt::key_source{.fetch = [this](jwt::key_fetch fetch) { began(std::move(fetch)); }},
                                {.issuer = "i", .audience = "a", .type = "at+jwt"}};

    void began(jwt::key_fetch fetch) {
        ++fetches;
        if (++under_way != 1) good = false; // one at a time
        if (at_once) answer(std::move(fetch));
        else pending.push_back(std::move(fetch));
    }
    void answer(jwt::key_fetch fetch) {
        auto const& set = jwks(rotated);
        pause = 1;
        --under_way;
        if (!fetch.finish({200, set, "max-age=600"}, start)) good = false;
    }
    explore::body verify(bool after = false) {
        return [this, after] {
            if (!access.verify(token(after), start)) good = false;
        };
    }
    /// The issuer signs with its new key as soon as it has published it.
    explore::body rotate_and_verify() {
        return [this, next = verify(true)] { rotated = true, next(); };
    }
    explore::body refresh() {
        return [this] { access.refresh(start); };
    }
    static void make_statics() { (void)token(true), (void)jwks(true); }
};

template <class Once> void check_all(unsigned preemptions, std::size_t at_least, Once const& once) {
    fixture::make_statics();
    auto const all = explore::every_schedule(preemptions, once);
    CHECK(all.failed == "");
    CHECK(all.schedules >= at_least);
}

} // namespace

TEST_SUITE_BEGIN("long"); // see support/long_run.hpp

TEST_CASE("S21: threads that come at a cold start are all served by one fetch") {
    check_all(explore::preemptions(2, 2), 100, [] {
        fixture f;
        explore::run({{f.verify()}, {f.verify()}});
        return f.good && f.fetches == 1;
    });
    check_all(explore::preemptions(1, 1), 100, [] {
        fixture f;
        explore::run({{f.verify()}, {f.verify()}, {f.refresh()}});
        return f.good && f.fetches == 1;
    });
}

TEST_CASE("S21: a rotation beside verifications: good tokens of either key are served, by two fetches at most") {
    check_all(explore::preemptions(2, 2), 100, [] {
        fixture f;
        f.verify()();
        explore::run({{f.rotate_and_verify()}, {f.verify()}});
        return f.good && f.fetches == 2;
    });
    check_all(explore::preemptions(1, 1), 100, [] {
        fixture f; // and at a cold start
        explore::run({{f.rotate_and_verify()}, {f.verify()}, {f.verify()}});
        return f.good && f.fetches <= 2;
    });
}

TEST_CASE("S21: a token that waits without a thread is answered once, whoever ends the fetch and whenever") {
    check_all(explore::preemptions(1, 2), 50, [] {
        fixture f;
        f.at_once = false;
        int served = 0;
        auto const later = [&] {
            f.access.verify_later(token(false), start, [&](result<jwt::token> answer) { served += answer ? 1 : 100; });
        };
        f.access.refresh(start); // begins
        auto const end = [&] {
            auto fetch = std::move(f.pending.back());
            f.pending.pop_back();
            f.answer(std::move(fetch));
        };
        explore::run({{later}, {later}, {end}});
        return f.good && served == 2 && f.fetches == 1;
    });
}

TEST_CASE("key source: a thread that waits goes on when the fetch is dropped") {
    check_all(explore::preemptions(2, 3), 20, [] {
        fixture f;
        f.at_once = false;
        f.access.refresh(start);
        errc said{};
        explore::run({{[&] { said = f.access.verify(token(false), start).error().code; }}, {[&] {
                          f.pause = 1;
                          --f.under_way;
                          f.pending.clear();
                      }}});
        return f.good && said == errc::key_source_unavailable && f.fetches == 1;
    });
}

TEST_SUITE_END();
